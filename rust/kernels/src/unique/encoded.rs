//! Duplicates among keys that are already encoded.

use super::{Duplicates, hash};
use crate::mask::Mask;

/// Duplicates over encoded keys, one a record, `None` for a key with a NULL part (S2.8). The encodings must come from
/// [`KeyEncoder`](crate::key::KeyEncoder). Costs a sort of the keys, and 32 bytes of memory each.
pub fn duplicates_encoded<'a>(keys: impl Iterator<Item = Option<&'a [u8]>>) -> Duplicates {
    let (mut entries, mut rows) = (Vec::new(), 0);
    for (row, key) in keys.enumerate() {
        rows = row + 1;
        entries.extend(key.map(|key| (hash::bytes(0, key), key, row)));
    }
    // By hash first: that compares numbers where keys would have to be fetched.
    entries.sort_unstable();
    let (mut members, mut distinct) = (Mask::zeros(rows), 0);
    for group in entries.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        distinct += 1;
        if group.len() > 1 {
            group.iter().for_each(|(_, _, row)| members.set(*row));
        }
    }
    Duplicates { keyed: entries.len() as u64, distinct, members }
}
