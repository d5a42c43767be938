//! How far apart dates and times are.

use super::BASE;
use super::part::Part;
use super::reading::{Reading, monotone};
use crate::expr::calendar;
use crate::expr::facts::Facts;
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Function, Kind, Param, Prepared};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;

const TYPES: &str = "dates, times or timestamps without zone";

const PARAMS: &[Param] =
    &[Param::new("part", Kind::Text).constant(), Param::new("from", Kind::Any), Param::new("to", Kind::Any)];

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "date_diff",
        aliases: &["datediff"],
        params: PARAMS,
        infer: |args| infer("date_diff", DIFFS, crossed, args),
        prepare: Some(|args| prepare("date_diff", DIFFS, args)),
        core: |call, args| core(crossed, call, args),
        cost: 15,
        docs: "How many starts of a part lie after `from` and not after `to`: a year from 2025-12-31 to 2026-01-01. Of weeks the \
               whole 7 days between both dates. Negative if `to` is earlier. Both are dates, times, or timestamps without zone. \
               Fails for years, quarters and months outside of the years -9999 to 9999, and beyond 64 bits.",
        examples: &[
            ("date_diff('month', DATE '2026-01-31', DATE '2026-02-01')", "1"),
            ("date_diff('day', TIMESTAMP '2026-01-01 23:00:00', TIMESTAMP '2026-01-02 01:00:00')", "1"),
            ("date_diff('year', DATE '2026-01-01', DATE '2025-12-31')", "-1"),
        ],
        duckdb: "DuckDB also counts hours and less between dates, and takes a date with a timestamp.",
        ..BASE
    },
    Function {
        name: "date_sub",
        aliases: &["datesub"],
        params: PARAMS,
        infer: |args| infer("date_sub", SUBS, complete, args),
        prepare: Some(|args| prepare("date_sub", SUBS, args)),
        core: |call, args| core(complete, call, args),
        cost: 15,
        docs: "How many complete parts lie between `from` and `to`; a month is complete on the same day, or on the month's last if \
               it has no such day. Negative if `to` is earlier. Both are dates, times, or timestamps without zone. Fails for \
               years, quarters and months outside of the years -9999 to 9999, and beyond 64 bits.",
        examples: &[
            ("date_sub('month', DATE '2026-01-31', DATE '2026-02-28')", "1"),
            ("date_sub('day', TIMESTAMP '2026-01-01 23:00:00', TIMESTAMP '2026-01-02 01:00:00')", "0"),
            ("date_sub('year', DATE '2000-06-15', DATE '2026-06-14')", "25"),
        ],
        duckdb: "DuckDB also counts hours and less between dates, and takes a date with a timestamp.",
        ..BASE
    },
];

const DIFFS: &[Part] = &[
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

const SUBS: &[Part] = &[
    Part::Year,
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

/// A value and how it is read.
type Point = (i64, Reading);

/// What is between two points; falls with the first and grows with the second.
type Between = fn(Part, Point, Point) -> Result<i64, Fault>;

fn prepare(name: &str, parts: &[Part], args: &[Facts]) -> Result<Prepared, String> {
    Ok(Part::prepare(Part::of_args(name, args, parts)?))
}

fn infer(name: &str, parts: &[Part], between: Between, args: &[Facts]) -> Result<Facts, String> {
    let part = Part::of_args(name, args, parts)?;
    let [_, from, to] = args else { return Err(format!("`{name}` takes a part and two {TYPES}")) };
    let readings = (Reading::of_arg(name, TYPES, from)?, Reading::of_arg(name, TYPES, to)?);
    if let Some(part) = part {
        [readings.0, readings.1].into_iter().flatten().try_for_each(|reading| part.check(name, reading))?;
    }
    let (Some(part), (Some(a), Some(b))) = (part, readings) else {
        return Ok(Facts::strict_any(args, Type::Integer, Faults::NONE));
    };
    if std::mem::discriminant(&a) != std::mem::discriminant(&b) {
        return Err(format!("`{name}` takes two of a kind, not {} and {}: cast one of them", from.ty, to.ty));
    }
    let needs_calendar = part.nanoseconds().is_none();
    let (a_low, a_high, a_faults) = a.ends(from, needs_calendar);
    let (b_low, b_high, b_faults) = b.ends(to, needs_calendar);
    let least = between(part, (a_high, a), (b_low, b));
    let (range, faults) = monotone(least, between(part, (a_low, a), (b_high, b)));
    Ok(Facts::strict(args, Type::Integer, range, faults.and(a_faults).and(b_faults)))
}

fn core<'a>(between: Between, call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let reading = |position: usize| call.types.get(position).and_then(Reading::of);
    match (call.prepared::<Part>(), reading(1), reading(2), args) {
        (Some(part), Some(a), Some(b), [_, Scalar::Integer(x), Scalar::Integer(y)]) => {
            between(*part, (*x, a), (*y, b)).map(Scalar::Integer)
        }
        _ => Ok(Scalar::Null),
    }
}

fn crossed(part: Part, from: Point, to: Point) -> Result<i64, Fault> {
    if part == Part::Week {
        let day = |(x, reading): Point| reading.day(x).ok_or(Fault::TemporalOutOfRange);
        return Ok((day(to)? - day(from)?) / 7);
    }
    let crossed = number(part, to)? - number(part, from)?;
    i64::try_from(crossed).map_err(|_| Fault::ArithmeticOverflow)
}

/// Parts of a kind numbered in the order of time.
fn number(part: Part, (x, reading): Point) -> Result<i128, Fault> {
    if reading == Reading::Clock {
        reading.of_day(x)?;
    }
    if let Some(length) = part.nanoseconds() {
        let tick = reading.nanoseconds();
        let number = match length / tick {
            0 => i128::from(x) * i128::from(tick / length),
            ticks => x.div_euclid(ticks).into(),
        };
        return Ok(number);
    }
    let civil = reading.civil(x)?;
    Ok(i128::from(match part {
        Part::Quarter => civil.year * 4 + (civil.month - 1) / 3,
        Part::Month => civil.year * 12 + civil.month - 1,
        part => part.of(x, reading)?,
    }))
}

fn complete(part: Part, from: Point, to: Point) -> Result<i64, Fault> {
    match part {
        Part::Year => Ok(months(from, to)? / 12),
        Part::Quarter => Ok(months(from, to)? / 3),
        Part::Month => months(from, to),
        part => elapsed(part, from, to),
    }
}

fn elapsed(part: Part, (x, a): Point, (y, b): Point) -> Result<i64, Fault> {
    if a == Reading::Clock {
        a.of_day(x)?;
        b.of_day(y)?;
    }
    let length = i128::from(part.nanoseconds().unwrap_or(1));
    let nanos = i128::from(y) * i128::from(b.nanoseconds()) - i128::from(x) * i128::from(a.nanoseconds());
    i64::try_from(nanos / length).map_err(|_| Fault::ArithmeticOverflow)
}

fn months(from: Point, to: Point) -> Result<i64, Fault> {
    let at = |(x, reading): Point| -> Result<(i64, i64, i64), Fault> {
        let civil = reading.civil(x)?;
        let day = reading.day(x).ok_or(Fault::TemporalOutOfRange)?;
        Ok((day, reading.of_day(x)?, civil.year * 12 + civil.month))
    };
    let (from, to) = (at(from)?, at(to)?);
    let forward = (from.0, from.1) <= (to.0, to.1);
    let (early, late) = if forward { (from, to) } else { (to, from) };
    let begun = late.2 - early.2;
    // In the month of `late`, hence in the calendar.
    let day = calendar::add_months(early.0, begun).ok_or(Fault::TemporalOutOfRange)?;
    let complete = if (day, early.1) > (late.0, late.1) { begun - 1 } else { begun };
    Ok(if forward { complete } else { -complete })
}
