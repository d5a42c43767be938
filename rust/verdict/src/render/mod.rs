//! Renderers: a verdict as text, HTML, OORS and JUnit.
//!
//! Every string of a verdict is taken for hostile. All functions are total, deterministic and read no clock.

mod beside;
mod clean;
mod faults;
mod fix;
mod html;
mod junit;
mod next;
mod numbers;
mod oors;
mod table;
mod text;
mod traceback;
mod undecided;
mod value;
mod view;
mod words;

pub use beside::Beside;
pub use clean::visible;
pub use html::{Because, DecisionView, Held, Proposed, decision_html, decision_page, html, html_page};
pub use junit::junit;
pub use oors::{OorsError, oors};
pub use table::table;
pub use text::text;
pub use traceback::traceback;
