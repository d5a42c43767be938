//! Data blocks to record batches: names with types, then one record a line.

use crate::array::array;
use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Fields, IntervalUnit, Schema, TimeUnit};
use serde_json::Value;
use std::sync::Arc;

/// Reads a data block.
pub fn frame(text: &str) -> Result<RecordBatch, String> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let header = cells(lines.next().unwrap_or_default());
    let field = |cell: &String| {
        let (name, kind) = cell.split_once(':').ok_or_else(|| format!("no type: {cell}"))?;
        Ok(Field::new(name.trim(), data_type(kind)?, true))
    };
    let fields = header.iter().map(field).collect::<Result<Fields, String>>()?;
    let mut columns: Vec<Vec<Value>> = vec![Vec::new(); fields.len()];
    let mut rows = 0;
    for line in lines {
        let row = cells(line);
        if row.len() != fields.len() {
            return Err(format!("{} cells in place of {}: {line}", row.len(), fields.len()));
        }
        for (column, cell) in columns.iter_mut().zip(row) {
            column.push(json(&cell)?);
        }
        rows += 1;
    }
    let arrays = fields.iter().zip(&columns).map(|(field, values)| array(values, field.data_type()));
    let arrays = arrays.collect::<Result<Vec<_>, String>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options).map_err(|why| why.to_string())
}

/// Splits at `|` outside quotes and brackets.
pub fn cells(line: &str) -> Vec<String> {
    split(line, '|', "[{<(", "]}>)")
}

fn split(line: &str, at: char, opening: &str, closing: &str) -> Vec<String> {
    let (mut found, mut cell) = (Vec::new(), String::new());
    let (mut quoted, mut escaped, mut depth) = (false, false, 0_i32);
    for char in line.chars() {
        if char == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && char == '\\' && !escaped;
        if !quoted {
            depth += i32::from(opening.contains(char)) - i32::from(closing.contains(char));
        }
        if char == at && !quoted && depth == 0 {
            found.push(std::mem::take(&mut cell).trim().to_owned());
        } else {
            cell.push(char);
        }
    }
    found.push(cell.trim().to_owned());
    found
}

/// JSON in which `NaN`, `Infinity` and `-Infinity` are spelled bare; they become strings.
pub fn json(text: &str) -> Result<Value, String> {
    let pieces = text.split('"').enumerate().map(|(position, piece)| {
        if position % 2 == 1 {
            return piece.to_owned();
        }
        let marked = piece.replace("-Infinity", "\u{1}").replace("Infinity", "\"Infinity\"");
        marked.replace('\u{1}', "\"-Infinity\"").replace("NaN", "\"NaN\"")
    });
    // An escaped quote would shift the pieces, so such text is taken as it is.
    let whole = if text.contains("\\\"") { text.to_owned() } else { pieces.collect::<Vec<_>>().join("\"") };
    serde_json::from_str(&whole).map_err(|why| format!("`{text}`: {why}"))
}

/// Reads `int64`, `decimal(10, 2)`, `timestamp(us, UTC)`, `list<T>`, `fixed_list<T>(3)`, `struct<a: T>`, `map<K, V>`.
fn data_type(text: &str) -> Result<DataType, String> {
    let text = text.trim();
    let unknown = || format!("no type: {text}");
    let (head, args) = match text.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
        Some((head, args)) => (head, args.split(',').map(str::trim).collect()),
        None => (text, Vec::new()),
    };
    let (name, inner) = match head.strip_suffix('>').and_then(|head| head.split_once('<')) {
        Some((name, inner)) => (name, split(inner, ',', "<(", ">)")),
        None => (head, Vec::new()),
    };
    match (inner.as_slice(), args.as_slice()) {
        ([], []) => plain(name).ok_or_else(unknown),
        ([], [first, rest @ ..]) => with_arguments(name, first, rest).ok_or_else(unknown),
        (inner, args) => nested(name, inner, args)?.ok_or_else(unknown),
    }
}

fn plain(name: &str) -> Option<DataType> {
    Some(match name {
        "null" => DataType::Null,
        "bool" => DataType::Boolean,
        "int8" => DataType::Int8,
        "int16" => DataType::Int16,
        "int32" => DataType::Int32,
        "int64" => DataType::Int64,
        "uint8" => DataType::UInt8,
        "uint16" => DataType::UInt16,
        "uint32" => DataType::UInt32,
        "uint64" => DataType::UInt64,
        "float32" => DataType::Float32,
        "float64" => DataType::Float64,
        "utf8" => DataType::Utf8,
        "large_utf8" => DataType::LargeUtf8,
        "utf8_view" => DataType::Utf8View,
        "binary" => DataType::Binary,
        "date32" => DataType::Date32,
        "date64" => DataType::Date64,
        "interval" => DataType::Interval(IntervalUnit::MonthDayNano),
        _ => return None,
    })
}

fn with_arguments(name: &str, first: &str, rest: &[&str]) -> Option<DataType> {
    let unit = || {
        Some(match first {
            "s" => TimeUnit::Second,
            "ms" => TimeUnit::Millisecond,
            "us" => TimeUnit::Microsecond,
            "ns" => TimeUnit::Nanosecond,
            _ => return None,
        })
    };
    Some(match name {
        "decimal" => {
            let (precision, scale) = (first.parse().ok()?, rest.first()?.parse().ok()?);
            if precision > 38 { DataType::Decimal256(precision, scale) } else { DataType::Decimal128(precision, scale) }
        }
        "time32" => DataType::Time32(unit()?),
        "time64" => DataType::Time64(unit()?),
        "duration" => DataType::Duration(unit()?),
        "timestamp" => DataType::Timestamp(unit()?, rest.first().map(|zone| Arc::from(*zone))),
        _ => return None,
    })
}

fn nested(name: &str, inner: &[String], args: &[&str]) -> Result<Option<DataType>, String> {
    let item = |text: &String| Ok::<_, String>(Arc::new(Field::new("item", data_type(text)?, true)));
    Ok(match (name, inner) {
        ("dict", [values]) => Some(DataType::Dictionary(Box::new(DataType::Int32), Box::new(data_type(values)?))),
        ("list", [values]) => Some(DataType::List(item(values)?)),
        ("large_list", [values]) => Some(DataType::LargeList(item(values)?)),
        ("fixed_list", [values]) => {
            let size = args.first().and_then(|size| size.parse().ok()).ok_or("a fixed list has a size")?;
            Some(DataType::FixedSizeList(item(values)?, size))
        }
        ("map", [key, value]) => {
            let key = Field::new("key", data_type(key)?, false);
            let entries = DataType::Struct(Fields::from(vec![key, Field::new("value", data_type(value)?, true)]));
            Some(DataType::Map(Arc::new(Field::new("entries", entries, false)), false))
        }
        ("struct", fields) => {
            let field = |text: &String| {
                let (name, kind) = text.split_once(':').ok_or_else(|| format!("no type: {text}"))?;
                Ok::<_, String>(Field::new(name.trim(), data_type(kind)?, true))
            };
            Some(DataType::Struct(fields.iter().map(field).collect::<Result<Fields, _>>()?))
        }
        _ => None,
    })
}
