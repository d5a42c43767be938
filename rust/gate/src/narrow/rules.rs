//! Does a tool's pair of rules admit at most what another pair does?

use crate::file::Tool;
use crate::logic::bounds::Bounds;
use crate::logic::cases::{Case, cases, follows};
use crate::logic::formula::Formula;
use crate::rule::Rule;

/// What is not proved of the rules of a tool; nothing if all is. `narrow` was proved to have the tighter schema.
pub(super) fn doubts(narrow: &Tool, wide: &Tool) -> Vec<String> {
    let mut out = Vec::new();
    let bounds = narrow.bounds();
    let added = same(&narrow.allow, &wide.allow) || conjoined(&narrow.allow, &wide.allow);
    if !added && !follows(&wide.allow.holds_when, &[&narrow.allow.holds_when], &bounds) {
        let (a, b) = (&narrow.allow.text, &wide.allow.text);
        out.push(format!("`allow: {a}` does not show that `{b}` is TRUE"));
    }
    if !escalates(narrow, wide, &bounds) {
        let of = |rule: &Option<Rule>| rule.as_ref().map_or("FALSE".to_owned(), |rule| rule.text.to_string());
        out.push(format!(
            "`escalate: {}` does not show that it escalates what `{}` does",
            of(&narrow.escalate),
            of(&wide.escalate)
        ));
    }
    out
}

/// What the wide rule escalates the narrow one escalates too, and where the wide one is undecided nothing is admitted.
fn escalates(narrow: &Tool, wide: &Tool, bounds: &Bounds) -> bool {
    let Some(wanted) = &wide.escalate else { return true };
    if let Some(own) = &narrow.escalate
        && (same(own, wanted) || extends(own, wanted))
    {
        return true;
    }
    let own = narrow.escalate.as_ref().map_or(&Formula::Never, |rule| &rule.holds_when);
    let allow = &narrow.allow.holds_when;
    let Some(admitted) = cases(&[allow], bounds) else { return false };
    let Some(called) = cases(&[allow, &wanted.holds_when], bounds) else { return false };
    called.iter().all(|case| case.implies(own, bounds))
        && admitted.iter().all(|case| decided(&wanted.holds_when, case, bounds))
}

/// The same text with the same meaning.
fn same(own: &Rule, wanted: &Rule) -> bool {
    own.text == wanted.text && own.stamp == wanted.stamp
}

/// Is the own rule the wanted one AND another?
fn conjoined(own: &Rule, wanted: &Rule) -> bool {
    let rest = own.text.strip_prefix(&format!("({}) AND (", wanted.text)).and_then(|rest| rest.strip_suffix(')'));
    rest.is_some_and(|text| guard_engine::expr::expression(text).is_ok()) && own.covers(wanted)
}

/// Is the own rule what [`joined`] makes of the wanted one?
fn extends(own: &Rule, wanted: &Rule) -> bool {
    let whole = joined(&wanted.text, "");
    let Some((head, tail)) = whole.rsplit_once("()") else { return false };
    let added = own.text.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail));
    let added = added.and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')'));
    // What was added is an expression of its own and does not end the branch.
    added.is_some_and(|text| guard_engine::expr::expression(text).is_ok()) && own.covers(wanted)
}

/// An escalation that is TRUE where either is, and undecided where the first one is.
pub(super) fn joined(first: &str, more: &str) -> String {
    format!("CASE WHEN ({first}) THEN TRUE WHEN NOT ({first}) THEN ({more}) END")
}

/// Is the condition TRUE or FALSE in the case, and neither NULL nor failing? False where that is not proved.
fn decided(formula: &Formula, case: &Case, bounds: &Bounds) -> bool {
    match formula {
        Formula::Always | Formula::Null(_) | Formula::Present(_) => true,
        Formula::All(parts) | Formula::Any(parts) => parts.iter().all(|part| decided(part, case, bounds)),
        Formula::In(column, _) => case.present(column, bounds),
        // NULL is never TRUE either.
        Formula::Never | Formula::Opaque(_) => false,
    }
}
