//! Which hashes occur twice: hashes are spread over partitions that fit the cache, each partition is judged alone.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::keys::{Keys, Scratch, on_threads};

/// Hashes of one partition that lie together.
const RUN: usize = 256;
/// Hashes that a partition should hold: these and a filter of 32 bits for each fit the second-level cache.
const TARGET: usize = 16 * 1024;
const MAX_BITS: u32 = 11;

/// The hashes of one thread's rows: partition `p` owns the runs `runs[p]` of `pool`, the last filled to `ends[p]`.
struct Spread {
    pool: Vec<u64>,
    runs: Vec<Vec<usize>>,
    ends: Vec<usize>,
    keyed: u64,
}

impl Spread {
    fn new(rows: usize, bits: u32) -> Spread {
        let partitions = 1usize << bits;
        // Zeroed pages come from the system untouched: only what is written costs memory.
        let pool = vec![0; rows.next_multiple_of(RUN) + partitions * RUN];
        Spread {
            pool,
            runs: (0..partitions).map(|p| vec![p * RUN]).collect(),
            ends: (0..partitions).map(|p| p * RUN).collect(),
            keyed: 0,
        }
    }

    fn fill(&mut self, keys: &Keys, range: std::ops::Range<usize>, bits: u32) {
        let mut free = self.runs.len() * RUN;
        let (mut scratch, shift) = (Scratch::new(), 63 - bits);
        for block in keys.blocks(range) {
            let hashes = block.hashes(&mut scratch);
            self.keyed += hashes.len() as u64;
            for hash in hashes {
                // Two shifts: a shift by 64 is not defined.
                let partition = (hash >> 1 >> shift) as usize;
                let Some(end) = self.ends.get_mut(partition) else {
                    continue;
                };
                if let Some(slot) = self.pool.get_mut(*end) {
                    *slot = *hash;
                }
                *end += 1;
                if *end % RUN == 0 {
                    *end = free;
                    free += RUN;
                    if let Some(runs) = self.runs.get_mut(partition) {
                        runs.push(*end);
                    }
                }
            }
        }
    }

    /// The runs of a partition.
    fn runs(&self, partition: usize) -> impl Iterator<Item = &[u64]> {
        let runs = self.runs.get(partition).map_or(&[][..], Vec::as_slice);
        let end = self.ends.get(partition).copied().unwrap_or_default();
        runs.iter().map(move |start| {
            let to = if (*start..start + RUN).contains(&end) {
                end
            } else {
                start + RUN
            };
            self.pool.get(*start..to).unwrap_or_default()
        })
    }
}

/// The hashes that occur more than once.
pub(super) struct Repeated {
    pub(super) keyed: u64,
    /// How many different hashes there are.
    pub(super) distinct: u64,
    /// Those that occur twice or more, ascending.
    pub(super) hashes: Vec<u64>,
}

/// How many bits of the hash choose the partition, for a number of rows.
pub(super) fn partition_bits(rows: usize) -> u32 {
    (rows / TARGET).next_power_of_two().ilog2().min(MAX_BITS)
}

/// Finds the hashes that several keyed rows have. Memory: 8 bytes a row.
pub(super) fn repeated(keys: &Keys, threads: usize, bits: u32) -> Repeated {
    let spreads = on_threads(keys.shares(threads), |range| {
        let mut spread = Spread::new(range.len(), bits);
        spread.fill(keys, range, bits);
        spread
    });
    let next = AtomicUsize::new(0);
    let judged = on_threads(vec![(); threads], |()| {
        let (mut judge, mut found) = (Judge::default(), Vec::new());
        loop {
            let partition = next.fetch_add(1, Ordering::Relaxed);
            if partition >> bits != 0 {
                return found;
            }
            found.push((partition, judge.partition(&spreads, partition, bits)));
        }
    });
    let keyed = spreads.iter().map(|spread| spread.keyed).sum();
    let mut found: Vec<_> = judged.into_iter().flatten().collect();
    found.sort_unstable_by_key(|(partition, _)| *partition);
    let surplus: u64 = found.iter().map(|(_, (surplus, _))| surplus).sum();
    let hashes = found
        .into_iter()
        .flat_map(|(_, (_, hashes))| hashes)
        .collect();
    Repeated {
        keyed,
        distinct: keyed - surplus,
        hashes,
    }
}

/// Working memory for judging partitions.
#[derive(Default)]
struct Judge {
    once: Vec<u64>,
    twice: Vec<u64>,
    suspects: Vec<u64>,
}

impl Judge {
    /// How many hashes of the partition repeat an earlier one, and which hashes are repeated, ascending.
    fn partition(&mut self, spreads: &[Spread], partition: usize, bits: u32) -> (u64, Vec<u64>) {
        let count: usize = spreads
            .iter()
            .flat_map(|spread| spread.runs(partition))
            .map(<[u64]>::len)
            .sum();
        let filter_bits = (count * 32).next_power_of_two().ilog2().max(6);
        let place = |hash: u64| {
            let place = (hash << bits) >> (64 - filter_bits);
            ((place >> 6) as usize, place & 63)
        };
        for filter in [&mut self.once, &mut self.twice] {
            filter.clear();
            filter.resize(1 << (filter_bits - 6), 0);
        }
        for hash in spreads
            .iter()
            .flat_map(|spread| spread.runs(partition))
            .flatten()
        {
            let (at, bit) = place(*hash);
            if let (Some(once), Some(twice)) = (self.once.get_mut(at), self.twice.get_mut(at)) {
                *twice |= *once & (1 << bit);
                *once |= 1 << bit;
            }
        }
        if self.twice.iter().all(|bits| *bits == 0) {
            return (0, Vec::new());
        }
        self.suspects.clear();
        self.suspects.resize(count + 1, 0);
        let mut suspects = 0;
        for hash in spreads
            .iter()
            .flat_map(|spread| spread.runs(partition))
            .flatten()
        {
            let (at, bit) = place(*hash);
            if let (Some(slot), Some(twice)) = (self.suspects.get_mut(suspects), self.twice.get(at))
            {
                *slot = *hash;
                suspects += (twice >> bit & 1) as usize;
            }
        }
        self.suspects.truncate(suspects);
        self.suspects.sort_unstable();
        let groups = self
            .suspects
            .chunk_by(|a, b| a == b)
            .filter(|group| group.len() > 1);
        groups.fold((0, Vec::new()), |(surplus, mut hashes), group| {
            hashes.extend(group.first());
            (surplus + group.len() as u64 - 1, hashes)
        })
    }
}
