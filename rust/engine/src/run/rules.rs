//! Row rules over a block (S7).

use super::block::{Block, Worker, key_evidence, set_bits};
use super::damage::{is_set, keep, living};
use super::tally::{context, shown};
use crate::plan::{Rule, RuleTask};
use arrow_array::ArrayRef;
use guard_kernels::expr::fault::Fault;
use guard_kernels::expr::vector::{self, CHUNK_ROWS, Vector};
use guard_verdict::Evidence;
use std::collections::BTreeMap;

impl Worker<'_> {
    /// Judges the rows of a block by every row rule.
    pub(super) fn rules(&mut self, block: &Block<'_>, task: &RuleTask) {
        // A batch of another shape than its schema is a fault of its producer; NULL columns stand in, as rules of such
        // columns were refused when the plan was compiled.
        let missing = || arrow_array::new_null_array(&arrow_schema::DataType::Null, block.batch.num_rows());
        let inputs: Vec<ArrayRef> =
            task.inputs.iter().map(|path| path.resolve(block.batch).unwrap_or_else(missing)).collect();
        let mut values = std::mem::take(&mut self.values);
        let mut seen: Vec<Outcome> = task.rules.iter().map(|_| Outcome::new(block.rows)).collect();
        let mut done = 0;
        while done < block.rows {
            let rows = CHUNK_ROWS.min(block.rows - done);
            vector::run(&task.program, &task.plan, &inputs, block.row + done, rows, &mut values);
            for (rule, outcome) in task.rules.iter().zip(&mut seen) {
                if let Some(vector) = values.get(rule.root) {
                    outcome.take(rule, vector, done, rows);
                }
            }
            done += rows;
        }
        self.values = values;
        for (rule, mut outcome) in task.rules.iter().zip(seen) {
            let columns = rule.shown.iter().filter_map(|(position, _)| task.inputs.get(*position));
            let readable = block.readable(columns);
            outcome.leave_out(readable.as_deref());
            self.count(rule.clause, living(readable.as_deref(), block.rows));
            self.settle(block, rule, &inputs, outcome);
        }
    }

    fn settle(&mut self, block: &Block<'_>, rule: &Rule, inputs: &[ArrayRef], outcome: Outcome) {
        let plan = self.plan;
        let Some(info) = plan.header.clauses.get(rule.clause) else { return };
        let source = self.source.clone();
        let evidence = |index: usize| -> Evidence {
            let row = block.row + index;
            let value = |(position, masked): &(usize, Option<String>)| {
                Some(shown(inputs.get(*position)?.as_ref(), row, masked.as_deref()))
            };
            let values = rule.shown.iter().filter_map(value).collect();
            let path = info.columns.join(",");
            key_evidence(&source, block.record_of(row), path, values, context(plan, info, block.batch, row))
        };
        let Some(tally) = self.tallies.get_mut(rule.clause) else { return };
        let failing: u64 = outcome.failing.iter().map(|word| u64::from(word.count_ones())).sum();
        tally.failing += failing;
        for index in set_bits(&outcome.failing) {
            if !tally.wants_evidence() {
                break;
            }
            tally.evidence.push(evidence(index));
        }
        let mut faulty = vec![0; block.rows.div_ceil(64)];
        for (fault, rows) in &outcome.faults {
            let undecided = tally.undecided.entry(fault.name().to_owned()).or_default();
            undecided.count += rows.len() as u64;
            for row in rows {
                if undecided.wants_evidence() {
                    undecided.evidence.push(evidence(*row));
                }
                if let Some(word) = faulty.get_mut(row / 64) {
                    *word |= 1 << (row % 64);
                }
            }
        }
        if failing > 0 && (info.rejects() || self.keep_masks) {
            self.mark(block, rule.clause, info, outcome.failing);
        }
        if !outcome.faults.is_empty() && (info.rejects() || self.keep_masks) {
            self.mark_undecided(block, rule.clause, info, faulty);
        }
    }
}

/// What a rule said of a block's rows.
struct Outcome {
    failing: Vec<u64>,
    faults: BTreeMap<Fault, Vec<usize>>,
}

impl Outcome {
    fn new(rows: usize) -> Outcome {
        Outcome { failing: vec![0; rows.div_ceil(64)], faults: BTreeMap::new() }
    }

    /// Forgets rows that the rule could not read.
    fn leave_out(&mut self, readable: Option<&[u64]>) {
        if readable.is_some() {
            keep(&mut self.failing, readable);
            self.faults.values_mut().for_each(|rows| rows.retain(|row| is_set(readable, *row)));
            self.faults.retain(|_, rows| !rows.is_empty());
        }
    }

    /// Takes the rows `[start, start + rows)`; chunks start at multiples of 64.
    fn take(&mut self, rule: &Rule, vector: &Vector, start: usize, rows: usize) {
        let failing = violations(rule, vector, rows);
        for (slot, word) in self.failing.iter_mut().skip(start / 64).zip(failing) {
            *slot = word;
        }
        for (row, fault) in vector.faults.iter().flat_map(|faults| &faults.list) {
            self.faults.entry(*fault).or_default().push(start + *row as usize);
        }
    }
}

/// The rows that violate a rule: neither those that pass nor those that failed.
fn violations(rule: &Rule, vector: &Vector, rows: usize) -> Vec<u64> {
    let mut out = vector.truths(rows);
    if !rule.true_violates {
        let known = vector.valid_bits(rows);
        out.iter_mut().zip(known).for_each(|(yes, known)| *yes = known & !*yes);
    }
    if rule.null_violates
        && let Some(valid) = &vector.valid
    {
        let all = vector::all(rows);
        let failed = vector.faults.as_ref().map(|faults| faults.bits.as_slice()).unwrap_or_default();
        for (position, (out, valid)) in out.iter_mut().zip(valid).enumerate() {
            let failed = failed.get(position).copied().unwrap_or(0);
            *out |= all.get(position).copied().unwrap_or(0) & !valid & !failed;
        }
    }
    out
}
