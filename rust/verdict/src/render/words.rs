//! The words and sentences that every renderer uses for one clause.

use super::clean::shown;
use super::numbers::{age, percent, thousands};
use super::{Beside, undecided};
use crate::{Clause, Coverage, Metric, Outcome, Scope, Severity, Status};

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
    shown(if clause.name.trim().is_empty() { &clause.id } else { &clause.name }, NAME_CAP)
}

/// The name as a list of passes shows it: records that a tolerance admits although they were not decided are said.
pub(super) fn folded_name(clause: &Clause) -> String {
    match undecided::total(clause) {
        0 => name(clause),
        count => format!("{} (not decided on {})", name(clause), thousands(count)),
    }
}

/// The columns of a clause, at most four of them.
pub(super) fn columns(clause: &Clause) -> Vec<String> {
    let mut out: Vec<_> = clause.columns.iter().take(4).map(|c| shown(c, NAME_CAP)).collect();
    if clause.columns.len() > 4 {
        out.push(format!("… ({} columns)", clause.columns.len()));
    }
    out
}

/// Count and share of a failing clause: (`50,094`, `14.9 %`), or what was measured against what was asked.
pub(super) fn measure(clause: &Clause) -> (String, Option<String>) {
    let Some(metric) = &clause.metric else {
        let failing = clause.failing.unwrap_or(0);
        return (thousands(failing), clause.evaluated.and_then(|of| percent(failing, of)));
    };
    let wanted = demand(metric);
    if is_age(&clause.kind) {
        return (age(metric.value), Some(wanted));
    }
    let share = if metric.unit == "percent" { percent(metric.value, metric.of) } else { None };
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
    let digits = |i: usize| metric.threshold.get(i).map_or_else(|| "?".into(), |t| format!("{}{unit}", shown(t, 24)));
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

/// Why a clause is unknown: the records that were not decided, else its reason, else what its code means.
pub(super) fn why(clause: &Clause) -> String {
    if let Some(sentence) = undecided::sentence(clause) {
        let metric = if clause.metric.is_some() { format!("{}; ", measure_sentence(clause)) } else { String::new() };
        return format!("{metric}{sentence}");
    }
    let meaning = clause.code.as_deref().and_then(crate::codes::find).map(|c| c.0.summary);
    let text = clause.reason.as_deref().or(meaning).or(clause.code.as_deref());
    shown(text.unwrap_or("no reason given"), SENTENCE_CAP)
}

/// What to do about a clause, from the table of codes.
pub(super) fn help(clause: &Clause) -> Option<&'static str> {
    clause.code.as_deref().and_then(crate::codes::find).map(|c| c.0.help)
}

/// [`help`] where it adds something: neither what the reason has said already, nor what stands with each reason of a clause
/// that is unknown by undecided records.
pub(super) fn advice(clause: &Clause) -> Option<&'static str> {
    let apart = standing(clause) == Standing::Unknown && !clause.undecided.is_empty();
    help(clause).filter(|help| !apart && !clause.reason.as_deref().is_some_and(|reason| says(reason, help)))
}

/// Whether three quarters of the words of `help` are among those of `reason` that are shown.
fn says(reason: &str, help: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let said = words(&shown(reason, SENTENCE_CAP));
    let wanted = words(help);
    let found = wanted.iter().filter(|word| said.contains(word)).count();
    found * 4 >= wanted.len() * 3
}

/// What a row rule demands, as the contract has it: (`rule` or `violated when`, its text on one line).
pub(super) fn rule(beside: &Beside, clause: &Clause) -> Option<(&'static str, String)> {
    let arguments = beside.arguments.get(&clause.id).map_or(&[][..], Vec::as_slice);
    let [sense, text] = arguments else { return None };
    let sense = match (clause.kind.as_str(), sense.as_str()?) {
        ("rowRule" | "sql", "rule") => "rule",
        ("rowRule" | "sql", "violated when") => "violated when",
        _ => return None,
    };
    Some((sense, shown(&unwrapped(text.as_str()?), SENTENCE_CAP)))
}

/// `text` with each line break outside of quotes, and the blanks around it, as one blank.
fn unwrapped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quote, mut blanks) = (None, String::new());
    for c in text.chars() {
        if quote.is_none() && matches!(c, ' ' | '\t' | '\r' | '\n') {
            blanks.push(c);
            continue;
        }
        out.push_str(if blanks.contains('\n') { " " } else { &blanks });
        blanks.clear();
        out.push(c);
        quote = match quote {
            None => Some(c).filter(|c| matches!(c, '\'' | '"')),
            Some(open) => Some(open).filter(|open| *open != c),
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_outside_of_quotes_are_blanks() {
        assert_eq!(unwrapped("a > 0\n  AND b\t> 1\r\nOR c"), "a > 0 AND b\t> 1 OR c");
        assert_eq!(unwrapped("x = 'a\nb''\n'\n AND \"c\nd\""), "x = 'a\nb''\n' AND \"c\nd\"");
        assert_eq!(unwrapped("x = '\"'\nAND y"), "x = '\"' AND y");
        assert_eq!(unwrapped(""), "");
    }

    #[test]
    fn help_that_was_said() {
        let comment = "comments are not part of an expression (column 11); take it out; a reader could take the text behind it for part of the rule";
        assert!(says(comment, crate::codes::expression::COMMENT.0.help));
        let unbound = "`:limit` has no value (column 7); bind it: `params={\"limit\": …}`";
        assert!(says(unbound, crate::codes::expression::PARAMETER_UNBOUND.0.help));
        assert!(!says("no `as_of` was given", crate::codes::plan::AS_OF_MISSING.0.help));
        assert!(!says("this is no expression (column 9)", crate::codes::expression::SYNTAX.0.help));
    }
}
