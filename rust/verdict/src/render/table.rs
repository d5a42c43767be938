//! Every clause of a verdict in one aligned table of plain characters.

use super::Beside;
use super::clean::{brief, columns as width};
use super::numbers::thousands;
use super::undecided;
use super::view::View;
use super::words::{self, Standing, coverage_word, measure, scope_word, severity_word, standing};
use crate::{Clause, Verdict};

const CELL: usize = 44;
const HEADS: [&str; 10] =
    ["", "clause", "columns", "scope", "severity", "coverage", "evaluated", "failing", "share", "undecided"];
/// Columns whose cells stand to the right.
const RIGHT: [usize; 4] = [6, 7, 8, 9];

/// All clauses in one table, failing and unknown ones first; no colours, one line a clause, cells cut with `…`.
pub fn table(verdict: &Verdict, beside: &Beside) -> String {
    let view = View::new(verdict, beside);
    let clauses = view.loud.iter().chain(&view.passes).chain(&view.informational);
    let rows: Vec<_> = clauses.map(|c| row(c)).collect();
    let mut widths = HEADS.map(width);
    for row in &rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(cell));
        }
    }
    let rule: Vec<_> = widths.iter().map(|w| "─".repeat(*w)).collect();
    let mut out = format!("{} · {} · {}\n", words::status_words(verdict.status), view.title(), view.counts());
    for gap in &view.gaps {
        out.push_str(&format!("? records missing: {gap}\n"));
    }
    out.push_str(&line(&HEADS.map(str::to_owned), &widths));
    out.push_str(&format!("{}\n", rule.join("─┼─")));
    for row in &rows {
        out.push_str(&line(row, &widths));
    }
    out
}

fn row(clause: &Clause) -> [String; 10] {
    let (failing, share) = match standing(clause) {
        Standing::Fail => measure(clause),
        Standing::Unknown => (words::standing_word(clause).into(), clause.code.clone()),
        _ => (clause.failing.map(thousands).unwrap_or_default(), None),
    };
    [
        words::mark(clause).into(),
        brief(&words::name(clause), CELL),
        brief(&words::columns(clause).join(", "), CELL),
        scope_word(clause.scope).into(),
        severity_word(clause.severity).into(),
        coverage_word(clause.coverage).into(),
        clause.evaluated.map(thousands).unwrap_or_default(),
        failing,
        share.map(|s| brief(&s, CELL)).unwrap_or_default(),
        if clause.undecided.is_empty() { String::new() } else { thousands(undecided::total(clause)) },
    ]
}

fn line(cells: &[String; 10], widths: &[usize; 10]) -> String {
    let padded = cells.iter().zip(widths).enumerate().map(|(i, (cell, w))| {
        let space = " ".repeat(w.saturating_sub(width(cell)));
        if RIGHT.contains(&i) { format!("{space}{cell}") } else { format!("{cell}{space}") }
    });
    format!("{}\n", padded.collect::<Vec<_>>().join(" │ ").trim_end())
}
