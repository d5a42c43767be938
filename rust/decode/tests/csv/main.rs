//! CSV sources to records (S9.5, S9.6, S9.11 to S9.14).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod damage;
mod header;
mod properties;
mod reference;
mod rejects;
mod sniff;
mod structure;
mod support;
mod values;
