//! Dates, times and intervals as text, read strictly (S6.5, S6.21).

use super::calendar::{self, DAY_NANOS};
use super::types::Unit;

const SECOND: i128 = 1_000_000_000;

/// Days since 1970-01-01 of `[-]YYYY-MM-DD`.
pub fn parse_date(text: &str) -> Option<i64> {
    let (negative, text) = signed(text, false);
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else {
        return None;
    };
    let year = number(&[y1, y2, y3, y4])?;
    let year = match negative {
        true if year == 0 => return None,
        true => -year,
        false => year,
    };
    calendar::days(year, number(&[m1, m2])?, number(&[d1, d2])?)
}

/// Nanoseconds since midnight of `HH:MM[:SS[.fraction]]`; none if the fraction is finer than a nanosecond.
pub fn parse_time(text: &str) -> Option<i64> {
    let (hours, rest) = two(text.as_bytes())?;
    let (minutes, rest) = two(after(rest, b':')?)?;
    let (seconds, rest) = match rest {
        [] => (0, rest),
        _ => two(after(rest, b':')?)?,
    };
    let nanos = match rest {
        [] => 0,
        _ => fraction(after(rest, b'.')?)?,
    };
    let fits = hours < 24 && minutes < 60 && seconds < 60;
    fits.then(|| (hours * 3600 + minutes * 60 + seconds) * 1_000_000_000 + nanos)
}

/// Ticks of a date, or of a date, a blank or `T`, a time and perhaps a zone (`Z`, `±HH:MM`, `±HH`); and whether there was a
/// zone, in which case the ticks are those of UTC. None if it is finer than the unit or lies outside of the calendar or of
/// what the unit holds.
pub fn parse_timestamp(text: &str, unit: Unit) -> Option<(i64, bool)> {
    let date_length = if text.starts_with('-') { 11 } else { 10 };
    let (date, rest) = text.split_at_checked(date_length)?;
    let days = parse_date(date)?;
    let (nanos, offset) = match rest.strip_prefix([' ', 'T']) {
        Some(rest) => {
            let (clock, offset) = split_offset(rest)?;
            (parse_time(clock)?, offset)
        }
        None if rest.is_empty() => (0, None),
        None => return None,
    };
    let east = i128::from(offset.unwrap_or(0)) * SECOND;
    let total = i128::from(days) * i128::from(DAY_NANOS) + i128::from(nanos) - east;
    let ticks = exact_ticks(total, unit)?;
    let (least, most) = calendar::tick_range(unit);
    (least..=most).contains(&ticks).then_some((ticks, offset.is_some()))
}

/// Ticks of a count of nanoseconds; none if the unit cannot hold it.
pub fn exact_ticks(nanos: i128, unit: Unit) -> Option<i64> {
    let per_tick = i128::from(unit.nanoseconds());
    (nanos % per_tick == 0).then(|| i64::try_from(nanos / per_tick).ok())?
}

/// Seconds east of UTC.
fn split_offset(text: &str) -> Option<(&str, Option<i64>)> {
    if let Some(rest) = text.strip_suffix('Z') {
        return Some((rest, Some(0)));
    }
    let Some(at) = text.find(['+', '-']) else {
        return Some((text, None));
    };
    let (clock, offset) = text.split_at_checked(at)?;
    let (negative, offset) = signed(offset, true);
    let (hours, rest) = two(offset.as_bytes())?;
    let (minutes, rest) = match rest {
        [] => (0, rest),
        _ => two(after(rest, b':')?)?,
    };
    let seconds = hours * 3600 + minutes * 60;
    let fits = hours < 24 && minutes < 60 && rest.is_empty();
    fits.then_some((clock, Some(if negative { -seconds } else { seconds })))
}

/// Months, and nanoseconds of the rest, of either
/// - amounts and units in any number, each with its own sign, and perhaps a time last: `1 day 2 hours`, `-1 day 01:30:00`, or
/// - ISO 8601: `P1Y2M3DT4H5M6.5S`, `-P2W`.
///
/// A day is 24 hours. Only what is no months may have a fraction, of whole nanoseconds.
pub fn parse_interval(text: &str) -> Option<(i32, i128)> {
    let (negative, unsigned) = signed(text, true);
    let (months, nanos) = match unsigned.strip_prefix(['P', 'p']) {
        Some(rest) => {
            let (months, nanos) = iso_interval(rest)?;
            if negative { (-months, -nanos) } else { (months, nanos) }
        }
        None => worded_interval(text)?,
    };
    Some((i32::try_from(months).ok()?, nanos))
}

type Amount = (i128, i128);

fn worded_interval(text: &str) -> Option<Amount> {
    let mut words = text.split(' ').filter(|word| !word.is_empty()).peekable();
    words.peek()?;
    let mut sum = (0, 0);
    while let Some(word) = words.next() {
        let part = if word.contains(':') {
            // A clock has no unit, so that it can only be the last.
            words.peek().is_none().then(|| clock_interval(word))??
        } else {
            let unit = words.next()?.to_ascii_lowercase();
            amount(word, worded_unit(unit.strip_suffix('s').unwrap_or(&unit))?)?
        };
        sum = add(sum, part)?;
    }
    Some(sum)
}

/// `[-]HH:MM[:SS[.fraction]]` with hours of any number of digits.
fn clock_interval(text: &str) -> Option<Amount> {
    let (negative, text) = signed(text, true);
    let (hours, rest) = text.split_once(':')?;
    // Minutes and seconds are read as a time's.
    let rest = parse_time(&format!("00:{rest}"))?;
    let (_, hours) = amount(hours, (0, 3600 * SECOND)).filter(|_| !hours.contains(['.', '-', '+']))?;
    let nanos = hours.checked_add(rest.into())?;
    Some((0, if negative { -nanos } else { nanos }))
}

fn iso_interval(text: &str) -> Option<Amount> {
    let (date, time) = match text.split_once(['T', 't']) {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None if text.is_empty() => return None,
        None => (text, ""),
    };
    let date = iso_parts(date, &[('Y', (12, 0)), ('M', (1, 0)), ('W', (0, 7 * 86_400)), ('D', (0, 86_400))])?;
    let time = iso_parts(time, &[('H', (0, 3600)), ('M', (0, 60)), ('S', (0, 1))])?;
    add(date, time)
}

/// Amounts with designators in the order of the table, each at most once; the table is in months and seconds.
fn iso_parts(mut text: &str, table: &[(char, Amount)]) -> Option<Amount> {
    let mut sum = (0, 0);
    for (designator, (months, seconds)) in table {
        let Some(end) = text.find(|c: char| c.is_ascii_alphabetic()) else { break };
        let (digits, rest) = text.split_at_checked(end)?;
        let Some(rest) = rest.strip_prefix([*designator, designator.to_ascii_lowercase()]) else { continue };
        if digits.starts_with(['+', '-']) {
            return None;
        }
        sum = add(sum, amount(digits, (*months, seconds * SECOND))?)?;
        text = rest;
    }
    text.is_empty().then_some(sum)
}

fn worded_unit(unit: &str) -> Option<Amount> {
    Some(match unit {
        "year" => (12, 0),
        "quarter" => (3, 0),
        "month" => (1, 0),
        "week" => (0, 7 * 86_400 * SECOND),
        "day" => (0, 86_400 * SECOND),
        "hour" => (0, 3600 * SECOND),
        "minute" => (0, 60 * SECOND),
        "second" => (0, SECOND),
        "millisecond" => (0, 1_000_000),
        "microsecond" => (0, 1_000),
        "nanosecond" => (0, 1),
        _ => return None,
    })
}

/// So many of a unit.
fn amount(text: &str, (months, nanos): Amount) -> Option<Amount> {
    let (negative, digits) = signed(text, true);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || (months != 0 && digits.contains('.')) {
        return None;
    }
    let whole: i128 = whole.parse().ok()?;
    let mut sum = (whole.checked_mul(months)?, whole.checked_mul(nanos)?);
    let mut place = nanos;
    for digit in fraction.trim_end_matches('0').bytes() {
        if place % 10 != 0 {
            return None;
        }
        place /= 10;
        sum.1 = sum.1.checked_add(place * i128::from(digit - b'0'))?;
    }
    Some(if negative { (-sum.0, -sum.1) } else { sum })
}

fn add(a: Amount, b: Amount) -> Option<Amount> {
    Some((a.0.checked_add(b.0)?, a.1.checked_add(b.1)?))
}

/// Takes a sign off; a plus only where one may be.
fn signed(text: &str, plus: bool) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').filter(|_| plus).unwrap_or(text)),
    }
}

/// Nanoseconds of the digits after a point.
fn fraction(digits: &[u8]) -> Option<i64> {
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let finer = digits.iter().skip(9).any(|digit| *digit != b'0');
    let padded = digits.iter().copied().chain(std::iter::repeat(b'0')).take(9);
    (plain && !finer).then(|| padded.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

fn two(text: &[u8]) -> Option<(i64, &[u8])> {
    let (head, rest) = text.split_at_checked(2)?;
    Some((number(head)?, rest))
}

fn after(text: &[u8], byte: u8) -> Option<&[u8]> {
    text.split_first().filter(|(first, _)| **first == byte).map(|(_, rest)| rest)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
}
