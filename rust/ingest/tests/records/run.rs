//! One ingestion of bytes in memory.

use arrow_array::RecordBatch;
use guard_engine::cell::cell;
use guard_engine::contract::Contract;
use guard_engine::run::Uncontrolled;
use guard_ingest::{Csv, Format, Ingest, IngestError, Input, Outcome, Request};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

/// How a source is read.
#[derive(Debug, Clone)]
pub struct Given {
    pub contract: String,
    pub format: String,
    pub csv: Csv,
    pub chunk_bytes: usize,
    pub threads: usize,
    pub record_bytes: usize,
}

impl Given {
    pub fn new(contract: &str, format: &str) -> Self {
        Self {
            contract: contract.to_owned(),
            format: format.to_owned(),
            csv: Csv::default(),
            chunk_bytes: 1 << 20,
            threads: 1,
            record_bytes: 16 << 20,
        }
    }

    pub fn cut(&self, chunk_bytes: usize, threads: usize) -> Self {
        Self { chunk_bytes, threads, ..self.clone() }
    }
}

/// What came out.
pub struct Ran {
    pub outcome: Outcome,
    /// Accepted records, each a JSON object.
    pub accepted: Vec<Value>,
    /// Lines of the quarantine file after its header.
    pub quarantined: Vec<Value>,
}

/// What became of one record.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// Its values.
    Accepted(Value),
    /// Its reasons, and its bytes as they stand in the quarantine file.
    Not(Value, Value),
}

impl Ran {
    /// The fates of all records in order.
    pub fn fates(&self) -> Vec<Fate> {
        let mut accepted = self.accepted.iter();
        let mut quarantined = self.quarantined.iter().peekable();
        let total = self.outcome.verdict.records.total;
        let fate = |number: u64| match quarantined.next_if(|line| line["record"] == number) {
            Some(line) => {
                let raw = line.get("raw").or_else(|| line.get("rawBase64")).unwrap();
                Fate::Not(line["reasons"].clone(), raw.clone())
            }
            None => Fate::Accepted(accepted.next().unwrap().clone()),
        };
        let all = (0..total).map(fate).collect();
        assert!(accepted.next().is_none() && quarantined.next().is_none(), "records are in order");
        all
    }
}

/// Reads a source to its end; the account must add up.
pub fn run(given: &Given, source: &[u8]) -> Result<Ran, IngestError> {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("quarantine.ndjson");
    let contract = Contract::load(&given.contract).unwrap_or_else(|why| panic!("{why:?}"));
    let mut request = Request::new(Arc::new(contract), vec![Input::Bytes("source".to_owned(), Arc::from(source))]);
    request.format = Format::of_name(&given.format);
    request.csv = given.csv.clone();
    (request.chunk_bytes, request.threads) = (given.chunk_bytes, Some(given.threads));
    request.record_bytes = given.record_bytes;
    request.quarantine = Some(path.clone());
    let mut ingest = Ingest::open(request)?;
    let mut accepted = Vec::new();
    while let Some(batch) = ingest.next_batch(&Uncontrolled)? {
        accepted.extend((0..batch.num_rows()).map(|row| object(&batch, row)));
    }
    let outcome = ingest.finish(&Uncontrolled)?;
    let lines = std::fs::read_to_string(&path).unwrap();
    let quarantined: Vec<Value> = lines.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    let account = outcome.verdict.bytes.unwrap();
    assert!(account.add_up() && account.total == source.len() as u64, "{account:?}");
    assert_eq!(outcome.quarantined, quarantined.len() as u64);
    Ok(Ran { outcome, accepted, quarantined })
}

fn object(batch: &RecordBatch, row: usize) -> Value {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns());
    Value::Object(columns.map(|(field, array)| (field.name().clone(), cell(array.as_ref(), row))).collect())
}
