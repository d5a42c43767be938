//! One value of an Arrow array.

use crate::bits::usize_key;
use crate::expr::scalar::Scalar;
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrowPrimitiveType, GenericListArray, OffsetSizeTrait, downcast_dictionary_array};
use arrow_schema::{DataType, TimeUnit};
use bumpalo::Bump;

/// The value of a row, as [`crate::expr::types::Type::of_arrow`] reads its type; NULL for types that expressions do not read.
pub fn scalar_at<'a>(array: &'a dyn Array, row: usize, arena: &'a Bump) -> Scalar<'a> {
    use DataType as D;
    if row >= array.len() || array.is_null(row) {
        return Scalar::Null;
    }
    match array.data_type() {
        D::Boolean => Scalar::Boolean(array.as_boolean().value(row)),
        D::Int8 => integer::<Int8Type>(array, row),
        D::Int16 => integer::<Int16Type>(array, row),
        D::Int32 => integer::<Int32Type>(array, row),
        D::Int64 => integer::<Int64Type>(array, row),
        D::UInt8 => integer::<UInt8Type>(array, row),
        D::UInt16 => integer::<UInt16Type>(array, row),
        D::UInt32 => integer::<UInt32Type>(array, row),
        D::UInt64 => Scalar::Decimal(array.as_primitive::<UInt64Type>().value(row).into()),
        D::Float16 => Scalar::Double(array.as_primitive::<Float16Type>().value(row).to_f64()),
        D::Float32 => Scalar::Double(array.as_primitive::<Float32Type>().value(row).into()),
        D::Float64 => Scalar::Double(array.as_primitive::<Float64Type>().value(row)),
        D::Decimal32(..) => Scalar::Decimal(array.as_primitive::<Decimal32Type>().value(row).into()),
        D::Decimal64(..) => Scalar::Decimal(array.as_primitive::<Decimal64Type>().value(row).into()),
        D::Decimal128(..) => Scalar::Decimal(array.as_primitive::<Decimal128Type>().value(row)),
        D::Utf8 => Scalar::Text(array.as_string::<i32>().value(row)),
        D::LargeUtf8 => Scalar::Text(array.as_string::<i64>().value(row)),
        D::Utf8View => Scalar::Text(array.as_string_view().value(row)),
        D::Binary => Scalar::Binary(array.as_binary::<i32>().value(row)),
        D::LargeBinary => Scalar::Binary(array.as_binary::<i64>().value(row)),
        D::BinaryView => Scalar::Binary(array.as_binary_view().value(row)),
        D::FixedSizeBinary(_) => Scalar::Binary(array.as_fixed_size_binary().value(row)),
        D::List(_) => list(array.as_list::<i32>(), row, arena),
        D::LargeList(_) => list(array.as_list::<i64>(), row, arena),
        D::FixedSizeList(_, size) => {
            let size = usize::try_from(*size).unwrap_or(0);
            items(array.as_fixed_size_list().values().as_ref(), row * size, size, arena)
        }
        D::Struct(_) => {
            let columns = array.as_struct().columns();
            Scalar::Struct(arena.alloc_slice_fill_iter(columns.iter().map(|c| scalar_at(c.as_ref(), row, arena))))
        }
        D::Dictionary(..) => downcast_dictionary_array!(
            array => {
                let code = array.keys().values().get(row).map_or(usize::MAX, |code| usize_key(*code));
                scalar_at(array.values().as_ref(), code, arena)
            },
            _ => Scalar::Null,
        ),
        _ => temporal(array, row),
    }
}

fn temporal<'a>(array: &dyn Array, row: usize) -> Scalar<'a> {
    use DataType as D;
    let scaled = |value: Scalar<'a>, factor: i64| match value {
        Scalar::Integer(value) => Scalar::Integer(value.wrapping_mul(factor)),
        other => other,
    };
    match array.data_type() {
        D::Date32 => integer::<Date32Type>(array, row),
        D::Date64 => Scalar::Integer(array.as_primitive::<Date64Type>().value(row).div_euclid(86_400_000)),
        D::Time32(TimeUnit::Second) => scaled(integer::<Time32SecondType>(array, row), 1_000_000_000),
        D::Time32(_) => scaled(integer::<Time32MillisecondType>(array, row), 1_000_000),
        D::Time64(TimeUnit::Microsecond) => scaled(integer::<Time64MicrosecondType>(array, row), 1_000),
        D::Time64(_) => integer::<Time64NanosecondType>(array, row),
        D::Timestamp(TimeUnit::Second, _) => integer::<TimestampSecondType>(array, row),
        D::Timestamp(TimeUnit::Millisecond, _) => integer::<TimestampMillisecondType>(array, row),
        D::Timestamp(TimeUnit::Microsecond, _) => integer::<TimestampMicrosecondType>(array, row),
        D::Timestamp(TimeUnit::Nanosecond, _) => integer::<TimestampNanosecondType>(array, row),
        D::Duration(TimeUnit::Second) => integer::<DurationSecondType>(array, row),
        D::Duration(TimeUnit::Millisecond) => integer::<DurationMillisecondType>(array, row),
        D::Duration(TimeUnit::Microsecond) => integer::<DurationMicrosecondType>(array, row),
        D::Duration(TimeUnit::Nanosecond) => integer::<DurationNanosecondType>(array, row),
        _ => Scalar::Null,
    }
}

fn integer<'a, T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> Scalar<'a>
where
    T::Native: Into<i64>,
{
    Scalar::Integer(array.as_primitive::<T>().value(row).into())
}

fn list<'a, O: OffsetSizeTrait>(array: &'a GenericListArray<O>, row: usize, arena: &'a Bump) -> Scalar<'a> {
    let offsets = array.value_offsets();
    match (offsets.get(row), offsets.get(row + 1)) {
        (Some(start), Some(end)) => {
            let (start, end) = (start.as_usize(), end.as_usize());
            items(array.values().as_ref(), start, end.saturating_sub(start), arena)
        }
        _ => Scalar::Null,
    }
}

fn items<'a>(values: &'a dyn Array, start: usize, count: usize, arena: &'a Bump) -> Scalar<'a> {
    Scalar::List(arena.alloc_slice_fill_iter((start..start + count).map(|row| scalar_at(values, row, arena))))
}
