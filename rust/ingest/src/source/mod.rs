//! Opening what is to be read: files, standard input, bytes; compression, encodings, blocks of whole lines.

mod expand;
pub(crate) mod failure;
mod lines;
mod reread;
mod transcode;
mod unseen;
pub(crate) mod unwrap;

pub use expand::expand;
pub(crate) use expand::once_each;
pub use lines::{Block, Blocks, Cut, Lines};
pub use reread::Reread;
pub(crate) use reread::spool;

use crate::columnar::{self, Columnar};
use crate::error::IngestError;
use crate::format::{self, Compression, Detection, Format};
use crate::request::Input;
use crate::streams::stdin;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use unwrap::{Counted, Feed, Measured, Same, Stream};

/// Bytes looked at to tell the format.
const HEAD: usize = 4 << 10;
/// As many are enough where nothing is compressed.
const HEAD_PLAIN: usize = 64;

/// An opened input of a known format.
pub struct Source {
    name: String,
    format: Format,
    compression: Compression,
    notices: Vec<String>,
    body: Body,
    /// Of a file; the name may have lost what is no UTF-8.
    path: Option<PathBuf>,
    /// The first bytes.
    head: Vec<u8>,
    read: Arc<AtomicU64>,
    /// See [`Reread::the_same`].
    same: Option<Same>,
}

/// What bytes come from.
pub(crate) enum Body {
    /// A regular file of this length, at its start.
    File(File, u64),
    /// A pipe, a device, a file of unknown length; after the head.
    Stream(Stream),
    /// Memory.
    Memory(Arc<[u8]>),
}

impl Source {
    /// Opens `input`; format and compression by its name and first bytes unless given. Reads at most a few KiB.
    ///
    /// # Errors
    /// `file-missing`, `file-is-folder`, `permission-denied`, `file-unreadable`, `file-format-unknown`; each with a next step.
    pub fn open(input: &Input, format: Option<Format>, compression: Option<Compression>) -> Result<Self, IngestError> {
        let body = match input {
            Input::File(path) | Input::Copy(_, path) => file(path)?,
            Input::Stdin => Body::Stream(stdin().map_err(|why| failure::unreadable("-", &why))?),
            Input::Bytes(_, bytes) => Body::Memory(bytes.clone()),
        };
        let mut source = Self::of_body(input.name(), body, format, compression)?;
        if let Input::File(path) | Input::Copy(_, path) = input {
            source.path = Some(path.clone());
        }
        Ok(source)
    }

    pub(crate) fn of_body(
        name: String,
        mut body: Body,
        format: Option<Format>,
        compression: Option<Compression>,
    ) -> Result<Self, IngestError> {
        let head = head(&mut body, compression).map_err(|error| failure::unreadable(&name, &error))?;
        let (found, inner_notice) = tell(&name, &head, format, compression)?;
        let format = found.format.ok_or_else(|| unknown(&name, &head))?;
        if !format.is_text() && found.compression != Compression::None {
            let (format, wrapping) = (format.name(), found.compression.name());
            return Err(IngestError::new("file-format-unknown", format!("`{name}` is {format} inside of {wrapping}"))
                .help("decompress it first; Parquet and Arrow files compress their columns themselves"));
        }
        let read = Arc::new(AtomicU64::new(0));
        let notices = found.notice.into_iter().chain(inner_notice).collect();
        let (compression, path, same) = (found.compression, None, None);
        let mut source = Self { name, format, compression, notices, body, path, head, read, same };
        source.notices.extend(source.wide_mark());
        Ok(source)
    }

    /// The path as given, `-`, or the name of the bytes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How records lie in it.
    pub fn format(&self) -> Format {
        self.format
    }

    /// How it is wrapped.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// What the user should know: a name that lies.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Its length before decompression, where it is known.
    pub fn length(&self) -> Option<u64> {
        match &self.body {
            Body::File(_, length) => Some(*length),
            Body::Stream(_) => None,
            Body::Memory(bytes) => Some(bytes.len() as u64),
        }
    }

    /// A byte order mark of UTF-16 says which encoding the reader must be told.
    fn wide_mark(&self) -> Option<String> {
        let order = match self.head().as_slice() {
            [0xff, 0xfe, ..] => "utf-16le",
            [0xfe, 0xff, ..] => "utf-16be",
            _ => return None,
        };
        let text = format!(
            "`{}` starts as {order}; it is read as UTF-8 unless the encoding `{order}` is asked for",
            self.name
        );
        self.format.is_text().then_some(text)
    }

    /// Counts the bytes read, before decompression.
    pub fn progress(&self) -> Progress {
        Progress(self.read.clone())
    }

    /// Its first bytes inside of the compression, before any change of encoding: as many as are at hand, 64 at least where it has as many and is not compressed.
    pub fn head(&self) -> Vec<u8> {
        match self.compression {
            Compression::None => self.head.clone(),
            wrapped => unwrap::peek(wrapped, &self.head, HEAD),
        }
    }

    /// Its text as blocks of lines. `encoding` is a WHATWG label; UTF-8 unless given. From another encoding the bytes are turned into UTF-8
    /// before they are cut, and all places are of the UTF-8; bytes that the encoding does not have come out as 0xFF, which no UTF-8 holds.
    ///
    /// # Errors
    /// `encoding-unknown`, and what reading meets (see [`Lines::next`]).
    pub fn lines(self, blocks: Blocks, encoding: Option<&str>) -> Result<Lines, IngestError> {
        let encoding = encoding.map_or(Ok(None), transcode::encoding_of)?;
        let failed = |error| failure::unreadable(&self.name, &error);
        let watched = match &self.body {
            Body::File(file, length) => Some((file.try_clone().map_err(failed)?, *length)),
            _ => None,
        };
        let raw: Stream = match self.body {
            Body::File(file, length) => {
                let inner = Measured::new(self.name.clone(), file, length, self.same);
                let counted = Counted { inner, count: self.read.clone() };
                if self.compression == Compression::None && encoding.is_none() {
                    let lines = Lines::fed(self.name, Feed::File(counted), blocks);
                    return Ok(lines.watching(watched));
                }
                Box::new(counted)
            }
            Body::Stream(rest) => counted(&self.read, Cursor::new(self.head).chain(rest)),
            Body::Memory(bytes) => counted(&self.read, Cursor::new(bytes)),
        };
        let mut reader = unwrap::inflate(&self.name, self.compression, raw, self.read)?;
        let converted = Arc::new(AtomicI64::new(0));
        if let Some(encoding) = encoding {
            let transcoded = transcode::Transcoded::new(reader, encoding, converted.clone());
            reader = Box::new(transcoded.map_err(|error| failure::unreadable(&self.name, &error))?);
        }
        Ok(Lines::new(self.name, reader, blocks).watching(watched).converting(converted))
    }

    /// Its batches, for Parquet and Arrow; all columns unless `columns` names some. A stream is copied to a temporary file first.
    ///
    /// # Errors
    /// `file-unreadable`, `file-unwritable` (the temporary file), `file-format-unknown` (a text format).
    pub fn columnar(self, columns: Option<&[String]>) -> Result<Columnar, IngestError> {
        columnar::open(self, columns, 1)
    }

    pub(crate) fn into_parts(self) -> (String, Body, Vec<u8>) {
        (self.name, self.body, self.head)
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = f.debug_struct("Source");
        text.field("name", &self.name).field("format", &self.format).field("compression", &self.compression);
        text.finish_non_exhaustive()
    }
}

/// Bytes read of a source, from any thread.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// So far.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

fn counted(count: &Arc<AtomicU64>, inner: impl Read + Send + 'static) -> Stream {
    Box::new(Counted { inner, count: Arc::clone(count) })
}

/// Opens a file. One that says it has no bytes may yet give some (`/proc`), and is read as a stream.
pub(crate) fn file(path: &Path) -> Result<Body, IngestError> {
    let name = path.display().to_string();
    let failed = |error| failure::unreadable(&name, &error);
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(failure::folder(&name));
    }
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    Ok(if metadata.is_file() && length > 0 { Body::File(file, length) } else { Body::Stream(Box::new(file)) })
}

/// The first bytes; a file goes back to its start, a stream does not.
fn head(body: &mut Body, compression: Option<Compression>) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    match body {
        Body::Memory(bytes) => head.extend(bytes.iter().take(HEAD)),
        Body::File(file, _) => {
            file.take(HEAD as u64).read_to_end(&mut head)?;
            file.seek(SeekFrom::Start(0))?;
        }
        Body::Stream(stream) => {
            // A live stream must not be kept waiting for more than is needed.
            stream.take(HEAD_PLAIN as u64).read_to_end(&mut head)?;
            let plain = compression.unwrap_or(format::detect("", &head).compression) == Compression::None;
            if !plain {
                stream.take((HEAD - HEAD_PLAIN) as u64).read_to_end(&mut head)?;
            }
        }
    }
    Ok(head)
}

/// Format and compression, what is given first, and a second notice: of the wrapped bytes.
fn tell(
    name: &str,
    head: &[u8],
    format: Option<Format>,
    compression: Option<Compression>,
) -> Result<(Detection, Option<String>), IngestError> {
    let mut found = format::detect(name, head);
    if let Some(given) = compression {
        found.compression = given;
        found.notice = None;
    }
    let mut inner_notice = None;
    if found.compression != Compression::None {
        let inner = unwrap::peek(found.compression, head, HEAD);
        let inside = format::detect(format::stem(name), &inner);
        if !inner.is_empty() && inside.compression != Compression::None {
            let (inside, wrapping) = (inside.compression.name(), found.compression.name());
            let message = format!("`{name}` is {inside} inside of {wrapping}: it was compressed twice");
            return Err(
                IngestError::new("file-format-unknown", message).help("decompress it once, and give the result")
            );
        }
        found.format = inside.format;
        inner_notice = inside.notice;
    }
    if let Some(given) = format {
        found.format = Some(given);
        inner_notice = None;
        let by_content = format::detect(name, head).format;
        found.notice = by_content
            .filter(|content| given.is_text() && !content.is_text() && found.compression == Compression::None)
            .map(|content| format!("`{name}` is read as {} as asked, but looks like {}", given.name(), content.name()));
    }
    Ok((found, inner_notice))
}

fn unknown(name: &str, head: &[u8]) -> IngestError {
    if head.starts_with(b"FEA1") {
        return IngestError::new("file-format-unknown", format!("`{name}` is a Feather file of version 1"))
            .help("write it again as Arrow IPC (Feather version 2)");
    }
    let known = ["ndjson", "json", "csv", "tsv", "parquet", "arrow", "quarantine"].join(", ");
    IngestError::new("file-format-unknown", format!("neither name nor first bytes of `{name}` tell its format"))
        .help(format!("say which it is in `format`: {known}"))
}
