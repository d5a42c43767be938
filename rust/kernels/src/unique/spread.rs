//! Items spread over partitions by the upper bits of a hash, in one pass and without counting first.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::keys::{Keys, Scratch, on_threads};

/// Items of one partition that lie together.
const RUN: usize = 256;
/// Items that a partition should hold: these and a filter of 32 bits for each fit the second-level cache.
const TARGET: usize = 16 * 1024;
const MAX_BITS: u32 = 11;

/// How many bits of the hash choose the partition, for a number of rows.
pub(super) fn partition_bits(rows: usize) -> u32 {
    (rows / TARGET).next_power_of_two().ilog2().min(MAX_BITS)
}

/// The items of one thread: partition `p` owns the runs `runs[p]` of `pool`, the last filled up to `ends[p]`.
pub(super) struct Spread<T> {
    pool: Vec<T>,
    runs: Vec<Vec<usize>>,
    ends: Vec<usize>,
    free: usize,
    shift: u32,
}

impl<T: Copy> Spread<T> {
    /// `pool` makes room for a number of items.
    fn new(most: usize, bits: u32, pool: impl Fn(usize) -> Vec<T>) -> Spread<T> {
        let starts = || (0..1usize << bits).map(|partition| partition * RUN);
        let free = RUN << bits;
        let pool = pool(most.next_multiple_of(RUN) + free);
        Spread {
            pool,
            runs: starts().map(|start| vec![start]).collect(),
            ends: starts().collect(),
            free,
            shift: 63 - bits,
        }
    }

    #[inline(always)]
    fn push(&mut self, hash: u64, item: T) {
        // Two shifts, as a shift by 64 is none.
        let partition = (hash >> 1 >> self.shift) as usize;
        let Some(end) = self.ends.get_mut(partition) else {
            return;
        };
        if let Some(slot) = self.pool.get_mut(*end) {
            *slot = item;
        }
        *end += 1;
        if (*end).is_multiple_of(RUN) {
            *end = self.free;
            self.free += RUN;
            if let Some(runs) = self.runs.get_mut(partition) {
                runs.push(*end);
            }
        }
    }

    /// The runs of a partition.
    fn runs(&self, partition: usize) -> impl Iterator<Item = &[T]> {
        let runs = self.runs.get(partition).map_or(&[][..], Vec::as_slice);
        let end = self.ends.get(partition).copied().unwrap_or_default();
        runs.iter().map(move |start| {
            let full = start + RUN;
            let to = if (*start..full).contains(&end) { end } else { full };
            self.pool.get(*start..to).unwrap_or_default()
        })
    }
}

/// The items of one partition, from all threads.
pub(super) struct Partition<'a, T> {
    pub(super) number: usize,
    spreads: &'a [Spread<T>],
}

impl<T: Copy> Partition<'_, T> {
    pub(super) fn items(&self) -> impl Iterator<Item = &T> {
        self.runs().flatten()
    }

    pub(super) fn runs(&self) -> impl Iterator<Item = &[T]> {
        self.spreads.iter().flat_map(|spread| spread.runs(self.number))
    }

    pub(super) fn len(&self) -> usize {
        self.runs().map(<[T]>::len).sum()
    }
}

/// Spreads the hashes of all keyed rows.
pub(super) fn hashes(keys: &Keys, threads: usize, bits: u32) -> Vec<Spread<u64>> {
    on_threads(keys.shares(threads), |range: Range<usize>| {
        // Zeroed memory comes from the system untouched: only pages that are written cost anything.
        let (mut spread, mut scratch) = (Spread::new(range.len(), bits, |room| vec![0; room]), Scratch::new());
        for block in keys.blocks(range) {
            block.hashes(&mut scratch).iter().for_each(|hash| spread.push(*hash, *hash));
        }
        spread
    })
}

/// Spreads the hashes of all keyed rows with their rows.
pub(super) fn hashes_and_rows(keys: &Keys, threads: usize, bits: u32) -> Vec<Spread<(u64, usize)>> {
    on_threads(keys.shares(threads), |range: Range<usize>| {
        let (mut spread, mut scratch) = (Spread::new(range.len(), bits, |room| vec![(0, 0); room]), Scratch::new());
        for block in keys.blocks(range) {
            let hashes = block.hashes(&mut scratch);
            block.each(hashes, |row, hash| spread.push(hash, (hash, row)));
        }
        spread
    })
}

/// Shows every partition to one of `threads` workers and gives the workers back.
pub(super) fn each_partition<T, W>(
    spreads: &[Spread<T>],
    threads: usize,
    bits: u32,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, Partition<'_, T>) + Sync,
) -> Vec<W>
where
    T: Copy + Send + Sync,
    W: Send,
{
    let next = AtomicUsize::new(0);
    on_threads(vec![(); threads], |()| {
        let mut worker = worker();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >> bits != 0 {
                return worker;
            }
            work(&mut worker, Partition { number, spreads });
        }
    })
}
