//! Gate files, decisions and ledgers from outside.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic, missing_docs)]

mod bypasses;
mod decisions;
mod files;
mod hostile;
mod ledgers;
mod processes;
mod queries;
mod support;
mod transforms;
mod wounds;
