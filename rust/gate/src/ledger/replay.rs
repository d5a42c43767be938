//! What the log says of the tables, and whether they agree (G6.4).

use super::leaf;
use super::store::{Head, Record, Reservation, Store};
use super::{LedgerError, State};
use crate::money;
use guard_engine::document::quote;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

type Answer<T> = Result<T, LedgerError>;

/// A reservation as the log has it last.
struct Held {
    digest: String,
    state: State,
    /// The last leaf about it.
    leaf: Value,
}

/// What the tables must hold.
#[derive(Default)]
struct Expected {
    /// The last decision under each id.
    records: HashMap<String, Value>,
    reservations: BTreeMap<u64, Held>,
    arrivals: HashMap<String, i64>,
    time: Option<i64>,
}

fn text<'v>(leaf: &'v Value, key: &str) -> Option<&'v str> {
    leaf.get(key).and_then(Value::as_str)
}

impl Expected {
    /// Takes the next leaf; what is wrong with it.
    fn take(&mut self, leaf: Value) -> Result<(), &'static str> {
        let at =
            text(&leaf, "at").and_then(|at| at.parse::<Timestamp>().ok()).ok_or("it has no time")?.as_microsecond();
        if self.time.is_some_and(|before| before > at) {
            return Err("it is earlier than the one before");
        }
        self.time = Some(at);
        let state = match text(&leaf, "event").unwrap_or_default() {
            "decision" => State::Held,
            "redeem" => State::Running,
            "commit" => State::Committed,
            "release" => State::Released,
            "forget" => return self.forget(&leaf),
            "conflict" => return Ok(()),
            _ => return Err("it is of no known kind"),
        };
        for (pot, at) in leaf.get("arrivals").and_then(Value::as_object).into_iter().flatten() {
            let at = at.as_str().and_then(|at| at.parse().ok()).ok_or("it has an arrival time that is none")?;
            self.arrivals.insert(pot.clone(), at);
        }
        if let (Some(id), Some(_)) = (text(&leaf, "id"), text(&leaf, "record")) {
            self.records.insert(id.to_owned(), leaf.clone());
        }
        if let Some(number) = leaf.get("reservation").and_then(Value::as_u64) {
            let digest = text(&leaf, "held").ok_or("it does not say what is held")?.to_owned();
            self.reservations.insert(number, Held { digest, state, leaf });
        }
        Ok(())
    }

    fn forget(&mut self, leaf: &Value) -> Result<(), &'static str> {
        for number in leaf.get("reservations").and_then(Value::as_array).into_iter().flatten() {
            let found = number.as_u64().and_then(|number| self.reservations.remove(&number));
            // What runs has an unknown outcome, and is never forgotten.
            found.filter(|held| held.state != State::Running).ok_or("it forgets what it must keep")?;
        }
        let until = text(leaf, "arrived").and_then(|at| at.parse::<i64>().ok()).ok_or("it has no time of arrival")?;
        self.arrivals.retain(|_, at| *at > until);
        Ok(())
    }
}

/// Do the tables say what the log says? The leaves stand in their places.
pub(super) fn agree(store: &mut dyn Store, head: Head, leaves: &[String]) -> Answer<Result<(), String>> {
    let mut expected = Expected::default();
    for (position, leaf) in leaves.iter().enumerate() {
        let read = serde_json::from_str(leaf).map_err(|_| "it is no JSON").and_then(|leaf| expected.take(leaf));
        if let Err(why) = read {
            return Ok(Err(format!("sequence {position}: {why}")));
        }
    }
    if head.length != leaves.len() as u64 || head.time != expected.time.unwrap_or(i64::MIN) {
        return Ok(Err("the ledger's time or length is not that of its log".to_owned()));
    }
    Ok(match store.sound()? {
        Ok(()) => match records(store, &expected)? {
            Ok(()) => match reservations(store, &expected)? {
                Ok(()) => arrivals(store, &expected)?,
                wrong => wrong,
            },
            wrong => wrong,
        },
        wrong => wrong,
    })
}

fn records(store: &mut dyn Store, expected: &Expected) -> Answer<Result<(), String>> {
    let found = store.records()?;
    if found.len() != expected.records.len() {
        return Ok(Err("there are more or fewer records than the log knows".to_owned()));
    }
    let same = |(id, record): &(String, Record)| expected.records.get(id).is_some_and(|leaf| tells_of(leaf, record));
    let wrong = found.iter().find(|found| !same(found));
    Ok(wrong.map_or(Ok(()), |(id, _)| Err(format!("the record of {} is not the one in the log", quote(id)))))
}

/// Does the leaf of a decision say what its record says?
fn tells_of(leaf: &Value, record: &Record) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(&record.decision) else { return false };
    let nothing = Value::Null;
    let said = |key: &str| leaf.get(key).unwrap_or(&nothing);
    let alike = |key: &str| said(key) == document.get(key).unwrap_or(&nothing);
    text(leaf, "record") == Some(&leaf::record(&record.canonical, &record.decision, record.permit.as_deref()))
        && text(leaf, "decision") == Some(&crate::digest::digest(record.decision.as_bytes()))
        && said("gate") == document.pointer("/gate/digest").unwrap_or(&nothing)
        && ["at", "id", "proposal", "reservation", "sequence", "verdict"].into_iter().all(alike)
}

/// Does the last leaf about a reservation name its call, and what that spent?
fn settles(leaf: &Value, held: &Reservation) -> bool {
    let spent = || held.money.as_ref().map(|(amount, currency)| money::plain(*amount, currency));
    let actual = leaf.get("actual").and_then(Value::as_str);
    text(leaf, "id") == Some(&*held.id) && actual.is_none_or(|actual| spent().as_deref() == Some(actual))
}

fn reservations(store: &mut dyn Store, expected: &Expected) -> Answer<Result<(), String>> {
    const PAGE: usize = 1_000;
    let (mut from, mut seen, mut entries) = (0, 0, 0);
    loop {
        let page = store.reservations(from, PAGE)?;
        let Some((last, _)) = page.last() else { break };
        from = last.saturating_add(1);
        for (number, held) in &page {
            let own = store.entries(*number)?;
            let known = expected.reservations.get(number);
            let same = |known: &Held| {
                known.digest == leaf::held(held, &own) && known.state == held.state && settles(&known.leaf, held)
            };
            if !known.is_some_and(same) {
                return Ok(Err(format!("reservation {number} is not as the log has it")));
            }
            seen += 1;
            entries += own.len() as u64;
        }
    }
    if seen != expected.reservations.len() {
        return Ok(Err("there are fewer reservations than the log knows".to_owned()));
    }
    if store.entry_count()? != entries {
        return Ok(Err("there are entries that no reservation has".to_owned()));
    }
    Ok(Ok(()))
}

fn arrivals(store: &mut dyn Store, expected: &Expected) -> Answer<Result<(), String>> {
    let found = store.arrivals()?;
    let same = |(limit, part, at): &(String, String, i64)| expected.arrivals.get(&leaf::pot(limit, part)) == Some(at);
    let agreed = found.len() == expected.arrivals.len() && found.iter().all(same);
    Ok(if agreed { Ok(()) } else { Err("the times of rates are not as the log has them".to_owned()) })
}
