//! Limits (G4): what they count, over which time.

use crate::name::Name;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

/// Microseconds.
pub type Micros = i64;

/// A part of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Part {
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// The time over which a limit counts.
#[derive(Debug, Clone, PartialEq)]
pub enum Window {
    /// From the start of the part of the calendar in which now lies.
    Calendar(Part, TimeZone),
    /// So long back from now.
    Sliding(Micros),
    /// All time.
    Total,
}

impl Window {
    /// The first microsecond that counts at `now`. Where the calendar has no answer all time counts, which admits less.
    pub fn since(&self, now: Micros) -> Micros {
        match self {
            Window::Total => Micros::MIN,
            Window::Sliding(length) => now.saturating_sub(*length).saturating_add(1),
            Window::Calendar(part, zone) => start(*part, zone, now).unwrap_or(Micros::MIN),
        }
    }
}

/// A day in microseconds.
const DAY: Micros = 86_400_000_000;

fn start(part: Part, zone: &TimeZone, now: Micros) -> Option<Micros> {
    // Each decision asks for it, and in UTC each day is as long as every other.
    if part == Part::Day && *zone == TimeZone::UTC {
        Timestamp::from_microsecond(now).ok()?;
        return now.checked_sub(now.rem_euclid(DAY));
    }
    let local = Timestamp::from_microsecond(now).ok()?.to_zoned(zone.clone());
    let date = local.date();
    let start = match part {
        Part::Hour => return hour(&local),
        Part::Day => date,
        Part::Week => {
            let back = i64::from(date.weekday().since(Weekday::Monday));
            date.checked_sub(back.days()).ok()?
        }
        Part::Month => date.first_of_month(),
        Part::Year => date.first_of_year(),
    };
    // Where midnight does not exist the day starts with what follows the gap.
    let midnight = start.to_zoned(zone.clone()).ok()?.start_of_day().ok()?;
    Some(midnight.timestamp().as_microsecond())
}

/// The hour began as many minutes ago as the clock shows, by elapsed time, so that a repeated hour is two.
fn hour(local: &Zoned) -> Option<Micros> {
    let now = local.timestamp().as_microsecond();
    let minutes = i64::from(local.minute()) * 60 + i64::from(local.second());
    let past = minutes * 1_000_000 + i64::from(local.subsec_nanosecond()) / 1_000;
    now.checked_sub(past)
}

/// What a limit demands.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// The sum of amounts, in minor units.
    Budget {
        /// Greatest sum.
        max: i128,
        /// ISO 4217.
        currency: Name,
        /// Over which time.
        window: Window,
    },
    /// The number of calls.
    Velocity {
        /// Most calls.
        max: i128,
        /// Over which time.
        window: Window,
    },
    /// Calls in time (GCRA).
    Rate {
        /// Most at once.
        max: i64,
        /// The time in which as many come back.
        per: Micros,
    },
    /// One call.
    Once {
        /// Over which time.
        window: Window,
    },
    /// One tool's call before another's.
    Order {
        /// The tool that comes first.
        first: usize,
        /// The tool that needs it.
        then: usize,
        /// How long ago at most.
        within: Micros,
    },
}

impl Kind {
    /// As the gate file calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Budget { .. } => "budget",
            Kind::Velocity { .. } => "velocity",
            Kind::Rate { .. } => "rate",
            Kind::Once { .. } => "once",
            Kind::Order { .. } => "order",
        }
    }

    /// The first microsecond that counts at `now`.
    pub fn since(&self, now: Micros) -> Micros {
        match self {
            Kind::Budget { window, .. } | Kind::Velocity { window, .. } | Kind::Once { window } => window.since(now),
            Kind::Rate { .. } => now,
            Kind::Order { within, .. } => now.saturating_sub(*within),
        }
    }
}

/// What parts a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// A member of the proposal.
    Own(usize),
    /// An argument.
    Argument(Vec<String>),
}

/// A limit of a gate.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// Unique in the gate.
    pub name: Name,
    /// What history is kept under: the gate's id and the name (G4.1).
    pub pot: Name,
    /// What it demands.
    pub kind: Kind,
}

impl Limit {
    /// Of a gate.
    pub(crate) fn new(gate: &str, name: String, kind: Kind) -> Limit {
        let mut pot = String::new();
        crate::json::write_text(gate, &mut pot);
        crate::json::write_text(&name, &mut pot);
        Limit { name: name.into(), pot: pot.into(), kind }
    }
}

/// The theoretical arrival time after one more call, in nanoseconds.
///
/// # Errors
/// How many nanoseconds are missing until one is admitted.
pub fn arrival(now: Micros, before: Option<i64>, max: i64, per: Micros) -> Result<i64, i64> {
    let now = now.saturating_mul(1_000);
    let per = per.saturating_mul(1_000);
    let step = per.checked_add(max.saturating_sub(1)).and_then(|up| up.checked_div(max)).unwrap_or(i64::MAX);
    let before = before.unwrap_or(now).max(now);
    let tolerance = per.saturating_sub(step);
    let wait = before.saturating_sub(now).saturating_sub(tolerance);
    if wait > 0 { Err(wait) } else { before.checked_add(step).ok_or(i64::MAX) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Micros {
        text.parse::<Timestamp>().unwrap().as_microsecond()
    }

    fn since(part: Part, zone: &str, now: &str) -> String {
        let start = Window::Calendar(part, TimeZone::get(zone).unwrap()).since(at(now));
        Timestamp::from_microsecond(start).unwrap().to_string()
    }

    #[test]
    fn calendar_windows_follow_their_zone() {
        let berlin = "Europe/Berlin";
        // 2026-03-29 has 23 hours in Berlin, 2026-10-25 has 25.
        assert_eq!(since(Part::Day, berlin, "2026-03-29T21:59:59Z"), "2026-03-28T23:00:00Z");
        assert_eq!(since(Part::Day, berlin, "2026-03-29T22:00:00Z"), "2026-03-29T22:00:00Z");
        assert_eq!(since(Part::Day, berlin, "2026-10-25T22:59:59Z"), "2026-10-24T22:00:00Z");
        assert_eq!(since(Part::Day, berlin, "2026-10-25T23:00:00Z"), "2026-10-25T23:00:00Z");
        assert_eq!(since(Part::Month, berlin, "2026-02-28T23:30:00Z"), "2026-02-28T23:00:00Z");
        assert_eq!(since(Part::Month, "UTC", "2028-02-29T23:30:00Z"), "2028-02-01T00:00:00Z");
        assert_eq!(since(Part::Week, "UTC", "2026-11-23T00:00:00Z"), "2026-11-23T00:00:00Z");
        assert_eq!(since(Part::Week, "UTC", "2026-11-22T23:59:59Z"), "2026-11-16T00:00:00Z");
        assert_eq!(since(Part::Day, "UTC", "2028-02-29T23:59:59.999999Z"), "2028-02-29T00:00:00Z");
        assert_eq!(since(Part::Day, "UTC", "1969-12-31T00:00:00.000001Z"), "1969-12-31T00:00:00Z");
        assert_eq!(since(Part::Year, "UTC", "2026-11-22T23:59:59Z"), "2026-01-01T00:00:00Z");
        assert_eq!(since(Part::Hour, "Asia/Kolkata", "2026-11-22T10:45:00Z"), "2026-11-22T10:30:00Z");
        // The hour from 2 to 3 occurs twice; each counts for itself.
        assert_eq!(since(Part::Hour, berlin, "2026-10-25T01:30:00Z"), "2026-10-25T01:00:00Z");
        assert_eq!(since(Part::Hour, berlin, "2026-10-25T00:30:00Z"), "2026-10-25T00:00:00Z");
        // Midnight of 2026-09-06 does not exist in Santiago.
        assert_eq!(since(Part::Day, "America/Santiago", "2026-09-06T12:00:00Z"), "2026-09-06T04:00:00Z");
    }

    #[test]
    fn sliding_windows_leave_out_their_far_end() {
        assert_eq!(Window::Sliding(10).since(100), 91);
        assert_eq!(Window::Total.since(100), Micros::MIN);
        assert_eq!(Window::Sliding(10).since(Micros::MIN), Micros::MIN + 1);
    }

    #[test]
    fn a_rate_admits_its_burst_and_then_its_pace() {
        let (mut tat, mut admitted) = (None, 0);
        for _ in 0..20 {
            if let Ok(next) = arrival(0, tat, 10, 60_000_000) {
                tat = Some(next);
                admitted += 1;
            }
        }
        assert_eq!(admitted, 10);
        assert_eq!(arrival(0, tat, 10, 60_000_000), Err(6_000_000_000));
        assert!(arrival(5_999_999, tat, 10, 60_000_000).is_err());
        assert!(arrival(6_000_000, tat, 10, 60_000_000).is_ok());
    }
}
