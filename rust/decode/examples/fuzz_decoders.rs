//! Looks for bytes that break the decoders: `cargo run -p guard-decode --example fuzz_decoders -- SECONDS [SEED]`.
//!
//! Seeds of each format are mutated and decoded whole, in chunks, and, where lines are records, line by line. No decoder may panic, each
//! account must add up, and all ways must agree. What breaks is printed, and the exit status is 1.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use guard_decode::csv::{Csv, CsvHeader, Dialect, read_header, sniff};
use guard_decode::json::{Json, JsonArray};
use guard_decode::{Decoder, FaultCode, JSON_TEXT, Layout, Limits, UNDECLARED, Undeclared, lexical};
use guard_testkit::Chance;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// Findings after which the search ends.
const ENOUGH: usize = 10;

const SEEDS: [&[u8]; 10] = [
    b"{\"id\":1,\"name\":\"a\",\"amount\":1.5,\"ratio\":1e3,\"ok\":true,\"day\":\"2026-01-31\"}\n{\"id\":2}\r\n\n{\"tags\":[\"x\",null],\"address\":{\"zip\":\"1\",\"no\":2}}\n",
    b"[{\"id\":1},\n {\"id\":2,\"places\":[{\"zip\":\"a\"},{}]} ,{\"any\":[1,{\"b\":2}]}]\n",
    "{\"name\":\"\\u00e4\\ud834\\udd1e日本\",\"x\":1,\"x\":2}\n[1]\n17\n\"s\"\n{\"at\":\"2026-01-31T10:00:00.5+01:00\"}".as_bytes(),
    b"1,a,1.5,2e3,true,2026-01-31,2026-01-31T00:00:00Z,x\n2,\"b,\"\"c\"\"\r\nd\",,,,,,\r3,c\n",
    b"\"\",\"\",\"1\",\"NaN\",\"f\",\"2026-02-29\",\"2026-01-31 23:59:60Z\",\"\n\"\n\n",
    b"[[[[[[[[[[{}]]]]]]]]]]",
    b"\xEF\xBB\xBF{\"id\":-9223372036854775808,\"amount\":99999999.99}\n",
    b"{\"id\":1}{\"id\":2}\n{\"id\":\n3}\n,{\"id\":4}]\n{",
    b"0.000000000000000000000000000000000001e36,+1,-.5,5.,Infinity,-nan,1e400,1e-400",
    b"a,b,c,d,e,f,g,h\n\"a\"b,\"c\n1,2,3,4,5,6,7,8,9\n",
];

const WORDS: [&[u8]; 24] = [
    b"\"",
    b"\"\"",
    b"\\",
    b"\\u",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\xFF",
    b"\xC3",
    b"{\"id\":",
    b"null",
    b"1e999",
    b"-",
    b" ",
    b"},\n{",
    b"\xEF\xBB\xBF",
];

fn mutated(chance: &mut Chance) -> Vec<u8> {
    let mut bytes = chance.one(&SEEDS).to_vec();
    for _ in 0..chance.below(12) {
        let at = chance.below(bytes.len() + 1);
        let end = (at + chance.below(20)).min(bytes.len());
        match chance.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
            1 => drop(bytes.drain(at..end)),
            2 => bytes.splice(at..at, chance.one(&WORDS).iter().copied()).for_each(drop),
            3 => {
                let part = bytes[at..end].repeat(1 + chance.below(20));
                bytes.splice(at..at, part).for_each(drop);
            }
            4 => {
                let other = chance.one(&SEEDS);
                let from = chance.below(other.len());
                bytes.splice(at..end, other[from..].iter().copied()).for_each(drop);
            }
            5 => bytes.truncate(at),
            _ => bytes.insert(at, chance.next() as u8),
        }
        if bytes.len() > 4000 {
            bytes.truncate(4000);
        }
    }
    bytes
}

fn layout(chance: &mut Chance, nested: bool) -> Arc<Layout> {
    let field = |name: &str, data_type: DataType| Field::new(name, data_type, true);
    let list = |data_type| DataType::List(Arc::new(Field::new_list_field(data_type, true)));
    let address = DataType::Struct(vec![field("zip", DataType::Utf8), field("no", DataType::Int32)].into());
    let mut fields = vec![
        field("id", DataType::Int64),
        field("name", DataType::Utf8),
        field("amount", DataType::Decimal128(12, 2)),
        field("ratio", DataType::Float64),
        field("ok", DataType::Boolean),
        field("day", DataType::Date32),
        field("at", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))),
        field("any", DataType::Utf8).with_metadata([(JSON_TEXT.to_owned(), String::new())].into()),
    ];
    let undeclared = [Undeclared::Keep, Undeclared::Drop, Undeclared::Refuse][chance.below(3)];
    if nested {
        fields.extend([
            field("tags", list(DataType::Utf8)),
            field("address", address.clone()),
            field("places", list(address)),
        ]);
        if undeclared == Undeclared::Keep {
            fields.push(field(UNDECLARED, DataType::Utf8));
        }
    } else {
        fields.truncate(1 + chance.below(8));
    }
    let record_bytes = [chance.below(60), 1 << 20][chance.below(2)];
    let limits = Limits { record_bytes, depth: 1 + chance.below(12) };
    Arc::new(Layout { schema: Arc::new(Schema::new(fields)), undeclared, limits })
}

/// A fault as record, column, path, code, bytes.
type Fault = (usize, Option<u32>, String, FaultCode, (usize, usize));

/// What a source holds, however it was read.
#[derive(Debug, Default, PartialEq)]
struct Found {
    rows: Vec<RecordBatch>,
    /// Start, end, line.
    places: Vec<(usize, usize, u32)>,
    faults: Vec<Fault>,
    account: (u64, u64, u32),
    undeclared: BTreeSet<String>,
}

/// Decodes in chunks that grow by what `step` says until something is taken.
fn found(decoder: &mut dyn Decoder, bytes: &[u8], mut step: impl FnMut() -> usize) -> Found {
    let mut all = Found::default();
    let (mut at, mut size) = (0, 0);
    loop {
        size = (size + step()).min(bytes.len() - at);
        let last = at + size == bytes.len();
        let decoded = decoder.decode(&bytes[at..at + size], last);
        let records: u64 = decoded.places.iter().map(|place| u64::from(place.end - place.start)).sum();
        let account = records + decoded.separators + decoded.blank + decoded.continued;
        assert_eq!(account, decoded.consumed as u64, "bytes are lost");
        assert!(decoded.consumed <= size && (!last || decoded.full || decoded.consumed == size), "bytes are left");
        assert!(!(last && decoded.unfinished), "a record goes on beyond the end");
        assert_eq!(decoded.batch.num_rows(), decoded.places.len());
        if let Some(place) = all.places.last_mut() {
            place.1 += decoded.continued as usize;
        }
        let first = all.places.len();
        let places = decoded.places.iter();
        all.places.extend(
            places.map(|place| (at + place.start as usize, at + place.end as usize, all.account.2 + place.line)),
        );
        all.faults.extend(decoded.faults.into_iter().map(|fault| {
            let range = (at + fault.bytes.0 as usize, at + fault.bytes.1 as usize);
            (first + fault.record as usize, fault.column, fault.path, fault.code, range)
        }));
        all.rows.extend((0..decoded.batch.num_rows()).map(|row| decoded.batch.slice(row, 1)));
        let (separators, blank, lines) = all.account;
        all.account = (separators + decoded.separators, blank + decoded.blank, lines + decoded.lines);
        all.undeclared.extend(decoded.undeclared);
        at += decoded.consumed;
        size -= decoded.consumed;
        if last && !decoded.full {
            assert!(all.places.windows(2).all(|pair| pair[0].1 <= pair[1].0 && pair[0].2 <= pair[1].2), "out of order");
            return all;
        }
    }
}

/// Each line by a decoder of its own: nothing of one may depend on another.
fn line_by_line(layout: &Arc<Layout>, bytes: &[u8]) -> (Vec<RecordBatch>, Vec<FaultCode>) {
    let (mut rows, mut codes) = (Vec::new(), Vec::new());
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for (position, line) in lines.iter().enumerate() {
        let last = position + 1 == lines.len();
        let decoded = Json::new(layout.clone()).decode(line, last);
        rows.extend((0..decoded.batch.num_rows()).map(|row| decoded.batch.slice(row, 1)));
        codes.extend(decoded.faults.iter().map(|fault| fault.code));
    }
    (rows, codes)
}

fn numbers(bytes: &[u8]) {
    for text in bytes.split(|byte| b",\n\r\" ".contains(byte)) {
        let double = lexical::double(text);
        let plain =
            std::str::from_utf8(text).ok().filter(|text| text.bytes().all(|byte| b"0123456789+-.eE".contains(&byte)));
        if let Some(plain) = plain {
            let expected = plain.parse::<f64>().ok().filter(|value| value.is_finite());
            assert_eq!(double.map(f64::to_bits), expected.map(f64::to_bits), "double of {plain}");
        }
        if let (Some(integer), Some(decimal)) = (lexical::integer(text), lexical::decimal(text, 38, 0)) {
            assert_eq!(integer, decimal);
        }
        let _ = (lexical::single(text), lexical::boolean(text), lexical::date(text), lexical::time(text));
        let _ = (lexical::timestamp(text, true), lexical::timestamp(text, false), lexical::decimal(text, 20, 7));
    }
}

fn csv(chance: &mut Chance, bytes: &[u8]) {
    let layout = layout(chance, false);
    let sniffed = sniff(bytes, None, None);
    let delimiter = [b',', b';', b'\t', sniffed.delimiter][chance.below(4)];
    let dialect = Dialect { delimiter, nulls: vec![b"NA".to_vec(); chance.below(2)], ..Dialect::default() };
    assert!(Dialect { quote: sniffed.quote, delimiter: sniffed.delimiter, nulls: Vec::new() }.is_valid());
    let header = read_header(bytes, &dialect, layout.limits, true).expect("a header, or the source's end");
    assert!(header.consumed <= bytes.len());
    let positional = CsvHeader::positional(&layout);
    let header = if header.fault.is_none() && chance.below(2) == 0 {
        CsvHeader::matched(header.names, &layout).0
    } else {
        positional
    };
    let decoder = || Csv::new(layout.clone(), dialect.clone(), header.clone());
    let whole = found(&mut decoder(), bytes, || usize::MAX >> 1);
    assert_eq!(found(&mut decoder(), bytes, || 1 + chance.below(40)), whole, "chunks matter");
}

fn json(chance: &mut Chance, bytes: &[u8]) {
    let layout = layout(chance, true);
    let whole = found(&mut Json::new(layout.clone()), bytes, || usize::MAX >> 1);
    assert_eq!(found(&mut Json::new(layout.clone()), bytes, || 1 + chance.below(40)), whole, "chunks matter");
    let codes: Vec<_> = whole.faults.iter().map(|fault| fault.3).collect();
    assert_eq!(line_by_line(&layout, bytes), (whole.rows, codes), "lines matter to each other");
    let whole = found(&mut JsonArray::new(layout.clone()), bytes, || usize::MAX >> 1);
    assert_eq!(found(&mut JsonArray::new(layout), bytes, || 1 + chance.below(40)), whole, "chunks of arrays matter");
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().expect("a number"));
    let seconds = arguments.next().unwrap_or(60);
    let clock = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let first = arguments.next().unwrap_or_else(clock) << 32;
    let (start, mut tries, mut findings) = (Instant::now(), 0, 0);
    while start.elapsed() < Duration::from_secs(seconds) && findings < ENOUGH {
        let seed = first + tries;
        let bytes = mutated(&mut Chance::new(seed));
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let mut chance = Chance::new(!seed);
            json(&mut chance, &bytes);
            csv(&mut chance, &bytes);
            numbers(&bytes);
        }));
        if ran.is_err() {
            findings += 1;
            println!("seed {seed}: {:?}", String::from_utf8_lossy(&bytes));
        }
        tries += 1;
    }
    println!("{tries} texts, {findings} findings");
    if findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
