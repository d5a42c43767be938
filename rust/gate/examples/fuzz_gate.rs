//! Looks for proposals that break the gate: `cargo run -p guard-gate --example fuzz_gate -- SECONDS [SEED]`.
//!
//! No bytes may end in a panic; what is allowed must be allowed by a plain reading of the text with another JSON reader; a document
//! must be canonical and be read back; a history must be back-tested as it was decided. What breaks is printed, and the exit status is 1.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, DictionaryArray, PrimitiveArray, RecordBatch, StringArray, types::Int32Type};
use guard_gate::permit::Key;
use guard_gate::{Decision, Gate, Ledger, Verdict};
use guard_testkit::Chance;
use serde_json::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

const GATE: &str = "
apiVersion: guard-nb/v1
kind: Gate
id: fuzz
tools:
  - name: pay
    inputSchema:
      type: object
      required: [payee, amount]
      additionalProperties: false
      properties:
        payee: {type: string, enum: [acme, globex]}
        amount: {type: number, minimum: 0}
        tags: {type: array, uniqueItems: true, maxItems: 3, items: {type: string, maxLength: 4}}
    money: {amount: /amount, currency: EUR}
    allow: \"amount <= 50.00 AND payee <> 'mallory'\"
    escalate: \"amount > 40.00\"
limits:
  - {name: day, type: budget, max: \"200.00\", currency: EUR, window: day, by: [/payee]}
  - {name: pace, type: rate, max: 9, per: 1h, by: [principal]}
";
/// Findings after which the search ends.
const ENOUGH: usize = 10;
/// Proposals of a history.
const HISTORY: usize = 40;
/// What mutations put in.
const PIECES: [&str; 24] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "-",
    "1e2",
    "0.001",
    "1e400",
    "99999999999999999999",
    "\\ud800",
    "\\u0041",
    "\"amount\":1",
    "\"amount\":900,",
    "mallory",
    "\u{0}",
    "\u{fffd}",
    " ",
    "\"x\":1,",
];

fn valid(chance: &mut Chance) -> String {
    let amount = ["7", "7.35", "39.99", "40.01", "50.00", "50.01", "0", "7.350"][chance.below(8)];
    let payee = ["acme", "globex"][chance.below(2)];
    let tags = ["", ",\"tags\":[]", ",\"tags\":[\"a\",\"b\"]"][chance.below(3)];
    let id = chance.below(HISTORY * 2);
    format!(
        r#"{{"kind":"action","id":"c{id}","principal":"p","tool":"pay","arguments":{{"payee":"{payee}","amount":{amount}{tags}}}}}"#
    )
}

fn mutated(chance: &mut Chance) -> Vec<u8> {
    let mut bytes = valid(chance).into_bytes();
    for _ in 0..chance.below(4) {
        let at = chance.below(bytes.len() + 1);
        match chance.below(4) {
            0 => drop(bytes.splice(at..at, PIECES[chance.below(PIECES.len())].bytes())),
            1 => bytes.truncate(at),
            2 if at < bytes.len() => bytes[at] = chance.next() as u8,
            _ => {
                let end = (at + chance.below(12)).min(bytes.len());
                bytes.drain(at..end);
            }
        }
    }
    bytes
}

/// Why a plain reading would not allow it; none if it would.
fn against(bytes: &[u8]) -> Option<&'static str> {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return Some("no JSON") };
    let Some(whole) = value.as_object() else { return Some("no object") };
    let known = ["kind", "id", "principal", "task", "tool", "arguments"];
    if whole.keys().any(|name| !known.contains(&name.as_str())) {
        return Some("an unknown member");
    }
    let arguments = &value["arguments"];
    let amount = arguments["amount"].as_f64();
    let fits = amount.is_some_and(|amount| (0.0..=40.0).contains(&amount));
    let named = ["acme", "globex"].iter().any(|payee| arguments["payee"] == **payee);
    let called = value["kind"] == "action" && value["tool"] == "pay" && value["id"].is_string();
    (!(fits && named && called)).then_some("other arguments than are allowed")
}

/// One history: what breaks in it.
fn search(gate: &Gate, chance: &mut Chance) -> Option<String> {
    let ledger = Ledger::memory(Key::new([3; 32])).with_clock(|| 1_700_000_000_000_000);
    let (mut texts, mut verdicts) = (Vec::new(), Vec::new());
    for _ in 0..HISTORY {
        let bytes = mutated(chance);
        let said = || String::from_utf8_lossy(&bytes).into_owned();
        let decision = ledger.decide(gate, &bytes);
        let document = decision.to_json();
        let value: Value = serde_json::from_str(&document).ok()?;
        if guard_verdict::canonical_json(&value).ok().as_deref() != Some(document.as_str()) {
            return Some(format!("the document of {} is not canonical: {document}", said()));
        }
        if Decision::of_json(&document).is_none_or(|read| read.to_json() != document) {
            return Some(format!("the document of {} is not read back: {document}", said()));
        }
        match (decision.verdict, against(&bytes)) {
            (Verdict::Allow, Some(why)) => return Some(format!("allowed, though {why}: {}", said())),
            (Verdict::Deny, _) if decision.reasons.is_empty() => {
                return Some(format!("denied without reason: {}", said()));
            }
            _ => {}
        }
        if let Some(permit) = decision.permit.as_ref().filter(|_| !decision.replayed) {
            ledger.commit(permit, None).ok()?;
        }
        if let Ok(text) = String::from_utf8(bytes) {
            texts.push(text);
            verdicts.push(decision.verdict.name());
        }
    }
    differs(gate, &texts, &verdicts)
}

/// Where a back-test decides otherwise.
fn differs(gate: &Gate, texts: &[String], verdicts: &[&str]) -> Option<String> {
    let at: PrimitiveArray<TimestampMicrosecondType> = texts.iter().map(|_| Some(1_700_000_000_000_000)).collect();
    let columns: [(&str, ArrayRef); 2] =
        [("proposal", Arc::new(StringArray::from_iter_values(texts))), ("at", Arc::new(at))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let decided = guard_gate::backtest::backtest(gate, &[batch], &[]).unwrap();
    let words =
        decided.column_by_name("verdict").unwrap().as_any().downcast_ref::<DictionaryArray<Int32Type>>().unwrap();
    let words = words.downcast_dict::<StringArray>().unwrap();
    let mut pairs = words.into_iter().zip(verdicts).zip(texts);
    let other = pairs.find(|((back, live), _)| *back != Some(**live))?;
    Some(format!("{other:?} in {texts:?}"))
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).filter_map(|word| word.parse::<u64>().ok());
    let seconds = arguments.next().unwrap_or(60);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64;
    let seed = arguments.next().unwrap_or(now);
    let gate = Gate::load(GATE, &|_| None).unwrap();
    println!("seed {seed}");
    let (start, mut runs, mut found) = (Instant::now(), 0_u64, 0);
    while start.elapsed() < Duration::from_secs(seconds) && found < ENOUGH {
        let own = seed.wrapping_add(runs);
        let broken = catch_unwind(AssertUnwindSafe(|| search(&gate, &mut Chance::new(own))));
        if let Some(what) = broken.unwrap_or_else(|_| Some("a panic".to_owned())) {
            println!("seed {own}: {what}");
            found += 1;
        }
        runs += 1;
    }
    println!("{runs} histories, {found} findings");
    if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
