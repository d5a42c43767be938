//! Clauses that Parquet statistics prove: the same verdict, fewer bytes.

use crate::{check, contract};
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use guard_engine::contract::Contract;
use guard_engine::run::Uncontrolled;
use guard_ingest::{Format, Ingest, Input, Outcome, Request};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use proptest::prelude::*;
use std::sync::Arc;

const CONTRACT: &str = r"- {name: id, logicalType: integer, required: true}
- name: qty
  logicalType: integer
  logicalTypeOptions: {minimum: 0, maximum: 99}
- {name: price, logicalType: number, required: true, logicalTypeOptions: {minimum: 0}}
- {name: kind, logicalType: string, required: true, logicalTypeOptions: {maxLength: 6}}";

fn parquet(batch: &RecordBatch, rows: usize, statistics: EnabledStatistics) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(rows))
        .set_statistics_enabled(statistics)
        .set_statistics_truncate_length(Some(4))
        .build();
    let mut out = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut out, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    out
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

fn request(contract: &Arc<Contract>, bytes: &[u8], statistics: bool) -> Request {
    let mut request = Request::new(Arc::clone(contract), vec![Input::Bytes("x.parquet".into(), bytes.into())]);
    (request.statistics, request.format, request.threads) = (statistics, Some(Format::Parquet), Some(2));
    request
}

/// Both ways; the verdicts are the same bytes.
fn both(contract: &Arc<Contract>, bytes: &[u8]) -> Outcome {
    let scanned = check(request(contract, bytes, false)).unwrap();
    let proved = check(request(contract, bytes, true)).unwrap();
    assert!(scanned.proved.is_empty());
    assert_eq!(proved.verdict.to_json().unwrap(), scanned.verdict.to_json().unwrap());
    assert_eq!(proved.quarantined, scanned.quarantined);
    proved
}

fn integers(values: impl IntoIterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<Int64Array>())
}

/// Start and end of the footer.
fn footer(bytes: &[u8]) -> usize {
    let length = u32::from_le_bytes(bytes[bytes.len() - 8..bytes.len() - 4].try_into().unwrap()) as usize;
    bytes.len() - 8 - length
}

#[test]
fn only_the_footer_is_read() {
    let contract = contract(
        "- {name: id, logicalType: integer, required: true, logicalTypeOptions: {minimum: 0}}\n- {name: note, logicalType: string}",
    );
    let notes = StringArray::from_iter((0..9000).map(|n| (n % 3 > 0).then(|| format!("note {n}"))));
    let batch = batch(vec![
        ("id", integers((0..9000).map(Some))),
        ("note", Arc::new(notes)),
        ("more", integers((0..9000).map(Some))),
    ]);
    let mut bytes = parquet(&batch, 2000, EnabledStatistics::Chunk);
    let outcome = both(&contract, &bytes);
    let [proved] = outcome.proved.as_slice() else { panic!("{:?}", outcome.proved) };
    let clauses: Vec<_> = proved.clauses.iter().map(|(id, groups)| (id.as_str(), *groups)).collect();
    assert_eq!(clauses, [("t.id.minimum", 5), ("t.id.required", 5)]);
    assert_eq!((proved.row_groups, proved.bytes), (5, bytes.len() as u64));
    let start = footer(&bytes);
    // The magic in front, the footer, and its last bytes once more.
    assert!(proved.bytes_read <= (bytes.len() - start + 4 + 8) as u64, "{proved:?}, footer at {start}");
    assert!(outcome.notices.iter().any(|notice| notice.contains("its own statistics")), "{:?}", outcome.notices);
    // With no page left whole, the verdict is still the same; a scan sees the damage.
    bytes[4..start].fill(0xff);
    let again = check(request(&contract, &bytes, true)).unwrap();
    assert_eq!(again.verdict.to_json().unwrap(), outcome.verdict.to_json().unwrap());
    assert_eq!(check(request(&contract, &bytes, false)).err().unwrap().code, "file-unreadable");
}

#[test]
fn only_what_is_open_is_read() {
    let contract = contract(CONTRACT);
    let rows = 40_000;
    // `qty` is out of bounds in the second row group only.
    let qty = integers((0..rows).map(|n| Some(if n == 15_000 { 100 } else { n % 90 })));
    let price: ArrayRef = Arc::new(Float64Array::from_iter_values((0..rows).map(|n| n as f64)));
    let kind: ArrayRef = Arc::new(StringArray::from_iter_values((0..rows).map(|n| format!("k{}", n % 7))));
    let batch = batch(vec![("id", integers((0..rows).map(Some))), ("qty", qty), ("price", price), ("kind", kind)]);
    let outcome = both(&contract, &parquet(&batch, 10_000, EnabledStatistics::Chunk));
    let [proved] = outcome.proved.as_slice() else { panic!("{:?}", outcome.proved) };
    let clauses: Vec<_> = proved.clauses.iter().map(|(id, groups)| (id.as_str(), *groups)).collect();
    // NaN is in no statistics, and a length in none.
    assert_eq!(clauses, [("t.id.required", 4), ("t.qty.minimum", 3), ("t.qty.maximum", 3)]);
    assert_eq!(outcome.verdict.records.rejected, 1);
    assert!(proved.bytes_read < proved.bytes);
}

#[test]
fn records_are_never_made_up() {
    let contract = contract(CONTRACT);
    let price: ArrayRef = Arc::new(Float64Array::from(vec![1.0, -1.0, 2.0]));
    let kind: ArrayRef = Arc::new(StringArray::from(vec!["a", "b", "c"]));
    let id = integers([Some(1), Some(2), Some(3)]);
    let batch = batch(vec![("id", id), ("qty", integers([None, Some(5), Some(6)])), ("price", price), ("kind", kind)]);
    let bytes = parquet(&batch, 2, EnabledStatistics::Chunk);
    let mut ingest = Ingest::open(request(&contract, &bytes, true)).unwrap();
    let mut accepted = Vec::new();
    while let Some(found) = ingest.next_batch(&Uncontrolled).unwrap() {
        accepted.push(found);
    }
    assert_eq!(accepted, [batch.slice(0, 1), batch.slice(2, 1)]);
    assert!(ingest.finish(&Uncontrolled).unwrap().proved.is_empty());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("q.ndjson");
    let mut written = request(&contract, &bytes, true);
    written.quarantine = Some(path.clone());
    assert!(check(written).unwrap().proved.is_empty());
    assert!(std::fs::read_to_string(path).unwrap().contains("\"qty\":5"));
}

/// Little numbers, so that bounds are met, missed and crossed; NULLs; row groups of one value.
fn value() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![8 => (-1_i64..102).prop_map(Some), 4 => Just(Some(7)), 1 => Just(None)]
}

fn price() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![9 => (-0.5..9.0_f64).prop_map(Some), 1 => Just(Some(f64::NAN)), 1 => Just(Some(-0.0)), 1 => Just(None)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn verdicts_are_the_same(
        runs in prop::collection::vec((value(), value(), price(), prop::option::weighted(0.95, "[a-c]{1,8}"), 1_usize..6), 0..24),
        rows in 1_usize..9,
        statistics in prop_oneof![3 => Just(EnabledStatistics::Chunk), 1 => Just(EnabledStatistics::None)],
    ) {
        // Runs of equal values make row groups of one value.
        let each: Vec<_> = runs.iter().flat_map(|run| std::iter::repeat_n(run, run.4)).collect();
        let price: ArrayRef = Arc::new(each.iter().map(|run| run.2).collect::<Float64Array>());
        let kind: ArrayRef = Arc::new(each.iter().map(|run| run.3.as_deref()).collect::<StringArray>());
        let (id, qty) = (integers(each.iter().map(|run| run.0)), integers(each.iter().map(|run| run.1)));
        let batch = batch(vec![("id", id), ("qty", qty), ("price", price), ("kind", kind)]);
        both(&contract(CONTRACT), &parquet(&batch, rows, statistics));
        let keyed = format!("{CONTRACT}\n- {{name: more, logicalType: integer}}").replacen("required: true", "required: true, unique: true", 1);
        both(&contract(&keyed), &parquet(&batch, rows, statistics));
    }
}
