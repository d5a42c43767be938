//! Values in their usual form, each read in a few steps whatever its length.
//!
//! What these functions read, the grammar of `reader` and the readers of `record` read to the same value and the same end. Of anything else they push
//! nothing and say none: escapes, exponents, numbers of many digits, white space, values of other types, values at the end of what is at hand.
//! They look at a block of bytes ahead, but go past none that cannot stand in the value, so that they never leave a line.

use super::scan::{BLOCK, plain_length};
use crate::column::{Bits, Column, Text, Values};
use crate::lexical;
use crate::lexical::digits::{digits, value};

/// Pushes the value that `ahead` starts with into its column: what follows it.
///
/// Each type has a function of its own, called rather than inlined, so that the loop over members keeps its registers.
#[inline(always)]
pub(super) fn push<'a>(ahead: &'a [u8], column: &mut Column) -> Option<&'a [u8]> {
    let rest = match column.values_mut() {
        Values::Text(texts) | Values::JsonText(texts) => string(ahead, texts)?,
        Values::Int64(values) => int64(ahead, values)?,
        Values::Float64(values) => double(ahead, values)?,
        Values::Boolean(bits) => boolean(ahead, bits)?,
        Values::Timestamp { values, zone } => timestamp(ahead, zone.is_some(), values)?,
        Values::List { .. } | Values::Struct { .. } => return None,
        other => rarer(ahead, other)?,
    };
    column.pushed();
    Some(rest)
}

/// As [`push`], of a list, whose values are counted, or NULL. Of a list that is not whole the column may hold elements, and none are counted.
#[inline(never)]
pub(super) fn push_other<'a>(ahead: &'a [u8], column: &mut Column, values: &mut usize) -> Option<&'a [u8]> {
    if let Some(elements) = column.elements() {
        let start = elements.len();
        if let [b'[', rest @ ..] = ahead {
            let rest = list(rest, elements)?;
            let all = *values + elements.len() - start;
            if all > MOST || !column.close_list() {
                return None;
            }
            *values = all;
            return Some(rest);
        }
    }
    let rest = ahead.strip_prefix(b"null")?;
    let rest = after(rest, 0)?;
    column.push_null();
    Some(rest)
}

/// Values of the lists of one record, at most.
const MOST: usize = 1 << 16;

/// Elements after a list's bracket.
#[inline(always)]
fn list<'a>(ahead: &'a [u8], elements: &mut Column) -> Option<&'a [u8]> {
    let mut rest = ahead;
    if let [b']', rest @ ..] = rest {
        return Some(rest);
    }
    loop {
        rest = match push(rest, elements)? {
            [b',', b' ', rest @ ..] | [b',', rest @ ..] => rest,
            [b']', rest @ ..] => return Some(rest),
            _ => return None,
        };
    }
}

/// As [`push`], of columns that are not met as often.
#[inline(never)]
fn rarer<'a>(ahead: &'a [u8], values: &mut Values) -> Option<&'a [u8]> {
    match values {
        Values::Decimal { values, precision, scale } => {
            let (number, rest) = number(ahead)?;
            values.push(number.decimal(*precision, *scale)?);
            Some(rest)
        }
        Values::Date(values) => {
            let ([b'"', day @ .., b'"'], rest) = ahead.split_first_chunk::<12>()? else { return None };
            values.push(lexical::date(day)?);
            Some(rest)
        }
        Values::Integer { values, kind } => {
            let (integer, rest) = integer(ahead)?;
            let integer = i128::from(integer);
            if !kind.range().contains(&integer) {
                return None;
            }
            values.push(integer);
            Some(rest)
        }
        _ => None,
    }
}

/// A string without escapes.
#[inline(never)]
fn string<'a>(ahead: &'a [u8], texts: &mut Text) -> Option<&'a [u8]> {
    let [b'"', rest @ ..] = ahead else { return None };
    let block = rest.first_chunk()?;
    let length = plain_length(block);
    if length == BLOCK {
        return long(rest, texts);
    }
    let [b'"', after @ ..] = rest.get(length..)? else { return None };
    texts.push_block(block, length).then_some(after)
}

/// The same from behind its quote on, if it is longer than a block.
#[inline(never)]
fn long<'a>(rest: &'a [u8], texts: &mut Text) -> Option<&'a [u8]> {
    let mut end = BLOCK;
    loop {
        let length = plain_length(rest.get(end..)?.first_chunk()?);
        end += length;
        if length < BLOCK {
            break;
        }
    }
    let (text, [b'"', after @ ..]) = rest.split_at_checked(end)? else { return None };
    texts.push_bytes(text).then_some(after)
}

#[inline(never)]
fn int64<'a>(ahead: &'a [u8], values: &mut Vec<i64>) -> Option<&'a [u8]> {
    let (value, rest) = integer(ahead)?;
    values.push(value);
    Some(rest)
}

#[inline(never)]
fn double<'a>(ahead: &'a [u8], values: &mut Vec<f64>) -> Option<&'a [u8]> {
    let (number, rest) = number(ahead)?;
    values.push(number.double()?);
    Some(rest)
}

/// Eight bytes.
#[inline(always)]
fn word(ahead: &[u8], at: usize) -> Option<u64> {
    let bytes = ahead.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*bytes))
}

/// What follows a number, if it may: else the number goes on.
#[inline(always)]
fn after(ahead: &[u8], end: usize) -> Option<&[u8]> {
    let rest = ahead.get(end..)?;
    matches!(rest.first(), Some(b',' | b'}' | b']')).then_some(rest)
}

/// The digits before a point, at most eight: whether a minus stands before them, their value, how many they are, where they end.
#[inline(always)]
fn leading(ahead: &[u8]) -> Option<(bool, u64, usize, usize)> {
    let negative = ahead.first() == Some(&b'-');
    let start = usize::from(negative);
    let first = word(ahead, start)?;
    let count = digits(first);
    if count == 0 || (first as u8 == b'0' && count > 1) {
        return None;
    }
    Some((negative, value(first, count), count, start + count))
}

/// An integer of at most 15 digits.
#[inline(always)]
fn integer(ahead: &[u8]) -> Option<(i64, &[u8])> {
    let (negative, mut magnitude, count, mut end) = leading(ahead)?;
    if count == 8 {
        let second = word(ahead, end)?;
        let more = digits(second);
        if more == 8 {
            return None;
        }
        if more > 0 {
            magnitude = magnitude * power(more) + value(second, more);
            end += more;
        }
    }
    // Below 10^15.
    let magnitude = magnitude as i64;
    Some((if negative { -magnitude } else { magnitude }, after(ahead, end)?))
}

/// A number without an exponent, of at most eight digits before the point and eight after it.
struct Number {
    negative: bool,
    /// All digits as one integer.
    magnitude: u64,
    /// Digits, and those after the point.
    digits: usize,
    fraction: usize,
}

#[inline(always)]
fn number(ahead: &[u8]) -> Option<(Number, &[u8])> {
    let (negative, mut magnitude, mut count, mut end) = leading(ahead)?;
    let mut fraction = 0;
    if ahead.get(end) == Some(&b'.') {
        let second = word(ahead, end + 1)?;
        fraction = digits(second);
        if fraction == 0 {
            return None;
        }
        magnitude = magnitude * power(fraction) + value(second, fraction);
        count += fraction;
        end += 1 + fraction;
    }
    Some((Number { negative, magnitude, digits: count, fraction }, after(ahead, end)?))
}

impl Number {
    /// The nearest double.
    #[inline(always)]
    fn double(self) -> Option<f64> {
        // Fewer digits are exact, and so is the power: the quotient is rounded once.
        if self.digits > 15 {
            return None;
        }
        let value = self.magnitude as i64 as f64 / DOUBLES.get(self.fraction)?;
        Some(if self.negative { -value } else { value })
    }

    /// The value × 10^scale.
    #[inline(always)]
    fn decimal(self, precision: u8, scale: i8) -> Option<i128> {
        let missing = usize::try_from(scale).ok()?.checked_sub(self.fraction)?;
        if missing > 8 {
            return None;
        }
        // Below 10^24.
        let value = i128::from(self.magnitude) * i128::from(power(missing));
        if value >= 10_i128.checked_pow(precision.into())? {
            return None;
        }
        Some(if self.negative { -value } else { value })
    }
}

/// 10 to the powers up to 8.
const DOUBLES: [f64; 9] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

/// 10 to a power of at most 8.
#[inline(always)]
fn power(exponent: usize) -> u64 {
    match lexical::POWERS.get(exponent) {
        Some(power) => *power,
        None => 0,
    }
}

/// `true` or `false`; which of them it is costs no branch.
#[inline(never)]
fn boolean<'a>(ahead: &'a [u8], bits: &mut Bits) -> Option<&'a [u8]> {
    let word = word(ahead, 0)?;
    let truth = word as u32 == u32::from_le_bytes(*b"true");
    let lie = word & 0xFF_FFFF_FFFF == u64::from_le_bytes(*b"false\0\0\0");
    if !(truth | lie) {
        return None;
    }
    let rest = ahead.get(5 - usize::from(truth)..)?;
    bits.push(truth);
    Some(rest)
}

#[inline(never)]
fn timestamp<'a>(ahead: &'a [u8], zoned: bool, values: &mut Vec<i64>) -> Option<&'a [u8]> {
    let [b'"', rest @ ..] = ahead else { return None };
    let (whole, tail) = rest.split_first_chunk()?;
    let (micros, rest) = match tail {
        [b'Z', b'"', rest @ ..] if zoned => (lexical::whole_seconds(whole)?, rest),
        [b'"', rest @ ..] if !zoned => (lexical::whole_seconds(whole)?, rest),
        _ => {
            let (text, [b'"', rest @ ..]) = rest.split_at_checked(plain_length(rest.first_chunk()?))? else {
                return None;
            };
            (lexical::timestamp(text, zoned)?, rest)
        }
    };
    values.push(micros);
    Some(rest)
}
