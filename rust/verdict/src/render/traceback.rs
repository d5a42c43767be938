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
    lines.extend(examples(&view).into_iter().map(|e| format!("    for example {e}")));
    lines.push(next::line(&view));
    lines.iter().map(|line| brief(line, LINE)).collect()
}

/// Three examples, of as many clauses as possible.
fn examples(view: &View) -> Vec<String> {
    let failing: Vec<&Clause> = view.failing().filter(|c| !c.evidence.is_empty()).take(EXAMPLES).collect();
    let mut out = Vec::new();
    for depth in 0..EXAMPLES {
        out.extend(failing.iter().filter_map(|c| c.evidence.get(depth)).map(text::example));
    }
    out.truncate(EXAMPLES);
    out
}
