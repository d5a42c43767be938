//! Records as NDJSON, exactly: integers and decimals with all their digits, doubles in the shortest form that reads back as the same, dates and
//! times as S9.5 reads them, binary as hexadecimal digits. NaN and infinities, which JSON has no form for, are texts.

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrowPrimitiveType, RecordBatch};
use arrow_schema::{DataType, Field};
use guard_engine::cell::cell;
use guard_engine::plan::{UNTYPED, UNTYPED_OBJECT};
use std::io::Write;

/// Metadata key of a text column that holds the undeclared members of each record as a JSON object: they are written as members again.
pub use guard_ingest::MEMBERS as UNDECLARED;

/// Writes the value of a row.
pub type Put<'a> = Box<dyn Fn(usize, &mut Vec<u8>) + 'a>;

/// Writes each record as an object on a line of its own, with a member for each column, NULL ones too.
pub fn records(batch: &RecordBatch, out: &mut Vec<u8>) {
    let schema = batch.schema_ref();
    let members: Vec<_> =
        schema.fields().iter().zip(batch.columns()).map(|(field, array)| member(field, array)).collect();
    for row in 0..batch.num_rows() {
        out.push(b'{');
        let start = out.len();
        for member in &members {
            let before = out.len();
            if before > start {
                out.push(b',');
            }
            let after = out.len();
            member(row, out);
            if out.len() == after {
                out.truncate(before);
            }
        }
        out.extend_from_slice(b"}\n");
    }
}

/// `"name":value`, or nothing.
fn member<'a>(field: &Field, array: &'a dyn Array) -> Put<'a> {
    if field.metadata().contains_key(UNDECLARED)
        && let Some(texts) = texts(array)
    {
        return Box::new(move |row, out| {
            let inner = texts(row).and_then(|text| text.trim().strip_prefix('{')?.strip_suffix('}'));
            out.extend_from_slice(inner.unwrap_or_default().trim().as_bytes());
        });
    }
    let mut name = Vec::new();
    string(field.name(), &mut name);
    name.push(b':');
    let value = shaped(field, array);
    Box::new(move |row, out| {
        out.extend_from_slice(&name);
        value(row, out);
    })
}

/// As [`value`], with the bytes of objects that a reader of JSON took as they are.
fn shaped<'a>(field: &Field, array: &'a dyn Array) -> Put<'a> {
    match texts(array).filter(|_| field.metadata().get(UNTYPED).is_some_and(|kind| kind == UNTYPED_OBJECT)) {
        Some(texts) => Box::new(move |row, out: &mut Vec<u8>| match texts(row) {
            Some(text) => out.extend(text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r'))),
            None => null(out),
        }),
        None => value(array),
    }
}

/// Writes values of an array, looked at once.
pub fn value<'a>(array: &'a dyn Array) -> Put<'a> {
    let present = present(array);
    if array.null_count() == 0 {
        return present;
    }
    Box::new(move |row, out| if array.is_null(row) { null(out) } else { present(row, out) })
}

fn null(out: &mut Vec<u8>) {
    out.extend_from_slice(b"null");
}

fn present<'a>(array: &'a dyn Array) -> Put<'a> {
    if let Some(texts) = texts(array) {
        return Box::new(move |row, out| match texts(row) {
            Some(text) => string(text, out),
            None => null(out),
        });
    }
    match array.data_type() {
        DataType::Null => Box::new(|_, out| null(out)),
        DataType::Boolean => {
            let array = array.as_boolean();
            Box::new(move |row, out| out.extend_from_slice(if array.value(row) { b"true" } else { b"false" }))
        }
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => binary(array),
        data_type if data_type.is_numeric() => number(array),
        data_type if data_type.is_nested() || matches!(data_type, DataType::Dictionary(..)) => nested(array),
        _ => Box::new(move |row, out| match cell(array, row) {
            serde_json::Value::String(text) => string(&text, out),
            // Writing to a Vec cannot fail.
            other => drop(write!(out, "{other}")),
        }),
    }
}

/// The texts of a text column or a dictionary of texts.
pub fn texts<'a>(array: &'a dyn Array) -> Option<Box<dyn Fn(usize) -> Option<&'a str> + 'a>> {
    Some(match array.data_type() {
        DataType::Utf8 => {
            let array = array.as_string::<i32>();
            Box::new(move |row| array.is_valid(row).then(|| array.value(row)))
        }
        DataType::LargeUtf8 => {
            let array = array.as_string::<i64>();
            Box::new(move |row| array.is_valid(row).then(|| array.value(row)))
        }
        DataType::Utf8View => {
            let array = array.as_string_view();
            Box::new(move |row| array.is_valid(row).then(|| array.value(row)))
        }
        DataType::Dictionary(..) => {
            let (keys, values) = dictionary(array);
            let texts = texts(values)?;
            Box::new(move |row| keys.get(row).copied().flatten().and_then(&texts))
        }
        _ => return None,
    })
}

/// Keys, NULL where there is no value, and values.
fn dictionary(array: &dyn Array) -> (Vec<Option<usize>>, &dyn Array) {
    let any = array.as_any_dictionary();
    let values = any.values().as_ref();
    if values.is_empty() {
        return (vec![None; array.len()], values);
    }
    let keys = any.normalized_keys().into_iter().enumerate();
    (keys.map(|(row, key)| array.is_valid(row).then_some(key)).collect(), values)
}

fn shown<'a, T: ArrowPrimitiveType>(array: &'a dyn Array) -> Put<'a>
where
    T::Native: std::fmt::Display,
{
    let array = array.as_primitive::<T>();
    Box::new(move |row, out| drop(write!(out, "{}", array.value(row))))
}

fn double(value: f64, out: &mut Vec<u8>) {
    match serde_json::Number::from_f64(value) {
        Some(number) => drop(write!(out, "{number}")),
        None if value.is_nan() => out.extend_from_slice(b"\"NaN\""),
        None if value > 0.0 => out.extend_from_slice(b"\"Infinity\""),
        None => out.extend_from_slice(b"\"-Infinity\""),
    }
}

fn doubles<'a, T: ArrowPrimitiveType>(array: &'a dyn Array, of: impl Fn(T::Native) -> f64 + 'a) -> Put<'a> {
    let array = array.as_primitive::<T>();
    Box::new(move |row, out| double(of(array.value(row)), out))
}

fn decimals<'a, T: DecimalType>(array: &'a dyn Array) -> Put<'a> {
    let array = array.as_primitive::<T>();
    Box::new(move |row, out| out.extend_from_slice(array.value_as_string(row).as_bytes()))
}

fn number<'a>(array: &'a dyn Array) -> Put<'a> {
    match array.data_type() {
        DataType::Int8 => shown::<Int8Type>(array),
        DataType::Int16 => shown::<Int16Type>(array),
        DataType::Int32 => shown::<Int32Type>(array),
        DataType::Int64 => shown::<Int64Type>(array),
        DataType::UInt8 => shown::<UInt8Type>(array),
        DataType::UInt16 => shown::<UInt16Type>(array),
        DataType::UInt32 => shown::<UInt32Type>(array),
        DataType::UInt64 => shown::<UInt64Type>(array),
        DataType::Float16 => doubles::<Float16Type>(array, |value| value.to_f64()),
        DataType::Float32 => doubles::<Float32Type>(array, f64::from),
        DataType::Float64 => doubles::<Float64Type>(array, |value| value),
        DataType::Decimal32(..) => decimals::<Decimal32Type>(array),
        DataType::Decimal64(..) => decimals::<Decimal64Type>(array),
        DataType::Decimal128(..) => decimals::<Decimal128Type>(array),
        DataType::Decimal256(..) => decimals::<Decimal256Type>(array),
        _ => Box::new(|_, out| null(out)),
    }
}

fn binary<'a>(array: &'a dyn Array) -> Put<'a> {
    Box::new(move |row, out| {
        let bytes = match array.data_type() {
            DataType::Binary => array.as_binary::<i32>().value(row),
            DataType::LargeBinary => array.as_binary::<i64>().value(row),
            DataType::BinaryView => array.as_binary_view().value(row),
            _ => array.as_fixed_size_binary().value(row),
        };
        out.push(b'"');
        bytes.iter().for_each(|byte| drop(write!(out, "{byte:02x}")));
        out.push(b'"');
    })
}

fn nested<'a>(array: &'a dyn Array) -> Put<'a> {
    match array.data_type() {
        DataType::List(item) => Box::new(move |row, out| list(item, &array.as_list::<i32>().value(row), out)),
        DataType::LargeList(item) => Box::new(move |row, out| list(item, &array.as_list::<i64>().value(row), out)),
        DataType::FixedSizeList(item, _) => {
            Box::new(move |row, out| list(item, &array.as_fixed_size_list().value(row), out))
        }
        DataType::ListView(item) => Box::new(move |row, out| list(item, &array.as_list_view::<i32>().value(row), out)),
        DataType::LargeListView(item) => {
            Box::new(move |row, out| list(item, &array.as_list_view::<i64>().value(row), out))
        }
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let members: Vec<_> = fields.iter().zip(columns).map(|(field, column)| member(field, column)).collect();
            Box::new(move |row, out| {
                out.push(b'{');
                for (position, member) in members.iter().enumerate() {
                    out.extend_from_slice(if position == 0 { b"" } else { b"," });
                    member(row, out);
                }
                out.push(b'}');
            })
        }
        DataType::Map(..) => Box::new(move |row, out| map(&array.as_map().value(row), out)),
        DataType::Dictionary(..) => {
            let (keys, values) = dictionary(array);
            let value = value(values);
            Box::new(move |row, out| match keys.get(row).copied().flatten() {
                Some(key) => value(key, out),
                None => null(out),
            })
        }
        _ => Box::new(|_, out| null(out)),
    }
}

fn list(item: &Field, items: &dyn Array, out: &mut Vec<u8>) {
    let put = shaped(item, items);
    out.push(b'[');
    for row in 0..items.len() {
        out.extend_from_slice(if row == 0 { b"" } else { b"," });
        put(row, out);
    }
    out.push(b']');
}

/// A map as an object where its keys are texts, else as pairs.
fn map(entries: &arrow_array::StructArray, out: &mut Vec<u8>) {
    let [keys, values] = entries.columns() else { return null(out) };
    let (texts, key, value) = (texts(keys), value(keys), value(values));
    let (open, between, close) = if texts.is_some() { ("", ":", "") } else { ("[", ",", "]") };
    out.push(if texts.is_some() { b'{' } else { b'[' });
    for row in 0..entries.len() {
        out.extend_from_slice(if row == 0 { b"" } else { b"," });
        out.extend_from_slice(open.as_bytes());
        key(row, out);
        out.extend_from_slice(between.as_bytes());
        value(row, out);
        out.extend_from_slice(close.as_bytes());
    }
    out.push(if texts.is_some() { b'}' } else { b']' });
}

/// A JSON string.
fn string(text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, text).is_err() {
        // Writing text to a Vec cannot fail.
        out.truncate(start);
        out.extend_from_slice(b"\"\"");
    }
}

#[cfg(test)]
mod tests;
