//! Retention (G6.5): what no limit can need any more goes; ids, records and the log stay.

use super::store::{Entry, Reservation, State};
use super::{Ledger, LedgerError, Work, leaf};
use crate::decision::instant;
use crate::file::Gate;
use crate::limit::{Kind, Micros};
use crate::name::Name;
use serde_json::json;
use std::collections::HashMap;

type Answer<T> = Result<T, LedgerError>;

/// Reservations that one step looks at, so that others wait for it only shortly.
const PAGE: usize = 500;

/// The first microsecond that counts now, by pot.
type Needed = HashMap<Name, Micros>;

fn needed(gate: &Gate, now: Micros) -> Needed {
    let counting = gate.limits.iter().filter(|limit| !matches!(limit.kind, Kind::Rate { .. }));
    counting.map(|limit| (limit.pot.clone(), limit.kind.since(now))).collect()
}

/// Has a reservation ended before a time, and does no limit of the gate count it? What has entries of other gates, or of a
/// limit that the gate has no more, is kept: nobody here knows their windows.
fn forgettable(held: &Reservation, entries: &[Entry], needed: &Needed, before: Micros, now: Micros) -> bool {
    let ended = match held.state {
        State::Running => return false,
        State::Held => held.expires,
        State::Committed | State::Released => held.settled,
    };
    let past = |entry: &Entry| needed.get(&entry.limit).is_some_and(|since| entry.at < *since && held.settled < *since);
    let counts = held.counts(now);
    ended < before && (!counts || entries.iter().all(past))
}

impl Ledger {
    /// Removes reservations, with their entries, that ended before a time and that no limit of the gate can count any more;
    /// and arrival times of rates that are past. Records, ids and the log stay. The number of reservations removed.
    /// Takes the ledger for 500 reservations at a time.
    ///
    /// # Errors
    /// `ledger-unavailable`; pages done before stay done.
    pub fn forget(&self, gate: &Gate, before: Micros) -> Answer<u64> {
        let (mut from, mut removed) = (0, 0);
        loop {
            let (next, count) = self.step(|work, now| page(work, gate, before.min(now), now, from))?;
            removed += count;
            match next {
                Some(next) => from = next,
                None => return Ok(removed),
            }
        }
    }
}

fn page(work: &mut Work<'_>, gate: &Gate, before: Micros, now: Micros, from: u64) -> Answer<(Option<u64>, u64)> {
    let needed = needed(gate, now);
    let found = work.store.reservations(from, PAGE)?;
    let next = found.last().filter(|_| found.len() == PAGE).map(|(number, _)| number.saturating_add(1));
    for (number, held) in &found {
        let entries = work.store.entries(*number)?;
        if forgettable(held, &entries, &needed, before, now) {
            work.writes.forgotten.push(*number);
        }
    }
    let count = work.writes.forgotten.len() as u64;
    if count > 0 {
        let arrived = now.saturating_mul(1_000);
        work.writes.arrived = Some(arrived);
        let leaf = leaf::object(json!({
            "event": "forget", "at": instant(now), "before": instant(before), "gate": gate.digest.as_str(),
            "reservations": work.writes.forgotten, "arrived": arrived.to_string(),
        }));
        work.append(leaf, now)?;
    }
    Ok((next, count))
}
