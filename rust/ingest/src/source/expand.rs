//! Names and patterns to inputs.

use super::failure;
use super::unseen::unseen;
use crate::aside::Spot;
use crate::error::IngestError;
use crate::request::Input;
use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

/// The inputs that `patterns` name, in their order; the files of one pattern are sorted by path. What is named twice is there twice, and refused when it is
/// read.
///
/// `-` is standard input. A name that exists is taken literally, whatever characters it has; a folder is refused. A pattern (`*`, `?`, `[…]`, `**`)
/// gives the files it matches, folders and names with a leading dot left out; one that would match a name that is no UTF-8 is refused, since it cannot
/// give it.
///
/// # Errors
/// `file-missing` (no such file), `file-is-folder`, `glob-no-match` (no file matches, or the pattern is none), `name-not-text`, `permission-denied`.
pub fn expand(patterns: &[String]) -> Result<Vec<Input>, IngestError> {
    let mut inputs: Vec<Input> = Vec::new();
    for pattern in patterns {
        inputs.extend(one(pattern)?);
    }
    Ok(inputs)
}

/// Refuses inputs of which two have one name or are one file: their records would be counted twice.
///
/// # Errors
/// `source-repeated`.
pub(crate) fn once_each(inputs: &[Input]) -> Result<(), IngestError> {
    let mut names = HashSet::new();
    let mut places: HashMap<PathBuf, String> = HashMap::new();
    let mut numbers: HashMap<(u64, u64), String> = HashMap::new();
    for input in inputs {
        let name = input.name();
        let file = match input {
            Input::File(path) => Some(Spot::of(path)),
            Input::Stdin | Input::Bytes(..) | Input::Copy(..) => None,
        };
        if !names.insert(name.clone()) {
            return Err(repeated(format!("`{name}` is named twice")));
        }
        let Some(Spot { place, file }) = file else { continue };
        let other = file.and_then(|number| numbers.insert(number, name.clone()));
        if let Some(other) = places.insert(place, name.clone()).or(other) {
            return Err(repeated(format!("`{name}` is the same file as `{other}`")));
        }
    }
    Ok(())
}

fn repeated(message: String) -> IngestError {
    IngestError::new("source-repeated", message)
        .help("name each source once; a pattern may match a file that is named as well")
}

fn one(pattern: &str) -> Result<Vec<Input>, IngestError> {
    if pattern == "-" {
        return Ok(vec![Input::Stdin]);
    }
    let path = Path::new(pattern);
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => return Err(failure::folder(pattern)),
        Ok(_) => return Ok(vec![Input::File(path.to_path_buf())]),
        Err(_) if path.is_symlink() => {
            return Err(failure::missing(pattern).help("it is a link to a file that is gone; make the link anew"));
        }
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return Err(failure::denied(pattern)),
        Err(_) if !pattern.contains(['*', '?', '[']) => return Err(failure::missing(pattern)),
        Err(_) => {}
    }
    matches(pattern)
}

fn matches(pattern: &str) -> Result<Vec<Input>, IngestError> {
    // That a leading dot is written out is looked at below: asked of it, the walk breaks off at names that are no UTF-8.
    let found = glob::glob_with(pattern, glob::MatchOptions::new()).map_err(|error| {
        IngestError::new("glob-no-match", format!("`{pattern}` is no pattern: {}", error.msg))
            .help("put a literal `*`, `?` or `[` in brackets: `[*]`")
    })?;
    let mut files: Vec<PathBuf> = Vec::new();
    let mut folders = 0_usize;
    for path in found {
        let path = path.map_err(|error| failure::unreadable(&error.path().display().to_string(), error.error()))?;
        if is_hidden(pattern, &path) {
            continue;
        }
        if path.is_dir() {
            folders += 1;
        } else {
            files.push(path);
        }
    }
    if let Some(path) = unseen(pattern) {
        let name = Input::File(path).name();
        return Err(IngestError::new("name-not-text", format!("`{pattern}` meets `{name}`, a name that is no UTF-8"))
            .help(
                "rename it, or name the files one by one, as a shell does that is given the pattern without quotes",
            ));
    }
    if files.is_empty() {
        return Err(no_match(pattern, folders));
    }
    files.sort();
    Ok(files.into_iter().map(Input::File).collect())
}

/// Has the path a name with a leading dot that the pattern does not write out?
fn is_hidden(pattern: &str, path: &Path) -> bool {
    let written = |name: &str| {
        let mut parts = pattern.split(std::path::is_separator).filter(|part| part.starts_with('.'));
        parts.any(|part| part == name || glob::Pattern::new(part).is_ok_and(|part| part.matches(name)))
    };
    path.components().any(|part| match part {
        Component::Normal(name) => {
            let name = name.to_string_lossy();
            name.starts_with('.') && !written(&name)
        }
        _ => false,
    })
}

fn no_match(pattern: &str, folders: usize) -> IngestError {
    let error = IngestError::new("glob-no-match", format!("no file matches `{pattern}`"));
    let stem = pattern.trim_end_matches('/');
    if folders > 0 {
        return error.help(format!("it matches folders only; `{stem}/*` names the files in them"));
    }
    error.help("check the spelling, and the folder that you are in")
}
