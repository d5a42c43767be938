//! Expressions: total functions of one record's values (docs/spec/expressions.md).
//!
//! Rooms: `calendar`, `parse` and `render` (values as text), `cast`,
//! `types`, `scalar` (values), `fault` (how evaluation fails), `facts` (what is known before running), `function` and
//! `functions` (the table).

pub mod calendar;
pub mod cast;
pub mod facts;
pub mod fault;
pub mod function;
pub mod functions;
pub mod parse;
mod parse_time;
pub mod render;
pub mod scalar;
pub mod types;
