//! A ledger for tests: gone with the process.

use super::LedgerError;
use super::store::{Counted, Entry, Record, Reservation, State, Step, Store};
use std::collections::HashMap;

type Answer<T> = Result<T, LedgerError>;

/// Keeps everything in maps. Steps of the ledger check before they write, and writes here cannot fail.
#[derive(Debug, Default)]
pub struct Memory {
    time: i64,
    records: HashMap<String, Record>,
    reservations: Vec<Reservation>,
    entries: HashMap<(String, String), Vec<Entry>>,
    arrivals: HashMap<(String, String), i64>,
    log: Vec<String>,
}

impl Memory {
    /// Empty.
    pub fn new() -> Memory {
        Memory { time: i64::MIN, ..Memory::default() }
    }

    fn place(number: u64) -> usize {
        usize::try_from(number).map_or(usize::MAX, |number| number.wrapping_sub(1))
    }
}

impl Store for Memory {
    fn step(&mut self, run: &mut dyn FnMut(&mut dyn Step) -> Answer<()>) -> Answer<()> {
        run(self)
    }
}

impl Step for Memory {
    fn time(&mut self) -> Answer<i64> {
        Ok(self.time)
    }

    fn set_time(&mut self, now: i64) -> Answer<()> {
        self.time = now;
        Ok(())
    }

    fn record(&mut self, id: &str) -> Answer<Option<Record>> {
        Ok(self.records.get(id).cloned())
    }

    fn put_record(&mut self, id: &str, record: &Record) -> Answer<()> {
        self.records.insert(id.to_owned(), record.clone());
        Ok(())
    }

    fn records(&mut self) -> Answer<Vec<(String, Record)>> {
        Ok(self.records.iter().map(|(id, record)| (id.clone(), record.clone())).collect())
    }

    fn reservation(&mut self, number: u64) -> Answer<Option<Reservation>> {
        Ok(self.reservations.get(Memory::place(number)).cloned())
    }

    fn reserve(&mut self, reservation: &Reservation) -> Answer<u64> {
        self.reservations.push(reservation.clone());
        Ok(self.reservations.len() as u64)
    }

    fn settle(&mut self, number: u64, state: State, amount: Option<i128>, at: i64) -> Answer<()> {
        let Some(found) = self.reservations.get_mut(Memory::place(number)) else { return Err(LedgerError::missing()) };
        found.state = state;
        found.settled = at;
        if let Some(amount) = amount {
            if let Some((held, _)) = &mut found.money {
                *held = amount;
            }
            let entries = self.entries.values_mut().flatten();
            for entry in entries.filter(|entry| entry.reservation == number && entry.money) {
                entry.amount = amount;
            }
        }
        Ok(())
    }

    fn add(&mut self, entry: &Entry) -> Answer<()> {
        self.entries.entry((entry.limit.clone(), entry.part.clone())).or_default().push(entry.clone());
        Ok(())
    }

    fn counted(&mut self, limit: &str, part: &str, since: i64, now: i64) -> Answer<Counted> {
        let mut out = Counted::default();
        let Some(entries) = self.entries.get(&(limit.to_owned(), part.to_owned())) else { return Ok(out) };
        // Time never goes backwards, so entries are sorted by it.
        let start = entries.partition_point(|entry| entry.at < since);
        for entry in entries.get(start..).unwrap_or_default() {
            let Some(reservation) = self.reservations.get(Memory::place(entry.reservation)) else { continue };
            let counts = match reservation.state {
                State::Running | State::Committed => true,
                State::Held => reservation.expires > now,
                State::Released => false,
            };
            if counts {
                out.count += 1;
                out.sum = out.sum.saturating_add(entry.amount);
            }
        }
        Ok(out)
    }

    fn committed(&mut self, limit: &str, part: &str, since: i64) -> Answer<bool> {
        let entries = self.entries.get(&(limit.to_owned(), part.to_owned()));
        let mut of =
            entries.into_iter().flatten().filter_map(|entry| self.reservations.get(Memory::place(entry.reservation)));
        Ok(of.any(|reservation| reservation.state == State::Committed && reservation.settled >= since))
    }

    fn arrival(&mut self, limit: &str, part: &str) -> Answer<Option<i64>> {
        Ok(self.arrivals.get(&(limit.to_owned(), part.to_owned())).copied())
    }

    fn set_arrival(&mut self, limit: &str, part: &str, arrival: i64) -> Answer<()> {
        self.arrivals.insert((limit.to_owned(), part.to_owned()), arrival);
        Ok(())
    }

    fn length(&mut self) -> Answer<u64> {
        Ok(self.log.len() as u64)
    }

    fn append(&mut self, leaf: &str) -> Answer<()> {
        self.log.push(leaf.to_owned());
        Ok(())
    }

    fn leaves(&mut self, from: u64) -> Answer<Vec<String>> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        Ok(self.log.get(from..).unwrap_or_default().to_vec())
    }
}
