//! Blocks read on several threads and handed out in their order (S9.3). A block starts where a line ended, which in CSV need not be where a record
//! ended: whoever takes the blocks in order sees that, and reads such a block again.

use crate::chunk::{Block, Read, Reading, read};
use crate::error::IngestError;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// A source of blocks.
pub trait Blocks: Send {
    /// The next block, in memory that was given back or in new memory; none after the last.
    fn next(&mut self, memory: Vec<u8>) -> Result<Option<Block>, IngestError>;
}

type Job = (u64, Block);
type Done = (u64, Result<Box<Read>, IngestError>);

/// Blocks under way. Dropping it stops the threads.
pub struct Parallel {
    done: Option<Receiver<Done>>,
    memory: Option<Sender<Vec<u8>>>,
    waiting: BTreeMap<u64, Result<Box<Read>, IngestError>>,
    next: u64,
    threads: Vec<JoinHandle<()>>,
}

impl Parallel {
    /// Starts reading on this many threads, besides the one that fetches blocks. In memory are at most two blocks a thread, and two more.
    pub fn start(mut blocks: Box<dyn Blocks>, reading: &Reading, threads: usize) -> Self {
        let (memory, free) = channel::<Vec<u8>>();
        let (jobs, todo) = sync_channel::<Job>(threads);
        let (finished, done) = channel::<Done>();
        for _ in 0..threads * 2 + 2 {
            // The receiver lives in the thread below.
            let _ = memory.send(Vec::new());
        }
        let failed = finished.clone();
        let mut handles = vec![std::thread::spawn(move || fetch(blocks.as_mut(), &free, &jobs, &failed))];
        let todo = Arc::new(Mutex::new(todo));
        for _ in 0..threads {
            let (todo, finished, reading) = (Arc::clone(&todo), finished.clone(), reading.clone());
            handles.push(std::thread::spawn(move || work(&todo, &finished, &reading)));
        }
        Self { done: Some(done), memory: Some(memory), waiting: BTreeMap::new(), next: 0, threads: handles }
    }

    /// The next block in order; none after the last.
    pub fn next(&mut self) -> Option<Result<Box<Read>, IngestError>> {
        loop {
            if let Some(read) = self.waiting.remove(&self.next) {
                self.next += 1;
                return Some(read);
            }
            let (position, read) = self.done.as_ref()?.recv().ok()?;
            self.waiting.insert(position, read);
        }
    }

    /// Lets another block be read.
    pub fn give_back(&self, memory: Vec<u8>) {
        if let Some(free) = &self.memory {
            // No one is waiting for memory once the last block was fetched.
            let _ = free.send(memory);
        }
    }
}

impl Drop for Parallel {
    fn drop(&mut self) {
        self.done = None;
        self.memory = None;
        for thread in self.threads.drain(..) {
            // A thread that failed has said so by ending the channel.
            let _ = thread.join();
        }
    }
}

fn fetch(blocks: &mut dyn Blocks, free: &Receiver<Vec<u8>>, jobs: &SyncSender<Job>, failed: &Sender<Done>) {
    for position in 0.. {
        let Ok(memory) = free.recv() else { return };
        match blocks.next(memory) {
            Ok(Some(block)) => {
                if jobs.send((position, block)).is_err() {
                    return;
                }
            }
            Ok(None) => {
                // The one in order must see an end.
                let _ = jobs.send((position, Block { last: true, ..Block::default() }));
                return;
            }
            Err(why) => {
                let _ = failed.send((position, Err(why)));
                return;
            }
        }
    }
}

fn work(todo: &Mutex<Receiver<Job>>, finished: &Sender<Done>, reading: &Reading) {
    let mut decoder = (reading.decoder)();
    let mut left = Left::default();
    loop {
        let job = todo.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((position, mut block)) = job else { return };
        if reading.in_order {
            left.put_before(&mut block);
        }
        // A fault of ours must not leave the others waiting for this block.
        let done = catch_unwind(AssertUnwindSafe(|| read(reading, decoder.as_mut(), block)));
        let done = done.map(|mut read| {
            if reading.in_order {
                left.take_from(&mut read);
            }
            Box::new(read)
        });
        let failed = || IngestError::new("internal-error", "reading failed; this is a fault of guard_nb");
        if finished.send((position, done.map_err(|_| failed()))).is_err() {
            return;
        }
    }
}

/// Bytes of a block that belong to the next.
#[derive(Default)]
pub struct Left {
    bytes: Vec<u8>,
    offset: u64,
}

impl Left {
    /// Nothing is left.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Puts what is left before a block.
    pub fn put_before(&mut self, block: &mut Block) {
        if !self.bytes.is_empty() {
            self.bytes.extend_from_slice(&block.bytes);
            std::mem::swap(&mut self.bytes, &mut block.bytes);
            block.offset = self.offset;
            self.bytes.clear();
        }
    }

    /// Keeps what was not read.
    pub fn take_from(&mut self, read: &mut Read) {
        if let Some(rest) = read.block.bytes.get(read.consumed..).filter(|rest| !rest.is_empty()) {
            self.bytes = rest.to_vec();
            self.offset = read.block.offset + read.consumed as u64;
            read.block.bytes.truncate(read.consumed);
        }
    }
}
