//! What is wrong with an expression, and where.

use super::scope::NO_COLUMNS;
use guard_verdict::{Code, Diagnostic, Level, Span};

/// A finding in an expression's text. Compiling stops at the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind.
    pub code: Code,
    /// What is wrong, with the text and the types seen.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where. Lines and columns count from 1.
    pub span: Span,
}

impl Problem {
    /// Without help.
    pub fn new(code: Code, message: impl Into<String>, span: Span) -> Problem {
        Problem { code, message: message.into(), help: None, span }
    }

    /// With help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }

    /// With this help if the text asks for a column where there are none, because nothing that has columns was given.
    #[must_use]
    pub fn without_columns(self, help: &str) -> Problem {
        if self.help.as_deref() == Some(NO_COLUMNS) { self.help(help) } else { self }
    }

    /// With a place where it has none: that of what it is part of, else the start of the text.
    #[must_use]
    pub fn placed(mut self, around: Span) -> Problem {
        if self.span.line == 0 {
            self.span = if around.line == 0 { Span { line: 1, column: 1, start: 0, end: 1 } } else { around };
        }
        self
    }

    /// As a diagnostic of the element at `path`.
    pub fn diagnostic(self, path: &str) -> Diagnostic {
        Diagnostic {
            code: self.code,
            level: Level::Error,
            message: self.message,
            help: self.help,
            span: self.span,
            path: path.to_owned(),
        }
    }

    /// One sentence for the reason of a refused clause.
    pub fn sentence(&self) -> String {
        let place = match self.span.line {
            0 => String::new(),
            1 => format!(" (column {})", self.span.column),
            line => format!(" (line {line}, column {})", self.span.column),
        };
        let help = self.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
        format!("{}{place}{help}", self.message)
    }
}
