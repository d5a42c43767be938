//! Parts to a verdict: the order, the keys among all records, the counts.

use super::block::{key_evidence, set_bits};
use super::part::Part;
use super::spill::{self, Columns, held};
use super::tally::{Tally, shown};
use super::{RunError, cores};
use crate::plan::{AgeLimit, ClauseInfo, Header, Judge, KeyInfo};
use arrow_array::{Array, ArrayRef};
use guard_kernels::key::KeyEncoder;
use guard_kernels::mask::Mask;
use guard_kernels::unique::{KeySet, duplicates, duplicates_encoded};
use guard_verdict::{
    Clause, Coverage, EVIDENCE_LIMIT, Evidence, FORMAT, Metric, Outcome, Records, Reference, SourceRanges, Undecided,
    Verdict, codes, status_of,
};
use std::collections::BTreeMap;

/// Everything that the parts know together.
pub struct Judged {
    /// By clause.
    pub clauses: Vec<Tally>,
    /// Rejected records, parts in order.
    pub rejected: Mask,
    /// Records that a deciding clause leaves undecided, parts in order.
    pub undecided: Mask,
    /// Records that each key or self-reference fails on: clause and records.
    pub keys: Vec<(usize, Mask)>,
    /// Surplus records (n − d) of each key, by clause; and whether any key occurs twice.
    surplus: Vec<(usize, u64)>,
}

/// The verdict on the records of `parts`, which must be in order and not overlap.
pub fn verdict(parts: &[Part]) -> Result<Verdict, RunError> {
    let header =
        parts.first().map(|part| part.header.clone()).ok_or_else(|| RunError::PartsDiffer("no part".into()))?;
    let judged = judge(parts)?;
    let total = judged.rejected.len() as u64;
    let sources = ranges(parts);
    let clauses: Vec<Clause> = (header.clauses.iter().zip(&judged.clauses).enumerate())
        .map(|(position, (info, tally))| clause(info, tally, total, judged.surplus_of(position)))
        .collect();
    let records = count(&header, &judged.rejected, &judged.undecided);
    Ok(Verdict {
        format: FORMAT.to_owned(),
        semantics: header.semantics,
        contract: header.contract.clone(),
        status: status_of(&clauses, &sources),
        records,
        bytes: None,
        sources,
        as_of: header.as_of.clone(),
        params: header.params.clone(),
        references: (header.references.iter())
            .map(|(name, info)| Reference { name: name.clone(), records: info.records })
            .collect(),
        undeclared: header.undeclared.clone(),
        undeclared_more: false,
        clauses,
    })
}

/// Merges tallies and judges keys among all records.
pub fn judge(parts: &[Part]) -> Result<Judged, RunError> {
    let header =
        parts.first().map(|part| part.header.clone()).ok_or_else(|| RunError::PartsDiffer("no part".into()))?;
    let total: usize = parts.iter().map(|part| part.records as usize).sum();
    let mut judged = Judged {
        clauses: vec![Tally::default(); header.clauses.len()],
        rejected: Mask::zeros(total),
        undecided: Mask::zeros(total),
        keys: Vec::new(),
        surplus: Vec::new(),
    };
    let mut offset = 0;
    for part in parts {
        judged.rejected.or_at(offset, part.rejected.words(), part.records as usize);
        judged.undecided.or_at(offset, part.undecided.words(), part.records as usize);
        offset += part.records as usize;
        for (mine, theirs) in judged.clauses.iter_mut().zip(&part.clauses) {
            mine.merge(theirs.clone());
        }
    }
    for (position, key) in header.keys.iter().enumerate() {
        judged.key(parts, position, key, &header)?;
    }
    for (position, key) in header.self_foreign.iter().enumerate() {
        judged.self_foreign(parts, header.keys.len() + position, key, &header)?;
    }
    Ok(judged)
}

impl Judged {
    fn surplus_of(&self, clause: usize) -> Option<u64> {
        self.surplus.iter().find(|(key, _)| *key == clause).map(|(_, surplus)| *surplus)
    }

    fn key(&mut self, parts: &[Part], position: usize, key: &KeyInfo, header: &Header) -> Result<(), RunError> {
        let columns = gather(parts, position);
        let found = match held(&columns) {
            None => spill::duplicates(&columns)?,
            Some(columns) if same_types(&columns) => {
                duplicates(&columns, cores()).map_err(|why| RunError::Internal(why.to_string()))?
            }
            Some(columns) => duplicates_encoded(encode(&columns)?.iter().map(Option::as_deref)),
        };
        let mut members = found.members;
        let unreadable = unreadable(parts, position, members.len());
        if key.null_violates {
            let mut nulls = nulls(&columns, members.len())?;
            nulls.and_not(&unreadable);
            members.or(&nulls);
        }
        self.surplus.push((key.clause, found.keyed - found.distinct));
        self.fail(parts, key, &columns, members, &unreadable, header)
    }

    fn self_foreign(
        &mut self,
        parts: &[Part],
        position: usize,
        key: &KeyInfo,
        header: &Header,
    ) -> Result<(), RunError> {
        let mut from = gather(parts, position);
        let to = from.split_off(key.columns.len());
        let mut members = Mask::zeros(self.rejected.len());
        match held(&from).zip(held(&to)) {
            Some((from, to)) => missing(&from, &to, &mut members)?,
            None => spill::References::new(&from, &to)?.lost(|_| true)?.into_iter().for_each(|row| members.set(row)),
        }
        let unreadable = unreadable(parts, position, members.len());
        self.fail(parts, key, &from, members, &unreadable, header)
    }

    fn fail(
        &mut self,
        parts: &[Part],
        key: &KeyInfo,
        columns: &Columns<'_>,
        members: Mask,
        unreadable: &Mask,
        header: &Header,
    ) -> Result<(), RunError> {
        let (Some(tally), Some(info)) = (self.clauses.get_mut(key.clause), header.clauses.get(key.clause)) else {
            return Ok(());
        };
        tally.evaluated = members.len() as u64 - unreadable.count();
        tally.failing = members.count();
        tally.evidence = first_members(parts, key, columns, &members)?;
        if info.rejects() {
            self.rejected.or(&members);
        }
        self.keys.push((key.clause, members));
        Ok(())
    }
}

/// Adds the rows whose key is none of the targets.
fn missing(from: &[Vec<ArrayRef>], to: &[Vec<ArrayRef>], members: &mut Mask) -> Result<(), RunError> {
    let internal = |why: &dyn std::fmt::Display| RunError::Internal(why.to_string());
    let keys = KeySet::build(to).map_err(|why| internal(&why))?;
    let mut offset = 0;
    for chunk in 0..from.first().map_or(0, Vec::len) {
        let columns: Vec<ArrayRef> = from.iter().filter_map(|column| column.get(chunk).cloned()).collect();
        let missing = keys.missing(&columns).map_err(|why| internal(&why))?;
        members.or_at(offset, missing.words(), missing.len());
        offset += missing.len();
    }
    Ok(())
}

/// Records whose key could not be read, parts in order.
fn unreadable(parts: &[Part], position: usize, len: usize) -> Mask {
    let mut out = Mask::zeros(len);
    let mut offset = 0;
    for part in parts {
        if let Some(mask) = part.unreadable_keys.get(position).and_then(Option::as_ref) {
            out.or_at(offset, mask.words(), mask.len());
        }
        offset += part.records as usize;
    }
    out
}

/// The columns of a key over all parts, chunk by chunk.
pub(super) fn gather(parts: &[Part], position: usize) -> Columns<'_> {
    let mut columns: Columns<'_> = Vec::new();
    for part in parts {
        for (index, chunks) in part.keys.get(position).into_iter().flatten().enumerate() {
            match columns.get_mut(index) {
                Some(column) => column.extend(chunks),
                None => columns.push(chunks.iter().collect()),
            }
        }
    }
    columns
}

fn same_types(columns: &[Vec<ArrayRef>]) -> bool {
    columns.iter().all(|chunks| chunks.windows(2).all(|pair| matches!(pair, [a, b] if a.data_type() == b.data_type())))
}

/// Keys of parts whose columns differ in layout compare by their canonical encoding.
pub fn encode(columns: &[Vec<ArrayRef>]) -> Result<Vec<Option<Vec<u8>>>, RunError> {
    let chunks = columns.first().map_or(0, Vec::len);
    let mut out = Vec::new();
    for chunk in 0..chunks {
        let columns: Vec<ArrayRef> = columns.iter().filter_map(|column| column.get(chunk).cloned()).collect();
        let encoder = KeyEncoder::new(&columns).map_err(|why| RunError::Internal(why.to_string()))?;
        for row in 0..columns.first().map_or(0, |column| column.len()) {
            let mut key = Vec::new();
            let whole = encoder.encode(row, &mut key);
            out.push(whole.then_some(key));
        }
    }
    Ok(out)
}

fn nulls(columns: &Columns<'_>, len: usize) -> Result<Mask, RunError> {
    let mut mask = Mask::zeros(len);
    for chunks in columns {
        let mut offset = 0;
        for chunk in chunks {
            let chunk = chunk.load()?;
            if let Some(nulls) = chunk.logical_nulls().filter(|nulls| nulls.null_count() > 0) {
                (0..chunk.len()).filter(|&row| nulls.is_null(row)).for_each(|row| mask.set(offset + row));
            }
            offset += chunk.len();
        }
    }
    Ok(mask)
}

fn first_members(
    parts: &[Part],
    key: &KeyInfo,
    columns: &Columns<'_>,
    members: &Mask,
) -> Result<Vec<Evidence>, RunError> {
    let place = |position: usize| {
        let mut left = position as u64;
        for part in parts {
            if left < part.records {
                return Some((part.source.as_str(), part.start + left));
            }
            left -= part.records;
        }
        None
    };
    let evidence = |position: usize| {
        let (source, record) = place(position)?;
        let values = columns.iter().zip(&key.masked).filter_map(|(chunks, masked)| {
            let mut row = position;
            let chunk = chunks.iter().find(|chunk| {
                let here = row < chunk.len();
                row -= if here { 0 } else { chunk.len() };
                here
            })?;
            Some(chunk.load().map(|chunk| shown(chunk.as_ref(), row, masked.as_deref())))
        });
        let values = values.collect::<Result<_, _>>();
        Some(values.map(|values| key_evidence(source, record, key.columns.join(","), values, Vec::new())))
    };
    set_bits(members.words()).take(EVIDENCE_LIMIT).filter_map(evidence).collect()
}

fn count(header: &Header, rejected: &Mask, undecided: &Mask) -> Records {
    let total = rejected.len() as u64;
    let open = undecided.words().iter().zip(rejected.words()).map(|(open, out)| u64::from((open & !out).count_ones()));
    let open: u64 = open.sum();
    let rejected = rejected.count();
    let rest = total - rejected;
    let all = header.clauses.iter().any(ClauseInfo::leaves_unknown);
    let (accepted, unknown) = if all { (0, rest) } else { (rest - open, open) };
    Records { total, accepted, rejected, unknown }
}

/// Half-open ranges by source, neighbours joined (S1.12). Parts are in order.
fn ranges(parts: &[Part]) -> Vec<SourceRanges> {
    let mut out: Vec<SourceRanges> = Vec::new();
    for part in parts {
        if out.last().is_none_or(|last| last.source != part.source) {
            out.push(SourceRanges { source: part.source.clone(), ranges: Vec::new() });
        }
        let Some(ranges) = out.last_mut().map(|last| &mut last.ranges).filter(|_| part.records > 0) else { continue };
        match ranges.last_mut() {
            Some([_, end]) if *end == part.start => *end = part.end(),
            _ => ranges.push([part.start, part.end()]),
        }
    }
    out
}

fn clause(info: &ClauseInfo, tally: &Tally, total: u64, surplus: Option<u64>) -> Clause {
    let mut out = Clause {
        id: info.id.clone(),
        kind: info.kind.clone(),
        name: info.name.clone(),
        columns: info.columns.clone(),
        scope: info.scope,
        severity: info.severity,
        coverage: info.coverage,
        outcome: None,
        code: info.code.clone(),
        reason: info.reason.clone(),
        dimension: info.dimension.clone(),
        evaluated: None,
        failing: None,
        metric: None,
        evidence: Vec::new(),
        undecided: Vec::new(),
        faults: Vec::new(),
    };
    match info.coverage {
        Coverage::Informational => return out,
        Coverage::Refused => {
            out.outcome = Some(Outcome::Unknown);
            return out;
        }
        Coverage::Executed | Coverage::Delegated => {}
    }
    out.evaluated = Some(tally.evaluated);
    out.failing = Some(tally.failing);
    out.evidence.clone_from(&tally.evidence);
    out.undecided = by_code(&tally.undecided);
    out.faults = by_code(&tally.faults);
    out.outcome = Some(outcome(info, tally, total, surplus, &mut out));
    settle_code(&mut out, tally, surplus);
    out
}

fn by_code(found: &BTreeMap<String, super::tally::Undecided>) -> Vec<Undecided> {
    let entry = |(code, found): (&String, &super::tally::Undecided)| Undecided {
        code: code.clone(),
        count: found.count,
        evidence: found.evidence.clone(),
    };
    found.iter().map(entry).collect()
}

fn outcome(info: &ClauseInfo, tally: &Tally, total: u64, surplus: Option<u64>, out: &mut Clause) -> Outcome {
    let verdict = |holds| if holds { Outcome::Pass } else { Outcome::Fail };
    match &info.judge {
        Judge::Nothing => Outcome::Unknown,
        Judge::Count if tally.failing == 0 && tally.undecided() > 0 => undecided(out),
        Judge::Count => verdict(tally.failing == 0),
        Judge::Always => Outcome::Fail,
        Judge::Threshold(threshold) => {
            let value = match info.kind.as_str() {
                "rowCount" => total,
                _ => surplus.unwrap_or(tally.failing),
            };
            let of = if info.kind == "rowCount" { total } else { tally.evaluated };
            out.metric = Some(Metric {
                name: threshold.metric.clone(),
                value,
                of,
                unit: if threshold.percent { "percent" } else { "rows" }.to_owned(),
                operator: threshold.operator.clone(),
                threshold: threshold.operands.clone(),
            });
            out.code = Some(codes::data::METRIC_OUT_OF_RANGE.name().to_owned());
            match threshold.holds_between(value, value + tally.undecided(), of) {
                Some(holds) => verdict(holds),
                None => undecided(out),
            }
        }
        Judge::Age(limit) => age(limit, tally, out),
    }
}

/// The clause cannot be decided because of records on which its expression failed (S7.4).
fn undecided(out: &mut Clause) -> Outcome {
    let count: u64 = out.undecided.iter().map(|undecided| undecided.count).sum();
    let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
    out.code = out.undecided.first().map(|undecided| undecided.code.clone());
    out.reason = Some(format!("the expression failed on {records}"));
    Outcome::Unknown
}

fn age(limit: &AgeLimit, tally: &Tally, out: &mut Clause) -> Outcome {
    let Some((least, greatest)) = tally.ages else {
        out.code = Some(codes::plan::NO_VALUES.name().to_owned());
        out.reason = Some("there are no values to judge".to_owned());
        return Outcome::Unknown;
    };
    let judged = if limit.newest { greatest } else { least };
    let age_ms = (limit.as_of - judged).max(0) / 1_000_000;
    out.metric = Some(Metric {
        name: limit.property.clone(),
        value: u64::try_from(age_ms).unwrap_or(u64::MAX),
        of: tally.evaluated,
        unit: limit.unit.clone(),
        operator: "mustBeLessOrEqualTo".to_owned(),
        threshold: vec![limit.value.clone()],
    });
    if judged >= limit.limit { Outcome::Pass } else { Outcome::Fail }
}

/// Passing clauses bear no code; a primary key that fails only by NULLs says so.
fn settle_code(out: &mut Clause, tally: &Tally, surplus: Option<u64>) {
    if out.outcome == Some(Outcome::Pass) {
        out.code = None;
    } else if out.kind == "logicalType" && !tally.faults.is_empty() {
        out.code = Some(codes::data::TYPE_MISMATCH.name().to_owned());
    } else if out.kind == "primaryKey" && surplus == Some(0) && tally.failing > 0 {
        out.code = Some(codes::data::VALUE_MISSING.name().to_owned());
    }
}
