//! CSV records.
