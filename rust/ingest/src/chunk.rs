//! One chunk of a source: decoded and judged by itself.

use crate::damage::damage;
use arrow_array::RecordBatch;
use guard_decode::{Decoded, Decoder, Place};
use guard_engine::plan::Plan;
use guard_engine::run::{Chunk, Damage, judge_chunk};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Makes decoders of one source; each thread has its own.
pub type MakeDecoder = Arc<dyn Fn() -> Box<dyn Decoder> + Send + Sync>;

/// What every chunk of a source needs.
#[derive(Clone)]
pub struct Reading {
    /// The plan.
    pub plan: Arc<Plan>,
    /// Decoders.
    pub decoder: MakeDecoder,
    /// Declared names by those in the source.
    pub names: Arc<HashMap<String, String>>,
    /// Whether each clause says which rows it fails on.
    pub masks: bool,
    /// Decoders remember what came before: one thread only.
    pub in_order: bool,
}

/// Bytes of a source, cut where a line ends.
#[derive(Debug, Default)]
pub struct Block {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Where they start in the source.
    pub offset: u64,
    /// Nothing follows.
    pub last: bool,
    /// Bytes after these that were dropped; they belong to the last record, which is too large.
    pub skipped: u64,
    /// A record for itself: it ends with the block.
    pub alone: bool,
}

impl From<crate::source::Block> for Block {
    fn from(block: crate::source::Block) -> Self {
        let crate::source::Block { bytes, offset, last, skipped } = block;
        Self { bytes, offset, last, skipped, alone: false }
    }
}

/// A block that was read.
pub struct Read {
    /// What was read; bytes beyond `consumed` start the next block.
    pub block: Block,
    /// One row a record.
    pub batch: RecordBatch,
    /// Where each record lies.
    pub places: Vec<Place>,
    /// Bytes that make records, and those between.
    pub consumed: usize,
    /// Separators.
    pub separators: u64,
    /// Blank lines.
    pub blank: u64,
    /// Line breaks.
    pub lines: u32,
    /// Undeclared names.
    pub undeclared: BTreeSet<String>,
    /// What could not be read.
    pub damage: Damage,
    /// What the clauses say.
    pub chunk: Chunk,
}

/// Reads and judges a block.
pub fn read(reading: &Reading, decoder: &mut dyn Decoder, block: Block) -> Read {
    let decoded = decoder.decode(&block.bytes, block.last || block.alone);
    let damage = damage(&decoded, &block.bytes, &reading.names);
    let chunk = judge_chunk(&reading.plan, &decoded.batch, &damage, reading.masks);
    let Decoded { batch, places, consumed, separators, blank, lines, undeclared, .. } = decoded;
    Read { block, batch, places, consumed, separators, blank, lines, undeclared, damage, chunk }
}
