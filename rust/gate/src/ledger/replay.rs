//! What the log says of the tables, and whether they agree (G6.4).

use super::audit::{Roots, placed};
use super::leaf;
use super::store::{Head, Record, Reservation, Store};
use super::{LedgerError, State};
use crate::money;
use guard_engine::document::quote;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

type Answer<T> = Result<T, LedgerError>;

/// Leaves and reservations that are read at once.
const PAGE: usize = 1_000;

/// A reservation as the log has it last.
struct Held {
    digest: String,
    state: State,
    /// Whose it is, and what it spent, by the last leaf about it.
    id: Option<String>,
    actual: Option<String>,
}

/// What the tables must hold.
#[derive(Default)]
struct Expected {
    records: Records,
    reservations: BTreeMap<u64, Held>,
    arrivals: HashMap<String, i64>,
    time: Option<i64>,
}

fn text<'v>(leaf: &'v Value, key: &str) -> Option<&'v str> {
    leaf.get(key).and_then(Value::as_str)
}

impl Expected {
    /// Takes the next leaf; what is wrong with it.
    fn take(&mut self, leaf: &Value) -> Result<(), &'static str> {
        let at = text(leaf, "at").and_then(|at| at.parse::<Timestamp>().ok()).ok_or("it has no time")?.as_microsecond();
        if self.time.is_some_and(|before| before > at) {
            return Err("it is earlier than the one before");
        }
        self.time = Some(at);
        let state = match text(leaf, "event").unwrap_or_default() {
            "decision" => State::Held,
            "redeem" => State::Running,
            "commit" => State::Committed,
            "release" => State::Released,
            "forget" => return self.forget(leaf),
            "conflict" => return Ok(()),
            _ => return Err("it is of no known kind"),
        };
        for (pot, at) in leaf.get("arrivals").and_then(Value::as_object).into_iter().flatten() {
            let at = at.as_str().and_then(|at| at.parse().ok()).ok_or("it has an arrival time that is none")?;
            self.arrivals.insert(pot.clone(), at);
        }
        if let Some(number) = leaf.get("reservation").and_then(Value::as_u64) {
            let digest = text(leaf, "held").ok_or("it does not say what is held")?.to_owned();
            let [id, actual] = ["id", "actual"].map(|key| text(leaf, key).map(str::to_owned));
            self.reservations.insert(number, Held { digest, state, id, actual });
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

/// What was found of records while the log was read.
#[derive(Default)]
struct Records {
    /// Those that the last leaf of their id tells of.
    told: u64,
    /// Ids whose record says that a later leaf tells of it.
    later: HashSet<String>,
    /// The first that is not as the log has it.
    wrong: Option<String>,
}

impl Records {
    /// Looks up the records that a page of the log tells of.
    fn look(&mut self, store: &mut dyn Store, leaves: &[Value]) -> Answer<()> {
        let telling = || leaves.iter().filter(|leaf| text(leaf, "record").is_some());
        let ids: Vec<&str> = telling().filter_map(|leaf| text(leaf, "id")).collect();
        let found = store.recorded(&ids)?;
        let leaves = telling().filter(|leaf| text(leaf, "id").is_some());
        for ((id, leaf), record) in ids.into_iter().zip(leaves).zip(found) {
            let told = record.as_ref().and_then(|record| tells_of(leaf, record));
            match told {
                Some(Told::Now) => {
                    self.told += 1;
                    self.later.remove(id);
                }
                Some(Told::Later) => drop(self.later.insert(id.to_owned())),
                None => self.wrong = self.wrong.take().or_else(|| Some(id.to_owned())),
            }
        }
        Ok(())
    }

    fn agree(&self, store: &mut dyn Store) -> Answer<Result<(), String>> {
        if let Some(id) = self.wrong.as_ref().or_else(|| self.later.iter().min()) {
            return Ok(Err(format!("the record of {} is not the one in the log", quote(id))));
        }
        let all = store.record_count()? == self.told;
        Ok(if all { Ok(()) } else { Err("there are more or fewer records than the log knows".to_owned()) })
    }
}

/// Is the log canonical, in its order, and do the tables say what it says?
pub(super) fn agree(store: &mut dyn Store, head: Head, roots: &mut Roots) -> Answer<Result<(), String>> {
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
        expected.records.look(store, &leaves)?;
    }
    if head.length != from || head.time != expected.time.unwrap_or(i64::MIN) {
        return Ok(Err("the ledger's time or length is not that of its log".to_owned()));
    }
    Ok(match store.sound()? {
        Ok(()) => match expected.records.agree(store)? {
            Ok(()) => match reservations(store, &expected)? {
                Ok(()) => arrivals(store, &expected)?,
                wrong => wrong,
            },
            wrong => wrong,
        },
        wrong => wrong,
    })
}

/// Which leaf tells of a record?
enum Told {
    Now,
    Later,
}

/// Does the leaf of a decision say what its record says, or does the record stand for a later one? None if it does neither.
fn tells_of(leaf: &Value, record: &Record) -> Option<Told> {
    let document = serde_json::from_str::<Value>(&record.decision).ok()?;
    let sequence = |value: &Value| value.get("sequence").and_then(Value::as_u64);
    if sequence(&document)? > sequence(leaf)? {
        return Some(Told::Later);
    }
    let nothing = Value::Null;
    let said = |key: &str| leaf.get(key).unwrap_or(&nothing);
    let alike = |key: &str| said(key) == document.get(key).unwrap_or(&nothing);
    let same = text(leaf, "record")
        == Some(&leaf::record(&record.canonical, &record.decision, record.permit.as_deref()))
        && text(leaf, "decision") == Some(&crate::digest::digest(record.decision.as_bytes()))
        && said("gate") == document.pointer("/gate/digest").unwrap_or(&nothing)
        && ["at", "id", "proposal", "reservation", "sequence", "verdict"].into_iter().all(alike);
    same.then_some(Told::Now)
}

/// Does the last leaf about a reservation name its call, and what that spent?
fn settles(known: &Held, held: &Reservation) -> bool {
    let spent = || held.money.as_ref().map(|(amount, currency)| money::plain(*amount, currency));
    let actual = known.actual.as_deref();
    known.id.as_deref() == Some(&*held.id) && actual.is_none_or(|actual| spent().as_deref() == Some(actual))
}

fn reservations(store: &mut dyn Store, expected: &Expected) -> Answer<Result<(), String>> {
    let (mut from, mut seen, mut entries) = (0, 0, 0);
    loop {
        let page = store.reservations(from, PAGE)?;
        let Some((last, _)) = page.last() else { break };
        from = last.saturating_add(1);
        for (number, held) in &page {
            let own = store.entries(*number)?;
            let known = expected.reservations.get(number);
            let same = |known: &Held| {
                known.digest == leaf::held(held, &own) && known.state == held.state && settles(known, held)
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
