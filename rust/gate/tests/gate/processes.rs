//! Several processes at one file, and what is left when one is killed.

use crate::support::*;
use guard_gate::{Ledger, Verdict};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const FILE: &str = "GUARD_GATE_TEST_LEDGER";
const NAME: &str = "GUARD_GATE_TEST_NAME";

fn small() -> guard_gate::Gate {
    load(&GATE.replace("\"1000.00\"", "\"50.00\""))
}

/// Run by the tests below in processes of their own: proposes until nothing is left and says each permit.
#[test]
fn spender() {
    let (Some(file), Ok(name)) = (std::env::var_os(FILE), std::env::var(NAME)) else { return };
    let ledger = Ledger::sqlite(Path::new(&file)).unwrap();
    let gate = small();
    for call in 0..200 {
        let decision = ledger.decide(&gate, pay(&format!("{name}-{call}"), "1.00").as_bytes());
        match decision.permit {
            Some(permit) => println!("permit {permit}"),
            None => assert_eq!(codes(&decision), ["budget-exceeded"]),
        }
    }
}

fn spawn(file: &Path, name: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["processes::spender", "--exact", "--nocapture"]).env(FILE, file).env(NAME, name);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Permits that a process says, at most so many.
fn permits(child: &mut Child, most: usize) -> BTreeSet<String> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    lines.filter_map(|line| line.split_once("permit ").map(|(_, permit)| permit.to_owned())).take(most).collect()
}

#[test]
fn processes_never_overspend() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let mut children: Vec<Child> = ["a", "b", "c"].iter().map(|name| spawn(&file, name)).collect();
    let mut all = BTreeSet::new();
    for child in &mut children {
        let found = permits(child, usize::MAX);
        assert!(child.wait().unwrap().success());
        all.extend(found);
    }
    assert_eq!(all.len(), 50);
    let ledger = Ledger::sqlite(&file).unwrap();
    assert_eq!(ledger.verify(&[]), Ok(600));
}

#[test]
fn a_killed_process_loses_no_reservation() {
    for stop in [1, 2, 7, 20] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ledger.db");
        let mut child = spawn(&file, "a");
        let said = permits(&mut child, stop);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(said.len(), stop);
        let ledger = Ledger::sqlite(&file).unwrap();
        let gate = small();
        for permit in &said {
            ledger.redeem(permit).unwrap();
        }
        // What it was told is held, what it was not told may be; together never more than the limit.
        let before = ledger.leaves(0).unwrap().iter().filter(|leaf| leaf.contains("\"verdict\":\"allow\"")).count();
        assert!((stop..=50).contains(&before));
        let more = (0..60)
            .filter(|call| ledger.decide(&gate, pay(&format!("z-{call}"), "1.00").as_bytes()).verdict == Verdict::Allow)
            .count();
        assert_eq!(before + more, 50);
        ledger.verify(&[]).unwrap();
    }
}

#[test]
fn other_files_are_no_ledgers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.db");
    std::fs::write(&file, "this is not a database, however long it may be, and however often it is read").unwrap();
    assert_eq!(Ledger::sqlite(&file).unwrap_err().code.name(), "ledger-version");
    assert_eq!(Ledger::sqlite(&folder.path().join("none/x.db")).unwrap_err().code.name(), "ledger-unavailable");
    let other = folder.path().join("y.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    assert_eq!(Ledger::sqlite(&other).unwrap_err().code.name(), "ledger-version");
    let newer = folder.path().join("z.db");
    drop(Ledger::sqlite(&newer).unwrap());
    rusqlite::Connection::open(&newer).unwrap().execute_batch("PRAGMA user_version = 2").unwrap();
    assert_eq!(Ledger::sqlite(&newer).unwrap_err().code.name(), "ledger-version");
}

#[test]
fn a_locked_or_damaged_ledger_denies() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let ledger = Ledger::sqlite(&file).unwrap();
    rusqlite::Connection::open(&file).unwrap().execute_batch("DROP TABLE entries").unwrap();
    let decision = ledger.decide(&gate(), pay("a", "1").as_bytes());
    assert_eq!((decision.verdict, codes(&decision)), (Verdict::Deny, vec!["ledger-unavailable"]));
    assert_eq!(decision.permit, None);
}

#[test]
fn edited_tables_are_found() {
    let edits = [
        "UPDATE records SET decision = replace(decision, '\"deny\"', '\"allow\"')",
        "UPDATE records SET canonical = replace(canonical, 'acme', 'evil')",
        "DELETE FROM records WHERE id = 'b'",
        "UPDATE reservations SET state = 3",
        "DELETE FROM log WHERE sequence = 1",
        "DELETE FROM log WHERE sequence = 2",
        "UPDATE log SET leaf = replace(leaf, 'commit', 'redeem')",
        "UPDATE log SET sequence = 3 - sequence + 10",
    ];
    for edit in edits {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ledger.db");
        let ledger = Ledger::sqlite(&file).unwrap();
        let permit = ledger.decide(&gate(), pay("a", "1").as_bytes()).permit.unwrap();
        ledger.decide(&gate(), pay("b", "501").as_bytes());
        ledger.commit(&permit, None).unwrap();
        let checkpoint = ledger.checkpoint().unwrap();
        assert_eq!(ledger.verify(&[&checkpoint]), Ok(3));
        rusqlite::Connection::open(&file).unwrap().execute_batch(edit).unwrap();
        assert_eq!(ledger.verify(&[&checkpoint]).unwrap_err().code.name(), "ledger-broken", "{edit}");
    }
}
