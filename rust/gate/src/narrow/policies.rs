//! `queries` and `transforms` of two gates.

use super::proof::limits;
use crate::file::Gate;
use crate::json::Json;
use crate::query::Queries;
use crate::schema::key;
use crate::transform::Side;
use guard_engine::document::quote;
use std::collections::BTreeSet;

/// What is not proved of them.
pub(super) fn doubts(narrow: &Gate, wide: &Gate, out: &mut Vec<String>) {
    let before = out.len();
    match (&narrow.queries, &wide.queries) {
        (Some(own), Some(other)) => {
            queries(narrow, wide, (own, other), out);
            limits(narrow, wide, "query", (&own.meets, &other.meets), out);
        }
        (Some(_), None) => out.push("the wider gate judges no queries".to_owned()),
        (None, _) => {}
    }
    match (&narrow.transforms, &wide.transforms) {
        (Some(own), Some(other)) => {
            for (name, own, other) in [("input", &own.input, &other.input), ("output", &own.output, &other.output)] {
                if !same_side(own, other) {
                    out.push(format!("the {name} of transforms is not the same object of the same contract"));
                }
            }
            limits(narrow, wide, "transform", (&own.meets, &other.meets), out);
        }
        (Some(_), None) => out.push("the wider gate judges no transforms".to_owned()),
        (None, _) => {}
    }
    let judges = narrow.queries.is_some() || narrow.transforms.is_some();
    if judges && out.len() == before && !same_words(narrow, wide) {
        out.push("`params` of the wider gate are not in the narrower one with the same values".to_owned());
    }
}

/// The contract is judged by, whatever its file is called.
fn same_side(own: &Side, other: &Side) -> bool {
    own.bound.object == other.bound.object && own.bound.contract.digest == other.bound.contract.digest
}

/// Do `:name`s mean the same in both?
fn same_words(narrow: &Gate, wide: &Gate) -> bool {
    let params = |gate: &Gate| gate.source.0.get("params").cloned().unwrap_or(Json::Object(Vec::new()));
    let (own, other) = (params(narrow), params(wide));
    other.members().iter().all(|(name, value)| own.get(name).is_some_and(|own| key(own) == key(value)))
}

/// Fewer relations and functions deny what names them, and fewer rows ask for a lower LIMIT. Fewer columns may admit more: a name that
/// was ambiguous is plain, and `*` has another width. So each relation that stays is the same.
fn queries(narrow: &Gate, wide: &Gate, (own, other): (&Queries, &Queries), out: &mut Vec<String>) {
    if own.asked != other.asked {
        out.push("`queries.context` has other names: what a caller gives fits one gate only".to_owned());
    }
    // Without a context the narrow gate denies what needs one.
    if own.context != other.context && !own.context.is_empty() {
        out.push("the gates are bound to different contexts".to_owned());
    }
    let (Some(own), Some(other)) = (narrow.source.0.get("queries"), wide.source.0.get("queries")) else { return };
    let of = |name: &str| (own.get(name), other.get(name));
    if let (Some(relations), Some(known)) = of("relations") {
        for (name, one) in relations.members() {
            match known.get(name) {
                Some(known) if key(known) == key(one) => {}
                Some(_) => out.push(format!("the relation {} is not the same in both", quote(name))),
                None => out.push(format!("the wider gate has no relation {}", quote(name))),
            }
        }
    }
    if !subset(of("functions")) {
        out.push("`queries.functions` has some that the wider gate has not".to_owned());
    }
    let fewer = matches!(of("maxRows"), (Some(Json::Number(own)), Some(Json::Number(most))) if own.order(most).is_le());
    if !fewer {
        out.push("`queries.maxRows` is greater".to_owned());
    }
    for name in ["dialect", "limits"] {
        let (own, other) = of(name);
        if own.map(key) != other.map(key) {
            out.push(format!("`queries.{name}` is not the same in both"));
        }
    }
}

fn subset(lists: (Option<&Json>, Option<&Json>)) -> bool {
    let items = |list: Option<&Json>| match list {
        Some(Json::List(items)) => items.iter().map(key).collect::<BTreeSet<String>>(),
        _ => BTreeSet::new(),
    };
    items(lists.0).is_subset(&items(lists.1))
}
