//! What counts under a limit, whoever asks and whoever wrote last, against a list of calls.

use crate::server;
use crate::support::*;
use guard_gate::json::Json;
use guard_gate::permit::Key;
use guard_gate::{Gate, Ledger, Verdict};
use guard_testkit::Chance;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const LIMITS: &str = r#"
  - {name: day, type: budget, max: "900.00", currency: EUR, window: day, by: [/payee]}
  - {name: lately, type: velocity, max: 12, window: 90s, by: [/payee]}
"#;
const HOLD: i64 = 300 * SECOND;
const DAY: i64 = 86_400 * SECOND;

#[derive(Clone, Copy, PartialEq)]
enum Stands {
    Held,
    Running,
    Committed,
    Released,
}

struct Call {
    payee: &'static str,
    at: i64,
    cents: i128,
    stands: Stands,
    permit: String,
}

impl Call {
    fn counts(&self, now: i64) -> bool {
        match self.stands {
            Stands::Held => self.at + HOLD > now,
            Stands::Running | Stands::Committed => true,
            Stands::Released => false,
        }
    }
}

/// Sum and count of a payee's calls from a time on.
fn counted(calls: &[Call], payee: &str, since: i64, now: i64) -> (i128, i128) {
    let own = calls.iter().filter(|call| call.payee == payee && call.at >= since && call.counts(now));
    own.fold((0, 0), |(sum, count), call| (sum + call.cents, count + 1))
}

/// One thing that happens to a call: redeemed, committed with less, or released.
fn settle(ledger: &Ledger, call: &mut Call, now: i64, how: usize) {
    match how {
        0 if call.stands == Stands::Held && call.counts(now) => {
            ledger.redeem(&call.permit).unwrap();
            call.stands = Stands::Running;
        }
        1 if matches!(call.stands, Stands::Held | Stands::Running) && call.counts(now) => {
            call.cents /= 2;
            let actual = format!("{}.{:02}", call.cents / 100, call.cents % 100);
            ledger.commit(&call.permit, Some(&actual)).unwrap();
            call.stands = Stands::Committed;
        }
        2 if matches!(call.stands, Stands::Held | Stands::Running) => {
            ledger.release(&call.permit).unwrap();
            call.stands = Stands::Released;
        }
        _ => {}
    }
}

fn gate_of() -> Gate {
    let text = GATE.replace("    escalate: \"amount > 200.00\"\n", "");
    let at = text.find("limits:").unwrap();
    load(&format!("{}limits:{LIMITS}", &text[..at]))
}

/// A life of several hundred calls over two days; each step is taken by one of the ledgers, which share what they keep.
fn live(open: impl Fn() -> Ledger, handles: usize, seed: u64) {
    let clock = Arc::new(AtomicI64::new(NOON));
    let ledgers: Vec<Ledger> = (0..handles)
        .map(|_| {
            let clock = Arc::clone(&clock);
            open().with_clock(move || clock.load(Ordering::SeqCst))
        })
        .collect();
    let (gate, mut chance, mut calls) = (gate_of(), Chance::new(seed), Vec::<Call>::new());
    let mut denied = 0;
    for step in 0..400 {
        let rarely = [20 * SECOND, HOLD, DAY / 2];
        let pause = if chance.below(25) == 0 { chance.one(&rarely) } else { chance.one(&[0, 1, SECOND, 4 * SECOND]) };
        let now = clock.fetch_add(pause, Ordering::SeqCst) + pause;
        // Long runs of one ledger, so that it comes to know the sums, and others in between.
        let ledger = &ledgers[if chance.below(9) == 0 { chance.below(handles) } else { 0 }];
        let payee = chance.one(&["acme", "globex"]);
        if chance.below(3) > 0 {
            let cents = 1 + chance.below(20_000) as i128;
            let text = pay_to(&format!("c{step}"), payee, &format!("{}.{:02}", cents / 100, cents % 100), "EUR");
            let (sum, _) = counted(&calls, payee, now - now.rem_euclid(DAY), now);
            let (_, count) = counted(&calls, payee, now - 90 * SECOND + 1, now);
            let decision = ledger.decide(&gate, text.as_bytes());
            let fits = sum + cents <= 90_000 && count < 12;
            assert_eq!(decision.verdict == Verdict::Allow, fits, "step {step}: {sum} + {cents}, {count} calls");
            denied += usize::from(!fits);
            if let Some(permit) = &decision.permit {
                calls.push(Call { payee, at: now, cents, stands: Stands::Held, permit: permit.clone() });
            }
        } else if !calls.is_empty() {
            let place = calls.len() - 1 - chance.below(calls.len().min(9));
            settle(ledger, &mut calls[place], now, chance.below(3));
        }
        for asked in &ledgers {
            let part = Json::List(vec![Json::Text(payee.into())]);
            let found = asked.counted(&gate, "day", &part).unwrap();
            assert_eq!((found.sum, found.count), counted(&calls, payee, now - now.rem_euclid(DAY), now), "step {step}");
        }
    }
    assert!(denied > 5 && calls.len() > 60, "{denied} denied, {} calls", calls.len());
    assert_eq!(ledgers[0].forget(&gate, i64::MAX).map(|_| ()), Ok(()));
    ledgers[0].verify(&[]).unwrap();
}

#[test]
fn sums_are_those_of_the_calls() {
    for seed in 0..2 {
        live(|| Ledger::memory(Key::new([1; 32])), 1, seed);
        let folder = tempfile::tempdir().unwrap();
        live(|| Ledger::sqlite(&folder.path().join("alone.db")).unwrap(), 1, seed);
        live(|| Ledger::sqlite(&folder.path().join("shared.db")).unwrap(), 3, seed);
    }
    if let Some(url) = server::database() {
        live(|| Ledger::postgres(&url).unwrap(), 2, 2);
    }
}
