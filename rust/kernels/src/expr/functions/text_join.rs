//! Texts put together from others.

use super::lengths::{
    WIDEST, always_null, integer, joined, length, made, made_text, offset, own, size, strict, within,
};
use crate::expr::facts::Facts;
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Family, Function, Kind, Nulls, Param};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;

const BASE: Function = Function { family: Family::Text, cost: 40, ..Function::BASE };
const X: Param = Param::new("x", Kind::Text);
const PAD: &[Param] = &[X, Param::new("n", Kind::Integer), Param::new("fill", Kind::Text)];

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "concat",
        params: &[X],
        variadic: true,
        nulls: Nulls::Own,
        infer: |args| Ok(infer_concat(args, (0, 0), false)),
        core: |call, args| joined(call, args.iter().filter_map(text)),
        docs: "The texts one after the other. NULLs are skipped; the result is never NULL. Fails when it exceeds 1 MiB.",
        examples: &[("concat('a', 'b', 'c')", "abc"), ("concat('a', NULL)", "a"), ("concat(NULL)", "")],
        duckdb: "takes every type and converts it to text: say CAST",
        ..BASE
    },
    Function {
        name: "concat_ws",
        params: &[Param::new("separator", Kind::Text), X],
        variadic: true,
        nulls: Nulls::Own,
        infer: |args| {
            let (separator, texts) = args.split_at(args.len().min(1));
            let facts = infer_concat(texts, length(separator, 0), separator.iter().any(|arg| arg.nullable));
            let faults = separator.iter().fold(facts.faults, |all, arg| all.and(arg.faults));
            Ok(Facts { faults, ..facts })
        },
        core: concat_ws,
        docs: "The texts after the first one after the other, with the first between them. NULLs are skipped; the \
               result is NULL only when the first is. Fails when it exceeds 1 MiB.",
        examples: &[
            ("concat_ws(', ', 'a', NULL, 'b')", "a, b"),
            ("concat_ws(',', NULL)", ""),
            ("concat_ws(NULL, 'a')", "NULL"),
        ],
        duckdb: "takes every type and converts it to text: say CAST",
        ..BASE
    },
    Function {
        name: "string_concat",
        params: &[Param::new("x", Kind::Bytes), Param::new("y", Kind::Bytes)],
        infer: infer_string_concat,
        core: string_concat,
        docs: "Two texts, or two binaries, one after the other: the operator `||`. Fails when the result exceeds 1 MiB.",
        examples: &[("'a' || 'b'", "ab"), ("'a' || NULL", "NULL")],
        duckdb: "absent; `||` is the same",
        ..BASE
    },
    Function {
        name: "repeat",
        params: &[X, Param::new("n", Kind::Integer)],
        infer: infer_repeat,
        core: repeat,
        docs: "A text n times; empty when n is negative. Fails when the result exceeds 1 MiB.",
        examples: &[
            ("repeat('ab', 2)", "abab"),
            ("repeat('ab', -1)", ""),
            ("repeat('ab', 1000000)", "fails: result-too-large"),
        ],
        duckdb: "has no limit, and takes binaries and lists",
        ..BASE
    },
    Function {
        name: "lpad",
        params: PAD,
        infer: infer_pad,
        core: |call, args| pad(call, args, true),
        docs: "A text brought to n characters: filled up at its start with `fill` over and over, or its first n. Fails \
               when there is something to fill with the empty text, and when the result exceeds 1 MiB.",
        examples: &[
            ("lpad('abc', 6, 'xy')", "xyxabc"),
            ("lpad('abc', 2, ' ')", "ab"),
            ("lpad('a', 2, '')", "fails: argument-out-of-range"),
        ],
        duckdb: LIMITED,
        ..BASE
    },
    Function {
        name: "rpad",
        params: PAD,
        infer: infer_pad,
        core: |call, args| pad(call, args, false),
        docs: "A text brought to n characters: filled up at its end with `fill` over and over, or its first n. Fails \
               when there is something to fill with the empty text, and when the result exceeds 1 MiB.",
        examples: &[("rpad('abc', 6, 'xy')", "abcxyx"), ("rpad('abc', 2, ' ')", "ab")],
        duckdb: LIMITED,
        ..BASE
    },
];

const LIMITED: &str = "has no limit";

fn text<'a>(value: &Scalar<'a>) -> Option<&'a str> {
    match value {
        Scalar::Text(x) => Some(x),
        _ => None,
    }
}

/// Facts of texts with a separator between them, of which NULL ones are skipped.
fn infer_concat(args: &[Facts], separator: (u64, u64), nullable: bool) -> Facts {
    let (mut low, mut high) = (0_u64, 0_u64);
    let (mut surely, mut perhaps) = (0_u64, 0_u64);
    for (position, arg) in args.iter().enumerate().filter(|(_, arg)| !always_null(arg)) {
        let (least, most) = length(args, position);
        let certain = u64::from(!arg.nullable);
        low = low.saturating_add(least * certain);
        high = high.saturating_add(most);
        (surely, perhaps) = (surely + certain, perhaps + 1);
    }
    low = low.saturating_add(separator.0.saturating_mul(surely.saturating_sub(1)));
    high = high.saturating_add(separator.1.saturating_mul(perhaps.saturating_sub(1)));
    let (range, faults) = made(low, high, WIDEST);
    own(args, Type::Text, nullable, range, faults)
}

fn concat_ws<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::Text(separator), texts @ ..] = args else { return Ok(Scalar::Null) };
    let parts = texts.iter().filter_map(text).flat_map(|x| [*separator, x]);
    joined(call, parts.skip(1))
}

fn infer_string_concat(args: &[Facts]) -> Result<Facts, String> {
    let mut types = args.iter().map(|arg| &arg.ty).filter(|ty| **ty != Type::Null);
    let Some(ty) = types.next() else { return Ok(Facts::strict_any(args, Type::Null, Faults::NONE)) };
    if let Some(other) = types.find(|other| *other != ty) {
        return Err(format!("{ty} and {other} cannot be put together"));
    }
    let ((a, b), (c, d)) = (length(args, 0), length(args, 1));
    let width = if *ty == Type::Text { WIDEST } else { 1 };
    let (range, faults) = made(a.saturating_add(c), b.saturating_add(d), width);
    Ok(strict(args, ty.clone(), range, faults))
}

fn string_concat<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    match args {
        [Scalar::Text(x), Scalar::Text(y)] => joined(call, [*x, *y].into_iter()),
        [Scalar::Binary(x), Scalar::Binary(y)] => {
            within(x.len().saturating_add(y.len()))?;
            let bytes = x.iter().chain(y.iter()).copied();
            Ok(Scalar::Binary(bumpalo::collections::Vec::from_iter_in(bytes, call.arena).into_bump_slice()))
        }
        _ => Ok(Scalar::Null),
    }
}

fn infer_repeat(args: &[Facts]) -> Result<Facts, String> {
    let ((least, most), (few, many)) = (length(args, 0), integer(args, 1));
    let times = |n: i128| u64::try_from(n.max(0)).unwrap_or(u64::MAX);
    made_text(args, least.saturating_mul(times(few)), most.saturating_mul(times(many)), Faults::NONE)
}

fn repeat<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::Text(x), Scalar::Integer(n)] = args else { return Ok(Scalar::Null) };
    let times = if x.is_empty() { 0 } else { size((*n).into()) };
    within(x.len().saturating_mul(times))?;
    joined(call, std::iter::repeat_n(*x, times))
}

fn infer_pad(args: &[Facts]) -> Result<Facts, String> {
    let ((least, _), (few, many)) = (length(args, 0), integer(args, 1));
    let length_of = |n: i128| u64::try_from(n.max(0)).unwrap_or(u64::MAX);
    let unfilled = length(args, 2).0 == 0 && length_of(many) > least;
    let faults = if unfilled { Faults::of(&[Fault::ArgumentOutOfRange]) } else { Faults::NONE };
    made_text(args, length_of(few), length_of(many), faults)
}

fn pad<'a>(call: &Call<'a>, args: &[Scalar<'a>], start: bool) -> Result<Scalar<'a>, Fault> {
    let [Scalar::Text(x), Scalar::Integer(n), Scalar::Text(fill)] = args else { return Ok(Scalar::Null) };
    let n = size((*n).into());
    let length = x.chars().count();
    let Some(missing) = n.checked_sub(length).filter(|missing| *missing > 0) else {
        return joined(call, x.get(..offset(x, n)).into_iter());
    };
    let each = fill.chars().count();
    let Some((times, rest)) = missing.checked_div(each).zip(missing.checked_rem(each)) else {
        return Err(Fault::ArgumentOutOfRange);
    };
    within(fill.len().saturating_mul(times))?;
    let rest = fill.get(..offset(fill, rest)).unwrap_or("");
    let filling = std::iter::repeat_n(*fill, times).chain([rest]);
    if start { joined(call, filling.chain([*x])) } else { joined(call, [*x].into_iter().chain(filling)) }
}
