//! Dates and times.

mod build;
mod diff;
mod epoch;
mod format;
mod names;
mod part;
mod parts;
mod reading;
mod strptime;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_format;
mod trunc;
mod zone;

use crate::expr::function::{Family, Function};

const BASE: Function = Function { family: Family::Temporal, cost: 8, ..Function::BASE };

pub use build::FUNCTIONS as BUILD;
pub use diff::FUNCTIONS as DIFF;
pub use epoch::FUNCTIONS as EPOCH;
pub use format::FUNCTIONS as FORMAT;
pub use names::FUNCTIONS as NAMES;
pub use parts::FUNCTIONS as PARTS;
pub use strptime::FUNCTIONS as STRPTIME;
pub use trunc::FUNCTIONS as TRUNC;
pub use zone::FUNCTIONS as ZONE;
