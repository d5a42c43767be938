//! ODCS contracts, compiled to plans and run over Arrow batches. No Python, no network, no clock.
#![forbid(unsafe_code)]

pub mod cell;
pub mod contract;
pub mod document;
pub mod expr;
pub mod infer;
mod number;
pub mod plan;
pub mod run;
pub mod suggest;
pub mod transform;
mod wide;
