//! Dates and times written after a format.

use super::BASE;
use super::names::{DAYS, MONTHS, lengths, named};
use super::part::Part;
use super::reading::Reading;
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Function, Kind, Param, Prepared, constant_text};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;
use bumpalo::collections::String as Text;
use std::fmt::Write;
use std::sync::Arc;

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "strftime",
    params: &[Param::new("x", Kind::LocalTemporal), Param::new("format", Kind::Text).constant()],
    infer,
    prepare: Some(prepare),
    core: strftime,
    cost: 80,
    docs: "A date or timestamp as text: %Y %m %d %H %M %S year to second, %y the year's last two digits, %j the day of the year, %b \
           %B month and %a %A day of the week in English (short, long), %g %f %n the second's fraction in 3, 6, 9 digits (cut off), \
           %% a percent sign. Fails outside of the years -9999 to 9999.",
    examples: &[
        ("strftime(DATE '2026-01-31', '%d.%m.%Y')", "31.01.2026"),
        ("strftime(TIMESTAMP '2026-01-31 13:05:00', '%H:%M')", "13:05"),
        ("strftime(DATE '2026-01-31', '%A')", "Saturday"),
    ],
    duckdb: "DuckDB has further directives, and takes the parts of a DATE's clock, which are refused here.",
    ..BASE
}];

/// Longest format, in bytes.
const LONGEST_FORMAT: usize = 4096;

/// What a directive stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Year,
    ShortYear,
    Month,
    ShortMonthName,
    MonthName,
    Day,
    DayOfYear,
    ShortDayName,
    DayName,
    Hour,
    Minute,
    Second,
    /// So many digits.
    Fraction(usize),
}

/// A piece of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    Literal(String),
    Field(Field),
}

impl Field {
    fn of(directive: char) -> Option<Field> {
        Some(match directive {
            'Y' => Field::Year,
            'y' => Field::ShortYear,
            'm' => Field::Month,
            'b' => Field::ShortMonthName,
            'B' => Field::MonthName,
            'd' => Field::Day,
            'j' => Field::DayOfYear,
            'a' => Field::ShortDayName,
            'A' => Field::DayName,
            'H' => Field::Hour,
            'M' => Field::Minute,
            'S' => Field::Second,
            'g' => Field::Fraction(3),
            'f' => Field::Fraction(6),
            'n' => Field::Fraction(9),
            _ => return None,
        })
    }

    fn of_clock(self) -> bool {
        matches!(self, Field::Hour | Field::Minute | Field::Second | Field::Fraction(_))
    }

    /// Shortest and longest text.
    fn lengths(self) -> (u64, u64) {
        match self {
            // A year before 0 has a minus.
            Field::Year => (4, 5),
            Field::MonthName => lengths(&MONTHS),
            Field::DayName => lengths(&DAYS),
            Field::ShortMonthName | Field::ShortDayName | Field::DayOfYear => (3, 3),
            Field::Fraction(digits) => (digits as u64, digits as u64),
            _ => (2, 2),
        }
    }
}

/// The pieces of a format; the error is for the author.
pub(super) fn items(name: &str, format: &str) -> Result<Vec<Item>, String> {
    if format.len() > LONGEST_FORMAT {
        return Err(format!("`{name}`: a format has at most {LONGEST_FORMAT} bytes"));
    }
    let mut items = Vec::new();
    let mut literal = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '%' { chars.next() } else { None }) {
            ('%', Some('%')) => literal.push('%'),
            ('%', Some(directive)) => {
                let field = Field::of(directive).ok_or_else(|| unknown(name, directive))?;
                if !literal.is_empty() {
                    items.push(Item::Literal(std::mem::take(&mut literal)));
                }
                items.push(Item::Field(field));
            }
            ('%', None) => return Err(format!("`{name}`: the format ends in `%`; say `%%` for a percent sign")),
            _ => literal.push(c),
        }
    }
    if !literal.is_empty() {
        items.push(Item::Literal(literal));
    }
    Ok(items)
}

fn unknown(name: &str, directive: char) -> String {
    let known = "%Y %y %m %b %B %d %j %a %A %H %M %S %g %f %n %%";
    format!("`{name}` knows no directive `%{directive}`: it takes {known}")
}

/// The pieces of a constant argument; none for NULL.
pub(super) fn constant_items(name: &str, args: &[Facts]) -> Result<Option<Vec<Item>>, String> {
    if args.get(1).is_some_and(|arg| arg.constant.as_ref().is_some_and(|format| format.is_null())) {
        return Ok(None);
    }
    let format = constant_text(args, 1).ok_or_else(|| format!("`{name}` takes a format, a text"))?;
    items(name, format).map(Some)
}

fn prepare(args: &[Facts]) -> Result<Prepared, String> {
    Ok(constant_items("strftime", args)?.map(|items| Arc::new(items) as _))
}

fn infer(args: &[Facts]) -> Result<Facts, String> {
    let what = "a date or a timestamp without zone";
    let items = constant_items("strftime", args)?.unwrap_or_default();
    let Some(x) = args.first() else { return Err(format!("`strftime` takes {what} and a format")) };
    let fields = || items.iter().filter_map(|item| if let Item::Field(field) = item { Some(*field) } else { None });
    let mut faults = Faults::NONE;
    if let Some(reading) = Reading::of_arg("strftime", what, x)? {
        Part::Month.check("strftime", reading)?;
        if let (Reading::Day, Some(_)) = (reading, fields().find(|field| field.of_clock())) {
            return Err("`strftime`: a DATE has no time of day; cast it to TIMESTAMP if midnight is meant".to_owned());
        }
        faults = reading.ends(x, fields().any(|field| !field.of_clock())).2;
    }
    let lengths = items.iter().map(|item| match item {
        Item::Literal(text) => (text.chars().count() as u64, text.chars().count() as u64),
        Item::Field(field) => field.lengths(),
    });
    let (least, most) = lengths.fold((0, 0), |sum, next| (sum.0 + next.0, sum.1 + next.1));
    Ok(Facts::strict(args, Type::Text, Range::Length(least, most), faults))
}

fn strftime<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    match (call.prepared::<Vec<Item>>(), call.types.first().and_then(Reading::of), args.first()) {
        (Some(items), Some(reading), Some(Scalar::Integer(x))) => {
            let mut out = Text::new_in(call.arena);
            for item in items {
                match item {
                    Item::Literal(text) => out.push_str(text),
                    Item::Field(field) => write_field(&mut out, *field, *x, reading)?,
                }
            }
            Ok(Scalar::Text(out.into_bump_str()))
        }
        _ => Ok(Scalar::Null),
    }
}

fn write_field(out: &mut Text<'_>, field: Field, x: i64, reading: Reading) -> Result<(), Fault> {
    let part = |part: Part| part.of(x, reading);
    let short = |name: Option<&'static str>| name.and_then(|name| name.get(..3)).unwrap_or("");
    let written = match field {
        Field::Year => {
            let year = part(Part::Year)?;
            write!(out, "{}{:04}", if year < 0 { "-" } else { "" }, year.abs())
        }
        Field::ShortYear => write!(out, "{:02}", part(Part::Year)?.rem_euclid(100)),
        Field::Month => write!(out, "{:02}", part(Part::Month)?),
        Field::ShortMonthName => write!(out, "{}", short(named(&MONTHS, part(Part::Month)?))),
        Field::MonthName => write!(out, "{}", named(&MONTHS, part(Part::Month)?).unwrap_or("")),
        Field::Day => write!(out, "{:02}", part(Part::Day)?),
        Field::DayOfYear => write!(out, "{:03}", part(Part::DayOfYear)?),
        Field::ShortDayName => write!(out, "{}", short(named(&DAYS, part(Part::IsoDayOfWeek)?))),
        Field::DayName => write!(out, "{}", named(&DAYS, part(Part::IsoDayOfWeek)?).unwrap_or("")),
        Field::Hour => write!(out, "{:02}", part(Part::Hour)?),
        Field::Minute => write!(out, "{:02}", part(Part::Minute)?),
        Field::Second => write!(out, "{:02}", part(Part::Second)?),
        Field::Fraction(digits) => {
            let nanos = part(Part::Nanosecond)? % 1_000_000_000;
            let cut = (digits..9).fold(nanos, |nanos, _| nanos / 10);
            write!(out, "{cut:0digits$}")
        }
    };
    // Writing to an arena cannot fail.
    written.map_err(|_| Fault::ResultTooLarge)
}
