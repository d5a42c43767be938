//! Decoding, accounts checked, and results that a person can read.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, types};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use guard_decode::csv::{Csv, CsvHeader, Dialect};
use guard_decode::{Decoded, Decoder, Fault, Layout, Limits, Place, Undeclared};

pub fn layout(fields: &[(&str, DataType)], record_bytes: usize) -> Arc<Layout> {
    let fields: Vec<_> = fields.iter().map(|(name, data_type)| Field::new(*name, data_type.clone(), false)).collect();
    let limits = Limits { record_bytes, ..Limits::default() };
    Arc::new(Layout { schema: Arc::new(Schema::new(fields)), undeclared: Undeclared::Drop, limits })
}

/// Text columns `a`, `b`, …
pub fn texts(columns: usize) -> Arc<Layout> {
    let names = ["a", "b", "c", "d", "e"];
    let fields: Vec<_> = names[..columns].iter().map(|name| (*name, DataType::Utf8)).collect();
    layout(&fields, Limits::default().record_bytes)
}

pub fn decoder(layout: &Arc<Layout>, dialect: &Dialect) -> Csv {
    Csv::new(layout.clone(), dialect.clone(), CsvHeader::positional(layout))
}

/// Decodes a whole source without a header.
pub fn decode(bytes: &[u8], layout: &Arc<Layout>) -> Decoded {
    let decoded = decoder(layout, &Dialect::default()).decode(bytes, true);
    assert_eq!(decoded.consumed, bytes.len());
    check(bytes, &decoded);
    decoded
}

/// What holds of every decoding.
pub fn check(bytes: &[u8], decoded: &Decoded) {
    let records: usize = decoded.places.iter().map(|place| (place.end - place.start) as usize).sum();
    let account = records as u64 + decoded.separators + decoded.blank + decoded.continued;
    assert_eq!(account, decoded.consumed as u64, "every byte is accounted for");
    assert_eq!(decoded.batch.num_rows(), decoded.places.len());
    assert!(decoded.places.windows(2).all(|pair| pair[0].end <= pair[1].start && pair[0].line <= pair[1].line));
    let order: Vec<_> = decoded.faults.iter().map(|fault| (fault.record, fault.column)).collect();
    assert!(order.windows(2).all(|pair| pair[0] < pair[1]), "one fault a record or value, in order: {order:?}");
    let (mut at, mut line) = (0, 0);
    for place in &decoded.places {
        // No record starts between CR and LF.
        line += lines(&bytes[at..place.start as usize]);
        at = place.start as usize;
        assert_eq!(place.line, line, "line of {place:?}");
    }
    assert_eq!(decoded.lines, line + lines(&bytes[at..decoded.consumed]));
    for fault in &decoded.faults {
        let place = decoded.places[fault.record as usize];
        assert!(place.start <= fault.bytes.0 && fault.bytes.0 <= fault.bytes.1 && fault.bytes.1 <= place.end);
        let null = |column: &ArrayRef| column.is_null(fault.record as usize);
        let columns = decoded.batch.columns();
        match fault.column {
            Some(column) => assert!(null(&columns[column as usize])),
            None => assert!(!fault.code.is_malformed() || columns.iter().all(null)),
        }
    }
}

/// Line breaks: LF, CRLF, CR.
fn lines(bytes: &[u8]) -> u32 {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
    text.matches('\n').count() as u32
}

/// Each record as its values between bars (`~` is NULL, `?` unreadable) or the code of its fault.
pub fn show(decoded: &Decoded) -> Vec<String> {
    (0..decoded.places.len()).map(|row| show_record(decoded, row)).collect()
}

fn show_record(decoded: &Decoded, row: usize) -> String {
    let faults: Vec<&Fault> = decoded.faults.iter().filter(|fault| fault.record as usize == row).collect();
    if let Some(fault) = faults.iter().find(|fault| fault.code.is_malformed()) {
        return fault.code.name().to_owned();
    }
    let unreadable = |column: usize| faults.iter().any(|fault| fault.column == Some(column as u32));
    let values = decoded.batch.columns().iter().enumerate().map(|(column, array)| match unreadable(column) {
        true => "?".to_owned(),
        false => value(array, row),
    });
    values.collect::<Vec<_>>().join("|")
}

fn value(array: &ArrayRef, row: usize) -> String {
    if array.is_null(row) {
        return "~".to_owned();
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row).to_owned(),
        DataType::Boolean => array.as_boolean().value(row).to_string(),
        DataType::Int8 => array.as_primitive::<types::Int8Type>().value(row).to_string(),
        DataType::Int64 => array.as_primitive::<types::Int64Type>().value(row).to_string(),
        DataType::UInt64 => array.as_primitive::<types::UInt64Type>().value(row).to_string(),
        DataType::Float32 => array.as_primitive::<types::Float32Type>().value(row).to_string(),
        DataType::Float64 => array.as_primitive::<types::Float64Type>().value(row).to_string(),
        DataType::Decimal128(..) => array.as_primitive::<types::Decimal128Type>().value(row).to_string(),
        DataType::Date32 => array.as_primitive::<types::Date32Type>().value(row).to_string(),
        DataType::Time64(_) => array.as_primitive::<types::Time64MicrosecondType>().value(row).to_string(),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            array.as_primitive::<types::TimestampMicrosecondType>().value(row).to_string()
        }
        other => panic!("no {other} here"),
    }
}

/// Records with their places and faults in the source, however it was cut.
#[derive(Debug, PartialEq)]
pub struct Joined {
    pub records: Vec<String>,
    pub places: Vec<Place>,
    pub faults: Vec<Fault>,
    pub account: (u64, u64, u32),
}

/// Decodes a source in chunks of `size` bytes, or more where a record needs it.
pub fn joined(bytes: &[u8], layout: &Arc<Layout>, size: usize) -> Joined {
    let mut decoder = decoder(layout, &Dialect::default());
    let mut all = Joined { records: vec![], places: vec![], faults: vec![], account: (0, 0, 0) };
    let (mut at, mut wanted) = (0, size);
    loop {
        let end = bytes.len().min(at + wanted);
        let chunk = &bytes[at..end];
        let decoded = decoder.decode(chunk, end == bytes.len());
        check(chunk, &decoded);
        let (offset, first) = (at as u32, all.places.len() as u32);
        all.records.extend(show(&decoded));
        if let Some(place) = all.places.last_mut() {
            place.end += decoded.continued as u32;
        }
        all.places.extend(decoded.places.iter().map(|place| Place {
            start: place.start + offset,
            end: place.end + offset,
            line: place.line + all.account.2,
        }));
        all.faults.extend(decoded.faults.iter().map(|fault| Fault {
            record: fault.record + first,
            bytes: (fault.bytes.0 + offset, fault.bytes.1 + offset),
            ..fault.clone()
        }));
        let (separators, blank, lines) = all.account;
        all.account = (separators + decoded.separators, blank + decoded.blank, lines + decoded.lines);
        at += decoded.consumed;
        if decoded.full {
            continue;
        }
        if end == bytes.len() {
            assert_eq!(at, bytes.len());
            return all;
        }
        wanted = if decoded.consumed == 0 { wanted + size } else { size };
    }
}
