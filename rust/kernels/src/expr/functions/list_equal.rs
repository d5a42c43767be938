//! Equality and order of values of one type, as lists need them: total, NaN and NULL included.

use crate::expr::scalar::Scalar;
use std::cmp::Ordering;

/// Are two values of one type the same? NULL is NULL, NaN is NaN, -0.0 is 0.0; lists and structs are compared item by
/// item.
pub fn same(a: Scalar<'_>, b: Scalar<'_>) -> bool {
    match (a, b) {
        (Scalar::Double(a), Scalar::Double(b)) => a == b || (a.is_nan() && b.is_nan()),
        (Scalar::List(a), Scalar::List(b)) | (Scalar::Struct(a), Scalar::Struct(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(*a, *b))
        }
        (a, b) => a == b,
    }
}

/// The order of two values of one type, in agreement with [`same`]: FALSE before TRUE, numbers and times ascending with NaN
/// last, texts by scalar values, binaries by bytes, lists and structs by their first difference; NULL after all.
pub fn order(a: Scalar<'_>, b: Scalar<'_>) -> Ordering {
    match (a, b) {
        (Scalar::Boolean(a), Scalar::Boolean(b)) => a.cmp(&b),
        (Scalar::Integer(a), Scalar::Integer(b)) => a.cmp(&b),
        (Scalar::Decimal(a), Scalar::Decimal(b)) => a.cmp(&b),
        (Scalar::Double(a), Scalar::Double(b)) => a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())),
        (Scalar::Text(a), Scalar::Text(b)) => a.cmp(b),
        (Scalar::Binary(a), Scalar::Binary(b)) => a.cmp(b),
        (Scalar::List(a), Scalar::List(b)) | (Scalar::Struct(a), Scalar::Struct(b)) => {
            let difference = a.iter().zip(b).map(|(a, b)| order(*a, *b)).find(|order| order.is_ne());
            difference.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        (a, b) => rank(a).cmp(&rank(b)),
    }
}

/// Keeps the order total where types differ, which they do for NULL only.
fn rank(value: Scalar<'_>) -> u8 {
    match value {
        Scalar::Boolean(_) => 0,
        Scalar::Integer(_) => 1,
        Scalar::Decimal(_) => 2,
        Scalar::Double(_) => 3,
        Scalar::Text(_) => 4,
        Scalar::Binary(_) => 5,
        Scalar::List(_) => 6,
        Scalar::Struct(_) => 7,
        Scalar::Null => 8,
    }
}
