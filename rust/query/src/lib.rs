//! The query gate: SQL of an agent, resolved against an allow-list and written anew. Pure: no I/O, no clock.
//!
//! [`QueryPolicy::compile`] takes what may be read; [`judge`] takes a text and answers with the text that may run, or with reasons.
//! Bytes and nesting are capped before parsing; every node of the tree is matched by name, so that a new kind of node does not
//! compile before it is judged; relations, columns, functions, types and operators are resolved against lists of what is allowed;
//! each reference of a relation becomes `(SELECT allowed columns FROM relation WHERE predicate)`; names are written in quotes and
//! columns with their table; the text is written from the tree, read again and compared. There are no lists of what is forbidden.
//!
//! Rooms: `policy` and `predicate` (what may be read), `functions` (what can be called at all), `text` (tokens and limits), `walk`
//! (the tree), `build` (what is put in), `fence` (does the text read as the tree), `judge` (the order of it all), `decision` (the
//! answer).
#![forbid(unsafe_code)]

mod build;
#[cfg(test)]
#[path = "../tests/common/table.rs"]
mod bypasses;
mod decision;
mod dialect;
mod fence;
mod functions;
mod judge;
mod policy;
mod predicate;
#[cfg(test)]
#[path = "../tests/common/queries.rs"]
mod queries;
mod text;
mod walk;

pub use decision::{
    Allowed, ColumnRead, Cost, CostLabel, Narrowed, OutColumn, Parameter, QueryDecision, Reason, TableRead,
};
pub use dialect::Dialect;
pub use functions::known_functions;
pub use judge::{Parameters, judge};
pub use policy::{Limits, PolicyProblem, PolicySpec, QueryPolicy, RelationSpec};
