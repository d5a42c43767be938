//! Columns that may be keys.

use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use guard_kernels::unique::duplicates;

/// Rows of each chunk that are tried at once, so that most columns that are no key are not kept.
const TRIED: usize = 4096;

/// A column without NULL or duplicates so far, or none.
pub enum Candidate {
    /// Its values, chunk by chunk.
    Open(Vec<ArrayRef>),
    /// No key, or of a type that makes none.
    Out,
}

impl Candidate {
    /// Integers and text may be keys.
    pub fn new(data_type: &DataType) -> Self {
        let values = match data_type {
            DataType::Dictionary(_, values) => values.as_ref(),
            other => other,
        };
        let text = matches!(values, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        if text || values.is_integer() { Self::Open(Vec::new()) } else { Self::Out }
    }

    /// Takes in the next values.
    pub fn feed(&mut self, array: &ArrayRef) {
        let Self::Open(chunks) = self else { return };
        let nulls = array.logical_nulls().map_or(0, |nulls| nulls.null_count());
        if nulls > 0 || !distinct(&[array.slice(0, array.len().min(TRIED))], 1) {
            *self = Self::Out;
        } else {
            chunks.push(array.clone());
        }
    }

    /// Is every value there, and no two the same?
    pub fn is_key(&self, threads: usize) -> bool {
        match self {
            Self::Open(chunks) => chunks.iter().any(|chunk| !chunk.is_empty()) && distinct(chunks, threads),
            Self::Out => false,
        }
    }
}

fn distinct(chunks: &[ArrayRef], threads: usize) -> bool {
    duplicates(&[chunks.to_vec()], threads).is_ok_and(|found| found.keyed == found.distinct)
}
