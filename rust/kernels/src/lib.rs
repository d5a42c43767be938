//! Total column functions over Arrow arrays.

pub mod check;
pub mod pattern;
