//! LIKE against a recursive matcher; the functions of regular expressions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use super::find;
use super::harness::{call, int, null, txt};
use super::like::LikeMatcher;
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::RESULT_LIMIT;
use crate::expr::scalar::Constant;
use crate::expr::types::Type;
use proptest::prelude::*;

fn text(value: &str) -> Result<Constant, Fault> {
    Ok(Constant::Text(value.into()))
}

fn yes(value: bool) -> Result<Constant, Fault> {
    Ok(Constant::Boolean(value))
}

/// Why the author cannot write this.
fn refusal(name: &str, args: &[&str]) -> String {
    let facts: Vec<Facts> = args.iter().map(|x| Facts::of_constant(Type::Text, Constant::Text((*x).into()))).collect();
    let function = find(name).unwrap();
    match (function.infer)(&facts) {
        Err(why) => why,
        Ok(_) => (function.prepare.unwrap())(&facts).err().unwrap_or_else(|| panic!("{name}{args:?} is taken")),
    }
}

fn like(pattern: &[char], x: &[char]) -> bool {
    match (pattern, x) {
        ([], x) => x.is_empty(),
        (['%', rest @ ..], x) => (0..=x.len()).any(|at| like(rest, &x[at..])),
        (['_', rest @ ..], [_, x @ ..]) => like(rest, x),
        ([c, rest @ ..], [d, x @ ..]) => c == d && like(rest, x),
        _ => false,
    }
}

/// All texts of up to `longest` characters.
fn all(alphabet: &[char], longest: usize) -> Vec<Vec<char>> {
    let mut out = vec![vec![]];
    let mut from = 0;
    for _ in 0..longest {
        let to = out.len();
        for at in from..to {
            for c in alphabet {
                out.push([out[at].clone(), vec![*c]].concat());
            }
        }
        from = to;
    }
    out
}

#[test]
fn like_on_every_small_text() {
    let values = all(&['a', 'b', 'ñ'], 5);
    for pattern in all(&['a', 'ñ', '%', '_'], 5) {
        let matcher = LikeMatcher::compile(&String::from_iter(&pattern), None, false).unwrap();
        for value in &values {
            let x = String::from_iter(value);
            assert_eq!(matcher.is_match(&x), like(&pattern, value), "{x} LIKE {pattern:?}");
        }
    }
}

proptest! {
    #[test]
    fn like_on_longer_texts(pattern in "[ab😀%_]{0,12}", x in "[ab😀]{0,24}") {
        let expected = like(&Vec::from_iter(pattern.chars()), &Vec::from_iter(x.chars()));
        prop_assert_eq!(call("like", &[txt(&x), txt(&pattern)]), yes(expected));
    }

    #[test]
    fn ilike_is_like_in_lower_case(pattern in "[abABñÑİ%_]{0,8}", x in "[abABñÑİK]{0,12}") {
        let lower = |x: &str| x.chars().flat_map(char::to_lowercase).collect::<String>();
        let expected = like(&Vec::from_iter(lower(&pattern).chars()), &Vec::from_iter(lower(&x).chars()));
        prop_assert_eq!(call("ilike", &[txt(&x), txt(&pattern)]), yes(expected));
    }

    #[test]
    fn an_escaped_text_is_itself(x in "\\PC{0,8}", y in "\\PC{0,8}") {
        let escaped: String = x.chars().flat_map(|c| ['!', c]).collect();
        let args = |value: &str| [txt(value), txt(&escaped), txt("!")];
        prop_assert_eq!(call("like", &args(&x)), yes(true));
        prop_assert_eq!(call("like", &args(&y)), yes(x == y));
    }
}

#[test]
fn escapes() {
    assert_eq!(call("like", &[txt("50%"), txt("%!%"), txt("!")]), yes(true));
    assert_eq!(call("like", &[txt("500"), txt("%!%"), txt("!")]), yes(false));
    assert_eq!(call("like", &[txt(r"a\b"), txt(r"a\_")]), yes(true)); // no escape unless named
    assert_eq!(call("like", &[txt("a%"), txt("añ%"), txt("ñ")]), yes(true));
    assert_eq!(call("like", &[txt("%"), txt("%%"), txt("%")]), yes(true)); // a wildcard as the escape
    assert_eq!(call("ilike", &[txt("aX"), txt("XaXX"), txt("X")]), yes(true)); // escapes are read before lower case
    assert_eq!(call("like", &[txt("a"), txt("a"), null(Type::Text)]), Ok(Constant::Null));
    assert_eq!(call("like", &[txt("a"), null(Type::Text)]), Ok(Constant::Null));
    assert!(refusal("like", &["a", "a!", "!"]).contains("ends in its escape `!`"));
    for escape in ["", "ab", "e\u{301}"] {
        assert!(refusal("ilike", &["a", "a", escape]).contains("one character"));
    }
}

#[test]
fn ilike_looks_at_characters_alone() {
    assert_eq!(call("ilike", &[txt("ΣΑΣ"), txt("σασ")]), yes(true));
    assert_eq!(call("ilike", &[txt("σας"), txt("ΣΑΣ")]), yes(false)); // ς is lower case already
    assert_eq!(call("ilike", &[txt("\u{212a}"), txt("k")]), yes(true)); // the Kelvin sign
    assert_eq!(call("ilike", &[txt("ẞ"), txt("ß")]), yes(true));
    assert_eq!(call("ilike", &[txt("İ"), txt("__")]), yes(true));
}

#[test]
fn like_takes_hostile_patterns() {
    let value = "a".repeat(1 << 16);
    let matcher = LikeMatcher::compile(&"%a".repeat(2000), None, false).unwrap();
    assert!(matcher.is_match(&value) && !matcher.is_match(&"b".repeat(1 << 16)));
    let matcher = LikeMatcher::compile(&("%a".repeat(2000) + "b"), None, false).unwrap();
    assert!(!matcher.is_match(&value));
    let matcher = LikeMatcher::compile(&("_%".repeat(1000) + "_"), None, false).unwrap();
    assert!(matcher.is_match(&"😀".repeat(1001)) && !matcher.is_match(&"😀".repeat(1000)));
}

#[test]
fn searches() {
    assert_eq!(call("regexp_matches", &[txt("a\nb"), txt("a.b")]), yes(false));
    assert_eq!(call("regexp_matches", &[txt("xaby"), txt("ab|c")]), yes(true));
    assert_eq!(call("regexp_full_match", &[txt("abc"), txt("a|abc")]), yes(true));
    assert_eq!(call("regexp_full_match", &[txt("ab\n"), txt("ab")]), yes(false));
    assert_eq!(call("regexp_full_match", &[txt("ab"), txt("a|b")]), yes(false));
    assert_eq!(call("regexp_full_match", &[txt(&"a".repeat(4096)), txt(&"a".repeat(4096))]), yes(true));
    assert!(refusal("regexp_full_match", &["a", "a)(b"]).contains("closes no group"));
    assert!(refusal("regexp_matches", &["a", "(?=a)"]).contains("look-ahead"));
    assert!(refusal("regexp_count", &["a", &"a".repeat(4097)]).contains("4096"));
}

#[test]
fn extracts() {
    let extract = |x: &str, pattern: &str, group| call("regexp_extract", &[txt(x), txt(pattern), int(group)]);
    assert_eq!(call("regexp_extract", &[txt("aa12b3"), txt(r"\d+")]), text("12"));
    assert_eq!(call("regexp_extract", &[txt("abc"), txt("x")]), Ok(Constant::Null));
    assert_eq!(call("regexp_extract", &[txt("abc"), txt("")]), text(""));
    assert_eq!(extract("k=v", "(?<key>[a-z])=(?:x|([a-z]))", 2), text("v"));
    assert_eq!(extract("abc", "(b)(x)?", 2), Ok(Constant::Null)); // the match leaves it out
    assert_eq!(extract("aaa", "(a+?)(a*)", 1), text("a"));
    assert_eq!(extract("aXñYb", r"X(.)\Y".trim_end_matches(r"\Y"), 1), text("ñ"));
    assert_eq!(extract("b", "(a){0}(b)", 2), text("b"));
    assert_eq!(extract("b", "(a){0}(b)", 1), Ok(Constant::Null));
    assert_eq!(extract("a,b,c", r"^(\w)(,(\w))*", 3), text("c"));
    let group = |number| {
        let mut facts = vec![Facts::of_constant(Type::Text, Constant::Text("a".into())); 2];
        facts.push(Facts::of_constant(Type::Integer, Constant::Integer(number)));
        (find("regexp_extract").unwrap().prepare.unwrap())(&facts).err().unwrap()
    };
    assert!(
        group(1).contains("no group 1") && group(-1).contains("no number") && group(i64::MAX).contains("no number")
    );
}

#[test]
fn replaces() {
    let replace = |x: &str, pattern: &str, by: &str| call("regexp_replace", &[txt(x), txt(pattern), txt(by)]);
    let each = |x: &str, pattern: &str, by: &str| call("regexp_replace", &[txt(x), txt(pattern), txt(by), txt("g")]);
    assert_eq!(replace("aaa", "a", "b"), text("baa"));
    assert_eq!(replace("abc", "x", "b"), text("abc"));
    assert_eq!(each("aaa", "(a)", r"<\1\0>"), text("<aa><aa><aa>"));
    assert_eq!(each("a.b", r"\.", r"\\$0"), text(r"a\$0b"));
    assert_eq!(each("añ", "(?:)", "-"), text("-a-ñ-"));
    assert_eq!(each("baac", "a*", "-"), text("-b--c-")); // ECMA-262 22.2.6.11: "baac".replace(/a*/g, "-")
    assert_eq!(each("ab", "^", "-"), text("-ab"));
    assert_eq!(each("ab ab", r"\b", "|"), text("|ab| |ab|"));
    assert_eq!(each("é", r"\B", "|"), text("|é|"));
    assert_eq!(each("ab", "(a)|(b)", r"[\1\2]"), text("[a][b]"));
    assert_eq!(replace("b", "(a){0}(b)", r"\1\2\2"), text("bb"));
    assert_eq!(call("regexp_replace", &[txt("a"), txt("a"), null(Type::Text)]), Ok(Constant::Null));
    assert!(refusal("regexp_replace", &["a", "a", r"\1"]).contains("no group 1"));
    assert!(refusal("regexp_replace", &["a", "a", r"\x"]).contains("backslash"));
    assert!(refusal("regexp_replace", &["a", "a", r"a\"]).contains("backslash"));
    assert!(refusal("regexp_replace", &["a", "a", "b", "gi"]).contains("no flag"));
    let long = "ab".repeat(RESULT_LIMIT / 2);
    assert_eq!(each(&long, "b", "ñ"), Err(Fault::ResultTooLarge));
    assert_eq!(replace(&long, "x", ""), text(&long));
    assert_eq!(each(&long, "b", ""), text(&"a".repeat(RESULT_LIMIT / 2)));
}

#[test]
fn counts() {
    let count = |x: &str, pattern: &str| call("regexp_count", &[txt(x), txt(pattern)]);
    assert_eq!(count("banana", "an"), Ok(Constant::Integer(2)));
    assert_eq!(count("aaaa", "aa"), Ok(Constant::Integer(2)));
    assert_eq!(count("baac", "a*"), Ok(Constant::Integer(4)));
    assert_eq!(count("👨\u{200d}👩", "(?:)"), Ok(Constant::Integer(4)));
    assert_eq!(count("", "x"), Ok(Constant::Integer(0)));
}

#[test]
fn what_engines_find_differently_is_refused() {
    for pattern in ["(?:a*)*", "(?:a|)+", "(?:|a)?", r"(?:\b){0,2}", "(?:a?){2,3}"] {
        assert!(refusal("regexp_count", &["a", pattern]).contains("may be empty"), "{pattern}");
        assert!(call("regexp_matches", &[txt("a"), txt(pattern)]).is_ok(), "{pattern}");
    }
    assert!(refusal("regexp_replace", &["a", "(?:(a)|b)*", r"\1"]).contains("may leave out"));
    assert!(call("regexp_replace", &[txt("ab"), txt("((a)|b)+"), txt(r"\1")]).is_ok()); // the outer group is taken each time
}

#[test]
fn replaced_lengths_are_known() {
    let mut x = Facts::of_type(Type::Text);
    x.range = Range::Length(3, 10);
    let constant = |x: &str| Facts::of_constant(Type::Text, Constant::Text(x.into()));
    let facts = (find("regexp_replace").unwrap().infer)(&[x, constant("a"), constant(r"\0-"), constant("g")]).unwrap();
    assert_eq!((facts.range, facts.faults), (Range::Length(0, 31), Faults::NONE));
}
