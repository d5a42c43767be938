//! Proposals of agents decided by a gate file, within limits that a ledger keeps (docs/spec/gate.md).
#![forbid(unsafe_code)]

pub mod currency;
pub mod json;
pub mod money;
pub mod number;
pub mod schema;
