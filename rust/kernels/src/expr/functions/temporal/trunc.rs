//! Dates and timestamps brought to the start or end of what they lie in.

use super::BASE;
use super::part::Part;
use super::reading::{Reading, monotone};
use crate::expr::calendar;
use crate::expr::facts::Facts;
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Function, Kind, Param, Prepared};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;

const TYPES: &str = "a date or a timestamp without zone";

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "date_trunc",
        aliases: &["datetrunc"],
        params: &[Param::new("part", Kind::Text).constant(), Param::new("x", Kind::LocalTemporal)],
        infer: infer_trunc,
        prepare: Some(prepare),
        core: trunc,
        docs: "The start of the year, isoyear, quarter, month, week (its Monday), day, hour, minute, second, millisecond, \
               microsecond or nanosecond that a date or timestamp lies in, of the same type. Fails outside of the years -9999 \
               to 9999, and where the start is beyond what the timestamp's unit holds.",
        examples: &[
            ("date_trunc('month', DATE '2026-03-15')", "2026-03-01"),
            ("date_trunc('hour', TIMESTAMP '2026-03-15 13:45:30')", "2026-03-15 13:00:00"),
            ("date_trunc('week', DATE '2024-02-01')", "2024-01-29"),
        ],
        duckdb: "DuckDB gives a TIMESTAMP for a DATE too, and takes an hour of it; it has decades, centuries and millennia.",
        ..BASE
    },
    Function {
        name: "last_day",
        params: &[Param::new("x", Kind::LocalTemporal)],
        infer: infer_last_day,
        core: last_day,
        docs: "The last day of the month, a DATE. Fails outside of the years -9999 to 9999.",
        examples: &[
            ("last_day(DATE '2024-02-01')", "2024-02-29"),
            ("last_day(TIMESTAMP '2026-04-30 12:00:00')", "2026-04-30"),
        ],
        ..BASE
    },
];

const STARTS: &[Part] = &[
    Part::Year,
    Part::IsoYear,
    Part::Quarter,
    Part::Month,
    Part::Week,
    Part::Day,
    Part::Hour,
    Part::Minute,
    Part::Second,
    Part::Millisecond,
    Part::Microsecond,
    Part::Nanosecond,
];

fn prepare(args: &[Facts]) -> Result<Prepared, String> {
    Ok(Part::prepare(Part::of_args("date_trunc", args, STARTS)?))
}

fn infer_trunc(args: &[Facts]) -> Result<Facts, String> {
    let part = Part::of_args("date_trunc", args, STARTS)?;
    let Some(x) = args.get(1) else { return Err(format!("`date_trunc` takes a part and {TYPES}")) };
    let reading = Reading::of_arg("date_trunc", TYPES, x)?;
    let (Some(part), Some(reading)) = (part, reading) else {
        return Ok(Facts::strict_any(args, x.ty.clone(), Faults::NONE));
    };
    part.check("date_trunc", reading)?;
    if reading == Reading::Clock {
        return Err(format!("`date_trunc` takes {TYPES}, not a TIME"));
    }
    let (low, high, beyond) = reading.ends(x, part < Part::Day);
    let (range, faults) = monotone(part.start(low, reading), part.start(high, reading));
    Ok(Facts::strict(args, x.ty.clone(), range, faults.and(beyond)))
}

fn trunc<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    match (call.prepared::<Part>(), call.types.get(1).and_then(Reading::of), args.get(1)) {
        (Some(part), Some(reading), Some(Scalar::Integer(x))) => part.start(*x, reading).map(Scalar::Integer),
        _ => Ok(Scalar::Null),
    }
}

fn infer_last_day(args: &[Facts]) -> Result<Facts, String> {
    let Some(x) = args.first() else { return Err(format!("`last_day` takes {TYPES}")) };
    let Some(reading) = Reading::of_arg("last_day", TYPES, x)? else {
        return Ok(Facts::strict_any(args, Type::Date, Faults::NONE));
    };
    Part::Month.check("last_day", reading)?;
    let (low, high, beyond) = reading.ends(x, true);
    let (range, faults) = monotone(month_end(low, reading), month_end(high, reading));
    Ok(Facts::strict(args, Type::Date, range, faults.and(beyond)))
}

fn month_end(x: i64, reading: Reading) -> Result<i64, Fault> {
    let civil = reading.civil(x)?;
    let day = reading.day(x).ok_or(Fault::TemporalOutOfRange)?;
    Ok(day - civil.day + calendar::days_in_month(civil.year, civil.month))
}

fn last_day<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    match (call.types.first().and_then(Reading::of), args.first()) {
        (Some(reading), Some(Scalar::Integer(x))) => month_end(*x, reading).map(Scalar::Integer),
        _ => Ok(Scalar::Null),
    }
}
