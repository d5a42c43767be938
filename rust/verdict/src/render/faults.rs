//! What is wrong with malformed records, and where the bytes of a source went, in words.

use super::clean::shown;
use super::numbers::{counted, thousands};
use super::text::example;
use super::undecided::REASONS;
use super::words::NAME_CAP;
use crate::{Clause, Undecided, Verdict};

/// `json-syntax (the record is no JSON): 3 records`.
pub(super) fn kind(one: &Undecided) -> String {
    let meaning = crate::codes::find(&one.code).map(|code| format!(" ({})", code.0.summary)).unwrap_or_default();
    format!("{}{meaning}: {}", shown(&one.code, NAME_CAP), counted(one.count, "record", "records"))
}

/// For each kind a line with its first records, and one with what to do.
pub(super) fn lines(clause: &Clause) -> Vec<String> {
    let mut out = Vec::new();
    for one in clause.faults.iter().take(REASONS) {
        let examples: Vec<_> = one.evidence.iter().take(3).map(|evidence| example(clause, evidence)).collect();
        let examples = examples.join("; ");
        let examples = if examples.is_empty() { String::new() } else { format!(", for example {examples}") };
        out.push(format!("{}{examples}", kind(one)));
        // The clause's own advice is told once, below.
        let other = clause.code.as_deref() != Some(one.code.as_str());
        out.extend(crate::codes::find(&one.code).filter(|_| other).map(|code| format!("to do: {}", code.0.help)));
    }
    out
}

/// `1,024 bytes: 900 accepted · 100 rejected · 24 separators`.
pub(super) fn bytes(verdict: &Verdict) -> Option<String> {
    let bytes = verdict.bytes?;
    let parts = [
        (bytes.accepted, "in accepted records"),
        (bytes.rejected, "in rejected"),
        (bytes.unknown, "in undecided"),
        (bytes.separators, "separators"),
        (bytes.blank, "blank"),
        (bytes.header, "header"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<_> = parts.map(|(count, what)| format!("{} {what}", thousands(*count))).collect();
    let added = (bytes.converted != 0).then(|| {
        let change = if bytes.converted > 0 { "more" } else { "fewer" };
        format!("as UTF-8 {} {change}", thousands(bytes.converted.unsigned_abs()))
    });
    let parts: Vec<_> = parts.into_iter().chain(added).collect();
    let total = counted(bytes.total, "byte", "bytes");
    Some(if parts.is_empty() { total } else { format!("{total}: {}", parts.join(" · ")) })
}
