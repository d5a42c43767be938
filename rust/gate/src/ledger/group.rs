//! Group commit: steps that wait for each other share one durable commit.
//!
//! Whoever gets the store runs its own step in the open batch. If others wait for the store it leaves the commit to them and
//! waits for the batch's outcome; the last one commits. One caller alone commits each step; many share the disk's time.

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
const MOST: usize = 64;

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
        Group { inner: Mutex::new(Inner { store, open: None }), queued: AtomicUsize::new(0) }
    }

    /// Runs one step and returns when it is durable. If it fails, or what it shares a commit with cannot be made durable,
    /// nothing of it stays.
    pub(super) fn step<T>(&self, run: impl FnOnce(&mut Work<'_>) -> Answer<T>) -> Answer<T> {
        let since = Instant::now();
        self.queued.fetch_add(1, Ordering::SeqCst);
        let mut inner = lock(&self.inner);
        self.queued.fetch_sub(1, Ordering::SeqCst);
        if inner.open.is_none() {
            let head = inner.store.begin(PATIENCE.saturating_sub(since.elapsed()))?;
            inner.open = Some(Open { batch: Arc::default(), head, steps: 0 });
        }
        let out = inner.run(run);
        let Some(open) = &inner.open else { return out };
        let batch = Arc::clone(&open.batch);
        if self.queued.load(Ordering::SeqCst) == 0 || open.steps >= MOST {
            inner.open = None;
            let outcome = inner.store.commit();
            drop(inner);
            *lock(&batch.outcome) = Some(outcome.clone());
            batch.done.notify_all();
            return outcome.and(out);
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
            self.store.apply(&writes, open.head.length)?;
            if !writes.leaves.is_empty() {
                open.head = Head { time: writes.time, length: open.head.length + writes.leaves.len() as u64 };
            }
        }
        Ok(out)
    }
}

impl Batch {
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
