//! The state of a contiguous range of records.

use super::RunError;
use super::damage::Damage;
use super::keystore::{KeyMemory, Values};
use super::tally::{Tally, context};
use crate::plan::{ColumnPath, Header, Plan};
use arrow_array::{ArrayRef, RecordBatch};
use guard_kernels::mask::Mask;
use guard_verdict::Evidence;
use std::sync::Arc;

/// What is known after some records of one source, enough to merge with other ranges exactly.
#[derive(Debug, Clone)]
pub struct Part {
    /// What the plan says, whatever the records.
    pub header: Arc<Header>,
    /// The source's name; empty for a frame.
    pub source: String,
    /// Number of the first record.
    pub start: u64,
    /// Records seen.
    pub records: u64,
    /// By clause.
    pub clauses: Vec<Tally>,
    /// Records that a record clause or a foreign key rejects.
    pub rejected: Mask,
    /// By clause, where asked for: the records it fails on.
    pub masks: Vec<Option<Mask>>,
    /// Records that a clause leaves undecided which would reject them if it failed.
    pub undecided: Mask,
    /// By clause, where asked for: the records it leaves undecided.
    pub undecided_masks: Vec<Option<Mask>>,
    /// Values of each key, then of each self-reference (referring columns, then referenced ones): by column, by chunk.
    pub keys: Vec<Vec<Vec<Values>>>,
    /// By key as in `keys`: records in which a column of it could not be read (S9.2).
    pub unreadable_keys: Vec<Option<Mask>>,
}

impl Part {
    /// Nothing seen yet.
    pub fn new(plan: &Plan, source: &str, start: u64) -> Self {
        let header = Arc::clone(&plan.header);
        let widths = plan.keys.iter().map(|key| key.columns.len());
        let widths = widths.chain(plan.self_foreign.iter().map(|key| key.from.len() + key.to.len()));
        let keys: Vec<_> = widths.map(|columns| vec![Vec::new(); columns]).collect();
        Self {
            source: source.to_owned(),
            start,
            records: 0,
            clauses: vec![Tally::default(); header.clauses.len()],
            rejected: Mask::zeros(0),
            masks: vec![None; header.clauses.len()],
            undecided: Mask::zeros(0),
            undecided_masks: vec![None; header.clauses.len()],
            unreadable_keys: vec![None; keys.len()],
            keys,
            header,
        }
    }

    /// Makes room for `rows` more records.
    pub fn grow(&mut self, rows: usize) {
        self.records += rows as u64;
        let len = self.records as usize;
        self.rejected.grow(len);
        self.undecided.grow(len);
        self.undecided_masks.iter_mut().flatten().for_each(|mask| mask.grow(len));
        self.masks.iter_mut().flatten().for_each(|mask| mask.grow(len));
        self.unreadable_keys.iter_mut().flatten().for_each(|mask| mask.grow(len));
    }

    /// Notes of `rows` records from `first` on where keys could not be read. The referring columns of a reference decide for it.
    pub fn note_unreadable_keys(&mut self, plan: &Plan, damage: &Damage, first: usize, rows: usize) {
        let keys = plan.keys.iter().map(|key| &key.columns);
        let keys = keys.chain(plan.self_foreign.iter().map(|key| &key.from));
        for (slot, columns) in self.unreadable_keys.iter_mut().zip(keys) {
            let positions = columns.iter().filter_map(|path| path.steps.first());
            for words in positions.filter_map(|position| damage.unreadable.get(*position)?.as_ref()) {
                let len = self.records as usize;
                slot.get_or_insert_with(|| Mask::zeros(len)).or_at(first, words, rows);
            }
        }
    }

    /// Keeps the key columns of `batches`.
    pub fn retain_keys(
        &mut self,
        plan: &Plan,
        batches: &[RecordBatch],
        memory: Option<&KeyMemory>,
    ) -> Result<(), RunError> {
        let keys = plan.keys.iter().map(|key| key.columns.iter().collect::<Vec<_>>());
        let references = plan.self_foreign.iter().map(|key| key.from.iter().chain(&key.to).collect::<Vec<_>>());
        for (state, columns) in self.keys.iter_mut().zip(keys.chain(references)) {
            for batch in batches {
                let values = columns.iter().map(|path| resolve(path, batch)).collect::<Result<_, _>>()?;
                for (chunks, values) in state.iter_mut().zip(Values::keep(values, memory)?) {
                    chunks.push(values);
                }
            }
        }
        Ok(())
    }

    /// Counts the clauses that every record violates; `end` is the record number past the last.
    pub fn count_whole(&mut self, plan: &Plan, batches: &[RecordBatch], end: u64) {
        let rows: u64 = batches.iter().map(|batch| batch.num_rows() as u64).sum();
        for &clause in &plan.whole {
            let (Some(tally), Some(info)) = (self.clauses.get_mut(clause), self.header.clauses.get(clause)) else {
                continue;
            };
            tally.evaluated += rows;
            tally.failing += rows;
            let mut record = end - rows;
            for batch in batches {
                for row in 0..batch.num_rows() {
                    if !tally.wants_evidence() {
                        break;
                    }
                    tally.evidence.push(Evidence {
                        source: self.source.clone(),
                        record: record + row as u64,
                        path: info.columns.join(","),
                        value: None,
                        values: None,
                        context: context(plan, info, batch, row),
                    });
                }
                record += batch.num_rows() as u64;
            }
            if info.rejects() {
                self.rejected = Mask::all_ones(self.records as usize);
                if let Some(mask) = self.masks.get_mut(clause) {
                    *mask = Some(Mask::all_ones(self.records as usize));
                }
            }
        }
    }

    /// Number past the last record.
    pub fn end(&self) -> u64 {
        self.start + self.records
    }
}

/// The values of a planned column; a batch of another shape than the schema is a fault of its producer.
pub fn resolve(path: &ColumnPath, batch: &RecordBatch) -> Result<ArrayRef, RunError> {
    let changed = || RunError::SchemaChanged(format!("a batch has no column `{}` as its schema says", path.name));
    path.resolve(batch).ok_or_else(changed)
}
