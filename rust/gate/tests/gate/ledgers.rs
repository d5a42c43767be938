//! The same suite for every store.

use crate::support::*;
use guard_gate::{Ledger, LedgerError, Verdict};
use std::collections::BTreeSet;
use std::sync::Mutex;

fn code<T: std::fmt::Debug>(found: Result<T, LedgerError>) -> &'static str {
    found.unwrap_err().code.name()
}

/// A gate whose only limits are these, without escalation.
fn limited(limits: &str) -> guard_gate::Gate {
    let text = GATE.replace("    escalate: \"amount > 200.00\"\n", "");
    let at = text.find("limits:").unwrap();
    load(&format!("{}limits:\n{limits}", &text[..at]))
}

#[test]
fn a_budget_is_spent_to_the_last_cent() {
    on_each(|ledger, _| {
        let gate =
            limited("  - {name: day, type: budget, max: \"1000.00\", currency: EUR, window: day, by: [/payee]}\n");
        for id in ["a", "b"] {
            assert_eq!(ledger.decide(&gate, pay(id, "499.99").as_bytes()).verdict, Verdict::Allow);
        }
        let over = ledger.decide(&gate, pay("c", "0.03").as_bytes());
        assert_eq!(codes(&over), ["budget-exceeded"]);
        assert!(over.reasons[0].message.contains("0.02 EUR"), "{}", over.reasons[0].message);
        assert_eq!(ledger.decide(&gate, pay("d", "0.02").as_bytes()).verdict, Verdict::Allow);
        // Another payee has a pot of its own, and a denied call has taken nothing.
        assert_eq!(ledger.decide(&gate, pay_to("e", "globex", "500", "EUR").as_bytes()).verdict, Verdict::Allow);
        assert_eq!(codes(&ledger.decide(&gate, pay("f", "0.01").as_bytes())), ["budget-exceeded"]);
    });
}

#[test]
fn released_and_expired_holds_count_no_more_and_running_ones_do() {
    on_each(|ledger, time| {
        let gate = limited("  - {name: all, type: budget, max: \"500.00\", currency: EUR, window: total}\n");
        let take = |id: &str| ledger.decide(&gate, pay(id, "500.00").as_bytes());
        let first = take("a").permit.clone().unwrap();
        assert_eq!(codes(&take("b")), ["budget-exceeded"]);
        ledger.release(&first).unwrap();
        assert_eq!(ledger.release(&first), Ok(()));
        assert_eq!(code(ledger.commit(&first, None)), "permit-settled");
        let second = take("c").permit.clone().unwrap();
        time.set(NOON + 300 * SECOND - 1);
        assert_eq!(codes(&take("d")), ["budget-exceeded"]);
        assert_eq!(ledger.state(&second), Ok("held"));
        time.set(NOON + 300 * SECOND);
        assert_eq!(ledger.state(&second), Ok("expired"));
        let third = take("e").permit.clone().unwrap();
        assert_eq!(code(ledger.redeem(&second)), "permit-expired");
        assert_eq!(code(ledger.commit(&second, None)), "permit-expired");
        // What runs never expires: its outcome is unknown.
        ledger.redeem(&third).unwrap();
        time.set(NOON + 100 * 86_400 * SECOND);
        assert_eq!(codes(&take("f")), ["budget-exceeded"]);
        assert_eq!(ledger.state(&third), Ok("running"));
        ledger.commit(&third, Some("499.50")).unwrap();
        assert_eq!(ledger.decide(&gate, pay("g", "0.50").as_bytes()).verdict, Verdict::Allow);
        assert_eq!(codes(&ledger.decide(&gate, pay("h", "0.01").as_bytes())), ["budget-exceeded"]);
    });
}

#[test]
fn permits_run_once_and_only_what_was_judged() {
    on_each(|ledger, _| {
        let text = pay("a", "7.35").replace("\"payee\":\"acme\",", " \"payee\" : \"\\u0061cme\" , ");
        let permit = ledger.decide(&gate(), text.as_bytes()).permit.clone().unwrap();
        let call = ledger.redeem(&permit).unwrap();
        assert_eq!(
            (call.tool.as_str(), call.arguments.as_str()),
            ("send_money", r#"{"amount":7.35,"currency":"EUR","payee":"acme"}"#)
        );
        assert_eq!(code(ledger.redeem(&permit)), "permit-used");
        assert_eq!(code(ledger.commit(&permit, Some("7.36"))), "commit-exceeds");
        assert_eq!(code(ledger.commit(&permit, Some("7.355"))), "money-digits");
        assert_eq!(ledger.state(&permit), Ok("running"));
        ledger.commit(&permit, Some("7.00")).unwrap();
        ledger.commit(&permit, Some("7.00")).unwrap();
        assert_eq!(code(ledger.commit(&permit, Some("6.00"))), "permit-settled");
        assert_eq!(code(ledger.release(&permit)), "permit-settled");
        assert_eq!(code(ledger.redeem(&permit)), "permit-settled");
        let changed = permit.replace("gnbp1.e", "gnbp1.f");
        assert_eq!(code(ledger.redeem(&changed)), "permit-invalid");
        let other = Ledger::memory(guard_gate::permit::Key::new([9; 32]));
        assert_eq!(code(other.redeem(&permit)), "permit-invalid");
    });
}

#[test]
fn the_same_id_gets_the_same_decision() {
    on_each(|ledger, time| {
        let first = ledger.decide(&gate(), pay("a", "7.35").as_bytes());
        time.set(NOON + SECOND);
        let again = ledger.decide(&gate(), pay("a", "7.35").as_bytes());
        assert_eq!(
            (again.verdict, again.replayed, &again.permit, again.at),
            (Verdict::Allow, true, &first.permit, NOON)
        );
        let other = ledger.decide(&gate(), pay("a", "7.36").as_bytes());
        assert_eq!(codes(&other), ["id-conflict"]);
        assert_eq!(other.reasons[0].path.as_deref(), Some("/arguments/amount"));
        // A denied id stays denied, though another gate would allow it.
        assert_eq!(ledger.decide(&gate(), pay("b", "501").as_bytes()).verdict, Verdict::Deny);
        let wide = load(&GATE.replace("500.00", "900.00"));
        let denied = ledger.decide(&wide, pay("b", "501").as_bytes());
        assert_eq!((denied.verdict, denied.replayed), (Verdict::Deny, true));
        assert_eq!(codes(&denied), ["rule-false"]);
    });
}

#[test]
fn calls_are_counted_by_number_rate_intent_and_order() {
    on_each(|ledger, time| {
        let gate = limited("  - {name: n, type: velocity, max: 2, window: 60s}\n");
        let ask = |id: &str| ledger.decide(&gate, pay(id, "1").as_bytes());
        assert_eq!((ask("a").verdict, ask("b").verdict), (Verdict::Allow, Verdict::Allow));
        assert_eq!(codes(&ask("c")), ["velocity-exceeded"]);
        time.set(NOON + 60 * SECOND);
        assert_eq!(ask("d").verdict, Verdict::Allow);
    });
    on_each(|ledger, time| {
        let gate = limited("  - {name: r, type: rate, max: 2, per: 60s, by: [principal]}\n");
        let ask = |id: &str| ledger.decide(&gate, pay(id, "1").as_bytes());
        assert_eq!((ask("a").verdict, ask("b").verdict), (Verdict::Allow, Verdict::Allow));
        assert_eq!(codes(&ask("c")), ["rate-exceeded"]);
        time.set(NOON + 30 * SECOND);
        assert_eq!(ask("d").verdict, Verdict::Allow);
        assert_eq!(codes(&ask("e")), ["rate-exceeded"]);
    });
    on_each(|ledger, _| {
        let gate = load(&GATE.replace("    allow:", "    key: [/task, /payee, /amount]\n    allow:"));
        let first = ledger.decide(&gate, pay("a", "1").as_bytes()).permit.clone().unwrap();
        assert_eq!(codes(&ledger.decide(&gate, pay("b", "1.0").as_bytes())), ["intent-repeated"]);
        assert_eq!(ledger.decide(&gate, pay("c", "2").as_bytes()).verdict, Verdict::Allow);
        ledger.release(&first).unwrap();
        assert_eq!(ledger.decide(&gate, pay("d", "1").as_bytes()).verdict, Verdict::Allow);
    });
}

#[test]
fn one_tool_comes_before_another() {
    let get = "  - {name: get_invoice, inputSchema: {type: object}, allow: \"TRUE\"}\nlimits:\n  - {name: o, type: order, first: get_invoice, then: send_money, within: 1h}\n";
    let gate = load(&GATE.replace("limits:\n", get));
    on_each(|ledger, time| {
        let ask = |id: &str| codes(&ledger.decide(&gate, pay(id, "1").as_bytes()));
        assert_eq!(ask("a"), ["order-missing"]);
        let text = r#"{"kind":"action","id":"g","principal":"bot-7","task":"t1","tool":"get_invoice","arguments":{}}"#;
        let permit = ledger.decide(&gate, text.as_bytes()).permit.clone().unwrap();
        assert_eq!(ask("b"), ["order-missing"]);
        ledger.commit(&permit, None).unwrap();
        assert!(ask("c").is_empty());
        time.set(NOON + 3_600 * SECOND);
        assert!(ask("d").is_empty());
        time.set(NOON + 3_600 * SECOND + 1);
        assert_eq!(ask("e"), ["order-missing"]);
    });
}

#[test]
fn humans_approve_what_still_fits() {
    on_each(|ledger, time| {
        let gate = gate();
        let asked = ledger.decide(&gate, pay("a", "300").as_bytes());
        assert_eq!((asked.verdict, &asked.permit), (Verdict::Escalate, &None));
        assert_eq!(code(ledger.approve(&gate, "b", "eve")), "approval-stale");
        assert_eq!(code(ledger.approve(&load(&GATE.replace("5m", "6m")), "a", "eve")), "approval-stale");
        let approved = ledger.approve(&gate, "a", "ann").unwrap();
        assert_eq!((approved.verdict, approved.approved.as_deref()), (Verdict::Allow, Some("ann")));
        assert_eq!(code(ledger.approve(&gate, "a", "ann")), "approval-stale");
        // Nothing was reserved while a human thought; the limit is asked again.
        assert_eq!(ledger.decide(&gate, pay("c", "400").as_bytes()).verdict, Verdict::Escalate);
        assert_eq!(ledger.decide(&gate, pay("d", "400").as_bytes()).verdict, Verdict::Escalate);
        ledger.redeem(approved.permit.as_ref().unwrap()).unwrap();
        assert_eq!(ledger.approve(&gate, "c", "ann").unwrap().verdict, Verdict::Allow);
        assert_eq!(codes(&ledger.approve(&gate, "d", "ann").unwrap()), ["budget-exceeded"]);
        time.set(NOON);
    });
}

#[test]
fn time_never_goes_backwards() {
    on_each(|ledger, time| {
        let gate = limited("  - {name: all, type: budget, max: \"500.00\", currency: EUR, window: day}\n");
        let first = ledger.decide(&gate, pay("a", "500.00").as_bytes());
        ledger.redeem(first.permit.as_ref().unwrap()).unwrap();
        time.set(NOON - 86_400 * SECOND);
        let again = ledger.decide(&gate, pay("b", "1").as_bytes());
        assert_eq!((again.at, codes(&again)), (NOON, vec!["budget-exceeded"]));
        time.set(NOON + 12 * 3_600 * SECOND);
        assert_eq!(ledger.decide(&gate, pay("c", "500.00").as_bytes()).verdict, Verdict::Allow);
    });
}

#[test]
fn threads_never_overspend() {
    on_each(|ledger, _| {
        let gate = limited("  - {name: all, type: budget, max: \"20.00\", currency: EUR, window: day}\n");
        let permits = Mutex::new(BTreeSet::new());
        std::thread::scope(|scope| {
            for thread in 0..16 {
                let (gate, permits) = (&gate, &permits);
                scope.spawn(move || {
                    for call in 0..4 {
                        let decision = ledger.decide(gate, pay(&format!("{thread}-{call}"), "1.00").as_bytes());
                        if let Some(permit) = decision.permit.clone() {
                            permits.lock().unwrap().insert(permit);
                        } else {
                            assert_eq!(codes(&decision), ["budget-exceeded"]);
                        }
                    }
                });
            }
        });
        assert_eq!(permits.lock().unwrap().len(), 20);
    });
}

#[test]
fn the_log_is_whole_and_edits_are_found() {
    on_each(|ledger, _| {
        let permit = ledger.decide(&gate(), pay("a", "1").as_bytes()).permit.clone().unwrap();
        ledger.decide(&gate(), b"{");
        let checkpoint = ledger.checkpoint().unwrap();
        ledger.commit(&permit, None).unwrap();
        assert_eq!(ledger.verify(&[&checkpoint]), Ok(3));
        for at in 0..checkpoint.len() {
            let mut changed = checkpoint.clone().into_bytes();
            changed[at] ^= 1;
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(code(ledger.verify(&[&changed])), "ledger-broken", "byte {at}");
        }
        let leaves = ledger.leaves(0).unwrap();
        assert!(guard_gate::ledger::verify(&leaves, None).is_ok());
        let mut turned = leaves.clone();
        turned.swap(0, 1);
        assert!(guard_gate::ledger::verify(&turned, None).is_err());
    });
}
