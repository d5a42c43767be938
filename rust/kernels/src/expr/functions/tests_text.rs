//! Texts, against models over vectors of characters.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use super::harness::{call, int, null, txt};
use super::text::DISTANCE_STEPS;
use crate::expr::fault::Fault;
use crate::expr::function::RESULT_LIMIT;
use crate::expr::scalar::Constant;
use crate::expr::types::Type;
use proptest::prelude::*;

type Out = Result<Constant, Fault>;

fn text(value: impl AsRef<str>) -> Out {
    Ok(Constant::Text(value.as_ref().into()))
}

fn number(value: i64) -> Out {
    Ok(Constant::Integer(value))
}

fn yes(value: bool) -> Out {
    Ok(Constant::Boolean(value))
}

/// Texts that repeat themselves, of one to four bytes a character: combining marks, joiners, NUL and astral planes.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => Just("a".to_owned()),
        2 => Just("b".to_owned()),
        1 => Just(" ".to_owned()),
        1 => Just("ab".to_owned()),
        1 => Just("ñ".to_owned()),
        1 => Just("e\u{301}".to_owned()),
        1 => Just("👨\u{200d}👩".to_owned()),
        1 => Just("\0".to_owned()),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn near() -> impl Strategy<Value = i64> {
    prop_oneof![8 => -9..15_i64, 1 => Just(i64::MIN), 1 => Just(i64::MAX)]
}

fn chars(x: &str) -> Vec<char> {
    x.chars().collect()
}

fn find(x: &[char], part: &[char], from: usize) -> Option<usize> {
    (from..=x.len()).find(|at| x[*at..].starts_with(part))
}

fn parts(x: &str, separator: &str) -> Vec<String> {
    let (x, separator) = (chars(x), chars(separator));
    if separator.is_empty() {
        return x.iter().map(|c| c.to_string()).collect();
    }
    let (mut parts, mut from) = (Vec::new(), 0);
    while let Some(at) = find(&x, &separator, from) {
        parts.push(x[from..at].iter().collect());
        from = at + separator.len();
    }
    parts.push(x[from..].iter().collect());
    parts
}

fn distance(x: &[char], y: &[char]) -> usize {
    match (x, y) {
        ([], rest) | (rest, []) => rest.len(),
        ([a, x @ ..], [b, y @ ..]) if a == b => distance(x, y),
        ([_, short_x @ ..], [_, short_y @ ..]) => {
            1 + distance(short_x, y).min(distance(x, short_y)).min(distance(short_x, short_y))
        }
    }
}

proptest! {
    #[test]
    fn measures(x in any_text(), y in any_text()) {
        let (cs, ds) = (chars(&x), chars(&y));
        prop_assert_eq!(call("length", &[txt(&x)]), number(cs.len() as i64));
        prop_assert_eq!(call("octet_length", &[txt(&x)]), number(x.len() as i64));
        let place = find(&cs, &ds, 0).map_or(0, |at| at as i64 + 1);
        prop_assert_eq!(call("strpos", &[txt(&x), txt(&y)]), number(place));
        prop_assert_eq!(call("contains", &[txt(&x), txt(&y)]), yes(place > 0));
        prop_assert_eq!(call("starts_with", &[txt(&x), txt(&y)]), yes(cs.starts_with(&ds)));
        prop_assert_eq!(call("ends_with", &[txt(&x), txt(&y)]), yes(cs.ends_with(&ds)));
        prop_assert_eq!(call("ascii", &[txt(&x)]), number(cs.first().map_or(0, |c| *c as i64)));
        prop_assert_eq!(call("unicode", &[txt(&x)]), number(cs.first().map_or(-1, |c| *c as i64)));
    }

    #[test]
    fn parts_of_texts(x in any_text(), start in near(), count in near()) {
        let cs = chars(&x);
        let kept = |test: &dyn Fn(i128) -> bool| -> String {
            cs.iter().enumerate().filter(|(at, _)| test(*at as i128 + 1)).map(|(_, c)| *c).collect()
        };
        let (from, n) = (i128::from(start), cs.len() as i128);
        prop_assert_eq!(call("substring", &[txt(&x), int(start)]), text(kept(&|at| at >= from)));
        let expected = match i128::from(count) {
            count if count < 0 => Err(Fault::ArgumentOutOfRange),
            count => text(kept(&|at| at >= from && at < from + count)),
        };
        prop_assert_eq!(call("substring", &[txt(&x), int(start), int(count)]), expected);
        let taken = if from < 0 { (n + from).max(0) } else { from.min(n) };
        prop_assert_eq!(call("left", &[txt(&x), int(start)]), text(kept(&|at| at <= taken)));
        prop_assert_eq!(call("right", &[txt(&x), int(start)]), text(kept(&|at| at > n - taken)));
    }

    #[test]
    fn split_parts(x in any_text(), separator in prop_oneof![any_text(), Just("a".into()), Just("".into())], n in near()) {
        let all = parts(&x, &separator);
        let place = if n < 0 { all.len() as i128 + i128::from(n) } else { i128::from(n) - 1 };
        let expected = usize::try_from(place).ok().and_then(|place| all.get(place)).map_or("", String::as_str);
        prop_assert_eq!(call("split_part", &[txt(&x), txt(&separator), int(n)]), text(expected));
        let listed = if x.is_empty() { vec![String::new()] } else { all };
        let listed = listed.iter().map(|part| Constant::Text(part.as_str().into())).collect();
        prop_assert_eq!(call("string_split", &[txt(&x), txt(&separator)]), Ok(Constant::List(listed)));
    }

    #[test]
    fn trims(x in any_text(), set in any_text()) {
        for (given, set) in [(true, set.as_str()), (false, " ")] {
            let mut args = vec![txt(&x)];
            args.extend(given.then(|| txt(set)));
            let mut start = chars(&x);
            while start.first().is_some_and(|c| set.contains(*c)) { start.remove(0); }
            let mut end = chars(&x);
            while end.last().is_some_and(|c| set.contains(*c)) { end.pop(); }
            let mut both = start.clone();
            while both.last().is_some_and(|c| set.contains(*c)) { both.pop(); }
            prop_assert_eq!(call("ltrim", &args), text(String::from_iter(start)));
            prop_assert_eq!(call("rtrim", &args), text(String::from_iter(end)));
            prop_assert_eq!(call("trim", &args), text(String::from_iter(both)));
        }
    }

    #[test]
    fn edits(x in any_text(), from in any_text(), to in any_text()) {
        let replaced = if from.is_empty() { x.clone() } else { parts(&x, &from).join(&to) };
        prop_assert_eq!(call("replace", &[txt(&x), txt(&from), txt(&to)]), text(replaced));
        let (fs, ts) = (chars(&from), chars(&to));
        let translated: String = x.chars().filter_map(|c| match fs.iter().position(|f| *f == c) {
            None => Some(c),
            Some(at) => ts.get(at).copied(),
        }).collect();
        prop_assert_eq!(call("translate", &[txt(&x), txt(&from), txt(&to)]), text(translated));
        prop_assert_eq!(call("reverse", &[txt(&x)]), text(x.chars().rev().collect::<String>()));
        prop_assert_eq!(call("upper", &[txt(&x)]), text(x.to_uppercase()));
        prop_assert_eq!(call("lower", &[txt(&x)]), text(x.to_lowercase()));
        prop_assert_eq!(call("string_concat", &[txt(&x), txt(&to)]), text(format!("{x}{to}")));
    }

    #[test]
    fn fillings(x in any_text(), n in -3..40_i64, fill in any_text()) {
        let (cs, fs) = (chars(&x), chars(&fill));
        let length = usize::try_from(n).unwrap_or(0);
        prop_assert_eq!(call("repeat", &[txt(&x), int(n)]), text(x.repeat(length)));
        let (left, right) = match length.checked_sub(cs.len()) {
            Some(missing) if missing > 0 && fs.is_empty() => (Err(Fault::ArgumentOutOfRange), Err(Fault::ArgumentOutOfRange)),
            Some(missing) => {
                let filling: String = fs.iter().cycle().take(missing).collect();
                (text(format!("{filling}{x}")), text(format!("{x}{filling}")))
            }
            None => (text(String::from_iter(&cs[..length])), text(String::from_iter(&cs[..length]))),
        };
        prop_assert_eq!(call("lpad", &[txt(&x), int(n), txt(&fill)]), left);
        prop_assert_eq!(call("rpad", &[txt(&x), int(n), txt(&fill)]), right);
    }

    #[test]
    fn concatenations_skip_nulls(texts in proptest::collection::vec(proptest::option::of(any_text()), 1..6), separator in any_text()) {
        let args: Vec<_> = texts.iter().map(|x| x.as_ref().map_or_else(|| null(Type::Text), |x| txt(x))).collect();
        let present: Vec<&str> = texts.iter().flatten().map(String::as_str).collect();
        prop_assert_eq!(call("concat", &args), text(present.concat()));
        let with = |separator| [vec![separator], args.clone()].concat();
        prop_assert_eq!(call("concat_ws", &with(txt(&separator))), text(present.join(&separator)));
        prop_assert_eq!(call("concat_ws", &with(null(Type::Text))), Ok(Constant::Null));
    }

    #[test]
    fn distances(x in "[abñ]{0,7}", y in "[abñ]{0,7}") {
        prop_assert_eq!(call("levenshtein", &[txt(&x), txt(&y)]), number(distance(&chars(&x), &chars(&y)) as i64));
    }
}

#[test]
fn case_mapping_keeps_its_bounds() {
    // Both bounds of each mapping are met by some character: the facts are tight.
    let (mut upper, mut lower, mut shrink) = ((0, 0), (0, 0), 0.0_f64);
    for c in '\0'..=char::MAX {
        let (up, low) = (c.to_uppercase(), c.to_lowercase());
        let bytes = |mapped: &mut dyn Iterator<Item = char>| mapped.map(char::len_utf8).sum::<usize>();
        upper = (upper.0.max(up.len()), upper.1.max(bytes(&mut up.clone())));
        lower = (lower.0.max(low.len()), lower.1.max(bytes(&mut low.clone())));
        let least = bytes(&mut up.clone()).min(bytes(&mut low.clone()));
        shrink = shrink.max(c.len_utf8() as f64 / least as f64);
    }
    assert_eq!((upper, lower, shrink), ((3, 6), (2, 4), 3.0));
    assert_eq!(call("upper", &[txt("ΐ")]), text("\u{399}\u{308}\u{301}"));
    assert_eq!(call("lower", &[txt("\u{212a}İΑΣ")]), text("ki\u{307}ας"));
}

#[test]
fn characters_have_numbers() {
    for c in ['\0', 'a', 'ñ', '\u{d7ff}', '\u{e000}', '😀', char::MAX] {
        assert_eq!(call("chr", &[int(c as i64)]), text(c.to_string()));
    }
    for n in [-1, 0xD800, 0xDFFF, 0x11_0000, i64::MAX, i64::MIN] {
        assert_eq!(call("chr", &[int(n)]), Err(Fault::ArgumentOutOfRange));
    }
}

#[test]
fn binaries() {
    let bytes = |value: &[u8]| (Type::Binary, Constant::Binary(value.into()));
    assert_eq!(call("octet_length", &[bytes(&[0, 255])]), number(2));
    assert_eq!(call("string_concat", &[bytes(&[1]), bytes(&[255])]), Ok(bytes(&[1, 255]).1));
    let limit = vec![7; RESULT_LIMIT];
    assert_eq!(call("string_concat", &[bytes(&limit), bytes(&[])]), Ok(bytes(&limit).1));
    assert_eq!(call("string_concat", &[bytes(&limit), bytes(&[1])]), Err(Fault::ResultTooLarge));
}

#[test]
fn texts_end_at_the_limit() {
    let full = "a".repeat(RESULT_LIMIT);
    let over = full.clone() + "a";
    let astral = "😀".repeat(RESULT_LIMIT / 4 + 1);
    for name in ["upper", "lower", "reverse"] {
        assert!(call(name, &[txt(&full)]).is_ok(), "{name}");
        assert_eq!(call(name, &[txt(&over)]), Err(Fault::ResultTooLarge), "{name}");
        assert_eq!(call(name, &[txt(&astral)]), Err(Fault::ResultTooLarge), "{name}");
    }
    assert_eq!(call("upper", &[txt(&"ΐ".repeat(RESULT_LIMIT / 6 + 1))]), Err(Fault::ResultTooLarge));
    assert_eq!(call("concat", &[txt(&full), txt("")]), text(&full));
    assert_eq!(call("concat", &[txt(&full), txt("b")]), Err(Fault::ResultTooLarge));
    assert_eq!(call("concat_ws", &[txt("b"), txt(&full), txt("")]), Err(Fault::ResultTooLarge));
    assert_eq!(call("string_concat", &[txt("b"), txt(&full)]), Err(Fault::ResultTooLarge));
    assert_eq!(call("replace", &[txt(&full), txt("a"), txt("ab")]), Err(Fault::ResultTooLarge));
    assert_eq!(call("translate", &[txt(&full), txt("a"), txt("ñ")]), Err(Fault::ResultTooLarge));
    assert_eq!(call("translate", &[txt(&over), txt("a"), txt("")]), text(""));
    assert_eq!(call("repeat", &[txt("ab"), int(RESULT_LIMIT as i64 / 2)]), text("ab".repeat(RESULT_LIMIT / 2)));
    for n in [RESULT_LIMIT as i64 / 2 + 1, i64::MAX] {
        assert_eq!(call("repeat", &[txt("ab"), int(n)]), Err(Fault::ResultTooLarge));
        assert_eq!(call("lpad", &[txt("ñ"), int(n.saturating_mul(2)), txt("xñ")]), Err(Fault::ResultTooLarge));
    }
    assert_eq!(call("repeat", &[txt(""), int(i64::MAX)]), text(""));
    assert_eq!(call("rpad", &[txt(""), int(RESULT_LIMIT as i64), txt("a")]), text(&full));
    assert_eq!(call("rpad", &[txt(""), int(RESULT_LIMIT as i64 + 1), txt("a")]), Err(Fault::ResultTooLarge));
}

#[test]
fn parts_of_long_texts_are_no_new_texts() {
    let long = "ab".repeat(RESULT_LIMIT);
    assert_eq!(call("trim", &[txt(&long)]), text(&long));
    assert_eq!(call("substring", &[txt(&long), int(2)]), text(&long[1..]));
    assert_eq!(call("left", &[txt(&long), int(-1)]), text(&long[..long.len() - 1]));
    assert_eq!(call("trim", &[txt(&long), txt("ab")]), text(""));
}

#[test]
fn distances_are_bounded() {
    let side = "a".repeat(4096);
    assert_eq!(DISTANCE_STEPS, 4096 * 4096);
    let longer = side.clone() + "b";
    assert_eq!(call("levenshtein", &[txt(&side), txt(&longer)]), Err(Fault::ArgumentOutOfRange));
    assert_eq!(call("levenshtein", &[txt(&longer), txt("")]), number(4097));
}

#[test]
fn strict_functions_of_null_are_null() {
    for (name, arity) in [("length", 1), ("upper", 1), ("trim", 2), ("left", 2), ("replace", 3), ("string_concat", 2)] {
        let args: Vec<_> = (0..arity).map(|_| null(Type::Null)).collect();
        assert_eq!(call(name, &args), Ok(Constant::Null), "{name}");
    }
}
