//! A ledger for tests: gone with the process.

use super::LedgerError;
use super::decided::Decided;
use super::pot::{Amount, Pot};
use super::store::{Counted, Entry, Head, Record, Reservation, Rows, State, Store, Writes};
use super::sums::Asked;
use crate::name::Name;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::sync::Arc;
use std::time::Duration;

type Answer<T> = Result<T, LedgerError>;
type Names = (Name, Name);

/// How a reservation stands; what it held first is in its decision.
#[derive(Debug, Clone, Copy)]
struct Standing {
    state: State,
    /// What replaced the amount that was held.
    amount: Option<i128>,
    settled: i64,
}

/// A leaf of the log, with the reservation of a decision, which has its number, until it is forgotten.
#[derive(Debug, Clone)]
enum Logged {
    Decided(Arc<Decided>, Option<Standing>),
    Written(String),
}

impl Logged {
    fn reservation(&self) -> Option<Reservation> {
        let Logged::Decided(decided, Some(standing)) = self else { return None };
        let held = decided.held.reservation.clone()?;
        let money = held.money.map(|(amount, currency)| (standing.amount.unwrap_or(amount), currency));
        Some(Reservation { state: standing.state, settled: standing.settled, money, ..held })
    }
}

/// Keeps everything in maps. Writing cannot fail, so that nothing is ever undone.
#[derive(Debug, Clone)]
pub struct Memory {
    time: i64,
    records: HashMap<Name, Arc<Decided>, RandomState>,
    pots: HashMap<Names, Pot, RandomState>,
    arrivals: HashMap<Names, i64, RandomState>,
    log: Vec<Logged>,
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
            records: HashMap::default(),
            pots: HashMap::default(),
            arrivals: HashMap::default(),
            log: Vec::new(),
        }
    }

    /// Does something to each pot in which a reservation has an amount.
    fn each_pot(&mut self, decided: &Decided, mut act: impl FnMut(&mut Pot)) {
        for entry in &decided.held.entries {
            if let Some(pot) = self.pots.get_mut(&Asked(&entry.limit, &entry.part)) {
                act(pot);
            }
        }
    }

    fn logged(&self, number: u64) -> Option<&Logged> {
        self.log.get(usize::try_from(number).ok()?)
    }

    fn settle(&mut self, number: u64, state: State, amount: Option<i128>, at: i64) {
        let found = usize::try_from(number).ok().and_then(|number| self.log.get_mut(number));
        let Some(Logged::Decided(decided, Some(standing))) = found else { return };
        *standing = Standing { state, amount: amount.or(standing.amount), settled: at };
        let decided = Arc::clone(decided);
        self.each_pot(&decided, |pot| pot.settle(number, state, amount, at));
    }

    fn decided(&mut self, decided: Arc<Decided>) {
        if let Some((number, held)) = decided.reservation() {
            for entry in &decided.held.entries {
                let amount = Amount::of(entry, number, held);
                match self.pots.get_mut(&Asked(&entry.limit, &entry.part)) {
                    Some(pot) => pot.add(amount),
                    None => {
                        let mut pot = Pot::default();
                        pot.add(amount);
                        self.pots.insert((entry.limit.clone(), entry.part.clone()), pot);
                    }
                }
            }
        }
        for (limit, part, at) in &decided.held.arrivals {
            match self.arrivals.get_mut(&Asked(limit, part)) {
                Some(arrival) => *arrival = *at,
                None => drop(self.arrivals.insert((limit.clone(), part.clone()), *at)),
            }
        }
        if let Some(id) = decided.decision.id.clone().filter(|_| decided.recorded) {
            self.records.insert(id, Arc::clone(&decided));
        }
        let held = decided.held.reservation.as_ref();
        let standing = held.map(|held| Standing { state: held.state, amount: None, settled: held.settled });
        self.log.push(Logged::Decided(decided, standing));
    }

    fn forget(&mut self, number: u64) {
        let found = usize::try_from(number).ok().and_then(|number| self.log.get_mut(number));
        let Some(Logged::Decided(decided, standing)) = found else { return };
        let decided = Arc::clone(decided);
        if standing.take().is_some() {
            self.each_pot(&decided, |pot| pot.forget(number));
        }
    }
}

impl Store for Memory {
    fn begin(&mut self, _: Duration) -> Answer<Head> {
        Ok(Head { time: self.time, length: self.log.len() as u64 })
    }

    fn record(&mut self, id: &str) -> Answer<Option<Record>> {
        Ok(self.records.get(id).and_then(|decided| decided.record()).map(|(_, record)| record))
    }

    fn rows(&mut self) -> Answer<Rows> {
        Ok(Rows {
            records: self.records.len() as u64,
            reservations: self.log.iter().filter(|logged| matches!(logged, Logged::Decided(_, Some(_)))).count() as u64,
            entries: self.pots.values().map(|pot| pot.len() as u64).sum(),
            leaves: self.log.len() as u64,
        })
    }

    fn records(&mut self) -> Answer<Vec<(String, Record)>> {
        let found = self.records.values().filter_map(|decided| decided.record());
        Ok(found.map(|(id, record)| (id.to_string(), record)).collect())
    }

    fn reservation(&mut self, number: u64) -> Answer<Option<Reservation>> {
        Ok(self.logged(number).and_then(Logged::reservation))
    }

    fn reservations(&mut self, from: u64, most: usize) -> Answer<Vec<(u64, Reservation)>> {
        let start = usize::try_from(from).unwrap_or(usize::MAX);
        let found = self.log.get(start..).unwrap_or_default().iter().zip(from..);
        Ok(found.filter_map(|(logged, number)| Some((number, logged.reservation()?))).take(most).collect())
    }

    fn entries(&mut self, reservation: u64) -> Answer<Vec<Entry>> {
        let Some(Logged::Decided(decided, Some(standing))) = self.logged(reservation) else { return Ok(Vec::new()) };
        let mut found = decided.held.entries.clone();
        if let Some(amount) = standing.amount {
            found.iter_mut().filter(|entry| entry.money).for_each(|entry| entry.amount = amount);
        }
        found.sort_by(|a, b| (&a.limit, &a.part).cmp(&(&b.limit, &b.part)));
        Ok(found)
    }

    fn counted(&mut self, limit: &str, part: &str, since: i64, now: i64) -> Answer<Counted> {
        let pot = self.pots.get_mut(&Asked(limit, part));
        Ok(pot.map_or_else(Counted::default, |pot| pot.counted(since, now)))
    }

    fn committed(&mut self, limit: &str, part: &str, since: i64) -> Answer<bool> {
        Ok(self.pots.get_mut(&Asked(limit, part)).is_some_and(|pot| pot.committed(since)))
    }

    fn arrival(&mut self, limit: &str, part: &str) -> Answer<Option<i64>> {
        Ok(self.arrivals.get(&Asked(limit, part)).copied())
    }

    fn arrivals(&mut self) -> Answer<Vec<(String, String, i64)>> {
        Ok(self.arrivals.iter().map(|((limit, part), at)| (limit.to_string(), part.to_string(), *at)).collect())
    }

    fn leaves(&mut self, from: u64, most: usize) -> Answer<Vec<String>> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let written = |logged: &Logged| match logged {
            Logged::Decided(decided, _) => decided.leaf(),
            Logged::Written(text) => text.clone(),
        };
        Ok(self.log.get(from..).unwrap_or_default().iter().take(most).map(written).collect())
    }

    fn apply(&mut self, writes: Writes, _: u64) -> Answer<()> {
        if writes.length() > 0 {
            self.time = writes.time;
        }
        if let Some(decided) = writes.decided {
            self.decided(decided);
        }
        for settle in &writes.settles {
            self.settle(settle.number, settle.state, settle.amount, settle.at);
        }
        writes.forgotten.into_iter().for_each(|number| self.forget(number));
        if let Some(until) = writes.arrived {
            self.arrivals.retain(|_, at| *at > until);
        }
        self.log.extend(writes.leaves.into_iter().map(Logged::Written));
        Ok(())
    }

    fn commit(&mut self) -> Answer<()> {
        Ok(())
    }
}
