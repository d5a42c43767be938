//! `queries` of a gate file.

use super::Read;
use super::reader::{Reader, joined};
use crate::query::Queries;
use guard_engine::document::{Node, Value, quote};
use guard_query::{Dialect, Limits, PolicySpec, QueryPolicy, RelationSpec};
use guard_verdict::{codes::contract, codes::gate as codes, codes::query};
use std::collections::{BTreeMap, BTreeSet};

const AT: &str = "queries";

/// Reads the section.
pub(super) fn read(root: &Node, reader: &mut Reader, read: &Read) -> Option<Queries> {
    let node = root.get(AT)?;
    reader.keys(node, AT, &["dialect", "relations", "functions", "maxRows", "limits", "context"]);
    let dialect = dialect(node, reader);
    let relations = relations(node, reader);
    let functions = node.get("functions").map(|list| texts(list, "queries.functions", reader));
    let max_rows = number(node, AT, "maxRows", 1, reader);
    if node.get("maxRows").is_none() {
        reader.missing(node, AT, "maxRows");
    }
    let limits = limits(node, reader);
    let asked = node.get("context").map(|list| context(list, reader, read)).unwrap_or_default();
    let spec = PolicySpec {
        dialect: dialect?,
        relations: relations?,
        functions: functions.unwrap_or_default(),
        max_rows: max_rows?,
        limits: limits?,
    };
    match QueryPolicy::compile(&spec) {
        Ok(policy) => {
            demands(node, reader, read, &policy, &asked);
            let mut reserved = read.reserved.clone();
            reserved.extend(asked.iter().cloned());
            let (context, meets, base) = (BTreeMap::new(), Vec::new(), String::new());
            Some(Queries { policy, params: read.constants.clone(), asked, context, reserved, meets, base })
        }
        Err(problems) => {
            for problem in problems {
                let place = problem.path.iter().try_fold(node, step).unwrap_or(node);
                let path = problem.path.iter().fold(AT.to_owned(), |path, step| joined(&path, step));
                reader.error(problem.code, place, &path, problem.message);
            }
            None
        }
    }
}

/// Below a node; the node itself where what is missing is the element.
fn step<'n>(node: &'n Node, step: &String) -> Option<&'n Node> {
    match &node.value {
        Value::List(items) => items.get(step.parse::<usize>().ok()?),
        Value::Map(_) => Some(node.entries().iter().find(|entry| entry.key == *step).map_or(node, |entry| &entry.node)),
        _ => Some(node),
    }
}

fn dialect(node: &Node, reader: &mut Reader) -> Option<Dialect> {
    let found = reader.required_text(node, AT, "dialect")?;
    let all = [Dialect::Duckdb, Dialect::Postgresql, Dialect::Sqlite, Dialect::Generic];
    let known = all.into_iter().find(|dialect| dialect.name() == found);
    if known.is_none() {
        let message = format!("{} is no dialect: duckdb, postgresql, sqlite, generic", quote(&found));
        reader.error(codes::VALUE, node.get("dialect").unwrap_or(node), "queries.dialect", message);
    }
    known
}

fn relations(node: &Node, reader: &mut Reader) -> Option<BTreeMap<String, RelationSpec>> {
    let Some(found) = node.get("relations") else {
        reader.missing(node, AT, "relations");
        return None;
    };
    if !matches!(found.value, Value::Map(_)) {
        let message = format!("`relations` maps names to what is shown of them, found {}", found.noun());
        reader.error(contract::KIND_MISMATCH, found, "queries.relations", message);
        return None;
    }
    let mut out = BTreeMap::new();
    for entry in found.entries() {
        let path = joined("queries.relations", &entry.key);
        reader.keys(&entry.node, &path, &["columns", "where", "rows"]);
        let columns = match entry.node.get("columns") {
            Some(list) => texts(list, &joined(&path, "columns"), reader),
            None => {
                reader.missing(&entry.node, &path, "columns");
                continue;
            }
        };
        let filter = reader.text(&entry.node, &path, "where");
        // A `where` that cannot be read must not be a relation without one.
        if filter.is_none() && entry.node.entries().iter().any(|member| member.key == "where") {
            if entry.node.get("where").is_none() {
                reader.error(codes::VALUE, &entry.node, &joined(&path, "where"), "`where` is empty".to_owned());
            }
            continue;
        }
        let rows = number(&entry.node, &path, "rows", 0, reader);
        out.insert(entry.key.clone(), RelationSpec { columns, filter, rows });
    }
    Some(out)
}

fn limits(node: &Node, reader: &mut Reader) -> Option<Limits> {
    let mut out = Limits::default();
    let Some(found) = node.get("limits") else { return Some(out) };
    let path = joined(AT, "limits");
    reader.keys(found, &path, &["bytes", "depth", "operators", "joins", "selects"]);
    let places = [
        ("bytes", &mut out.bytes),
        ("depth", &mut out.depth),
        ("operators", &mut out.operators),
        ("joins", &mut out.joins),
        ("selects", &mut out.selects),
    ];
    let mut whole = true;
    for (key, place) in places {
        if found.get(key).is_some() {
            match number(found, &path, key, 0, reader).and_then(|number| usize::try_from(number).ok()) {
                Some(number) => *place = number,
                None => whole = false,
            }
        }
    }
    whole.then_some(out)
}

fn number(node: &Node, path: &str, key: &str, least: u64, reader: &mut Reader) -> Option<u64> {
    let found = node.get(key)?;
    let number = match &found.value {
        Value::Number(digits) => digits.parse::<u64>().ok().filter(|number| *number >= least),
        _ => None,
    };
    if number.is_none() {
        reader.error(codes::VALUE, found, &joined(path, key), format!("expected a whole number from {least}"));
    }
    number
}

fn texts(list: &Node, path: &str, reader: &mut Reader) -> Vec<String> {
    if !matches!(list.value, Value::List(_)) {
        reader.error(contract::KIND_MISMATCH, list, path, format!("expected a list, found {}", list.noun()));
    }
    let mut out = Vec::new();
    for (position, item) in list.items().iter().enumerate() {
        match item.text() {
            Some(text) => out.push(text.to_owned()),
            None => {
                let message = format!("expected a text, found {}", item.noun());
                reader.error(contract::KIND_MISMATCH, item, &format!("{path}[{position}]"), message);
            }
        }
    }
    out
}

/// The names that the caller gives of its principal.
fn context(list: &Node, reader: &mut Reader, read: &Read) -> Vec<String> {
    let names: BTreeSet<String> = texts(list, "queries.context", reader).into_iter().collect();
    for name in names.iter().filter(|name| read.reserved.contains(*name)) {
        let message = format!("{} is a constant of `params` already", quote(name));
        reader.error(contract::NAME_DUPLICATE, list, "queries.context", message);
    }
    names.into_iter().collect()
}

/// Every parameter of a predicate has one source, and every name of the context is used.
fn demands(node: &Node, reader: &mut Reader, read: &Read, policy: &QueryPolicy, asked: &[String]) {
    for (relation, names) in policy.predicates() {
        let place = ["relations", relation, "where"].iter().try_fold(node, |node, key| node.get(key)).unwrap_or(node);
        let path = format!("queries.relations.{relation}.where");
        for name in names.iter().filter(|name| !asked.contains(*name) && !read.constants.contains_key(*name)) {
            let message = match read.reserved.contains(name) {
                true => format!("`:{name}` is a list; write a parameter for each of its members"),
                false => format!("`:{name}` is neither in `params` nor in `queries.context`"),
            };
            reader.error(codes::VALUE, place, &path, message);
        }
    }
    if reader.narrowed {
        // A name stays the gate's own where the relation that used it went, and the caller gives the same context.
        return;
    }
    let used: Vec<&str> = policy.parameters();
    for name in asked.iter().filter(|name| !used.contains(&name.as_str())) {
        let place = node.get("context").unwrap_or(node);
        let message = format!("no `where` uses `:{name}`");
        reader.error(query::CONTEXT, place, "queries.context", message);
    }
}
