//! Leaves of the log (G6.4), and what binds the tables to them.

use super::decided::Decided;
use super::store::{Entry, Reservation, Settle, State};
use super::{LedgerError, Work};
use crate::decision::{Decision, instant};
use crate::digest::digest;
use crate::document::Object;
use crate::json::write_text;
use crate::limit::Micros;
use crate::money;
use crate::name::Name;
use crate::permit::Permit;
use guard_verdict::canonical_json;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

type Answer<T> = Result<T, LedgerError>;
pub(super) type Leaf = Map<String, Value>;

pub(super) fn object(value: Value) -> Leaf {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// The leaf of a decision, or of a conflict of ids, in canonical form: names come in order. `document` is that of the decision.
pub(super) fn decision(decided: &Decided, document: &str) -> String {
    let (decision, arrivals) = (&decided.decision, &decided.held.arrivals);
    let mut out = String::with_capacity(768);
    let mut leaf = Object::new(&mut out);
    if !arrivals.is_empty() {
        let at = |(limit, part, at): &(Name, Name, i64)| (pot(limit, part), at.to_string());
        let all: BTreeMap<String, String> = arrivals.iter().map(at).collect();
        let mut arrivals = Object::new(leaf.name("arrivals"));
        all.iter().for_each(|(pot, at)| arrivals.text(pot, at));
        arrivals.end();
    }
    leaf.text("at", &instant(decision.at));
    leaf.text("decision", &digest(document.as_bytes()));
    leaf.text("event", decided.event);
    leaf.text("gate", &decision.gate.1);
    if let Some(reservation) = &decided.held.reservation {
        let mut entries: Vec<&Entry> = decided.held.entries.iter().collect();
        entries.sort_by(|a, b| (&a.limit, &a.part).cmp(&(&b.limit, &b.part)));
        leaf.text("held", &held(reservation, entries));
    }
    leaf.nullable("id", decision.id.as_deref());
    leaf.nullable("proposal", decision.proposal.as_deref());
    if decided.recorded {
        leaf.text("record", &record(&decided.canonical, document, decision.permit.as_deref()));
    }
    match decision.reservation {
        Some((number, _)) => leaf.number("reservation", number),
        None => leaf.name("reservation").push_str("null"),
    }
    leaf.number("sequence", decision.sequence);
    leaf.text("verdict", decision.verdict.name());
    leaf.end();
    out
}

/// Appends a text and what comes before the next one.
fn item(text: &str, after: &str, out: &mut String) {
    write_text(text, out);
    out.push_str(after);
}

/// The digest of all that is recorded under an id.
pub(super) fn record(canonical: &str, decision: &str, permit: Option<&str>) -> String {
    let length = canonical.len() + decision.len() + permit.map_or(0, str::len);
    let mut whole = String::with_capacity(length + length / 4);
    whole.push('[');
    item(canonical, ",", &mut whole);
    item(decision, ",", &mut whole);
    match permit {
        Some(permit) => item(permit, "]", &mut whole),
        None => whole.push_str("null]"),
    }
    digest(whole.as_bytes())
}

/// The digest of a reservation with its entries, which come by limit and part.
pub(super) fn held<'e>(held: &Reservation, entries: impl IntoIterator<Item = &'e Entry>) -> String {
    let mut whole = String::with_capacity(512);
    whole.push('[');
    item(&held.id, ",", &mut whole);
    item(held.state.name(), ",[", &mut whole);
    item(&held.expires.to_string(), ",", &mut whole);
    item(&held.settled.to_string(), "],", &mut whole);
    match &held.money {
        Some((amount, currency)) => {
            whole.push('[');
            item(&amount.to_string(), ",", &mut whole);
            item(currency, "],[", &mut whole);
        }
        None => whole.push_str("null,["),
    }
    for (position, entry) in entries.into_iter().enumerate() {
        whole.push_str(if position == 0 { "[" } else { ",[" });
        item(&entry.limit, ",", &mut whole);
        item(&entry.part, ",", &mut whole);
        item(&entry.at.to_string(), ",", &mut whole);
        item(&entry.amount.to_string(), ",", &mut whole);
        whole.push_str(if entry.money { "true]" } else { "false]" });
    }
    whole.push_str("]]");
    digest(whole.as_bytes())
}

/// The name of an arrival time in the log.
pub(super) fn pot(limit: &str, part: &str) -> String {
    let mut whole = String::with_capacity(limit.len() + part.len() + 16);
    whole.push('[');
    item(limit, ",", &mut whole);
    item(part, "]", &mut whole);
    digest(whole.as_bytes())
}

impl Work<'_> {
    /// Makes a decision that of the step; it stamped the time.
    pub(super) fn decide(&mut self, decided: Decided) -> Arc<Decision> {
        let decision = Arc::clone(&decided.decision);
        self.writes.time = decision.at;
        self.writes.decided = Some(Arc::new(decided));
        decision
    }

    /// Appends a leaf; the ledger's time is that of its last one.
    pub(super) fn append(&mut self, mut leaf: Leaf, now: Micros) -> Answer<()> {
        let sequence = self.head.length.saturating_add(self.writes.length());
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
            "event": event(state), "at": instant(now), "id": permit.id.as_str(), "proposal": permit.proposal.as_str(),
            "reservation": number, "actual": actual, "held": held(&after, &entries),
        }));
        let pots = entries.into_iter().map(|entry| (entry.limit, entry.part)).collect();
        self.writes.settles.push(Settle { number, state, amount, at: now, pots });
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::super::decided::Held;
    use super::*;
    use crate::decision::Verdict;

    const ODD: &str = "a\"\\\n\u{1}ü\u{1f600}/";

    /// The same, by way of values.
    fn canonical(value: &Value) -> String {
        canonical_json(value).unwrap()
    }

    fn decided() -> Decided {
        let reservation =
            Reservation { id: ODD.into(), state: State::Held, expires: 9, money: Some((5, "EUR".into())), settled: -3 };
        let entry = |limit: &'static str, money| Entry {
            limit: limit.into(),
            part: ODD.into(),
            at: 7,
            amount: i128::MAX,
            money,
            reservation: 4,
        };
        let held = Held {
            reservation: Some(reservation),
            entries: vec![entry("z", false), entry("b\"", true)],
            arrivals: vec![("r".into(), ODD.into(), i64::MIN), ("q".into(), "[]".into(), 3)],
        };
        let decision = Decision {
            verdict: Verdict::Allow,
            id: Some(ODD.into()),
            proposal: None,
            gate: ("g".into(), "sha256:0".into()),
            at: 1_700_000_000_000_001,
            sequence: 4,
            replayed: false,
            reasons: Vec::new(),
            obligations: Vec::new(),
            reservation: Some((4, 9)),
            answer: None,
            approved: None,
            permit: Some("p".to_owned()),
        };
        Decided::new(Arc::new(decision), ODD.into(), held)
    }

    #[test]
    fn leaves_are_what_values_would_give() {
        let of = decided();
        let entries =
            json!([["b\"", ODD, "7", i128::MAX.to_string(), true], ["z", ODD, "7", i128::MAX.to_string(), false]]);
        let held_whole = canonical(&json!([ODD, "held", ["9", "-3"], ["5", "EUR"], entries]));
        let pots = [("r", ODD), ("q", "[]")].map(|pot| digest(canonical(&json!(pot)).as_bytes()));
        let record_whole = canonical(&json!([ODD, "document", "p"]));
        let mut expected = json!({
            "event": "decision", "at": instant(of.decision.at), "id": ODD, "proposal": null, "verdict": "allow",
            "gate": "sha256:0", "decision": digest(b"document"), "reservation": 4, "sequence": 4,
            "held": digest(held_whole.as_bytes()), "record": digest(record_whole.as_bytes()),
            "arrivals": {(pots[0].clone()): i64::MIN.to_string(), (pots[1].clone()): "3"},
        });
        assert_eq!(decision(&of, "document"), canonical(&expected));
        assert_eq!(of.leaf(), decision(&of, &of.decision.to_json()));

        // With nothing held or recorded.
        let bare = Reservation { money: None, ..of.held.reservation.clone().unwrap() };
        let whole = canonical(&json!([ODD, "held", ["9", "-3"], null, []]));
        assert_eq!(held(&bare, []), digest(whole.as_bytes()));
        let whole = canonical(&json!([ODD, "{\"a\":1}", null]));
        assert_eq!(record(ODD, "{\"a\":1}", None), digest(whole.as_bytes()));
        let plain = Decision { reservation: None, id: None, proposal: Some(ODD.into()), ..(*of.decision).clone() };
        for name in ["held", "record", "arrivals"] {
            expected.as_object_mut().unwrap().remove(name);
        }
        expected["id"] = Value::Null;
        expected["reservation"] = Value::Null;
        expected["proposal"] = json!(ODD);
        let of = Decided::new(Arc::new(plain), ODD.into(), Held::default());
        assert_eq!(decision(&of, "document"), canonical(&expected));
    }
}
