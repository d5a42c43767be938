//! Casts among numbers: exact, or to and from doubles the nearest.

use crate::expr::decimal::{self, fits};
use crate::expr::fault::Fault;
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;

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
        Type::Double => Ok(Scalar::Double(decimal::to_f64(x, scale))),
        _ => Err(Fault::CastFailed),
    }
}

pub(super) fn of_double<'a>(x: f64, to: &Type) -> Result<Scalar<'a>, Fault> {
    let out = match to {
        Type::Integer => integral(x).map(Scalar::Integer),
        Type::Decimal { precision, scale } => {
            decimal::from_f64(x, *scale).filter(|digits| fits(*digits, *precision)).map(Scalar::Decimal)
        }
        _ => None,
    };
    out.ok_or(Fault::CastFailed)
}

/// The same number at another scale.
fn rescale(digits: i128, from: u8, precision: u8, to: u8) -> Result<i128, Fault> {
    decimal::rescale_exact(digits, from, to).filter(|digits| fits(*digits, precision)).ok_or(Fault::CastFailed)
}

/// A double as an integer, if it is one of 64 bits.
pub(super) fn integral(x: f64) -> Option<i64> {
    // 2^63 is a double, the greatest BIGINT is not.
    let end = -(i64::MIN as f64);
    (x.trunc() == x && -end <= x && x < end).then_some(x as i64)
}
