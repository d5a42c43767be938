//! What every surface of guard_nb says: codes, positions, diagnostics, verdicts, canonical JSON and renderers.
//!
//! Nothing here knows Arrow, files, clocks or Python. See `docs/spec/semantics.md` (S1) and `docs/spec/verdict.md`.
#![forbid(unsafe_code)]

mod canonical;
pub mod codes;
mod diagnostic;
pub mod render;
mod verdict;

pub use canonical::{CanonicalError, canonical_json, digest};
pub use codes::{Area, Code};
pub use diagnostic::{Diagnostic, Level, Span};
pub use render::Beside;
pub use verdict::{
    Bytes, Clause, ContextCell, ContractRef, Coverage, EVIDENCE_LIMIT, Evidence, FORMAT, Metric, Outcome, Records,
    Reference, SEMANTICS, Scope, Severity, SourceRanges, Status, Undecided, Verdict, status_of,
};
