//! Batches judged by themselves, on any thread, and joined to a run in their order.

use super::block::{Block, Worker};
use super::damage::Damage;
use super::{Run, RunError, block_rows};
use crate::plan::Plan;
use arrow_array::RecordBatch;
use guard_kernels::mask::Mask;

/// What the clauses on single records say of a batch; records are numbered from 0.
pub struct Chunk {
    rows: usize,
    tallies: Vec<super::tally::Tally>,
    /// Rows that a clause rejects.
    pub rejected: Mask,
    /// Rows that a deciding clause leaves undecided.
    pub undecided: Mask,
    /// By clause, where asked for: the rows it fails on.
    pub masks: Vec<Option<Mask>>,
    /// By clause, where asked for: the rows it leaves undecided.
    pub undecided_masks: Vec<Option<Mask>>,
}

/// Judges a batch by itself. `masks`: say of each clause which rows it fails on.
pub fn judge_chunk(plan: &Plan, batch: &RecordBatch, damage: &Damage, masks: bool) -> Chunk {
    judge(Worker::new(plan, "", masks), batch, damage)
}

/// Judges a batch of which some columns (`proved`, by position) hold anything at all: their values are known to satisfy every check, and nothing but
/// checks and evidence reads them (see [`super::Known`]). Gives what [`judge_chunk`] gives on the values, except for context in evidence.
pub fn judge_proved(plan: &Plan, batch: &RecordBatch, proved: &[bool]) -> Chunk {
    let mut worker = Worker::new(plan, "", false);
    worker.proved = proved;
    judge(worker, batch, &Damage::default())
}

fn judge(mut worker: Worker<'_>, batch: &RecordBatch, damage: &Damage) -> Chunk {
    let plan = worker.plan;
    let rows = batch.num_rows();
    let mut starts = Vec::new();
    while starts.last().map_or(0, |(row, rows)| row + rows) < rows {
        let row = starts.last().map_or(0, |(row, rows)| row + rows);
        let some = block_rows(plan).min(rows - row);
        let damage = (!damage.is_empty()).then_some(damage);
        worker.run(&Block { position: starts.len(), batch, row, rows: some, record: row as u64, damage });
        starts.push((row, some));
    }
    let clauses = plan.header.clauses.len();
    let mut chunk = Chunk {
        rows,
        rejected: Mask::zeros(rows),
        undecided: Mask::zeros(rows),
        masks: vec![None; clauses],
        undecided_masks: vec![None; clauses],
        tallies: std::mem::take(&mut worker.tallies),
    };
    let place = |position: &usize| starts.get(*position).copied().unwrap_or_default();
    for (position, words) in &worker.rejected {
        let (start, len) = place(position);
        chunk.rejected.or_at(start, words, len);
    }
    for (position, words) in &worker.undecided {
        let (start, len) = place(position);
        chunk.undecided.or_at(start, words, len);
    }
    for (found, into) in [(&worker.masks, &mut chunk.masks), (&worker.undecided_masks, &mut chunk.undecided_masks)] {
        for (position, clause, words) in found {
            let (start, len) = place(position);
            if let Some(slot) = into.get_mut(*clause) {
                slot.get_or_insert_with(|| Mask::zeros(rows)).or_at(start, words, len);
            }
        }
    }
    chunk
}

impl Chunk {
    /// Is there something to show of a record?
    pub fn has_evidence(&self) -> bool {
        self.tallies.iter().any(|tally| !tally.evidence.is_empty() || !tally.undecided.is_empty())
    }
}

impl Run {
    /// Joins the next chunk.
    pub fn join(&mut self, chunk: Chunk, batch: &RecordBatch, damage: &Damage) -> Result<(), RunError> {
        let first = self.part.records as usize;
        let base = self.part.start + self.part.records;
        self.part.grow(chunk.rows);
        self.part.rejected.or_at(first, chunk.rejected.words(), chunk.rows);
        self.part.undecided.or_at(first, chunk.undecided.words(), chunk.rows);
        for (mine, mut theirs) in self.part.clauses.iter_mut().zip(chunk.tallies) {
            theirs.place(&self.part.source, base);
            mine.merge(theirs);
        }
        self.part.retain_keys(&self.plan, std::slice::from_ref(batch), self.key_memory.as_ref())?;
        self.part.note_unreadable_keys(&self.plan, damage, first, chunk.rows);
        self.part.count_whole(&self.plan, std::slice::from_ref(batch), base + chunk.rows as u64);
        Ok(())
    }
}
