//! Trouble of the operating system in the words of this tool.

use crate::error::IngestError;
use std::io::{Error, ErrorKind};
use std::path::Path;

/// What an input or output error on `name` means. An [`IngestError`] that was carried through a reader comes out as it went in.
pub(crate) fn unreadable(name: &str, error: &Error) -> IngestError {
    if let Some(carried) = error.get_ref().and_then(|inner| inner.downcast_ref::<IngestError>()) {
        return carried.clone();
    }
    match error.kind() {
        ErrorKind::NotFound => missing(name),
        ErrorKind::PermissionDenied => denied(name),
        ErrorKind::IsADirectory => folder(name),
        ErrorKind::UnexpectedEof => {
            IngestError::new("file-unreadable", format!("`{name}` ends early")).help("write or copy the file again")
        }
        _ => IngestError::new("file-unreadable", format!("`{name}` cannot be read: {}", reason(error)))
            .help("check that the file opens in another program, then try again"),
    }
}

/// An error on the way to `name`, to be written.
pub(crate) fn unwritable(name: &str, error: &Error) -> IngestError {
    let help = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room on the disk, or write to another one",
        ErrorKind::NotFound => "create the folder first",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => "choose a folder that you may write to",
        _ => "choose another place for the file",
    };
    IngestError::new("file-unwritable", format!("`{name}` cannot be written: {}", reason(error))).help(help)
}

pub(crate) fn missing(name: &str) -> IngestError {
    let parent = Path::new(name).parent().filter(|parent| !parent.as_os_str().is_empty());
    let help = match parent {
        Some(parent) if !parent.exists() => format!("there is no folder `{}` either; check the path", parent.display()),
        Some(parent) => format!("list the folder `{}` and check the spelling", parent.display()),
        None => "list the current folder and check the spelling".to_owned(),
    };
    IngestError::new("file-missing", format!("there is no file `{name}`")).help(help)
}

pub(crate) fn denied(name: &str) -> IngestError {
    IngestError::new("permission-denied", format!("reading `{name}` is not permitted"))
        .help("ask its owner for the right to read it, or run as a user who has it")
}

pub(crate) fn folder(name: &str) -> IngestError {
    let stem = name.trim_end_matches('/');
    IngestError::new("file-is-folder", format!("`{name}` is a folder"))
        .help(format!("name the files in it with a pattern: `{stem}/*.csv`"))
}

/// The system's own words, small first letter, without its error number.
fn reason(error: &Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// An [`IngestError`] on its way through a reader.
pub(crate) fn carried(error: IngestError) -> Error {
    Error::other(error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

    use super::*;

    #[test]
    fn codes_by_kind() {
        for (kind, code) in [
            (ErrorKind::NotFound, "file-missing"),
            (ErrorKind::PermissionDenied, "permission-denied"),
            (ErrorKind::IsADirectory, "file-is-folder"),
            (ErrorKind::UnexpectedEof, "file-unreadable"),
            (ErrorKind::ConnectionReset, "file-unreadable"),
        ] {
            let error = unreadable("a/x.csv", &Error::from(kind));
            assert_eq!(error.code, code);
            assert!(error.message.contains("`a/x.csv`") && error.help.is_some());
        }
    }

    #[test]
    fn a_full_disk_says_so() {
        let error = unwritable("q.ndjson", &Error::from(ErrorKind::StorageFull));
        assert_eq!(error.code, "file-unwritable");
        assert_eq!(error.message, "`q.ndjson` cannot be written: no storage space");
        assert_eq!(error.help.as_deref(), Some("make room on the disk, or write to another one"));
    }

    #[test]
    fn an_error_is_carried_through_readers() {
        let error = IngestError::new("ratio-exceeded", "too much").help("less");
        assert_eq!(unreadable("x", &carried(error.clone())), error);
    }
}
