//! Decisions a second of a durable ledger, beside what its store commits durably by itself.
//!
//! `ledger_speed [folder] [postgresql://…]`: the folder lies on the disk to be measured. The store's own commits are of a row of
//! 2 kB, and, for SQLite, of the very rows that a decision writes. All take turns, so that a machine which others use, and a
//! disk that is now slow and now fast, is fair to all; medians are shown.
//!
//! `ledger_speed folder row|rows|decisions count`: so many of one kind alone, for tools that count instructions and calls.
//!
//! `ledger_speed folder json [count]`: SQLite only, as one JSON object: of each kind what it does a second, for every round of
//! so many commits of one thread (a multiple of 16).
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use guard_gate::{Gate, Ledger, Verdict};
use rusqlite::{Connection, Row, ToSql};
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
/// Commits of one kind before it is the other's turn.
const TURN: usize = 16;

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

/// What a store commits by itself: a row of as many bytes as a decision has, and, where it is known, a decision's rows.
struct Bare<'a> {
    row: Box<dyn FnMut() + 'a>,
    rows: Option<Box<dyn FnMut() + 'a>>,
}

/// Commits a second of a row, of a decision's rows, and of decisions, in turns of a few.
fn turns(bare: &mut Bare<'_>, ledger: &Ledger, gate: &Gate, few: usize) -> [f64; 3] {
    let mut spent = [0.0; 3];
    let turns = few / TURN;
    for _ in 0..turns {
        let times = [
            per_second(TURN, || (0..TURN).for_each(|_| (bare.row)())),
            bare.rows.as_mut().map_or(f64::INFINITY, |rows| per_second(TURN, || (0..TURN).for_each(|_| rows()))),
            per_second(TURN, || (0..TURN).for_each(|_| decide(ledger, gate, PAYEES))),
        ];
        spent.iter_mut().zip(times).for_each(|(spent, each)| *spent += TURN as f64 / each);
    }
    spent.map(|spent| (turns * TURN) as f64 / spent)
}

/// What is done a second, by round. Rows are infinite where they are not known.
#[derive(Default)]
struct Speeds {
    row: Vec<f64>,
    rows: Vec<f64>,
    single: Vec<f64>,
    group: Vec<f64>,
    crowd: Vec<f64>,
    pot: Vec<f64>,
}

fn measured(ledger: &Ledger, mut bare: Bare<'_>, [few, many]: [usize; 2]) -> Speeds {
    let gate = Gate::load(GATE, &|_| None).unwrap();
    let mut speeds = Speeds::default();
    for _ in 0..ROUNDS {
        let [one, all, decisions] = turns(&mut bare, ledger, &gate, few);
        speeds.row.push(one);
        speeds.rows.push(all);
        speeds.single.push(decisions);
        speeds.group.push(per_second(many, || threads(ledger, &gate, 16, many, PAYEES)));
        speeds.crowd.push(per_second(many, || threads(ledger, &gate, 64, many, PAYEES)));
        speeds.pot.push(per_second(few, || threads(ledger, &gate, 16, few, 1)));
    }
    speeds
}

fn measure(name: &str, ledger: &Ledger, bare: Bare<'_>, [few, many]: [usize; 2]) {
    let speeds = measured(ledger, bare, [few, many]);
    let share = |of: &[f64]| median(speeds.single.iter().zip(of).map(|(decisions, each)| decisions / each).collect());
    let (to_row, to_rows) = (share(&speeds.row), share(&speeds.rows));
    let Speeds { row, rows, single, group, crowd, pot } = speeds;
    let [row, rows, single, group, crowd, pot] = [row, rows, single, group, crowd, pot].map(median);
    println!("{name}: its own durable commits of a row of 2 kB {row:>9.0}/s");
    if rows.is_finite() {
        println!("  its own, a decision's rows {rows:>7.0}/s ({:.2} of that)", rows / row);
        println!("  decisions, one thread    {single:>9.0}/s ({to_row:.2}; {to_rows:.2} of the same rows)");
    } else {
        println!("  decisions, one thread    {single:>9.0}/s ({to_row:.2})");
    }
    println!("  decisions, 16 threads    {group:>9.0}/s ({:.2})", group / row);
    println!("  decisions, 64 threads    {crowd:>9.0}/s ({:.2})", crowd / row);
    println!("  16 threads, one pot      {pot:>9.0}/s (it holds {} at last)", few * ROUNDS);
}

/// SQLite's ledger in a folder, beside SQLite by itself there.
fn sqlite(folder: &Path) -> (Ledger, Bare<'static>) {
    let bare = Bare { row: Box::new(row(folder)), rows: Some(Box::new(rows(folder))) };
    (Ledger::sqlite(&folder.join("ledger.db")).unwrap(), bare)
}

fn json(folder: &Path, few: usize) {
    let (ledger, bare) = sqlite(folder);
    let Speeds { row, rows, single, group, crowd, pot } = measured(&ledger, bare, [few, few * 10]);
    let told = serde_json::json!({
        "commits": few, "row": row, "rows": rows, "decisions": single, "threads_16": group, "threads_64": crowd, "one_pot": pot,
    });
    println!("{told}");
}

fn opened(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL").unwrap();
    connection
}

/// Commits a row of 2 kB.
fn row(folder: &Path) -> impl FnMut() + use<> {
    let own = opened(&folder.join("row.db"));
    own.execute_batch("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)").unwrap();
    let row = "x".repeat(2_000);
    move || {
        own.prepare_cached("INSERT INTO t (b) VALUES (?1)").unwrap().execute([&row]).unwrap();
    }
}

/// What the ledger writes for one decision.
struct Rows {
    /// Canonical proposal, decision, permit, currency, pot, part, leaf.
    texts: [String; 7],
    expires: i64,
    amount: i64,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Rows> {
    let texts = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?];
    Ok(Rows { texts, expires: row.get(7)?, amount: row.get(8)? })
}

/// Commits the rows of a decision to the tables of a ledger, by its statements and under its settings.
fn rows(folder: &Path) -> impl FnMut() + use<> {
    let (ledger, gate) = (Ledger::sqlite(&folder.join("rows.db")).unwrap(), Gate::load(GATE, &|_| None).unwrap());
    threads(&ledger, &gate, 20, PAYEES, PAYEES);
    drop(ledger);
    let own = opened(&folder.join("rows.db"));
    own.execute_batch("PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000").unwrap();
    own.set_prepared_statement_cache_capacity(32);
    let sql = "SELECT c.canonical, c.decision, c.permit, r.currency, e.pot, e.part, l.leaf, r.expires, r.amount FROM records c
        JOIN reservations r ON r.id = c.id JOIN entries e ON e.reservation = r.number JOIN log l ON l.sequence = r.number";
    let known: Vec<Rows> = own.prepare(sql).unwrap().query_map([], read).unwrap().collect::<Result<_, _>>().unwrap();
    let mut number = known.len() as i64;
    move || {
        let Rows { texts: [canonical, decision, permit, currency, pot, part, leaf], expires, amount } =
            known.get(number as usize % known.len()).unwrap();
        let at = expires + number;
        let run = |sql: &str, values: &[&dyn ToSql]| own.prepare_cached(sql).unwrap().execute(values).unwrap();
        let id = format!("n{number}");
        run("BEGIN IMMEDIATE", &[]);
        run("INSERT INTO records VALUES (?1, ?2, ?3, ?4)", &[&id, canonical, decision, permit]);
        let sql = "INSERT INTO reservations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        run(sql, &[&number, &id, &0, &at, amount, currency, &at]);
        run("INSERT INTO entries VALUES (?1, ?2, ?3, ?4, ?5, ?6)", &[pot, part, &at, &number, amount, &true]);
        run("INSERT INTO log VALUES (?1, ?2)", &[&number, leaf]);
        number += 1;
        run("UPDATE meta SET time = ?1, length = ?2", &[&at, &number]);
        run("COMMIT", &[]);
    }
}

/// So many of one kind.
fn alone(folder: &Path, kind: &str, count: usize) {
    let run = |mut once: Box<dyn FnMut()>| (0..count).for_each(|_| once());
    match kind {
        "row" => run(Box::new(row(folder))),
        "rows" => run(Box::new(rows(folder))),
        _ => {
            let gate = Gate::load(GATE, &|_| None).unwrap();
            let ledger = Ledger::sqlite(&folder.join("ledger.db")).unwrap();
            threads(&ledger, &gate, 20, PAYEES, PAYEES);
            run(Box::new(move || decide(&ledger, &gate, PAYEES)));
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = arguments.first().map_or_else(std::env::temp_dir, |given| Path::new(given).to_path_buf());
    let folder = tempfile::tempdir_in(folder).unwrap();
    if let [_, kind, count @ ..] = arguments.as_slice()
        && kind == "json"
    {
        return json(folder.path(), count.first().map_or(640, |count| count.parse().unwrap()));
    }
    if let [_, kind, count] = arguments.as_slice() {
        return alone(folder.path(), kind, count.parse().unwrap());
    }

    let memory = Ledger::memory(guard_gate::permit::Key::new([1; 32]));
    let text = "x".repeat(2_000);
    let copy = || drop(std::hint::black_box(text.clone()));
    measure("memory", &memory, Bare { row: Box::new(copy), rows: None }, [320, 1_600]);

    let (ledger, bare) = sqlite(folder.path());
    measure("SQLite", &ledger, bare, [640, 6_400]);

    let Some(url) = arguments.get(1) else { return };
    let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
    client.batch_execute("CREATE TABLE t (a serial PRIMARY KEY, b text)").unwrap();
    let statement = client.prepare("INSERT INTO t (b) VALUES ($1)").unwrap();
    let insert = || {
        client.execute(&statement, &[&text]).unwrap();
    };
    let bare = Bare { row: Box::new(insert), rows: None };
    measure("PostgreSQL", &Ledger::postgres(url).unwrap(), bare, [320, 3_200]);
}
