//! Every code fires on one text, and not on another that nearly is the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{allowed, denied};
use guard_query::Dialect;
use std::collections::BTreeSet;

const PAIRS: &[(&str, &str, &str)] = &[
    ("query-syntax", "SELECT id, FROM orders", "SELECT id FROM orders"),
    ("query-comment", "SELECT id FROM orders -- x", "SELECT '-- x' AS x FROM orders"),
    ("query-literal", "SELECT E'x' AS x FROM orders", "SELECT 'x' AS e FROM orders"),
    ("query-statement", "UPDATE orders SET id = 1", "SELECT 'UPDATE orders SET id = 1' AS x FROM orders"),
    ("query-statements", "SELECT id FROM orders; SELECT 1", "SELECT ';' AS x FROM orders"),
    ("query-clause", "SELECT id FROM orders FOR UPDATE", "SELECT id AS \"for\" FROM orders"),
    (
        "query-recursive",
        "WITH RECURSIVE t AS (SELECT id FROM orders) SELECT id FROM t",
        "WITH t AS (SELECT id FROM orders) SELECT id FROM t",
    ),
    ("query-relation-unknown", "SELECT id FROM order", "SELECT id FROM ORDERS"),
    ("query-table-function", "SELECT lower FROM lower('x')", "SELECT lower('x') AS lower FROM orders"),
    ("query-column-unknown", "SELECT tenant FROM orders", "SELECT 'tenant' AS x FROM orders"),
    ("query-column-ambiguous", "SELECT id FROM orders o, customers c", "SELECT o.id FROM orders o, customers c"),
    ("query-function-unknown", "SELECT getenv('x') AS x FROM orders", "SELECT lower('x') AS getenv FROM orders"),
    (
        "query-function-use",
        "SELECT lower(DISTINCT country) AS x FROM orders",
        "SELECT count(DISTINCT country) AS x FROM orders",
    ),
    ("query-type", "SELECT CAST(id AS JSON) AS x FROM orders", "SELECT CAST(id AS VARCHAR) AS x FROM orders"),
    ("query-operator", "SELECT id ^ 2 AS x FROM orders", "SELECT id * 2 AS x FROM orders"),
    ("query-expression", "SELECT country COLLATE \"C\" AS x FROM orders", "SELECT country AS \"C\" FROM orders"),
    ("query-name", "SELECT 1 AS x FROM orders o, customers o", "SELECT o.id FROM orders o, customers c"),
    ("query-parameter", "SELECT id FROM orders WHERE id = :nobody", "SELECT id FROM orders WHERE id = :n"),
    (
        "query-parameter-reserved",
        "SELECT id FROM orders WHERE id = :tenant",
        "SELECT id FROM orders WHERE id = :n AND country <> ':tenant'",
    ),
    ("query-limit", "SELECT id FROM orders LIMIT 1.5", "SELECT id FROM orders LIMIT 15"),
    ("query-render", "SELECT DATE '2026-01-01''''' AS x FROM orders", "SELECT DATE '2026-01-01' AS x FROM orders"),
];

#[test]
fn every_code_fires_and_nearly_fires() {
    for (code, fires, nearly) in PAIRS {
        assert_eq!(denied(Dialect::Duckdb, fires).first(), Some(code), "{fires}");
        allowed(Dialect::Duckdb, nearly);
    }
    // At their limits, and one beyond.
    let ands = |number: usize| format!("SELECT id FROM orders WHERE id = 1{}", " OR id = 1".repeat(number));
    allowed(Dialect::Duckdb, &ands(320));
    assert_eq!(denied(Dialect::Duckdb, &ands(400)), ["query-too-large"]);
    let deep = |depth: usize| format!("SELECT {}1{} AS x FROM orders", "(".repeat(depth), ")".repeat(depth));
    allowed(Dialect::Duckdb, &deep(24));
    assert_eq!(denied(Dialect::Duckdb, &deep(25)), ["query-too-deep"]);
}

#[test]
fn every_code_of_judging_is_named() {
    // Of policies, of a gate's context, and of running.
    let others = ["query-policy", "query-context", "query-unrunnable", "query-too-large", "query-too-deep"];
    let named: BTreeSet<&str> = PAIRS.iter().map(|(code, ..)| *code).chain(others).collect();
    let known = guard_verdict::codes::all().map(|code| code.name()).filter(|name| name.starts_with("query-"));
    assert_eq!(named, known.collect::<BTreeSet<&str>>());
}
