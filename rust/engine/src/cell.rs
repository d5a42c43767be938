//! One value of an Arrow array as the JSON of a verdict's evidence (`docs/spec/verdict.md`, "Values").

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrowPrimitiveType};
use arrow_schema::{DataType, IntervalUnit, TimeUnit};
use guard_kernels::expr::calendar::civil;
use jiff::SignedDuration;
use jiff::civil::Time;
use serde_json::{Map, Number, Value, json};

const TEXT_CAP: usize = 200;
const BYTES_CAP: usize = 100;
/// Whole numbers up to here are JSON numbers; beyond, a double would lose digits.
const EXACT: i128 = (1 << 53) - 1;
const DAY_MS: i64 = 86_400_000;
const DAY_NS: i64 = DAY_MS * 1_000_000;

/// The value of `array` at `row`, capped. Total: a row out of range or a layout without a form gives null or a name.
pub fn cell(array: &dyn Array, row: usize) -> Value {
    match raw(array, row) {
        value @ (Value::Array(_) | Value::Object(_)) if is_nested(array.data_type()) => capped_json(&value),
        value => value,
    }
}

fn is_nested(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_nested(values),
        other => other.is_nested(),
    }
}

fn capped_json(value: &Value) -> Value {
    // No number in it lacks a canonical form: NaN and infinities are texts by now.
    let text = guard_verdict::canonical_json(value).unwrap_or_default();
    let length = text.chars().count();
    json!({"json": text.chars().take(TEXT_CAP).collect::<String>(), "length": length})
}

fn raw(array: &dyn Array, row: usize) -> Value {
    if row >= array.len() || array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Utf8 => text(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => text(array.as_string::<i64>().value(row)),
        DataType::Utf8View => text(array.as_string_view().value(row)),
        DataType::Binary => binary(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => binary(array.as_binary::<i64>().value(row)),
        DataType::BinaryView => binary(array.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => binary(array.as_fixed_size_binary().value(row)),
        data_type if data_type.is_numeric() => number(array, row),
        data_type if data_type.is_temporal() => temporal(array, row),
        _ => nested(array, row),
    }
}

fn text(value: &str) -> Value {
    match value.char_indices().nth(TEXT_CAP) {
        None => Value::String(value.to_owned()),
        Some((end, _)) => json!({"text": value.get(..end), "length": value.chars().count()}),
    }
}

fn binary(value: &[u8]) -> Value {
    use std::fmt::Write;
    let mut hex = String::new();
    for byte in value.iter().take(BYTES_CAP) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    json!({"hex": hex, "length": value.len()})
}

fn native<T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> T::Native {
    array.as_primitive::<T>().value(row)
}

fn number(array: &dyn Array, row: usize) -> Value {
    match array.data_type() {
        DataType::Int8 => native::<Int8Type>(array, row).into(),
        DataType::Int16 => native::<Int16Type>(array, row).into(),
        DataType::Int32 => native::<Int32Type>(array, row).into(),
        DataType::Int64 => integer(native::<Int64Type>(array, row).into()),
        DataType::UInt8 => native::<UInt8Type>(array, row).into(),
        DataType::UInt16 => native::<UInt16Type>(array, row).into(),
        DataType::UInt32 => native::<UInt32Type>(array, row).into(),
        DataType::UInt64 => integer(native::<UInt64Type>(array, row).into()),
        DataType::Float16 => float(native::<Float16Type>(array, row).to_f64()),
        DataType::Float32 => float(native::<Float32Type>(array, row).into()),
        DataType::Float64 => float(native::<Float64Type>(array, row)),
        DataType::Decimal32(..) => Value::String(array.as_primitive::<Decimal32Type>().value_as_string(row)),
        DataType::Decimal64(..) => Value::String(array.as_primitive::<Decimal64Type>().value_as_string(row)),
        DataType::Decimal128(..) => Value::String(array.as_primitive::<Decimal128Type>().value_as_string(row)),
        DataType::Decimal256(..) => Value::String(array.as_primitive::<Decimal256Type>().value_as_string(row)),
        other => Value::String(format!("({other})")),
    }
}

fn integer(value: i128) -> Value {
    match i64::try_from(value) {
        Ok(small) if i128::from(small).abs() <= EXACT => small.into(),
        _ => Value::String(value.to_string()),
    }
}

fn float(value: f64) -> Value {
    match Number::from_f64(value) {
        Some(number) => Value::Number(number),
        None if value.is_nan() => "NaN".into(),
        None if value > 0.0 => "Infinity".into(),
        None => "-Infinity".into(),
    }
}

fn temporal(array: &dyn Array, row: usize) -> Value {
    let text = match array.data_type() {
        DataType::Date32 => date(i64::from(native::<Date32Type>(array, row)) * DAY_MS),
        DataType::Date64 => date(native::<Date64Type>(array, row)),
        DataType::Time32(TimeUnit::Second) => time(i64::from(native::<Time32SecondType>(array, row)), 1_000_000_000),
        DataType::Time32(_) => time(i64::from(native::<Time32MillisecondType>(array, row)), 1_000_000),
        DataType::Time64(TimeUnit::Microsecond) => time(native::<Time64MicrosecondType>(array, row), 1000),
        DataType::Time64(_) => time(native::<Time64NanosecondType>(array, row), 1),
        DataType::Timestamp(unit, zone) => timestamp(timestamp_ticks(array, row), *unit, zone.is_some()),
        DataType::Duration(unit) => duration(array, row, *unit),
        DataType::Interval(unit) => interval(array, row, *unit),
        other => format!("({other})"),
    };
    Value::String(text)
}

/// The ticks of a timestamp array at `row`; 0 for other arrays.
pub fn timestamp_ticks(array: &dyn Array, row: usize) -> i64 {
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => native::<TimestampSecondType>(array, row),
        DataType::Timestamp(TimeUnit::Millisecond, _) => native::<TimestampMillisecondType>(array, row),
        DataType::Timestamp(TimeUnit::Microsecond, _) => native::<TimestampMicrosecondType>(array, row),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => native::<TimestampNanosecondType>(array, row),
        _ => 0,
    }
}

/// Nanoseconds in one tick of `unit`.
pub fn nanoseconds(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

fn date(milliseconds: i64) -> String {
    match civil(milliseconds.div_euclid(DAY_MS)) {
        Some(date) if date.year >= 0 => format!("{:04}-{:02}-{:02}", date.year, date.month, date.day),
        Some(date) => format!("-{:06}-{:02}-{:02}", -date.year, date.month, date.day),
        None => format!("{} days after 1970-01-01", milliseconds.div_euclid(DAY_MS)),
    }
}

fn time(ticks: i64, nanoseconds: i64) -> String {
    let out_of_day = || format!("{ticks} ticks after midnight");
    let Some(total) = ticks.checked_mul(nanoseconds).filter(|n| (0..DAY_NS).contains(n)) else {
        return out_of_day();
    };
    Time::midnight().checked_add(SignedDuration::from_nanos(total)).map_or_else(|_| out_of_day(), |t| t.to_string())
}

fn timestamp(ticks: i64, unit: TimeUnit, zoned: bool) -> String {
    let per_day = DAY_NS / nanoseconds(unit);
    let (days, rest) = (ticks.div_euclid(per_day), ticks.rem_euclid(per_day));
    if civil(days).is_none() {
        return format!("{ticks} {} after 1970-01-01T00:00:00", unit_name(unit));
    }
    let zone = if zoned { "Z" } else { "" };
    format!("{}T{}{zone}", date(days * DAY_MS), time(rest, nanoseconds(unit)))
}

fn unit_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "seconds",
        TimeUnit::Millisecond => "milliseconds",
        TimeUnit::Microsecond => "microseconds",
        TimeUnit::Nanosecond => "nanoseconds",
    }
}

fn duration(array: &dyn Array, row: usize, unit: TimeUnit) -> String {
    let ticks = match unit {
        TimeUnit::Second => native::<DurationSecondType>(array, row),
        TimeUnit::Millisecond => native::<DurationMillisecondType>(array, row),
        TimeUnit::Microsecond => native::<DurationMicrosecondType>(array, row),
        TimeUnit::Nanosecond => native::<DurationNanosecondType>(array, row),
    };
    let total = i128::from(ticks) * i128::from(nanoseconds(unit));
    let (sign, size) = (if total < 0 { "-" } else { "" }, total.unsigned_abs());
    let fraction = format!("{:09}", size % 1_000_000_000);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}PT{}{point}{fraction}S", size / 1_000_000_000)
}

fn interval(array: &dyn Array, row: usize, unit: IntervalUnit) -> String {
    match unit {
        IntervalUnit::YearMonth => format!("P{}M", native::<IntervalYearMonthType>(array, row)),
        IntervalUnit::DayTime => {
            let value = native::<IntervalDayTimeType>(array, row);
            format!("P{}DT{}ms", value.days, value.milliseconds)
        }
        IntervalUnit::MonthDayNano => {
            let value = native::<IntervalMonthDayNanoType>(array, row);
            format!("P{}M{}DT{}ns", value.months, value.days, value.nanoseconds)
        }
    }
}

fn nested(array: &dyn Array, row: usize) -> Value {
    match array.data_type() {
        DataType::List(_) => list(&array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => list(&array.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => list(&array.as_fixed_size_list().value(row)),
        DataType::ListView(_) => list(&array.as_list_view::<i32>().value(row)),
        DataType::LargeListView(_) => list(&array.as_list_view::<i64>().value(row)),
        DataType::Struct(_) => object(array.as_struct(), row),
        DataType::Map(..) => map(&array.as_map().value(row)),
        DataType::Dictionary(..) => dictionary(array, row),
        other => Value::String(format!("({other})")),
    }
}

/// Items past the text cap cannot show, so they are not rendered; the caller's `length` counts rendered text only for
/// lists short enough to matter, and the list's own length is put last.
fn list(items: &dyn Array) -> Value {
    let mut shown: Vec<Value> = (0..items.len().min(TEXT_CAP)).map(|row| raw(items, row)).collect();
    if items.len() > TEXT_CAP {
        shown.push(json!(format!("… {} items", items.len())));
    }
    Value::Array(shown)
}

fn object(array: &arrow_array::StructArray, row: usize) -> Value {
    let pairs = array.fields().iter().zip(array.columns());
    Value::Object(pairs.map(|(field, column)| (field.name().clone(), raw(column, row))).collect::<Map<_, _>>())
}

fn map(entries: &arrow_array::StructArray) -> Value {
    let (Some(keys), Some(values)) = (entries.columns().first(), entries.columns().get(1)) else {
        return Value::Null;
    };
    Value::Array((0..entries.len().min(TEXT_CAP)).map(|row| json!([raw(keys, row), raw(values, row)])).collect())
}

fn dictionary(array: &dyn Array, row: usize) -> Value {
    let one = array.slice(row, 1);
    let dictionary = one.as_any_dictionary();
    match dictionary.normalized_keys().first() {
        Some(key) => raw(dictionary.values(), *key),
        None => Value::Null,
    }
}
