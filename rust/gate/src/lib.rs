//! Proposals of agents decided by a gate file, within limits that a ledger keeps (docs/spec/gate.md).
//!
//! `file` loads gates; `proposal` and `json` read what is proposed; `decide` judges, without clock and I/O; `ledger` stamps time,
//! keeps what was spent and makes permits.
#![forbid(unsafe_code)]

pub mod backtest;
mod charge;
pub mod currency;
pub mod decide;
pub mod decision;
mod digest;
mod document;
pub mod export;
pub mod file;
pub mod json;
pub mod kind;
pub mod ledger;
pub mod limit;
mod lint;
pub mod logic;
pub mod merkle;
pub mod money;
pub mod name;
pub mod narrow;
pub mod number;
pub mod permit;
pub mod proposal;
pub mod query;
pub mod reason;
pub mod records;
pub mod rule;
pub mod schema;
pub mod transform;
mod unseen;

pub use charge::Charge;
pub use decide::{Examined, Usage, decide, examine};
pub use decision::{Decision, Verdict};
pub use file::Gate;
pub use kind::{Answer, Bound};
pub use ledger::{Ledger, LedgerError};
pub use name::Name;
pub use proposal::Proposal;
pub use reason::{Obligation, Outcome, Reason};
