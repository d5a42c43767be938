//! Records as CSV (RFC 4180, lines end in LF), safe to open in a spreadsheet: a text that would be a formula gets a `'` in front. NULL is an empty
//! field, the empty text is `""`. Lists and structs are their JSON text.

use super::json;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Schema};

/// Writes the names of the columns.
pub fn header(schema: &Schema, delimiter: u8, out: &mut Vec<u8>) {
    for (position, field) in schema.fields().iter().enumerate() {
        if position > 0 {
            out.push(delimiter);
        }
        text(field.name(), delimiter, out);
    }
    out.push(b'\n');
}

/// Writes records, a line each unless a text has line breaks.
pub fn records(batch: &RecordBatch, delimiter: u8, out: &mut Vec<u8>) {
    let fields: Vec<_> = batch.columns().iter().map(|array| field(array, delimiter)).collect();
    for row in 0..batch.num_rows() {
        for (position, field) in fields.iter().enumerate() {
            if position > 0 {
                out.push(delimiter);
            }
            field(row, out);
        }
        out.push(b'\n');
    }
}

fn field(array: &dyn Array, delimiter: u8) -> json::Put<'_> {
    if let Some(texts) = json::texts(array) {
        return Box::new(move |row, out| {
            if let Some(value) = texts(row) {
                text(value, delimiter, out);
            }
        });
    }
    let put = json::value(array);
    let nested = nested(array.data_type());
    Box::new(move |row, out| {
        let start = out.len();
        put(row, out);
        let written = out.split_off(start);
        match written.as_slice() {
            b"null" => {}
            json if nested => quoted(json, out),
            [b'"', bare @ .., b'"'] => out.extend_from_slice(bare),
            bare => out.extend_from_slice(bare),
        }
    })
}

fn nested(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => nested(values),
        other => other.is_nested(),
    }
}

/// A text, quoted where it must be, and defused.
fn text(value: &str, delimiter: u8, out: &mut Vec<u8>) {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let special = |byte: &u8| matches!(*byte, b'"' | b'\r' | b'\n') || *byte == delimiter;
    if !formula && !value.is_empty() && !value.bytes().any(|byte| special(&byte)) {
        return out.extend_from_slice(value.as_bytes());
    }
    let defused = if formula { format!("'{value}") } else { value.to_owned() };
    quoted(defused.as_bytes(), out);
}

fn quoted(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in bytes {
        out.extend_from_slice(if *byte == b'"' { b"\"\"" } else { std::slice::from_ref(byte) });
    }
    out.push(b'"');
}
