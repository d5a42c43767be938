//! Ordinary analytic queries: allowed, with the tables and columns that they read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{DIALECTS, allowed, dialect};

/// Dialect, query, columns read as `table.column` (tables without a named column as `table`).
const TABLE: &[(&str, &str, &str)] = &[
    ("*", "SELECT id FROM orders", "orders.id"),
    ("*", "select ID, Amount from Orders", "orders.id orders.amount"),
    ("*", "SELECT * FROM orders", "orders.id orders.customer_id orders.amount orders.country orders.created"),
    ("*", "SELECT o.* FROM orders AS o", "orders.id orders.customer_id orders.amount orders.country orders.created"),
    ("*", "SELECT count(*) FROM orders", "orders"),
    ("*", "SELECT count(*), sum(amount), avg(amount), min(amount), max(amount) FROM orders", "orders.amount"),
    (
        "*",
        "SELECT country, sum(amount) AS total FROM orders GROUP BY country ORDER BY total DESC",
        "orders.amount orders.country",
    ),
    (
        "*",
        "SELECT country, sum(amount) FROM orders GROUP BY 1 ORDER BY 2 DESC LIMIT 10",
        "orders.amount orders.country",
    ),
    ("*", "SELECT country FROM orders GROUP BY country HAVING count(*) > 10", "orders.country"),
    ("*", "SELECT DISTINCT country FROM orders ORDER BY country", "orders.country"),
    ("*", "SELECT count(DISTINCT customer_id) AS buyers FROM orders", "orders.customer_id"),
    (
        "*",
        "SELECT id FROM orders WHERE amount BETWEEN 10 AND 20 AND country IN ('DE', 'FR')",
        "orders.id orders.amount orders.country",
    ),
    ("*", "SELECT id FROM orders WHERE country LIKE 'D%' OR country IS NULL", "orders.id orders.country"),
    ("*", "SELECT id FROM orders WHERE NOT (amount < 5) AND amount <> 7.50", "orders.id orders.amount"),
    (
        "*",
        "SELECT id FROM orders WHERE country = :country AND amount >= :least",
        "orders.id orders.amount orders.country",
    ),
    (
        "*",
        "SELECT id, amount * 1.19 AS gross, -amount AS minus, (amount + 1) / 2 AS half FROM orders",
        "orders.id orders.amount",
    ),
    (
        "*",
        "SELECT id, CASE WHEN amount > 100 THEN 'big' WHEN amount > 10 THEN 'mid' ELSE 'small' END AS size FROM orders",
        "orders.id orders.amount",
    ),
    ("*", "SELECT CASE country WHEN 'DE' THEN 1 ELSE 0 END AS german FROM orders", "orders.country"),
    (
        "*",
        "SELECT sum(CASE WHEN country = 'DE' THEN amount ELSE 0 END) AS german FROM orders",
        "orders.amount orders.country",
    ),
    (
        "*",
        "SELECT coalesce(country, 'unknown') AS country, nullif(amount, 0) AS amount FROM orders",
        "orders.amount orders.country",
    ),
    ("*", "SELECT upper(country) || '-' || lower(country) AS both FROM orders", "orders.country"),
    (
        "*",
        "SELECT CAST(amount AS INTEGER) AS whole, CAST(id AS VARCHAR(20)) AS text FROM orders",
        "orders.id orders.amount",
    ),
    ("*", "SELECT round(avg(amount), 2) AS mean FROM orders", "orders.amount"),
    (
        "*",
        "SELECT c.name, o.amount FROM orders o JOIN customers c ON c.id = o.customer_id",
        "customers.id customers.name orders.customer_id orders.amount",
    ),
    (
        "*",
        "SELECT c.name, count(o.id) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.name",
        "customers.id customers.name orders.id orders.customer_id",
    ),
    (
        "*",
        "SELECT c.name, o.id FROM orders o RIGHT OUTER JOIN customers c ON o.customer_id = c.id",
        "customers.id customers.name orders.id orders.customer_id",
    ),
    (
        "*",
        "SELECT c.name, o.id FROM orders o FULL OUTER JOIN customers c ON o.customer_id = c.id",
        "customers.id customers.name orders.id orders.customer_id",
    ),
    (
        "*",
        "SELECT a.id, b.id FROM orders a, orders b WHERE a.id < b.id AND a.country = b.country",
        "orders.id orders.country",
    ),
    ("*", "SELECT count(*) FROM orders CROSS JOIN sales.countries", "orders sales.countries"),
    (
        "*",
        "SELECT r.region, sum(o.amount) FROM orders o JOIN sales.countries r ON r.code = o.country GROUP BY r.region",
        "orders.amount orders.country sales.countries.code sales.countries.region",
    ),
    ("*", "SELECT countries.region FROM sales.countries", "sales.countries.region"),
    ("*", "SELECT sales.countries.region FROM sales.countries", "sales.countries.region"),
    (
        "*",
        "SELECT id, country FROM orders JOIN customers USING (id, country)",
        "customers.id customers.country orders.id orders.country",
    ),
    (
        "*",
        "SELECT * FROM orders JOIN customers USING (id)",
        "customers.id customers.name customers.country customers.Segment orders.id orders.customer_id orders.amount orders.country orders.created",
    ),
    (
        "*",
        "SELECT id FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE name = 'Ada')",
        "customers.id customers.name orders.id orders.customer_id",
    ),
    (
        "*",
        "SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM customers c WHERE c.id = o.customer_id)",
        "customers.id orders.id orders.customer_id",
    ),
    (
        "*",
        "SELECT id FROM orders o WHERE NOT EXISTS (SELECT 1 FROM customers WHERE customers.id = customer_id)",
        "customers.id orders.id orders.customer_id",
    ),
    (
        "*",
        "SELECT id, (SELECT max(amount) FROM orders p WHERE p.country = o.country) AS most FROM orders o",
        "orders.id orders.amount orders.country",
    ),
    ("*", "SELECT id FROM orders WHERE amount > (SELECT avg(amount) FROM orders)", "orders.id orders.amount"),
    (
        "*",
        "SELECT t.country, t.total FROM (SELECT country, sum(amount) AS total FROM orders GROUP BY country) AS t WHERE t.total > 100",
        "orders.amount orders.country",
    ),
    ("*", "SELECT total FROM (SELECT sum(amount) AS total FROM orders) t", "orders.amount"),
    (
        "*",
        "WITH t AS (SELECT country, sum(amount) AS total FROM orders GROUP BY country) SELECT * FROM t ORDER BY total",
        "orders.amount orders.country",
    ),
    (
        "*",
        "WITH a AS (SELECT id, amount FROM orders), b AS (SELECT max(amount) AS top FROM a) SELECT a.id FROM a, b WHERE a.amount = b.top",
        "orders.id orders.amount",
    ),
    (
        "*",
        "WITH orders AS (SELECT id FROM orders WHERE amount > 10) SELECT count(*) FROM orders",
        "orders.id orders.amount",
    ),
    (
        "*",
        "WITH t (c, n) AS (SELECT country, count(*) FROM orders GROUP BY country) SELECT c FROM t WHERE n > 3",
        "orders.country",
    ),
    ("*", "SELECT country FROM orders UNION SELECT country FROM customers", "customers.country orders.country"),
    (
        "*",
        "SELECT country, 'o' AS kind FROM orders UNION ALL SELECT country, 'c' FROM customers ORDER BY kind, country",
        "customers.country orders.country",
    ),
    ("*", "SELECT country FROM orders EXCEPT SELECT code FROM sales.countries", "orders.country sales.countries.code"),
    (
        "*",
        "SELECT country FROM orders INTERSECT SELECT code FROM sales.countries ORDER BY 1 LIMIT 5",
        "orders.country sales.countries.code",
    ),
    (
        "*",
        "SELECT id, row_number() OVER (PARTITION BY country ORDER BY amount DESC) AS place FROM orders",
        "orders.id orders.amount orders.country",
    ),
    (
        "*",
        "SELECT id, sum(amount) OVER (ORDER BY created ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS week FROM orders",
        "orders.id orders.amount orders.created",
    ),
    (
        "*",
        "SELECT id, lag(amount, 1) OVER w AS before, rank() OVER w AS place FROM orders WINDOW w AS (PARTITION BY country ORDER BY created)",
        "orders.id orders.amount orders.country orders.created",
    ),
    (
        "*",
        "SELECT * FROM (SELECT id, row_number() OVER (PARTITION BY country ORDER BY amount DESC) AS n FROM orders) t WHERE n <= 3",
        "orders.id orders.amount orders.country",
    ),
    ("*", "SELECT amount / sum(amount) OVER () AS share FROM orders", "orders.amount"),
    ("*", "SELECT count(*) FILTER (WHERE amount > 10) AS big FROM orders", "orders.amount"),
    (
        "*",
        "SELECT id FROM orders WHERE (country, customer_id) IN (SELECT country, id FROM customers)",
        "customers.id customers.country orders.id orders.customer_id orders.country",
    ),
    ("*", "SELECT id FROM orders ORDER BY amount DESC NULLS LAST, id LIMIT 20 OFFSET 40", "orders.id orders.amount"),
    ("*", "SELECT id FROM orders FETCH FIRST 5 ROWS ONLY", "orders.id"),
    ("*", "SELECT id FROM orders LIMIT :n", "orders.id"),
    ("*", "SELECT 1 AS one", ""),
    (
        "*",
        "SELECT substring(country, 1, 1) AS letter, length(country) AS n, trim(country) AS t FROM orders",
        "orders.country",
    ),
    ("*", "SELECT c.\"Segment\" FROM customers c", "customers.Segment"),
    ("*", "SELECT \"o\".\"id\" FROM \"orders\" AS \"o\"", "orders.id"),
    ("*", "SELECT id FROM orders WHERE amount IS DISTINCT FROM 5", "orders.id orders.amount"),
    (
        "duckdb",
        "SELECT date_trunc('month', created) AS month, sum(amount) FROM orders GROUP BY month ORDER BY month",
        "orders.amount orders.created",
    ),
    (
        "duckdb",
        "SELECT extract(year FROM created) AS year, strftime(created, '%m') AS month FROM orders",
        "orders.created",
    ),
    ("duckdb", "SELECT country, sum(amount) AS total FROM orders GROUP BY ALL", "orders.amount orders.country"),
    (
        "duckdb",
        "SELECT id, row_number() OVER (ORDER BY amount) AS n FROM orders QUALIFY n <= 3",
        "orders.id orders.amount",
    ),
    ("duckdb", "SELECT amount * 2 AS double, double + 1 AS more FROM orders WHERE double > 3", "orders.amount"),
    (
        "duckdb",
        "SELECT id FROM orders WHERE created >= DATE '2026-01-01' - INTERVAL 30 DAY",
        "orders.id orders.created",
    ),
    (
        "duckdb",
        "SELECT amount::INTEGER AS whole, amount // 2 AS half, TRY_CAST(country AS INTEGER) AS n FROM orders",
        "orders.amount orders.country",
    ),
    (
        "duckdb",
        "SELECT quantile_cont(amount, 0.5) AS mid, arg_max(id, amount) AS top FROM orders",
        "orders.id orders.amount",
    ),
    ("duckdb", "SELECT Segment, SEGMENT AS again FROM customers", "customers.Segment"),
    ("duckdb", "SELECT country, count(*) FROM orders GROUP BY ROLLUP (country)", "orders.country"),
    ("duckdb", "SELECT id FROM orders WHERE country = $country", "orders.id orders.country"),
    (
        "duckdb",
        "SELECT c.name, t.most FROM customers c, LATERAL (SELECT max(o.amount) AS most FROM orders o WHERE o.customer_id = c.id) t",
        "customers.id customers.name orders.customer_id orders.amount",
    ),
    ("duckdb", "SELECT string_agg(country, ', ' ORDER BY country) AS all_of_them FROM orders", "orders.country"),
    (
        "postgresql",
        "SELECT date_trunc('week', created) AS week, count(*) FROM orders GROUP BY 1 ORDER BY 1",
        "orders.created",
    ),
    (
        "postgresql",
        "SELECT to_char(created, 'YYYY-MM') AS month FROM orders WHERE created >= TIMESTAMP '2026-01-01 00:00:00'",
        "orders.created",
    ),
    (
        "postgresql",
        "SELECT id FROM orders WHERE created > created - INTERVAL '30 days' AND country ILIKE 'd%'",
        "orders.id orders.country orders.created",
    ),
    ("postgresql", "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY amount) AS mid FROM orders", "orders.amount"),
    (
        "postgresql",
        "SELECT DISTINCT ON (country) country, amount FROM orders ORDER BY country, amount DESC",
        "orders.amount orders.country",
    ),
    (
        "postgresql",
        "SELECT c.name, t.most FROM customers c CROSS JOIN LATERAL (SELECT max(o.amount) AS most FROM orders o WHERE o.customer_id = c.id) t",
        "customers.id customers.name orders.customer_id orders.amount",
    ),
    ("postgresql", "SELECT amount::numeric(10, 2) AS amount, id::text AS id FROM orders", "orders.id orders.amount"),
    ("postgresql", "SELECT country, count(*) FROM orders GROUP BY GROUPING SETS ((country), ())", "orders.country"),
    (
        "postgresql",
        "SELECT id FROM orders WHERE customer_id = ANY (SELECT id FROM customers)",
        "customers.id orders.id orders.customer_id",
    ),
    ("postgresql", "SELECT created AT TIME ZONE 'Europe/Berlin' AS local FROM orders", "orders.created"),
    ("postgresql", "SELECT v.a FROM (VALUES (1, 'x'), (2, 'y')) AS v (a, b)", ""),
    (
        "sqlite",
        "SELECT strftime('%Y-%m', created) AS month, sum(amount) FROM orders GROUP BY month",
        "orders.amount orders.created",
    ),
    ("sqlite", "SELECT date(created, '-30 days') AS before, julianday(created) AS day FROM orders", "orders.created"),
    ("sqlite", "SELECT id FROM orders WHERE created >= date('2026-01-01') LIMIT 5, 10", "orders.id orders.created"),
    (
        "sqlite",
        "SELECT group_concat(country, ', ') AS names, total(amount) AS t, ifnull(max(id), 0) AS last FROM orders",
        "orders.id orders.amount orders.country",
    ),
    ("sqlite", "SELECT iif(amount > 10, 'big', 'small') AS size FROM orders", "orders.amount"),
    (
        "generic",
        "SELECT extract(month FROM created) AS month, count(*) FROM orders GROUP BY extract(month FROM created)",
        "orders.created",
    ),
    (
        "generic",
        "SELECT position('D' IN country) AS at FROM orders WHERE created < DATE '2026-02-01'",
        "orders.country orders.created",
    ),
    (
        "generic",
        "SELECT ceil(amount) AS up, floor(amount) AS down, mod(id, 2) AS odd FROM orders",
        "orders.id orders.amount",
    ),
];

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
    assert!(TABLE.len() >= 60);
    let mut wrong = Vec::new();
    for (whose, sql, expected) in TABLE {
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
    for (whose, sql, _) in TABLE {
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
