//! A verdict as a static report: no script, font, address or `id`, and no attribute that comes from data.

mod decision;
mod examples;
mod style;

pub use decision::{Because, DecisionView, Held, Proposed, decision_html, decision_page};

use super::next::{self, Piece};
use super::numbers::thousands;
use super::view::View;
use super::words::{self, Standing, scope_word, severity_word, standing};
use super::{Beside, faults, fix, undecided};
use crate::{Clause, Scope, Severity, Verdict};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Failing and unknown clauses with a row of their own; the rest is counted.
const ROWS: usize = 100;
/// Failing clauses with examples and a fix.
const DETAILED: usize = 20;
/// Names in a fold.
const NAMES: usize = 200;

/// For cells of prose: JupyterLab sets cells to the right, and drops the style sheet from notebooks that it does not trust.
const LEFT: &str = "text-align:left";

/// The report as a fragment: one `<div class="gnb">` with its own scoped `<style>`, readable without it.
///
/// Strings of the data and the contract are escaped, control, bidirectional and invisible characters spelled out, long ones
/// cut with `…` and their length. About 6 kB for ten clauses; at most 100 clauses are shown row by row and 20 with examples,
/// the rest is counted.
pub fn html(verdict: &Verdict, beside: &Beside) -> String {
    fragment(verdict, beside).into_string()
}

/// The report as a page of its own, for export.
pub fn html_page(verdict: &Verdict, beside: &Beside) -> String {
    let view = View::new(verdict, beside);
    let title = html! { (words::status_words(verdict.status)) " · " (view.title()) " · " (view.contract()) };
    page(&title, &fragment(verdict, beside))
}

/// A page around a fragment, under a policy that lets nothing run or load.
fn page(title: &Markup, fragment: &Markup) -> String {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(policy);
                title { (title) }
                style { (PreEscaped(style::PAGE)) }
            }
            body { main { (fragment) } }
        }
    }
    .into_string()
}

fn fragment(verdict: &Verdict, beside: &Beside) -> Markup {
    let view = View::new(verdict, beside);
    html! {
        div class="gnb" {
            style { (PreEscaped(style::FRAGMENT)) }
            h3 { strong class=(status_class(&view)) { (words::status_words(verdict.status)) } " " (view.title()) " " small { (view.counts()) } }
            p { small { "contract " (view.contract()) " · " code { (view.digest()) } " · " (view.semantics()) " · " (view.tallies()) } }
            @if let Some(account) = faults::bytes(verdict) { p { small { (account) } } }
            @for gap in &view.gaps { p { strong class="un" { "? records missing" } ": " (gap) } }
            @if !verdict.clauses.is_empty() { (clauses(&view)) }
            p { small { "Next: " (steps(&view)) } }
        }
    }
}

fn status_class(view: &View) -> &'static str {
    match view.verdict.status {
        crate::Status::Accept => "ok",
        crate::Status::Reject => "no",
        crate::Status::Unknown => "un",
    }
}

fn clauses(view: &View) -> Markup {
    let worst = view.failing().filter_map(share).fold(0.0, f64::max);
    let more = view.loud.len().saturating_sub(ROWS);
    html! {
        table {
            @if !view.loud.is_empty() {
                thead { tr { th {} th { "clause" } th { "column" } th class="n" { "failing" } th class="n" { "share" } th class="w" {} } }
            }
            tbody {
                @for (i, clause) in view.loud.iter().take(ROWS).enumerate() {
                    (row(view, clause, worst))
                    @if i < DETAILED && (standing(clause) == Standing::Fail || !clause.undecided.is_empty()) { (detail(view, clause, i == 0)) }
                }
                @if more > 0 {
                    tr { td { "…" } td colspan="5" style=(LEFT) { (thousands(more as u64)) " more clauses fail or are unknown; the JSON document has all" } }
                }
                (folded(&view.passes, "ok", "✓", "pass", "passes"))
                (folded(&view.informational, "un", "·", "state nothing that could fail", "states nothing that could fail"))
                (undeclared(view.verdict))
            }
        }
    }
}

/// The share that fails, for the bar.
fn share(clause: &Clause) -> Option<f64> {
    let of = clause.evaluated.filter(|of| *of > 0 && clause.metric.is_none())?;
    Some((clause.failing.unwrap_or(0) as f64 / of as f64).min(1.0))
}

fn row(view: &View, clause: &Clause, worst: f64) -> Markup {
    html! {
        tr {
            td class=(class(clause)) { (words::mark(clause)) }
            td style=(LEFT) {
                (words::name(clause)) " " small { (about(clause)) }
                @if let Some((sense, text)) = words::rule(view.beside, clause) { br; small { (sense) ": " } code { (text) } }
                @if standing(clause) == Standing::Unknown { (unknown(clause)) } @else { (also_undecided(clause)) }
            }
            td { @for (i, column) in words::columns(clause).iter().enumerate() { @if i > 0 { ", " } code { (column) } } }
            @if standing(clause) == Standing::Unknown {
                td class="un" colspan="3" { strong { (words::standing_word(clause)) } }
            } @else {
                (measured(clause, worst))
            }
        }
    }
}

fn measured(clause: &Clause, worst: f64) -> Markup {
    let (main, aside) = words::measure(clause);
    let aside = aside.unwrap_or_default();
    let width = share(clause).filter(|_| worst > 0.0).map(|s| format!("width:{:.1}%", s / worst * 100.0));
    html! {
        td class="n" { (main) }
        @if clause.metric.is_some() {
            td colspan="2" { small { (aside) } }
        } @else {
            td class="n" { small { (aside) } }
            td { @if let Some(width) = width { span class=(format!("bar {}", class(clause))) style=(width) {} } }
        }
    }
}

/// `foreignKey · key`, and the severity where it does not decide.
fn about(clause: &Clause) -> String {
    let kind = super::clean::shown(&clause.kind, 40);
    match clause.severity {
        Severity::Error => format!("{kind} · {}", scope_word(clause.scope)),
        other => format!("{kind} · {} · {}", scope_word(clause.scope), severity_word(other)),
    }
}

fn class(clause: &Clause) -> &'static str {
    match (standing(clause), clause.severity) {
        (Standing::Fail, Severity::Error) => "no",
        (Standing::Pass, _) => "ok",
        _ => "un",
    }
}

fn unknown(clause: &Clause) -> Markup {
    html! { br; (words::why(clause)) @if let Some(help) = words::advice(clause) { br; small { "to do: " (help) } } }
}

fn also_undecided(clause: &Clause) -> Markup {
    html! { @if let Some(sentence) = undecided::sentence(clause) { br; strong class="un" { "? " (sentence) } } }
}

/// Examples and fix, in a row of their own so that they have the whole width.
fn detail(view: &View, clause: &Clause, open: bool) -> Markup {
    let look = fix::look(view.verdict, view.beside, clause);
    let edit = fix::edit(view.beside, clause);
    let help = words::advice(clause);
    let title = examples::title(clause);
    html! {
        tr class="d" {
            td {}
            td colspan="5" style=(LEFT) {
                details open[open] {
                    summary { small { (title) } }
                    @if clause.faults.is_empty() && !clause.evidence.is_empty() { (examples::table(clause, &clause.evidence)) }
                    @for one in clause.faults.iter().take(undecided::REASONS) { (examples::faults(clause, one)) }
                    @for one in clause.undecided.iter().take(undecided::REASONS) { (examples::undecided(clause, one)) }
                    @if let Some(more) = undecided::more(clause) { p { (more) } }
                    @if let Some(line) = look { pre { (line) } }
                    @if let Some(line) = edit { pre { (line) } }
                    @if let Some(help) = help { small { "to do: " (help) } }
                }
            }
        }
    }
}

fn folded(clauses: &[&Clause], class: &str, mark: &str, many: &str, one: &str) -> Markup {
    let count = thousands(clauses.len() as u64);
    let title = if clauses.len() == 1 { format!("{count} clause {one}") } else { format!("{count} clauses {many}") };
    html! {
        @if !clauses.is_empty() {
            tr {
                td class=(class) { (mark) }
                td colspan="5" style=(LEFT) { details { summary { (title) } @for scope in SCOPES { (names(clauses, scope)) } (more(clauses.len())) } }
            }
        }
    }
}

const SCOPES: [Scope; 5] = [Scope::Record, Scope::Key, Scope::Batch, Scope::Window, Scope::Table];

/// `key: a · b`: the clauses of one scope (S1.6), of the first that are shown.
fn names(clauses: &[&Clause], scope: Scope) -> Markup {
    let of: Vec<_> = clauses.iter().take(NAMES).filter(|c| c.scope == scope).map(|c| words::folded_name(c)).collect();
    html! { @if !of.is_empty() { p { small { (scope_word(scope)) ": " } (of.join(" · ")) } } }
}

fn more(all: usize) -> Markup {
    let more = all.saturating_sub(NAMES);
    html! { @if more > 0 { p { "… and " (thousands(more as u64)) " more" } } }
}

fn undeclared(verdict: &Verdict) -> Markup {
    let names: Vec<_> = verdict.undeclared.iter().take(12).map(|c| super::clean::shown(c, words::NAME_CAP)).collect();
    let more = verdict.undeclared.len().saturating_sub(names.len());
    html! {
        @if !names.is_empty() {
            tr {
                td class="un" { "·" }
                td colspan="5" style=(LEFT) {
                    "not declared by the contract: "
                    @for (i, name) in names.iter().enumerate() { @if i > 0 { ", " } code { (name) } }
                    @if more > 0 { " … and " (thousands(more as u64)) " more" }
                }
            }
        }
    }
}

fn steps(view: &View) -> Markup {
    html! {
        @for (i, step) in next::steps(view).into_iter().enumerate() {
            @if i > 0 { " · " }
            @for piece in step {
                @match piece { Piece::Say(text) => (text), Piece::Type(text) => code { (text) } }
            }
        }
    }
}
