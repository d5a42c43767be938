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

/// The file with a change has these faults: codes, and the text that each stands at.
fn with(from: &str, to: &str, faults: &[(&str, &str)]) {
    assert!(GATE.contains(from), "{from}");
    let text = GATE.replace(from, to);
    let place = |needle: &str| {
        let at = text.rfind(needle).unwrap_or_else(|| panic!("{needle}"));
        let line = text[..at].matches('\n').count() + 1;
        let column = text[text[..at].rfind('\n').map_or(0, |at| at + 1)..at].chars().count() + 1;
        format!("{line}:{column}")
    };
    let wanted: Vec<String> = faults.iter().map(|(code, needle)| format!("{code} {}", place(needle))).collect();
    assert_eq!(findings(&text), wanted, "{to}");
}

#[test]
fn faults_have_places() {
    with("limits:", "limts:", &[("gate-malformed", "limts")]);
    with("guard-nb/v1", "guard-nb/v2", &[("gate-value", "guard-nb/v2")]);
    with("hold: 5m", "hold: soon", &[("gate-value", "soon")]);
    with("type: budget", "type: bugdet", &[("gate-value", "bugdet")]);
    with("window: day", "window: fortnight", &[("gate-value", "fortnight")]);
    with("Europe/Berlin", "Europe/Bärlin", &[("gate-value", "Europe/B")]);
    with("\"1000.00\"", "\"1000.001\"", &[("gate-value", "\"1000.001")]);
    with("currency: EUR, window", "currency: XAU, window", &[("gate-value", "\"1000.00")]);
    with("[/payee]", "[/payeee]", &[("gate-pointer", "/payeee")]);
    with(
        "tools: [send_money]",
        "tools: [send_mony]",
        &[("gate-value", "{name: day"), ("gate-tool-unlisted", "send_mony")],
    );
    with("amount: /amount,", "amount: /amuont,", &[("gate-pointer", "/amuont"), ("gate-value", "{name: day")]);
    with("maxLength: 40", "maxLength: -1", &[("schema-invalid", "-1")]);
    with("{type: integer}", "{$ref: \"#/$defs/x\"}", &[("schema-unresolved", "\"#/$defs/x")]);
    with("payee IN", "pajee IN", &[("column-unknown", "pajee")]);
    with("(:known_payees)", "(:known)", &[("parameter-unbound", ":known)")]);
    with("\"amount > 200.00\"", "\"amount\"", &[("operand-types", "amount\"\nlimits")]);
    with(
        "{known_payees: [acme, globex]}",
        "{known_payees: []}",
        &[("gate-value", "[]}"), ("parameter-unbound", ":known_payees")],
    );
    with(
        "{known_payees: [acme, globex]}",
        "{known_payees: [acme, globex], known_payees.0: evil}",
        &[("gate-value", "evil")],
    );
    with("    allow:", "    alow:", &[("key-missing", "name: send_money\n"), ("gate-malformed", "alow")]);
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
    assert_eq!(findings(&text), ["schema-unresolved 18:23"]);
}
