//! Pairs of columns: is one always below the other, or are they the same?

use super::column::{Column, Kind, Run};
use super::number::Num;
use std::cmp::Ordering;

/// Numbers and moments beyond this many columns are not compared.
pub const MAX_ORDERED: usize = 64;
/// Texts and truth values beyond this many columns are not compared.
pub const MAX_EQUAL: usize = 32;

/// What is known of two columns.
#[derive(Debug, Clone)]
pub struct Pair {
    pub a: usize,
    pub b: usize,
    /// What brings both to the same ticks.
    factors: (i64, i64),
    /// How often a < b, a = b, a > b.
    pub less: u64,
    pub equal: u64,
    pub greater: u64,
    /// The smallest distance other than 0, in ticks of the finer unit; for doubles and mixtures approximate.
    pub gap: Option<Gap>,
    /// The values of the first record that has both, until another differs.
    first: Option<(Num, Num)>,
    pub varied: (bool, bool),
    alive: bool,
}

/// A distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gap {
    Exact(i128, u8),
    Near(f64),
}

impl Pair {
    fn new(a: usize, b: usize, factors: (i64, i64)) -> Self {
        let (less, equal, greater) = (0, 0, 0);
        Self { a, b, factors, less, equal, greater, gap: None, first: None, varied: (false, false), alive: true }
    }

    /// Records that have both.
    pub fn support(&self) -> u64 {
        self.less + self.equal + self.greater
    }

    /// Does some order or equality hold on every record?
    pub fn is_alive(&self) -> bool {
        self.alive
    }

    fn feed(&mut self, run: &Run<'_>) {
        let (Some(a), Some(b)) = (run.lane(self.a), run.lane(self.b)) else { return self.alive = false };
        for row in 0..run.rows() {
            let (Some(x), Some(y)) = (a.number(row), b.number(row)) else { continue };
            self.take(x, y);
            if !self.alive {
                return;
            }
        }
    }

    fn take(&mut self, x: Num, y: Num) {
        let compared = match (x, y, self.factors) {
            (Num::Int(p), Num::Int(q), (m, n)) => {
                Ok((i128::from(p) * i128::from(m)).cmp(&(i128::from(q) * i128::from(n))))
            }
            _ => x.compare(y),
        };
        match compared {
            Ok(Ordering::Less) => self.less += 1,
            Ok(Ordering::Equal) => self.equal += 1,
            Ok(Ordering::Greater) => self.greater += 1,
            Err(_) => return self.alive = false,
        }
        self.alive = self.less == 0 || self.greater == 0;
        let (p, q) = *self.first.get_or_insert((x, y));
        self.varied = (self.varied.0 || p != x, self.varied.1 || q != y);
        if compared != Ok(Ordering::Equal) {
            self.measure(x, y);
        }
    }

    fn measure(&mut self, x: Num, y: Num) {
        let gap = match (x, y) {
            (Num::Int(p), Num::Int(q)) => {
                let (m, n) = self.factors;
                Gap::Exact((i128::from(q) * i128::from(n) - i128::from(p) * i128::from(m)).abs(), 0)
            }
            (Num::Dec(p, s), Num::Dec(q, t)) if s == t && p.checked_sub(q).is_some() => Gap::Exact((q - p).abs(), s),
            _ => Gap::Near((y.approximate() - x.approximate()).abs()),
        };
        self.gap = Some(match (self.gap, gap) {
            (Some(Gap::Exact(old, scale)), Gap::Exact(new, _)) => Gap::Exact(old.min(new), scale),
            (Some(Gap::Near(old)), Gap::Near(new)) => Gap::Near(old.min(new)),
            (None, new) => new,
            (Some(old), _) => old,
        });
    }
}

/// Two columns of texts or truth values that may be the same.
#[derive(Debug, Clone)]
pub struct Twin {
    pub a: usize,
    pub b: usize,
    pub support: u64,
    first: Option<String>,
    pub varied: bool,
    alive: bool,
}

impl Twin {
    /// Are they equal on every record that has both?
    pub fn is_alive(&self) -> bool {
        self.alive
    }

    fn feed(&mut self, run: &Run<'_>) {
        let (Some(a), Some(b)) = (run.lane(self.a), run.lane(self.b)) else { return self.alive = false };
        let truth = |value: bool| if value { "true" } else { "false" };
        for row in 0..run.rows() {
            let (x, y) = (a.text(row).or(a.truth(row).map(truth)), b.text(row).or(b.truth(row).map(truth)));
            let (Some(x), Some(y)) = (x, y) else { continue };
            if x != y {
                return self.alive = false;
            }
            self.support += 1;
            self.varied = self.varied || self.first.get_or_insert_with(|| x.to_owned()) != x;
        }
    }
}

/// All pairs that still hold.
#[derive(Debug, Default)]
pub struct Pairs {
    pub pairs: Vec<Pair>,
    pub twins: Vec<Twin>,
    /// There were more columns than are compared.
    pub truncated: bool,
}

impl Pairs {
    /// Every pair that a comparison is defined for, up to the limits.
    pub fn new(columns: &[Column]) -> Self {
        let ordered = |column: &Column| column.kind.comparable(column.kind).is_some();
        let plain = |column: &Column| matches!(column.kind, Kind::Text | Kind::Boolean);
        let (mut pairs, mut twins) = (Vec::new(), Vec::new());
        let few = |wanted: &dyn Fn(&Column) -> bool, most: usize| -> Vec<(usize, Kind)> {
            let chosen = columns.iter().enumerate().filter(|(_, column)| wanted(column));
            chosen.take(most).map(|(place, column)| (place, column.kind)).collect()
        };
        let (numbers, words) = (few(&ordered, MAX_ORDERED), few(&plain, MAX_EQUAL));
        for (place, (a, kind)) in numbers.iter().enumerate() {
            let others = numbers.iter().skip(place + 1);
            pairs.extend(others.filter_map(|(b, other)| Some(Pair::new(*a, *b, kind.comparable(*other)?))));
        }
        for (place, (a, kind)) in words.iter().enumerate() {
            let others = words.iter().skip(place + 1).filter(|(_, other)| other == kind);
            let twin =
                |(b, _): &(usize, Kind)| Twin { a: *a, b: *b, support: 0, first: None, varied: false, alive: true };
            twins.extend(others.map(twin));
        }
        let over =
            |wanted: &dyn Fn(&Column) -> bool, most| columns.iter().filter(|column| wanted(column)).count() > most;
        Self { pairs, twins, truncated: over(&ordered, MAX_ORDERED) || over(&plain, MAX_EQUAL) }
    }

    /// Looks at more records and forgets the pairs that fail on one.
    pub fn feed(&mut self, run: &Run<'_>) {
        self.pairs.iter_mut().for_each(|pair| pair.feed(run));
        self.pairs.retain(Pair::is_alive);
        self.twins.iter_mut().for_each(|twin| twin.feed(run));
        self.twins.retain(Twin::is_alive);
    }
}
