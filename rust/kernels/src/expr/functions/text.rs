//! Texts measured and searched.

use super::lengths::{count, counts, length, strict, truth};
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Family, Function, Kind, Param};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;

const BASE: Function = Function { family: Family::Text, ..Function::BASE };
const X: Param = Param::new("x", Kind::Text);
const TWO: &[Param] = &[X, Param::new("part", Kind::Text)];

/// Most steps that [`levenshtein`] takes: the product of its arguments' lengths.
pub const DISTANCE_STEPS: u64 = 1 << 24;

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "length",
        aliases: &["char_length", "character_length"],
        params: &[X],
        infer: |args| {
            let (low, high) = length(args, 0);
            Ok(strict(args, Type::Integer, counts(low, high), Faults::NONE))
        },
        core: |_, args| {
            Ok(match args {
                [Scalar::Text(x)] if x.is_ascii() => count(x.len()),
                [Scalar::Text(x)] => count(x.chars().count()),
                _ => Scalar::Null,
            })
        },
        cost: 5,
        docs: "The number of Unicode scalar values in a text.",
        examples: &[("length('añb')", "3"), ("length('')", "0")],
        duckdb: "takes lists too: say `len`",
        ..BASE
    },
    Function {
        name: "octet_length",
        aliases: &["strlen"],
        params: &[Param::new("x", Kind::Bytes)],
        infer: infer_octet_length,
        core: |_, args| {
            Ok(match args {
                [Scalar::Text(x)] => count(x.len()),
                [Scalar::Binary(x)] => count(x.len()),
                _ => Scalar::Null,
            })
        },
        cost: 2,
        docs: "The number of bytes in a binary, or in a text as UTF-8.",
        examples: &[("octet_length('añb')", "4"), ("octet_length('')", "0")],
        duckdb: "`octet_length` takes no text and `strlen` no binary there",
        ..BASE
    },
    Function {
        name: "strpos",
        aliases: &["instr"],
        params: TWO,
        infer: |args| {
            let ((_, most), (least, _)) = (length(args, 0), length(args, 1));
            let last = most.checked_sub(least).map_or(0, |last| last.saturating_add(1));
            Ok(strict(args, Type::Integer, counts(0, last), Faults::NONE))
        },
        core: strpos,
        cost: 20,
        docs: "The position, from 1, at which a text first holds another, 0 when it does not; the empty text is at 1.",
        examples: &[("strpos('añb', 'b')", "3"), ("strpos('abc', 'x')", "0"), ("strpos('abc', '')", "1")],
        ..BASE
    },
    Function {
        name: "starts_with",
        aliases: &["prefix"],
        params: TWO,
        infer: truth,
        core: |_, args| Ok(compare(args, |x, part| x.starts_with(part))),
        cost: 5,
        docs: "Whether a text starts with another.",
        examples: &[("starts_with('abc', 'ab')", "true"), ("starts_with('abc', 'b')", "false")],
        ..BASE
    },
    Function {
        name: "ends_with",
        aliases: &["suffix"],
        params: TWO,
        infer: truth,
        core: |_, args| Ok(compare(args, |x, part| x.ends_with(part))),
        cost: 5,
        docs: "Whether a text ends with another.",
        examples: &[("ends_with('abc', 'bc')", "true"), ("ends_with('abc', 'b')", "false")],
        ..BASE
    },
    Function {
        name: "contains",
        params: TWO,
        infer: truth,
        core: |_, args| Ok(compare(args, |x, part| x.contains(part))),
        cost: 20,
        docs: "Whether a text holds another.",
        examples: &[("contains('abc', 'b')", "true"), ("contains('abc', '')", "true"), ("contains('a', 'b')", "false")],
        duckdb: "takes lists and maps too: say `list_contains`",
        ..BASE
    },
    Function {
        name: "ascii",
        params: &[X],
        infer: |args| infer_first(args, 0),
        core: |_, args| Ok(first(args, 0)),
        cost: 3,
        docs: "The number of a text's first Unicode scalar value, 0 for the empty text.",
        examples: &[("ascii('a')", "97"), ("ascii('ñ')", "241"), ("ascii('')", "0")],
        ..BASE
    },
    Function {
        name: "unicode",
        aliases: &["ord"],
        params: &[X],
        infer: |args| infer_first(args, -1),
        core: |_, args| Ok(first(args, -1)),
        cost: 3,
        docs: "The number of a text's first Unicode scalar value, -1 for the empty text.",
        examples: &[("unicode('ñ')", "241"), ("unicode('')", "-1")],
        ..BASE
    },
    Function {
        name: "levenshtein",
        aliases: &["editdist3"],
        params: &[X, Param::new("y", Kind::Text)],
        infer: infer_levenshtein,
        core: levenshtein,
        cost: 300,
        docs: "The least number of scalar values to insert, delete or replace that turns one text into another. \
               Fails when the product of their lengths exceeds 16,777,216.",
        examples: &[("levenshtein('kitten', 'sitting')", "3"), ("levenshtein('ñ', 'n')", "1")],
        duckdb: "counts bytes: levenshtein('ñ', 'n') is 2",
        ..BASE
    },
];

fn infer_octet_length(args: &[Facts]) -> Result<Facts, String> {
    let (low, high) = length(args, 0);
    let text = args.first().is_some_and(|x| x.ty == Type::Text);
    let high = if text { high.saturating_mul(super::lengths::WIDEST) } else { high };
    Ok(strict(args, Type::Integer, counts(low, high), Faults::NONE))
}

fn strpos<'a>(_: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::Text(x), Scalar::Text(part)] = args else { return Ok(Scalar::Null) };
    let before = x.find(part).and_then(|at| x.get(..at));
    Ok(before.map_or(Scalar::Integer(0), |before| count(before.chars().count() + 1)))
}

fn compare<'a>(args: &[Scalar<'a>], test: fn(&str, &str) -> bool) -> Scalar<'a> {
    match args {
        [Scalar::Text(x), Scalar::Text(part)] => Scalar::Boolean(test(x, part)),
        _ => Scalar::Null,
    }
}

fn infer_first(args: &[Facts], empty: i64) -> Result<Facts, String> {
    let (low, high) = length(args, 0);
    let least = if low == 0 { empty.min(0) } else { 0 };
    let most = if high == 0 { i128::from(empty) } else { i128::from(u32::from(char::MAX)) };
    Ok(strict(args, Type::Integer, Range::Exact(least.into(), most), Faults::NONE))
}

fn first<'a>(args: &[Scalar<'a>], empty: i64) -> Scalar<'a> {
    match args {
        [Scalar::Text(x)] => Scalar::Integer(x.chars().next().map_or(empty, |c| i64::from(u32::from(c)))),
        _ => Scalar::Null,
    }
}

fn infer_levenshtein(args: &[Facts]) -> Result<Facts, String> {
    let ((a, b), (c, d)) = (length(args, 0), length(args, 1));
    let least = a.saturating_sub(d).max(c.saturating_sub(b));
    let far = b.saturating_mul(d) > DISTANCE_STEPS;
    let faults = if far { Faults::of(&[Fault::ArgumentOutOfRange]) } else { Faults::NONE };
    Ok(strict(args, Type::Integer, counts(least, b.max(d)), faults))
}

fn levenshtein<'a>(_: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::Text(x), Scalar::Text(y)] = args else { return Ok(Scalar::Null) };
    let (n, m) = (x.chars().count() as u64, y.chars().count() as u64);
    if n.saturating_mul(m) > DISTANCE_STEPS {
        return Err(Fault::ArgumentOutOfRange);
    }
    let (x, y) = if n < m { (y, x) } else { (x, y) };
    let y: Vec<char> = y.chars().collect();
    Ok(count(distance(x.chars(), &y)))
}

/// The edit distance, by rows of the usual table; `row` holds the distances from what was read of `x` to each start of `y`.
fn distance(x: impl Iterator<Item = char>, y: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=y.len()).collect();
    for (read, a) in x.enumerate() {
        let (mut diagonal, mut left) = (read, read + 1);
        let mut cells = row.iter_mut();
        if let Some(first) = cells.next() {
            *first = left;
        }
        for (cell, b) in cells.zip(y) {
            let above = *cell;
            left = (diagonal + usize::from(a != *b)).min(above + 1).min(left + 1);
            *cell = left;
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or(0)
}
