//! Several processes at one file, and what is left when one is killed.

use crate::seam::{Hook, Seam};
use crate::server;
use crate::support::*;
use guard_gate::json::Json;
use guard_gate::ledger::{Postgres, Sqlite};
use guard_gate::{Ledger, Verdict};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const PLACE: &str = "GUARD_GATE_TEST_LEDGER";
const NAME: &str = "GUARD_GATE_TEST_NAME";
const STOP: &str = "GUARD_GATE_TEST_STOP";

fn small() -> guard_gate::Gate {
    load(&GATE.replace("\"1000.00\"", "\"50.00\""))
}

/// Run by the tests below in processes of their own: 16 threads propose until nothing is left and say each permit.
#[test]
fn spender() {
    let (Ok(place), Ok(name)) = (std::env::var(PLACE), std::env::var(NAME)) else { return };
    if std::env::var_os(STOP).is_some() {
        return;
    }
    let (ledger, gate) = (Ledger::open(&place).unwrap(), small());
    std::thread::scope(|scope| {
        for thread in 0..16 {
            let (ledger, gate, name) = (&ledger, &gate, &name);
            scope.spawn(move || {
                for call in 0..6 {
                    let decision = ledger.decide(gate, pay(&format!("{name}-{thread}-{call}"), "1.00").as_bytes());
                    match &decision.permit {
                        Some(permit) => println!("permit {permit}"),
                        None => assert_eq!(codes(&decision), ["budget-exceeded"]),
                    }
                }
            });
        }
    });
}

fn spawn(place: &str, name: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["processes::spender", "--exact", "--nocapture"]).env(PLACE, place).env(NAME, name);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Permits that a process says, at most so many.
fn permits(child: &mut Child, most: usize) -> BTreeSet<String> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    lines.filter_map(|line| line.split_once("permit ").map(|(_, permit)| permit.to_owned())).take(most).collect()
}

/// A place of each kind that processes share.
fn on_each_place(test: impl Fn(&str)) {
    let folder = tempfile::tempdir().unwrap();
    test(folder.path().join("ledger.db").to_str().unwrap());
    if let Some(url) = server::database() {
        test(&url);
    }
}

#[test]
fn two_processes_of_16_threads_never_overspend() {
    on_each_place(|place| {
        let mut children: Vec<Child> = ["a", "b"].iter().map(|name| spawn(place, name)).collect();
        let mut all = BTreeSet::new();
        for child in &mut children {
            let found = permits(child, usize::MAX);
            assert!(child.wait().unwrap().success());
            all.extend(found);
        }
        assert_eq!(all.len(), 50);
        assert_eq!(Ledger::open(place).unwrap().verify(&[]), Ok(192));
    });
}

#[test]
fn a_killed_process_loses_no_reservation() {
    on_each_place(|place| {
        for (round, stop) in [1, 7, 12].into_iter().enumerate() {
            let gate = load(&GATE.replace("\"1000.00\"", "\"50.00\"").replace("payments", &format!("payments{round}")));
            let before = allowed(place);
            let mut child = spawn(place, &format!("a{round}"));
            let said = permits(&mut child, stop);
            child.kill().unwrap();
            child.wait().unwrap();
            let ledger = Ledger::open(place).unwrap();
            for permit in &said {
                ledger.redeem(permit).unwrap();
            }
            // What it was told is held, what it was not told may be; together never more than the limit.
            let held = allowed(place);
            assert!(held >= before + said.len() && held <= 50, "{before} {held}");
            let more = (0..51)
                .filter(|call| {
                    let text = pay(&format!("z-{round}-{call}"), "1.00");
                    ledger.decide(&gate, text.as_bytes()).verdict == Verdict::Allow
                })
                .count();
            assert_eq!(more, 50);
            ledger.verify(&[]).unwrap();
        }
    });
}

/// How many calls the first gate allowed.
fn allowed(place: &str) -> usize {
    let (ledger, digest) = (Ledger::open(place).unwrap(), small().digest);
    let leaves = ledger.leaves(0).unwrap();
    leaves.iter().filter(|leaf| leaf.contains("\"verdict\":\"allow\"") && leaf.contains(&*digest)).count()
}

/// Run by the test below: takes one call through its life, says each answer, and stops for ever at a call of its store.
#[test]
fn stopper() {
    let (Ok(place), Ok(stop)) = (std::env::var(PLACE), std::env::var(STOP)) else { return };
    let (stop, seen): (usize, _) = (stop.parse().unwrap(), AtomicUsize::new(0));
    let hook: Hook = Arc::new(move |name, done| {
        if seen.fetch_add(1, Ordering::SeqCst) == stop {
            println!("said at {name} {done}");
            loop {
                std::thread::park();
            }
        }
        Ok(())
    });
    let ledger = if place.starts_with("postgresql:") {
        let (store, key) = Postgres::open(&place).unwrap();
        Ledger::new(Box::new(Seam::new(store, hook)), key)
    } else {
        let (store, key) = Sqlite::open(Path::new(&place)).unwrap();
        Ledger::new(Box::new(Seam::new(store, hook)), key)
    };
    let permit = ledger.decide(&small(), pay(&format!("id-{stop}"), "1.00").as_bytes()).permit.clone().unwrap();
    println!("said permit {permit}");
    ledger.redeem(&permit).unwrap();
    println!("said running");
    ledger.commit(&permit, Some("0.50")).unwrap();
    println!("said committed");
    println!("said at end true");
}

/// What a stopped process said before it was killed, and where it stopped.
fn kill_at(place: &str, stop: usize) -> (Vec<String>, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["processes::stopper", "--exact", "--nocapture"]).env(PLACE, place).env(STOP, stop.to_string());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (mut said, mut stopped) = (Vec::new(), None);
    for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
        let Some((_, what)) = line.split_once("said ") else { continue };
        stopped = what.strip_prefix("at ").map(str::to_owned);
        if stopped.is_some() {
            break;
        }
        said.push(what.to_owned());
    }
    // It stands still, or has ended.
    drop(child.kill());
    child.wait().unwrap();
    (said, stopped.expect("it stops somewhere"))
}

/// kill -9 before and after every call of the store in the life of a call: what was answered holds, and the rest is decided
/// when it is asked for again.
#[test]
fn a_process_killed_at_every_step_loses_nothing() {
    on_each_place(|place| {
        for stop in 0.. {
            let (said, at) = kill_at(place, stop);
            let ledger = Ledger::open(place).unwrap();
            ledger.verify(&[]).unwrap();
            let again = ledger.decide(&small(), pay(&format!("id-{stop}"), "1.00").as_bytes());
            let permit = again.permit.clone().unwrap();
            let state = ledger.state(&permit).unwrap();
            match said.as_slice() {
                [] => assert_eq!(state, "held", "{at}"),
                [told] => {
                    assert_eq!(told, &format!("permit {permit}"), "{at}");
                    assert!(again.replayed && ["held", "running"].contains(&state), "{at}");
                }
                [_, _] => assert!(["running", "committed"].contains(&state), "{at}"),
                _ => assert_eq!(state, "committed", "{at}"),
            }
            // Either way it is settled now, once.
            ledger.commit(&permit, Some("0.50")).unwrap();
            assert_eq!(ledger.state(&permit), Ok("committed"));
            let part = Json::List(vec![Json::Text("acme".into())]);
            assert_eq!(ledger.counted(&small(), "day", &part).unwrap().sum, 50 * (stop as i128 + 1), "{at}");
            if at == "end true" {
                println!("killed at {stop} places");
                assert!(stop > 20);
                break;
            }
        }
    });
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
    for change in [
        "PRAGMA user_version = 2",
        "PRAGMA user_version = 1; UPDATE meta SET key = randomblob(32)",
        "UPDATE meta SET key = x'00'",
        "DELETE FROM meta",
        "DROP INDEX entries_of",
    ] {
        rusqlite::Connection::open(&newer).unwrap().execute_batch(change).unwrap();
        assert!(Ledger::sqlite(&newer).is_err_and(|error| error.code.name().starts_with("ledger-")), "{change}");
    }
}

/// Run by the test below, as somebody who may not write.
#[test]
fn reader() {
    let (Ok(place), Ok(_)) = (std::env::var(PLACE), std::env::var("GUARD_GATE_TEST_READER")) else { return };
    match Ledger::open(&place) {
        Ok(ledger) => {
            let decision = ledger.decide(&gate(), pay("b", "1").as_bytes());
            println!("said {} {}", decision.verdict.name(), codes(&decision).join(" "));
        }
        Err(error) => println!("said deny {} {}", error.code.name(), error.message),
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_denies() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let ledger = Ledger::sqlite(&file).unwrap();
    assert_eq!(ledger.decide(&gate(), pay("a", "1").as_bytes()).verdict, Verdict::Allow);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    drop(ledger);
    for (path, mode) in [(file.as_path(), 0o444), (folder.path(), 0o555)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let program = std::env::current_exe().unwrap();
    // Root may write everything, so that it asks as somebody else.
    let mut command = if std::fs::OpenOptions::new().append(true).open(&file).is_ok() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
        command
    } else {
        Command::new(&program)
    };
    command.args(["processes::reader", "--exact", "--nocapture"]).env(PLACE, &file).env("GUARD_GATE_TEST_READER", "1");
    let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(said.contains("said deny ledger-unavailable"), "{said}");
}

/// A disk without space, as SQLite sees it: the file may have no more pages.
#[test]
fn a_full_disk_denies_and_keeps_what_was() {
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = Sqlite::open(&folder.path().join("ledger.db")).unwrap();
    let ledger = Ledger::new(Box::new(store.with_most_pages(24).unwrap()), key).with_clock(|| NOON);
    let mut allowed = 0;
    let denied = loop {
        let decision = ledger.decide(&gate(), pay(&format!("{allowed}"), "0.01").as_bytes());
        if decision.verdict != Verdict::Allow {
            break decision;
        }
        allowed += 1;
    };
    assert_eq!((codes(&denied), denied.permit.clone()), (vec!["ledger-unavailable"], None));
    assert!(denied.reasons[0].message.contains("disk is full") && allowed > 3, "{allowed}");
    assert_eq!(ledger.verify(&[]), Ok(allowed));
    drop(ledger);
    // With space again, the one that was denied is decided.
    let ledger = Ledger::sqlite(&folder.path().join("ledger.db")).unwrap();
    assert_eq!(ledger.decide(&gate(), pay(&format!("{allowed}"), "0.01").as_bytes()).verdict, Verdict::Allow);
    assert_eq!(ledger.verify(&[]), Ok(allowed + 1));
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
        "UPDATE records SET permit = 'gnbp1.x.y' WHERE permit IS NOT NULL",
        "UPDATE records SET canonical = canonical || ' ' WHERE id = 'c'",
        "INSERT INTO records SELECT 'z', canonical, decision, permit FROM records LIMIT 1",
        "UPDATE reservations SET expires = expires + 1",
        "UPDATE reservations SET amount = amount - 1",
        "UPDATE reservations SET currency = 'USD'",
        "UPDATE reservations SET settled = settled + 1",
        "UPDATE reservations SET number = 7",
        "DELETE FROM reservations",
        "UPDATE entries SET amount = amount - 1",
        "UPDATE entries SET at = at - 86400000000",
        "UPDATE entries SET money = 0",
        "UPDATE entries SET part = '[\"globex\"]'",
        "UPDATE entries SET reservation = 1",
        "DELETE FROM entries",
        "INSERT INTO entries SELECT pot, part, at, 9, amount, money FROM entries",
        "UPDATE arrivals SET arrival = arrival - 1",
        "DELETE FROM arrivals",
        "UPDATE meta SET time = time + 1",
        "UPDATE meta SET length = length + 1",
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
        let permit = ledger.decide(&rated(), pay("a", "1").as_bytes()).permit.clone().unwrap();
        ledger.decide(&gate(), pay("b", "501").as_bytes());
        ledger.commit(&permit, None).unwrap();
        ledger.decide(&gate(), pay("c", "1").replace("\"bot-7\"", "7").as_bytes());
        let checkpoint = ledger.checkpoint().unwrap();
        let (store, key) = Sqlite::open(&file).unwrap();
        let small = Ledger::new(Box::new(Seam { page: 1, ..Seam::new(store, Arc::new(|_, _| Ok(()))) }), key);
        assert_eq!([&ledger, &small].map(|ledger| ledger.verify(&[&checkpoint])), [Ok(4), Ok(4)]);
        rusqlite::Connection::open(&file).unwrap().execute_batch(edit).unwrap();
        for ledger in [&ledger, &small] {
            assert!(ledger.verify(&[&checkpoint]).is_err_and(|error| error.code.name() == "ledger-broken"), "{edit}");
        }
    }
}
