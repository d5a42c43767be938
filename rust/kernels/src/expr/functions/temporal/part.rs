//! Parts of dates and times.

use super::reading::Reading;
use crate::expr::calendar;
use crate::expr::facts::Facts;
use crate::expr::fault::Fault;
use crate::expr::function::{Prepared, constant_text};
use std::sync::Arc;

/// A part. Those from `Hour` on are of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Year,
    IsoYear,
    Quarter,
    Month,
    Week,
    Day,
    /// Sunday is 0.
    DayOfWeek,
    /// Monday is 1.
    IsoDayOfWeek,
    DayOfYear,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

const MINUTE: i64 = 60_000_000_000;

impl Part {
    pub(super) fn parse(text: &str) -> Option<Part> {
        Some(match text.to_ascii_lowercase().as_str() {
            "year" | "years" => Part::Year,
            "isoyear" => Part::IsoYear,
            "quarter" | "quarters" => Part::Quarter,
            "month" | "months" => Part::Month,
            "week" | "weeks" => Part::Week,
            "day" | "days" | "dayofmonth" => Part::Day,
            "dow" | "dayofweek" | "weekday" => Part::DayOfWeek,
            "isodow" => Part::IsoDayOfWeek,
            "doy" | "dayofyear" => Part::DayOfYear,
            "hour" | "hours" => Part::Hour,
            "minute" | "minutes" => Part::Minute,
            "second" | "seconds" => Part::Second,
            "millisecond" | "milliseconds" | "ms" => Part::Millisecond,
            "microsecond" | "microseconds" | "us" => Part::Microsecond,
            "nanosecond" | "nanoseconds" | "ns" => Part::Nanosecond,
            _ => return None,
        })
    }

    /// Of a function's first argument, which must be one of `these`; none for NULL.
    pub(super) fn of_args(name: &str, args: &[Facts], these: &[Part]) -> Result<Option<Part>, String> {
        if args.first().is_some_and(|arg| arg.constant.as_ref().is_some_and(|part| part.is_null())) {
            return Ok(None);
        }
        let text = constant_text(args, 0).ok_or_else(|| format!("`{name}` takes the name of a part first, a text"))?;
        match Part::parse(text) {
            Some(part) if these.contains(&part) => Ok(Some(part)),
            _ if text.eq_ignore_ascii_case("epoch") => Err("say `epoch(x)` for seconds since 1970".to_owned()),
            _ => {
                let names: Vec<&str> = these.iter().map(|part| part.name()).collect();
                Err(format!("`{name}` knows no part `{text}`: it takes {}", names.join(", ")))
            }
        }
    }

    pub(super) fn prepare(part: Option<Part>) -> Prepared {
        part.map(|part| Arc::new(part) as _)
    }

    fn name(self) -> &'static str {
        match self {
            Part::Year => "year",
            Part::IsoYear => "isoyear",
            Part::Quarter => "quarter",
            Part::Month => "month",
            Part::Week => "week",
            Part::Day => "day",
            Part::DayOfWeek => "dow",
            Part::IsoDayOfWeek => "isodow",
            Part::DayOfYear => "doy",
            Part::Hour => "hour",
            Part::Minute => "minute",
            Part::Second => "second",
            Part::Millisecond => "millisecond",
            Part::Microsecond => "microsecond",
            Part::Nanosecond => "nanosecond",
        }
    }

    pub(super) fn of_clock(self) -> bool {
        self >= Part::Hour
    }

    /// Nanoseconds of a part of even length.
    pub(super) fn nanoseconds(self) -> Option<i64> {
        Some(match self {
            Part::Week => 7 * calendar::DAY_NANOS,
            Part::Day => calendar::DAY_NANOS,
            Part::Hour => 60 * MINUTE,
            Part::Minute => MINUTE,
            Part::Second => 1_000_000_000,
            Part::Millisecond => 1_000_000,
            Part::Microsecond => 1_000,
            Part::Nanosecond => 1,
            _ => return None,
        })
    }

    /// Does what is read have the part? The error is for the author.
    pub(super) fn check(self, name: &str, reading: Reading) -> Result<(), String> {
        match reading {
            Reading::Day if self.of_clock() => {
                Err(format!("`{name}`: a DATE has no {}; cast it to TIMESTAMP if midnight is meant", self.name()))
            }
            Reading::Clock if !self.of_clock() => Err(format!("`{name}`: a TIME has no {}", self.name())),
            _ => Ok(()),
        }
    }

    /// The part of a value.
    pub(super) fn of(self, x: i64, reading: Reading) -> Result<i64, Fault> {
        if self.of_clock() {
            return Ok(self.of_nanoseconds(reading.of_day(x)?));
        }
        let civil = reading.civil(x)?;
        let day = reading.day(x).ok_or(Fault::TemporalOutOfRange)?;
        let week = || calendar::iso_week(day).ok_or(Fault::TemporalOutOfRange);
        Ok(match self {
            Part::Year => civil.year,
            Part::IsoYear => week()?.0,
            Part::Quarter => (civil.month + 2) / 3,
            Part::Month => civil.month,
            Part::Week => week()?.1,
            Part::DayOfWeek => calendar::iso_weekday(day) % 7,
            Part::IsoDayOfWeek => calendar::iso_weekday(day),
            Part::DayOfYear => calendar::day_of_year(day).ok_or(Fault::TemporalOutOfRange)?,
            _ => civil.day,
        })
    }

    /// Of nanoseconds since midnight. What is finer than a second counts the seconds in.
    fn of_nanoseconds(self, nanos: i64) -> i64 {
        match self {
            Part::Hour => nanos / (60 * MINUTE),
            Part::Minute => nanos / MINUTE % 60,
            Part::Second => nanos % MINUTE / 1_000_000_000,
            Part::Millisecond => nanos % MINUTE / 1_000_000,
            Part::Microsecond => nanos % MINUTE / 1_000,
            _ => nanos % MINUTE,
        }
    }

    /// Least and greatest value of any date or time.
    pub(super) fn all(self) -> (i64, i64) {
        match self {
            Part::Year | Part::IsoYear => (calendar::MIN_YEAR, calendar::MAX_YEAR),
            Part::Quarter => (1, 4),
            Part::Month => (1, 12),
            Part::Week => (1, 53),
            Part::Day => (1, 31),
            Part::DayOfWeek => (0, 6),
            Part::IsoDayOfWeek => (1, 7),
            Part::DayOfYear => (1, 366),
            Part::Hour => (0, 23),
            Part::Minute | Part::Second => (0, 59),
            Part::Millisecond => (0, 59_999),
            Part::Microsecond => (0, 59_999_999),
            Part::Nanosecond => (0, MINUTE - 1),
        }
    }

    /// Within which larger part it grows with time; none if it always does.
    pub(super) fn grows_within(self) -> Option<Part> {
        match self {
            Part::Year | Part::IsoYear => None,
            Part::Quarter | Part::Month | Part::DayOfYear => Some(Part::Year),
            Part::Week => Some(Part::IsoYear),
            Part::Day => Some(Part::Month),
            Part::IsoDayOfWeek => Some(Part::Week),
            Part::DayOfWeek | Part::Hour => Some(Part::Day),
            Part::Minute => Some(Part::Hour),
            _ => Some(Part::Minute),
        }
    }

    /// The start of the part that a value lies in. Parts from the day down need no calendar.
    pub(super) fn start(self, x: i64, reading: Reading) -> Result<i64, Fault> {
        if let Some(length) = self.nanoseconds().filter(|_| self != Part::Week) {
            let ticks = (length / reading.nanoseconds()).max(1);
            return x.checked_sub(x.rem_euclid(ticks)).ok_or(Fault::TemporalOutOfRange);
        }
        let day = self.first_day(x, reading).ok_or(Fault::TemporalOutOfRange)?;
        match reading {
            Reading::Stamp(unit) => day.checked_mul(calendar::ticks_per_day(unit)).ok_or(Fault::TemporalOutOfRange),
            _ => Ok(day),
        }
    }

    fn first_day(self, x: i64, reading: Reading) -> Option<i64> {
        let day = reading.day(x)?;
        let civil = calendar::civil(day)?;
        match self {
            Part::Year => calendar::days(civil.year, 1, 1),
            Part::Quarter => calendar::days(civil.year, (civil.month - 1) / 3 * 3 + 1, 1),
            Part::Month => calendar::days(civil.year, civil.month, 1),
            Part::IsoYear => Some(day - calendar::iso_weekday(day) + 1 - 7 * (calendar::iso_week(day)?.1 - 1)),
            Part::Week => Some(day - calendar::iso_weekday(day) + 1),
            _ => Some(day),
        }
    }
}
