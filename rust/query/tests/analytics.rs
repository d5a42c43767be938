//! Ordinary analytic queries: allowed, with the tables and columns that they read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::queries::QUERIES;
use common::{DIALECTS, allowed, dialect};

/// `table.column` of every column, and every table without one.
fn read(allowed: &guard_query::Allowed) -> String {
    let mut out: Vec<String> = allowed.columns.iter().map(|read| format!("{}.{}", read.table, read.column)).collect();
    for table in &allowed.tables {
        if !allowed.columns.iter().any(|read| read.table == table.table) {
            out.push(table.table.clone());
        }
    }
    out.join(" ")
}

#[test]
fn ordinary_queries_are_allowed_with_their_tables_and_columns() {
    assert!(QUERIES.len() >= 60);
    let mut wrong = Vec::new();
    for (whose, sql, expected) in QUERIES {
        for one in DIALECTS {
            // `Segment` folds to `segment` in PostgreSQL only.
            if *whose == "*" || dialect(whose) == one {
                match std::panic::catch_unwind(|| read(&allowed(one, sql))) {
                    Ok(found) if found == *expected => {}
                    Ok(found) => wrong.push(format!("{one:?}: {sql}\n    {found}\n    {expected}")),
                    Err(_) => wrong.push(format!("{one:?}: {sql} denied")),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_was_allowed_is_allowed_again_as_the_same_text() {
    for (whose, sql, _) in QUERIES {
        for one in DIALECTS {
            if *whose == "*" || dialect(whose) == one {
                let first = allowed(one, sql);
                let second = allowed(one, &first.sql);
                assert_eq!(first.sql, second.sql, "{one:?}: {sql}");
                assert_eq!(first.tables, second.tables, "{one:?}: {sql}");
                assert_eq!(first.columns, second.columns, "{one:?}: {sql}");
                assert_eq!(first.lineage, second.lineage, "{one:?}: {sql}");
            }
        }
    }
}
