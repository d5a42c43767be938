//! From repeated hashes to the records that truly share a key.

use std::collections::BTreeMap;

use super::fixed::union;
use super::index::Index;
use super::keys::{Keys, Scratch, on_threads};
use super::radix::Repeated;
use super::{Duplicates, spread};
use crate::mask::Mask;

/// An index of at most this many hashes stays in the cache whatever the order of lookups.
const NEAR: usize = 1 << 14;

/// The duplicates among keys whose repeated hashes are known. `bits` choose the partitions if there are many.
pub(super) fn resolve(keys: &Keys, repeated: Repeated, threads: usize, bits: u32) -> Duplicates {
    let Repeated { keyed, distinct, hashes } = repeated;
    if hashes.is_empty() {
        return Duplicates { keyed, distinct, members: Mask::zeros(keys.rows()) };
    }
    let index = Index::new(hashes);
    let groups = if index.len() <= NEAR && bits > 0 {
        in_order(keys, &index, threads)
    } else {
        by_partition(keys, &index, threads, bits)
    };
    if keys.is_fixed() {
        return Duplicates {
            keyed,
            distinct,
            members: union(groups.into_iter().map(|g| g.members).collect(), keys.rows()),
        };
    }
    let suspects: u64 = groups.iter().map(|groups| groups.rows).sum();
    let (count, members) = join(keys, groups);
    Duplicates { keyed, distinct: keyed - suspects + count, members }
}

/// Looks the rows up as they come.
fn in_order<'a>(keys: &'a Keys, index: &Index, threads: usize) -> Vec<Groups<'a>> {
    on_threads(keys.shares(threads), |range| {
        let (mut groups, mut scratch) = (Groups::new(keys, index.len()), Scratch::new());
        for block in keys.blocks(range) {
            let hashes = block.hashes(&mut scratch);
            block.each(hashes, |row, hash| groups.add(index.find(hash), row));
        }
        groups
    })
}

/// Looks the rows up partition by partition, so that only a part of the index is in use at a time. Memory: 16 bytes a row.
fn by_partition<'a>(keys: &'a Keys, index: &Index, threads: usize, bits: u32) -> Vec<Groups<'a>> {
    let spreads = spread::hashes_and_rows(keys, threads, bits);
    spread::each_partition(
        &spreads,
        threads,
        bits,
        || Groups::new(keys, index.len()),
        |groups, partition| {
            partition.items().for_each(|(hash, row)| groups.add(index.find(*hash), *row));
        },
    )
}

/// Groups of equal keys among the rows that one thread saw.
struct Groups<'a> {
    keys: &'a Keys,
    fixed: bool,
    /// For each hash 1 + the first row that has it, or 0.
    first: Vec<usize>,
    /// Rows whose key differs from that of the first row with their hash, with the position of the hash.
    others: Vec<(usize, usize)>,
    members: Mask,
    rows: u64,
}

impl<'a> Groups<'a> {
    fn new(keys: &'a Keys, hashes: usize) -> Groups<'a> {
        let fixed = keys.is_fixed();
        let first = vec![0; if fixed { 0 } else { hashes }];
        Groups { keys, fixed, first, others: Vec::new(), members: Mask::zeros(keys.rows()), rows: 0 }
    }

    #[inline(always)]
    fn add(&mut self, hash: Option<usize>, row: usize) {
        let Some(hash) = hash else { return };
        if self.fixed {
            self.members.set(row);
        } else {
            self.compare(hash, row);
        }
    }

    fn compare(&mut self, hash: usize, row: usize) {
        self.rows += 1;
        let Some(first) = self.first.get_mut(hash) else {
            return;
        };
        match first.checked_sub(1) {
            None => *first = row + 1,
            Some(first) if self.keys.same(first, row) => {
                self.members.set(first);
                self.members.set(row);
            }
            Some(_) => self.others.push((hash, row)),
        }
    }
}

/// Joins the groups of all threads: the number of different keys, and the members of groups of two or more.
fn join(keys: &Keys, groups: Vec<Groups<'_>>) -> (u64, Mask) {
    let (mut first, mut others, mut masks) = (Vec::new(), Vec::new(), Vec::new());
    for mut part in groups {
        others.append(&mut part.others);
        masks.push(part.members);
        if first.is_empty() {
            first = part.first;
            continue;
        }
        for (hash, (first, row)) in first.iter_mut().zip(part.first).enumerate() {
            match row.checked_sub(1) {
                Some(row) if *first > 0 => others.push((hash, row)),
                _ => *first = row.max(*first),
            }
        }
    }
    let mut members = union(masks, keys.rows());
    let mut collided: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for (hash, row) in others {
        let leader = first.get(hash).and_then(|first| first.checked_sub(1));
        let equal = leader.filter(|leader| keys.same(*leader, row)).or_else(|| {
            let mut key = Vec::new();
            keys.encode(row, &mut key);
            // The first row of a key becomes its own equal, which marks nothing.
            Some(*collided.entry(key).or_insert(row))
        });
        if let Some(equal) = equal.filter(|equal| *equal != row) {
            members.set(equal);
            members.set(row);
        }
    }
    (first.iter().filter(|first| **first > 0).count() as u64 + collided.len() as u64, members)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]
    use super::*;
    use arrow_array::{ArrayRef, StringArray};
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    proptest! {
        // Every row has the same hash: only the comparison of keys tells them apart.
        #[test]
        fn keys_of_one_hash_are_told_apart(values in prop::collection::vec("[a-e]{1,2}", 0..40), threads in 1usize..4) {
            let column: ArrayRef = Arc::new(StringArray::from(values.clone()));
            let keys = Keys::new(&[vec![column]]).unwrap();
            let groups = (0..threads).map(|nth| {
                let mut groups = Groups::new(&keys, 3);
                (0..values.len()).filter(|row| row * 7 % threads == nth).for_each(|row| groups.add(Some(1), row));
                groups
            });
            let (count, members) = join(&keys, groups.collect());
            let mut expected: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            values.iter().enumerate().for_each(|(row, value)| expected.entry(value).or_default().push(row));
            prop_assert_eq!(count, expected.len() as u64);
            let mut shared: Vec<usize> = expected.into_values().filter(|rows| rows.len() > 1).flatten().collect();
            shared.sort_unstable();
            prop_assert_eq!(members.iter().collect::<Vec<_>>(), shared);
        }
    }
}
