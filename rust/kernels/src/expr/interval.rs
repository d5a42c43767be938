//! Dates and timestamps moved by intervals (S6.20).

use super::calendar::{self, DAY_NANOS, MAX_DAY, MIN_DAY};
use super::facts::{Facts, Range};
use super::fault::{Fault, Faults};
use super::parse::{exact_ticks, parse_interval};
use super::types::{Type, Unit};

/// Months by the calendar, then exact time; a day is 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval {
    /// Of the calendar.
    pub months: i32,
    /// Elapsed.
    pub nanoseconds: i128,
}

impl Interval {
    /// From a literal's text.
    pub fn parse(text: &str) -> Option<Interval> {
        let (months, nanoseconds) = parse_interval(text)?;
        Some(Interval { months, nanoseconds })
    }

    /// The opposite: what subtracting adds. Of months that the other sign has too.
    pub fn negated(self) -> Option<Interval> {
        Some(Interval { months: self.months.checked_neg()?, nanoseconds: self.nanoseconds.checked_neg()? })
    }

    /// As ticks of a duration; none if it has months or does not fit the unit.
    pub fn ticks(self, unit: Unit) -> Option<i64> {
        if self.months == 0 { exact_ticks(self.nanoseconds, unit) } else { None }
    }

    /// Whole days of the part that is no months.
    fn days(self) -> Option<i64> {
        let day = i128::from(DAY_NANOS);
        (self.nanoseconds % day == 0).then(|| i64::try_from(self.nanoseconds / day).ok())?
    }
}

/// A date or timestamp moved by an interval: first by its months, the day clipped to the month's end, then by its time. Fails
/// with `temporal-out-of-range` where the result (or, if there are months, anything on the way) is outside of the calendar
/// or the unit. What [`add_facts`] refuses fails too.
pub fn add(value: i64, ty: &Type, interval: Interval) -> Result<i64, Fault> {
    let moved = match ty {
        Type::Date => add_to_date(value, interval).filter(|days| (MIN_DAY..=MAX_DAY).contains(days)),
        Type::Timestamp { unit, .. } => {
            let (least, most) = calendar::tick_range(*unit);
            add_to_timestamp(value, *unit, interval).filter(|ticks| (least..=most).contains(ticks))
        }
        _ => None,
    };
    moved.ok_or(Fault::TemporalOutOfRange)
}

fn add_to_date(days: i64, interval: Interval) -> Option<i64> {
    let days = if interval.months == 0 { days } else { calendar::add_months(days, interval.months.into())? };
    days.checked_add(interval.days()?)
}

fn add_to_timestamp(ticks: i64, unit: Unit, interval: Interval) -> Option<i64> {
    let elapsed = exact_ticks(interval.nanoseconds, unit)?;
    if interval.months == 0 {
        return ticks.checked_add(elapsed);
    }
    let (days, of_day) = calendar::split(ticks, unit);
    let days = calendar::add_months(days, interval.months.into())?;
    // In 128 bits: midnight can lie beyond a unit that holds the time itself.
    let moved = i128::from(days) * i128::from(calendar::ticks_per_day(unit)) + i128::from(of_day);
    i64::try_from(moved + i128::from(elapsed)).ok()
}

/// Facts of `arg + interval`; the error tells the author why they do not go together.
pub fn add_facts(arg: &Facts, interval: Interval) -> Result<Facts, String> {
    if arg.ty == Type::Null {
        return Ok(arg.clone());
    }
    accepts(&arg.ty, interval)?;
    let (least, most) = match arg.ty {
        Type::Timestamp { unit, .. } => calendar::tick_range(unit),
        _ => (MIN_DAY, MAX_DAY),
    };
    let (low, high) = arg.range.exact().or(Range::of_type(&arg.ty).exact()).unwrap_or((least.into(), most.into()));
    // Moving keeps the order of days, and every result is in the calendar. Two days can be clipped to one: then their times of
    // day decide, so that the ends are taken at midnights.
    let (low, high) = match arg.ty {
        Type::Timestamp { unit, .. } if interval.months != 0 => {
            let day = i128::from(calendar::ticks_per_day(unit));
            (low.div_euclid(day) * day, (high.div_euclid(day) + 1) * day - 1)
        }
        _ => (low, high),
    };
    let end = |value: i128| add(i64::try_from(value).ok()?, &arg.ty, interval).ok();
    let (low, high) = (end(low), end(high));
    let faults = match (low, high) {
        (Some(_), Some(_)) => Faults::NONE,
        _ => Faults::of(&[Fault::TemporalOutOfRange]),
    };
    let range = Range::Exact(low.unwrap_or(least).into(), high.unwrap_or(most).into());
    Ok(Facts::strict(std::slice::from_ref(arg), arg.ty.clone(), range, faults))
}

fn accepts(ty: &Type, interval: Interval) -> Result<(), String> {
    match ty {
        Type::Date if interval.days().is_some() => Ok(()),
        Type::Date => Err("a DATE moves by whole days and months only: cast it to TIMESTAMP first".to_owned()),
        Type::Timestamp { zoned: true, .. } if interval.months != 0 => {
            Err("months are of a calendar, and a TIMESTAMP \
             WITH TIME ZONE has none: say in which zone with AT TIME ZONE first"
                .to_owned())
        }
        Type::Timestamp { unit, .. } if exact_ticks(interval.nanoseconds, *unit).is_some() => Ok(()),
        Type::Timestamp { .. } => {
            Err("the interval is longer or finer than the timestamp's unit holds: cast it to TIMESTAMP first"
                .to_owned())
        }
        ty => Err(format!("an interval moves a DATE or a TIMESTAMP, not a value of type {ty}")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;
    use crate::expr::parse::{parse_date, parse_timestamp};
    use crate::expr::scalar::Scalar;
    use proptest::prelude::*;

    const UNITS: [Unit; 4] = [Unit::Second, Unit::Millisecond, Unit::Microsecond, Unit::Nanosecond];

    fn interval(text: &str) -> Interval {
        Interval::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn intervals_as_text() {
        let hour = 3_600_000_000_000_i128;
        let cases = [
            ("1 day 2 hours", 0, 26 * hour),
            ("3 months", 3, 0),
            ("-1 day", 0, -24 * hour),
            ("01:30:00", 0, hour + hour / 2),
            ("1 day -01:30", 0, 24 * hour - hour - hour / 2),
            ("P1DT2H", 0, 26 * hour),
            ("-P1Y2M", -14, 0),
            ("PT0.000000001S", 0, 1),
            ("P2W", 0, 14 * 24 * hour),
            ("1.5 hours", 0, hour + hour / 2),
            ("2 years -1 quarter 1 MONTH", 22, 0),
            ("1 week 3 milliseconds 2 microseconds 1 nanosecond", 0, 168 * hour + 3_002_001),
            ("100:00:00.25", 0, 100 * hour + 250_000_000),
        ];
        for (text, months, nanoseconds) in cases {
            assert_eq!(Interval::parse(text), Some(Interval { months, nanoseconds }), "{text}");
        }
        let bad = [
            "",
            " ",
            "1",
            "day",
            "1day",
            "1.5 months",
            "1 day 2",
            "P",
            "PT",
            "P1",
            "P1H",
            "PT1D",
            "P-1D",
            "--1 day",
            "1e3 days",
        ];
        let more = [
            "0.1 nanoseconds",
            "1:60",
            "1.5:00",
            "99999999999 months",
            "1 fortnight",
            "P1M1Y",
            "P1Y1Y",
            "01:00:00 1 day",
        ];
        for text in bad.into_iter().chain(more) {
            assert_eq!(Interval::parse(text), None, "{text}");
        }
    }

    #[test]
    fn months_then_time() {
        let date = |text: &str| parse_date(text).unwrap();
        let add_date = |text: &str, by: &str| add(date(text), &Type::Date, interval(by));
        assert_eq!(add_date("2026-01-31", "1 month"), Ok(date("2026-02-28")));
        assert_eq!(add_date("2026-01-31", "1 month 1 day"), Ok(date("2026-03-01")));
        assert_eq!(add_date("2024-02-29", "-1 year"), Ok(date("2023-02-28")));
        assert_eq!(add_date("9999-12-31", "1 day"), Err(Fault::TemporalOutOfRange));
        for unit in UNITS {
            let ty = Type::Timestamp { unit, zoned: false };
            let at = |text: &str| parse_timestamp(text, unit).unwrap().0;
            let moved = add(at("2026-01-31 13:00:00"), &ty, interval("1 month 12 hours"));
            assert_eq!(moved, Ok(at("2026-03-01 01:00:00")));
            assert_eq!(add(at("1969-12-31 23:00:00"), &ty, interval("-1 month")), Ok(at("1969-11-30 23:00:00")));
            assert_eq!(add(i64::MAX, &ty, interval("1 second")), Err(Fault::TemporalOutOfRange));
            assert_eq!(add(i64::MIN, &ty, interval("-1 month")), Err(Fault::TemporalOutOfRange));
        }
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let refused = |ty: Type, by: &str| add_facts(&Facts::of_type(ty), interval(by)).unwrap_err();
        assert!(refused(Type::Date, "1 hour").contains("whole days"));
        assert!(refused(Type::Timestamp { unit: Unit::Second, zoned: true }, "1 month").contains("AT TIME ZONE"));
        assert!(refused(Type::Timestamp { unit: Unit::Second, zoned: false }, "0.5 seconds").contains("cast"));
        assert!(refused(Type::Time, "1 hour").contains("TIME"));
        assert_eq!(interval("1 day").ticks(Unit::Second), Some(86_400));
        assert_eq!(interval("1 month").ticks(Unit::Second), None);
        assert_eq!(Interval { months: i32::MIN, nanoseconds: 0 }.negated(), None);
    }

    proptest! {
        #[test]
        fn claims_hold(a in any::<i64>(), b in any::<i64>(), at in any::<u64>(), months in -30_000_i32..30_000, days in -5_000_000_i64..5_000_000, which in 0_usize..5, narrow in 0_u32..50) {
            let ty = UNITS.get(which).map_or(Type::Date, |unit| Type::Timestamp { unit: *unit, zoned: false });
            let by = Interval { months: if days % 3 == 0 { 0 } else { months }, nanoseconds: i128::from(days) * i128::from(DAY_NANOS) };
            let wide = if ty == Type::Date { 32 } else { 0 };
            let (low, high) = ((a >> narrow.max(wide)).min(b >> narrow.max(wide)), (a >> narrow.max(wide)).max(b >> narrow.max(wide)));
            let value = (i128::from(low) + i128::from(at) % (i128::from(high) - i128::from(low) + 1)) as i64;
            let mut arg = Facts::of_type(ty.clone());
            arg.range = Range::Exact(low.into(), high.into());
            // An interval longer than the unit holds is refused.
            if let Ok(claims) = add_facts(&arg, by) {
                match add(value, &ty, by) {
                    Ok(out) => prop_assert!(claims.range.contains(Scalar::Integer(out)), "{:?} {:?}", claims, out),
                    Err(fault) => prop_assert!(claims.faults.contains(fault)),
                }
            }
        }

        #[test]
        fn moving_agrees_with_jiff(seconds in -60_000_000_000_i64..60_000_000_000, months in -2000_i32..2000, hours in -100_000_i64..100_000) {
            use jiff::ToSpan;
            let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
            let from = epoch.checked_add(seconds.seconds()).unwrap();
            let expected = from.checked_add(months.months()).unwrap().checked_add(hours.hours()).unwrap();
            let expected = epoch.until((jiff::Unit::Second, expected)).unwrap().get_seconds();
            let by = Interval { months, nanoseconds: i128::from(hours) * 3_600_000_000_000 };
            prop_assert_eq!(add(seconds, &Type::Timestamp { unit: Unit::Second, zoned: false }, by), Ok(expected));
        }
    }
}
