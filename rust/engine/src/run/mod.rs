//! Running a plan over batches.
//!
//! Rooms: `chunk` (batches judged by themselves, in any order), `damage` (records that could not be read), `block` (one block of rows through every check), `nested` (values inside structs, lists and maps), `rules` (row rules), `tally` (counts
//! and first violations), `part` (the state of a range of records), `finish` (parts to a verdict), `partial` (parts as
//! bytes), `split` (accepted and rejected records).

mod block;
mod chunk;
mod damage;
mod finish;
mod nested;
mod part;
mod partial;
mod rules;
mod split;
mod tally;

pub use chunk::{Chunk, judge_chunk};
pub use damage::{Damage, FaultKind, RowFault};
pub use finish::verdict;
pub use part::Part;
pub use partial::Partial;
pub use split::{CLAUSES, RECORD, STATUS, Split, late, split};

use crate::plan::Plan;
use arrow_array::RecordBatch;
use block::{Block, Worker};
use guard_kernels::expr::vector::CHUNK_ROWS;
use guard_kernels::mask::Mask;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Rows evaluated together: a column's block fits the second-level cache with room for masks.
const BLOCK_ROWS: usize = 16_384;
/// Below this many cells a second thread costs more than it brings.
const PARALLEL_CELLS: usize = 400_000;

/// Lets the caller follow a check and stop it.
pub trait Control {
    /// Called now and then with the records done so far, on the caller's thread. False stops the check.
    fn keep_going(&self, records: u64) -> bool;
}

/// Never stops.
pub struct Uncontrolled;

impl Control for Uncontrolled {
    fn keep_going(&self, _: u64) -> bool {
        true
    }
}

/// A check that ended without a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunError {
    /// [`Control::keep_going`] said so.
    Interrupted,
    /// Parts of other contracts, options, references or schemas.
    PartsDiffer(String),
    /// Two parts saw the same record.
    PartsOverlap(String),
    /// Bytes that are no partial verdict.
    Unreadable(String),
    /// A batch of another schema than the first.
    SchemaChanged(String),
    /// A fault of ours.
    Internal(String),
}

impl std::fmt::Display for RunError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Interrupted => f.write_str("the check was interrupted"),
            Self::PartsDiffer(why) | Self::PartsOverlap(why) | Self::Unreadable(why) => f.write_str(why),
            Self::SchemaChanged(why) | Self::Internal(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for RunError {}

/// Threads that can run at once. Asked once: the answer is read from the files of the control group.
pub(crate) fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Row rules read columns that the checks just read: smaller blocks keep all of them in the cache.
fn block_rows(plan: &Plan) -> usize {
    if plan.rules.is_some() { CHUNK_ROWS } else { BLOCK_ROWS }
}

/// A check under way.
pub struct Run {
    plan: Arc<Plan>,
    part: Part,
    keep_clause_masks: bool,
    threads: usize,
}

impl Run {
    /// Starts a check of records numbered from `start` of `source`.
    pub fn new(plan: Arc<Plan>, source: &str, start: u64) -> Self {
        let part = Part::new(&plan, source, start);
        Self { plan, part, keep_clause_masks: false, threads: cores() }
    }

    /// Uses this many threads; the result is the same for any number.
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Also remembers which record each clause fails on, for splitting.
    pub fn with_clause_masks(mut self) -> Self {
        self.keep_clause_masks = true;
        self
    }

    /// Judges the next records.
    pub fn push(&mut self, batches: &[RecordBatch], control: &dyn Control) -> Result<(), RunError> {
        let mut base = self.part.start + self.part.records;
        let mut blocks = Vec::new();
        let most = block_rows(&self.plan);
        for batch in batches {
            let mut row = 0;
            while row < batch.num_rows() {
                let rows = most.min(batch.num_rows() - row);
                blocks.push(Block { position: blocks.len(), batch, row, rows, record: base + row as u64, damage: None });
                row += rows;
            }
            base += batch.num_rows() as u64;
        }
        let plan = Arc::clone(&self.plan);
        let workers = self.work(&plan, &blocks, control)?;
        self.collect(&blocks, workers);
        self.part.retain_keys(&self.plan, batches)?;
        self.part.count_whole(&self.plan, batches, base);
        Ok(())
    }

    /// Records judged so far.
    pub fn records(&self) -> u64 {
        self.part.records
    }

    /// The state reached.
    pub fn finish(self) -> Part {
        self.part
    }

    fn work<'p>(
        &self,
        plan: &'p Plan,
        blocks: &[Block<'_>],
        control: &dyn Control,
    ) -> Result<Vec<Worker<'p>>, RunError> {
        let cells: usize = blocks.iter().map(|block| block.rows).sum::<usize>() * plan.columns.len().max(1);
        let threads = if cells < PARALLEL_CELLS { 1 } else { self.threads.min(blocks.len()).max(1) };
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let worker = || Worker::new(plan, self.part.source.as_str(), self.keep_clause_masks);
        let step = |worker: &mut Worker<'p>| {
            let position = next.fetch_add(1, Ordering::Relaxed);
            blocks.get(position).filter(|_| !stop.load(Ordering::Relaxed)).map(|block| worker.run(block))
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads)
                .map(|_| {
                    scope.spawn(|| {
                        let mut mine = worker();
                        while step(&mut mine).is_some() {}
                        mine
                    })
                })
                .collect();
            let mut mine = worker();
            let mut interrupted = false;
            while step(&mut mine).is_some() {
                let done = blocks.get(next.load(Ordering::Relaxed)).map_or(0, |block| block.record - self.part.start);
                if !control.keep_going(self.part.records.max(done)) {
                    stop.store(true, Ordering::Relaxed);
                    interrupted = true;
                }
            }
            let mut workers = vec![mine];
            for other in others {
                workers.push(other.join().map_err(|_| RunError::Internal("a worker failed".to_owned()))?);
            }
            if interrupted { Err(RunError::Interrupted) } else { Ok(workers) }
        })
    }

    fn collect(&mut self, blocks: &[Block<'_>], workers: Vec<Worker<'_>>) {
        let first = self.part.records as usize;
        let rows: usize = blocks.iter().map(|block| block.rows).sum();
        self.part.grow(rows);
        let offset = |position: usize| {
            let block = blocks.get(position);
            block.map_or((first, 0), |block| ((block.record - self.part.start) as usize, block.rows))
        };
        let mut rejected = std::mem::take(&mut self.part.rejected);
        let mut masks = std::mem::take(&mut self.part.masks);
        let mut undecided = std::mem::take(&mut self.part.undecided);
        let mut undecided_masks = std::mem::take(&mut self.part.undecided_masks);
        for worker in workers {
            for (position, words) in &worker.rejected {
                let (start, rows) = offset(*position);
                rejected.or_at(start, words, rows);
            }
            for (position, words) in &worker.undecided {
                let (start, rows) = offset(*position);
                undecided.or_at(start, words, rows);
            }
            for (position, clause, words) in &worker.undecided_masks {
                let (start, rows) = offset(*position);
                if let Some(slot) = undecided_masks.get_mut(*clause) {
                    slot.get_or_insert_with(|| Mask::zeros(undecided.len())).or_at(start, words, rows);
                }
            }
            for (position, clause, words) in &worker.masks {
                let (start, rows) = offset(*position);
                if let Some(slot) = masks.get_mut(*clause) {
                    slot.get_or_insert_with(|| Mask::zeros(rejected.len())).or_at(start, words, rows);
                }
            }
            for (mine, theirs) in self.part.clauses.iter_mut().zip(worker.tallies) {
                mine.merge(theirs);
            }
        }
        self.part.rejected = rejected;
        self.part.masks = masks;
        self.part.undecided = undecided;
        self.part.undecided_masks = undecided_masks;
    }
}
