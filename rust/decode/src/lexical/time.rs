//! Dates, times, timestamps.

use guard_kernels::expr::calendar;

use super::digit;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// 0001-01-01.
const FIRST_DAY: i64 = -719_162;

/// Two digits, or a number over 99.
#[inline(always)]
fn two(tens: u8, ones: u8) -> u32 {
    let (tens, ones) = (u32::from(digit(tens)), u32::from(digit(ones)));
    if tens > 9 || ones > 9 { 100 } else { tens * 10 + ones }
}

/// Days from 1970-01-01 to `YYYY-MM-DD`, years 0001 to 9999.
#[inline]
pub fn date(text: &[u8]) -> Option<i32> {
    <&[u8; 10]>::try_from(text).ok().and_then(days)
}

#[inline(always)]
fn days(text: &[u8; 10]) -> Option<i32> {
    let [y1, y2, rest @ ..] = text;
    let century = two(*y1, *y2);
    let [of_century, month, day] = pairs(rest, b'-')?;
    let year = century * 100 + of_century;
    let fits = century < 100 && year > 0 && month.wrapping_sub(1) < 12 && day.wrapping_sub(1) < 28;
    if !fits {
        return late_day(century, of_century, month, day);
    }
    Some(day_number(year, month, day))
}

/// Three numbers of two digits with a separator before the second and the third.
#[inline(always)]
fn pairs(text: &[u8; 8], separator: u8) -> Option<[u32; 3]> {
    let form = 0x3030_0030_3000_3030 | (0x0000_0100_0001_0000 * u64::from(separator));
    let digits = u64::from_le_bytes(*text) ^ form;
    // A number over 9 in the place of a digit, or over 0 in that of a separator, reaches its highest bit.
    if (digits.wrapping_add(0x7676_7F76_767F_7676) | digits) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let sums = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let sum = |shift: u32| (sums >> shift) as u32 & 0xFF;
    Some([sum(0), sum(24), sum(48)])
}

/// As [`days`] for what is no day of every month: such a day, or none at all.
fn late_day(century: u32, of_century: u32, month: u32, day: u32) -> Option<i32> {
    let year = century * 100 + of_century;
    if century > 99 || of_century > 99 || year == 0 {
        return None;
    }
    i32::try_from(calendar::days(year.into(), month.into(), day.into())?).ok()
}

/// Days since 1970-01-01; the year starts in March, so that the leap day is its last.
#[inline(always)]
fn day_number(year: u32, month: u32, day: u32) -> i32 {
    let early = month < 3;
    let year = year - u32::from(early);
    let month = if early { month + 9 } else { month - 3 };
    let century = year / 100;
    let days = year * 365 + year / 4 - century + century / 4 + (153 * month + 2) / 5 + day - 1;
    // Below 2^22.
    days as i32 - 719_468
}

/// Microseconds since midnight of `HH:MM[:SS[.fraction]]`; digits beyond the sixth of the fraction are zeros.
#[inline]
pub fn time(text: &[u8]) -> Option<i64> {
    let (micros, rest) = clock(text)?;
    rest.is_empty().then_some(micros)
}

/// A time of day and what follows it.
#[inline(always)]
fn clock(text: &[u8]) -> Option<(i64, &[u8])> {
    let (numbers, micros, rest) = match text.split_first_chunk().map(|(clock, rest)| (pairs(clock, b':'), rest)) {
        Some((Some(numbers), [b'.', rest @ ..])) => {
            let (micros, rest) = fraction(rest)?;
            (numbers, micros, rest)
        }
        Some((Some(numbers), rest)) => (numbers, 0, rest),
        _ => {
            let [h1, h2, b':', m1, m2, rest @ ..] = text else { return None };
            ([two(*h1, *h2), two(*m1, *m2), 0], 0, rest)
        }
    };
    let [hours, minutes, seconds] = numbers;
    let fits = hours < 24 && minutes < 60 && seconds < 60;
    fits.then(|| (i64::from(hours * 3600 + minutes * 60 + seconds) * SECOND + micros, rest))
}

/// Microseconds of the digits after a point, and what follows them.
#[inline(always)]
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    if digits.is_empty() || digits.iter().skip(6).any(|byte| *byte != b'0') {
        return None;
    }
    let mut micros = 0;
    let mut place = SECOND;
    for byte in digits.iter().take(6) {
        place /= 10;
        micros += place * i64::from(digit(*byte));
    }
    Some((micros, rest))
}

/// Microseconds since 1970-01-01T00:00:00 of `YYYY-MM-DDTHH:MM:SS`, or with a space.
#[inline(always)]
pub(crate) fn whole_seconds(text: &[u8; 19]) -> Option<i64> {
    let (day, [b'T' | b' ', rest @ ..]) = text.split_first_chunk()? else { return None };
    let [hours, minutes, seconds] = pairs(rest.first_chunk()?, b':')?;
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    Some(i64::from(days(day)?) * DAY + i64::from(hours * 3600 + minutes * 60 + seconds) * SECOND)
}

/// Microseconds since 1970-01-01T00:00:00 (of UTC if `zoned`) of a date, `T` or a space, a time, and `Z`, `±HH:MM` or `±HH` exactly when `zoned`.
///
/// None if it is no such text, or the instant lies outside of the years 0001 to 9999.
#[inline]
pub fn timestamp(text: &[u8], zoned: bool) -> Option<i64> {
    let (day, rest) = text.split_first_chunk::<10>()?;
    let [b'T' | b' ', rest @ ..] = rest else {
        return None;
    };
    let (micros, zone) = clock(rest)?;
    let midnight = i64::from(days(day)?) * DAY;
    match (zoned, zone) {
        (false, []) | (true, [b'Z']) => Some(midnight + micros),
        (true, zone) => shifted(midnight + micros, zone),
        _ => None,
    }
}

fn shifted(local: i64, zone: &[u8]) -> Option<i64> {
    let (sign, h1, h2, m1, m2) = match *zone {
        [sign, h1, h2, b':', m1, m2] => (sign, h1, h2, m1, m2),
        [sign, h1, h2] => (sign, h1, h2, b'0', b'0'),
        _ => return None,
    };
    let (hours, minutes) = (two(h1, h2), two(m1, m2));
    if hours > 23 || minutes > 59 {
        return None;
    }
    let east = i64::from(hours * 3600 + minutes * 60) * SECOND;
    let instant = match sign {
        b'+' => local - east,
        b'-' => local + east,
        _ => return None,
    };
    let (first, end) = (FIRST_DAY * DAY, (calendar::MAX_DAY + 1) * DAY);
    (first..end).contains(&instant).then_some(instant)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn every_day_of_the_calendar_reads_back() {
        assert_eq!(date(b"1970-01-01"), Some(0));
        assert_eq!(date(b"0001-01-01"), Some(-719_162));
        let mut expected = -719_162;
        for year in 1..=9999 {
            for month in 1..=12 {
                for day in 1..=32 {
                    let text = format!("{year:04}-{month:02}-{day:02}");
                    let exists = day <= calendar::days_in_month(year, month);
                    assert_eq!(date(text.as_bytes()), exists.then_some(expected), "{text}");
                    expected += i32::from(exists);
                }
            }
        }
        assert_eq!(expected, 2_932_897);
    }

    #[test]
    fn no_other_forms_are_dates() {
        for text in [
            "",
            "2026-1-31",
            "2026-01-32",
            "2026-00-10",
            "2026-13-01",
            "2026-02-29",
            "0000-01-01",
            "-001-01-01",
            "2026/01/31",
            "20260131",
            "2026-01-31 ",
            " 2026-01-31",
            "2026-01-31T00:00",
            "2026-01-3x",
            "x026-01-31",
            "99/9-01-01",
            "9:99-01-01",
            "12026-01-01",
        ] {
            assert_eq!(date(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn times_have_these_forms() {
        let cases = [
            ("00:00", 0),
            ("13:00", 46_800_000_000),
            ("13:00:07", 46_807_000_000),
            ("23:59:59.999999", 86_399_999_999),
            ("00:00:00.5", 500_000),
            ("00:00:00.000001000", 1),
        ];
        for (text, value) in cases {
            assert_eq!(time(text.as_bytes()), Some(value), "{text}");
        }
        for text in [
            "",
            "13",
            "13:",
            "13:0",
            "13:00:",
            "13:00:0",
            "13:00:00.",
            "13:00.5",
            "24:00",
            "12:60",
            "12:00:60",
            "1:00",
            "00:00:00.0000001",
            "13:00:00Z",
            "13:00 ",
            "-1:00",
            "13:00:00,5",
            "13:00:0:",
        ] {
            assert_eq!(time(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn timestamps_have_these_forms() {
        let cases = [
            ("1970-01-01T00:00", false, 0),
            ("1970-01-02 00:00:00", false, 86_400_000_000),
            ("1970-01-01T00:00:00Z", true, 0),
            ("1970-01-01T01:00:00+01:00", true, 0),
            ("1970-01-01 00:00:00.25-00:30", true, 1_800_250_000),
            ("1970-01-01T00:00+00", true, 0),
            ("9999-12-31T23:59:59.999999Z", true, 253_402_300_799_999_999),
            ("0001-01-01T00:00:00Z", true, -62_135_596_800_000_000),
        ];
        for (text, zoned, value) in cases {
            assert_eq!(timestamp(text.as_bytes(), zoned), Some(value), "{text}");
            assert_eq!(timestamp(text.as_bytes(), !zoned), None, "{text}");
        }
    }

    #[test]
    fn no_other_forms_are_timestamps() {
        for text in [
            "",
            "1970-01-01",
            "1970-01-01T",
            "1970-01-01Z",
            "1970-01-01t00:00Z",
            "1970-01-01T00:00z",
            "1970-01-01  00:00Z",
            "1970-01-01T00:00 Z",
            "1970-01-01T00:00+1",
            "1970-01-01T00:00+0100",
            "1970-01-01T00:00+24:00",
            "1970-01-01T00:00+01:60",
            "1970-01-01T00:00*01:00",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00:00.0000001Z",
            "1970-02-30T00:00Z",
            "9999-12-31T23:59:59-00:01",
            "0001-01-01T00:00+00:01",
            "1970-01-01T00:00ZZ",
            "1970-01-01T00:00Z\n",
            "1970-01-01T24:00Z",
        ] {
            assert_eq!(timestamp(text.as_bytes(), true), None, "{text}");
            assert_eq!(timestamp(text.as_bytes(), false), None, "{text}");
        }
    }
}
