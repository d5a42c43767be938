//! Expressions: total functions of one record's values (docs/spec/expressions.md).
//!
//! Rooms: `types`, `scalar` (values), `decimal` (their arithmetic), `calendar` (days and months), `interval` (moving by them),`parse` and `render` (values
//! as text), `cast`, `fault` (how evaluation fails), `facts` (what is known before running), `function` and `functions` (the
//! table).

pub mod calendar;
pub mod cast;
pub mod decimal;
pub mod facts;
pub mod fault;
pub mod function;
pub mod functions;
pub mod interval;
pub mod parse;
mod parse_time;
pub mod render;
pub mod scalar;
pub mod types;
