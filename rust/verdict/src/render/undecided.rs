//! Records on which a clause could not be decided (S7.4), in words.

use super::clean::shown;
use super::numbers::{counted, percent, thousands};
use super::text::example;
use super::words::NAME_CAP;
use crate::{Clause, Undecided};

/// Reasons of one clause that are told; the rest is counted.
pub(super) const REASONS: usize = 8;

/// On how many records `clause` could not be decided, for whatever reason.
pub(super) fn total(clause: &Clause) -> u64 {
    clause.undecided.iter().fold(0, |sum, one| sum.saturating_add(one.count))
}

/// `could not be decided on 3 of 5 (60.0 %)`; none where all was decided.
pub(super) fn sentence(clause: &Clause) -> Option<String> {
    let (count, of) = (total(clause), clause.evaluated?);
    let share = percent(count, of).map(|share| format!(" ({share})")).unwrap_or_default();
    (count > 0).then(|| format!("could not be decided on {} of {}{share}", thousands(count), thousands(of)))
}

/// `, could not be decided on 3`: what follows the count of those that fail.
pub(super) fn aside(clause: &Clause) -> String {
    match total(clause) {
        0 => String::new(),
        count => format!(", could not be decided on {}", thousands(count)),
    }
}

/// `division-by-zero (a divisor is zero): 3 records`.
pub(super) fn reason(one: &Undecided) -> String {
    let meaning = crate::codes::find(&one.code).map(|code| format!(" ({})", code.0.summary)).unwrap_or_default();
    format!("{}{meaning}: {}", shown(&one.code, NAME_CAP), counted(one.count, "record", "records"))
}

/// What to do about it, from the table of codes.
pub(super) fn help(one: &Undecided) -> Option<&'static str> {
    crate::codes::find(&one.code).map(|code| code.0.help)
}

/// `and 2 more reasons`.
pub(super) fn more(clause: &Clause) -> Option<String> {
    let more = clause.undecided.len().saturating_sub(REASONS) as u64;
    (more > 0).then(|| format!("undecided for {}", counted(more, "more reason", "more reasons")))
}

/// For each reason a line with its first records, and one with what to do.
pub(super) fn lines(clause: &Clause) -> Vec<String> {
    let mut out = Vec::new();
    for one in clause.undecided.iter().take(REASONS) {
        let examples: Vec<_> = one.evidence.iter().take(3).map(|evidence| example(clause, evidence)).collect();
        let examples =
            if examples.is_empty() { String::new() } else { format!(", for example {}", examples.join("; ")) };
        out.push(format!("undecided, {}{examples}", reason(one)));
        out.extend(help(one).map(|help| format!("to decide: {help}")));
    }
    out.extend(more(clause));
    out
}
