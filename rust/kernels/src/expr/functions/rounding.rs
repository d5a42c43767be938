//! Numbers to fewer digits.

use super::rounding_double as double;
use super::support::{ends, finite, finite_range, integer, range, scale, span, takes, when};
use crate::expr::decimal::{self, Rounding};
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Family, Function, Kind, Param};
use crate::expr::scalar::{Constant, Scalar};
use crate::expr::types::{MAX_PRECISION, Type};

const BASE: Function = Function { family: Family::Numeric, cost: 6, ..Function::BASE };

const X: Param = Param::new("x", Kind::Number);
const DIGITS: Param = Param::new("digits", Kind::Integer).constant().optional();

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "round",
        params: &[X, DIGITS],
        infer: |args| infer("round", args, Rounding::HalfAway),
        core: |call, args| apply(call, args, Rounding::HalfAway),
        docs: "The nearest number with that many digits after the point (0 unless given), from the middle away from zero; \
               negative digits round to tens, hundreds and so on. A DECIMAL keeps no more digits than it has; of a DOUBLE the \
               exact binary value is rounded, then the nearest DOUBLE taken. Fails when the result does not fit its type, \
               and on NaN and infinities.",
        examples: &[
            ("round(2.5)", "3"),
            ("round(-2.567, 2)", "-2.57"),
            ("round(2.5, 3)", "2.5"),
            ("round(125, -1)", "130"),
            ("round(25.5, -1)", "30"),
            ("round(1005e-3, 2)", "1"),
            ("round(9223372036854775807, -1)", "fails: arithmetic-overflow"),
        ],
        duckdb: "rounds a DOUBLE after multiplying by a power of ten, so that numbers next to the middle can go the other way",
        ..BASE
    },
    Function {
        name: "trunc",
        params: &[X, DIGITS],
        infer: |args| infer("trunc", args, Rounding::Truncate),
        core: |call, args| apply(call, args, Rounding::Truncate),
        docs: "The number without the digits after the given one (0 unless given), hence towards zero; of a DOUBLE the \
               digits are those of its text. Fails on NaN and infinities.",
        examples: &[
            ("trunc(-2.57)", "-2"),
            ("trunc(2.57, 1)", "2.5"),
            ("trunc(129, -1)", "120"),
            ("trunc(7e-1, 1)", "0.7"),
        ],
        duckdb: "gives DOUBLE for integers without digits",
        ..BASE
    },
    Function {
        name: "floor",
        params: &[X],
        infer: |args| infer("floor", args, Rounding::Floor),
        core: |call, args| apply(call, args, Rounding::Floor),
        docs: "The greatest whole number that is not greater. A DECIMAL stays one, of scale 0. Fails on NaN and infinities.",
        examples: &[("floor(-2.5)", "-3"), ("floor(7)", "7"), ("floor(29e-1)", "2")],
        duckdb: "gives DOUBLE for integers",
        ..BASE
    },
    Function {
        name: "ceil",
        aliases: &["ceiling"],
        params: &[X],
        infer: |args| infer("ceil", args, Rounding::Ceiling),
        core: |call, args| apply(call, args, Rounding::Ceiling),
        docs: "The least whole number that is not less. A DECIMAL stays one, of scale 0. Fails on NaN and infinities.",
        examples: &[("ceil(2.1)", "3"), ("ceil(-2.9)", "-2"), ("ceil(21e-1)", "3")],
        duckdb: "gives DOUBLE for integers",
        ..BASE
    },
];

fn infer(name: &str, args: &[Facts], rounding: Rounding) -> Result<Facts, String> {
    let Some(x) = args.first() else { return Err(takes(name, "a number")) };
    let digits = match args.get(1).map(|digits| &digits.constant) {
        None | Some(Some(Constant::Null)) => 0,
        Some(Some(Constant::Integer(digits))) => *digits,
        Some(_) => return Err(takes(name, "a constant number of digits")),
    };
    let ty = result_type(&x.ty, digits, rounding);
    let (range, faults) = match range(x) {
        Range::Exact(..) => exact_range(x, &ty, digits, rounding),
        Range::Double { .. } => {
            let (low, high, faults) = span(x);
            let (range, beyond) =
                finite_range(round_double(low, digits, rounding), round_double(high, digits, rounding));
            (range, faults.and(beyond))
        }
        other => (other, Faults::NONE),
    };
    Ok(Facts::strict(args, ty, range, faults))
}

fn result_type(ty: &Type, digits: i64, rounding: Rounding) -> Type {
    let Type::Decimal { precision, scale } = ty else { return ty.clone() };
    let kept = u8::try_from(digits.clamp(0, i64::from(*scale))).unwrap_or(0);
    if digits >= i64::from(*scale) {
        return ty.clone();
    }
    let carry = u8::from(rounding != Rounding::Truncate);
    let whole = precision.saturating_sub(*scale) + carry;
    Type::Decimal { precision: (whole + kept).clamp(1, MAX_PRECISION), scale: kept }
}

fn exact_range(x: &Facts, ty: &Type, digits: i64, rounding: Rounding) -> (Range, Faults) {
    let (least, most) = Range::of_type(ty).exact().unwrap_or((-decimal::MAX, decimal::MAX));
    let (low, high) = ends(x);
    let end = |value: i128| {
        let beyond = if value < 0 { i128::MIN } else { i128::MAX };
        round_exact(value, scale(&x.ty), digits, rounding).unwrap_or(beyond)
    };
    let (low, high) = (end(low), end(high));
    let faults = when(low < least || high > most, Fault::ArithmeticOverflow);
    (Range::Exact(low.clamp(least, most), high.clamp(least, most)), faults)
}

/// `x` at `scale`, rounded to `digits`, at the lesser of both scales or 0; none beyond 38 digits.
fn round_exact(x: i128, scale: u8, digits: i64, rounding: Rounding) -> Option<i128> {
    match u8::try_from(digits) {
        Ok(digits) => decimal::rescale(x, scale, digits.min(scale), rounding),
        Err(_) if digits > 0 => Some(x),
        Err(_) => {
            let dropped = u8::try_from(digits.unsigned_abs()).ok().filter(|dropped| *dropped <= MAX_PRECISION);
            let powers = dropped.and_then(|dropped| Some((decimal::pow10(dropped)?, decimal::pow10(dropped + scale)?)));
            // A power of ten beyond 38 digits is more than twice any number.
            let Some((unit, by)) = powers else { return Some(0) };
            let out = decimal::divide_round(x, by, rounding).checked_mul(unit)?;
            decimal::fits(out, MAX_PRECISION).then_some(out)
        }
    }
}

fn round_double(x: f64, digits: i64, rounding: Rounding) -> f64 {
    match rounding {
        Rounding::HalfAway => double::round(x, digits),
        Rounding::Truncate => double::truncate(x, digits),
        Rounding::Floor => x.floor(),
        Rounding::Ceiling => x.ceil(),
    }
}

fn apply<'a>(call: &Call<'a>, args: &[Scalar<'a>], rounding: Rounding) -> Result<Scalar<'a>, Fault> {
    let digits = match args.get(1) {
        Some(Scalar::Integer(digits)) => *digits,
        _ => 0,
    };
    match args.first() {
        Some(Scalar::Integer(x)) => {
            integer(round_exact((*x).into(), 0, digits, rounding).ok_or(Fault::ArithmeticOverflow)?)
        }
        Some(Scalar::Decimal(x)) => {
            let scale = call.types.first().map_or(0, scale);
            round_exact(*x, scale, digits, rounding).map(Scalar::Decimal).ok_or(Fault::ArithmeticOverflow)
        }
        Some(Scalar::Double(x)) => finite(round_double(finite_argument(*x)?, digits, rounding)),
        _ => Ok(Scalar::Null),
    }
}

fn finite_argument(x: f64) -> Result<f64, Fault> {
    if x.is_finite() { Ok(x) } else { Err(Fault::NotFinite) }
}
