//! The referenced side of a foreign key.

use arrow_array::ArrayRef;
use hashbrown::HashTable;

use super::{chunks, hash};
use crate::key::{KeyEncoder, UnsupportedKey};
use crate::mask::Mask;

/// A set of keys; exact. Keys with a NULL part are not in it.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: HashTable<Box<[u8]>>,
    sum: u128,
}

impl KeySet {
    /// The distinct wholly non-NULL keys of the referenced rows: `columns[c][k]` is chunk `k` of key column `c`.
    ///
    /// # Errors
    /// [`UnsupportedKey`] when the columns differ in length or a type cannot be a key.
    pub fn build(columns: &[Vec<ArrayRef>]) -> Result<KeySet, UnsupportedKey> {
        let (mut set, mut key) = (KeySet::default(), Vec::new());
        for chunk in chunks(columns)? {
            let encoder = KeyEncoder::new(&chunk)?;
            for row in 0..encoder.len() {
                key.clear();
                if encoder.encode(row, &mut key) {
                    set.insert(&key);
                }
            }
        }
        Ok(set)
    }

    /// The set of keys encoded by [`KeyEncoder`]; repeated keys count once.
    pub fn from_encoded<'a>(keys: impl Iterator<Item = &'a [u8]>) -> KeySet {
        let mut set = KeySet::default();
        keys.for_each(|key| set.insert(key));
        set
    }

    fn insert(&mut self, key: &[u8]) {
        if !self.contains(key) {
            self.sum = self.sum.wrapping_add(hash::wide(key));
            self.keys.insert_unique(hash::bytes(0, key), key.into(), |key| hash::bytes(0, key));
        }
    }

    fn contains(&self, key: &[u8]) -> bool {
        self.keys.find(hash::bytes(0, key), |other| **other == *key).is_some()
    }

    /// The number of distinct keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// True when no key is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
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
}
