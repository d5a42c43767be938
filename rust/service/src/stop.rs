//! Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a call that was asked to stop may take to do so: one that waits for standard input never looks.
const GRACE: Duration = Duration::from_millis(1500);

/// Whether somebody asked to stop.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks to stop.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Was it asked?
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
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
