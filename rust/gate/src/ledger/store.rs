//! What a ledger keeps, and what a place that keeps it must do.

use super::LedgerError;
use super::decided::Decided;
use crate::name::Name;
use std::sync::Arc;
use std::time::Duration;

/// How a reservation stands (G5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its permit waits.
    Held,
    /// Its permit was redeemed.
    Running,
    /// What it spent is known.
    Committed,
    /// It spent nothing.
    Released,
}

impl State {
    const ALL: [State; 4] = [State::Held, State::Running, State::Committed, State::Released];

    /// As files keep it.
    pub(super) fn number(self) -> i64 {
        match self {
            State::Held => 0,
            State::Running => 1,
            State::Committed => 2,
            State::Released => 3,
        }
    }

    /// From what files keep.
    pub(super) fn of_number(number: i64) -> Answer<State> {
        let found = State::ALL.into_iter().find(|state| state.number() == number);
        found.ok_or_else(|| LedgerError::version("a reservation stands in no known state"))
    }

    /// As documents call it.
    pub fn name(self) -> &'static str {
        match self {
            State::Held => "held",
            State::Running => "running",
            State::Committed => "committed",
            State::Released => "released",
        }
    }
}

/// A proposal that was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The canonical proposal; the bytes' digest for one without reading.
    pub canonical: String,
    /// The decision's document.
    pub decision: String,
    /// The permit that was handed out.
    pub permit: Option<String>,
}

/// What is held for an allowed proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// The proposal's id.
    pub id: Name,
    /// How it stands.
    pub state: State,
    /// When a hold ends.
    pub expires: i64,
    /// The amount held or committed, in minor units, and its currency.
    pub money: Option<(i128, Name)>,
    /// When it last changed.
    pub settled: i64,
}

impl Reservation {
    /// How it stands at a time, as documents call it: a hold that nobody redeemed in time is `expired`.
    pub fn standing(&self, now: i64) -> &'static str {
        if self.state == State::Held && self.expires <= now { "expired" } else { self.state.name() }
    }

    /// Does it count at a time (G4.8)?
    pub fn counts(&self, now: i64) -> bool {
        match self.state {
            State::Running | State::Committed => true,
            State::Held => self.expires > now,
            State::Released => false,
        }
    }
}

/// An amount under a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The gate's id and the limit's name.
    pub limit: Name,
    /// The values that part it.
    pub part: Name,
    /// When it was admitted.
    pub at: i64,
    /// Minor units, or 1.
    pub amount: i128,
    /// Does a commit lower it?
    pub money: bool,
    /// Whose it is.
    pub reservation: u64,
}

/// What counts under a limit since a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Of amounts.
    pub sum: i128,
    /// Of entries.
    pub count: i128,
}

/// How many rows a ledger has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Rows {
    pub records: u64,
    pub reservations: u64,
    pub entries: u64,
    pub leaves: u64,
}

/// Where a ledger stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The time of the last leaf; the least there is before the first.
    pub time: i64,
    /// The number of leaves.
    pub length: u64,
}

/// The change of a reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settle {
    /// Which one.
    pub number: u64,
    /// How it stands from now on.
    pub state: State,
    /// Replaces what was held in money, where it is there.
    pub amount: Option<i128>,
    /// When.
    pub at: i64,
    /// Limits and parts under which it has entries.
    pub pots: Vec<(Name, Name)>,
}

/// Everything that one step changes. A step reads first and writes once, at its end: one that fails has written nothing.
#[derive(Debug, Clone, Default)]
pub struct Writes {
    /// The one decision of the step, with its record, its reservation, entries, arrival times, and its leaf, the first one.
    pub decided: Option<Arc<Decided>>,
    /// Changed reservations.
    pub settles: Vec<Settle>,
    /// Reservations that go, with their entries.
    pub forgotten: Vec<u64>,
    /// Arrival times up to here go.
    pub arrived: Option<i64>,
    /// New leaves of the log, from the head's length on, behind that of the decision.
    pub leaves: Vec<String>,
    /// The time of the last of them.
    pub time: i64,
}

impl Writes {
    /// Has the step changed nothing? What changes anything has a leaf.
    pub fn is_empty(&self) -> bool {
        self.length() == 0 && self.settles.is_empty() && self.forgotten.is_empty() && self.arrived.is_none()
    }

    /// The number of leaves.
    pub fn length(&self) -> u64 {
        u64::from(self.decided.is_some()).saturating_add(self.leaves.len() as u64)
    }
}

type Answer<T> = Result<T, LedgerError>;

/// Where a ledger is kept. Between `begin` and `commit` nobody else reads or writes.
#[allow(clippy::missing_errors_doc, reason = "all fail with `ledger-unavailable` or `ledger-version`")]
pub trait Store: Send {
    /// Waits for the ledger at most so long, and takes it.
    fn begin(&mut self, patience: Duration) -> Answer<Head>;
    /// What was decided under an id.
    fn record(&mut self, id: &str) -> Answer<Option<Record>>;
    /// What was decided under each of these ids.
    fn recorded(&mut self, ids: &[&str]) -> Answer<Vec<Option<Record>>> {
        ids.iter().map(|id| self.record(id)).collect()
    }
    /// How many rows there are, those included that nothing leads to.
    fn rows(&mut self) -> Answer<Rows>;
    /// Every id and its record.
    fn records(&mut self) -> Answer<Vec<(String, Record)>>;
    /// A reservation by its number.
    fn reservation(&mut self, number: u64) -> Answer<Option<Reservation>>;
    /// Reservations from a number on, by number, at most so many.
    fn reservations(&mut self, from: u64, most: usize) -> Answer<Vec<(u64, Reservation)>>;
    /// Entries of a reservation, by limit and part.
    fn entries(&mut self, reservation: u64) -> Answer<Vec<Entry>>;
    /// Entries at or after `since` whose reservation counts at `now` (G4.8).
    fn counted(&mut self, limit: &str, part: &str, since: i64, now: i64) -> Answer<Counted>;
    /// Was one of the entries committed at or after `since`?
    fn committed(&mut self, limit: &str, part: &str, since: i64) -> Answer<bool>;
    /// The theoretical arrival time, in nanoseconds.
    fn arrival(&mut self, limit: &str, part: &str) -> Answer<Option<i64>>;
    /// All of them: limit, part, time.
    fn arrivals(&mut self) -> Answer<Vec<(String, String, i64)>>;
    /// Leaves from a position, at most so many; none behind the last one.
    fn leaves(&mut self, from: u64, most: usize) -> Answer<Vec<String>>;
    /// Does the place's own form hold: pages, indices, constraints?
    fn sound(&mut self) -> Answer<Result<(), String>> {
        Ok(Ok(()))
    }
    /// Writes all of a step or nothing. `length` is that of the log before it. A store that cannot undo the one step fails
    /// every later call up to and with `commit`.
    fn apply(&mut self, writes: Writes, length: u64) -> Answer<()>;
    /// Makes everything since `begin` durable, or undoes it; the ledger is given back either way.
    fn commit(&mut self) -> Answer<()>;
}
