//! From SQL text to typed programs (docs/spec/expressions.md, S6): every text becomes a program or a diagnostic with a position.
//!
//! Rooms: `dialect` and `syntax` (text to syntax tree, limits), `scope` (names), `lower` (syntax tree to nodes: `operators`,
//! `comparisons`, `calls`, `literals`, `types`, `refused`), `problem` (diagnostics), `explain` (what is known of each sub-expression).

mod calls;
mod comparisons;
mod dialect;
mod explain;
mod literals;
mod lower;
mod operators;
mod problem;
mod refused;
mod scope;
mod syntax;
mod table;
mod types;

pub(crate) use explain::literal;
pub use explain::{Line, explain, explain_text};
pub use lower::{Compiler, Input};
pub use problem::Problem;
pub use scope::{Column, Parameter, Parameters, Scope};
pub use syntax::{Item, Query, expression, query};
pub use table::table;
