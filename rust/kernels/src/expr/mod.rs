//! Expressions: total functions of one record's values (docs/spec/expressions.md).
//!
//! Rooms: `types`, `scalar` (values), `decimal` (their arithmetic), `fault` (how evaluation fails), `facts` (what is known before running), `function` and
//! `functions` (the table).

pub mod decimal;
pub mod facts;
pub mod fault;
pub mod function;
pub mod functions;
pub mod scalar;
pub mod types;
