//! Whose an id is (G6.2), and names that can be told apart by looking at them (G1.1).

use crate::support::*;
use guard_gate::{Gate, Ledger, Verdict};
use std::sync::Arc;

/// The same file under another id; it denies what the first one allows.
fn stricter() -> Gate {
    load(&GATE.replace("id: payments", "id: petty").replace("amount <= 500.00", "amount <= 5.00"))
}

fn spent(ledger: &Ledger, gate: &Gate) -> (i128, i128) {
    let part = guard_gate::json::Json::parse(b"[\"acme\"]").unwrap();
    let counted = ledger.counted(gate, "day", &part).unwrap();
    (counted.sum, counted.count)
}

#[test]
fn what_one_gate_decided_another_does_not_repeat() {
    on_each(|ledger, time| {
        let (gate, other) = (gate(), stricter());
        let first = ledger.decide(&gate, pay("a", "7.35").as_bytes());
        assert_eq!(first.verdict, Verdict::Allow);
        let denied = ledger.decide(&other, pay("a", "7.35").as_bytes());
        assert_eq!((denied.verdict, codes(&denied)), (Verdict::Deny, vec!["id-other-gate"]));
        assert_eq!((&denied.permit, denied.reservation, denied.replayed), (&None, None, false));
        assert!(denied.reasons[0].message.contains("`payments`") && denied.reasons[0].message.contains("`petty`"));
        // Where the content differs too, that is said first.
        let both = ledger.decide(&other, pay("a", "7.36").as_bytes());
        assert_eq!(codes(&both), ["id-conflict"]);
        // What was recorded stands, and nothing was spent.
        let again = ledger.decide(&gate, pay("a", "7.35").as_bytes());
        assert_eq!((again.replayed, &again.permit), (true, &first.permit));
        assert_eq!((spent(ledger, &gate), spent(ledger, &other)), ((735, 1), (0, 0)));
        time.set(NOON + SECOND);
        ledger.redeem(first.permit.as_ref().unwrap()).unwrap();
        ledger.commit(first.permit.as_ref().unwrap(), Some("7.00")).unwrap();
        assert_eq!(codes(&ledger.decide(&other, pay("a", "7.35").as_bytes())), ["id-other-gate"]);
        ledger.verify(&[]).unwrap();
    });
}

#[test]
fn a_denial_of_another_gate_is_not_repeated_either() {
    on_each(|ledger, _| {
        let other = stricter();
        assert_eq!(codes(&ledger.decide(&other, pay("a", "7.35").as_bytes())), ["rule-false"]);
        assert_eq!(codes(&ledger.decide(&gate(), pay("a", "7.35").as_bytes())), ["id-other-gate"]);
        // A denied id stays denied where it was denied.
        let again = ledger.decide(&other, pay("a", "7.35").as_bytes());
        assert_eq!((again.replayed, codes(&again)), (true, vec!["rule-false"]));
        // Without a reading it has no content to compare but its bytes.
        let text = r#"{"id":"m","kind":"action","principal":"p"}"#;
        assert_eq!(codes(&ledger.decide(&other, text.as_bytes())), ["proposal-member"]);
        assert_eq!(codes(&ledger.decide(&gate(), text.as_bytes())), ["id-other-gate"]);
        ledger.verify(&[]).unwrap();
    });
}

#[test]
fn an_edited_gate_repeats_what_it_decided() {
    on_each(|ledger, _| {
        let first = ledger.decide(&gate(), pay("a", "7.35").as_bytes());
        let edited = load(&GATE.replace("500.00", "5.00"));
        let again = ledger.decide(&edited, pay("a", "7.35").as_bytes());
        assert_eq!((again.verdict, again.replayed, &again.permit), (Verdict::Allow, true, &first.permit));
        assert_eq!(again.gate.1, gate().digest);
    });
}

const READS: &str = r#"
apiVersion: guard-nb/v1
kind: Gate
id: reports
queries:
  dialect: sqlite
  context: [tenant]
  relations: {orders: {columns: [id, amount], where: "tenant = :tenant"}}
  maxRows: 10
"#;

#[test]
fn what_one_principal_may_read_another_does_not_get() {
    on_each(|ledger, _| {
        let gate = load(READS);
        let [four, five] =
            [4, 5].map(|tenant| gate.with_context(format!("{{\"tenant\":{tenant}}}").as_bytes()).unwrap());
        let text = br#"{"kind":"query","id":"q","principal":"bot","sql":"SELECT id FROM orders"}"#;
        let first = ledger.decide(&four, text);
        assert_eq!(first.verdict, Verdict::Transform);
        assert_eq!(codes(&ledger.decide(&five, text)), ["id-other-gate"]);
        assert_eq!(codes(&ledger.decide(&gate, text)), ["id-other-gate"]);
        // Nor a gate of the same id that has no context any more.
        let open = load(&READS.replace("  context: [tenant]\n", "").replace(", where: \"tenant = :tenant\"", ""));
        assert_eq!(codes(&ledger.decide(&open, text)), ["id-other-gate"]);
        let again: Arc<_> = ledger.decide(&four, text);
        assert_eq!((again.replayed, &again.permit), (true, &first.permit));
        ledger.verify(&[]).unwrap();
    });
}

#[test]
fn names_hold_what_can_be_seen() {
    on_each(|ledger, _| {
        for (member, place) in [("id", 2), ("principal", 4), ("task", 2), ("tool", 5)] {
            for (hidden, point) in
                [("\\u200b", "U+200B"), ("\\n", "U+000A"), ("\\u202e", "U+202E"), ("\\u00a0", "U+00A0")]
            {
                let text = pay("ab", "1").replace("\"t1\"", "\"tt\"");
                let plain = ["\"id\":\"ab\"", "\"principal\":\"bot-7\"", "\"task\":\"tt\"", "\"tool\":\"send_money\""];
                let own = plain.into_iter().find(|own| own.starts_with(&format!("\"{member}\""))).unwrap();
                let at = own.find(":\"").unwrap() + 2 + place - 1;
                let odd = format!("{}{hidden}{}", &own[..at], &own[at..]);
                // A good id is used up by what is wrong beside it.
                let fresh = format!("\"id\":\"{member}{point}\"");
                let text = text.replace(own, &odd).replace("\"id\":\"ab\"", &fresh);
                let denied = ledger.decide(&gate(), text.as_bytes());
                assert_eq!(codes(&denied), ["proposal-member"], "{odd}");
                let words = format!("`{member}` holds {point} as its character {place}");
                assert!(denied.reasons[0].message.contains(&words), "{}", denied.reasons[0].message);
            }
        }
        for blank in [" ab", "ab ", " "] {
            assert_eq!(codes(&ledger.decide(&gate(), pay(blank, "1").as_bytes())), ["proposal-member"]);
        }
        // Nothing is recorded under such an id, and others are as good as ever.
        for id in ["ab", "zwei Wörter", "данные", "\u{1f4b8}"] {
            assert_eq!(ledger.decide(&gate(), pay(id, "1").as_bytes()).verdict, Verdict::Allow, "{id}");
        }
        ledger.verify(&[]).unwrap();
    });
}

#[test]
fn names_of_gate_files_too() {
    for (from, to, line) in [
        ("id: payments", "id: \"pay\\u200bments\"", 4),
        ("name: send_money", "name: \"send_money\\u202e\"", 8),
        ("name: day", "name: \"day\\u00ad\"", 23),
    ] {
        let found = Gate::load(&GATE.replace(from, to), &|_| None).unwrap_err();
        let own: Vec<_> = found.iter().filter(|one| one.message.contains("cannot be seen")).collect();
        assert_eq!(own.len(), 1, "{found:#?}");
        assert_eq!((own[0].code.name(), own[0].span.line), ("gate-value", line), "{found:#?}");
        assert!(own[0].message.contains("holds U+"), "{}", own[0].message);
    }
}

#[test]
fn approvers_are_who_they_look_like() {
    on_each(|ledger, _| {
        let gate = gate();
        ledger.decide(&gate, pay("a", "300").as_bytes());
        for by in ["", " ", "ann ", "an\u{200b}n", "ann\n", "bot-7", "bot-7\u{200d}", &"x".repeat(257)] {
            assert_eq!(ledger.approve(&gate, "a", by).unwrap_err().code.name(), "approver-invalid", "{by:?}");
        }
        assert_eq!(ledger.approve(&gate, "a", "Änne Müller").unwrap().verdict, Verdict::Allow);
    });
}
