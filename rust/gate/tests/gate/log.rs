//! The log is read page by page, with one answer however long pages are.

use crate::seam::{Hook, Seam};
use crate::server;
use crate::support::*;
use guard_gate::ledger::{Memory, Postgres, Sqlite, Store};
use guard_gate::permit::Key;
use guard_gate::{Ledger, Verdict, export, merkle};
use std::sync::{Arc, Mutex};

const DAY: i64 = 86_400 * SECOND;

/// Calls that live and end in each way; how many entries the log has then.
fn lived(ledger: &Ledger, time: &Time) -> u64 {
    let gate = rated();
    for call in 0..4 {
        let permit = |name: &str| ledger.decide(&gate, pay(&format!("{name}{call}"), "1").as_bytes()).permit.clone();
        let [held, ran, gone] = ["held", "ran", "gone"].map(permit).map(Option::unwrap);
        ledger.redeem(&ran).unwrap();
        ledger.commit(&ran, Some("0.50")).unwrap();
        ledger.release(&gone).unwrap();
        if call % 2 == 0 {
            ledger.redeem(&held).unwrap();
        }
        let asked = ledger.decide(&gate, pay(&format!("asked{call}"), "201").as_bytes());
        assert_eq!(asked.verdict, Verdict::Escalate);
        // One of them is decided a second time by another page.
        if call == 3 {
            ledger.approve(&gate, "asked0", "a human").unwrap();
        }
        ledger.decide(&gate, pay(&format!("held{call}"), "2").as_bytes());
        ledger.decide(&gate, b"{");
        time.set(NOON + i64::from(call + 1) * 60 * SECOND);
    }
    time.set(NOON + 2 * DAY);
    assert!(ledger.forget(&gate, NOON + DAY).unwrap() > 0);
    ledger.decide(&gate, pay("last", "1").as_bytes());
    ledger.leaves(0).unwrap().len() as u64
}

fn on<S: Store + 'static>(store: S, key: Key) {
    let (inner, hook) = (Arc::new(Mutex::new(store)), Arc::new(|_: &'static str, _| Ok(())) as Hook);
    let time = time();
    let paged = |page: usize| {
        let (seam, clock) = (Seam { inner: Arc::clone(&inner), hook: Arc::clone(&hook), page }, time.clone());
        Ledger::new(Box::new(seam), key.clone()).with_clock(move || clock.now())
    };
    let whole = paged(usize::MAX);
    let early = whole.checkpoint().unwrap();
    let length = lived(&whole, &time);
    assert!(length > 30);
    let (checkpoint, leaves) = (whole.checkpoint().unwrap(), whole.leaves(0).unwrap());
    let hashes: Vec<merkle::Hash> = leaves.iter().map(|leaf| merkle::leaf(leaf.as_bytes())).collect();
    let root: String = merkle::root(&hashes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(checkpoint.contains(&format!("\n{length}\n{root}\n")));
    for page in [1, 2, 3, 7, 16, leaves.len() - 1, leaves.len(), leaves.len() + 1] {
        let ledger = paged(page);
        assert_eq!(ledger.verify(&[&early, &checkpoint]), Ok(length), "{page}");
        assert_eq!(ledger.checkpoint().unwrap(), checkpoint);
        assert_eq!(ledger.leaves(0).unwrap(), leaves);
        assert_eq!(ledger.leaves(length - 2).unwrap(), leaves[leaves.len() - 2..]);
        assert_eq!(ledger.leaves(length).unwrap(), Vec::<String>::new());
        assert_eq!(ledger.inclusion(9).unwrap(), merkle::inclusion(&hashes, 9));
        assert_eq!(ledger.consistency(9).unwrap(), merkle::consistency(&hashes, 9));
        for prov in [false, true] {
            let told = |ledger: &Ledger| export::told(ledger, prov, true).unwrap();
            assert_eq!(told(&ledger), told(&whole));
        }
        // Another ledger's checkpoint, and one that saw more.
        let other = crate::support::time();
        let clock = other.clone();
        let more = Ledger::memory(key.clone()).with_clock(move || clock.now());
        lived(&more, &other);
        more.decide(&gate(), b"{");
        assert_eq!(ledger.verify(&[&more.checkpoint().unwrap()]).unwrap_err().code.name(), "ledger-broken");
    }
}

#[test]
fn every_length_of_pages_gives_one_answer() {
    on(Memory::new(), Key::new([1; 32]));
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = Sqlite::open(&folder.path().join("ledger.db")).unwrap();
    on(store, key);
    if let Some(url) = server::database() {
        let (store, key) = Postgres::open(&url).unwrap();
        on(store, key);
    }
}
