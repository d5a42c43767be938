//! Looking hashes up in a sorted list.

/// Ascending hashes with a directory over their upper bits: a lookup reads about one entry, and at worst bisects.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    hashes: Vec<u64>,
    /// `directory[b]..directory[b + 1]` are the hashes whose upper bits are `b`.
    directory: Vec<u32>,
    shift: u32,
}

impl Index {
    /// An index of ascending hashes.
    pub(super) fn new(hashes: Vec<u64>) -> Index {
        let bits = (hashes.len() * 2).next_power_of_two().ilog2().clamp(1, 31);
        let shift = 64 - bits;
        let mut directory = Vec::with_capacity((1 << bits) + 1);
        for (at, hash) in hashes.iter().enumerate() {
            let Ok(at) = u32::try_from(at) else {
                // Too many for the directory: every lookup bisects the whole list.
                return Index { hashes, directory: Vec::new(), shift };
            };
            directory.resize(directory.len().max((hash >> shift) as usize + 1), at);
        }
        directory.resize((1 << bits) + 1, u32::try_from(hashes.len()).unwrap_or(u32::MAX));
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
