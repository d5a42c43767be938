//! Calls that end without what was asked.

use crate::load::reason;
use crate::surface::harmless;
use crate::{Exit, Surface};
use anstyle::{AnsiColor, Style};
use guard_engine::expr::Problem;
use guard_engine::run::RunError;
use guard_gate::LedgerError;
use guard_ingest::IngestError;
use guard_verdict::{Code, Diagnostic, codes};

/// Why.
#[derive(Debug)]
pub enum Failure {
    /// One sentence and the next step.
    Trouble {
        /// Of the table of codes; empty where the sentence says all.
        code: &'static str,
        /// Small first letter.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// A contract that did not load: its name and what was found.
    Contract(String, Vec<Diagnostic>),
    /// A gate that did not load, likewise.
    Gate(String, Vec<Diagnostic>),
    /// Ctrl-C.
    Interrupted,
    /// Nobody reads the records any more.
    Pipe,
}

impl Failure {
    /// Trouble with the help of its code.
    pub fn coded(code: Code, message: impl Into<String>) -> Self {
        Self::Trouble { code: code.name(), message: message.into(), help: Some(code.0.help.to_owned()) }
    }

    /// Trouble with help of its own.
    pub fn new(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Trouble { code, message: message.into(), help: Some(help.into()) }
    }

    /// Standard output cannot be written.
    pub fn output(why: &std::io::Error) -> Self {
        Self::new(
            codes::usage::FILE_UNWRITABLE.name(),
            format!("standard output cannot be written: {}", reason(why)),
            "check where it goes",
        )
    }

    /// A text that is no expression or transform.
    pub fn expression(problem: Problem) -> Self {
        let message = Problem { help: None, ..problem.clone() }.sentence();
        Self::Trouble { code: problem.code.name(), message, help: problem.help }
    }

    /// Prints it; the status to end with.
    pub fn report(self, surface: &mut Surface<'_>) -> Exit {
        match self {
            Self::Trouble { code, message, help } => {
                let head = if code.is_empty() { "error".to_owned() } else { format!("error[{code}]") };
                let head = surface.on_err(red(), &head);
                surface.say(&format!("{head}: {}\n", harmless(&message)));
                if let Some(help) = help {
                    let word = surface.on_err(Style::new().bold(), "help");
                    surface.say(&format!("  {word}: {}\n", harmless(&help)));
                }
                Exit::USAGE
            }
            Self::Contract(name, found) => unloaded("contract", &name, &found, surface),
            Self::Gate(name, found) => unloaded("gate", &name, &found, surface),
            Self::Interrupted => {
                surface.say("interrupted: no verdict was given, and no file was written\n");
                Exit::INTERRUPTED
            }
            Self::Pipe => Exit::PIPE,
        }
    }
}

fn unloaded(what: &str, name: &str, found: &[Diagnostic], surface: &mut Surface<'_>) -> Exit {
    let text = crate::load::lines(name, found, surface.err_colour);
    surface.say(&format!("{text}{}: the {what} did not load\n", surface.on_err(red(), "error")));
    Exit::USAGE
}

fn red() -> Style {
    Style::new().bold().fg_color(Some(AnsiColor::Red.into()))
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::coded(error.code, error.message)
    }
}

impl From<IngestError> for Failure {
    fn from(error: IngestError) -> Self {
        match error.code {
            "interrupted" => Self::Interrupted,
            // The options bear other names here.
            code => {
                let help = error.help;
                let help = help.map(|help| help.replace("`format`", "`--input-format`"));
                let help = help.map(|help| help.replace("`encoding`", "`--encoding`"));
                Self::Trouble { code, message: error.message, help }
            }
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let code = match error {
            RunError::Interrupted => return Self::Interrupted,
            RunError::PartsDiffer(_) => codes::usage::PARTS_DIFFER,
            RunError::PartsOverlap(_) => codes::usage::PARTS_OVERLAP,
            RunError::Unreadable(_) => codes::usage::PARTIAL_UNREADABLE,
            RunError::SchemaChanged(_) => codes::usage::FRAME_UNREADABLE,
            RunError::Storage(_) => codes::usage::FILE_UNWRITABLE,
            RunError::Internal(_) => codes::usage::INTERNAL,
        };
        Self::coded(code, error.to_string())
    }
}
