//! Functions that are worth a loop of their own. Each gives what the table's core gives, record by record (tests compare them);
//! where a loop cannot promise that, it answers none and the core is run.

use super::arithmetic::map;
use super::collect::{flagged, zipped};
use super::compare::short_view;
use super::divide::Floor;
use super::sink::Sink;
use super::{Bits, Column, Data, Texts, Vector, failed, operands, set_bits};
use crate::bits;
use crate::expr::calendar::{civil, ticks_per_day};
use crate::expr::fault::Fault;
use crate::expr::functions::like::LikeMatcher;
use crate::expr::functions::round_double;
use crate::expr::program::Node;
use crate::expr::types::{Type, Unit};
use multiversion::multiversion;

/// The function called `name`, if there is a loop for these arguments.
pub fn call(name: &str, node: &Node, args: &[&Vector], rows: usize) -> Option<Vector> {
    match (name, args) {
        ("abs", [x]) => abs(x, rows),
        ("round", [x, digits]) => round(x, digits, rows),
        ("year", [x]) => part(x, node, rows, |year, _, _| year),
        ("month", [x]) => part(x, node, rows, |_, month, _| month),
        ("day", [x]) => part(x, node, rows, |_, _, day| day),
        ("date_diff", [unit, a, b]) => date_diff(unit, a, b, node, rows),
        ("upper", [x]) => cased(x, rows, b'a'),
        ("lower", [x]) => cased(x, rows, b'A'),
        ("string_concat", [a, b]) => concat(a, b, rows),
        ("like" | "ilike", [x, ..]) => {
            let matcher = node.prepared.as_ref()?.downcast_ref::<LikeMatcher>()?;
            test(x, rows, |text| matcher.is_match(text))
        }
        ("starts_with", [x, one]) => constant(one).and_then(|one| test(x, rows, |text| text.starts_with(one))),
        ("ends_with", [x, one]) => constant(one).and_then(|one| test(x, rows, |text| text.ends_with(one))),
        ("length", [x]) => length(x, rows),
        _ => None,
    }
}

fn constant(one: &Vector) -> Option<&str> {
    match &one.data {
        Data::Text(Texts::One(text)) => Some(text),
        _ => None,
    }
}

/// Records among `valid` that fail a test.
fn failing(valid: Option<&Bits>, rows: usize, bad: impl Fn(usize) -> bool, fault: Fault) -> Vec<(u32, Fault)> {
    let here = |row: &usize| valid.is_none_or(|valid| bits::get(valid, *row));
    (0..rows).filter(here).filter(|row| bad(*row)).map(|row| (row as u32, fault)).collect()
}

fn doubles(out: Vec<f64>, x: &Vector, rows: usize) -> Vector {
    let special = any_special(&out);
    let bad = |row: usize| out.get(row).is_some_and(|value| !value.is_finite());
    let found = if special { failing(x.valid.as_ref(), rows, bad, Fault::NotFinite) } else { Vec::new() };
    failed(Data::Double(Column::Own(out)), x.valid.clone(), x.faults.clone(), found, rows)
}

#[multiversion(targets("x86_64+avx2"))]
fn any_special(values: &[f64]) -> bool {
    values.iter().fold(false, |any, value| any | !value.is_finite())
}

fn abs(x: &Vector, rows: usize) -> Option<Vector> {
    match &x.data {
        Data::Double(values) => Some(doubles(map(values, rows, f64::abs), x, rows)),
        Data::Integer(values) => {
            let out = map(values, rows, i64::wrapping_abs);
            let least = out.iter().fold(false, |any, value| any | (*value < 0));
            let bad = |row: usize| out.get(row).is_some_and(|value| *value < 0);
            let found =
                if least { failing(x.valid.as_ref(), rows, bad, Fault::ArithmeticOverflow) } else { Vec::new() };
            Some(failed(Data::Integer(Column::Own(out)), x.valid.clone(), x.faults.clone(), found, rows))
        }
        _ => None,
    }
}

fn round(x: &Vector, digits: &Vector, rows: usize) -> Option<Vector> {
    let (Data::Double(values), Data::Integer(Column::One(digits))) = (&x.data, &digits.data) else { return None };
    let one = |value: f64| if value.is_finite() { round_double(value, *digits) } else { value };
    let out = match (values.slice(), u8::try_from(*digits)) {
        (Some(values), Ok(digits @ 1..=15)) => {
            let (mut out, uncertain) = round_near(values, 10_f64.powi(digits.into()));
            if uncertain {
                out.iter_mut().zip(values).filter(|(out, _)| out.is_nan()).for_each(|(out, value)| *out = one(*value));
            }
            out
        }
        _ => map(values, rows, one),
    };
    Some(doubles(out, x, rows))
}

/// [`round_double`] where the scaled value is surely on one side of the middle; NaN elsewhere, and whether that occurs.
#[multiversion(targets("x86_64+avx2"))]
fn round_near(values: &[f64], power: f64) -> (Vec<f64>, bool) {
    /// Beyond it the fraction has too few bits.
    const MOST: f64 = (1_u64 << 51) as f64;
    let (out, uncertain) = flagged(values, |value: f64| {
        let scaled = value.abs() * power;
        let floor = scaled.floor();
        let fraction = scaled - floor;
        // The product is off by at most half a unit of its last place. Comparisons with NaN are false.
        let sure = (fraction - 0.5).abs() > scaled * f64::EPSILON && scaled < MOST;
        let whole = if fraction > 0.5 { floor + 1.0 } else { floor };
        (if sure { (whole / power).copysign(value) } else { f64::NAN }, u64::from(!sure))
    });
    (out, uncertain != 0)
}

fn part(x: &Vector, node: &Node, rows: usize, pick: impl Fn(i64, i64, i64) -> i64) -> Option<Vector> {
    let Data::Integer(values) = &x.data else { return None };
    let per_day = match node.types.first() {
        Some(Type::Date) => 1,
        Some(Type::Timestamp { unit, zoned: false }) => ticks_per_day(*unit),
        _ => return None,
    };
    let mut outside = false;
    let floor = Floor::by(per_day);
    let day = |ticks: i64| floor.map_or_else(|| ticks.div_euclid(per_day), |floor| floor.quotient(ticks));
    let out = map(values, rows, |ticks| match civil(day(ticks)) {
        Some(date) => pick(date.year, date.month, date.day),
        None => {
            outside = true;
            0
        }
    });
    let bad = |row: usize| values.get(row).is_none_or(|ticks| civil(ticks.div_euclid(per_day)).is_none());
    let found = if outside { failing(x.valid.as_ref(), rows, bad, Fault::TemporalOutOfRange) } else { Vec::new() };
    Some(failed(Data::Integer(Column::Own(out)), x.valid.clone(), x.faults.clone(), found, rows))
}

/// Boundaries of seconds, minutes, hours and days between two timestamps of one unit.
fn date_diff(unit: &Vector, a: &Vector, b: &Vector, node: &Node, rows: usize) -> Option<Vector> {
    let (Data::Integer(x), Data::Integer(y)) = (&a.data, &b.data) else { return None };
    let [_, Type::Timestamp { unit: first, zoned: false }, Type::Timestamp { unit: second, zoned: false }] =
        node.types.as_slice()
    else {
        return None;
    };
    if first != second {
        return None;
    }
    let seconds = Unit::Second.nanoseconds() / first.nanoseconds();
    let ticks = match constant(unit)?.to_ascii_lowercase().as_str() {
        "second" => seconds,
        "minute" => 60 * seconds,
        "hour" => 3_600 * seconds,
        _ => return None,
    };
    let (valid, faults) = operands(a, b, rows);
    let whole = |row: usize| Some(y.get(row)?.div_euclid(ticks) - x.get(row)?.div_euclid(ticks));
    let out: Vec<i64> = match (x.slice(), y.slice(), Floor::by(ticks)) {
        (Some(x), Some(y), Some(floor)) => zipped(x, y, |x, y| (floor.quotient(y) - floor.quotient(x), 0)).0,
        _ => (0..rows).map(|row| whole(row).unwrap_or(0)).collect(),
    };
    Some(Vector { data: Data::Integer(Column::Own(out)), valid, faults })
}

/// ASCII texts by bytes: letters from `first` on change case. Any other text is left to the core.
fn cased(x: &Vector, rows: usize, first: u8) -> Option<Vector> {
    let Data::Text(texts) = &x.data else { return None };
    if matches!(texts, Texts::Coded(..) | Texts::One(_)) {
        return None;
    }
    let mut sink = Sink::new(rows);
    for row in 0..rows {
        let text = if x.is_valid(row) { texts.get(row).unwrap_or_default() } else { "" };
        if !text.is_ascii() || text.len() > crate::expr::function::RESULT_LIMIT {
            return None;
        }
        match short_view(text) {
            Some(view) => sink.push_view(flip_case(view, first)),
            None => sink.push_changed(text, |byte| if byte.wrapping_sub(first) < 26 { byte ^ 0x20 } else { byte }),
        }
    }
    Some(Vector { data: Data::Text(Texts::View(sink.finish())), valid: x.valid.clone(), faults: x.faults.clone() })
}

/// Flips the case of 26 ASCII letters in the text of a short view; its length, below 13, is no letter.
fn flip_case(view: u128, first: u8) -> u128 {
    const ONES: u128 = u128::MAX / 255;
    // No byte has its highest bit set, so that no sum carries into the next.
    let from = view + ONES * u128::from(0x80 - first);
    let past = view + ONES * u128::from(0x80 - first - 26);
    view ^ (((from & !past) & (ONES * 0x80)) >> 2)
}

fn concat(a: &Vector, b: &Vector, rows: usize) -> Option<Vector> {
    let (Data::Text(x), Data::Text(y)) = (&a.data, &b.data) else { return None };
    let (valid, faults) = operands(a, b, rows);
    let mut sink = Sink::new(rows);
    let (one_x, one_y) = (constant(a).and_then(short_view), constant(b).and_then(short_view));
    for row in 0..rows {
        let here = valid.as_ref().is_none_or(|valid| bits::get(valid, row));
        let (first, second) = (one_x.or_else(|| x.short(row)), one_y.or_else(|| y.short(row)));
        if let (true, Some(first), Some(second)) = (here, first, second)
            && let Some(view) = joined(first, second)
        {
            sink.push_view(view);
            continue;
        }
        let (x, y) = if here { (x.get(row)?, y.get(row)?) } else { ("", "") };
        if x.len() + y.len() > crate::expr::function::RESULT_LIMIT {
            return None;
        }
        sink.push_two(x, y);
    }
    Some(Vector { data: Data::Text(Texts::View(sink.finish())), valid, faults })
}

/// Two short views as one, if that is short too.
fn joined(a: u128, b: u128) -> Option<u128> {
    let (x, y) = (a as u32, b as u32);
    let length = x + y;
    (length <= 12).then(|| u128::from(length) | (a >> 32) << 32 | ((b >> 32) << (8 * x)) << 32)
}

/// A test of texts that cannot fail.
fn test(x: &Vector, rows: usize, holds: impl Fn(&str) -> bool) -> Option<Vector> {
    let Data::Text(texts) = &x.data else { return None };
    if matches!(texts, Texts::Coded(..)) {
        return None;
    }
    let mut out = vec![0; bits::words(rows)];
    match &x.valid {
        Some(valid) => {
            let yes = |row: &usize| texts.get(*row).is_some_and(&holds);
            set_bits(valid).filter(yes).for_each(|row| bits::set(&mut out, row));
        }
        None => bits::fill(&mut out, rows, |row| texts.get(row).is_some_and(&holds)),
    }
    Some(Vector { data: Data::Boolean(out), valid: x.valid.clone(), faults: x.faults.clone() })
}

fn length(x: &Vector, rows: usize) -> Option<Vector> {
    let Data::Text(texts) = &x.data else { return None };
    if matches!(texts, Texts::Coded(..)) {
        return None;
    }
    let count = |row: usize| {
        let text = if x.is_valid(row) { texts.get(row).unwrap_or_default() } else { "" };
        if text.is_ascii() { text.len() as i64 } else { text.chars().count() as i64 }
    };
    let out = (0..rows).map(count).collect();
    Some(Vector { data: Data::Integer(Column::Own(out)), valid: x.valid.clone(), faults: x.faults.clone() })
}
