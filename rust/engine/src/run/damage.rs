//! Damaged records and unreadable values among the rows of a batch (S9.2).

use super::block::{Block, Worker};
use crate::plan::{ColumnPath, DamageClauses};
use guard_verdict::Evidence;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Code of a value that has no reading as its column's type.
const UNREADABLE: &str = "type-mismatch";

/// What reading found wrong with the records of a batch.
#[derive(Debug, Clone, Default)]
pub struct Damage {
    /// By column of the batch: a bit for each row whose value is unreadable. All values of malformed records are.
    pub unreadable: Vec<Option<Vec<u64>>>,
    /// By row, ascending.
    pub faults: Vec<RowFault>,
}

/// One fault of one row.
#[derive(Debug, Clone)]
pub struct RowFault {
    /// Row of the batch.
    pub row: usize,
    /// What is wrong.
    pub kind: FaultKind,
    /// The bytes at fault, as evidence shows them; of use in the first faults of a kind only, as many as are evidence.
    pub value: Value,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The record has no reading; the code says why.
    Malformed(&'static str),
    /// The value at this path has no reading.
    Unreadable {
        /// Top-level column of the batch.
        column: usize,
        /// The whole path, such as `tags[2]`.
        path: Arc<str>,
    },
    /// The record has members that the contract does not admit.
    Undeclared(String),
}

impl Damage {
    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// A bit for each row of the block in which all of these columns can be read; none when all rows are such.
    pub(super) fn readable<'c>(
        &self,
        block: &Block<'_>,
        columns: impl Iterator<Item = &'c ColumnPath>,
    ) -> Option<Vec<u64>> {
        let positions = columns.filter_map(|path| path.steps.first());
        let mut out: Option<Vec<u64>> = None;
        for words in positions.filter_map(|position| self.unreadable.get(*position)?.as_ref()) {
            let alive = out.get_or_insert_with(|| super::block::ones(block.rows));
            let theirs = words.iter().skip(block.row / 64);
            alive.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine &= !theirs);
        }
        out
    }

    /// As [`Self::readable`], of one column.
    pub(super) fn alive(&self, block: &Block<'_>, column: usize) -> Option<Vec<u64>> {
        let words = self.unreadable.get(column)?.as_ref()?;
        let mut out = super::block::ones(block.rows);
        out.iter_mut().zip(words.iter().skip(block.row / 64)).for_each(|(mine, theirs)| *mine &= !theirs);
        Some(out)
    }
}

/// Rows of a block that fail on a clause.
type Failing = BTreeMap<usize, Vec<u64>>;

impl Worker<'_> {
    /// Counts the faults of the block's rows.
    pub(super) fn damage(&mut self, block: &Block<'_>, damage: &Damage, clauses: &DamageClauses) {
        let start = damage.faults.partition_point(|fault| fault.row < block.row);
        let faults = damage.faults.iter().skip(start);
        let mut failing = Failing::new();
        for fault in faults.take_while(|fault| fault.row < block.row + block.rows) {
            match &fault.kind {
                FaultKind::Malformed(code) => {
                    self.fault(block, clauses.well_formed, fault, ("", Some(code)), &mut failing);
                }
                FaultKind::Unreadable { path, .. } => match clauses.type_of(path) {
                    Some(clause) => {
                        self.count(clause, 1);
                        self.fault(block, clause, fault, (path.as_ref(), Some(UNREADABLE)), &mut failing);
                    }
                    None => {
                        self.fault(block, clauses.well_formed, fault, (path.as_ref(), Some(UNREADABLE)), &mut failing)
                    }
                },
                FaultKind::Undeclared(name) => {
                    if let Some(clause) = clauses.undeclared {
                        self.fault(block, clause, fault, (name, None), &mut failing);
                    }
                }
            }
        }
        for (clause, rows) in failing {
            if let Some(info) = self.plan.header.clauses.get(clause) {
                self.mark(block, clause, info, rows);
            }
        }
    }

    fn fault(
        &mut self,
        block: &Block<'_>,
        clause: usize,
        fault: &RowFault,
        (path, code): (&str, Option<&str>),
        failing: &mut Failing,
    ) {
        let plan = self.plan;
        let Some(tally) = self.tallies.get_mut(clause) else { return };
        let masked = plan.damage.as_ref().and_then(|clauses| clauses.mask(path));
        let record = block.record_of(fault.row);
        let evidence = || Evidence {
            source: String::new(),
            record,
            path: path.to_owned(),
            value: Some(masked.map_or_else(|| fault.value.clone(), |class| serde_json::json!({"masked": class}))),
            values: None,
            context: Vec::new(),
        };
        tally.failing += 1;
        if tally.wants_evidence_of(record) {
            tally.add_evidence(evidence());
        }
        if let Some(code) = code {
            // The names of most faults are known.
            let found = match tally.faults.get_mut(code) {
                Some(found) => found,
                None => tally.faults.entry(code.to_owned()).or_default(),
            };
            found.count += 1;
            if found.wants_evidence() {
                found.evidence.push(evidence());
            }
        }
        let row = fault.row - block.row;
        let rows = failing.entry(clause).or_insert_with(|| vec![0; block.rows.div_ceil(64)]);
        if let Some(word) = rows.get_mut(row / 64) {
            *word |= 1 << (row % 64);
        }
    }
}

/// How many of `rows` are alive.
pub(super) fn living(alive: Option<&[u64]>, rows: usize) -> u64 {
    alive.map_or(rows as u64, |words| words.iter().map(|word| u64::from(word.count_ones())).sum())
}

/// Keeps the bits of living rows.
pub(super) fn keep(words: &mut [u64], alive: Option<&[u64]>) {
    if let Some(alive) = alive {
        words.iter_mut().zip(alive).for_each(|(word, alive)| *word &= alive);
    }
}

/// Is the row's bit set?
pub(super) fn is_set(words: Option<&[u64]>, row: usize) -> bool {
    words.is_none_or(|words| words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1))
}
