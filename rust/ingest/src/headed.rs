//! Headers of CSV, and decoders of records by the header that these are under (S9.12).

use crate::chunk::{Block, MakeDecoder};
use crate::dialect;
use crate::error::IngestError;
use crate::open::MOST_COLUMNS;
use crate::request::Request;
use crate::source::Lines;
use guard_decode::csv::{Csv, CsvHeader, Dialect, HeaderRecord, read_header};
use guard_decode::{Decoder, FaultCode, Layout, Limits};
use std::sync::Arc;

/// Makes them.
#[derive(Debug, Clone)]
pub struct Headed {
    /// The columns of batches.
    pub layout: Arc<Layout>,
    /// How the source is written.
    pub dialect: Dialect,
    /// Columns that the first source names twice.
    pub ambiguous: Vec<String>,
}

impl Headed {
    /// Of a source without a header: the columns are those of the layout in their order.
    pub fn positional(&self) -> MakeDecoder {
        self.by(CsvHeader::positional(&self.layout))
    }

    /// Of a header of these names. It lacks no column that the first source has, and names none twice which that names once; else what is wrong with it,
    /// to follow the header's or source's name.
    pub fn named(&self, names: &[String]) -> Result<MakeDecoder, String> {
        let (header, problems) = CsvHeader::matched(names.to_vec(), &self.layout);
        if let Some(name) = problems.missing.first() {
            return Err(format!("has no column `{name}`, which the first source has"));
        }
        match problems.ambiguous.iter().find(|name| !self.ambiguous.contains(name)) {
            Some(name) => Err(format!("has the column `{name}` twice, which the first source has once")),
            None => Ok(self.by(header)),
        }
    }

    /// Of a header as it was written; as [`Self::named`].
    pub fn written(&self, header: &str) -> Result<MakeDecoder, String> {
        self.named(&names(header, &self.dialect)?)
    }

    fn by(&self, header: CsvHeader) -> MakeDecoder {
        let Self { layout, dialect, .. } = self.clone();
        Arc::new(move || Box::new(Csv::new(Arc::clone(&layout), dialect.clone(), header.clone())) as Box<dyn Decoder>)
    }
}

/// The names of a header as it was written, else what is wrong with it.
pub fn names(header: &str, dialect: &Dialect) -> Result<Vec<String>, String> {
    let found =
        read_header(header.as_bytes(), dialect, Limits { record_bytes: header.len(), ..Limits::default() }, true);
    let found = found.ok_or_else(|| "goes on beyond its end".to_owned())?;
    match found.fault {
        Some(fault) => Err(format!("cannot be read: {}", fault.code.name())),
        None if found.names.len() > MOST_COLUMNS => {
            Err(format!("has {} columns; {MOST_COLUMNS} are read", found.names.len()))
        }
        None if found.consumed < header.len() => Err("goes on behind its first line".to_owned()),
        None => Ok(found.names),
    }
}

/// The header record at the start of a block, as it was written.
pub fn written(header: Option<&HeaderRecord>, block: &Block) -> Option<String> {
    let bytes = block.bytes.get(..header?.consumed).unwrap_or_default();
    Some(String::from_utf8_lossy(bytes).trim_matches(['\r', '\n']).to_owned())
}

/// The next block; an empty one at the end.
pub fn next(lines: &mut Lines) -> Result<Block, IngestError> {
    let block = lines.next()?.unwrap_or_else(|| crate::source::Block { last: true, ..Default::default() });
    Ok(block.into())
}

/// The header record; the block grows until it holds it whole.
pub fn header(
    name: &str,
    lines: &mut Lines,
    block: &mut Block,
    dialect: &dialect::Dialect,
    request: &Request,
) -> Result<HeaderRecord, IngestError> {
    let limits = Limits { record_bytes: request.record_bytes, ..Limits::default() };
    let mut blank = 0_u32;
    loop {
        blank = blank.saturating_add(drop_blank(block));
        let found = read_header(&block.bytes, &dialect.decoded(), limits, block.last);
        if let Some(mut found) = found {
            found.lines = found.lines.saturating_add(blank);
            if let Some(fault) = &found.fault {
                let message = format!("the header of `{name}` cannot be read: {}", fault.code.name());
                let help = match fault.code {
                    FaultCode::NulByte | FaultCode::EncodingInvalid => {
                        "say which `encoding` the file has, such as utf-16le or windows-1252; a file full of NULs is no text"
                    }
                    _ => "correct the first line, or say that there is no header",
                };
                return Err(IngestError::new("header-unreadable", message).help(help));
            }
            if found.names.len() > MOST_COLUMNS {
                let message = format!("`{name}` has {} columns; {MOST_COLUMNS} are read", found.names.len());
                return Err(IngestError::new("columns-exceeded", message).help("split the file"));
            }
            return Ok(found);
        }
        let more = next(lines)?;
        block.bytes.extend_from_slice(&more.bytes);
        (block.last, block.skipped) = (more.last, more.skipped);
    }
}

/// Takes blank lines off a block that starts with them, all but the last one: what follows it must not be taken for the start of the file.
fn drop_blank(block: &mut Block) -> u32 {
    let bytes = &block.bytes;
    let end = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len());
    let last = if bytes.get(..end).is_some_and(|start| start.ends_with(b"\r\n")) { 2 } else { 1 };
    let taken = bytes.get(..end.saturating_sub(last)).unwrap_or_default();
    let pairs = taken.windows(2).filter(|pair| pair == b"\r\n").count();
    let lines = u32::try_from(taken.len() - pairs).unwrap_or(u32::MAX);
    let length = taken.len();
    block.bytes.drain(..length);
    block.offset += length as u64;
    lines
}
