//! The past decided again (G12): the functions that decide live, over columns of proposals.
//!
//! `judge` takes what needs no state and runs on every core; `pass` takes the limits, in order; `frame` reads and writes columns.

mod frame;
mod judge;
mod pass;
mod start;

pub use frame::backtest;

use crate::decision::Verdict;
use crate::limit::Micros;
use guard_verdict::Code;

/// A past proposal.
#[derive(Debug, Clone, Copy)]
struct Past<'t> {
    text: Option<&'t str>,
    at: Option<Micros>,
    /// What the call spent, in plain digits.
    actual: Option<&'t str>,
}

/// Past proposals in order.
trait History<'t>: Sync {
    fn len(&self) -> usize;
    fn row(&self, number: usize) -> Option<Past<'t>>;
}

/// What was decided of a past proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Outcome {
    verdict: Verdict,
    /// Of the first reason.
    code: Option<Code>,
    /// Its limit, by position.
    limit: Option<u32>,
    replayed: bool,
    /// Was it judged at a later time than its own, since a row before it was later?
    late: bool,
}

impl Outcome {
    fn denied(code: Code, limit: Option<u32>) -> Outcome {
        Outcome { verdict: Verdict::Deny, code: Some(code), limit, replayed: false, late: false }
    }
}
