//! Casts (S6.21): a value in another type, or a fault.

mod facts;
mod numbers;
#[cfg(test)]
mod tests;

pub use facts::cast_facts;

use super::calendar;
use super::decimal;
use super::fault::Fault;
use super::parse;
use super::render::render;
use super::scalar::Scalar;
use super::types::{Type, Unit};
use bumpalo::Bump;

/// A value of type `from` in type `to`. NULL stays NULL and a value of the same type as it is; everything else keeps its
/// value or fails: with `temporal-out-of-range` where a date or time leaves the calendar or its unit, else with `cast-failed`.
/// Pairs that [`cast_facts`] refuses fail with `cast-failed`.
pub fn cast<'a>(arena: &'a Bump, value: Scalar<'a>, from: &Type, to: &Type) -> Result<Scalar<'a>, Fault> {
    if value.is_null() || from == to {
        return Ok(value);
    }
    match (value, to) {
        (_, Type::Text) => render_cast(arena, value, from),
        (Scalar::Text(text), _) => from_text(text, to).ok_or(Fault::CastFailed),
        (Scalar::Integer(x), _) if from == &Type::Integer => numbers::of_integer(x, to),
        (Scalar::Decimal(x), _) => match from {
            Type::Decimal { scale, .. } => numbers::of_decimal(x, *scale, to),
            _ => Err(Fault::CastFailed),
        },
        (Scalar::Double(x), _) => numbers::of_double(x, to),
        (Scalar::Integer(x), _) => temporal(x, from, to),
        (Scalar::List(items), Type::List(to)) => match from {
            Type::List(from) => list(arena, items, from, to),
            _ => Err(Fault::CastFailed),
        },
        _ => Err(Fault::CastFailed),
    }
}

fn list<'a>(arena: &'a Bump, items: &'a [Scalar<'a>], from: &Type, to: &Type) -> Result<Scalar<'a>, Fault> {
    let mut out = bumpalo::collections::Vec::with_capacity_in(items.len(), arena);
    for item in items {
        out.push(cast(arena, *item, from, to)?);
    }
    Ok(Scalar::List(out.into_bump_slice()))
}

/// A double that is not finite has no text: as a cast that is `cast-failed`, as from a double to any other type.
fn render_cast<'a>(arena: &'a Bump, value: Scalar<'a>, from: &Type) -> Result<Scalar<'a>, Fault> {
    match render(arena, value, from) {
        Err(Fault::NotFinite) => Err(Fault::CastFailed),
        text => text.map(Scalar::Text),
    }
}

fn from_text<'a>(text: &'a str, to: &Type) -> Option<Scalar<'a>> {
    Some(match to {
        Type::Boolean => Scalar::Boolean(parse::parse_boolean(text)?),
        Type::Integer => Scalar::Integer(parse::parse_integer(text)?),
        Type::Decimal { precision, scale } => {
            let digits = parse::parse_decimal(text, *scale)?;
            Scalar::Decimal(Some(digits).filter(|digits| decimal::fits(*digits, *precision))?)
        }
        Type::Double => Scalar::Double(parse::parse_double(text)?),
        Type::Binary => Scalar::Binary(text.as_bytes()),
        Type::Date => Scalar::Integer(parse::parse_date(text)?),
        Type::Time => Scalar::Integer(parse::parse_time(text)?),
        // A text without zone is no instant, one with a zone is no reading of a wall clock.
        Type::Timestamp { unit, zoned } => {
            let (ticks, with_zone) = parse::parse_timestamp(text, *unit)?;
            Scalar::Integer(Some(ticks).filter(|_| with_zone == *zoned)?)
        }
        Type::Duration(unit) => {
            let (_, nanos) = parse::parse_interval(text).filter(|(months, _)| *months == 0)?;
            Scalar::Integer(parse::exact_ticks(nanos, *unit)?)
        }
        Type::Null | Type::Text | Type::List(_) | Type::Struct(_) => return None,
    })
}

fn temporal<'a>(x: i64, from: &Type, to: &Type) -> Result<Scalar<'a>, Fault> {
    use Type::{Date, Duration, Time, Timestamp};
    let out = match (from, to) {
        (Date, Timestamp { unit, zoned: false }) => {
            x.checked_mul(calendar::ticks_per_day(*unit)).ok_or(Fault::TemporalOutOfRange)?
        }
        (Timestamp { unit, zoned: false }, Date) => {
            let (days, _) = calendar::split(x, *unit);
            calendar::civil(days).map(|_| days).ok_or(Fault::TemporalOutOfRange)?
        }
        (Timestamp { unit, zoned: false }, Time) => calendar::split(x, *unit).1 * unit.nanoseconds(),
        (Timestamp { unit, zoned }, Timestamp { unit: other, zoned: same }) if zoned == same => {
            change_unit(x, *unit, *other)?
        }
        (Duration(unit), Duration(other)) => change_unit(x, *unit, *other)?,
        _ => return Err(Fault::CastFailed),
    };
    Ok(Scalar::Integer(out))
}

/// The same ticks in another unit. To a finer one it fails where 64 bits end, to a coarser one where digits would be lost.
pub fn change_unit(ticks: i64, from: Unit, to: Unit) -> Result<i64, Fault> {
    let (a, b) = (from.nanoseconds(), to.nanoseconds());
    if a >= b {
        ticks.checked_mul(a / b).ok_or(Fault::TemporalOutOfRange)
    } else if ticks % (b / a) == 0 {
        Ok(ticks / (b / a))
    } else {
        Err(Fault::CastFailed)
    }
}
