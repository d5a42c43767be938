//! Guesses at dialects.

use guard_decode::csv::{Sniffed, sniff};

fn guess(text: &str) -> (char, char, bool) {
    let Sniffed { delimiter, quote, header, even, named } = sniff(text.as_bytes(), None, None);
    for reason in [even, named] {
        assert!(reason.starts_with(|first: char| !first.is_uppercase()), "{reason}");
    }
    (char::from(delimiter), char::from(quote), header)
}

#[test]
fn the_delimiter_is_the_one_that_makes_even_records() {
    assert_eq!(guess("a,b\n1,2\n3,4\n"), (',', '"', true));
    assert_eq!(guess("a;b\n1,5;2\n3,5;4\n"), (';', '"', true));
    assert_eq!(guess("a\tb\tc\n1,5\t2;\t\n"), ('\t', '"', true));
    assert_eq!(guess("a|b\n\"1;2;3\"|2\n"), ('|', '"', true));
    assert_eq!(guess("name;note\nx;one, two\ny;one\nz;a, b, c\n"), (';', '"', true));
}

#[test]
fn apostrophes_are_quotes_only_around_fields() {
    assert_eq!(guess("'a';'b;c'\n'd';'e'\n"), (';', '\'', true));
    assert_eq!(guess("it's,b\nisn't,d\n"), (',', '"', true));
}

#[test]
fn a_header_has_different_names_and_no_values() {
    assert!(!guess("1,2\n3,4\n").2);
    assert!(!guess("a,a\n3,4\n").2);
    assert!(!guess("a,\n3,4\n").2);
    assert!(!guess("a,2026-01-31\n3,4\n").2);
}

#[test]
fn samples_of_little_or_nothing_are_answered_too() {
    assert_eq!(guess(""), (',', '"', true));
    assert_eq!(guess("word\n"), (',', '"', true));
    assert_eq!(guess("a;b"), (';', '"', true));
    assert_eq!(guess("\"a;b"), (',', '"', true));
}

#[test]
fn the_reason_names_what_was_seen() {
    let Sniffed { even, named, .. } = sniff(b"a;b\n1;2\n", None, None);
    assert_eq!(even, "2 of the first 2 records have 2 fields by semicolon");
    assert_eq!(named, "the fields of the first record are different texts and no values, as in a header");
}

#[test]
fn what_is_known_is_not_guessed() {
    let found = sniff(b"a,1;b\n1,2;3\n", Some(b';'), None);
    assert_eq!((found.delimiter, found.quote, found.header), (b';', b'"', true));
    let found = sniff(b"'a','b'\n", None, Some(b'"'));
    assert_eq!((found.delimiter, found.quote), (b',', b'"'));
    assert_eq!(sniff(b"a;b\n", Some(b'#'), None).delimiter, b'#');
}
