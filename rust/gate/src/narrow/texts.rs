//! Queries and transforms at the edges of what two gates tell apart. Nothing depends on their being right: what is denied is found out by trying.

use crate::file::Gate;
use crate::json::Json;
use crate::query::Queries;
use guard_engine::contract::Property;
use std::collections::BTreeSet;

/// Most relations, columns and functions of a gate for which texts are made.
const MOST: usize = 12;

/// Queries of what one gate shows: columns, all of them, a join, a set operation, LIMITs, and calls of its functions.
pub(super) fn queries(own: &Queries, other: Option<&Queries>) -> Vec<String> {
    let mut out = vec!["SELECT 1 AS n LIMIT 1".to_owned()];
    let relations: Vec<(String, &[String])> =
        own.policy.shown().take(MOST).map(|(path, all)| (path_of(path), all)).collect();
    let most = [Some(own), other].into_iter().flatten().map(|queries| queries.policy.max_rows());
    let most: BTreeSet<u64> = most.collect();
    for (at, (name, columns)) in relations.iter().enumerate() {
        let few = columns.iter().take(MOST).map(|column| quoted(column));
        out.extend(few.clone().map(|column| format!("SELECT {column} FROM {name} LIMIT 1")));
        out.extend(most.iter().map(|rows| format!("SELECT * FROM {name} LIMIT {rows}")));
        let width = vec!["NULL"; columns.len()].join(", ");
        out.push(format!("SELECT * FROM {name} UNION ALL SELECT {width} LIMIT 1"));
        for (other, _) in relations.iter().skip(at).take(3) {
            out.extend(few.clone().map(|column| format!("SELECT {column} FROM {name} AS a, {other} AS b LIMIT 1")));
        }
    }
    let first = relations.first().and_then(|(name, columns)| Some((name, quoted(columns.first()?))));
    for function in own.policy.calls().take(4 * MOST) {
        out.extend(["1", "'a'", "1, 1", "'a', 'a'"].map(|args| format!("SELECT {function}({args}) AS n LIMIT 1")));
        if let Some((name, column)) = &first {
            out.push(format!("SELECT {function}({column}) AS n FROM {name} LIMIT 1"));
        }
    }
    out.iter().map(|sql| proposal("query", sql)).collect()
}

/// Each column of the output from the input's column of that name, or from a constant, or NULL where it may be.
pub(super) fn transforms(gate: &Gate) -> Vec<String> {
    let Some(transforms) = &gate.transforms else { return Vec::new() };
    let (input, output) = (transforms.input.bound.object(), transforms.output.bound.object());
    let (Some(input), Some(output)) = (input, output) else { return Vec::new() };
    let items = |constants: bool, nulls: bool| {
        let items = output.properties.iter().map(|wanted| {
            let name = quoted(&wanted.name);
            match input.properties.iter().any(|own| own.name == wanted.name) {
                _ if nulls && !wanted.required.as_ref().is_some_and(|required| required.value) => {
                    format!("NULL AS {name}")
                }
                true if !constants => name,
                _ => format!("{} AS {name}", constant(wanted)),
            }
        });
        items.collect::<Vec<String>>().join(", ")
    };
    let texts =
        [items(false, false), items(true, false), items(false, true)].map(|items| format!("SELECT {items} FROM input"));
    texts.iter().map(|sql| proposal("transform", sql)).collect()
}

fn constant(property: &Property) -> &'static str {
    match property.logical_type.as_ref().map(|known| known.value.name()) {
        Some("string") => "'a'",
        Some("boolean") => "TRUE",
        Some("date") => "DATE '2026-11-23'",
        Some("timestamp") => "TIMESTAMP '2026-11-23 12:00:00'",
        _ => "1",
    }
}

fn path_of(path: &[String]) -> String {
    path.iter().map(|part| quoted(part)).collect::<Vec<String>>().join(".")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn proposal(kind: &str, sql: &str) -> String {
    let text = |text: &str| Json::Text(text.to_owned().into());
    let members = [("kind", kind), ("id", "example"), ("principal", "someone"), ("sql", sql)];
    Json::Object(members.map(|(name, value)| (name.into(), text(value))).to_vec()).canonical()
}
