//! What looking at a ledger makes and finds: nothing is made, and a key that was exchanged shows.

use crate::seam::Seam;
use crate::server;
use crate::support::*;
use guard_gate::export;
use guard_gate::ledger::{Memory, Postgres, Sqlite, Store};
use guard_gate::permit::Key;
use guard_gate::{Ledger, LedgerError};
use std::sync::Arc;

fn code<T>(found: Result<T, LedgerError>) -> Option<&'static str> {
    found.err().map(|error| error.code.name())
}

/// A ledger with a denial, then with a permit, seen by one who has another key.
fn exchanged(store: impl Store + 'static, key: Key) {
    let seam = Seam::new(store, Arc::new(|_, _| Ok(())));
    let other = Seam { inner: Arc::clone(&seam.inner), hook: Arc::new(|_, _| Ok(())), page: usize::MAX };
    let (ledger, other) = (Ledger::new(Box::new(seam), key), Ledger::new(Box::new(other), Key::new([9; 32])));
    ledger.decide(&gate(), pay("a", "501").as_bytes());
    assert_eq!([ledger.verify(&[]), other.verify(&[])], [Ok(1), Ok(1)]);
    let permit = ledger.decide(&gate(), pay("b", "1").as_bytes()).permit.clone().unwrap();
    assert_eq!((ledger.verify(&[]), code(other.verify(&[]))), (Ok(2), Some("ledger-broken")));
    ledger.commit(&permit, None).unwrap();
    ledger.decide(&gate(), pay("c", "300").as_bytes());
    ledger.approve(&gate(), "c", "ann").unwrap();
    assert_eq!(ledger.verify(&[]), Ok(5));
    assert!(other.verify(&[]).unwrap_err().message.contains("the permit of `b` was not made with the ledger's key"));
}

#[test]
fn an_exchanged_key_is_found_by_any_permit() {
    exchanged(Memory::new(), Key::new([1; 32]));
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = Sqlite::open(&folder.path().join("ledger.db")).unwrap();
    exchanged(store, key);
    if let Some(url) = server::database() {
        let (store, key) = Postgres::open(&url).unwrap();
        exchanged(store, key);
    }
}

#[test]
fn looking_makes_no_tables_on_a_server() {
    let Some(url) = server::database() else { return };
    let mut other = server::connect(&url);
    let tables = "SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'guard_nb'";
    let mut there = || other.query_one(tables, &[]).unwrap().get::<_, i64>(0);
    assert_eq!(code(export::open_to_look(&url)), Some("ledger-unavailable"));
    assert_eq!(code(export::open_known(&url)), Some("ledger-unavailable"));
    assert_eq!(code(Ledger::open_if(&url, false)), Some("ledger-unavailable"));
    assert_eq!(there(), 0);
    drop(Ledger::open_if(&url, true).unwrap());
    assert_eq!(there(), 1);
    assert_eq!(Ledger::open_if(&url, false).unwrap().verify(&[]), Ok(0));
}

#[test]
fn looking_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let place = file.to_str().unwrap();
    for empty in [false, true] {
        if empty {
            std::fs::write(&file, b"").unwrap();
        }
        assert_eq!(code(export::open_to_look(place)), Some("ledger-unavailable"));
        assert_eq!(code(Ledger::open_if(place, false)), Some("ledger-unavailable"));
        assert_eq!(std::fs::metadata(&file).ok().map(|about| about.len()), empty.then_some(0));
    }
    drop(Ledger::open_if(place, true).unwrap());
    assert_eq!(Ledger::open_if(place, false).unwrap().verify(&[]), Ok(0));
}
