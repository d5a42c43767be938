use crate::{all, assert_error, blocks, bytes, text};
use guard_ingest::{Compression, Cut, Format, Input, Source, expand};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

fn names(inputs: Vec<Input>, root: &Path) -> Vec<String> {
    let name = |input| match input {
        Input::File(path) => path.strip_prefix(root).unwrap().display().to_string(),
        Input::Stdin => "-".to_owned(),
        Input::Bytes(..) | Input::Copy(..) => unreachable!("patterns name no bytes"),
    };
    inputs.into_iter().map(name).collect()
}

fn open(path: &Path) -> Result<Source, guard_ingest::IngestError> {
    Source::open(&Input::File(path.to_path_buf()), None, None)
}

#[test]
fn patterns() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for name in ["b.csv", "a.csv", "c[1].csv", "c1.csv", ".hidden.csv"] {
        fs::write(root.join(name), "x\n").unwrap();
    }
    fs::create_dir_all(root.join("deep/er")).unwrap();
    fs::write(root.join("deep/er/d.csv"), "x\n").unwrap();
    let at = |pattern: &str| root.join(pattern).display().to_string();
    let found = |patterns: &[&str]| expand(&patterns.iter().map(|pattern| at(pattern)).collect::<Vec<_>>());
    assert_eq!(names(found(&["*.csv"]).unwrap(), root), ["a.csv", "b.csv", "c1.csv", "c[1].csv"]);
    assert_eq!(names(found(&["b.csv", "a.csv"]).unwrap(), root), ["b.csv", "a.csv"]);
    // What is named twice is refused when it is read, not left out in silence.
    assert_eq!(names(found(&["b.csv", "*.csv"]).unwrap(), root), ["b.csv", "a.csv", "b.csv", "c1.csv", "c[1].csv"]);
    // The name that exists, not the pattern, which would match `c1.csv`.
    assert_eq!(names(found(&["c[1].csv"]).unwrap(), root), ["c[1].csv"]);
    assert_eq!(names(found(&["deep/**/*.csv"]).unwrap(), root), ["deep/er/d.csv"]);
    fs::create_dir_all(root.join("deep/.er")).unwrap();
    fs::write(root.join("deep/.er/d.csv"), "x\n").unwrap();
    assert_eq!(names(found(&["deep/**/*.csv"]).unwrap(), root), ["deep/er/d.csv"]);
    assert_eq!(names(found(&["deep/.e*/*.csv", ".h*"]).unwrap(), root), ["deep/.er/d.csv", ".hidden.csv"]);
    assert_eq!(names(expand(&["-".to_owned()]).unwrap(), root), ["-"]);
    assert_error(&found(&["*.tsv"]).unwrap_err(), "glob-no-match", "no file matches");
    assert_error(&found(&["a.csv", "deep/*"]).unwrap_err(), "glob-no-match", "no file matches");
    assert_error(&found(&["d[.csv"]).unwrap_err(), "glob-no-match", "is no pattern");
    assert_error(&found(&["deep"]).unwrap_err(), "file-is-folder", "is a folder");
    assert_error(&found(&["z.csv"]).unwrap_err(), "file-missing", "z.csv");
    assert_error(&found(&["nowhere/z.csv"]).unwrap_err(), "file-missing", "z.csv");
}

#[test]
fn what_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    let error = open(&path).unwrap_err();
    assert_error(&error, "file-missing", "there is no file");
    assert!(error.help.unwrap().contains("list the folder"));
    let error = open(&folder.path().join("no/x.csv")).unwrap_err();
    assert!(error.help.unwrap().contains("there is no folder"));
    assert_error(&open(folder.path()).unwrap_err(), "file-is-folder", "is a folder");
    fs::write(folder.path().join("mystery"), "a,b\n").unwrap();
    let error = open(&folder.path().join("mystery")).unwrap_err();
    assert_error(&error, "file-format-unknown", "tell its format");
    assert!(error.help.unwrap().contains("ndjson, json, csv"));
    assert_error(&Source::open(&bytes("x", b"FEA1...."), None, None).unwrap_err(), "file-format-unknown", "Feather");
}

#[cfg(unix)]
#[test]
fn rights_and_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    fs::write(&path, "a\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    // Root may read what nobody may.
    if fs::File::open(&path).is_err() {
        assert_error(&open(&path).unwrap_err(), "permission-denied", "not permitted");
    }
    let link = folder.path().join("link.csv");
    symlink(folder.path().join("gone"), &link).unwrap();
    let error = expand(&[link.display().to_string()]).unwrap_err();
    assert_error(&error, "file-missing", "link.csv");
    assert!(error.help.unwrap().contains("link"));
}

#[test]
fn given_formats_win_over_detected_ones() {
    let input = bytes("x.csv", b"{\"a\":1}\n");
    let source = Source::open(&input, Some(Format::Ndjson), None).unwrap();
    assert_eq!(source.format(), Format::Ndjson);
    let source = Source::open(&bytes("x.csv", b"PAR1\x15\x15"), Some(Format::Csv), None).unwrap();
    assert_eq!(source.format(), Format::Csv);
    assert!(source.notices()[0].contains("looks like parquet"));
    let source = Source::open(&bytes("x.csv", b"\x1f\x8b\n"), None, Some(Compression::None)).unwrap();
    assert_eq!(text(source, None).unwrap(), b"\x1f\x8b\n");
    let error = Source::open(&bytes("x.parquet.gz", b"\x1f\x8b\x08"), None, None).unwrap_err();
    assert_error(&error, "file-format-unknown", "parquet inside of gzip");
}

#[test]
fn a_file_that_grows_is_read_to_its_first_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    fs::write(&path, "a\n1\n").unwrap();
    let mut lines = open(&path).unwrap().lines(blocks(2, 100, Cut::Lf), None).unwrap();
    assert_eq!(lines.next().unwrap().unwrap().bytes, b"a\n");
    fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"2\n3\n").unwrap();
    let rest = all(&mut lines).unwrap();
    assert_eq!(rest.iter().flat_map(|block| block.bytes.clone()).collect::<Vec<_>>(), b"1\n");
    assert!(lines.notice().unwrap().contains("grew from 4 to 8 bytes"));
}

#[test]
fn a_file_that_shrinks_is_unreadable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    fs::write(&path, "a\n".repeat(50_000)).unwrap();
    let mut lines = open(&path).unwrap().lines(blocks(1000, 100, Cut::Lf), None).unwrap();
    lines.next().unwrap();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(5000).unwrap();
    let error = all(&mut lines).unwrap_err();
    assert_error(&error, "file-unreadable", "shrank while it was read: it had 100000 bytes and now ends at byte 5000");
    assert_eq!(lines.next().unwrap(), None);
}

#[test]
fn progress_counts_bytes_before_decompression() {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("x.csv");
    fs::write(&path, "a\n".repeat(100)).unwrap();
    let source = open(&path).unwrap();
    assert_eq!(source.length(), Some(200));
    let progress = source.progress();
    assert_eq!(progress.bytes(), 0);
    text(source, None).unwrap();
    assert_eq!(progress.bytes(), 200);
}

#[test]
fn sources_are_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    fs::write(&path, "a\n1\n").unwrap();
    for input in [Input::File(path.clone()), bytes("x.csv", b"a\n1\n")] {
        let again = Source::open(&input, None, None).unwrap().reread().unwrap();
        for _ in 0..3 {
            let source = again.open().unwrap();
            assert_eq!(source.format(), Format::Csv);
            assert_eq!(text(source, None).unwrap(), b"a\n1\n");
        }
    }
    let again = open(&path).unwrap().reread().unwrap();
    fs::write(&path, "a\n1\n2\n").unwrap();
    assert_eq!(text(again.open().unwrap(), None).unwrap(), b"a\n1\n");
    fs::write(&path, "a\n").unwrap();
    assert_error(&again.open().unwrap_err(), "file-unreadable", "shrank");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_once_or_copied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe.ndjson");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    if !made.is_ok_and(|status| status.success()) {
        return;
    }
    let content = "{\"a\":1}\n".repeat(20_000);
    for again in [false, true] {
        let (writer, sent) = (path.clone(), content.clone());
        let thread = std::thread::spawn(move || fs::write(writer, sent).unwrap());
        let source = open(&path).unwrap();
        assert_eq!((source.format(), source.length()), (Format::Ndjson, None));
        if again {
            let again = source.reread().unwrap();
            assert_eq!(text(again.open().unwrap(), None).unwrap(), content.as_bytes());
            assert_eq!(text(again.open().unwrap(), None).unwrap(), content.as_bytes());
        } else {
            assert_eq!(text(source, None).unwrap(), content.as_bytes());
        }
        thread.join().unwrap();
    }
}

#[cfg(unix)]
#[test]
fn names_that_are_no_utf8() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(std::ffi::OsStr::from_bytes(b"gr\xf6sse.csv"));
    if fs::write(&path, "a\n").is_ok() {
        let again = open(&path).unwrap().reread().unwrap();
        assert_eq!(text(again.open().unwrap(), None).unwrap(), b"a\n");
    }
}

#[test]
fn a_mark_of_utf16_is_pointed_out() {
    for (content, order) in [(&b"\xff\xfea\0"[..], "utf-16le"), (b"\xfe\xff\0a", "utf-16be")] {
        let source = Source::open(&bytes("x.csv", content), None, None).unwrap();
        assert!(source.notices()[0].contains(order));
    }
    assert!(Source::open(&bytes("x.csv", b"a\n"), None, None).unwrap().notices().is_empty());
}

#[test]
fn sources_go_to_other_threads() {
    fn is_send<T: Send>() {}
    is_send::<Source>();
    is_send::<guard_ingest::Lines>();
    is_send::<guard_ingest::Columnar>();
    is_send::<guard_ingest::Reread>();
}
