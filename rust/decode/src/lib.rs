//! Bytes of records to columns (S9 of `docs/spec/ingestion.md`).
//!
//! A decoder is given a chunk that starts at a record and yields a batch with one row for each record of the chunk, damaged ones
//! included (all NULL), the place of each, and what is wrong. It never fails, never panics, and reads nothing but its chunk.
//!
//! Rooms: `column` (builders of typed columns), `lexical` (texts of values), `json` (NDJSON and elements of arrays), `csv`.

pub mod column;
pub mod csv;
pub mod json;
pub mod lexical;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use std::collections::BTreeSet;

/// Name of the text column that gathers undeclared JSON members (S9.7).
pub const UNDECLARED: &str = "guard_undeclared";

/// What becomes of members and columns that the layout does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undeclared {
    /// Gathered in the last column of the schema, whose name starts with [`UNDECLARED`].
    Keep,
    /// Left out; their names are reported.
    Drop,
    /// As `Drop`, and the record gets [`FaultCode::Undeclared`].
    Refuse,
}

/// Limits on one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Greatest length in bytes.
    pub record_bytes: usize,
    /// Greatest depth of nested arrays and objects.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { record_bytes: 16 << 20, depth: 64 }
    }
}

/// What to read.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The columns. Types: Boolean, Int8…Int64, UInt8…UInt64, Float32, Float64, Decimal128 of scale ≥ 0, Utf8, Date32, Time64(µs), Timestamp(µs, with
    /// or without zone), List and Struct of these. A Utf8 field whose metadata has [`JSON_TEXT`] takes any JSON value.
    pub schema: SchemaRef,
    /// What to do with the rest.
    pub undeclared: Undeclared,
    /// Limits.
    pub limits: Limits,
}

/// Key in a field's metadata: the column has no declared type, and takes strings as they are and other JSON values as their bytes (S9.4).
pub const JSON_TEXT: &str = "guard_nb.untyped";

/// The value of [`JSON_TEXT`] for a column that takes JSON objects alone, as their bytes; of CSV nothing.
pub const JSON_OBJECT: &str = "object";

/// Where a record lies in its chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// First byte.
    pub start: u32,
    /// Past the last byte, without the line break.
    pub end: u32,
    /// Line breaks of the chunk before it.
    pub line: u32,
}

/// What is wrong with a record or a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Row of the batch.
    pub record: u32,
    /// Top-level column of an unreadable value; none when the record is malformed.
    pub column: Option<u32>,
    /// Path of the value (`address.zip`, `tags[2]`) where it is deeper than the column; else empty.
    pub path: String,
    /// What it is.
    pub code: FaultCode,
    /// The bytes at fault, in the chunk; for a record where reading stopped.
    pub bytes: (u32, u32),
}

/// Kinds of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultCode {
    /// No JSON.
    JsonSyntax,
    /// JSON, but no object.
    JsonNotObject,
    /// A name twice in one object.
    JsonDuplicateName,
    /// A `\u` escape of half a surrogate pair.
    JsonLoneSurrogate,
    /// Bytes that are not of the encoding.
    EncodingInvalid,
    /// Nested too deep.
    DepthExceeded,
    /// Too long.
    RecordTooLarge,
    /// The source ends inside of the record.
    RecordCutOff,
    /// Too few fields.
    CsvFieldsMissing,
    /// Too many fields.
    CsvFieldsExtra,
    /// A quote where none may be.
    CsvQuoteStray,
    /// A quote that is never closed.
    CsvQuoteUnclosed,
    /// A NUL.
    NulByte,
    /// A value that its column's type cannot read; the record is well formed.
    TypeMismatch,
    /// A member that the contract does not declare; the record is well formed.
    Undeclared,
}

impl FaultCode {
    /// The code in the table of codes.
    pub fn name(self) -> &'static str {
        match self {
            Self::JsonSyntax => "json-syntax",
            Self::JsonNotObject => "json-not-object",
            Self::JsonDuplicateName => "json-duplicate-name",
            Self::JsonLoneSurrogate => "json-lone-surrogate",
            Self::EncodingInvalid => "encoding-invalid",
            Self::DepthExceeded => "depth-exceeded",
            Self::RecordTooLarge => "record-too-large",
            Self::RecordCutOff => "record-cut-off",
            Self::CsvFieldsMissing => "csv-fields-missing",
            Self::CsvFieldsExtra => "csv-fields-extra",
            Self::CsvQuoteStray => "csv-quote-stray",
            Self::CsvQuoteUnclosed => "csv-quote-unclosed",
            Self::NulByte => "nul-byte",
            Self::TypeMismatch => "type-mismatch",
            Self::Undeclared => "column-undeclared",
        }
    }

    /// Does the record have no reading at all (S9.2)?
    pub fn is_malformed(self) -> bool {
        !matches!(self, Self::TypeMismatch | Self::Undeclared)
    }
}

/// What a chunk held.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// One row a record; NULL where a value is unreadable and in every column of a malformed record.
    pub batch: RecordBatch,
    /// The place of each record, ascending.
    pub places: Vec<Place>,
    /// What is wrong, by record, then by column. A malformed record has exactly one fault.
    pub faults: Vec<Fault>,
    /// Bytes taken from the chunk's start; less than all when the last record goes on beyond the chunk.
    pub consumed: usize,
    /// Bytes taken that separate records.
    pub separators: u64,
    /// Bytes taken of blank lines, their line breaks too.
    pub blank: u64,
    /// Line breaks among the bytes taken.
    pub lines: u32,
    /// Undeclared names met.
    pub undeclared: BTreeSet<String>,
    /// Bytes taken from the chunk's start that belong to the last record of the chunks before, which was [`Self::unfinished`].
    pub continued: u64,
    /// The last record, of this chunk or of those before, is over the limit and goes on in the next chunk.
    pub unfinished: bool,
    /// More values than these are too many for one batch: the bytes after those taken were not looked at, and are to be decoded as they are.
    pub full: bool,
}

/// A decoder of one format; it may keep memory from chunk to chunk, never meaning.
pub trait Decoder: Send {
    /// Decodes a chunk of less than 2^31 bytes that starts where a record may start. `last`: the source ends with it, so that nothing is left over.
    ///
    /// The sum `places (end − start) + separators + blank + continued` is `consumed`. Unless `last`, a final record without its end is left for the next
    /// chunk, as long as it is within [`Limits::record_bytes`]; one beyond is taken as far as the chunk has it, and the next chunk says how much more of it there is.
    /// The batch has some 2^21 values at most, or two for each byte of a longer chunk, and one record in any case ([`Decoded::full`]).
    fn decode(&mut self, chunk: &[u8], last: bool) -> Decoded;
}
