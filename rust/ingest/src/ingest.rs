//! An ingestion: sources in, accepted batches and a verdict out.

use crate::columnar::{Columnar, Proved, Proving};
use crate::dialect::dialect;
use crate::error::IngestError;
use crate::format::Format;
use crate::judge::{Deciding, Late, Refused};
use crate::kept::kept;
use crate::layout::{MEMBERS, undeclared};
use crate::open::{Opened, Prepared, Wanted, object, prepare};
use crate::quarantine::{Head, Quarantine, Tail};
use crate::request::{Csv, Request};
use crate::room::TemporaryRoom;
use crate::tally::{Judged, Tally};
use crate::text::{Placed, TextSource};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use guard_decode::Undeclared;
use guard_engine::cell::cell;
use guard_engine::plan::Plan;
use guard_engine::run::{
    Chunk, Control, Damage, KeyMemory, Part, Partial, Run, RunError, judge_chunk, judge_proved, late,
};
use guard_verdict::Verdict;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// What an ingestion ends with.
pub struct Outcome {
    /// On all records of all sources.
    pub verdict: Verdict,
    /// What the reader of the verdict should know: a name that lies about its format, a dialect that was guessed, a file that grew, clauses that a file's
    /// statistics proved.
    pub notices: Vec<String>,
    /// Records that were not accepted.
    pub quarantined: u64,
    /// What was not looked at, because a Parquet file's statistics prove it.
    pub proved: Vec<Proved>,
    /// The plan, which knows lines and arguments of clauses.
    pub plan: Arc<Plan>,
}

/// Undeclared names that a verdict lists, at most.
const MOST_NAMES: usize = 1_000;
/// Names that a notice lists, at most.
const NAMED: usize = 5;

/// Records under way.
pub struct Ingest {
    request: Request,
    prepared: Prepared,
    deciding: Deciding,
    /// Clauses on all records were judged, and reject these.
    late: Option<Late>,
    pass: Pass,
    notices: Vec<String>,
    /// Nobody asked for records.
    verdict_only: bool,
}

/// One reading of all sources.
struct Pass {
    /// Position of the source at hand.
    position: usize,
    source: Option<(Source, Run)>,
    parts: Vec<Part>,
    undeclared: BTreeSet<String>,
    /// There were more of them.
    undeclared_more: bool,
    tally: Tally,
    proved: Vec<Proved>,
    /// Shared by all sources.
    keys: Option<KeyMemory>,
    /// Records of all sources before the chunk at hand.
    records: usize,
    done: bool,
}

/// A source being read.
enum Source {
    Text(Box<TextSource>, Arc<AtomicI64>),
    Columnar(Columnar),
    Proving(Box<Proving>),
}

/// A chunk with what became of its records.
struct Step {
    batch: RecordBatch,
    refused: Refused,
}

impl Ingest {
    /// Opens the first source, reads its header and compiles the contract against it.
    pub fn open(request: Request) -> Result<Self, IngestError> {
        let prepared = prepare(&request)?;
        let deciding = Deciding::new(&prepared.plan);
        let notices = prepared.notices.clone();
        let mut out =
            Self { request, prepared, deciding, late: None, pass: Pass::new(None), notices, verdict_only: true };
        out.pass.tally = Tally::new(out.create_quarantine()?);
        Ok(out)
    }

    /// The columns of accepted batches.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.prepared.schema)
    }

    /// The plan that judges.
    pub fn shared_plan(&self) -> Arc<Plan> {
        Arc::clone(&self.prepared.plan)
    }

    /// Bytes read so far and, where it is known, of how many, before decompression: for progress.
    pub fn progress(&self) -> (u64, Option<u64>) {
        self.prepared.progress()
    }

    /// The next accepted records, in order; none at the end. Empty batches are not handed out.
    pub fn next_batch(&mut self, control: &dyn Control) -> Result<Option<RecordBatch>, IngestError> {
        self.verdict_only = false;
        if self.late.is_none() && self.needs_all() {
            self.read_all(control)?;
            self.late = Some(late(&self.pass.parts).map_err(internal)?);
            self.again()?;
        }
        while let Some(step) = self.step(control)? {
            let Step { batch, refused } = step;
            if refused.len() == batch.num_rows() {
                continue;
            }
            if refused.is_empty() {
                return Ok(Some(batch));
            }
            return kept(&batch, refused.iter().map(|(row, _)| *row))
                .map(Some)
                .map_err(|why| IngestError::new("internal-error", why.to_string()));
        }
        Ok(None)
    }

    /// Reads what is left and gives the verdict.
    pub fn finish(mut self, control: &dyn Control) -> Result<Outcome, IngestError> {
        self.read_all(control)?;
        if self.late.is_none() && self.needs_all() {
            let found = late(&self.pass.parts).map_err(internal)?;
            if found.iter().any(|(_, mask)| !mask.is_zero()) && (self.prepared.is_text || self.writes()) {
                self.late = Some(found);
                self.again()?;
                self.read_all(control)?;
            }
        }
        self.prepared.unchanged()?;
        let mut verdict = verdict(&mut self.pass)?;
        if self.prepared.is_text {
            if !self.pass.tally.bytes.add_up() {
                return Err(IngestError::new("internal-error", "bytes were lost; this is a fault of guard_nb"));
            }
            verdict.bytes = Some(self.pass.tally.bytes);
            verdict.undeclared = self.pass.undeclared.iter().cloned().collect();
            verdict.undeclared_more = self.pass.undeclared_more;
            self.notices.extend(self.left_out());
        }
        if let Some(quarantine) = self.pass.tally.quarantine.take() {
            quarantine.commit()?;
        }
        self.notices.extend(self.prepared.noticed());
        self.notices.extend(self.pass.proved.iter().map(Proved::notice));
        let (quarantined, proved) = (self.pass.tally.quarantined, self.pass.proved);
        Ok(Outcome { verdict, notices: self.notices, quarantined, proved, plan: self.prepared.plan })
    }

    /// The dialect of CSV that the contract reads, whatever this request said.
    ///
    /// # Errors
    /// `dialect-unreadable`, where the contract's makes no sense.
    pub fn written(&self, format: Format) -> Result<(Csv, Vec<String>), IngestError> {
        let object = object(&self.request)?;
        let dialect = dialect(format, &[], &Csv::default(), object, &mut Vec::new())?;
        let names = object.properties.iter().map(|property| property.name.clone()).collect();
        Ok((dialect.csv(), names))
    }

    /// What the contract keeps and no column holds: members inside of declared objects, and columns that the first source has not (S9.7).
    fn left_out(&self) -> Option<String> {
        let object = object(&self.request).ok()?;
        if undeclared(object) != Undeclared::Keep {
            return None;
        }
        let fields = self.prepared.schema.fields();
        let gathers = fields.iter().any(|field| field.metadata().contains_key(MEMBERS));
        let inside = |name: &str| {
            let mut rest = fields.iter().filter_map(|field| name.strip_prefix(field.name().as_str()));
            rest.any(|rest| rest.starts_with(['.', '[']))
        };
        let is_lost = |name: &&String| if gathers { inside(name) } else { fields.find(name.as_str()).is_none() };
        let lost: Vec<_> =
            self.pass.undeclared.iter().filter(is_lost).take(NAMED).map(|name| format!("`{name}`")).collect();
        let place =
            if gathers { "inside of a declared member" } else { "in columns that the first source does not have" };
        (!lost.is_empty())
            .then(|| format!("left out, since it is not declared and stands {place}: {}", lost.join(", ")))
    }

    /// Do clauses on all records reject records (S10.7)?
    fn needs_all(&self) -> bool {
        let header = &self.prepared.plan.header;
        let keys = header.keys.iter().chain(&header.self_foreign);
        keys.filter_map(|key| header.clauses.get(key.clause)).any(guard_engine::plan::ClauseInfo::rejects)
    }

    fn writes(&self) -> bool {
        self.request.quarantine.is_some()
    }

    fn create_quarantine(&self) -> Result<Option<Quarantine>, IngestError> {
        let create = |path: &std::path::PathBuf| {
            Quarantine::create(path, &self.prepared.plan.header.contract, &self.prepared.described)
        };
        self.request.quarantine.as_ref().map(create).transpose()
    }

    fn again(&mut self) -> Result<(), IngestError> {
        self.pass = Pass::new(self.create_quarantine()?);
        Ok(())
    }

    fn read_all(&mut self, control: &dyn Control) -> Result<(), IngestError> {
        while self.step(control)?.is_some() {}
        Ok(())
    }

    /// Reads and counts the next chunk.
    fn step(&mut self, control: &dyn Control) -> Result<Option<Step>, IngestError> {
        loop {
            let (read, of) = self.prepared.progress();
            control.bytes(read, of);
            if !control.keep_going(self.pass.records as u64) {
                return Err(IngestError::new("interrupted", "the check was interrupted"));
            }
            let Some((mut source, mut run)) = self.pass.source.take() else {
                if !self.open_next()? {
                    return Ok(None);
                }
                continue;
            };
            let step = match &mut source {
                Source::Text(text, _) => self.text_step(text, &mut run)?,
                Source::Columnar(batches) => match batches.next() {
                    None => None,
                    Some(batch) => {
                        let batch = batch?;
                        let chunk = judge_chunk(&self.prepared.plan, &batch, &Damage::default(), self.writes());
                        Some(self.columnar_step(batch, chunk, &mut run)?)
                    }
                },
                Source::Proving(batches) => self.proving_step(batches, &mut run)?,
            };
            match step {
                Some(step) => {
                    self.pass.source = Some((source, run));
                    return Ok(Some(step));
                }
                None => {
                    self.pass.tally.close()?;
                    if let Source::Text(_, converted) = &source {
                        self.pass.tally.convert(converted.load(Ordering::Relaxed));
                    }
                    if let Source::Proving(batches) = &source {
                        self.pass.proved.extend(batches.proved());
                    }
                    self.pass.parts.push(run.finish());
                    self.pass.position += 1;
                }
            }
        }
    }

    fn open_next(&mut self) -> Result<bool, IngestError> {
        if self.pass.done {
            return Ok(false);
        }
        let Some(opened) = self.prepared.open(&self.request, self.pass.position, self.wanted())? else {
            self.pass.done = true;
            return Ok(false);
        };
        let name = self.prepared.name_in_verdict(&self.request, self.pass.position);
        let run = Run::new(Arc::clone(&self.prepared.plan), &name, 0);
        let limit = self.request.memory_bytes;
        let memory = self.pass.keys.get_or_insert_with(|| KeyMemory::new(limit, Arc::new(TemporaryRoom::default())));
        let run = run.with_key_memory(memory.clone());
        let source = match opened {
            Opened::Text { source, header_bytes, converted } => {
                self.pass.tally.bytes.header += header_bytes;
                self.pass.tally.bytes.total += header_bytes;
                Source::Text(source, converted)
            }
            Opened::Columnar(batches) => Source::Columnar(batches),
            Opened::Proving(batches) => Source::Proving(batches),
        };
        self.pass.source = Some((source, run));
        Ok(true)
    }

    fn text_step(&mut self, source: &mut TextSource, run: &mut Run) -> Result<Option<Step>, IngestError> {
        let Some(Placed { read, record, line }) = source.next()? else { return Ok(None) };
        let mut read = *read;
        let rows = read.batch.num_rows();
        let no_late = Vec::new();
        let late = self.late.as_ref().unwrap_or(&no_late);
        let refused = self.deciding.refused(&self.prepared.plan, &read.chunk, late, self.pass.records, rows);
        let name = self.prepared.name(&self.request, self.pass.position);
        let header = read.block.under.as_ref().map(|under| Arc::clone(&under.header)).or_else(|| source.header());
        self.pass.tally.take(&Judged {
            plan: &self.prepared.plan,
            deciding: &self.deciding,
            late,
            first: self.pass.records,
            record,
            line,
            name: &name,
            header: header.as_deref(),
            limit: self.request.record_bytes,
            read: &read,
            refused: &refused,
        })?;
        self.pass.records += rows;
        self.pass.note_undeclared(&mut read.undeclared);
        run.join(read.chunk, &read.batch, &read.damage).map_err(internal)?;
        source.done(read.block);
        Ok(Some(Step { batch: read.batch, refused }))
    }

    fn wanted(&self) -> Wanted {
        match self.writes() {
            true => Wanted::Masks,
            false if self.verdict_only => Wanted::Verdict,
            false => Wanted::Records,
        }
    }

    fn proving_step(&mut self, batches: &mut Proving, run: &mut Run) -> Result<Option<Step>, IngestError> {
        let Some(piece) = batches.next_piece()? else { return Ok(None) };
        let plan = &self.prepared.plan;
        let chunk = judge_proved(plan, &piece.batch, &piece.unread);
        if !chunk.has_evidence() {
            return self.columnar_step(piece.batch, chunk, run).map(Some);
        }
        let batch = batches.with_context(&piece)?;
        let chunk = judge_proved(plan, &batch, &piece.unread);
        self.columnar_step(batch, chunk, run).map(Some)
    }

    fn columnar_step(&mut self, batch: RecordBatch, chunk: Chunk, run: &mut Run) -> Result<Step, IngestError> {
        let damage = Damage::default();
        let plan = &self.prepared.plan;
        let no_late = Vec::new();
        let late = self.late.as_ref().unwrap_or(&no_late);
        let rows = batch.num_rows();
        let first = self.pass.records;
        let refused = self.deciding.refused(plan, &chunk, late, first, rows);
        let start = run.records();
        let mut reasons = self.deciding.reasons(plan, &chunk, &damage, late, first);
        for (row, status) in &refused {
            let (row, Some(word)) = (*row, status.word()) else { continue };
            self.pass.tally.quarantined += 1;
            let Some(quarantine) = &mut self.pass.tally.quarantine else { continue };
            let reasons = reasons.of(row);
            let schema = batch.schema();
            let values = schema.fields().iter().zip(batch.columns());
            let values = values.map(|(field, array)| (field.name().clone(), cell(array.as_ref(), row)));
            let values = serde_json::Value::Object(values.collect());
            let name = self.prepared.name(&self.request, self.pass.position);
            let head = Head { source: &name, header: None, record: start + row as u64, line: None, bytes: None };
            quarantine.add(&head, &Tail::of_values(word, &reasons, values))?;
        }
        self.pass.records += rows;
        run.join(chunk, &batch, &damage).map_err(internal)?;
        Ok(Step { batch, refused })
    }
}

impl Pass {
    /// Keeps the first names: how many there are does not depend on how the source was cut.
    fn note_undeclared(&mut self, names: &mut BTreeSet<String>) {
        self.undeclared.append(names);
        while self.undeclared.len() > MOST_NAMES {
            self.undeclared.pop_last();
            self.undeclared_more = true;
        }
    }

    fn new(quarantine: Option<Quarantine>) -> Self {
        Self {
            position: 0,
            source: None,
            parts: Vec::new(),
            undeclared: BTreeSet::new(),
            undeclared_more: false,
            tally: Tally::new(quarantine),
            proved: Vec::new(),
            keys: None,
            records: 0,
            done: false,
        }
    }
}

fn verdict(pass: &mut Pass) -> Result<Verdict, IngestError> {
    let parts = std::mem::take(&mut pass.parts).into_iter().map(Partial::new);
    let whole = parts.map(Ok).reduce(|mine, theirs| mine?.merge(theirs?));
    let whole = whole.ok_or_else(|| IngestError::new("internal-error", "there is no source"))?;
    whole.and_then(|whole| whole.verdict()).map_err(internal)
}

fn internal(why: RunError) -> IngestError {
    match why {
        RunError::Interrupted => IngestError::new("interrupted", "the check was interrupted"),
        RunError::Storage(why) => IngestError::new("file-unwritable", format!("keys do not fit into memory: {why}"))
            .help("make room there, set TMPDIR to a folder with room, or let keys take more memory"),
        other => IngestError::new("internal-error", other.to_string()),
    }
}
