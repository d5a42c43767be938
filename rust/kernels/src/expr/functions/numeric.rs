//! Numbers.

use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Family, Function, Kind, Param};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;

const BASE: Function = Function { family: Family::Numeric, cost: 3, ..Function::BASE };

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "abs",
    params: &[Param::new("x", Kind::Number)],
    infer: infer_abs,
    core: abs,
    docs: "The magnitude of a number. Fails on the least BIGINT, whose magnitude is none.",
    examples: &[("abs(-5)", "5"), ("abs(-1.50)", "1.50"), ("abs(NULL)", "NULL")],
    ..BASE
}];

fn infer_abs(args: &[Facts]) -> Result<Facts, String> {
    let Some(x) = args.first() else { return Err("abs takes one number".to_owned()) };
    let (range, faults) = match x.range {
        Range::Exact(low, high) => {
            let least = if low <= 0 && high >= 0 { 0 } else { low.abs().min(high.abs()) };
            let most = low.abs().max(high.abs());
            let overflows = x.ty == Type::Integer && low <= i128::from(i64::MIN);
            let faults = if overflows { Faults::of(&[Fault::ArithmeticOverflow]) } else { Faults::NONE };
            (Range::Exact(least, if overflows { i128::from(i64::MAX) } else { most }), faults)
        }
        Range::Double { low, high, .. } => {
            let least = if low <= 0.0 && high >= 0.0 { 0.0 } else { low.abs().min(high.abs()) };
            let faults = if x.range.is_finite() { Faults::NONE } else { Faults::of(&[Fault::NotFinite]) };
            (Range::Double { low: least, high: low.abs().max(high.abs()).min(f64::MAX), nan: false }, faults)
        }
        other => (other, Faults::NONE),
    };
    Ok(Facts::strict(args, x.ty.clone(), range, faults))
}

fn abs<'a>(_: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    Ok(match args {
        [Scalar::Integer(x)] => Scalar::Integer(x.checked_abs().ok_or(Fault::ArithmeticOverflow)?),
        [Scalar::Decimal(x)] => Scalar::Decimal(x.abs()),
        [Scalar::Double(x)] => finite(x.abs())?,
        _ => Scalar::Null,
    })
}

/// A double as a result: NaN and infinities are faults (S6.12).
pub fn finite<'a>(x: f64) -> Result<Scalar<'a>, Fault> {
    if x.is_finite() { Ok(Scalar::Double(x)) } else { Err(Fault::NotFinite) }
}
