//! Memory does not grow with the source, whatever is in it.
//!
//! `GUARD_NB_STREAM_BYTES` makes the stream longer.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic, missing_docs)]

use guard_engine::contract::Contract;
use guard_engine::run::Uncontrolled;
use guard_ingest::{Format, Ingest, Input, Request};
use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, which is counted.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn add(bytes: usize) {
    let now = NOW.fetch_add(bytes, Ordering::Relaxed) + bytes;
    PEAK.fetch_max(now, Ordering::Relaxed);
}

// SAFETY: every call is handed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    // SAFETY: asks of its callers what the trait asks.
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: the caller's promise is handed on.
        unsafe { System.alloc(layout) }
    }

    // SAFETY: asks of its callers what the trait asks.
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is handed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    // SAFETY: asks of its callers what the trait asks.
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        add(size);
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is handed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const MOST: usize = 256 << 20;

fn contract(properties: &str) -> Arc<Contract> {
    let head = r#""apiVersion":"v3.1.0","kind":"DataContract","id":"shop","version":"1.0.0","status":"active""#;
    let text = format!(r#"{{{head},"schema":[{{"name":"o","properties":[{properties}]}}]}}"#);
    Arc::new(Contract::load(&text).unwrap())
}

/// A run over a pipe that `write` fills; records and those not accepted, and the greatest heap of it.
fn run(contract: Arc<Contract>, write: impl FnOnce(&Path) + Send + 'static) -> (u64, u64, usize) {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("in.ndjson");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || write(&pipe)
    });
    let mut request = Request::new(contract, vec![Input::File(pipe)]);
    request.format = Some(Format::Ndjson);
    request.quarantine = Some(folder.path().join("quarantine.ndjson"));
    let before = NOW.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let mut ingest = Ingest::open(request).unwrap();
    while ingest.next_batch(&Uncontrolled).unwrap().is_some() {}
    let outcome = ingest.finish(&Uncontrolled).unwrap();
    writer.join().unwrap();
    (outcome.verdict.records.total, outcome.quarantined, PEAK.load(Ordering::Relaxed) - before)
}

/// A MiB of records, one in ten of them damaged or of wrong values.
fn lines(seed: usize) -> (String, u64) {
    let (mut text, mut records) = (String::new(), 0);
    while text.len() < 1 << 20 {
        let id = seed + records;
        let amount = match id % 20 {
            3 => "\"no number\"".to_owned(),
            13 => "1.5,".to_owned(),
            _ => format!("{}.{:02}", id % 10_000, id % 100),
        };
        let note = "n".repeat(id % 80);
        writeln!(text, r#"{{"id":{id},"amount":{amount},"at":"2026-01-01T00:00:00Z","note":"{note}"}}"#).unwrap();
        records += 1;
    }
    (text, records as u64)
}

fn long_stream() {
    let bytes = std::env::var("GUARD_NB_STREAM_BYTES").ok().map_or(256 << 20, |text| text.parse::<usize>().unwrap());
    let properties = r#"{"name":"id","logicalType":"integer","required":true,"logicalTypeOptions":{"minimum":0}},
        {"name":"amount","logicalType":"number"},{"name":"at","logicalType":"timestamp"},
        {"name":"note","logicalType":"string","logicalTypeOptions":{"maxLength":70}}"#;
    let (text, records) = lines(0);
    let times = bytes / text.len();
    let (total, quarantined, peak) = run(contract(properties), move |pipe| {
        let mut pipe = std::fs::File::create(pipe).unwrap();
        (0..times).for_each(|_| pipe.write_all(text.as_bytes()).unwrap());
    });
    assert_eq!(total, records * times as u64);
    assert!(quarantined > total / 10, "{quarantined} of {total}");
    println!("{bytes} bytes streamed: a heap of {:.1} MB at most", peak as f64 / 1e6);
    assert!(peak < MOST, "{peak}");
}

/// One line of 400 MB, of which a record's limit is kept.
fn long_line() {
    let (total, quarantined, peak) = run(contract(r#"{"name":"id","logicalType":"integer"}"#), |pipe| {
        let mut pipe = std::fs::File::create(pipe).unwrap();
        pipe.write_all(b"{\"id\":1}\n{\"id\":\"").unwrap();
        let part = vec![b'x'; 1 << 20];
        (0..400).for_each(|_| pipe.write_all(&part).unwrap());
        pipe.write_all(b"\"}\n{\"id\":3}\n").unwrap();
    });
    assert_eq!((total, quarantined), (3, 1));
    println!("a line of 400 MiB: a heap of {:.1} MB at most", peak as f64 / 1e6);
    assert!(peak < MOST, "{peak}");
}

/// 100,000 rows of 4,000 columns would be 3 GB at 8 bytes a value.
fn wide_and_empty() {
    let property = |column| format!(r#"{{"name":"c{column}","logicalType":"integer"}}"#);
    let properties: Vec<String> = (0..4000).map(property).collect();
    let (total, quarantined, peak) = run(contract(&properties.join(",")), |pipe| {
        std::fs::File::create(pipe).unwrap().write_all("{}\n".repeat(100_000).as_bytes()).unwrap();
    });
    assert_eq!((total, quarantined), (100_000, 0));
    println!("100,000 empty records of 4,000 columns: a heap of {:.1} MB at most", peak as f64 / 1e6);
    assert!(peak < MOST, "{peak}");
}

/// The parts follow each other, for there is one heap.
#[test]
fn memory_is_bounded() {
    long_line();
    long_stream();
    wide_and_empty();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("the process's size is not known"));
}
