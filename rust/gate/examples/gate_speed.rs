//! How long a decision takes: schema, 10 rules, 3 limits, a ledger in memory and one in a file.
//!
//! `gate_speed json [COUNT]`: rounds of so many decisions, a ledger in memory for each, as one JSON object: nanoseconds of the
//! median and of the 99th percentile of every round.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, PrimitiveArray, RecordBatch, StringArray};
use guard_gate::permit::Key;
use guard_gate::{Gate, Ledger, Verdict};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// As in the Python extension.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 5;

const GATE: &str = r#"
apiVersion: guard-nb/v1
kind: Gate
id: speed
params: {known: [acme, globex, initech]}
tools:
  - name: send_money
    inputSchema:
      type: object
      required: [payee, amount, currency]
      additionalProperties: false
      properties:
        payee: {type: string, maxLength: 40, pattern: "^[a-z]+$"}
        amount: {type: number, exclusiveMinimum: 0, maximum: 100000}
        currency: {type: string, enum: [EUR, USD]}
        invoice: {type: string, minLength: 3}
        note: {type: string, maxLength: 200}
    money: {amount: /amount, currency: /currency}
    allow: >-
      amount <= 500.00 AND amount > 0 AND payee IN (:known) AND currency = 'EUR' AND length(note) < 100
      AND invoice LIKE 'INV-%' AND payee <> 'mallory' AND proposal.principal <> 'eve' AND amount * 2 < 2000 AND note IS NOT NULL
    escalate: "amount > 400.00"
limits:
  - {name: day, type: budget, max: "900000000.00", currency: EUR, window: day, by: [/payee]}
  - {name: calls, type: velocity, max: 1000000, window: day, by: [principal]}
  - {name: pace, type: rate, max: 1000000, per: 1s, by: [principal]}
"#;

fn proposal(number: usize) -> String {
    format!(
        r#"{{"kind":"action","id":"call-{number:08}","principal":"bot-7","task":"inv-881","tool":"send_money","arguments":{{"payee":"acme","amount":7.35,"currency":"EUR","invoice":"INV-{:06}","note":"for the delivery of three crates of apples in October, as agreed by mail"}}}}"#,
        number % 5000
    )
}

/// The median and the 99th percentile.
fn percentiles(mut times: Vec<Duration>) -> [Duration; 2] {
    times.sort();
    [50, 99].map(|share| times[(times.len() - 1) * share / 100])
}

fn report(name: &str, times: Vec<Duration>) {
    let [middle, high] = percentiles(times);
    println!("{name}: p50 {middle:?}, p99 {high:?}, {:.0} a second", 1.0 / middle.as_secs_f64());
}

fn decided(count: usize, ledger: &Ledger, gate: &Gate) -> Vec<Duration> {
    let proposals: Vec<String> = (0..count).map(proposal).collect();
    let times = proposals.iter().map(|text| {
        let start = Instant::now();
        let decision = ledger.decide(gate, text.as_bytes());
        let time = start.elapsed();
        assert_eq!(decision.verdict, Verdict::Allow, "{:?}", decision.reasons);
        time
    });
    times.collect()
}

fn run(name: &str, count: usize, ledger: &Ledger, gate: &Gate) {
    report(name, decided(count, ledger, gate));
}

/// Every round with a ledger of its own, so that each is asked the same; the first one warms up and is not told.
fn json(gate: &Gate, count: usize) {
    let round = || percentiles(decided(count, &Ledger::memory(Key::new([1; 32])), gate)).map(|time| time.as_nanos());
    round();
    let rounds: Vec<[u128; 2]> = (0..ROUNDS).map(|_| round()).collect();
    let of = |at: usize| rounds.iter().map(|round| round[at] as u64).collect::<Vec<_>>();
    let told = serde_json::json!({"decisions": count, "bytes": proposal(0).len(), "p50_ns": of(0), "p99_ns": of(1)});
    println!("{told}");
}

/// What the process has used of processors, in hundredths of a second.
fn ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    stat.split(' ').skip(13).take(2).filter_map(|part| part.parse::<u64>().ok()).sum()
}

/// A year of proposals, back-tested.
fn history(gate: &Gate, count: usize) {
    let texts = StringArray::from_iter_values((0..count).map(proposal));
    let at: PrimitiveArray<TimestampMicrosecondType> = (0..count as i64).map(|row| Some(row * 31_536_000)).collect();
    let columns: [(&str, ArrayRef); 2] = [("proposal", Arc::new(texts)), ("at", Arc::new(at))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let (before, start) = (ticks(), Instant::now());
    let decided = guard_gate::backtest::backtest(gate, &[batch], &[]).unwrap();
    let (rows, time, busy) = (decided.num_rows(), start.elapsed(), ticks() - before);
    println!("backtest: {rows} proposals in {time:?}, {busy} hundredths of a second of processors");
}

fn pure(gate: &Gate) {
    let times = (0..50_000).map(|number| {
        let text = proposal(number);
        let start = Instant::now();
        let examined = guard_gate::examine(gate, text.as_bytes());
        let time = start.elapsed();
        assert!(examined.reasons.is_empty());
        time
    });
    report("examine", times.collect());
}

fn file(gate: &Gate) {
    let folder = std::env::temp_dir().join(format!("gate-speed-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    run("sqlite", 2_000, &Ledger::sqlite(&folder.join("ledger.db")).unwrap(), gate);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Each word names what is measured; no word means all of it. A number says how many past proposals there are.
fn main() {
    let gate = Gate::load(GATE, &|_| None).expect("the gate loads");
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = words.iter().find_map(|word| word.parse().ok());
    if words.iter().any(|word| word == "json") {
        return json(&gate, number.unwrap_or(50_000));
    }
    let past = number.unwrap_or(1_000_000);
    let wanted = |word: &str| words.is_empty() || words.iter().any(|own| own == word);
    println!("proposal: {} bytes", proposal(0).len());
    if wanted("examine") {
        pure(&gate);
    }
    if wanted("memory") {
        run("memory", 50_000, &Ledger::memory(Key::new([1; 32])), &gate);
    }
    if wanted("history") {
        history(&gate, past);
    }
    if wanted("sqlite") {
        file(&gate);
    }
}
