//! The seam to guard-ingest: everything that opens, reads and judges data is called from here.
//!
//! The types below stand for those of guard-ingest and read Arrow IPC only; with its pipeline, [`Ingest`] and [`Frame`] become re-exports.

use crate::progress::Watch;
use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::SchemaRef;
use guard_engine::contract::SchemaObject;
use guard_engine::plan::Plan;
use guard_engine::run::{self, Control, Run, RunError};
use guard_ingest::{Csv, Format, IngestError, Input, Request};
use guard_verdict::{Beside, Verdict, codes};
use std::collections::VecDeque;
use std::io::{Cursor, Read};
use std::sync::Arc;

/// A judged source.
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// What to tell besides: guesses, drops.
    pub notices: Vec<String>,
    /// Records in the quarantine file.
    pub quarantined: u64,
    /// The plan: lines and arguments of clauses, for reports.
    pub plan: Arc<Plan>,
}

impl Outcome {
    /// What reports show and no verdict contains.
    pub fn beside(&self) -> Beside {
        beside(&self.verdict, &self.plan)
    }
}

/// Lines and arguments of a verdict's clauses.
pub fn beside(verdict: &Verdict, plan: &Plan) -> Beside {
    let ids = || verdict.clauses.iter().map(|clause| clause.id.clone());
    Beside {
        lines: ids().zip(plan.lines.iter().copied()).collect(),
        arguments: ids().zip(plan.arguments.iter().cloned()).collect(),
        physical: plan.physical.clone(),
        ..Beside::default()
    }
}

/// A source under judgement.
pub struct Ingest {
    request: Request,
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    judged: Option<(VecDeque<RecordBatch>, Verdict, Arc<Plan>)>,
}

impl Ingest {
    /// Opens a source.
    pub fn open(request: Request) -> Result<Self, IngestError> {
        let reading = Reading::of(&request);
        let Frame { schema, batches } = Frame::open(reading)?;
        Ok(Self { request, schema, batches: batches.into(), judged: None })
    }

    /// Columns of accepted records.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The next accepted records; None at the end.
    pub fn next_batch(&mut self, control: &dyn Control) -> Result<Option<RecordBatch>, IngestError> {
        if self.judged.is_none() {
            self.judged = Some(self.judge(control)?);
        }
        Ok(self.judged.as_mut().and_then(|(accepted, ..)| accepted.pop_front()))
    }

    /// The verdict, when all records were handed out or not wanted.
    pub fn finish(mut self, control: &dyn Control) -> Result<Outcome, IngestError> {
        while self.next_batch(control)?.is_some() {}
        let (_, verdict, plan) = self.judged.ok_or_else(|| IngestError::new("internal-error", "no verdict"))?;
        let quarantined = verdict.records.rejected + verdict.records.unknown;
        Ok(Outcome { verdict, notices: Vec::new(), quarantined, plan })
    }

    fn judge(&self, control: &dyn Control) -> Result<(VecDeque<RecordBatch>, Verdict, Arc<Plan>), IngestError> {
        let contract = &self.request.contract;
        let object = self.request.object.as_deref().and_then(|name| contract.object(name)).or(contract.objects.first());
        let object: &SchemaObject = object.ok_or_else(|| IngestError::new("object-unknown", "no schema object"))?;
        let plan = Arc::new(Plan::compile(contract, object, &self.schema, &self.request.options));
        if let Some(name) = plan.unused_parameters.first() {
            return Err(IngestError::new("params-unused", format!("no row rule uses the parameter `{name}`")));
        }
        let mut run = Run::new(Arc::clone(&plan), "", 0).with_clause_masks();
        run.push(&self.batches, control).map_err(of_run)?;
        let split = run::split(run.finish(), plan.drop_undeclared).map_err(of_run)?;
        let (mut accepted, mut row) = (VecDeque::new(), 0);
        for batch in &self.batches {
            let mask = split.accepted.slice(row, batch.num_rows());
            row += batch.num_rows();
            let kept = arrow_select::filter::filter_record_batch(batch, &mask);
            accepted.push_back(kept.map_err(|why| IngestError::new("internal-error", why.to_string()))?);
        }
        Ok((accepted, split.verdict, plan))
    }
}

fn of_run(error: RunError) -> IngestError {
    let code = if error == RunError::Interrupted { codes::usage::INTERRUPTED } else { codes::usage::INTERNAL };
    IngestError::new(code.name(), error.to_string())
}

/// What to read without judging it.
#[derive(Debug, Clone, Default)]
#[allow(dead_code, reason = "Arrow IPC has no dialect and brings its own types")]
pub struct Reading {
    /// In order.
    pub inputs: Vec<Input>,
    /// See [`Request`].
    pub format: Option<Format>,
    /// See [`Request`].
    pub csv: Csv,
    /// See [`Request`].
    pub threads: Option<usize>,
    /// The object whose columns and types are read; without it they are found out.
    pub layout: Option<SchemaObject>,
}

impl Reading {
    fn of(request: &Request) -> Self {
        let (inputs, csv) = (request.inputs.clone(), request.csv.clone());
        Self { inputs, format: request.format, csv, threads: request.threads, layout: None }
    }
}

/// All well-formed records of a source, judged by nobody: referenced frames, data without a contract.
pub struct Frame {
    schema: SchemaRef,
    batches: VecDeque<RecordBatch>,
}

impl Frame {
    /// Opens a source.
    pub fn open(reading: Reading) -> Result<Self, IngestError> {
        if let Some(format) = reading.format.filter(|format| *format != Format::Arrow) {
            let message = format!("`{}` cannot be read by this build", format.name());
            return Err(IngestError::new("format-unknown", message).help("convert it to Arrow IPC"));
        }
        let mut found: Option<SchemaRef> = None;
        let mut batches = VecDeque::new();
        for input in &reading.inputs {
            let (schema, more) = arrow(input)?;
            match &found {
                Some(first) if first.fields() != schema.fields() => {
                    return Err(IngestError::new(
                        "frame-unreadable",
                        "a file has other columns or types than the first",
                    ));
                }
                _ => found = Some(schema),
            }
            batches.extend(more);
        }
        let schema = found.ok_or_else(|| IngestError::new("file-missing", "there is nothing to read"))?;
        Ok(Self { schema, batches })
    }

    /// Its columns.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The next records; None at the end.
    pub fn next_batch(&mut self, _: &Watch) -> Result<Option<RecordBatch>, IngestError> {
        Ok(self.batches.pop_front())
    }
}

fn arrow(input: &Input) -> Result<(SchemaRef, Vec<RecordBatch>), IngestError> {
    let (name, bytes) = bytes(input)?;
    let wrong = |why: String| IngestError::new("file-unreadable", format!("`{name}` cannot be read: {why}"));
    let reader: Box<dyn arrow_array::RecordBatchReader> = if bytes.starts_with(b"ARROW1") {
        Box::new(FileReader::try_new(Cursor::new(bytes), None).map_err(|why| wrong(why.to_string()))?)
    } else {
        Box::new(StreamReader::try_new(Cursor::new(bytes), None).map_err(|why| wrong(why.to_string()))?)
    };
    let schema = reader.schema();
    let batches = reader.collect::<Result<Vec<_>, _>>().map_err(|why| wrong(why.to_string()))?;
    Ok((schema, batches))
}

fn bytes(input: &Input) -> Result<(String, Vec<u8>), IngestError> {
    let (name, read) = match input {
        Input::File(path) => (path.display().to_string(), std::fs::read(path)),
        Input::Stdin => {
            let mut all = Vec::new();
            ("-".to_owned(), std::io::stdin().lock().read_to_end(&mut all).map(|_| all))
        }
        Input::Bytes(name, bytes) => (name.clone(), Ok(bytes.to_vec())),
    };
    let bytes = read.map_err(|why| {
        let code = if why.kind() == std::io::ErrorKind::NotFound { "file-missing" } else { "file-unreadable" };
        IngestError::new(code, format!("`{name}` cannot be read: {}", crate::load::reason(&why))).help("check the path")
    })?;
    Ok((name, bytes))
}
