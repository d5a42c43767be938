//! Decisions a second of a durable ledger, beside what its store commits durably by itself.
//!
//! `ledger_speed [folder] [postgresql://…]`: the folder lies on the disk to be measured. Rounds of both take turns, so that a
//! machine which others use is fair to both; the medians are shown.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use guard_gate::{Gate, Ledger, Verdict};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// As the Python extension has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const GATE: &str = r#"
apiVersion: guard-nb/v1
kind: Gate
id: payments
tools:
  - name: send_money
    inputSchema:
      type: object
      required: [payee, amount]
      properties: {payee: {type: string}, amount: {type: number}}
    money: {amount: /amount, currency: EUR}
    allow: "amount <= 500.00"
limits:
  - {name: day, type: budget, max: "1000000.00", currency: EUR, window: day, zone: Europe/Berlin, by: [/payee]}
"#;
const ROUNDS: usize = 5;
const PAYEES: usize = 500;

static NEXT: AtomicUsize = AtomicUsize::new(0);

fn decide(ledger: &Ledger, gate: &Gate, payees: usize) {
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let text = format!(
        r#"{{"kind":"action","id":"{id}","principal":"bot","tool":"send_money","arguments":{{"payee":"p{}","amount":1.25}}}}"#,
        id % payees
    );
    assert_eq!(ledger.decide(gate, text.as_bytes()).verdict, Verdict::Allow);
}

fn per_second(count: usize, run: impl FnOnce()) -> f64 {
    let since = Instant::now();
    run();
    count as f64 / since.elapsed().as_secs_f64()
}

fn threads(ledger: &Ledger, gate: &Gate, threads: usize, count: usize, payees: usize) {
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| (0..count / threads).for_each(|_| decide(ledger, gate, payees)));
        }
    });
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or_default()
}

/// A store's own commit of as many bytes as a decision has.
type Bare<'a> = Box<dyn FnMut() + 'a>;

fn measure(name: &str, ledger: &Ledger, mut bare: Bare<'_>, rounds: [usize; 2]) {
    let gate = Gate::load(GATE, &|_| None).unwrap();
    let [few, many] = rounds;
    let (mut own, mut single, mut group, mut crowd, mut pot) = (vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        own.push(per_second(few, || (0..few).for_each(|_| bare())));
        single.push(per_second(few, || (0..few).for_each(|_| decide(ledger, &gate, PAYEES))));
        group.push(per_second(many, || threads(ledger, &gate, 16, many, PAYEES)));
        crowd.push(per_second(many, || threads(ledger, &gate, 64, many, PAYEES)));
        pot.push(per_second(few, || threads(ledger, &gate, 16, few, 1)));
    }
    let [own, single, group, crowd, pot] = [own, single, group, crowd, pot].map(median);
    println!("{name}: its own durable commits of a row of 2 kB {own:>9.0}/s");
    println!("  decisions, one thread    {single:>9.0}/s ({:.2} of that)", single / own);
    println!("  decisions, 16 threads    {group:>9.0}/s ({:.2})", group / own);
    println!("  decisions, 64 threads    {crowd:>9.0}/s ({:.2})", crowd / own);
    println!("  16 threads, one pot      {pot:>9.0}/s (it holds {} at last)", few * ROUNDS);
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = arguments.first().map_or_else(std::env::temp_dir, |given| Path::new(given).to_path_buf());
    let folder = tempfile::tempdir_in(folder).unwrap();
    let row = "x".repeat(2_000);

    let memory = Ledger::memory(guard_gate::permit::Key::new([1; 32]));
    measure("memory", &memory, Box::new(|| drop(std::hint::black_box(row.clone()))), [320, 1_600]);

    let own = rusqlite::Connection::open(folder.path().join("own.db")).unwrap();
    own.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)",
    )
    .unwrap();
    let insert = || {
        own.prepare_cached("INSERT INTO t (b) VALUES (?1)").unwrap().execute([&row]).unwrap();
    };
    let ledger = Ledger::sqlite(&folder.path().join("ledger.db")).unwrap();
    measure("SQLite", &ledger, Box::new(insert), [320, 6_400]);

    let Some(url) = arguments.get(1) else { return };
    let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
    client.batch_execute("CREATE TABLE t (a serial PRIMARY KEY, b text)").unwrap();
    let statement = client.prepare("INSERT INTO t (b) VALUES ($1)").unwrap();
    let insert = || {
        client.execute(&statement, &[&row]).unwrap();
    };
    measure("PostgreSQL", &Ledger::postgres(url).unwrap(), Box::new(insert), [320, 3_200]);
}
