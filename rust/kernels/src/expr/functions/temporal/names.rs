//! English names of months and days.

use super::BASE;
use super::part::Part;
use super::reading::Reading;
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Function, Kind, Param};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;

/// From January on.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// From Monday on.
pub(super) const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "monthname",
        params: &[Param::new("x", Kind::LocalTemporal)],
        infer: |args| infer("monthname", &MONTHS, args),
        core: |call, args| core(Part::Month, &MONTHS, call, args),
        docs: "The English name of the month. Fails outside of the years -9999 to 9999.",
        examples: &[("monthname(DATE '2026-01-31')", "January"), ("monthname(DATE '2026-05-01')", "May")],
        ..BASE
    },
    Function {
        name: "dayname",
        params: &[Param::new("x", Kind::LocalTemporal)],
        infer: |args| infer("dayname", &DAYS, args),
        core: |call, args| core(Part::IsoDayOfWeek, &DAYS, call, args),
        docs: "The English name of the day of the week. Fails outside of the years -9999 to 9999.",
        examples: &[("dayname(DATE '2026-01-04')", "Sunday"), ("dayname(DATE '2026-01-05')", "Monday")],
        ..BASE
    },
];

/// Shortest and longest of some names.
pub(super) fn lengths(names: &[&str]) -> (u64, u64) {
    let lengths = || names.iter().map(|name| name.len() as u64);
    (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0))
}

fn infer(name: &str, names: &[&str], args: &[Facts]) -> Result<Facts, String> {
    let what = "a date or a timestamp without zone";
    let Some(x) = args.first() else { return Err(format!("`{name}` takes {what}")) };
    let (low, high) = lengths(names);
    let faults = match Reading::of_arg(name, what, x)? {
        Some(reading) => {
            Part::Month.check(name, reading)?;
            reading.ends(x, true).2
        }
        None => Faults::NONE,
    };
    Ok(Facts::strict(args, Type::Text, Range::Length(low, high), faults))
}

fn core<'a>(part: Part, names: &[&'static str], call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    match (call.types.first().and_then(Reading::of), args.first()) {
        (Some(reading), Some(Scalar::Integer(x))) => {
            let number = part.of(*x, reading)?;
            Ok(named(names, number).map_or(Scalar::Null, Scalar::Text))
        }
        _ => Ok(Scalar::Null),
    }
}

/// The name of a number from 1 on.
pub(super) fn named(names: &[&'static str], number: i64) -> Option<&'static str> {
    names.get(usize::try_from(number - 1).ok()?).copied()
}
