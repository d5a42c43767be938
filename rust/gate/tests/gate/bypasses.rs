//! Ways around a query gate, from proposal to decision, in each dialect.

#[path = "../../../query/tests/common/table.rs"]
mod table;

use crate::support::{codes, load};
use guard_gate::permit::Key;
use guard_gate::{Gate, Ledger, Verdict};
use serde_json::json;
use table::TABLE;

const DIALECTS: [(&str, guard_query::Dialect); 4] = [
    ("duckdb", guard_query::Dialect::Duckdb),
    ("postgresql", guard_query::Dialect::Postgresql),
    ("sqlite", guard_query::Dialect::Sqlite),
    ("generic", guard_query::Dialect::Generic),
];

fn gate(name: &str, dialect: guard_query::Dialect) -> Gate {
    let functions: std::collections::BTreeSet<&str> = guard_query::known_functions(dialect).collect();
    let functions: Vec<&str> = functions.into_iter().collect();
    let text = format!(
        r#"
apiVersion: guard-nb/v1
kind: Gate
id: reports
params: {{tenant: 4}}
queries:
  dialect: {name}
  relations:
    orders: {{columns: [id, customer_id, amount, country, created], where: "tenant = :tenant"}}
    customers: {{columns: [id, name, country, Segment], where: "tenant = :tenant AND NOT deleted"}}
    sales.countries: {{columns: [code, region], rows: 250}}
  functions: [{}]
  maxRows: 1000
"#,
        functions.join(", ")
    );
    load(&text)
}

fn decide(gate: &Gate, sql: &str) -> std::sync::Arc<guard_gate::Decision> {
    let proposal = json!({
        "kind": "query", "id": "q", "principal": "bot-7", "sql": sql,
        "params": {"country": "DE", "least": 10, "n": 25, "text": "x"},
    });
    Ledger::memory(Key::new([1; 32])).decide(gate, proposal.to_string().as_bytes())
}

#[test]
fn every_bypass_is_denied_end_to_end() {
    let mut wrong = Vec::new();
    let mut judged = 0;
    for (name, dialect) in DIALECTS {
        let gate = gate(name, dialect);
        for (whose, sql, expected) in TABLE.iter().filter(|(whose, ..)| *whose == "*" || *whose == name) {
            // An empty text is no proposal of a query.
            let expected = if sql.is_empty() { "proposal-member" } else { expected };
            let decision = decide(&gate, sql);
            let first = codes(&decision).first().copied().unwrap_or_default();
            if decision.verdict != Verdict::Deny || !expected.split('|').any(|expected| expected == first) {
                wrong.push(format!("{name} ({whose}): {sql}: {first}, not {expected}"));
            }
            assert!(decision.permit.is_none() && decision.answer.is_none());
            judged += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(judged >= 60, "{judged}");
}

fn denied(name: &str, sql: &str) -> Vec<&'static str> {
    let dialect = DIALECTS.iter().find(|(own, _)| *own == name).unwrap().1;
    let decision = decide(&gate(name, dialect), sql);
    assert_eq!(decision.verdict, Verdict::Deny, "{sql}");
    codes(&decision)
}

/// postgres-mcp#178
#[test]
fn table_functions_are_no_way_past_a_list_of_functions() {
    assert_eq!(denied("postgresql", "SELECT * FROM pg_ls_dir('/')"), ["query-table-function"]);
    assert_eq!(denied("postgresql", "SELECT * FROM lower('X') AS t"), ["query-table-function"]);
}

/// sqlsaber#184
#[test]
fn a_file_is_no_relation() {
    assert_eq!(denied("duckdb", "SELECT * FROM '/etc/passwd'"), ["query-relation-unknown"]);
    assert_eq!(denied("duckdb", "FROM '/etc/passwd'"), ["query-statement"]);
}

/// deepsql#112
#[test]
fn dblink_reaches_no_other_server() {
    let sql = "SELECT * FROM dblink('host=evil', 'SELECT 1') AS t(a int)";
    assert_eq!(denied("postgresql", sql), ["query-table-function"]);
    assert_eq!(denied("postgresql", "SELECT dblink_exec('DROP TABLE orders')"), ["query-function-unknown"]);
}

/// awslabs/mcp#4575
#[test]
fn unicode_escapes_hide_no_name() {
    assert_eq!(denied("postgresql", "SELECT * FROM U&\"\\0070g_shadow\""), ["query-literal"]);
    assert_eq!(denied("postgresql", "SELECT U&'\\0041' FROM orders"), ["query-literal"]);
}

/// invariant README: a text that contains what a pattern looks for need not mean it.
#[test]
fn what_a_text_contains_is_not_what_it_reads() {
    assert_eq!(denied("duckdb", "SELECT 'FROM orders WHERE tenant = 4' AS x FROM users"), ["query-relation-unknown"]);
    assert_eq!(denied("duckdb", "SELECT id AS \"orders.id\" FROM \"orders users\""), ["query-relation-unknown"]);
    let decision =
        decide(&gate("duckdb", guard_query::Dialect::Duckdb), "SELECT 'DROP TABLE orders; --' AS x FROM orders");
    assert_eq!(decision.verdict, Verdict::Transform);
}
