//! The first violations of a clause as a table.

use crate::render::clean::shown;
use crate::render::faults;
use crate::render::numbers::{counted, thousands};
use crate::render::undecided as open;
use crate::render::value::{offending, value};
use crate::{Clause, Evidence, Undecided};
use maud::{Markup, html};

const CELL: usize = 48;
/// Columns of context.
const CONTEXT: usize = 4;
/// Examples, also when a document holds more than it should.
const SHOWN: usize = crate::EVIDENCE_LIMIT;

/// `first 5 of 50,094 · first 2 of 9 undecided`.
pub(super) fn title(clause: &Clause) -> String {
    let failing = first(clause.evidence.len(), clause.failing);
    let undecided: usize = clause.undecided.iter().map(|one| one.evidence.len().min(SHOWN)).sum();
    let undecided = match undecided {
        0 => None,
        shown => Some(format!("first {} of {} undecided", thousands(shown as u64), thousands(open::total(clause)))),
    };
    let parts: Vec<_> = failing.into_iter().chain(undecided).collect();
    if parts.is_empty() { "what to do".into() } else { parts.join(" · ") }
}

fn first(examples: usize, all: Option<u64>) -> Option<String> {
    let shown = examples.min(SHOWN) as u64;
    Some(match (shown, all) {
        (0, _) => return None,
        (shown, Some(all)) if all >= shown => {
            format!("first {} of {}", thousands(shown), thousands(all))
        }
        (shown, _) => counted(shown, "example", "examples"),
    })
}

/// The first records that one reason leaves undecided, and what to do about it.
pub(super) fn undecided(clause: &Clause, one: &Undecided) -> Markup {
    html! {
        p { strong class="un" { "? undecided" } ", " (open::reason(one)) }
        @if !one.evidence.is_empty() { (table(clause, &one.evidence)) }
        @if let Some(help) = open::help(one) { p { small { "to decide: " (help) } } }
    }
}

/// The first records of one kind of damage, and what to do about it.
pub(super) fn faults(clause: &Clause, one: &Undecided) -> Markup {
    html! {
        p { strong class="no" { "✗" } " " (faults::kind(one)) }
        @if !one.evidence.is_empty() { (table(clause, &one.evidence)) }
        @if let Some(help) = open::help(one) { p { small { "to do: " (help) } } }
    }
}

/// Record number, context and the offending cells, these in `<mark>`.
pub(super) fn table(clause: &Clause, evidence: &[Evidence]) -> Markup {
    let evidence: Vec<&Evidence> = evidence.iter().take(SHOWN).collect();
    let sources = evidence.iter().any(|e| !e.source.is_empty());
    let context = context_columns(&evidence);
    let keys = key_columns(clause, &evidence);
    html! {
        table {
            tr {
                @if sources { th { "source" } }
                th class="n" { "record" }
                @for column in &context { th { (shown(column, CELL)) } }
                @for column in &keys { th { (shown(column, CELL)) } }
            }
            @for one in &evidence {
                tr {
                    @if sources { td { (shown(&one.source, CELL)) } }
                    td class="n" { (thousands(one.record)) }
                    @for column in &context { td { (cell(one, column)) } }
                    (marked(one, &keys))
                }
            }
        }
    }
}

/// Columns of context in order of appearance.
fn context_columns<'a>(evidence: &[&'a Evidence]) -> Vec<&'a str> {
    let mut out: Vec<&str> = Vec::new();
    for cell in evidence.iter().flat_map(|e| &e.context) {
        if out.len() < CONTEXT && !out.contains(&cell.column.as_str()) {
            out.push(&cell.column);
        }
    }
    out
}

/// Heads of the offending cells: the key's columns, else the one path, else the clause's column.
fn key_columns<'a>(clause: &'a Clause, evidence: &[&'a Evidence]) -> Vec<&'a str> {
    let parts = evidence.iter().filter_map(|e| e.values.as_ref()).map(Vec::len).max().unwrap_or(1);
    let path = evidence.first().map_or("", |e| e.path.as_str());
    if parts > 1 && clause.columns.len() == parts {
        clause.columns.iter().map(String::as_str).collect()
    } else if evidence.iter().all(|e| e.path == path) {
        vec![path]
    } else {
        vec![clause.columns.first().map_or("value", String::as_str)]
    }
}

fn cell(evidence: &Evidence, column: &str) -> String {
    let found = evidence.context.iter().find(|c| c.column == column);
    found.map(|c| value(&c.value, CELL)).unwrap_or_default()
}

fn marked(evidence: &Evidence, keys: &[&str]) -> Markup {
    let values = offending(evidence, CELL);
    let elsewhere = matches!(keys, [one] if *one != evidence.path);
    html! {
        @if keys.len() > 1 && values.len() == keys.len() {
            @for text in &values { td { mark { (text) } } }
        } @else {
            td colspan=[(keys.len() > 1).then_some(keys.len())] {
                @if elsewhere { small { (shown(&evidence.path, CELL)) } " " }
                mark { @if values.is_empty() { "absent" } @else { (values.join(", ")) } }
            }
        }
    }
}
