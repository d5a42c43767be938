//! ODCS contracts, compiled to plans and run over Arrow batches. No Python, no network, no clock.
#![forbid(unsafe_code)]

pub mod contract;
