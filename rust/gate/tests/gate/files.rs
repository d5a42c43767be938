//! Gate files: what is wrong, and where.

use crate::support::*;
use guard_gate::Gate;

/// Code, line and column of the findings.
fn findings(text: &str) -> Vec<String> {
    match Gate::load(text, &|_| None) {
        Ok(_) => Vec::new(),
        Err(found) => found.iter().map(|one| format!("{} {}:{}", one.code, one.span.line, one.span.column)).collect(),
    }
}

fn with(from: &str, to: &str) -> Vec<String> {
    assert!(GATE.contains(from), "{from}");
    findings(&GATE.replace(from, to))
}

#[test]
fn faults_have_places() {
    assert_eq!(with("limits:", "limts:"), ["gate-malformed 24:1"]);
    assert_eq!(with("guard-nb/v1", "guard-nb/v2"), ["gate-value 2:13"]);
    assert_eq!(with("hold: 5m", "hold: soon"), ["gate-value 6:7"]);
    assert_eq!(with("type: budget", "type: bugdet"), ["gate-value 25:23"]);
    assert_eq!(with("window: day", "window: fortnight"), ["gate-value 25:77"]);
    assert_eq!(with("Europe/Berlin", "Europe/Bärlin"), ["gate-value 25:88"]);
    assert_eq!(with("\"1000.00\"", "\"1000.001\""), ["gate-value 25:36"]);
    assert_eq!(with("currency: EUR, window", "currency: XAU, window"), ["gate-value 25:36"]);
    assert_eq!(with("[/payee]", "[/payeee]"), ["gate-pointer 25:108"]);
    assert_eq!(with("tools: [send_money]", "tools: [send_mony]").len(), 2);
    assert_eq!(with("amount: /amount,", "amount: /amuont,"), ["gate-pointer 20:21"]);
    assert_eq!(with("maxLength: 40", "maxLength: -1"), ["schema-invalid 15:43"]);
    assert_eq!(with("{type: integer}", "{$ref: \"#/$defs/x\"}"), ["schema-unresolved 19:23"]);
    assert_eq!(with("payee IN", "pajee IN"), ["column-unknown 21:36"]);
    assert_eq!(with("(:known_payees)", "(:known)").len(), 1);
    assert_eq!(with("escalate: \"amount > 200.00\"", "escalate: \"amount\"").len(), 1);
    assert_eq!(with("{known_payees: [acme, globex]}", "{known_payees: []}").len(), 2);
}

#[test]
fn digests_follow_the_meaning() {
    let plain = gate().digest;
    assert_eq!(load(&GATE.replace("{type: integer}", "{ \"type\":   \"integer\" } # a note")).digest, plain);
    assert_ne!(load(&GATE.replace("amount > 200.00", "amount > 200.01")).digest, plain);
}

#[test]
fn schemas_can_stand_in_files() {
    let text = GATE.replace("parts: {type: integer}", "parts: {$ref: parts.json}");
    let file = |body: &'static str| Gate::load(&text, &move |name| (name == "parts.json").then(|| body.to_owned()));
    let first = file(r#"{"type": "integer"}"#).unwrap();
    let other = file(r#"{"type": "integer", "minimum": 1}"#).unwrap();
    assert_ne!(first.digest, other.digest);
    assert_eq!(findings(&text), ["schema-unresolved 19:22"]);
}
