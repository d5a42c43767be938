//! The least and greatest values of a column.

use crate::cell::cell;
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrowPrimitiveType};
use arrow_buffer::i256;
use arrow_schema::{DataType, TimeUnit};
use serde_json::Value;

/// How often each value counts: 0 for those that do not exist. Without a list each counts once.
#[derive(Clone, Copy)]
pub struct Weights<'w>(pub Option<&'w [u64]>);

impl Weights<'_> {
    pub fn at(self, row: usize) -> u64 {
        self.0.map_or(1, |weights| weights.get(row).copied().unwrap_or(0))
    }
}

/// Two ends, each with the text people read.
#[derive(Debug, Clone)]
pub struct Ends<K> {
    ends: Option<((K, String), (K, String))>,
}

impl<K> Default for Ends<K> {
    fn default() -> Self {
        Self { ends: None }
    }
}

impl<K: Copy + PartialOrd> Ends<K> {
    /// Takes a value in; `shown` is called when it is a new end.
    pub fn take(&mut self, value: K, shown: impl Fn() -> String) {
        match &mut self.ends {
            None => self.ends = Some(((value, shown()), (value, shown()))),
            Some((low, _)) if value < low.0 => *low = (value, shown()),
            Some((_, high)) if value > high.0 => *high = (value, shown()),
            Some(_) => {}
        }
    }

    pub fn keys(&self) -> Option<(K, K)> {
        self.ends.as_ref().map(|(low, high)| (low.0, high.0))
    }

    /// `1 … 12`, or the one value that there is.
    pub fn shown(&self) -> Option<String> {
        let (low, high) = self.ends.as_ref()?;
        Some(if low.1 == high.1 { low.1.clone() } else { format!("{} … {}", low.1, high.1) })
    }
}

/// Values that are stored as integers, whatever they mean.
trait Wide: Copy + PartialOrd {
    fn wide(self) -> i256;
}

macro_rules! wide {
    ($($native:ty),+) => {$(
        impl Wide for $native {
            fn wide(self) -> i256 {
                i256::from_i128(i128::from(self))
            }
        }
    )+};
}

wide!(i8, i16, i32, i64, i128, u8, u16, u32, u64);

impl Wide for i256 {
    fn wide(self) -> i256 {
        self
    }
}

impl Ends<i256> {
    /// Takes in the values of an array of integers, decimals, dates, times or timestamps; of others nothing.
    pub fn feed(&mut self, array: &dyn Array, weights: Weights<'_>) {
        macro_rules! feed {
            ($($pattern:pat => $arrow:ty),+) => {
                match array.data_type() {
                    $($pattern => self.primitive::<$arrow>(array, weights),)+
                    _ => {}
                }
            };
        }
        feed!(
            DataType::Int8 => Int8Type, DataType::Int16 => Int16Type, DataType::Int32 => Int32Type, DataType::Int64 => Int64Type,
            DataType::UInt8 => UInt8Type, DataType::UInt16 => UInt16Type,
            DataType::UInt32 => UInt32Type, DataType::UInt64 => UInt64Type,
            DataType::Decimal32(..) => Decimal32Type, DataType::Decimal64(..) => Decimal64Type,
            DataType::Decimal128(..) => Decimal128Type, DataType::Decimal256(..) => Decimal256Type,
            DataType::Date32 => Date32Type, DataType::Date64 => Date64Type,
            DataType::Time32(TimeUnit::Second) => Time32SecondType,
            DataType::Time32(TimeUnit::Millisecond) => Time32MillisecondType,
            DataType::Time64(TimeUnit::Microsecond) => Time64MicrosecondType,
            DataType::Time64(TimeUnit::Nanosecond) => Time64NanosecondType,
            DataType::Timestamp(TimeUnit::Second, _) => TimestampSecondType,
            DataType::Timestamp(TimeUnit::Millisecond, _) => TimestampMillisecondType,
            DataType::Timestamp(TimeUnit::Microsecond, _) => TimestampMicrosecondType,
            DataType::Timestamp(TimeUnit::Nanosecond, _) => TimestampNanosecondType
        );
    }

    fn primitive<T: ArrowPrimitiveType>(&mut self, array: &dyn Array, weights: Weights<'_>)
    where
        T::Native: Wide,
    {
        let Some(typed) = array.as_primitive_opt::<T>() else { return };
        let mut rows = typed.values().iter().copied().enumerate().filter(|(row, _)| weights.at(*row) > 0);
        let Some(first) = rows.next() else { return };
        let (low, high) = rows.fold((first, first), |(low, high), next| {
            (if next.1 < low.1 { next } else { low }, if next.1 > high.1 { next } else { high })
        });
        for (row, value) in [low, high] {
            self.take(value.wide(), || match cell(array, row) {
                Value::String(text) => text,
                other => other.to_string(),
            });
        }
    }
}

/// What is known of floating-point values.
#[derive(Debug, Clone)]
pub struct Reals {
    /// Of the finite ones.
    pub ends: Ends<f64>,
    /// How many are NaN.
    pub nan: u64,
    /// How many are infinite.
    pub infinite: u64,
    /// No finite value has a fraction.
    pub whole: bool,
}

impl Default for Reals {
    fn default() -> Self {
        Self { ends: Ends::default(), nan: 0, infinite: 0, whole: true }
    }
}

impl Reals {
    /// Takes in the values of an array of floats; of others nothing.
    pub fn feed(&mut self, array: &dyn Array, weights: Weights<'_>) {
        match array.data_type() {
            DataType::Float16 => {
                self.primitive::<Float16Type, _>(array, weights, |value| value.to_f64(), |value| value.to_f32())
            }
            DataType::Float32 => self.primitive::<Float32Type, _>(array, weights, f64::from, |value| value),
            DataType::Float64 => self.primitive::<Float64Type, _>(array, weights, |value| value, |value| value),
            _ => {}
        }
    }

    /// `short` gives the width whose shortest digits are shown.
    fn primitive<T: ArrowPrimitiveType, S: serde::Serialize>(
        &mut self,
        array: &dyn Array,
        weights: Weights<'_>,
        exact: impl Fn(T::Native) -> f64,
        short: impl Fn(T::Native) -> S,
    ) {
        let Some(typed) = array.as_primitive_opt::<T>() else { return };
        for (row, &raw) in typed.values().iter().enumerate() {
            let weight = weights.at(row);
            let value = exact(raw);
            match value {
                _ if weight == 0 => {}
                _ if value.is_nan() => self.nan += weight,
                _ if value.is_infinite() => self.infinite += weight,
                _ => {
                    self.whole &= value.fract() == 0.0;
                    self.ends.take(value, || {
                        let text = serde_json::to_string(&short(raw)).unwrap_or_default();
                        text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
                    });
                }
            }
        }
    }
}
