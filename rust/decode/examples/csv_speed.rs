//! Prints how fast CSV is decoded: `csv_speed [folder [name]]`. Files are made in memory, or in the folder where they are not there.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;
use std::time::Instant;

use arrow_schema::{DataType, Field, Schema, TimeUnit};
use guard_decode::csv::{Csv, CsvHeader, Dialect, read_header};
use guard_decode::{Decoder, Layout, Limits, Undeclared};

const CHUNK: usize = 1 << 20;

fn schemas() -> [(&'static str, Schema); 4] {
    let field = |name: &str, data_type| Field::new(name, data_type, true);
    let stamp = || DataType::Timestamp(TimeUnit::Microsecond, None);
    let (int, float, text) = (|| DataType::Int64, || DataType::Float64, || DataType::Utf8);
    let numbers = || (0..8).map(|index| field(&format!("n{index}"), if index % 2 == 0 { int() } else { float() }));
    let mixed = [("id", int()), ("price", float()), ("day", DataType::Date32), ("at", stamp()), ("name", text())];
    let texts = (0..6).map(|index| field(&format!("t{index}"), text()));
    [
        ("numbers", Schema::new(numbers().collect::<Vec<_>>())),
        ("damaged", Schema::new(numbers().collect::<Vec<_>>())),
        ("mixed", Schema::new(mixed.map(|(name, data_type)| field(name, data_type)).to_vec())),
        ("texts", Schema::new(texts.collect::<Vec<_>>())),
    ]
}

/// Every tenth record of `damaged` has a field too few, a quote too many, or a value that cannot be read.
fn text(schema: &Schema, rows: usize, damaged: bool) -> String {
    let mut state: u64 = 7;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let mut text = names.join(",") + "\n";
    for row in 0..rows {
        let mut fields: Vec<_> = schema
            .fields()
            .iter()
            .map(|field| match field.data_type() {
                DataType::Int64 => (draw() % 10_000_000).to_string(),
                DataType::Float64 => format!("{}.{:03}", draw() % 100_000, draw() % 1000),
                DataType::Date32 => format!("20{:02}-{:02}-{:02}", draw() % 30, draw() % 12 + 1, draw() % 28 + 1),
                DataType::Timestamp(..) => {
                    format!(
                        "2026-{:02}-{:02}T{:02}:{:02}:00",
                        draw() % 12 + 1,
                        draw() % 28 + 1,
                        draw() % 24,
                        draw() % 60
                    )
                }
                _ if draw() % 8 == 0 => format!("\"name, {}\"", draw() % 1000),
                _ => format!("customer-{}", draw() % 100_000),
            })
            .collect();
        match row % 30 {
            9 if damaged => fields.truncate(5),
            19 if damaged => fields.push("\"".into()),
            29 if damaged => fields.iter_mut().take(1).for_each(|field| field.push('x')),
            _ => {}
        }
        text += &fields.join(",");
        text.push('\n');
    }
    text
}

/// Seconds this thread had of a processor, where the system says so; else of a clock since `start`.
fn seconds(start: Instant) -> f64 {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = spent.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanos.map_or_else(|| start.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}

/// Seconds to decode it all, records, faults.
fn run(bytes: &[u8], layout: &Arc<Layout>) -> (f64, usize, usize) {
    let dialect = Dialect::default();
    let header = read_header(bytes, &dialect, Limits::default(), true).unwrap();
    let (columns, _) = CsvHeader::matched(header.names, layout);
    let mut decoder = Csv::new(layout.clone(), dialect, columns);
    let (mut at, mut records, mut faults) = (header.consumed, 0, 0);
    let clock = Instant::now();
    let start = seconds(clock);
    while at < bytes.len() {
        let end = bytes.len().min(at + CHUNK);
        let decoded = decoder.decode(bytes.get(at..end).unwrap(), end == bytes.len());
        at += decoded.consumed;
        records += decoded.places.len();
        faults += decoded.faults.len();
    }
    (seconds(clock) - start, records, faults)
}

fn main() {
    let folder = std::env::args().nth(1);
    let only = std::env::args().nth(2);
    for (name, schema) in schemas().into_iter().filter(|(name, _)| only.as_ref().is_none_or(|only| only == name)) {
        let bytes = match &folder {
            Some(folder) => {
                let path = std::path::Path::new(folder).join(format!("{name}.csv"));
                if !path.exists() {
                    std::fs::write(&path, text(&schema, 500_000, name == "damaged")).expect("a folder to write to");
                }
                std::fs::read(path).expect("a file")
            }
            None => text(&schema, 500_000, name == "damaged").into_bytes(),
        };
        let layout =
            Arc::new(Layout { schema: Arc::new(schema), undeclared: Undeclared::Drop, limits: Limits::default() });
        let best = (0..7).map(|_| run(&bytes, &layout)).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        let megabytes = bytes.len() as f64 / 1e6;
        println!("{name}: {megabytes:.1} MB, {} records, {} faults, {:.0} MB/s", best.1, best.2, megabytes / best.0);
    }
}
