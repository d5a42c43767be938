//! What every renderer says of a verdict: the order of its clauses, their standing, and the sentences about them.

use super::Beside;
use super::clean::{shown, visible};
use super::numbers::{age, counted, elapsed, percent, thousands};
use crate::{Clause, Coverage, Metric, Outcome, Scope, Severity, Status, Verdict};
use std::cmp::Reverse;

/// Characters of a name or path that are shown.
pub(super) const NAME_CAP: usize = 80;
/// Characters of a reason that are shown.
pub(super) const SENTENCE_CAP: usize = 300;

/// How a clause counts in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Fail,
    Unknown,
    Pass,
    Informational,
}

/// The standing of `clause`. Whatever the document leaves open is unknown, never a pass (S1.1, S1.3).
pub(super) fn standing(clause: &Clause) -> Standing {
    match (clause.outcome, clause.coverage) {
        (Some(Outcome::Fail), _) => Standing::Fail,
        (_, Coverage::Refused) | (Some(Outcome::Unknown), _) => Standing::Unknown,
        (_, Coverage::Informational) => Standing::Informational,
        (Some(Outcome::Pass), _) => Standing::Pass,
        (None, _) => Standing::Unknown,
    }
}

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
        let of = |wanted: Standing| {
            verdict
                .clauses
                .iter()
                .filter(move |c| standing(c) == wanted)
        };
        let mut loud: Vec<&Clause> = of(Standing::Fail).chain(of(Standing::Unknown)).collect();
        loud.sort_by_key(|c| {
            (
                severity_rank(c.severity),
                standing(c) == Standing::Unknown,
                Reverse(c.failing),
            )
        });
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
        self.loud
            .iter()
            .copied()
            .filter(|c| standing(c) == Standing::Fail)
    }

    /// `flights`: the name that the user knows the data by.
    pub fn title(&self) -> String {
        let contract = &self.verdict.contract;
        let names = [
            self.beside.frame.as_deref(),
            Some(&contract.object),
            Some(&contract.id),
        ];
        let name = names
            .into_iter()
            .flatten()
            .find(|n| !n.is_empty())
            .unwrap_or("data");
        shown(name, NAME_CAP)
    }

    /// `336,776 records · 279,300 accepted · 57,476 rejected · 41 ms`.
    pub fn counts(&self) -> String {
        let r = &self.verdict.records;
        let mut parts = vec![
            counted(r.total, "record", "records"),
            format!("{} accepted", thousands(r.accepted)),
        ];
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
        let ends = (
            hex.get(..4),
            hex.len().checked_sub(4).and_then(|at| hex.get(at..)),
        );
        match ends {
            (Some(start), Some(end)) if hex.len() > 12 => {
                format!("{} {start}…{end}", shown(method, 16))
            }
            _ => format!("{} {}", shown(method, 16), shown(hex, 16)),
        }
    }

    /// `9 clauses: 5 pass, 3 fail, 1 not executed`.
    pub fn tallies(&self) -> String {
        let refused = self
            .loud
            .iter()
            .filter(|c| c.coverage == Coverage::Refused)
            .count();
        let fail = self.failing().count();
        let parts = [
            (self.passes.len(), "pass"),
            (fail, "fail"),
            (
                self.loud.len() - fail - refused.min(self.loud.len() - fail),
                "unknown",
            ),
            (refused, "not executed"),
            (self.informational.len(), "informational"),
        ];
        let parts: Vec<_> = parts
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{} {what}", thousands(*n as u64)))
            .collect();
        let clauses = counted(self.verdict.clauses.len() as u64, "clause", "clauses");
        if parts.is_empty() {
            clauses
        } else {
            format!("{clauses}: {}", parts.join(", "))
        }
    }

    /// `semantics 1`, with the instant that service levels were judged against where there is one.
    pub fn semantics(&self) -> String {
        let as_of = self
            .verdict
            .as_of
            .as_ref()
            .map(|t| format!(" · as of {}", shown(t, 40)));
        format!(
            "semantics {}{}",
            self.verdict.semantics,
            as_of.unwrap_or_default()
        )
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
        out.push(format!(
            "and {} more",
            counted(more as u64, "hole", "holes")
        ));
    }
    out
}

fn missing(source: &str, first: u64, last: u64) -> String {
    let of = if source.is_empty() {
        String::new()
    } else {
        format!(" of {}", shown(source, NAME_CAP))
    };
    if first == last {
        format!("record {}{of} was not seen", thousands(first))
    } else {
        format!(
            "records {} to {}{of} were not seen",
            thousands(first),
            thousands(last)
        )
    }
}

/// `✗`, `!`, `?`, `✓` or `·`.
pub(super) fn mark(clause: &Clause) -> &'static str {
    match (standing(clause), clause.severity) {
        (Standing::Fail, Severity::Error) => "✗",
        (Standing::Fail, _) => "!",
        (Standing::Unknown, _) => "?",
        (Standing::Pass, _) => "✓",
        (Standing::Informational, _) => "·",
    }
}

/// `fail`, `unknown`, `not executed`, `pass` or `informational`.
pub(super) fn standing_word(clause: &Clause) -> &'static str {
    match standing(clause) {
        Standing::Fail => "fail",
        Standing::Unknown if clause.coverage == Coverage::Refused => "not executed",
        Standing::Unknown => "unknown",
        Standing::Pass => "pass",
        Standing::Informational => "informational",
    }
}

/// `✗ reject` and its like.
pub(super) fn status_words(status: Status) -> &'static str {
    match status {
        Status::Accept => "✓ accept",
        Status::Reject => "✗ reject",
        Status::Unknown => "? unknown",
    }
}

/// `accept`, `reject` or `unknown`.
pub(super) fn status_word(status: Status) -> &'static str {
    match status {
        Status::Accept => "accept",
        Status::Reject => "reject",
        Status::Unknown => "unknown",
    }
}

/// The word of a scope (S1.6).
pub(super) fn scope_word(scope: Scope) -> &'static str {
    match scope {
        Scope::Record => "record",
        Scope::Key => "key",
        Scope::Batch => "batch",
        Scope::Window => "window",
        Scope::Table => "table",
    }
}

/// The word of a severity (S1.4).
pub(super) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// The word of a coverage (S1.2).
pub(super) fn coverage_word(coverage: Coverage) -> &'static str {
    match coverage {
        Coverage::Executed => "executed",
        Coverage::Delegated => "delegated",
        Coverage::Refused => "refused",
        Coverage::Informational => "informational",
    }
}

/// The clause's name, else its id.
pub(super) fn name(clause: &Clause) -> String {
    shown(
        if clause.name.trim().is_empty() {
            &clause.id
        } else {
            &clause.name
        },
        NAME_CAP,
    )
}

/// The columns of a clause, at most four of them.
pub(super) fn columns(clause: &Clause) -> Vec<String> {
    let mut out: Vec<_> = clause
        .columns
        .iter()
        .take(4)
        .map(|c| shown(c, NAME_CAP))
        .collect();
    if clause.columns.len() > 4 {
        out.push(format!("… ({} columns)", clause.columns.len()));
    }
    out
}

/// Count and share of a failing clause: (`50,094`, `14.9 %`), or what was measured against what was asked.
pub(super) fn measure(clause: &Clause) -> (String, Option<String>) {
    let Some(metric) = &clause.metric else {
        let failing = clause.failing.unwrap_or(0);
        return (
            thousands(failing),
            clause.evaluated.and_then(|of| percent(failing, of)),
        );
    };
    let wanted = demand(metric);
    if is_age(&clause.kind) {
        return (age(metric.value), Some(wanted));
    }
    let share = if metric.unit == "percent" {
        percent(metric.value, metric.of)
    } else {
        None
    };
    let share = share.map(|s| format!("{s}, ")).unwrap_or_default();
    (thousands(metric.value), Some(format!("{share}{wanted}")))
}

/// `50,094 of 336,776 (14.9 %)`, or for table scope `12, must be > 20`.
pub(super) fn measure_sentence(clause: &Clause) -> String {
    let (main, aside) = measure(clause);
    match (&clause.metric, clause.evaluated, aside) {
        (Some(_), _, Some(aside)) => format!("{main}, {aside}"),
        (None, Some(of), Some(share)) => format!("{main} of {} ({share})", thousands(of)),
        (None, Some(of), None) => format!("{main} of {}", thousands(of)),
        (_, _, _) => main,
    }
}

/// Whether the metric of this kind is an age in milliseconds (S4.1).
pub(super) fn is_age(kind: &str) -> bool {
    matches!(kind, "freshness" | "latency" | "retention")
}

/// `must be ≤ 5 %`.
fn demand(metric: &Metric) -> String {
    let unit = match metric.unit.as_str() {
        "rows" => String::new(),
        "percent" => " %".into(),
        other => format!(" {}", shown(other, 16)),
    };
    let digits = |i: usize| {
        metric
            .threshold
            .get(i)
            .map_or_else(|| "?".into(), |t| format!("{}{unit}", shown(t, 24)))
    };
    let first = digits(0);
    match metric.operator.as_str() {
        "mustBe" => format!("must be {first}"),
        "mustNotBe" => format!("must not be {first}"),
        "mustBeGreaterThan" => format!("must be > {first}"),
        "mustBeGreaterOrEqualTo" => format!("must be ≥ {first}"),
        "mustBeLessThan" => format!("must be < {first}"),
        "mustBeLessOrEqualTo" => format!("must be ≤ {first}"),
        "mustBeBetween" => format!("must be {first} to {}", digits(1)),
        "mustNotBeBetween" => format!("must not be {first} to {}", digits(1)),
        other => {
            let thresholds: Vec<_> = (0..metric.threshold.len()).map(digits).collect();
            format!("{} {}", shown(other, 32), thresholds.join(", "))
        }
    }
}

/// Why a clause is unknown: its reason, else what its code means.
pub(super) fn why(clause: &Clause) -> String {
    let meaning = clause
        .code
        .as_deref()
        .and_then(crate::codes::find)
        .map(|c| c.0.summary);
    let text = clause
        .reason
        .as_deref()
        .or(meaning)
        .or(clause.code.as_deref());
    shown(text.unwrap_or("no reason given"), SENTENCE_CAP)
}

/// What to do about a clause, from the table of codes.
pub(super) fn help(clause: &Clause) -> Option<&'static str> {
    clause
        .code
        .as_deref()
        .and_then(crate::codes::find)
        .map(|c| c.0.help)
}
