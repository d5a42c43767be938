//! Clauses on the values of one column, bound to its Arrow type and evaluated over blocks of rows.
//!
//! A [`CheckSpec`] says what is asked, [`Check::bind`] types it against a column, [`ColumnChecks`] runs the checks of a
//! column together and answers with one bitmap of failing rows for each. Semantics are those of S2 in
//! `docs/spec/semantics.md`; what that text leaves open is said here:
//!
//! - NULL passes every check except [`CheckSpec::NotNull`] and [`CheckSpec::NoneOf`] with `null`. A NULL inside a
//!   dictionary's values is a NULL of the rows that point at it.
//! - NaN fails every bound and every integer format; `f32` and `f64` hold NaN and the infinities, which thus pass them.
//! - Literals of sets are read as the column's type: `0.1` in a set of doubles is the double nearest to it.
//! - A date bound of a zone-less timestamp is its midnight. Bounds read no second of `60`; the
//!   formats `time` and `date-time` take it at the end of a UTC day.
//! - `Date64` compares in milliseconds; a date literal is its midnight.
//! - Items of a list are equal as keys are (S2.8): NaN equals NaN, −0.0 equals 0.0, a NULL item equals none. Inside of an
//!   item NULL equals NULL, and the order of a map's entries does not matter.

mod bind;
use crate::bits;
mod byte_set;
mod bytes;
mod columns;
mod exact;
mod format;
mod instant;
mod item;
mod length;
mod multiple;
mod native;
mod nested;
mod range;
mod rows;
mod search;
mod set;
#[cfg(test)]
mod tests;
mod typed;
mod uri;

pub use bind::Check;
pub use columns::{ColumnChecks, Scratch};

/// A literal of the contract; numbers keep their digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// NULL.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A decimal number as written: sign, digits, point, exponent.
    Number(String),
    /// Text, also of dates, times and timestamps.
    Text(String),
}

/// Which end of the line a bound closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Values below fail.
    Lower,
    /// Values above fail.
    Upper,
}

/// What a clause asks of each value; not yet bound to a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckSpec {
    /// Fails on NULL.
    NotNull,
    /// Fails on NaN and the infinities; never on types other than floats.
    Finite,
    /// Fails on dates and timestamps (in UTC) outside of the years 0001 to 9999, and on times outside of a day; never on other types.
    Calendar,
    /// Fails beyond the literal, and on it unless `inclusive`. NaN fails.
    Bound {
        /// The end that is closed.
        side: Side,
        /// Whether the literal itself passes.
        inclusive: bool,
        /// A number; for dates, times and timestamps ISO 8601 text as RFC 3339 narrows it.
        literal: Literal,
    },
    /// `i8` … `i128`, `u8` … `u128`: fails outside of that type's values. `f32`, `f64`: fails when a
    /// finite value's magnitude is above that type's greatest finite value; of `f32` when it rounds to infinity there.
    IntegerFormat(String),
    /// Fails when the value is no integer multiple of the number, which is greater than 0.
    MultipleOf(String),
    /// Least count of Unicode scalar values; of bytes for binary columns.
    MinLength(u64),
    /// Greatest count of Unicode scalar values; of bytes for binary columns.
    MaxLength(u64),
    /// Fails on text in which the pattern is not found.
    Pattern(String),
    /// `email`, `uuid`, `uri`, `hostname`, `ipv4`, `ipv6`, `date`, `time`, `date-time`, `byte` (base64); `password` and
    /// `binary` ask nothing of the value.
    Format(String),
    /// Fails on a value that is not NULL and not in the set.
    OneOf(Vec<Literal>),
    /// Fails on a value in the set, and on NULL if `null` or if NULL is among the literals.
    NoneOf {
        /// The values that fail.
        literals: Vec<Literal>,
        /// Whether NULL fails.
        null: bool,
    },
    /// Least count of list items.
    MinItems(u64),
    /// Greatest count of list items.
    MaxItems(u64),
    /// Fails on a list with two equal items.
    UniqueItems,
    /// The count of list items.
    Dimensions(u64),
    /// Least count of properties: fields of a struct that are not NULL, entries of a map.
    MinProperties(u64),
    /// Greatest count of properties, counted as for [`CheckSpec::MinProperties`].
    MaxProperties(u64),
    /// Fails when a struct lacks one of these fields or holds NULL in it, or a map has no entry of that
    /// key, or NULL in it.
    RequiredProperties(Vec<String>),
    /// Whether a timestamp column has a zone: all of its values fail, or none.
    Timezone(bool),
}

/// Why a check cannot be bound to a column; the text is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A literal that the column's type cannot read.
    BoundUnreadable(String),
    /// A literal with a zone against a column without one, or the reverse.
    ZoneMismatch(String),
    /// A format or integer format of no known name.
    FormatUnknown(String),
    /// A pattern that does not compile.
    PatternInvalid(String),
    /// A layout or type on which this check is not implemented.
    NotSupported(String),
    /// A check that has no meaning on the column's type.
    Misplaced(String),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refusal::BoundUnreadable(text)
            | Refusal::ZoneMismatch(text)
            | Refusal::FormatUnknown(text)
            | Refusal::PatternInvalid(text)
            | Refusal::NotSupported(text)
            | Refusal::Misplaced(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Refusal {}
