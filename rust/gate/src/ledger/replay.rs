//! What the log says of the tables, and whether they agree (G6.4).

use super::audit::{Roots, placed};
use super::history::{History, Step};
use super::leaf;
use super::store::{Head, Rows, Store};
use super::told::Records;
use super::{LedgerError, State};
use crate::decision::instant;
use crate::permit::Key;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

type Answer<T> = Result<T, LedgerError>;

/// Leaves and reservations that are read at once.
const PAGE: usize = 1_000;

/// What the tables must hold.
#[derive(Default)]
struct Expected {
    records: Records,
    reservations: BTreeMap<u64, History>,
    arrivals: HashMap<String, i64>,
    time: Option<i64>,
}

pub(super) fn text<'v>(leaf: &'v Value, key: &str) -> Option<&'v str> {
    leaf.get(key).and_then(Value::as_str)
}

/// Members of leaves (G6.4): those that each has, and those that it may have.
fn members(event: &str) -> Option<[&'static [&'static str]; 2]> {
    Some(match event {
        "decision" => [
            &["at", "decision", "event", "gate", "id", "proposal", "reservation", "sequence", "verdict"],
            &["arrivals", "held", "record"],
        ],
        "conflict" | "other-gate" => {
            [&["at", "decision", "event", "gate", "id", "proposal", "reservation", "sequence", "verdict"], &[]]
        }
        "redeem" | "commit" | "release" => {
            [&["actual", "at", "event", "held", "id", "proposal", "reservation", "sequence"], &[]]
        }
        "forget" => [&["arrived", "at", "before", "event", "gate", "reservations", "sequence"], &[]],
        _ => return None,
    })
}

/// Has a leaf the members of its kind, and no other?
fn formed(leaf: &Value, event: &str) -> Result<(), &'static str> {
    let [own, more] = members(event).ok_or("it is of no known kind")?;
    let all = leaf.as_object().is_some_and(|leaf| {
        let known = |name: &String| own.contains(&name.as_str()) || more.contains(&name.as_str());
        own.iter().all(|name| leaf.contains_key(*name)) && leaf.keys().all(known)
    });
    if all { Ok(()) } else { Err("it has not the members of its kind") }
}

/// A time, if it is written as the log writes times.
fn moment(leaf: &Value, key: &str) -> Option<i64> {
    let written = text(leaf, key)?;
    let at = written.parse::<Timestamp>().ok()?.as_microsecond();
    (instant(at) == written).then_some(at)
}

impl Expected {
    /// Takes the next leaf; what is wrong with it.
    fn take(&mut self, leaf: &Value) -> Result<(), &'static str> {
        let event = text(leaf, "event").unwrap_or_default();
        formed(leaf, event)?;
        let at = moment(leaf, "at").ok_or("it has no time")?;
        if self.time.is_some_and(|before| before > at) {
            return Err("it is earlier than the one before");
        }
        self.time = Some(at);
        match event {
            "decision" => self.decision(leaf, at),
            "redeem" => self.settle(leaf, State::Running, at),
            "commit" => self.settle(leaf, State::Committed, at),
            "release" => self.settle(leaf, State::Released, at),
            "forget" => self.forget(leaf, at),
            _ if text(leaf, "id").is_none() => Err("it repeats no id"),
            _ => Ok(()),
        }
    }

    fn decision(&mut self, leaf: &Value, at: i64) -> Result<(), &'static str> {
        for (pot, next) in leaf.get("arrivals").and_then(Value::as_object).into_iter().flatten() {
            let next: i64 =
                next.as_str().and_then(|at| at.parse().ok()).ok_or("it has an arrival time that is none")?;
            // Each call of a rate comes after the one before.
            if self.arrivals.insert(pot.clone(), next).is_some_and(|before| before > next) {
                return Err("it has an arrival time that is before the last one");
            }
        }
        // Without an id nothing can be recorded, so nothing can be allowed.
        if text(leaf, "id").is_none() && (text(leaf, "verdict") != Some("deny") || leaf.get("record").is_some()) {
            return Err("it allows what has no id");
        }
        let number = leaf.get("reservation").and_then(Value::as_u64);
        match (number, text(leaf, "held")) {
            (None, None) if leaf.get("reservation").is_some_and(Value::is_null) => {}
            (Some(number), Some(held)) if leaf.get("sequence").and_then(Value::as_u64) == Some(number) => {
                let first = Step { state: State::Held, at, held: held.to_owned(), actual: None };
                self.reservations.insert(number, History::new(first));
            }
            _ => return Err("it does not say what is held"),
        }
        Ok(())
    }

    fn settle(&mut self, leaf: &Value, state: State, at: i64) -> Result<(), &'static str> {
        let held = text(leaf, "held").ok_or("it does not say what is held")?.to_owned();
        let actual = match leaf.get("actual") {
            None | Some(Value::Null) => None,
            Some(_) if state != State::Committed => return Err("it spends what it cannot spend"),
            Some(actual) => Some(actual.as_str().ok_or("it spends what is no amount")?.to_owned()),
        };
        let number = leaf.get("reservation").and_then(Value::as_u64);
        let known = number.and_then(|number| self.reservations.get_mut(&number));
        known.ok_or("it is about nothing that is held")?.add(Step { state, at, held, actual })
    }

    fn forget(&mut self, leaf: &Value, at: i64) -> Result<(), &'static str> {
        let numbers = leaf.get("reservations").and_then(Value::as_array).filter(|numbers| !numbers.is_empty());
        for number in numbers.ok_or("it forgets nothing")? {
            let found = number.as_u64().and_then(|number| self.reservations.remove(&number));
            // What runs has an unknown outcome, and is never forgotten.
            let may = found.and_then(|known| known.state()).filter(|state| *state != State::Running);
            may.ok_or("it forgets what it must keep")?;
        }
        let until: i64 = text(leaf, "arrived").and_then(|at| at.parse().ok()).ok_or("it has no time of arrival")?;
        let before = moment(leaf, "before").ok_or("it does not say what it forgets")?;
        if before > at || until != at.saturating_mul(1_000) {
            return Err("it forgets what comes after it");
        }
        self.arrivals.retain(|_, at| *at > until);
        Ok(())
    }
}

/// Is the log canonical, in its order, and do the tables say what it says?
pub(super) fn agree(store: &mut dyn Store, head: Head, roots: &mut Roots, key: &Key) -> Answer<Result<(), String>> {
    let (mut expected, mut from) = (Expected::default(), 0);
    loop {
        let page = store.leaves(from, PAGE)?;
        if page.is_empty() {
            break;
        }
        let mut leaves = Vec::with_capacity(page.len());
        for leaf in &page {
            let read = placed(from, leaf).and_then(|value| {
                expected.take(&value).map_err(|why| format!("sequence {from}: {why}"))?;
                Ok(value)
            });
            match read {
                Ok(value) => leaves.push(value),
                Err(why) => return Ok(Err(why)),
            }
            roots.push(leaf);
            from += 1;
        }
        expected.records.look(store, &leaves, key)?;
    }
    if head.length != from || head.time != expected.time.unwrap_or(i64::MIN) {
        return Ok(Err("the ledger's time or length is not that of its log".to_owned()));
    }
    tables(store, &expected, from)
}

fn tables(store: &mut dyn Store, expected: &Expected, length: u64) -> Answer<Result<(), String>> {
    if let Err(why) = store.sound()? {
        return Ok(Err(why));
    }
    let rows = store.rows()?;
    if rows.leaves != length {
        return Ok(Err("there are entries outside of the log's sequence".to_owned()));
    }
    if let Err(why) = expected.records.agree(rows.records) {
        return Ok(Err(why));
    }
    match reservations(store, expected, rows)? {
        Ok(()) => arrivals(store, expected),
        wrong => Ok(wrong),
    }
}

fn reservations(store: &mut dyn Store, expected: &Expected, rows: Rows) -> Answer<Result<(), String>> {
    let (mut from, mut seen, mut entries) = (0, 0, 0);
    loop {
        let page = store.reservations(from, PAGE)?;
        let Some((last, _)) = page.last() else { break };
        from = last.saturating_add(1);
        let ids: Vec<&str> = page.iter().map(|(_, held)| held.id.as_str()).collect();
        for ((number, held), record) in page.iter().zip(store.recorded(&ids)?) {
            let own = store.entries(*number)?;
            let known = expected.reservations.get(number).zip(record);
            if !known.is_some_and(|(known, record)| known.led_to(held, &own, &record.canonical)) {
                return Ok(Err(format!("reservation {number} is not as the log has it")));
            }
            seen += 1;
            entries += own.len() as u64;
        }
    }
    if seen != expected.reservations.len() as u64 {
        return Ok(Err("there are fewer reservations than the log knows".to_owned()));
    }
    if rows.reservations != seen {
        return Ok(Err("there are reservations that the log does not know".to_owned()));
    }
    if rows.entries != entries {
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
