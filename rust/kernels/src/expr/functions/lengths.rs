//! What the rooms of texts and lists share: lengths before running, and texts made within the limit.

use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, RESULT_LIMIT};
use crate::expr::scalar::{Constant, Scalar};
use crate::expr::types::Type;
use bumpalo::collections;

/// [`RESULT_LIMIT`] as a length.
pub(super) const LIMIT: u64 = RESULT_LIMIT as u64;
/// Most bytes of a scalar value in UTF-8.
pub(super) const WIDEST: u64 = 4;

/// Is the argument NULL for every record?
pub(super) fn always_null(arg: &Facts) -> bool {
    arg.ty == Type::Null || arg.constant.as_ref().is_some_and(Constant::is_null)
}

/// Least and greatest length of an argument; 0 of one that is always NULL.
pub(super) fn length(args: &[Facts], position: usize) -> (u64, u64) {
    args.get(position).filter(|arg| !always_null(arg)).map_or((0, 0), |arg| arg.range.length())
}

/// Least and greatest value of an integer argument; 0 of one that is always NULL.
pub(super) fn integer(args: &[Facts], position: usize) -> (i128, i128) {
    let every = (i128::from(i64::MIN), i128::from(i64::MAX));
    args.get(position).filter(|arg| !always_null(arg)).map_or((0, 0), |arg| arg.range.exact().unwrap_or(every))
}

/// Facts of a strict function; one that is always NULL has no fault of its own.
pub(super) fn strict(args: &[Facts], ty: Type, range: Range, faults: Faults) -> Facts {
    let faults = if args.iter().any(always_null) { Faults::NONE } else { faults };
    Facts::strict(args, ty, range, faults)
}

/// Facts of a function with its own null rule.
pub(super) fn own(args: &[Facts], ty: Type, nullable: bool, range: Range, faults: Faults) -> Facts {
    Facts { nullable, ..Facts::strict(args, ty, range, faults) }
}

/// A strict function's truth value, of which nothing is known.
pub(super) fn truth(args: &[Facts]) -> Result<Facts, String> {
    Ok(strict(args, Type::Boolean, Range::TRUTH, Faults::NONE))
}

/// A length as an integer's range.
pub(super) fn counts(low: u64, high: u64) -> Range {
    let most = i64::MAX as u64;
    Range::Exact(low.min(most).into(), high.min(most).into())
}

/// Facts of a text that is a part of an argument.
pub(super) fn part(args: &[Facts], low: u64, high: u64, faults: Faults) -> Result<Facts, String> {
    Ok(strict(args, Type::Text, Range::Length(low.min(high), high), faults))
}

/// Range and faults of a text that is made, of so many scalar values of at most `width` bytes each.
pub(super) fn made(low: u64, high: u64, width: u64) -> (Range, Faults) {
    let fits = high.saturating_mul(width) <= LIMIT;
    let faults = if fits { Faults::NONE } else { Faults::of(&[Fault::ResultTooLarge]) };
    let high = high.min(LIMIT);
    (Range::Length(low.min(high), high), faults)
}

/// Facts of a strict function that makes a text.
pub(super) fn made_text(args: &[Facts], low: u64, high: u64, faults: Faults) -> Result<Facts, String> {
    let (range, large) = made(low, high, WIDEST);
    Ok(strict(args, Type::Text, range, large.and(faults)))
}

/// Refuses more bytes, or items, than the limit.
pub(super) fn within(size: usize) -> Result<(), Fault> {
    if size <= RESULT_LIMIT { Ok(()) } else { Err(Fault::ResultTooLarge) }
}

/// The parts, one after the other.
pub(super) fn joined<'a, 'p>(
    call: &Call<'a>,
    parts: impl Iterator<Item = &'p str> + Clone,
) -> Result<Scalar<'a>, Fault> {
    let bytes = parts.clone().try_fold(0_usize, |sum, part| sum.checked_add(part.len()));
    let bytes = bytes.ok_or(Fault::ResultTooLarge)?;
    within(bytes)?;
    let mut out = collections::String::with_capacity_in(bytes, call.arena);
    parts.for_each(|part| out.push_str(part));
    Ok(Scalar::Text(out.into_bump_str()))
}

/// The scalar values as a text.
pub(super) fn collected<'a>(
    call: &Call<'a>,
    bytes: usize,
    chars: impl Iterator<Item = char>,
) -> Result<Scalar<'a>, Fault> {
    let mut out = collections::String::with_capacity_in(bytes.min(RESULT_LIMIT), call.arena);
    for c in chars {
        within(out.len() + c.len_utf8())?;
        out.push(c);
    }
    Ok(Scalar::Text(out.into_bump_str()))
}

/// The byte at which the scalar value of a number, from 0, begins; the end when there are fewer.
pub(super) fn offset(x: &str, number: usize) -> usize {
    if x.is_ascii() {
        return number.min(x.len());
    }
    x.char_indices().nth(number).map_or(x.len(), |(at, _)| at)
}

/// The byte at which the last `number` scalar values begin; 0 when there are fewer.
pub(super) fn offset_from_end(x: &str, number: usize) -> usize {
    match number.checked_sub(1) {
        None => x.len(),
        Some(_) if x.is_ascii() => x.len().saturating_sub(number),
        Some(before) => x.char_indices().rev().nth(before).map_or(0, |(at, _)| at),
    }
}

/// A length as a value.
pub(super) fn count<'a>(length: usize) -> Scalar<'a> {
    Scalar::Integer(i64::try_from(length).unwrap_or(i64::MAX))
}

/// A count from an integer that is not negative; one beyond the address space is beyond every length.
pub(super) fn size(value: i128) -> usize {
    usize::try_from(value.max(0)).unwrap_or(usize::MAX)
}
