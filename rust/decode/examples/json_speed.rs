//! Speed of reading NDJSON on one core: `cargo run --release -p guard-decode --example json_speed [one|FILE]`.

use arrow_schema::{DataType, Field, Schema, TimeUnit};
use guard_decode::json::{Json, JsonArray};
use guard_decode::{Decoder, Layout, Limits, Undeclared};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

const ROWS: usize = 50_000;
const CHUNK: usize = 4 << 20;
const ROUNDS: usize = 30;

fn layout(fields: Vec<Field>, undeclared: Undeclared) -> Arc<Layout> {
    Arc::new(Layout { schema: Arc::new(Schema::new(fields)), undeclared, limits: Limits::default() })
}

fn fields(decimal: bool) -> Vec<Field> {
    let amount = if decimal { DataType::Decimal128(12, 2) } else { DataType::Float64 };
    let tags = DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)));
    vec![
        Field::new("id", DataType::Int64, true),
        Field::new("user", DataType::Utf8, true),
        Field::new("amount", amount, true),
        Field::new("currency", DataType::Utf8, true),
        Field::new("ts", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), true),
        Field::new("ok", DataType::Boolean, true),
        Field::new("tags", tags, true),
    ]
}

fn record(row: usize, space: &str) -> String {
    format!(
        "{{\"id\":{space}{},{space}\"user\":{space}\"u_{}\",{space}\"amount\":{space}{}.{:02},{space}\"currency\":{space}\"EUR\",{space}\"ts\":{space}\"2026-01-{:02}T12:{:02}:00.{:06}Z\",{space}\"ok\":{space}{},{space}\"tags\":{space}[\"a\",{space}\"b\"]}}",
        123_456 + row,
        row % 9973,
        row % 1000,
        row % 100,
        1 + row % 28,
        row % 60,
        row % 1_000_000,
        row.is_multiple_of(3),
    )
}

/// Seconds that this thread has run, where the system says so; else seconds since the start.
fn seconds(start: Instant) -> f64 {
    let running = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = running.and_then(|text| text.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()));
    nanos.map_or_else(|| start.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}

fn best(name: &str, text: &[u8], expected: usize, mut decoder: impl FnMut() -> Box<dyn Decoder>) {
    let mut best = f64::INFINITY;
    let rounds = if text.len() > 50_000_000 { 5 } else { ROUNDS };
    for _ in 0..rounds {
        let mut decoder = decoder();
        let start = Instant::now();
        let before = seconds(start);
        let (mut at, mut rows, mut faults) = (0, 0, 0);
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let chunk = rest.get(..CHUNK).unwrap_or(rest);
            let decoded = black_box(decoder.decode(chunk, chunk.len() == rest.len()));
            at += decoded.consumed;
            rows += decoded.batch.num_rows();
            faults += decoded.faults.len();
        }
        assert_eq!(rows, expected, "{faults} faults");
        best = best.min(seconds(start) - before);
    }
    println!("{name:<28} {:>7.0} MB/s", text.len() as f64 / 1e6 / best);
}

fn main() {
    // A file of records with these members, such as `benchmarks/` makes.
    if let Some(file) = std::env::args().nth(1).and_then(|path| std::fs::read(path).ok()) {
        let rows = file.iter().filter(|byte| **byte == b'\n').count();
        return best("file", &file, rows, || Box::new(Json::new(layout(fields(false), Undeclared::Drop))));
    }
    let text = |space: &str| (0..ROWS).map(|row| record(row, space) + "\n").collect::<String>().into_bytes();
    let (tight, loose) = (text(""), text(" "));
    let array = format!("[{}]", (0..ROWS).map(|row| record(row, "")).collect::<Vec<_>>().join(",\n")).into_bytes();
    let whole = layout(fields(false), Undeclared::Drop);
    let decimal = layout(fields(true), Undeclared::Drop);
    let few = layout(fields(false).drain(..2).collect(), Undeclared::Drop);
    if std::env::args().any(|arg| arg == "one") {
        return best("ndjson", &tight, ROWS, || Box::new(Json::new(whole.clone())));
    }
    best("ndjson", &tight, ROWS, || Box::new(Json::new(whole.clone())));
    best("ndjson, spaces", &loose, ROWS, || Box::new(Json::new(whole.clone())));
    best("ndjson, decimal", &tight, ROWS, || Box::new(Json::new(decimal.clone())));
    best("ndjson, 5 of 7 undeclared", &tight, ROWS, || Box::new(Json::new(few.clone())));
    best("array", &array, ROWS, || Box::new(JsonArray::new(whole.clone())));
}
