//! From repeated hashes to the records that truly share a key.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Duplicates;
use super::fixed::union;
use super::index::Index;
use super::keys::{Keys, Scratch, on_threads};
use super::radix::Repeated;
use crate::mask::Mask;

/// The duplicates among keys whose repeated hashes are known.
pub(super) fn resolve(keys: &Keys, repeated: Repeated, threads: usize) -> Duplicates {
    let Repeated {
        keyed,
        distinct,
        hashes,
    } = repeated;
    if hashes.is_empty() {
        return Duplicates {
            keyed,
            distinct,
            members: Mask::zeros(keys.rows()),
        };
    }
    let index = Index::new(hashes);
    if keys.is_fixed() {
        return Duplicates {
            keyed,
            distinct,
            members: by_hash(keys, &index, threads),
        };
    }
    let (groups, suspects, members) = by_key(keys, &index, threads);
    Duplicates {
        keyed,
        distinct: keyed - suspects + groups,
        members,
    }
}

/// The rows whose hash is in the index.
fn by_hash(keys: &Keys, index: &Index, threads: usize) -> Mask {
    let masks = on_threads(keys.shares(threads), |range| {
        let (mut members, mut scratch) = (Mask::zeros(keys.rows()), Scratch::new());
        for block in keys.blocks(range) {
            let hashes = block.hashes(&mut scratch);
            block.each(hashes, |row, hash| {
                if index.find(hash).is_some() {
                    members.set(row);
                }
            });
        }
        members
    });
    union(masks, keys.rows())
}

/// Position in the index and row of records whose hash is repeated, by share of the index.
type Suspects = Vec<Vec<(usize, usize)>>;

fn suspects(keys: &Keys, index: &Index, range: Range<usize>, threads: usize) -> Suspects {
    let (mut suspects, mut scratch) = (vec![Vec::new(); threads], Scratch::new());
    let share = index.len().div_ceil(threads);
    for block in keys.blocks(range) {
        let hashes = block.hashes(&mut scratch);
        block.each(hashes, |row, hash| {
            if let Some(at) = index.find(hash)
                && let Some(suspects) = suspects.get_mut(at / share)
            {
                suspects.push((at, row));
            }
        });
    }
    suspects
}

/// Compares the keys of rows with equal hashes: the number of different keys among them, of rows, and the members.
fn by_key(keys: &Keys, index: &Index, threads: usize) -> (u64, u64, Mask) {
    let found = on_threads(keys.shares(threads), |range| {
        suspects(keys, index, range, threads)
    });
    let share = index.len().div_ceil(threads);
    let compared = on_threads((0..threads).collect(), |nth| {
        let mine = found
            .iter()
            .filter_map(|suspects| suspects.get(nth))
            .flatten();
        Groups::new(keys, share).compare(mine.map(|(at, row)| (at % share, *row)))
    });
    let groups = compared.iter().map(|(groups, _)| groups).sum();
    let rows = found
        .iter()
        .flatten()
        .map(|suspects| suspects.len() as u64)
        .sum();
    (
        groups,
        rows,
        union(
            compared.into_iter().map(|(_, members)| members).collect(),
            keys.rows(),
        ),
    )
}

/// Groups of equal keys among rows of a few hashes.
struct Groups<'a> {
    keys: &'a Keys,
    /// For each hash the first row that has it.
    first: Vec<Option<usize>>,
    /// Rows whose key differs from that of the first row with their hash: a group each, by encoded key.
    others: BTreeMap<Vec<u8>, usize>,
    members: Mask,
    count: u64,
}

impl<'a> Groups<'a> {
    fn new(keys: &'a Keys, hashes: usize) -> Groups<'a> {
        let members = Mask::zeros(keys.rows());
        Groups {
            keys,
            first: vec![None; hashes],
            others: BTreeMap::new(),
            members,
            count: 0,
        }
    }

    fn compare(mut self, rows: impl Iterator<Item = (usize, usize)>) -> (u64, Mask) {
        for (hash, row) in rows {
            let Some(first) = self.first.get_mut(hash) else {
                continue;
            };
            match *first {
                None => {
                    *first = Some(row);
                    self.count += 1;
                }
                Some(first) if self.keys.same(first, row) => {
                    self.members.set(first);
                    self.members.set(row);
                }
                Some(_) => self.collided(row),
            }
        }
        (self.count, self.members)
    }

    fn collided(&mut self, row: usize) {
        let mut key = Vec::new();
        self.keys.encode(row, &mut key);
        match self.others.get(&key) {
            Some(first) => {
                self.members.set(*first);
                self.members.set(row);
            }
            None => {
                self.others.insert(key, row);
                self.count += 1;
            }
        }
    }
}
