//! What becomes of each record, whatever its neighbours, the chunks and the threads (S9, S10).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic, missing_docs)]

mod contained;
mod run;
mod vectors;
