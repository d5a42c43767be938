//! Wall clocks and instants (S6.19).

use super::BASE;
use super::reading::ends;
use crate::expr::calendar;
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Function, Kind, Param, Prepared, constant_text};
use crate::expr::scalar::Scalar;
use crate::expr::types::{Type, Unit};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use std::sync::Arc;

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "timezone",
    params: &[Param::new("zone", Kind::Text).constant(), Param::new("x", Kind::Timestamp)],
    infer,
    prepare: Some(prepare),
    core: timezone,
    cost: 60,
    docs: "A timestamp without zone as the instant at which clocks in the zone show it, and an instant as what they show then; \
           `x AT TIME ZONE zone` is the same. Zones are named as in the IANA database, whose rules are compiled in. A time that \
           the zone skips takes the offset before the gap, one that occurs twice is the first. Fails outside of the years -9999 \
           to 9999.",
    examples: &[
        ("timezone('Europe/Berlin', TIMESTAMP '2026-07-01 12:00:00')", "2026-07-01 10:00:00+00:00"),
        ("timezone('Europe/Berlin', TIMESTAMP '2026-07-01 10:00:00Z')", "2026-07-01 12:00:00"),
        ("timezone('Europe/Berlin', TIMESTAMP '2026-03-29 02:30:00')", "2026-03-29 01:30:00+00:00"),
    ],
    ..BASE
}];

/// No offset is so long, in seconds.
const LONGEST_OFFSET: i64 = 26 * 3600;

fn infer(args: &[Facts]) -> Result<Facts, String> {
    zone(args)?;
    let Some(x) = args.get(1) else { return Err("`timezone` takes a zone and a timestamp".to_owned()) };
    let (unit, zoned) = match &x.ty {
        Type::Timestamp { unit, zoned } => (*unit, *zoned),
        Type::Null => return Ok(Facts::strict_any(args, Type::Null, Faults::NONE)),
        ty => return Err(format!("`timezone` takes a timestamp, not a value of type {ty}: cast it first")),
    };
    let (low, high) = ends(x);
    let (least, most) = calendar::tick_range(unit);
    let (least, most) = (i128::from(least), i128::from(most));
    let offset = i128::from(LONGEST_OFFSET * (1_000_000_000 / unit.nanoseconds()));
    let (first, last) = (i128::from(low) - offset, i128::from(high) + offset);
    let sound = first >= least && last <= most;
    let faults = if sound { Faults::NONE } else { Faults::of(&[Fault::TemporalOutOfRange]) };
    let range = Range::Exact(first.clamp(least, most), last.clamp(least, most));
    Ok(Facts::strict(args, Type::Timestamp { unit, zoned: !zoned }, range, faults))
}

fn prepare(args: &[Facts]) -> Result<Prepared, String> {
    Ok(zone(args)?.map(|zone| Arc::new(zone) as _))
}

/// The zone that the first argument names; none for NULL.
fn zone(args: &[Facts]) -> Result<Option<TimeZone>, String> {
    if args.first().is_some_and(|arg| arg.constant.as_ref().is_some_and(|zone| zone.is_null())) {
        return Ok(None);
    }
    let name = constant_text(args, 0).ok_or("`timezone` takes the name of a zone first, a text")?;
    let zones = TimeZoneDatabase::bundled();
    match zones.get(name) {
        Ok(zone) if !zone.is_unknown() => Ok(Some(zone)),
        _ => {
            let help = near(name, &zones).map_or_else(
                || "zones are named as in the IANA database, `Europe/Berlin`".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            Err(format!("there is no time zone `{name}`: {help}"))
        }
    }
}

/// The zone whose name, or whose last part, is nearest to a wrong one.
fn near(wrong: &str, zones: &TimeZoneDatabase) -> Option<String> {
    // No name is nearly so long.
    let wrong: Vec<char> = wrong.to_lowercase().replace(' ', "_").chars().take(64).collect();
    let distance = |name: &str| {
        let name = name.to_lowercase();
        let last = name.rsplit('/').next().unwrap_or(&name);
        edits(&wrong, &name).min(edits(&wrong, last))
    };
    let names = zones.available().map(|name| name.as_str().to_owned());
    // Of equally near ones that with a region, then the first by name.
    let (edits, _, name) = names.map(|name| (distance(&name), !name.contains('/'), name)).min()?;
    (edits <= 2 && edits < wrong.len()).then_some(name)
}

/// How many characters have to be inserted, left out or replaced.
fn edits(from: &[char], to: &str) -> usize {
    let mut row: Vec<usize> = (0..=from.len()).collect();
    for (above, wanted) in to.chars().enumerate() {
        let mut diagonal = above;
        let mut left = above + 1;
        for (cell, at) in row.iter_mut().enumerate() {
            let replaced = diagonal + usize::from(cell > 0 && from.get(cell - 1) != Some(&wanted));
            diagonal = *at;
            *at = if cell == 0 { above + 1 } else { replaced.min(*at + 1).min(left + 1) };
            left = *at;
        }
    }
    row.last().copied().unwrap_or(0)
}

fn timezone<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    match (call.prepared::<TimeZone>(), call.types.get(1), args.get(1)) {
        (Some(zone), Some(Type::Timestamp { unit, zoned }), Some(Scalar::Integer(ticks))) => {
            convert(zone, *ticks, *unit, *zoned).map(Scalar::Integer).ok_or(Fault::TemporalOutOfRange)
        }
        _ => Ok(Scalar::Null),
    }
}

fn convert(zone: &TimeZone, ticks: i64, unit: Unit, zoned: bool) -> Option<i64> {
    let (least, most) = calendar::tick_range(unit);
    if !(least..=most).contains(&ticks) {
        return None;
    }
    let per_second = 1_000_000_000 / unit.nanoseconds();
    let seconds = ticks.div_euclid(per_second);
    // Rules change on whole seconds.
    let east = if zoned { offset_at(zone, seconds)? } else { -offset_of(zone, seconds)? };
    ticks.checked_add(east * per_second).filter(|ticks| (least..=most).contains(ticks))
}

/// Seconds east at an instant. The library's instants end a day before the calendar does, with the same rules.
fn offset_at(zone: &TimeZone, seconds: i64) -> Option<i64> {
    let seconds = seconds.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Some(zone.to_offset(Timestamp::from_second(seconds).ok()?).seconds().into())
}

/// Seconds east when clocks show a time; those before the change where they are put forward or back.
fn offset_of(zone: &TimeZone, seconds: i64) -> Option<i64> {
    let offset = match zone.to_ambiguous_timestamp(civil(seconds)?).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
    };
    Some(offset.seconds().into())
}

fn civil(seconds: i64) -> Option<DateTime> {
    let (days, of_day) = calendar::split(seconds, Unit::Second);
    let date = calendar::civil(days)?;
    let small = |x: i64| i8::try_from(x).ok();
    let (hour, minute, second) = (small(of_day / 3600)?, small(of_day / 60 % 60)?, small(of_day % 60)?);
    DateTime::new(i16::try_from(date.year).ok()?, small(date.month)?, small(date.day)?, hour, minute, second, 0).ok()
}
