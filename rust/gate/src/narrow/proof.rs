//! Gates part by part.

use super::{rules, schemas};
use crate::file::{Gate, Meets, Tool};
use crate::json::Json;
use crate::limit::{Kind, Limit};
use crate::logic::window::covers;
use crate::records::Records;
use crate::schema::key;
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
    for name in ["queries", "transforms"] {
        if let Some(own) = narrow.source.0.get(name)
            && !wide.source.0.get(name).is_some_and(|other| policy(own, other) && same_words(narrow, wide))
        {
            out.push(format!("`{name}` are not shown to be narrower"));
        }
    }
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
    for meets in &other.meets {
        let Some(limit) = wide.limits.get(meets.limit) else { continue };
        // The first call of an order need not be remembered for a tool that is not there.
        if let (Kind::Order { then, .. }, true) = (&limit.kind, meets.first)
            && wide.tools.get(*then).is_some_and(|then| narrow.tool(&then.name).is_none())
        {
            continue;
        }
        if !kept(narrow, wide, tool, meets, limit) {
            out.push(format!("the limit {} is not shown to hold for {}", quote(&limit.name), quote(&tool.name)));
        }
    }
    let (own, before) = (currencies(narrow, tool), currencies(wide, other));
    if !before.is_empty() && !own.is_subset(&before) {
        out.push(format!("{} has a budget in a currency that it could not spend", quote(&tool.name)));
    }
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

/// Does the tool meet a limit of this name that demands at least as much?
fn kept(narrow: &Gate, wide: &Gate, tool: &Tool, wanted: &Meets, limit: &Limit) -> bool {
    tool.meets.iter().any(|meets| {
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
            let name = |gate: &Gate, tool: &usize| gate.tools.get(*tool).map(|tool| tool.name.clone());
            within <= most && name(narrow, first) == name(wide, f) && name(narrow, then) == name(wide, t)
        }
        _ => false,
    }
}

/// Do `:name`s mean the same in both?
fn same_words(narrow: &Gate, wide: &Gate) -> bool {
    let params = |gate: &Gate| gate.source.0.get("params").cloned().unwrap_or(Json::Object(Vec::new()));
    let (own, other) = (params(narrow), params(wide));
    other.members().iter().all(|(name, value)| own.get(name).is_some_and(|own| key(own) == key(value)))
}

/// A policy of queries or transforms: fewer relations, columns and functions, fewer rows, all else equal.
fn policy(own: &Json, wide: &Json) -> bool {
    let names = own.members().iter().chain(wide.members()).map(|(name, _)| name.as_ref()).collect::<BTreeSet<_>>();
    names.into_iter().all(|name| match (name, own.get(name), wide.get(name)) {
        ("relations", Some(own), Some(wide)) => {
            own.members().iter().all(|(name, own)| wide.get(name).is_some_and(|wide| relation(own, wide)))
        }
        ("functions", Some(own), Some(wide)) => subset(own, wide),
        ("maxRows", Some(Json::Number(own)), Some(Json::Number(wide))) => own.order(wide).is_le(),
        (_, Some(own), Some(wide)) => key(own) == key(wide),
        _ => false,
    })
}

fn relation(own: &Json, wide: &Json) -> bool {
    let names = own.members().iter().chain(wide.members()).map(|(name, _)| name.as_ref()).collect::<BTreeSet<_>>();
    names.into_iter().all(|name| match (name, own.get(name), wide.get(name)) {
        ("columns", Some(own), Some(wide)) => subset(own, wide),
        (_, Some(own), Some(wide)) => key(own) == key(wide),
        _ => false,
    })
}

fn subset(own: &Json, wide: &Json) -> bool {
    match (own, wide) {
        (Json::List(own), Json::List(wide)) => {
            let known: BTreeSet<String> = wide.iter().map(key).collect();
            own.iter().all(|one| known.contains(&key(one)))
        }
        _ => false,
    }
}
