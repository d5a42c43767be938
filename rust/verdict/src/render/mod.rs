//! Renderers: a verdict as text, HTML, OORS and JUnit.

mod beside;

pub use beside::Beside;
