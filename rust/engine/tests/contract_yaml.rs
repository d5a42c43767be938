//! Texts that are not contracts, some of them hostile.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use guard_engine::contract::{Contract, lint};
use guard_verdict::{Diagnostic, Level};

const HEAD: &str = "apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: draft\n";

fn errors(text: &str) -> Vec<Diagnostic> {
    Contract::load(text).expect_err("the text should not load")
}

/// The only error of a text: its code, line and column.
fn only(text: &str) -> (&'static str, usize, usize) {
    let found: Vec<_> = errors(text).into_iter().filter(|finding| finding.level == Level::Error).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    (found[0].code.name(), found[0].span.line, found[0].span.column)
}

#[test]
fn texts_that_are_no_yaml_mapping() {
    assert_eq!(only(""), ("yaml-empty", 1, 1));
    assert_eq!(only("# only a comment\n"), ("yaml-empty", 1, 1));
    assert_eq!(only("---\n...\n"), ("yaml-empty", 1, 1));
    assert_eq!(only("- a\n"), ("root-not-mapping", 1, 1));
    assert_eq!(only("just words"), ("root-not-mapping", 1, 1));
    assert_eq!(only(&format!("{HEAD}---\n{HEAD}")), ("yaml-documents", 7, 1));
    assert_eq!(only("a: [1, 2").0, "yaml-syntax");
    assert_eq!(only("a: \"\\q\"").0, "yaml-syntax");
    assert_eq!(only("a: *nowhere").0, "yaml-syntax");
}

#[test]
fn a_tab_that_indents_is_named() {
    assert_eq!(only("a:\n\tb: 1\n"), ("yaml-tab", 2, 1));
    assert_eq!(only("a:\n  b: 1\n\tc: 1\n").0, "yaml-tab");
    assert_eq!(only("{\n\t\"a\": 1\n\t\"b\": 2\n}").0, "yaml-syntax");
    // A tab inside a text is fine.
    assert!(Contract::load(&format!("{HEAD}name: 'a\tb'\n")).is_ok());
}

#[test]
fn keys_are_distinct_scalars() {
    assert_eq!(only(&format!("{HEAD}id: b\n")), ("yaml-duplicate-key", 6, 1));
    assert_eq!(only(&format!("{HEAD}\"id\": b\n")), ("yaml-duplicate-key", 6, 1));
    assert_eq!(only(&format!("{HEAD}[a, b]: 1\n")).0, "yaml-key");
    let merged = format!("{HEAD}price: &p {{a: 1}}\nteam:\n  <<: *p\n");
    assert_eq!(only(&merged), ("yaml-merge-key", 8, 3));
}

#[test]
fn tags_mean_text_or_nothing() {
    assert_eq!(Contract::load(&format!("{HEAD}name: !!str 5\n")).unwrap().name.as_deref(), Some("5"));
    assert_eq!(only(&format!("{HEAD}name: !secret x\n")).0, "yaml-tag");
    assert_eq!(only(&format!("{HEAD}name: !!timestamp 2026-01-01\n")).0, "yaml-tag");
}

#[test]
fn control_characters_are_refused_and_marks_reported() {
    assert_eq!(only(&format!("{HEAD}name: a\0b\n")), ("yaml-control", 6, 8));
    assert_eq!(only("a: \u{1}"), ("yaml-control", 1, 4));
    let marked = Contract::load(&format!("\u{feff}{HEAD}")).unwrap();
    assert_eq!(marked.diagnostics[0].code.name(), "yaml-bom");
    assert_eq!(marked.digest, Contract::load(HEAD).unwrap().digest);
}

#[test]
fn places_count_characters_and_bytes() {
    let text = format!("\u{feff}{HEAD}name: déjà\r\nteam: {{é: ü}} # ü\r\nschema:\r\n- name: t\r\n  nam: x\r\n");
    let finding = lint(&text).into_iter().find(|finding| finding.code.name() == "key-unknown").unwrap();
    assert_eq!((finding.span.line, finding.span.column), (10, 3));
    assert_eq!(&text[finding.span.start..finding.span.end], "nam");
    assert_eq!(finding.path, "schema[0].nam");
    assert_eq!(finding.help.as_deref(), Some("did you mean `name`?"));
}

#[test]
fn deep_nesting_is_refused() {
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
        for depth in [200, 300, 20_000] {
            let text = format!("{HEAD}name: {}{}", open.repeat(depth), close.repeat(depth));
            assert!(!errors(&text).is_empty());
        }
    }
    let block = format!("{HEAD}tags:\n{}x\n", "- ".repeat(100_000));
    assert_eq!(only(&block).0, "yaml-limit");
    let indented: String = (0..400).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    assert_eq!(only(&indented).0, "yaml-limit");
    assert_eq!(only(&"[".repeat(1 << 20)).0, "yaml-limit");
}

#[test]
fn alias_bombs_are_refused() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        text.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    assert_eq!(only(&text).0, "yaml-limit");
    let long = "y".repeat(1 << 20);
    let aliases = "*a, ".repeat(100);
    assert_eq!(only(&format!("a: &a {long}\nb: [{aliases}]\n")).0, "yaml-limit");
    assert_eq!(only("a: &a [*a]\n").0, "yaml-syntax");
}

#[test]
fn large_texts_are_refused_or_summed_up() {
    let text = format!("{HEAD}name: {}\n", "x".repeat(17 << 20));
    assert_eq!(only(&text).0, "yaml-limit");
    let many: String = (0..3_000).map(|i| format!("unknown{i}: 1\n")).collect();
    let findings = lint(&format!("{HEAD}{many}"));
    assert_eq!(findings.len(), 1_001);
    let last = findings.last().unwrap();
    assert_eq!((last.code.name(), last.level), ("findings-limit", Level::Warning));
    assert!(last.message.starts_with("2000 more"), "{}", last.message);
    // An error among the uncounted still keeps the contract from loading.
    assert!(Contract::load(&format!("{HEAD}{many}schema: 5\n")).is_err());
}

#[test]
fn versions_that_are_not_read_say_so() {
    for version in ["v2.2.2", "v3.3.0", "v4.0.0", "3.1.0", "v3", "v3.1.0.0", "v3.x", "v3.1.0-rc1"] {
        let found = errors(&HEAD.replace("v3.1.0", version));
        assert_eq!((found.len(), found[0].code.name()), (1, "version-unsupported"), "{version}");
    }
    for version in ["v3.0.0", "v3.0.2", "v3.1.0", "v3.1.7", "v3.2.0"] {
        assert!(Contract::load(&HEAD.replace("v3.1.0", version)).is_ok(), "{version}");
    }
    assert_eq!(only("kind: DataContract"), ("key-missing", 1, 1));
}

#[test]
fn long_references_are_not_searched_for_long() {
    let to = "t.".repeat(1 << 20);
    let tail = format!("schema: [{{name: t, properties: [{{name: x, relationships: [{{to: {to}x}}]}}]}}]\n");
    assert_eq!(only(&format!("{HEAD}{tail}")).0, "reference-dangling");
}
