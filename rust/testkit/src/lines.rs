//! Verdicts against the lines that a vector expects. What a line does not say is not compared.

use crate::frame::{cells, json};
use guard_verdict::{Clause, Evidence, Verdict, canonical_json};
use serde::Serialize;

/// How the verdict differs from the expected lines; empty when it agrees.
pub fn faults(expected: &[String], verdict: &Verdict) -> Vec<String> {
    let mut found = Vec::new();
    let mut listed: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in expected.iter().map(String::as_str).filter(|line| !line.trim().is_empty() && *line != "…") {
        if line.starts_with("  ") {
            if let Some((_, evidence)) = listed.last_mut() {
                evidence.push(line);
            }
        } else if let Some(actual) = head(line, verdict) {
            if actual != line {
                found.push(format!("expected `{line}`, found `{actual}`"));
            }
        } else {
            listed.push((line, Vec::new()));
        }
    }
    let ids: Vec<&str> = listed.iter().map(|(line, _)| line.split(' ').next().unwrap_or_default()).collect();
    let whole = !expected.iter().any(|line| line == "…");
    let there: Vec<&str> = verdict.clauses.iter().map(|clause| clause.id.as_str()).collect();
    let order: Vec<&str> = there.into_iter().filter(|id| whole || ids.contains(id)).collect();
    if order != ids {
        found.push(format!("clauses: expected {ids:?}, found {order:?}"));
    }
    for ((line, evidence), id) in listed.iter().zip(ids) {
        if let Some(clause) = verdict.clauses.iter().find(|clause| clause.id == id) {
            found.extend(clause_faults(line, evidence, clause).into_iter().map(|fault| format!("{id}: {fault}")));
        }
    }
    found
}

/// What the verdict has for a line of its head, in the line's notation; None for a clause's line.
fn head(line: &str, verdict: &Verdict) -> Option<String> {
    let (first, _) = line.split_once(": ")?;
    Some(match first {
        "accept" | "reject" | "unknown" => {
            let records = &verdict.records;
            format!(
                "{}: {} records, {} accepted, {} rejected, {} unknown",
                word(&verdict.status),
                records.total,
                records.accepted,
                records.rejected,
                records.unknown
            )
        }
        "undeclared" => format!("undeclared: {}", verdict.undeclared.join(", ")),
        "references" => {
            let used = verdict.references.iter().map(|used| format!("{} {}", used.name, used.records));
            format!("references: {}", used.collect::<Vec<_>>().join(", "))
        }
        "sources" => {
            let seen = verdict.sources.iter().map(|seen| {
                let name = if seen.source.is_empty() { "-" } else { &seen.source };
                let ranges = seen.ranges.iter().map(|[start, end]| format!(" {start}..{end}")).collect::<String>();
                format!("{name}{ranges}")
            });
            format!("sources: {}", seen.collect::<Vec<_>>().join("; "))
        }
        "params" => {
            let bound = verdict.params.iter().map(|(name, value)| format!("{name} = {}", text(value)));
            format!("params: {}", bound.collect::<Vec<_>>().join(", "))
        }
        "asOf" => format!("asOf: {}", verdict.as_of.as_deref().unwrap_or("null")),
        _ => return None,
    })
}

fn text<T: Serialize>(value: &T) -> String {
    canonical_json(value).unwrap_or_default()
}

/// A value of an enumeration as JSON has it.
fn word<T: Serialize>(value: &T) -> String {
    text(value).trim_matches('"').to_owned()
}

fn clause_faults(line: &str, expected: &[&str], clause: &Clause) -> Vec<String> {
    let (judged, undecided) = line.split_once("; ").unwrap_or((line, ""));
    let (before, at) = judged.split_once(" at ").map_or((judged, None), |(before, at)| (before, Some(at)));
    let mut found = Vec::new();
    let mut compare = |what: &str, expected: &str, actual: String| {
        if expected != actual {
            found.push(format!("{what}: expected `{expected}`, found `{actual}`"));
        }
    };
    let (mut code, mut severity) = ("", "error");
    for (position, said) in before.split_whitespace().skip(1).enumerate() {
        match said {
            outcome if position == 0 => compare("outcome", outcome, ended(clause)),
            "warning" | "info" => severity = said,
            "record" | "key" | "table" => compare("scope", said, word(&clause.scope)),
            metric if metric.starts_with("metric=") => {
                let actual = clause.metric.as_ref().map(|metric| format!("metric={}/{}", metric.value, metric.of));
                compare("metric", metric, actual.unwrap_or_default());
            }
            counts if counts.starts_with(|first: char| first.is_ascii_digit()) => {
                let number = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
                compare("counts", counts, format!("{}/{}", number(clause.evaluated), number(clause.failing)));
            }
            said => code = said,
        }
    }
    compare("code", code, clause.code.clone().unwrap_or_default());
    compare("severity", severity, word(&clause.severity));
    if let Some(at) = at {
        compare("records", at, places(&clause.evidence));
    }
    // A line that names no undecided records says that there are none.
    let open = clause.undecided.iter().map(|one| format!("{} {} at {}", one.code, one.count, places(&one.evidence)));
    compare("undecided", undecided, open.collect::<Vec<_>>().join("; "));
    if !expected.is_empty() {
        let expected: Vec<String> = expected.iter().map(|line| normal(line)).collect();
        let actual: Vec<String> = clause.evidence.iter().map(shown).collect();
        compare("evidence", &expected.join("\n"), actual.join("\n"));
    }
    found
}

fn ended(clause: &Clause) -> String {
    match word(&clause.coverage).as_str() {
        said @ ("refused" | "informational") => said.to_owned(),
        _ => clause.outcome.as_ref().map(word).unwrap_or_default(),
    }
}

fn place(evidence: &Evidence) -> String {
    match evidence.source.as_str() {
        "" => evidence.record.to_string(),
        source => format!("{source}:{}", evidence.record),
    }
}

fn places(evidence: &[Evidence]) -> String {
    evidence.iter().map(place).collect::<Vec<_>>().join(", ")
}

/// `1 | tags[0] = 7 | note = "a"`
fn shown(evidence: &Evidence) -> String {
    let mut found = vec![place(evidence), evidence.path.clone()];
    if let Some(path) = found.last_mut() {
        if let Some(value) = &evidence.value {
            path.push_str(&format!(" = {}", text(value)));
        }
        if let Some(values) = &evidence.values {
            path.push_str(&format!(" = {}", text(values)));
        }
    }
    found.extend(evidence.context.iter().map(|cell| format!("{} = {}", cell.column, text(&cell.value))));
    found.join(" | ")
}

/// An expected line of evidence with canonical JSON.
fn normal(line: &str) -> String {
    let cell = |cell: &String| match cell.split_once(" = ") {
        Some((name, written)) => {
            let value = json(written).and_then(|value| canonical_json(&value).map_err(|why| why.to_string()));
            format!("{name} = {}", value.unwrap_or_else(|why| why))
        }
        None => cell.clone(),
    };
    cells(line).iter().map(cell).collect::<Vec<_>>().join(" | ")
}
