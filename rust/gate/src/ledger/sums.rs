//! Sums of pots that a store need not read again (G6.3): what a process has read stays true as long as nobody else writes,
//! which the length of the log tells.

use super::LedgerError;
use super::pot::{Amount, Pot};
use super::store::{Counted, Writes};
use crate::name::Name;
use foldhash::fast::RandomState;
use hashbrown::{Equivalent, HashMap};

type Answer<T> = Result<T, LedgerError>;
type Names = (Name, Name);

/// Amounts and pots that are kept at most, about 100 bytes each; what would go beyond ends all that is known.
const MOST: usize = 250_000;

/// Limit and part, to look up without owning them.
#[derive(Hash)]
pub(super) struct Asked<'n>(pub &'n str, pub &'n str);

impl Equivalent<Names> for Asked<'_> {
    fn equivalent(&self, names: &Names) -> bool {
        // Names of limits are those of the gate, nearly always.
        (std::ptr::eq(self.0, &*names.0) || self.0 == &*names.0) && self.1 == &*names.1
    }
}

/// What is known of a pot.
#[derive(Debug)]
enum Known {
    /// It was summed up once, by the store. Who shares the ledger with busy others never gets further.
    Summed,
    /// Its amounts from a time on.
    From(i64, Pot),
}

/// Sums of pots, as of a length of the log.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// None: nothing is known.
    length: Option<u64>,
    pots: HashMap<Names, Known, RandomState>,
    kept: usize,
}

impl Sums {
    /// A step begins at this length of the log: what others wrote since ends what is known.
    pub fn begin(&mut self, length: u64) {
        if self.length != Some(length) {
            self.clear();
            self.length = Some(length);
        }
    }

    /// Nothing is known any more, as when something failed.
    pub fn clear(&mut self) {
        *self = Sums::default();
    }

    /// What counts in a pot: known, or summed up by `sum`, or taken from what `load` reads, by time and by reservation.
    pub fn counted(
        &mut self,
        (limit, part): (&str, &str),
        (since, now): (i64, i64),
        sum: impl FnOnce() -> Answer<Counted>,
        load: impl FnOnce() -> Answer<Vec<Amount>>,
    ) -> Answer<Counted> {
        if self.length.is_none() {
            return sum();
        }
        match self.pots.get_mut(&Asked(limit, part)) {
            Some(Known::From(from, pot)) if *from <= since => Ok(pot.counted(since, now)),
            None => {
                let found = sum()?;
                self.pots.insert((Name::from(limit.to_owned()), Name::from(part.to_owned())), Known::Summed);
                self.kept = self.kept.saturating_add(1);
                self.bound();
                Ok(found)
            }
            Some(known) => {
                let mut pot = Pot::of(load()?);
                let found = pot.counted(since, now);
                if let Known::From(_, before) = &known {
                    self.kept = self.kept.saturating_sub(before.len());
                }
                self.kept = self.kept.saturating_add(pot.len());
                *known = Known::From(since, pot);
                self.bound();
                Ok(found)
            }
        }
    }

    /// A step was written.
    pub fn apply(&mut self, writes: &Writes) {
        let Some(length) = self.length else { return };
        if !writes.forgotten.is_empty() {
            self.clear();
        }
        if let Some((decided, (number, held))) = writes.decided.as_ref().and_then(|of| Some((of, of.reservation()?))) {
            for entry in &decided.held.entries {
                if let Some(Known::From(_, pot)) = self.pots.get_mut(&Asked(&entry.limit, &entry.part)) {
                    pot.add(Amount::of(entry, number, held));
                    self.kept = self.kept.saturating_add(1);
                }
            }
        }
        for settle in &writes.settles {
            for (limit, part) in &settle.pots {
                if let Some(Known::From(_, pot)) = self.pots.get_mut(&Asked(limit, part)) {
                    pot.settle(settle.number, settle.state, settle.amount, settle.at);
                }
            }
        }
        self.bound();
        self.length = Some(length.saturating_add(writes.length()));
    }

    fn bound(&mut self) {
        if self.kept > MOST {
            self.pots.clear();
            self.kept = 0;
        }
    }
}
