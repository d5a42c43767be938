//! What can be proved of conditions without running them: for lints and for narrowing (G10).
//!
//! `region` holds sets of values, `formula` reads conditions, `cases` splits them and proves that one follows from another,
//! `bounds` knows what a schema leaves of a column, `window` which windows
//! hold others. Every answer is one-sided: what is claimed is so; where nothing is claimed, anything may be.

pub mod bounds;
pub mod cases;
pub mod formula;
pub mod region;
pub mod window;
