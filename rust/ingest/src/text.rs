//! The records of one text source, chunk by chunk in order.

use crate::chunk::{Block, Read, Reading, read};
use crate::error::IngestError;
use crate::parallel::{Blocks, Left, Parallel};
use guard_decode::Decoder;
use std::sync::Arc;

/// A chunk and where it stands in its source.
pub struct Placed {
    /// The chunk.
    pub read: Box<Read>,
    /// Number of its first record.
    pub record: u64,
    /// Number of its first line, from 1.
    pub line: u64,
}

/// A text source being read.
pub struct TextSource {
    parallel: Parallel,
    reading: Reading,
    /// For blocks that are read again.
    decoder: Box<dyn Decoder>,
    left: Left,
    /// Records of the latest block that were too many for one batch.
    rest: Option<Block>,
    record: u64,
    line: u64,
    ended: bool,
}

impl TextSource {
    /// Starts reading. `line` is the number of the first line.
    pub fn start(blocks: Box<dyn Blocks>, reading: Reading, threads: usize, line: u64) -> Result<Self, IngestError> {
        let threads = if reading.in_order { 1 } else { threads };
        let parallel = Parallel::start(blocks, &reading, threads)?;
        let decoder = (reading.decoder)();
        Ok(Self { parallel, reading, decoder, left: Left::default(), rest: None, record: 0, line, ended: false })
    }

    /// The next chunk; none at the end.
    pub fn next(&mut self) -> Result<Option<Placed>, IngestError> {
        if self.ended {
            return Ok(None);
        }
        let mut found = match self.rest.take() {
            Some(rest) => Box::new(read(&self.reading, self.decoder.as_mut(), rest)),
            None => self.following()?,
        };
        self.rest = self.left.take_from(&mut found);
        self.ended = found.block.last;
        let line = found.block.line.unwrap_or(self.line);
        let placed = Placed { record: self.record, line, read: found };
        self.record += placed.read.places.len() as u64;
        self.line += u64::from(placed.read.lines);
        Ok(Some(placed))
    }

    /// The next block that was read; if the one before left bytes over, it is read again with these.
    fn following(&mut self) -> Result<Box<Read>, IngestError> {
        let unfinished =
            || IngestError::new("internal-error", "reading stopped before the end; this is a fault of guard_nb");
        let mut found = self.parallel.next().ok_or_else(unfinished)??;
        if !self.left.is_empty() {
            let mut block = std::mem::take(&mut found.block);
            self.left.put_before(&mut block);
            *found = read(&self.reading, self.decoder.as_mut(), block);
        }
        Ok(found)
    }

    /// See [`Reading::header`].
    pub fn header(&self) -> Option<Arc<str>> {
        self.reading.header.clone()
    }

    /// Gives a chunk's memory back.
    pub fn done(&self, block: Block) {
        if !block.rest {
            self.parallel.give_back(block.bytes);
        }
    }
}
