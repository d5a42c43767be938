//! A temporary file for what does not fit into memory.

use guard_engine::run::Room;
use std::fs::File;
use std::io::{Error, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

/// A file without a name, made when it is first needed; the system removes it, however the process ends.
#[derive(Debug, Default)]
pub struct TemporaryRoom {
    /// With its length.
    file: Mutex<Option<(File, u64)>>,
}

impl TemporaryRoom {
    fn with<T>(&self, run: impl FnOnce(&mut File, &mut u64) -> std::io::Result<T>) -> Result<T, String> {
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let place = || std::env::temp_dir().display().to_string();
        let failed = |error: Error| crate::source::failure::unwritable(&place(), &error).message;
        if slot.is_none() {
            *slot = Some((tempfile::tempfile().map_err(failed)?, 0));
        }
        match slot.as_mut() {
            Some((file, length)) => run(file, length).map_err(failed),
            None => Err(format!("`{}` cannot be written", place())),
        }
    }
}

impl Room for TemporaryRoom {
    fn put(&self, bytes: &[u8]) -> Result<u64, String> {
        self.with(|file, length| {
            let place = *length;
            file.seek(SeekFrom::Start(place))?;
            file.write_all(bytes)?;
            *length += bytes.len() as u64;
            Ok(place)
        })
    }

    fn get(&self, place: u64, length: usize) -> Result<Vec<u8>, String> {
        self.with(|file, _| {
            file.seek(SeekFrom::Start(place))?;
            let mut bytes = vec![0; length];
            file.read_exact(&mut bytes)?;
            Ok(bytes)
        })
    }
}
