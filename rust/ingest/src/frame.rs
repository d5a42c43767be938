//! Sources that are read and not judged: referenced frames.

use crate::chunk::Block;
use crate::error::IngestError;
use crate::format::Format;
use crate::open::{Opened, Prepared, prepare};
use crate::request::{Csv, Input, Request};
use crate::text::Placed;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use guard_engine::contract::{Contract, SchemaObject};
use guard_engine::run::{Control, FaultKind};
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
}

/// All records of sources. A record that cannot be read ends it with an error: nobody would see that it is missing.
pub struct Frame {
    request: Request,
    prepared: Prepared,
    position: usize,
    source: Option<Opened>,
    records: u64,
}

impl Frame {
    /// Opens the sources.
    pub fn open(reading: Reading) -> Result<Self, IngestError> {
        let typed = reading.layout.is_some();
        let request = request(reading);
        let prepared = prepare(&request)?;
        if prepared.is_text && !typed {
            let message = "the types of a text file's columns are not known";
            return Err(IngestError::new("format-unknown", message)
                .help("give a contract, or read the file with polars and write Parquet"));
        }
        Ok(Self { request, prepared, position: 0, source: None, records: 0 })
    }

    /// Its columns.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.prepared.schema)
    }

    /// The next records; None at the end.
    pub fn next_batch(&mut self, control: &dyn Control) -> Result<Option<RecordBatch>, IngestError> {
        loop {
            if !control.keep_going(self.records) {
                return Err(IngestError::new("interrupted", "reading was interrupted"));
            }
            let Some(source) = &mut self.source else {
                self.source = self.prepared.open(&self.request, self.position, false)?;
                if self.source.is_none() {
                    return Ok(None);
                }
                continue;
            };
            let batch = match source {
                Opened::Text { source, .. } => source.next()?.map(|placed| {
                    let (block, batch) = whole(&self.prepared, &self.request, self.position, placed)?;
                    source.done(block);
                    Ok(batch)
                }),
                Opened::Columnar(batches) => batches.next(),
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
