//! How the values of one array are written.

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, BooleanArray, FixedSizeBinaryArray, GenericByteArray};
use arrow_array::{GenericByteViewArray, PrimitiveArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, IntervalUnit, TimeUnit};
use num_bigint::BigInt;

use super::{MAX_DEPTH, UnsupportedKey, nested, put};

/// Writes the value of a row that exists and is not NULL.
pub(super) trait Encode: Send + Sync {
    fn put(&self, row: usize, out: &mut Vec<u8>);
}

/// One array: its NULLs as a reader sees them, and the writer of its values.
pub(super) struct Part {
    nulls: Option<NullBuffer>,
    len: usize,
    values: Box<dyn Encode>,
}

impl Part {
    pub(super) fn new(array: &ArrayRef, depth: usize) -> Result<Part, UnsupportedKey> {
        if depth > MAX_DEPTH {
            return Err(UnsupportedKey::TooDeep);
        }
        let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0);
        Ok(Part { nulls, len: array.len(), values: writer(array, depth)? })
    }

    pub(super) fn is_null(&self, row: usize) -> bool {
        row >= self.len || self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// Appends the value, or the NULL tag.
    pub(super) fn encode(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            out.push(put::NULL);
        } else {
            self.values.put(row, out);
        }
    }
}

type Writer = Result<Box<dyn Encode>, UnsupportedKey>;

fn unknown(array: &dyn Array) -> UnsupportedKey {
    UnsupportedKey::Type(Box::new(array.data_type().clone()))
}

fn writer(array: &ArrayRef, depth: usize) -> Writer {
    match array.data_type() {
        DataType::Null => Ok(Box::new(Nothing)),
        DataType::Boolean => Ok(Box::new(array.as_boolean_opt().ok_or_else(|| unknown(array))?.clone())),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => text(array),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => binary(array),
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => nested::list(array, depth),
        DataType::ListView(_) | DataType::LargeListView(_) => nested::list(array, depth),
        DataType::Struct(_) | DataType::Map(..) => nested::object(array, depth),
        DataType::Dictionary(..) | DataType::RunEndEncoded(..) | DataType::Union(..) => nested::indirect(array, depth),
        DataType::Date32 | DataType::Date64 | DataType::Time32(_) | DataType::Time64(_) => clock(array),
        DataType::Timestamp(..) | DataType::Duration(_) | DataType::Interval(_) => clock(array),
        _ => number(array),
    }
}

struct Nothing;

impl Encode for Nothing {
    fn put(&self, _row: usize, out: &mut Vec<u8>) {
        out.push(put::NULL);
    }
}

impl Encode for BooleanArray {
    fn put(&self, row: usize, out: &mut Vec<u8>) {
        out.push(if self.value(row) { put::TRUE } else { put::FALSE });
    }
}

/// Values of a fixed width with the function that writes one.
struct Fixed<T: ArrowPrimitiveType, F> {
    array: PrimitiveArray<T>,
    write: F,
}

impl<T: ArrowPrimitiveType, F: Fn(T::Native, &mut Vec<u8>) + Send + Sync> Encode for Fixed<T, F> {
    fn put(&self, row: usize, out: &mut Vec<u8>) {
        if let Some(value) = self.array.values().get(row) {
            (self.write)(*value, out);
        }
    }
}

fn fixed<T, F>(array: &ArrayRef, write: F) -> Writer
where
    T: ArrowPrimitiveType,
    F: Fn(T::Native, &mut Vec<u8>) + Send + Sync + 'static,
{
    let array = array.as_primitive_opt::<T>().ok_or_else(|| unknown(array))?.clone();
    Ok(Box::new(Fixed { array, write }))
}

fn integer<T: ArrowPrimitiveType>(array: &ArrayRef) -> Writer
where
    T::Native: Into<i128>,
{
    fixed::<T, _>(array, |value, out| put::signed(put::INTEGER, value.into(), out))
}

fn number(array: &ArrayRef) -> Writer {
    match *array.data_type() {
        DataType::Int8 => integer::<Int8Type>(array),
        DataType::Int16 => integer::<Int16Type>(array),
        DataType::Int32 => integer::<Int32Type>(array),
        DataType::Int64 => integer::<Int64Type>(array),
        DataType::UInt8 => integer::<UInt8Type>(array),
        DataType::UInt16 => integer::<UInt16Type>(array),
        DataType::UInt32 => integer::<UInt32Type>(array),
        DataType::UInt64 => integer::<UInt64Type>(array),
        DataType::Float16 => fixed::<Float16Type, _>(array, |value, out| put::float(value.to_f64(), out)),
        DataType::Float32 => fixed::<Float32Type, _>(array, |value, out| put::float(f64::from(value), out)),
        DataType::Float64 => fixed::<Float64Type, _>(array, put::float),
        DataType::Decimal32(_, s) => fixed::<Decimal32Type, _>(array, move |v, out| put::decimal(v.into(), s, out)),
        DataType::Decimal64(_, s) => fixed::<Decimal64Type, _>(array, move |v, out| put::decimal(v.into(), s, out)),
        DataType::Decimal128(_, s) => fixed::<Decimal128Type, _>(array, move |v, out| put::decimal(v, s, out)),
        DataType::Decimal256(_, s) => fixed::<Decimal256Type, _>(array, move |v, out| match v.to_i128() {
            Some(v) => put::decimal(v, s, out),
            None => put::decimal_big(BigInt::from_signed_bytes_le(&v.to_le_bytes()), s, out),
        }),
        _ => Err(unknown(array)),
    }
}

/// Values that count `unit` nanoseconds each, under `tag`.
fn span<T: ArrowPrimitiveType>(array: &ArrayRef, tag: u8, unit: i128) -> Writer
where
    T::Native: Into<i128>,
{
    fixed::<T, _>(array, move |value, out| put::signed(tag, value.into() * unit, out))
}

const NS_PER_MS: i128 = 1_000_000;
const NS_PER_DAY: i128 = 86_400_000 * NS_PER_MS;

fn clock(array: &ArrayRef) -> Writer {
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    let zone = |zone: &Option<_>| {
        if zone.is_some() { put::ZONED } else { put::NAIVE }
    };
    match array.data_type() {
        DataType::Date32 => span::<Date32Type>(array, put::DATE, NS_PER_DAY),
        DataType::Date64 => span::<Date64Type>(array, put::DATE, NS_PER_MS),
        DataType::Time32(Second) => span::<Time32SecondType>(array, put::TIME, 1_000_000_000),
        DataType::Time32(_) => span::<Time32MillisecondType>(array, put::TIME, NS_PER_MS),
        DataType::Time64(Microsecond) => span::<Time64MicrosecondType>(array, put::TIME, 1_000),
        DataType::Time64(_) => span::<Time64NanosecondType>(array, put::TIME, 1),
        DataType::Timestamp(Second, tz) => span::<TimestampSecondType>(array, zone(tz), 1_000_000_000),
        DataType::Timestamp(Millisecond, tz) => span::<TimestampMillisecondType>(array, zone(tz), NS_PER_MS),
        DataType::Timestamp(Microsecond, tz) => span::<TimestampMicrosecondType>(array, zone(tz), 1_000),
        DataType::Timestamp(Nanosecond, tz) => span::<TimestampNanosecondType>(array, zone(tz), 1),
        DataType::Duration(Second) => span::<DurationSecondType>(array, put::DURATION, 1_000_000_000),
        DataType::Duration(Millisecond) => span::<DurationMillisecondType>(array, put::DURATION, NS_PER_MS),
        DataType::Duration(Microsecond) => span::<DurationMicrosecondType>(array, put::DURATION, 1_000),
        DataType::Duration(Nanosecond) => span::<DurationNanosecondType>(array, put::DURATION, 1),
        DataType::Interval(unit) => interval(array, unit),
        _ => Err(unknown(array)),
    }
}

/// Months, days and nanoseconds: a day is not 24 hours, nor a month 30 days.
fn interval(array: &ArrayRef, unit: &IntervalUnit) -> Writer {
    fn write(months: i32, days: i32, nanoseconds: i128, out: &mut Vec<u8>) {
        put::signed(put::INTERVAL, months.into(), out);
        put::signed(put::INTEGER, days.into(), out);
        put::signed(put::INTEGER, nanoseconds, out);
    }
    match unit {
        IntervalUnit::YearMonth => fixed::<IntervalYearMonthType, _>(array, |v, out| write(v, 0, 0, out)),
        IntervalUnit::DayTime => fixed::<IntervalDayTimeType, _>(array, |v, out| {
            write(0, v.days, i128::from(v.milliseconds) * NS_PER_MS, out)
        }),
        IntervalUnit::MonthDayNano => {
            fixed::<IntervalMonthDayNanoType, _>(array, |v, out| write(v.months, v.days, v.nanoseconds.into(), out))
        }
    }
}

/// Values that are bytes of any length.
struct Sized<A> {
    array: A,
    tag: u8,
}

impl<T: ByteArrayType> Encode for Sized<GenericByteArray<T>> {
    fn put(&self, row: usize, out: &mut Vec<u8>) {
        put::bytes(self.tag, self.array.value(row).as_ref(), out);
    }
}

impl<T: ByteViewType> Encode for Sized<GenericByteViewArray<T>> {
    fn put(&self, row: usize, out: &mut Vec<u8>) {
        put::bytes(self.tag, self.array.value(row).as_ref(), out);
    }
}

impl Encode for Sized<FixedSizeBinaryArray> {
    fn put(&self, row: usize, out: &mut Vec<u8>) {
        put::bytes(self.tag, self.array.value(row), out);
    }
}

fn text(array: &ArrayRef) -> Writer {
    let tag = put::TEXT;
    if let Some(array) = array.as_bytes_opt::<Utf8Type>() {
        return Ok(Box::new(Sized { array: array.clone(), tag }));
    }
    if let Some(array) = array.as_bytes_opt::<LargeUtf8Type>() {
        return Ok(Box::new(Sized { array: array.clone(), tag }));
    }
    let array = array.as_string_view_opt().ok_or_else(|| unknown(array))?.clone();
    Ok(Box::new(Sized { array, tag }))
}

fn binary(array: &ArrayRef) -> Writer {
    let tag = put::BYTES;
    if let Some(array) = array.as_bytes_opt::<BinaryType>() {
        return Ok(Box::new(Sized { array: array.clone(), tag }));
    }
    if let Some(array) = array.as_bytes_opt::<LargeBinaryType>() {
        return Ok(Box::new(Sized { array: array.clone(), tag }));
    }
    if let Some(array) = array.as_fixed_size_binary_opt() {
        return Ok(Box::new(Sized { array: array.clone(), tag }));
    }
    let array = array.as_binary_view_opt().ok_or_else(|| unknown(array))?.clone();
    Ok(Box::new(Sized { array, tag }))
}
