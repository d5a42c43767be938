//! Batches decoded on other threads while those before them are judged.

use super::Batches;
use crate::error::IngestError;
use crate::parallel::spawn;
use arrow_array::RecordBatch;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Batches that can be made by themselves: a row group, or a whole file.
pub(super) type Job = Box<dyn FnOnce() -> Batches + Send>;

type Item = Result<RecordBatch, IngestError>;
/// None ends a job: a thread that fails must not look like one that is done.
type Sent = Option<Item>;

/// The batches of all jobs, in order; on this many threads, or on the caller's own when it is one. In memory are at most two batches a thread.
pub(super) fn ahead(jobs: Vec<Job>, threads: usize) -> Batches {
    let threads = threads.min(jobs.len());
    if threads == 0 {
        return Box::new(std::iter::empty());
    }
    Box::new(Ahead { jobs: jobs.into(), threads, line: None, current: None, handles: Vec::new(), ended: false })
}

/// In the caller's thread, one job after the other.
pub(super) fn inline(jobs: Vec<Job>) -> Batches {
    Box::new(Inline { jobs: jobs.into(), current: None })
}

struct Inline {
    jobs: VecDeque<Job>,
    current: Option<Batches>,
}

impl Iterator for Inline {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            match self.current.as_mut().map(Iterator::next) {
                Some(Some(Err(why))) => {
                    (self.current, self.jobs) = (None, VecDeque::new());
                    return Some(Err(why));
                }
                Some(Some(batch)) => return Some(batch),
                Some(None) | None => self.current = Some(self.jobs.pop_front()?()),
            }
        }
    }
}

struct Ahead {
    /// Until the threads begin.
    jobs: VecDeque<Job>,
    threads: usize,
    /// The jobs that were begun, in order.
    line: Option<Receiver<Receiver<Sent>>>,
    current: Option<Receiver<Sent>>,
    handles: Vec<JoinHandle<()>>,
    ended: bool,
}

impl Ahead {
    /// One thread is enough.
    fn start(&mut self) -> Result<Receiver<Receiver<Sent>>, IngestError> {
        let (sender, line) = channel();
        let shared = Arc::new(Mutex::new((std::mem::take(&mut self.jobs), sender)));
        for _ in 0..self.threads {
            let shared = Arc::clone(&shared);
            match spawn(move || while work(&shared) {}) {
                Ok(handle) => self.handles.push(handle),
                Err(why) if self.handles.is_empty() => return Err(why),
                Err(_) => break,
            }
        }
        Ok(line)
    }

    fn stop(&mut self) {
        (self.line, self.current, self.ended) = (None, None, true);
        for handle in self.handles.drain(..) {
            // A thread that failed has said so by not ending its job.
            let _ = handle.join();
        }
    }
}

/// Does the next job; false when there is none, or nobody waits for it.
fn work(shared: &Mutex<(VecDeque<Job>, Sender<Receiver<Sent>>)>) -> bool {
    let (sender, batches) = sync_channel(1);
    let job = {
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(job) = shared.0.pop_front() else { return false };
        if shared.1.send(batches).is_err() {
            return false;
        }
        job
    };
    job().map(Some).chain([None]).all(|sent| sender.send(sent).is_ok())
}

impl Iterator for Ahead {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if self.ended {
            return None;
        }
        if self.line.is_none() {
            match self.start() {
                Ok(line) => self.line = Some(line),
                Err(why) => {
                    self.stop();
                    return Some(Err(why));
                }
            }
        }
        loop {
            let Some(current) = &self.current else {
                let next = self.line.as_ref().and_then(|line| line.recv().ok());
                if next.is_none() {
                    self.stop();
                    return None;
                }
                self.current = next;
                continue;
            };
            match current.recv() {
                Ok(Some(Ok(batch))) => return Some(Ok(batch)),
                Ok(None) => self.current = None,
                failed => {
                    self.stop();
                    let fault = IngestError::new("internal-error", "reading failed; this is a fault of guard_nb");
                    return Some(Err(failed.ok().flatten().and_then(Result::err).unwrap_or(fault)));
                }
            }
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

    use super::*;
    use arrow_array::{ArrayRef, Int64Array, cast::AsArray, types::Int64Type};

    fn batch(value: i64) -> RecordBatch {
        RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from(vec![value])) as ArrayRef)]).unwrap()
    }

    fn jobs(count: i64, each: i64) -> Vec<Job> {
        let job = |job: i64| -> Job { Box::new(move || Box::new((0..each).map(move |at| Ok(batch(job * each + at))))) };
        (0..count).map(job).collect()
    }

    fn values(batches: Batches) -> Vec<i64> {
        batches.map(|batch| batch.unwrap().column(0).as_primitive::<Int64Type>().value(0)).collect()
    }

    #[test]
    fn batches_come_in_order() {
        for threads in 1..5 {
            assert_eq!(values(ahead(jobs(7, 3), threads)), (0..21).collect::<Vec<_>>());
        }
        assert_eq!(values(inline(jobs(7, 3))), (0..21).collect::<Vec<_>>());
        assert!(values(ahead(Vec::new(), 2)).is_empty());
    }

    #[test]
    fn the_first_error_is_the_end() {
        let broken = || {
            let mut jobs = jobs(3, 2);
            jobs[1] = Box::new(|| Box::new([Ok(batch(9)), Err(IngestError::new("file-unreadable", "x"))].into_iter()));
            jobs
        };
        for batches in [ahead(broken(), 2), inline(broken())] {
            let found: Vec<_> = batches.map(|batch| batch.is_ok()).collect();
            assert_eq!(found, [true, true, true, false]);
        }
    }

    #[test]
    fn a_thread_that_fails_ends_nothing_in_silence() {
        let mut jobs = jobs(3, 2);
        jobs[1] = Box::new(|| Box::new(std::iter::once_with(|| panic!("a fault on purpose"))));
        let found: Vec<_> = ahead(jobs, 1).collect();
        assert_eq!(found.last().unwrap().as_ref().unwrap_err().code, "internal-error");
    }

    #[test]
    fn dropping_stops_the_threads() {
        let mut batches = ahead(jobs(100, 100), 3);
        assert!(batches.next().is_some());
        drop(batches);
    }
}
