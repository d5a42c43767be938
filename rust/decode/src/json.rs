//! NDJSON records and elements of JSON arrays.
//!
//! One pass from bytes to columns. Rooms: `reader` (the grammar), `string`, `scan`, `number`, `names` (names twice), `plan` (what is expected of members),
//! `record` (a record to a row), `usual` (values in their usual form), `order` (records like the one before), `utf8`, `rows` (the rows of a chunk), `lines` (NDJSON), `array`,
//! `one` (a record for itself), `quoted` (strings, written).

mod array;
mod lines;
mod names;
mod number;
mod one;
mod order;
mod plan;
mod quoted;
mod reader;
mod record;
mod rows;
mod scan;
mod string;
mod usual;
mod utf8;

#[cfg(test)]
mod tests;

pub use array::JsonArray;
pub use lines::Json;
pub use one::JsonRecord;
pub use quoted::{quote, quote_text};
