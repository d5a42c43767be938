//! Counts and first violations of a clause.

use crate::cell::cell;
use crate::plan::{ClauseInfo, Plan};
use arrow_array::{Array, RecordBatch};
use guard_verdict::{ContextCell, EVIDENCE_LIMIT, Evidence};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is known of a clause after some records. Merging is commutative and associative (S1.13).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Values looked at.
    pub evaluated: u64,
    /// Values that violate.
    pub failing: u64,
    /// The smallest violations, sorted.
    pub evidence: Vec<Evidence>,
    /// Least and greatest instant seen, in nanoseconds since 1970.
    #[serde(with = "crate::wide::pair")]
    pub ages: Option<(i128, i128)>,
    /// By code: records on which the clause could not be decided (S7.4).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub undecided: BTreeMap<String, Undecided>,
    /// By code: what is wrong with malformed records (S9.2).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub faults: BTreeMap<String, Undecided>,
}

/// Records on which a clause could not be decided, for one reason.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Undecided {
    /// How many.
    pub count: u64,
    /// The smallest, sorted.
    pub evidence: Vec<Evidence>,
}

impl Undecided {
    /// As [`Tally::wants_evidence`].
    pub fn wants_evidence(&self) -> bool {
        self.evidence.len() < EVIDENCE_LIMIT
    }
}

fn smallest(evidence: &mut Vec<Evidence>, more: Vec<Evidence>) {
    evidence.extend(more);
    evidence.sort_by(|a, b| (&a.source, a.record).cmp(&(&b.source, b.record)));
    evidence.truncate(EVIDENCE_LIMIT);
}

fn join(mine: &mut BTreeMap<String, Undecided>, theirs: BTreeMap<String, Undecided>) {
    for (code, theirs) in theirs {
        let mine = mine.entry(code).or_default();
        mine.count += theirs.count;
        smallest(&mut mine.evidence, theirs.evidence);
    }
}

impl Tally {
    /// Is there room for more evidence? For callers that alone write it and see records in ascending order, so that a full list stays.
    pub fn wants_evidence(&self) -> bool {
        self.evidence.len() < EVIDENCE_LIMIT
    }

    /// Is evidence of `record` among the smallest? Values and faults of reading are counted one after the other, so that records come out of order.
    pub fn wants_evidence_of(&self, record: u64) -> bool {
        self.wants_evidence() || self.evidence.last().is_some_and(|last| record < last.record)
    }

    /// Adds evidence in its place, of the same source as all before; the greatest leaves a full list.
    pub fn add_evidence(&mut self, evidence: Evidence) {
        let place = self.evidence.partition_point(|known| known.record <= evidence.record);
        self.evidence.insert(place, evidence);
        self.evidence.truncate(EVIDENCE_LIMIT);
    }

    /// Adds what another worker or part saw.
    pub fn merge(&mut self, other: Self) {
        self.evaluated += other.evaluated;
        self.failing += other.failing;
        self.ages = match (self.ages, other.ages) {
            (Some((least, greatest)), Some((low, high))) => Some((least.min(low), greatest.max(high))),
            (mine, theirs) => mine.or(theirs),
        };
        smallest(&mut self.evidence, other.evidence);
        join(&mut self.undecided, other.undecided);
        join(&mut self.faults, other.faults);
    }

    /// Moves all evidence to the records of `source` from `base` on.
    pub fn place(&mut self, source: &str, base: u64) {
        let by_code = self.undecided.values_mut().chain(self.faults.values_mut());
        let lists = by_code.map(|found| &mut found.evidence).chain([&mut self.evidence]);
        for evidence in lists.flatten() {
            evidence.record += base;
            source.clone_into(&mut evidence.source);
        }
    }

    /// Records that could not be decided.
    pub fn undecided(&self) -> u64 {
        self.undecided.values().map(|undecided| undecided.count).sum()
    }

    /// Widens the range of instants.
    pub fn widen(&mut self, least: i128, greatest: i128) {
        self.merge(Self { ages: Some((least, greatest)), ..Self::default() });
    }
}

/// A value as evidence shows it: masked where the column is classified.
pub fn shown(array: &dyn Array, row: usize, masked: Option<&str>) -> Value {
    match masked {
        Some(class) => json!({"masked": class}),
        None => cell(array, row),
    }
}

/// The columns that help to find the record at `row`.
pub fn context(plan: &Plan, clause: &ClauseInfo, batch: &RecordBatch, row: usize) -> Vec<ContextCell> {
    let cell = |column: &crate::plan::ContextColumn| {
        let array = batch.columns().get(column.position)?;
        Some(ContextCell { column: column.name.clone(), value: shown(array, row, column.masked.as_deref()) })
    };
    plan.context_for(&clause.columns).filter_map(cell).collect()
}
