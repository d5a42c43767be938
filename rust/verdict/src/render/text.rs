//! A verdict told in lines, for terminals, `text/plain`, screen readers and exceptions.

use super::Beside;
use super::clean::shown;
use super::faults;
use super::fix;
use super::next;
use super::numbers::thousands;
use super::undecided;
use super::value;
use super::view::View;
use super::words::{self, Standing, scope_word, severity_word, standing};
use crate::{Clause, Evidence, Severity, Verdict};

const VALUE_CAP: usize = 40;
/// Columns of one clause whose values are told.
const COLUMNS: usize = 8;
/// Loud clauses that are told before the rest is only counted.
const LOUD: usize = 40;

/// The verdict in lines: status and counts; every failing or unknown clause with examples and what to do; the passes in one.
///
/// Strings of the data and the contract are shown on one line, with control, bidirectional and invisible characters
/// spelled out and long ones cut with `…` and their length. Cost: the size of what is shown.
pub fn text(verdict: &Verdict, beside: &Beside) -> String {
    let view = View::new(verdict, beside);
    let mut lines = vec![head(&view), format!("  {}", second(&view))];
    lines.extend(faults::bytes(verdict).map(|account| format!("  {account}")));
    lines.extend(view.gaps.iter().map(|gap| format!("? records missing: {gap}")));
    for clause in view.loud.iter().take(LOUD) {
        lines.extend(told(&view, clause));
    }
    lines.extend(rest(view.loud.len(), LOUD));
    lines.extend(folded("✓", &view.passes, "pass", "passes"));
    lines.extend(folded("·", &view.informational, "state nothing that could fail", "states nothing that could fail"));
    lines.push(next::line(&view));
    lines.push(String::new());
    lines.join("\n")
}

fn head(view: &View) -> String {
    format!("{} · {} · {}", words::status_words(view.verdict.status), view.title(), view.counts())
}

fn second(view: &View) -> String {
    format!("contract {} · {} · {} · {}", view.contract(), view.digest(), view.semantics(), view.tallies())
}

fn rest(all: usize, told: usize) -> Option<String> {
    (all > told).then(|| {
        format!("… and {} more that fail or are unknown; the JSON document has all", thousands((all - told) as u64))
    })
}

/// The lines of one failing or unknown clause.
fn told(view: &View, clause: &Clause) -> Vec<String> {
    let mut lines = vec![sentence(clause)];
    lines.extend(words::rule(view.beside, clause).map(|(sense, text)| format!("    {sense}: {text}")));
    let examples: Vec<_> = clause.evidence.iter().take(3).map(|evidence| example(clause, evidence)).collect();
    if !examples.is_empty() && clause.faults.is_empty() {
        lines.push(format!("    for example {}", examples.join("; ")));
    }
    lines.extend(faults::lines(clause).into_iter().map(|line| format!("    {line}")));
    lines.extend(undecided::lines(clause).into_iter().map(|line| format!("    {line}")));
    lines.extend(fix::look(view.verdict, view.beside, clause).map(|line| format!("    look at them: {line}")));
    lines.extend(match (words::advice(clause), place(view.beside, clause)) {
        (Some(help), None) => Some(format!("    to do: {help}")),
        (Some(help), Some(place)) => Some(format!("    to do: {help} ({place})")),
        (None, place) => place.map(|place| format!("    see {place}")),
    });
    lines
}

fn place(beside: &Beside, clause: &Clause) -> Option<String> {
    let line = beside.lines.get(&clause.id)?;
    let path = beside.contract_path.as_deref().map(|p| format!("{}, ", shown(p, 80))).unwrap_or_default();
    Some(format!("{path}line {line}"))
}

/// `✗ tailnum: plane is known fails on 50,094 of 336,776 (14.9 %), key`.
pub(super) fn sentence(clause: &Clause) -> String {
    let columns = words::columns(clause).join(", ");
    let columns = if columns.is_empty() { String::new() } else { format!("{columns}: ") };
    let about = match clause.severity {
        Severity::Error => format!("[{}]", scope_word(clause.scope)),
        other => format!("[{}, {}]", scope_word(clause.scope), severity_word(other)),
    };
    let outcome = match standing(clause) {
        Standing::Fail if clause.metric.is_some() => {
            format!("fails: {}{}", words::measure_sentence(clause), undecided::aside(clause))
        }
        Standing::Fail => format!("fails on {}{}", words::measure_sentence(clause), undecided::aside(clause)),
        Standing::Unknown => format!("{}: {}", words::standing_word(clause), words::why(clause)),
        _ => words::standing_word(clause).into(),
    };
    format!("{} {columns}{} {about} {outcome}", words::mark(clause), words::name(clause))
}

/// `record 6 (tailnum N3ALAA, carrier AA)`; of several columns each value stands with its own.
pub(super) fn example(clause: &Clause, evidence: &Evidence) -> String {
    let source =
        if evidence.source.is_empty() { String::new() } else { format!("{} ", shown(&evidence.source, VALUE_CAP)) };
    let mut facts = offending(clause, evidence);
    facts.extend(
        evidence
            .context
            .iter()
            .take(4)
            .map(|cell| format!("{} {}", shown(&cell.column, VALUE_CAP), value::value(&cell.value, VALUE_CAP))),
    );
    facts.retain(|fact| !fact.is_empty());
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
    format!("{source}record {}{facts}", thousands(evidence.record))
}

fn offending(clause: &Clause, evidence: &Evidence) -> Vec<String> {
    let values = value::offending(evidence, VALUE_CAP);
    if values.len() < 2 || values.len() != clause.columns.len() {
        return vec![format!("{} {}", shown(&evidence.path, VALUE_CAP), values.join(", ")).trim().to_owned()];
    }
    let more = values.len().saturating_sub(COLUMNS);
    let pairs = clause.columns.iter().zip(&values).take(COLUMNS);
    let mut out: Vec<_> = pairs.map(|(column, value)| format!("{} {value}", shown(column, VALUE_CAP))).collect();
    if more > 0 {
        out.push(format!("… and {} more", thousands(more as u64)));
    }
    out
}

/// `✓ 5 clauses pass: a · b ×3 · c`, at most 40 names; clauses of many columns share theirs.
fn folded(mark: &str, clauses: &[&Clause], many: &str, one: &str) -> Option<String> {
    let mut names: Vec<(String, usize)> = Vec::new();
    for name in clauses.iter().map(|clause| words::folded_name(clause)) {
        match names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => names.push((name, 1)),
        }
    }
    let shown = names.iter().take(40).map(|(name, count)| match count {
        1 => name.clone(),
        count => format!("{name} ×{count}"),
    });
    let shown = shown.collect::<Vec<_>>().join(" · ");
    let more = names.len().saturating_sub(40);
    let more = if more > 0 { format!(" · … and {} more", thousands(more as u64)) } else { String::new() };
    let (noun, verb) = if clauses.len() == 1 { ("clause", one) } else { ("clauses", many) };
    (!names.is_empty()).then(|| format!("{mark} {} {noun} {verb}: {shown}{more}", thousands(clauses.len() as u64)))
}
