//! Looks for bytes that break reading: `cargo run -p guard-ingest --example fuzz_sources -- SECONDS [SEED]`.
//!
//! Damaged Parquet and Arrow files must be read or refused with a code; text sources must give the same verdict, account and records
//! whatever the chunks and the threads. What breaks is printed, and the exit status is 1.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use arrow_array::{ArrayRef, Float64Array, Int64Array, ListArray, RecordBatch, StringArray, types::Int64Type};
use guard_engine::contract::Contract;
use guard_engine::run::Uncontrolled;
use guard_ingest::{Format, Ingest, IngestError, Input, Request};
use guard_testkit::Chance;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// Findings after which the search ends.
const ENOUGH: usize = 10;

fn batch() -> RecordBatch {
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>(
        (0..60).map(|row| (row % 7 != 0).then(|| (0..row % 4).map(Some).collect::<Vec<_>>())),
    );
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from_iter((0..60).map(|row| (row % 9 != 0).then_some(row))))),
        ("t", Arc::new(StringArray::from_iter((0..60).map(|row| (row % 5 != 0).then(|| format!("text {row}")))))),
        ("x", Arc::new(Float64Array::from_iter_values((0..60).map(f64::from)))),
        ("l", Arc::new(lists)),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn parquet(compression: parquet::basic::Compression) -> Vec<u8> {
    let (mut out, batch) = (Vec::new(), batch());
    let properties = parquet::file::properties::WriterProperties::builder().set_compression(compression).build();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut out, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    out
}

fn arrow(compression: Option<arrow_ipc::CompressionType>, is_file: bool) -> Vec<u8> {
    let (mut out, batch) = (Vec::new(), batch());
    let options = arrow_ipc::writer::IpcWriteOptions::default().try_with_compression(compression).unwrap();
    if is_file {
        let schema = batch.schema();
        let mut writer = arrow_ipc::writer::FileWriter::try_new_with_options(&mut out, &schema, options).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
    } else {
        let schema = batch.schema();
        let mut writer = arrow_ipc::writer::StreamWriter::try_new_with_options(&mut out, &schema, options).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
    }
    out
}

/// Seeds and what they are read as.
fn seeds() -> Vec<(Format, Vec<u8>)> {
    let ndjson = b"{\"id\":1,\"t\":\"a\"}\n{\"id\":2,\"t\":3}\r\n{\"id\":x}\n\n{\"l\":[1,2],\"u\":{}}\n";
    vec![
        (Format::Ndjson, ndjson.to_vec()),
        (Format::Json, b"[{\"id\":1},\n{\"id\":\"x\"},{\"id\":3,\"id\":4}\n,{}]".to_vec()),
        (Format::Csv, b"id,t,x\n1,\"a\nb\",1.5\n2,\"c\"\"\",\r\n3,d\rx,e,f\n\n4,\"open,1\n5,g,NaN\n".to_vec()),
        (Format::Parquet, parquet(parquet::basic::Compression::UNCOMPRESSED)),
        (Format::Parquet, parquet(parquet::basic::Compression::SNAPPY)),
        (Format::Arrow, arrow(None, true)),
        (Format::Arrow, arrow(Some(arrow_ipc::CompressionType::ZSTD), true)),
        (Format::Arrow, arrow(Some(arrow_ipc::CompressionType::LZ4_FRAME), false)),
        (Format::Arrow, arrow(None, false)),
    ]
}

fn mutated(chance: &mut Chance, seed: &[u8]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..1 + chance.below(6) {
        let at = chance.below(bytes.len() + 1);
        let end = (at + chance.below(16)).min(bytes.len());
        match chance.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
            1 if at < bytes.len() => bytes[at] = [0, 0xFF, 0x7F, 0x80, b'"', b'\n'][chance.below(6)],
            2 => drop(bytes.drain(at..end)),
            3 => {
                let part = bytes[at..end].repeat(1 + chance.below(4));
                bytes.splice(at..at, part).for_each(drop);
            }
            4 if chance.below(4) == 0 => bytes.truncate(at),
            5 if end + 4 <= bytes.len() => {
                let length = [0, 1, u32::MAX, 1 << 31, (chance.next() % 1000) as u32][chance.below(5)];
                bytes[end..end + 4].copy_from_slice(&length.to_le_bytes());
            }
            _ => bytes.insert(at, chance.next() as u8),
        }
    }
    bytes
}

/// The verdict as JSON and what was accepted.
type Ran = Result<(String, Vec<RecordBatch>), IngestError>;

fn run(contract: &Arc<Contract>, format: Format, bytes: &[u8], how: (usize, usize, usize)) -> Ran {
    let mut request = Request::new(contract.clone(), vec![Input::Bytes("in".into(), Arc::from(bytes))]);
    request.format = Some(format);
    (request.chunk_bytes, request.record_bytes, request.threads) = (how.0, how.1, Some(how.2));
    let mut ingest = Ingest::open(request)?;
    let mut batches = Vec::new();
    while let Some(batch) = ingest.next_batch(&Uncontrolled)? {
        batches.extend((0..batch.num_rows()).map(|row| batch.slice(row, 1)));
    }
    let verdict = ingest.finish(&Uncontrolled)?.verdict;
    Ok((verdict.to_json().expect("a document"), batches))
}

fn check(contract: &Arc<Contract>, chance: &mut Chance, format: Format, bytes: &[u8]) {
    let record_bytes = [1 + chance.below(60), 1 << 20][chance.below(2)];
    let first = run(contract, format, bytes, (1 << 20, record_bytes, 1));
    match (&first, format.is_text()) {
        (Err(why), _) => assert!(why.code != "internal-error", "{why}"),
        (Ok(_), false) => {}
        (Ok(_), true) => {
            let how = (1 + chance.below(100), record_bytes, 1 + chance.below(3));
            assert_eq!(run(contract, format, bytes, how).expect("as before"), *first.as_ref().unwrap(), "{how:?}");
        }
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().expect("a number"));
    let seconds = arguments.next().unwrap_or(60);
    let clock = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let first = arguments.next().unwrap_or_else(clock) << 32;
    let properties = r#"[{"name":"id","logicalType":"integer"},{"name":"t","logicalType":"string"}]"#;
    let head = r#""apiVersion":"v3.1.0","kind":"DataContract","id":"shop","version":"1.0.0","status":"active""#;
    let contract =
        Contract::load(&format!(r#"{{{head},"schema":[{{"name":"o","properties":{properties}}}]}}"#)).unwrap();
    let (contract, seeds) = (Arc::new(contract), seeds());
    let (start, mut tries, mut findings) = (Instant::now(), 0, 0);
    while start.elapsed() < Duration::from_secs(seconds) && findings < ENOUGH {
        let seed = first + tries;
        let mut chance = Chance::new(seed);
        let (format, bytes) = &seeds[tries as usize % seeds.len()];
        let bytes = mutated(&mut chance, bytes);
        if catch_unwind(AssertUnwindSafe(|| check(&contract, &mut chance, *format, &bytes))).is_err() {
            findings += 1;
            println!("seed {seed}: {} {:?}", format.name(), String::from_utf8_lossy(&bytes));
        }
        tries += 1;
    }
    println!("{tries} sources, {findings} findings");
    if findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
