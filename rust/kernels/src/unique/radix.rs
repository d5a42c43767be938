//! Which hashes occur twice: they are spread over partitions that fit the cache, and each partition is judged alone.

use super::keys::Keys;
use super::spread::{self, Partition, each_partition};

/// The hashes that occur more than once.
pub(super) struct Repeated {
    pub(super) keyed: u64,
    /// How many different hashes there are.
    pub(super) distinct: u64,
    /// Those that occur twice or more, ascending.
    pub(super) hashes: Vec<u64>,
}

/// Finds the hashes that several keyed rows have, with 2^`bits` partitions. Memory: 8 bytes a row.
pub(super) fn repeated(keys: &Keys, threads: usize, bits: u32) -> Repeated {
    let spreads = spread::hashes(keys, threads, bits);
    let judges = each_partition(&spreads, threads, bits, Judge::default, |judge, part| judge.partition(&part, bits));
    let (keyed, surplus) = judges.iter().fold((0, 0), |sum, judge| (sum.0 + judge.keyed, sum.1 + judge.surplus));
    let mut found: Vec<_> = judges.into_iter().flat_map(|judge| judge.found).collect();
    found.sort_unstable_by_key(|(partition, _)| *partition);
    Repeated { keyed, distinct: keyed - surplus, hashes: found.into_iter().flat_map(|(_, hashes)| hashes).collect() }
}

/// What one thread found in the partitions it judged, and its working memory.
#[derive(Default)]
struct Judge {
    keyed: u64,
    /// Hashes that repeat an earlier one.
    surplus: u64,
    /// By partition the hashes that are repeated, ascending.
    found: Vec<(usize, Vec<u64>)>,
    filter: Filter,
    suspects: Vec<u64>,
}

/// Two bits for each place that a hash may fall on: taken once, taken twice.
#[derive(Default)]
struct Filter {
    once: Vec<u64>,
    twice: Vec<u64>,
    skip: u32,
    shift: u32,
}

impl Filter {
    /// Clears the filter for a number of hashes that share their upper `skip` bits.
    fn reset(&mut self, count: usize, skip: u32) {
        let bits = (count * 32).next_power_of_two().ilog2().max(6);
        (self.skip, self.shift) = (skip, 64 - bits);
        for words in [&mut self.once, &mut self.twice] {
            words.clear();
            words.resize(1 << (bits - 6), 0);
        }
    }

    #[inline(always)]
    fn place(&self, hash: u64) -> (usize, u64) {
        let place = (hash << self.skip) >> self.shift;
        ((place >> 6) as usize, place & 63)
    }

    #[inline(always)]
    fn take(&mut self, hash: u64) {
        let (at, bit) = self.place(hash);
        if let (Some(once), Some(twice)) = (self.once.get_mut(at), self.twice.get_mut(at)) {
            *twice |= *once & (1 << bit);
            *once |= 1 << bit;
        }
    }

    /// 1 if the place of the hash is taken twice.
    #[inline(always)]
    fn is_twice(&self, hash: u64) -> usize {
        let (at, bit) = self.place(hash);
        self.twice.get(at).map_or(0, |twice| (twice >> bit & 1) as usize)
    }
}

impl Judge {
    fn partition(&mut self, partition: &Partition<'_, u64>, bits: u32) {
        let count = partition.len();
        self.keyed += count as u64;
        self.filter.reset(count, bits);
        for run in partition.runs() {
            run.iter().for_each(|hash| self.filter.take(*hash));
        }
        if self.filter.twice.iter().all(|twice| *twice == 0) {
            return;
        }
        self.collect_suspects(partition, count);
        self.suspects.sort_unstable();
        let (mut repeated, mut groups) = (Vec::new(), 0);
        for group in self.suspects.chunk_by(|a, b| a == b) {
            groups += 1;
            if group.len() > 1 {
                repeated.extend(group.first());
            }
        }
        self.surplus += self.suspects.len() as u64 - groups;
        self.found.push((partition.number, repeated));
    }

    /// The hashes whose place is taken twice: all that are repeated, and a few more.
    fn collect_suspects(&mut self, partition: &Partition<'_, u64>, count: usize) {
        self.suspects.resize(count.max(self.suspects.len()), 0);
        let mut suspects = 0;
        for run in partition.runs() {
            for hash in run {
                // Every hash is written, and the next overwrites those that are no suspects: there is no branch to guess.
                if let Some(slot) = self.suspects.get_mut(suspects) {
                    *slot = *hash;
                }
                suspects += self.filter.is_twice(*hash);
            }
        }
        self.suspects.truncate(suspects);
    }
}
