//! JSON values to Arrow arrays, through arrow-cast's reading of text, which the kernels do not use.

use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Decimal128Array, FixedSizeListArray, Int64Array, LargeListArray,
    ListArray, MapArray, NullArray, StringArray, StructArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_cast::{CastOptions, cast, cast_with_options};
use arrow_schema::{DataType, Field, Fields, TimeUnit};
use jiff::civil::DateTime;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;
use std::sync::Arc;

/// A column of these values.
pub fn array(values: &[Value], data_type: &DataType) -> Result<ArrayRef, String> {
    let nulls = || Some(NullBuffer::from_iter(values.iter().map(|value| !value.is_null())));
    let to = |array: ArrayRef| cast(&array, data_type).map_err(|why| why.to_string());
    Ok(match data_type {
        DataType::Null => Arc::new(NullArray::new(values.len())),
        DataType::Boolean => Arc::new(each(values, Value::as_bool)?.into_iter().collect::<BooleanArray>()),
        DataType::Binary => Arc::new(each(values, hex)?.iter().map(Option::as_deref).collect::<BinaryArray>()),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            to(Arc::new(each(values, |value| value.as_str().map(str::to_owned))?.into_iter().collect::<StringArray>()))?
        }
        DataType::Duration(_) => to(Arc::new(each(values, Value::as_i64)?.into_iter().collect::<Int64Array>()))?,
        DataType::Timestamp(unit, _) => {
            let ticks = each(values, |value| instant(value.as_str()?, *unit))?;
            to(Arc::new(ticks.into_iter().collect::<Int64Array>()))?
        }
        DataType::Decimal128(precision, scale @ ..=-1) => {
            let units = each(values, |value| rounded(value, *scale))?;
            let array = units.into_iter().collect::<Decimal128Array>().with_precision_and_scale(*precision, *scale);
            Arc::new(array.map_err(|why| why.to_string())?)
        }
        DataType::Dictionary(_, inner) => to(array(values, inner)?)?,
        DataType::Struct(fields) => Arc::new(structs(values, fields, nulls())?),
        DataType::List(item) => {
            let (items, lengths) = flat(values)?;
            let offsets = OffsetBuffer::from_lengths(lengths);
            Arc::new(ListArray::new(Arc::clone(item), offsets, array(&items, item.data_type())?, nulls()))
        }
        DataType::LargeList(item) => {
            let (items, lengths) = flat(values)?;
            let offsets = OffsetBuffer::from_lengths(lengths);
            Arc::new(LargeListArray::new(Arc::clone(item), offsets, array(&items, item.data_type())?, nulls()))
        }
        DataType::FixedSizeList(item, size) => fixed(values, item, *size, nulls())?,
        DataType::Map(entries, ordered) => maps(values, entries, *ordered, nulls())?,
        _ => parsed(values, data_type)?,
    })
}

/// The values read one by one; a value that is not of its kind is an error, NULL is not.
fn each<T>(values: &[Value], read: impl Fn(&Value) -> Option<T>) -> Result<Vec<Option<T>>, String> {
    let one = |value: &Value| match value {
        Value::Null => Ok(None),
        value => read(value).map(Some).ok_or_else(|| format!("`{value}` is not of its column's type")),
    };
    values.iter().map(one).collect()
}

/// Numbers, decimals, dates and times from their text.
fn parsed(values: &[Value], data_type: &DataType) -> Result<ArrayRef, String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let texts: StringArray = each(values, text)?.into_iter().collect();
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(&texts, data_type, &strict).map_err(|why| why.to_string())
}

/// How many units of a negative scale a whole number is, such as 12 hundreds for `1200`; a rest is not of the type.
fn rounded(value: &Value, scale: i8) -> Option<i128> {
    let number: i128 = value.as_str().map_or_else(|| value.to_string(), str::to_owned).parse().ok()?;
    let unit = 10_i128.checked_pow(u32::from(scale.unsigned_abs()))?;
    (number % unit == 0).then_some(number / unit)
}

/// Ticks since 1970 of an instant, with or without a zone.
fn instant(text: &str, unit: TimeUnit) -> Option<i64> {
    let zoned = text.parse::<Timestamp>().ok();
    let instant = match zoned {
        Some(instant) => instant,
        None => text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp(),
    };
    let per_tick = match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    };
    i64::try_from(instant.as_nanosecond().div_euclid(per_tick)).ok()
}

fn hex(value: &Value) -> Option<Vec<u8>> {
    let text = value.as_str()?;
    let digit = |start: usize| u8::from_str_radix(text.get(start..start + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(digit).collect()
}

/// The items of all lists, and how many each list has.
fn flat(values: &[Value]) -> Result<(Vec<Value>, Vec<usize>), String> {
    let lists = each(values, |value| value.as_array().cloned())?;
    let lengths = lists.iter().map(|list| list.as_ref().map_or(0, Vec::len)).collect();
    Ok((lists.into_iter().flatten().flatten().collect(), lengths))
}

fn structs(values: &[Value], fields: &Fields, nulls: Option<NullBuffer>) -> Result<StructArray, String> {
    let child = |field: &Arc<Field>| {
        let inner: Vec<Value> =
            values.iter().map(|value| value.get(field.name()).cloned().unwrap_or_default()).collect();
        array(&inner, field.data_type())
    };
    let children = fields.iter().map(child).collect::<Result<Vec<_>, _>>()?;
    StructArray::try_new(fields.clone(), children, nulls).map_err(|why| why.to_string())
}

fn fixed(values: &[Value], item: &Arc<Field>, size: i32, nulls: Option<NullBuffer>) -> Result<ArrayRef, String> {
    let width = usize::try_from(size).map_err(|why| why.to_string())?;
    let padded = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![Value::Null; width]);
    let items: Vec<Value> = values.iter().flat_map(padded).collect();
    let items = array(&items, item.data_type())?;
    let made = FixedSizeListArray::try_new(Arc::clone(item), size, items, nulls).map_err(|why| why.to_string())?;
    if made.len() == values.len() { Ok(Arc::new(made)) } else { Err("a fixed list has another length".to_owned()) }
}

fn maps(values: &[Value], entries: &Arc<Field>, ordered: bool, nulls: Option<NullBuffer>) -> Result<ArrayRef, String> {
    let DataType::Struct(fields) = entries.data_type() else {
        return Err("a map has entries".to_owned());
    };
    let (pairs, lengths) = flat(values)?;
    let side = |at: usize| pairs.iter().map(|pair| pair.get(at).cloned().unwrap_or_default()).collect::<Vec<_>>();
    let sides = fields.iter().enumerate().map(|(at, field)| array(&side(at), field.data_type()));
    let sides = sides.collect::<Result<Vec<_>, _>>()?;
    let rows = StructArray::try_new(fields.clone(), sides, None).map_err(|why| why.to_string())?;
    let offsets = OffsetBuffer::from_lengths(lengths);
    let made = MapArray::try_new(Arc::clone(entries), offsets, rows, nulls, ordered);
    made.map(|map| Arc::new(map) as ArrayRef).map_err(|why| why.to_string())
}
