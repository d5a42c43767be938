//! stub
use super::{fault::Fault, types::Type, facts::Facts};
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval { pub months: i32, pub nanoseconds: i128 }
pub fn add(value: i64, _: &Type, _: Interval) -> Result<i64, Fault> { Ok(value) }
pub fn add_facts(arg: &Facts, _: Interval) -> Result<Facts, String> { Ok(arg.clone()) }
