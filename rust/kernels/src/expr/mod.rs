//! Expressions: total functions of one record's values (docs/spec/expressions.md).
//!
//! Rooms: `types`, `scalar` (values), `set` (members of IN), `fault` (how evaluation fails), `facts` and `infer` (what is known before
//! running), `function` and `functions` (the table), `arithmetic`, `compare`, `decimal`, `interval`, `calendar`, `cast`, `parse`,
//! `render` (operators on single values), `program` (typed nodes), `record` (one record), `condition` (is it TRUE of one record?),
//! `vector` (many at once).

pub mod arithmetic;
pub mod calendar;
pub mod cast;
pub mod compare;
pub mod condition;
pub mod decimal;
pub mod facts;
pub mod fault;
pub mod function;
pub mod functions;
pub mod infer;
pub mod interval;
pub mod parse;
mod parse_time;
pub mod program;
pub mod record;
pub mod render;
pub mod scalar;
pub mod set;
pub mod types;
pub mod vector;
