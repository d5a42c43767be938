//! What is written goes to the disk while more is being written, so that the wait at the end is short.

use std::fs::File;
use std::io::Result;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Bytes between two requests to the disk.
const STEP: usize = 8 << 20;

/// Syncs a file from a thread of its own. Its errors are not asked for: the sync at the end, through another handle, has them too.
#[derive(Debug, Default)]
pub(crate) struct Flusher {
    written: usize,
    thread: Option<(SyncSender<()>, JoinHandle<()>)>,
    /// There is no second handle or no thread: then the sync at the end does it all.
    alone: bool,
}

impl Flusher {
    /// So many bytes more were written to the file that `open` gives another handle of.
    pub(crate) fn wrote(&mut self, bytes: usize, open: impl FnOnce() -> Result<File>) {
        self.written += bytes;
        if self.written < STEP || self.alone {
            return;
        }
        self.written = 0;
        if self.thread.is_none() {
            self.thread = open().and_then(start).ok();
            self.alone = self.thread.is_none();
        }
        if let Some((ticks, _)) = &self.thread {
            // One that is busy takes what came since with its next round.
            let _ = ticks.try_send(());
        }
    }
}

fn start(file: File) -> Result<(SyncSender<()>, JoinHandle<()>)> {
    let (ticks, asked) = sync_channel(1);
    let work = move || asked.iter().for_each(|()| drop(file.sync_data()));
    Ok((ticks, std::thread::Builder::new().name("guard-flush".to_owned()).spawn(work)?))
}

impl Drop for Flusher {
    fn drop(&mut self) {
        if let Some((ticks, thread)) = self.thread.take() {
            drop(ticks);
            // It holds nothing but a handle.
            let _ = thread.join();
        }
    }
}
