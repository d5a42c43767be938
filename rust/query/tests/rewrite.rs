//! What the gate writes: predicates, names, limits, lineage, parameters, cost; and policies that it refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{DIALECTS, allowed, denied, judge, parameters, policy, spec};
use guard_query::{CostLabel, Dialect, PolicySpec, QueryDecision, QueryPolicy};
use serde_json::json;

const WRAPPED: &str = "(SELECT \"guarded\".\"id\" AS \"id\", \"guarded\".\"customer_id\" AS \"customer_id\", \
\"guarded\".\"amount\" AS \"amount\", \"guarded\".\"country\" AS \"country\", \"guarded\".\"created\" AS \"created\" \
FROM \"orders\" AS \"guarded\" WHERE (\"guarded\".\"tenant\" = :tenant) OFFSET 0)";

#[test]
fn quotes_stay_what_they_are() {
    for dialect in common::DIALECTS {
        for literal in ["'a''b'", "'a''''b'", "''''''", "'''a'''''''", "'x''' || '''y'", "''"] {
            let sql = format!("SELECT {literal} AS x, country FROM orders WHERE country <> {literal}");
            let written = common::allowed(dialect, &sql).sql;
            assert_eq!(written.matches(&format!("SELECT {literal} AS \"x\"")).count(), 1, "{written}");
            assert!(written.contains(&format!("<> {literal}")), "{written}");
            assert_eq!(common::allowed(dialect, &sql.replace("country FROM", "country, id FROM")).columns.len(), 2);
        }
    }
    // Where a backslash is a letter like others, before a quote too.
    for dialect in [Dialect::Duckdb, Dialect::Sqlite] {
        for literal in [r"'a\''b'", r"'\'''", r"'\'"] {
            let written = common::allowed(dialect, &format!("SELECT {literal} AS x FROM orders")).sql;
            assert!(written.contains(&format!("SELECT {literal} AS")), "{written}");
        }
    }
}

#[test]
fn sqlite_has_no_columns_named_as_truth_values() {
    for sql in [
        "SELECT amount AS true FROM orders",
        "SELECT amount AS \"True\" FROM orders",
        "SELECT t.\"false\" AS x FROM (SELECT amount AS \"false\" FROM orders) AS t",
        "WITH t(\"true\") AS (SELECT amount FROM orders) SELECT * FROM t",
    ] {
        let codes = common::denied(Dialect::Sqlite, sql);
        assert_eq!(codes.first(), Some(&"query-name"), "{sql}: {codes:?}");
    }
    common::allowed(Dialect::Duckdb, "SELECT t.\"false\" AS x FROM (SELECT amount AS \"false\" FROM orders) AS t");
    let mut spec = common::spec(Dialect::Sqlite);
    spec["relations"]["flags"] = serde_json::json!({"columns": ["id", "TRUE"]});
    let spec: guard_query::PolicySpec = serde_json::from_value(spec).unwrap();
    let problems = guard_query::QueryPolicy::compile(&spec).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].path, ["relations", "flags", "columns", "1"]);
}

#[test]
fn conditions_are_not_moved_to_hidden_rows() {
    for dialect in DIALECTS {
        let sql = allowed(dialect, "SELECT o.id FROM orders AS o JOIN orders AS p ON o.id = p.id").sql;
        let end = match dialect {
            Dialect::Sqlite => "= :tenant) LIMIT 9223372036854775807 OFFSET 0) AS",
            Dialect::Duckdb => "= $tenant) OFFSET 0) AS",
            Dialect::Postgresql | Dialect::Generic => "= :tenant) OFFSET 0) AS",
        };
        assert_eq!(sql.matches(end).count(), 2, "{sql}");
    }
    let open = allowed(Dialect::Postgresql, "SELECT code FROM sales.countries").sql;
    assert!(!open.contains("OFFSET"), "{open}");
}

#[test]
fn a_named_window_is_part_of_what_is_over_it() {
    let over = |sql: &str| allowed(Dialect::Postgresql, sql).lineage.last().unwrap().from.clone();
    let inline = over("SELECT id, sum(amount) OVER (PARTITION BY country ORDER BY created) AS n FROM orders");
    assert_eq!(inline.len(), 3);
    for named in [
        "SELECT id, sum(amount) OVER w AS n FROM orders WINDOW w AS (PARTITION BY country ORDER BY created)",
        "SELECT id, sum(amount) OVER (w ORDER BY created) AS n FROM orders WINDOW w AS (PARTITION BY country)",
        "SELECT id, sum(amount) OVER v AS n FROM orders WINDOW w AS (PARTITION BY country), v AS (w ORDER BY created)",
    ] {
        assert_eq!(over(named), inline, "{named}");
    }
}

#[test]
fn a_relation_stands_behind_its_columns_and_its_predicate() {
    let sql = allowed(Dialect::Postgresql, "SELECT id FROM orders").sql;
    assert_eq!(sql, format!("SELECT \"orders\".\"id\" AS \"id\" FROM {WRAPPED} AS \"orders\" LIMIT 1000"));
}

#[test]
fn every_reference_is_wrapped() {
    let queries = [
        ("SELECT a.id FROM orders a JOIN orders b ON a.id = b.id", 2),
        ("SELECT id FROM orders WHERE id IN (SELECT id FROM orders)", 2),
        (
            "SELECT (SELECT max(id) FROM orders) AS a, (SELECT min(b.id) FROM orders b WHERE b.id = o.id) AS b FROM orders o",
            3,
        ),
        ("WITH x AS (SELECT id FROM orders) SELECT id FROM x UNION SELECT id FROM orders", 2),
        ("WITH orders AS (SELECT id FROM orders) SELECT a.id FROM orders a, orders b", 1),
        ("SELECT id FROM orders ORDER BY (SELECT max(id) FROM orders)", 2),
        ("SELECT id FROM orders GROUP BY id HAVING count(*) > (SELECT count(*) FROM orders)", 2),
        ("SELECT CASE WHEN EXISTS (SELECT 1 FROM orders) THEN 1 END AS x FROM orders", 2),
        ("SELECT o.id FROM (orders o JOIN customers c ON c.id = o.customer_id)", 1),
        ("SELECT sum((SELECT max(p.id) FROM orders p)) OVER (ORDER BY (SELECT 1 FROM orders)) AS s FROM orders", 3),
    ];
    let lateral = ("SELECT c.id FROM customers c, LATERAL (SELECT o.id FROM orders o WHERE o.customer_id = c.id) t", 1);
    for dialect in DIALECTS {
        for (sql, count) in queries.into_iter().chain((dialect != Dialect::Sqlite).then_some(lateral)) {
            let written = allowed(dialect, sql);
            let wrapped =
                written.sql.matches("FROM \"orders\" AS \"guarded\" WHERE (\"guarded\".\"tenant\" = ").count();
            let read = written.tables.iter().find(|table| table.table == "orders").map_or(0, |table| table.references);
            assert_eq!((wrapped, read), (count, count), "{}", written.sql);
            // Nothing else is read from the relation.
            assert_eq!(written.sql.matches("FROM \"orders\"").count(), count, "{}", written.sql);
            assert_eq!(written.sql.matches("JOIN \"orders\"").count(), 0, "{}", written.sql);
        }
    }
}

#[test]
fn a_query_of_with_that_bears_a_relations_name_gets_another() {
    let sql = allowed(Dialect::Sqlite, "WITH orders AS (SELECT id FROM orders) SELECT id FROM orders").sql;
    assert!(sql.starts_with("WITH \"orders_1\" AS (SELECT"), "{sql}");
    assert!(sql.ends_with("FROM \"orders_1\" AS \"orders\" LIMIT 1000"), "{sql}");
}

#[test]
fn limits_are_lowered_never_raised() {
    for dialect in DIALECTS {
        let limit = |sql: &str| {
            let allowed = allowed(dialect, sql);
            assert!(allowed.sql.contains(&format!(" LIMIT {}", allowed.limit)), "{}", allowed.sql);
            (allowed.limit, allowed.sql)
        };
        assert_eq!(limit("SELECT id FROM orders").0, 1000);
        assert_eq!(limit("SELECT id FROM orders LIMIT 5").0, 5);
        assert_eq!(limit("SELECT id FROM orders LIMIT 1000000").0, 1000);
        assert_eq!(limit("SELECT id FROM orders LIMIT :n").0, 25);
        assert_eq!(limit("SELECT id FROM orders FETCH FIRST 7 ROWS ONLY").0, 7);
        assert_eq!(limit("SELECT id FROM orders UNION ALL SELECT id FROM customers").0, 1000);
        assert_eq!(limit("(SELECT id FROM orders LIMIT 3)").0, 3);
        let nested = limit("SELECT id FROM (SELECT id FROM orders LIMIT 5000) t OFFSET 3").1;
        assert!(nested.contains("LIMIT 5000)") && nested.ends_with(" LIMIT 1000 OFFSET 3"), "{nested}");
    }
}

#[test]
fn names_fold_as_the_dialect_folds_them() {
    for (dialect, fits) in [("duckdb", true), ("sqlite", true), ("generic", false), ("postgresql", false)] {
        let decision = judge(common::dialect(dialect), "SELECT \"ID\" FROM \"ORDERS\"");
        assert_eq!(matches!(decision, QueryDecision::Allowed(_)), fits, "{dialect}");
    }
    let sql = allowed(Dialect::Postgresql, "SELECT ID AS Total FROM ORDERS O").sql;
    assert!(sql.starts_with("SELECT \"o\".\"id\" AS \"total\" FROM"), "{sql}");
    let sql = allowed(Dialect::Duckdb, "SELECT ID AS Total FROM ORDERS O ORDER BY TOTAL").sql;
    assert!(sql.starts_with("SELECT \"O\".\"id\" AS \"Total\" FROM"), "{sql}");
    assert!(sql.ends_with("ORDER BY \"Total\" LIMIT 1000"), "{sql}");
}

#[test]
fn lineage_goes_through_aliases_subqueries_and_set_operations() {
    let sql = "WITH t AS (SELECT country AS c, sum(amount) AS s FROM orders GROUP BY country) \
               SELECT s / 2 AS half, upper(c) AS name FROM t UNION ALL SELECT id, name FROM customers";
    for dialect in DIALECTS {
        let lineage: Vec<(String, Vec<String>)> = allowed(dialect, sql)
            .lineage
            .into_iter()
            .map(|out| (out.name, out.from.into_iter().map(|read| format!("{}.{}", read.table, read.column)).collect()))
            .collect();
        let expected =
            [("half", vec!["customers.id", "orders.amount"]), ("name", vec!["customers.name", "orders.country"])];
        let expected =
            expected.map(|(name, from)| (name.to_owned(), from.into_iter().map(str::to_owned).collect::<Vec<_>>()));
        assert_eq!(lineage, expected);
    }
}

#[test]
fn parameters_say_who_binds_them() {
    let allowed = allowed(Dialect::Duckdb, "SELECT id FROM orders WHERE country = :country");
    let found: Vec<(&str, bool)> = allowed.parameters.iter().map(|found| (found.name.as_str(), found.gate)).collect();
    assert_eq!(found, [("country", false), ("tenant", true)]);
    assert!(allowed.sql.contains("= $tenant)") && allowed.sql.contains("= $country"), "{}", allowed.sql);
    let mut taken = parameters();
    taken.proposal.insert("Tenant".to_owned(), json!(5));
    let decision = guard_query::judge(&policy(Dialect::Duckdb), "SELECT id FROM orders", &taken);
    let QueryDecision::Denied { reasons, .. } = decision else { panic!("allowed") };
    assert_eq!(reasons[0].code.name(), "query-parameter-reserved");
}

#[test]
fn parameters_can_be_numbered() {
    let sql =
        "SELECT ':no' AS \":no\" FROM orders WHERE country = :country AND amount > :least AND country <> :country";
    let (text, names) = allowed(Dialect::Postgresql, sql).numbered();
    assert_eq!(names, ["tenant", "country", "least"]);
    assert!(
        text.contains("\"country\" = $2 AND") && text.contains("> $3 AND") && text.contains("<> $2 LIMIT"),
        "{text}"
    );
    assert!(text.starts_with("SELECT ':no' AS \":no\""), "{text}");
}

#[test]
fn a_gate_parameter_without_a_value_denies() {
    let mut bound = parameters();
    bound.gate.clear();
    let decision = guard_query::judge(&policy(Dialect::Sqlite), "SELECT id FROM orders", &bound);
    let QueryDecision::Denied { reasons, .. } = decision else { panic!("allowed") };
    assert_eq!(reasons[0].code.name(), "query-parameter");
}

#[test]
fn what_does_not_read_back_is_denied() {
    for dialect in [Dialect::Duckdb, Dialect::Postgresql, Dialect::Generic] {
        // The writer takes two quotes in a text for one that is doubled already.
        assert_eq!(denied(dialect, "SELECT DATE '2026-01-01''''' AS x FROM orders"), ["query-render"]);
        assert!(
            common::allowed(dialect, "SELECT DATE '2026-01-01' AS x FROM orders").sql.contains("DATE '2026-01-01'")
        );
    }
}

#[test]
fn what_is_cut_off_is_said_to_be() {
    let items: Vec<String> = (0..40).map(|at| format!("no_{at}")).collect();
    let QueryDecision::Denied { reasons, .. } =
        judge(Dialect::Duckdb, &format!("SELECT {} FROM orders", items.join(", ")))
    else {
        panic!("allowed")
    };
    assert_eq!(reasons.len(), 32);
    let last = &reasons[31].message;
    assert!(last.contains("`no_31`") && last.ends_with("; 8 more faults are not listed"), "{last}");
    let long = "a".repeat(60);
    let QueryDecision::Denied { reasons, .. } =
        judge(Dialect::Duckdb, &format!("SELECT '{long}' COLLATE \"C\" AS x FROM orders"))
    else {
        panic!("allowed")
    };
    assert!(reasons[0].message.starts_with("what begins with `'aaa"), "{}", reasons[0].message);
}

#[test]
fn signs_behind_a_sign_become_no_comment() {
    for dialect in common::DIALECTS {
        let written = |sql: &str| common::allowed(dialect, sql).sql;
        assert!(written("SELECT - -1 AS x FROM orders").contains("-(-1)"));
        assert!(written("SELECT -(-1) AS x FROM orders").contains("-(-1)"));
        assert!(written("SELECT - - -id AS x FROM orders").contains("-(-(-\"orders\".\"id\"))"));
        assert!(written("SELECT - + -id AS x FROM orders").contains("-+-\"orders\".\"id\""));
        assert!(written("SELECT 1 - -id AS x FROM orders").contains("1 - -\"orders\".\"id\""));
        let first = written("SELECT - - -id AS x FROM orders");
        assert_eq!(written(&first), first);
    }
}

#[test]
fn sqlite_is_given_nothing_that_it_cannot_read() {
    let table = [
        ("SELECT id FROM orders WHERE country ILIKE 'd%'", "query-expression"),
        ("SELECT c.name FROM customers c, LATERAL (SELECT max(o.id) AS m FROM orders o) t", "query-clause"),
        ("SELECT id FROM orders WHERE created > DATE '2026-01-01'", "query-literal"),
        ("SELECT TIMESTAMP '2026-01-01 00:00:00' AS t FROM orders", "query-literal"),
        ("SELECT created - INTERVAL '1' DAY AS t FROM orders", "query-literal"),
        ("SELECT created AT TIME ZONE 'UTC' AS t FROM orders", "query-expression"),
        ("SELECT id FROM orders WHERE id = ANY (SELECT id FROM customers)", "query-expression"),
        ("SELECT id FROM orders WHERE id > ALL (SELECT id FROM customers)", "query-expression"),
        ("SELECT id FROM orders WHERE (id > 1) IS UNKNOWN", "query-expression"),
        ("SELECT substring(country FROM 1 FOR 2) AS s FROM orders", "query-function-use"),
        ("SELECT trim(BOTH 'x' FROM country) AS s FROM orders", "query-function-use"),
        ("SELECT country FROM orders GROUP BY ROLLUP (country)", "query-clause"),
        ("SELECT country FROM orders GROUP BY GROUPING SETS ((country), ())", "query-clause"),
        ("SELECT count(*) AS n FROM orders GROUP BY ()", "query-clause"),
        ("SELECT id FROM orders UNION DISTINCT SELECT id FROM customers", "query-clause"),
        ("SELECT id FROM orders EXCEPT ALL SELECT id FROM customers", "query-clause"),
        ("SELECT id FROM orders INTERSECT ALL SELECT id FROM customers", "query-clause"),
        ("(SELECT id FROM orders) UNION (SELECT id FROM customers)", "query-clause"),
        ("SELECT o.n FROM orders AS o (n)", "query-clause"),
        ("SELECT v.a FROM (VALUES (1), (2)) AS v (a)", "query-clause"),
        // It reads this as a list of one value: that of the first row.
        ("SELECT id FROM orders WHERE id IN ((SELECT id FROM customers))", "query-expression"),
        ("SELECT id FROM orders WHERE id NOT IN (((SELECT id FROM customers)))", "query-expression"),
    ];
    for (sql, code) in table {
        assert_eq!(denied(Dialect::Sqlite, sql).first(), Some(&code), "{sql}");
    }
    let written = |sql: &str| allowed(Dialect::Sqlite, sql).sql;
    let behind = written("SELECT t.id FROM (SELECT id FROM orders OFFSET 5) AS t");
    assert!(behind.contains("LIMIT 9223372036854775807 OFFSET 5"), "{behind}");
    assert!(written("SELECT t.id FROM ((SELECT id FROM orders)) AS t").contains("FROM (SELECT \"orders\""));
    assert_eq!(denied(Dialect::Postgresql, "SELECT id FROM orders MINUS SELECT id FROM customers"), ["query-clause"]);
}

#[test]
fn costs_are_labelled_by_what_is_known() {
    let cost = |sql: &str| {
        let cost = allowed(Dialect::Postgresql, sql).cost;
        (cost.label, cost.scanned)
    };
    assert_eq!(cost("SELECT 1 AS one"), (CostLabel::Precise, Some(0)));
    assert_eq!(cost("SELECT code FROM sales.countries"), (CostLabel::UpperBound, Some(250)));
    assert_eq!(cost("SELECT a.code FROM sales.countries a, sales.countries b"), (CostLabel::UpperBound, Some(500)));
    assert_eq!(cost("SELECT id FROM orders"), (CostLabel::Heuristic, None));
    let correlated =
        "SELECT code FROM sales.countries a WHERE EXISTS (SELECT 1 FROM sales.countries b WHERE b.code = a.region)";
    assert_eq!(cost(correlated).0, CostLabel::Heuristic);
}

#[test]
fn reasons_stand_where_the_text_is_wrong() {
    let sql = "SELECT id,\n  secret\nFROM orders";
    let QueryDecision::Denied { reasons, .. } = judge(Dialect::Generic, sql) else { panic!("allowed") };
    assert_eq!(reasons.len(), 1);
    let reason = &reasons[0];
    assert_eq!((reason.span.line, reason.span.column), (2, 3));
    assert_eq!(&sql[reason.span.start..reason.span.end], "secret");
    assert!(reason.message.contains("`secret`") && reason.help.contains("`amount`"), "{reason:?}");
    assert_eq!(denied(Dialect::Generic, "SELECT a, b FROM orders").len(), 2);
}

#[test]
fn policies_that_are_not_understood_are_refused() {
    let refused = [
        (json!({"functions": ["pg_sleep"]}), "`pg_sleep`"),
        (json!({"functions": ["random"]}), "`random`"),
        (json!({"functions": ["read_csv"]}), "`read_csv`"),
        (json!({"maxRows": 0}), "`maxRows`"),
        (json!({"relations": {}}), "`relations`"),
        (json!({"relations": {"/etc/passwd": {"columns": ["a"]}}}), "`/etc/passwd`"),
        (json!({"relations": {"t.csv'": {"columns": ["a"]}}}), "`t.csv'`"),
        (json!({"relations": {"t": {"columns": []}}}), "no columns"),
        (json!({"relations": {"t": {"columns": ["a", "A"]}}}), "twice"),
        (json!({"relations": {"t": {"columns": ["a"], "where": "a ="}}}), "`where` of `t`"),
        (json!({"relations": {"t": {"columns": ["a"], "where": "a = (SELECT 1)"}}}), "`where` of `t`"),
        (json!({"relations": {"t": {"columns": ["a"], "where": "upper(a) = 'X'"}}}), "`where` of `t`"),
        (json!({"relations": {"t": {"columns": ["a"], "where": "other.a = 1"}}}), "`where` of `t`"),
        (json!({"relations": {"t": {"columns": ["a"], "where": "a = 'x\\'"}}}), "`where` of `t`"),
        (json!({"limits": {"depth": 4000}}), "`limits.depth`"),
    ];
    for (change, expected) in refused {
        let mut spec = spec(Dialect::Duckdb);
        for (key, value) in change.as_object().unwrap() {
            spec[key] = value.clone();
        }
        let spec: PolicySpec = serde_json::from_value(spec).unwrap();
        let problems = QueryPolicy::compile(&spec).unwrap_err();
        assert!(problems.iter().any(|problem| problem.message.contains(expected)), "{expected}: {problems:?}");
        assert!(problems.iter().all(|problem| problem.code.name() == "query-policy"));
    }
    let mut unknown = spec(Dialect::Duckdb);
    unknown["maxRow"] = json!(5);
    assert!(serde_json::from_value::<PolicySpec>(unknown).is_err());
}
