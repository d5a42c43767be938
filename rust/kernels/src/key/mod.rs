//! One exact byte encoding of key values, the same for every Arrow layout of the same logical value.
//!
//! Two keys are equal (S2.8) exactly when their encodings are the same bytes:
//! * integers of all widths and decimals of all widths and scales compare by value (`1`, `1.00` and `1e0` are one key);
//! * floats of all widths compare by value; −0.0 is 0.0 and every NaN is the same key; a float never equals an integer;
//! * text is the same in utf8, large utf8, views and dictionaries; so is binary, which never equals text;
//! * dates, times, timestamps and durations compare as nanoseconds within their kind; zoned and naive timestamps differ,
//!   the zone itself does not count;
//! * lists of all layouts compare element by element; structs and maps compare as objects: by name, in any order;
//! * dictionaries, run-end encoded arrays and unions count as the value they stand for.
//!
//! The encoding is self-delimiting and prefix-free, so the parts of a composite key simply follow each other.

mod nested;
mod part;
pub(crate) mod put;
#[cfg(test)]
mod tests;

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use std::fmt;

use part::Part;

/// Lists and structs may nest this deep in a key.
pub const MAX_DEPTH: usize = 64;

/// Why columns cannot serve as a key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnsupportedKey {
    /// The type nests deeper than [`MAX_DEPTH`].
    TooDeep,
    /// A type that the encoding does not know.
    Type(Box<DataType>),
    /// The columns, or their chunks, differ in length or number.
    Uneven,
}

impl fmt::Display for UnsupportedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnsupportedKey::TooDeep => write!(f, "key values nest deeper than {MAX_DEPTH} levels"),
            UnsupportedKey::Type(data_type) => {
                write!(f, "values of type `{data_type}` cannot be compared as keys")
            }
            UnsupportedKey::Uneven => write!(f, "the key columns differ in length"),
        }
    }
}

impl std::error::Error for UnsupportedKey {}

/// The encoder of the keys of one batch.
pub struct KeyEncoder {
    parts: Vec<Part>,
    len: usize,
}

impl fmt::Debug for KeyEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyEncoder").field("columns", &self.parts.len()).field("len", &self.len).finish()
    }
}

impl KeyEncoder {
    /// An encoder for the key columns of one batch; all must have the same length. Costs a little per column and, for
    /// dictionaries and run-end encoding, a bitmap of their rows. Clones no data.
    ///
    /// # Errors
    /// [`UnsupportedKey`] when the lengths differ or a type nests too deep.
    pub fn new(columns: &[ArrayRef]) -> Result<KeyEncoder, UnsupportedKey> {
        let len = columns.first().map_or(0, |column| column.len());
        if columns.iter().any(|column| column.len() != len) {
            return Err(UnsupportedKey::Uneven);
        }
        let parts = columns.iter().map(|column| Part::new(column, 0)).collect::<Result<_, _>>()?;
        Ok(KeyEncoder { parts, len })
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// True when the batch has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends the encoding of the key of `row`. Returns false and appends nothing when a part is NULL or there is no
    /// such row. A NULL inside a list or a struct is a value like others.
    pub fn encode(&self, row: usize, out: &mut Vec<u8>) -> bool {
        if row >= self.len || self.parts.iter().any(|part| part.is_null(row)) {
            return false;
        }
        self.parts.iter().for_each(|part| part.encode(row, out));
        true
    }
}
