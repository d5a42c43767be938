//! What the standard's JSON Schema does not see: clauses that contradict themselves, cannot be judged, or say nothing.

mod bounds;
mod keys;
mod metric;
mod options;
mod patterns;
mod rules;
mod sla;

pub(crate) use keys::contract;
pub(crate) use metric::{arguments, quality};
pub(crate) use options::{members, options, physical};
pub(crate) use patterns::pattern;
pub(crate) use rules::rules;
pub(crate) use sla::sla;

use super::Scalar;
use super::number::Decimal;

/// Whether a scalar is a number that can be reckoned with.
pub(crate) fn is_number(scalar: &Scalar) -> bool {
    decimal(scalar).is_some()
}

/// The number that a scalar is.
fn decimal(scalar: &Scalar) -> Option<Decimal> {
    match scalar {
        Scalar::Number(digits) => Decimal::parse(digits),
        _ => None,
    }
}
