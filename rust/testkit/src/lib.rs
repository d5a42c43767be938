//! The vectors of tests/vectors, read for Rust tests; tests/vectors/README.md says how they are written.
#![forbid(unsafe_code)]

mod array;
mod case;
mod frame;
mod lines;

pub use case::{Part, Vector, read_all, read_file};
pub use lines::faults;
