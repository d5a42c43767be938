//! The vectors of tests/vectors, read for Rust tests (tests/vectors/README.md says how they are written), and chance from a seed.
#![forbid(unsafe_code)]

mod array;
mod case;
mod chance;
mod frame;
mod lines;

pub use case::{Part, Vector, read_all, read_file};
pub use chance::Chance;
pub use lines::faults;
