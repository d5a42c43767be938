//! What a pattern's walk passes over: names that are no UTF-8.

use glob::Pattern;
use std::fs::DirEntry;
use std::path::{Path, PathBuf};

/// Folders below each other that are looked into: links may lead back.
const DEEPEST: usize = 64;

/// A part of a pattern between two separators.
enum Part {
    Literal(String),
    /// `**`
    Folders,
    Names(Pattern),
}

/// The first file or folder, in the order of names, that `pattern` would match if it saw names that are no UTF-8; what cannot be listed is passed over.
pub(super) fn unseen(pattern: &str) -> Option<PathBuf> {
    let root = if pattern.starts_with(std::path::is_separator) { "/" } else { "" };
    let parts: Vec<Part> =
        pattern.split(std::path::is_separator).filter(|part| !part.is_empty()).map(part).collect::<Option<_>>()?;
    below(Path::new(root), &parts, 0)
}

fn part(text: &str) -> Option<Part> {
    if text == "**" {
        return Some(Part::Folders);
    }
    if !text.contains(['*', '?', '[']) {
        return Some(Part::Literal(text.to_owned()));
    }
    Pattern::new(text).ok().map(Part::Names)
}

fn below(folder: &Path, parts: &[Part], depth: usize) -> Option<PathBuf> {
    let (first, rest) = parts.split_first().filter(|_| depth < DEEPEST)?;
    match first {
        Part::Literal(name) => below(&folder.join(name), rest, depth + 1),
        Part::Folders => {
            let here = below(folder, rest, depth + 1);
            here.or_else(|| {
                let mut folders = entries(folder).into_iter().filter(|entry| entry.path().is_dir());
                folders.find_map(|entry| match entry.file_name().to_str() {
                    None => Some(joined(folder, &entry)),
                    Some(name) if name.starts_with('.') => None,
                    // A link may lead back, and is left to the walk itself.
                    Some(_) if entry.file_type().is_ok_and(|kind| kind.is_symlink()) => None,
                    Some(_) => below(&joined(folder, &entry), parts, depth + 1),
                })
            })
        }
        Part::Names(names) => entries(folder).iter().find_map(|entry| {
            let (name, path) = (entry.file_name(), joined(folder, entry));
            let lossy = name.to_string_lossy();
            let hidden = lossy.starts_with('.') && !names.as_str().starts_with('.');
            if hidden || !names.matches(&lossy) {
                return None;
            }
            match name.to_str() {
                // A folder is no file of the last part, and a file no folder of the others.
                None => (path.is_dir() != rest.is_empty()).then_some(path),
                Some(_) => below(&path, rest, depth + 1),
            }
        }),
    }
}

fn joined(folder: &Path, entry: &DirEntry) -> PathBuf {
    folder.join(entry.file_name())
}

fn entries(folder: &Path) -> Vec<DirEntry> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut found: Vec<DirEntry> = std::fs::read_dir(folder).into_iter().flatten().flatten().collect();
    found.sort_by_key(DirEntry::file_name);
    found
}
