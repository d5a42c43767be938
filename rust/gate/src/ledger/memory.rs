//! A ledger for tests: gone with the process.

use super::LedgerError;
use super::store::{Counted, Entry, Head, Record, Reservation, State, Store, Writes};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

type Answer<T> = Result<T, LedgerError>;
type Pot = (String, String);

/// Keeps everything in maps. Writing cannot fail, so that nothing is ever undone.
#[derive(Debug, Clone)]
pub struct Memory {
    time: i64,
    records: HashMap<String, Record>,
    reservations: BTreeMap<u64, Reservation>,
    entries: HashMap<Pot, Vec<Entry>>,
    /// The pots in which a reservation has entries.
    pots: HashMap<u64, Vec<Pot>>,
    arrivals: HashMap<Pot, i64>,
    log: Vec<String>,
}

impl Default for Memory {
    fn default() -> Memory {
        Memory::new()
    }
}

impl Memory {
    /// Empty.
    pub fn new() -> Memory {
        Memory {
            time: i64::MIN,
            records: HashMap::new(),
            reservations: BTreeMap::new(),
            entries: HashMap::new(),
            pots: HashMap::new(),
            arrivals: HashMap::new(),
            log: Vec::new(),
        }
    }

    /// Entries of a reservation that may be changed.
    fn own(&mut self, number: u64, change: &mut dyn FnMut(&mut Vec<Entry>)) {
        for pot in self.pots.get(&number).into_iter().flatten() {
            if let Some(entries) = self.entries.get_mut(pot) {
                change(entries);
            }
        }
    }

    fn settle(&mut self, number: u64, state: State, amount: Option<i128>, at: i64) {
        let Some(found) = self.reservations.get_mut(&number) else { return };
        (found.state, found.settled) = (state, at);
        let Some(amount) = amount else { return };
        if let Some((held, _)) = &mut found.money {
            *held = amount;
        }
        self.own(number, &mut |entries| {
            for entry in entries.iter_mut().filter(|entry| entry.reservation == number && entry.money) {
                entry.amount = amount;
            }
        });
    }
}

impl Store for Memory {
    fn begin(&mut self, _: Duration) -> Answer<Head> {
        Ok(Head { time: self.time, length: self.log.len() as u64 })
    }

    fn record(&mut self, id: &str) -> Answer<Option<Record>> {
        Ok(self.records.get(id).cloned())
    }

    fn records(&mut self) -> Answer<Vec<(String, Record)>> {
        Ok(self.records.iter().map(|(id, record)| (id.clone(), record.clone())).collect())
    }

    fn reservation(&mut self, number: u64) -> Answer<Option<Reservation>> {
        Ok(self.reservations.get(&number).cloned())
    }

    fn reservations(&mut self, from: u64, most: usize) -> Answer<Vec<(u64, Reservation)>> {
        Ok(self.reservations.range(from..).take(most).map(|(number, found)| (*number, found.clone())).collect())
    }

    fn entries(&mut self, reservation: u64) -> Answer<Vec<Entry>> {
        let pots = self.pots.get(&reservation).into_iter().flatten();
        let entries = pots.filter_map(|pot| self.entries.get(pot)).flatten();
        let mut found: Vec<Entry> = entries.filter(|entry| entry.reservation == reservation).cloned().collect();
        found.sort_by(|a, b| (&a.limit, &a.part).cmp(&(&b.limit, &b.part)));
        Ok(found)
    }

    fn entry_count(&mut self) -> Answer<u64> {
        Ok(self.entries.values().map(|entries| entries.len() as u64).sum())
    }

    fn counted(&mut self, limit: &str, part: &str, since: i64, now: i64) -> Answer<Counted> {
        let mut out = Counted::default();
        let Some(entries) = self.entries.get(&(limit.to_owned(), part.to_owned())) else { return Ok(out) };
        // Time never goes backwards, so entries are sorted by it.
        let start = entries.partition_point(|entry| entry.at < since);
        for entry in entries.get(start..).unwrap_or_default() {
            if self.reservations.get(&entry.reservation).is_some_and(|reservation| reservation.counts(now)) {
                out.count += 1;
                out.sum = out.sum.saturating_add(entry.amount);
            }
        }
        Ok(out)
    }

    fn committed(&mut self, limit: &str, part: &str, since: i64) -> Answer<bool> {
        let entries = self.entries.get(&(limit.to_owned(), part.to_owned()));
        let mut of = entries.into_iter().flatten().filter_map(|entry| self.reservations.get(&entry.reservation));
        Ok(of.any(|reservation| reservation.state == State::Committed && reservation.settled >= since))
    }

    fn arrival(&mut self, limit: &str, part: &str) -> Answer<Option<i64>> {
        Ok(self.arrivals.get(&(limit.to_owned(), part.to_owned())).copied())
    }

    fn arrivals(&mut self) -> Answer<Vec<(String, String, i64)>> {
        Ok(self.arrivals.iter().map(|((limit, part), at)| (limit.clone(), part.clone(), *at)).collect())
    }

    fn leaves(&mut self, from: u64) -> Answer<Vec<String>> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        Ok(self.log.get(from..).unwrap_or_default().to_vec())
    }

    fn apply(&mut self, writes: &Writes, _: u64) -> Answer<()> {
        self.records.extend(writes.records.iter().cloned());
        self.reservations.extend(writes.reservations.iter().cloned());
        for settle in &writes.settles {
            self.settle(settle.number, settle.state, settle.amount, settle.at);
        }
        for entry in &writes.entries {
            let pot = (entry.limit.clone(), entry.part.clone());
            self.pots.entry(entry.reservation).or_default().push(pot.clone());
            self.entries.entry(pot).or_default().push(entry.clone());
        }
        for (limit, part, at) in &writes.arrivals {
            self.arrivals.insert((limit.clone(), part.clone()), *at);
        }
        for number in &writes.forgotten {
            self.own(*number, &mut |entries| entries.retain(|entry| entry.reservation != *number));
            self.pots.remove(number);
            self.reservations.remove(number);
        }
        if let Some(until) = writes.arrived {
            self.arrivals.retain(|_, at| *at > until);
        }
        if !writes.leaves.is_empty() {
            self.log.extend(writes.leaves.iter().cloned());
            self.time = writes.time;
        }
        Ok(())
    }

    fn commit(&mut self) -> Answer<()> {
        Ok(())
    }
}
