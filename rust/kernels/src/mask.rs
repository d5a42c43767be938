//! A bitmap over the rows of a frame: bit `i` belongs to row `i`.

/// A set of rows, one bit a row.
///
/// Bits at and beyond [`len`](Mask::len) are always clear, so counting and comparing words is exact. Rows out of range
/// are ignored by every setter and absent for every getter.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Mask {
    words: Vec<u64>,
    len: usize,
}

impl Mask {
    /// A mask of `len` rows with no bit set.
    #[must_use]
    pub fn zeros(len: usize) -> Mask {
        Mask { words: vec![0; len.div_ceil(64)], len }
    }

    /// A mask of `len` rows with every bit set.
    #[must_use]
    pub fn all_ones(len: usize) -> Mask {
        Mask::from_words(vec![u64::MAX; len.div_ceil(64)], len)
    }

    /// A mask of `len` rows from words of 64 rows each, lowest bit first. Missing words count as zero; surplus words and
    /// the bits beyond `len` are dropped.
    #[must_use]
    pub fn from_words(mut words: Vec<u64>, len: usize) -> Mask {
        words.resize(len.div_ceil(64), 0);
        let mut mask = Mask { words, len };
        mask.trim();
        mask
    }

    /// Adds rows without a bit set, up to `len`; a mask that is as long already stays as it is. Amortised constant per row.
    pub fn grow(&mut self, len: usize) {
        if len > self.len {
            self.words.resize(len.div_ceil(64), 0);
            self.len = len;
        }
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// True when the mask covers no rows at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The words, 64 rows each, lowest bit first.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The words for writing. The caller must leave the bits beyond [`len`](Mask::len) clear.
    pub fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// Sets the bit of row `i`.
    #[inline]
    pub fn set(&mut self, i: usize) {
        if i < self.len
            && let Some(word) = self.words.get_mut(i >> 6)
        {
            *word |= 1 << (i & 63);
        }
    }

    /// True when the bit of row `i` is set.
    #[inline]
    #[must_use]
    pub fn get(&self, i: usize) -> bool {
        self.words.get(i >> 6).is_some_and(|word| word >> (i & 63) & 1 == 1)
    }

    /// The number of set bits.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// True when no bit is set.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Adds the rows of `other`; those beyond this mask's rows are ignored.
    pub fn or(&mut self, other: &Mask) {
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
        self.trim();
    }

    /// Removes the rows of `other`.
    pub fn and_not(&mut self, other: &Mask) {
        for (word, less) in self.words.iter_mut().zip(&other.words) {
            *word &= !less;
        }
    }

    /// Adds a block of `len` rows whose first row is row `offset` of this mask. Rows that fall outside are ignored.
    pub fn or_at(&mut self, offset: usize, words: &[u64], len: usize) {
        let len = len.min(self.len.saturating_sub(offset));
        let (first, shift) = (offset >> 6, offset & 63);
        for (k, word) in words.iter().take(len.div_ceil(64)).enumerate() {
            let kept = len - k * 64;
            let word = if kept < 64 { word & ((1 << kept) - 1) } else { *word };
            if let Some(low) = self.words.get_mut(first + k) {
                *low |= word << shift;
            }
            if shift > 0
                && let Some(high) = self.words.get_mut(first + k + 1)
            {
                *high |= word >> (64 - shift);
            }
        }
    }

    /// The set rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(k, word)| Bits(*word).map(move |bit| k * 64 + bit))
    }

    fn trim(&mut self) {
        let used = self.len & 63;
        if used > 0
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << used) - 1;
        }
    }
}

/// The positions of the set bits of a word, ascending.
pub(crate) struct Bits(pub(crate) u64);

impl Iterator for Bits {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let bit = self.0.trailing_zeros() as usize;
        self.0 &= self.0 - 1;
        Some(bit)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn mask_of(rows: &BTreeSet<usize>, len: usize) -> Mask {
        let mut mask = Mask::zeros(len);
        rows.iter().for_each(|row| mask.set(*row));
        mask
    }

    #[test]
    fn rows_out_of_range_are_ignored() {
        let mut mask = Mask::zeros(65);
        mask.set(65);
        mask.set(1000);
        assert!(mask.is_zero());
        assert!(!mask.get(1000));
        assert_eq!(Mask::all_ones(65).count(), 65);
        assert_eq!(Mask::from_words(vec![u64::MAX; 5], 70).count(), 70);
        assert_eq!(Mask::from_words(vec![], 70), Mask::zeros(70));
    }

    proptest! {
        #[test]
        fn behaves_as_a_set(len in 0usize..300, a in prop::collection::btree_set(0usize..300, 0..80),
                            b in prop::collection::btree_set(0usize..300, 0..80)) {
            let a: BTreeSet<usize> = a.into_iter().filter(|r| *r < len).collect();
            let b: BTreeSet<usize> = b.into_iter().filter(|r| *r < len).collect();
            let (ma, mb) = (mask_of(&a, len), mask_of(&b, len));
            prop_assert_eq!(ma.iter().collect::<Vec<_>>(), a.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(ma.count(), a.len() as u64);
            let mut union = ma.clone();
            union.or(&mb);
            prop_assert_eq!(union, mask_of(&a.union(&b).copied().collect(), len));
            let mut rest = ma.clone();
            rest.and_not(&mb);
            prop_assert_eq!(rest, mask_of(&a.difference(&b).copied().collect(), len));
        }

        #[test]
        fn a_block_lands_at_any_offset(len in 0usize..300, offset in 0usize..320, block in 0usize..200,
                                       rows in prop::collection::btree_set(0usize..256, 0..80)) {
            let words = mask_of(&rows, 256).words().to_vec();
            let mut mask = Mask::zeros(len);
            mask.or_at(offset, &words, block);
            let expected = rows.iter().filter(|r| **r < block).map(|r| r + offset).filter(|r| *r < len).collect();
            prop_assert_eq!(mask, mask_of(&expected, len));
        }
    }
}
