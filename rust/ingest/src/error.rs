//! Why a source gave no verdict.

/// Trouble with a source, not with its records. `code` is of the table of codes; `message` names the file; `help` is the next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestError {
    /// Of the table of codes: `file-missing`, `file-unreadable`, `file-format-unknown`, …; `interrupted` when the caller stopped it.
    pub code: &'static str,
    /// One sentence, small first letter.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl IngestError {
    /// An error without help.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None }
    }

    /// Adds the next step.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl std::fmt::Display for IngestError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for IngestError {}
