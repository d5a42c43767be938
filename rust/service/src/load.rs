//! Contracts from files, and findings as lines.

use crate::args::VariableArgs;
use crate::failure::Failure;
use crate::surface::harmless;
use anstyle::{AnsiColor, Style};
use guard_engine::contract::{Contract, LoadOptions, SchemaObject};
use guard_verdict::{Code, Diagnostic, Level, codes};
use std::fmt::Write;
use std::io::Read;
use std::path::Path;

/// The text of a contract, `-` being standard input.
pub fn text(path: &Path) -> Result<String, Failure> {
    read(path).map_err(|found| found.failure(codes::usage::CONTRACT_UNREADABLE))
}

/// The text of what is no contract; `what` it is stands in the message.
pub fn file(path: &Path, what: &str) -> Result<String, Failure> {
    read(path).map_err(|found| {
        let code = found.code;
        Unread { message: format!("the {what} {}", found.message), ..found }.failure(code)
    })
}

/// Why a text cannot be read.
struct Unread {
    code: Code,
    message: String,
    help: &'static str,
}

impl Unread {
    fn failure(self, code: Code) -> Failure {
        Failure::new(code.name(), self.message, self.help)
    }
}

fn read(path: &Path) -> Result<String, Unread> {
    let name = path.display();
    let unreadable = |why: std::io::Error| Unread {
        code: unread(why.kind()),
        message: format!("`{name}` cannot be read: {}", reason(&why)),
        help: "check the path",
    };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        guard_ingest::stdin().map_err(unreadable)?.read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        bytes = std::fs::read(path).map_err(unreadable)?;
    }
    String::from_utf8(bytes).map_err(|why| {
        let at = why.utf8_error().valid_up_to();
        let message = format!("`{name}` is not UTF-8 at byte {at}");
        Unread { code: codes::ingest::FILE_UNREADABLE, message, help: "save it as UTF-8" }
    })
}

/// The code of a file that the system does not give.
pub fn unread(why: std::io::ErrorKind) -> Code {
    match why {
        std::io::ErrorKind::NotFound => codes::ingest::FILE_MISSING,
        std::io::ErrorKind::PermissionDenied => codes::ingest::PERMISSION_DENIED,
        std::io::ErrorKind::IsADirectory => codes::ingest::FILE_IS_FOLDER,
        _ => codes::ingest::FILE_UNREADABLE,
    }
}

/// An error of the system in its own words, without its number.
pub fn reason(why: &std::io::Error) -> String {
    let text = why.to_string();
    let bare = text.split(" (os error").next().unwrap_or_default();
    let mut letters = bare.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// What contracts may leave open.
pub fn options(variables: &VariableArgs) -> LoadOptions {
    LoadOptions { variables: variables.variables.iter().cloned().collect() }
}

/// A contract; what keeps it from loading is listed with lines and columns.
pub fn contract(path: &Path, variables: &VariableArgs) -> Result<Contract, Failure> {
    Contract::load_with(&text(path)?, &options(variables))
        .map_err(|found| Failure::Contract(path.display().to_string(), found))
}

/// The object of this name, else the only one, else the one that is named as the data are.
pub fn object<'c>(contract: &'c Contract, name: Option<&str>, data: Option<&str>) -> Result<&'c SchemaObject, Failure> {
    let found = match (name, contract.objects.as_slice()) {
        (Some(name), _) => contract.object(name),
        (None, [only]) => Some(only),
        (None, _) => data.and_then(|data| contract.object(data)),
    };
    found.ok_or_else(|| {
        let names: Vec<_> = contract.objects.iter().map(|object| format!("`{}`", object.name)).collect();
        let names = names.join(", ");
        let message = match name {
            _ if names.is_empty() => "the contract has no schema object".to_owned(),
            Some(name) => format!("the contract has no schema object `{name}`; it has {names}"),
            None => format!("the contract has several schema objects: {names}"),
        };
        Failure::new(codes::usage::OBJECT_UNKNOWN.name(), message, "name one: `--object NAME`")
    })
}

/// One line a finding, and what to do below it.
pub fn lines(name: &str, found: &[Diagnostic], colour: bool) -> String {
    let mut out = String::new();
    for one in found {
        let (word, hue) = match one.level {
            Level::Error => ("error", AnsiColor::Red),
            Level::Warning => ("warning", AnsiColor::Yellow),
            Level::Info => ("info", AnsiColor::Cyan),
        };
        let style = if colour { Style::new().bold().fg_color(Some(hue.into())) } else { Style::new() };
        let (line, column) = (one.span.line, one.span.column);
        let message = harmless(&one.message);
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}:{line}:{column}: {style}{word}[{}]{style:#}: {message}", harmless(name), one.code);
        if let Some(help) = &one.help {
            let _ = writeln!(out, "  help: {}", harmless(help));
        }
    }
    out
}
