//! CSV records (S9.11 to S9.14).
//!
//! Rooms: `marks` (where structuring bytes are), `record` (one record's structure), `chunk` (one after the other, damage included), `fields` (to
//! columns), `header` (names of columns), `sniff` (a guess at the dialect).

mod chunk;
mod fields;
mod header;
mod marks;
mod record;
mod sniff;

pub use header::{CsvHeader, HeaderProblems, HeaderRecord, byte_order_mark, read_header};
pub use sniff::{Sniffed, sniff};

use arrow_schema::SchemaRef;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::column::{Columns, most_values};
use crate::{Decoded, Decoder, Fault, FaultCode, Layout, Place, Undeclared};
use chunk::Walk;
use fields::Block;
use marks::Cursor;
use record::Reader;

/// How a source writes CSV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// Between fields.
    pub delimiter: u8,
    /// Around fields, and doubled in them.
    pub quote: u8,
    /// Texts that are NULL where they stand without quotes; an empty one is so in any case.
    pub nulls: Vec<Vec<u8>>,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { delimiter: b',', quote: b'"', nulls: Vec::new() }
    }
}

impl Dialect {
    /// Can it be read: are delimiter and quote two different ASCII characters, and neither NUL nor of a line break?
    pub fn is_valid(&self) -> bool {
        let fits = |byte: u8| byte.is_ascii() && !matches!(byte, 0 | b'\n' | b'\r');
        fits(self.delimiter) && fits(self.quote) && self.delimiter != self.quote
    }

    fn reader<'a>(&self, bytes: &'a [u8], last: bool, record_bytes: usize, arity: usize) -> Reader<'a> {
        Reader {
            bytes,
            cursor: Cursor::new(bytes, [self.delimiter, self.quote]),
            delimiter: self.delimiter,
            quote: self.quote,
            last,
            record_bytes,
            arity,
            inner_break: None,
            inner_lines: 0,
        }
    }
}

/// Field ends gathered before they go to columns: few enough to stay in the cache together with the bytes.
const BLOCK_FIELDS: usize = 1 << 13;

/// Reads the records of a CSV source, its header excepted.
///
/// Columns of the layout that the file does not have are NULL; a field is never read as a list or a struct. A malformed record takes the bytes
/// up to its first line break, be that in another chunk where the record is over [`crate::Limits::record_bytes`]. A chunk that ends with a carriage return, and is not the last,
/// leaves the record or blank line before it over, since a line feed may follow.
///
/// Time is linear in the chunk, whatever is in it; memory is of the order of the columns.
#[derive(Debug)]
pub struct Csv {
    layout: Arc<Layout>,
    schema: SchemaRef,
    dialect: Dialect,
    /// Pairs of file column and layout column.
    read: Vec<(usize, u32)>,
    arity: usize,
    /// Names of file columns that the layout does not have.
    undeclared: BTreeSet<String>,
    ends: Vec<u32>,
    /// Records of the chunk before, as a guess at those of the next.
    rows: usize,
    /// The chunk starts inside of a record that is over the limit.
    skipping: bool,
}

impl Csv {
    /// A decoder. The dialect must be [valid](Dialect::is_valid); of another, records are something, but nothing of use.
    pub fn new(layout: Arc<Layout>, dialect: Dialect, header: CsvHeader) -> Self {
        let width = layout.schema.fields().len();
        let columns = || header.columns.iter().copied().enumerate();
        let mut read: Vec<(usize, u32)> = columns()
            .filter_map(|(file, column)| Some((file, u32::try_from(column.filter(|column| *column < width)?).ok()?)))
            .collect();
        read.sort_by_key(|(_, column)| *column);
        read.dedup_by_key(|(_, column)| *column);
        let declared = |name: &str| layout.schema.column_with_name(name).is_some();
        let undeclared = columns()
            .zip(&header.names)
            .filter(|((_, column), name)| column.is_none() && !declared(name))
            .map(|(_, name)| name.clone())
            .collect();
        let schema = Columns::schema(&layout.schema);
        Self {
            layout,
            schema,
            dialect,
            read,
            arity: header.columns.len(),
            undeclared,
            ends: Vec::new(),
            rows: 0,
            skipping: false,
        }
    }

    /// Takes records until a block is full; false when none is left.
    fn gather(&self, walk: &mut Walk<'_>) -> bool {
        while walk.ends.len() < BLOCK_FIELDS {
            if !walk.step() {
                return false;
            }
        }
        true
    }

    fn refuse(&self, records: u32, faults: &mut Vec<Fault>, places: &[Place]) {
        let Some(name) = self.undeclared.first().filter(|_| self.layout.undeclared == Undeclared::Refuse) else {
            return;
        };
        let malformed: BTreeSet<u32> =
            faults.iter().filter(|fault| fault.code.is_malformed()).map(|fault| fault.record).collect();
        for (record, place) in (0..records).zip(places) {
            if !malformed.contains(&record) {
                let (code, bytes) = (FaultCode::Undeclared, (place.start, place.end));
                faults.push(Fault { record, column: None, path: name.clone(), code, bytes });
            }
        }
    }
}

impl Decoder for Csv {
    fn decode(&mut self, chunk: &[u8], last: bool) -> Decoded {
        let text = text_of(chunk);
        let mut walk =
            Walk::new(self.dialect.reader(chunk, last, self.layout.limits.record_bytes, self.arity), text.len());
        walk.ends = std::mem::take(&mut self.ends);
        walk.most = most_values(chunk.len()) / Columns::width(&self.schema) + 1;
        let mut columns = Columns::new(&self.schema, (self.rows + self.rows / 16).min(walk.most));
        let (mut first, mut faults, mut malformed) = (0, Vec::new(), Vec::new());
        let mut more = !self.skipping || walk.go_on();
        while more {
            walk.ends.clear();
            more = self.gather(&mut walk);
            malformed.clear();
            malformed.extend(walk.faults.iter().map(|fault| fault.record));
            faults.append(&mut walk.faults);
            let places = walk.places.get(first..).unwrap_or(&[]);
            let (text, text_start) = text_of_block(chunk, text, places);
            let block = Block {
                bytes: chunk,
                text,
                text_start,
                quote: self.dialect.quote,
                nulls: &self.dialect.nulls,
                first,
                places,
                malformed: &malformed,
                ends: &walk.ends,
                arity: self.arity,
            };
            for (field, index) in &self.read {
                if let Some(column) = columns.as_mut_slice().get_mut(*index as usize) {
                    block.fill(*field, *index, column, &mut faults);
                }
            }
            first = walk.places.len();
        }
        self.ends = std::mem::take(&mut walk.ends);
        self.rows = first;
        self.skipping = walk.unfinished;
        self.refuse(first as u32, &mut faults, &walk.places);
        faults.sort_by_key(|fault| (fault.record, fault.column.map_or(0, |column| column + 1)));
        Decoded {
            batch: columns.finish(first),
            places: walk.places,
            faults,
            consumed: walk.at,
            separators: walk.separators,
            blank: walk.blank,
            lines: walk.lines,
            undeclared: self.undeclared.clone(),
            continued: walk.continued,
            unfinished: self.skipping,
            full: walk.full,
        }
    }
}

/// The chunk up to its first damage.
fn text_of(chunk: &[u8]) -> &str {
    match simdutf8::compat::from_utf8(chunk) {
        Ok(text) => text,
        Err(error) => chunk.get(..error.valid_up_to()).and_then(|valid| str::from_utf8(valid).ok()).unwrap_or(""),
    }
}

/// A text that holds the records' bytes if these are one, and where it starts.
fn text_of_block<'a>(chunk: &'a [u8], text: &'a str, places: &[Place]) -> (&'a str, usize) {
    let start = places.first().map_or(0, |place| place.start as usize);
    let end = places.last().map_or(0, |place| place.end as usize);
    match chunk.get(start..end) {
        Some(bytes) if end > text.len() => (simdutf8::basic::from_utf8(bytes).unwrap_or(""), start),
        _ => (text, 0),
    }
}
