//! Values of a column by type.

use super::{Bits, Column, Text};
use arrow_array::types::{Int8Type, Int16Type, Int32Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type};
use arrow_array::{ArrayRef, ArrowPrimitiveType, PrimitiveArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Fields};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// What a column holds; one variant for each way to push.
#[derive(Debug)]
pub enum Values {
    /// [`Column::push_bool`].
    Boolean(Bits),
    /// [`Column::push_integer`].
    Int64(Vec<i64>),
    /// Other integers, narrowed at the end: [`Column::push_integer`].
    Integer {
        /// Each in the range of `kind`.
        values: Vec<i128>,
        /// The type.
        kind: Integers,
    },
    /// [`Column::push_f32`].
    Float32(Vec<f32>),
    /// [`Column::push_f64`].
    Float64(Vec<f64>),
    /// [`Column::push_decimal`].
    Decimal {
        /// Values × 10^scale.
        values: Vec<i128>,
        /// Greatest number of digits.
        precision: u8,
        /// Digits after the point; not negative.
        scale: i8,
    },
    /// [`Column::push_str`].
    Text(Text),
    /// A text of any JSON value (S9.4): [`Column::push_str`].
    JsonText(Text),
    /// A text of a JSON object: [`Column::push_str`].
    JsonObject(Text),
    /// [`Column::push_date`].
    Date(Vec<i32>),
    /// [`Column::push_micros`].
    Time(Vec<i64>),
    /// [`Column::push_micros`].
    Timestamp {
        /// Microseconds since 1970.
        values: Vec<i64>,
        /// The zone; none of local times.
        zone: Option<Arc<str>>,
    },
    /// [`Column::elements`], [`Column::close_list`].
    List {
        /// Ends of lists among the elements, after a 0.
        offsets: Vec<i32>,
        /// The elements' field.
        item: Arc<arrow_schema::Field>,
        /// The elements.
        child: Box<Column>,
    },
    /// [`Column::members`], [`Column::close_struct`].
    Struct {
        /// The members' fields.
        fields: Fields,
        /// A column for each.
        children: Vec<Column>,
    },
    /// A type that is not of the layout's; takes NULL only.
    Unsupported(DataType),
}

/// Integer types other than int64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Integers {
    Int8,
    Int16,
    Int32,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
}

impl Integers {
    pub(super) fn of(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Int8 => Self::Int8,
            DataType::Int16 => Self::Int16,
            DataType::Int32 => Self::Int32,
            DataType::UInt8 => Self::UInt8,
            DataType::UInt16 => Self::UInt16,
            DataType::UInt32 => Self::UInt32,
            DataType::UInt64 => Self::UInt64,
            _ => return None,
        })
    }

    /// Least and greatest value.
    #[inline]
    pub fn range(self) -> RangeInclusive<i128> {
        match self {
            Self::Int8 => i8::MIN.into()..=i8::MAX.into(),
            Self::Int16 => i16::MIN.into()..=i16::MAX.into(),
            Self::Int32 => i32::MIN.into()..=i32::MAX.into(),
            Self::UInt8 => 0..=u8::MAX.into(),
            Self::UInt16 => 0..=u16::MAX.into(),
            Self::UInt32 => 0..=u32::MAX.into(),
            Self::UInt64 => 0..=u64::MAX.into(),
        }
    }

    pub(super) fn array(self, values: Vec<i128>, nulls: Option<NullBuffer>) -> ArrayRef {
        match self {
            Self::Int8 => narrow::<Int8Type>(values, nulls, |value| value as i8),
            Self::Int16 => narrow::<Int16Type>(values, nulls, |value| value as i16),
            Self::Int32 => narrow::<Int32Type>(values, nulls, |value| value as i32),
            Self::UInt8 => narrow::<UInt8Type>(values, nulls, |value| value as u8),
            Self::UInt16 => narrow::<UInt16Type>(values, nulls, |value| value as u16),
            Self::UInt32 => narrow::<UInt32Type>(values, nulls, |value| value as u32),
            Self::UInt64 => narrow::<UInt64Type>(values, nulls, |value| value as u64),
        }
    }
}

/// The values are in range, so that `cast` changes none.
fn narrow<T: ArrowPrimitiveType>(
    values: Vec<i128>,
    nulls: Option<NullBuffer>,
    cast: impl Fn(i128) -> T::Native,
) -> ArrayRef {
    let values: Vec<T::Native> = values.into_iter().map(cast).collect();
    Arc::new(PrimitiveArray::<T>::new(values.into(), nulls))
}
