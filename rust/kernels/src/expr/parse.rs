//! Numbers as text, read strictly: no blanks, nothing left over (S6.21).

use std::str::FromStr;

pub use super::parse_time::{exact_ticks, parse_date, parse_interval, parse_time, parse_timestamp};

/// No decimal has a magnitude of this or more.
const DECIMAL_END: u128 = 10_u128.pow(38);
/// An exponent is pulled in to this magnitude, which no decimal or double is near.
const EXPONENT_END: i64 = 1_000_000_000;

/// `[+-]digits` of 64 bits.
pub fn parse_integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| i64::from_str(text).ok())?
}

/// `true` or `false` in any case.
pub fn parse_boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A number's digits without point, and the place of the point among them (which may lie outside of them).
struct Number<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i64,
}

/// `[+-]digits[.digits][e[+-]digits]`; digits on one side of the point are enough.
fn number(text: &str) -> Option<Number<'_>> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (whole, fraction) = (whole.as_bytes(), fraction.as_bytes());
    let mut digits = whole.iter().chain(fraction);
    let some = !(whole.is_empty() && fraction.is_empty());
    let plain = some && digits.all(u8::is_ascii_digit);
    plain.then_some(Number { negative: text.starts_with('-'), whole, fraction, exponent })
}

fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text).as_bytes();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let magnitude = digits.iter().fold(0, |sum: i64, byte| (sum * 10 + i64::from(byte - b'0')).min(EXPONENT_END));
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// The digits at `scale` of a number as text; none if it has digits beyond the scale that are not zero, or needs more
/// than 38 digits.
pub fn parse_decimal(text: &str, scale: u8) -> Option<i128> {
    let number = number(text)?;
    let kept = i64::try_from(number.whole.len()).ok()? + number.exponent + i64::from(scale);
    let kept = usize::try_from(kept.max(0)).ok()?;
    let digits = || number.whole.iter().chain(number.fraction);
    if digits().skip(kept).any(|byte| *byte != b'0') {
        return None;
    }
    let mut magnitude: u128 = 0;
    for byte in digits().take(kept) {
        magnitude = magnitude.checked_mul(10)?.checked_add(u128::from(byte - b'0'))?;
    }
    let missing = kept.saturating_sub(number.whole.len() + number.fraction.len());
    if magnitude > 0 {
        magnitude = magnitude.checked_mul(10_u128.checked_pow(u32::try_from(missing).ok()?)?)?;
    }
    let magnitude = i128::try_from(magnitude).ok().filter(|_| magnitude < DECIMAL_END)?;
    Some(if number.negative { -magnitude } else { magnitude })
}

/// The double nearest to a number as text; none if that is infinite.
pub fn parse_double(text: &str) -> Option<f64> {
    number(text)?;
    f64::from_str(text).ok().filter(|value| value.is_finite())
}
