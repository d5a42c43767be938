//! One gate, proposals for it, and ledgers with a clock that tests set.

use crate::server;
use guard_gate::permit::Key;
use guard_gate::{Decision, Gate, Ledger};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

pub const GATE: &str = r#"
apiVersion: guard-nb/v1
kind: Gate
id: payments
params: {known_payees: [acme, globex]}
hold: 5m
tools:
  - name: send_money
    inputSchema:
      type: object
      required: [payee, amount, currency]
      additionalProperties: false
      properties:
        payee: {type: string, maxLength: 40}
        amount: {type: number, exclusiveMinimum: 0}
        currency: {type: string}
        invoice: {type: string}
        parts: {type: integer}
    money: {amount: /amount, currency: /currency}
    allow: "amount <= 500.00 AND payee IN (:known_payees) AND coalesce(amount / parts < 400, TRUE)"
    escalate: "amount > 200.00"
limits:
  - {name: day, type: budget, max: "1000.00", currency: EUR, window: day, zone: Europe/Berlin, by: [/payee], tools: [send_money]}
"#;

/// 2026-11-23T12:00:00Z
pub const NOON: i64 = 1_795_435_200_000_000;
pub const SECOND: i64 = 1_000_000;

pub fn gate() -> Gate {
    load(GATE)
}

pub fn load(text: &str) -> Gate {
    Gate::load(text, &|_| None).unwrap_or_else(|found| panic!("{found:#?}"))
}

pub fn pay(id: &str, amount: &str) -> String {
    pay_to(id, "acme", amount, "EUR")
}

pub fn pay_to(id: &str, payee: &str, amount: &str, currency: &str) -> String {
    format!(
        r#"{{"kind":"action","id":"{id}","principal":"bot-7","task":"t1","tool":"send_money","arguments":{{"payee":"{payee}","amount":{amount},"currency":"{currency}"}}}}"#
    )
}

pub fn codes(decision: &Decision) -> Vec<&'static str> {
    decision.reasons.iter().map(|reason| reason.code.name()).collect()
}

/// A clock that tests set.
#[derive(Clone)]
pub struct Time(Arc<AtomicI64>);

impl Time {
    pub fn set(&self, now: i64) {
        self.0.store(now, Ordering::SeqCst);
    }

    pub fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// At noon.
pub fn time() -> Time {
    Time(Arc::new(AtomicI64::new(NOON)))
}

/// A store of each kind, empty.
pub fn each(test: impl Fn(&str, Ledger)) {
    let folder = tempfile::tempdir().unwrap();
    test("memory", Ledger::memory(Key::new([1; 32])));
    test("sqlite", Ledger::sqlite(&folder.path().join("ledger.db")).unwrap());
    if let Some(url) = server::database() {
        test("postgres", Ledger::postgres(&url).unwrap());
    }
}

/// Runs a test on each kind of ledger.
pub fn on_each(test: impl Fn(&Ledger, &Time)) {
    each(|_, ledger| {
        let time = Time(Arc::new(AtomicI64::new(NOON)));
        let clock = time.clone();
        let ledger = ledger.with_clock(move || clock.0.load(Ordering::SeqCst));
        test(&ledger, &time);
    });
}

/// Its calls are rated, too.
pub fn rated() -> Gate {
    let rate = "  - {name: pace, type: rate, max: 10, per: 60s, by: [principal]}\n";
    load(&format!("{}{rate}", GATE.trim_end_matches(' ')))
}
