//! Numbers and truth values.

use guard_kernels::expr::parse::parse_decimal;

use super::digits::{pointed, whole};

/// 10 to the powers that 64 bits hold.
pub(crate) const POWERS: [u64; 20] = {
    let mut powers = [1; 20];
    let mut rest: &mut [u64] = &mut powers;
    let mut power: u64 = 1;
    while let Some((first, tail)) = rest.split_first_mut() {
        *first = power;
        power = power.wrapping_mul(10);
        rest = tail;
    }
    powers
};

/// Takes a sign off; whether it was a minus.
#[inline(always)]
fn signed(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

#[inline(always)]
fn with_sign(negative: bool, magnitude: u64) -> i128 {
    let magnitude = i128::from(magnitude);
    if negative { -magnitude } else { magnitude }
}

/// Powers of ten that are doubles, and that doubles of 53 bits can be divided by without error.
const DOUBLE_POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// An integer: `[+-]digits`, or a number with a point or an exponent whose value is integral (`12.0`, `1e3`).
///
/// None if it is no such text, is not integral, or needs more than 38 digits.
#[inline]
pub fn integer(text: &[u8]) -> Option<i128> {
    let (negative, unsigned) = signed(text);
    match whole(unsigned) {
        Some(value) => Some(with_sign(negative, value)),
        None => scaled(text, 0),
    }
}

/// The digits at `scale` of a number, of at most `precision` digits: `1.5` at scale 2 is 150.
///
/// None if it is no number, has digits beyond the scale that are not zeros, or needs more than `precision` (at most 38) digits.
#[inline]
pub fn decimal(text: &[u8], precision: u8, scale: u8) -> Option<i128> {
    let value = match short_decimal(text, usize::from(scale)) {
        Some(value) => value,
        None => scaled(text, scale)?,
    };
    let end = 10_u128.checked_pow(u32::from(precision));
    end.is_none_or(|end| value.unsigned_abs() < end).then_some(value)
}

/// The usual decimals: few digits, no more of them after the point than the scale has, no exponent.
#[inline(always)]
fn short_decimal(text: &[u8], scale: usize) -> Option<i128> {
    let (negative, unsigned) = signed(text);
    let (digits, fraction) = pointed(unsigned)?;
    let missing = scale.checked_sub(fraction)?;
    Some(with_sign(negative, digits.checked_mul(*POWERS.get(missing)?)?))
}

#[cold]
fn scaled(text: &[u8], scale: u8) -> Option<i128> {
    parse_decimal(std::str::from_utf8(text).ok()?, scale)
}

/// The double nearest to a number, or `NaN`, `Infinity`, `-Infinity` in any case.
///
/// None if it is neither, or a number whose double would be infinite. One whose double would be zero is zero.
#[inline]
pub fn double(text: &[u8]) -> Option<f64> {
    let (negative, unsigned) = signed(text);
    // Digits and divisor are exact as doubles, so that their quotient is the nearest double.
    if let Some((digits, fraction)) = pointed(unsigned)
        && digits < 1 << 53
        && let Some(divisor) = DOUBLE_POWERS.get(fraction)
    {
        let value = digits as f64 / divisor;
        return Some(if negative { -value } else { value });
    }
    long_double(text)
}

fn long_double(text: &[u8]) -> Option<f64> {
    match starts_number(text) {
        true => float(text).filter(|value: &f64| value.is_finite()),
        false => word(text),
    }
}

/// As [`double`], of 32 bits.
#[inline]
pub fn single(text: &[u8]) -> Option<f32> {
    match starts_number(text) {
        true => float(text).filter(|value: &f32| value.is_finite()),
        false => word(text).map(|value| value as f32),
    }
}

/// Texts up to this length have no exponent of more than a few digits that matters; see [`normal`].
const LONG: usize = 1024;

/// The float nearest to a number, finite or not; other texts may be none or anything.
#[inline]
pub(crate) fn float<T: fast_float2::FastFloat>(text: &[u8]) -> Option<T> {
    if text.len() > LONG {
        return fast_float2::parse(normal(std::str::from_utf8(text).ok()?)?).ok();
    }
    fast_float2::parse(text).ok()
}

/// The number as `0.digits` with its exponent: parsers of floats read exponents to some size only, which digits without end could balance. None if it is no number.
///
/// An exponent beyond ±100,000 makes zero or infinity of any digits then.
#[cold]
fn normal(text: &str) -> Option<String> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (negative, unsigned) = signed(mantissa.as_bytes());
    let sign = if negative { "-" } else { "" };
    let unsigned = std::str::from_utf8(unsigned).ok()?;
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = format!("{whole}{fraction}");
    let (shrinks, size) = signed(exponent.as_bytes());
    let are_digits = |bytes: &[u8]| !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
    if !(are_digits(digits.as_bytes()) && are_digits(size)) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Some(format!("{sign}0"));
    }
    let size = size.iter().fold(0_i64, |sum, byte| (sum * 10 + i64::from(byte & 15)).min(1 << 40));
    let point = i64::try_from(whole.len()).ok()? - i64::try_from(digits.len() - significant.len()).ok()?;
    let exponent = (if shrinks { -size } else { size } + point).clamp(-100_000, 100_000);
    Some(format!("{sign}0.{}e{exponent}", significant.trim_end_matches('0')))
}

/// Not the words that the parser of floats has.
#[inline(always)]
fn starts_number(text: &[u8]) -> bool {
    matches!(signed(text).1.first(), Some(b'0'..=b'9' | b'.'))
}

#[cold]
fn word(text: &[u8]) -> Option<f64> {
    match text {
        _ if text.eq_ignore_ascii_case(b"nan") => Some(f64::NAN),
        _ if text.eq_ignore_ascii_case(b"infinity") => Some(f64::INFINITY),
        _ if text.eq_ignore_ascii_case(b"-infinity") => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// `true`, `t`, `yes`, `1` and `false`, `f`, `no`, `0` in any case.
#[inline]
pub fn boolean(text: &[u8]) -> Option<bool> {
    match text {
        [b'1' | b't' | b'T'] => Some(true),
        [b'0' | b'f' | b'F'] => Some(false),
        _ if text.eq_ignore_ascii_case(b"true") || text.eq_ignore_ascii_case(b"yes") => Some(true),
        _ if text.eq_ignore_ascii_case(b"false") || text.eq_ignore_ascii_case(b"no") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn integers_have_these_forms() {
        let cases: [(&str, i128); 14] = [
            ("0", 0),
            ("-0", 0),
            ("+7", 7),
            ("007", 7),
            ("12.0", 12),
            ("12.", 12),
            ("1e3", 1000),
            ("1.5E+1", 15),
            ("120e-1", 12),
            ("0e999999999999", 0),
            ("-9223372036854775808", -9_223_372_036_854_775_808),
            ("18446744073709551615", 18_446_744_073_709_551_615),
            ("999999999999999999", 999_999_999_999_999_999),
            ("99999999999999999999999999999999999999", 99_999_999_999_999_999_999_999_999_999_999_999_999),
        ];
        for (text, value) in cases {
            assert_eq!(integer(text.as_bytes()), Some(value), "{text}");
        }
        for text in
            ["", "+", "-", ".", "e3", "1e", "1e+", "--1", "+-1", " 1", "1 ", "1_000", "1,000", "0x1", "1.5", "1e-1"]
        {
            assert_eq!(integer(text.as_bytes()), None, "{text}");
        }
        for text in ["NaN", "true", "1e38", "1e999999999999", "100000000000000000000000000000000000000", "١"] {
            assert_eq!(integer(text.as_bytes()), None, "{text}");
        }
        assert_eq!(integer(b"1\xFF"), None);
    }

    #[test]
    fn decimals_keep_every_digit() {
        let cases = [
            ("1.5", 10, 2, 150),
            ("-1.5", 10, 2, -150),
            ("+.5", 10, 2, 50),
            ("5.", 10, 2, 500),
            ("1.500", 10, 2, 150),
            ("15e-1", 10, 2, 150),
            ("99999999.99", 10, 2, 9_999_999_999),
            ("0.00", 1, 0, 0),
            ("0", 38, 38, 0),
            ("1", 38, 18, 1_000_000_000_000_000_000),
        ];
        for (text, precision, scale, value) in cases {
            assert_eq!(decimal(text.as_bytes(), precision, scale), Some(value), "{text}");
        }
        let refused =
            [("1.505", 10, 2), ("100000000.00", 10, 2), (".", 10, 2), ("", 10, 2), ("1.2.3", 10, 2), ("NaN", 10, 2)];
        for (text, precision, scale) in refused {
            assert_eq!(decimal(text.as_bytes(), precision, scale), None, "{text}");
        }
        let nines = "9".repeat(38);
        assert_eq!(decimal(nines.as_bytes(), 38, 0), nines.parse().ok());
        assert_eq!(decimal(format!("{nines}0").as_bytes(), 38, 0), None);
    }

    #[test]
    fn doubles_have_these_forms() {
        let cases = [("0", 0.0), (".5", 0.5), ("5.", 5.0), ("+1e2", 100.0), ("-1.25", -1.25), ("1e-999", 0.0)];
        for (text, value) in cases {
            assert_eq!(double(text.as_bytes()), Some(value), "{text}");
        }
        assert!(double(b"nan").unwrap().is_nan());
        assert_eq!(double(b"INFINITY"), Some(f64::INFINITY));
        assert_eq!(double(b"-Infinity"), Some(f64::NEG_INFINITY));
        assert_eq!((single(b"0.1"), single(b"1e39"), single(b"-infinity")), (Some(0.1), None, Some(f32::NEG_INFINITY)));
        assert!(double(b"-0").unwrap().is_sign_negative());
        for text in
            ["", ".", "-", "inf", "-inf", "+Infinity", "-NaN", "1e", "e1", "1e999", "0x1p3", "1 ", " 1", "1.2.3"]
        {
            assert_eq!(double(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn digits_may_balance_any_exponent() {
        let zeros = "0".repeat(700_000);
        for (text, value) in [
            (format!("0.{zeros}125e700001"), Some(1.25)),
            (format!("-.{zeros}125E+700001"), Some(-1.25)),
            (format!("+5{zeros}.e-700000"), Some(5.0)),
            (format!("25{zeros}e-700001"), Some(2.5)),
            (format!("1{zeros}e-99999999999999999999"), Some(0.0)),
            (format!("0.{zeros}1e99999999999999999999"), None),
            (format!("{zeros}e99999999999999999999"), Some(0.0)),
            (format!("1{zeros}"), None),
            (format!("0.{zeros}1"), Some(0.0)),
            (format!("1.{zeros}1.5"), None),
            (format!("1{zeros}e-700000e1"), None),
            (format!("1{zeros}e-"), None),
            (format!("1{zeros}e"), None),
            (format!("1{zeros}xe-700000"), None),
        ] {
            let shown = text.replace(&zeros, "…");
            assert_eq!(double(text.as_bytes()), value, "{shown}");
            assert_eq!(single(text.as_bytes()), value.map(|value| value as f32), "{shown}");
        }
    }

    #[test]
    fn doubles_are_those_of_the_standard_library() {
        let mut state: u64 = 1;
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let value = f64::from_bits(state);
            if value.is_finite() {
                assert_eq!(double(format!("{value:e}").as_bytes()).map(f64::to_bits), Some(value.to_bits()));
            }
            for text in
                [format!("{}.{}", state >> 40, state & 0xFFFF), format!("-{}.{:08}", state >> 60, state & 0x3FF_FFFF)]
            {
                assert_eq!(double(text.as_bytes()), text.parse().ok());
            }
        }
    }

    #[test]
    fn truth_values_have_these_forms() {
        for text in ["true", "TRUE", "t", "T", "1", "yes", "Yes"] {
            assert_eq!(boolean(text.as_bytes()), Some(true), "{text}");
        }
        for text in ["false", "False", "f", "F", "0", "no", "NO"] {
            assert_eq!(boolean(text.as_bytes()), Some(false), "{text}");
        }
        for text in ["", "y", "n", "on", "off", "2", "-1", "true ", "01"] {
            assert_eq!(boolean(text.as_bytes()), None, "{text}");
        }
    }
}
