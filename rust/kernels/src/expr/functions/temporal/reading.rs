//! How a date or time is read off: what its integer counts.

use crate::expr::calendar::{self, Civil, DAY_NANOS, MAX_DAY, MIN_DAY};
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::types::{Type, Unit};

/// What there is to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A date: days.
    Day,
    /// A time of day: nanoseconds.
    Clock,
    /// A timestamp without zone: ticks.
    Stamp(Unit),
}

impl Reading {
    pub(super) fn of(ty: &Type) -> Option<Reading> {
        match ty {
            Type::Date => Some(Reading::Day),
            Type::Time => Some(Reading::Clock),
            Type::Timestamp { unit, zoned: false } => Some(Reading::Stamp(*unit)),
            _ => None,
        }
    }

    /// Of an argument; none for NULL. `what` the function takes is for the author of a wrong one.
    pub(super) fn of_arg(name: &str, what: &str, arg: &Facts) -> Result<Option<Reading>, String> {
        let help = match &arg.ty {
            Type::Null => return Ok(None),
            Type::Timestamp { zoned: true, .. } => ": say in which zone with AT TIME ZONE first",
            Type::Text => ": cast the text first",
            _ => "",
        };
        let wrong = || format!("`{name}` takes {what}, not a value of type {}{help}", arg.ty);
        Reading::of(&arg.ty).map(Some).ok_or_else(wrong)
    }

    /// The day; a time of day has none.
    pub(super) fn day(self, x: i64) -> Option<i64> {
        match self {
            Reading::Day => Some(x),
            Reading::Clock => None,
            Reading::Stamp(unit) => Some(calendar::split(x, unit).0),
        }
    }

    /// Year, month and day.
    pub(super) fn civil(self, x: i64) -> Result<Civil, Fault> {
        self.day(x).and_then(calendar::civil).ok_or(Fault::TemporalOutOfRange)
    }

    /// Nanoseconds since midnight; a date's are 0.
    pub(super) fn of_day(self, x: i64) -> Result<i64, Fault> {
        match self {
            Reading::Day => Ok(0),
            Reading::Clock if (0..DAY_NANOS).contains(&x) => Ok(x),
            Reading::Clock => Err(Fault::TemporalOutOfRange),
            Reading::Stamp(unit) => Ok(calendar::split(x, unit).1 * unit.nanoseconds()),
        }
    }

    /// Nanoseconds in what its integer counts.
    pub(super) fn nanoseconds(self) -> i64 {
        match self {
            Reading::Day => DAY_NANOS,
            Reading::Clock => 1,
            Reading::Stamp(unit) => unit.nanoseconds(),
        }
    }

    /// The values of the calendar, or of the day.
    fn bounds(self) -> (i64, i64) {
        match self {
            Reading::Day => (MIN_DAY, MAX_DAY),
            Reading::Clock => (0, DAY_NANOS - 1),
            Reading::Stamp(unit) => calendar::tick_range(unit),
        }
    }

    /// Least and greatest value of an argument that a function can read, and how it fails if there are others. A function
    /// that needs no calendar reads every date and timestamp.
    pub(super) fn ends(self, arg: &Facts, needs_calendar: bool) -> (i64, i64, Faults) {
        let (low, high) = ends(arg);
        if !needs_calendar && self != Reading::Clock {
            return (low, high, Faults::NONE);
        }
        let (least, most) = self.bounds();
        let beyond = low < least || high > most;
        let faults = if beyond { Faults::of(&[Fault::TemporalOutOfRange]) } else { Faults::NONE };
        (low.clamp(least, most), high.clamp(least, most), faults)
    }
}

/// Ends of the integers that an argument can be.
pub(super) fn ends(arg: &Facts) -> (i64, i64) {
    let known = arg.range.exact().or(Range::of_type(&arg.ty).exact());
    let (low, high) = known.unwrap_or((i64::MIN.into(), i64::MAX.into()));
    let end = |x: i128| i64::try_from(x).unwrap_or(if x < 0 { i64::MIN } else { i64::MAX });
    (end(low), end(high))
}

/// Range and faults of a function that keeps order: `low` and `high` are its results at the argument's ends, and what is
/// beyond an end at which it fails is anything of 64 bits.
pub(super) fn monotone(low: Result<i64, Fault>, high: Result<i64, Fault>) -> (Range, Faults) {
    let fault = |end: &Result<i64, Fault>| end.as_ref().err().map_or(Faults::NONE, |fault| Faults::of(&[*fault]));
    let faults = fault(&low).and(fault(&high));
    (Range::Exact(low.unwrap_or(i64::MIN).into(), high.unwrap_or(i64::MAX).into()), faults)
}
