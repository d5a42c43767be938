//! Sums of pots that a store need not read again (G6.3): what a process has read stays true as long as nobody else writes,
//! which the length of the log tells.

use super::LedgerError;
use super::pot::{Amount, Pot};
use super::store::{Counted, Head, Writes};
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

/// Of one pot; a longer one is summed up by the store each time, or it would drive out all others.
const LONGEST: usize = MOST / 2;

/// What is known of a pot.
#[derive(Debug)]
enum Known {
    /// It was summed up once, by the store. Who shares the ledger with busy others never gets further.
    Summed,
    /// Its amounts from a time on.
    From(i64, Pot),
    /// It has too many.
    Long,
}

impl Known {
    /// Gives up the amounts of a pot that has too many.
    fn bound(&mut self, kept: &mut usize) {
        if let Known::From(_, pot) = self
            && pot.len() > LONGEST
        {
            *kept = kept.saturating_sub(pot.len());
            *self = Known::Long;
        }
    }
}

/// Sums of pots, as of a head of the log.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// None: nothing is known.
    head: Option<Head>,
    pots: HashMap<Names, Known, RandomState>,
    kept: usize,
}

impl Sums {
    /// A step begins at this head of the log: what others wrote since ends what is known.
    pub fn begin(&mut self, head: Head) {
        if self.head != Some(head) {
            self.clear();
            self.head = Some(head);
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
        if self.head.is_none() {
            return sum();
        }
        match self.pots.get_mut(&Asked(limit, part)) {
            Some(Known::From(from, pot)) if *from <= since => Ok(pot.counted(since, now)),
            None => {
                let found = sum()?;
                self.pots.insert((Name::from(limit.to_owned()), Name::from(part.to_owned())), Known::Summed);
                // Whoever proposes chooses how long a part is.
                self.kept = self.kept.saturating_add(1 + part.len() / 100);
                self.bound();
                Ok(found)
            }
            Some(Known::Long) => sum(),
            Some(known) => {
                let mut pot = Pot::of(load()?);
                let found = pot.counted(since, now);
                if let Known::From(_, before) = &known {
                    self.kept = self.kept.saturating_sub(before.len());
                }
                self.kept = self.kept.saturating_add(pot.len());
                *known = Known::From(since, pot);
                known.bound(&mut self.kept);
                self.bound();
                Ok(found)
            }
        }
    }

    /// A step was written.
    pub fn apply(&mut self, writes: &Writes) {
        let Some(head) = self.head else { return };
        if !writes.forgotten.is_empty() {
            self.pots.clear();
            self.kept = 0;
        }
        if let Some((decided, (number, held))) = writes.decided.as_ref().and_then(|of| Some((of, of.reservation()?))) {
            for entry in &decided.held.entries {
                let Some(known) = self.pots.get_mut(&Asked(&entry.limit, &entry.part)) else { continue };
                if let Known::From(_, pot) = known {
                    pot.add(Amount::of(entry, number, held));
                    self.kept = self.kept.saturating_add(1);
                    known.bound(&mut self.kept);
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
        if writes.length() > 0 {
            self.head = Some(Head { time: writes.time, length: head.length.saturating_add(writes.length()) });
        }
    }

    /// Ends all that is known where it is too much.
    fn bound(&mut self) {
        if self.kept > MOST {
            self.pots.clear();
            self.kept = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::store::State;
    use super::*;

    fn amounts(count: u64) -> Vec<Amount> {
        let one = |reservation: u64| Amount {
            at: reservation as i64,
            amount: 2,
            money: true,
            reservation,
            state: State::Running,
            expires: 0,
            settled: 0,
        };
        (0..count).map(one).collect()
    }

    /// Asks once: how the answer came about.
    fn asked(sums: &mut Sums, part: &str, count: u64) -> &'static str {
        let (mut summed, mut loaded) = (false, false);
        let sum = || {
            summed = true;
            Ok(Counted { sum: i128::from(count) * 2, count: i128::from(count) })
        };
        let load = || {
            loaded = true;
            Ok(amounts(count))
        };
        let found = sums.counted(("l", part), (0, 10), sum, load).unwrap();
        assert_eq!((found.sum, found.count), (i128::from(count) * 2, i128::from(count)));
        match (summed, loaded) {
            (true, false) => "summed",
            (false, true) => "loaded",
            (false, false) => "known",
            (true, true) => "both",
        }
    }

    #[test]
    fn what_was_read_is_known_until_the_head_is_another() {
        let mut sums = Sums::default();
        assert_eq!(asked(&mut sums, "p", 3), "summed");
        assert_eq!(asked(&mut sums, "p", 3), "summed");
        let head = Head { time: 5, length: 4 };
        for other in [head, Head { length: 5, ..head }, Head { time: 6, ..head }, head] {
            sums.begin(other);
            assert_eq!(["summed", "loaded", "known"].map(|_| asked(&mut sums, "p", 3)), ["summed", "loaded", "known"]);
            sums.begin(other);
            assert_eq!(asked(&mut sums, "p", 3), "known");
        }
        sums.clear();
        assert_eq!(asked(&mut sums, "p", 3), "summed");
    }

    #[test]
    fn a_long_pot_drives_out_no_other() {
        let mut sums = Sums::default();
        sums.begin(Head { time: 0, length: 0 });
        let long = LONGEST as u64 + 1;
        assert_eq!([3, 3].map(|count| asked(&mut sums, "short", count)), ["summed", "loaded"]);
        let ways = [long; 4].map(|count| asked(&mut sums, "long", count));
        assert_eq!(ways, ["summed", "loaded", "summed", "summed"]);
        assert_eq!(asked(&mut sums, "short", 3), "known");
    }

    #[test]
    fn parts_are_bounded_by_their_length() {
        let mut sums = Sums::default();
        sums.begin(Head { time: 0, length: 0 });
        let (count, bytes) = (200, 1 << 20);
        for number in 0..count {
            asked(&mut sums, &format!("{number}{}", "x".repeat(bytes)), 1);
            assert!(sums.pots.len() * bytes <= MOST * 100 + bytes);
        }
        assert!(sums.pots.len() < count && sums.kept <= MOST);
    }
}
