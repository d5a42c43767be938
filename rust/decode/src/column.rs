//! Builders of typed columns, filled value by value.
//!
//! A push says whether the column's type takes the value; where it does not, nothing is pushed, and the caller pushes NULL and reports.

mod batch;
mod bits;
mod text;
mod values;
mod views;

#[cfg(test)]
mod tests;

pub use batch::Columns;
pub(crate) use batch::{most_values, width};
pub use bits::Bits;
use bits::Validity;
pub use text::{Runs, Text, kept_texts, moved};
pub use values::{Integers, Values};
pub use views::with_views;

use crate::{JSON_OBJECT, JSON_TEXT};
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Time64MicrosecondType, TimestampMicrosecondType,
};
use arrow_array::{ArrayRef, BooleanArray, ListArray, PrimitiveArray, StructArray, new_null_array};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, TimeUnit};
use std::sync::Arc;

/// A column under construction.
#[derive(Debug)]
pub struct Column {
    valid: Validity,
    values: Values,
}

impl Column {
    /// An empty column of the field's type, with room for `rows` values. A type that is not of [`crate::Layout`] makes a column of NULLs only.
    pub fn new(field: &Field, rows: usize) -> Self {
        let text = || Text::with_capacity(rows);
        let values = match field.data_type() {
            DataType::Boolean => Values::Boolean(Bits::with_capacity(rows)),
            DataType::Int64 => Values::Int64(Vec::with_capacity(rows)),
            DataType::Float32 => Values::Float32(Vec::with_capacity(rows)),
            DataType::Float64 => Values::Float64(Vec::with_capacity(rows)),
            DataType::Decimal128(precision, scale) if *scale >= 0 => {
                Values::Decimal { values: Vec::with_capacity(rows), precision: *precision, scale: *scale }
            }
            DataType::Utf8 => match field.metadata().get(JSON_TEXT).map(String::as_str) {
                Some(JSON_OBJECT) => Values::JsonObject(text()),
                Some(_) => Values::JsonText(text()),
                None => Values::Text(text()),
            },
            DataType::Date32 => Values::Date(Vec::with_capacity(rows)),
            DataType::Time64(TimeUnit::Microsecond) => Values::Time(Vec::with_capacity(rows)),
            DataType::Timestamp(TimeUnit::Microsecond, zone) => {
                Values::Timestamp { values: Vec::with_capacity(rows), zone: zone.clone() }
            }
            DataType::List(item) => Values::List {
                offsets: first_offset(rows),
                item: Arc::new(nullable(item)),
                child: Box::new(Self::new(item, rows)),
            },
            DataType::Struct(fields) => Values::Struct {
                fields: fields.iter().map(|field| Arc::new(nullable(field))).collect(),
                children: fields.iter().map(|field| Self::new(field, rows)).collect(),
            },
            other => match Integers::of(other) {
                Some(kind) => Values::Integer { values: Vec::with_capacity(rows), kind },
                None => Values::Unsupported(other.clone()),
            },
        };
        Self { valid: Validity::default(), values }
    }

    /// Values so far.
    #[inline]
    pub fn len(&self) -> usize {
        self.valid.len()
    }

    /// No values so far?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is in it; the type says which push takes what.
    #[inline]
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The values, to push one into; [`Self::pushed`] follows exactly when one was.
    #[inline(always)]
    pub(crate) fn values_mut(&mut self) -> &mut Values {
        &mut self.values
    }

    /// A value was pushed into [`Self::values_mut`].
    #[inline(always)]
    pub(crate) fn pushed(&mut self) {
        self.valid.valid();
    }

    /// Pushes NULL; children of a struct get one too.
    pub fn push_null(&mut self) {
        self.push_nulls(1);
    }

    /// Pushes so many NULLs; children of a struct get as many.
    pub(crate) fn push_nulls(&mut self, count: usize) {
        self.valid.nulls(count);
        self.push_defaults(count);
    }

    /// Pushes so many values that stand for none; children of a struct get as many NULLs.
    fn push_defaults(&mut self, count: usize) {
        match &mut self.values {
            Values::Boolean(bits) => bits.push_zeros(count),
            Values::Int64(values) | Values::Time(values) | Values::Timestamp { values, .. } => repeat(values, 0, count),
            Values::Integer { values, .. } | Values::Decimal { values, .. } => repeat(values, 0, count),
            Values::Float32(values) => repeat(values, 0.0, count),
            Values::Float64(values) => repeat(values, 0.0, count),
            Values::Date(values) => repeat(values, 0, count),
            Values::Text(text) | Values::JsonText(text) | Values::JsonObject(text) => text.push_empty(count),
            Values::List { offsets, .. } => {
                let last = offsets.last().copied().unwrap_or(0);
                repeat(offsets, last, count);
            }
            Values::Struct { children, .. } => children.iter_mut().for_each(|child| child.push_nulls(count)),
            Values::Unsupported(_) => {}
        }
    }

    /// Ends row `row`, the last one, which is NULL whatever was pushed of it: that is for [`Self::finish_with`] to know. A list of it has no elements.
    #[inline]
    pub(crate) fn void(&mut self, row: usize) {
        if matches!(self.values, Values::List { .. } | Values::Struct { .. }) {
            self.cut(row);
        }
        if self.len() <= row {
            self.valid.whatever();
            self.push_defaults(1);
        }
    }

    /// Pushes a boolean.
    #[inline]
    pub fn push_bool(&mut self, value: bool) -> bool {
        let Values::Boolean(bits) = &mut self.values else { return false };
        bits.push(value);
        self.valid.valid();
        true
    }

    /// Pushes an integer, if it is in the range of the column's integers.
    #[inline]
    pub fn push_integer(&mut self, value: i128) -> bool {
        match &mut self.values {
            Values::Int64(values) => match i64::try_from(value) {
                Ok(value) => values.push(value),
                Err(_) => return false,
            },
            Values::Integer { values, kind } if kind.range().contains(&value) => values.push(value),
            _ => return false,
        }
        self.valid.valid();
        true
    }

    /// Pushes a double, finite or not.
    #[inline]
    pub fn push_f64(&mut self, value: f64) -> bool {
        let Values::Float64(values) = &mut self.values else { return false };
        values.push(value);
        self.valid.valid();
        true
    }

    /// Pushes a single, finite or not.
    #[inline]
    pub fn push_f32(&mut self, value: f32) -> bool {
        let Values::Float32(values) = &mut self.values else { return false };
        values.push(value);
        self.valid.valid();
        true
    }

    /// Pushes a decimal by its digits, the value × 10^scale; false when it has more digits than the precision.
    #[inline]
    pub fn push_decimal(&mut self, digits: i128) -> bool {
        let Values::Decimal { values, precision, .. } = &mut self.values else { return false };
        if digits.unsigned_abs() >= 10u128.checked_pow(u32::from(*precision)).unwrap_or(u128::MAX) {
            return false;
        }
        values.push(digits);
        self.valid.valid();
        true
    }

    /// Pushes days since 1970-01-01.
    #[inline]
    pub fn push_date(&mut self, days: i32) -> bool {
        let Values::Date(values) = &mut self.values else { return false };
        values.push(days);
        self.valid.valid();
        true
    }

    /// Pushes microseconds: of a day for times, since 1970 for timestamps.
    #[inline]
    pub fn push_micros(&mut self, micros: i64) -> bool {
        let (Values::Time(values) | Values::Timestamp { values, .. }) = &mut self.values else { return false };
        values.push(micros);
        self.valid.valid();
        true
    }

    /// Pushes a text; false also when the column would pass 2^31 bytes.
    #[inline]
    pub fn push_str(&mut self, value: &str) -> bool {
        self.push_text(|text| text.append(value))
    }

    /// Pushes the text that `fill` appends. When it fails, or the column would pass 2^31 bytes, nothing is pushed.
    #[inline]
    pub fn push_text(&mut self, fill: impl FnOnce(&mut Text) -> bool) -> bool {
        let (Values::Text(text) | Values::JsonText(text) | Values::JsonObject(text)) = &mut self.values else {
            return false;
        };
        if !(fill(text) && text.close()) {
            text.abandon();
            return false;
        }
        self.valid.valid();
        true
    }

    /// The elements' column, to push those of the next list into; then [`Self::close_list`].
    #[inline]
    pub fn elements(&mut self) -> Option<&mut Column> {
        match &mut self.values {
            Values::List { child, .. } => Some(child),
            _ => None,
        }
    }

    /// Ends a list: its elements are those pushed since the last one.
    #[inline]
    pub fn close_list(&mut self) -> bool {
        let Values::List { offsets, child, .. } = &mut self.values else { return false };
        let Ok(end) = i32::try_from(child.len()) else { return false };
        offsets.push(end);
        self.valid.valid();
        true
    }

    /// The members' columns, to push one value into each; then [`Self::close_struct`].
    #[inline]
    pub fn members(&mut self) -> Option<&mut [Column]> {
        match &mut self.values {
            Values::Struct { children, .. } => Some(children),
            _ => None,
        }
    }

    /// Ends a struct: a member without a value is NULL.
    #[inline]
    pub fn close_struct(&mut self) -> bool {
        let rows = self.len();
        let Values::Struct { children, .. } = &mut self.values else { return false };
        children.iter_mut().filter(|child| child.len() <= rows).for_each(Self::push_null);
        self.valid.valid();
        true
    }

    /// Takes back all beyond the first `rows` values, and what is half pushed into children.
    #[inline]
    pub fn truncate(&mut self, rows: usize) {
        // Nothing but nested values is ever pushed by halves.
        if self.len() > rows || matches!(self.values, Values::List { .. } | Values::Struct { .. }) {
            self.cut(rows);
        }
    }

    fn cut(&mut self, rows: usize) {
        let rows = rows.min(self.len());
        self.valid.truncate(rows);
        match &mut self.values {
            Values::Boolean(bits) => bits.truncate(rows),
            Values::Int64(values) | Values::Time(values) | Values::Timestamp { values, .. } => values.truncate(rows),
            Values::Integer { values, .. } | Values::Decimal { values, .. } => values.truncate(rows),
            Values::Float32(values) => values.truncate(rows),
            Values::Float64(values) => values.truncate(rows),
            Values::Date(values) => values.truncate(rows),
            Values::Text(text) | Values::JsonText(text) | Values::JsonObject(text) => text.truncate(rows),
            Values::List { offsets, child, .. } => {
                offsets.truncate(rows + 1);
                child.truncate(offsets.last().and_then(|end| usize::try_from(*end).ok()).unwrap_or(0));
            }
            Values::Struct { children, .. } => children.iter_mut().for_each(|child| child.truncate(rows)),
            Values::Unsupported(_) => {}
        }
    }

    /// The array, after [`Self::truncate`] to `rows` and NULLs up to it.
    pub fn finish(self, rows: usize) -> ArrayRef {
        self.finish_with(rows, None)
    }

    /// As [`Self::finish`], with the rows NULL that are not among `others`.
    pub(crate) fn finish_with(mut self, rows: usize, others: Option<&NullBuffer>) -> ArrayRef {
        self.truncate(rows);
        self.push_nulls(rows - self.len());
        let nulls = NullBuffer::union(self.valid.finish().as_ref(), others);
        match self.values {
            Values::Boolean(bits) => Arc::new(BooleanArray::new(bits.finish(), nulls)),
            Values::Int64(values) => {
                Arc::new(PrimitiveArray::<arrow_array::types::Int64Type>::new(values.into(), nulls))
            }
            Values::Integer { values, kind } => kind.array(values, nulls),
            Values::Float32(values) => Arc::new(PrimitiveArray::<Float32Type>::new(values.into(), nulls)),
            Values::Float64(values) => Arc::new(PrimitiveArray::<Float64Type>::new(values.into(), nulls)),
            Values::Decimal { values, precision, scale } => {
                let array = PrimitiveArray::<Decimal128Type>::new(values.into(), nulls);
                Arc::new(array.with_data_type(DataType::Decimal128(precision, scale)))
            }
            Values::Date(values) => Arc::new(PrimitiveArray::<Date32Type>::new(values.into(), nulls)),
            Values::Time(values) => Arc::new(PrimitiveArray::<Time64MicrosecondType>::new(values.into(), nulls)),
            Values::Timestamp { values, zone } => {
                let array = PrimitiveArray::<TimestampMicrosecondType>::new(values.into(), nulls);
                Arc::new(array.with_timezone_opt(zone))
            }
            Values::Text(text) | Values::JsonText(text) | Values::JsonObject(text) => text.array(nulls),
            Values::List { offsets, item, child } => list(offsets, item, *child, nulls),
            Values::Struct { fields, children } => {
                let arrays = children.into_iter().map(|child| child.finish(rows)).collect();
                let data_type = DataType::Struct(fields.clone());
                StructArray::try_new_with_length(fields, arrays, nulls, rows)
                    .map_or_else(|_| new_null_array(&data_type, rows), |array| Arc::new(array))
            }
            Values::Unsupported(data_type) => new_null_array(&data_type, rows),
        }
    }
}

fn list(offsets: Vec<i32>, item: Arc<Field>, child: Column, nulls: Option<NullBuffer>) -> ArrayRef {
    let rows = offsets.len().saturating_sub(1);
    let elements = child.finish(offsets.last().and_then(|end| usize::try_from(*end).ok()).unwrap_or(0));
    let data_type = DataType::List(item.clone());
    ListArray::try_new(item, OffsetBuffer::new(ScalarBuffer::from(offsets)), elements, nulls)
        .map_or_else(|_| new_null_array(&data_type, rows), |array| Arc::new(array))
}

/// Pushes a value so many times, most often once.
#[inline(always)]
fn repeat<T: Copy>(values: &mut Vec<T>, value: T, count: usize) {
    match count {
        1 => values.push(value),
        _ => values.resize(values.len() + count, value),
    }
}

fn first_offset(rows: usize) -> Vec<i32> {
    let mut offsets = Vec::with_capacity(rows + 1);
    offsets.push(0);
    offsets
}

/// The field with NULLs allowed at every level: whether NULL is right is judged by clauses, not by builders.
pub(crate) fn nullable(field: &Field) -> Field {
    let data_type = match field.data_type() {
        DataType::List(item) => DataType::List(Arc::new(nullable(item))),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(|field| Arc::new(nullable(field))).collect()),
        other => other.clone(),
    };
    Field::new(field.name(), data_type, true).with_metadata(field.metadata().clone())
}
