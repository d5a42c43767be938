//! The seam to guard-ingest: everything that opens, reads and judges data is called from here.

use guard_engine::plan::Plan;
use guard_verdict::{Beside, Verdict};

pub use guard_ingest::{Frame, Ingest, Outcome, Reading};

/// Lines and arguments of a verdict's clauses, which reports show and no verdict contains.
pub fn beside(verdict: &Verdict, plan: &Plan) -> Beside {
    let ids = || verdict.clauses.iter().map(|clause| clause.id.clone());
    Beside {
        lines: ids().zip(plan.lines.iter().copied()).collect(),
        arguments: ids().zip(plan.arguments.iter().cloned()).collect(),
        physical: plan.physical.clone(),
        ..Beside::default()
    }
}
