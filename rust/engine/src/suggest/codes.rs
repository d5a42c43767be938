//! Columns of few different values, and which of them determine each other.

use super::column::{Column, Kind, Lane, Mask, Run, Values};
use super::number::Num;
use super::write;
use std::collections::HashMap;

/// Most different values of a column that is coded.
pub const MAX_VALUES: usize = 50;
/// Columns of few values beyond this many are not looked at.
pub const MAX_CODED: usize = 40;
/// Stands for NULL.
const NONE: u8 = u8::MAX;

/// A column's values, numbered in the order they were first seen.
#[derive(Debug)]
pub struct Coded {
    pub column: usize,
    pub kind: Kind,
    texts: HashMap<String, u8>,
    numbers: HashMap<i128, u8>,
    /// As literals, by number.
    pub literals: Vec<String>,
    /// How often each was seen.
    pub counts: Vec<u64>,
    alive: bool,
}

impl Coded {
    fn new(column: usize, kind: Kind) -> Self {
        let (texts, numbers) = (HashMap::new(), HashMap::new());
        Self { column, kind, texts, numbers, literals: Vec::new(), counts: Vec::new(), alive: true }
    }

    /// May rules start from its values?
    pub fn is_determinant(&self) -> bool {
        matches!(self.kind, Kind::Text | Kind::Boolean | Kind::Integer)
    }

    fn number(&mut self, key: Key<'_>) -> Option<u8> {
        let known = match key {
            Key::Text(text) => self.texts.get(text),
            Key::Number(number, _) => self.numbers.get(&number),
        };
        if let Some(code) = known {
            return Some(*code);
        }
        let code = u8::try_from(self.literals.len()).ok().filter(|code| usize::from(*code) < MAX_VALUES)?;
        match key {
            Key::Text(text) if write::is_literal(text) => {
                self.texts.insert(text.to_owned(), code);
                self.literals.push(write::literal(text));
            }
            Key::Text(_) => return None,
            Key::Number(number, literal) => {
                self.numbers.insert(number, code);
                self.literals.push(literal());
            }
        }
        self.counts.push(0);
        Some(code)
    }

    /// The codes of some records; none when there are too many values.
    fn encode(&mut self, lane: &Lane<'_>) -> Option<Vec<u8>> {
        let mut codes = Vec::with_capacity(lane.rows);
        for row in 0..lane.rows {
            if !lane.is_valid(row) {
                codes.push(NONE);
                continue;
            }
            let code = self.at(lane, row)?;
            codes.push(code);
            if let Some(count) = self.counts.get_mut(usize::from(code)) {
                *count += 1;
            }
        }
        Some(codes)
    }

    fn at(&mut self, lane: &Lane<'_>, row: usize) -> Option<u8> {
        if let Some(text) = lane.text(row) {
            return self.number(Key::Text(text));
        }
        if let Some(truth) = lane.truth(row) {
            let literal = || if truth { "TRUE" } else { "FALSE" }.to_owned();
            return self.number(Key::Number(truth.into(), &literal));
        }
        match lane.number(row)? {
            Num::Int(value) => self.number(Key::Number(value.into(), &|| value.to_string())),
            Num::Dec(digits, scale) => self.number(Key::Number(digits, &|| write::decimal(digits, scale))),
            Num::Dbl(value) => self.double(value),
        }
    }

    /// A literal of a double has few digits and reads back as the same double.
    fn double(&mut self, value: f64) -> Option<u8> {
        // −0.0 equals 0.0 (S6.14).
        let value = if value == 0.0 { 0.0 } else { value };
        let text =
            if self.kind == (Kind::Double { short: true }) { (value as f32).to_string() } else { value.to_string() };
        let written = value.is_finite() && text.len() <= 18;
        if written { self.number(Key::Number(value.to_bits().into(), &|| text.clone())) } else { None }
    }
}

enum Key<'k> {
    Text(&'k str),
    Number(i128, &'k dyn Fn() -> String),
}

/// Does each value of one column go with one value of another?
#[derive(Debug)]
pub struct Dependency {
    /// Places among the coded columns.
    pub from: usize,
    pub to: usize,
    /// By code of `from`: the code of `to`.
    pub image: Vec<Option<u8>>,
    pub support: u64,
    alive: bool,
}

impl Dependency {
    fn feed(&mut self, from: &[u8], to: &[u8]) {
        for (a, b) in from.iter().zip(to).filter(|(a, b)| **a != NONE && **b != NONE) {
            let place = usize::from(*a);
            if self.image.len() <= place {
                self.image.resize(place + 1, None);
            }
            let known = self.image.get_mut(place).map(|known| *known.get_or_insert(*b));
            if known != Some(*b) {
                return self.alive = false;
            }
            self.support += 1;
        }
    }
}

/// All columns of few values, and what still holds among them.
#[derive(Debug)]
pub struct Codes {
    pub coded: Vec<Coded>,
    pub dependencies: Vec<Dependency>,
    pub truncated: bool,
}

impl Codes {
    pub fn new(columns: &[Column]) -> Self {
        let plain = |kind: Kind| kind.is_numeric() || matches!(kind, Kind::Text | Kind::Boolean);
        let chosen = || columns.iter().enumerate().filter(|(_, column)| plain(column.kind));
        let coded: Vec<Coded> =
            chosen().take(MAX_CODED).map(|(place, column)| Coded::new(place, column.kind)).collect();
        let mut dependencies = Vec::new();
        for (from, column) in coded.iter().enumerate().filter(|(_, column)| column.is_determinant()) {
            let others =
                (0..coded.len()).filter(|to| *to != from && coded.get(*to).is_some_and(|c| c.column != column.column));
            dependencies.extend(others.map(|to| Dependency { from, to, image: Vec::new(), support: 0, alive: true }));
        }
        let truncated = chosen().count() > MAX_CODED;
        Self { coded, dependencies, truncated }
    }

    /// Looks at more records. Gives, by coded column, the records of each of its values.
    pub fn feed(&mut self, run: &Run<'_>) -> Vec<Vec<Mask>> {
        let mut all = Vec::with_capacity(self.coded.len());
        for coded in &mut self.coded {
            let lane = if coded.alive { run.lane(coded.column) } else { None };
            let codes = lane.filter(|lane| !matches!(lane.values, Values::None) || run.rows() == 0);
            let codes = match (codes, lane) {
                (Some(lane), _) => coded.encode(lane),
                // A dictionary without values has NULLs alone.
                (None, Some(lane)) if lane.valid.iter().all(|word| *word == 0) => Some(vec![NONE; run.rows()]),
                _ => None,
            };
            coded.alive &= codes.is_some();
            all.push(codes);
        }
        for dependency in &mut self.dependencies {
            match (all.get(dependency.from), all.get(dependency.to)) {
                (Some(Some(from)), Some(Some(to))) => dependency.feed(from, to),
                _ => dependency.alive = false,
            }
        }
        self.dependencies.retain(|dependency| dependency.alive);
        let masks = |(coded, codes): (&Coded, &Option<Vec<u8>>)| match codes {
            Some(codes) => by_value(codes, coded.literals.len()),
            None => Vec::new(),
        };
        self.coded.iter().zip(&all).map(masks).collect()
    }

    /// Is every value of the column among those remembered?
    pub fn complete(&self, place: usize) -> Option<&Coded> {
        self.coded.get(place).filter(|coded| coded.alive)
    }
}

fn by_value(codes: &[u8], values: usize) -> Vec<Mask> {
    let mut masks = vec![vec![0_u64; codes.len().div_ceil(64)]; values];
    for (row, code) in codes.iter().enumerate().filter(|(_, code)| **code != NONE) {
        if let Some(word) = masks.get_mut(usize::from(*code)).and_then(|mask| mask.get_mut(row / 64)) {
            *word |= 1 << (row % 64);
        }
    }
    masks
}
