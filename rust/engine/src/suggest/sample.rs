//! The first records, kept until equations have been looked for in them.

use super::column::{Column, Kind, Lane, Mask, Run, Values};
use super::formula::{Formula, Shape, Tolerance, defined};

/// How many records are searched for equations.
pub const SAMPLE: usize = 4096;
/// Least records on which an equation was tested.
pub const ENOUGH: u64 = 20;
/// Columns that equations are looked for in: of two operands, and of three.
const MAX_COLUMNS: usize = 64;
const MAX_SUMMED: usize = 24;
/// Most equations that are followed.
const MAX_FORMULAS: usize = 512;
/// Records of the sample that most equations fail on.
const PROBES: usize = 128;
/// More decimals than this are noise of the arithmetic.
const MAX_DECIMALS: u8 = 6;
/// Most a multiple's factor.
const MAX_FACTOR: i64 = 1_000_000;

/// The first records of the columns that are numbers or dates.
#[derive(Debug, Default)]
pub struct Sample {
    lanes: Vec<Lane<'static>>,
    rows: usize,
}

/// What was found in the sample.
#[derive(Debug, Default)]
pub struct Found {
    pub formulas: Vec<Formula>,
    /// There was more than is followed.
    pub truncated: bool,
}

impl Sample {
    /// How many more records it takes.
    pub fn room(&self) -> usize {
        SAMPLE - self.rows
    }

    /// Takes records in.
    pub fn append(&mut self, columns: &[Column], run: &Run<'_>) {
        let empty = || Lane { rows: 0, valid: Mask::new(), values: Values::None };
        self.lanes.resize_with(columns.len(), empty);
        for (place, (lane, column)) in self.lanes.iter_mut().zip(columns).enumerate() {
            if column.kind.is_numeric() || column.kind == Kind::Date {
                run.lane(place).into_iter().for_each(|more| lane.extend(more));
            }
        }
        self.rows += run.rows();
    }

    /// The equations that hold on all of the sample, tested on at least 20 of its records.
    pub fn search(&self, columns: &[Column]) -> Found {
        let useful = |place: &usize| self.lanes.get(*place).is_some_and(varies);
        let kind = |place: usize| columns.get(place).map_or(Kind::Opaque, |column| column.kind);
        let all: Vec<usize> = (0..columns.len()).filter(|place| kind(*place).is_numeric()).filter(useful).collect();
        let dates: Vec<usize> = (0..columns.len()).filter(|place| kind(*place) == Kind::Date).filter(useful).collect();
        let numbers: Vec<usize> = all.iter().copied().take(MAX_COLUMNS).collect();
        let dates = dates.get(..dates.len().min(MAX_COLUMNS / 4)).unwrap_or_default();
        let mut search = Search { sample: self, columns, decimals: Vec::new(), probes: Vec::new(), found: Vec::new() };
        search.prepare();
        for result in &numbers {
            search.pairs(&numbers, *result);
            search.triples(numbers.get(..numbers.len().min(MAX_SUMMED)).unwrap_or_default(), *result);
            search.days(dates, *result);
        }
        let truncated = all.len() > MAX_COLUMNS || search.found.len() > MAX_FORMULAS;
        search.found.truncate(MAX_FORMULAS);
        Found { formulas: search.found, truncated }
    }
}

impl Lane<'static> {
    /// Adds the values of a lane of the same column.
    fn extend(&mut self, more: &Lane<'_>) {
        for row in 0..more.rows {
            let place = self.rows + row;
            if place.is_multiple_of(64) {
                self.valid.push(0);
            }
            if let Some(word) = self.valid.last_mut() {
                *word |= u64::from(more.is_valid(row)) << (place % 64);
            }
        }
        self.rows += more.rows;
        match (&mut self.values, &more.values) {
            (Values::Int(mine), Values::Int(more)) => mine.extend(more),
            (Values::Dec(mine, _), Values::Dec(more, _)) => mine.extend(more),
            (Values::Dbl(mine), Values::Dbl(more)) => mine.extend(more),
            (mine @ Values::None, Values::Int(more)) => *mine = Values::Int(more.clone()),
            (mine @ Values::None, Values::Dec(more, scale)) => *mine = Values::Dec(more.clone(), *scale),
            (mine @ Values::None, Values::Dbl(more)) => *mine = Values::Dbl(more.clone()),
            _ => {}
        }
    }
}

/// Are there two different finite values, and none that is not finite?
fn varies(lane: &Lane<'_>) -> bool {
    let mut values = (0..lane.rows).filter_map(|row| lane.number(row)).map(|value| value.approximate());
    let Some(first) = values.next() else { return false };
    let mut differs = false;
    for value in std::iter::once(first).chain(values) {
        if !value.is_finite() {
            return false;
        }
        differs |= value != first;
    }
    differs
}

/// Digits after the point of the shortest text that reads back as the value.
fn decimals(value: f64, short: bool) -> u8 {
    let text = if short { (value as f32).to_string() } else { value.to_string() };
    let digits = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    u8::try_from(digits).unwrap_or(u8::MAX).min(MAX_DECIMALS)
}

/// A search under way.
struct Search<'s> {
    sample: &'s Sample,
    columns: &'s [Column],
    /// By column: decimals of doubles, none for other kinds.
    decimals: Vec<Option<u8>>,
    /// By column: records that have a value, spread over the sample.
    probes: Vec<Vec<usize>>,
    found: Vec<Formula>,
}

impl Search<'_> {
    fn prepare(&mut self) {
        for (lane, column) in self.sample.lanes.iter().zip(self.columns) {
            let most = match (&lane.values, column.kind) {
                (Values::Dbl(values), Kind::Double { short }) => {
                    let there = values.iter().enumerate().filter(|(row, _)| lane.is_valid(*row));
                    there.map(|(_, value)| decimals(*value, short)).max()
                }
                _ => None,
            };
            self.decimals.push(most);
            let there: Vec<usize> = (0..lane.rows).filter(|row| lane.is_valid(*row)).collect();
            let step = there.len().div_ceil(PROBES).max(1);
            self.probes.push(there.into_iter().step_by(step).collect());
        }
    }

    fn kind(&self, place: usize) -> Kind {
        self.columns.get(place).map_or(Kind::Opaque, |column| column.kind)
    }

    fn decimals(&self, place: usize) -> Option<u8> {
        self.decimals.get(place).copied().flatten()
    }

    /// None where no double has a fraction: then doubles are exact too.
    fn tolerance(&self, shape: Shape, result: usize) -> Option<Tolerance> {
        let places = || shape.operands().chain([result]);
        let most = places().filter_map(|place| self.decimals(place)).max().filter(|most| *most > 0)?;
        let half = matches!(shape, Shape::Sum(..) | Shape::Sum3(..));
        let of_result = self.decimals(result).filter(|decimals| *decimals > 0).unwrap_or(MAX_DECIMALS);
        let short = places().any(|place| self.kind(place) == Kind::Double { short: true });
        Some(Tolerance { decimals: if half { most } else { of_result }, half, short })
    }

    fn consider(&mut self, shape: Shape, result: usize) {
        let mut formula = Formula::new(shape, result, self.tolerance(shape, result));
        let lanes = &self.sample.lanes;
        let probes = self.probes.get(result).map(Vec::as_slice).unwrap_or_default();
        formula.over(&|place| lanes.get(place), probes.iter().copied());
        if !formula.alive {
            return;
        }
        let mut formula = Formula::new(shape, result, formula.tolerance);
        formula.over(&|place| lanes.get(place), 0..self.sample.rows);
        if formula.alive && formula.support >= ENOUGH && self.found.len() <= MAX_FORMULAS {
            self.found.push(formula);
        }
    }

    /// Sums and products of two columns, and multiples of one.
    fn pairs(&mut self, numbers: &[usize], result: usize) {
        for (position, &a) in numbers.iter().enumerate().filter(|(_, a)| **a != result) {
            if let Some(factor) = self.factor(a, result) {
                self.consider(Shape::Multiple(a, factor), result);
            }
            for &b in numbers.iter().skip(position + 1).filter(|b| **b != result) {
                if defined(&[self.kind(a), self.kind(b), self.kind(result)]) {
                    self.consider(Shape::Sum(a, b), result);
                    self.consider(Shape::Product(a, b), result);
                }
            }
        }
    }

    fn triples(&mut self, numbers: &[usize], result: usize) {
        for (first, &a) in numbers.iter().enumerate().filter(|(_, a)| **a != result) {
            for (second, &b) in numbers.iter().enumerate().skip(first + 1).filter(|(_, b)| **b != result) {
                for &c in numbers.iter().skip(second + 1).filter(|c| **c != result) {
                    if defined(&[self.kind(a), self.kind(b), self.kind(c), self.kind(result)]) {
                        self.consider(Shape::Sum3(a, b, c), result);
                    }
                }
            }
        }
    }

    /// Days between two dates.
    fn days(&mut self, dates: &[usize], result: usize) {
        if self.kind(result) != Kind::Integer {
            return;
        }
        for &a in dates {
            for &b in dates.iter().filter(|b| **b != a) {
                self.consider(Shape::Days(a, b), result);
            }
        }
    }

    /// The whole number that `a` is multiplied with, by the first record where it is not 0.
    fn factor(&self, a: usize, result: usize) -> Option<i64> {
        if !defined(&[self.kind(a), self.kind(result)]) {
            return None;
        }
        let (from, to) = (self.sample.lanes.get(a)?, self.sample.lanes.get(result)?);
        let both = |row| Some((from.number(row)?.approximate(), to.number(row)?.approximate()));
        let (x, y) = (0..self.sample.rows).filter_map(both).find(|(x, _)| *x != 0.0)?;
        let factor = (y / x).round();
        let near = (y / x - factor).abs() < 1e-3 && (2.0..=MAX_FACTOR as f64).contains(&factor.abs());
        near.then_some(factor as i64)
    }
}
