//! A verdict told in lines, for terminals, `text/plain`, screen readers and exceptions.

use super::Beside;
use super::clean::shown;
use super::fix;
use super::next;
use super::numbers::thousands;
use super::value;
use super::view::View;
use super::words::{self, Standing, scope_word, severity_word, standing};
use crate::{Clause, Evidence, Severity, Verdict};

const VALUE_CAP: usize = 40;
/// Loud clauses that are told before the rest is only counted.
const LOUD: usize = 40;

/// The verdict in lines: status and counts; every failing or unknown clause with examples and what to do; the passes in one.
///
/// Strings of the data and the contract are shown on one line, with control, bidirectional and invisible characters
/// spelled out and long ones cut with `…` and their length. Cost: the size of what is shown.
pub fn text(verdict: &Verdict, beside: &Beside) -> String {
    let view = View::new(verdict, beside);
    let mut lines = vec![head(&view), format!("  {}", second(&view))];
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
    let examples: Vec<_> = clause.evidence.iter().take(3).map(example).collect();
    if !examples.is_empty() {
        lines.push(format!("    for example {}", examples.join("; ")));
    }
    let look = if standing(clause) == Standing::Fail { fix::look(view.verdict, view.beside, clause) } else { None };
    lines.extend(look.map(|line| format!("    look at them: {line}")));
    lines.extend(words::help(clause).map(|help| format!("    to do: {help}{}", place(view.beside, clause))));
    lines
}

fn place(beside: &Beside, clause: &Clause) -> String {
    let Some(line) = beside.lines.get(&clause.id) else {
        return String::new();
    };
    let path = beside.contract_path.as_deref().map(|p| format!("{}, ", shown(p, 80))).unwrap_or_default();
    format!(" ({path}line {line})")
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
            format!("fails: {}", words::measure_sentence(clause))
        }
        Standing::Fail => format!("fails on {}", words::measure_sentence(clause)),
        Standing::Unknown => format!("{}: {}", words::standing_word(clause), words::why(clause)),
        _ => words::standing_word(clause).into(),
    };
    format!("{} {columns}{} {about} {outcome}", words::mark(clause), words::name(clause))
}

/// `record 6 (tailnum N3ALAA, carrier AA)`.
pub(super) fn example(evidence: &Evidence) -> String {
    let source =
        if evidence.source.is_empty() { String::new() } else { format!("{} ", shown(&evidence.source, VALUE_CAP)) };
    let offending = value::offending(evidence, VALUE_CAP).join(", ");
    let mut facts = vec![format!("{} {offending}", shown(&evidence.path, VALUE_CAP)).trim().to_owned()];
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

/// `✓ 5 clauses pass: a · b ×3 · c`, at most 40 names; clauses of many columns share theirs.
fn folded(mark: &str, clauses: &[&Clause], many: &str, one: &str) -> Option<String> {
    let mut names: Vec<(String, usize)> = Vec::new();
    for name in clauses.iter().map(|clause| words::name(clause)) {
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
