//! What can be forgotten, and what never (G6.5).

use crate::support::*;
use guard_gate::Verdict;

const DAY: i64 = 86_400 * SECOND;

fn code<T: std::fmt::Debug>(found: Result<T, guard_gate::LedgerError>) -> &'static str {
    found.unwrap_err().code.name()
}

#[test]
fn what_no_window_counts_can_go() {
    on_each(|ledger, time| {
        let gate = load(&rated_text());
        let take = |id: &str| ledger.decide(&gate, pay(id, "100").as_bytes()).permit.clone().unwrap();
        let (spent, freed, runs, expires) = (take("spent"), take("freed"), take("runs"), take("expires"));
        ledger.commit(&spent, Some("60")).unwrap();
        ledger.release(&freed).unwrap();
        ledger.redeem(&runs).unwrap();
        // Today still counts what was spent; what was released counts nothing.
        time.set(NOON + 60 * SECOND);
        assert_eq!(ledger.forget(&gate, NOON), Ok(0));
        assert_eq!(ledger.forget(&gate, i64::MAX), Ok(1));
        // 60 were spent and 200 are held: 740 are left.
        let (most, rest) = (take_of(ledger, &gate, "most", "500"), take_of(ledger, &gate, "rest", "240"));
        assert_eq!(codes(&ledger.decide(&gate, pay("over", "0.01").as_bytes())), ["budget-exceeded"]);
        ledger.release(&most).unwrap();
        ledger.release(&rest).unwrap();
        // Two days later only what runs is kept.
        time.set(NOON + 2 * DAY);
        assert_eq!(ledger.forget(&gate, NOON + DAY), Ok(4));
        assert_eq!(ledger.forget(&gate, NOON + DAY), Ok(0));
        ledger.commit(&runs, None).unwrap();
        for (permit, expected) in [(&spent, "permit-settled"), (&freed, "permit-settled"), (&expires, "permit-settled")]
        {
            assert_eq!(code(ledger.redeem(permit)), expected);
            assert_eq!(code(ledger.commit(permit, None)), expected);
        }
        // Ids, records and the log stay.
        let again = ledger.decide(&gate, pay("spent", "100").as_bytes());
        assert_eq!((again.verdict, again.replayed), (Verdict::Allow, true));
        assert_eq!(codes(&ledger.decide(&gate, pay("spent", "101").as_bytes())), ["id-conflict"]);
        ledger.verify(&[]).unwrap();
    });
}

fn take_of(ledger: &guard_gate::Ledger, gate: &guard_gate::Gate, id: &str, amount: &str) -> String {
    ledger.decide(gate, pay(id, amount).as_bytes()).permit.clone().unwrap()
}

fn rated_text() -> String {
    let rate = "  - {name: pace, type: rate, max: 10, per: 60s, by: [principal]}\n";
    format!("{GATE}{rate}").replace("    escalate: \"amount > 200.00\"\n", "")
}

#[test]
fn forgetting_changes_no_decision() {
    let total = GATE.replace("window: day, zone: Europe/Berlin", "window: total");
    on_each(|ledger, time| {
        let gate = load(&total);
        let permit = ledger.decide(&gate, pay("a", "200").as_bytes()).permit.clone().unwrap();
        ledger.commit(&permit, None).unwrap();
        time.set(NOON + 4_000 * DAY);
        // All time counts, so nothing of it goes; nor what another gate's limits may count.
        assert_eq!(ledger.forget(&gate, i64::MAX), Ok(0));
        let other = load(&GATE.replace("id: payments", "id: others"));
        assert_eq!(ledger.forget(&other, i64::MAX), Ok(0));
        let gone = load(&GATE.replace("name: day", "name: new"));
        assert_eq!(ledger.forget(&gone, i64::MAX), Ok(0));
        ledger.verify(&[]).unwrap();
    });
}

#[test]
fn many_are_forgotten_page_by_page() {
    on_each(|ledger, time| {
        let gate = load(&GATE.replace("1000.00", "100000.00"));
        for call in 0..1_201 {
            assert_eq!(ledger.decide(&gate, pay(&format!("{call}"), "1").as_bytes()).verdict, Verdict::Allow);
        }
        time.set(NOON + DAY);
        let checkpoint = ledger.checkpoint().unwrap();
        assert_eq!(ledger.forget(&gate, i64::MAX), Ok(1_201));
        assert_eq!(ledger.verify(&[&checkpoint]), Ok(1_204));
    });
}
