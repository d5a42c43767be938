//! Ways around a query gate are denied, each with its code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::table::TABLE;
use common::{DIALECTS, denied, dialect};

#[test]
fn every_bypass_is_denied_with_its_code() {
    assert!(TABLE.len() >= 60);
    let mut wrong = Vec::new();
    for (whose, sql, expected) in TABLE {
        for one in DIALECTS {
            if *whose == "*" || dialect(whose) == one {
                let codes = std::panic::catch_unwind(|| denied(one, sql)).unwrap_or_default();
                let fits = codes.first().is_some_and(|first| expected.split('|').any(|expected| expected == *first));
                if !fits {
                    wrong.push(format!("{one:?}: {sql}\n    {codes:?}, not {expected}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn size_and_depth_are_capped_before_parsing() {
    for dialect in DIALECTS {
        let long = format!("SELECT id FROM orders WHERE country = '{}'", "x".repeat(20_000));
        assert_eq!(denied(dialect, &long), ["query-too-large"]);
        let deep = format!("SELECT {}1{} FROM orders", "(".repeat(100), ")".repeat(100));
        assert_eq!(denied(dialect, &deep), ["query-too-deep"]);
        let open = "(".repeat(10_000);
        assert_eq!(denied(dialect, &open), ["query-too-deep"]);
        let joins =
            format!("SELECT 1 FROM orders o0{}", (1..40).map(|at| format!(", orders o{at}")).collect::<String>());
        assert_eq!(denied(dialect, &joins), ["query-too-large"]);
        let chain = format!("SELECT 1{} FROM orders", " + 1".repeat(1200));
        assert_eq!(denied(dialect, &chain), ["query-too-large"]);
        let unions = format!("SELECT id FROM orders{}", " UNION SELECT id FROM orders".repeat(40));
        assert_eq!(denied(dialect, &unions), ["query-too-large"]);
        let nots = format!("SELECT id FROM orders WHERE {} true", "NOT ".repeat(450));
        assert_eq!(denied(dialect, &nots), ["query-too-deep"]);
        let signs = format!("SELECT {}1 FROM orders", "- ".repeat(450));
        assert_eq!(denied(dialect, &signs), ["query-too-deep"]);
        let from = format!("SELECT id FROM {}orders{}", "(".repeat(24), ")".repeat(24));
        assert_eq!(denied(dialect, &from), ["query-syntax"]);
    }
}

/// The widest and deepest texts within the limits, on the stack of a test's thread.
#[test]
fn texts_at_the_limits_are_judged() {
    for dialect in DIALECTS {
        let nested = |open: &str, inner: &str, close: &str, times: usize| {
            format!("{}{inner}{}", open.repeat(times), close.repeat(times))
        };
        let texts = [
            format!("SELECT 1{} AS x FROM orders", " + 1".repeat(990)),
            format!("SELECT id FROM orders WHERE id = 1{}", " OR id = 1".repeat(320)),
            format!("SELECT id FROM orders WHERE {}", nested("(", "id = 1", ")", 24)),
            format!("SELECT {} AS x FROM orders", nested("abs(", "id", ")", 23)),
            format!("SELECT {} AS x FROM orders", nested("CASE WHEN id = 1 THEN ", "1", " END", 24)),
            format!("SELECT {} AS x FROM orders", nested("(SELECT ", "1", " FROM orders)", 14)),
            format!("SELECT id FROM {}", nested("(SELECT id FROM ", "orders", ") t", 20)),
            format!("SELECT id FROM orders{}", " UNION ALL SELECT id FROM orders".repeat(31)),
        ];
        for text in texts {
            let first = common::allowed(dialect, &text);
            assert_eq!(common::allowed(dialect, &first.sql).sql, first.sql);
        }
    }
}
