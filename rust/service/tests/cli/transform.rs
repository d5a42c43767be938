//! `transform`

use crate::support::{CONTRACT, Folder};
use guard_engine::expr::Parameters;
use guard_engine::transform::Definition;

#[test]
fn text_from_the_line_or_a_file() {
    let folder = Folder::with_orders(&[1, 2, 9]);
    let sql = "SELECT id, qty * 2 AS twice FROM input WHERE qty > 1";
    let typed = folder.call(&["transform", sql, "orders.arrow"]);
    let expected = "{\"id\":2,\"twice\":4}\n{\"id\":3,\"twice\":18}\n";
    assert_eq!((typed.status, typed.out.as_str()), (0, expected));
    assert_eq!(typed.err, "3 records: 2 in the output, 1 left out, 0 failed\n");
    folder.write("twice.sql", sql);
    let read = folder.call(&["transform", "twice.sql", "orders.arrow", "--output-file", "out.csv", "--quiet"]);
    assert_eq!((read.status, read.out.as_str(), read.err.as_str()), (0, "", ""));
    assert_eq!(folder.read("out.csv"), "id,twice\n2,4\n3,18\n");
}

#[test]
fn a_saved_transform_runs() {
    let folder = Folder::with_orders(&[1, 2]);
    let sql = "SELECT id, qty + 1 AS more FROM input".to_owned();
    let schema = Some(crate::support::orders(&[]).schema());
    let definition = Definition { sql, input: None, output: None, table: None, schema, parameters: Parameters::new() };
    let compiled = definition.compile(&definition.nominal()).unwrap();
    let saved = definition.artefact(&compiled).unwrap().to_json().unwrap();
    folder.write("more.json", &saved);
    let said = folder.call(&["transform", "more.json", "orders.arrow", "--quiet"]);
    assert_eq!((said.status, said.out.as_str()), (0, "{\"id\":1,\"more\":2}\n{\"id\":2,\"more\":3}\n"), "{}", said.err);
    folder.write("edited.json", &saved.replace("qty + 1", "qty + 2"));
    let edited = folder.call(&["transform", "edited.json", "orders.arrow"]);
    assert_eq!((edited.status, edited.out.as_str()), (2, ""));
    assert!(edited.err.contains("error[transform-unreadable]") && edited.err.contains("digest"), "{}", edited.err);
}

#[test]
fn records_that_fail_need_a_place() {
    let folder = Folder::with_orders(&[1, 2]);
    let sql = "SELECT id, 10 / (qty - 1) AS share FROM input";
    let lost = folder.call(&["transform", sql, "orders.arrow", "--output-file", "out.ndjson"]);
    assert_eq!(lost.status, 1, "{}", lost.err);
    assert!(
        lost.err.contains("error[records-quarantined]") && lost.err.contains("`out.ndjson` was not written"),
        "{}",
        lost.err
    );
    assert!(!folder.names().contains(&"out.ndjson".to_owned()));
    let kept =
        folder.call(&["transform", sql, "orders.arrow", "--output-file", "out.ndjson", "--quarantine", "bad.ndjson"]);
    assert_eq!(kept.status, 1, "{}", kept.err);
    assert!(folder.read("out.ndjson").starts_with("{\"id\":2,"));
    let bad: serde_json::Value = serde_json::from_str(folder.read("bad.ndjson").trim_end()).unwrap();
    assert_eq!((&bad["guard_record"], &bad["guard_code"]), (&0.into(), &"division-by-zero".into()));
}

#[test]
fn contracts_before_and_behind() {
    let folder = Folder::with_orders(&[1, 10, 3]);
    let sql = "SELECT id, qty FROM input";
    let before = folder.call(&["transform", sql, "orders.arrow", "--contract", "orders.odcs.yaml"]);
    assert_eq!(
        (before.status, before.out.as_str()),
        (1, "{\"id\":1,\"qty\":1}\n{\"id\":3,\"qty\":3}\n"),
        "{}",
        before.err
    );
    assert!(before.err.contains("✗ reject"), "{}", before.err);
    let output = CONTRACT.replace("      - {name: note, logicalType: string}\n", "");
    folder.write("out.yaml", &output);
    let args = ["transform", sql, "orders.arrow", "--output-contract", "out.yaml", "--output-file", "out.arrow"];
    let behind = folder.call(&args);
    assert_eq!(behind.status, 1, "{}", behind.err);
    assert!(!folder.names().contains(&"out.arrow".to_owned()));
    folder.write("out.yaml", &output.replace("maximum: 9", "maximum: 10"));
    assert_eq!(folder.call(&args).status, 0);
    assert_eq!(folder.read_arrow("out.arrow")[0].num_rows(), 3);
}

#[test]
fn mistakes_in_the_text() {
    let folder = Folder::with_orders(&[1]);
    for (sql, code) in [
        ("SELECT nope FROM input", "column-unknown"),
        ("SELECT id FROM", "expression-syntax"),
        ("nowhere.sql", "transform-unreadable"),
        ("SELECT qty FROM input WHERE id = :x", "parameter-unbound"),
    ] {
        let said = folder.call(&["transform", sql, "orders.arrow"]);
        assert_eq!((said.status, said.out.as_str()), (2, ""), "{sql}: {}", said.err);
        assert!(said.err.contains(&format!("error[{code}]")), "{sql}: {}", said.err);
    }
    let bound = folder.call(&["transform", "SELECT qty FROM input WHERE id = :x", "orders.arrow", "--param", "x=1"]);
    assert_eq!((bound.status, bound.out.as_str()), (0, "{\"qty\":1}\n"), "{}", bound.err);
}
