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
pub struct Reason {
    /// Of the table of codes; none where a clause could not be decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Id of the clause.
    pub clause: String,
    /// Path of the value, where it is one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
}

/// A record that was not accepted.
#[derive(Debug, Serialize)]
pub struct Entry<'e> {
    /// The source as it was given.
    pub source: &'e str,
    /// Number of the record in it.
    pub record: u64,
    /// Number of its first line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Its bytes in the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<[u64; 2]>,
    /// `rejected` or `unknown`.
    pub status: &'static str,
    /// Why.
    pub reasons: Vec<Reason>,
    #[serde(flatten)]
    raw: Raw<'e>,
}

/// A record's bytes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Raw<'e> {
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_base64: Option<String>,
    /// Length of the record where not all of it is here.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_length: Option<u64>,
    /// The record's values, where it has no bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Value>,
}

/// Where a record lies.
#[derive(Debug, Clone, Copy)]
pub struct At {
    /// Its number.
    pub record: u64,
    /// Its line.
    pub line: u64,
    /// Its bytes.
    pub bytes: [u64; 2],
}

impl<'e> Entry<'e> {
    /// A record of bytes; one of more than `limit` is not kept whole.
    pub fn of_bytes(
        source: &'e str,
        at: At,
        status: &'static str,
        reasons: Vec<Reason>,
        bytes: &'e [u8],
        limit: usize,
    ) -> Self {
        let length = at.bytes[1].saturating_sub(at.bytes[0]);
        let whole = bytes.len() <= limit && bytes.len() as u64 == length;
        let kept = if whole { bytes } else { kept(bytes, limit) };
        let text = std::str::from_utf8(kept).ok();
        let raw = Raw {
            raw: text,
            raw_base64: text.is_none().then(|| STANDARD.encode(kept)),
            raw_length: (!whole).then_some(length),
            values: None,
        };
        Self { source, record: at.record, line: Some(at.line), bytes: Some(at.bytes), status, reasons, raw }
    }

    /// A record of values.
    pub fn of_values(source: &'e str, record: u64, status: &'static str, reasons: Vec<Reason>, values: Value) -> Self {
        let raw = Raw { raw: None, raw_base64: None, raw_length: None, values: Some(values) };
        Self { source, record, line: None, bytes: None, status, reasons, raw }
    }
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
        out.line(&Header { format: FORMAT, contract, input })?;
        Ok(out)
    }

    /// Adds a record.
    pub fn add(&mut self, entry: &Entry<'_>) -> Result<(), IngestError> {
        self.line(entry)
    }

    /// Completes the file.
    pub fn commit(self) -> Result<(), IngestError> {
        self.file.commit()
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), IngestError> {
        self.buffer.clear();
        serde_json::to_writer(&mut self.buffer, value)
            .map_err(|why| IngestError::new("internal-error", format!("a quarantine line cannot be written: {why}")))?;
        self.buffer.push(b'\n');
        self.file.append(&self.buffer)
    }
}
