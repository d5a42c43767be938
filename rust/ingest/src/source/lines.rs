//! A text source as blocks of whole lines.

use super::failure;
use super::unwrap::{Feed, Stream};
use crate::error::IngestError;
use crate::format::BOM;
use memchr::{memchr, memchr2, memrchr};
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

/// Least number of bytes asked of the reader at a time when a line goes on.
const STEP: usize = 64 << 10;
/// Buffers kept for reuse.
const SPARE: usize = 8;

/// Where a block may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cut {
    /// After a line feed (JSON's lines).
    Lf,
    /// After a line feed; where a block has none, after a carriage return that no line feed follows (CSV).
    LfOrCr,
    /// Anywhere (elements of a JSON array, which may all stand on one line). Nothing is ever skipped.
    Anywhere,
}

/// Bytes of a source, in order and without gaps except for `skipped`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    /// Whole lines, unless the source or [`Lines::put_back`] makes it otherwise.
    pub bytes: Vec<u8>,
    /// Place of the first byte in the source: after decompression and, where there is one, the change of encoding.
    pub offset: u64,
    /// Nothing comes after this block. Exactly one block is the last; of an empty source it is empty.
    pub last: bool,
    /// Bytes left out of the block's last line, just before its line break (before the end, where it has none). More than 0 only for
    /// a line longer than a record may be; they belong to the record at the block's end. The next block starts at `offset + bytes.len() + skipped`.
    pub skipped: u64,
}

/// What blocks are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks {
    /// About so many bytes each, at least 1.
    pub chunk_bytes: usize,
    /// Greatest length of a record.
    pub record_bytes: usize,
    /// Where they end.
    pub cut: Cut,
}

/// A reader of blocks. Where blocks end depends on the bytes and on [`Blocks`] only, not on how the bytes arrive.
///
/// A block ends after the last line break among its first `chunk_bytes`, else after the first one beyond. A line of more than `record_bytes`, with no break
/// within `record_bytes + chunk_bytes`, is cut short (`skipped`); no more than that is ever held in memory, besides what was put back.
pub struct Lines {
    name: String,
    feed: Feed,
    blocks: Blocks,
    /// Read and not handed out.
    pending: Vec<u8>,
    /// Bytes at the start of `pending` that were put back.
    floor: usize,
    /// Place of the first byte of `pending`.
    offset: u64,
    header: Option<u64>,
    /// The reader has no more.
    ended: bool,
    /// The last block is out, or an error.
    done: bool,
    spare: Vec<Vec<u8>>,
    /// A regular file and the length up to which it is read.
    watched: Option<(File, u64)>,
    converted: Arc<AtomicI64>,
}

impl Lines {
    /// Blocks of any reader; `name` is for messages.
    pub fn new(name: impl Into<String>, reader: Stream, blocks: Blocks) -> Self {
        Self::fed(name.into(), Feed::Any(reader), blocks)
    }

    pub(super) fn fed(name: String, feed: Feed, blocks: Blocks) -> Self {
        let blocks = Blocks { chunk_bytes: blocks.chunk_bytes.max(1), ..blocks };
        Self {
            name,
            feed,
            blocks,
            pending: Vec::new(),
            floor: 0,
            offset: 0,
            header: None,
            ended: false,
            done: false,
            spare: Vec::new(),
            watched: None,
            converted: Arc::default(),
        }
    }

    /// Notices a file that is longer in the end than when it was opened.
    pub(crate) fn watching(mut self, watched: Option<(File, u64)>) -> Self {
        self.watched = watched;
        self
    }

    /// Counts what the change of encoding adds.
    pub(crate) fn converting(mut self, converted: Arc<AtomicI64>) -> Self {
        self.converted = converted;
        self
    }

    /// Bytes that the change to UTF-8 has added to those read so far, less than 0 where it took some.
    pub(crate) fn converted(&self) -> Arc<AtomicI64> {
        self.converted.clone()
    }

    /// Bytes of a byte order mark at the start, which are in no block: 3 or 0. Known after the first block.
    pub fn header_bytes(&self) -> u64 {
        self.header.unwrap_or(0)
    }

    /// Says so when the file has grown while it was read; what came later was not read, and the last record may be cut off. To be asked after the last block.
    pub fn notice(&self) -> Option<String> {
        let (file, length) = self.watched.as_ref()?;
        let now = file.metadata().ok()?.len();
        (now > *length).then(|| {
            format!("`{}` grew from {length} to {now} bytes while it was read: what was added was not read", self.name)
        })
    }

    /// The next block; None after the last one, or after an error.
    ///
    /// # Errors
    /// `file-unreadable` (ends early, shrank, is damaged), `ratio-exceeded`, `permission-denied`.
    #[expect(clippy::should_implement_trait, reason = "fallible, and blocks are given back")]
    pub fn next(&mut self) -> Result<Option<Block>, IngestError> {
        if self.done {
            return Ok(None);
        }
        let found = self.advance();
        self.done = found.as_ref().map_or(true, |block| block.last);
        found.map(Some)
    }

    /// Puts the rest of the latest block back in front of the next one: a record that goes on beyond its line. The next block has at least one byte or
    /// line more than that. Has no effect after the last block.
    pub fn put_back(&mut self, rest: &[u8]) {
        if self.done || rest.is_empty() {
            return;
        }
        self.pending.splice(..0, rest.iter().copied());
        self.floor = rest.len();
        self.offset = self.offset.saturating_sub(rest.len() as u64);
    }

    /// Takes a block's buffer for reuse.
    pub fn give_back(&mut self, mut buffer: Vec<u8>) {
        let most = self.blocks.chunk_bytes.saturating_mul(4).saturating_add(STEP);
        if self.spare.len() < SPARE && buffer.capacity() <= most {
            buffer.clear();
            self.spare.push(buffer);
        }
    }

    fn advance(&mut self) -> Result<Block, IngestError> {
        if self.header.is_none() {
            self.fill(BOM.len())?;
            let header = if self.pending.starts_with(BOM) { BOM.len() } else { 0 };
            self.pending.drain(..header);
            self.header = Some(header as u64);
            self.offset = header as u64;
        }
        let floor = std::mem::take(&mut self.floor);
        let target = floor.saturating_add(self.blocks.chunk_bytes);
        // One byte more tells whether this is the end, and whether a carriage return stands alone.
        self.fill(target.saturating_add(1))?;
        if self.ended && self.pending.len() <= target {
            return self.cut_at(self.pending.len());
        }
        if self.blocks.cut == Cut::Anywhere {
            return self.cut_at(target);
        }
        match self.last_break(floor, target) {
            Some(at) => self.cut_at(at + 1),
            None => self.line_beyond(target),
        }
    }

    /// A block that ends with the line which goes on beyond `target`.
    fn line_beyond(&mut self, target: usize) -> Result<Block, IngestError> {
        let limit = self.blocks.record_bytes.saturating_add(self.blocks.chunk_bytes).max(target);
        let mut from = target.saturating_sub(1);
        loop {
            if let Some(at) = self.first_break(from) {
                return self.cut_at(at + 1);
            }
            if self.ended && self.pending.len() <= limit {
                return self.cut_at(self.pending.len());
            }
            if self.pending.len() > limit {
                break;
            }
            // The last byte is looked at again: a carriage return may have waited for its successor.
            from = from.max(self.pending.len().saturating_sub(1));
            let step = self.blocks.chunk_bytes.max(STEP);
            self.fill(self.pending.len().saturating_add(step).min(limit.saturating_add(1)))?;
        }
        let start = self.last_break(0, limit).map_or(0, |at| at + 1);
        if limit - start <= self.blocks.record_bytes {
            // Lines were put back, and the last one may yet be a record: the next block has the rest of it.
            return self.cut_at(limit);
        }
        self.cut_short(limit)
    }

    /// A block of the first `kept` bytes and the line break that ends their line; what is between is left out.
    fn cut_short(&mut self, kept: usize) -> Result<Block, IngestError> {
        let mut block = self.split(kept);
        let mut from = 0;
        loop {
            if let Some(at) = self.first_break(from) {
                let after_cr =
                    at > 0 && self.pending.get(at - 1) == Some(&b'\r') && self.pending.get(at) == Some(&b'\n');
                let start = at - usize::from(after_cr);
                block.bytes.extend_from_slice(self.pending.get(start..=at).unwrap_or_default());
                self.pending.drain(..=at);
                block.skipped += start as u64;
                break;
            }
            // A carriage return may be of the line break; at the end it is one.
            let waiting = usize::from(self.pending.last() == Some(&b'\r'));
            let dropped = self.pending.len() - waiting;
            self.pending.drain(..dropped);
            block.skipped += dropped as u64;
            if self.ended {
                block.bytes.append(&mut self.pending);
                break;
            }
            from = 0;
            self.fill(waiting + STEP)?;
        }
        self.finish(block)
    }

    fn cut_at(&mut self, at: usize) -> Result<Block, IngestError> {
        let block = self.split(at);
        self.finish(block)
    }

    /// Takes the first `at` bytes off.
    fn split(&mut self, at: usize) -> Block {
        let mut rest = self.spare.pop().unwrap_or_default();
        rest.extend_from_slice(self.pending.get(at..).unwrap_or_default());
        self.pending.truncate(at);
        Block { bytes: std::mem::replace(&mut self.pending, rest), offset: self.offset, last: false, skipped: 0 }
    }

    /// Looks ahead whether more comes, and moves on.
    fn finish(&mut self, mut block: Block) -> Result<Block, IngestError> {
        self.fill(1)?;
        block.last = self.pending.is_empty();
        self.offset = block.offset.saturating_add(block.bytes.len() as u64).saturating_add(block.skipped);
        Ok(block)
    }

    /// Reads until `pending` has `length` bytes, or to the end.
    fn fill(&mut self, length: usize) -> Result<(), IngestError> {
        let need = length.saturating_sub(self.pending.len());
        if need == 0 || self.ended {
            return Ok(());
        }
        let got = self.feed.append(need, &mut self.pending);
        let got = got.map_err(|error| failure::unreadable(&self.name, &error))?;
        self.ended = got < need;
        Ok(())
    }

    /// The last place in `pending[from..to]` after which a block may end.
    fn last_break(&self, from: usize, to: usize) -> Option<usize> {
        let part = self.pending.get(from..to)?;
        if let Some(at) = memrchr(b'\n', part) {
            return Some(from + at);
        }
        if self.blocks.cut != Cut::LfOrCr {
            return None;
        }
        // No line feed in it, so that only the last byte can be half of a pair; what follows it is in `pending`, or the source ends.
        let paired = part.last() == Some(&b'\r') && self.pending.get(to) == Some(&b'\n');
        memrchr(b'\r', part.get(..part.len() - usize::from(paired))?).map(|at| from + at)
    }

    /// The first place in `pending[from..]` after which a block may end; a carriage return at the end of what was read is none yet.
    fn first_break(&self, from: usize) -> Option<usize> {
        let part = self.pending.get(from..)?;
        if self.blocks.cut != Cut::LfOrCr {
            return memchr(b'\n', part).map(|at| from + at);
        }
        let at = from + memchr2(b'\n', b'\r', part)?;
        match (self.pending.get(at), self.pending.get(at + 1)) {
            (Some(b'\r'), Some(b'\n')) => Some(at + 1),
            (Some(b'\r'), None) if !self.ended => None,
            _ => Some(at),
        }
    }
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("name", &self.name).field("offset", &self.offset).finish_non_exhaustive()
    }
}
