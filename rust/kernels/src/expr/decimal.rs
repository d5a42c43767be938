//! Arithmetic of decimals: digits as `i128` at a scale, at most 38 of them (S6.10, S6.11, S6.14).
//!
//! A BIGINT is a decimal of scale 0. Every result is exact, or rounded once, or a fault; nothing wraps.

use super::fault::Fault;
use super::types::MAX_PRECISION;
use arrow_buffer::i256;
use std::cmp::Ordering;
use std::io::Write;

/// The greatest decimal's digits: 10^38 − 1.
pub const MAX: i128 = 10_i128.pow(MAX_PRECISION as u32) - 1;

const POWERS: [i128; MAX_PRECISION as usize + 1] = {
    let mut powers = [1; MAX_PRECISION as usize + 1];
    let (mut rest, mut power): (&mut [i128], i128) = (&mut powers, 1);
    while let [first, others @ ..] = rest {
        *first = power;
        power = power.wrapping_mul(10);
        rest = others;
    }
    powers
};

/// Where a number between two others goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearer one, from the middle away from zero.
    HalfAway,
    /// Towards zero.
    Truncate,
    /// To the lesser one.
    Floor,
    /// To the greater one.
    Ceiling,
}

/// 10^k, up to k = 38.
pub fn pow10(k: u8) -> Option<i128> {
    POWERS.get(usize::from(k)).copied()
}

/// Has `x` at most `precision` digits?
pub fn fits(x: i128, precision: u8) -> bool {
    pow10(precision.min(MAX_PRECISION)).is_some_and(|end| x.unsigned_abs() < end.unsigned_abs())
}

fn checked(x: i128) -> Result<i128, Fault> {
    if fits(x, MAX_PRECISION) { Ok(x) } else { Err(Fault::ArithmeticOverflow) }
}

/// `x / by` as an integer; `by` is positive (a lesser one is taken for 1).
pub fn divide_round(x: i128, by: i128, rounding: Rounding) -> i128 {
    let by = by.max(1);
    let (quotient, rest) = (x / by, x % by);
    let up = match rounding {
        // `by - rest` instead of `2 * rest`, which can overflow.
        Rounding::HalfAway => rest.abs() >= by - rest.abs() && rest != 0,
        Rounding::Truncate => false,
        Rounding::Floor => rest < 0,
        Rounding::Ceiling => rest > 0,
    };
    // A quotient that is not exact is at most half of the range.
    if up { quotient.wrapping_add(if x < 0 { -1 } else { 1 }) } else { quotient }
}

/// `x` at another scale; none beyond 38 digits.
pub fn rescale(x: i128, from: u8, to: u8, rounding: Rounding) -> Option<i128> {
    let out = if to >= from {
        if x == 0 { 0 } else { x.checked_mul(pow10(to - from)?)? }
    } else {
        match pow10(from - to) {
            Some(by) => divide_round(x, by, rounding),
            // Beyond 10^38 only the sign is left of it.
            None => divide_round(x.signum(), 10, rounding),
        }
    };
    fits(out, MAX_PRECISION).then_some(out)
}

/// `x` at another scale; none when digits other than 0 would be lost, or beyond 38 digits.
pub fn rescale_exact(x: i128, from: u8, to: u8) -> Option<i128> {
    if to < from && x != 0 && pow10(from - to).is_none_or(|by| x % by != 0) {
        return None;
    }
    rescale(x, from, to, Rounding::Truncate)
}

/// `x` at another scale, rounded half away from zero; none beyond 38 digits.
pub fn rescale_round(x: i128, from: u8, to: u8) -> Option<i128> {
    rescale(x, from, to, Rounding::HalfAway)
}

/// 10^k, up to k = 76.
fn wide_pow10(k: u16) -> Option<i256> {
    let first = k.min(u16::from(MAX_PRECISION));
    let power = |k: u16| Some(i256::from_i128(pow10(u8::try_from(k).ok()?)?));
    power(first)?.checked_mul(power(k - first)?)
}

fn widen(x: i128, k: u8) -> Option<i256> {
    i256::from_i128(x).checked_mul(wide_pow10(k.into())?)
}

/// Both at the greater scale, where that fits into 128 bits.
fn align(a: i128, sa: u8, b: i128, sb: u8) -> Option<(i128, i128)> {
    match sa.cmp(&sb) {
        Ordering::Equal => Some((a, b)),
        Ordering::Less => Some((a.checked_mul(pow10(sb - sa)?)?, b)),
        Ordering::Greater => Some((a, b.checked_mul(pow10(sa - sb)?)?)),
    }
}

/// Both at the greater scale; none when scales are more than 76 apart.
fn align_wide(a: i128, sa: u8, b: i128, sb: u8) -> Option<(i256, i256)> {
    let scale = sa.max(sb);
    Some((widen(a, scale - sa)?, widen(b, scale - sb)?))
}

/// `a + b` at the greater scale.
pub fn add(a: i128, sa: u8, b: i128, sb: u8) -> Result<i128, Fault> {
    if let Some(sum) = align(a, sa, b, sb).and_then(|(a, b)| a.checked_add(b)) {
        return checked(sum);
    }
    // An operand can be beyond 128 bits at the greater scale and the sum within.
    let sum = align_wide(a, sa, b, sb).and_then(|(a, b)| a.checked_add(b)).and_then(i256::to_i128);
    checked(sum.ok_or(Fault::ArithmeticOverflow)?)
}

/// `a - b` at the greater scale.
pub fn sub(a: i128, sa: u8, b: i128, sb: u8) -> Result<i128, Fault> {
    add(a, sa, b.checked_neg().ok_or(Fault::ArithmeticOverflow)?, sb)
}

/// `a * b` at the sum of the scales, whatever they are.
pub fn mul(a: i128, b: i128) -> Result<i128, Fault> {
    checked(a.checked_mul(b).ok_or(Fault::ArithmeticOverflow)?)
}

/// `a / b` at scale `to`, rounded half away from zero; `to + sb` is at least `sa`.
pub fn div(a: i128, sa: u8, b: i128, sb: u8, to: u8) -> Result<i128, Fault> {
    if b == 0 {
        return Err(Fault::DivisionByZero);
    }
    if a == 0 {
        return Ok(0);
    }
    let shift = (u16::from(to) + u16::from(sb)).checked_sub(u16::from(sa)).ok_or(Fault::ArithmeticOverflow)?;
    let narrow = u8::try_from(shift).ok().and_then(pow10).and_then(|by| a.checked_mul(by));
    if let Some(a) = narrow {
        let (magnitude, by) = (a.unsigned_abs(), b.unsigned_abs());
        let rest = magnitude % by;
        let up = u128::from(rest != 0 && rest >= by - rest);
        let quotient = i128::try_from(magnitude / by + up).map_err(|_| Fault::ArithmeticOverflow)?;
        return checked(if (a < 0) != (b < 0) { -quotient } else { quotient });
    }
    // Beyond 255 bits the quotient by at most 127 bits has more than 38 digits.
    let a = wide_pow10(shift).and_then(|by| i256::from_i128(a).checked_mul(by)).ok_or(Fault::ArithmeticOverflow)?;
    div_wide(a, i256::from_i128(b))
}

fn div_wide(a: i256, b: i256) -> Result<i128, Fault> {
    let (magnitude, by) = (a.wrapping_abs(), b.wrapping_abs());
    let (Some(quotient), Some(rest)) = (magnitude.checked_div(by), magnitude.checked_rem(by)) else {
        return Err(Fault::DivisionByZero);
    };
    let up = rest >= by.wrapping_sub(rest) && rest != i256::ZERO;
    let quotient = quotient.to_i128().ok_or(Fault::ArithmeticOverflow)?;
    let quotient = quotient.checked_add(up.into()).ok_or(Fault::ArithmeticOverflow)?;
    checked(if (a < i256::ZERO) != (b < i256::ZERO) { -quotient } else { quotient })
}

/// The remainder of `a / b` truncated, at the greater scale; it has the sign of `a`.
pub fn rem(a: i128, sa: u8, b: i128, sb: u8) -> Result<i128, Fault> {
    if b == 0 {
        return Err(Fault::DivisionByZero);
    }
    if let Some((a, b)) = align(a, sa, b, sb) {
        // The least i128 by −1 overflows as a quotient only.
        return checked(a.wrapping_rem(b));
    }
    let rest = align_wide(a, sa, b, sb).and_then(|(a, b)| a.checked_rem(b)).and_then(i256::to_i128);
    checked(rest.ok_or(Fault::ArithmeticOverflow)?)
}

/// The integer quotient of `a / b`, truncated towards zero.
pub fn quotient(a: i128, sa: u8, b: i128, sb: u8) -> Result<i128, Fault> {
    if b == 0 {
        return Err(Fault::DivisionByZero);
    }
    if let Some((a, b)) = align(a, sa, b, sb) {
        return checked(a.checked_div(b).ok_or(Fault::ArithmeticOverflow)?);
    }
    let quotient = align_wide(a, sa, b, sb).and_then(|(a, b)| a.checked_div(b)).and_then(i256::to_i128);
    checked(quotient.ok_or(Fault::ArithmeticOverflow)?)
}

/// The exact order of two decimals of any scales.
pub fn compare(a: i128, sa: u8, b: i128, sb: u8) -> Ordering {
    if sa == sb {
        return a.cmp(&b);
    }
    if a.signum() != b.signum() || a == 0 {
        return a.signum().cmp(&b.signum());
    }
    if let Some((a, b)) = align(a, sa, b, sb) {
        return a.cmp(&b);
    }
    match align_wide(a, sa, b, sb) {
        Some((a, b)) => a.cmp(&b),
        // So far apart the one of the lesser scale has the greater magnitude.
        None => {
            if (sa < sb) == (a > 0) {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
    }
}

/// The nearest double (ties to even).
pub fn to_f64(x: i128, scale: u8) -> f64 {
    if scale == 0 {
        return x as f64;
    }
    // Both are doubles exactly, so that one division rounds once.
    if let (true, 0..=22, Some(power)) = (x.unsigned_abs() <= 1 << 53, scale, pow10(scale)) {
        return x as f64 / power as f64;
    }
    let mut buffer = [0_u8; 64];
    let mut rest = buffer.as_mut_slice();
    let written = write!(rest, "{x}e-{scale}").map(|()| 64 - rest.len());
    let text = written.ok().and_then(|length| std::str::from_utf8(buffer.get(..length)?).ok());
    // 40 + 2 + 3 bytes are the most there are, and digits with an exponent are a double's text.
    text.and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
}

/// Sign, significand and exponent: `x` is exactly ±significand · 2^exponent. `x` is finite.
pub fn parts(x: f64) -> (bool, u64, i32) {
    let bits = x.to_bits();
    let (biased, fraction) = ((bits >> 52) & 0x7ff, bits & ((1 << 52) - 1));
    let significand = if biased == 0 { fraction } else { fraction | 1 << 52 };
    (x.is_sign_negative(), significand, i32::try_from(biased.max(1)).unwrap_or(0) - 1075)
}

/// The decimal of a scale nearest to a double's exact value, half away from zero; none for NaN, infinities, and beyond 38 digits.
pub fn from_f64(x: f64, scale: u8) -> Option<i128> {
    if !x.is_finite() || x.abs() > 1e38 {
        return None;
    }
    let (negative, significand, exponent) = parts(x);
    let scaled = i256::from_i128(significand.into()).checked_mul(i256::from_i128(pow10(scale)?))?;
    let magnitude = if exponent >= 0 {
        // The double 1e38 is less than 2^127, hence at most 2^53 · 2^74.
        scaled.checked_mul(i256::from_i128(1_i128.checked_shl(exponent.unsigned_abs())?))?
    } else {
        // The scaled significand has at most 180 bits; shifted by more than 181 it is less than a half.
        let shift = u8::try_from(exponent.unsigned_abs()).ok().filter(|shift| *shift <= 181);
        match shift {
            Some(shift) => scaled.wrapping_add(i256::ONE << (shift - 1)) >> shift,
            None => i256::ZERO,
        }
    };
    let magnitude = magnitude.to_i128().filter(|magnitude| fits(*magnitude, MAX_PRECISION))?;
    Some(if negative { -magnitude } else { magnitude })
}

/// The exact order of a decimal and a double; none for NaN.
pub fn compare_f64(a: i128, scale: u8, b: f64) -> Option<Ordering> {
    if b.is_nan() {
        return None;
    }
    // 1e39 and more is beyond every decimal, infinities too.
    if b.abs() >= 1e39 {
        return Some(if b > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    if a == 0 || b == 0.0 || (a > 0) != (b > 0.0) {
        return Some(a.signum().cmp(&((b > 0.0) as i128 - (b < 0.0) as i128)));
    }
    let nearest = to_f64(a, scale);
    // Rounding keeps order, so that only equality needs a closer look.
    match nearest.partial_cmp(&b) {
        Some(Ordering::Equal) => Some(compare_tie(a, scale, b)),
        other => other,
    }
}

/// The order of a decimal and its nearest double: a and ±m·2^e · 10^scale.
fn compare_tie(a: i128, scale: u8, b: f64) -> Ordering {
    use num_bigint::BigInt;
    let (negative, significand, exponent) = parts(b);
    let magnitude = BigInt::from(significand) * BigInt::from(10_u8).pow(scale.into());
    let b = if negative { -magnitude } else { magnitude };
    let a = BigInt::from(a);
    let shift = exponent.unsigned_abs();
    if exponent >= 0 { a.cmp(&(b << shift)) } else { (a << shift).cmp(&b) }
}

#[cfg(test)]
#[path = "decimal_tests.rs"]
mod tests;
