//! Arrow IPC, files and streams. Messages are framed here, so that no length in them is believed before it is compared with the bytes that there are.

use super::parquet::plain;
use super::region::Region;
use super::{BATCH_ROWS, Columnar, Guarded, Steps, caught, damaged};
use crate::error::IngestError;
use crate::source::failure;
use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::reader::{FileDecoder, read_footer_length};
use arrow_ipc::{Block, Message, MessageHeader, root_as_footer, root_as_message};
use arrow_schema::{ArrowError, Schema, SchemaRef};
use bytes::Bytes;
use std::sync::Arc;

/// Bytes of a decompressed buffer from where on the ratio is looked at (S10.3).
const RATIO_FROM: u64 = 64 << 20;
const RATIO: u64 = 200;
/// Records of a source (S10.3).
const MOST_ROWS: i64 = 1 << 40;
const CONTINUATION: [u8; 4] = [0xff; 4];
const MAGIC: &[u8] = b"ARROW1";
/// Bytes before a message of a stream: the continuation mark and a length.
const PREFIX: usize = 8;
const NO_MESSAGE: &str = "its metadata is no message";

pub(super) fn open(name: &str, region: Region, columns: Option<&[String]>) -> Result<Columnar, IngestError> {
    let start = region.bytes(0, region.length().min(6)).map_err(|error| failure::unreadable(name, &error))?;
    if start.as_ref() == MAGIC { file(name, region, columns) } else { stream(name, region, columns) }
}

/// Indices of the columns that are asked for, and their schema.
fn chosen(schema: &Schema, columns: Option<&[String]>) -> (Vec<usize>, SchemaRef) {
    let wanted = |name: &String| columns.is_none_or(|columns| columns.contains(name));
    let (indices, fields): (Vec<_>, Vec<_>) = schema
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, field)| wanted(field.name()))
        .map(|(at, field)| (at, field.clone()))
        .unzip();
    (indices, Arc::new(Schema::new(fields)))
}

fn file(name: &str, region: Region, columns: Option<&[String]>) -> Result<Columnar, IngestError> {
    let (decoder, schema, blocks) = caught(name, "footer", || footer(name, &region))?;
    let (indices, schema) = chosen(&schema, columns);
    let steps = FileSteps { name: name.to_owned(), region, decoder, blocks, at: 0, ready: Ready::new(indices) };
    let batches = Box::new(Guarded { name: name.to_owned(), inner: Some(steps) });
    Ok(Columnar { schema, rows: None, batches })
}

/// The decoder with its dictionaries, the schema, and where the batches are.
fn footer(name: &str, region: &Region) -> Result<(FileDecoder, SchemaRef, Vec<Block>), IngestError> {
    let bad = |reason: &str| damaged(name, "footer", reason);
    let read = |start: u64, length: u64| region.bytes(start, length).map_err(|error| bad(&error.to_string()));
    let end = region.length().checked_sub(10).ok_or_else(|| bad("it ends early"))?;
    let trailer: [u8; 10] = read(end, 10)?.as_ref().try_into().map_err(|_| bad("it ends early"))?;
    let length = read_footer_length(trailer).map_err(|_| bad("it ends early, or is not complete"))? as u64;
    let bytes = read(end.checked_sub(length).ok_or_else(|| bad("its length is wrong"))?, length)?;
    let footer = root_as_footer(&bytes).map_err(|_| bad("it is no footer"))?;
    let schema = footer.schema().ok_or_else(|| bad("it has no schema"))?;
    if !schema.endianness().equals_to_target_endianness() {
        return Err(bad("its numbers are of the other byte order"));
    }
    let schema = Arc::new(arrow_ipc::convert::fb_to_schema(schema));
    let mut decoder = FileDecoder::new(schema.clone(), footer.version());
    for block in footer.dictionaries().iter().flatten() {
        let buffer = block_bytes(name, region, block)?;
        decoder.read_dictionary(block, &buffer).map_err(|error| unread(name, "dictionary", &error))?;
    }
    let blocks = footer.recordBatches().ok_or_else(|| bad("it names no batches"))?;
    Ok((decoder, schema, blocks.iter().copied().collect()))
}

/// The bytes of a message, metadata and body.
fn block_bytes(name: &str, region: &Region, block: &Block) -> Result<Buffer, IngestError> {
    let place = format!("message at byte {}", block.offset());
    let bad = |reason: &str| damaged(name, &place, reason);
    let numbers =
        (u64::try_from(block.offset()), u64::try_from(block.metaDataLength()), u64::try_from(block.bodyLength()));
    let (Ok(offset), Ok(metadata), Ok(body)) = numbers else { return Err(bad("a length is negative")) };
    let bytes = region.bytes(offset, metadata.saturating_add(body)).map_err(|error| bad(&error.to_string()))?;
    let header = bytes.get(..usize::try_from(metadata).unwrap_or(0)).unwrap_or_default();
    let prefix = if header.starts_with(&CONTINUATION) { 8 } else { 4 };
    let message = header.get(prefix..).ok_or_else(|| bad("it ends early"))?;
    let rest = bytes.get(header.len()..).unwrap_or_default();
    check(message, rest).map_err(|error| refused(name, &place, error))?;
    Ok(Buffer::from(bytes))
}

/// What is wrong with a message before it is decoded.
enum Refused {
    Damaged(String),
    Ratio,
}

fn refused(name: &str, place: &str, error: Refused) -> IngestError {
    match error {
        Refused::Damaged(reason) => damaged(name, place, &reason),
        Refused::Ratio => IngestError::new(
            "ratio-exceeded",
            format!("`{name}` has a buffer that grows beyond {RATIO} times its size: {place}"),
        )
        .help("if you trust the file, write it again without compression"),
    }
}

/// Looks at the places of buffers, and at the lengths that compressed ones claim: the decoder takes that much memory at once.
fn check(message: &[u8], body: &[u8]) -> Result<(), Refused> {
    let message = root_as_message(message).map_err(|_| Refused::Damaged(NO_MESSAGE.to_owned()))?;
    let batch = match message.header_type() {
        MessageHeader::RecordBatch => message.header_as_record_batch(),
        MessageHeader::DictionaryBatch => message.header_as_dictionary_batch().and_then(|dictionary| dictionary.data()),
        _ => None,
    };
    let Some(batch) = batch else { return Ok(()) };
    if !(0..=MOST_ROWS).contains(&batch.length()) {
        return Err(Refused::Damaged(format!("its number of rows is {}", batch.length())));
    }
    for buffer in batch.buffers().iter().flatten() {
        let (Ok(start), Ok(length)) = (usize::try_from(buffer.offset()), usize::try_from(buffer.length())) else {
            return Err(Refused::Damaged("a length is negative".to_owned()));
        };
        let found = body.get(start..).and_then(|rest| rest.get(..length));
        let found = found.ok_or_else(|| Refused::Damaged("a buffer lies beyond the end".to_owned()))?;
        let Some(prefix) = found.first_chunk::<8>().filter(|_| batch.compression().is_some()) else { continue };
        let claimed = u64::try_from(i64::from_le_bytes(*prefix)).unwrap_or(0);
        if claimed > RATIO_FROM && claimed / RATIO > found.len() as u64 {
            return Err(Refused::Ratio);
        }
    }
    Ok(())
}

fn unread(name: &str, place: &str, error: &ArrowError) -> IngestError {
    damaged(name, place, &plain(&error.to_string()))
}

/// A batch handed out in pieces of at most [`BATCH_ROWS`] rows.
struct Ready {
    indices: Vec<usize>,
    batch: Option<RecordBatch>,
    from: usize,
}

impl Ready {
    fn new(indices: Vec<usize>) -> Self {
        Self { indices, batch: None, from: 0 }
    }

    fn set(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        self.batch = Some(batch.project(&self.indices)?);
        self.from = 0;
        Ok(())
    }

    fn piece(&mut self) -> Option<RecordBatch> {
        let batch = self.batch.as_ref()?;
        let rows = batch.num_rows().saturating_sub(self.from).min(BATCH_ROWS);
        if rows == 0 {
            self.batch = None;
            return None;
        }
        let piece = batch.slice(self.from, rows);
        self.from += rows;
        Some(piece)
    }
}

struct FileSteps {
    name: String,
    region: Region,
    decoder: FileDecoder,
    blocks: Vec<Block>,
    at: usize,
    ready: Ready,
}

impl Steps for FileSteps {
    fn place(&self) -> String {
        format!("batch {}", self.at)
    }

    fn step(&mut self) -> Result<Option<RecordBatch>, IngestError> {
        loop {
            if let Some(piece) = self.ready.piece() {
                return Ok(Some(piece));
            }
            let Some(block) = self.blocks.get(self.at) else { return Ok(None) };
            let buffer = block_bytes(&self.name, &self.region, block)?;
            let found = self.decoder.read_record_batch(block, &buffer);
            let pushed = found.and_then(|batch| batch.map_or(Ok(()), |batch| self.ready.set(&batch)));
            pushed.map_err(|error| unread(&self.name, &self.place(), &error))?;
            self.at += 1;
        }
    }
}

fn stream(name: &str, region: Region, columns: Option<&[String]>) -> Result<Columnar, IngestError> {
    let mut reader = Messages { name: name.to_owned(), region, at: 0 };
    let (decoder, schema) = caught(name, "schema", || {
        let bad = |reason: &str| damaged(name, "schema", reason);
        let first = reader.next()?.ok_or_else(|| bad("it ends early"))?;
        let message = first.message().ok_or_else(|| bad("it ends early"))?;
        let schema = message.header_as_schema().ok_or_else(|| bad("it does not come first"))?;
        if !schema.endianness().equals_to_target_endianness() {
            return Err(bad("its numbers are of the other byte order"));
        }
        let schema = Arc::new(arrow_ipc::convert::fb_to_schema(schema));
        Ok((FileDecoder::new(schema.clone(), message.version()), schema))
    })?;
    let (indices, schema) = chosen(&schema, columns);
    let steps = StreamSteps { messages: reader, decoder, ready: Ready::new(indices) };
    let batches = Box::new(Guarded { name: name.to_owned(), inner: Some(steps) });
    Ok(Columnar { schema, rows: None, batches })
}

/// A message of a stream, and where its parts are.
struct Framed {
    bytes: Buffer,
    block: Block,
}

impl Framed {
    fn message(&self) -> Option<Message<'_>> {
        let end = usize::try_from(self.block.metaDataLength()).ok()?;
        root_as_message(self.bytes.get(PREFIX..end)?).ok()
    }
}

/// The messages of a stream.
struct Messages {
    name: String,
    region: Region,
    /// Place of the next message.
    at: u64,
}

impl Messages {
    fn place(&self) -> String {
        format!("message at byte {}", self.at)
    }

    fn bad(&self, reason: &str) -> IngestError {
        damaged(&self.name, &self.place(), reason)
    }

    /// `length` bytes, `skip` bytes after the message's start.
    fn read(&self, skip: u64, length: u64) -> Result<Bytes, IngestError> {
        let start = self.at.saturating_add(skip);
        let end = start.checked_add(length).filter(|end| *end <= self.region.length());
        end.ok_or_else(|| self.bad("it ends early"))?;
        self.region.bytes(start, length).map_err(|error| self.bad(&error.to_string()))
    }

    /// The next message; None at the end mark. A stream without one may have lost batches, so that its end is damage.
    fn next(&mut self) -> Result<Option<Framed>, IngestError> {
        let prefix = self.read(0, PREFIX as u64)?;
        let size = prefix.strip_prefix(&CONTINUATION).and_then(|size| size.first_chunk::<4>());
        let size = size.ok_or_else(|| self.bad("this is no message of an Arrow stream"))?;
        let size = u64::try_from(i32::from_le_bytes(*size)).map_err(|_| self.bad("a length is negative"))?;
        if size == 0 {
            return Ok(None);
        }
        let metadata = self.read(PREFIX as u64, size)?;
        let length = root_as_message(&metadata).map_err(|_| self.bad(NO_MESSAGE))?.bodyLength();
        let body = u64::try_from(length).map_err(|_| self.bad("a length is negative"))?;
        let whole = (PREFIX as u64).saturating_add(size);
        let rest = self.read(whole, body)?;
        check(&metadata, &rest).map_err(|error| refused(&self.name, &self.place(), error))?;
        let block = Block::new(0, i32::try_from(whole).map_err(|_| self.bad("it is too long"))?, length);
        let bytes = Buffer::from(self.read(0, whole.saturating_add(body))?);
        self.at = self.at.saturating_add(bytes.len() as u64);
        Ok(Some(Framed { bytes, block }))
    }
}

struct StreamSteps {
    messages: Messages,
    decoder: FileDecoder,
    ready: Ready,
}

impl StreamSteps {
    fn decode(&mut self, framed: &Framed) -> Result<(), ArrowError> {
        if framed.message().is_some_and(|message| message.header_type() == MessageHeader::DictionaryBatch) {
            return self.decoder.read_dictionary(&framed.block, &framed.bytes);
        }
        let batch = self.decoder.read_record_batch(&framed.block, &framed.bytes)?;
        batch.map_or(Ok(()), |batch| self.ready.set(&batch))
    }
}

impl Steps for StreamSteps {
    fn place(&self) -> String {
        self.messages.place()
    }

    fn step(&mut self) -> Result<Option<RecordBatch>, IngestError> {
        loop {
            if let Some(piece) = self.ready.piece() {
                return Ok(Some(piece));
            }
            let place = self.place();
            let Some(framed) = self.messages.next()? else { return Ok(None) };
            self.decode(&framed).map_err(|error| unread(&self.messages.name, &place, &error))?;
        }
    }
}
