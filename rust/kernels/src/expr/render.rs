//! Values as text (S6.9).

use super::calendar::{self, DAY_NANOS};
use super::fault::Fault;
use super::scalar::Scalar;
use super::types::{Type, Unit};
use bumpalo::Bump;
use bumpalo::collections::String;
use std::fmt::{Result as Written, Write};

/// Longest text of a finite double: the sign, `0.` and as many digits as the least double has places.
pub const LONGEST_DOUBLE: u64 = 327;

/// The text of a value. Lists and structs have none (`cast-failed`), nor have doubles that are not finite
/// (`result-not-finite`), bytes that are no UTF-8 (`cast-failed`), and dates and times outside of the calendar
/// (`temporal-out-of-range`). NULL is `NULL`.
pub fn render<'a>(arena: &'a Bump, value: Scalar<'a>, ty: &Type) -> Result<&'a str, Fault> {
    let mut out = String::new_in(arena);
    let written = match (value, ty) {
        (Scalar::Null, _) => return Ok("NULL"),
        (Scalar::Text(text), _) => return Ok(text),
        (Scalar::Binary(bytes), _) => return std::str::from_utf8(bytes).map_err(|_| Fault::CastFailed),
        (Scalar::Boolean(value), _) => return Ok(if value { "true" } else { "false" }),
        (Scalar::Integer(days), Type::Date) => write_date(&mut out, days)?,
        (Scalar::Integer(nanos), Type::Time) => write_clock(&mut out, in_day(nanos)?),
        (Scalar::Integer(ticks), Type::Timestamp { unit, zoned }) => write_timestamp(&mut out, ticks, *unit, *zoned)?,
        (Scalar::Integer(ticks), Type::Duration(unit)) => write_duration(&mut out, ticks, *unit),
        (Scalar::Integer(value), _) => write!(out, "{value}"),
        (Scalar::Decimal(digits), Type::Decimal { scale, .. }) => write_decimal(&mut out, digits, *scale),
        (Scalar::Decimal(digits), _) => write_decimal(&mut out, digits, 0),
        (Scalar::Double(value), _) => write_double(&mut out, value)?,
        (Scalar::List(_) | Scalar::Struct(_), _) => return Err(Fault::CastFailed),
    };
    // Writing to an arena cannot fail.
    written.map_err(|_| Fault::ResultTooLarge)?;
    Ok(out.into_bump_str())
}

fn in_day(nanos: i64) -> Result<i64, Fault> {
    if (0..DAY_NANOS).contains(&nanos) { Ok(nanos) } else { Err(Fault::TemporalOutOfRange) }
}

fn write_decimal(out: &mut String<'_>, digits: i128, scale: u8) -> Written {
    let sign = if digits < 0 { "-" } else { "" };
    let scale = usize::from(scale);
    let text = format_args!("{:0>width$}", digits.unsigned_abs(), width = scale + 1).to_string();
    let (whole, fraction) = text.split_at_checked(text.len() - scale).unwrap_or((&text, ""));
    let point = if scale == 0 { "" } else { "." };
    write!(out, "{sign}{whole}{point}{fraction}")
}

/// Both zeros are `0`: equal doubles have equal texts.
fn write_double(out: &mut String<'_>, value: f64) -> Result<Written, Fault> {
    if !value.is_finite() {
        return Err(Fault::NotFinite);
    }
    Ok(write!(out, "{}", if value == 0.0 { 0.0 } else { value }))
}

fn write_date(out: &mut String<'_>, days: i64) -> Result<Written, Fault> {
    let date = calendar::civil(days).ok_or(Fault::TemporalOutOfRange)?;
    let sign = if date.year < 0 { "-" } else { "" };
    Ok(write!(out, "{sign}{:04}-{:02}-{:02}", date.year.abs(), date.month, date.day))
}

fn write_clock(out: &mut String<'_>, nanos: i64) -> Written {
    let (seconds, fraction) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    write!(out, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
    write_fraction(out, fraction)
}

/// A fraction of nanoseconds without trailing zeros; none for 0.
fn write_fraction(out: &mut String<'_>, nanos: i64) -> Written {
    if nanos == 0 {
        return Ok(());
    }
    let (mut digits, mut width) = (nanos, 9);
    while digits % 10 == 0 {
        digits /= 10;
        width -= 1;
    }
    write!(out, ".{digits:0width$}")
}

fn write_timestamp(out: &mut String<'_>, ticks: i64, unit: Unit, zoned: bool) -> Result<Written, Fault> {
    let (days, of_day) = calendar::split(ticks, unit);
    let date = write_date(out, days)?;
    let rest = |out: &mut String<'_>| {
        out.push(' ');
        write_clock(out, of_day * unit.nanoseconds())?;
        out.push_str(if zoned { "+00:00" } else { "" });
        Ok(())
    };
    Ok(date.and_then(|()| rest(out)))
}

/// ISO 8601 with hours as the greatest part: `PT36H`, `-PT0.5S`, `PT0S`.
fn write_duration(out: &mut String<'_>, ticks: i64, unit: Unit) -> Written {
    let per_second = (1_000_000_000 / unit.nanoseconds()).unsigned_abs();
    let magnitude = ticks.unsigned_abs();
    let (total, rest) = (magnitude / per_second, magnitude % per_second);
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    out.push_str(if ticks < 0 { "-PT" } else { "PT" });
    if hours > 0 {
        write!(out, "{hours}H")?;
    }
    if minutes > 0 {
        write!(out, "{minutes}M")?;
    }
    if seconds > 0 || rest > 0 || magnitude == 0 {
        write!(out, "{seconds}")?;
        write_fraction(out, i64::try_from(rest).unwrap_or(0) * unit.nanoseconds())?;
        out.push('S');
    }
    Ok(())
}
