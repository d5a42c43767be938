//! Accepted and rejected records: disjoint, complete, ordered, closed (S1.11).

use super::RunError;
use super::finish::{encode, gather, judge, verdict};
use super::part::Part;
use super::spill::{References, held};
use arrow_array::builder::{ListBuilder, StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use arrow_schema::ArrowError;
use guard_kernels::mask::Mask;
use guard_verdict::Verdict;
use std::collections::HashSet;
use std::sync::Arc;

/// Name of the column with the record's number.
pub const RECORD: &str = "guard_record";
/// Name of the column with `rejected` or `unknown`.
pub const STATUS: &str = "guard_status";
/// Name of the column with the ids of the clauses that fail on, or cannot be decided for, the record.
pub const CLAUSES: &str = "guard_clauses";

/// What a split says of each record.
pub struct Split {
    /// On the input.
    pub verdict: Verdict,
    /// True where the record is accepted, by record.
    pub accepted: BooleanArray,
    /// One row for each record that is not: [`RECORD`], [`STATUS`], [`CLAUSES`].
    pub reasons: RecordBatch,
    /// Undeclared columns leave.
    pub dropped: Vec<String>,
}

/// Judges what needs all records (S10.7): for each clause the records it fails on, parts in order.
pub fn late(parts: &[Part]) -> Result<Vec<(usize, Mask)>, RunError> {
    let judged = judge(parts)?;
    let mut masks = vec![None; judged.clauses.len()];
    for (clause, members) in judged.keys {
        if let Some(slot) = masks.get_mut(clause) {
            *slot = Some(members);
        }
    }
    let mut rejected = judged.rejected;
    close(parts, &mut rejected, &judged.undecided, &mut masks)?;
    Ok(masks.into_iter().enumerate().filter_map(|(clause, mask)| Some((clause, mask?))).collect())
}

/// Splits the records of a part that ran with clause masks.
pub fn split(part: Part, drop_undeclared: bool) -> Result<Split, RunError> {
    let parts = [part];
    let verdict = verdict(&parts)?;
    let judged = judge(&parts)?;
    let [part] = parts;
    let mut masks = part.masks.clone();
    for (clause, members) in judged.keys {
        if let Some(slot) = masks.get_mut(clause) {
            *slot = Some(members);
        }
    }
    let mut rejected = judged.rejected;
    close(std::slice::from_ref(&part), &mut rejected, &judged.undecided, &mut masks)?;
    let refused: Vec<usize> = positions(&part, |info| info.leaves_unknown());
    let all_unknown = !refused.is_empty();
    let open = judged.undecided;
    let internal = |why: ArrowError| RunError::Internal(why.to_string());
    let reasons = reasons(&part, (&rejected, &open), &masks, &refused).map_err(internal)?;
    let stays = |row| !all_unknown && !rejected.get(row) && !open.get(row);
    let accepted = (0..rejected.len()).map(|row| Some(stays(row))).collect();
    let dropped = if drop_undeclared { part.header.undeclared.clone() } else { Vec::new() };
    Ok(Split { verdict, accepted, reasons, dropped })
}

fn positions(part: &Part, wanted: impl Fn(&crate::plan::ClauseInfo) -> bool) -> Vec<usize> {
    part.header.clauses.iter().enumerate().filter(|(_, info)| wanted(info)).map(|(position, _)| position).collect()
}

/// A record whose self-referenced target leaves must leave too, until nothing changes. Records only leave, so it ends.
fn close(parts: &[Part], rejected: &mut Mask, open: &Mask, masks: &mut [Option<Mask>]) -> Result<(), RunError> {
    let Some(header) = parts.first().map(|part| &part.header) else { return Ok(()) };
    let deciding = header.self_foreign.iter().enumerate();
    let deciding: Vec<_> =
        deciding.filter(|(_, key)| header.clauses.get(key.clause).is_some_and(|info| info.rejects())).collect();
    let mut encoded = Vec::new();
    for (position, key) in &deciding {
        let mut from = gather(parts, header.keys.len() + position);
        let to = from.split_off(key.columns.len().min(from.len()));
        let lookup = match held(&from).zip(held(&to)) {
            Some((from, to)) => Lookup::Held(encode(&from)?, encode(&to)?),
            None => Lookup::Spilled(References::new(&from, &to)?),
        };
        encoded.push((key.clause, lookup));
    }
    loop {
        let mut leaving: Vec<(usize, usize)> = Vec::new();
        for (clause, lookup) in &encoded {
            let lost = lookup.lost(|row| !rejected.get(row) && !open.get(row))?;
            leaving.extend(lost.into_iter().filter(|row| !rejected.get(*row)).map(|row| (*clause, row)));
        }
        if leaving.is_empty() {
            return Ok(());
        }
        for (clause, row) in leaving {
            rejected.set(row);
            if let Some(slot) = masks.get_mut(clause) {
                slot.get_or_insert_with(|| Mask::zeros(rejected.len())).set(row);
            }
        }
    }
}

/// A reference into the same records.
enum Lookup {
    /// Encoded keys, referring and referenced.
    Held(Vec<Option<Vec<u8>>>, Vec<Option<Vec<u8>>>),
    Spilled(References),
}

impl Lookup {
    /// The records that refer to none of those that stay.
    fn lost(&self, stays: impl Fn(usize) -> bool) -> Result<Vec<usize>, RunError> {
        let (from, to) = match self {
            Self::Held(from, to) => (from, to),
            Self::Spilled(references) => return references.lost(stays),
        };
        let staying = (0..to.len()).filter(|row| stays(*row));
        let targets: HashSet<&[u8]> = staying.filter_map(|row| to.get(row)?.as_deref()).collect();
        let keys = from.iter().enumerate().filter_map(|(row, key)| Some((row, key.as_deref()?)));
        Ok(keys.filter(|(_, key)| !targets.contains(key)).map(|(row, _)| row).collect())
    }
}

fn reasons(
    part: &Part,
    (rejected, open): (&Mask, &Mask),
    masks: &[Option<Mask>],
    refused: &[usize],
) -> Result<RecordBatch, ArrowError> {
    let mut records = UInt64Builder::new();
    let mut status = StringBuilder::new();
    let mut clauses = ListBuilder::new(StringBuilder::new());
    let id = |position: usize| part.header.clauses.get(position).map(|info| info.id.as_str());
    let deciding = positions(part, |info| info.rejects());
    for row in 0..rejected.len() {
        let out = rejected.get(row);
        if !out && !open.get(row) && refused.is_empty() {
            continue;
        }
        records.append_value(part.start + row as u64);
        status.append_value(if out { "rejected" } else { "unknown" });
        let failing = |position: &&usize| has(masks, **position, row) || has(&part.undecided_masks, **position, row);
        for &position in deciding.iter().filter(failing).chain(refused) {
            clauses.values().append_option(id(position));
        }
        clauses.append(true);
    }
    let columns: [(&str, ArrayRef, bool); 3] = [
        (RECORD, Arc::new(records.finish()), false),
        (STATUS, Arc::new(status.finish()), false),
        (CLAUSES, Arc::new(clauses.finish()), false),
    ];
    RecordBatch::try_from_iter_with_nullable(columns)
}

fn has(masks: &[Option<Mask>], clause: usize, row: usize) -> bool {
    masks.get(clause).and_then(Option::as_ref).is_some_and(|mask| mask.get(row))
}
