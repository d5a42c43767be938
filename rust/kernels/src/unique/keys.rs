//! The key columns of a frame, read in blocks.

use arrow_array::{Array, ArrayRef};
use arrow_buffer::BooleanBuffer;
use arrow_schema::DataType;
use std::ops::Range;

use super::column::{Column, Encoded, plain, valid_rows};
use super::{chunks, hash};
use crate::key::{KeyEncoder, UnsupportedKey};

/// Rows read at a time: hashes and rows of a block stay in the first-level cache.
pub(super) const BLOCK: usize = 1024;

struct Chunk {
    start: usize,
    len: usize,
    valid: Option<BooleanBuffer>,
    columns: Vec<Box<dyn Column>>,
    encoder: KeyEncoder,
}

/// The key columns of a frame.
pub(super) struct Keys {
    chunks: Vec<Chunk>,
    rows: usize,
    fixed: bool,
}

impl Keys {
    pub(super) fn new(columns: &[Vec<ArrayRef>]) -> Result<Keys, UnsupportedKey> {
        let uniform: Vec<bool> = columns.iter().map(|column| one_type(column)).collect();
        let mut keys = Keys { chunks: Vec::new(), rows: 0, fixed: columns.len() == 1 };
        for arrays in chunks(columns)? {
            let encoder = KeyEncoder::new(&arrays)?;
            let columns = arrays.iter().zip(&uniform).map(|(array, uniform)| column(array, *uniform));
            let columns = columns.collect::<Result<Vec<_>, _>>()?;
            keys.fixed &= columns.iter().all(|column| column.is_fixed());
            let (start, len) = (keys.rows, encoder.len());
            keys.chunks.push(Chunk { start, len, valid: valid_rows(&arrays), columns, encoder });
            keys.rows += len;
        }
        Ok(keys)
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// True when keys are single values of at most 64 bits: [`Block::words`] works, and equal hashes mean equal keys.
    pub(super) fn is_fixed(&self) -> bool {
        self.fixed
    }

    /// Even shares of the rows for a number of threads.
    pub(super) fn shares(&self, threads: usize) -> Vec<Range<usize>> {
        let share = self.rows.div_ceil(threads.max(1)).next_multiple_of(64).max(64);
        (0..self.rows).step_by(share).map(|from| from..(from + share).min(self.rows)).collect()
    }

    /// The blocks of a range of rows, in order.
    pub(super) fn blocks(&self, range: Range<usize>) -> impl Iterator<Item = Block<'_>> {
        let first = self.chunks.partition_point(|chunk| chunk.start + chunk.len <= range.start);
        let chunks = self.chunks.get(first..).unwrap_or_default();
        chunks.iter().take_while(move |chunk| chunk.start < range.end).flat_map(move |chunk| {
            let from = range.start.max(chunk.start) - chunk.start;
            let to = range.end.min(chunk.start + chunk.len) - chunk.start;
            (from..to).step_by(BLOCK).map(move |at| Block { chunk, at, len: BLOCK.min(to - at) })
        })
    }

    fn find(&self, row: usize) -> Option<(&Chunk, usize)> {
        let chunk = self.chunks.get(self.chunks.partition_point(|chunk| chunk.start <= row).checked_sub(1)?)?;
        Some((chunk, row - chunk.start))
    }

    /// Appends the encoded key of a row.
    pub(super) fn encode(&self, row: usize, out: &mut Vec<u8>) {
        if let Some((chunk, at)) = self.find(row) {
            chunk.encoder.encode(at, out);
        }
    }

    /// True when two keyed rows have the same key.
    pub(super) fn same(&self, a: usize, b: usize) -> bool {
        let (Some((chunk_a, at_a)), Some((chunk_b, at_b))) = (self.find(a), self.find(b)) else {
            return false;
        };
        if let ([column_a], [column_b]) = (chunk_a.columns.as_slice(), chunk_b.columns.as_slice())
            && let (Some(a), Some(b)) = (column_a.bytes(at_a), column_b.bytes(at_b))
        {
            return a == b;
        }
        let (mut key_a, mut key_b) = (Vec::with_capacity(64), Vec::with_capacity(64));
        chunk_a.encoder.encode(at_a, &mut key_a) && chunk_b.encoder.encode(at_b, &mut key_b) && key_a == key_b
    }
}

/// True when all chunks share a type that has a fast path.
fn one_type(chunks: &[ArrayRef]) -> bool {
    chunks.windows(2).all(|pair| matches!(pair, [a, b] if same_type(a.data_type(), b.data_type())))
}

fn same_type(a: &DataType, b: &DataType) -> bool {
    match (a, b) {
        // The zone does not count, only that there is one.
        (DataType::Timestamp(unit_a, zone_a), DataType::Timestamp(unit_b, zone_b)) => {
            unit_a == unit_b && zone_a.is_some() == zone_b.is_some()
        }
        _ => a == b,
    }
}

fn column(array: &ArrayRef, uniform: bool) -> Result<Box<dyn Column>, UnsupportedKey> {
    match plain(array).filter(|_| uniform) {
        Some(column) => Ok(column),
        None => Ok(Box::new(Encoded::new(array)?)),
    }
}

/// Buffers for the keys of one block.
pub(super) struct Scratch {
    hashes: Vec<u64>,
    part: Vec<u64>,
    words: Vec<i64>,
}

impl Scratch {
    pub(super) fn new() -> Scratch {
        Scratch { hashes: vec![0; BLOCK], part: vec![0; BLOCK], words: vec![0; BLOCK] }
    }
}

/// Up to [`BLOCK`] consecutive rows of one chunk.
pub(super) struct Block<'a> {
    chunk: &'a Chunk,
    at: usize,
    len: usize,
}

impl Block<'_> {
    /// The keyed rows when some row is not.
    fn valid(&self) -> Option<BooleanBuffer> {
        let valid = self.chunk.valid.as_ref()?.slice(self.at, self.len);
        (valid.count_set_bits() < self.len).then_some(valid)
    }

    /// The hashes of the keyed rows.
    pub(super) fn hashes<'s>(&self, scratch: &'s mut Scratch) -> &'s [u64] {
        let Scratch { hashes, part, .. } = scratch;
        let (hashes, _) = hashes.split_at_mut(self.len);
        let (part, _) = part.split_at_mut(self.len);
        for (nth, column) in self.chunk.columns.iter().enumerate() {
            if nth == 0 {
                column.hashes(self.at, hashes);
                continue;
            }
            column.hashes(self.at, part);
            hashes.iter_mut().zip(part.iter()).for_each(|(hash, part)| *hash = hash::combine(*hash, *part));
        }
        self.keep_valid(hashes)
    }

    /// The words of the keyed rows of a fixed key.
    pub(super) fn words<'s>(&self, scratch: &'s mut Scratch) -> &'s [i64] {
        let (words, _) = scratch.words.split_at_mut(self.len);
        for column in &self.chunk.columns {
            column.words(self.at, words);
        }
        self.keep_valid(words)
    }

    fn keep_valid<'s, T: Copy>(&self, values: &'s mut [T]) -> &'s [T] {
        let Some(valid) = self.valid() else {
            return values;
        };
        let mut kept = 0;
        for from in valid.set_indices() {
            values.copy_within(from..from + 1, kept);
            kept += 1;
        }
        values.split_at(kept).0
    }

    /// Calls `visit` with the row and the value of each keyed row; `values` are those of the keyed rows.
    pub(super) fn each<T: Copy>(&self, values: &[T], mut visit: impl FnMut(usize, T)) {
        let start = self.chunk.start + self.at;
        match self.valid() {
            None => values.iter().enumerate().for_each(|(i, value)| visit(start + i, *value)),
            Some(valid) => valid.set_indices().zip(values).for_each(|(i, value)| visit(start + i, *value)),
        }
    }
}

/// Runs `work` on each item on a thread of its own (the first on this one) and gives the results in order.
pub(super) fn on_threads<I: Send, R: Send>(items: Vec<I>, work: impl Fn(I) -> R + Sync) -> Vec<R> {
    let mut items = items.into_iter();
    let Some(first) = items.next() else {
        return Vec::new();
    };
    std::thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> = items.map(|item| scope.spawn(move || work(item))).collect();
        let mut results = vec![work(first)];
        for other in others {
            match other.join() {
                Ok(result) => results.push(result),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    })
}
