//! What is decided, and which reasons stand first.

use crate::support::*;
use guard_gate::permit::Key;
use guard_gate::{Ledger, Verdict};

fn decided(text: &str) -> (Verdict, Vec<&'static str>) {
    let decision = Ledger::memory(Key::new([1; 32])).decide(&gate(), text.as_bytes());
    (decision.verdict, codes(&decision))
}

fn denied(text: &str) -> Vec<&'static str> {
    let (verdict, codes) = decided(text);
    assert_eq!(verdict, Verdict::Deny, "{text}");
    codes
}

#[test]
fn a_good_call_is_allowed() {
    assert_eq!(decided(&pay("a", "7.35")), (Verdict::Allow, vec![]));
    assert_eq!(decided(&pay("a", "200.00")), (Verdict::Allow, vec![]));
    assert_eq!(decided(&pay("a", "200.01")), (Verdict::Escalate, vec!["approval-required"]));
    assert_eq!(decided(&pay("a", "500")), (Verdict::Escalate, vec!["approval-required"]));
}

#[test]
fn each_code_fires() {
    assert_eq!(denied("{"), ["proposal-malformed"]);
    assert_eq!(denied("NaN"), ["proposal-malformed"]);
    assert_eq!(denied(&pay("a", "NaN")), ["proposal-malformed"]);
    assert_eq!(denied(r#"{"id":"a","id":"a"}"#), ["proposal-duplicate-name"]);
    assert_eq!(denied(&pay("a", &"[".repeat(40))), ["proposal-too-large"]);
    assert_eq!(denied(&pay(&"x".repeat(1 << 20), "1")), ["proposal-too-large"]);
    assert_eq!(denied(&pay("a", "1e999")), ["proposal-number"]);
    assert_eq!(denied("[]"), ["proposal-member"]);
    assert_eq!(denied(&pay("", "1")), ["proposal-member"]);
    assert_eq!(denied(&pay(&"x".repeat(257), "1")), ["proposal-member"]);
    assert_eq!(denied(&pay("a", "1").replace("\"task\"", "\"tsak\"")), ["proposal-member"]);
    assert_eq!(denied(&pay("a", "1").replace("\"bot-7\"", "7")), ["proposal-member"]);
    assert_eq!(denied(r#"{"kind":"query","id":"a","principal":"b","sql":"SELECT 1"}"#), ["kind-unsupported"]);
    assert_eq!(denied(&pay("a", "1").replace("send_money", "send_mony")), ["tool-unknown"]);
    assert_eq!(denied(&pay("a", "\"1\"")), ["argument-invalid"]);
    assert_eq!(denied(&pay("a", "0")), ["argument-invalid"]);
    assert_eq!(denied(&pay("a", "1.255")), ["money-digits"]);
    assert_eq!(denied(&pay("a", "1.250")), ["money-digits"]);
    assert_eq!(denied(&pay("a", "1e1")), ["money-form"]);
    assert_eq!(denied(&pay("a", "10000000000000000")), ["money-range"]);
    assert_eq!(denied(&pay_to("a", "acme", "1", "BTC")), ["currency-unknown"]);
    assert_eq!(denied(&pay_to("a", "acme", "1.0", "JPY")), ["money-digits"]);
    assert_eq!(denied(&pay("a", "1,\"parts\":99999999999999999999")), ["argument-unreadable"]);
    assert_eq!(denied(&pay("a", "500.01")), ["rule-false"]);
    assert_eq!(denied(&pay_to("a", "mallory", "1", "EUR")), ["rule-false"]);
    assert_eq!(denied(&pay("a", "1,\"parts\":0")), ["rule-undecided"]);
    assert_eq!(denied(&pay_to("a", "acme", "1", "USD")), ["budget-currency"]);
}

#[test]
fn earlier_stages_stand_before_later_ones() {
    // Everything is wrong at once; taking away the first fault shows the next.
    let worst = r#"{"kind":"action","id":"a","principal":"b","tool":"none","arguments":{"payee":"mallory","amount":9999.999,"currency":"XAU","more":1}}"#;
    assert_eq!(denied(worst), ["tool-unknown"]);
    let next = worst.replace("\"none\"", "\"send_money\"");
    assert_eq!(denied(&next), ["argument-invalid"]);
    let next = next.replace(",\"more\":1", "");
    assert_eq!(denied(&next), ["currency-unknown"]);
    let next = next.replace("XAU", "EUR");
    assert_eq!(denied(&next), ["money-digits"]);
    let next = next.replace("9999.999", "9999.99");
    assert_eq!(denied(&next), ["rule-false"]);
    let next = next.replace("9999.99", "9.99");
    assert_eq!(denied(&next), ["rule-false"]);
    assert_eq!(decided(&next.replace("mallory", "acme")).0, Verdict::Allow);
}

#[test]
fn arguments_stay_exact() {
    // A double holds neither; the limit is met to the last digit.
    let text = GATE
        .replace("amount <= 500.00", "amount <= 450359962737049.01")
        .replace("\"1000.00\"", "\"900000000000000.00\"");
    let gate = load(&text.replace("escalate: \"amount > 200.00\"", ""));
    let ledger = Ledger::memory(Key::new([1; 32]));
    assert_eq!(ledger.decide(&gate, pay("a", "450359962737049.01").as_bytes()).verdict, Verdict::Allow);
    assert_eq!(ledger.decide(&gate, pay("b", "450359962737049.02").as_bytes()).verdict, Verdict::Deny);
}

#[test]
fn documents_read_back() {
    let ledger = Ledger::memory(Key::new([1; 32])).with_clock(|| NOON);
    for text in [pay("a", "1"), pay("b", "300"), pay("c", "x"), pay("d", "999")] {
        let decision = ledger.decide(&gate(), text.as_bytes());
        let back = guard_gate::Decision::of_json(&decision.to_json()).unwrap();
        assert_eq!(guard_gate::Decision { permit: decision.permit.clone(), ..back }, *decision);
        assert!(decision.to_json().contains("\"at\":\"2026-11-23T12:00:00.000000Z\""), "{}", decision.to_json());
    }
}

#[test]
fn obligations_show_what_was_not_reached() {
    let ledger = Ledger::memory(Key::new([1; 32]));
    let decision = ledger.decide(&gate(), pay_to("a", "mallory", "1", "EUR").as_bytes());
    let shown: Vec<String> =
        decision.obligations.iter().map(|one| format!("{} {}", one.kind, one.outcome.name())).collect();
    assert_eq!(
        shown,
        [
            "form held",
            "tool held",
            "schema held",
            "money held",
            "allow failed",
            "escalate not-reached",
            "budget not-reached"
        ]
    );
}

/// Rules read the same of few arguments and of many.
#[test]
fn many_arguments_are_read_like_few() {
    for count in [3, 16, 17, 3_000] {
        let (last, names): (_, Vec<String>) =
            (count - 1, (0..count).map(|n| format!("k{n}: {{type: integer}}")).collect());
        let gate = load(&format!(
            "apiVersion: guard-nb/v1\nkind: Gate\nid: g\ntools:\n  - name: t\n    inputSchema: {{type: object, properties: {{{}}}}}\n    allow: \"k0 = 7 AND k1 IS NULL AND k{last} = {last}\"\n",
            names.join(", ")
        ));
        let given = (0..count).filter(|n| *n != 1).map(|n| format!("\"k{n}\":{}", if n == 0 { 7 } else { n }));
        let given = given.collect::<Vec<_>>().join(",");
        let verdict = |arguments: &str| {
            let text =
                format!(r#"{{"kind":"action","id":"1","principal":"p","tool":"t","arguments":{{{arguments}}}}}"#);
            Ledger::memory(Key::new([1; 32])).decide(&gate, text.as_bytes()).verdict
        };
        assert_eq!(verdict(&given), Verdict::Allow, "{count}");
        assert_eq!(verdict(&given.replacen('7', "8", 1)), Verdict::Deny, "{count}");
    }
}
