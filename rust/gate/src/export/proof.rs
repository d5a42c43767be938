//! Proofs as documents that are checked without the ledger (RFC 6962).

use crate::ledger::Checkpoint;
use crate::merkle::{self, Hash};
use serde_json::{Value, json};

/// The format of both kinds.
pub const FORMAT: &str = "guard-nb/proof/v1";
/// How checkpoints begin.
const CHECKPOINT: &str = "guard-nb/checkpoint/";

fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn of_hex(text: &str) -> Option<Hash> {
    let pairs = text.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> =
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    let hash: Hash = bytes?.try_into().ok()?;
    (hex(&hash) == text).then_some(hash)
}

fn hashes(leaves: &[String]) -> Vec<Hash> {
    leaves.iter().map(|leaf| merkle::leaf(leaf.as_bytes())).collect()
}

fn path(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(hex).collect()
}

/// Size and root of a checkpoint. Its MAC is the ledger's to check; whoever kept the text vouches for it.
pub fn read_checkpoint(text: &str) -> Option<Checkpoint> {
    let mut lines = text.lines();
    lines.next()?.strip_prefix(CHECKPOINT)?;
    Some(Checkpoint { size: lines.next()?.parse().ok()?, root: of_hex(lines.next()?)? })
}

/// That an entry stands in the log of the first `size` entries; none for an entry that is not there.
pub fn inclusion(leaves: &[String], sequence: u64, size: u64) -> Option<Value> {
    let known = leaves.get(..usize::try_from(size).ok()?)?;
    let at = usize::try_from(sequence).ok()?;
    let leaf = known.get(at)?;
    let hashes = hashes(known);
    Some(json!({
        "format": FORMAT, "proves": "inclusion", "sequence": sequence, "entry": leaf,
        "size": size, "root": hex(&merkle::root(&hashes)), "path": path(&merkle::inclusion(&hashes, at)?),
    }))
}

/// That the first `old` entries are the start of the first `new`; none for sizes that are none.
pub fn consistency(leaves: &[String], old: u64, new: u64) -> Option<Value> {
    let known = leaves.get(..usize::try_from(new).ok()?)?;
    let hashes = hashes(known);
    let old_size = usize::try_from(old).ok()?;
    let before = merkle::root(hashes.get(..old_size)?);
    Some(json!({
        "format": FORMAT, "proves": "consistency", "old": {"size": old, "root": hex(&before)},
        "new": {"size": new, "root": hex(&merkle::root(&hashes))}, "path": path(&merkle::consistency(&hashes, old_size)?),
    }))
}

/// How a proof stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// It holds, and every root in it is that of a checkpoint.
    Proved(String),
    /// It holds in itself; no checkpoint vouches for a root of this size.
    Unvouched(u64),
    /// It does not hold.
    False(String),
}

/// Checks a proof; none for what is no proof of this format.
pub fn check(proof: &Value, checkpoints: &[Checkpoint]) -> Option<Checked> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    if text(proof, "format")? != FORMAT {
        return None;
    }
    let steps =
        proof.get("path")?.as_array()?.iter().map(|step| of_hex(step.as_str()?)).collect::<Option<Vec<Hash>>>()?;
    let tree =
        |value: &Value| Some(Checkpoint { size: value.get("size")?.as_u64()?, root: of_hex(&text(value, "root")?)? });
    let (holds, trees, said) = match text(proof, "proves")?.as_str() {
        "inclusion" => {
            let (whole, at) = (tree(proof)?, proof.get("sequence")?.as_u64()?);
            let leaf = merkle::leaf(text(proof, "entry")?.as_bytes());
            let holds = merkle::verify_inclusion(&leaf, at, whole.size, &steps, &whole.root);
            (holds, vec![whole.clone()], format!("entry {at} stands in the log of {} entries", whole.size))
        }
        "consistency" => {
            let (old, new) = (tree(proof.get("old")?)?, tree(proof.get("new")?)?);
            let holds = merkle::verify_consistency(old.size, new.size, &old.root, &new.root, &steps);
            let said = format!("the log of {} entries is the start of that of {}", old.size, new.size);
            (holds, vec![old, new], said)
        }
        _ => return None,
    };
    if !holds {
        return Some(Checked::False("the path does not lead to the root".to_owned()));
    }
    for tree in trees {
        let mut of_size = checkpoints.iter().filter(|known| known.size == tree.size).peekable();
        if of_size.peek().is_none() {
            return Some(Checked::Unvouched(tree.size));
        }
        if !of_size.all(|known| known.root == tree.root) {
            return Some(Checked::False(format!("the root of {} entries is not that of the checkpoint", tree.size)));
        }
    }
    Some(Checked::Proved(said))
}
