//! Pipes, colours, signals, hostile names.

use crate::support::{CONTRACT, Folder, endless, orders, said};
use std::io::Write;
use std::process::Stdio;

#[test]
fn a_reader_that_left_is_no_failure() {
    let folder = Folder::with_orders(&[1, 10]);
    for (args, status) in [
        (vec!["codes"], 0),
        (vec!["--help"], 0),
        (vec!["completions", "zsh"], 0),
        (vec!["check", "orders.odcs.yaml", "orders.arrow"], 1),
        (vec!["check", "orders.odcs.yaml", "orders.arrow", "--accepted", "-", "--quiet"], 141),
        (vec!["transform", "SELECT id FROM input", "orders.arrow", "--quiet"], 141),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = folder.command(&args).stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output();
        let output = output.unwrap();
        assert_eq!(
            (output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()),
            (Some(status), ""),
            "{args:?}"
        );
    }
}

#[test]
fn colours_only_where_they_are_wanted() {
    let folder = Folder::with_orders(&[1, 10]);
    let check = ["check", "orders.odcs.yaml", "orders.arrow"];
    let coloured = |args: &[&str], env: &[(&str, &str)]| {
        let mut command = folder.command(args);
        command.envs(env.iter().copied());
        let said = said(command);
        assert_eq!(said.status, 1);
        said.out.contains('\u{1b}')
    };
    assert!(!coloured(&check, &[]));
    assert!(coloured(&check, &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&check, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    let with = |when| [&["--color", when], check.as_slice()].concat();
    assert!(coloured(&with("always"), &[("NO_COLOR", "1")]));
    assert!(!coloured(&with("never"), &[("CLICOLOR_FORCE", "1")]));
    let styled = folder.call(&with("always")).out;
    let (first, rest) = styled.split_once('\n').unwrap();
    assert!(first.contains('\u{1b}') && first.contains("✗ reject") && !rest.contains('\u{1b}'), "{styled:?}");
    assert!(!folder.call(&[&with("always"), ["--format", "json"].as_slice()].concat()).out.contains('\u{1b}'));
}

#[test]
fn names_cannot_move_the_cursor() {
    let folder = Folder::new();
    for args in [vec!["check", "a\u{1b}[2Jb", "x"], vec!["lint", "a\u{1b}[2Jb"], vec!["codes", "a\u{1b}[2Jb"]] {
        let said = folder.call(&args);
        assert!(said.status == 2 && said.err.contains("a␛[2Jb") && !said.err.contains('\u{1b}'), "{:?}", said.err);
    }
}

/// More bytes than a pipe holds are read only by a call that has begun, and whose handler is thus set.
#[cfg(unix)]
#[test]
fn ctrl_c_stops_and_leaves_nothing() {
    let folder = Folder::new();
    folder.write("orders.odcs.yaml", CONTRACT);
    let args = [
        "check",
        "orders.odcs.yaml",
        "-",
        "--input-format",
        "arrow",
        "--accepted",
        "good.ndjson",
        "--quarantine",
        "bad.ndjson",
    ];
    let mut command = folder.command(&args);
    let mut call = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = call.stdin.take().unwrap();
    stdin.write_all(&endless(&orders(&[1; 4096]), 20)).unwrap();
    let pid = call.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = call.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(130), &b""[..]));
    assert_eq!(folder.names(), ["orders.odcs.yaml"]);
}

/// Files under way, and copies of standard input, go with the call.
#[cfg(unix)]
#[test]
fn ctrl_c_removes_what_was_begun() {
    let keyless = CONTRACT.replace(", unique: true", "");
    for (contract, begun) in [(keyless.as_str(), ".guard-nb-"), (CONTRACT, "tmp/")] {
        let folder = Folder::new();
        folder.write("orders.odcs.yaml", contract);
        std::fs::create_dir(folder.path("tmp")).unwrap();
        let args = [
            "check",
            "orders.odcs.yaml",
            "-",
            "--input-format",
            "ndjson",
            "--accepted",
            "good.csv",
            "--quarantine",
            "bad.ndjson",
        ];
        let mut command = folder.command(&args);
        command.env("TMPDIR", folder.path("tmp"));
        let mut call = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = call.stdin.take().unwrap();
        stdin.write_all("{\"id\": 1, \"qty\": 1, \"note\": \"x\"}\n".repeat(20_000).as_bytes()).unwrap();
        let under_way = || {
            let copies = std::fs::read_dir(folder.path("tmp")).unwrap().map(|_| "tmp/".to_owned());
            copies.chain(folder.names()).any(|name| name.starts_with(begun))
        };
        while !under_way() {
            assert!(call.try_wait().unwrap().is_none());
            std::thread::yield_now();
        }
        let pid = call.id().to_string();
        assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let output = call.wait_with_output().unwrap();
        drop(stdin);
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(130), &b""[..]));
        assert_eq!(folder.names(), ["orders.odcs.yaml", "tmp"]);
        assert_eq!(std::fs::read_dir(folder.path("tmp")).unwrap().count(), 0);
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_left_takes_the_other_file_along() {
    let folder = Folder::with_orders(&[1, 10]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let args =
        ["check", "orders.odcs.yaml", "orders.arrow", "--accepted", "-", "--quarantine", "bad.ndjson", "--quiet"];
    let status = folder.command(&args).stdout(writer).status().unwrap();
    assert_eq!(status.code(), Some(141));
    assert_eq!(folder.names(), ["orders.arrow", "orders.odcs.yaml"]);
}

#[test]
fn columnar_standard_input_without_keys() {
    let folder = Folder::with_orders(&[1, 10]);
    folder.write("free.odcs.yaml", &CONTRACT.replace(", unique: true", ""));
    let mut command = folder.command(&["check", "free.odcs.yaml", "-", "--input-format", "arrow"]);
    command.stdin(std::fs::File::open(folder.path("orders.arrow")).unwrap());
    let said = said(command);
    assert_eq!((said.status, said.err.as_str()), (1, ""), "{}", said.out);
}

/// A device that is always full.
#[cfg(target_os = "linux")]
#[test]
fn files_on_a_full_disk_leave_nothing() {
    let folder = Folder::with_orders(&[1, 10]);
    for (full, other) in [("--accepted", "--quarantine"), ("--quarantine", "--accepted")] {
        std::os::unix::fs::symlink("/dev/full", folder.path("full.ndjson")).unwrap();
        let said =
            folder.call(&["check", "orders.odcs.yaml", "orders.arrow", full, "full.ndjson", other, "other.ndjson"]);
        assert_eq!(said.status, 2);
        assert!(said.err.contains("error[file-unwritable]") && said.err.contains("no space left"), "{}", said.err);
        assert!(said.err.contains("make room on the disk"), "{}", said.err);
        std::fs::remove_file(folder.path("full.ndjson")).unwrap();
        assert!(folder.names().iter().all(|name| !name.starts_with('.')), "{:?}", folder.names());
        let _ = std::fs::remove_file(folder.path("other.ndjson"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said() {
    let folder = Folder::with_orders(&[1]);
    let mut command = folder.command(&["check", "orders.odcs.yaml", "orders.arrow"]);
    command.stdout(Stdio::from(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap()));
    let said = said(command);
    assert_eq!(said.status, 2);
    assert!(said.err.contains("error[file-unwritable]: standard output cannot be written"), "{}", said.err);
}
