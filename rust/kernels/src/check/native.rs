//! The physical values of primitive columns, whatever logical type they carry.

use std::fmt::Debug;
use std::hash::Hash;

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrowPrimitiveType};
use arrow_buffer::i256;
use arrow_schema::{DataType, TimeUnit};
use num_bigint::BigInt;

type Binary16 = <Float16Type as ArrowPrimitiveType>::Native;

/// Half precision; its values have no name here.
pub(super) type Half = Float16Type;

/// How a primitive column stores its values.
pub(super) trait Native: Send + Sync + 'static {
    /// A stored value.
    type Raw: Copy + Send + Sync + 'static;
    /// What bounds compare; orders as the value does.
    type Key: Copy + PartialOrd + Debug + Send + Sync + 'static;
    /// What sets compare; −0.0 equals 0.0.
    type Atom: Copy + Eq + Hash + Ord + Debug + Send + Sync + 'static;
    /// No key is less, except NaN, which is unordered.
    const LEAST: Self::Key;
    /// No key is greater.
    const GREATEST: Self::Key;
    fn key(raw: Self::Raw) -> Self::Key;
    fn atom(raw: Self::Raw) -> Self::Atom;
    /// Whether [`Native::ordinal`] tells values apart.
    const HAS_ORDINAL: bool;
    /// The value modulo 2⁶⁴; 0 without [`Native::HAS_ORDINAL`].
    fn ordinal(atom: Self::Atom) -> u64;
    /// The values of an array of one of the types stored this way; `None` for another type.
    fn values(array: &dyn Array) -> Option<&[Self::Raw]>;
}

/// Types whose keys are integers.
pub(super) trait Whole: Native<Raw = Self, Key = Self, Atom = Self> + Copy + PartialOrd {
    fn from_big(value: &BigInt) -> Option<Self>;
    fn into_i256(self) -> i256;
}

macro_rules! values {
    ($array:expr, $($pattern:pat => $arrow:ty),+) => {
        match $array.data_type() {
            $($pattern => $array.as_primitive_opt::<$arrow>().map(|typed| typed.values().as_ref()),)+
            _ => None,
        }
    };
}

macro_rules! whole {
    ($native:ty, $ordinal:expr, $($pattern:pat => $arrow:ty),+) => {
        impl Native for $native {
            type Raw = Self;
            type Key = Self;
            type Atom = Self;
            const LEAST: Self = <$native>::MIN;
            const GREATEST: Self = <$native>::MAX;
            #[inline(always)]
            fn key(raw: Self) -> Self { raw }
            #[inline(always)]
            fn atom(raw: Self) -> Self { raw }
            const HAS_ORDINAL: bool = size_of::<$native>() <= 8;
            #[inline(always)]
            fn ordinal(atom: Self) -> u64 { $ordinal(atom) }
            fn values(array: &dyn Array) -> Option<&[Self::Raw]> {
                values!(array, $($pattern => $arrow),+)
            }
        }
    };
}

macro_rules! from_big {
    ($($native:ty),+) => {$(
        impl Whole for $native {
            fn from_big(value: &BigInt) -> Option<Self> {
                Self::try_from(value).ok()
            }
            fn into_i256(self) -> i256 {
                i256::from_i128(i128::from(self))
            }
        }
    )+};
}

whole!(i8, |value: i8| value as u64, DataType::Int8 => Int8Type);
whole!(i16, |value: i16| value as u64, DataType::Int16 => Int16Type);
whole!(i32, |value: i32| value as u64,
    DataType::Int32 => Int32Type,
    DataType::Date32 => Date32Type,
    DataType::Time32(TimeUnit::Second) => Time32SecondType,
    DataType::Time32(TimeUnit::Millisecond) => Time32MillisecondType,
    DataType::Decimal32(_, _) => Decimal32Type);
whole!(i64, |value: i64| value as u64,
    DataType::Int64 => Int64Type,
    DataType::Date64 => Date64Type,
    DataType::Time64(TimeUnit::Microsecond) => Time64MicrosecondType,
    DataType::Time64(TimeUnit::Nanosecond) => Time64NanosecondType,
    DataType::Timestamp(TimeUnit::Second, _) => TimestampSecondType,
    DataType::Timestamp(TimeUnit::Millisecond, _) => TimestampMillisecondType,
    DataType::Timestamp(TimeUnit::Microsecond, _) => TimestampMicrosecondType,
    DataType::Timestamp(TimeUnit::Nanosecond, _) => TimestampNanosecondType,
    DataType::Decimal64(_, _) => Decimal64Type);
whole!(i128, |_| 0, DataType::Decimal128(_, _) => Decimal128Type);
whole!(i256, |_| 0, DataType::Decimal256(_, _) => Decimal256Type);
whole!(u8, |value: u8| value as u64, DataType::UInt8 => UInt8Type);
whole!(u16, |value: u16| value as u64, DataType::UInt16 => UInt16Type);
whole!(u32, |value: u32| value as u64, DataType::UInt32 => UInt32Type);
whole!(u64, |value: u64| value, DataType::UInt64 => UInt64Type);
from_big!(i8, i16, i32, i64, i128, u8, u16, u32, u64);

impl Whole for i256 {
    fn from_big(value: &BigInt) -> Option<Self> {
        let bytes = value.to_signed_bytes_le();
        let fill = if value.sign() == num_bigint::Sign::Minus { 0xff } else { 0 };
        let mut wide = [fill; 32];
        wide.get_mut(..bytes.len())?.copy_from_slice(&bytes);
        Some(i256::from_le_bytes(wide))
    }
    fn into_i256(self) -> i256 {
        self
    }
}

/// Float columns; all values are exact as doubles.
pub(super) trait Real: Native {
    /// The greatest key that is not above the text's value, as the nearest double or float reads it; used for bounds.
    fn parse(text: &str) -> Option<Self::Key>;
    fn next_up(key: Self::Key) -> Self::Key;
    fn next_down(key: Self::Key) -> Self::Key;
    fn key_to_f64(key: Self::Key) -> f64;
    fn to_f64(raw: Self::Raw) -> f64 {
        Self::key_to_f64(Self::key(raw))
    }
    /// The set atom of a key.
    fn key_atom(key: Self::Key) -> Self::Atom;
    /// The column value nearest to the text, as a set atom.
    fn nearest(text: &str) -> Option<Self::Atom>;
}

macro_rules! real {
    ($native:ty, $key:ident, $atom:ty, $pattern:pat => $arrow:ty, $to_key:expr, $nearest:expr) => {
        impl Native for $native {
            type Raw = <$arrow as ArrowPrimitiveType>::Native;
            type Key = $key;
            type Atom = $atom;
            const LEAST: $key = $key::NEG_INFINITY;
            const GREATEST: $key = $key::INFINITY;
            #[inline(always)]
            fn key(raw: Self::Raw) -> $key {
                $to_key(raw)
            }
            #[inline(always)]
            fn atom(raw: Self::Raw) -> $atom {
                Self::key_atom(Self::key(raw))
            }
            const HAS_ORDINAL: bool = false;
            fn ordinal(_: $atom) -> u64 {
                0
            }
            fn values(array: &dyn Array) -> Option<&[Self::Raw]> {
                values!(array, $pattern => $arrow)
            }
        }
        impl Real for $native {
            fn parse(text: &str) -> Option<$key> {
                text.parse().ok()
            }
            fn next_up(key: $key) -> $key {
                key.next_up()
            }
            fn next_down(key: $key) -> $key {
                key.next_down()
            }
            fn key_to_f64(key: $key) -> f64 {
                f64::from(key)
            }
            #[inline(always)]
            fn key_atom(key: $key) -> $atom {
                // Adding 0.0 turns −0.0 into 0.0 and leaves every other value.
                (key + 0.0).to_bits()
            }
            fn nearest(text: &str) -> Option<$atom> {
                $nearest(text).map(Self::key_atom)
            }
        }
    };
}

real!(f64, f64, u64, DataType::Float64 => Float64Type, |value: f64| value, |text: &str| text.parse::<f64>().ok());
real!(f32, f32, u32, DataType::Float32 => Float32Type, |value: f32| value, |text: &str| text.parse::<f32>().ok());
real!(Half, f32, u32, DataType::Float16 => Float16Type, Binary16::to_f32, nearest_half);

/// The half-precision value nearest to the text. The way over the double rounds twice only for texts that lie within
/// 2⁻⁵³ of the middle of two halves, relatively.
fn nearest_half(text: &str) -> Option<f32> {
    text.parse::<f64>().ok().map(|value| Binary16::from_f64(value).to_f32())
}
