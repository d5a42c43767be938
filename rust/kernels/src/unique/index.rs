//! Looking hashes up in a sorted list.

/// Ascending hashes with a directory over their upper bits: a lookup reads about one entry, and at worst bisects.
#[derive(Clone, Debug)]
pub(super) struct Index {
    hashes: Vec<u64>,
    /// `directory[b]..directory[b + 1]` are the hashes whose upper bits are `b`.
    directory: Vec<u32>,
    shift: u32,
}

impl Default for Index {
    fn default() -> Index {
        Index::new(Vec::new())
    }
}

impl Index {
    /// An index of ascending hashes.
    pub(super) fn new(hashes: Vec<u64>) -> Index {
        let bits = (hashes.len() * 2).next_power_of_two().ilog2().clamp(1, 31);
        let shift = 64 - bits;
        if u32::try_from(hashes.len()).is_err() {
            // Too many for the directory: every lookup bisects the whole list.
            return Index { hashes, directory: Vec::new(), shift };
        }
        let mut directory = vec![0u32; (1 << bits) + 1];
        for hash in &hashes {
            if let Some(count) = directory.get_mut((hash >> shift) as usize + 1) {
                *count += 1;
            }
        }
        let mut before = 0;
        for end in &mut directory {
            before += *end;
            *end = before;
        }
        Index { hashes, directory, shift }
    }

    pub(super) fn len(&self) -> usize {
        self.hashes.len()
    }

    /// The position of the first entry with this hash.
    #[inline]
    pub(super) fn find(&self, hash: u64) -> Option<usize> {
        let bucket = (hash >> self.shift) as usize;
        let (from, to) = match self.directory.get(bucket..bucket + 2) {
            Some(&[from, to]) => (from as usize, to as usize),
            _ => (0, self.hashes.len()),
        };
        let bucket = self.hashes.get(from..to)?;
        if bucket.len() <= 8 {
            return bucket.iter().position(|other| *other == hash).map(|at| from + at);
        }
        let at = bucket.partition_point(|other| *other < hash);
        (bucket.get(at) == Some(&hash)).then_some(from + at)
    }

    /// The positions of all entries with this hash.
    #[inline]
    pub(super) fn find_all(&self, hash: u64) -> std::ops::Range<usize> {
        let Some(first) = self.find(hash) else {
            return 0..0;
        };
        let rest = self.hashes.get(first..).unwrap_or_default();
        // Nearly always one.
        let count = if rest.get(1) == Some(&hash) { rest.partition_point(|other| *other == hash) } else { 1 };
        first..first + count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_is_there(mut hashes in prop::collection::vec(prop_oneof![any::<u64>(), 0u64..9, Just(u64::MAX)], 0..99),
                               others in prop::collection::vec(0u64..20, 0..9)) {
            hashes.sort_unstable();
            let index = Index::new(hashes.clone());
            for hash in hashes.iter().chain(&others) {
                let range = hashes.partition_point(|h| h < hash)..hashes.partition_point(|h| h <= hash);
                prop_assert_eq!(index.find(*hash), (!range.is_empty()).then_some(range.start));
                prop_assert!(index.find_all(*hash) == range || range.is_empty() && index.find_all(*hash).is_empty());
            }
        }
    }
}
