//! Arrow arrays as vectors (S6.3). Fixed-width values of the right width are shared, narrower ones widened.

use super::{Bits, Column, Data, Texts, Vector};
use crate::bits;
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, downcast_dictionary_array};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};
use std::sync::Arc;

const DAY_MS: i64 = 86_400_000;

/// The records `[start, start + rows)` of an array; NULL for all when expressions do not read its type.
pub fn load(array: &ArrayRef, start: usize, rows: usize) -> Vector {
    if let Some(vector) = wide(array, start, rows) {
        return vector;
    }
    let array = array.slice(start, rows);
    if array.data_type().is_null() {
        return Vector::nulls(rows);
    }
    if let DataType::Dictionary(..) = array.data_type() {
        return dictionary(&array, rows);
    }
    let valid = array.nulls().and_then(|nulls| words(nulls, rows));
    match data(&array, rows) {
        Some(Data::Boolean(mut values)) => {
            if let Some(valid) = &valid {
                values.iter_mut().zip(valid).for_each(|(value, valid)| *value &= valid);
            }
            Vector { data: Data::Boolean(values), valid, faults: None }
        }
        Some(data) => Vector { data, valid, faults: None },
        None => Vector::nulls(rows),
    }
}

/// Columns of 64-bit values that are shared as they stand: no slice of the whole array is made for a chunk.
fn wide(array: &ArrayRef, start: usize, rows: usize) -> Option<Vector> {
    use DataType as D;
    if start.checked_add(rows)? > array.len() {
        return None;
    }
    let data = match array.data_type() {
        D::Float64 => Data::Double(Column::Shared(array.as_primitive::<Float64Type>().values().slice(start, rows))),
        D::Int64 => integers_of::<Int64Type>(array, start, rows),
        D::Timestamp(TimeUnit::Second, _) => integers_of::<TimestampSecondType>(array, start, rows),
        D::Timestamp(TimeUnit::Millisecond, _) => integers_of::<TimestampMillisecondType>(array, start, rows),
        D::Timestamp(TimeUnit::Microsecond, _) => integers_of::<TimestampMicrosecondType>(array, start, rows),
        D::Timestamp(TimeUnit::Nanosecond, _) => integers_of::<TimestampNanosecondType>(array, start, rows),
        _ => return None,
    };
    let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
    let valid = nulls.map(|nulls| {
        let mut out = vec![0; bits::words(rows)];
        bits::copy(nulls.inner(), start, rows, &mut out);
        out
    });
    let missing = |valid: &Bits| valid.iter().map(|word| word.count_ones() as usize).sum::<usize>() < rows;
    Some(Vector { data, valid: valid.filter(missing), faults: None })
}

fn integers_of<T: ArrowPrimitiveType<Native = i64>>(array: &ArrayRef, start: usize, rows: usize) -> Data {
    Data::Integer(Column::Shared(array.as_primitive::<T>().values().slice(start, rows)))
}

fn words(nulls: &NullBuffer, rows: usize) -> Option<Bits> {
    if nulls.null_count() == 0 {
        return None;
    }
    let mut out = vec![0; bits::words(rows)];
    bits::copy(nulls.inner(), 0, rows, &mut out);
    Some(out)
}

fn data(array: &ArrayRef, rows: usize) -> Option<Data> {
    use DataType as D;
    let ns = |factor: i64| move |value: i64| value.wrapping_mul(factor);
    Some(match array.data_type() {
        D::Boolean => {
            let mut out = vec![0; bits::words(rows)];
            bits::copy(array.as_boolean().values(), 0, rows, &mut out);
            Data::Boolean(out)
        }
        D::Int8 => integers::<Int8Type>(array, i64::from),
        D::Int16 => integers::<Int16Type>(array, i64::from),
        D::Int32 => integers::<Int32Type>(array, i64::from),
        D::Int64 => shared::<Int64Type>(array),
        D::UInt8 => integers::<UInt8Type>(array, i64::from),
        D::UInt16 => integers::<UInt16Type>(array, i64::from),
        D::UInt32 => integers::<UInt32Type>(array, i64::from),
        D::UInt64 => decimals::<UInt64Type>(array, i128::from),
        D::Float16 => doubles::<Float16Type>(array, |value| value.to_f64()),
        D::Float32 => doubles::<Float32Type>(array, f64::from),
        D::Float64 => Data::Double(Column::Shared(array.as_primitive::<Float64Type>().values().clone())),
        D::Decimal32(..) => decimals::<Decimal32Type>(array, i128::from),
        D::Decimal64(..) => decimals::<Decimal64Type>(array, i128::from),
        D::Decimal128(..) => Data::Decimal(Column::Shared(array.as_primitive::<Decimal128Type>().values().clone())),
        D::Date32 => integers::<Date32Type>(array, i64::from),
        D::Date64 => integers::<Date64Type>(array, |value| value.div_euclid(DAY_MS)),
        D::Time32(TimeUnit::Second) => integers::<Time32SecondType>(array, |value| i64::from(value) * 1_000_000_000),
        D::Time32(_) => integers::<Time32MillisecondType>(array, |value| i64::from(value) * 1_000_000),
        D::Time64(TimeUnit::Microsecond) => integers::<Time64MicrosecondType>(array, ns(1_000)),
        D::Time64(_) => shared::<Time64NanosecondType>(array),
        D::Timestamp(TimeUnit::Second, _) => shared::<TimestampSecondType>(array),
        D::Timestamp(TimeUnit::Millisecond, _) => shared::<TimestampMillisecondType>(array),
        D::Timestamp(TimeUnit::Microsecond, _) => shared::<TimestampMicrosecondType>(array),
        D::Timestamp(TimeUnit::Nanosecond, _) => shared::<TimestampNanosecondType>(array),
        D::Duration(TimeUnit::Second) => shared::<DurationSecondType>(array),
        D::Duration(TimeUnit::Millisecond) => shared::<DurationMillisecondType>(array),
        D::Duration(TimeUnit::Microsecond) => shared::<DurationMicrosecondType>(array),
        D::Duration(TimeUnit::Nanosecond) => shared::<DurationNanosecondType>(array),
        D::Utf8 | D::LargeUtf8 | D::Utf8View => Data::Text(Texts::of(array)?),
        _ => Data::Array(Arc::clone(array)),
    })
}

fn shared<T: ArrowPrimitiveType<Native = i64>>(array: &ArrayRef) -> Data {
    Data::Integer(Column::Shared(array.as_primitive::<T>().values().clone()))
}

fn integers<T: ArrowPrimitiveType>(array: &ArrayRef, widen: impl Fn(T::Native) -> i64) -> Data {
    Data::Integer(Column::Own(array.as_primitive::<T>().values().iter().map(|value| widen(*value)).collect()))
}

fn decimals<T: ArrowPrimitiveType>(array: &ArrayRef, widen: impl Fn(T::Native) -> i128) -> Data {
    Data::Decimal(Column::Own(array.as_primitive::<T>().values().iter().map(|value| widen(*value)).collect()))
}

fn doubles<T: ArrowPrimitiveType>(array: &ArrayRef, widen: impl Fn(T::Native) -> f64) -> Data {
    Data::Double(Column::Own(array.as_primitive::<T>().values().iter().map(|value| widen(*value)).collect()))
}

/// Codes stay codes for texts; other values are looked up.
fn dictionary(array: &ArrayRef, rows: usize) -> Vector {
    let (codes, values): (Vec<u32>, ArrayRef) = downcast_dictionary_array!(
        array => {
            // Codes under NULL may point nowhere; they are never read.
            let codes = array.keys().values().iter().map(|code| u32::try_from(bits::usize_key(*code)).unwrap_or(u32::MAX));
            (codes.collect(), Arc::clone(array.values()))
        },
        _ => return Vector::nulls(rows),
    );
    let inner = load(&values, 0, values.len());
    let valid = match array.logical_nulls() {
        Some(nulls) => words(&nulls, rows),
        None => None,
    };
    let pick = |code: &u32| *code as usize;
    let data = match inner.data {
        Data::Text(texts) => Data::Text(Texts::Coded(codes.into(), Arc::new(texts))),
        Data::Integer(values) => {
            Data::Integer(Column::Own(codes.iter().map(|code| values.get(pick(code)).unwrap_or_default()).collect()))
        }
        Data::Decimal(values) => {
            Data::Decimal(Column::Own(codes.iter().map(|code| values.get(pick(code)).unwrap_or_default()).collect()))
        }
        Data::Double(values) => {
            Data::Double(Column::Own(codes.iter().map(|code| values.get(pick(code)).unwrap_or_default()).collect()))
        }
        Data::Boolean(values) => {
            let mut out = vec![0; bits::words(rows)];
            bits::fill(&mut out, rows, |row| codes.get(row).is_some_and(|code| bits::get(&values, pick(code))));
            if let Some(valid) = &valid {
                out.iter_mut().zip(valid).for_each(|(value, valid)| *value &= valid);
            }
            Data::Boolean(out)
        }
        Data::Null => Data::Null,
        // Dictionaries of binary values.
        Data::Array(_) => Data::Array(Arc::clone(array)),
    };
    Vector { data, valid, faults: None }
}
