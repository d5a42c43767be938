//! What is known of a cast's result before running.

use super::numbers::integral;
use crate::expr::calendar::{self, DAY_NANOS, MAX_DAY, MIN_DAY};
use crate::expr::decimal::{from_f64, pow10, to_f64};
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::render::LONGEST_DOUBLE;
use crate::expr::types::{Type, Unit};

const CANNOT: Faults = Faults::NONE;
const CAST: Faults = Faults::of(&[Fault::CastFailed]);
const TEMPORAL: Faults = Faults::of(&[Fault::TemporalOutOfRange]);

/// Range of the results, and how the cast itself can fail.
type Claim = (Range, Faults);

/// Facts of `CAST(arg AS to)`: range and faults follow from the argument's range. The error tells the author why there is no
/// such cast.
pub fn cast_facts(arg: &Facts, to: &Type) -> Result<Facts, String> {
    if &arg.ty == to {
        return Ok(arg.clone());
    }
    let (range, faults) = claim(&arg.ty, arg.range, to)?;
    let null = arg.constant.clone().filter(|constant| constant.is_null());
    Ok(Facts {
        ty: to.clone(),
        nullable: arg.nullable,
        range,
        nonzero: false,
        faults: arg.faults.and(faults),
        constant: null,
    })
}

fn claim(from: &Type, range: Range, to: &Type) -> Result<Claim, String> {
    let ends = || range.exact().or(Range::of_type(from).exact()).unwrap_or((i128::MIN, i128::MAX));
    Ok(match (from, to) {
        (Type::Null, _) => (Range::of_type(to), CANNOT),
        (from, to) if from == to => (range, CANNOT),
        (from, Type::Text) if from.is_scalar() => text_of(from, range, ends()),
        (Type::Text, to) if to.is_scalar() => of_text(range.length(), to),
        (Type::Integer, Type::Decimal { precision, scale }) => rescaled(ends(), 0, *precision, *scale),
        (Type::Decimal { scale, .. }, Type::Decimal { precision, scale: other }) => {
            rescaled(ends(), *scale, *precision, *other)
        }
        (Type::Decimal { scale, .. }, Type::Integer) => {
            let (range, faults) = rescaled(ends(), *scale, 38, 0);
            let (low, high) = range.exact().unwrap_or((0, 0));
            let (clipped, beyond) = clip((low, high), (i64::MIN.into(), i64::MAX.into()), CAST);
            (clipped, faults.and(beyond))
        }
        (Type::Integer, Type::Double) => doubles(ends(), 0),
        (Type::Decimal { scale, .. }, Type::Double) => doubles(ends(), *scale),
        (Type::Double, Type::Integer) => double_to_integer(range),
        (Type::Double, Type::Decimal { precision, scale }) => double_to_decimal(range, *precision, *scale),
        (Type::List(from), Type::List(to)) => {
            let (_, faults) = claim(from, Range::of_type(from), to)?;
            (range, faults)
        }
        (from, to) => temporal(from, ends(), to)?,
    })
}

fn temporal(from: &Type, (low, high): (i128, i128), to: &Type) -> Result<Claim, String> {
    use Type::{Date, Duration, Time, Timestamp};
    Ok(match (from, to) {
        (Date, Timestamp { unit, zoned: false }) => finer((low, high), calendar::ticks_per_day(*unit)),
        (Timestamp { unit, zoned: false }, Date) => {
            let per_day = i128::from(calendar::ticks_per_day(*unit));
            clip((low.div_euclid(per_day), high.div_euclid(per_day)), (MIN_DAY.into(), MAX_DAY.into()), TEMPORAL)
        }
        (Timestamp { unit, zoned: false }, Time) => (time_of_day((low, high), *unit), CANNOT),
        (Timestamp { unit, zoned }, Timestamp { unit: other, zoned: same }) if zoned == same => {
            change_unit((low, high), *unit, *other)
        }
        (Duration(unit), Duration(other)) => change_unit((low, high), *unit, *other),
        _ => return Err(why_not(from, to)),
    })
}

/// Keeps a range within what the type holds; a range that was cut means that the cast can fail.
fn clip((low, high): (i128, i128), (least, most): (i128, i128), fault: Faults) -> Claim {
    let faults = if low < least || high > most { fault } else { CANNOT };
    (Range::Exact(low.clamp(least, most), high.clamp(least, most)), faults)
}

fn finer((low, high): (i128, i128), factor: i64) -> Claim {
    let factor = i128::from(factor);
    let (least, most) = (i128::from(i64::MIN) / factor, i128::from(i64::MAX) / factor);
    match clip((low, high), (least, most), TEMPORAL) {
        (Range::Exact(low, high), faults) => (Range::Exact(low * factor, high * factor), faults),
        claim => claim,
    }
}

fn change_unit(ends: (i128, i128), from: Unit, to: Unit) -> Claim {
    let (a, b) = (from.nanoseconds(), to.nanoseconds());
    if a >= b { finer(ends, a / b) } else { coarser(ends, i128::from(b / a)) }
}

/// Only multiples of the divisor have a counterpart.
fn coarser((low, high): (i128, i128), divisor: i128) -> Claim {
    let (least, most) = (-((-low).div_euclid(divisor)), high.div_euclid(divisor));
    let exact = low == high && low % divisor == 0;
    (Range::Exact(least.min(most), most), if exact || divisor == 1 { CANNOT } else { CAST })
}

fn rescaled((low, high): (i128, i128), from: u8, precision: u8, to: u8) -> Claim {
    let end = pow10(precision).map_or(i128::MAX, |power| power - 1);
    let (range, faults) = match pow10(from.abs_diff(to)) {
        Some(power) if to >= from => match clip((low, high), (-end / power, end / power), CAST) {
            (Range::Exact(low, high), faults) => return (Range::Exact(low * power, high * power), faults),
            claim => claim,
        },
        Some(power) => coarser((low.max(-i128::MAX), high), power),
        None => (Range::Exact(0, 0), CAST),
    };
    let (low, high) = range.exact().unwrap_or((0, 0));
    let (range, beyond) = clip((low, high), (-end, end), CAST);
    (range, faults.and(beyond))
}

fn doubles((low, high): (i128, i128), scale: u8) -> Claim {
    (Range::Double { low: to_f64(low, scale), high: to_f64(high, scale), nan: false }, CANNOT)
}

fn double_to_integer(range: Range) -> Claim {
    let Range::Double { low, high, nan } = range else { return (Range::INTEGER, CAST) };
    // Converting a double saturates, as the range has to.
    let ends =
        Range::Exact(i128::from(low.ceil() as i64), i128::from(high.floor() as i64).max(low.ceil() as i64 as i128));
    let exact = low == high && !nan && integral(low).is_some();
    (ends, if exact { CANNOT } else { CAST })
}

fn double_to_decimal(range: Range, precision: u8, scale: u8) -> Claim {
    let end = pow10(precision).map_or(i128::MAX, |power| power - 1);
    let Range::Double { low, high, nan } = range else { return (Range::Exact(-end, end), CAST) };
    let held = |x: f64| from_f64(x, scale).filter(|digits| (-end..=end).contains(digits));
    let side = |x: f64| held(x).unwrap_or(if x < 0.0 { -end } else { end });
    let sound = !nan && held(low).is_some() && held(high).is_some();
    (Range::Exact(side(low), side(high)), if sound { CANNOT } else { CAST })
}

fn time_of_day((low, high): (i128, i128), unit: Unit) -> Range {
    let per_day = i128::from(calendar::ticks_per_day(unit));
    let nanos = i128::from(unit.nanoseconds());
    if low.div_euclid(per_day) == high.div_euclid(per_day) {
        Range::Exact(low.rem_euclid(per_day) * nanos, high.rem_euclid(per_day) * nanos)
    } else {
        Range::Exact(0, i128::from(DAY_NANOS) - nanos)
    }
}

/// Lengths of a type's texts.
fn text_of(from: &Type, range: Range, ends: (i128, i128)) -> Claim {
    let length = |low: u64, high: u64| Range::Length(low, high);
    match from {
        Type::Integer => (digits_length(ends, 0), CANNOT),
        Type::Decimal { scale, .. } => (digits_length(ends, *scale), CANNOT),
        Type::Double => (length(1, LONGEST_DOUBLE), if range.is_finite() { CANNOT } else { CAST }),
        Type::Boolean => match range {
            Range::Truth { yes, no } => (length(if yes { 4 } else { 5 }, if no { 5 } else { 4 }), CANNOT),
            _ => (length(4, 5), CANNOT),
        },
        Type::Binary => {
            let (low, high) = range.length();
            (length(low.div_ceil(4), high), if high == 0 { CANNOT } else { CAST })
        }
        Type::Date => dates_length(ends, 0, 0),
        Type::Time => {
            let faults = if ends.0 < 0 || ends.1 >= DAY_NANOS.into() { TEMPORAL } else { CANNOT };
            (length(8, 18), faults)
        }
        Type::Timestamp { unit, zoned } => {
            let per_day = i128::from(calendar::ticks_per_day(*unit));
            let zone = if *zoned { 6 } else { 0 };
            let days = (ends.0.div_euclid(per_day), ends.1.div_euclid(per_day));
            dates_length(days, 9 + zone, fraction_length(*unit))
        }
        // `PT0S`; the sign, the hours of the longest, minutes, seconds.
        Type::Duration(unit) => (length(4, 26 + fraction_length(*unit)), CANNOT),
        Type::Null | Type::Text | Type::List(_) | Type::Struct(_) => (range, CAST),
    }
}

/// A point and the digits that a unit has.
fn fraction_length(unit: Unit) -> u64 {
    match unit {
        Unit::Second => 0,
        Unit::Millisecond => 4,
        Unit::Microsecond => 7,
        Unit::Nanosecond => 10,
    }
}

fn dates_length((low, high): (i128, i128), rest: u64, optional: u64) -> Claim {
    let zero = i128::from(calendar::days(0, 1, 1).unwrap_or(MIN_DAY));
    let least = if high < zero { 11 } else { 10 };
    let most = if low < zero { 11 } else { 10 };
    let (_, faults) = clip((low, high), (MIN_DAY.into(), MAX_DAY.into()), TEMPORAL);
    (Range::Length(least + rest, most + rest + optional), faults)
}

/// Lengths of the numbers between two, at a scale: magnitudes grow away from zero.
fn digits_length((low, high): (i128, i128), scale: u8) -> Range {
    let length = |digits: i128| {
        let places = digits.unsigned_abs().checked_ilog10().unwrap_or(0) as u64 + 1;
        let point = u64::from(scale > 0);
        places.max(u64::from(scale) + 1) + point + u64::from(digits < 0)
    };
    let nearest = if high < 0 { high } else { low.max(0) };
    Range::Length(length(nearest), length(low).max(length(high)))
}

fn of_text((shortest, longest): (u64, u64), to: &Type) -> Claim {
    let range = match to {
        Type::Binary => return (Range::Length(shortest, longest.saturating_mul(4)), CANNOT),
        // So many digits, or one less and a minus.
        Type::Integer if (1..=18).contains(&longest) => {
            let end = |digits: u64| u32::try_from(digits).map_or(0, |digits| 10_i128.pow(digits) - 1);
            Range::Exact(-end(longest - 1), end(longest))
        }
        Type::Double => Range::FINITE,
        Type::Date => Range::Exact(MIN_DAY.into(), MAX_DAY.into()),
        Type::Timestamp { unit, .. } => {
            let (least, most) = calendar::tick_range(*unit);
            Range::Exact(least.into(), most.into())
        }
        to => Range::of_type(to),
    };
    (range, CAST)
}

fn why_not(from: &Type, to: &Type) -> String {
    let help = match (from, to) {
        (Type::Boolean, _) if to.is_numeric() => ": say CASE WHEN x THEN 1 ELSE 0 END",
        (_, Type::Boolean) if from.is_numeric() => ": say x <> 0",
        (Type::Timestamp { zoned, .. }, Type::Timestamp { zoned: other, .. }) if zoned != other => {
            ": say in which zone with AT TIME ZONE"
        }
        (Type::Timestamp { zoned: true, .. }, Type::Date | Type::Time) => ": say in which zone with AT TIME ZONE first",
        (Type::Date, Type::Timestamp { zoned: true, .. }) => ": cast to TIMESTAMP, then say the zone with AT TIME ZONE",
        (Type::Date, _) if to.is_numeric() => ": say x - DATE '1970-01-01' for days",
        (_, Type::Date) if from.is_numeric() => ": say DATE '1970-01-01' + x for days",
        (Type::Timestamp { .. } | Type::Duration(_), _) if to.is_numeric() => ": say epoch(x) for seconds",
        (Type::Binary, _) if to.is_scalar() => ": cast to VARCHAR first",
        (Type::List(_) | Type::Struct(_), _) => ": name an item or a field",
        _ => "",
    };
    format!("there is no cast from {from} to {to}{help}")
}
