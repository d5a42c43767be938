//! Files on the line.

use crate::args::DialectArgs;
use crate::failure::Failure;
use guard_ingest::{Csv, Input, expand};
use std::path::{Path, PathBuf};

/// What the names stand for, in order: see [`expand`]. A name that is no UTF-8 is a file.
pub fn inputs(names: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    let mut out = Vec::new();
    for name in names {
        let found = match name.to_str() {
            Some(text) => expand(&[text.to_owned()])?,
            None => vec![Input::File(name.clone())],
        };
        out.extend(found);
    }
    Ok(out)
}

/// The dialect that the flags say.
pub fn csv(flags: &DialectArgs) -> Csv {
    Csv {
        delimiter: flags.delimiter,
        quote: flags.quote,
        header: flags.no_header.then_some(false),
        nulls: (!flags.nulls.is_empty()).then(|| flags.nulls.clone()),
        encoding: flags.encoding.clone(),
        sniff: flags.sniff,
    }
}

/// What the data are called: the name of their files up to the first dot, where all have one.
pub fn name_of(inputs: &[Input]) -> Option<String> {
    let mut names = inputs.iter().map(|input| match input {
        Input::File(path) => path.file_name().and_then(|name| name.to_str()).and_then(|name| name.split('.').next()),
        _ => None,
    });
    let first = names.next().flatten().filter(|name| !name.is_empty())?;
    names.all(|name| name == Some(first)).then(|| first.to_owned())
}

/// Refuses to write over what is read, to write two things into one file, and to mix quarantined records into standard output.
pub fn apart(read: &[PathBuf], written: Option<&Path>, quarantine: Option<&Path>) -> Result<(), Failure> {
    if quarantine == Some(Path::new("-")) {
        return Err(Failure::new(
            "",
            "quarantined records cannot go to standard output",
            "name a file: `--quarantine FILE`",
        ));
    }
    // What standard input was redirected from is read as well.
    let given = |path: &PathBuf| if path == Path::new("-") { PathBuf::from("/dev/stdin") } else { path.clone() };
    let read: Vec<PathBuf> = read.iter().map(given).collect();
    let written: Vec<_> = [written, quarantine].into_iter().flatten().filter(|path| *path != Path::new("-")).collect();
    Ok(guard_ingest::apart(&read, &written)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names() {
        let file = |name: &str| Input::File(PathBuf::from(name));
        assert_eq!(name_of(&[file("a/orders.csv.gz")]).as_deref(), Some("orders"));
        assert_eq!(name_of(&[file("a/orders.csv"), file("b/orders.ndjson")]).as_deref(), Some("orders"));
        assert_eq!(name_of(&[file("orders.csv"), file("items.csv")]), None);
        assert_eq!(name_of(&[Input::Stdin]), None);
        assert_eq!(name_of(&[file(".hidden")]), None);
    }

    #[test]
    fn patterns_are_sorted_and_what_is_named_twice_is_there_twice() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.csv", "a.csv", "[x].csv"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let of =
            |names: &[&str]| inputs(&names.iter().map(|name| folder.path().join(name)).collect::<Vec<_>>()).unwrap();
        let file = |name: &str| Input::File(folder.path().join(name));
        assert_eq!(of(&["?.csv"]), [file("a.csv"), file("b.csv")]);
        assert_eq!(of(&["[x].csv"]), [file("[x].csv")]);
        assert_eq!(of(&["b.csv", "?.csv"]), [file("b.csv"), file("a.csv"), file("b.csv")]);
        assert!(inputs(&[folder.path().join("*.json")]).is_err());
    }
}
