//! The log as a tree (G6.4).

use super::{Answer, Ledger, LedgerError, Store, replay};
use crate::merkle::{self, Growing, Hash};
use crate::permit::Key;
use guard_verdict::codes::gate as codes;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

/// How checkpoints begin.
const FORMAT: &str = "guard-nb/checkpoint/v1";

/// Leaves that are read at once.
const PAGE: usize = 1_000;

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

/// Reads the log, page by page; `see` gets the position of a page's first leaf.
pub(crate) fn each_page(store: &mut dyn Store, mut see: impl FnMut(u64, Vec<String>) -> Answer<()>) -> Answer<()> {
    let mut from = 0_u64;
    loop {
        let page = store.leaves(from, PAGE)?;
        if page.is_empty() {
            return Ok(());
        }
        let next = from.saturating_add(page.len() as u64);
        see(from, page)?;
        from = next;
    }
}

/// The leaf as it was read, if it is canonical and stands in its place.
pub(super) fn placed(position: u64, leaf: &str) -> Result<Value, String> {
    let value: Value = serde_json::from_str(leaf).map_err(|_| format!("sequence {position} is no JSON"))?;
    let stands = value.get("sequence").and_then(Value::as_u64) == Some(position);
    let canonical = guard_verdict::canonical_json(&value).is_ok_and(|text| text == leaf);
    if stands && canonical { Ok(value) } else { Err(format!("sequence {position} is not what stands in its place")) }
}

/// A log's length, and its roots at the sizes that are asked for.
#[derive(Default)]
pub(super) struct Roots {
    tree: Growing,
    asked: BTreeMap<u64, Option<Hash>>,
}

impl Roots {
    fn at(sizes: impl Iterator<Item = u64>) -> Roots {
        let mut out = Roots { tree: Growing::default(), asked: sizes.map(|size| (size, None)).collect() };
        out.see();
        out
    }

    fn see(&mut self) {
        if let Some(root) = self.asked.get_mut(&self.tree.size()) {
            *root = Some(self.tree.root());
        }
    }

    /// Takes the next leaf.
    pub fn push(&mut self, leaf: &str) {
        self.tree.push(merkle::leaf(leaf.as_bytes()));
        self.see();
    }

    fn agree(&self, checkpoint: &Checkpoint) -> Result<(), String> {
        match self.asked.get(&checkpoint.size).copied().flatten() {
            None => Err(format!("the log has {} leaves; the checkpoint saw {}", self.tree.size(), checkpoint.size)),
            Some(root) if root == checkpoint.root => Ok(()),
            Some(_) => Err("the log's root is not that of the checkpoint".to_owned()),
        }
    }
}

/// Checks a log against a checkpoint: every leaf stands in its place, and the first leaves have the checkpoint's root.
///
/// # Errors
/// What does not agree, by sequence.
pub fn verify(leaves: &[String], checkpoint: Option<&Checkpoint>) -> Result<(), String> {
    let mut roots = Roots::at(checkpoint.iter().map(|checkpoint| checkpoint.size));
    for (position, leaf) in (0..).zip(leaves) {
        placed(position, leaf)?;
        roots.push(leaf);
    }
    checkpoint.map_or(Ok(()), |checkpoint| roots.agree(checkpoint))
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

    /// 32 bytes for each leaf.
    fn hashes(&self) -> Answer<Vec<Hash>> {
        self.step(|work, _| {
            let mut out = Vec::new();
            each_page(work.store, |_, page| {
                out.extend(page.iter().map(|leaf| merkle::leaf(leaf.as_bytes())));
                Ok(())
            })?;
            Ok(out)
        })
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
        let tree = self.step(|work, _| {
            let mut tree = Growing::default();
            each_page(work.store, |_, page| {
                page.iter().for_each(|leaf| tree.push(merkle::leaf(leaf.as_bytes())));
                Ok(())
            })?;
            Ok(tree)
        })?;
        let checkpoint = Checkpoint { size: tree.size(), root: tree.root() };
        checkpoint.seal(&self.key).ok_or_else(|| LedgerError::unavailable("no checkpoint can be made"))
    }

    /// Checks the log, against checkpoints of this ledger where some are given. The number of leaves. What it keeps in memory is a page
    /// of the log, some hundred bytes for each reservation that is not forgotten, and 64 hashes.
    ///
    /// # Errors
    /// `ledger-broken`, `ledger-unavailable`.
    pub fn verify(&self, checkpoints: &[&str]) -> Answer<u64> {
        let broken = |why: String| LedgerError::new(codes::LEDGER_BROKEN, why);
        let read: Vec<Option<Checkpoint>> = checkpoints.iter().map(|text| Checkpoint::open(text, &self.key)).collect();
        let mut roots = Roots::at(read.iter().flatten().map(|checkpoint| checkpoint.size));
        let agreed = self.step(|work, _| replay::agree(work.store, work.head, &mut roots, &self.key))?;
        agreed.map_err(broken)?;
        for checkpoint in &read {
            let checkpoint = checkpoint.as_ref();
            let checkpoint = checkpoint.ok_or_else(|| broken("the checkpoint is none of this ledger".to_owned()))?;
            roots.agree(checkpoint).map_err(broken)?;
        }
        Ok(roots.tree.size())
    }

    /// Leaves of the log from a sequence, as canonical JSON.
    ///
    /// # Errors
    /// `ledger-unavailable`.
    pub fn leaves(&self, from: u64) -> Answer<Vec<String>> {
        self.step(|work, _| {
            let mut out = Vec::new();
            loop {
                let mut page = work.store.leaves(from.saturating_add(out.len() as u64), PAGE)?;
                if page.is_empty() {
                    return Ok(out);
                }
                out.append(&mut page);
            }
        })
    }
}
