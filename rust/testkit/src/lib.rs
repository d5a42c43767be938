//! The vectors of tests/vectors, read for Rust tests.
#![forbid(unsafe_code)]
