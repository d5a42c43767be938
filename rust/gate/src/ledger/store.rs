//! What a ledger keeps, and the one step in which it changes.

use super::LedgerError;

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
    pub(super) const ALL: [State; 4] = [State::Held, State::Running, State::Committed, State::Released];

    /// As files keep it.
    pub(super) fn number(self) -> i64 {
        match self {
            State::Held => 0,
            State::Running => 1,
            State::Committed => 2,
            State::Released => 3,
        }
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
    pub id: String,
    /// How it stands.
    pub state: State,
    /// When a hold ends.
    pub expires: i64,
    /// The amount held or committed, in minor units, and its currency.
    pub money: Option<(i128, String)>,
    /// When it was settled.
    pub settled: i64,
}

/// An amount under a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The gate's id and the limit's name.
    pub limit: String,
    /// The values that part it.
    pub part: String,
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

type Answer<T> = Result<T, LedgerError>;

/// One atomic step: nobody else reads or writes until it ends. If it fails nothing of it stays.
#[allow(missing_docs, reason = "readers and writers of the types above")]
pub trait Step {
    /// The last time that was stamped.
    fn time(&mut self) -> Answer<i64>;
    fn set_time(&mut self, now: i64) -> Answer<()>;
    fn record(&mut self, id: &str) -> Answer<Option<Record>>;
    fn put_record(&mut self, id: &str, record: &Record) -> Answer<()>;
    /// Every id and its record.
    fn records(&mut self) -> Answer<Vec<(String, Record)>>;
    fn reservation(&mut self, number: u64) -> Answer<Option<Reservation>>;
    /// Its number.
    fn reserve(&mut self, reservation: &Reservation) -> Answer<u64>;
    /// Changes how it stands; `amount` replaces what was held in money.
    fn settle(&mut self, number: u64, state: State, amount: Option<i128>, at: i64) -> Answer<()>;
    fn add(&mut self, entry: &Entry) -> Answer<()>;
    /// Entries at or after `since` whose reservation counts at `now` (G4.8).
    fn counted(&mut self, limit: &str, part: &str, since: i64, now: i64) -> Answer<Counted>;
    /// Was one of the entries committed at or after `since`?
    fn committed(&mut self, limit: &str, part: &str, since: i64) -> Answer<bool>;
    fn arrival(&mut self, limit: &str, part: &str) -> Answer<Option<i64>>;
    fn set_arrival(&mut self, limit: &str, part: &str, arrival: i64) -> Answer<()>;
    /// The number of leaves.
    fn length(&mut self) -> Answer<u64>;
    /// Appends a leaf of the log.
    fn append(&mut self, leaf: &str) -> Answer<()>;
    /// Leaves from a position.
    fn leaves(&mut self, from: u64) -> Answer<Vec<String>>;
}

/// Where a ledger is kept.
pub trait Store: Send {
    /// Runs one step; commits it durably if it succeeds.
    ///
    /// # Errors
    /// The step's, or that the store cannot be read, written or locked.
    fn step(&mut self, run: &mut dyn FnMut(&mut dyn Step) -> Answer<()>) -> Answer<()>;
}
