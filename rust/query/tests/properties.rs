//! Any text gets a decision; what is allowed stays allowed, word by word, and reads nothing unguarded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{DIALECTS, parameters, policy};
use guard_query::QueryDecision;
use proptest::prelude::*;

const WORDS: &[&str] = &[
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    "HAVING",
    "LIMIT",
    "UNION",
    "ALL",
    "WITH",
    "AS",
    "JOIN",
    "LEFT",
    "ON",
    "USING",
    "LATERAL",
    "OVER",
    "PARTITION BY",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST",
    "NOT",
    "AND",
    "OR",
    "IN",
    "IS",
    "NULL",
    "BETWEEN",
    "LIKE",
    "EXISTS",
    "ANY",
    "DISTINCT",
    "VALUES",
    "INTERVAL",
    "DATE",
    "FILTER",
    "WINDOW",
    "ROWS",
    "FETCH",
    "FOR",
    "INTO",
    "TABLE",
    "RECURSIVE",
    "INSERT",
    "orders",
    "customers",
    "sales",
    "countries",
    "guarded",
    "id",
    "amount",
    "country",
    "tenant",
    "o",
    "c",
    "t",
    "x",
    "count",
    "sum",
    "lower",
    "extract",
    "(",
    ")",
    "(",
    ")",
    ",",
    ".",
    "*",
    "+",
    "-",
    "/",
    "=",
    "<",
    ">",
    "||",
    "::",
    ":",
    "$",
    "?",
    "'",
    "\"",
    ";",
    "[",
    "]",
    "{",
    "}",
    "\\",
    "&",
    "|",
    "U&",
    "1",
    "2.5",
    "'a'",
    "'2026-01-01'",
    ":country",
    ":tenant",
    "--",
    "/*",
    "*/",
    "\n",
    "\u{0}",
    "é",
    "\u{1F600}",
    "\"id\"",
    "\"O\"",
];

const SEEDS: &[&str] = &[
    "SELECT o.id, sum(o.amount) AS s FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.country = :country GROUP BY o.id ORDER BY s",
    "WITH t AS (SELECT country, count(*) AS n FROM orders GROUP BY country) SELECT * FROM t WHERE n > 3 LIMIT 10",
    "SELECT id FROM orders WHERE id IN (SELECT id FROM customers) UNION ALL SELECT id FROM orders",
    "SELECT id, row_number() OVER (PARTITION BY country ORDER BY amount) AS n FROM orders",
    "SELECT CASE WHEN amount > 10 THEN 'x' ELSE country END AS k FROM (SELECT * FROM orders) AS t",
];

fn soup() -> impl Strategy<Value = String> {
    let words = proptest::collection::vec(proptest::sample::select(WORDS), 0..60).prop_map(|words| words.join(" "));
    prop_oneof![words.clone(), words.prop_map(|words| format!("SELECT {words}")), ".{0,200}"]
}

/// A query with some words replaced, put in or taken out.
fn mutated() -> impl Strategy<Value = String> {
    let edits = proptest::collection::vec((any::<usize>(), 0_u8..3, proptest::sample::select(WORDS)), 0..4);
    (proptest::sample::select(SEEDS), edits).prop_map(|(seed, edits)| {
        let mut words: Vec<&str> = seed.split(' ').collect();
        for (at, kind, word) in edits {
            let at = at % words.len().max(1);
            match kind {
                0 if at < words.len() => words[at] = word,
                1 => words.insert(at, word),
                _ if at < words.len() => {
                    words.remove(at);
                }
                _ => {}
            }
        }
        words.join(" ")
    })
}

fn holds(text: &str) {
    let bound = parameters();
    for dialect in DIALECTS {
        let policy = policy(dialect);
        match guard_query::judge(&policy, text, &bound) {
            QueryDecision::Denied { reasons, .. } => {
                assert!(!reasons.is_empty());
                for reason in reasons {
                    assert!(
                        reason.span.start <= reason.span.end && reason.span.end <= text.len(),
                        "{text:?} {reason:?}"
                    );
                    assert!(text.is_char_boundary(reason.span.start) && text.is_char_boundary(reason.span.end));
                }
            }
            QueryDecision::Allowed(first) => {
                let again = guard_query::judge(&policy, &first.sql, &bound);
                let QueryDecision::Allowed(second) = again else { panic!("{text}\n{}\n{again:?}", first.sql) };
                assert_eq!(first.sql, second.sql, "{text}");
                assert_eq!(first.columns, second.columns, "{text}");
                let (orders, guarded) = ("FROM \"orders\" AS \"guarded\"", "(\"guarded\".\"tenant\" = ");
                let names = first.sql.matches("\"guarded\"").count() > 0 || !first.sql.contains("\"tenant\"");
                assert!(names, "{}", first.sql);
                let all =
                    first.sql.matches(orders).count() + first.sql.matches("FROM \"customers\" AS \"guarded\"").count();
                assert!(first.sql.matches(guarded).count() >= all, "{}", first.sql);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gets_a_decision(text in soup()) {
        holds(&text);
    }

    #[test]
    fn any_query_gets_a_decision(text in mutated()) {
        holds(&text);
    }
}
