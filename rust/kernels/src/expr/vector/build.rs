//! Vectors as Arrow arrays of [`Type::to_arrow`].

use super::arithmetic::map;
use super::sink::Sink;
use super::{Bits, Column, Data, Texts, Vector};
use crate::expr::scalar::{Constant, Scalar};
use crate::expr::types::Type;
use arrow_array::builder::{BinaryViewBuilder, StringViewBuilder};
use arrow_array::types::*;
use arrow_array::{
    Array, ArrayRef, BooleanArray, LargeListArray, NullArray, PrimitiveArray, StringViewArray, StructArray,
    new_null_array,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Fields, TimeUnit};
use std::sync::Arc;

/// The values as an array of the type's Arrow form; failed records are NULL.
pub fn array(vector: &Vector, ty: &Type, rows: usize) -> ArrayRef {
    into_array(vector.clone(), ty, rows)
}

/// [`array`] without a copy of what was computed.
pub fn into_array(vector: Vector, ty: &Type, rows: usize) -> ArrayRef {
    let Vector { data, valid, faults } = vector;
    let data = match data {
        Data::Text(Texts::View(values)) => return views(values, nulls(valid, rows)),
        data @ (Data::Text(_) | Data::Array(_)) => return slowly(&Vector { data, valid, faults }, ty, rows),
        data => data,
    };
    let nulls = nulls(valid, rows);
    match data {
        Data::Boolean(values) => {
            Arc::new(BooleanArray::new(BooleanBuffer::new(Buffer::from_vec(values), 0, rows), nulls))
        }
        Data::Integer(values) => integers(values, ty, nulls, rows),
        Data::Decimal(values) => {
            let array = PrimitiveArray::<Decimal128Type>::new(values.buffer(rows), nulls);
            Arc::new(array.with_data_type(ty.to_arrow()))
        }
        Data::Double(values) => Arc::new(PrimitiveArray::<Float64Type>::new(values.buffer(rows), nulls)),
        Data::Null | Data::Text(_) | Data::Array(_) => new_null_array(&ty.to_arrow(), rows),
    }
}

fn nulls(valid: Option<Bits>, rows: usize) -> Option<NullBuffer> {
    valid.map(|valid| NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(valid), 0, rows)))
}

fn views(values: StringViewArray, nulls: Option<NullBuffer>) -> ArrayRef {
    if nulls.is_none() && values.nulls().is_none() {
        return Arc::new(values);
    }
    let (views, buffers, _) = values.into_parts();
    // SAFETY: views and buffers are those of a valid array; only which records are NULL changes.
    Arc::new(unsafe { StringViewArray::new_unchecked(views, buffers, nulls) })
}

/// Other layouts of texts, and what is an array already.
fn slowly(vector: &Vector, ty: &Type, rows: usize) -> ArrayRef {
    match &vector.data {
        Data::Array(values) if *values.data_type() == ty.to_arrow() => values.clone(),
        Data::Array(_) => {
            let arena = bumpalo::Bump::new();
            let scalars: Vec<_> = (0..rows).map(|row| vector.get(row, &arena).unwrap_or(Scalar::Null)).collect();
            from_scalars(&scalars, ty)
        }
        _ => {
            let mut builder = StringViewBuilder::with_capacity(rows);
            (0..rows).for_each(|row| builder.append_option(vector.text(row)));
            Arc::new(builder.finish())
        }
    }
}

impl<T: Copy + arrow_buffer::ArrowNativeType> Column<T> {
    fn buffer(self, rows: usize) -> ScalarBuffer<T> {
        match self {
            Column::Shared(values) => values,
            Column::Own(values) => ScalarBuffer::from(values),
            Column::One(value) => ScalarBuffer::from(vec![value; rows]),
        }
    }
}

fn integers(values: Column<i64>, ty: &Type, nulls: Option<NullBuffer>, rows: usize) -> ArrayRef {
    match ty.to_arrow() {
        DataType::Date32 => {
            // Dates computed from dates stay within 32 bits or failed.
            let days = map(&values, rows, |days| i32::try_from(days).unwrap_or(i32::MAX));
            Arc::new(PrimitiveArray::<Date32Type>::new(days.into(), nulls))
        }
        DataType::Time64(_) => Arc::new(PrimitiveArray::<Time64NanosecondType>::new(values.buffer(rows), nulls)),
        DataType::Timestamp(unit, zone) => match unit {
            TimeUnit::Second => zoned::<TimestampSecondType>(values.buffer(rows), nulls, zone),
            TimeUnit::Millisecond => zoned::<TimestampMillisecondType>(values.buffer(rows), nulls, zone),
            TimeUnit::Microsecond => zoned::<TimestampMicrosecondType>(values.buffer(rows), nulls, zone),
            TimeUnit::Nanosecond => zoned::<TimestampNanosecondType>(values.buffer(rows), nulls, zone),
        },
        DataType::Duration(unit) => match unit {
            TimeUnit::Second => Arc::new(PrimitiveArray::<DurationSecondType>::new(values.buffer(rows), nulls)),
            TimeUnit::Millisecond => {
                Arc::new(PrimitiveArray::<DurationMillisecondType>::new(values.buffer(rows), nulls))
            }
            TimeUnit::Microsecond => {
                Arc::new(PrimitiveArray::<DurationMicrosecondType>::new(values.buffer(rows), nulls))
            }
            TimeUnit::Nanosecond => Arc::new(PrimitiveArray::<DurationNanosecondType>::new(values.buffer(rows), nulls)),
        },
        _ => Arc::new(PrimitiveArray::<Int64Type>::new(values.buffer(rows), nulls)),
    }
}

fn zoned<T: ArrowTimestampType>(
    values: ScalarBuffer<i64>,
    nulls: Option<NullBuffer>,
    zone: Option<Arc<str>>,
) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::new(values, nulls).with_timezone_opt(zone))
}

/// Texts of `rows` records.
pub fn texts_from<'t>(rows: usize, text: impl Fn(usize) -> Option<&'t str>) -> Texts {
    let mut sink = Sink::new(rows);
    (0..rows).for_each(|row| sink.push(text(row).unwrap_or_default()));
    Texts::View(sink.finish())
}

/// An array of single values of one type.
pub fn from_scalars(values: &[Scalar<'_>], ty: &Type) -> ArrayRef {
    match ty {
        Type::Null => Arc::new(NullArray::new(values.len())),
        Type::List(item) => lists(values, item),
        Type::Struct(fields) => structs(values, fields),
        Type::Text => {
            let mut builder = StringViewBuilder::with_capacity(values.len());
            values.iter().for_each(|value| match value {
                Scalar::Text(text) => builder.append_value(text),
                _ => builder.append_null(),
            });
            Arc::new(builder.finish())
        }
        Type::Binary => {
            let mut builder = BinaryViewBuilder::with_capacity(values.len());
            values.iter().for_each(|value| match value {
                Scalar::Binary(bytes) => builder.append_value(bytes),
                _ => builder.append_null(),
            });
            Arc::new(builder.finish())
        }
        _ => {
            let vector = super::general::collect(values.iter().map(|value| Ok(*value)), ty, values.len());
            into_array(vector, ty, values.len())
        }
    }
}

fn validity(values: &[Scalar<'_>]) -> NullBuffer {
    values.iter().map(|value| !value.is_null()).collect::<Vec<bool>>().into()
}

fn lists(values: &[Scalar<'_>], item: &Type) -> ArrayRef {
    let items = |value: &Scalar<'_>| match value {
        Scalar::List(items) => items.len(),
        _ => 0,
    };
    let offsets = OffsetBuffer::<i64>::from_lengths(values.iter().map(items));
    let mut flat = Vec::new();
    for value in values {
        if let Scalar::List(items) = value {
            flat.extend_from_slice(items);
        }
    }
    let field = Arc::new(Field::new("item", item.to_arrow(), true));
    match LargeListArray::try_new(field, offsets, from_scalars(&flat, item), Some(validity(values))) {
        Ok(array) => Arc::new(array),
        Err(_) => new_null_array(&Type::List(Arc::new(item.clone())).to_arrow(), values.len()),
    }
}

fn structs<'a>(values: &[Scalar<'a>], fields: &Arc<[(String, Type)]>) -> ArrayRef {
    let column = |position: usize| -> Vec<Scalar<'a>> {
        let field = |value: &Scalar<'a>| match value {
            Scalar::Struct(fields) => fields.get(position).map_or(Scalar::Null, |field| *field),
            _ => Scalar::Null,
        };
        values.iter().map(field).collect()
    };
    let columns = fields.iter().enumerate().map(|(position, (_, ty))| from_scalars(&column(position), ty));
    let arrow: Fields = fields.iter().map(|(name, ty)| Field::new(name, ty.to_arrow(), true)).collect();
    match StructArray::try_new_with_length(arrow.clone(), columns.collect(), Some(validity(values)), values.len()) {
        Ok(array) => Arc::new(array),
        Err(_) => new_null_array(&DataType::Struct(arrow), values.len()),
    }
}

/// An array of one constant.
pub fn array_of(value: &Constant, ty: &Type) -> ArrayRef {
    let arena = bumpalo::Bump::new();
    from_scalars(&[value.scalar(&arena)], ty)
}
