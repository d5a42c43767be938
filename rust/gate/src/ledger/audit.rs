//! The log as a tree (G6.4).

use super::{Answer, Ledger, LedgerError, Store, replay};
use crate::merkle::{self, Hash};
use crate::permit::Key;
use guard_verdict::codes::gate as codes;
use serde_json::Value;
use std::fmt::Write;

/// How checkpoints begin.
const FORMAT: &str = "guard-nb/checkpoint/v1";

/// The log's length and root at a time, with a MAC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Number of leaves.
    pub size: u64,
    /// Root of their tree.
    pub root: Hash,
}

fn hex(hash: &Hash) -> String {
    hash.iter().fold(String::new(), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn of_hex(text: &str) -> Option<Hash> {
    let bytes: Option<Vec<u8>> =
        text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    let hash: Hash = bytes?.try_into().ok()?;
    (hex(&hash) == text).then_some(hash)
}

impl Checkpoint {
    fn seal(&self, key: &Key) -> Option<String> {
        let text = format!("{FORMAT}\n{}\n{}", self.size, hex(&self.root));
        let mac = key.mac("checkpoint", &text)?;
        Some(format!("{text}\n{mac}"))
    }

    fn open(text: &str, key: &Key) -> Option<Checkpoint> {
        let (body, mac) = text.rsplit_once('\n')?;
        if !key.verifies("checkpoint", body, mac) {
            return None;
        }
        let mut lines = body.split('\n');
        if lines.next()? != FORMAT {
            return None;
        }
        Some(Checkpoint { size: lines.next()?.parse().ok()?, root: of_hex(lines.next()?)? })
    }
}

/// Checks a log against a checkpoint: every leaf stands in its place, and the first leaves have the checkpoint's root.
///
/// # Errors
/// What does not agree, by sequence.
pub fn verify(leaves: &[String], checkpoint: Option<&Checkpoint>) -> Result<(), String> {
    for (position, leaf) in leaves.iter().enumerate() {
        let value: Value = serde_json::from_str(leaf).map_err(|_| format!("sequence {position} is no JSON"))?;
        let stands = value.get("sequence").and_then(Value::as_u64) == Some(position as u64);
        let canonical = guard_verdict::canonical_json(&value).is_ok_and(|text| text == *leaf);
        if !stands || !canonical {
            return Err(format!("sequence {position} is not what stands in its place"));
        }
    }
    let Some(checkpoint) = checkpoint else { return Ok(()) };
    let size = usize::try_from(checkpoint.size).unwrap_or(usize::MAX);
    let Some(before) = leaves.get(..size) else {
        return Err(format!("the log has {} leaves; the checkpoint saw {}", leaves.len(), checkpoint.size));
    };
    let hashes: Vec<Hash> = before.iter().map(|leaf| merkle::leaf(leaf.as_bytes())).collect();
    if merkle::root(&hashes) == checkpoint.root {
        Ok(())
    } else {
        Err("the log's root is not that of the checkpoint".to_owned())
    }
}

impl Ledger {
    /// The path that proves an entry of the log against the root of all of it.
    ///
    /// # Errors
    /// `ledger-unavailable`.
    pub fn inclusion(&self, sequence: u64) -> Answer<Option<Vec<Hash>>> {
        let hashes = self.hashes()?;
        Ok(usize::try_from(sequence).ok().and_then(|at| merkle::inclusion(&hashes, at)))
    }

    /// The path that proves that the log of so many entries is the start of this one.
    ///
    /// # Errors
    /// `ledger-unavailable`.
    pub fn consistency(&self, size: u64) -> Answer<Option<Vec<Hash>>> {
        let hashes = self.hashes()?;
        Ok(usize::try_from(size).ok().and_then(|size| merkle::consistency(&hashes, size)))
    }

    fn hashes(&self) -> Answer<Vec<Hash>> {
        let leaves = self.step(|work, _| work.store.leaves(0))?;
        Ok(leaves.iter().map(|leaf| merkle::leaf(leaf.as_bytes())).collect())
    }

    /// Looks at what the ledger holds, as of one moment by its clock.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut dyn Store) -> Answer<T>) -> Answer<(T, i64)> {
        self.step(|work, now| Ok((look(work.store)?, now)))
    }

    /// The canonical proposal of an id.
    ///
    /// # Errors
    /// `ledger-unavailable`.
    pub fn proposal(&self, id: &str) -> Answer<Option<String>> {
        self.step(|work, _| Ok(work.store.record(id)?.map(|record| record.canonical)))
    }

    /// The log so far: size and root, with a MAC. Keep it elsewhere.
    ///
    /// # Errors
    /// `ledger-unavailable`.
    pub fn checkpoint(&self) -> Answer<String> {
        let hashes = self.hashes()?;
        let checkpoint = Checkpoint { size: hashes.len() as u64, root: merkle::root(&hashes) };
        checkpoint.seal(&self.key).ok_or_else(|| LedgerError::unavailable("no checkpoint can be made"))
    }

    /// Checks the log, against checkpoints of this ledger where some are given. The number of leaves.
    ///
    /// # Errors
    /// `ledger-broken`, `ledger-unavailable`.
    pub fn verify(&self, checkpoints: &[&str]) -> Answer<u64> {
        let broken = |why: String| LedgerError::new(codes::LEDGER_BROKEN, why);
        let (leaves, agreed) = self.step(|work, _| {
            let leaves = work.store.leaves(0)?;
            let agreed = match verify(&leaves, None) {
                Ok(()) => replay::agree(work.store, work.head, &leaves)?,
                wrong => wrong,
            };
            Ok((leaves, agreed))
        })?;
        agreed.map_err(broken)?;
        for text in checkpoints {
            let checkpoint = Checkpoint::open(text, &self.key);
            let checkpoint = checkpoint.ok_or_else(|| broken("the checkpoint is none of this ledger".to_owned()))?;
            verify(&leaves, Some(&checkpoint)).map_err(broken)?;
        }
        Ok(leaves.len() as u64)
    }

    /// Leaves of the log from a sequence, as canonical JSON.
    ///
    /// # Errors
    /// `ledger-unavailable`.
    pub fn leaves(&self, from: u64) -> Answer<Vec<String>> {
        self.step(|work, _| work.store.leaves(from))
    }
}
