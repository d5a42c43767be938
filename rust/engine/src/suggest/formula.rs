//! Arithmetic between columns: sums, products, multiples, days between dates.

use super::column::{Column, Kind, Lane, Run};
use super::number::{Fault, Num};
use super::write::name;
use std::cmp::Ordering;
use std::ops::RangeInclusive;

/// What two or three columns make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// a + b
    Sum(usize, usize),
    /// a + b + c
    Sum3(usize, usize, usize),
    /// a * b
    Product(usize, usize),
    /// a times a whole number
    Multiple(usize, i64),
    /// b - a of dates, in days
    Days(usize, usize),
}

impl Shape {
    /// The columns read.
    pub fn operands(self) -> impl Iterator<Item = usize> {
        let [a, b, c] = match self {
            Shape::Sum(a, b) | Shape::Product(a, b) | Shape::Days(a, b) => [Some(a), Some(b), None],
            Shape::Sum3(a, b, c) => [Some(a), Some(b), Some(c)],
            Shape::Multiple(a, _) => [Some(a), None, None],
        };
        [a, b, c].into_iter().flatten()
    }

    /// NULL when an operand is; a fault of two values stands even when the third is NULL.
    fn value(self, at: impl Fn(usize) -> Option<Num>) -> Result<Option<Num>, Fault> {
        let both = |a: Option<Num>, b: Option<Num>, operation: fn(Num, Num) -> Result<Num, Fault>| match (a, b) {
            (Some(a), Some(b)) => operation(a, b).map(Some),
            _ => Ok(None),
        };
        match self {
            Shape::Sum(a, b) => both(at(a), at(b), Num::add),
            Shape::Sum3(a, b, c) => both(both(at(a), at(b), Num::add)?, at(c), Num::add),
            Shape::Product(a, b) => both(at(a), at(b), Num::mul),
            Shape::Multiple(a, factor) => both(at(a), Some(Num::Int(factor)), Num::mul),
            Shape::Days(a, b) => both(at(b), at(a), days),
        }
    }

    fn text(self, columns: &[Column]) -> String {
        let at = |place: usize| columns.get(place).map(|column| name(&column.name)).unwrap_or_default();
        match self {
            Shape::Sum(a, b) => format!("{} + {}", at(a), at(b)),
            Shape::Sum3(a, b, c) => format!("{} + {} + {}", at(a), at(b), at(c)),
            Shape::Product(a, b) => format!("{} * {}", at(a), at(b)),
            Shape::Multiple(a, factor) => format!("{} * {factor}", at(a)),
            Shape::Days(a, b) => format!("{} - {}", at(b), at(a)),
        }
    }
}

/// Dates of the years −9999 to 9999 (S6.18), in days since 1970-01-01.
const CALENDAR: RangeInclusive<i64> = -4_371_587..=2_932_896;

fn days(end: Num, start: Num) -> Result<Num, Fault> {
    let dates = [end, start].into_iter().all(|date| matches!(date, Num::Int(day) if CALENDAR.contains(&day)));
    if dates { end.sub(start) } else { Err(Fault) }
}

/// How far doubles may be apart: a power of ten, or half of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance {
    /// Decimals of the columns.
    pub decimals: u8,
    /// Half of the last decimal rather than one.
    pub half: bool,
    /// A float32 takes part: the literal may be read as one (S6.13).
    pub short: bool,
}

impl Tolerance {
    /// As it is written.
    pub fn text(self) -> String {
        let (zeros, digit) = if self.half { (self.decimals, '5') } else { (self.decimals.saturating_sub(1), '1') };
        format!("0.{}{digit}", "0".repeat(zeros.into()))
    }

    /// As it is read; the lesser one where there are two readings.
    pub fn value(self) -> f64 {
        let text = self.text();
        let double: f64 = text.parse().unwrap_or(0.0);
        let single: f32 = text.parse().unwrap_or(0.0);
        if self.short { double.min(single.into()) } else { double }
    }
}

/// An equation, and on how many records it was found to be TRUE.
#[derive(Debug, Clone)]
pub struct Formula {
    pub shape: Shape,
    pub result: usize,
    /// For doubles with a fraction.
    pub tolerance: Option<Tolerance>,
    pub support: u64,
    /// Support on which no operand is neutral, so that the equation says something: by operand.
    pub telling: [u64; 3],
    /// The result's first value, and whether another was seen.
    first: Option<Num>,
    pub varied: bool,
    pub alive: bool,
}

impl Formula {
    pub fn new(shape: Shape, result: usize, tolerance: Option<Tolerance>) -> Self {
        Self { shape, result, tolerance, support: 0, telling: [0; 3], first: None, varied: false, alive: true }
    }

    /// The rule.
    pub fn text(&self, columns: &[Column]) -> String {
        let left = self.shape.text(columns);
        let result = columns.get(self.result).map(|column| name(&column.name)).unwrap_or_default();
        match self.tolerance {
            None => format!("{left} = {result}"),
            Some(tolerance) => format!("abs({left} - {result}) <= {}", tolerance.text()),
        }
    }

    /// Looks at more records.
    pub fn feed(&mut self, run: &Run<'_>) {
        let rows = run.rows();
        self.over(&|place| run.lane(place), 0..rows);
    }

    /// Looks at some rows of some lanes, until one fails.
    pub fn over<'l, 'a: 'l>(
        &mut self,
        lane: &dyn Fn(usize) -> Option<&'l Lane<'a>>,
        rows: impl Iterator<Item = usize>,
    ) {
        let lanes: Vec<_> = self.shape.operands().map(|place| (place, lane(place))).collect();
        let Some(result) = lane(self.result) else { return self.alive = false };
        for row in rows {
            let at =
                |place: usize| lanes.iter().find(|(mine, _)| *mine == place).and_then(|(_, lane)| (*lane)?.number(row));
            match self.holds(at, result.number(row)) {
                Ok(None) => {}
                Ok(Some(true)) => self.count(at, result.number(row)),
                Ok(Some(false)) | Err(Fault) => return self.alive = false,
            }
        }
    }

    fn holds(&self, at: impl Fn(usize) -> Option<Num>, result: Option<Num>) -> Result<Option<bool>, Fault> {
        let (Some(left), Some(right)) = (self.shape.value(at)?, result) else { return Ok(None) };
        match self.tolerance {
            None => Ok(Some(left.compare(right)? == Ordering::Equal)),
            Some(tolerance) => {
                let apart = left.sub(right)?.abs()?.compare(Num::Dbl(tolerance.value()))?;
                Ok(Some(apart != Ordering::Greater))
            }
        }
    }

    fn count(&mut self, at: impl Fn(usize) -> Option<Num>, result: Option<Num>) {
        self.support += 1;
        let Some(result) = result else { return };
        self.varied = self.varied || *self.first.get_or_insert(result) != result;
        let size = |place: usize| at(place).map_or(0.0, |value| value.approximate().abs());
        let near = self.tolerance.map_or(0.0, |tolerance| 10.0 * tolerance.value());
        let says_much = match self.shape {
            Shape::Sum(..) | Shape::Sum3(..) | Shape::Days(..) => true,
            Shape::Product(a, b) => {
                [a, b].into_iter().all(|place| size(place) != 1.0) && result.approximate().abs() > near
            }
            Shape::Multiple(..) => result.approximate().abs() > near,
        };
        for (place, count) in self.shape.operands().zip(&mut self.telling) {
            *count += u64::from(says_much && size(place) != 0.0);
        }
    }

    /// The least often that an operand told something.
    pub fn evidence(&self) -> u64 {
        let operands = self.shape.operands().count();
        self.telling.iter().take(operands).copied().min().unwrap_or(0)
    }
}

/// Is the arithmetic defined (S6.10 to S6.13)? A decimal meets no double, and decimals no scale beyond 38.
pub fn defined(kinds: &[Kind]) -> bool {
    let double = kinds.iter().any(|kind| kind.is_double());
    kinds.iter().all(|kind| kind.is_numeric()) && !(double && kinds.contains(&Kind::Decimal))
}
