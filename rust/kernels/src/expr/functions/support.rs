//! What the rooms of numbers share.

use crate::expr::decimal;
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;

/// A double as a result: NaN and infinities are faults (S6.12).
pub fn finite<'a>(x: f64) -> Result<Scalar<'a>, Fault> {
    if x.is_finite() { Ok(Scalar::Double(x)) } else { Err(Fault::NotFinite) }
}

/// The fault if it can happen.
pub fn when(possible: bool, fault: Fault) -> Faults {
    if possible { Faults::of(&[fault]) } else { Faults::NONE }
}

/// The values of an argument; those of its type where nothing narrower is known.
pub fn range(x: &Facts) -> Range {
    if x.range == Range::Any { Range::of_type(&x.ty) } else { x.range }
}

/// The ends of integers or of digits of decimals.
pub fn ends(x: &Facts) -> (i128, i128) {
    range(x).exact().unwrap_or((-decimal::MAX, decimal::MAX))
}

/// The finite values of an argument read as doubles, and `result-not-finite` if it has others.
pub fn span(x: &Facts) -> (f64, f64, Faults) {
    let scale = scale(&x.ty);
    match range(x) {
        Range::Exact(low, high) => (decimal::to_f64(low, scale), decimal::to_f64(high, scale), Faults::NONE),
        Range::Double { low, high, nan } => {
            let others = nan || low == f64::NEG_INFINITY || high == f64::INFINITY;
            (low.max(f64::MIN), high.min(f64::MAX), when(others, Fault::NotFinite))
        }
        _ => (f64::MIN, f64::MAX, Faults::of(&[Fault::NotFinite])),
    }
}

/// A range of finite doubles, and `result-not-finite` if the ends lie beyond them.
pub fn finite_range(low: f64, high: f64) -> (Range, Faults) {
    let (least, most) = (low.max(f64::MIN), high.min(f64::MAX));
    (Range::Double { low: least, high: most, nan: false }, when(low < f64::MIN || high > f64::MAX, Fault::NotFinite))
}

/// A range of integers, and `arithmetic-overflow` if the ends lie beyond 64 bits.
pub fn integer_range(low: i128, high: i128) -> (Range, Faults) {
    let (least, most) = (i128::from(i64::MIN), i128::from(i64::MAX));
    let range = Range::Exact(low.clamp(least, most), high.clamp(least, most));
    (range, when(low < least || high > most, Fault::ArithmeticOverflow))
}

/// A BIGINT as a result.
pub fn integer<'a>(x: i128) -> Result<Scalar<'a>, Fault> {
    i64::try_from(x).map(Scalar::Integer).map_err(|_| Fault::ArithmeticOverflow)
}

/// Digits after the point; none of other types than decimals.
pub fn scale(ty: &Type) -> u8 {
    match ty {
        Type::Decimal { scale, .. } => *scale,
        _ => 0,
    }
}

/// Why a function does not take these arguments.
pub fn takes(name: &str, what: &str) -> String {
    format!("`{name}` takes {what}")
}
