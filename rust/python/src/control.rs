//! Ctrl-C and progress while the GIL is released.

use guard_engine::run::Control;
use pyo3::prelude::*;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Signals are looked at, and progress is told, no more often than this.
const EVERY: Duration = Duration::from_millis(50);

pub struct PyControl {
    progress: Option<Py<PyAny>>,
    last: Mutex<Instant>,
    error: Mutex<Option<PyErr>>,
}

impl PyControl {
    pub fn new(progress: Option<Py<PyAny>>) -> Self {
        Self { progress, last: Mutex::new(Instant::now()), error: Mutex::new(None) }
    }

    /// What stopped the check, if it was Python.
    pub fn take_error(&self) -> Option<PyErr> {
        self.error.lock().ok()?.take()
    }

    fn ask(&self, records: u64) -> PyResult<()> {
        Python::attach(|py| {
            py.check_signals()?;
            match &self.progress {
                Some(progress) => progress.call1(py, (records,)).map(|_| ()),
                None => Ok(()),
            }
        })
    }
}

impl Control for PyControl {
    fn keep_going(&self, records: u64) -> bool {
        let due = self.last.lock().is_ok_and(|mut last| {
            let due = last.elapsed() >= EVERY;
            if due {
                *last = Instant::now();
            }
            due
        });
        if !due {
            return true;
        }
        match self.ask(records) {
            Ok(()) => true,
            Err(error) => {
                if let Ok(mut slot) = self.error.lock() {
                    *slot = Some(error);
                }
                false
            }
        }
    }
}
