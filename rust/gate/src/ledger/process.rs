//! Whose a ledger is (G6.3): what one process has opened is of no use to a process that was forked from it. There locks stay taken
//! by threads that only the other one has, amounts of memory would be spent twice, and a connection would be shared.

use super::LedgerError;
use std::process::id;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

type Answer<T> = Result<T, LedgerError>;

/// What only the process that made it uses and drops: in any other one it is left alone.
#[derive(Debug)]
pub(super) struct Owned<T> {
    /// None only while it is dropped.
    value: Option<T>,
    process: u32,
}

impl<T> Owned<T> {
    pub fn new(value: T) -> Owned<T> {
        Owned { value: Some(value), process: id() }
    }

    /// Takes no lock. Costs one call of the system.
    pub fn get(&self) -> Answer<&T> {
        if id() != self.process {
            let why = "it was opened by another process; open it anew after a fork";
            return Err(LedgerError::unavailable(why));
        }
        self.value.as_ref().ok_or_else(LedgerError::missing)
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        if id() != self.process {
            // To close it would wait for locks that nobody gives back, and say goodbye in the other process' name.
            std::mem::forget(self.value.take());
        }
    }
}

/// The process that has SQLite files open, above, and how many, below.
static OPEN: AtomicU64 = AtomicU64::new(0);
const COUNT: u64 = 0xffff_ffff;

/// A SQLite file that is open.
///
/// SQLite keeps one table of the files that a process has open and of the locks that it holds on them. A child inherits the table
/// without the locks, which belong to the process: a file that it opened anew would pass for locked, and whoever closed the file
/// last elsewhere would take away the log that the child goes on to write. So a child opens none, unless none was open.
#[derive(Debug)]
pub(super) struct Opened;

impl Opened {
    /// Of this process.
    ///
    /// # Errors
    /// `ledger-unavailable` where another process had a file open when this one was forked from it.
    pub fn new() -> Answer<Opened> {
        Opened::counted(id())
    }

    fn counted(process: u32) -> Answer<Opened> {
        let more = |open: u64| {
            let own = u64::from(process) << 32;
            match open & COUNT {
                0 => Some(own | 1),
                count if open & !COUNT == own && count < COUNT => Some(open.saturating_add(1)),
                _ => None,
            }
        };
        let why = "the process from which this one was forked had a SQLite ledger open; start processes by `spawn` or \
                   `forkserver`, or fork before one is opened";
        OPEN.fetch_update(SeqCst, SeqCst, more).map(|_| Opened).map_err(|_| LedgerError::unavailable(why))
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let own = u64::from(id()) << 32;
        let less = |open: u64| (open & !COUNT == own && open & COUNT > 0).then(|| open.saturating_sub(1));
        // In a child nothing of its own is open.
        let _ = OPEN.fetch_update(SeqCst, SeqCst, less);
    }
}
