//! Sources that are read more than once (S10.7).

use super::unwrap::{Same, Stream};
use super::{Body, Source, failure, file};
use crate::aside::Temporary;
use crate::error::IngestError;
use crate::format::{Compression, Format};
use std::fs::Metadata;
use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;
use tempfile::NamedTempFile;

/// A source that can be opened any number of times, each time with the same bytes.
#[derive(Debug)]
pub struct Reread {
    name: String,
    format: Format,
    compression: Compression,
    place: Place,
    /// Compares the bytes of one reading with those of the next.
    same: Option<Same>,
}

#[derive(Debug)]
enum Place {
    File(PathBuf, Stamp),
    Memory(Arc<[u8]>),
    /// Removed with the value.
    Copy(Temporary),
}

/// What tells a file, and whether it was written to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    length: u64,
    /// None where the system has none.
    modified: Option<SystemTime>,
    /// Device and number; none where the system has none.
    file: Option<(u64, u64)>,
}

impl Stamp {
    fn of(about: &Metadata, length: u64) -> Self {
        #[cfg(unix)]
        let file = {
            use std::os::unix::fs::MetadataExt;
            Some((about.dev(), about.ino()))
        };
        #[cfg(not(unix))]
        let file = None;
        Self { length, modified: about.modified().ok(), file }
    }

    /// Was it written to other than at its end, if it is the same file?
    fn is_rewritten(&self, now: &Metadata) -> bool {
        now.len() == self.length && now.modified().ok() != self.modified
    }
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
            Body::File(file, length) => {
                let about = file.metadata().map_err(|error| failure::unreadable(&name, &error))?;
                Place::File(path.unwrap_or_else(|| PathBuf::from(&name)), Stamp::of(&about, length))
            }
            Body::Memory(bytes) => Place::Memory(bytes),
            Body::Stream(rest) => Place::Copy(spool(&name, &head, rest)?),
        };
        Ok(Reread { name, format, compression, place, same: None })
    }
}

impl Reread {
    /// Whether the bytes of a file are compared with those of the reading before, where both go to its end.
    #[must_use]
    pub fn the_same(mut self, compared: bool) -> Self {
        let file = matches!(self.place, Place::File(..));
        self.same = (compared && file).then(Same::default);
        self
    }

    /// Opens it from its start.
    ///
    /// # Errors
    /// As [`Source::open`]; `file-unreadable` when a file has shrunk since, `file-changed` when it is another or was written to; its end may have been.
    pub fn open(&self) -> Result<Source, IngestError> {
        let failed = |error| failure::unreadable(&self.name, &error);
        let body = match &self.place {
            Place::Memory(bytes) => Body::Memory(bytes.clone()),
            Place::Copy(copy) => {
                let file = copy.reopen().map_err(failed)?;
                let length = file.metadata().map_err(failed)?.len();
                if length == 0 { Body::Memory(Arc::from([])) } else { Body::File(file, length) }
            }
            Place::File(path, stamp) => self.again(file(path)?, stamp)?,
        };
        let mut source = Source::of_body(self.name.clone(), body, Some(self.format), Some(self.compression))?;
        source.same = self.same.clone();
        Ok(source)
    }

    /// Refuses a file that was written to since it was first opened, other than at its end.
    ///
    /// # Errors
    /// `file-changed`.
    pub fn unchanged(&self) -> Result<(), IngestError> {
        let Place::File(path, stamp) = &self.place else { return Ok(()) };
        // What another file of the name has does not matter: it was not read.
        let Ok(now) = std::fs::metadata(path) else { return Ok(()) };
        let same = Stamp::of(&now, 0).file == stamp.file;
        if same && stamp.is_rewritten(&now) { Err(changed(&self.name, "was written to")) } else { Ok(()) }
    }

    /// A file that has grown is read up to its first length.
    fn again(&self, body: Body, stamp: &Stamp) -> Result<Body, IngestError> {
        let length = stamp.length;
        match body {
            Body::File(file, now) if now >= length => {
                let about = file.metadata().map_err(|error| failure::unreadable(&self.name, &error))?;
                if Stamp::of(&about, length).file != stamp.file {
                    return Err(changed(&self.name, "was replaced by another file"));
                }
                if stamp.is_rewritten(&about) {
                    return Err(changed(&self.name, "was written to"));
                }
                Ok(Body::File(file, length))
            }
            _ => {
                let text = format!("`{}` shrank while it was read: it had {length} bytes", self.name);
                Err(IngestError::new("file-unreadable", text).help("read it when nobody writes to it"))
            }
        }
    }
}

/// What happened to a file.
pub(super) fn changed(name: &str, how: &str) -> IngestError {
    IngestError::new("file-changed", format!("`{name}` {how} while it was read"))
        .help("read it when nobody writes to it, or a copy of it")
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
