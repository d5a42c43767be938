//! A verdict as the traceback of an exception in a notebook.

use super::Beside;
use super::clean::brief;
use super::numbers::thousands;
use super::view::View;
use super::words;
use super::{next, text};
use crate::{Clause, Verdict};

const CLAUSES: usize = 5;
const EXAMPLES: usize = 3;
/// Characters of a line.
const LINE: usize = 160;

/// At most 12 lines for the traceback of an exception: contract, counts, the worst clauses, three examples, next step.
///
/// Lines hold no line breaks, escape sequences or bidirectional controls, whatever the data hold, and end in `…` when cut.
pub fn traceback(verdict: &Verdict, beside: &Beside) -> Vec<String> {
    let view = View::new(verdict, beside);
    let mut lines = vec![
        format!("{}: {} under contract {}", words::status_words(verdict.status), view.title(), view.contract()),
        format!("  {} · {}", view.counts(), view.tallies()),
    ];
    let gap = view.gaps.first().map(|gap| format!("  ? records missing: {gap}"));
    let room = CLAUSES - usize::from(gap.is_some());
    lines.extend(gap);
    lines.extend(view.loud.iter().take(room).map(|c| format!("  {}", text::sentence(c))));
    let more = view.loud.len().saturating_sub(room);
    if more > 0 {
        lines.push(format!("  … and {} more that fail or are unknown", thousands(more as u64)));
    }
    lines.extend(examples(&view).into_iter().map(|e| format!("    {e}")));
    lines.push(next::line(&view));
    lines.iter().map(|line| brief(line, LINE)).collect()
}

/// Three examples, of as many clauses as possible.
fn examples(view: &View) -> Vec<String> {
    let of: Vec<_> = view.loud.iter().map(|c| of(c)).filter(|found| !found.is_empty()).take(EXAMPLES).collect();
    let mut out = Vec::new();
    for depth in 0..EXAMPLES {
        out.extend(of.iter().filter_map(|found| found.get(depth).cloned()));
    }
    out.truncate(EXAMPLES);
    out
}

/// The first violation of a clause, the first record that each reason leaves undecided, then more violations.
fn of(clause: &Clause) -> Vec<String> {
    let mut failing = clause.evidence.iter().map(|e| format!("for example {}", text::example(clause, e)));
    let open = clause.undecided.iter().filter_map(|one| {
        let first = text::example(clause, one.evidence.first()?);
        Some(format!("undecided, {}: {first}", brief(&one.code, words::NAME_CAP)))
    });
    let mut out: Vec<_> = failing.next().into_iter().chain(open.take(EXAMPLES)).collect();
    out.extend(failing.take(EXAMPLES));
    out
}
