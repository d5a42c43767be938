//! `lint`, `diff`, `infer`.

use crate::support::{CONTRACT, Folder};
use guard_engine::contract::{Contract, lint};

fn notebooks() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../notebooks");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries.filter(|path| path.to_string_lossy().ends_with(".odcs.yaml")).collect();
    found.sort();
    assert!(found.len() >= 3);
    found.into_iter().map(|path| path.to_str().unwrap().to_owned()).collect()
}

#[test]
fn real_contracts_have_no_errors() {
    for path in notebooks() {
        let said = Folder::new().call(&["lint", &path]);
        assert_eq!((said.status, said.err.as_str()), (0, ""), "{path}");
        let found = lint(&std::fs::read_to_string(&path).unwrap());
        assert_eq!(said.out.contains("no findings"), found.is_empty(), "{path}");
    }
}

#[test]
fn findings_have_places_codes_and_help() {
    let folder = Folder::new();
    folder.write("good.yaml", CONTRACT);
    folder.write("bad.yaml", &CONTRACT.replace("minimum: 1, maximum: 9", "minimum: 9, maximum: 1"));
    folder.write("odd.yaml", &CONTRACT.replace("note, logicalType: string", "note, logicalType: strnig"));
    let said = folder.call(&["lint", "good.yaml", "bad.yaml", "odd.yaml"]);
    assert_eq!((said.status, said.err.as_str()), (1, ""), "{}", said.out);
    assert!(said.out.contains("good.yaml: no findings"));
    let bad = said.out.lines().position(|line| line.starts_with("bad.yaml:13:")).expect("line 13");
    assert!(said.out.lines().nth(bad).unwrap().contains("[bounds-swapped]: "), "{}", said.out);
    assert!(said.out.contains("odd.yaml:14:") && said.out.contains("did you mean `string`?"), "{}", said.out);
    let json = folder.call(&["lint", "--json", "good.yaml", "bad.yaml"]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json.out).unwrap();
    let swapped = rows.iter().find(|row| row["code"] == "bounds-swapped").unwrap();
    assert_eq!((&swapped["file"], &swapped["span"]["line"]), (&"bad.yaml".into(), &13.into()));
    assert!(rows.iter().all(|row| row["file"] != "good.yaml"));
}

#[test]
fn strict_lint_fails_on_warnings() {
    let folder = Folder::new();
    let text = CONTRACT.replace("note, logicalType: string", "note, logicalType: string, colour: red");
    folder.write("odd.yaml", &text);
    let levels: Vec<_> = lint(&text).into_iter().map(|finding| finding.level).collect();
    assert!(
        levels.contains(&guard_verdict::Level::Warning) && !levels.contains(&guard_verdict::Level::Error),
        "{levels:?}"
    );
    assert_eq!(folder.call(&["lint", "odd.yaml"]).status, 0);
    assert_eq!(folder.call(&["lint", "--strict", "odd.yaml"]).status, 1);
}

#[test]
fn variables_fill_contracts() {
    let folder = Folder::with_orders(&[1]);
    folder.write("open.yaml", &CONTRACT.replace("v3.1.0", "v3.2.0").replace("version: 1.0.0", "version: ${REVISION}"));
    assert_eq!(folder.call(&["lint", "open.yaml"]).status, 1);
    assert_eq!(folder.call(&["lint", "open.yaml", "--variable", "REVISION=7"]).status, 0);
    let said = folder.call(&["check", "open.yaml", "orders.arrow", "--variable", "REVISION=7", "--format", "json"]);
    assert!(said.status == 0 && said.out.contains(r#""version":"7""#), "{}{}", said.out, said.err);
}

#[test]
fn changes_that_break_are_status_1() {
    let folder = Folder::new();
    folder.write("old.yaml", CONTRACT);
    folder.write(
        "same.yaml",
        &CONTRACT.replace("{name: note, logicalType: string}", "{logicalType: string, name: note}"),
    );
    folder.write("wide.yaml", &CONTRACT.replace("maximum: 9", "maximum: 99"));
    folder.write("less.yaml", &CONTRACT.replace("      - {name: note, logicalType: string}\n", ""));
    let same = folder.call(&["diff", "old.yaml", "same.yaml"]);
    assert_eq!((same.status, same.out.as_str()), (0, "no change of meaning\n"));
    let wide = folder.call(&["diff", "old.yaml", "wide.yaml"]);
    assert_eq!(wide.status, 0, "{}", wide.out);
    assert!(wide.out.contains("for producers loosening, for consumers tightening"), "{}", wide.out);
    let less = folder.call(&["diff", "old.yaml", "less.yaml", "--json"]);
    assert_eq!(less.status, 1);
    let changes: Vec<serde_json::Value> = serde_json::from_str(&less.out).unwrap();
    assert_eq!((changes.len(), &changes[0]["consumer"]), (1, &"breaking".into()));
    folder.write("broken.yaml", "a: [");
    let broken = folder.call(&["diff", "old.yaml", "broken.yaml"]);
    assert_eq!((broken.status, broken.out.as_str()), (2, ""));
    assert!(
        broken.err.contains("broken.yaml:1:") && broken.err.contains("the contract did not load"),
        "{}",
        broken.err
    );
}

#[test]
fn a_draft_loads_and_accepts_its_data() {
    let folder = Folder::with_orders(&[3, 5, 4]);
    let said = folder.call(&["infer", "orders.arrow"]);
    assert_eq!((said.status, said.err.as_str()), (0, ""));
    let draft = Contract::load(&said.out).unwrap();
    assert_eq!((draft.id.as_str(), draft.objects[0].name.as_str()), ("orders", "orders"));
    folder.write("draft.yaml", &said.out);
    assert_eq!(folder.call(&["check", "draft.yaml", "orders.arrow", "--quiet"]).status, 0);
    let named = folder.call(&["infer", "orders.arrow", "--object", "sales", "--id", "shop"]);
    let named = Contract::load(&named.out).unwrap();
    assert_eq!((named.id.as_str(), named.objects[0].name.as_str()), ("shop", "sales"));
}
