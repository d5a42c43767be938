//! The seam to guard-ingest: everything that opens, reads and judges data is called from here.
//!
//! The types below stand for those of guard-ingest and read Parquet and Arrow IPC only; with its pipeline, [`Ingest`] and [`Frame`] become re-exports.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use guard_engine::contract::SchemaObject;
use guard_engine::plan::Plan;
use guard_engine::run::{self, Control, Run, RunError};
use guard_ingest::{Columnar, Csv, Format, IngestError, Input, Request, Source};
use guard_verdict::{Beside, Verdict, codes};
use std::collections::VecDeque;
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
    frame: Frame,
    judged: Option<Judged>,
}

/// Accepted records, the verdict, and what judged.
type Judged = (VecDeque<RecordBatch>, Verdict, Arc<Plan>);

impl Ingest {
    /// Opens a source.
    pub fn open(request: Request) -> Result<Self, IngestError> {
        let frame = Frame::open(Reading::of(&request))?;
        Ok(Self { request, frame, judged: None })
    }

    /// Columns of accepted records.
    pub fn schema(&self) -> SchemaRef {
        self.frame.schema()
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
        if self.request.quarantine.is_some() {
            let error = IngestError::new("file-unwritable", "this build writes no quarantine file");
            return Err(error.help("leave out `--quarantine`"));
        }
        while self.next_batch(control)?.is_some() {}
        let (_, verdict, plan) = self.judged.ok_or_else(|| IngestError::new("internal-error", "no verdict"))?;
        let quarantined = verdict.records.rejected + verdict.records.unknown;
        Ok(Outcome { verdict, notices: Vec::new(), quarantined, plan })
    }

    fn judge(&mut self, control: &dyn Control) -> Result<Judged, IngestError> {
        let contract = &self.request.contract;
        let object = self.request.object.as_deref().and_then(|name| contract.object(name)).or(contract.objects.first());
        let object: &SchemaObject = object.ok_or_else(|| IngestError::new("object-unknown", "no schema object"))?;
        let plan = Arc::new(Plan::compile(contract, object, &self.frame.schema, &self.request.options));
        if let Some(name) = plan.unused_parameters.first() {
            let message = format!("no row rule uses the parameter `{name}`");
            return Err(IngestError::new("params-unused", message).help("correct its name, or leave it out"));
        }
        let mut run = Run::new(Arc::clone(&plan), "", 0).with_clause_masks();
        let mut batches = Vec::new();
        while let Some(batch) = self.frame.next_batch(control)? {
            run.push(std::slice::from_ref(&batch), control).map_err(of_run)?;
            batches.push(batch);
        }
        let split = run::split(run.finish(), plan.drop_undeclared).map_err(of_run)?;
        let (mut accepted, mut row) = (VecDeque::new(), 0);
        for batch in &batches {
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
#[allow(dead_code, reason = "columnar files have no dialect and bring their own types")]
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
    files: VecDeque<Columnar>,
    records: u64,
}

impl Frame {
    /// Opens a source.
    pub fn open(reading: Reading) -> Result<Self, IngestError> {
        let mut files = VecDeque::new();
        for input in &reading.inputs {
            let source = Source::open(input, reading.format, None)?;
            if source.format().is_text() {
                let message = format!(
                    "`{}` cannot be read: this build has no reader of {}",
                    source.name(),
                    source.format().name()
                );
                return Err(IngestError::new("format-unknown", message).help("convert it to Parquet or Arrow IPC"));
            }
            files.push_back(source.columnar(None)?);
        }
        let nothing = || IngestError::new("file-missing", "there is nothing to read");
        let schema = Arc::clone(files.front().ok_or_else(nothing)?.schema());
        if files.iter().any(|file| file.schema().fields() != schema.fields()) {
            return Err(IngestError::new("frame-unreadable", "a file has other columns or types than the first"));
        }
        Ok(Self { schema, files, records: 0 })
    }

    /// Its columns.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The next records; None at the end.
    pub fn next_batch(&mut self, control: &dyn Control) -> Result<Option<RecordBatch>, IngestError> {
        if !control.keep_going(self.records) {
            return Err(of_run(RunError::Interrupted));
        }
        while let Some(file) = self.files.front_mut() {
            if let Some(batch) = file.next().transpose()? {
                self.records += batch.num_rows() as u64;
                return Ok(Some(batch));
            }
            self.files.pop_front();
        }
        Ok(None)
    }
}
