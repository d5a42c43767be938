//! The built binary, as a shell calls it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod check;
mod contracts;
mod gate;
mod help;
mod streams;
mod support;
mod transform;
