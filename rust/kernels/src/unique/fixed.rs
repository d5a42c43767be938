//! Keys of at most 64 bits: sorted columns and columns of a dense range.

use multiversion::multiversion;
use std::ops::Range;

use super::Duplicates;
use super::keys::{Keys, Scratch, on_threads};
use crate::mask::Mask;

/// A bitmap over the range of the words serves when it has at most this many bits a record.
const DENSE: u64 = 64;

/// What one pass over the words tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan {
    pub(super) keyed: u64,
    pub(super) low: i64,
    pub(super) high: i64,
    /// Steps between neighbours that go up and down.
    rises: u64,
    falls: u64,
    ends: Option<(i64, i64)>,
}

impl Scan {
    const EMPTY: Scan = Scan { keyed: 0, low: i64::MAX, high: i64::MIN, rises: 0, falls: 0, ends: None };

    /// The scan of this range followed by `next`.
    fn then(self, next: Scan) -> Scan {
        let (Some((first, last)), Some((next_first, next_last))) = (self.ends, next.ends) else {
            return if self.ends.is_some() { self } else { next };
        };
        Scan {
            keyed: self.keyed + next.keyed,
            low: self.low.min(next.low),
            high: self.high.max(next.high),
            rises: self.rises + next.rises + u64::from(last < next_first),
            falls: self.falls + next.falls + u64::from(last > next_first),
            ends: Some((first, next_last)),
        }
    }

    /// True when the words only rise or only fall: no two are equal.
    pub(super) fn strictly_monotone(&self) -> bool {
        self.rises.max(self.falls) + 1 >= self.keyed
    }

    /// True when equal words are neighbours.
    pub(super) fn monotone(&self) -> bool {
        self.rises.min(self.falls) == 0
    }

    fn span(&self) -> u64 {
        (self.high as u64).wrapping_sub(self.low as u64)
    }

    /// True when a bitmap over the range serves for a number of records.
    fn dense(&self, records: u64) -> bool {
        self.span() < records.saturating_mul(DENSE)
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn scan_words(words: &[i64]) -> (i64, i64, u64, u64) {
    let (mut low, mut high, mut rises, mut falls) = (i64::MAX, i64::MIN, 0, 0);
    for word in words {
        low = low.min(*word);
        high = high.max(*word);
    }
    // Two slices, not `skip`: only so is this a vector loop.
    let (heads, tails) =
        (words.split_last().map_or(words, |(_, rest)| rest), words.split_first().map_or(words, |(_, rest)| rest));
    for (word, next) in heads.iter().zip(tails) {
        rises += u64::from(word < next);
        falls += u64::from(word > next);
    }
    (low, high, rises, falls)
}

/// Scans a range of rows, up to where it is clear that neither order nor range will help.
fn scan_range(keys: &Keys, range: Range<usize>) -> Option<Scan> {
    let (mut scan, mut scratch) = (Scan::EMPTY, Scratch::new());
    for block in keys.blocks(range) {
        let words = block.words(&mut scratch);
        let (Some(first), Some(last)) = (words.first(), words.last()) else {
            continue;
        };
        let (low, high, rises, falls) = scan_words(words);
        scan = scan.then(Scan { keyed: words.len() as u64, low, high, rises, falls, ends: Some((*first, *last)) });
        if !scan.monotone() && !scan.dense(keys.rows() as u64) {
            return None;
        }
    }
    Some(scan)
}

/// What the order and range of the words are; `None` when the words are neither ordered nor dense.
pub(super) fn scan(keys: &Keys, threads: usize) -> Option<Scan> {
    let scans = on_threads(keys.shares(threads), |range| scan_range(keys, range));
    let scan = scans.into_iter().try_fold(Scan::EMPTY, |all, scan| Some(all.then(scan?)))?;
    (scan.monotone() || scan.dense(scan.keyed)).then_some(scan)
}

/// The members of groups of words that are neighbours.
pub(super) fn of_monotone(keys: &Keys, scan: &Scan) -> Duplicates {
    let (mut members, mut scratch) = (Mask::zeros(keys.rows()), Scratch::new());
    let (mut before, mut distinct): (Option<(usize, i64)>, u64) = (None, 0);
    for block in keys.blocks(0..keys.rows()) {
        let words = block.words(&mut scratch);
        block.each(words, |row, word| {
            match before {
                Some((row_before, word_before)) if word_before == word => {
                    members.set(row_before);
                    members.set(row);
                }
                _ => distinct += 1,
            }
            before = Some((row, word));
        });
    }
    Duplicates { keyed: scan.keyed, distinct, members }
}

/// One bit for each word between the lowest and the highest.
struct Dense {
    low: i64,
    bits: Vec<u64>,
}

impl Dense {
    fn new(scan: &Scan) -> Dense {
        Dense { low: scan.low, bits: vec![0; (scan.span() >> 6) as usize + 1] }
    }

    #[inline(always)]
    fn place(low: i64, word: i64) -> (usize, u64) {
        let place = (word as u64).wrapping_sub(low as u64);
        ((place >> 6) as usize, 1 << (place & 63))
    }

    fn contains(&self, word: i64) -> bool {
        let (at, bit) = Dense::place(self.low, word);
        self.bits.get(at).is_some_and(|bits| bits & bit != 0)
    }

    fn count(&self) -> u64 {
        self.bits.iter().map(|bits| u64::from(bits.count_ones())).sum()
    }
}

fn seen(keys: &Keys, scan: &Scan, range: Range<usize>) -> Dense {
    let (mut seen, mut scratch) = (Dense::new(scan), Scratch::new());
    for block in keys.blocks(range) {
        for word in block.words(&mut scratch) {
            let (at, bit) = Dense::place(scan.low, *word);
            if let Some(bits) = seen.bits.get_mut(at) {
                *bits |= bit;
            }
        }
    }
    seen
}

/// The words seen once or more, and those seen twice or more.
fn seen_twice(keys: &Keys, scan: &Scan, range: Range<usize>) -> (Dense, Dense) {
    let (mut once, mut twice, mut scratch) = (Dense::new(scan), Dense::new(scan), Scratch::new());
    for block in keys.blocks(range) {
        for word in block.words(&mut scratch) {
            let (at, bit) = Dense::place(scan.low, *word);
            if let (Some(once), Some(twice)) = (once.bits.get_mut(at), twice.bits.get_mut(at)) {
                *twice |= *once & bit;
                *once |= bit;
            }
        }
    }
    (once, twice)
}

/// Duplicates by bitmaps over the range of the words. Memory: two bits per word of the range and thread.
pub(super) fn of_dense(keys: &Keys, scan: &Scan, threads: usize) -> Duplicates {
    let mut parts = on_threads(keys.shares(threads), |range| seen(keys, scan, range)).into_iter();
    let Some(mut all) = parts.next() else {
        return Duplicates::default();
    };
    for part in parts {
        all.bits.iter_mut().zip(&part.bits).for_each(|(all, part)| *all |= part);
    }
    let distinct = all.count();
    if distinct == scan.keyed {
        return Duplicates { keyed: scan.keyed, distinct, members: Mask::zeros(keys.rows()) };
    }
    let mut parts = on_threads(keys.shares(threads), |range| seen_twice(keys, scan, range)).into_iter();
    let Some((mut all, mut shared)) = parts.next() else {
        return Duplicates::default();
    };
    for (once, twice) in parts {
        let both = all.bits.iter_mut().zip(&once.bits);
        for ((all, once), (shared, twice)) in both.zip(shared.bits.iter_mut().zip(&twice.bits)) {
            *shared |= twice | (*all & once);
            *all |= once;
        }
    }
    let members = mark(keys, threads, |word| shared.contains(word));
    Duplicates { keyed: scan.keyed, distinct, members }
}

fn mark(keys: &Keys, threads: usize, shared: impl Fn(i64) -> bool + Sync) -> Mask {
    let masks = on_threads(keys.shares(threads), |range| {
        let (mut members, mut scratch) = (Mask::zeros(keys.rows()), Scratch::new());
        for block in keys.blocks(range) {
            let words = block.words(&mut scratch);
            block.each(words, |row, word| {
                if shared(word) {
                    members.set(row);
                }
            });
        }
        members
    });
    union(masks, keys.rows())
}

/// The rows of any of the masks.
pub(super) fn union(masks: Vec<Mask>, rows: usize) -> Mask {
    let mut masks = masks.into_iter();
    let mut all = masks.next().unwrap_or_else(|| Mask::zeros(rows));
    masks.for_each(|mask| all.or(&mask));
    all
}
