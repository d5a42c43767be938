//! Gate files, decisions and ledgers from outside.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic, missing_docs)]

mod decisions;
mod files;
mod hostile;
mod ledgers;
mod lints;
mod narrow;
mod processes;
mod records;
mod support;
mod wounds;
