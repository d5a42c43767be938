//! Where columns are NULL together, and which values of a column go with it.

use super::codes::{Coded, Codes};
use super::column::{Column, Kind, Mask, Run, ones, shared};

/// Columns beyond this many are not looked at.
pub const MAX_COLUMNS: usize = 64;
/// Most values of a column that presence may depend on.
pub const MAX_VALUES: usize = 20;

/// Counts of records by what is there.
#[derive(Debug)]
pub struct Presence {
    pub records: u64,
    /// By column: records with a value.
    pub present: Vec<u64>,
    /// By two columns: records with both values.
    both: Vec<Vec<u64>>,
    /// By coded column, its value, and column: records with that value where the column has one.
    with: Vec<Vec<Vec<u64>>>,
    pub truncated: bool,
}

impl Presence {
    pub fn new(columns: &[Column], codes: &Codes) -> Self {
        let few = columns.len().min(MAX_COLUMNS);
        let both = (0..few).map(|_| vec![0; few]).collect();
        let with = codes.coded.iter().map(|_| Vec::new()).collect();
        Self { records: 0, present: vec![0; few], both, with, truncated: columns.len() > MAX_COLUMNS }
    }

    /// Looks at more records; `values` are the records of each value of each coded column.
    pub fn feed(&mut self, run: &Run<'_>, codes: &Codes, values: &[Vec<Mask>]) {
        self.records += run.rows() as u64;
        for (place, (valid, present)) in run.valid.iter().zip(&mut self.present).enumerate() {
            *present += ones(valid);
            let row = self.both.get_mut(place).into_iter().flatten();
            row.zip(&run.valid).for_each(|(count, other)| *count += shared(valid, other, false));
        }
        let few = self.present.len();
        for ((with, masks), coded) in self.with.iter_mut().zip(values).zip(&codes.coded) {
            if !leads(coded) || masks.len() > MAX_VALUES {
                continue;
            }
            with.resize_with(masks.len().max(with.len()), || vec![0; few]);
            for (counts, mask) in with.iter_mut().zip(masks) {
                counts.iter_mut().zip(&run.valid).for_each(|(count, valid)| *count += shared(mask, valid, false));
            }
        }
    }

    /// Records with both values.
    pub fn both(&self, a: usize, b: usize) -> u64 {
        self.both.get(a).and_then(|row| row.get(b)).copied().unwrap_or(0)
    }

    /// Has `b` a value wherever `a` has one? No for columns that were not looked at.
    pub fn implies(&self, a: usize, b: usize) -> bool {
        self.present.get(a).is_some_and(|present| *present == self.both(a, b)) && b < self.present.len()
    }

    /// Records with NULL.
    pub fn nulls(&self, column: usize) -> u64 {
        self.present.get(column).map_or(0, |present| self.records - present)
    }

    /// By value of a coded column: records that have it, and those of them where `column` has a value.
    pub fn by_value<'c>(&'c self, place: usize, coded: &'c Coded, column: usize) -> Vec<(u64, u64)> {
        let with = self.with.get(place).into_iter().flatten();
        let present = with.map(|counts| counts.get(column).copied().unwrap_or(0));
        coded.counts.iter().copied().zip(present).collect()
    }
}

/// May presence depend on its values?
pub fn leads(coded: &Coded) -> bool {
    matches!(coded.kind, Kind::Text | Kind::Boolean)
}
