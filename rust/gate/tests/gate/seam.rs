//! A store with a hook before and after each call, by which tests break it, stop in it, or look into it.

use guard_gate::LedgerError;
use guard_gate::ledger::{Counted, Entry, Head, Record, Reservation, Rows, Store, Writes};
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Answer<T> = Result<T, LedgerError>;
/// Gets the call's name and whether it is done; its error is the call's.
pub type Hook = Arc<dyn Fn(&'static str, bool) -> Answer<()> + Send + Sync>;

pub struct Seam<S> {
    pub inner: Arc<Mutex<S>>,
    pub hook: Hook,
    /// Leaves that it gives at once at most.
    pub page: usize,
}

impl<S: Store> Seam<S> {
    pub fn new(inner: S, hook: Hook) -> Seam<S> {
        Seam { inner: Arc::new(Mutex::new(inner)), hook, page: usize::MAX }
    }

    fn call<T>(&mut self, name: &'static str, run: impl FnOnce(&mut S) -> Answer<T>) -> Answer<T> {
        (self.hook)(name, false)?;
        let found = run(&mut self.inner.lock().unwrap())?;
        (self.hook)(name, true)?;
        Ok(found)
    }
}

/// An error as a broken disk would make it.
pub fn broken() -> LedgerError {
    let code = guard_verdict::codes::find("ledger-unavailable").unwrap();
    LedgerError { code, message: "broken by the test".to_owned() }
}

impl<S: Store> Store for Seam<S> {
    fn begin(&mut self, patience: Duration) -> Answer<Head> {
        self.call("begin", |inner| inner.begin(patience))
    }
    fn record(&mut self, id: &str) -> Answer<Option<Record>> {
        self.call("record", |inner| inner.record(id))
    }
    fn records(&mut self) -> Answer<Vec<(String, Record)>> {
        self.call("records", Store::records)
    }
    fn reservation(&mut self, number: u64) -> Answer<Option<Reservation>> {
        self.call("reservation", |inner| inner.reservation(number))
    }
    fn reservations(&mut self, from: u64, most: usize) -> Answer<Vec<(u64, Reservation)>> {
        self.call("reservations", |inner| inner.reservations(from, most))
    }
    fn entries(&mut self, reservation: u64) -> Answer<Vec<Entry>> {
        self.call("entries", |inner| inner.entries(reservation))
    }
    fn counted(&mut self, limit: &str, part: &str, since: i64, now: i64) -> Answer<Counted> {
        self.call("counted", |inner| inner.counted(limit, part, since, now))
    }
    fn committed(&mut self, limit: &str, part: &str, since: i64) -> Answer<bool> {
        self.call("committed", |inner| inner.committed(limit, part, since))
    }
    fn arrival(&mut self, limit: &str, part: &str) -> Answer<Option<i64>> {
        self.call("arrival", |inner| inner.arrival(limit, part))
    }
    fn arrivals(&mut self) -> Answer<Vec<(String, String, i64)>> {
        self.call("arrivals", Store::arrivals)
    }
    fn recorded(&mut self, ids: &[&str]) -> Answer<Vec<Option<Record>>> {
        self.call("recorded", |inner| inner.recorded(ids))
    }
    fn rows(&mut self) -> Answer<Rows> {
        self.call("rows", Store::rows)
    }
    fn leaves(&mut self, from: u64, most: usize) -> Answer<Vec<String>> {
        // Nobody takes the whole log into memory.
        assert!(most <= 1_000);
        let most = most.min(self.page);
        self.call("leaves", |inner| inner.leaves(from, most))
    }
    fn sound(&mut self) -> Answer<Result<(), String>> {
        self.call("sound", Store::sound)
    }
    fn apply(&mut self, writes: Writes, length: u64) -> Answer<()> {
        self.call("apply", |inner| inner.apply(writes, length))
    }
    fn commit(&mut self) -> Answer<()> {
        self.call("commit", Store::commit)
    }
}
