//! Patterns meant to hurt: each is refused or matched in linear time, and none panics.

use proptest::prelude::*;

use crate::pattern::{MAX_PATTERN_BYTES, Pattern};

#[test]
fn nested_repeats_are_linear() {
    let mut value = vec![b'a'; 200_000];
    value.push(b'!');
    for text in ["(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(.*)*b$", "^(a*)*$", "(a{0,9}){0,9}$x"] {
        let pattern = Pattern::compile(text).unwrap();
        assert!(!pattern.is_match(&value), "{text}");
    }
}

#[test]
fn a_search_for_empty_matches_is_linear() {
    // Each position between two characters is a word boundary, so `\B` holds only inside of the `é`.
    let value = format!("{}aéa", "a-".repeat(100_000));
    for text in [r"\B", r"(?:\B)*\B", r"\B(?:a|\B)"] {
        assert!(!Pattern::compile(text).unwrap().is_match(value.as_bytes()), "{text}");
    }
}

#[test]
fn large_automata_are_refused() {
    for text in
        ["((a{1000}){1000}){1000}", "(?:.{5000}){5000}", "a{4294967296}", "[]{4000000000}", "^a{0,99999999999}$"]
    {
        let error = Pattern::compile(text).expect_err(text);
        assert!(error.message.contains("too large"), "{text}: {error}");
    }
    assert!(Pattern::compile("(?:){4000000000}").unwrap().is_match(b""));
}

#[test]
fn long_texts_are_refused() {
    assert!(Pattern::compile(&"a".repeat(MAX_PATTERN_BYTES)).unwrap().is_match("a".repeat(5000).as_bytes()));
    assert!(Pattern::compile(&"a".repeat(MAX_PATTERN_BYTES + 1)).is_err());
    for head in ["(", "(?:", "[", "a|", "(a|", "((a)*", r"\"] {
        let text = head.repeat(MAX_PATTERN_BYTES / head.len());
        let _ = Pattern::compile(&text);
    }
    let nested = format!("{}a{}", "(".repeat(101), ")".repeat(101));
    assert!(Pattern::compile(&nested).unwrap_err().message.contains("deeper"));
}

#[test]
fn tables_that_would_explode_are_made_lazily() {
    let pattern = Pattern::compile("^(?:a|b)*a(?:a|b){40}$").unwrap();
    let tail = "b".repeat(40);
    assert!(pattern.is_match(format!("bbba{tail}").as_bytes()));
    assert!(!pattern.is_match(format!("aaab{tail}").as_bytes()));
    assert!(!pattern.is_match(b"a"));
    let pattern = Pattern::compile(r"\B(?:(?:a|b)*a(?:a|b){40})?").unwrap();
    assert!(!pattern.is_match("aéa".as_bytes()));
}

proptest! {
    #[test]
    fn compile_never_panics(text in any::<String>(), value in any::<String>()) {
        if let Ok(pattern) = Pattern::compile(&text) {
            let _ = pattern.is_match(value.as_bytes());
        }
    }

    #[test]
    fn compile_never_panics_on_syntax(text in r"[-a-c0-9\\\[\](){}?*+|^$.,:<>=!&pPuxbBdkwsD ]{0,40}", value in "[a-c0-9é -]{0,20}") {
        match Pattern::compile(&text) {
            Ok(pattern) => { let _ = pattern.is_match(value.as_bytes()); }
            Err(error) => prop_assert!(error.offset.is_none_or(|offset| text.is_char_boundary(offset))),
        }
    }
}
