//! Uniqueness of keys (S2.8) and membership of foreign keys (S2.12), exact.

mod encoded;
pub(crate) mod hash;
mod keyset;
#[cfg(test)]
mod tests;

pub use encoded::duplicates_encoded;
pub use keyset::KeySet;

use arrow_array::ArrayRef;

use crate::key::{KeyEncoder, UnsupportedKey};
use crate::mask::Mask;

/// What is known about the keys of a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Duplicates {
    /// Records whose key has no NULL part.
    pub keyed: u64,
    /// Distinct keys among those.
    pub distinct: u64,
    /// Every record of a group of two or more.
    pub members: Mask,
}

/// The columns of one chunk after the other: `columns[c][k]` is chunk `k` of column `c`.
fn chunks(columns: &[Vec<ArrayRef>]) -> Result<Vec<Vec<ArrayRef>>, UnsupportedKey> {
    let count = columns.first().map_or(0, Vec::len);
    if columns.iter().any(|column| column.len() != count) {
        return Err(UnsupportedKey::Uneven);
    }
    let mut chunks = vec![Vec::with_capacity(columns.len()); count];
    for column in columns {
        chunks
            .iter_mut()
            .zip(column)
            .for_each(|(chunk, array)| chunk.push(array.clone()));
    }
    Ok(chunks)
}

/// Finds every record that shares its key with another (S2.8): `columns[c][k]` is chunk `k` of key column `c`, chunk
/// boundaries the same in all columns. Rows are numbered through the chunks from 0. No columns make no keyed records.
/// `threads` is the number of threads to use; 0 counts as 1. The answer is the same for every number.
///
/// # Errors
/// [`UnsupportedKey`] when the columns differ in length or a type cannot be a key.
pub fn duplicates(columns: &[Vec<ArrayRef>], threads: usize) -> Result<Duplicates, UnsupportedKey> {
    let _ = threads;
    let mut keys: Vec<Option<Vec<u8>>> = Vec::new();
    for chunk in chunks(columns)? {
        let encoder = KeyEncoder::new(&chunk)?;
        keys.extend((0..encoder.len()).map(|row| {
            let mut key = Vec::new();
            encoder.encode(row, &mut key).then_some(key)
        }));
    }
    Ok(duplicates_encoded(keys.iter().map(Option::as_deref)))
}
