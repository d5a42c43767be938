//! Gates part by part.

use super::{policies, rules, schemas};
use crate::file::{Gate, Meets, Tool};
use crate::limit::{Kind, Limit};
use crate::logic::window::covers;
use crate::records::Records;
use guard_engine::document::quote;
use std::collections::BTreeSet;

/// What is not proved; nothing if the narrow gate is proved to be narrower.
pub(super) fn doubts(narrow: &Gate, wide: &Gate) -> Vec<String> {
    let mut out = Vec::new();
    if narrow.id != wide.id && !wide.limits.is_empty() {
        out.push(format!("what {} spends is counted apart from {}", quote(&narrow.id), quote(&wide.id)));
    }
    if narrow.hold > wide.hold {
        out.push("permits wait longer: `hold` is greater".to_owned());
    }
    for tool in &narrow.tools {
        match wide.tool(&tool.name) {
            Some((_, other)) => tools(narrow, wide, tool, other, &mut out),
            None => out.push(format!("the wider gate lists no tool {}", quote(&tool.name))),
        }
    }
    policies::doubts(narrow, wide, &mut out);
    out
}

fn tools(narrow: &Gate, wide: &Gate, tool: &Tool, other: &Tool, out: &mut Vec<String>) {
    let before = out.len();
    if !schemas::within(&tool.input, &other.input) || refers_elsewhere(narrow, wide) {
        out.push(format!("the schema of {} is not shown to admit less", quote(&tool.name)));
    }
    let judged = |wanted: &Records| {
        tool.records.iter().any(|own| own.at == wanted.at && own.contract.digest == wanted.contract.digest)
    };
    if !other.records.iter().all(judged) {
        out.push(format!("the records of {} are not judged by the same contract", quote(&tool.name)));
    }
    if tool.money != other.money {
        out.push(format!("the money of {} stands elsewhere", quote(&tool.name)));
    }
    // What the wide gate reads and cannot hold it denies; the narrow one must read it too.
    if other.record.readable().any(|name| tool.record.typed(name) == Some(&None)) {
        out.push(format!("rules of {} read less of its arguments", quote(&tool.name)));
    }
    // Rules are compared over what the schema admits.
    if out.len() == before {
        out.extend(rules::doubts(tool, other));
    }
    limits(narrow, wide, &tool.name, (&tool.meets, &other.meets), out);
    let (own, before) = (currencies(narrow, tool), currencies(wide, other));
    if !before.is_empty() && !own.is_subset(&before) {
        out.push(format!("{} has a budget in a currency that it could not spend", quote(&tool.name)));
    }
}

/// Each limit that a tool, queries or transforms meet in the wide gate is met in the narrow one, and demands at least as much.
pub(super) fn limits(
    narrow: &Gate,
    wide: &Gate,
    name: &str,
    (own, other): (&[Meets], &[Meets]),
    out: &mut Vec<String>,
) {
    for meets in other {
        let Some(limit) = wide.limits.get(meets.limit) else { continue };
        // The first call of an order need not be remembered for what is not there.
        if let (Kind::Order { then, .. }, true) = (&limit.kind, meets.first)
            && !narrow.subjects().any(|(own, _)| Some(own) == called(wide, *then))
        {
            continue;
        }
        if !kept(narrow, wide, own, meets, limit) {
            out.push(format!("the limit {} is not shown to hold for {}", quote(&limit.name), quote(name)));
        }
    }
}

/// What limits call by this position.
pub(super) fn called(gate: &Gate, at: usize) -> Option<&str> {
    gate.subjects().nth(at).map(|(name, _)| name)
}

/// Do files that schemas name differ?
fn refers_elsewhere(narrow: &Gate, wide: &Gate) -> bool {
    narrow.source.1.iter().any(|(name, text)| wide.source.1.get(name).is_some_and(|other| other != text))
}

fn currencies<'g>(gate: &'g Gate, tool: &Tool) -> BTreeSet<&'g str> {
    let limits = tool.meets.iter().filter_map(|meets| gate.limits.get(meets.limit));
    let budgets = limits.filter_map(|limit| match &limit.kind {
        Kind::Budget { currency, .. } => Some(currency.as_str()),
        _ => None,
    });
    budgets.collect()
}

/// Is a limit of this name met that demands at least as much?
fn kept(narrow: &Gate, wide: &Gate, own: &[Meets], wanted: &Meets, limit: &Limit) -> bool {
    own.iter().any(|meets| {
        let own = narrow.limits.get(meets.limit);
        meets.first == wanted.first
            && meets.by == wanted.by
            && own.is_some_and(|own| own.name == limit.name && demands((narrow, &own.kind), (wide, &limit.kind)))
    })
}

fn demands((narrow, own): (&Gate, &Kind), (wide, other): (&Gate, &Kind)) -> bool {
    match (own, other) {
        (Kind::Budget { max, currency, window }, Kind::Budget { max: most, currency: same, window: inner }) => {
            max <= most && currency == same && covers(window, inner)
        }
        (Kind::Velocity { max, window }, Kind::Velocity { max: most, window: inner }) => {
            max <= most && covers(window, inner)
        }
        (Kind::Rate { max, per }, Kind::Rate { max: most, per: same }) => max <= most && per == same,
        (Kind::Once { window }, Kind::Once { window: inner }) => covers(window, inner),
        (Kind::Order { first, then, within }, Kind::Order { first: f, then: t, within: most }) => {
            within <= most && called(narrow, *first) == called(wide, *f) && called(narrow, *then) == called(wide, *t)
        }
        _ => false,
    }
}
