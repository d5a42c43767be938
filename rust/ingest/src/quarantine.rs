//! Quarantine files (S10.4): a line for each record that was not accepted, with its bytes.

use crate::aside::Aside;
use crate::damage::capped;
use crate::error::IngestError;
use crate::short::Short;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use guard_decode::json::{quote, quote_text};
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
#[derive(Debug, Clone)]
pub struct Reason<'r> {
    /// Of the table of codes; none where a clause could not be decided.
    pub code: Option<&'r str>,
    /// Id of the clause.
    pub clause: &'r str,
    /// Path of the value, where it is one.
    pub path: &'r str,
}

/// Where a record that was not accepted lies: a line's first members.
#[derive(Debug)]
pub struct Head<'h> {
    /// The source as it was given.
    pub source: &'h str,
    /// Its CSV header, where that is not the file's.
    pub header: Option<&'h str>,
    /// Number of the record in it.
    pub record: u64,
    /// Number of its first line.
    pub line: Option<u64>,
    /// Its bytes in the source.
    pub bytes: Option<[u64; 2]>,
}

/// What became of the record, why, and what it is: a line's other members.
#[derive(Debug)]
pub struct Tail<'t, 'r> {
    /// `rejected` or `unknown`.
    status: &'static str,
    reasons: &'t [Reason<'r>],
    raw: Raw<'t>,
}

#[derive(Debug)]
enum Raw<'t> {
    /// Bytes, and the record's length where they are not all of it.
    Bytes(&'t [u8], Option<u64>),
    /// The record's values, where it has no bytes.
    Values(Value),
}

impl<'t, 'r> Tail<'t, 'r> {
    /// Of a record of `length` bytes, of which `bytes` are at hand; one of more than `limit` is not kept whole.
    pub fn of_bytes(
        status: &'static str,
        reasons: &'t [Reason<'r>],
        bytes: &'t [u8],
        length: u64,
        limit: usize,
    ) -> Self {
        let whole = bytes.len() <= limit && bytes.len() as u64 == length;
        let kept = if whole { bytes } else { kept(bytes, limit) };
        Self { status, reasons, raw: Raw::Bytes(kept, (!whole).then_some(length)) }
    }

    /// Of a record of values.
    pub fn of_values(status: &'static str, reasons: &'t [Reason<'r>], values: Value) -> Self {
        Self { status, reasons, raw: Raw::Values(values) }
    }

    /// Appends the members so that they go on after a head.
    fn append(&self, known: &mut Known<'r>, out: &mut Vec<u8>) -> Result<(), IngestError> {
        match self.reasons {
            [reason] if let Some(lone) = known.of(self.status, reason) => out.extend_from_slice(&lone.text),
            reasons => {
                begin_reasons(out, self.status);
                for (at, reason) in reasons.iter().enumerate() {
                    out.extend_from_slice(if at > 0 { b"," } else { b"" });
                    match known.of(self.status, reason) {
                        Some(known) => out.extend_from_slice(known.reason()),
                        None => reason.append(out),
                    }
                }
                out.push(b']');
            }
        }
        match &self.raw {
            Raw::Values(values) => {
                member(out, "values");
                serde_json::to_writer(&mut *out, values).map_err(|why| unwritten(&why))?;
            }
            Raw::Bytes(bytes, length) => {
                let start = out.len();
                out.extend_from_slice(b",\"raw\":");
                if !quote_text(out, bytes) {
                    out.truncate(start);
                    out.extend_from_slice(b",\"rawBase64\":\"");
                    base64(out, bytes)?;
                    out.push(b'"');
                }
                if let Some(length) = length {
                    member(out, "rawLength");
                    serde_json::to_writer(&mut *out, length).map_err(|why| unwritten(&why))?;
                }
            }
        }
        out.push(b'}');
        Ok(())
    }
}

impl Reason<'_> {
    fn append(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        if let Some(code) = self.code {
            name(out, "code");
            quote(out, code.as_bytes());
            out.push(b',');
        }
        name(out, "clause");
        quote(out, self.clause.as_bytes());
        if !self.path.is_empty() {
            member(out, "path");
            quote(out, self.path.as_bytes());
        }
        out.push(b'}');
    }
}

/// What stands before the first reason.
fn begin_reasons(out: &mut Vec<u8>, status: &str) {
    out.extend_from_slice(b",\"status\":\"");
    // One of two words, which need no escapes.
    out.extend_from_slice(status.as_bytes());
    out.extend_from_slice(b"\",\"reasons\":[");
}

/// Reasons that were written before: most records have one of a few.
#[derive(Debug, Default)]
pub struct Known<'r>(Vec<Lone<'r>>);

/// A reason as it is written where it is the only one, behind the status.
#[derive(Debug)]
struct Lone<'r> {
    status: &'static str,
    reason: Reason<'r>,
    text: Vec<u8>,
    /// Where the reason begins.
    start: usize,
}

/// Reasons that are remembered.
const KNOWN: usize = 16;

impl<'r> Known<'r> {
    /// None for those that are too many.
    fn of(&mut self, status: &'static str, reason: &Reason<'r>) -> Option<&Lone<'r>> {
        let at = match self.0.iter().position(|known| known.is(status, reason)) {
            Some(at) => at,
            None if self.0.len() < KNOWN => {
                self.0.push(Lone::new(status, reason));
                self.0.len() - 1
            }
            None => return None,
        };
        self.0.get(at)
    }
}

impl<'r> Lone<'r> {
    fn new(status: &'static str, reason: &Reason<'r>) -> Self {
        let mut text = Vec::new();
        begin_reasons(&mut text, status);
        let start = text.len();
        reason.append(&mut text);
        text.push(b']');
        Self { status, reason: reason.clone(), text, start }
    }

    /// Codes, clauses and most paths have one place in memory each, as a rule; of those that have several, all are remembered.
    #[inline]
    fn is(&self, status: &str, reason: &Reason<'_>) -> bool {
        let same = |mine: &str, theirs: &str| std::ptr::eq(mine, theirs);
        let known = &self.reason;
        same(known.code.unwrap_or(""), reason.code.unwrap_or(""))
            && known.code.is_some() == reason.code.is_some()
            && same(known.clause, reason.clause)
            && same(self.status, status)
            && (same(known.path, reason.path) || known.path == reason.path)
    }

    fn reason(&self) -> &[u8] {
        self.text.get(self.start..self.text.len() - 1).unwrap_or_default()
    }
}

/// A member's name, which needs no escapes.
fn name(out: &mut Vec<u8>, name: &str) {
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// The same of a member that is not the first.
fn member(out: &mut Vec<u8>, of: &str) {
    out.push(b',');
    name(out, of);
}

fn base64(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), IngestError> {
    let start = out.len();
    let length = base64::encoded_len(bytes.len(), true).ok_or_else(|| unwritten(&"it is too long"))?;
    out.resize(start + length, 0);
    STANDARD.encode_slice(bytes, out.get_mut(start..).unwrap_or_default()).map_err(|why| unwritten(&why))?;
    Ok(())
}

/// About what a tail has besides the record's bytes.
const BESIDE: usize = 128;

/// Tails of a chunk's rows, rendered by the thread that has judged them: only the one that writes knows where they lie in the source.
#[derive(Debug, Default)]
pub struct Tails {
    text: Vec<u8>,
    /// Rows, ascending, and where their tails end.
    ends: Vec<(usize, usize)>,
}

impl Tails {
    /// None yet, with room for so many rows of so many bytes in all.
    pub fn with_capacity(rows: usize, bytes: usize) -> Self {
        Self { text: Vec::with_capacity(rows * BESIDE + bytes + bytes / 2), ends: Vec::with_capacity(rows) }
    }

    /// Adds a row, after those before it. What cannot be rendered is left out, and fails when it is written.
    pub fn push<'r>(&mut self, row: usize, tail: &Tail<'_, 'r>, known: &mut Known<'r>) {
        let start = self.text.len();
        match tail.append(known, &mut self.text) {
            Ok(()) => self.ends.push((row, self.text.len())),
            Err(_) => self.text.truncate(start),
        }
    }

    /// Rows and their tails, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let mut start = 0;
        self.ends
            .iter()
            .map(move |(row, end)| (*row, self.text.get(std::mem::replace(&mut start, *end)..*end).unwrap_or_default()))
    }
}

fn unwritten(why: &dyn std::fmt::Display) -> IngestError {
    IngestError::new("internal-error", format!("a quarantine line cannot be written: {why}"))
}

/// What is kept of a record over the limit.
pub fn kept(bytes: &[u8], limit: usize) -> &[u8] {
    capped(bytes, KEPT.min(limit))
}

/// Bytes of lines that are written at once: the system takes a long piece with less work than short ones.
const PIECE: usize = 512 << 10;

/// A quarantine file being written.
pub struct Quarantine {
    file: Aside,
    /// Whole lines that are not in the file yet.
    lines: Vec<u8>,
    /// The source of the latest line, the header where it is told, and how a line of these begins.
    source: (String, Option<String>, Vec<u8>),
    /// What follows that.
    head: Short,
}

impl Quarantine {
    /// Starts a file; it appears when [`Self::commit`] is called.
    pub fn create(path: &std::path::Path, contract: &ContractRef, input: &Value) -> Result<Self, IngestError> {
        let (file, source) = (Aside::create(path)?, (String::new(), None, begin("", None)));
        let mut out = Self { file, lines: Vec::new(), source, head: Short::new() };
        let header = Header { format: FORMAT, contract, input };
        serde_json::to_writer(&mut out.lines, &header).map_err(|why| unwritten(&why))?;
        out.lines.push(b'\n');
        Ok(out)
    }

    /// Adds a record.
    pub fn add(&mut self, head: &Head<'_>, tail: &Tail<'_, '_>) -> Result<(), IngestError> {
        self.begin(head);
        tail.append(&mut Known::default(), &mut self.lines)?;
        self.end()
    }

    /// Adds a record whose tail is one of [`Tails`].
    pub fn add_rendered(&mut self, head: &Head<'_>, tail: &[u8]) -> Result<(), IngestError> {
        self.begin(head);
        self.lines.extend_from_slice(tail);
        self.end()
    }

    /// Completes the file.
    pub fn commit(mut self) -> Result<(), IngestError> {
        self.file.append(&self.lines)?;
        self.file.commit()
    }

    /// A line up to where its tail begins.
    fn begin(&mut self, head: &Head<'_>) {
        if self.source.0 != head.source || self.source.1.as_deref() != head.header {
            self.source = (head.source.to_owned(), head.header.map(str::to_owned), begin(head.source, head.header));
        }
        let rest = &mut self.head;
        rest.clear();
        rest.number(head.record);
        if let Some(line) = head.line {
            rest.text(b",\"line\":");
            rest.number(line);
        }
        if let Some([start, end]) = head.bytes {
            rest.text(b",\"bytes\":[");
            rest.number(start);
            rest.text(b",");
            rest.number(end);
            rest.text(b"]");
        }
        self.lines.extend_from_slice(&self.source.2);
        self.lines.extend_from_slice(rest.bytes());
    }

    fn end(&mut self) -> Result<(), IngestError> {
        self.lines.push(b'\n');
        if self.lines.len() >= PIECE {
            self.file.append(&self.lines)?;
            self.lines.clear();
        }
        Ok(())
    }
}

/// How lines of a source begin.
fn begin(source: &str, header: Option<&str>) -> Vec<u8> {
    let mut out = b"{".to_vec();
    name(&mut out, "source");
    quote(&mut out, source.as_bytes());
    if let Some(header) = header {
        member(&mut out, "header");
        quote(&mut out, header.as_bytes());
    }
    member(&mut out, "record");
    out
}
