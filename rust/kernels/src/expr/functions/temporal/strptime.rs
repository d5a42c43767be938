//! Texts read after a format.

use super::BASE;
use super::format::{Field, Item, constant_items};
use super::names::{DAYS, MONTHS};
use crate::expr::calendar;
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Function, Kind, Param, Prepared};
use crate::expr::scalar::Scalar;
use crate::expr::types::{Type, Unit};
use std::sync::Arc;

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "strptime",
    params: &[Param::new("text", Kind::Text), Param::new("format", Kind::Text).constant()],
    infer,
    prepare: Some(prepare),
    core: strptime,
    cost: 60,
    docs: "The timestamp (without zone, in microseconds) that a text states after a format with the directives of strftime. The format \
           names the year and either month and day or the day of the year; a time of day that it does not name is 0. %Y takes \
           four digits, %y two (69 to 99 are of the 20th century), %m %d %H %M %S one or two, %j up to three, %g %f %n up to 3, 6, \
           9. Names are in any case, and a day of the week must be the date's. Fails if the text is not of that form, or there is \
           no such day or time.",
    examples: &[
        ("strptime('31.01.2026', '%d.%m.%Y')", "2026-01-31 00:00:00"),
        ("strptime('Jan 31 2026 13:05', '%b %d %Y %H:%M')", "2026-01-31 13:05:00"),
        ("strptime('2026-02-30', '%Y-%m-%d')", "fails: cast-failed"),
    ],
    duckdb: "DuckDB takes 1900-01-01 for what the format does not name, and any day of the week.",
    ..BASE
}];

const RESULT: Type = Type::Timestamp { unit: Unit::Microsecond, zoned: false };

/// What a field tells; two of the same would contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Year,
    Month,
    Day,
    DayOfYear,
    Weekday,
    Hour,
    Minute,
    Second,
    Fraction,
}

fn slot(field: Field) -> Slot {
    match field {
        Field::Year | Field::ShortYear => Slot::Year,
        Field::Month | Field::ShortMonthName | Field::MonthName => Slot::Month,
        Field::Day => Slot::Day,
        Field::DayOfYear => Slot::DayOfYear,
        Field::ShortDayName | Field::DayName => Slot::Weekday,
        Field::Hour => Slot::Hour,
        Field::Minute => Slot::Minute,
        Field::Second => Slot::Second,
        Field::Fraction(_) => Slot::Fraction,
    }
}

fn checked(args: &[Facts]) -> Result<Option<Vec<Item>>, String> {
    let Some(items) = constant_items("strptime", args)? else { return Ok(None) };
    let mut slots = Vec::new();
    for item in &items {
        if let Item::Field(field) = item {
            let slot = slot(*field);
            if slots.contains(&slot) {
                return Err("`strptime`: the format names a part twice".to_owned());
            }
            slots.push(slot);
        }
    }
    let has = |slot: Slot| slots.contains(&slot);
    let by_month = has(Slot::Month) && has(Slot::Day) && !has(Slot::DayOfYear);
    let by_day = has(Slot::DayOfYear) && !has(Slot::Month) && !has(Slot::Day);
    if !has(Slot::Year) || !(by_month || by_day) {
        return Err("`strptime`: the format names the year and either month and day or the day of the year".to_owned());
    }
    Ok(Some(items))
}

fn prepare(args: &[Facts]) -> Result<Prepared, String> {
    Ok(checked(args)?.map(|items| Arc::new(items) as _))
}

fn infer(args: &[Facts]) -> Result<Facts, String> {
    let items = checked(args)?.unwrap_or_default();
    let short = items.contains(&Item::Field(Field::ShortYear));
    let first = if short { calendar::days(1969, 1, 1) } else { Some(calendar::MIN_DAY) };
    let last = if short { calendar::days(2068, 12, 31) } else { Some(calendar::MAX_DAY) };
    let per_day = calendar::ticks_per_day(Unit::Microsecond);
    let midnight = |day: Option<i64>| i128::from(day.unwrap_or(0)) * i128::from(per_day);
    let range = Range::Exact(midnight(first), midnight(last) + i128::from(per_day) - 1);
    Ok(Facts::strict(args, RESULT, range, Faults::of(&[Fault::CastFailed])))
}

fn strptime<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    match (call.prepared::<Vec<Item>>(), args.first()) {
        (Some(items), Some(Scalar::Text(text))) => read(items, text).map(Scalar::Integer).ok_or(Fault::CastFailed),
        _ => Ok(Scalar::Null),
    }
}

/// What has been read.
#[derive(Default)]
struct Seen {
    year: i64,
    month: i64,
    day: i64,
    day_of_year: Option<i64>,
    weekday: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: i64,
}

fn read(items: &[Item], text: &str) -> Option<i64> {
    let mut seen = Seen::default();
    let mut rest = text;
    for item in items {
        rest = match item {
            Item::Literal(literal) => rest.strip_prefix(literal.as_str())?,
            Item::Field(field) => seen.take(*field, rest)?,
        };
    }
    if rest.is_empty() { seen.microseconds() } else { None }
}

impl Seen {
    /// Reads a field; yields what comes after it.
    fn take<'a>(&mut self, field: Field, text: &'a str) -> Option<&'a str> {
        let rest;
        match field {
            Field::Year => {
                let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
                (self.year, rest) = number(digits, 4, 4).map(|(year, rest)| (sign * year, rest))?;
            }
            Field::ShortYear => {
                (self.year, rest) = number(text, 2, 2)?;
                self.year += if self.year < 69 { 2000 } else { 1900 };
            }
            Field::Month => (self.month, rest) = number(text, 1, 2)?,
            Field::ShortMonthName => (self.month, rest) = name(text, &MONTHS, true)?,
            Field::MonthName => (self.month, rest) = name(text, &MONTHS, false)?,
            Field::Day => (self.day, rest) = number(text, 1, 2)?,
            Field::DayOfYear => (self.day_of_year, rest) = number(text, 1, 3).map(|(day, rest)| (Some(day), rest))?,
            Field::ShortDayName | Field::DayName => {
                let (day, after) = name(text, &DAYS, field == Field::ShortDayName)?;
                (self.weekday, rest) = (Some(day), after);
            }
            Field::Hour => (self.hour, rest) = number(text, 1, 2)?,
            Field::Minute => (self.minute, rest) = number(text, 1, 2)?,
            Field::Second => (self.second, rest) = number(text, 1, 2)?,
            Field::Fraction(digits) => {
                let (value, after) = number(text, 1, digits)?;
                let missing = 9_usize.saturating_sub(text.len() - after.len());
                (self.nanos, rest) = ((0..missing).fold(value, |value, _| value * 10), after);
            }
        }
        Some(rest)
    }

    fn microseconds(&self) -> Option<i64> {
        let days = match self.day_of_year {
            Some(day) => {
                let length = 365 + i64::from(calendar::is_leap(self.year));
                let first = calendar::days(self.year, 1, 1)?;
                (1..=length).contains(&day).then(|| first + day - 1)?
            }
            None => calendar::days(self.year, self.month, self.day)?,
        };
        let fits = self.hour < 24 && self.minute < 60 && self.second < 60 && self.nanos % 1_000 == 0;
        let agrees = self.weekday.is_none_or(|weekday| weekday == calendar::iso_weekday(days));
        let seconds = self.hour * 3600 + self.minute * 60 + self.second;
        let of_day = seconds * 1_000_000 + self.nanos / 1_000;
        (fits && agrees).then(|| days * calendar::ticks_per_day(Unit::Microsecond) + of_day)
    }
}

/// At least and at most so many digits.
fn number(text: &str, least: usize, most: usize) -> Option<(i64, &str)> {
    let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length)?;
    (length >= least).then(|| digits.parse().ok().map(|number| (number, rest)))?
}

/// The number, from 1 on, of the name that a text begins with, in any case; of its first three letters if `short`.
fn name<'a>(text: &'a str, names: &[&str], short: bool) -> Option<(i64, &'a str)> {
    names.iter().zip(1..).find_map(|(name, number)| {
        let name = if short { name.get(..3)? } else { name };
        let (head, rest) = text.split_at_checked(name.len())?;
        head.eq_ignore_ascii_case(name).then_some((number, rest))
    })
}
