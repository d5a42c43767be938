//! A ledger for tests: gone with the process.

use super::LedgerError;
use super::store::{Counted, Entry, Head, Record, Reservation, State, Store, Writes};
use foldhash::fast::RandomState;
use hashbrown::{Equivalent, HashMap};
use std::collections::BTreeMap;
use std::time::Duration;

type Answer<T> = Result<T, LedgerError>;
type Names = (String, String);

/// Limit and part, to look up without owning them.
#[derive(Hash)]
struct Asked<'n>(&'n str, &'n str);

impl Equivalent<Names> for Asked<'_> {
    fn equivalent(&self, names: &Names) -> bool {
        self.0 == names.0 && self.1 == names.1
    }
}

/// An amount under a limit, with how its reservation stands, so that counting looks at nothing else.
#[derive(Debug, Clone, Copy)]
struct Amount {
    at: i64,
    amount: i128,
    money: bool,
    reservation: u64,
    state: State,
    expires: i64,
    settled: i64,
}

impl Amount {
    /// As [`Reservation::counts`].
    fn counts(&self, now: i64) -> bool {
        match self.state {
            State::Running | State::Committed => true,
            State::Held => self.expires > now,
            State::Released => false,
        }
    }
}

/// The amounts under a limit and a part, by time.
#[derive(Debug, Clone)]
struct Pot {
    names: Names,
    amounts: Vec<Amount>,
}

/// A reservation and the positions of its pots.
#[derive(Debug, Clone)]
struct Kept {
    reservation: Reservation,
    pots: Vec<usize>,
}

/// Keeps everything in maps. Writing cannot fail, so that nothing is ever undone.
#[derive(Debug, Clone)]
pub struct Memory {
    time: i64,
    records: HashMap<String, Record, RandomState>,
    reservations: BTreeMap<u64, Kept>,
    places: HashMap<Names, usize, RandomState>,
    pots: Vec<Pot>,
    arrivals: HashMap<Names, i64, RandomState>,
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
            records: HashMap::default(),
            reservations: BTreeMap::new(),
            places: HashMap::default(),
            pots: Vec::new(),
            arrivals: HashMap::default(),
            log: Vec::new(),
        }
    }

    fn amounts(&self, limit: &str, part: &str) -> &[Amount] {
        let pot = self.places.get(&Asked(limit, part)).and_then(|place| self.pots.get(*place));
        pot.map_or(&[], |pot| pot.amounts.as_slice())
    }

    fn settle(&mut self, number: u64, state: State, amount: Option<i128>, at: i64) {
        let Some(kept) = self.reservations.get_mut(&number) else { return };
        let found = &mut kept.reservation;
        (found.state, found.settled) = (state, at);
        if let (Some(amount), Some((held, _))) = (amount, &mut found.money) {
            *held = amount;
        }
        for place in &kept.pots {
            let amounts = self.pots.get_mut(*place).map(|pot| pot.amounts.iter_mut());
            for own in amounts.into_iter().flatten().filter(|own| own.reservation == number) {
                (own.state, own.settled) = (state, at);
                own.amount = amount.filter(|_| own.money).unwrap_or(own.amount);
            }
        }
    }

    fn add(&mut self, entry: Entry) {
        let Entry { limit, part, at, amount, money, reservation } = entry;
        // An amount without reservation never counts.
        let Some(kept) = self.reservations.get_mut(&reservation) else { return };
        let place = match self.places.get(&Asked(&limit, &part)) {
            Some(place) => *place,
            None => {
                let names = (limit, part);
                self.places.insert(names.clone(), self.pots.len());
                self.pots.push(Pot { names, amounts: Vec::new() });
                self.pots.len() - 1
            }
        };
        if !kept.pots.contains(&place) {
            kept.pots.push(place);
        }
        let Reservation { state, expires, settled, .. } = kept.reservation;
        if let Some(pot) = self.pots.get_mut(place) {
            pot.amounts.push(Amount { at, amount, money, reservation, state, expires, settled });
        }
    }

    fn forget(&mut self, number: u64) {
        for place in self.reservations.remove(&number).into_iter().flat_map(|kept| kept.pots) {
            if let Some(pot) = self.pots.get_mut(place) {
                pot.amounts.retain(|own| own.reservation != number);
            }
        }
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
        Ok(self.reservations.get(&number).map(|kept| kept.reservation.clone()))
    }

    fn reservations(&mut self, from: u64, most: usize) -> Answer<Vec<(u64, Reservation)>> {
        let found = self.reservations.range(from..).take(most);
        Ok(found.map(|(number, kept)| (*number, kept.reservation.clone())).collect())
    }

    fn entries(&mut self, reservation: u64) -> Answer<Vec<Entry>> {
        let places = self.reservations.get(&reservation).into_iter().flat_map(|kept| &kept.pots);
        let mut found = Vec::new();
        for pot in places.filter_map(|place| self.pots.get(*place)) {
            let own = pot.amounts.iter().filter(|own| own.reservation == reservation);
            found.extend(own.map(|own| {
                let ((limit, part), Amount { at, amount, money, .. }) = (pot.names.clone(), *own);
                Entry { limit, part, at, amount, money, reservation }
            }));
        }
        found.sort_by(|a, b| (&a.limit, &a.part).cmp(&(&b.limit, &b.part)));
        Ok(found)
    }

    fn entry_count(&mut self) -> Answer<u64> {
        Ok(self.pots.iter().map(|pot| pot.amounts.len() as u64).sum())
    }

    fn counted(&mut self, limit: &str, part: &str, since: i64, now: i64) -> Answer<Counted> {
        let mut out = Counted::default();
        let amounts = self.amounts(limit, part);
        // Time never goes backwards, so amounts are sorted by it.
        let start = amounts.partition_point(|own| own.at < since);
        for own in amounts.get(start..).unwrap_or_default().iter().filter(|own| own.counts(now)) {
            out.count += 1;
            out.sum = out.sum.saturating_add(own.amount);
        }
        Ok(out)
    }

    fn committed(&mut self, limit: &str, part: &str, since: i64) -> Answer<bool> {
        let mut amounts = self.amounts(limit, part).iter();
        Ok(amounts.any(|own| own.state == State::Committed && own.settled >= since))
    }

    fn arrival(&mut self, limit: &str, part: &str) -> Answer<Option<i64>> {
        Ok(self.arrivals.get(&Asked(limit, part)).copied())
    }

    fn arrivals(&mut self) -> Answer<Vec<(String, String, i64)>> {
        Ok(self.arrivals.iter().map(|((limit, part), at)| (limit.clone(), part.clone(), *at)).collect())
    }

    fn leaves(&mut self, from: u64) -> Answer<Vec<String>> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        Ok(self.log.get(from..).unwrap_or_default().to_vec())
    }

    fn apply(&mut self, writes: Writes, _: u64) -> Answer<()> {
        self.records.extend(writes.records);
        let held = writes.reservations.into_iter();
        self.reservations.extend(held.map(|(number, reservation)| (number, Kept { reservation, pots: Vec::new() })));
        for settle in &writes.settles {
            self.settle(settle.number, settle.state, settle.amount, settle.at);
        }
        writes.entries.into_iter().for_each(|entry| self.add(entry));
        for (limit, part, at) in writes.arrivals {
            match self.arrivals.get_mut(&Asked(&limit, &part)) {
                Some(arrival) => *arrival = at,
                None => drop(self.arrivals.insert((limit, part), at)),
            }
        }
        writes.forgotten.into_iter().for_each(|number| self.forget(number));
        if let Some(until) = writes.arrived {
            self.arrivals.retain(|_, at| *at > until);
        }
        if !writes.leaves.is_empty() {
            self.log.extend(writes.leaves);
            self.time = writes.time;
        }
        Ok(())
    }

    fn commit(&mut self) -> Answer<()> {
        Ok(())
    }
}
