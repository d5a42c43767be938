//! Comparisons (S6.8, S6.12 to S6.15).

use super::decimal;
use super::facts::{Facts, Range};
use super::fault::{Fault, Faults};
use super::scalar::Scalar;
use super::types::Type;
use std::cmp::Ordering;

/// `= <> < <= > >=`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// Does it hold for operands that stand so?
    #[inline(always)]
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        }
    }

    /// The comparison with its operands exchanged.
    #[must_use]
    pub fn mirrored(self) -> Comparison {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            same @ (Comparison::Equal | Comparison::NotEqual) => same,
        }
    }

    /// As in SQL.
    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::NotEqual => "<>",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        }
    }
}

/// How two values stand, neither NULL. NaN stands nowhere.
#[inline]
pub fn order(a: Scalar<'_>, b: Scalar<'_>, types: (&Type, &Type)) -> Result<Ordering, Fault> {
    match (a, b) {
        (Scalar::Integer(a), Scalar::Integer(b)) => Ok(a.cmp(&b)),
        (Scalar::Double(a), Scalar::Double(b)) => a.partial_cmp(&b).ok_or(Fault::NotFinite),
        (Scalar::Integer(a), Scalar::Double(b)) => integer_with_double(a, b).ok_or(Fault::NotFinite),
        (Scalar::Double(a), Scalar::Integer(b)) => {
            integer_with_double(b, a).map(Ordering::reverse).ok_or(Fault::NotFinite)
        }
        (Scalar::Decimal(a), Scalar::Decimal(b)) => Ok(decimal::compare(a, scale(types.0), b, scale(types.1))),
        (Scalar::Text(a), Scalar::Text(b)) => Ok(a.cmp(b)),
        (Scalar::Binary(a), Scalar::Binary(b)) => Ok(a.cmp(b)),
        (Scalar::Boolean(a), Scalar::Boolean(b)) => Ok(a.cmp(&b)),
        // The checker admits no other pair.
        _ => Err(Fault::ArgumentOutOfRange),
    }
}

/// IS DISTINCT FROM: NULL is a value like any other, NaN too.
pub fn distinct(a: Scalar<'_>, b: Scalar<'_>, types: (&Type, &Type)) -> Result<bool, Fault> {
    let nan = |x: Scalar<'_>| matches!(x, Scalar::Double(x) if x.is_nan());
    match (a.is_null(), b.is_null()) {
        (true, true) => Ok(false),
        (false, false) if nan(a) || nan(b) => Ok(nan(a) != nan(b)),
        (false, false) => order(a, b, types).map(Ordering::is_ne),
        _ => Ok(true),
    }
}

/// Digits after the point of a decimal type.
pub fn scale(ty: &Type) -> u8 {
    match ty {
        Type::Decimal { scale, .. } => *scale,
        _ => 0,
    }
}

/// Exactly, although not every integer is a double. None for NaN.
pub fn integer_with_double(a: i64, b: f64) -> Option<Ordering> {
    const END: f64 = 9_223_372_036_854_775_808.0;
    if b.is_nan() {
        return None;
    }
    if b >= END {
        return Some(Ordering::Less);
    }
    if b < -END {
        return Some(Ordering::Greater);
    }
    // In this range truncation is exact; what is cut off decides between equal integers.
    let whole = b.trunc();
    Some(a.cmp(&(whole as i64)).then(0.0_f64.partial_cmp(&(b - whole))?))
}

/// Facts of a comparison.
pub fn infer(comparison: Comparison, a: &Facts, b: &Facts) -> Facts {
    let args = [a.clone(), b.clone()];
    let nan = |facts: &Facts| matches!(facts.range, Range::Double { nan: true, .. });
    let faults = if nan(a) || nan(b) { Faults::of(&[Fault::NotFinite]) } else { Faults::NONE };
    let range = match (a.range, b.range) {
        (Range::Exact(low, high), Range::Exact(least, most)) if scale(&a.ty) == scale(&b.ty) => {
            truth(comparison, (low.cmp(&most), high.cmp(&least)), (low, high) == (least, most) && low == high)
        }
        (Range::Double { low, high, .. }, Range::Double { low: least, high: most, .. }) => {
            match (low.partial_cmp(&most), high.partial_cmp(&least)) {
                (Some(lowest), Some(highest)) => {
                    truth(comparison, (lowest, highest), low == high && least == most && low == least)
                }
                _ => Range::TRUTH,
            }
        }
        _ => Range::TRUTH,
    };
    Facts::strict(&args, Type::Boolean, range, faults)
}

/// What a comparison can yield when the least left operand stands to the greatest right one, and the greatest to the least,
/// like this.
fn truth(comparison: Comparison, (lowest, highest): (Ordering, Ordering), same: bool) -> Range {
    let (can_less, can_greater) = (lowest.is_lt(), highest.is_gt());
    let can_equal = lowest.is_le() && highest.is_ge();
    let outcomes = [(can_less, Ordering::Less), (can_equal, Ordering::Equal), (can_greater, Ordering::Greater)];
    let possible = |wanted: bool| {
        outcomes.iter().any(|(can, order)| *can && !(same && order.is_ne()) && comparison.holds(*order) == wanted)
    };
    Range::Truth { yes: possible(true), no: possible(false) }
}
