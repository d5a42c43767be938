//! Parts of texts: what these yield is never larger than their argument.

use super::lengths::{integer, length, offset, offset_from_end, part, size};
use crate::expr::facts::Facts;
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Family, Function, Kind, Param};
use crate::expr::scalar::Scalar;

const BASE: Function = Function { family: Family::Text, cost: 15, ..Function::BASE };
const X: Param = Param::new("x", Kind::Text);
const TRIM: &[Param] = &[X, Param::new("characters", Kind::Text).optional()];
const END: &[Param] = &[X, Param::new("n", Kind::Integer)];

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "trim",
        params: TRIM,
        infer: infer_trim,
        core: |_, args| Ok(trimmed(args, true, true)),
        docs: "A text without the given characters at its start and end, without blanks (U+0020 only) when none are \
               given.",
        examples: &[("trim('  a b ')", "a b"), ("trim('xyax', 'xy')", "a"), ("trim('abc', '')", "abc")],
        duckdb: SPACES,
        ..BASE
    },
    Function {
        name: "ltrim",
        params: TRIM,
        infer: infer_trim,
        core: |_, args| Ok(trimmed(args, true, false)),
        docs: "A text without the given characters at its start, without blanks (U+0020 only) when none are given.",
        examples: &[("ltrim('xxaxx', 'x')", "axx"), ("ltrim('  a')", "a")],
        duckdb: SPACES,
        ..BASE
    },
    Function {
        name: "rtrim",
        params: TRIM,
        infer: infer_trim,
        core: |_, args| Ok(trimmed(args, false, true)),
        docs: "A text without the given characters at its end, without blanks (U+0020 only) when none are given.",
        examples: &[("rtrim('xxaxx', 'x')", "xxa"), ("rtrim('a  ')", "a")],
        duckdb: SPACES,
        ..BASE
    },
    Function {
        name: "substring",
        aliases: &["substr"],
        params: &[X, Param::new("start", Kind::Integer), Param::new("count", Kind::Integer).optional()],
        infer: infer_substring,
        core: substring,
        docs: "The part of a text from a position, `count` characters or all that follow; positions count from 1, and \
               those before the text hold nothing, as in standard SQL. Fails when the count is negative.",
        examples: &[
            ("substring('añb', 2, 1)", "ñ"),
            ("substring('abc', 2)", "bc"),
            ("substring('abc', 0, 2)", "a"),
            ("substring('abc', -1, 2)", ""),
            ("substring('abc', 1, -1)", "fails: argument-out-of-range"),
        ],
        duckdb: "counts negative positions from the end, and backwards for a negative count",
        ..BASE
    },
    Function {
        name: "left",
        params: END,
        infer: infer_end,
        core: |_, args| Ok(end(args, |x, n| x.get(..offset(x, n)), |x, n| x.get(..offset_from_end(x, n)))),
        docs: "The first n characters of a text; all but the last -n when n is negative.",
        examples: &[("left('añb', 2)", "añ"), ("left('abc', -1)", "ab"), ("left('abc', 9)", "abc")],
        ..BASE
    },
    Function {
        name: "right",
        params: END,
        infer: infer_end,
        core: |_, args| Ok(end(args, |x, n| x.get(offset_from_end(x, n)..), |x, n| x.get(offset(x, n)..))),
        docs: "The last n characters of a text; all but the first -n when n is negative.",
        examples: &[("right('añb', 2)", "ñb"), ("right('abc', -1)", "bc"), ("right('abc', 0)", "")],
        ..BASE
    },
    Function {
        name: "split_part",
        params: &[X, Param::new("separator", Kind::Text), Param::new("n", Kind::Integer)],
        infer: |args| part(args, 0, length(args, 0).1, Faults::NONE),
        core: split_part,
        cost: 40,
        docs: "The n-th part of a text between separators, from 1, or from the end when n is negative; empty when \
               there is none. The empty separator splits between all characters.",
        examples: &[
            ("split_part('a,b,c', ',', 2)", "b"),
            ("split_part('a,b,c', ',', -1)", "c"),
            ("split_part('a,b,c', ',', 4)", ""),
        ],
        ..BASE
    },
];

const SPACES: &str = "without characters given, takes away every character of Unicode's class Zs";

/// Characters to take away: a bit for each in ASCII, the others sorted.
struct Characters {
    ascii: u128,
    others: Vec<char>,
}

impl Characters {
    fn new(text: &str) -> Characters {
        let mut set = Characters { ascii: 0, others: Vec::new() };
        for c in text.chars() {
            if c.is_ascii() { set.ascii |= 1 << u32::from(c) } else { set.others.push(c) }
        }
        set.others.sort_unstable();
        set
    }

    fn has(&self, c: char) -> bool {
        if c.is_ascii() { self.ascii >> u32::from(c) & 1 == 1 } else { self.others.binary_search(&c).is_ok() }
    }
}

fn infer_trim(args: &[Facts]) -> Result<Facts, String> {
    let (low, high) = length(args, 0);
    let nothing = args.len() > 1 && length(args, 1).1 == 0;
    part(args, if nothing { low } else { 0 }, high, Faults::NONE)
}

fn trimmed<'a>(args: &[Scalar<'a>], start: bool, end: bool) -> Scalar<'a> {
    let (x, set) = match args {
        [Scalar::Text(x)] => (*x, Characters::new(" ")),
        [Scalar::Text(x), Scalar::Text(set)] => (*x, Characters::new(set)),
        _ => return Scalar::Null,
    };
    let x = if start { x.trim_start_matches(|c| set.has(c)) } else { x };
    Scalar::Text(if end { x.trim_end_matches(|c| set.has(c)) } else { x })
}

/// How many characters a part has of a text of `length`, from a position and for a count.
fn part_length(length: u64, start: i128, count: i128) -> u64 {
    let end = start.saturating_add(count.max(0)).min(i128::from(length) + 1);
    u64::try_from(end - start.max(1)).unwrap_or(0)
}

/// The length grows with the text's and the count; in the start it rises to 1 and falls after it.
fn infer_substring(args: &[Facts]) -> Result<Facts, String> {
    let ((least, most), (first, last)) = (length(args, 0), integer(args, 1));
    let (few, many) = if args.len() > 2 { integer(args, 2) } else { (i128::MAX, i128::MAX) };
    let low = part_length(least, first, few).min(part_length(least, last, few));
    let high = part_length(most, first.max(1).min(last), many);
    let faults = if few < 0 { Faults::of(&[Fault::ArgumentOutOfRange]) } else { Faults::NONE };
    part(args, low, high, faults)
}

fn substring<'a>(_: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let (x, start, count) = match args {
        [Scalar::Text(x), Scalar::Integer(start)] => (*x, i128::from(*start), i128::from(i64::MAX) * 2),
        [Scalar::Text(_), _, Scalar::Integer(count)] if *count < 0 => return Err(Fault::ArgumentOutOfRange),
        [Scalar::Text(x), Scalar::Integer(start), Scalar::Integer(count)] => {
            (*x, i128::from(*start), i128::from(*count))
        }
        _ => return Ok(Scalar::Null),
    };
    let (skip, end) = (size(start - 1), size(start + count - 1));
    let rest = x.get(offset(x, skip)..).unwrap_or("");
    Ok(Scalar::Text(rest.get(..offset(rest, end.saturating_sub(skip))).unwrap_or("")))
}

fn infer_end(args: &[Facts]) -> Result<Facts, String> {
    let ((least, most), (first, last)) = (length(args, 0), integer(args, 1));
    let taken = |length: u64, n: i128| -> u64 {
        let n = if n < 0 { i128::from(length) + n } else { n };
        u64::try_from(n.max(0)).unwrap_or(u64::MAX).min(length)
    };
    let (mut low, mut high) = (u64::MAX, 0);
    for (first, last) in [(first, last.min(-1)), (first.max(0), last)] {
        if first <= last {
            (low, high) = (low.min(taken(least, first)), high.max(taken(most, last)));
        }
    }
    part(args, low, high, Faults::NONE)
}

type Cut = for<'a> fn(&'a str, usize) -> Option<&'a str>;

fn end<'a>(args: &[Scalar<'a>], take: Cut, leave: Cut) -> Scalar<'a> {
    let [Scalar::Text(x), Scalar::Integer(n)] = args else { return Scalar::Null };
    let cut = if *n < 0 { leave } else { take };
    Scalar::Text(cut(x, usize::try_from(n.unsigned_abs()).unwrap_or(usize::MAX)).unwrap_or(""))
}

fn split_part<'a>(_: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::Text(x), Scalar::Text(separator), Scalar::Integer(n)] = args else { return Ok(Scalar::Null) };
    let number = |total: fn(&str, &str) -> usize| {
        let place = usize::try_from(n.unsigned_abs()).ok()?;
        if *n < 0 { total(x, separator).checked_sub(place) } else { place.checked_sub(1) }
    };
    let found = if separator.is_empty() {
        number(|x, _| x.chars().count())
            .and_then(|number| x.get(offset(x, number)..offset(x, number.saturating_add(1))))
    } else {
        number(|x, separator| x.split(separator).count()).and_then(|number| x.split(separator).nth(number))
    };
    Ok(Scalar::Text(found.unwrap_or("")))
}
