//! Blocks read on several threads and handed out in their order (S9.3). A block starts where a line ended, which in CSV need not be where a record
//! ended: whoever takes the blocks in order sees that, and reads such a block again.

use crate::chunk::{Block, Read, Reading, read};
use crate::error::IngestError;
use guard_decode::Decoder;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A source of blocks.
pub trait Blocks: Send {
    /// The next block, in memory that was given back or in new memory; none after the last.
    fn next(&mut self, memory: Vec<u8>) -> Result<Option<Block>, IngestError>;
}

type Job = (u64, Result<Block, IngestError>);
type Done = (u64, Result<Box<Read>, IngestError>);

/// Blocks under way. Dropping it stops the threads.
pub struct Parallel {
    done: Option<Receiver<Done>>,
    memory: Option<Sender<Vec<u8>>>,
    waiting: BTreeMap<u64, Result<Box<Read>, IngestError>>,
    next: u64,
    threads: Vec<JoinHandle<()>>,
}

/// A thread, if the system has one.
pub(crate) fn spawn(work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, IngestError> {
    std::thread::Builder::new().name("guard-read".to_owned()).spawn(work).map_err(|why| {
        IngestError::new("internal-error", format!("no thread can be started: {why}"))
            .help("end other programs, or raise the limit of processes")
    })
}

impl Parallel {
    /// Starts reading on this many threads, each of which fetches the blocks that it reads: they are in its cache then. A single one has them fetched by
    /// another. In memory are at most two blocks a thread, and two more.
    ///
    /// # Errors
    /// `internal-error` when the system has no thread for it; one that reads is enough.
    pub fn start(blocks: Box<dyn Blocks>, reading: &Reading, threads: usize) -> Result<Self, IngestError> {
        let (memory, free) = channel::<Vec<u8>>();
        // There are no more results than blocks; but one in order makes any number of them from a block, and waits until they are taken.
        let (finished, done) = sync_channel::<Done>(if reading.in_order { 2 } else { threads * 2 + 2 });
        for _ in 0..threads * 2 + 2 {
            // The receiver lives in the feed below.
            let _ = memory.send(Vec::new());
        }
        let mut handles = Vec::new();
        let mut feed = Feed { blocks, free, position: 0, ended: false };
        let jobs = Arc::new(if threads == 1 {
            let (jobs, todo) = sync_channel::<Job>(1);
            handles.push(spawn(move || while feed.next().is_some_and(|job| jobs.send(job).is_ok()) {})?);
            Jobs::Fetched(Mutex::new(todo))
        } else {
            Jobs::Shared(Mutex::new(feed))
        });
        let least = handles.len();
        for _ in 0..threads {
            let (jobs, finished, reading) = (Arc::clone(&jobs), finished.clone(), reading.clone());
            match spawn(move || work(&jobs, &finished, &reading)) {
                Ok(handle) => handles.push(handle),
                Err(why) if handles.len() == least => return Err(why),
                Err(_) => break,
            }
        }
        Ok(Self { done: Some(done), memory: Some(memory), waiting: BTreeMap::new(), next: 0, threads: handles })
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

/// Blocks in their order, as memory for them becomes free.
struct Feed {
    blocks: Box<dyn Blocks>,
    free: Receiver<Vec<u8>>,
    position: u64,
    ended: bool,
}

impl Feed {
    fn next(&mut self) -> Option<Job> {
        if self.ended {
            return None;
        }
        let memory = self.free.recv().ok()?;
        let next = self.blocks.next(memory);
        self.ended = !matches!(next, Ok(Some(_)));
        let position = self.position;
        self.position += 1;
        // The one in order must see an end.
        Some((position, next.map(|block| block.unwrap_or(Block { last: true, ..Block::default() }))))
    }
}

/// Where a thread gets its blocks from.
enum Jobs {
    Shared(Mutex<Feed>),
    Fetched(Mutex<Receiver<Job>>),
}

impl Jobs {
    /// The next block; none after the last, or when fetching failed.
    fn next(&self) -> Option<Job> {
        match self {
            Self::Shared(feed) => feed.lock().ok()?.next(),
            Self::Fetched(todo) => todo.lock().ok()?.recv().ok(),
        }
    }
}

fn work(jobs: &Jobs, finished: &SyncSender<Done>, reading: &Reading) {
    let mut decoder = (reading.decoder)();
    let mut left = Left::default();
    let mut results = 0;
    while let Some((position, block)) = jobs.next() {
        let mut block = match block {
            Ok(block) => Some(block),
            Err(why) => {
                // Nothing follows it.
                let _ = finished.send((if reading.in_order { results } else { position }, Err(why)));
                return;
            }
        };
        if reading.in_order {
            block.iter_mut().for_each(|block| left.put_before(block));
        }
        while let Some(next) = block.take() {
            let mut done = guarded(reading, decoder.as_mut(), next);
            let mut position = position;
            if reading.in_order {
                position = results;
                results += 1;
                block = done.as_mut().ok().and_then(|read| left.take_from(read));
            }
            if finished.send((position, done)).is_err() {
                return;
            }
        }
    }
}

/// A fault of ours must not leave the others waiting for this block.
fn guarded(reading: &Reading, decoder: &mut dyn Decoder, block: Block) -> Result<Box<Read>, IngestError> {
    catch_unwind(AssertUnwindSafe(|| Box::new(read(reading, decoder, block))))
        .map_err(|_| IngestError::new("internal-error", "reading failed; this is a fault of guard_nb"))
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

    /// Takes what was not read off a block: the start of its last record, which is kept, or records for another batch, which are handed back.
    pub fn take_from(&mut self, read: &mut Read) -> Option<Block> {
        let rest = read.block.bytes.get(read.consumed..).filter(|rest| !rest.is_empty())?.to_vec();
        let offset = read.block.offset + read.consumed as u64;
        read.block.bytes.truncate(read.consumed);
        if !read.full {
            (self.bytes, self.offset) = (rest, offset);
            return None;
        }
        let Block { last, skipped, .. } = read.block;
        (read.block.last, read.block.skipped) = (false, 0);
        Some(Block { bytes: rest, offset, last, skipped, rest: true, ..Block::default() })
    }
}
