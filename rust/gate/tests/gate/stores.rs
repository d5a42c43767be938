//! What stores do when they fail: nothing of a step stays, and nothing is allowed.

use crate::seam::{Hook, Seam, broken};
use crate::server;
use crate::support::*;
use guard_gate::json::Json;
use guard_gate::ledger::{Memory, Postgres, Sqlite, Store};
use guard_gate::permit::Key;
use guard_gate::{Ledger, LedgerError, Verdict};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

fn unavailable<T: std::fmt::Debug>(found: Result<T, LedgerError>) -> String {
    let error = found.unwrap_err();
    assert_eq!(error.code.name(), "ledger-unavailable");
    error.message
}

/// A hook that fails the call with a number, counted from 0; and the number of calls so far.
fn failing() -> (Hook, Arc<AtomicI64>, Arc<AtomicI64>) {
    let (at, seen) = (Arc::new(AtomicI64::new(-1)), Arc::new(AtomicI64::new(0)));
    let (fails, counts) = (Arc::clone(&at), Arc::clone(&seen));
    let hook: Hook = Arc::new(move |_, _| match counts.fetch_add(1, Ordering::SeqCst) {
        call if call == fails.load(Ordering::SeqCst) => Err(broken()),
        _ => Ok(()),
    });
    (hook, at, seen)
}

fn spent(ledger: &Ledger) -> i128 {
    ledger.counted(&gate(), "day", &Json::List(vec![Json::Text("acme".into())])).unwrap().sum
}

/// Breaks each call of a decision in turn, before and after it is done.
fn break_each(store: impl Store + 'static, key: Key, atomic: bool) {
    let (hook, at, seen) = failing();
    let ledger = Ledger::new(Box::new(Seam::new(store, hook)), key).with_clock(|| NOON);
    let mut allowed = 0;
    for call in 0.. {
        let before = ledger.leaves(0).unwrap().len();
        let id = format!("id-{call}");
        seen.store(0, Ordering::SeqCst);
        at.store(call, Ordering::SeqCst);
        let decision = ledger.decide(&gate(), pay(&id, "1.00").as_bytes());
        at.store(-1, Ordering::SeqCst);
        if decision.verdict == Verdict::Allow {
            allowed += 1;
            break;
        }
        assert_eq!((codes(&decision), &decision.permit.clone()), (vec!["ledger-unavailable"], &None), "call {call}");
        // A batch that was not ended is taken up again by no one: the seam's last call is `commit`.
        let after = ledger.leaves(0).unwrap().len();
        let kept = after - before;
        assert!(kept <= 1 && (kept == 0 || atomic), "call {call}");
        // The same id asks what became of it, and is decided once.
        let again = ledger.decide(&gate(), pay(&id, "1.00").as_bytes());
        assert_eq!((again.verdict, again.replayed), (Verdict::Allow, kept == 1), "call {call}");
        allowed += 1;
    }
    assert!(allowed > 8);
    assert_eq!(spent(&ledger), allowed * 100);
    ledger.verify(&[]).unwrap();
}

#[test]
fn a_call_that_fails_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = Sqlite::open(&folder.path().join("ledger.db")).unwrap();
    break_each(store, key, true);
    if let Some(url) = server::database() {
        let (store, key) = Postgres::open(&url).unwrap();
        break_each(store, key, true);
    }
}

/// A step that panics denies its own proposal and no other.
#[test]
fn a_step_that_panics_denies() {
    let calls = Arc::new(AtomicUsize::new(0));
    let hook: Hook = Arc::new(move |name, done| {
        assert!(name != "counted" || done || calls.fetch_add(1, Ordering::SeqCst) != 0, "the test's own panic");
        Ok(())
    });
    let ledger = Ledger::new(Box::new(Seam::new(Memory::new(), hook)), Key::new([1; 32])).with_clock(|| NOON);
    assert_eq!(codes(&ledger.decide(&gate(), pay("a", "1").as_bytes())), ["ledger-unavailable"]);
    assert_eq!(ledger.decide(&gate(), pay("b", "1").as_bytes()).verdict, Verdict::Allow);
    assert_eq!(ledger.verify(&[]), Ok(1));
}

/// Where a fault has undone the transaction, what comes next must not stand alone.
#[test]
fn nothing_is_read_or_written_outside_of_a_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, _) = Sqlite::open(&folder.path().join("ledger.db")).unwrap();
    let head = store.begin(Duration::from_secs(1)).unwrap();
    store.commit().unwrap();
    let mut writes = guard_gate::ledger::Writes { time: 1, ..Default::default() };
    writes.leaves.push("{}".to_owned());
    let undone = "a fault has undone";
    assert!(unavailable(store.record("a")).contains(undone));
    assert!(unavailable(store.counted("a", "b", 0, 0)).contains(undone));
    assert!(unavailable(store.apply(writes, head.length)).contains(undone));
    assert!(unavailable(store.commit()).contains(undone));
    assert_eq!(store.begin(Duration::from_secs(1)), Ok(head));
    assert_eq!(store.leaves(0, 10), Ok(Vec::new()));
}

/// Steps that share a commit which fails are all denied, and none stays.
#[test]
fn a_commit_that_fails_denies_its_whole_batch() {
    let fail = Arc::new(AtomicI64::new(0));
    let fails = Arc::clone(&fail);
    let commits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&commits);
    let hook: Hook = Arc::new(move |name, done| match (name, done) {
        ("commit", false) if fails.load(Ordering::SeqCst) == 1 => {
            counted.fetch_add(1, Ordering::SeqCst);
            Err(broken())
        }
        _ => Ok(()),
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let (store, key) = Sqlite::open(&file).unwrap();
    let ledger = Ledger::new(Box::new(Seam::new(store, hook)), key);
    fail.store(1, Ordering::SeqCst);
    let (barrier, gate) = (Barrier::new(8), gate());
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (ledger, gate, barrier) = (&ledger, &gate, &barrier);
            scope.spawn(move || {
                barrier.wait();
                let decision = ledger.decide(gate, pay(&format!("{thread}"), "1").as_bytes());
                assert_eq!((codes(&decision), decision.permit.clone()), (vec!["ledger-unavailable"], None));
            });
        }
    });
    assert!(commits.load(Ordering::SeqCst) >= 1);
    drop(ledger);
    assert_eq!(Ledger::sqlite(&file).unwrap().verify(&[]), Ok(0));
}

#[test]
fn whoever_is_locked_out_is_denied_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let (mut store, _) = Sqlite::open(&file).unwrap();
    let other = rusqlite::Connection::open(&file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(unavailable(store.begin(Duration::from_millis(20))).contains("another process holds it"));
    other.execute_batch("ROLLBACK").unwrap();
    store.begin(Duration::from_millis(20)).unwrap();
    if let Some(url) = server::database() {
        let (mut store, _) = Postgres::open(&url).unwrap();
        let mut other = server::connect(&url);
        other.batch_execute("BEGIN; SELECT * FROM guard_nb.meta FOR UPDATE").unwrap();
        assert!(unavailable(store.begin(Duration::from_millis(20))).contains("another process holds it"));
        other.batch_execute("ROLLBACK").unwrap();
        store.begin(Duration::from_millis(20)).unwrap();
    }
}

/// The server ends the connection at each call of a step; the next step connects again.
#[test]
fn a_lost_connection_denies_and_comes_back() {
    let Some(url) = server::database() else { return };
    let (at, seen) = (Arc::new(AtomicI64::new(-1)), Arc::new(AtomicI64::new(0)));
    let (kills, counts, admin) = (Arc::clone(&at), Arc::clone(&seen), url.clone());
    let hook: Hook = Arc::new(move |_, _| {
        if counts.fetch_add(1, Ordering::SeqCst) == kills.load(Ordering::SeqCst) {
            let sql = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'guard_nb'";
            server::connect(&admin).query(sql, &[]).unwrap();
        }
        Ok(())
    });
    let (store, key) = Postgres::open(&url).unwrap();
    let ledger = Ledger::new(Box::new(Seam::new(store, hook)), key).with_clock(|| NOON);
    let (mut denied, mut ids) = (0, 0);
    for call in 0..10 {
        seen.store(0, Ordering::SeqCst);
        at.store(call, Ordering::SeqCst);
        let text = pay(&format!("id-{call}"), "1.00");
        let decision = ledger.decide(&gate(), text.as_bytes());
        at.store(-1, Ordering::SeqCst);
        if decision.verdict == Verdict::Deny {
            assert_eq!((codes(&decision), decision.permit.clone()), (vec!["ledger-unavailable"], None), "call {call}");
            denied += 1;
            assert_eq!(ledger.decide(&gate(), text.as_bytes()).verdict, Verdict::Allow, "call {call}");
        }
        ids += 1;
    }
    // Lost between two calls of the step; not after its commit, nor before its first call, which connects again.
    assert!(denied >= 6, "{denied}");
    assert_eq!(spent(&ledger), ids * 100);
    ledger.verify(&[]).unwrap();
}

#[test]
fn servers_that_hold_no_ledger_of_ours() {
    let Some(url) = server::database() else { return };
    drop(Ledger::postgres(&url).unwrap());
    let mut other = server::connect(&url);
    let code = |url: &str| Ledger::postgres(url).unwrap_err().code.name();
    other.batch_execute("UPDATE guard_nb.meta SET version = 2").unwrap();
    assert_eq!(code(&url), "ledger-version");
    other.batch_execute("UPDATE guard_nb.meta SET version = 1, key = sha256(key)").unwrap();
    assert_eq!(code(&url), "ledger-version");
    let before = url.rsplit_once('@').unwrap().0;
    let (name, _) = before.rsplit_once(':').unwrap();
    assert_eq!(code(&url.replace(before, &format!("{name}:wrong"))), "ledger-unavailable");
    assert_eq!(code(&format!("{url}_not_there")), "ledger-unavailable");
    assert_eq!(code(&format!("{url}?sslmode=require")), "ledger-unavailable");
    assert_eq!(code("postgresql://guard@127.0.0.1:1/postgres?connect_timeout=2"), "ledger-unavailable");
}

/// Another ledger in the place of the first is not taken for it.
#[test]
fn a_server_that_was_exchanged_is_found() {
    let Some(url) = server::database() else { return };
    let ledger = Ledger::postgres(&url).unwrap();
    assert_eq!(ledger.decide(&gate(), pay("a", "1").as_bytes()).verdict, Verdict::Allow);
    let mut other = server::connect(&url);
    other.batch_execute("DROP SCHEMA guard_nb CASCADE").unwrap();
    assert_eq!(codes(&ledger.decide(&gate(), pay("b", "1").as_bytes())), ["ledger-unavailable"]);
    drop(Ledger::postgres(&url).unwrap());
    let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'guard_nb'";
    other.query(end, &[]).unwrap();
    // The first call after it notices the loss; what connects again sees another key.
    let last = (0..3).map(|call| codes(&ledger.decide(&gate(), pay(&format!("c{call}"), "1").as_bytes()))).last();
    assert_eq!(last.unwrap(), ["ledger-version"]);
}

#[test]
fn edited_tables_of_a_server_are_found() {
    let edits = [
        "UPDATE guard_nb.records SET permit = reverse(permit) WHERE permit IS NOT NULL",
        "UPDATE guard_nb.reservations SET expires = expires - 1",
        "UPDATE guard_nb.entries SET amount = 1",
        "UPDATE guard_nb.entries SET part = '[\"globex\"]'",
        "UPDATE guard_nb.entries SET key = reverse(key)",
        "DELETE FROM guard_nb.entries",
        "UPDATE guard_nb.arrivals SET arrival = arrival - 1",
        "DELETE FROM guard_nb.arrivals",
        "UPDATE guard_nb.meta SET time = time + 1",
        "UPDATE guard_nb.meta SET length = length - 1",
        "DELETE FROM guard_nb.log WHERE sequence = 1",
        "INSERT INTO guard_nb.log SELECT -1, leaf FROM guard_nb.log WHERE sequence = 0",
        "INSERT INTO guard_nb.reservations SELECT -1, id, state, expires, amount, currency, settled FROM guard_nb.reservations",
        "INSERT INTO guard_nb.entries SELECT key, pot, part, at, -1, amount, money FROM guard_nb.entries",
        "INSERT INTO guard_nb.records SELECT '\"z\"', canonical, decision, permit FROM guard_nb.records WHERE id = '\"b\"'",
        "UPDATE guard_nb.reservations SET id = '\"\\u0061\"'",
        "UPDATE guard_nb.reservations SET currency = NULL",
    ];
    let Some(url) = server::database() else { return };
    let ledger = Ledger::postgres(&url).unwrap().with_clock(|| NOON);
    let gate = rated();
    assert_eq!(ledger.decide(&gate, pay("a", "2").as_bytes()).verdict, Verdict::Allow);
    ledger.decide(&gate, pay("b", "501").as_bytes());
    ledger.verify(&[]).unwrap();
    let mut other = server::connect(&url);
    let tables = ["meta", "records", "reservations", "entries", "arrivals", "log"];
    for table in tables {
        other.batch_execute(&format!("CREATE TABLE kept_{table} AS TABLE guard_nb.{table}")).unwrap();
    }
    for edit in edits {
        // One that has seen a later time denies when an earlier one comes back.
        let ledger = Ledger::postgres(&url).unwrap().with_clock(|| NOON);
        assert!(other.execute(edit, &[]).unwrap() > 0, "{edit}");
        assert!(ledger.verify(&[]).is_err(), "{edit}");
        for table in tables {
            let sql = format!("DELETE FROM guard_nb.{table}; INSERT INTO guard_nb.{table} TABLE kept_{table}");
            other.batch_execute(&sql).unwrap();
        }
        Ledger::postgres(&url).unwrap().with_clock(|| NOON).verify(&[]).unwrap();
    }
}

/// A text that PostgreSQL cannot hold is denied or kept, and hurts no other step.
#[test]
fn ids_with_any_character_are_kept() {
    on_each(|ledger, _| {
        let gate = load(&GATE.replace("payee IN (:known_payees)", "TRUE"));
        for (at, id) in ["a\\\\b", "\\\"", "ä€𝄞", "x y", "\\ufffd", "'; DROP TABLE log; --"].iter().enumerate() {
            // What parts a limit may be any text.
            let text = pay(id, "1").replace("\"acme\"", &format!("\"{id}\\u0000\\n\\u200b\""));
            let first = ledger.decide(&gate, text.as_bytes());
            assert_eq!(first.verdict, Verdict::Allow, "{at}");
            assert_eq!(ledger.decide(&gate, text.as_bytes()).permit, first.permit);
            ledger.redeem(&first.permit.clone().unwrap()).unwrap();
        }
        ledger.verify(&[]).unwrap();
    });
}
