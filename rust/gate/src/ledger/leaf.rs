//! Leaves of the log (G6.4), and what binds the tables to them.

use super::store::{Entry, Record, Reservation, Settle, State, Writes};
use super::{LedgerError, Work};
use crate::decision::{Decision, instant};
use crate::limit::Micros;
use crate::money;
use crate::permit::Permit;
use guard_verdict::{canonical_json, digest};
use serde_json::{Map, Value, json};

type Answer<T> = Result<T, LedgerError>;
pub(super) type Leaf = Map<String, Value>;

pub(super) fn object(value: Value) -> Leaf {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A decision, or a conflict of ids.
pub(super) fn decision(event: &str, now: Micros, decision: &Decision) -> Leaf {
    object(json!({
        "event": event, "at": instant(now), "id": decision.id,
        "proposal": decision.proposal, "verdict": decision.verdict.name(), "gate": decision.gate.1,
        "decision": digest(decision.to_json().as_bytes()),
        "reservation": decision.reservation.map(|(number, _)| number),
    }))
}

/// The digest of all that is recorded under an id.
pub(super) fn record(record: &Record) -> String {
    let whole = json!([record.canonical, record.decision, record.permit]);
    digest(canonical_json(&whole).unwrap_or_default().as_bytes())
}

/// The digest of a reservation with its entries, which come by limit and part.
pub(super) fn held(held: &Reservation, entries: &[Entry]) -> String {
    let entries: Vec<Value> = entries
        .iter()
        .map(|entry| json!([entry.limit, entry.part, entry.at.to_string(), entry.amount.to_string(), entry.money]))
        .collect();
    let money = held.money.as_ref().map(|(amount, currency)| json!([amount.to_string(), currency]));
    let times = [held.expires.to_string(), held.settled.to_string()];
    let whole = json!([held.id, held.state.name(), times, money, entries]);
    digest(canonical_json(&whole).unwrap_or_default().as_bytes())
}

/// The name of an arrival time in the log.
pub(super) fn pot(limit: &str, part: &str) -> String {
    digest(canonical_json(&json!([limit, part])).unwrap_or_default().as_bytes())
}

pub(super) fn bind_record(leaf: &mut Leaf, of: &Record) {
    leaf.insert("record".to_owned(), json!(record(of)));
}

/// Binds what a decision holds, where it holds something.
pub(super) fn bind_holds(leaf: &mut Leaf, writes: &Writes) {
    for (number, reservation) in &writes.reservations {
        let mut entries: Vec<Entry> =
            writes.entries.iter().filter(|entry| entry.reservation == *number).cloned().collect();
        entries.sort_by(|a, b| (&a.limit, &a.part).cmp(&(&b.limit, &b.part)));
        leaf.insert("held".to_owned(), json!(held(reservation, &entries)));
    }
    if !writes.arrivals.is_empty() {
        let all = writes.arrivals.iter().map(|(limit, part, at)| (pot(limit, part), json!(at.to_string())));
        leaf.insert("arrivals".to_owned(), Value::Object(all.collect()));
    }
}

impl Work<'_> {
    /// Appends a leaf; the ledger's time is that of its last one.
    pub(super) fn append(&mut self, mut leaf: Leaf, now: Micros) -> Answer<()> {
        let sequence = self.head.length.saturating_add(self.writes.leaves.len() as u64);
        leaf.insert("sequence".to_owned(), json!(sequence));
        let text = canonical_json(&Value::Object(leaf));
        self.writes.leaves.push(text.map_err(|error| LedgerError::unavailable(&error.to_string()))?);
        self.writes.time = now;
        Ok(())
    }

    /// Changes how a reservation stands; `amount` replaces what was held in money.
    pub(super) fn settle(
        &mut self,
        permit: &Permit,
        before: &Reservation,
        state: State,
        amount: Option<i128>,
        now: Micros,
    ) -> Answer<()> {
        let number = permit.reservation;
        let mut entries = self.store.entries(number)?;
        let mut after = Reservation { state, settled: now, ..before.clone() };
        if let Some(amount) = amount {
            entries.iter_mut().filter(|entry| entry.money).for_each(|entry| entry.amount = amount);
            after.money = after.money.map(|(_, currency)| (amount, currency));
        }
        let actual = amount.zip(after.money.as_ref()).map(|(amount, (_, currency))| money::plain(amount, currency));
        let leaf = object(json!({
            "event": event(state), "at": instant(now), "id": permit.id, "proposal": permit.proposal,
            "reservation": number, "actual": actual, "held": held(&after, &entries),
        }));
        self.writes.settles.push(Settle { number, state, amount, at: now });
        self.append(leaf, now)
    }
}

fn event(state: State) -> &'static str {
    match state {
        State::Held => "hold",
        State::Running => "redeem",
        State::Committed => "commit",
        State::Released => "release",
    }
}
