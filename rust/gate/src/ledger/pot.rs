//! The amounts under one limit and one part, with the sum of those that count kept up to date, so that a decision costs the
//! same however many there are.

use super::store::{Counted, Entry, Reservation, State};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// An amount, with how its reservation stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Amount {
    pub at: i64,
    pub amount: i128,
    /// Does a commit lower it?
    pub money: bool,
    pub reservation: u64,
    pub state: State,
    pub expires: i64,
    pub settled: i64,
}

impl Amount {
    /// Of an entry of a reservation.
    pub fn of(entry: &Entry, reservation: u64, held: &Reservation) -> Amount {
        Amount {
            at: entry.at,
            amount: entry.amount,
            money: entry.money,
            reservation,
            state: held.state,
            expires: held.expires,
            settled: held.settled,
        }
    }

    /// As `Reservation::counts`.
    fn counts(&self, now: i64) -> bool {
        match self.state {
            State::Running | State::Committed => true,
            State::Held => self.expires > now,
            State::Released => false,
        }
    }
}

/// Amounts by time and by reservation: time never goes backwards, and the numbers of reservations rise.
#[derive(Debug, Clone, Default)]
pub(super) struct Pot {
    amounts: Vec<Amount>,
    /// Positions of what was forgotten, which counts nothing and goes once it is the most of them: so each costs little.
    gone: BTreeSet<usize>,
    /// When one of them was last committed.
    committed: Option<i64>,
    /// Was the one that was committed last forgotten?
    stale: bool,
    /// What is summed up, once somebody has asked.
    window: Option<Window>,
}

/// The amounts from `since` on that count at `now`. Both only rise; where they do not, the window is made anew.
#[derive(Debug, Clone)]
struct Window {
    since: i64,
    now: i64,
    /// Position of the first one.
    start: usize,
    counted: Counted,
    /// Holds that count, the one that ends first on top. What was settled since is still among them.
    open: BinaryHeap<Reverse<(i64, usize)>>,
}

impl Window {
    fn new(amounts: &[Amount], since: i64, now: i64) -> Window {
        let start = amounts.partition_point(|own| own.at < since);
        let mut out = Window { since, now, start, counted: Counted::default(), open: BinaryHeap::new() };
        for (position, own) in amounts.iter().enumerate().skip(start) {
            out.take(position, own);
        }
        out
    }

    /// Counts an amount in, if it counts.
    fn take(&mut self, position: usize, own: &Amount) {
        if position < self.start || own.at < self.since || !own.counts(self.now) {
            return;
        }
        self.counted.count = self.counted.count.saturating_add(1);
        self.counted.sum = self.counted.sum.saturating_add(own.amount);
        if own.state == State::Held {
            self.open.push(Reverse((own.expires, position)));
        }
    }

    /// Counts an amount out, if it is counted.
    fn leave(&mut self, position: usize, own: &Amount) {
        if position >= self.start && own.at >= self.since && own.counts(self.now) {
            self.counted.count = self.counted.count.saturating_sub(1);
            self.counted.sum = self.counted.sum.saturating_sub(own.amount);
        }
    }

    /// Goes on to a later start and a later time.
    fn advance(&mut self, amounts: &[Amount], since: i64, now: i64) {
        while let Some(own) = amounts.get(self.start).filter(|own| own.at < since) {
            self.leave(self.start, own);
            self.start = self.start.saturating_add(1);
        }
        self.since = since;
        while let Some(Reverse((expires, position))) = self.open.peek().copied().filter(|first| first.0.0 <= now) {
            self.open.pop();
            // A hold that still stands ends now; settled ones were counted by their new state.
            if let Some(own) = amounts.get(position).filter(|own| own.state == State::Held && own.expires == expires) {
                self.leave(position, own);
            }
        }
        self.now = now;
    }
}

impl Pot {
    /// Of amounts by time and by reservation.
    pub fn of(amounts: Vec<Amount>) -> Pot {
        let ended = amounts.iter().filter(|own| own.state == State::Committed).map(|own| own.settled);
        Pot { committed: ended.max(), amounts, ..Pot::default() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.amounts.len().saturating_sub(self.gone.len())
    }

    pub fn add(&mut self, amount: Amount) {
        if let Some(window) = &mut self.window {
            window.take(self.amounts.len(), &amount);
        }
        self.amounts.push(amount);
    }

    /// What a reservation has here changes; `amount` replaces what a commit can lower.
    pub fn settle(&mut self, reservation: u64, state: State, amount: Option<i128>, at: i64) {
        let start = self.amounts.partition_point(|own| own.reservation < reservation);
        for (position, own) in self.amounts.iter_mut().enumerate().skip(start) {
            if own.reservation != reservation {
                return;
            }
            if let Some(window) = &mut self.window {
                window.leave(position, own);
            }
            (own.state, own.settled) = (state, at);
            own.amount = amount.filter(|_| own.money).unwrap_or(own.amount);
            if state == State::Committed {
                self.committed = self.committed.max(Some(at));
            }
            if let Some(window) = &mut self.window {
                window.take(position, own);
            }
        }
    }

    /// What a reservation has here goes.
    pub fn forget(&mut self, reservation: u64) {
        let start = self.amounts.partition_point(|own| own.reservation < reservation);
        for (position, own) in self.amounts.iter_mut().enumerate().skip(start) {
            if own.reservation != reservation {
                break;
            }
            if !self.gone.insert(position) {
                continue;
            }
            if let Some(window) = &mut self.window {
                window.leave(position, own);
            }
            self.stale |= own.state == State::Committed && Some(own.settled) == self.committed;
            own.state = State::Released;
        }
        if self.gone.len() > self.amounts.len() / 2 {
            self.compact();
        }
    }

    fn compact(&mut self) {
        let gone = std::mem::take(&mut self.gone);
        let mut position = 0..;
        self.amounts.retain(|_| position.next().is_some_and(|position| !gone.contains(&position)));
        self.window = None;
    }

    /// What counts at a time, from `since` on.
    pub fn counted(&mut self, since: i64, now: i64) -> Counted {
        let amounts = &self.amounts;
        let window = match &mut self.window {
            Some(window) if window.since <= since && window.now <= now => {
                window.advance(amounts, since, now);
                window
            }
            window => window.insert(Window::new(amounts, since, now)),
        };
        window.counted
    }

    /// Was one of them committed at or after a time?
    pub fn committed(&mut self, since: i64) -> bool {
        if std::mem::take(&mut self.stale) {
            let ended = self.amounts.iter().filter(|own| own.state == State::Committed).map(|own| own.settled);
            self.committed = ended.max();
        }
        self.committed.is_some_and(|at| at >= since)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use guard_testkit::Chance;

    /// What counts, by the definition (G4.8).
    fn plain(amounts: &[Amount], since: i64, now: i64) -> Counted {
        let counting = amounts.iter().filter(|own| own.at >= since && own.counts(now));
        counting.fold(Counted::default(), |sum, own| Counted { sum: sum.sum + own.amount, count: sum.count + 1 })
    }

    /// 500,000 that are forgotten in any order: were each a way through all of them, this would take an hour.
    #[test]
    fn what_is_forgotten_costs_little_each() {
        const COUNT: u64 = 500_000;
        for forward in [true, false] {
            let mut pot = Pot::default();
            for reservation in 0..COUNT {
                let (at, state) = (reservation as i64, State::Held);
                pot.add(Amount { at, amount: 2, money: true, reservation, state, expires: 9, settled: at });
                // All are committed at once, so that each is the last one.
                pot.settle(reservation, State::Committed, None, 7);
            }
            let all = Counted { sum: 2 * i128::from(COUNT), count: i128::from(COUNT) };
            assert_eq!(pot.counted(0, 0), all);
            for number in 0..COUNT {
                pot.forget(if forward { number } else { COUNT - 1 - number });
                if number % 10_000 == 0 {
                    let left = i128::from(COUNT - 1 - number);
                    assert_eq!(pot.counted(0, 0), Counted { sum: 2 * left, count: left });
                    assert_eq!((pot.len() as i128, pot.committed(7), pot.committed(8)), (left, true, false));
                }
            }
            assert_eq!((pot.len(), pot.amounts.len(), pot.committed(0)), (0, 0, false));
        }
    }

    /// Random lives of pots: sums are those that looking at every amount gives, whatever was asked before.
    #[test]
    fn sums_are_those_of_all_amounts() {
        let mut chance = Chance::new(7);
        for _ in 0..400 {
            let (mut pot, mut now, mut next) = (Pot::default(), 0_i64, 0_u64);
            for _ in 0..120 {
                now += chance.below(4) as i64;
                let pick = chance.below(next as usize + 1) as u64;
                // What was committed or released never changes.
                let open = |own: &&Amount| own.reservation == pick && matches!(own.state, State::Held | State::Running);
                let open = pot.amounts.iter().find(open).is_some();
                match chance.below(8) {
                    0..=2 => {
                        let (amount, money) = (chance.below(9) as i128, chance.below(2) == 0);
                        let expires = now + chance.below(12) as i64;
                        let (reservation, state) = (next, State::Held);
                        pot.add(Amount { at: now, amount, money, reservation, state, expires, settled: now });
                        next += 1;
                    }
                    3 if open => pot.settle(pick, State::Running, None, now),
                    4 if open => pot.settle(pick, State::Committed, Some(chance.below(3) as i128), now),
                    5 if open => pot.settle(pick, State::Released, None, now),
                    6 if chance.below(6) == 0 => pot.forget(pick),
                    _ => {}
                }
                // Windows that go on, that jump, and clocks that step back.
                let since = now - [5, 5, 5, 20, 0][chance.below(5)];
                let asked = now - i64::from(chance.below(10) == 0);
                assert_eq!(pot.counted(since, asked), plain(&pot.amounts, since, asked));
                let ended = pot.amounts.iter().any(|own| own.state == State::Committed && own.settled >= since);
                assert_eq!(pot.committed(since), ended);
            }
        }
    }
}
