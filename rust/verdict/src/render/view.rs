//! A verdict arranged for reading: the order of its clauses, its counts, the holes in its records.

use super::Beside;
use super::clean::{shown, visible};
use super::numbers::{counted, elapsed, thousands};
use super::value::value;
use super::words::{NAME_CAP, Standing, standing};
use crate::{Clause, Coverage, Severity, Verdict};
use std::cmp::Reverse;

/// A verdict arranged for reading.
pub(super) struct View<'a> {
    pub verdict: &'a Verdict,
    pub beside: &'a Beside,
    /// Failing and unknown clauses, the ones to look at first in front.
    pub loud: Vec<&'a Clause>,
    /// Passing clauses in the contract's order.
    pub passes: Vec<&'a Clause>,
    /// Clauses that state nothing that could fail.
    pub informational: Vec<&'a Clause>,
    /// Sentences about records that no part of the verdict saw (S1.12).
    pub gaps: Vec<String>,
}

impl<'a> View<'a> {
    pub fn new(verdict: &'a Verdict, beside: &'a Beside) -> Self {
        let of = |wanted: Standing| verdict.clauses.iter().filter(move |c| standing(c) == wanted);
        let mut loud: Vec<&Clause> = of(Standing::Fail).chain(of(Standing::Unknown)).collect();
        loud.sort_by_key(|c| (severity_rank(c.severity), standing(c) == Standing::Unknown, Reverse(c.failing)));
        Self {
            verdict,
            beside,
            loud,
            passes: of(Standing::Pass).collect(),
            informational: of(Standing::Informational).collect(),
            gaps: gaps(verdict),
        }
    }

    /// Failing clauses, in the order of `loud`.
    pub fn failing(&self) -> impl Iterator<Item = &'a Clause> + '_ {
        self.loud.iter().copied().filter(|c| standing(c) == Standing::Fail)
    }

    /// `flights`: the name that the user knows the data by.
    pub fn title(&self) -> String {
        let contract = &self.verdict.contract;
        let names = [self.beside.frame.as_deref(), Some(&contract.object), Some(&contract.id)];
        let name = names.into_iter().flatten().find(|n| !n.is_empty()).unwrap_or("data");
        shown(name, NAME_CAP)
    }

    /// `336,776 records · 279,300 accepted · 57,476 rejected · 41 ms`.
    pub fn counts(&self) -> String {
        let r = &self.verdict.records;
        let mut parts = vec![counted(r.total, "record", "records"), format!("{} accepted", thousands(r.accepted))];
        parts.push(format!("{} rejected", thousands(r.rejected)));
        if r.unknown > 0 {
            parts.push(format!("{} unknown", thousands(r.unknown)));
        }
        parts.extend(self.beside.elapsed_us.map(elapsed));
        parts.join(" · ")
    }

    /// `nyc 1.0.0`.
    pub fn contract(&self) -> String {
        let c = &self.verdict.contract;
        let text = format!("{} {}", shown(&c.id, NAME_CAP), shown(&c.version, NAME_CAP));
        text.trim_end().to_owned()
    }

    /// `sha256 4f2a…91c0`.
    pub fn digest(&self) -> String {
        let text = visible(&self.verdict.contract.digest);
        let (method, hex) = text.split_once(':').unwrap_or(("digest", &text));
        let ends = (hex.get(..4), hex.len().checked_sub(4).and_then(|at| hex.get(at..)));
        match ends {
            (Some(start), Some(end)) if hex.len() > 12 => {
                format!("{} {start}…{end}", shown(method, 16))
            }
            _ => format!("{} {}", shown(method, 16), shown(hex, 16)),
        }
    }

    /// `9 clauses: 5 pass, 3 fail, 1 not executed`.
    pub fn tallies(&self) -> String {
        let refused = self.loud.iter().filter(|c| c.coverage == Coverage::Refused).count();
        let fail = self.failing().count();
        let parts = [
            (self.passes.len(), "pass"),
            (fail, "fail"),
            (self.loud.len() - fail - refused.min(self.loud.len() - fail), "unknown"),
            (refused, "not executed"),
            (self.informational.len(), "informational"),
        ];
        let parts: Vec<_> =
            parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", thousands(*n as u64))).collect();
        let clauses = counted(self.verdict.clauses.len() as u64, "clause", "clauses");
        if parts.is_empty() { clauses } else { format!("{clauses}: {}", parts.join(", ")) }
    }

    /// `semantics 1`, with the instant that service levels were judged against and the parameters where there are any.
    pub fn semantics(&self) -> String {
        let as_of = self.verdict.as_of.as_ref().map(|t| format!(" · as of {}", shown(t, 40)));
        format!("semantics {}{}{}", self.verdict.semantics, as_of.unwrap_or_default(), self.params())
    }

    /// ` · with limit 1500`: what row rules were given, at most four of it.
    fn params(&self) -> String {
        let params = &self.verdict.params;
        let mut parts: Vec<_> =
            params.iter().take(4).map(|(name, given)| format!("{} {}", shown(name, 40), value(given, 40))).collect();
        if params.len() > parts.len() {
            parts.push(format!("… and {} more", thousands((params.len() - parts.len()) as u64)));
        }
        if parts.is_empty() { String::new() } else { format!(" · with {}", parts.join(", ")) }
    }
}

fn severity_rank(severity: Severity) -> u8 {
    match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Info => 2,
    }
}

/// Holes in the record numbers of each source, a sentence each, at most five.
fn gaps(verdict: &Verdict) -> Vec<String> {
    let mut out = Vec::new();
    for source in &verdict.sources {
        let mut next = 0;
        for [start, end] in source.ranges.iter().copied() {
            if start > next {
                out.push(missing(&source.source, next, start - 1));
            }
            next = next.max(end);
        }
    }
    let more = out.len().saturating_sub(5);
    out.truncate(5);
    if more > 0 {
        out.push(format!("and {} more", counted(more as u64, "hole", "holes")));
    }
    out
}

fn missing(source: &str, first: u64, last: u64) -> String {
    let of = if source.is_empty() { String::new() } else { format!(" of {}", shown(source, NAME_CAP)) };
    if first == last {
        format!("record {}{of} was not seen", thousands(first))
    } else {
        format!("records {} to {}{of} were not seen", thousands(first), thousands(last))
    }
}
