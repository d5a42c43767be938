//! Queries through the gate: what is approved, what is denied, who binds which value.

use crate::support::{NOON, SECOND, codes, load, on_each};
use guard_gate::permit::Key;
use guard_gate::{Decision, Gate, Ledger, Verdict};
use serde_json::{Value, json};

pub const QUERIES: &str = r#"
apiVersion: guard-nb/v1
kind: Gate
id: reports
params: {least: 5, region: EU, lists: [a, b]}
queries:
  dialect: duckdb
  context: [tenant]
  relations:
    orders: {columns: [id, customer_id, amount, country], where: "tenant = :tenant AND amount >= :least", rows: 1000}
    countries: {columns: [code, region], rows: 250}
  functions: [sum, count, lower]
  maxRows: 100
limits:
  - {name: burst, type: velocity, max: 3, window: day, by: [principal], tools: [query]}
"#;

fn bare() -> Gate {
    load(QUERIES)
}

fn gate() -> Gate {
    bare().with_context(br#"{"tenant": 4}"#).unwrap()
}

fn ask(id: &str, sql: &str, params: &Value) -> String {
    json!({"kind": "query", "id": id, "principal": "bot-7", "sql": sql, "params": params}).to_string()
}

fn decide(gate: &Gate, sql: &str, params: &Value) -> std::sync::Arc<Decision> {
    Ledger::memory(Key::new([1; 32])).decide(gate, ask("q", sql, params).as_bytes())
}

fn document(decision: &Decision) -> Value {
    serde_json::from_str(&decision.to_json()).unwrap()
}

#[test]
fn a_narrowed_text_is_a_transform_and_an_unchanged_one_is_allowed() {
    let narrowed = |sql: &str| {
        let decision = decide(&gate(), sql, &json!({}));
        (decision.verdict, document(&decision)["query"]["narrowed"].clone())
    };
    assert_eq!(narrowed("SELECT code FROM countries LIMIT 100"), (Verdict::Allow, json!([])));
    assert_eq!(narrowed("SELECT code FROM countries LIMIT 101"), (Verdict::Transform, json!(["limit"])));
    assert_eq!(narrowed("SELECT code FROM countries"), (Verdict::Transform, json!(["limit"])));
    assert_eq!(narrowed("SELECT id FROM orders LIMIT 1"), (Verdict::Transform, json!(["predicate"])));
    assert_eq!(narrowed("SELECT id FROM orders"), (Verdict::Transform, json!(["predicate", "limit"])));
}

#[test]
fn the_decision_says_what_runs_and_what_is_read() {
    let sql = "SELECT country, sum(amount) AS total FROM orders WHERE country <> :home GROUP BY country LIMIT 10";
    let decision = decide(&gate(), sql, &json!({"home": "DE"}));
    let query = &document(&decision)["query"];
    let text = query["sql"].as_str().unwrap();
    assert!(text.contains("= $tenant") && text.contains("$home") && !text.contains("DE"), "{text}");
    assert_eq!(
        query["parameters"],
        json!([
            {"name": "home", "source": "proposal", "type": "text", "value": "DE"},
            {"name": "least", "source": "gate", "type": "integer", "value": "5"},
            {"name": "tenant", "source": "context", "type": "integer", "value": "4"},
        ])
    );
    assert_eq!(query["tables"], json!([{"table": "orders", "references": 1}]));
    let column = |name: &str| json!({"table": "orders", "column": name});
    assert_eq!(query["columns"], json!([column("amount"), column("country")]));
    assert_eq!(
        query["lineage"],
        json!([{"name": "country", "from": [column("country")]}, {"name": "total", "from": [column("amount")]}])
    );
    assert_eq!((&query["limit"], &query["dialect"]), (&json!(10), &json!("duckdb")));
    assert_eq!(query["cost"], json!({"label": "UPPER_BOUND", "scanned": 1000}));
    assert!(decision.obligations.iter().all(|one| one.outcome == guard_gate::Outcome::Held));
    assert_eq!(Decision::of_json(&decision.to_json()).unwrap(), Decision { permit: None, ..(*decision).clone() });
}

#[test]
fn costs_are_labelled() {
    let cost = |sql: &str| document(&decide(&gate(), sql, &json!({})))["query"]["cost"].clone();
    assert_eq!(cost("SELECT 1 AS one"), json!({"label": "PRECISE", "scanned": 0}));
    assert_eq!(cost("SELECT o.id FROM orders o, countries c"), json!({"label": "UPPER_BOUND", "scanned": 1250}));
    let correlated = "SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM countries c WHERE c.code = o.country)";
    assert_eq!(cost(correlated), json!({"label": "HEURISTIC", "scanned": 1250}));
}

#[test]
fn the_tenant_never_comes_from_the_proposal() {
    let sql = "SELECT id FROM orders";
    for params in [json!({"tenant": 5}), json!({"TENANT": 5}), json!({"least": 0}), json!({"region": "US"})] {
        let decision = decide(&gate(), sql, &params);
        assert_eq!((decision.verdict, codes(&decision)), (Verdict::Deny, vec!["query-parameter-reserved"]), "{params}");
        let name = params.as_object().unwrap().keys().next().unwrap();
        assert_eq!(decision.reasons[0].path.as_deref(), Some(format!("/params/{name}").as_str()));
    }
    for name in [":tenant", "$tenant", ":TENANT"] {
        let decision = decide(&gate(), &format!("SELECT id FROM orders WHERE id = {name}"), &json!({}));
        assert_eq!(codes(&decision), ["query-parameter-reserved"], "{name}");
    }
    // Without a context the gate has no value to bind.
    assert_eq!(codes(&decide(&bare(), sql, &json!({}))), ["query-parameter"]);
    assert_eq!(codes(&decide(&bare(), sql, &json!({"tenant": 4}))), ["query-parameter-reserved"]);
    assert_eq!(decide(&bare(), "SELECT code FROM countries", &json!({})).verdict, Verdict::Transform);
}

#[test]
fn a_context_has_exactly_the_names_asked_for() {
    for (context, fits) in [
        (r#"{"tenant": 4}"#, true),
        (r#"{"tenant": "t-4"}"#, true),
        (r#"{"tenant": 4, "other": 1}"#, false),
        (r#"{"tennant": 4}"#, false),
        (r#"{"tenant": null}"#, false),
        (r#"{"tenant": [4]}"#, false),
        (r#"{"tenant": 1e-99}"#, false),
        ("{}", false),
        ("4", false),
        ("", false),
    ] {
        let found = bare().with_context(context.as_bytes());
        assert_eq!(found.is_ok(), fits, "{context}");
        assert!(found.is_ok() || found.unwrap_err()[0].code.name() == "query-context");
    }
    assert!(crate::support::gate().with_context(b"{}").is_err());
    let digest = |context: &[u8]| bare().with_context(context).unwrap().digest;
    assert_ne!(digest(br#"{"tenant": 4}"#), bare().digest);
    assert_ne!(digest(br#"{"tenant": 4}"#), digest(br#"{"tenant": "4"}"#));
    let again = gate().with_context(br#"{"tenant": 5}"#).unwrap();
    assert_eq!(again.digest, digest(br#"{"tenant": 5}"#));
}

#[test]
fn reasons_stand_at_their_places() {
    let decision = decide(&gate(), "SELECT id,\n  secret FROM orders", &json!({}));
    let reason = &document(&decision)["reasons"][0];
    assert_eq!((&reason["code"], &reason["path"]), (&json!("query-column-unknown"), &json!("/sql")));
    assert_eq!(reason["span"], json!({"line": 2, "column": 3, "start": 13, "end": 19}));
    assert!(reason["help"].as_str().unwrap().contains("`country`"));
    assert!(document(&decision).get("query").is_none());
}

#[test]
fn obligations_say_how_far_judging_came() {
    let outcomes = |sql: &str, params: Value| {
        let decision = decide(&gate(), sql, &params);
        let of = |name: &str| decision.obligations.iter().find(|one| one.name == name).unwrap().outcome.name();
        ["parameters", "parse", "relations", "functions", "text", "burst"].map(of)
    };
    let (held, failed, waits) = ("held", "failed", "not-reached");
    assert_eq!(outcomes("SELECT id FROM orders", json!({})), [held; 6]);
    assert_eq!(outcomes("SELECT id FROM", json!({})), [held, failed, waits, waits, waits, waits]);
    assert_eq!(outcomes("SELECT $$x$$ AS x", json!({})), [held, failed, waits, waits, waits, waits]);
    assert_eq!(outcomes("SELECT id FROM users", json!({})), [held, held, failed, held, waits, waits]);
    assert_eq!(outcomes("SELECT getenv('A') AS a FROM users", json!({})), [held, held, failed, failed, waits, waits]);
    assert_eq!(outcomes("SELECT 1 AS a", json!({"tenant": 1})), [failed, waits, waits, waits, waits, waits]);
}

#[test]
fn values_that_cannot_be_bound_are_denied() {
    for value in [json!([1]), json!({"a": 1})] {
        let decision = decide(&gate(), "SELECT id FROM orders WHERE id = :x", &json!({"x": value}));
        assert_eq!(codes(&decision), ["query-parameter"]);
    }
    assert_eq!(codes(&decide(&gate(), "SELECT id FROM orders WHERE id = :x", &json!({}))), ["query-parameter"]);
    assert_eq!(codes(&decide(&gate(), "SELECT id FROM orders LIMIT :n", &json!({"n": "5"}))), ["query-limit"]);
    assert_eq!(decide(&gate(), "SELECT id FROM orders LIMIT :n", &json!({"n": 5})).verdict, Verdict::Transform);
}

#[test]
fn members_of_a_query_are_checked() {
    let fresh = || Ledger::memory(Key::new([1; 32]));
    let base = json!({"kind": "query", "id": "q", "principal": "p", "sql": "SELECT 1 AS a"});
    let with = |key: &str, value: Option<Value>| {
        let mut changed = base.clone();
        match value {
            Some(value) => drop(changed.as_object_mut().unwrap().insert(key.to_owned(), value)),
            None => drop(changed.as_object_mut().unwrap().remove(key)),
        }
        codes(&fresh().decide(&gate(), changed.to_string().as_bytes()))
    };
    assert_eq!(with("sql", None), ["proposal-member"]);
    assert_eq!(with("sql", Some(json!(""))), ["proposal-member"]);
    assert_eq!(with("sql", Some(json!(7))), ["proposal-member"]);
    assert_eq!(with("params", Some(json!([]))), ["proposal-member"]);
    assert_eq!(with("context", Some(json!({"tenant": 5}))), ["proposal-member"]);
    assert_eq!(with("tool", Some(json!("query"))), ["proposal-member"]);
    let shell = json!({"kind": "shell", "id": "s", "principal": "p"}).to_string();
    assert_eq!(codes(&fresh().decide(&gate(), shell.as_bytes())), ["kind-unsupported"]);
    // An action cannot pass for a query, whatever its tool is called.
    let action = json!({"kind": "action", "id": "t", "principal": "p", "tool": "query", "arguments": {}}).to_string();
    assert_eq!(codes(&fresh().decide(&gate(), action.as_bytes())), ["tool-unknown"]);
    let query = ask("u", "SELECT 1 AS a", &json!({}));
    assert_eq!(codes(&fresh().decide(&crate::support::gate(), query.as_bytes())), ["kind-unsupported"]);
}

#[test]
fn a_permit_binds_the_approved_text() {
    on_each(|ledger, time| {
        let decision = ledger.decide(&gate(), ask("q", "SELECT id FROM orders", &json!({})).as_bytes());
        let permit = decision.permit.clone().unwrap();
        let approved = decision.answer.clone().unwrap();
        time.set(NOON + SECOND);
        let call = ledger.redeem(&permit).unwrap();
        assert_eq!((call.tool.as_str(), call.arguments.as_str()), ("", approved.canonical().as_str()));
        assert!(call.arguments.contains("LIMIT 100") && call.arguments.contains("$tenant"));
        assert_eq!(ledger.redeem(&permit).unwrap_err().code.name(), "permit-used");
        ledger.commit(&permit, None).unwrap();
        let again = ledger.decide(&gate(), ask("q", "SELECT id FROM orders", &json!({})).as_bytes());
        assert_eq!((again.verdict, again.replayed, again.answer.clone()), (Verdict::Transform, true, Some(approved)));
        ledger.verify(&[]).unwrap();
    });
}

#[test]
fn a_record_with_another_text_is_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = Ledger::sqlite(&path).unwrap();
    let permit =
        ledger.decide(&gate(), ask("q", "SELECT id FROM orders", &json!({})).as_bytes()).permit.clone().unwrap();
    let store = rusqlite::Connection::open(&path).unwrap();
    let edit = "UPDATE records SET decision = replace(decision, 'LIMIT 100', 'LIMIT 999')";
    assert_eq!(store.execute(edit, []).unwrap(), 1);
    assert_eq!(ledger.redeem(&permit).unwrap_err().code.name(), "permit-invalid");
}

#[test]
fn limits_name_the_kind() {
    on_each(|ledger, _| {
        for id in ["a", "b", "c"] {
            let decision = ledger.decide(&gate(), ask(id, "SELECT id FROM orders", &json!({})).as_bytes());
            assert_eq!(decision.verdict, Verdict::Transform);
        }
        let fourth = ledger.decide(&gate(), ask("d", "SELECT id FROM orders", &json!({})).as_bytes());
        assert_eq!(codes(&fourth), ["velocity-exceeded"]);
        assert!(fourth.answer.is_none() && !fourth.to_json().contains("LIMIT"));
        // Denied queries spend nothing.
        let other = ask("e", "SELECT id FROM users", &json!({})).replace("bot-7", "bot-8");
        assert_eq!(codes(&ledger.decide(&gate(), other.as_bytes())), ["query-relation-unknown"]);
        let other = ask("f", "SELECT id FROM orders", &json!({})).replace("bot-7", "bot-8");
        assert_eq!(ledger.decide(&gate(), other.as_bytes()).verdict, Verdict::Transform);
    });
}

#[test]
fn queries_can_come_first_in_an_order_and_once() {
    let text = QUERIES.replace(
        "limits:",
        r#"tools:
  - {name: pay, inputSchema: {type: object, properties: {a: {type: integer}}}, allow: "TRUE"}
limits:
  - {name: seen, type: order, first: query, then: pay, within: 1h}
  - {name: same, type: once, by: [/sql], tools: [query]}"#,
    );
    let gate = load(&text).with_context(br#"{"tenant": 4}"#).unwrap();
    let pay = |id: &str| {
        json!({"kind": "action", "id": id, "principal": "p", "task": "t", "tool": "pay", "arguments": {"a": 1}})
            .to_string()
    };
    let query = |id: &str| {
        ask(id, "SELECT id FROM orders", &json!({})).replace("\"principal\"", "\"task\":\"t\",\"principal\"")
    };
    on_each(|ledger, _| {
        assert_eq!(codes(&ledger.decide(&gate, pay("a").as_bytes())), ["order-missing"]);
        let read = ledger.decide(&gate, query("b").as_bytes());
        ledger.commit(&read.permit.clone().unwrap(), None).unwrap();
        assert_eq!(ledger.decide(&gate, pay("c").as_bytes()).verdict, Verdict::Allow);
        assert_eq!(codes(&ledger.decide(&gate, query("d").as_bytes())), ["intent-repeated"]);
    });
}

/// Codes and the line that each stands at.
fn faults(from: &str, to: &str) -> Vec<(String, String)> {
    assert!(QUERIES.contains(from), "{from}");
    let text = QUERIES.replace(from, to);
    let line = |at: usize| text.lines().nth(at - 1).unwrap_or_default().trim().to_owned();
    match Gate::load(&text, &|_| None) {
        Ok(_) => Vec::new(),
        Err(found) => found.iter().map(|one| (one.code.name().to_owned(), line(one.span.line))).collect(),
    }
}

#[test]
fn faults_of_the_section_have_places() {
    let one = |from: &str, to: &str, code: &str, line: &str| {
        let found = faults(from, to);
        assert!(found.iter().any(|(own, text)| own == code && text.starts_with(line)), "{to}: {found:?}");
    };
    one("dialect: duckdb", "dialect: mysql", "gate-value", "dialect: mysq");
    one("  dialect: duckdb\n", "", "key-missing", "context: [tena");
    one("  maxRows: 100\n", "", "key-missing", "dialect: duckd");
    one("maxRows: 100", "maxRow: 100", "gate-malformed", "maxRow: 100");
    one("maxRows: 100", "maxRows: 0", "gate-value", "maxRows: 0");
    one("maxRows: 100", "maxRows: 1\n  limits: {byte: 3}", "gate-malformed", "limits: {byte:");
    one("maxRows: 100", "maxRows: 1\n  limits: {bytes: 70000}", "query-policy", "limits: {bytes");
    one("[sum, count, lower]", "[sum, pg_sleep]", "query-policy", "functions: [su");
    one("columns: [code, region]", "column: [code]", "gate-malformed", "countries: {co");
    one("columns: [code, region]", "columns: [code, code]", "query-policy", "countries: {co");
    one("columns: [code, region]", "columns: [code, 7]", "kind-mismatch", "countries: {co");
    one("columns: [code, region]", "columns: []", "query-policy", "countries: {co");
    one("tenant = :tenant", "tenant = :tenant AND", "query-policy", "orders: {colum");
    one("tenant = :tenant", "tenant = :tenant AND x = :y", "gate-value", "orders: {colum");
    one("tenant = :tenant", "tenant = :tenant AND x = :lists", "gate-value", "orders: {colum");
    one("where: \"tenant = :tenant AND amount >= :least\"", "where:", "gate-value", "orders: {colum");
    one("rows: 1000", "rows: many", "gate-value", "orders: {colum");
    one("rows: 1000", "row: 1000", "gate-malformed", "orders: {colum");
    one("context: [tenant]", "context: [tenant, user]", "query-context", "context: [tena");
    one("context: [tenant]", "context: [tenant, least]", "name-duplicate", "context: [tena");
    one("tools: [query]", "tools: [queries]", "gate-tool-unlisted", "- {name: burst");
    one(
        "velocity, max: 3, window: day, by: [principal]",
        "budget, max: \"3\", currency: EUR, window: day",
        "gate-value",
        "- {name: burst",
    );
    assert_eq!(faults("context: [tenant]", "context: [tenant]"), []);
}
