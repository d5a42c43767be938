//! Texts rewritten character by character.

use super::lengths::{collected, integer, joined, length, made, made_text, strict, within};
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Family, Function, Kind, Param};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;

const BASE: Function = Function { family: Family::Text, cost: 40, ..Function::BASE };
const X: Param = Param::new("x", Kind::Text);
const FROM: Param = Param::new("from", Kind::Text);
const TO: Param = Param::new("to", Kind::Text);

/// The most scalar values, and the most bytes, that one becomes in upper case, and in lower case.
const UPPER: (u64, u64) = (3, 6);
const LOWER: (u64, u64) = (2, 4);

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "upper",
        aliases: &["ucase"],
        params: &[X],
        infer: |args| infer_case(args, UPPER),
        core: |call, args| cased(call, args, str::make_ascii_uppercase, str::to_uppercase),
        docs: "A text in upper case, by Unicode's default mapping: one character may become several. Fails when the \
               result exceeds 1 MiB.",
        examples: &[("upper('añb')", "AÑB"), ("upper('Straße')", "STRASSE")],
        duckdb: "maps each character to one: upper('ß') is 'ẞ'",
        ..BASE
    },
    Function {
        name: "lower",
        aliases: &["lcase"],
        params: &[X],
        infer: |args| infer_case(args, LOWER),
        core: |call, args| cased(call, args, str::make_ascii_lowercase, str::to_lowercase),
        docs: "A text in lower case, by Unicode's default mapping, a final sigma as such. Fails when the result \
               exceeds 1 MiB.",
        examples: &[("lower('AÑB')", "añb"), ("lower('ΣΑΣ')", "σας")],
        duckdb: "maps each character to one: lower('ΣΑΣ') is 'σασ', lower('İ') is 'i'",
        ..BASE
    },
    Function {
        name: "reverse",
        params: &[X],
        infer: |args| {
            let (low, high) = length(args, 0);
            made_text(args, low, high, Faults::NONE)
        },
        core: |call, args| match args {
            [Scalar::Text(x)] => {
                within(x.len())?;
                collected(call, x.len(), x.chars().rev())
            }
            _ => Ok(Scalar::Null),
        },
        docs: "A text's Unicode scalar values in reverse. Fails when the result exceeds 1 MiB.",
        examples: &[("reverse('abñ')", "ñba"), ("reverse('')", "")],
        duckdb: "keeps together what is seen as one character, as a letter and the accents that follow it",
        ..BASE
    },
    Function {
        name: "replace",
        params: &[X, FROM, TO],
        infer: infer_replace,
        core: replace,
        docs: "A text with another text in place of each occurrence of `from`, from left to right; as it was when \
               `from` is empty. Fails when the result exceeds 1 MiB.",
        examples: &[("replace('abcabc', 'bc', 'x')", "axax"), ("replace('abc', '', 'x')", "abc")],
        ..BASE
    },
    Function {
        name: "translate",
        params: &[X, FROM, TO],
        infer: infer_translate,
        core: translate,
        cost: 60,
        docs: "A text with each character that is in `from` replaced by the one at that place in `to`, or left out \
               when `to` is shorter; the first place counts. Fails when the result exceeds 1 MiB.",
        examples: &[("translate('abcabc', 'ab', 'x')", "xcxc"), ("translate('1-2', '-', '.')", "1.2")],
        ..BASE
    },
    Function {
        name: "chr",
        params: &[Param::new("n", Kind::Integer)],
        infer: infer_chr,
        core: chr,
        cost: 10,
        docs: "The text of one Unicode scalar value. Fails when the number is none: negative, a surrogate, or above \
               1,114,111.",
        examples: &[("chr(97)", "a"), ("chr(241)", "ñ"), ("chr(55296)", "fails: argument-out-of-range")],
        ..BASE
    },
];

fn infer_case(args: &[Facts], (chars, bytes): (u64, u64)) -> Result<Facts, String> {
    let (low, high) = length(args, 0);
    let (_, faults) = made(low, high, bytes);
    let (range, _) = made(low, high.saturating_mul(chars), 1);
    Ok(strict(args, Type::Text, range, faults))
}

fn cased<'a>(
    call: &Call<'a>,
    args: &[Scalar<'a>],
    ascii: fn(&mut str),
    any: fn(&str) -> String,
) -> Result<Scalar<'a>, Fault> {
    let [Scalar::Text(x)] = args else { return Ok(Scalar::Null) };
    if x.is_ascii() {
        within(x.len())?;
        let out = call.arena.alloc_str(x);
        ascii(out);
        return Ok(Scalar::Text(out));
    }
    // The result has at least a third of the bytes: the Kelvin sign becomes `k`.
    within(x.len() / 3)?;
    joined(call, [any(x).as_str()].into_iter())
}

fn infer_replace(args: &[Facts]) -> Result<Facts, String> {
    let ((least, most), (short, long), (few, many)) = (length(args, 0), length(args, 1), length(args, 2));
    let low = if few >= long { least } else { 0 };
    let each = short.max(1);
    let grown = (most / each).saturating_mul(many.saturating_sub(each)).saturating_add(most);
    made_text(args, low, if long == 0 { most } else { grown }, Faults::NONE)
}

fn replace<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::Text(x), Scalar::Text(from), Scalar::Text(to)] = args else { return Ok(Scalar::Null) };
    if from.is_empty() {
        return joined(call, [*x].into_iter());
    }
    joined(call, x.split(from).flat_map(|part| [*to, part]).skip(1))
}

fn infer_translate(args: &[Facts]) -> Result<Facts, String> {
    let ((least, most), (_, from), (to, _)) = (length(args, 0), length(args, 1), length(args, 2));
    made_text(args, if to >= from { least } else { 0 }, most, Faults::NONE)
}

fn translate<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::Text(x), Scalar::Text(from), Scalar::Text(to)] = args else { return Ok(Scalar::Null) };
    let replacements = to.chars().map(Some).chain(std::iter::repeat(None));
    let mut table: Vec<(char, Option<char>)> = from.chars().zip(replacements).collect();
    table.sort_by_key(|(c, _)| *c); // stable: the first place stays first
    table.dedup_by_key(|(c, _)| *c);
    let replaced = |c: char| {
        let place = table.binary_search_by_key(&c, |(c, _)| *c).ok();
        place.and_then(|place| table.get(place)).map_or(Some(c), |(_, replacement)| *replacement)
    };
    collected(call, x.len(), x.chars().filter_map(replaced))
}

fn infer_chr(args: &[Facts]) -> Result<Facts, String> {
    let (low, high) = integer(args, 0);
    let surrogates = (0xD800, 0xDFFF);
    let valid = low >= 0 && high <= 0x10_FFFF && (high < surrogates.0 || low > surrogates.1);
    let faults = if valid { Faults::NONE } else { Faults::of(&[Fault::ArgumentOutOfRange]) };
    Ok(strict(args, Type::Text, Range::Length(1, 1), faults))
}

fn chr<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::Integer(n)] = args else { return Ok(Scalar::Null) };
    let c = u32::try_from(*n).ok().and_then(char::from_u32).ok_or(Fault::ArgumentOutOfRange)?;
    Ok(Scalar::Text(call.arena.alloc_str(c.encode_utf8(&mut [0; 4]))))
}
