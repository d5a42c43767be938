//! The referenced side of a foreign key.

mod fast;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};

use super::column::valid_rows;
use super::index::Index;
use super::{chunks, hash};
use crate::key::{KeyEncoder, UnsupportedKey};
use crate::mask::Mask;
use fast::Fast;

/// A set of keys; exact. Keys with a NULL part are not in it.
///
/// Memory: the encoded keys, some 30 bytes for each, and for single integers and texts 16 to 32 bytes more.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    arena: Vec<u8>,
    index: Index,
    /// Where the keys lie in the arena, in the order of the index; keys of one hash ascend.
    spans: Vec<(usize, usize)>,
    sum: u128,
    fast: Fast,
}

impl KeySet {
    /// The distinct wholly non-NULL keys of the referenced rows: `columns[c][k]` is chunk `k` of key column `c`. Costs a
    /// sort of the rows.
    ///
    /// # Errors
    /// [`UnsupportedKey`] when the columns differ in length or a type cannot be a key.
    pub fn build(columns: &[Vec<ArrayRef>]) -> Result<KeySet, UnsupportedKey> {
        let (mut arena, mut ends) = (Vec::new(), Vec::new());
        for chunk in chunks(columns)? {
            let encoder = KeyEncoder::new(&chunk)?;
            for row in 0..encoder.len() {
                if encoder.encode(row, &mut arena) {
                    ends.push(arena.len());
                }
            }
        }
        Ok(KeySet::of(arena, ends))
    }

    /// The set of keys encoded by [`KeyEncoder`]; repeated keys count once.
    pub fn from_encoded<'a>(keys: impl Iterator<Item = &'a [u8]>) -> KeySet {
        let (mut arena, mut ends) = (Vec::new(), Vec::new());
        for key in keys {
            arena.extend_from_slice(key);
            ends.push(arena.len());
        }
        KeySet::of(arena, ends)
    }

    fn of(arena: Vec<u8>, ends: Vec<usize>) -> KeySet {
        let key = |span: &(usize, usize)| arena.get(span.0..span.1).unwrap_or_default();
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let mut entries: Vec<(u64, (usize, usize))> =
            starts.zip(ends.iter().copied()).map(|span| (hash::bytes(0, key(&span)), span)).collect();
        entries.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| key(&a.1).cmp(key(&b.1))));
        entries.dedup_by(|a, b| a.0 == b.0 && key(&a.1) == key(&b.1));
        let (hashes, spans): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
        let sum = spans.iter().fold(0u128, |sum, span| sum.wrapping_add(hash::wide(key(span))));
        let fast = Fast::new(spans.iter().map(key));
        KeySet { index: Index::new(hashes), spans, sum, fast, arena }
    }

    fn key(&self, at: usize) -> &[u8] {
        self.spans.get(at).and_then(|span| self.arena.get(span.0..span.1)).unwrap_or_default()
    }

    fn contains(&self, key: &[u8]) -> bool {
        let range = self.index.find_all(hash::bytes(0, key));
        if range.len() <= 1 {
            return !range.is_empty() && self.key(range.start) == key;
        }
        let spans = self.spans.get(range).unwrap_or_default();
        let of = |span: &(usize, usize)| self.arena.get(span.0..span.1).unwrap_or_default();
        spans.binary_search_by(|span| of(span).cmp(key)).is_ok()
    }

    /// The number of distinct keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// True when no key is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// 128 bits that depend on the keys alone: not on their order, repetition, Arrow layout, nor on the machine. Different
    /// sets differ by all odds, but anyone can construct an exception: no security boundary.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 16] {
        self.sum.to_be_bytes()
    }

    /// Marks each row whose key is wholly non-NULL and not in the set (S2.12).
    ///
    /// # Errors
    /// [`UnsupportedKey`] when the columns differ in length or a type cannot be a key.
    pub fn missing(&self, columns: &[ArrayRef]) -> Result<Mask, UnsupportedKey> {
        if let [column] = columns {
            if let Some(mask) = self.missing_in_dictionary(column)? {
                return Ok(mask);
            }
            if let Some(mut mask) = self.fast.missing(column) {
                clear_nulls(&mut mask, columns);
                return Ok(mask);
            }
        }
        let encoder = KeyEncoder::new(columns)?;
        let (mut mask, mut key) = (Mask::zeros(encoder.len()), Vec::new());
        for row in 0..encoder.len() {
            key.clear();
            if encoder.encode(row, &mut key) && !self.contains(&key) {
                mask.set(row);
            }
        }
        Ok(mask)
    }

    /// A dictionary is judged by its values, unless it has more of them than rows.
    fn missing_in_dictionary(&self, column: &ArrayRef) -> Result<Option<Mask>, UnsupportedKey> {
        let Some(dictionary) = column.as_any_dictionary_opt() else {
            return Ok(None);
        };
        let values = dictionary.values();
        if values.is_empty() || values.len() > column.len() {
            return Ok(None);
        }
        let missing = self.missing(std::slice::from_ref(values))?;
        let mut mask = Mask::zeros(column.len());
        if !missing.is_zero() {
            let keys = dictionary.normalized_keys();
            keys.iter().enumerate().filter(|(_, key)| missing.get(**key)).for_each(|(row, _)| mask.set(row));
            clear_nulls(&mut mask, std::slice::from_ref(column));
        }
        Ok(Some(mask))
    }
}

fn clear_nulls(mask: &mut Mask, columns: &[ArrayRef]) {
    if let Some(valid) = valid_rows(columns) {
        let words = valid.bit_chunks();
        mask.words_mut().iter_mut().zip(words.iter_padded()).for_each(|(word, valid)| *word &= valid);
    }
}
