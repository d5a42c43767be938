//! Documents of decisions.

use guard_gate::permit::Key;
use guard_gate::{Decision, Gate, Ledger};

const GATE: &str = "
apiVersion: guard-nb/v1
kind: Gate
id: \"g \u{1f600}\"
tools:
  - name: pay
    inputSchema: {type: object, properties: {amount: {type: number}, note: {type: string}}}
    money: {amount: /amount, currency: EUR}
    allow: \"amount <= 50 AND note <> 'a \\\"b\\\" \\t c'\"
    escalate: \"amount > 40\"
limits:
  - {name: day, type: budget, max: \"60.00\", currency: EUR, window: day}
  - {name: calls, type: velocity, max: 9, window: day}
";

#[test]
fn documents_are_canonical_and_are_read_back() {
    let gate = Gate::load(GATE, &|_| None).unwrap();
    let ledger = Ledger::memory(Key::new([1; 32])).with_clock(|| 1_700_000_000_000_001);
    let call = |id: &str, arguments: &str| {
        format!(r#"{{"kind":"action","id":"{id}","principal":"p","tool":"pay","arguments":{arguments}}}"#)
    };
    let proposals = [
        call("1", r#"{"amount":7.35,"note":"n"}"#),
        call("2\\n\u{e9}", r#"{"amount":7.355,"note":"n"}"#),
        call("3", r#"{"amount":41,"note":"n"}"#),
        call("4", r#"{"amount":"x","note":7}"#),
        call("5", r#"{"amount":39,"note":"n"}"#),
        call("6", r#"{"amount":39,"note":"n"}"#),
        call("1", r#"{"amount":7,"note":"n"}"#),
        "no json \u{1}".to_owned(),
    ];
    for proposal in proposals {
        let decision = ledger.decide(&gate, proposal.as_bytes());
        let text = decision.to_json();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(guard_verdict::canonical_json(&value).unwrap(), text);
        assert_eq!(Decision::of_json(&text), Some(Decision { permit: None, ..(*decision).clone() }));
    }
}
