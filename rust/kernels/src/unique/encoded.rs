//! Duplicates among keys that are already encoded.

use hashbrown::HashTable;

use super::{Duplicates, hash};
use crate::mask::Mask;

struct Group<'a> {
    key: &'a [u8],
    first: usize,
    shared: bool,
}

/// Duplicates over encoded keys, one a record, `None` for a key with a NULL part (S2.8). The encodings must come from
/// [`KeyEncoder`](crate::key::KeyEncoder). Memory: about 40 bytes a distinct key.
pub fn duplicates_encoded<'a>(keys: impl Iterator<Item = Option<&'a [u8]>>) -> Duplicates {
    let mut groups: HashTable<Group<'a>> = HashTable::new();
    let (mut members, mut keyed, mut rows) = (Vec::new(), 0, 0);
    for (row, key) in keys.enumerate() {
        rows = row + 1;
        let Some(key) = key else { continue };
        keyed += 1;
        let hash = hash::bytes(0, key);
        match groups.find_mut(hash, |group| group.key == key) {
            Some(group) => {
                if !group.shared {
                    members.push(group.first);
                    group.shared = true;
                }
                members.push(row);
            }
            None => {
                let group = Group { key, first: row, shared: false };
                groups.insert_unique(hash, group, |group| hash::bytes(0, group.key));
            }
        }
    }
    let mut mask = Mask::zeros(rows);
    members.into_iter().for_each(|row| mask.set(row));
    Duplicates { keyed, distinct: groups.len() as u64, members: mask }
}
