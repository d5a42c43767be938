//! RFC 6962 trees over a log: root, inclusion and consistency proofs.

use sha2::{Digest, Sha256};

/// A hash.
pub type Hash = [u8; 32];

/// The hash of a leaf.
pub fn leaf(bytes: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(bytes);
    hasher.finalize().into()
}

fn parent(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([1]);
    hasher.update(left);
    hasher.update(right);
    hasher.finalize().into()
}

/// The largest power of two below a length from 2.
fn split(length: usize) -> usize {
    let half = length.next_power_of_two() / 2;
    if half == 0 { 1 } else { half }
}

/// The root of leaves; of none it is the hash of nothing.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [one] => *one,
        _ => {
            let (left, right) = leaves.split_at_checked(split(leaves.len())).unwrap_or((leaves, &[]));
            parent(&root(left), &root(right))
        }
    }
}

/// A tree that grows leaf by leaf: of what is in it, it keeps a hash for each power of two that its size is the sum of.
#[derive(Debug, Clone, Default)]
pub struct Growing {
    size: u64,
    whole: Vec<Hash>,
}

impl Growing {
    /// Takes the hash of the next leaf.
    pub fn push(&mut self, leaf: Hash) {
        let (mut hash, mut size) = (leaf, self.size);
        while size & 1 == 1
            && let Some(left) = self.whole.pop()
        {
            hash = parent(&left, &hash);
            size >>= 1;
        }
        self.whole.push(hash);
        self.size = self.size.saturating_add(1);
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of its leaves, as [`root`] has it.
    pub fn root(&self) -> Hash {
        let mut hashes = self.whole.iter().rev();
        let Some(last) = hashes.next() else { return root(&[]) };
        hashes.fold(*last, |right, left| parent(left, &right))
    }
}

/// The path that proves a leaf; none for a position beyond the leaves.
pub fn inclusion(leaves: &[Hash], position: usize) -> Option<Vec<Hash>> {
    if position >= leaves.len() {
        return None;
    }
    if leaves.len() == 1 {
        return Some(Vec::new());
    }
    let at = split(leaves.len());
    let (left, right) = leaves.split_at_checked(at)?;
    let (mut path, other) = match position.checked_sub(at) {
        None => (inclusion(left, position)?, root(right)),
        Some(position) => (inclusion(right, position)?, root(left)),
    };
    path.push(other);
    Some(path)
}

/// Does the path prove the leaf at this position of a tree of this size?
pub fn verify_inclusion(leaf: &Hash, position: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if position >= size {
        return false;
    }
    let (mut node, mut last, mut hash) = (position, size - 1, *leaf);
    for step in path {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = parent(step, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = parent(&hash, step);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// The path that proves that the first `old` leaves are a prefix; none for sizes that are none.
pub fn consistency(leaves: &[Hash], old: usize) -> Option<Vec<Hash>> {
    if old == 0 || old > leaves.len() {
        return None;
    }
    let mut path = Vec::new();
    subproof(leaves, old, true, &mut path)?;
    Some(path)
}

fn subproof(leaves: &[Hash], old: usize, whole: bool, path: &mut Vec<Hash>) -> Option<()> {
    if old == leaves.len() {
        if !whole {
            path.push(root(leaves));
        }
        return Some(());
    }
    let at = split(leaves.len());
    let (left, right) = leaves.split_at_checked(at)?;
    match old.checked_sub(at).filter(|rest| *rest > 0) {
        None => {
            subproof(left, old, whole, path)?;
            path.push(root(right));
        }
        Some(rest) => {
            subproof(right, rest, false, path)?;
            path.push(root(left));
        }
    }
    Some(())
}

/// Does the path prove that the tree of `old` leaves with root `before` is a prefix of the one of `new` with root `after`?
pub fn verify_consistency(old: u64, new: u64, before: &Hash, after: &Hash, path: &[Hash]) -> bool {
    if old == 0 || old > new {
        return false;
    }
    if old == new {
        return path.is_empty() && before == after;
    }
    let mut steps = path.iter();
    let mut first = if old.is_power_of_two() { Some(*before) } else { steps.next().copied() };
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let Some(start) = first.take() else { return false };
    let (mut a, mut b) = (start, start);
    for step in steps {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            a = parent(step, &a);
            b = parent(step, &b);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            b = parent(&b, step);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && a == *before && b == *after
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn hex(hash: &Hash) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|number| leaf(&number.to_be_bytes())).collect()
    }

    #[test]
    fn known_roots() {
        // The empty tree and the tree of one empty leaf, as RFC 6962 defines them.
        assert_eq!(hex(&root(&[])), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hex(&root(&[leaf(b"")])), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    }

    #[test]
    fn a_tree_grows_as_the_definition_has_it() {
        let all = leaves(130);
        let mut tree = Growing::default();
        for size in 0..all.len() {
            assert_eq!((tree.size(), tree.root()), (size as u64, root(&all[..size])));
            assert_eq!(tree.whole.len() as u32, size.count_ones());
            tree.push(all[size]);
        }
    }

    #[test]
    fn every_leaf_is_proved_and_no_other() {
        for size in 1..=33_usize {
            let all = leaves(size);
            let whole = root(&all);
            for (position, own) in all.iter().enumerate() {
                let path = inclusion(&all, position).unwrap();
                assert!(verify_inclusion(own, position as u64, size as u64, &path, &whole));
                assert!(!verify_inclusion(&leaf(b"x"), position as u64, size as u64, &path, &whole));
                assert!(
                    size == 1 || !verify_inclusion(own, ((position + 1) % size) as u64, size as u64, &path, &whole)
                );
            }
        }
    }

    #[test]
    fn prefixes_are_consistent_and_edits_are_not() {
        for size in 1..=33_usize {
            let all = leaves(size);
            for old in 1..=size {
                let path = consistency(&all, old).unwrap();
                let before = root(&all[..old]);
                let ok = |before: &Hash| verify_consistency(old as u64, size as u64, before, &root(&all), &path);
                assert!(ok(&before), "{old} of {size}");
                assert!(!ok(&leaf(b"x")), "{old} of {size}");
            }
        }
    }
}
