//! Parquet and Arrow IPC as batches.
//!
//! A damaged file is refused as a whole (S10.2): its first error is the last item. No file, however hostile, panics or takes memory beyond what its bytes account for,
//! with one exception: a compressed Parquet page is inflated as its codec has it.

mod ahead;
mod int96;
mod ipc;
mod parquet;
mod proving;
mod region;
mod statistics;

pub use proving::Proved;
pub(crate) use proving::Proving;
pub use statistics::{Bound, ColumnStatistics, Statistics, parquet_statistics};

use crate::error::IngestError;
use crate::format::Format;
use crate::source::{Body, Source, failure, spool};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use guard_engine::plan::Plan;
use region::Region;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

/// Rows of a batch, at most.
pub const BATCH_ROWS: usize = 65_536;

/// Batches of one source.
pub type Batches = Box<dyn Iterator<Item = Result<RecordBatch, IngestError>> + Send>;

/// A columnar source: its schema, and its batches in order, of at most [`BATCH_ROWS`] rows each; none of Parquet spans two row groups. After an error there is nothing more.
pub struct Columnar {
    schema: SchemaRef,
    rows: Option<u64>,
    batches: Batches,
}

impl Columnar {
    /// Of each batch, without the file's own metadata.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Rows in all, where the file says so before it is read (Parquet).
    pub fn rows(&self) -> Option<u64> {
        self.rows
    }

    /// The batches alone.
    pub fn into_batches(self) -> Batches {
        self.batches
    }
}

impl Iterator for Columnar {
    type Item = Result<RecordBatch, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batches.next()
    }
}

impl std::fmt::Debug for Columnar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Columnar").field("schema", &self.schema).field("rows", &self.rows).finish_non_exhaustive()
    }
}

/// Opens Parquet or Arrow IPC; batches are decoded ahead on `threads`, or when they are asked for if it is one.
pub(crate) fn open(source: Source, columns: Option<&[String]>, threads: usize) -> Result<Columnar, IngestError> {
    let (name, format, region) = opened(source)?;
    if format == Format::Parquet {
        return parquet::open(&name, region, columns, threads);
    }
    let mut found = ipc::open(&name, region, columns)?;
    if threads > 1 {
        found.batches = ahead::ahead(vec![Box::new(move || found.batches)], 1);
    }
    Ok(found)
}

/// Opens Parquet of which only those columns are read that its statistics leave open to the plan.
pub(crate) fn proving(source: Source, plan: &Arc<Plan>, threads: usize) -> Result<Proving, IngestError> {
    let (name, _, region) = opened(source)?;
    caught(&name, "statistics", || Proving::open(&name, region, Arc::clone(plan), threads))
}

fn opened(source: Source) -> Result<(String, Format, Region), IngestError> {
    let (format, progress) = (source.format(), source.progress());
    let (name, body, head) = source.into_parts();
    if format.is_text() {
        return Err(IngestError::new(
            "file-format-unknown",
            format!("`{name}` is {} and has no columns", format.name()),
        )
        .help("read it as text"));
    }
    let region = region(&name, body, &head)?.counted(progress);
    Ok((name, format, region))
}

fn region(name: &str, body: Body, head: &[u8]) -> Result<Region, IngestError> {
    let failed = |error| failure::unreadable(name, &error);
    Ok(match body {
        Body::File(file, length) => Region::of_file(file, length),
        Body::Memory(bytes) => Region::of_memory(bytes),
        Body::Stream(rest) => {
            let copy = spool(name, head, rest)?;
            let file = copy.reopen().map_err(failed)?;
            let length = file.metadata().map_err(failed)?.len();
            // The open file outlives its name, which goes with `copy`; where it does not, the copy goes with the temporary folder.
            Region::of_file(file, length)
        }
    })
}

/// `file-unreadable`, for this reason.
fn damaged(name: &str, place: &str, reason: &str) -> IngestError {
    let mut letters = reason.chars();
    let reason: String = letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect();
    let colon = if place.is_empty() { "" } else { ": " };
    IngestError::new("file-unreadable", format!("`{name}` cannot be read: {place}{colon}{reason}"))
        .help("write or copy the file again; a part of it is not read")
}

/// Runs a reader of foreign bytes. The readers of Parquet and Arrow check what they read, but not all of it: on some hostile bytes they panic. Nothing that they leave
/// behind is used after that, so that no broken state is seen.
fn caught<T>(name: &str, place: &str, run: impl FnOnce() -> Result<T, IngestError>) -> Result<T, IngestError> {
    quiet_hook();
    let before = QUIET.replace(true);
    let found = catch_unwind(AssertUnwindSafe(run));
    QUIET.set(before);
    found.unwrap_or_else(|_| Err(damaged(name, place, "its bytes contradict each other")))
}

thread_local! {
    /// Is a panic of this thread about to become an error?
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Keeps panics that become errors from standard error; all others are reported by the hook that was there.
fn quiet_hook() {
    static SET: Once = Once::new();
    SET.call_once(|| {
        let reported = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !QUIET.try_with(Cell::get).unwrap_or(false) {
                reported(panic);
            }
        }));
    });
}

/// Stops at the first error.
struct Guarded<I> {
    name: String,
    inner: Option<I>,
}

/// What can be asked for the next batch; `place` is for messages.
trait Steps: Send {
    fn place(&self) -> String;
    fn step(&mut self) -> Result<Option<RecordBatch>, IngestError>;
}

impl<I: Steps> Iterator for Guarded<I> {
    type Item = Result<RecordBatch, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        let inner = self.inner.as_mut()?;
        let place = inner.place();
        let found = caught(&self.name, &place, || inner.step());
        if !matches!(found, Ok(Some(_))) {
            self.inner = None;
        }
        found.transpose()
    }
}
