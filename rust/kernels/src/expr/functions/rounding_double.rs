//! Doubles to a number of decimal digits. Both functions keep order, are the identity on their results, and take finite numbers.

use crate::expr::decimal::{self, Rounding};
use num_bigint::BigUint;

/// Every double is its own rounding to more digits than this: half of 10^-325 is less than a quarter of the least one.
const MOST_DIGITS: i64 = 325;
/// Half of 10^309 is more than every double.
const LEAST_DIGITS: i64 = -309;

/// The double nearest to the exact value rounded half away from zero to `digits` after the point; beyond all of them an infinity.
pub fn round(x: f64, digits: i64) -> f64 {
    if digits == 0 {
        return x.round();
    }
    if digits > MOST_DIGITS || (digits > 0 && x.fract() == 0.0) {
        return x;
    }
    if let Some(near) = near(x, digits) {
        return near;
    }
    if digits < LEAST_DIGITS {
        return 0.0_f64.copysign(x);
    }
    if let Some(scale) = u8::try_from(digits).ok().filter(|scale| decimal::pow10(*scale).is_some()) {
        // Beyond 38 digits a unit of the last one is far less than the distance to the next double.
        return decimal::from_f64(x, scale).map_or(x, |digits| decimal::to_f64(digits, scale).copysign(x));
    }
    tens(x, digits).unwrap_or_else(|| unbounded(x, digits)).copysign(x)
}

/// The same where the scaled value is far enough from the middle between two numbers that its error cannot matter.
#[inline]
fn near(x: f64, digits: i64) -> Option<f64> {
    const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    /// Beyond it the fraction has too few bits.
    const MOST: f64 = (1_u64 << 51) as f64;
    let power = *POWERS.get(usize::try_from(digits).ok()?)?;
    let scaled = x.abs() * power;
    if scaled >= MOST {
        return None;
    }
    let floor = scaled.floor();
    let fraction = scaled - floor;
    // The product is off by at most half a unit of its last place.
    if (fraction - 0.5).abs() <= scaled * f64::EPSILON {
        return None;
    }
    let whole = if fraction > 0.5 { floor + 1.0 } else { floor };
    // Both are exact, so that the quotient is the double nearest to the decimal.
    Some((whole / power).copysign(x))
}

/// Negative digits of what 128 bits hold.
fn tens(x: f64, digits: i64) -> Option<f64> {
    let unit = decimal::pow10(u8::try_from(digits.checked_neg()?).ok()?)?;
    if x.abs() >= 1e38 {
        return None;
    }
    // Half of a power of ten is whole, so that a fraction never decides.
    let whole = x.abs() as i128;
    Some(decimal::divide_round(whole, unit, Rounding::HalfAway).checked_mul(unit)? as f64)
}

fn unbounded(x: f64, digits: i64) -> f64 {
    let (_, significand, exponent) = decimal::parts(x);
    let power = |positive: i64| BigUint::from(10_u8).pow(u32::try_from(positive.max(0)).unwrap_or(0));
    let (up, down) = (exponent.max(0).unsigned_abs(), exponent.min(0).unsigned_abs());
    let top = (BigUint::from(significand) << up) * power(digits);
    let bottom = (BigUint::from(1_u8) << down) * power(-digits);
    let quotient = (top * 2_u8 + &bottom) / (bottom * 2_u8);
    nearest(&quotient, digits)
}

/// The double nearest to `units / 10^digits`.
fn nearest(units: &impl std::fmt::Display, digits: i64) -> f64 {
    // Digits with an exponent always read.
    format!("{units}e{}", -digits).parse().unwrap_or(f64::NAN)
}

/// The double nearest to the shortest digits that read as `x`, without those after the given one. By the exact value 0.7, which lies
/// below seven tenths, would be 0.6.
pub fn truncate(x: f64, digits: i64) -> f64 {
    if digits == 0 || x == 0.0 {
        return x.trunc();
    }
    let Some((units, exponent)) = shortest(x) else { return x };
    let dropped = (-exponent).saturating_sub(digits);
    if dropped <= 0 {
        return x;
    }
    let kept = u32::try_from(dropped).ok().and_then(|dropped| 10_u64.checked_pow(dropped)).map_or(0, |by| units / by);
    if kept == 0 { 0.0_f64.copysign(x) } else { nearest(&kept, digits).copysign(x) }
}

/// The shortest digits that read back as |x|, and the power of ten of the last one.
fn shortest(x: f64) -> Option<(u64, i64)> {
    let text = format!("{:e}", x.abs());
    let (significand, exponent) = text.split_once('e')?;
    let (whole, fraction) = significand.split_once('.').unwrap_or((significand, ""));
    let units = format!("{whole}{fraction}").parse().ok()?;
    Some((units, exponent.parse::<i64>().ok()?.checked_sub(i64::try_from(fraction.len()).ok()?)?))
}
