//! Quarantine files as a source (S10.5): each record's raw bytes are read as they once were, and judged again.

use crate::chunk::Block;
use crate::error::IngestError;
use crate::parallel;
use crate::quarantine::FORMAT;
use crate::source::Lines;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The first line of a quarantine file.
#[derive(Debug, Clone, Deserialize)]
pub struct Header {
    format: String,
    /// How the records were written.
    pub input: InputFormat,
}

/// How the records of a quarantine file were written.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct InputFormat {
    /// Name of the format.
    pub format: String,
    /// CSV: one character.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// CSV: one character.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// CSV: texts that are NULL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nulls: Option<Vec<String>>,
    /// CSV: the header record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    raw: Option<String>,
    raw_base64: Option<String>,
    raw_length: Option<u64>,
}

fn unreadable(name: &str, line: u64, why: &str) -> IngestError {
    IngestError::new("quarantine-unreadable", format!("line {line} of `{name}` is no line of a quarantine file: {why}"))
        .help("keep its header line, and of each record the members `raw` or `rawBase64`")
}

/// Reads the first line.
pub fn header(name: &str, line: &[u8]) -> Result<Header, IngestError> {
    let found: Header = serde_json::from_slice(line).map_err(|why| unreadable(name, 1, &why.to_string()))?;
    if found.format == FORMAT { Ok(found) } else { Err(unreadable(name, 1, "its format is another")) }
}

/// The records of a quarantine file, each a block of its own.
pub struct Replay {
    name: String,
    lines: Lines,
    /// Lines of the block at hand that are not handed out yet.
    waiting: VecDeque<Vec<u8>>,
    line: u64,
    offset: u64,
    ended: bool,
}

impl Replay {
    /// After the header line, which is taken from `first`.
    pub fn new(name: String, lines: Lines, first: &Block) -> Self {
        let mut out = Self { name, lines, waiting: VecDeque::new(), line: 0, offset: 0, ended: first.last };
        out.take(&first.bytes);
        out.waiting.pop_front();
        out.line = 1;
        out
    }

    fn take(&mut self, bytes: &[u8]) {
        let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec);
        self.waiting.extend(lines);
        // What stands behind the last line break is no line.
        if self.waiting.back().is_some_and(Vec::is_empty) {
            self.waiting.pop_back();
        }
    }

    /// A record's bytes, and how many more it had.
    fn record(&self, line: &[u8]) -> Result<(Vec<u8>, u64), IngestError> {
        let wrong = |why: &str| unreadable(&self.name, self.line, why);
        let found: Line = serde_json::from_slice(line).map_err(|why| wrong(&why.to_string()))?;
        let bytes = match (found.raw, found.raw_base64) {
            (Some(raw), None) => raw.into_bytes(),
            (None, Some(raw)) => STANDARD.decode(raw).map_err(|why| wrong(&why.to_string()))?,
            _ => return Err(wrong("it has neither `raw` nor `rawBase64`, or both")),
        };
        let missing = found.raw_length.unwrap_or_default().saturating_sub(bytes.len() as u64);
        Ok((bytes, missing))
    }
}

impl parallel::Blocks for Replay {
    fn next(&mut self, _: Vec<u8>) -> Result<Option<Block>, IngestError> {
        loop {
            if let Some(line) = self.waiting.pop_front() {
                self.line += 1;
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                let (bytes, skipped) = self.record(&line)?;
                let offset = self.offset;
                self.offset = offset.saturating_add(bytes.len() as u64).saturating_add(skipped);
                return Ok(Some(Block { bytes, offset, skipped, alone: true, cut: skipped > 0, ..Block::default() }));
            }
            if self.ended {
                return Ok(None);
            }
            match self.lines.next()? {
                Some(block) => {
                    self.ended = block.last;
                    self.take(&block.bytes);
                }
                None => self.ended = true,
            }
        }
    }
}
