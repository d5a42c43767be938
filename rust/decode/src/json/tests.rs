#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

mod arrays;
mod lines;
mod properties;
mod suite;
mod usual;
mod values;

use crate::{Decoded, Decoder, FaultCode, JSON_TEXT, Layout, Limits, UNDECLARED, Undeclared};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) fn field(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, true)
}

pub(super) fn untyped(name: &str) -> Field {
    field(name, DataType::Utf8).with_metadata([(JSON_TEXT.to_owned(), String::new())].into())
}

pub(super) fn list(data_type: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(data_type, true)))
}

pub(super) fn layout(fields: Vec<Field>, undeclared: Undeclared) -> Layout {
    Layout { schema: Arc::new(Schema::new(fields)), undeclared, limits: Limits::default() }
}

/// A bit of everything.
pub(super) fn wide(undeclared: Undeclared) -> Layout {
    let address = DataType::Struct(vec![field("zip", DataType::Utf8), field("no", DataType::Int32)].into());
    let mut fields = vec![
        field("id", DataType::Int64),
        field("name", DataType::Utf8),
        field("amount", DataType::Decimal128(12, 2)),
        field("ratio", DataType::Float64),
        field("ok", DataType::Boolean),
        field("day", DataType::Date32),
        field("at", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))),
        untyped("any"),
        field("tags", list(DataType::Utf8)),
        field("address", address.clone()),
        field("places", list(address)),
    ];
    if undeclared == Undeclared::Keep {
        fields.push(field(UNDECLARED, DataType::Utf8));
    }
    layout(fields, undeclared)
}

/// A fault as (record, column, path, code, bytes).
pub(super) type Found = (u32, Option<u32>, String, FaultCode, (u32, u32));

/// What all chunks of a source give, with places in the source.
#[derive(Debug, PartialEq)]
pub(super) struct Source {
    pub(super) rows: Vec<RecordBatch>,
    /// Start, end, line.
    pub(super) places: Vec<(usize, usize, u32)>,
    pub(super) faults: Vec<Found>,
    pub(super) separators: u64,
    pub(super) blank: u64,
    pub(super) lines: u32,
    pub(super) undeclared: BTreeSet<String>,
}

impl Source {
    pub(super) fn codes(&self) -> Vec<(u32, FaultCode)> {
        self.faults.iter().map(|fault| (fault.0, fault.3)).collect()
    }
}

pub(super) fn check(decoded: &Decoded, length: usize) {
    let batch = &decoded.batch;
    let of_places: u64 = decoded.places.iter().map(|place| u64::from(place.end - place.start)).sum();
    let account = of_places + decoded.separators + decoded.blank + decoded.continued;
    assert_eq!(account, decoded.consumed as u64, "every byte goes somewhere");
    assert!(decoded.consumed <= length);
    assert_eq!(batch.num_rows(), decoded.places.len());
    assert!(decoded.places.is_sorted_by_key(|place| (place.start, place.end)));
    let order = |fault: &crate::Fault| (fault.record, fault.column.unwrap_or(u32::MAX));
    assert!(decoded.faults.is_sorted_by_key(order), "{:?}", decoded.faults);
    for fault in &decoded.faults {
        assert!(fault.bytes.0 <= fault.bytes.1 && fault.bytes.1 as usize <= length);
        if fault.code.is_malformed() {
            assert_eq!(decoded.faults.iter().filter(|other| other.record == fault.record).count(), 1);
            assert!(batch.columns().iter().all(|column| column.is_null(fault.record as usize)));
        }
    }
}

/// Decodes a source whose chunks grow by the given steps, over and over, until something is taken.
pub(super) fn decode_in(decoder: &mut dyn Decoder, bytes: &[u8], steps: &[usize]) -> Source {
    let (rows, places, faults, undeclared) = (Vec::new(), Vec::new(), Vec::new(), BTreeSet::new());
    let mut all = Source { rows, places, faults, separators: 0, blank: 0, lines: 0, undeclared };
    let (mut at, mut size) = (0, 0);
    for step in steps.iter().cycle() {
        size = (size + step).min(bytes.len() - at);
        let last = at + size == bytes.len();
        let decoded = decoder.decode(&bytes[at..at + size], last);
        check(&decoded, size);
        assert!(!last || decoded.full || decoded.consumed == size);
        if let Some(place) = all.places.last_mut() {
            place.1 += decoded.continued as usize;
        }
        let before = all.places.len() as u32;
        let batch = &decoded.batch;
        all.rows.extend((0..batch.num_rows()).map(|row| batch.slice(row, 1)));
        all.places.extend(
            decoded
                .places
                .iter()
                .map(|place| (at + place.start as usize, at + place.end as usize, all.lines + place.line)),
        );
        all.faults.extend(decoded.faults.into_iter().map(|fault| {
            let bytes = (fault.bytes.0 + at as u32, fault.bytes.1 + at as u32);
            (before + fault.record, fault.column, fault.path, fault.code, bytes)
        }));
        all.separators += decoded.separators;
        all.blank += decoded.blank;
        all.lines += decoded.lines;
        all.undeclared.extend(decoded.undeclared);
        at += decoded.consumed;
        size -= decoded.consumed;
        if last && !decoded.full {
            break;
        }
    }
    all
}

pub(super) fn lines(layout: &Layout, text: impl AsRef<[u8]>) -> Source {
    decode_in(&mut super::Json::new(Arc::new(layout.clone())), text.as_ref(), &[usize::MAX >> 1])
}

pub(super) fn array(layout: &Layout, text: impl AsRef<[u8]>) -> Source {
    decode_in(&mut super::JsonArray::new(Arc::new(layout.clone())), text.as_ref(), &[usize::MAX >> 1])
}
