//! Group commit: steps that wait for each other share one durable commit.
//!
//! Whoever gets the store runs its own step in the open batch. If others wait for the store it leaves the commit to them and
//! waits for the batch's outcome; the last one commits. If fewer came than were there the last time, in the batch or waiting
//! behind it, it lingers for them, as long as a commit takes at most. One caller alone commits each step at once; many share the disk's time.

use super::LedgerError;
use super::store::{Head, Store, Writes};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

#[cfg(not(test))]
use std::sync::{
    Arc, Condvar, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};
#[cfg(test)]
use {
    shuttle::sync::{
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    std::sync::PoisonError,
};

type Answer<T> = Result<T, LedgerError>;

/// How long a step waits for others that hold the ledger.
const PATIENCE: Duration = Duration::from_secs(30);
/// Steps that share a commit at most, so that nobody waits for long.
const MOST: usize = 256;
/// A commit that takes less is not worth waiting for others.
const WORTH: Duration = Duration::from_micros(if cfg!(test) { 0 } else { 100 });
/// How long a batch lingers for more steps at most.
const LONGEST: Duration = Duration::from_millis(5);

/// A step's view of the store: it reads, and says what is to be written when it succeeds.
pub struct Work<'a> {
    /// To read from.
    pub store: &'a mut dyn Store,
    /// Where the ledger stands.
    pub head: Head,
    /// What to write.
    pub writes: Writes,
}

/// Steps that become durable together, or not at all.
#[derive(Default)]
struct Batch {
    outcome: Mutex<Option<Answer<()>>>,
    done: Condvar,
}

struct Open {
    batch: Arc<Batch>,
    head: Head,
    steps: usize,
}

struct Inner {
    store: Box<dyn Store>,
    open: Option<Open>,
    /// The last head of the log that was durable.
    seen: Head,
    /// The steps to wait for, and how long the last commit took.
    last: (usize, Duration),
}

/// A store that threads share.
pub(super) struct Group {
    inner: Mutex<Inner>,
    /// Callers that want the store and do not have it.
    queued: AtomicUsize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic is caught where it happens; what a lock guards is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Group {
    pub(super) fn new(store: Box<dyn Store>) -> Group {
        Group {
            inner: Mutex::new(Inner {
                store,
                open: None,
                seen: Head { time: i64::MIN, length: 0 },
                last: (1, Duration::ZERO),
            }),
            queued: AtomicUsize::new(0),
        }
    }

    /// The store, and how long it took to get it.
    fn enter(&self) -> (MutexGuard<'_, Inner>, Duration) {
        if let Ok(inner) = self.inner.try_lock() {
            return (inner, Duration::ZERO);
        }
        let since = Instant::now();
        self.queued.fetch_add(1, Ordering::SeqCst);
        let inner = lock(&self.inner);
        self.queued.fetch_sub(1, Ordering::SeqCst);
        (inner, since.elapsed())
    }

    /// Runs one step and returns when it is durable. If it fails, or what it shares a commit with cannot be made durable,
    /// nothing of it stays.
    pub(super) fn step<T>(&self, run: impl FnOnce(&mut Work<'_>) -> Answer<T>) -> Answer<T> {
        let (mut inner, waited) = self.enter();
        if inner.open.is_none() {
            let head = inner.store.begin(PATIENCE.saturating_sub(waited))?;
            if head.length < inner.seen.length || head.time < inner.seen.time {
                // Nothing was written; the store is given back, and what that says adds nothing.
                drop(inner.store.commit());
                return Err(LedgerError::unavailable(
                    "its log became shorter or older: an older copy was put in its place",
                ));
            }
            inner.open = Some(Open { batch: Arc::default(), head, steps: 0 });
        }
        let out = inner.run(run);
        let Some(open) = &inner.open else { return out };
        let batch = Arc::clone(&open.batch);
        let (expected, pause) = inner.last;
        let shared = pause >= WORTH;
        if shared && self.queued.load(Ordering::SeqCst) > 0 && open.steps < MOST {
            drop(inner);
            return batch.wait().and(out);
        }
        if shared && open.steps < expected.min(MOST) {
            drop(inner);
            if let Some(outcome) = batch.linger(pause.min(LONGEST)) {
                return outcome.and(out);
            }
            inner = lock(&self.inner);
        }
        // Whoever came meanwhile may have committed, and others may have begun anew.
        if inner.open.as_ref().is_some_and(|open| Arc::ptr_eq(&open.batch, &batch)) {
            return inner.commit(&batch, &self.queued).and(out);
        }
        drop(inner);
        batch.wait().and(out)
    }
}

impl Inner {
    fn run<T>(&mut self, run: impl FnOnce(&mut Work<'_>) -> Answer<T>) -> Answer<T> {
        let Some(open) = &mut self.open else { return Err(LedgerError::missing()) };
        open.steps += 1;
        let mut work = Work { store: &mut *self.store, head: open.head, writes: Writes::default() };
        // A step that panics has written nothing; the others of its batch must not wait for it for ever.
        let found = catch_unwind(AssertUnwindSafe(|| run(&mut work)));
        let out = found.unwrap_or_else(|_| Err(LedgerError::unavailable("a step of it failed")))?;
        let writes = work.writes;
        if !writes.is_empty() {
            let (time, leaves) = (writes.time, writes.length());
            let length = open.head.length;
            // Documents are written there.
            let applied = catch_unwind(AssertUnwindSafe(|| self.store.apply(writes, length)));
            applied.unwrap_or_else(|_| Err(LedgerError::unavailable("a step of it failed")))?;
            if leaves > 0 {
                open.head = Head { time, length: open.head.length + leaves };
            }
        }
        Ok(out)
    }

    /// Commits the open batch and tells those who wait for it.
    fn commit(&mut self, batch: &Batch, queued: &AtomicUsize) -> Answer<()> {
        let (steps, head) = self.open.take().map_or((0, self.seen), |open| (open.steps, open.head));
        let since = Instant::now();
        let outcome = self.store.commit();
        if outcome.is_ok() {
            self.seen = head;
        }
        // Those told now come again while those who came meanwhile begin: were only these awaited, two halves would take turns
        // for ever.
        self.last = (steps + queued.load(Ordering::SeqCst), since.elapsed());
        // Who waits has a step in the batch, as has who commits.
        if steps > 1 {
            *lock(&batch.outcome) = Some(outcome.clone());
            batch.done.notify_all();
        }
        outcome
    }
}

impl Batch {
    /// Waits so long for the outcome.
    #[cfg(not(test))]
    fn linger(&self, pause: Duration) -> Option<Answer<()>> {
        let until = |outcome: &mut Option<Answer<()>>| outcome.is_none();
        let (outcome, _) =
            self.done.wait_timeout_while(lock(&self.outcome), pause, until).unwrap_or_else(PoisonError::into_inner);
        outcome.clone()
    }

    /// Models a time that may pass at any moment.
    #[cfg(test)]
    fn linger(&self, _: Duration) -> Option<Answer<()>> {
        shuttle::thread::yield_now();
        lock(&self.outcome).clone()
    }

    fn wait(&self) -> Answer<()> {
        let mut outcome = lock(&self.outcome);
        loop {
            if let Some(found) = &*outcome {
                return found.clone();
            }
            outcome = self.done.wait(outcome).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::super::store::{Counted, Entry, Record, Reservation, Rows};
    use super::*;
    use std::sync::Mutex as Plain;
    use std::sync::atomic::{AtomicUsize as Count, Ordering as Order};

    /// What is durable, what is not yet, and whether commits fail: a counter that steps read and raise.
    #[derive(Default)]
    struct Disk {
        durable: Vec<String>,
        pending: Vec<String>,
        taken: bool,
        commits: usize,
        fails: bool,
    }

    struct Counter(std::sync::Arc<Plain<Disk>>);

    impl Store for Counter {
        fn begin(&mut self, _: Duration) -> Answer<Head> {
            let mut disk = self.0.lock().unwrap();
            assert!(!std::mem::replace(&mut disk.taken, true), "taken twice");
            disk.pending = disk.durable.clone();
            Ok(Head { time: 0, length: disk.durable.len() as u64 })
        }
        fn apply(&mut self, writes: Writes, length: u64) -> Answer<()> {
            // Where another thread could come between.
            shuttle::thread::yield_now();
            let mut disk = self.0.lock().unwrap();
            assert!(disk.taken && disk.pending.len() as u64 == length);
            disk.pending.extend(writes.leaves.iter().cloned());
            Ok(())
        }
        fn commit(&mut self) -> Answer<()> {
            shuttle::thread::yield_now();
            let mut disk = self.0.lock().unwrap();
            assert!(std::mem::replace(&mut disk.taken, false));
            disk.commits += 1;
            if std::mem::take(&mut disk.fails) {
                return Err(LedgerError::unavailable("the test's fault"));
            }
            disk.durable = std::mem::take(&mut disk.pending);
            Ok(())
        }
        fn record(&mut self, _: &str) -> Answer<Option<Record>> {
            Ok(None)
        }
        fn records(&mut self) -> Answer<Vec<(String, Record)>> {
            Ok(Vec::new())
        }
        fn reservation(&mut self, _: u64) -> Answer<Option<Reservation>> {
            Ok(None)
        }
        fn reservations(&mut self, _: u64, _: usize) -> Answer<Vec<(u64, Reservation)>> {
            Ok(Vec::new())
        }
        fn entries(&mut self, _: u64) -> Answer<Vec<Entry>> {
            Ok(Vec::new())
        }
        fn counted(&mut self, _: &str, _: &str, _: i64, _: i64) -> Answer<Counted> {
            Ok(Counted { sum: 0, count: self.0.lock().unwrap().pending.len() as i128 })
        }
        fn committed(&mut self, _: &str, _: &str, _: i64) -> Answer<bool> {
            Ok(false)
        }
        fn arrival(&mut self, _: &str, _: &str) -> Answer<Option<i64>> {
            Ok(None)
        }
        fn arrivals(&mut self) -> Answer<Vec<(String, String, i64)>> {
            Ok(Vec::new())
        }
        fn rows(&mut self) -> Answer<Rows> {
            Ok(Rows::default())
        }
        fn leaves(&mut self, _: u64, _: usize) -> Answer<Vec<String>> {
            Ok(self.0.lock().unwrap().pending.clone())
        }
    }

    /// Each thread asks for one of `limit` places; what it was told is durable, and no place is given twice.
    fn admit(threads: usize, limit: i128, fails: bool) {
        let disk = std::sync::Arc::new(Plain::new(Disk { fails, ..Disk::default() }));
        let group = Arc::new(Group::new(Box::new(Counter(std::sync::Arc::clone(&disk)))));
        let callers: Vec<_> = (0..threads)
            .map(|thread| {
                let (group, disk) = (Arc::clone(&group), std::sync::Arc::clone(&disk));
                shuttle::thread::spawn(move || {
                    let name = thread.to_string();
                    let told = group.step(|work| {
                        let count = work.store.counted("", "", 0, 0)?.count;
                        if count < limit {
                            work.writes.leaves.push(name.clone());
                        }
                        Ok(count < limit)
                    });
                    let durable = disk.lock().unwrap().durable.clone();
                    assert!(told != Ok(true) || durable.contains(&name), "told before it was durable");
                    assert!(durable.len() as i128 <= limit, "{durable:?}");
                    told.map_or((0, 1), |given| (usize::from(given), 0))
                })
            })
            .collect();
        let told: Vec<(usize, usize)> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
        let (given, failed): (usize, usize) = told.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let disk = disk.lock().unwrap();
        assert_eq!(given, disk.durable.len());
        assert!(!disk.taken && (failed > 0) == fails && disk.commits <= threads);
        assert!(fails || given as i128 == limit.min(threads as i128));
    }

    static EXPLORED: Count = Count::new(0);

    fn counted(threads: usize, limit: i128, fails: bool) {
        EXPLORED.fetch_add(1, Order::SeqCst);
        admit(threads, limit, fails);
    }

    #[test]
    fn every_interleaving_of_two_threads() {
        EXPLORED.store(0, Order::SeqCst);
        for fails in [false, true] {
            shuttle::check_dfs(move || counted(2, 1, fails), None);
        }
        println!("{} interleavings", EXPLORED.load(Order::SeqCst));
    }

    #[test]
    fn many_interleavings_of_more_threads() {
        for fails in [false, true] {
            shuttle::check_dfs(move || admit(3, 2, fails), Some(20_000));
            shuttle::check_random(move || admit(5, 3, fails), 3_000);
            shuttle::check_pct(move || admit(4, 3, fails), 3_000, 3);
        }
    }
}
