//! Sources that are read and not judged: referenced frames.

use crate::chunk::Block;
use crate::dialect::Dialect;
use crate::error::IngestError;
use crate::format::Format;
use crate::open::{Opened, Prepared, Wanted, prepare};
use crate::request::{Csv, Input, Request};
use crate::text::Placed;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::SchemaRef;
use arrow_select::filter::filter_record_batch;
use guard_engine::contract::{Contract, SchemaObject};
use guard_engine::run::{Control, FaultKind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What to read without judging it.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// In order.
    pub inputs: Vec<Input>,
    /// See [`Request`].
    pub format: Option<Format>,
    /// See [`Request`].
    pub csv: Csv,
    /// See [`Request`].
    pub threads: Option<usize>,
    /// The object whose columns and types are read; columnar files need none.
    pub layout: Option<SchemaObject>,
    /// Leaves records out that cannot be read, and counts them.
    pub skip_damaged: bool,
}

/// All records of sources. A record that cannot be read ends it with an error: nobody would see that it is missing.
pub struct Frame {
    request: Request,
    prepared: Prepared,
    position: usize,
    source: Option<Opened>,
    records: u64,
    skip_damaged: bool,
    left_out: BTreeMap<&'static str, u64>,
    /// Records that may still be looked at, damaged ones included.
    left: u64,
    /// There were more.
    cut: bool,
}

impl Frame {
    /// Opens the sources.
    pub fn open(reading: Reading) -> Result<Self, IngestError> {
        let typed = reading.layout.is_some();
        let frame = Self::untyped(reading)?;
        if frame.is_text() && !typed {
            let message = "the types of a text file's columns are not known";
            return Err(IngestError::new("file-format-unknown", message)
                .help("give a contract; `guard-nb infer` drafts one from the file"));
        }
        Ok(frame)
    }

    /// As [`Self::open`]; without a layout, the columns of CSV are texts, and JSON records are one text each.
    pub(crate) fn untyped(reading: Reading) -> Result<Self, IngestError> {
        let skip_damaged = reading.skip_damaged;
        let request = request(reading);
        let prepared = prepare(&request)?;
        let left_out = BTreeMap::new();
        let (position, source, records, left, cut) = (0, None, 0, u64::MAX, false);
        Ok(Self { request, prepared, position, source, records, skip_damaged, left_out, left, cut })
    }

    /// Stops after so many records, damaged ones included.
    pub(crate) fn first(&mut self, limit: Option<u64>) {
        self.left = limit.unwrap_or(u64::MAX);
    }

    /// Were there more records than that?
    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }

    /// How many of the next `rows` records are looked at.
    fn take(&mut self, rows: usize) -> usize {
        let taken = usize::try_from(self.left).unwrap_or(usize::MAX).min(rows);
        self.left -= taken as u64;
        self.cut |= taken < rows;
        taken
    }

    /// Are records runs of bytes?
    pub(crate) fn is_text(&self) -> bool {
        self.prepared.is_text
    }

    /// Names that lie about their format, dialects that were guessed.
    pub(crate) fn notices(&self) -> &[String] {
        &self.prepared.notices
    }

    /// The dialect of CSV sources.
    pub(crate) fn dialect(&self) -> Option<&Dialect> {
        self.prepared.csv()
    }

    /// See [`Prepared::first_fields`].
    pub(crate) fn first_fields(&self) -> Vec<String> {
        self.prepared.first_fields().unwrap_or_default()
    }

    /// Records that were left out, by what is wrong with them.
    pub(crate) fn left_out(&self) -> Vec<(&'static str, u64)> {
        self.left_out.iter().map(|(code, count)| (*code, *count)).collect()
    }

    /// Its columns.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.prepared.schema)
    }

    /// The next records; None at the end.
    pub fn next_batch(&mut self, control: &dyn Control) -> Result<Option<RecordBatch>, IngestError> {
        loop {
            let (read, of) = self.prepared.progress();
            control.bytes(read, of);
            if !control.keep_going(self.records) {
                return Err(IngestError::new("interrupted", "reading was interrupted"));
            }
            if self.cut {
                return Ok(None);
            }
            let Some(source) = &mut self.source else {
                self.source = self.prepared.open(&self.request, self.position, Wanted::Records)?;
                if self.source.is_none() {
                    return Ok(None);
                }
                continue;
            };
            let batch = match source {
                Opened::Text { source, .. } => match source.next()? {
                    Some(placed) => {
                        let read = if self.skip_damaged {
                            let taken = self.take(placed.read.batch.num_rows());
                            readable(placed, taken, &mut self.left_out)
                        } else {
                            whole(&self.prepared, &self.request, self.position, placed)
                        };
                        Some(read.map(|(block, batch)| {
                            if let Some(Opened::Text { source, .. }) = &self.source {
                                source.done(block);
                            }
                            batch
                        }))
                    }
                    None => None,
                },
                Opened::Columnar(batches) => {
                    batches.next().transpose()?.map(|batch| Ok(batch.slice(0, self.take(batch.num_rows()))))
                }
                Opened::Proving(_) => {
                    let why = "a frame was opened without its values; this is a fault of guard_nb";
                    return Err(IngestError::new("internal-error", why));
                }
            };
            match batch.transpose()? {
                Some(batch) => {
                    self.records += batch.num_rows() as u64;
                    return Ok(Some(batch));
                }
                None => {
                    self.source = None;
                    self.position += 1;
                }
            }
        }
    }
}

/// The records, and the block that they were in.
fn whole(
    prepared: &Prepared,
    request: &Request,
    position: usize,
    placed: Placed,
) -> Result<(Block, RecordBatch), IngestError> {
    let fault = placed.read.damage.faults.iter().find(|fault| !matches!(fault.kind, FaultKind::Undeclared(_)));
    let Some(fault) = fault else { return Ok((placed.read.block, placed.read.batch)) };
    let (code, what) = match &fault.kind {
        FaultKind::Malformed(code) => (*code, "the record".to_owned()),
        FaultKind::Unreadable { path, .. } => ("type-mismatch", format!("`{path}`")),
        FaultKind::Undeclared(name) => ("column-undeclared", format!("`{name}`")),
    };
    let line = placed.read.places.get(fault.row).map_or(0, |place| placed.line + u64::from(place.line));
    let name = prepared.name(request, position);
    let message = format!("line {line} of `{name}`: {what} cannot be read ({code})");
    Err(IngestError::new(code, message).help("check the file against its contract first, with a quarantine file"))
}

/// Of the first records those that can be read; the others are counted.
fn readable(
    placed: Placed,
    first: usize,
    left_out: &mut BTreeMap<&'static str, u64>,
) -> Result<(Block, RecordBatch), IngestError> {
    let batch = placed.read.batch.slice(0, first);
    let mut kept = vec![true; batch.num_rows()];
    for fault in &placed.read.damage.faults {
        let code = match &fault.kind {
            FaultKind::Malformed(code) => *code,
            FaultKind::Unreadable { .. } => "type-mismatch",
            FaultKind::Undeclared(_) => continue,
        };
        if let Some(kept) = kept.get_mut(fault.row).filter(|kept| **kept) {
            *kept = false;
            *left_out.entry(code).or_default() += 1;
        }
    }
    if kept.iter().all(|kept| *kept) {
        return Ok((placed.read.block, batch));
    }
    filter_record_batch(&batch, &BooleanArray::from(kept))
        .map(|kept| (placed.read.block, kept))
        .map_err(|why| IngestError::new("internal-error", why.to_string()))
}

fn request(reading: Reading) -> Request {
    let objects = vec![reading.layout.unwrap_or_else(nothing)];
    let contract = Contract { objects, ..empty() };
    let mut out = Request::new(Arc::new(contract), reading.inputs);
    (out.format, out.csv, out.threads) = (reading.format, reading.csv, reading.threads);
    out
}

fn nothing() -> SchemaObject {
    SchemaObject {
        id: None,
        name: "frame".to_owned(),
        physical_name: None,
        properties: Vec::new(),
        quality: Vec::new(),
        relationships: Vec::new(),
        custom: Vec::new(),
        span: guard_verdict::Span::default(),
    }
}

fn empty() -> Contract {
    Contract {
        id: String::new(),
        version: String::new(),
        name: None,
        api_version: String::new(),
        objects: Vec::new(),
        sla: Vec::new(),
        diagnostics: Vec::new(),
        digest: String::new(),
        text: String::new(),
        canonical: String::new(),
    }
}
