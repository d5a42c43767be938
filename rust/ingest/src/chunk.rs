//! One chunk of a source: decoded and judged by itself.

use crate::alone;
use crate::damage::damage;
use crate::judge::Deciding;
use crate::quarantine::{Known, Tail, Tails};
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
    /// Greatest length of a record.
    pub record_bytes: usize,
    /// The CSV header of the source, where it names other columns, or in another order, than the first source's.
    pub header: Option<Arc<str>>,
    /// Where records that are not accepted are written: what bears on them.
    pub deciding: Option<Arc<Deciding>>,
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
    /// A record for itself: the block is that record, and nothing else.
    pub alone: bool,
    /// Only the start of that record is at hand, so that it has no reading.
    pub cut: bool,
    /// The rest of another block, whose memory it does not give back.
    pub rest: bool,
    /// Number of its first line, where that does not follow from the blocks before.
    pub line: Option<u64>,
    /// The CSV header that its record is under, where that is not the source's.
    pub under: Option<Under>,
}

/// A CSV header besides the source's.
#[derive(Clone)]
pub struct Under {
    /// As it was written.
    pub header: Arc<str>,
    /// Decoders of records that are under it.
    pub decoder: MakeDecoder,
}

impl std::fmt::Debug for Under {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Under").field(&self.header).finish()
    }
}

impl From<crate::source::Block> for Block {
    fn from(block: crate::source::Block) -> Self {
        let crate::source::Block { bytes, offset, last, skipped } = block;
        Self { bytes, offset, last, skipped, ..Self::default() }
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
    /// Bytes at the start that belong to the record before.
    pub continued: u64,
    /// The last record, or the one before, goes on in the next block.
    pub unfinished: bool,
    /// What follows are records for another batch.
    pub full: bool,
    /// What could not be read.
    pub damage: Damage,
    /// What the clauses say.
    pub chunk: Chunk,
    /// Of quarantine lines: see [`Tails`].
    pub tails: Tails,
}

/// Reads and judges a block.
pub fn read(reading: &Reading, decoder: &mut dyn Decoder, block: Block) -> Read {
    // Where bytes were left out, the line that they are of ends with the block, and all that tells what it is stands before them.
    let last = block.last || block.skipped > 0;
    let decoded = match (&block.under, block.alone) {
        (Some(under), true) => alone::decode((under.decoder)().as_mut(), &block, reading.record_bytes),
        (None, true) => alone::decode(decoder, &block, reading.record_bytes),
        (_, false) => decoder.decode(&block.bytes, last),
    };
    let damage = damage(&decoded, &block.bytes, &reading.names, reading.record_bytes);
    let chunk = judge_chunk(&reading.plan, &decoded.batch, &damage, reading.masks);
    let tails = reading.deciding.as_ref().map(|deciding| tails(reading, deciding, &chunk, &damage, &decoded, &block));
    let Decoded { batch, places, consumed, separators, blank, lines, undeclared, continued, unfinished, full, .. } =
        decoded;
    Read {
        block,
        batch,
        places,
        consumed,
        separators,
        blank,
        lines,
        undeclared,
        continued,
        unfinished,
        full,
        damage,
        chunk,
        tails: tails.unwrap_or_default(),
    }
}

/// What lines of rows say that are not accepted, whatever keys among all records say of them.
fn tails(
    reading: &Reading,
    deciding: &Deciding,
    chunk: &Chunk,
    damage: &Damage,
    decoded: &Decoded,
    block: &Block,
) -> Tails {
    let (plan, none) = (&reading.plan, Vec::new());
    let refused = deciding.refused(plan, chunk, &none, 0, decoded.places.len());
    let rows = refused.iter().filter_map(|(row, status)| Some((*row, status.word()?, *decoded.places.get(*row)?)));
    let bytes: usize = rows.clone().map(|(.., place)| (place.end - place.start) as usize).sum();
    let (mut out, mut known) = (Tails::with_capacity(refused.len(), bytes), Known::default());
    let (mut all, mut found) = (deciding.reasons(plan, chunk, damage, &none, 0), Vec::new());
    for (row, word, place) in rows {
        found.clear();
        all.add(row, &mut found);
        let raw = block.bytes.get(place.start as usize..place.end as usize).unwrap_or_default();
        out.push(row, &Tail::of_bytes(word, &found, raw, raw.len() as u64, reading.record_bytes), &mut known);
    }
    out
}
