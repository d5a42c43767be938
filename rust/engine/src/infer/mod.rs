//! Drafting a contract from a frame: everything that holds on all of its records and looks as if it were meant.
//!
//! Rooms: `profile` (what is known of a column's values), `range`, `text` and `nested` (its parts), `keys` (columns without
//! duplicates), `names` (what a column's name suggests), `propose` (from the profile to clauses and notes), `document` (the
//! draft as YAML), `yaml` (quoting).

mod document;
mod keys;
pub(crate) mod names;
mod nested;
mod profile;
mod propose;
mod range;
mod text;
pub(crate) mod yaml;

use crate::run::{Control, RunError};
use arrow_array::RecordBatch;
use arrow_schema::{Fields, Schema};
use keys::Candidate;
use profile::Profile;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};

/// Below this many cells a second thread costs more than it brings.
const PARALLEL_CELLS: usize = 400_000;

/// Why there is no draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InferError {
    /// Two columns bear this name, so no clause could say which one it means.
    ColumnAmbiguous(String),
    /// Interrupted, batches of differing schemas, or a fault of ours.
    Run(RunError),
}

impl std::fmt::Display for InferError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ColumnAmbiguous(name) => write!(f, "the frame has more than one column `{}`", name.escape_debug()),
            Self::Run(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for InferError {}

/// A column and what has been seen of it.
struct Column {
    name: String,
    profile: Profile,
    key: Candidate,
}

/// A draft under way: fed batch after batch, each value looked at once.
///
/// Memory is bounded by the schema, apart from columns that may be keys: integers and text without NULL or duplicates so
/// far are kept until the end.
pub struct Inference {
    fields: Fields,
    columns: Vec<Column>,
    records: u64,
    threads: usize,
    origin: Origin,
}

/// What a draft says of where its records came from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Origin {
    /// There were more records than were looked at.
    pub part: bool,
    /// Sentences below the first line.
    pub notes: Vec<String>,
    /// customProperties of the schema object, such as a CSV dialect.
    pub custom: Vec<(&'static str, Value)>,
}

impl std::fmt::Debug for Inference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inference").field("columns", &self.columns.len()).field("records", &self.records).finish()
    }
}

impl Inference {
    /// Nothing seen yet of a frame with this schema.
    ///
    /// # Errors
    /// [`InferError::ColumnAmbiguous`] when two columns bear one name.
    pub fn new(schema: &Schema) -> Result<Self, InferError> {
        let mut seen = HashSet::new();
        if let Some(twice) = schema.fields().iter().find(|field| !seen.insert(field.name())) {
            return Err(InferError::ColumnAmbiguous(twice.name().clone()));
        }
        let column = |field: &arrow_schema::FieldRef| Column {
            name: field.name().clone(),
            profile: Profile::of(field),
            key: if profile::is_untyped(field) { Candidate::Out } else { Candidate::new(field.data_type()) },
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let columns = schema.fields().iter().map(column).collect();
        Ok(Self { fields: schema.fields().clone(), columns, records: 0, threads, origin: Origin::default() })
    }

    /// Uses this many threads; the draft is the same for any number.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Says where the records came from.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Where the records came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Looks at the next records.
    ///
    /// # Errors
    /// [`RunError::SchemaChanged`] for a batch of another schema, [`RunError::Interrupted`] when `control` says so.
    pub fn push(&mut self, batches: &[RecordBatch], control: &dyn Control) -> Result<(), InferError> {
        let same = |batch: &RecordBatch| {
            let fields = batch.schema_ref().fields();
            let pairs = fields.iter().zip(&self.fields);
            fields.len() == self.fields.len()
                && pairs
                    .into_iter()
                    .all(|(mine, first)| (mine.name(), mine.data_type()) == (first.name(), first.data_type()))
        };
        if !batches.iter().all(same) {
            let message = "a frame has other columns or types than the first".to_owned();
            return Err(InferError::Run(RunError::SchemaChanged(message)));
        }
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        self.feed(batches, rows, control).map_err(InferError::Run)?;
        self.records += rows as u64;
        Ok(())
    }

    /// The columns are parted among threads; the caller's own thread asks `control` between two of them.
    fn feed(&mut self, batches: &[RecordBatch], rows: usize, control: &dyn Control) -> Result<(), RunError> {
        let cells = rows.saturating_mul(self.columns.len());
        let threads = if cells < PARALLEL_CELLS { 1 } else { self.threads };
        let share = self.columns.len().div_ceil(threads).max(1);
        let (stop, records) = (AtomicBool::new(false), self.records);
        let mut shares = self.columns.chunks_mut(share).enumerate();
        let mine = shares.next();
        std::thread::scope(|scope| {
            let others: Vec<_> = shares
                .map(|(position, columns)| {
                    let stop = &stop;
                    scope.spawn(move || work(columns, position * share, batches, &|| !stop.load(Ordering::Relaxed)))
                })
                .collect();
            let asked = || {
                let go_on = control.keep_going(records);
                stop.fetch_or(!go_on, Ordering::Relaxed);
                go_on
            };
            let mut done = mine.is_none_or(|(_, columns)| work(columns, 0, batches, &asked));
            for other in others {
                done &= other.join().map_err(|_| RunError::Internal("a worker failed".to_owned()))?;
            }
            if done { Ok(()) } else { Err(RunError::Interrupted) }
        })
    }

    /// The draft as the text of an ODCS 3.1 contract, with the evidence in comments. Deterministic: the same records give
    /// the same text, whatever the batches and threads. Candidate keys are decided here, in time proportional to them.
    pub fn draft(self, name: &str, id: &str) -> String {
        document::write(self, name, id)
    }
}

/// Feeds each of `columns`, of which the first is number `first` of the frame. Whether it got to the end.
fn work(columns: &mut [Column], first: usize, batches: &[RecordBatch], go_on: &dyn Fn() -> bool) -> bool {
    for (position, column) in columns.iter_mut().enumerate() {
        for array in batches.iter().filter_map(|batch| batch.columns().get(first + position)) {
            if !go_on() {
                return false;
            }
            column.profile.feed(array.as_ref(), None);
            column.key.feed(array);
        }
    }
    true
}
