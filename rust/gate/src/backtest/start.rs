//! Where windows start, looked up in the calendar once for each of them.

use crate::limit::{Kind, Micros, Part, Window};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// The start of a limit's window, and the times for which it is known.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Start {
    from: Micros,
    until: Micros,
    since: Micros,
}

impl Start {
    /// The first microsecond that counts at `now`.
    pub(super) fn since(&mut self, kind: &Kind, now: Micros) -> Micros {
        let (Kind::Budget { window, .. } | Kind::Velocity { window, .. } | Kind::Once { window }) = kind else {
            return kind.since(now);
        };
        let Window::Calendar(part, zone) = window else { return window.since(now) };
        if now < self.from || now >= self.until {
            let since = window.since(now);
            *self = Start { from: now, until: until(*part, zone, now).unwrap_or(now), since };
        }
        self.since
    }
}

/// A time up to which a window that holds `now` has the same start: not beyond the next change of the zone's clock.
fn until(part: Part, zone: &TimeZone, now: Micros) -> Option<Micros> {
    let local = Timestamp::from_microsecond(now).ok()?.to_zoned(zone.clone());
    let date = local.date();
    let next = match part {
        Part::Hour => {
            let past = i64::from(local.minute()) * 60 + i64::from(local.second());
            let second = local.timestamp().as_second().checked_sub(past)?.checked_add(3_600)?;
            Timestamp::from_second(second).ok()?
        }
        // The start of a week, a month or a year is that of a day: the next day is soon enough.
        Part::Day | Part::Week | Part::Month | Part::Year => {
            let next = date.checked_add(1.day()).ok()?;
            next.to_zoned(zone.clone()).ok()?.start_of_day().ok()?.timestamp()
        }
    };
    let change = zone.following(local.timestamp()).next().map(|change| change.timestamp());
    Some(change.map_or(next, |change| change.min(next)).as_microsecond())
}
