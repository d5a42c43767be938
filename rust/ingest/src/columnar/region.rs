//! Bytes at any place of a file or of memory, of a fixed length.

use crate::source::Progress;
use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::io::{BufReader, Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes fetched at a time where a length is not known: page headers, which are short.
const HEADER_BYTES: usize = 512;

/// Shared; reads of several threads do not disturb each other. No request beyond the end is answered, nor memory taken for it: a damaged length
/// in a file can thus ask for no more than the file has.
#[derive(Debug, Clone)]
pub(crate) struct Region {
    place: Arc<Place>,
    length: u64,
    read: Progress,
}

#[derive(Debug)]
enum Place {
    File(Mutex<File>),
    Memory(Bytes),
}

impl Region {
    pub(crate) fn of_file(file: File, length: u64) -> Self {
        Self { place: Arc::new(Place::File(Mutex::new(file))), length, read: Progress::default() }
    }

    pub(crate) fn of_memory(bytes: Arc<[u8]>) -> Self {
        let length = bytes.len() as u64;
        Self { place: Arc::new(Place::Memory(Bytes::from_owner(bytes))), length, read: Progress::default() }
    }

    /// Counts what is read here.
    pub(crate) fn counted(self, read: Progress) -> Self {
        Self { read, ..self }
    }

    /// So far; what is read twice counts twice.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.read.bytes()
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// `length` bytes from `start`; an error when the region has fewer.
    pub(crate) fn bytes(&self, start: u64, length: u64) -> Result<Bytes> {
        let end = start.checked_add(length).filter(|end| *end <= self.length).ok_or_else(|| {
            let text =
                format!("bytes {start} to {} are asked for, but it has {}", start.saturating_add(length), self.length);
            Error::new(ErrorKind::InvalidData, text)
        })?;
        self.read.add(length);
        match &*self.place {
            Place::Memory(bytes) => {
                let (Ok(start), Ok(end)) = (usize::try_from(start), usize::try_from(end)) else {
                    return Err(Error::from(ErrorKind::InvalidData));
                };
                Ok(bytes.slice(start..end))
            }
            Place::File(file) => {
                let mut found = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(start))?;
                (&mut *file).take(length).read_to_end(&mut found)?;
                if (found.len() as u64) < length {
                    let text = format!("it shrank while it was read: it had {} bytes", self.length);
                    return Err(Error::new(ErrorKind::InvalidData, text));
                }
                Ok(found.into())
            }
        }
    }
}

impl Length for Region {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Region {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(BufReader::with_capacity(HEADER_BYTES, From { region: self.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        self.bytes(start, length as u64).map_err(|error| ParquetError::External(Box::new(error)))
    }
}

/// Reads on from a place.
#[derive(Debug)]
pub(crate) struct From {
    region: Region,
    at: u64,
}

impl Read for From {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let most = self.region.length.saturating_sub(self.at).min(buffer.len() as u64);
        let room = buffer.get_mut(..usize::try_from(most).unwrap_or(0)).unwrap_or_default();
        let got = match &*self.region.place {
            Place::Memory(bytes) => {
                let start = usize::try_from(self.at).unwrap_or(usize::MAX);
                bytes.get(start..).unwrap_or_default().read(room)?
            }
            Place::File(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(self.at))?;
                file.read(room)?
            }
        };
        self.at += got as u64;
        self.region.read.add(got as u64);
        Ok(got)
    }
}
