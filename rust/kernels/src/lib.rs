//! Total column functions over Arrow arrays.

mod bits;
pub mod check;
pub mod expr;
pub mod key;
pub mod mask;
pub mod pattern;
pub mod scan;
pub mod unique;
