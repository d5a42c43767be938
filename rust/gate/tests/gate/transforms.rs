//! Transforms through the gate: what is proved before a record is seen.

use crate::support::codes;
use guard_gate::permit::Key;
use guard_gate::{Decision, Gate, Ledger, Verdict};
use serde_json::{Value, json};

const ORDERS: &str = "
apiVersion: v3.1.0
kind: DataContract
id: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer, required: true}
      - {name: amount, logicalType: number, required: true}
      - {name: parts, logicalType: integer}
      - {name: country, logicalType: string, required: true}
";

const DAILY: &str = "
apiVersion: v3.1.0
kind: DataContract
id: daily
version: 1.0.0
status: active
schema:
  - name: daily
    properties:
      - {name: id, logicalType: integer, required: true}
      - {name: share, logicalType: number}
      - {name: place, logicalType: string, required: true, logicalTypeOptions: {minLength: 1}}
";

const GATE: &str = "
apiVersion: guard-nb/v1
kind: Gate
id: shapes
params: {scale: 2}
transforms: {input: orders.odcs.yaml, output: daily.odcs.yaml}
";

fn load(text: &str) -> Result<Gate, Vec<String>> {
    let files = |name: &str| match name {
        "orders.odcs.yaml" => Some(ORDERS.to_owned()),
        "daily.odcs.yaml" => Some(DAILY.to_owned()),
        "broken.odcs.yaml" => Some("schema: 7".to_owned()),
        "two.odcs.yaml" => {
            Some(format!("{ORDERS}  - name: other\n    properties: [{{name: a, logicalType: integer}}]\n"))
        }
        _ => None,
    };
    Gate::load(text, &files).map_err(|found| found.iter().map(|one| one.code.name().to_owned()).collect())
}

fn decide(sql: &str, params: &Value) -> std::sync::Arc<Decision> {
    let proposal = json!({"kind": "transform", "id": "t", "principal": "bot", "sql": sql, "params": params});
    Ledger::memory(Key::new([1; 32])).decide(&load(GATE).unwrap(), proposal.to_string().as_bytes())
}

const FINE: &str = "SELECT id, amount / parts AS share, country AS place FROM input WHERE amount > :least";

#[test]
fn what_is_proved_is_allowed() {
    let decision = decide(FINE, &json!({"least": 10.5}));
    assert_eq!(decision.verdict, Verdict::Allow, "{:?}", decision.reasons);
    let document: Value = serde_json::from_str(&decision.to_json()).unwrap();
    let found = &document["transform"];
    assert_eq!(found["sql"], json!(FINE));
    assert_eq!(
        found["parameters"],
        json!([{"name": "least", "source": "proposal", "type": "decimal", "value": "10.5"}])
    );
    let share = &found["items"][1];
    assert_eq!((&share["name"], &share["from"]), (&json!("share"), &json!(["amount", "parts"])));
    assert_eq!(share["decidedBy"], json!(["amount"]));
    assert_eq!(found["filtered"], json!(true));
    assert_eq!(found["input"]["file"], json!("orders.odcs.yaml"));
    assert_eq!(found["output"]["object"], json!("daily"));
    assert_eq!(Decision::of_json(&decision.to_json()).unwrap(), Decision { permit: None, ..(*decision).clone() });
}

#[test]
fn what_is_not_proved_is_denied() {
    for (sql, expected) in [
        // Columns
        ("SELECT id, 1.0 AS share, country AS place, amount FROM input", vec!["transform-column-unknown"]),
        ("SELECT id, country AS place FROM input", vec!["transform-column-missing"]),
        (
            "SELECT id, 1.0 AS shares, country AS place FROM input",
            vec!["transform-column-unknown", "transform-column-missing"],
        ),
        // Types
        ("SELECT id, country AS share, country AS place FROM input", vec!["transform-type"]),
        ("SELECT country AS id, 1.0 AS share, country AS place FROM input", vec!["transform-type"]),
        // NULL
        ("SELECT parts AS id, 1.0 AS share, country AS place FROM input", vec!["transform-null"]),
        ("SELECT id, 1.0 AS share, CASE WHEN id > 1 THEN 'a' END AS place FROM input", vec!["transform-null"]),
        ("SELECT NULL AS id, 1.0 AS share, country AS place FROM input", vec!["transform-type|transform-null"]),
        // Values
        ("SELECT id, 1.0 AS share, '' AS place FROM input", vec!["clause-impossible"]),
        // More than one record, or more than one input
        ("SELECT sum(id) AS id, 1.0 AS share, country AS place FROM input", vec!["expression-not-supported"]),
        ("SELECT id, 1.0 AS share, (SELECT 'x') AS place FROM input", vec!["expression-not-supported"]),
        ("SELECT id, 1.0 AS share, country AS place FROM input, input", vec!["expression-not-supported"]),
        ("SELECT id, 1.0 AS share, country AS place FROM input GROUP BY id", vec!["expression-not-supported"]),
        ("SELECT id, 1.0 AS share, country AS place FROM users", vec!["column-unknown"]),
        ("SELECT id, 1.0 AS share, secret AS place FROM input", vec!["column-unknown"]),
        ("DROP TABLE orders", vec!["expression-syntax|expression-not-supported"]),
    ] {
        let decision = decide(sql, &json!({}));
        let found = codes(&decision);
        let fits = found.len() == expected.len()
            && found.iter().zip(&expected).all(|(found, expected)| expected.split('|').any(|one| one == *found));
        assert!(decision.verdict == Verdict::Deny && fits, "{sql}\n{:?}", decision.reasons);
        assert!(decision.permit.is_none() && decision.answer.is_none());
        assert!(decision.reasons.iter().all(|reason| reason.path.as_deref() == Some("/sql")));
    }
    // Nearly: the same with a value for NULL.
    for place in ["CASE WHEN id > 1 THEN 'a' ELSE 'b' END", "country", "'x'"] {
        let sql = format!("SELECT coalesce(parts, 0) AS id, 1.0 AS share, {place} AS place FROM input");
        assert_eq!(decide(&sql, &json!({})).verdict, Verdict::Allow, "{:?}", decide(&sql, &json!({})).reasons);
    }
}

#[test]
fn parameters_of_a_transform_are_its_own_and_used() {
    assert_eq!(codes(&decide(FINE, &json!({"least": 1, "scale": 3}))), ["query-parameter-reserved"]);
    assert_eq!(codes(&decide(FINE, &json!({"least": [1]}))), ["query-parameter"]);
    assert_eq!(codes(&decide(FINE, &json!({"least": 1, "more": 3}))), ["params-unused"]);
    let unbound = decide(FINE, &json!({}));
    assert_eq!((unbound.verdict, unbound.reasons.len()), (Verdict::Deny, 1));
    assert!(unbound.reasons[0].span().is_some());
    assert_eq!(decide(FINE, &json!({"least": 1})).verdict, Verdict::Allow);
}

#[test]
fn a_permit_binds_the_transform() {
    let ledger = Ledger::memory(Key::new([1; 32]));
    let proposal = json!({"kind": "transform", "id": "t", "principal": "bot", "sql": FINE, "params": {"least": 1}});
    let decision = ledger.decide(&load(GATE).unwrap(), proposal.to_string().as_bytes());
    let call = ledger.redeem(&decision.permit.clone().unwrap()).unwrap();
    assert_eq!(call.arguments, decision.answer.clone().unwrap().canonical());
    let query = json!({"kind": "query", "id": "q", "principal": "bot", "sql": "SELECT 1 AS a"});
    assert_eq!(codes(&ledger.decide(&load(GATE).unwrap(), query.to_string().as_bytes())), ["kind-unsupported"]);
}

#[test]
fn the_contracts_are_part_of_the_gate() {
    let digest = load(GATE).unwrap().digest;
    let swapped = GATE.replace("input: orders", "input: daily").replace("output: daily", "output: orders");
    assert_ne!(load(&swapped).unwrap().digest, digest);
    let faults = |from: &str, to: &str| load(&GATE.replace(from, to)).err().unwrap_or_default();
    assert_eq!(faults("orders.odcs.yaml", "nowhere.odcs.yaml"), ["gate-value"]);
    assert_eq!(faults("orders.odcs.yaml", "broken.odcs.yaml"), ["gate-value"]);
    assert_eq!(faults("orders.odcs.yaml", "two.odcs.yaml"), ["gate-value"]);
    assert_eq!(faults("orders.odcs.yaml", "two.odcs.yaml, inputObject: other"), Vec::<String>::new());
    assert_eq!(faults("orders.odcs.yaml", "orders.odcs.yaml, inputObject: others"), ["gate-value"]);
    assert_eq!(faults("input:", "inputs:"), ["key-missing", "gate-malformed"]);
    let tool = "tools: [{name: transform, inputSchema: {type: object}, allow: \"TRUE\"}]\ntransforms:";
    assert_eq!(faults("transforms:", tool), ["name-duplicate"]);
}
