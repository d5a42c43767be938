//! Dates and times from numbers.

use super::BASE;
use super::reading::{ends, monotone};
use crate::expr::calendar;
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Function, Kind, Param};
use crate::expr::scalar::Scalar;
use crate::expr::types::{Type, Unit};

const LOCAL: Type = Type::Timestamp { unit: Unit::Microsecond, zoned: false };
const INSTANT: Type = Type::Timestamp { unit: Unit::Microsecond, zoned: true };
const SECOND: i64 = 1_000_000_000;

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "make_date",
        params: &[
            Param::new("year", Kind::Integer),
            Param::new("month", Kind::Integer),
            Param::new("day", Kind::Integer),
        ],
        infer: |args| infer("make_date", args, Type::Date, date_claim),
        core: make_date,
        docs: "The date of a year, month and day. Fails if there is no such day, or outside of the years -9999 to 9999.",
        examples: &[
            ("make_date(2026, 1, 31)", "2026-01-31"),
            ("make_date(2026, 2, 30)", "fails: argument-out-of-range"),
        ],
        ..BASE
    },
    Function {
        name: "make_time",
        params: &[
            Param::new("hour", Kind::Integer),
            Param::new("minute", Kind::Integer),
            Param::new("second", Kind::Integer),
        ],
        infer: |args| infer("make_time", args, Type::Time, time_claim),
        core: make_time,
        docs: "The time of an hour (0 to 23), minute and second (0 to 59). Fails if one of them is beyond these.",
        examples: &[("make_time(13, 0, 5)", "13:00:05"), ("make_time(24, 0, 0)", "fails: argument-out-of-range")],
        duckdb: "DuckDB's seconds are DOUBLE, and 24:00:00 is a time there.",
        ..BASE
    },
    Function {
        name: "make_timestamp",
        params: &[
            Param::new("year", Kind::Integer),
            Param::new("month", Kind::Integer),
            Param::new("day", Kind::Integer),
            Param::new("hour", Kind::Integer),
            Param::new("minute", Kind::Integer),
            Param::new("second", Kind::Integer),
        ],
        infer: infer_timestamp,
        core: make_timestamp,
        docs: "The timestamp (without zone) of a year, month, day, hour, minute and second. Fails as make_date and make_time do.",
        examples: &[
            ("make_timestamp(2026, 1, 31, 13, 0, 5)", "2026-01-31 13:00:05"),
            ("make_timestamp(2026, 1, 31, 13, 60, 0)", "fails: argument-out-of-range"),
        ],
        duckdb: "DuckDB's seconds are DOUBLE; its make_timestamp of one number counts microseconds since 1970.",
        ..BASE
    },
    Function {
        name: "to_timestamp",
        params: &[Param::new("seconds", Kind::Integer)],
        infer: infer_instant,
        core: to_timestamp,
        docs: "The instant (TIMESTAMP WITH TIME ZONE) so many seconds after 1970-01-01 00:00:00 UTC. Fails outside of the years \
               -9999 to 9999.",
        examples: &[
            ("to_timestamp(0)", "1970-01-01 00:00:00+00:00"),
            ("to_timestamp(-1)", "1969-12-31 23:59:59+00:00"),
        ],
        duckdb: "DuckDB's seconds are DOUBLE.",
        ..BASE
    },
];

fn date(year: i64, month: i64, day: i64) -> Option<i64> {
    calendar::days(year, month, day)
}

fn time(hour: i64, minute: i64, second: i64) -> Option<i64> {
    let fits = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
    fits.then(|| (hour * 3600 + minute * 60 + second) * SECOND)
}

/// Both fit, hence does the sum: the calendar is far smaller than what microseconds reach.
fn timestamp(days: i64, nanos: i64) -> i64 {
    days * calendar::ticks_per_day(Unit::Microsecond) + nanos / 1_000
}

type Triple = (i64, i64, i64);

/// Least and greatest result, and whether all numbers in between have one.
type Claim = (i64, i64, bool);

/// Least and greatest of each of three numbers.
fn triples(args: &[Facts]) -> Option<(Triple, Triple)> {
    match args {
        [a, b, c] => {
            let ((a, x), (b, y), (c, z)) = (ends(a), ends(b), ends(c));
            Some(((a, b, c), (x, y, z)))
        }
        _ => None,
    }
}

/// Day 28 is in every month, a later one only in some.
fn date_claim(low: Triple, high: Triple) -> Claim {
    let month = |month: i64| month.clamp(1, 12);
    let year = |year: i64| year.clamp(calendar::MIN_YEAR, calendar::MAX_YEAR);
    let clipped = |(y, m, d): Triple| {
        let (y, m) = (year(y), month(m));
        date(y, m, d.clamp(1, calendar::days_in_month(y, m)))
    };
    let (least, most) = (clipped(low).unwrap_or(calendar::MIN_DAY), clipped(high).unwrap_or(calendar::MAX_DAY));
    let sound = |(y, m, d): Triple| year(y) == y && month(m) == m && (1..=28).contains(&d);
    let one = low == high && date(low.0, low.1, low.2).is_some();
    (least, most, one || (sound(low) && sound(high)))
}

fn time_claim(low: Triple, high: Triple) -> Claim {
    let clipped = |(h, m, s): Triple| time(h.clamp(0, 23), m.clamp(0, 59), s.clamp(0, 59));
    let (least, most) = (clipped(low).unwrap_or(0), clipped(high).unwrap_or(calendar::DAY_NANOS - 1));
    let sound = time(low.0, low.1, low.2).is_some() && time(high.0, high.1, high.2).is_some();
    (least, most, sound)
}

fn facts(args: &[Facts], ty: Type, (low, high, sound): Claim) -> Facts {
    let faults = if sound { Faults::NONE } else { Faults::of(&[Fault::ArgumentOutOfRange]) };
    Facts::strict(args, ty, Range::Exact(low.into(), high.into()), faults)
}

fn infer(name: &str, args: &[Facts], ty: Type, claim: fn(Triple, Triple) -> Claim) -> Result<Facts, String> {
    let (low, high) = triples(args).ok_or_else(|| format!("`{name}` takes three integers"))?;
    Ok(facts(args, ty, claim(low, high)))
}

fn infer_timestamp(args: &[Facts]) -> Result<Facts, String> {
    let wrong = "`make_timestamp` takes six integers";
    let (of_date, of_time) = args.split_at_checked(3).ok_or(wrong)?;
    let (low, high) = triples(of_date).ok_or(wrong)?;
    let (first, last, is_date) = date_claim(low, high);
    let (low, high) = triples(of_time).ok_or(wrong)?;
    let (early, late, is_time) = time_claim(low, high);
    Ok(facts(args, LOCAL, (timestamp(first, early), timestamp(last, late), is_date && is_time)))
}

fn make_date<'a>(_: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    made(args, date)
}

fn make_time<'a>(_: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    made(args, time)
}

fn made<'a>(args: &[Scalar<'a>], of: fn(i64, i64, i64) -> Option<i64>) -> Result<Scalar<'a>, Fault> {
    match args {
        [Scalar::Integer(a), Scalar::Integer(b), Scalar::Integer(c)] => {
            of(*a, *b, *c).map(Scalar::Integer).ok_or(Fault::ArgumentOutOfRange)
        }
        _ => Ok(Scalar::Null),
    }
}

fn make_timestamp<'a>(_: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let Some((of_date, of_time)) = args.split_at_checked(3) else { return Ok(Scalar::Null) };
    match (made(of_date, date)?, made(of_time, time)?) {
        (Scalar::Integer(days), Scalar::Integer(nanos)) => Ok(Scalar::Integer(timestamp(days, nanos))),
        _ => Ok(Scalar::Null),
    }
}

fn instant(seconds: i64) -> Result<i64, Fault> {
    let (least, most) = calendar::tick_range(Unit::Second);
    let fits = (least..=most).contains(&seconds);
    // Seconds of the calendar are microseconds of 64 bits.
    if fits { Ok(seconds.saturating_mul(1_000_000)) } else { Err(Fault::TemporalOutOfRange) }
}

fn infer_instant(args: &[Facts]) -> Result<Facts, String> {
    let Some(x) = args.first() else { return Err("`to_timestamp` takes an integer".to_owned()) };
    let (low, high) = ends(x);
    let (least, most) = calendar::tick_range(Unit::Second);
    let (range, _) = monotone(instant(low.clamp(least, most)), instant(high.clamp(least, most)));
    let faults = if low < least || high > most { Faults::of(&[Fault::TemporalOutOfRange]) } else { Faults::NONE };
    Ok(Facts::strict(args, INSTANT, range, faults))
}

fn to_timestamp<'a>(_: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    match args {
        [Scalar::Integer(seconds)] => instant(*seconds).map(Scalar::Integer),
        _ => Ok(Scalar::Null),
    }
}
