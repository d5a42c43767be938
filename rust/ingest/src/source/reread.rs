//! Sources that are read more than once (S10.7).

use super::unwrap::Stream;
use super::{Body, Source, failure, file};
use crate::aside::Temporary;
use crate::error::IngestError;
use crate::format::{Compression, Format};
use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::NamedTempFile;

/// A source that can be opened any number of times, each time with the same bytes.
#[derive(Debug)]
pub struct Reread {
    name: String,
    format: Format,
    compression: Compression,
    place: Place,
}

#[derive(Debug)]
enum Place {
    File(PathBuf, u64),
    Memory(Arc<[u8]>),
    /// Removed with the value.
    Copy(Temporary),
}

impl Source {
    /// Makes the source one that is read again. A stream is copied as it is, compressed or not, to a temporary file; a file only remembers its length.
    ///
    /// # Errors
    /// `file-unreadable` (the stream), `file-unwritable` (the temporary file: a full disk).
    pub fn reread(self) -> Result<Reread, IngestError> {
        let (format, compression, path) = (self.format, self.compression, self.path.clone());
        let (name, body, head) = self.into_parts();
        let place = match body {
            Body::File(_, length) => Place::File(path.unwrap_or_else(|| PathBuf::from(&name)), length),
            Body::Memory(bytes) => Place::Memory(bytes),
            Body::Stream(rest) => Place::Copy(spool(&name, &head, rest)?),
        };
        Ok(Reread { name, format, compression, place })
    }
}

impl Reread {
    /// Opens it from its start.
    ///
    /// # Errors
    /// As [`Source::open`]; `file-unreadable` when a file has changed its length since.
    pub fn open(&self) -> Result<Source, IngestError> {
        let failed = |error| failure::unreadable(&self.name, &error);
        let body = match &self.place {
            Place::Memory(bytes) => Body::Memory(bytes.clone()),
            Place::Copy(copy) => {
                let file = copy.reopen().map_err(failed)?;
                let length = file.metadata().map_err(failed)?.len();
                if length == 0 { Body::Memory(Arc::from([])) } else { Body::File(file, length) }
            }
            Place::File(path, length) => self.again(file(path)?, *length)?,
        };
        Source::of_body(self.name.clone(), body, Some(self.format), Some(self.compression))
    }

    /// A file that has grown is read up to its first length.
    fn again(&self, body: Body, length: u64) -> Result<Body, IngestError> {
        match body {
            Body::File(file, now) if now >= length => Ok(Body::File(file, length)),
            _ => {
                let text = format!("`{}` shrank while it was read: it had {length} bytes", self.name);
                Err(IngestError::new("file-unreadable", text).help("read it when nobody writes to it"))
            }
        }
    }
}

/// A copy of a stream in a temporary file, at any position.
pub(crate) fn spool(name: &str, head: &[u8], rest: Stream) -> Result<Temporary, IngestError> {
    let place = std::env::temp_dir().display().to_string();
    let unwritable = |error| {
        failure::unwritable(&place, &error).help("make room there, or set TMPDIR to a folder with room for a copy")
    };
    let mut copy = Temporary::create(NamedTempFile::new).map_err(unwritable)?;
    let mut stream = Cursor::new(head).chain(rest);
    let mut buffer = vec![0_u8; 256 << 10];
    loop {
        let got = match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(got) => got,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failure::unreadable(name, &error)),
        };
        std::io::Write::write_all(&mut copy, buffer.get(..got).unwrap_or_default()).map_err(unwritable)?;
    }
    Ok(copy)
}
