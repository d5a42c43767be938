//! Wounds of other gates, each by the name under which it is known.

use crate::support::*;
use guard_gate::permit::Key;
use guard_gate::{Gate, Ledger, Verdict};

fn memory() -> Ledger {
    Ledger::memory(Key::new([1; 32])).with_clock(|| NOON)
}

fn calm(change: impl Fn(String) -> String) -> Gate {
    load(&change(GATE.replace("    escalate: \"amount > 200.00\"\n", "")))
}

fn asked(ledger: &Ledger, gate: &Gate, text: &str) -> (Verdict, Vec<&'static str>) {
    let decision = ledger.decide(gate, text.as_bytes());
    (decision.verdict, codes(&decision))
}

const DENY: Verdict = Verdict::Deny;

/// cedar#2428: a `forbid` that fails is skipped.
#[test]
fn a_rule_that_fails_denies() {
    let gate = load(&GATE.replace("amount > 200.00", "amount / (parts - 1) > 200"));
    assert_eq!(asked(&memory(), &gate, &pay("a", "1,\"parts\":1")), (DENY, vec!["rule-undecided"]));
    assert_eq!(asked(&memory(), &gate, &pay("b", "1")), (DENY, vec!["rule-undecided"]));
}

/// langchain#37093, #40492: calls run that were rejected.
#[test]
fn rejected_calls_have_nothing_to_run_with() {
    let ledger = memory();
    let denied = ledger.decide(&gate(), pay("a", "501").as_bytes());
    assert_eq!((denied.permit.clone(), denied.reservation), (None, None));
    let waiting = ledger.decide(&gate(), pay("b", "300").as_bytes());
    assert_eq!((waiting.permit.clone(), waiting.reservation), (None, None));
}

/// AP2: `int(max * 100)` makes 0.29 to 28, JPY a hundred times too much, KWD a tenth.
#[test]
fn budgets_are_no_floats() {
    for (max, currency, fits, beyond) in
        [("0.29", "EUR", "0.29", "0.30"), ("100", "JPY", "100", "101"), ("1.234", "KWD", "1.234", "1.235")]
    {
        let gate = calm(|text| text.replace("\"1000.00\", currency: EUR", &format!("\"{max}\", currency: {currency}")));
        assert_eq!(asked(&memory(), &gate, &pay_to("a", "acme", fits, currency)).0, Verdict::Allow, "{currency}");
        assert_eq!(asked(&memory(), &gate, &pay_to("a", "acme", beyond, currency)), (DENY, vec!["budget-exceeded"]));
    }
}

/// AP2: a limit of a day that is never enforced.
#[test]
fn a_limit_of_a_day_is_one() {
    let (gate, ledger) = (calm(|text| text.replace("1000.00", "500.00")), memory());
    assert_eq!(asked(&ledger, &gate, &pay("a", "300")).0, Verdict::Allow);
    assert_eq!(asked(&ledger, &gate, &pay("b", "300")), (DENY, vec!["budget-exceeded"]));
}

/// AgentCore: denied calls spend the budget.
#[test]
fn denied_calls_spend_nothing() {
    let (gate, ledger) = (calm(|text| text), memory());
    for call in 0..10 {
        assert_eq!(asked(&ledger, &gate, &pay(&format!("a{call}"), "501")).0, DENY);
    }
    assert_eq!(asked(&ledger, &gate, &pay("b", "500")).0, Verdict::Allow);
    assert_eq!(asked(&ledger, &gate, &pay("c", "500")).0, Verdict::Allow);
}

/// litellm#40002: several in flight, each judged against what was committed only. #34732 is the thread test of the ledgers.
#[test]
fn what_is_in_flight_counts() {
    let (gate, ledger) = (calm(|text| text.replace("1000.00", "0.45")), memory());
    let allowed =
        (0..5).filter(|call| asked(&ledger, &gate, &pay(&format!("{call}"), "0.15")).0 == Verdict::Allow).count();
    assert_eq!(allowed, 3);
}

/// litellm#34732: several check at once, and each then records. On every store, for the threads come together.
#[test]
fn who_checks_at_once_is_admitted_one_by_one() {
    let gate = calm(|text| text.replace("1000.00", "0.45"));
    on_each(|ledger, _| {
        let barrier = std::sync::Barrier::new(5);
        let allowed: usize = std::thread::scope(|scope| {
            let ask = |call: usize| {
                let (gate, barrier) = (&gate, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    usize::from(asked(ledger, gate, &pay(&format!("{call}"), "0.15")).0 == Verdict::Allow)
                })
            };
            let callers: Vec<_> = (0..5).map(ask).collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).sum()
        });
        assert_eq!(allowed, 3);
    });
}

/// powertools-python#8049: once the time-out has passed, a second withdrawal is let in while the first may still run.
#[test]
fn no_time_out_lets_a_second_call_run_beside_the_first() {
    let gate = calm(|text| text.replace("    allow:", "    key: [/task, /payee, /amount]\n    allow:"));
    on_each(|ledger, time| {
        let permit = ledger.decide(&gate, pay("a", "1").as_bytes()).permit.clone().unwrap();
        ledger.redeem(&permit).unwrap();
        time.set(NOON + 400 * 86_400 * SECOND);
        assert_eq!(asked(ledger, &gate, &pay("b", "1")), (DENY, vec!["intent-repeated"]));
        // Only what is known to have failed lets it be tried again.
        ledger.release(&permit).unwrap();
        assert_eq!(asked(ledger, &gate, &pay("c", "1")).0, Verdict::Allow);
    });
}

/// cmcp#160: denials for errors leave no trace.
#[test]
fn every_denial_is_in_the_log() {
    on_each(|ledger, _| {
        let asked = ["{", "\u{feff}{}", &pay("a", "501"), &pay("a", "502"), &pay("b", "\"7\"")];
        for text in asked {
            assert_eq!(ledger.decide(&gate(), text.as_bytes()).verdict, DENY);
        }
        let leaves = ledger.leaves(0).unwrap();
        assert_eq!(leaves.len(), asked.len());
        assert!(leaves.iter().all(|leaf| leaf.contains("\"verdict\":\"deny\"")));
        assert_eq!(ledger.verify(&[]), Ok(5));
    });
}

/// ironclaw#3841: settled with 0, a daily cap never depletes. Here 0 must be said, and is what then counts.
#[test]
fn a_commit_without_amount_counts_what_was_held() {
    let (gate, ledger) = (calm(|text| text.replace("1000.00", "500.00")), memory());
    let permit = ledger.decide(&gate, pay("a", "500").as_bytes()).permit.clone().unwrap();
    ledger.commit(&permit, None).unwrap();
    assert_eq!(asked(&ledger, &gate, &pay("b", "0.01")), (DENY, vec!["budget-exceeded"]));
}

/// powertools-python#1038, #8049: stuck in progress after a time-out, and run twice after one.
#[test]
fn a_retry_after_a_time_out_is_neither_stuck_nor_run_twice() {
    let (gate, ledger) = (calm(|text| text), memory());
    let first = ledger.decide(&gate, pay("a", "1").as_bytes());
    // The caller died before redeeming: the retry gets the same permit.
    let again = ledger.decide(&gate, pay("a", "1").as_bytes());
    assert_eq!(again.permit, first.permit);
    let permit = again.permit.clone().unwrap();
    ledger.redeem(&permit).unwrap();
    // It died while running: the permit does not run a second call.
    assert_eq!(ledger.redeem(&permit).unwrap_err().code.name(), "permit-used");
}

/// fastmcp#5139: arguments of strict schemas are converted.
#[test]
fn nothing_is_converted() {
    for wrong in ["\"10\"", "true", "[10]", "null"] {
        assert_eq!(asked(&memory(), &gate(), &pay("a", wrong)), (DENY, vec!["argument-invalid"]), "{wrong}");
    }
}

/// invariant: a character class taken for the check of a domain.
#[test]
fn an_allow_list_is_no_pattern() {
    for payee in ["acm", "acmee", "a", "ACME", "acme ", "xacme", "acme\\u0000", "аcme"] {
        assert_eq!(asked(&memory(), &gate(), &pay_to("a", payee, "1", "EUR")), (DENY, vec!["rule-false"]), "{payee}");
    }
}

/// helio: a changed gate resets the pot.
#[test]
fn an_edited_limit_keeps_its_history() {
    let ledger = memory();
    assert_eq!(asked(&ledger, &calm(|text| text), &pay("a", "500")).0, Verdict::Allow);
    let narrow = calm(|text| text.replace("\"1000.00\"", "\"600.00\""));
    assert_eq!(asked(&ledger, &narrow, &pay("b", "100.01")), (DENY, vec!["budget-exceeded"]));
    assert_eq!(asked(&ledger, &narrow, &pay("c", "100")).0, Verdict::Allow);
}
