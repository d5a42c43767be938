//! Dates, times and timestamps as RFC 3339 writes them, with what ISO 8601 users leave out: seconds and the offset.

use jiff::civil::Date;

use super::exact::Place;

pub(super) const DAY_NANOS: i128 = 86_400_000_000_000;

/// A time of day with the offset that was written beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// Nanoseconds since midnight; a second of 60 counts as 59.
    pub(super) nanos: i128,
    /// Digits beyond the nanosecond are not all zero.
    pub(super) finer: bool,
    pub(super) has_seconds: bool,
    pub(super) leap: bool,
    /// Seconds east of UTC.
    pub(super) offset: Option<i32>,
}

/// A point in time: nanoseconds since 1970-01-01T00:00:00, of UTC if there is an offset, else on the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) nanos: i128,
    pub(super) finer: bool,
    pub(super) zoned: bool,
}

/// Days since 1970-01-01 of `YYYY-MM-DD`.
pub(super) fn date(text: &str) -> Option<i32> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else {
        return None;
    };
    let year = number(&[y1, y2, y3, y4])?;
    let month = number(&[m1, m2])?;
    let day = number(&[d1, d2])?;
    let date = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let epoch = Date::new(1970, 1, 1).ok()?;
    epoch.until(date).ok().map(|span| span.get_days())
}

/// `HH:MM[:SS[.fraction]][Z|±HH:MM]`.
pub(super) fn clock(text: &str) -> Option<Clock> {
    let (text, offset) = split_offset(text)?;
    let (hours, rest) = two(text.as_bytes())?;
    let (minutes, rest) = two(after(rest, b':')?)?;
    let (seconds, rest) = match rest {
        [] => (None, rest),
        _ => two(after(rest, b':')?).map(|(value, rest)| (Some(value), rest))?,
    };
    let (fraction, finer) = match rest {
        [] => (0, false),
        _ => fraction(after(rest, b'.')?)?,
    };
    let second = seconds.unwrap_or(0);
    if hours > 23 || minutes > 59 || second > 60 {
        return None;
    }
    let whole = i128::from(hours * 3600 + minutes * 60 + second.min(59));
    Some(Clock {
        nanos: whole * 1_000_000_000 + i128::from(fraction),
        finer,
        has_seconds: seconds.is_some(),
        leap: second == 60,
        offset,
    })
}

/// A date, then `T` or a space, then a [`clock`] without a leap second. A date alone is its midnight.
pub(super) fn stamp(text: &str) -> Option<Stamp> {
    let (days, clock) = parts(text).filter(|(_, clock)| clock.is_none_or(|clock| !clock.leap))?;
    let midnight = i128::from(days) * DAY_NANOS;
    let Some(clock) = clock else {
        return Some(Stamp { nanos: midnight, finer: false, zoned: false });
    };
    let east = i128::from(clock.offset.unwrap_or(0)) * 1_000_000_000;
    Some(Stamp { nanos: midnight + clock.nanos - east, finer: clock.finer, zoned: clock.offset.is_some() })
}

/// Days and, if written, the time of day.
pub(super) fn parts(text: &str) -> Option<(i32, Option<Clock>)> {
    if text.len() == 10 {
        return Some((date(text)?, None));
    }
    let (day, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    Some((date(day)?, Some(clock(rest)?)))
}

/// Where a count of nanoseconds lies among units of `unit` nanoseconds.
pub(super) fn place(nanos: i128, finer: bool, unit: i128) -> Place {
    Place { floor: nanos.div_euclid(unit).into(), between: finer || nanos.rem_euclid(unit) != 0 }
}

fn split_offset(text: &str) -> Option<(&str, Option<i32>)> {
    if let Some(rest) = text.strip_suffix(['Z', 'z']) {
        return Some((rest, Some(0)));
    }
    let Some(at) = text.find(['+', '-']) else {
        return Some((text, None));
    };
    let (rest, offset) = text.split_at_checked(at)?;
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = two(offset.as_bytes().get(1..)?)?;
    let (minutes, end) = two(after(minutes, b':')?)?;
    let valid = hours <= 23 && minutes <= 59 && end.is_empty();
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    valid.then_some((rest, Some(sign * seconds)))
}

fn fraction(digits: &[u8]) -> Option<(u32, bool)> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let padded = digits.iter().copied().chain(std::iter::repeat(b'0')).take(9);
    let nanos = padded.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    Some((nanos, digits.iter().skip(9).any(|digit| *digit != b'0')))
}

fn two(text: &[u8]) -> Option<(u32, &[u8])> {
    let (head, rest) = text.split_at_checked(2)?;
    Some((number(head)?, rest))
}

fn after(text: &[u8], byte: u8) -> Option<&[u8]> {
    text.split_first().filter(|(first, _)| **first == byte).map(|(_, rest)| rest)
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
}
