//! Records inside of arguments.

use guard_gate::narrow::{Answer, compare};
use guard_gate::{Gate, Ledger, Verdict, permit::Key};

const ORDERS: &str = r"
apiVersion: v3.1.0
kind: DataContract
id: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer, required: true, unique: true}
      - {name: qty, logicalType: integer, logicalTypeOptions: {minimum: 1}}
    quality:
      - {id: ratio, type: custom, engine: guard_nb, implementation: {rule: 'qty % id < 5'}}
";

const LOADS: &str = r"
apiVersion: guard-nb/v1
kind: Gate
id: loads
tools:
  - name: load
    inputSchema:
      type: object
      properties: {orders: {type: array, items: {type: object}}, one: {type: object}}
    records: {/orders: orders.odcs.yaml}
    allow: 'TRUE'
";

fn with(text: &str, contract: &str) -> Result<Gate, Vec<String>> {
    let read = |name: &str| (name == "orders.odcs.yaml").then(|| contract.to_owned());
    Gate::load(text, &read).map_err(|found| found.iter().map(|one| format!("{} {}", one.code, one.path)).collect())
}

/// Codes and places of the reasons for arguments.
fn reasons(gate: &Gate, arguments: &str) -> Vec<String> {
    let text = format!(r#"{{"kind":"action","id":"1","principal":"p","tool":"load","arguments":{arguments}}}"#);
    let decision = Ledger::memory(Key::new([1; 32])).decide(gate, text.as_bytes());
    assert_eq!(decision.verdict == Verdict::Allow, decision.reasons.is_empty());
    let shown = |path: &Option<String>| path.clone().unwrap_or_default();
    decision.reasons.iter().map(|one| format!("{} {} {}", one.code, shown(&one.path), one.message)).collect()
}

#[test]
fn one_rejected_record_denies() {
    let gate = with(LOADS, ORDERS).unwrap();
    let none: [&str; 0] = [];
    assert_eq!(reasons(&gate, r#"{"orders":[{"id":1,"qty":2},{"id":2,"qty":1}]}"#), none);
    assert_eq!(reasons(&gate, "{}"), none);
    let starts = |arguments: &str, wanted: &[&str]| {
        let found = reasons(&gate, arguments);
        assert_eq!(found.len(), wanted.len(), "{found:?}");
        for (found, wanted) in found.iter().zip(wanted) {
            assert!(found.starts_with(wanted), "{found}");
        }
    };
    starts(r#"{"orders":[{"id":1,"qty":2},{"id":2,"qty":0}]}"#, &["record-rejected /orders/1/qty value-out-of-range"]);
    starts(r#"{"orders":[{"qty":2}]}"#, &["record-rejected /orders/0/id value-missing"]);
    starts(
        r#"{"orders":[{"id":7,"qty":1},{"id":7,"qty":1}]}"#,
        &["record-rejected /orders/0/id value-duplicate", "record-rejected /orders/1/id value-duplicate"],
    );
    starts(r#"{"orders":[{"id":"x","qty":1}]}"#, &["record-rejected /orders/0/id type-mismatch"]);
    starts(r#"{"orders":[{"id":0,"qty":1}]}"#, &["record-rejected /orders/0 division-by-zero"]);
}

#[test]
fn what_is_no_record_is_denied() {
    let gate = with(&LOADS.replace("array, items: {type: object}", "array"), ORDERS).unwrap();
    assert_eq!(
        reasons(&gate, r#"{"orders":[{"id":1},4]}"#),
        ["record-rejected /orders/1 json-not-object: the record is no object"]
    );
    let many = vec!["{}"; 10_001].join(",");
    assert_eq!(
        reasons(&gate, &format!("{{\"orders\":[{many}]}}")),
        ["records-too-many /orders 10001 records; at most 10000 are judged"]
    );
    let one = with(&LOADS.replace("/orders:", "/one:"), ORDERS).unwrap();
    assert!(reasons(&one, r#"{"one":{"id":1,"qty":0}}"#)[0].starts_with("record-rejected /one/qty value-out-of-range"));
    assert_eq!(reasons(&one, r#"{"one":{"id":1,"qty":1}}"#).len(), 0);
}

#[test]
fn contracts_are_found_and_sound() {
    let gone = LOADS.replace("orders.odcs.yaml", "ordres.odcs.yaml");
    assert_eq!(with(&gone, ORDERS).unwrap_err(), ["records-contract tools[0].records./orders"]);
    assert_eq!(with(LOADS, "id: x").unwrap_err(), ["records-contract tools[0].records./orders"]);
    assert_eq!(
        with(&LOADS.replace("{/orders:", "{/ordres:"), ORDERS).unwrap_err(),
        ["gate-pointer tools[0].records./ordres"]
    );
    let two = ORDERS.to_owned() + "  - {name: more, properties: [{name: a}]}\n";
    assert_eq!(with(LOADS, &two).unwrap_err(), ["records-contract tools[0].records./orders"]);
    assert_eq!(
        with(&LOADS.replace("{/orders: orders.odcs.yaml}", "{}"), ORDERS).unwrap_err(),
        ["kind-mismatch tools[0].records"]
    );
}

#[test]
fn contracts_are_part_of_the_gate() {
    let gate = with(LOADS, ORDERS).unwrap();
    let other = with(LOADS, &ORDERS.replace("minimum: 1", "minimum: 0")).unwrap();
    assert_ne!(gate.digest, other.digest);
    assert!(!matches!(compare(&other, &gate), Answer::Proved));
    assert_eq!(compare(&gate, &gate), Answer::Proved);
    let without = with(&LOADS.replace("    records: {/orders: orders.odcs.yaml}\n", ""), ORDERS).unwrap();
    assert_eq!(compare(&gate, &without), Answer::Proved);
    assert!(!matches!(compare(&without, &gate), Answer::Proved));
}
