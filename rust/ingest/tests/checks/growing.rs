//! Files that somebody still writes to.

use crate::{check, contract, file};
use guard_engine::run::Control;
use guard_ingest::{Ingest, Outcome, Request};
use std::cell::Cell;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

/// Appends once, after the source was opened and before its end was read.
struct Append<'p>(&'p Path, &'static str, Cell<bool>);

impl Control for Append<'_> {
    fn keep_going(&self, _: u64) -> bool {
        if !self.2.replace(true) {
            OpenOptions::new().append(true).open(self.0).unwrap().write_all(self.1.as_bytes()).unwrap();
        }
        true
    }
}

fn faults(outcome: &Outcome) -> Vec<(String, u64)> {
    let clauses = outcome.verdict.clauses.iter().flat_map(|clause| &clause.faults);
    clauses.map(|fault| (fault.code.clone(), fault.count)).collect()
}

fn judged(name: &str, before: &str, added: &'static str) -> (Outcome, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, before).unwrap();
    let request = Request::new(contract("- {name: a, logicalType: integer}"), vec![file(&path)]);
    let outcome = match added {
        "" => check(request),
        _ => Ingest::open(request).unwrap().finish(&Append(&path, added, Cell::new(false))),
    };
    (outcome.unwrap(), path.display().to_string())
}

#[test]
fn a_file_that_grows_is_read_to_its_first_length_and_said() {
    for (name, before, added) in
        [("x.ndjson", "{\"a\": 1}\n{\"a\": 2}\n", "{\"a\": 3}\n"), ("x.csv", "a\n1\n2\n", "3\n")]
    {
        let (outcome, path) = judged(name, before, added);
        assert_eq!(outcome.verdict.records.accepted, 2, "{name}");
        let (length, now) = (before.len(), before.len() + added.len());
        let notice =
            format!("`{path}` grew from {length} to {now} bytes while it was read: what was added was not read");
        assert_eq!(outcome.notices, [notice]);
        let (outcome, _) = judged(name, before, "");
        assert!(outcome.notices.is_empty());
    }
}

#[test]
fn a_record_cut_off_is_told_apart_from_a_file_that_grows() {
    let half = "{\"a\": 1}\n{\"a\": ";
    let (cut, _) = judged("x.ndjson", half, "");
    assert_eq!((faults(&cut), cut.notices.len()), (vec![("record-cut-off".to_owned(), 1)], 0));
    let (grown, _) = judged("x.ndjson", half, "2}\n");
    assert_eq!((faults(&grown), grown.notices.len()), (vec![("record-cut-off".to_owned(), 1)], 1));
}
