//! Keys that do not fit into memory: the same verdict, records and quarantine.

use crate::contract;
use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use guard_engine::run::Uncontrolled;
use guard_ingest::{Ingest, Input, Request};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const CONTRACT: &str = r"- {name: id, logicalType: integer, unique: true}
- {name: code, logicalType: string, primaryKey: true}
- name: parent
  logicalType: integer
  relationships: [{type: foreignKey, to: t.id}]
- {name: price, logicalType: number, unique: true}";

/// What a reader sees: the verdict, the accepted records, the quarantine file.
fn seen(sources: &[String], memory: u64, chunk: usize, records: bool) -> (String, Vec<RecordBatch>, String) {
    let folder = tempfile::tempdir().unwrap();
    let inputs = sources.iter().enumerate();
    let inputs = inputs.map(|(n, text)| Input::Bytes(format!("{n}.ndjson"), text.as_bytes().into())).collect();
    let mut request = Request::new(contract(CONTRACT), inputs);
    let quarantine = folder.path().join("q.ndjson");
    (request.memory_bytes, request.chunk_bytes, request.threads) = (memory, chunk, Some(1));
    request.quarantine = Some(quarantine.clone());
    let mut ingest = Ingest::open(request).unwrap();
    let mut batches = Vec::new();
    while let Some(batch) = records.then(|| ingest.next_batch(&Uncontrolled).unwrap()).flatten() {
        batches.push(batch);
    }
    let whole = batches.first().map(|first| concat_batches(&first.schema(), &batches).unwrap());
    let verdict = ingest.finish(&Uncontrolled).unwrap().verdict.to_json().unwrap();
    (verdict, whole.into_iter().collect(), std::fs::read_to_string(quarantine).unwrap())
}

fn line((id, code, parent, price): &(Option<i64>, Option<String>, Option<i64>, Option<f64>)) -> String {
    let members = [("id", json!(id)), ("code", json!(code)), ("parent", json!(parent)), ("price", json!(price))];
    Value::Object(Map::from_iter(members.map(|(name, value)| (name.to_owned(), value)))).to_string()
}

fn number() -> impl Strategy<Value = Option<i64>> {
    prop::option::weighted(0.9, 0_i64..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn memory_changes_nothing(
        records in prop::collection::vec(
            (number(), prop::option::weighted(0.95, "[ab]{0,5}"), number(), prop::option::of((-8_i32..8).prop_map(|n| f64::from(n) / 2.0))),
            0..60,
        ),
        cut in 0_usize..60,
        memory in prop_oneof![Just(0), 1_u64..4096],
        chunk in 16_usize..512,
        asked in any::<bool>(),
    ) {
        let lines: Vec<String> = records.iter().map(line).collect();
        let (first, second) = lines.split_at(cut.min(lines.len()));
        let sources = [first.join("\n"), second.join("\n")];
        prop_assert_eq!(seen(&sources, memory, chunk, asked), seen(&sources, u64::MAX, 1 << 20, asked));
    }
}

#[test]
fn duplicates_are_found_across_files_and_partitions() {
    // More keys than a few KB hold; the keys 0 to 99 stand in both files.
    let text = |from: i64, to: i64| {
        let lines = (from..to)
            .map(|n| line(&(Some(n), Some(format!("a key of some length {n}")), None, Some(n as f64 + 0.25))));
        lines.collect::<Vec<_>>().join("\n")
    };
    let sources = [text(0, 5000), text(4900, 9000)];
    let (verdict, _, quarantine) = seen(&sources, 4096, 4096, false);
    let verdict: Value = serde_json::from_str(&verdict).unwrap();
    assert_eq!(verdict["records"]["rejected"], 200);
    assert_eq!(quarantine.lines().count(), 201);
    let unique = verdict["clauses"].as_array().unwrap().iter().find(|clause| clause["id"] == "t.id.unique").unwrap();
    assert_eq!((unique["failing"].as_u64(), unique["evidence"][0]["record"].as_u64()), (Some(200), Some(4900)));
}
