//! Parts of dates and times, one function each and `date_part`.

use super::BASE;
use super::part::Part;
use super::reading::Reading;
use crate::expr::calendar;
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Function, Kind, Param, Prepared};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;

const DAY_TYPES: &str = "a date or a timestamp without zone";
const CLOCK_TYPES: &str = "a time or a timestamp without zone";
const ANY_TYPES: &str = "a date, a time or a timestamp without zone";

macro_rules! part {
    ($part:expr, $kind:expr, $name:literal, $aliases:expr, $docs:literal, $examples:expr, $duckdb:literal) => {
        Function {
            name: $name,
            aliases: $aliases,
            params: &[Param::new("x", $kind)],
            infer: |args| infer($name, $part, args),
            core: |call, args| core($part, call.types.first(), args.first()),
            docs: $docs,
            examples: $examples,
            duckdb: $duckdb,
            ..BASE
        }
    };
}

macro_rules! day_part {
    ($part:expr, $name:literal, $aliases:expr, $docs:literal, $examples:expr) => {
        part!($part, Kind::LocalTemporal, $name, $aliases, $docs, $examples, "")
    };
}

macro_rules! clock_part {
    ($part:expr, $name:literal, $docs:literal, $examples:expr) => {
        part!($part, Kind::Any, $name, &[], $docs, $examples, "DuckDB reads 0 off a DATE, which is refused here.")
    };
}

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    day_part!(
        Part::Year,
        "year",
        &[],
        "The year; the one before year 1 is 0. Fails outside of the years -9999 to 9999.",
        &[("year(DATE '2026-01-31')", "2026"), ("year(TIMESTAMP '1969-12-31 23:59:59')", "1969")]
    ),
    day_part!(
        Part::Quarter,
        "quarter",
        &[],
        "The quarter of the year, 1 to 4. Fails outside of the years -9999 to 9999.",
        &[("quarter(DATE '2026-03-31')", "1"), ("quarter(DATE '2026-04-01')", "2")]
    ),
    day_part!(
        Part::Month,
        "month",
        &[],
        "The month, 1 to 12. Fails outside of the years -9999 to 9999.",
        &[("month(DATE '2026-01-31')", "1"), ("month(NULL)", "NULL")]
    ),
    day_part!(
        Part::Week,
        "week",
        &["weekofyear"],
        "The ISO 8601 week, 1 to 53: weeks start on Monday, the first has the year's first Thursday. Fails outside of the \
         years -9999 to 9999.",
        &[("week(DATE '2026-01-04')", "1"), ("week(DATE '2027-01-03')", "53")]
    ),
    day_part!(
        Part::IsoYear,
        "isoyear",
        &[],
        "The year that the ISO 8601 week belongs to. Fails outside of the years -9999 to 9999.",
        &[("isoyear(DATE '2024-12-30')", "2025"), ("isoyear(DATE '2027-01-03')", "2026")]
    ),
    day_part!(
        Part::Day,
        "day",
        &["dayofmonth", "day_of_month"],
        "The day of the month, 1 to 31. Fails outside of the years -9999 to 9999.",
        &[("day(DATE '2026-01-31')", "31"), ("day(TIMESTAMP '2026-02-01 00:00:00')", "1")]
    ),
    part!(
        Part::IsoDayOfWeek,
        Kind::LocalTemporal,
        "day_of_week",
        &["isodow"],
        "The day of the week as in ISO 8601: Monday is 1, Sunday 7. Fails outside of the years -9999 to 9999.",
        &[("day_of_week(DATE '2026-01-04')", "7"), ("day_of_week(DATE '2026-01-05')", "1")],
        "DuckDB has it as isodow; its dayofweek starts with Sunday as 0."
    ),
    day_part!(
        Part::DayOfWeek,
        "dayofweek",
        &["weekday"],
        "The day of the week with Sunday as 0, Saturday as 6. Fails outside of the years -9999 to 9999.",
        &[("dayofweek(DATE '2026-01-04')", "0"), ("dayofweek(DATE '2026-01-05')", "1")]
    ),
    day_part!(
        Part::DayOfYear,
        "dayofyear",
        &["day_of_year"],
        "The day of the year, 1 to 366. Fails outside of the years -9999 to 9999.",
        &[("dayofyear(DATE '2026-02-01')", "32"), ("dayofyear(DATE '2024-12-31')", "366")]
    ),
    clock_part!(
        Part::Hour,
        "hour",
        "The hour of a time or timestamp, 0 to 23. Fails on a time outside of a day only.",
        &[("hour(TIMESTAMP '2026-01-31 13:45:30')", "13"), ("hour(TIME '23:59:59')", "23")]
    ),
    clock_part!(
        Part::Minute,
        "minute",
        "The minute of a time or timestamp, 0 to 59. Fails on a time outside of a day only.",
        &[("minute(TIMESTAMP '2026-01-31 13:45:30')", "45"), ("minute(TIME '23:59:59')", "59")]
    ),
    clock_part!(
        Part::Second,
        "second",
        "The whole second of a time or timestamp, 0 to 59. Fails on a time outside of a day only.",
        &[("second(TIMESTAMP '2026-01-31 13:45:30.75')", "30"), ("second(TIME '23:59:59')", "59")]
    ),
    clock_part!(
        Part::Millisecond,
        "millisecond",
        "The milliseconds since the minute began, 0 to 59999: the seconds count in. Fails on a time outside of a day only.",
        &[("millisecond(TIME '13:00:01.5')", "1500"), ("millisecond(TIME '13:00:00')", "0")]
    ),
    clock_part!(
        Part::Microsecond,
        "microsecond",
        "The microseconds since the minute began, 0 to 59999999: the seconds count in. Fails on a time outside of a day only.",
        &[("microsecond(TIME '13:00:01.5')", "1500000"), ("microsecond(TIME '13:00:00')", "0")]
    ),
    clock_part!(
        Part::Nanosecond,
        "nanosecond",
        "The nanoseconds since the minute began: the seconds count in. Fails on a time outside of a day only.",
        &[("nanosecond(TIME '13:00:01.5')", "1500000000"), ("nanosecond(TIME '13:00:00')", "0")]
    ),
    Function {
        name: "date_part",
        aliases: &["datepart"],
        params: &[Param::new("part", Kind::Text).constant(), Param::new("x", Kind::Any)],
        infer: infer_date_part,
        prepare: Some(prepare),
        core: date_part,
        cost: 10,
        docs: "A part of a date or time by its name: year, isoyear, quarter, month, week, day, dow (Sunday 0), isodow (Monday 1), \
               doy, hour, minute, second, millisecond, microsecond, nanosecond. EXTRACT(part FROM x) is the same. Fails as the \
               part's own function does.",
        examples: &[("date_part('month', DATE '2026-01-31')", "1"), ("date_part('dow', DATE '2026-01-04')", "0")],
        duckdb: "DuckDB reads 0 off a DATE for the parts of the clock, which is refused here; it has further parts.",
        ..BASE
    },
    Function {
        name: "days_in_month",
        params: &[Param::new("x", Kind::LocalTemporal)],
        infer: infer_days_in_month,
        core: days_in_month,
        docs: "How many days the month has, 28 to 31. Fails outside of the years -9999 to 9999.",
        examples: &[("days_in_month(DATE '2024-02-01')", "29"), ("days_in_month(DATE '2026-04-30')", "30")],
        ..BASE
    },
];

const ALL: &[Part] = &[
    Part::Year,
    Part::IsoYear,
    Part::Quarter,
    Part::Month,
    Part::Week,
    Part::Day,
    Part::DayOfWeek,
    Part::IsoDayOfWeek,
    Part::DayOfYear,
    Part::Hour,
    Part::Minute,
    Part::Second,
    Part::Millisecond,
    Part::Microsecond,
    Part::Nanosecond,
];

fn infer(name: &str, part: Part, args: &[Facts]) -> Result<Facts, String> {
    let what = if part.of_clock() { CLOCK_TYPES } else { DAY_TYPES };
    let Some(x) = args.last() else { return Err(format!("`{name}` takes {what}")) };
    let Some(reading) = Reading::of_arg(name, what, x)? else { return Ok(any(args, part.all())) };
    part.check(name, reading)?;
    let (low, high, faults) = reading.ends(x, !part.of_clock());
    let grows = part.grows_within().is_none_or(|within| same(within, low, high, reading));
    let ends = match (part.of(low, reading), part.of(high, reading)) {
        (Ok(low), Ok(high)) if grows && low <= high => (low, high),
        _ => part.all(),
    };
    Ok(Facts::strict(args, Type::Integer, Range::Exact(ends.0.into(), ends.1.into()), faults))
}

/// Do two values lie in the same part?
fn same(part: Part, low: i64, high: i64, reading: Reading) -> bool {
    low == high || part.start(low, reading).is_ok_and(|start| part.start(high, reading) == Ok(start))
}

fn any(args: &[Facts], (low, high): (i64, i64)) -> Facts {
    Facts::strict(args, Type::Integer, Range::Exact(low.into(), high.into()), Faults::NONE)
}

fn core<'a>(part: Part, ty: Option<&Type>, x: Option<&Scalar<'a>>) -> Result<Scalar<'a>, Fault> {
    match (x, ty.and_then(Reading::of)) {
        (Some(Scalar::Integer(x)), Some(reading)) => part.of(*x, reading).map(Scalar::Integer),
        _ => Ok(Scalar::Null),
    }
}

fn infer_date_part(args: &[Facts]) -> Result<Facts, String> {
    match Part::of_args("date_part", args, ALL)? {
        Some(part) => infer("date_part", part, args),
        None => {
            if let Some(x) = args.get(1) {
                Reading::of_arg("date_part", ANY_TYPES, x)?;
            }
            Ok(any(args, (0, 0)))
        }
    }
}

fn prepare(args: &[Facts]) -> Result<Prepared, String> {
    Ok(Part::prepare(Part::of_args("date_part", args, ALL)?))
}

fn date_part<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    match call.prepared::<Part>() {
        Some(part) => core(*part, call.types.get(1), args.get(1)),
        None => Ok(Scalar::Null),
    }
}

fn infer_days_in_month(args: &[Facts]) -> Result<Facts, String> {
    let Some(x) = args.first() else { return Err(format!("`days_in_month` takes {DAY_TYPES}")) };
    let Some(reading) = Reading::of_arg("days_in_month", DAY_TYPES, x)? else { return Ok(any(args, (28, 31))) };
    Part::Month.check("days_in_month", reading)?;
    let (low, high, faults) = reading.ends(x, true);
    let ends = match reading.civil(low) {
        Ok(civil) if same(Part::Month, low, high, reading) => {
            let days = calendar::days_in_month(civil.year, civil.month);
            (days, days)
        }
        _ => (28, 31),
    };
    Ok(Facts::strict(args, Type::Integer, Range::Exact(ends.0.into(), ends.1.into()), faults))
}

fn days_in_month<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    match (args.first(), call.types.first().and_then(Reading::of)) {
        (Some(Scalar::Integer(x)), Some(reading)) => {
            let civil = reading.civil(*x)?;
            Ok(Scalar::Integer(calendar::days_in_month(civil.year, civil.month)))
        }
        _ => Ok(Scalar::Null),
    }
}
