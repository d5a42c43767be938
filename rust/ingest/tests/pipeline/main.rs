//! Whole ingestions: where every byte goes, however a source is cut and on however many threads.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic, missing_docs)]

mod encodings;
mod large;

use guard_engine::contract::Contract;
use guard_engine::run::Uncontrolled;
use guard_ingest::{Format, Ingest, Input, Request};
use serde_json::Value;
use std::sync::Arc;

/// A contract of one object `o` with these properties, as JSON.
pub fn contract(properties: &str) -> Arc<Contract> {
    let head = r#""apiVersion":"v3.1.0","kind":"DataContract","id":"shop","version":"1.0.0","status":"active""#;
    let text = format!(r#"{{{head},"schema":[{{"name":"o","properties":{properties}}}]}}"#);
    Arc::new(Contract::load(&text).unwrap())
}

pub const ID_AND_TEXT: &str = r#"[{"name":"id","logicalType":"integer"},{"name":"t","logicalType":"string"}]"#;

/// How to read.
#[derive(Debug, Clone, Copy)]
pub struct How {
    pub format: Format,
    pub chunk_bytes: usize,
    pub record_bytes: usize,
    pub threads: usize,
}

/// What came out.
#[derive(Debug, PartialEq)]
pub struct Ran {
    /// Values of `id` in accepted records.
    pub ids: Vec<Option<i64>>,
    pub verdict: Value,
    /// Of the quarantine file, after its first.
    pub lines: Vec<Value>,
}

impl Ran {
    /// Record, line, bytes, first code.
    pub fn found(&self) -> Vec<(u64, u64, [u64; 2], &str)> {
        let range = |line: &Value| [line["bytes"][0].as_u64().unwrap(), line["bytes"][1].as_u64().unwrap()];
        let one = |line| (number(line, "record"), number(line, "line"), range(line), code(line));
        self.lines.iter().map(one).collect()
    }
}

fn code(line: &Value) -> &str {
    line["reasons"][0]["code"].as_str().unwrap()
}

pub fn number(value: &Value, member: &str) -> u64 {
    value[member].as_u64().unwrap_or_default()
}

pub fn run_with(bytes: &[u8], how: How, change: impl FnOnce(&mut Request)) -> Ran {
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int64Type;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("quarantine.ndjson");
    let mut request = Request::new(contract(ID_AND_TEXT), vec![Input::Bytes("in".into(), Arc::from(bytes))]);
    request.format = Some(how.format);
    (request.chunk_bytes, request.record_bytes) = (how.chunk_bytes, how.record_bytes);
    request.threads = Some(how.threads);
    request.quarantine = Some(path.clone());
    change(&mut request);
    let mut ingest = Ingest::open(request).unwrap();
    let mut ids = Vec::new();
    while let Some(batch) = ingest.next_batch(&Uncontrolled).unwrap() {
        ids.extend(batch.column_by_name("id").unwrap().as_primitive::<Int64Type>().iter());
    }
    let outcome = ingest.finish(&Uncontrolled).unwrap();
    let verdict: Value = serde_json::from_str(&outcome.verdict.to_json().unwrap()).unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<Value> = text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len() as u64, outcome.quarantined);
    Ran { ids, verdict, lines }
}

pub fn run(bytes: &[u8], how: How) -> Ran {
    run_with(bytes, how, |_| {})
}
