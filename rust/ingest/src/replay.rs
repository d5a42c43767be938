//! Quarantine files as a source (S10.5): each record's raw bytes are read as they once were, and judged again.

use crate::chunk::{Block, Under};
use crate::dialect::Dialect;
use crate::error::IngestError;
use crate::headed::Headed;
use crate::parallel;
use crate::quarantine::FORMAT;
use crate::request::Request;
use crate::source::Lines;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use guard_engine::contract::SchemaObject;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;

/// The first line of a quarantine file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    format: String,
    #[serde(default)]
    contract: Written,
    /// How the records were written.
    pub input: InputFormat,
}

/// The contract that the records were judged by.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    #[serde(rename = "id")]
    _id: String,
    #[serde(rename = "version")]
    _version: String,
    digest: String,
    object: String,
}

/// How the records of a quarantine file were written.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
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
    /// CSV without a header: names of its columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
}

impl InputFormat {
    fn is_csv(&self) -> bool {
        matches!(self.format.as_str(), "csv" | "tsv")
    }

    /// Are records of both read alike?
    fn is_like(&self, other: &Self) -> Result<bool, IngestError> {
        if !self.is_csv() || !other.is_csv() {
            // An element of an array and a line are one value either way.
            let kind = |of: &Self| if of.format == "ndjson" { "json".to_owned() } else { of.format.clone() };
            return Ok(kind(self) == kind(other));
        }
        let (mine, theirs) = (Dialect::replayed(self)?, Dialect::replayed(other)?);
        Ok(mine.decoded() == theirs.decoded() && self.header == other.header && self.columns == other.columns)
    }
}

/// A record's line. What it says beside the record's bytes is not needed, but may not be something else.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    header: Option<String>,
    raw: Option<String>,
    raw_base64: Option<String>,
    raw_length: Option<u64>,
    #[serde(rename = "source")]
    _source: Option<String>,
    #[serde(rename = "record")]
    _record: Option<u64>,
    #[serde(rename = "line")]
    _line: Option<u64>,
    #[serde(rename = "bytes")]
    _bytes: Option<[u64; 2]>,
    #[serde(rename = "status")]
    _status: Option<String>,
    #[serde(rename = "reasons")]
    _reasons: Option<Vec<IgnoredAny>>,
    #[serde(rename = "values")]
    _values: Option<IgnoredAny>,
}

/// A line is one line, so that its columns say where.
fn said(why: &serde_json::Error) -> String {
    let text = why.to_string();
    let (what, _) = text.rsplit_once(" at line ").unwrap_or((&text, ""));
    format!("{what} (column {})", why.column())
}

fn unreadable(name: &str, line: u64, why: &str) -> IngestError {
    IngestError::new("quarantine-unreadable", format!("line {line} of `{name}` is no line of a quarantine file: {why}"))
        .help("keep its header line, and of each record the members `raw` or `rawBase64`")
}

/// Reads the first line.
pub fn header(name: &str, line: &[u8]) -> Result<Header, IngestError> {
    let found: Header = serde_json::from_slice(line).map_err(|why| unreadable(name, 1, &said(&why)))?;
    if found.format == FORMAT { Ok(found) } else { Err(unreadable(name, 1, "its format is another")) }
}

fn unlike(message: String) -> IngestError {
    IngestError::new("quarantine-unlike", message)
}

/// Refuses files of which the records are read in different ways: what one says of its records is not true of another's.
pub fn alike(headers: &[(String, Header)]) -> Result<(), IngestError> {
    let Some(((first, header), others)) = headers.split_first() else { return Ok(()) };
    for (name, other) in others {
        if !header.input.is_like(&other.input)? {
            let message = format!("the records of `{name}` were written in another way than those of `{first}`");
            return Err(unlike(message).help("check each file by itself; their first lines say how they are read"));
        }
    }
    Ok(())
}

impl Header {
    /// Refuses CSV records without a header where their fields were other columns than they are now. A notice where another contract has the same ones.
    pub fn fits(&self, name: &str, request: &Request, object: &SchemaObject) -> Result<Option<String>, IngestError> {
        let same = self.contract.digest == request.contract.digest && self.contract.object == object.name;
        if !self.input.is_csv() || self.input.header.is_some() || same {
            return Ok(None);
        }
        let help = "judge them by the contract that they were quarantined by, or put a `header` into the `input` of the first line";
        let declared = object.properties.iter().map(|property| &property.name);
        match &self.input.columns {
            None if self.contract.digest.is_empty() => Err(unreadable(
                name,
                1,
                "it says neither a `header`, nor `columns`, nor of which contract its records were",
            )),
            None => {
                let message =
                    format!("the records of `{name}` have no header, and another contract told their columns");
                Err(unlike(message).help(help))
            }
            Some(columns) if columns.iter().eq(declared) => Ok(Some(format!(
                "the records of `{name}` have no header and were judged by another contract, of the same columns"
            ))),
            Some(columns) => {
                let message = format!("the records of `{name}` have no header: their columns were {}", listed(columns));
                Err(unlike(format!("{message}, those of the contract are others")).help(help))
            }
        }
    }
}

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(20).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > 20 { format!("{shown} and {} more", names.len() - 20) } else { shown }
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
    /// Of CSV.
    headed: Option<Headed>,
    /// The latest header besides the file's.
    under: Option<Under>,
}

impl Replay {
    /// After the header line, which is taken from `first`.
    pub fn new(name: String, lines: Lines, first: &Block, headed: Option<Headed>) -> Self {
        let (waiting, ended) = (VecDeque::new(), first.last);
        let mut out = Self { name, lines, waiting, line: 0, offset: 0, ended, headed, under: None };
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

    /// A record.
    fn record(&mut self, line: &[u8]) -> Result<Block, IngestError> {
        let wrong = |why: &str| unreadable(&self.name, self.line, why);
        let found: Line = serde_json::from_slice(line).map_err(|why| wrong(&said(&why)))?;
        let bytes = match (found.raw, found.raw_base64) {
            (Some(raw), None) => raw.into_bytes(),
            (None, Some(raw)) => STANDARD.decode(raw).map_err(|why| wrong(&why.to_string()))?,
            _ => return Err(wrong("it has neither `raw` nor `rawBase64`, or both")),
        };
        let skipped = found.raw_length.unwrap_or_default().saturating_sub(bytes.len() as u64);
        let under = found.header.map(|header| self.under(&header)).transpose()?;
        let (offset, line) = (self.offset, Some(self.line));
        self.offset = offset.saturating_add(bytes.len() as u64).saturating_add(skipped);
        Ok(Block { bytes, offset, skipped, alone: true, cut: skipped > 0, line, under, ..Block::default() })
    }

    /// A header besides the file's. Records of one source stand together.
    fn under(&mut self, header: &str) -> Result<Under, IngestError> {
        if let Some(known) = self.under.as_ref().filter(|known| &*known.header == header) {
            return Ok(known.clone());
        }
        let made = match &self.headed {
            Some(headed) => headed.written(header).map_err(|why| format!("its header {why}")),
            None => Err("it has a header, and is no CSV".to_owned()),
        };
        let decoder = made.map_err(|why| unreadable(&self.name, self.line, &why))?;
        let under = Under { header: Arc::from(header), decoder };
        self.under = Some(under.clone());
        Ok(under)
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
                return self.record(&line).map(Some);
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
