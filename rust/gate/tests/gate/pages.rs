//! Any byte of a ledger's file, changed: opening or verifying finds it, or the ledger says the same as before.

use crate::support::*;
use guard_gate::{Ledger, LedgerError};
use std::path::Path;

/// All that a ledger says of itself.
fn told(ledger: &Ledger, permits: &[String]) -> Result<Vec<String>, LedgerError> {
    let mut out = ledger.leaves(0)?;
    for id in ["a", "b", "c", "d"] {
        out.push(ledger.proposal(id)?.unwrap_or_default());
    }
    for permit in permits {
        out.push(ledger.state(permit)?.to_owned());
    }
    Ok(out)
}

/// In memory where the system has that: nothing here asks for durability.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

/// A ledger with something in each table, in pages of 512 bytes and without a journal.
fn made(file: &Path) -> (Vec<String>, String) {
    let ledger = Ledger::sqlite(file).unwrap().with_clock(|| NOON);
    let gate = rated();
    let permits: Vec<String> =
        ["a", "b"].iter().map(|id| ledger.decide(&gate, pay(id, "1").as_bytes()).permit.clone().unwrap()).collect();
    ledger.decide(&gate, pay("c", "501").as_bytes());
    ledger.commit(&permits[0], Some("0.50")).unwrap();
    let checkpoint = ledger.checkpoint().unwrap();
    drop(ledger);
    let own = rusqlite::Connection::open(file).unwrap();
    own.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM").unwrap();
    (permits, checkpoint)
}

fn verified(file: &Path, permits: &[String], checkpoint: &str) -> Result<Vec<String>, LedgerError> {
    let ledger = Ledger::sqlite(file)?.with_clock(|| NOON);
    ledger.verify(&[checkpoint])?;
    told(&ledger, permits)
}

#[test]
fn any_byte_of_any_page() {
    let folder = folder();
    let file = folder.path().join("ledger.db");
    let (permits, checkpoint) = made(&file);
    let whole = std::fs::read(&file).unwrap();
    let (mut found, mut equal) = (0, 0);
    let expected = verified(&file, &permits, &checkpoint).unwrap();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        for rest in ["-wal", "-shm"] {
            drop(std::fs::remove_file(folder.path().join(format!("ledger.db{rest}"))));
        }
        std::fs::write(&file, &changed).unwrap();
        match verified(&file, &permits, &checkpoint) {
            Ok(said) => {
                assert_eq!(said, expected, "byte {at}");
                equal += 1;
            }
            Err(error) => {
                assert!(error.code.name().starts_with("ledger-") || error.code.name() == "permit-invalid", "{error}");
                found += 1;
            }
        }
    }
    println!("{} bytes: {found} found, {equal} say the same", whole.len());
    assert!(found > 4_000, "{found}");
}

/// A damaged journal is an end of the log before the checkpoint, or is not read at all.
#[test]
fn any_byte_of_the_journal() {
    let (folder, other) = (folder(), folder());
    let file = folder.path().join("ledger.db");
    let journal = folder.path().join("ledger.db-wal");
    let ledger = Ledger::sqlite(&file).unwrap().with_clock(|| NOON);
    let permit = ledger.decide(&gate(), pay("a", "1").as_bytes()).permit.clone().unwrap();
    ledger.commit(&permit, None).unwrap();
    let checkpoint = ledger.checkpoint().unwrap();
    let (whole, frames) = (std::fs::read(&file).unwrap(), std::fs::read(&journal).unwrap());
    let expected = told(&ledger, std::slice::from_ref(&permit)).unwrap();
    let copy = other.path().join("ledger.db");
    let mut found = 0;
    for at in (0..frames.len()).step_by(61) {
        let mut changed = frames.clone();
        changed[at] ^= 1 << (at % 8);
        drop(std::fs::remove_file(other.path().join("ledger.db-shm")));
        std::fs::write(&copy, &whole).unwrap();
        std::fs::write(other.path().join("ledger.db-wal"), &changed).unwrap();
        match verified(&copy, std::slice::from_ref(&permit), &checkpoint) {
            Ok(said) => assert_eq!(said, expected, "byte {at}"),
            Err(_) => found += 1,
        }
    }
    println!("{} bytes of a journal, each 61st: {found} found", frames.len());
    assert!(found > 100, "{found}");
}

/// A record that goes on in other pages is read whole for each id that is compared with it.
#[test]
fn a_record_lies_in_one_page_of_a_new_file() {
    let folder = folder();
    let file = folder.path().join("ledger.db");
    let ledger = Ledger::sqlite(&file).unwrap().with_clock(|| NOON);
    for id in 0..8 {
        ledger.decide(&gate(), pay(&id.to_string(), "1").as_bytes()).permit.clone().unwrap();
    }
    drop(ledger);
    let own = rusqlite::Connection::open(&file).unwrap();
    let asked = |sql: &str| own.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let others = "SELECT count(*) FROM dbstat WHERE name = 'records' AND pagetype = 'overflow'";
    assert_eq!(asked(others), 0);
    // A file that was made with other pages goes on with them.
    own.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA page_size = 4096; VACUUM").unwrap();
    assert_eq!(asked(others), 8);
    let ledger = Ledger::sqlite(&file).unwrap().with_clock(|| NOON);
    ledger.decide(&gate(), pay("8", "1").as_bytes()).permit.clone().unwrap();
    assert_eq!(ledger.verify(&[]), Ok(9));
    assert_eq!(asked("PRAGMA page_size"), 4_096);
}
