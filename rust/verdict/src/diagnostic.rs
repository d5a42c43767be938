//! What is wrong with a text that a person wrote, and where.

use crate::Code;
use serde::Serialize;

/// How bad a diagnostic is. An error keeps a contract from loading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The contract cannot be used.
    Error,
    /// It can be used, and probably does not mean what it says.
    Warning,
    /// Worth knowing.
    Info,
}

/// A place in a text. Lines and columns count from 1, columns in Unicode scalar values; bytes are half-open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Span {
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Byte offset of the first character.
    pub start: usize,
    /// Byte offset past the last character.
    pub end: usize,
}

/// One finding in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// What kind of finding.
    pub code: Code,
    /// How bad.
    pub level: Level,
    /// What is wrong, with the user's text in backticks.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where.
    pub span: Span,
    /// Path of the element, such as `schema[0].properties[3].logicalTypeOptions.pattern`.
    pub path: String,
}
