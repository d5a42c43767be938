//! A query reads no clock, in whatever words (G8.8).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{DIALECTS, allowed, denied, parameters, policy};
use guard_query::{Dialect, QueryDecision, judge};
use serde_json::json;

/// A cast to a date in each way that the dialect has.
fn casts(dialect: Dialect, operand: &str) -> Vec<String> {
    let mut out: Vec<String> = ["DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIME"]
        .map(|ty| format!("SELECT CAST({operand} AS {ty}) AS x FROM orders"))
        .to_vec();
    if dialect == Dialect::Duckdb {
        out.push(format!("SELECT TRY_CAST({operand} AS DATE) AS x FROM orders"));
    }
    if matches!(dialect, Dialect::Duckdb | Dialect::Postgresql) {
        out.push(format!("SELECT ({operand})::DATE AS x FROM orders"));
        out.push(format!("SELECT ({operand})::timestamptz AS x FROM orders"));
    }
    if dialect == Dialect::Sqlite {
        out.extend(
            ["date", "time", "datetime", "julianday", "unixepoch"]
                .map(|name| format!("SELECT {name}({operand}) AS x FROM orders")),
        );
        out.push(format!("SELECT strftime('%Y', {operand}) AS x FROM orders"));
    }
    out
}

#[test]
fn no_date_is_made_of_letters_of_the_query() {
    let everywhere = [
        "'now'",
        "'NOW'",
        "' now '",
        "('now')",
        "((('Today')))",
        "'12:00 today'",
        "'12:00tomorrow'",
        "'1-yesterday'",
        "'no' || 'w'",
        "('no') || lower('W')",
        "lower('NOW')",
        "replace('n%o%w', '%', '')",
        "replace('nxxow', 'xx', '')",
        "substr('snow', 2)",
        "coalesce(NULL, 'now')",
        "nullif('now', '')",
        "CASE WHEN id > 0 THEN 'now' ELSE '2024-01-01' END",
        "CASE country WHEN 'DE' THEN 'n' || 'ow' END",
        "max('now')",
        "(SELECT 'now')",
        "(SELECT max(x) FROM (SELECT 'now' AS x FROM orders) AS t)",
        "CAST('now' AS VARCHAR(3))",
        "CAST(('n' || 'ow') AS VARCHAR)",
        ":said",
        "lower(:said)",
    ];
    for dialect in DIALECTS {
        let mut bound = parameters();
        bound.proposal.insert("said".to_owned(), json!("now"));
        for operand in everywhere {
            for sql in casts(dialect, operand) {
                let QueryDecision::Denied { reasons, .. } = judge(&policy(dialect), &sql, &bound) else {
                    panic!("{dialect:?} allows {sql}")
                };
                let codes: Vec<&str> = reasons.iter().map(|reason| reason.code.name()).collect();
                let fits = |code: &&str| matches!(*code, "query-literal" | "query-function-use" | "query-type");
                assert!(codes.iter().all(fits), "{dialect:?} {sql}: {codes:?}");
            }
        }
    }
}

#[test]
fn no_date_is_made_of_a_derived_column_that_is_a_text() {
    for dialect in DIALECTS {
        for from in [
            "(SELECT 'now' AS x FROM orders) AS t",
            "(SELECT y AS x FROM (SELECT 'no' || 'w' AS y FROM orders) AS s) AS t",
            "(SELECT country AS x FROM orders UNION ALL SELECT 'now' AS x FROM orders) AS t",
        ] {
            let sql = format!("SELECT CAST(x AS DATE) AS d FROM {from}");
            assert!(denied(dialect, &sql).iter().all(|code| *code == "query-literal"), "{sql}");
        }
        let sql = "WITH t AS (SELECT 'now' AS x FROM orders) SELECT CAST(t.x AS TIMESTAMP) AS d FROM t";
        assert!(denied(dialect, sql).iter().all(|code| *code == "query-literal"), "{sql}");
    }
    let sql = "SELECT date(x) AS d FROM (SELECT 'now' AS x FROM orders) AS t";
    assert_eq!(denied(Dialect::Sqlite, sql), ["query-function-use"]);
    assert_eq!(denied(Dialect::Sqlite, "SELECT date() AS d FROM orders"), ["query-function-use"]);
    assert_eq!(denied(Dialect::Sqlite, "SELECT strftime('%Y') AS d FROM orders"), ["query-function-use"]);
}

/// PostgreSQL gives a bare text the type of what is beside it.
#[test]
fn a_bare_text_is_no_time_of_the_clock() {
    let sqls = [
        "SELECT id FROM orders WHERE created >= 'today'",
        "SELECT id FROM orders WHERE created >= ('12:00 Today')",
        "SELECT id FROM orders WHERE created IN ('2024-01-01', 'now')",
        "SELECT id FROM orders WHERE created BETWEEN 'yesterday' AND '2030-01-01'",
        "SELECT coalesce(created, 'now') AS x FROM orders",
        "SELECT CASE WHEN id = 1 THEN created ELSE 'now' END AS x FROM orders",
        "SELECT created AS x FROM orders UNION ALL SELECT 'tomorrow' AS x FROM orders",
        "SELECT extract(year FROM 'now') AS x FROM orders",
        "SELECT max('now') AS x FROM orders",
    ];
    for dialect in [Dialect::Postgresql, Dialect::Generic] {
        for sql in sqls {
            assert_eq!(denied(dialect, sql), ["query-literal"], "{dialect:?} {sql}");
        }
        let mut bound = parameters();
        bound.proposal.insert("said".to_owned(), json!("now"));
        let sql = "SELECT id FROM orders WHERE created >= :said";
        assert!(matches!(judge(&policy(dialect), sql, &bound), QueryDecision::Denied { .. }));
        bound.proposal.insert("said".to_owned(), json!("2024-01-01"));
        assert!(matches!(judge(&policy(dialect), sql, &bound), QueryDecision::Allowed(_)));
    }
    for sql in ["SELECT date_trunc('day', 'now') AS x FROM orders", "SELECT 'now' AT TIME ZONE 'UTC' AS x FROM orders"]
    {
        assert_eq!(denied(Dialect::Postgresql, sql), ["query-literal"], "{sql}");
    }
}

/// What dates are made of ordinarily.
fn ordinary(dialect: Dialect) -> Vec<&'static str> {
    let mut operands = vec![
        "'2024-01-01'",
        "('2024-01-01')",
        "'2024-01-01T12:00:00Z'",
        "' 2024-01-01 12:00:00+02 '",
        "created",
        "max(created)",
        "substr(created, 1, 10)",
        "replace(created, '/', '-')",
        "substr(created, 1, 7) || '-01'",
        "created || 'T00:00:00Z'",
        "coalesce(created, '2024-01-01')",
        "CASE WHEN country = 'Nor' || 'way' THEN created END",
        "CASE country WHEN 'Norway' THEN created ELSE '2024-01-01' END",
        "(SELECT max(created) FROM orders WHERE country = 'Norway')",
        "CAST(created AS VARCHAR(10))",
        "NULL",
        ":day",
    ];
    match dialect {
        Dialect::Duckdb => operands.extend([
            "strptime(created, '%d %B %Y')",
            "strftime(created, '%Y-%m-01')",
            "date_trunc('month', created)",
            "created + INTERVAL 1 MONTH",
        ]),
        Dialect::Postgresql => operands.extend([
            "date_trunc('month', created)",
            "to_char(created, 'YYYY-MM') || '-01'",
            "created + INTERVAL '1 month'",
            "created AT TIME ZONE 'Europe/Berlin'",
            "to_date(created, 'DD Mon YYYY')",
        ]),
        Dialect::Sqlite => {
            operands.extend(["date(created, 'start of month', '+1 month')", "strftime('%Y-%m-01', created)"])
        }
        Dialect::Generic => {}
    }
    operands
}

/// The offset of a time without a date is that of its zone today.
#[test]
fn a_time_of_day_has_no_zone() {
    for dialect in [Dialect::Duckdb, Dialect::Postgresql, Dialect::Generic] {
        for (operand, code) in [
            ("CAST('12:00' AS TIME WITH TIME ZONE)", "query-type"),
            ("TIME WITH TIME ZONE '12:00'", "query-type"),
            ("CAST(created AS TIME) AT TIME ZONE 'Europe/Berlin'", "query-expression"),
            ("(TIME '12:00') AT TIME ZONE 'Europe/Berlin'", "query-expression"),
        ] {
            let sql = format!("SELECT {operand} AS x FROM orders");
            assert_eq!(denied(dialect, &sql).first(), Some(&code), "{dialect:?} {sql}");
        }
        allowed(dialect, "SELECT CAST(created AS TIME) AS x FROM orders");
        allowed(dialect, "SELECT CAST(created AS TIMESTAMP) AT TIME ZONE 'Europe/Berlin' AS x FROM orders");
    }
}

#[test]
fn ordinary_dates_stay() {
    for dialect in DIALECTS {
        let mut bound = parameters();
        bound.proposal.insert("day".to_owned(), json!("2024-01-01"));
        for operand in ordinary(dialect) {
            for sql in casts(dialect, operand) {
                match judge(&policy(dialect), &sql, &bound) {
                    QueryDecision::Allowed(_) => {}
                    QueryDecision::Denied { reasons, .. } => panic!("{dialect:?} denies {sql}: {reasons:#?}"),
                }
            }
        }
        for sql in [
            "SELECT id FROM orders WHERE country LIKE '%today%'",
            "SELECT id FROM orders WHERE country = 'Norway' AND created >= '2024-01-01'",
            "SELECT replace(country, 'now', 'then') AS x, position_of FROM (SELECT country, id AS position_of FROM orders) AS t",
            "SELECT id FROM orders WHERE country = CAST('today' AS VARCHAR)",
            "SELECT x, CAST(d AS DATE) AS d FROM (SELECT 'a label' AS x, created AS d FROM orders) AS t",
        ] {
            allowed(dialect, sql);
        }
        // Where texts are no dates, the words are words.
        if matches!(dialect, Dialect::Duckdb | Dialect::Sqlite) {
            allowed(dialect, "SELECT 'today' AS period FROM orders WHERE country = 'now'");
        }
    }
}
