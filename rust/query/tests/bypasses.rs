//! Ways around a query gate, each with the code that stops it. `*` stands for every dialect.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{DIALECTS, denied, dialect};

const TABLE: &[(&str, &str, &str)] = &[
    // Files and other servers by way of FROM
    ("duckdb", "SELECT * FROM '/etc/passwd'", "query-relation-unknown"),
    ("duckdb", "SELECT * FROM \"/etc/passwd\"", "query-relation-unknown"),
    ("duckdb", "SELECT * FROM 'https://evil.example/x.parquet'", "query-relation-unknown"),
    ("duckdb", "SELECT * FROM read_csv('/etc/passwd')", "query-table-function"),
    ("duckdb", "SELECT * FROM read_text('/etc/passwd') AS t", "query-table-function"),
    ("duckdb", "SELECT * FROM orders, glob('*') AS g", "query-table-function"),
    ("duckdb", "SELECT * FROM duckdb_secrets()", "query-table-function"),
    ("duckdb", "SELECT * FROM query('SELECT 1')", "query-table-function"),
    ("duckdb", "SELECT * FROM sqlite_scan('f.db', 't')", "query-table-function"),
    ("postgresql", "SELECT * FROM pg_read_file('/etc/passwd')", "query-table-function"),
    ("postgresql", "SELECT * FROM pg_ls_dir('.') AS d(name)", "query-table-function"),
    ("postgresql", "SELECT * FROM dblink('host=evil', 'SELECT 1') AS t(a int)", "query-table-function"),
    ("postgresql", "SELECT * FROM LATERAL pg_ls_dir('.')", "query-table-function"),
    ("postgresql", "SELECT * FROM ROWS FROM (pg_ls_dir('.'))", "query-syntax"),
    ("postgresql", "SELECT * FROM TABLE(pg_ls_dir('.'))", "query-table-function"),
    ("postgresql", "SELECT * FROM generate_series(1, 1000000000)", "query-table-function"),
    ("postgresql", "SELECT * FROM unnest(ARRAY[1, 2])", "query-table-function"),
    ("sqlite", "SELECT * FROM pragma_table_info('users')", "query-table-function"),
    ("sqlite", "SELECT * FROM json_each('[1]')", "query-table-function"),
    // Functions
    ("postgresql", "SELECT pg_read_file('/etc/passwd')", "query-function-unknown"),
    ("postgresql", "SELECT lo_import('/etc/passwd')", "query-function-unknown"),
    ("postgresql", "SELECT dblink('host=evil', 'SELECT 1')", "query-function-unknown"),
    ("postgresql", "SELECT query_to_xml('SELECT * FROM users', true, true, '')", "query-function-unknown"),
    ("postgresql", "SELECT nextval('s')", "query-function-unknown"),
    ("postgresql", "SELECT set_config('role', 'admin', false)", "query-function-unknown"),
    ("postgresql", "SELECT pg_sleep(3600)", "query-function-unknown"),
    ("postgresql", "SELECT pg_catalog.lower('x')", "query-function-unknown"),
    ("postgresql", "SELECT \"LOWER\"(country) FROM orders", "query-function-unknown"),
    ("postgresql", "SELECT has_table_privilege('users', 'select')", "query-function-unknown"),
    ("duckdb", "SELECT getenv('HOME')", "query-function-unknown"),
    ("duckdb", "SELECT id FROM orders ORDER BY random()", "query-function-unknown"),
    ("duckdb", "SELECT id FROM orders LIMIT getenv('HOME')", "query-limit"),
    ("duckdb", "SELECT sum(amount) FILTER (WHERE read_blob('x') IS NULL) FROM orders", "query-function-unknown"),
    ("duckdb", "SELECT sum(amount) OVER (PARTITION BY getenv('HOME')) FROM orders", "query-function-unknown"),
    ("duckdb", "SELECT count(*) FROM orders GROUP BY getvariable('x')", "query-function-unknown"),
    ("duckdb", "SELECT o.id FROM orders o JOIN orders p ON o.id = nextval('s')", "query-function-unknown"),
    ("sqlite", "SELECT load_extension('x.so')", "query-function-unknown"),
    ("sqlite", "SELECT readfile('/etc/passwd')", "query-function-unknown"),
    ("sqlite", "SELECT hex(randomblob(1000000000))", "query-function-unknown"),
    ("sqlite", "SELECT date('now') FROM orders", "query-function-use"),
    ("sqlite", "SELECT strftime('%s') FROM orders", "query-function-use"),
    ("*", "SELECT now() FROM orders", "query-function-unknown"),
    ("*", "SELECT CURRENT_TIMESTAMP FROM orders", "query-function-unknown|query-column-unknown"),
    ("*", "SELECT CURRENT_USER FROM orders", "query-function-unknown|query-column-unknown"),
    ("*", "SELECT session_user FROM orders", "query-function-unknown|query-column-unknown"),
    ("*", "SELECT {fn lower(country)} FROM orders", "query-syntax"),
    // Relations and columns
    ("*", "SELECT * FROM users", "query-relation-unknown"),
    ("*", "SELECT * FROM information_schema.tables", "query-relation-unknown"),
    ("*", "SELECT * FROM main.orders", "query-relation-unknown"),
    ("*", "SELECT * FROM other.orders", "query-relation-unknown"),
    ("*", "SELECT * FROM countries", "query-relation-unknown"),
    ("postgresql", "SELECT * FROM pg_catalog.pg_shadow", "query-relation-unknown"),
    ("postgresql", "SELECT * FROM pg_stat_activity", "query-relation-unknown"),
    ("postgresql", "SELECT * FROM \"Orders\"", "query-relation-unknown"),
    ("generic", "SELECT * FROM \"ORDERS\"", "query-relation-unknown"),
    ("sqlite", "SELECT sql FROM sqlite_master", "query-relation-unknown"),
    ("sqlite", "SELECT * FROM sqlite_temp_schema", "query-relation-unknown"),
    ("duckdb", "SELECT * FROM duckdb_tables", "query-relation-unknown"),
    ("*", "SELECT id FROM orders UNION ALL SELECT id FROM users", "query-relation-unknown"),
    ("*", "SELECT id FROM orders WHERE id IN (SELECT id FROM users)", "query-relation-unknown"),
    ("*", "SELECT (SELECT max(password) FROM users) FROM orders", "query-relation-unknown"),
    ("*", "SELECT id FROM orders WHERE EXISTS (SELECT 1 FROM users)", "query-relation-unknown"),
    ("*", "SELECT id FROM orders ORDER BY (SELECT 1 FROM users)", "query-relation-unknown"),
    ("*", "SELECT CASE WHEN EXISTS (SELECT 1 FROM users) THEN 1 END FROM orders", "query-relation-unknown"),
    ("*", "WITH x AS (SELECT * FROM users) SELECT 1 FROM orders", "query-relation-unknown"),
    ("*", "SELECT * FROM orders JOIN (SELECT * FROM users) u ON true", "query-relation-unknown"),
    ("*", "SELECT * FROM x.y.z.orders", "query-relation-unknown"),
    ("*", "SELECT tenant FROM orders", "query-column-unknown"),
    ("*", "SELECT orders.tenant FROM orders", "query-column-unknown"),
    ("*", "SELECT id FROM orders WHERE tenant = 5", "query-column-unknown"),
    ("*", "SELECT id FROM orders ORDER BY tenant", "query-column-unknown"),
    ("*", "SELECT count(*) FROM orders GROUP BY tenant", "query-column-unknown"),
    ("*", "SELECT count(*) FROM orders HAVING min(tenant) > 0", "query-column-unknown"),
    ("*", "SELECT o.id FROM orders o JOIN customers c ON o.tenant <> c.tenant", "query-column-unknown"),
    ("*", "SELECT * FROM orders JOIN customers USING (tenant)", "query-column-unknown"),
    ("*", "SELECT sum(amount) OVER (PARTITION BY tenant) FROM orders", "query-column-unknown"),
    ("*", "SELECT (SELECT o.tenant) FROM orders o", "query-column-unknown"),
    ("*", "SELECT guarded.tenant FROM orders", "query-column-unknown"),
    ("*", "SELECT orders.id FROM orders o", "query-column-unknown"),
    ("*", "SELECT \"tenant\" FROM orders", "query-column-unknown"),
    ("*", "SELECT password FROM customers", "query-column-unknown"),
    ("postgresql", "SELECT \"Id\" FROM orders", "query-column-unknown"),
    ("postgresql", "SELECT Segment FROM customers", "query-column-unknown"),
    ("postgresql", "SELECT orders FROM orders", "query-column-unknown"),
    ("postgresql", "SELECT ctid, xmin FROM orders", "query-column-unknown"),
    ("sqlite", "SELECT rowid FROM orders", "query-column-unknown"),
    ("duckdb", "SELECT COLUMNS('.*') FROM orders", "query-function-unknown"),
    ("*", "SELECT id FROM orders o, customers c", "query-column-ambiguous"),
    ("*", "SELECT 1 FROM orders, orders", "query-name"),
    // The gate's own wrapper, with another condition
    (
        "*",
        "SELECT x.id FROM (SELECT \"guarded\".\"id\" AS \"id\" FROM \"orders\" AS \"guarded\" WHERE (\"guarded\".\"tenant\" = 5)) AS x",
        "query-column-unknown",
    ),
    // Statements
    ("*", "DROP TABLE orders", "query-statement"),
    ("*", "DELETE FROM orders", "query-statement"),
    ("*", "INSERT INTO orders SELECT * FROM orders", "query-statement"),
    ("*", "UPDATE orders SET amount = 0", "query-statement"),
    ("*", "EXPLAIN ANALYZE SELECT * FROM orders", "query-statement"),
    ("*", "VALUES (1)", "query-statement"),
    ("*", "TABLE orders", "query-statement"),
    ("*", "WITH x AS (SELECT 1) DELETE FROM orders", "query-statement"),
    ("*", "WITH x AS (DELETE FROM orders RETURNING id) SELECT * FROM x", "query-statement"),
    ("*", "WITH x AS (INSERT INTO orders (id) VALUES (1) RETURNING id) SELECT * FROM x", "query-statement"),
    ("*", "WITH x AS (UPDATE orders SET amount = 0 RETURNING id) SELECT * FROM x", "query-statement"),
    ("duckdb", "COPY orders TO '/tmp/x.csv'", "query-statement"),
    ("duckdb", "ATTACH 'evil.db' AS evil", "query-statement"),
    ("duckdb", "PRAGMA database_list", "query-statement"),
    ("duckdb", "INSTALL httpfs", "query-statement"),
    ("duckdb", "SET enable_external_access = true", "query-statement"),
    ("duckdb", "CALL pragma_version()", "query-statement"),
    ("duckdb", "FROM orders", "query-statement"),
    ("duckdb", "EXPORT DATABASE 'x'", "query-statement"),
    ("postgresql", "DO $$ BEGIN END $$", "query-literal|query-statement"),
    ("*", "SELECT id FROM orders; DROP TABLE orders", "query-statements"),
    ("*", "SELECT id FROM orders;", "query-statements"),
    ("*", "", "query-statement"),
    // Clauses
    ("*", "SELECT id INTO stolen FROM orders", "query-clause"),
    ("*", "SELECT id FROM orders FOR UPDATE", "query-clause"),
    ("*", "SELECT id FROM (SELECT id FROM orders FOR SHARE) t", "query-clause"),
    ("*", "SELECT amount FROM orders NATURAL JOIN customers", "query-clause"),
    ("duckdb", "SELECT id FROM orders TABLESAMPLE reservoir(10%)", "query-syntax|query-clause"),
    ("postgresql", "SELECT id FROM orders TABLESAMPLE BERNOULLI (10)", "query-clause"),
    ("*", "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT n FROM t", "query-recursive"),
    ("*", "SELECT id FROM orders LIMIT (SELECT 5)", "query-limit"),
    ("*", "SELECT id FROM orders LIMIT -1", "query-limit"),
    ("*", "SELECT id FROM orders LIMIT 1e9", "query-limit"),
    ("*", "SELECT id FROM orders LIMIT :country", "query-limit"),
    ("*", "SELECT id FROM orders FETCH FIRST 10 PERCENT ROWS ONLY", "query-clause"),
    ("*", "SELECT id FROM orders FETCH FIRST 10 ROWS WITH TIES", "query-clause"),
    // Text that is read in two ways
    ("*", "SELECT id FROM orders -- WHERE amount > 0", "query-comment"),
    ("*", "SELECT id /* , tenant */ FROM orders", "query-comment"),
    ("*", "SELECT id /*! , tenant */ FROM orders", "query-comment"),
    ("postgresql", "SELECT U&\"\\0074enant\" FROM orders", "query-literal"),
    ("postgresql", "SELECT U&'\\0074enant' FROM orders", "query-literal"),
    ("duckdb", "SELECT U&\"\\0074enant\" FROM orders", "query-literal"),
    ("*", "SELECT E'\\x41' FROM orders", "query-literal"),
    ("postgresql", "SELECT $$text$$ FROM orders", "query-literal"),
    ("duckdb", "SELECT $tag$text$tag$ FROM orders", "query-literal"),
    ("*", "SELECT X'41' FROM orders", "query-literal"),
    ("*", "SELECT N'text' FROM orders", "query-literal"),
    ("postgresql", "SELECT 'a\\' FROM orders", "query-literal"),
    ("sqlite", "SELECT `id` FROM orders", "query-syntax"),
    ("sqlite", "SELECT [id] FROM orders", "query-syntax|query-expression"),
    ("*", "SELECT id FROM orders WHERE country = 'a\0b'", "query-literal"),
    ("*", "SELECT \u{ff49}d FROM orders", "query-name"),
    ("*", "SELECT id AS 'x' FROM orders", "query-name"),
    (
        "*",
        "SELECT id AS \"a_name_of_more_than_sixty_three_bytes_which_postgresql_would_cut_off\" FROM orders",
        "query-name",
    ),
    ("*", "SELECT id AS \"a\"\"b\" FROM orders", "query-name"),
    // Operators, types, forms
    ("postgresql", "SELECT 'users'::regclass", "query-type"),
    ("postgresql", "SELECT CAST('x' AS xml)", "query-type"),
    ("postgresql", "SELECT id FROM orders WHERE country ~ '(a+)+$'", "query-operator"),
    ("postgresql", "SELECT id FROM orders WHERE country OPERATOR(pg_catalog.=) 'x'", "query-operator"),
    ("postgresql", "SELECT id FROM orders WHERE country SIMILAR TO '(a+)+'", "query-expression"),
    ("postgresql", "SELECT DATE 'today' FROM orders", "query-literal"),
    ("sqlite", "SELECT id FROM orders WHERE country GLOB '*'", "query-syntax"),
    ("sqlite", "SELECT id FROM orders WHERE orders MATCH 'x'", "query-syntax"),
    ("duckdb", "SELECT [x FOR x IN [1]] FROM orders", "query-syntax|query-expression"),
    ("duckdb", "SELECT {'a': id} FROM orders", "query-syntax"),
    ("*", "SELECT country COLLATE \"C\" FROM orders", "query-expression"),
    ("*", "SELECT lower(DISTINCT country) FROM orders", "query-function-use"),
    ("duckdb", "SELECT lower(x := country) FROM orders", "query-function-use|query-syntax|query-operator"),
    // Parameters
    ("*", "SELECT id FROM orders WHERE id = :unbound", "query-parameter"),
    ("*", "SELECT id FROM orders WHERE id = ?", "query-parameter"),
    ("postgresql", "SELECT id FROM orders WHERE id = $1", "query-parameter"),
    ("sqlite", "SELECT id FROM orders WHERE id = @country", "query-parameter"),
    ("*", "SELECT :tenant FROM orders", "query-parameter-reserved"),
    ("*", "SELECT id FROM orders WHERE id = :TENANT", "query-parameter-reserved"),
];

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
