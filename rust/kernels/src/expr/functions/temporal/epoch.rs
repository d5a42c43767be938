//! Time as a number.

use super::BASE;
use super::reading::{ends, monotone};
use crate::expr::calendar::DAY_NANOS;
use crate::expr::facts::Facts;
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Function, Kind, Param};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;

macro_rules! epoch {
    ($name:literal, $nanoseconds:literal, $docs:literal, $examples:expr, $duckdb:literal) => {
        Function {
            name: $name,
            params: &[Param::new("x", Kind::Any)],
            infer: |args| infer($name, args, $nanoseconds),
            core: |call, args| core(call.types.first(), args.first(), $nanoseconds),
            cost: 4,
            docs: $docs,
            examples: $examples,
            duckdb: $duckdb,
            ..BASE
        }
    };
}

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    epoch!(
        "epoch",
        1_000_000_000,
        "Whole seconds since 1970-01-01 00:00:00 (of UTC if there is a zone), since midnight of a time, or in an interval; a \
         fraction goes to the earlier second. Never fails.",
        &[("epoch(TIMESTAMP '1970-01-02 00:00:00')", "86400"), ("epoch(TIMESTAMP '1969-12-31 23:59:59.5')", "-1")],
        "DuckDB gives a DOUBLE with the fraction; epoch_us keeps it."
    ),
    epoch!(
        "epoch_ms",
        1_000_000,
        "Milliseconds since 1970-01-01 00:00:00 (of UTC if there is a zone), since midnight of a time, or in an interval; a \
         fraction goes to the earlier one. Fails beyond 64 bits.",
        &[("epoch_ms(DATE '1970-01-02')", "86400000"), ("epoch_ms(TIMESTAMP '1969-12-31 23:59:59.5')", "-500")],
        "DuckDB's epoch_ms of an integer makes a timestamp, which is refused here."
    ),
    epoch!(
        "epoch_us",
        1_000,
        "Microseconds since 1970-01-01 00:00:00 (of UTC if there is a zone), since midnight of a time, or in an interval; a \
         fraction goes to the earlier one. Fails beyond 64 bits.",
        &[("epoch_us(DATE '1970-01-02')", "86400000000"), ("epoch_us(TIME '00:00:01.5')", "1500000")],
        ""
    ),
    epoch!(
        "epoch_ns",
        1,
        "Nanoseconds since 1970-01-01 00:00:00 (of UTC if there is a zone), since midnight of a time, or in an interval. Fails \
         beyond 64 bits, in the years 1677 and 2262.",
        &[("epoch_ns(DATE '1970-01-02')", "86400000000000"), ("epoch_ns(TIME '00:00:01.5')", "1500000000")],
        ""
    ),
];

fn tick(ty: &Type) -> Option<i64> {
    match ty {
        Type::Date => Some(DAY_NANOS),
        Type::Time => Some(1),
        Type::Timestamp { unit, .. } | Type::Duration(unit) => Some(unit.nanoseconds()),
        _ => None,
    }
}

/// Ticks of one length in ticks of another.
fn count(x: i64, tick: i64, of: i64) -> Result<i64, Fault> {
    match of / tick {
        0 => x.checked_mul(tick / of).ok_or(Fault::ArithmeticOverflow),
        many => Ok(x.div_euclid(many)),
    }
}

fn infer(name: &str, args: &[Facts], of: i64) -> Result<Facts, String> {
    let what = "a date, a time, a timestamp or an interval";
    let Some(x) = args.first() else { return Err(format!("`{name}` takes {what}")) };
    if x.ty == Type::Null {
        return Ok(Facts::strict_any(args, Type::Integer, Faults::NONE));
    }
    let tick = tick(&x.ty).ok_or_else(|| format!("`{name}` takes {what}, not a value of type {}", x.ty))?;
    let (low, high) = ends(x);
    let (range, faults) = monotone(count(low, tick, of), count(high, tick, of));
    Ok(Facts::strict(args, Type::Integer, range, faults))
}

fn core<'a>(ty: Option<&Type>, x: Option<&Scalar<'a>>, of: i64) -> Result<Scalar<'a>, Fault> {
    match (x, ty.and_then(tick)) {
        (Some(Scalar::Integer(x)), Some(tick)) => count(*x, tick, of).map(Scalar::Integer),
        _ => Ok(Scalar::Null),
    }
}
