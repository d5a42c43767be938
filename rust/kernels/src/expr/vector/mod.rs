//! Evaluation of many records at once.
//!
//! Every node is computed for every record of a chunk; NULL and faults travel as bitmaps, so that what a record takes (a branch
//! of CASE, the deciding side of AND) is settled a word at a time. Rooms: `load` (Arrow to vectors), `logic`, `compare`, `arithmetic`,
//! `select` (CASE, COALESCE), `general` (functions row by row), `fast` (loops for some of them), `sink` (texts written), `build` (vectors to Arrow), `evaluate` (the loop over nodes),
//! `fused` (comparisons with what they compare), `words` (comparisons to bits), `collect` (columns from columns).

mod arithmetic;
mod build;
mod collect;
mod compare;
mod divide;
mod evaluate;
mod fast;
mod fused;
mod general;
mod load;
mod logic;
mod read;
mod select;
mod sink;
mod text;
mod words;

pub use build::{array, array_of, into_array};
pub use evaluate::{CHUNK_ROWS, Plan, Values, evaluate, run};
pub use load::load;
pub use read::scalar_at;
pub use text::Texts;

use super::fault::Fault;
use super::scalar::Scalar;
use crate::bits;
use arrow_array::ArrayRef;
use arrow_buffer::{ArrowNativeType, ScalarBuffer};
use bumpalo::Bump;

/// A bit for each record, those past the last clear.
pub type Bits = Vec<u64>;

/// The values of a node for a chunk of records.
#[derive(Clone)]
pub struct Vector {
    /// Values; whatever stands where a record is NULL or failed.
    pub data: Data,
    /// Records that have a value; none when all have.
    pub valid: Option<Bits>,
    /// Records that failed; they have no value.
    pub faults: Option<FaultMask>,
}

/// Values by their physical kind.
#[derive(Clone)]
pub enum Data {
    /// Of NULL alone.
    Null,
    /// A set bit is TRUE. Records without a value have clear bits.
    Boolean(Bits),
    /// BIGINT, days, nanoseconds, ticks.
    Integer(Column<i64>),
    /// Digits at the type's scale.
    Decimal(Column<i128>),
    /// DOUBLE.
    Double(Column<f64>),
    /// VARCHAR.
    Text(Texts),
    /// Anything else, as Arrow has it.
    Array(ArrayRef),
}

/// Fixed-width values: shared with the input, computed, or one for all records.
#[derive(Clone)]
pub enum Column<T: Copy + ArrowNativeType> {
    /// The input's own.
    Shared(ScalarBuffer<T>),
    /// Computed.
    Own(Vec<T>),
    /// The same for every record.
    One(T),
}

impl<T: Copy + ArrowNativeType> Column<T> {
    /// The value of a record.
    #[inline(always)]
    pub fn get(&self, row: usize) -> Option<T> {
        match self {
            Column::Shared(values) => values.get(row).copied(),
            Column::Own(values) => values.get(row).copied(),
            Column::One(value) => Some(*value),
        }
    }

    /// For comparisons.
    fn side(&self) -> words::Side<'_, T> {
        match self {
            Column::Shared(values) => words::Side::Many(values),
            Column::Own(values) => words::Side::Many(values),
            Column::One(value) => words::Side::One(*value),
        }
    }

    /// One value a record; none when there is only one.
    pub fn slice(&self) -> Option<&[T]> {
        match self {
            Column::Shared(values) => Some(values),
            Column::Own(values) => Some(values),
            Column::One(_) => None,
        }
    }
}

/// Records that failed, and why.
#[derive(Clone, Default)]
pub struct FaultMask {
    /// Which.
    pub bits: Bits,
    /// Why, in ascending order of records.
    pub list: Vec<(u32, Fault)>,
}

impl FaultMask {
    /// From a list in ascending order; none when it is empty.
    pub fn of(list: Vec<(u32, Fault)>, rows: usize) -> Option<FaultMask> {
        if list.is_empty() {
            return None;
        }
        let mut mask = vec![0; bits::words(rows)];
        for (row, _) in &list {
            bits::set(&mut mask, *row as usize);
        }
        Some(FaultMask { bits: mask, list })
    }

    /// Only the failures among `keep`.
    pub fn among(&self, keep: &[u64], rows: usize) -> Option<FaultMask> {
        let list = self.list.iter().copied().filter(|(row, _)| bits::get(keep, *row as usize));
        FaultMask::of(list.collect(), rows)
    }

    /// The failures of both; where both failed, those of `self`.
    pub fn or(mine: Option<FaultMask>, theirs: Option<FaultMask>, rows: usize) -> Option<FaultMask> {
        match (mine, theirs) {
            (Some(mine), Some(theirs)) => {
                let mut list = mine.list;
                list.extend(theirs.list.into_iter().filter(|(row, _)| !bits::get(&mine.bits, *row as usize)));
                list.sort_by_key(|(row, _)| *row);
                FaultMask::of(list, rows)
            }
            (mine, theirs) => mine.or(theirs),
        }
    }
}

impl Vector {
    /// Values without NULL or failure.
    pub fn of(data: Data) -> Vector {
        Vector { data, valid: None, faults: None }
    }

    /// NULL for every record.
    pub fn nulls(rows: usize) -> Vector {
        Vector { data: Data::Null, valid: Some(vec![0; bits::words(rows)]), faults: None }
    }

    /// The records that have a value.
    pub fn valid_bits(&self, rows: usize) -> Bits {
        self.valid.clone().unwrap_or_else(|| all(rows))
    }

    /// Has the record a value?
    #[inline(always)]
    pub fn is_valid(&self, row: usize) -> bool {
        self.valid.as_ref().is_none_or(|valid| bits::get(valid, row))
    }

    /// The value of a record, or how it failed. What is built on the way lives in the arena.
    #[inline]
    pub fn get<'a>(&'a self, row: usize, arena: &'a Bump) -> Result<Scalar<'a>, Fault> {
        if !self.is_valid(row) {
            return match &self.faults {
                Some(faults) => faults.at(row).map_or(Ok(Scalar::Null), Err),
                None => Ok(Scalar::Null),
            };
        }
        Ok(match &self.data {
            Data::Null => Scalar::Null,
            Data::Boolean(values) => Scalar::Boolean(bits::get(values, row)),
            Data::Integer(values) => values.get(row).map_or(Scalar::Null, Scalar::Integer),
            Data::Decimal(values) => values.get(row).map_or(Scalar::Null, Scalar::Decimal),
            Data::Double(values) => values.get(row).map_or(Scalar::Null, Scalar::Double),
            Data::Text(values) => values.get(row).map_or(Scalar::Null, Scalar::Text),
            Data::Array(values) => scalar_at(values.as_ref(), row, arena),
        })
    }

    /// TRUE records of a boolean vector.
    pub fn truths(&self, rows: usize) -> Bits {
        match &self.data {
            Data::Boolean(values) => values.clone(),
            _ => vec![0; bits::words(rows)],
        }
    }
}

impl FaultMask {
    /// Why a record failed.
    pub fn at(&self, row: usize) -> Option<Fault> {
        if !bits::get(&self.bits, row) {
            return None;
        }
        let position = self.list.binary_search_by_key(&(row as u32), |(row, _)| *row).ok()?;
        self.list.get(position).map(|(_, fault)| *fault)
    }
}

/// `rows` set bits.
pub fn all(rows: usize) -> Bits {
    let mut out = vec![0; bits::words(rows)];
    bits::set_all(&mut out, rows);
    out
}

/// Set in both; none stands for all.
pub fn both(a: Option<&Bits>, b: Option<&Bits>) -> Option<Bits> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.iter().zip(b).map(|(a, b)| a & b).collect()),
        (a, b) => a.or(b).cloned(),
    }
}

/// Positions of set bits, ascending.
pub fn set_bits(words: &[u64]) -> impl Iterator<Item = usize> {
    words.iter().enumerate().flat_map(|(position, &word)| {
        std::iter::successors(Some(word), |rest| Some(rest & rest.wrapping_sub(1)))
            .take_while(|rest| *rest != 0)
            .map(move |rest| position * 64 + rest.trailing_zeros() as usize)
    })
}

/// What two strict operands agree on: records where both have a value, and the failures of either.
fn operands(a: &Vector, b: &Vector, rows: usize) -> (Option<Bits>, Option<FaultMask>) {
    let valid = both(a.valid.as_ref(), b.valid.as_ref());
    let faults = if a.faults.is_none() && b.faults.is_none() {
        None
    } else {
        FaultMask::or(a.faults.clone(), b.faults.clone(), rows)
    };
    (valid, faults)
}

/// Adds failures found by the operation itself: `found` among records that have a value.
fn failed(data: Data, valid: Option<Bits>, faults: Option<FaultMask>, found: Vec<(u32, Fault)>, rows: usize) -> Vector {
    let Some(found) = FaultMask::of(found, rows) else { return Vector { data, valid, faults } };
    let mut valid = valid.unwrap_or_else(|| all(rows));
    valid.iter_mut().zip(&found.bits).for_each(|(valid, bad)| *valid &= !bad);
    let data = match data {
        Data::Boolean(mut values) => {
            values.iter_mut().zip(&valid).for_each(|(value, valid)| *value &= valid);
            Data::Boolean(values)
        }
        data => data,
    };
    Vector { data, valid: Some(valid), faults: FaultMask::or(faults, Some(found), rows) }
}
