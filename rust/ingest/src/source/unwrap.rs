//! Readers under a source: counted, of a fixed length, decompressed within a ratio.

use super::failure::carried;
use super::reread::changed;
use crate::error::IngestError;
use crate::format::Compression;
use std::fs::File;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Any reader of a source.
pub(crate) type Stream = Box<dyn Read + Send>;

/// Decompressed bytes from where on the ratio is looked at (S10.3).
const RATIO_FROM: u64 = 64 << 20;
/// Decompressed bytes for each byte of the source (S10.3).
const RATIO: u64 = 200;

/// What blocks are filled from.
pub(crate) enum Feed {
    /// A regular file as it stands.
    File(Counted<Measured>),
    /// Anything else.
    Any(Stream),
}

impl Feed {
    /// Appends `most` bytes, or fewer where there are no more.
    pub(crate) fn append(&mut self, most: usize, into: &mut Vec<u8>) -> Result<usize> {
        match self {
            Self::Any(reader) => reader.take(most as u64).read_to_end(into),
            Self::File(file) => {
                let got = file.inner.append(most, into)?;
                file.count.fetch_add(got as u64, Ordering::Relaxed);
                Ok(got)
            }
        }
    }
}

/// Counts what is read.
pub(crate) struct Counted<R> {
    pub(crate) inner: R,
    pub(crate) count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let got = self.inner.read(buffer)?;
        self.count.fetch_add(got as u64, Ordering::Relaxed);
        Ok(got)
    }
}

/// A regular file up to the length it had when it was opened: what is appended meanwhile is not read, what is cut off is an error.
pub(crate) struct Measured {
    name: String,
    file: File,
    length: u64,
    left: u64,
    /// What was read so far, where readings are compared.
    sum: Option<(flate2::Crc, Same)>,
}

/// The checksum of a whole reading, for the next one to be compared with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Same(Arc<Mutex<Option<u32>>>);

impl Measured {
    /// At the file's start.
    pub(crate) fn new(name: String, file: File, length: u64, same: Option<Same>) -> Self {
        Self { name, file, length, left: length, sum: same.map(|same| (flate2::Crc::new(), same)) }
    }

    /// These bytes were read. The last ones of a file whose bytes are not those of the reading before are an error.
    fn took(&mut self, bytes: &[u8]) -> Result<()> {
        self.left = self.left.saturating_sub(bytes.len() as u64);
        let Some((sum, same)) = &mut self.sum else { return Ok(()) };
        sum.update(bytes);
        if self.left > 0 || bytes.is_empty() {
            return Ok(());
        }
        let before = same.0.lock().unwrap_or_else(PoisonError::into_inner).replace(sum.sum());
        if before.is_some_and(|before| before != sum.sum()) {
            return Err(carried(changed(&self.name, "was written to")));
        }
        Ok(())
    }

    /// As [`Feed::append`]. The system writes straight into memory that nobody has cleared before, which a reader's buffer has to be.
    fn append(&mut self, most: usize, into: &mut Vec<u8>) -> Result<usize> {
        let most = self.left.min(most as u64);
        into.reserve(usize::try_from(most).unwrap_or(0));
        let got = (&self.file).take(most).read_to_end(into)?;
        if (got as u64) < most {
            return Err(self.shrank(got as u64));
        }
        let start = into.len() - got;
        self.took(into.get(start..).unwrap_or_default())?;
        Ok(got)
    }

    /// The file ends `got` bytes from here.
    fn shrank(&self, got: u64) -> Error {
        let (name, length, end) = (&self.name, self.length, self.length - self.left + got);
        let text = format!("`{name}` shrank while it was read: it had {length} bytes and now ends at byte {end}");
        carried(IngestError::new("file-unreadable", text).help("read it when nobody writes to it"))
    }
}

impl Read for Measured {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(room) = buffer.get_mut(..most).filter(|room| !room.is_empty()) else { return Ok(0) };
        let got = self.file.read(room)?;
        if got == 0 {
            return Err(self.shrank(0));
        }
        self.took(buffer.get(..got).unwrap_or_default())?;
        Ok(got)
    }
}

/// The bytes inside of a compressed stream.
struct Inflated {
    name: String,
    compression: Compression,
    inner: Stream,
    /// Compressed bytes read so far.
    raw: Arc<AtomicU64>,
    out: u64,
}

impl Read for Inflated {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let raw = || self.raw.load(Ordering::Relaxed);
        let got = match self.inner.read(buffer) {
            Ok(got) => got,
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) if error.get_ref().is_some_and(|inner| inner.is::<IngestError>()) => return Err(error),
            Err(error) => return Err(carried(damaged(&self.name, self.compression, &error, raw()))),
        };
        self.out = self.out.saturating_add(got as u64);
        if self.out > RATIO_FROM && self.out / RATIO > raw() {
            let (name, out) = (&self.name, self.out);
            let text = format!("`{name}` grows beyond {RATIO} times its size: {out} bytes out of {} so far", raw());
            return Err(carried(
                IngestError::new("ratio-exceeded", text)
                    .help("if you trust the file, decompress it and give the result"),
            ));
        }
        Ok(got)
    }
}

fn damaged(name: &str, compression: Compression, error: &std::io::Error, raw: u64) -> IngestError {
    let kind = compression.name();
    if error.kind() == ErrorKind::UnexpectedEof {
        let text = format!("`{name}` ends early: its {kind} data is cut off after {raw} bytes");
        return IngestError::new("file-unreadable", text).help("copy or compress the file again");
    }
    if error.kind() == ErrorKind::InvalidData && error.to_string() == BEHIND {
        let text = format!("`{name}` goes on behind the end of its {kind} data, near byte {raw}: {BEHIND}");
        return IngestError::new("file-unreadable", text)
            .help("cut off what follows the compressed data, or decompress the file and give the result");
    }
    if error.to_string().contains("too much memory") {
        let text = format!("`{name}` needs more memory to be decompressed than is given to {kind} data");
        return IngestError::new("file-unreadable", text)
            .help("compress it again without `--long`, or decompress it and give the result");
    }
    IngestError::new("file-unreadable", format!("`{name}` is damaged: its {kind} data near byte {raw}: {error}"))
        .help("copy or compress the file again")
}

/// Unwraps `inner`, whose bytes are counted in `raw`.
///
/// # Errors
/// `file-unreadable` when the decompressor cannot start.
pub(crate) fn inflate(
    name: &str,
    compression: Compression,
    inner: Stream,
    raw: Arc<AtomicU64>,
) -> std::result::Result<Stream, IngestError> {
    let inner: Stream = match compression {
        Compression::None => return Ok(inner),
        Compression::Gzip => Box::new(Members::new(inner)),
        Compression::Zstd => {
            Box::new(zstd::stream::read::Decoder::new(inner).map_err(|error| damaged(name, compression, &error, 0))?)
        }
    };
    Ok(Box::new(Inflated { name: name.to_owned(), compression, inner, raw, out: 0 }))
}

/// What is wrong with a file that goes on behind its last member.
const BEHIND: &str = "what follows is no gzip data";

/// The members of a gzip file, one after the other.
struct Members {
    /// None once there are no more.
    member: Option<flate2::bufread::GzDecoder<BufReader<Stream>>>,
}

impl Members {
    fn new(inner: Stream) -> Self {
        Self { member: Some(flate2::bufread::GzDecoder::new(BufReader::with_capacity(32 << 10, inner))) }
    }
}

impl Read for Members {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            let Some(member) = &mut self.member else { return Ok(0) };
            let got = member.read(buffer)?;
            if got > 0 || buffer.is_empty() {
                return Ok(got);
            }
            let Some(mut inner) = self.member.take().map(flate2::bufread::GzDecoder::into_inner) else { return Ok(0) };
            match inner.fill_buf()? {
                [] => return Ok(0),
                [0x1f, ..] => self.member = Some(flate2::bufread::GzDecoder::new(inner)),
                _ => return Err(Error::new(ErrorKind::InvalidData, BEHIND)),
            }
        }
    }
}

/// The first bytes inside of `head`, as far as they are complete.
pub(crate) fn peek(compression: Compression, head: &[u8], most: usize) -> Vec<u8> {
    let raw = Arc::new(AtomicU64::new(0));
    let mut found = Vec::new();
    if let Ok(mut inner) = inflate("", compression, Box::new(std::io::Cursor::new(head.to_vec())), raw) {
        let mut byte = [0_u8; 64];
        while found.len() < most {
            match inner.read(&mut byte) {
                Ok(got) if got > 0 => found.extend(byte.iter().take(got)),
                _ => break,
            }
        }
    }
    found
}
