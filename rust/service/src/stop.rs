//! Ctrl-C.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a call that was asked to stop may take to do so: one that waits for standard input never looks.
const GRACE: Duration = Duration::from_millis(1500);

/// Whether somebody asked to stop.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    asked: AtomicBool,
    /// What to say when the call is ended while it only waits; none while something is under way.
    waits: Mutex<Option<&'static str>>,
}

impl Stop {
    /// Asks to stop.
    pub fn ask(&self) {
        self.0.asked.store(true, Ordering::Relaxed);
    }

    /// Was it asked?
    pub fn asked(&self) -> bool {
        self.0.asked.load(Ordering::Relaxed)
    }

    /// Waits for somebody else, with nothing under way: Ctrl-C ends the call at once with these words.
    pub fn while_waiting<T>(&self, words: &'static str, wait: impl FnOnce() -> T) -> T {
        self.set(Some(words));
        let out = wait();
        // Where the call is being ended this waits for the end.
        self.set(None);
        out
    }

    fn set(&self, words: Option<&'static str>) {
        *self.0.waits.lock().unwrap_or_else(PoisonError::into_inner) = words;
    }

    /// Asks on SIGINT (and its like on Windows). A call that does not end soon, or is asked twice, is ended with status 130; files that are not
    /// complete are removed.
    pub fn on_signal(&self) {
        let asked = self.clone();
        // Fails only when a handler is set already: then that one has its say.
        let _ = ctrlc::set_handler(move || {
            if asked.asked() {
                end();
            }
            asked.ask();
            // Held until the end, so that what waits does not begin anything now.
            let waits = asked.0.waits.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(words) = *waits {
                let _ = std::io::stderr().write_all(words.as_bytes());
                end();
            }
            drop(waits);
            std::thread::spawn(|| {
                std::thread::sleep(GRACE);
                end();
            });
        });
    }
}

fn end() {
    guard_ingest::remove_incomplete();
    std::process::exit(i32::from(crate::Exit::INTERRUPTED.status()));
}
