//! The proleptic Gregorian calendar, years -9999 to 9999, by integer arithmetic (S6.18).

use super::types::Unit;

/// Least year.
pub const MIN_YEAR: i64 = -9999;
/// Greatest year.
pub const MAX_YEAR: i64 = 9999;
/// -9999-01-01 in days since 1970-01-01.
pub const MIN_DAY: i64 = day_number(MIN_YEAR, 1, 1);
/// 9999-12-31.
pub const MAX_DAY: i64 = day_number(MAX_YEAR, 12, 31);
/// Nanoseconds of a day.
pub const DAY_NANOS: i64 = 86_400_000_000_000;

/// The calendar repeats every 400 years; so many of them before year 0 make every day number positive.
const ERAS: i64 = 25;
const ERA_DAYS: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    /// Astronomical: the year before 1 is 0.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
}

/// Years start in March here, so that the leap day is the last.
const fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let year = year + ERAS * 400;
    let century = year / 100;
    let of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year / 4 - century + century / 4 + of_year - ERAS * ERA_DAYS - EPOCH
}

/// The day with a number; none outside of the calendar.
pub fn civil(days: i64) -> Option<Civil> {
    if !(MIN_DAY..=MAX_DAY).contains(&days) {
        return None;
    }
    // Not negative, and below 2^23.
    let shifted = (days + EPOCH + ERAS * ERA_DAYS) as u32;
    let century = (4 * shifted + 3) / 146_097;
    let of_century = (4 * shifted + 3) % 146_097 / 4;
    let of_years = 4 * of_century + 3;
    let (year, of_year) = (of_years / 1461, of_years % 1461 / 4);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let year = i64::from(100 * century + year) - ERAS * 400;
    let month = i64::from(month);
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    Some(Civil { year, month, day: i64::from(day) })
}

/// The number of a day; none if there is no such day in the calendar.
pub fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let fits = (MIN_YEAR..=MAX_YEAR).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day);
    fits.then(|| day_number(year, month, day))
}

/// Has the year a 29th of February?
pub fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// How many days a month (1 to 12) has.
pub fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Monday is 1, Sunday 7. Of any day number.
pub fn iso_weekday(days: i64) -> i64 {
    (days.rem_euclid(7) + 3) % 7 + 1
}

/// 1 to 366.
pub fn day_of_year(days: i64) -> Option<i64> {
    Some(days - day_number(civil(days)?.year, 1, 1) + 1)
}

/// The year that the week of a day belongs to, and the week's number in it: the week that holds the year's first Thursday
/// is the first.
pub fn iso_week(days: i64) -> Option<(i64, i64)> {
    // The Thursday of the week decides. The calendar starts on a Monday and ends on a Friday: it holds every such Thursday.
    civil(days)?;
    let thursday = days - iso_weekday(days) + 4;
    let year = civil(thursday)?.year;
    Some((year, (thursday - day_number(year, 1, 1)) / 7 + 1))
}

/// The day so many months on, clipped to the month's end.
pub fn add_months(days: i64, months: i64) -> Option<i64> {
    let from = civil(days)?;
    let index = (from.year * 12 + from.month - 1).checked_add(months)?;
    let (year, month) = (index.div_euclid(12), index.rem_euclid(12) + 1);
    self::days(year, month, from.day.min(days_in_month(year, month)))
}

/// Ticks of a day.
pub fn ticks_per_day(unit: Unit) -> i64 {
    DAY_NANOS / unit.nanoseconds()
}

/// Day and ticks since its midnight.
pub fn split(ticks: i64, unit: Unit) -> (i64, i64) {
    let per_day = ticks_per_day(unit);
    (ticks.div_euclid(per_day), ticks.rem_euclid(per_day))
}

/// Least and greatest tick of the calendar that 64 bits hold.
pub fn tick_range(unit: Unit) -> (i64, i64) {
    let per_day = ticks_per_day(unit);
    (MIN_DAY.saturating_mul(per_day), (MAX_DAY + 1).checked_mul(per_day).map_or(i64::MAX, |end| end - 1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use jiff::ToSpan;

    fn reference(day: i64) -> jiff::civil::Date {
        jiff::civil::date(1970, 1, 1).checked_add(day.days()).unwrap()
    }

    fn agrees(day: i64, date: jiff::civil::Date) {
        let civil = civil(day).unwrap();
        assert_eq!((civil.year, civil.month, civil.day), (date.year().into(), date.month().into(), date.day().into()));
        assert_eq!(days(civil.year, civil.month, civil.day), Some(day));
        assert_eq!(iso_weekday(day), date.weekday().to_monday_one_offset().into());
        assert_eq!(day_of_year(day), Some(date.day_of_year().into()));
        assert_eq!(is_leap(civil.year), date.in_leap_year());
        assert_eq!(days_in_month(civil.year, civil.month), date.days_in_month().into());
        let week = date.iso_week_date();
        assert_eq!(iso_week(day), Some((week.year().into(), week.week().into())));
    }

    #[test]
    fn every_day_of_the_calendar() {
        let mut date = reference(MIN_DAY);
        assert_eq!((date.year(), date.month(), date.day()), (-9999, 1, 1));
        for day in MIN_DAY..MAX_DAY {
            agrees(day, date);
            date = date.tomorrow().unwrap();
        }
        agrees(MAX_DAY, date);
        assert_eq!((date.year(), date.month(), date.day()), (9999, 12, 31));
    }

    #[test]
    fn days_beyond_the_calendar_are_none() {
        for day in [MIN_DAY - 1, MAX_DAY + 1, i64::MIN, i64::MAX, i32::MIN.into(), i32::MAX.into()] {
            assert_eq!((civil(day), day_of_year(day), iso_week(day), add_months(day, 0)), (None, None, None, None));
            assert!((1..=7).contains(&iso_weekday(day)));
        }
        let none = [
            (10_000, 1, 1),
            (-10_000, 12, 31),
            (2026, 2, 29),
            (2026, 0, 1),
            (2026, 13, 1),
            (2026, 1, 0),
            (2026, 4, 31),
        ];
        for (year, month, day) in none.into_iter().chain([(i64::MAX, 1, 1), (2026, i64::MIN, 1), (2026, 1, i64::MAX)]) {
            assert_eq!(days(year, month, day), None);
        }
    }

    #[test]
    fn months_are_clipped_to_their_end() {
        for day in (-30_000..50_000).step_by(7) {
            for months in [-4801, -25, -12, -1, 0, 1, 11, 13, 1200] {
                let expected = reference(day).checked_add(months.months()).unwrap();
                let found = civil(add_months(day, months).unwrap()).unwrap();
                assert_eq!(
                    (found.year, found.month, found.day),
                    (expected.year().into(), expected.month().into(), expected.day().into())
                );
            }
        }
        for months in [i64::MIN, i64::MAX, 1 << 40] {
            assert_eq!(add_months(0, months), None);
        }
    }
}
