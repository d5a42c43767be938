//! Casts among numbers: exact, or to and from doubles the nearest.

use crate::expr::fault::Fault;
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;
use num_bigint::BigInt;

/// Ten to the power; none from 39 on.
pub(super) fn pow10(exponent: u8) -> Option<i128> {
    10_i128.checked_pow(exponent.into())
}

/// Has a decimal at most so many digits?
pub(super) fn fits(digits: i128, precision: u8) -> bool {
    pow10(precision).is_none_or(|end| digits.unsigned_abs() < end.unsigned_abs())
}

pub(super) fn of_integer<'a>(x: i64, to: &Type) -> Result<Scalar<'a>, Fault> {
    match to {
        Type::Decimal { precision, scale } => rescale(x.into(), 0, *precision, *scale).map(Scalar::Decimal),
        Type::Double => Ok(Scalar::Double(x as f64)),
        _ => Err(Fault::CastFailed),
    }
}

pub(super) fn of_decimal<'a>(x: i128, scale: u8, to: &Type) -> Result<Scalar<'a>, Fault> {
    match to {
        Type::Integer => {
            let whole = rescale(x, scale, 38, 0)?;
            i64::try_from(whole).map(Scalar::Integer).map_err(|_| Fault::CastFailed)
        }
        Type::Decimal { precision, scale: other } => rescale(x, scale, *precision, *other).map(Scalar::Decimal),
        Type::Double => Ok(Scalar::Double(nearest_double(x, scale))),
        _ => Err(Fault::CastFailed),
    }
}

pub(super) fn of_double<'a>(x: f64, to: &Type) -> Result<Scalar<'a>, Fault> {
    let out = match to {
        Type::Integer => integral(x).map(Scalar::Integer),
        Type::Decimal { precision, scale } => {
            nearest_decimal(x, *scale).filter(|digits| fits(*digits, *precision)).map(Scalar::Decimal)
        }
        _ => None,
    };
    out.ok_or(Fault::CastFailed)
}

/// The same number at another scale.
fn rescale(digits: i128, from: u8, precision: u8, to: u8) -> Result<i128, Fault> {
    let out = if to >= from {
        pow10(to - from).and_then(|power| digits.checked_mul(power)).or((digits == 0).then_some(0))
    } else {
        // Nothing but zero has so many trailing zeros that the power is none.
        pow10(from - to).filter(|power| digits % power == 0).map(|power| digits / power).or((digits == 0).then_some(0))
    };
    out.filter(|digits| fits(*digits, precision)).ok_or(Fault::CastFailed)
}

/// A double as an integer, if it is one of 64 bits.
pub(super) fn integral(x: f64) -> Option<i64> {
    // 2^63 is a double, the greatest BIGINT is not.
    let end = -(i64::MIN as f64);
    (x.trunc() == x && -end <= x && x < end).then_some(x as i64)
}

/// The double nearest to a decimal, the one with the even last bit if two are.
pub(super) fn nearest_double(digits: i128, scale: u8) -> f64 {
    // Both sides are doubles themselves, so that the division rounds once.
    if digits.unsigned_abs() < 1 << 53 && scale <= 22 {
        let power = pow10(scale).unwrap_or(1) as f64;
        return digits as f64 / power;
    }
    format!("{digits}e-{scale}").parse().unwrap_or(f64::NAN)
}

/// The decimal nearest to the exact value of a double, half away from zero; none from 10^38 digits on.
pub(super) fn nearest_decimal(x: f64, scale: u8) -> Option<i128> {
    if !x.is_finite() {
        return None;
    }
    let bits = x.to_bits();
    let biased = bits >> 52 & 0x7ff;
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased as i32 - 1075) };
    // mantissa * 2^exponent * 10^scale; beyond 2^130 no decimal is.
    if exponent > 130 {
        return None;
    }
    let scaled = BigInt::from(mantissa) * BigInt::from(pow10(scale)?);
    let magnitude = if exponent >= 0 {
        scaled << exponent.unsigned_abs()
    } else {
        let shift = exponent.unsigned_abs();
        (scaled + (BigInt::from(1) << (shift - 1))) >> shift
    };
    let digits = i128::try_from(magnitude).ok().filter(|digits| fits(*digits, 38))?;
    Some(if x < 0.0 { -digits } else { digits })
}
