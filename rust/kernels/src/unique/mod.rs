//! Uniqueness of keys (S2.8) and membership of foreign keys (S2.12), exact.

mod column;
mod encoded;
mod fixed;
pub(crate) mod hash;
mod index;
mod keys;
mod keyset;
mod radix;
mod resolve;
mod spread;
#[cfg(test)]
mod tests;

pub use encoded::duplicates_encoded;
pub use keyset::KeySet;

use arrow_array::ArrayRef;

use crate::key::UnsupportedKey;
use crate::mask::Mask;
use keys::Keys;

/// Fewer rows than this are not worth a thread.
const ROWS_PER_THREAD: usize = 1 << 15;

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
        chunks.iter_mut().zip(column).for_each(|(chunk, array)| chunk.push(array.clone()));
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
    let keys = Keys::new(columns)?;
    let threads = threads.clamp(1, keys.rows() / ROWS_PER_THREAD + 1);
    Ok(find(&keys, threads, spread::partition_bits(keys.rows())))
}

/// Climbs down from the cheapest method that could do. The numbers of threads and of partitions do not change the answer.
fn find(keys: &Keys, threads: usize, partition_bits: u32) -> Duplicates {
    if keys.is_fixed()
        && let Some(scan) = fixed::scan(keys, threads)
    {
        if scan.strictly_monotone() {
            return Duplicates { keyed: scan.keyed, distinct: scan.keyed, members: Mask::zeros(keys.rows()) };
        }
        if scan.monotone() {
            return fixed::of_monotone(keys, &scan);
        }
        return fixed::of_dense(keys, &scan, threads);
    }
    let repeated = radix::repeated(keys, threads, partition_bits);
    resolve::resolve(keys, repeated, threads, partition_bits)
}
