//! Properties of loading that hold for every text.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use guard_engine::contract::{Contract, diff, lint};
use guard_verdict::Level;
use proptest::prelude::*;

/// Pieces from which texts that look like contracts are put together.
const PIECES: &[&str] = &[
    "apiVersion: v3.1.0\n",
    "kind: DataContract\n",
    "schema:\n",
    "- name: t\n",
    "  properties:\n",
    "  - name: x\n",
    "    logicalType: ",
    "string\n",
    "    logicalTypeOptions:\n",
    "      minimum: 1\n",
    "      pattern: '^a$'\n",
    "    quality:\n",
    "relationships",
    "to: t.x\n",
    "&a ",
    "*a",
    "<<: ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    ": ",
    "- ",
    "? ",
    "| \n",
    "> \n",
    "\"",
    "'",
    "#",
    "\t",
    " ",
    "\n",
    "\r\n",
    "---\n",
    "...\n",
    "!!str ",
    "!x ",
    "%YAML 1.2\n",
    "%TAG ! x:\n",
    "é",
    "\u{feff}",
    "\u{2028}",
    "${A:-b}",
    "1e5",
    "0x",
    "null",
    "~",
    "@",
    "`",
    "\\",
];

fn pieces() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

/// Findings are in order, inside the text, and errors agree with loading.
fn sound(text: &str) {
    let findings = lint(text);
    assert!(findings.windows(2).all(|pair| pair[0].span <= pair[1].span));
    for finding in &findings {
        assert!(
            finding.span.end <= text.len()
                && text.is_char_boundary(finding.span.start)
                && text.is_char_boundary(finding.span.end)
        );
    }
    let failed = findings.iter().any(|finding| finding.level == Level::Error);
    match Contract::load(text) {
        Ok(contract) => {
            assert!(!failed && contract.text == text && diff(&contract, &contract).is_empty())
        }
        Err(_) => assert!(failed, "loading failed without an error: {text:?}"),
    }
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Zé0-9 :#'\"-]{1,8}"
}

/// A contract with one property for each name, and bounds.
fn written(names: &[String], low: i64, style: u8) -> String {
    let quote = |text: &str| serde_json::to_string(text).unwrap();
    let single = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let property = |(i, name): (usize, &String)| {
        let name = format!("{name}{i}");
        match style {
            0 => format!(
                "    - name: {}\n      logicalType: integer\n      logicalTypeOptions:\n        minimum: {low}\n",
                quote(&name)
            ),
            1 => format!(
                "    - logicalTypeOptions: {{minimum: {low}.0}} # bound\n      logicalType: 'integer'\n\n      name: {}\n",
                single(&name)
            ),
            _ => format!(
                "    - {{\"logicalType\": \"integer\", \"name\": {}, \"logicalTypeOptions\": {{\"minimum\": {low}e0}}}}\n",
                quote(&name)
            ),
        }
    };
    let properties: String = names.iter().enumerate().map(property).collect();
    let head = ["apiVersion: v3.1.0", "kind: DataContract", "id: a", "version: 1.0.0", "status: draft"];
    let mut lines: Vec<&str> = head.to_vec();
    if style > 0 {
        lines.reverse();
    }
    format!("{}\nschema:\n  - name: t\n    properties:\n{properties}", lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gets_an_answer(text in any::<String>()) {
        sound(&text);
    }

    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        sound(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn texts_like_contracts_get_an_answer(text in pieces()) {
        sound(&text);
        sound(&format!("apiVersion: v3.2.0\nkind: DataContract\nid: a\nversion: 1.0.0\nschema:\n- name: t\n  properties:\n  - name: x\n{text}"));
    }

    #[test]
    fn form_does_not_change_the_digest(names in prop::collection::vec(name(), 1..6), low in any::<i64>()) {
        let load = |style| Contract::load(&written(&names, low, style)).unwrap_or_else(|errors| panic!("{errors:?}"));
        let plain = load(0);
        prop_assert_eq!(&plain.digest, &load(1).digest);
        prop_assert_eq!(&plain.digest, &load(2).digest);
        prop_assert!(diff(&plain, &load(2)).is_empty());
        let other = Contract::load(&written(&names, low ^ 1, 0)).unwrap();
        prop_assert!(!diff(&plain, &other).is_empty());
    }
}
