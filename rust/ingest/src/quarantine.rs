//! Quarantine files (S10.4): a line for each record that was not accepted, with its bytes.

use crate::aside::Aside;
use crate::damage::capped;
use crate::error::IngestError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use guard_verdict::ContractRef;
use serde::Serialize;
use serde_json::Value;

/// Name of the format.
pub const FORMAT: &str = "guard-nb/quarantine/v1";
/// Bytes kept of a record over the limit.
const KEPT: usize = 64 << 10;

/// The first line.
#[derive(Debug, Serialize)]
pub struct Header<'h> {
    format: &'static str,
    contract: &'h ContractRef,
    input: &'h Value,
}

/// Why a record was not accepted.
#[derive(Debug, Clone, Serialize)]
pub struct Reason<'r> {
    /// Of the table of codes; none where a clause could not be decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'r str>,
    /// Id of the clause.
    pub clause: &'r str,
    /// Path of the value, where it is one.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub path: &'r str,
}

/// Where a record that was not accepted lies: a line's first members.
#[derive(Debug, Serialize)]
pub struct Head<'h> {
    /// The source as it was given.
    pub source: &'h str,
    /// Number of the record in it.
    pub record: u64,
    /// Number of its first line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Its bytes in the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<[u64; 2]>,
}

/// What became of the record, why, and what it is: a line's other members.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tail<'t> {
    /// `rejected` or `unknown`.
    status: &'static str,
    reasons: &'t [Reason<'t>],
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_base64: Option<String>,
    /// Length of the record where not all of it is here.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_length: Option<u64>,
    /// The record's values, where it has no bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Value>,
}

impl<'t> Tail<'t> {
    /// Of a record of `length` bytes, of which `bytes` are at hand; one of more than `limit` is not kept whole.
    pub fn of_bytes(
        status: &'static str,
        reasons: &'t [Reason<'t>],
        bytes: &'t [u8],
        length: u64,
        limit: usize,
    ) -> Self {
        let whole = bytes.len() <= limit && bytes.len() as u64 == length;
        let kept = if whole { bytes } else { kept(bytes, limit) };
        let raw = simdutf8::basic::from_utf8(kept).ok();
        let raw_base64 = raw.is_none().then(|| STANDARD.encode(kept));
        Self { status, reasons, raw, raw_base64, raw_length: (!whole).then_some(length), values: None }
    }

    /// Of a record of values.
    pub fn of_values(status: &'static str, reasons: &'t [Reason<'t>], values: Value) -> Self {
        Self { status, reasons, raw: None, raw_base64: None, raw_length: None, values: Some(values) }
    }
}

/// Tails of a chunk's rows, rendered by the thread that has judged them: only the one that writes knows where they lie in the source.
#[derive(Debug, Default)]
pub struct Tails {
    text: Vec<u8>,
    /// Rows, ascending, and where their tails end.
    ends: Vec<(usize, usize)>,
}

impl Tails {
    /// Adds a row, after those before it. What cannot be rendered is left out, and fails when it is written.
    pub fn push(&mut self, row: usize, tail: &Tail<'_>) {
        let start = self.text.len();
        match append(&mut self.text, tail) {
            Ok(()) => self.ends.push((row, self.text.len())),
            Err(_) => self.text.truncate(start),
        }
    }

    /// The tail of a row.
    pub fn get(&self, row: usize) -> Option<&[u8]> {
        let at = self.ends.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |(_, end)| *end);
        self.text.get(start..self.ends.get(at)?.1)
    }
}

/// Appends a tail so that it goes on after a head.
fn append(text: &mut Vec<u8>, tail: &Tail<'_>) -> Result<(), IngestError> {
    let start = text.len();
    serde_json::to_writer(&mut *text, tail).map_err(|why| unwritten(&why))?;
    text.iter_mut().skip(start).take(1).for_each(|brace| *brace = b',');
    Ok(())
}

fn unwritten(why: &serde_json::Error) -> IngestError {
    IngestError::new("internal-error", format!("a quarantine line cannot be written: {why}"))
}

/// What is kept of a record over the limit.
pub fn kept(bytes: &[u8], limit: usize) -> &[u8] {
    capped(bytes, KEPT.min(limit))
}

/// A quarantine file being written.
pub struct Quarantine {
    file: Aside,
    /// Of the latest line, for the next.
    buffer: Vec<u8>,
}

impl Quarantine {
    /// Starts a file; it appears when [`Self::commit`] is called.
    pub fn create(path: &std::path::Path, contract: &ContractRef, input: &Value) -> Result<Self, IngestError> {
        let mut out = Self { file: Aside::create(path)?, buffer: Vec::new() };
        out.begin(&Header { format: FORMAT, contract, input })?;
        out.end()?;
        Ok(out)
    }

    /// Adds a record.
    pub fn add(&mut self, head: &Head<'_>, tail: &Tail<'_>) -> Result<(), IngestError> {
        self.begin(head)?;
        self.buffer.pop();
        append(&mut self.buffer, tail)?;
        self.end()
    }

    /// Adds a record whose tail is one of [`Tails`].
    pub fn add_rendered(&mut self, head: &Head<'_>, tail: &[u8]) -> Result<(), IngestError> {
        self.begin(head)?;
        self.buffer.pop();
        self.buffer.extend_from_slice(tail);
        self.end()
    }

    /// Completes the file.
    pub fn commit(self) -> Result<(), IngestError> {
        self.file.commit()
    }

    fn begin(&mut self, value: &impl Serialize) -> Result<(), IngestError> {
        self.buffer.clear();
        serde_json::to_writer(&mut self.buffer, value).map_err(|why| unwritten(&why))
    }

    fn end(&mut self) -> Result<(), IngestError> {
        self.buffer.push(b'\n');
        self.file.append(&self.buffer)
    }
}
