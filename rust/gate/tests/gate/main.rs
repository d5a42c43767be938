//! Gate files, decisions and ledgers from outside.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic, missing_docs)]

mod bypasses;
mod calendars;
mod decisions;
mod documents;
mod files;
mod hostile;
mod identity;
mod interleavings;
mod ledgers;
mod lints;
mod log;
mod looks;
mod narrow;
mod narrow_pairs;
mod narrow_texts;
mod pages;
mod processes;
mod queries;
mod records;
mod retention;
mod seam;
mod server;
mod silence;
mod stores;
mod sums;
mod support;
mod tls;
mod transforms;
mod wounds;
