//! Records as CSV (RFC 4180, lines end in LF), safe to open in a spreadsheet: a text that would be a formula gets a `'` in front. NULL is an empty
//! field, the empty text is `""`. Lists and structs are their JSON text.

use super::json;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Schema};

/// How CSV is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// Between fields.
    pub delimiter: u8,
    /// Around fields.
    pub quote: u8,
    /// Whether the names of the columns come first.
    pub header: bool,
    /// Texts that are NULL to readers unless they are quoted.
    pub nulls: Vec<String>,
}

impl Style {
    /// The usual one with this delimiter.
    pub fn usual(delimiter: u8) -> Self {
        Self { delimiter, quote: b'"', header: true, nulls: Vec::new() }
    }

    /// Is it read as it stands without quotes?
    fn is_plain(&self, value: &[u8]) -> bool {
        let special = |byte: &u8| matches!(*byte, b'\r' | b'\n') || *byte == self.delimiter || *byte == self.quote;
        !value.is_empty() && !value.iter().any(special) && self.nulls.iter().all(|null| null.as_bytes() != value)
    }
}

/// Writes the names of the columns.
pub fn header(schema: &Schema, style: &Style, out: &mut Vec<u8>) {
    for (position, field) in schema.fields().iter().enumerate() {
        if position > 0 {
            out.push(style.delimiter);
        }
        text(field.name(), style, out);
    }
    out.push(b'\n');
}

/// Writes records, a line each unless a text has line breaks.
pub fn records(batch: &RecordBatch, style: &Style, out: &mut Vec<u8>) {
    let fields: Vec<_> = batch.columns().iter().map(|array| field(array, style)).collect();
    for row in 0..batch.num_rows() {
        for (position, field) in fields.iter().enumerate() {
            if position > 0 {
                out.push(style.delimiter);
            }
            field(row, out);
        }
        out.push(b'\n');
    }
}

fn field<'a>(array: &'a dyn Array, style: &'a Style) -> json::Put<'a> {
    if let Some(texts) = json::texts(array) {
        return Box::new(move |row, out| {
            if let Some(value) = texts(row) {
                text(value, style, out);
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
            json if nested => quoted(json, style, out),
            [b'"', bare @ .., b'"'] | bare => match style.is_plain(bare) {
                true => out.extend_from_slice(bare),
                false => quoted(bare, style, out),
            },
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
fn text(value: &str, style: &Style, out: &mut Vec<u8>) {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !formula && style.is_plain(value.as_bytes()) {
        return out.extend_from_slice(value.as_bytes());
    }
    let defused = if formula { format!("'{value}") } else { value.to_owned() };
    quoted(defused.as_bytes(), style, out);
}

fn quoted(bytes: &[u8], style: &Style, out: &mut Vec<u8>) {
    out.push(style.quote);
    for byte in bytes {
        if *byte == style.quote {
            out.push(style.quote);
        }
        out.push(*byte);
    }
    out.push(style.quote);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, StringArray, types::Int64Type};
    use std::sync::Arc;

    fn written(columns: Vec<(&str, ArrayRef)>, delimiter: u8) -> String {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut out = Vec::new();
        header(batch.schema_ref(), &Style::usual(delimiter), &mut out);
        records(&batch, &Style::usual(delimiter), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn null_is_not_the_empty_text() {
        let texts = StringArray::from(vec![Some(""), None, Some("a,b"), Some("c\"d"), Some("e\nf"), Some("null")]);
        let expected = "t\n\"\"\n\n\"a,b\"\n\"c\"\"d\"\n\"e\nf\"\nnull\n";
        assert_eq!(written(vec![("t", Arc::new(texts))], b','), expected);
    }

    #[test]
    fn formulas_are_defused_and_numbers_are_not() {
        let texts = StringArray::from(vec!["=1+1", "+1", "-1", "@x", "\tx", "\rx", "'=x", "a=1"]);
        let numbers = Int64Array::from_iter_values(-8..0);
        let text = written(vec![("t", Arc::new(texts)), ("n", Arc::new(numbers))], b';');
        let expected =
            "t;n\n\"'=1+1\";-8\n\"'+1\";-7\n\"'-1\";-6\n\"'@x\";-5\n\"'\tx\";-4\n\"'\rx\";-3\n'=x;-2\na=1;-1\n";
        assert_eq!(text, expected);
        let empty = || -> ArrayRef { Arc::new(Int64Array::from(Vec::<i64>::new())) };
        assert_eq!(written(vec![("=cmd", empty()), ("b\tc", empty())], b'\t'), "\"'=cmd\"\t\"b\tc\"\n");
    }

    #[test]
    fn other_types() {
        let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None]), None]);
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("b", Arc::new(BooleanArray::from(vec![Some(true), None]))),
            ("f", Arc::new(Float64Array::from(vec![f64::NAN, -0.5]))),
            ("l", Arc::new(list)),
        ];
        assert_eq!(written(columns, b','), "b,f,l\ntrue,NaN,\"[1,null]\"\n,-0.5,\n");
    }
}
