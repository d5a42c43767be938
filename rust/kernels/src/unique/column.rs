//! How the values of one array are hashed and compared without encoding them.

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, BooleanArray, GenericByteArray, GenericByteViewArray};
use arrow_buffer::{ArrowNativeType, BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow_schema::{DataType, TimeUnit};

use super::hash;
use crate::key::{KeyEncoder, UnsupportedKey, put};

/// The values of one array, by row. Rows that do not exist or hold NULL give arbitrary answers, never a panic.
pub(super) trait Column: Send + Sync {
    /// Writes the hashes of the rows from `start`. Equal values of arrays of one data type have equal hashes.
    fn hashes(&self, start: usize, out: &mut [u64]);

    /// Writes integers that are equal and ordered as the values are, if the type has such.
    fn words(&self, start: usize, out: &mut [i64]) -> bool {
        let _ = (start, out);
        false
    }

    /// True when [`words`](Column::words) works; [`hashes`](Column::hashes) then maps different values to different hashes.
    fn is_fixed(&self) -> bool {
        false
    }

    /// The value as bytes to compare, where the type has such.
    fn bytes(&self, row: usize) -> Option<&[u8]> {
        let _ = row;
        None
    }
}

/// Values of at most 64 bits.
struct Fixed<N: ArrowNativeType, F> {
    values: ScalarBuffer<N>,
    word: F,
}

impl<N: ArrowNativeType, F: Fn(N) -> i64 + Send + Sync> Column for Fixed<N, F> {
    fn hashes(&self, start: usize, out: &mut [u64]) {
        let values = self.values.get(start..).unwrap_or_default();
        for (out, value) in out.iter_mut().zip(values) {
            *out = hash::scramble((self.word)(*value) as u64);
        }
    }

    fn words(&self, start: usize, out: &mut [i64]) -> bool {
        let values = self.values.get(start..).unwrap_or_default();
        for (out, value) in out.iter_mut().zip(values) {
            *out = (self.word)(*value);
        }
        true
    }

    fn is_fixed(&self) -> bool {
        true
    }
}

fn fixed<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    word: impl Fn(T::Native) -> i64 + Send + Sync + 'static,
) -> Option<Box<dyn Column>> {
    let values = array.as_primitive_opt::<T>()?.values().clone();
    Some(Box::new(Fixed { values, word }))
}

/// The bits of a float as an integer of the same order, with one zero and one NaN.
fn float_word(value: f64) -> i64 {
    let bits = put::float_bits(value) as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

impl Column for BooleanArray {
    fn hashes(&self, start: usize, out: &mut [u64]) {
        for (row, out) in (start..self.len()).zip(out) {
            *out = hash::scramble(u64::from(self.value(row)));
        }
    }

    fn words(&self, start: usize, out: &mut [i64]) -> bool {
        for (row, out) in (start..self.len()).zip(out) {
            *out = i64::from(self.value(row));
        }
        true
    }

    fn is_fixed(&self) -> bool {
        true
    }
}

struct Text<T: ByteArrayType>(GenericByteArray<T>);

impl<T: ByteArrayType> Column for Text<T> {
    fn hashes(&self, start: usize, out: &mut [u64]) {
        let (offsets, data) = (self.0.value_offsets(), self.0.value_data());
        let bounds = offsets.get(start..).unwrap_or_default();
        for (out, (from, to)) in out.iter_mut().zip(bounds.iter().zip(bounds.iter().skip(1))) {
            *out = hash::bytes(0, data.get(from.as_usize()..to.as_usize()).unwrap_or_default());
        }
    }

    fn bytes(&self, row: usize) -> Option<&[u8]> {
        let bounds = self.0.value_offsets().get(row..row.checked_add(2)?)?;
        let (from, to) = (bounds.first()?.as_usize(), bounds.last()?.as_usize());
        self.0.value_data().get(from..to)
    }
}

struct View<T: ByteViewType + ?Sized> {
    array: GenericByteViewArray<T>,
}

/// The longest value that a view holds within itself.
const INLINE: u32 = 12;

/// A view that holds its value within itself, with everything beyond the value cleared.
#[inline(always)]
pub(super) fn inline_view(view: u128) -> Option<u128> {
    let len = view as u32;
    (len <= INLINE).then(|| view & (u128::MAX >> (96 - 8 * len)))
}

/// The value of a view that lies in a buffer.
#[inline(always)]
pub(super) fn outside<T: ByteViewType + ?Sized>(array: &GenericByteViewArray<T>, view: u128) -> &[u8] {
    let (len, buffer, from) = (view as u32 as usize, (view >> 64) as u32 as usize, (view >> 96) as u32 as usize);
    array.data_buffers().get(buffer).and_then(|data| data.get(from..from + len)).unwrap_or_default()
}

impl<T: ByteViewType + ?Sized> Column for View<T> {
    fn hashes(&self, start: usize, out: &mut [u64]) {
        let views = self.array.views().get(start..).unwrap_or_default();
        for (out, view) in out.iter_mut().zip(views) {
            *out = match inline_view(*view) {
                Some(view) => hash::combine(view as u64, (view >> 64) as u64),
                None => hash::bytes(0, outside(&self.array, *view)),
            };
        }
    }

    fn bytes(&self, row: usize) -> Option<&[u8]> {
        let view = self.array.views().get(row)?;
        let len = *view as u32;
        if len > INLINE {
            return Some(outside(&self.array, *view));
        }
        let raw = view_bytes(view);
        raw.get(4..4 + len as usize)
    }
}

/// The 16 bytes of a view where they lie.
fn view_bytes(view: &u128) -> &[u8; 16] {
    // SAFETY: 16 initialised bytes without padding, valid for the lifetime of the borrow; bytes need no alignment.
    unsafe { &*std::ptr::from_ref(view).cast::<[u8; 16]>() }
}

/// A dictionary: each of its values is hashed once.
struct Dictionary<K: ArrowPrimitiveType> {
    keys: ScalarBuffer<K::Native>,
    hashes: Vec<u64>,
    values: Box<dyn Column>,
}

impl<K: ArrowPrimitiveType> Column for Dictionary<K>
where
    K::Native: ArrowNativeType,
{
    fn hashes(&self, start: usize, out: &mut [u64]) {
        let keys = self.keys.get(start..).unwrap_or_default();
        for (out, key) in out.iter_mut().zip(keys) {
            *out = self.hashes.get(key.as_usize()).copied().unwrap_or_default();
        }
    }

    fn bytes(&self, row: usize) -> Option<&[u8]> {
        self.values.bytes(self.keys.get(row)?.as_usize())
    }
}

fn dictionary<K: ArrowDictionaryKeyType>(array: &ArrayRef) -> Option<Box<dyn Column>> {
    let array = array.as_dictionary_opt::<K>()?;
    let values = plain(array.values())?;
    let mut hashes = vec![0; array.values().len()];
    values.hashes(0, &mut hashes);
    Some(Box::new(Dictionary::<K> { keys: array.keys().values().clone(), hashes, values }))
}

/// Any other type: hashes of the canonical encoding.
pub(super) struct Encoded(KeyEncoder);

impl Encoded {
    pub(super) fn new(array: &ArrayRef) -> Result<Encoded, UnsupportedKey> {
        Ok(Encoded(KeyEncoder::new(std::slice::from_ref(array))?))
    }
}

impl Column for Encoded {
    fn hashes(&self, start: usize, out: &mut [u64]) {
        let mut key = Vec::new();
        for (row, out) in (start..self.0.len()).zip(out) {
            key.clear();
            self.0.encode(row, &mut key);
            *out = hash::bytes(0, &key);
        }
    }
}

/// The column of an array whose type has a fast path.
pub(super) fn plain(array: &ArrayRef) -> Option<Box<dyn Column>> {
    match array.data_type() {
        DataType::Utf8 => Some(Box::new(Text(array.as_bytes_opt::<Utf8Type>()?.clone()))),
        DataType::LargeUtf8 => Some(Box::new(Text(array.as_bytes_opt::<LargeUtf8Type>()?.clone()))),
        DataType::Binary => Some(Box::new(Text(array.as_bytes_opt::<BinaryType>()?.clone()))),
        DataType::LargeBinary => Some(Box::new(Text(array.as_bytes_opt::<LargeBinaryType>()?.clone()))),
        DataType::Utf8View => Some(Box::new(View { array: array.as_string_view_opt()?.clone() })),
        DataType::BinaryView => Some(Box::new(View { array: array.as_binary_view_opt()?.clone() })),
        DataType::Boolean => Some(Box::new(array.as_boolean_opt()?.clone())),
        DataType::Dictionary(key, _) => match **key {
            DataType::Int8 => dictionary::<Int8Type>(array),
            DataType::Int16 => dictionary::<Int16Type>(array),
            DataType::Int32 => dictionary::<Int32Type>(array),
            DataType::UInt8 => dictionary::<UInt8Type>(array),
            DataType::UInt16 => dictionary::<UInt16Type>(array),
            DataType::UInt32 => dictionary::<UInt32Type>(array),
            _ => None,
        },
        _ => number(array).or_else(|| clock(array)),
    }
}

fn number(array: &ArrayRef) -> Option<Box<dyn Column>> {
    match array.data_type() {
        DataType::Int8 => fixed::<Int8Type>(array, i64::from),
        DataType::Int16 => fixed::<Int16Type>(array, i64::from),
        DataType::Int32 => fixed::<Int32Type>(array, i64::from),
        DataType::Int64 => fixed::<Int64Type>(array, |v| v),
        DataType::UInt8 => fixed::<UInt8Type>(array, i64::from),
        DataType::UInt16 => fixed::<UInt16Type>(array, i64::from),
        DataType::UInt32 => fixed::<UInt32Type>(array, i64::from),
        DataType::UInt64 => fixed::<UInt64Type>(array, |v| (v ^ 1 << 63) as i64),
        DataType::Float16 => fixed::<Float16Type>(array, |v| float_word(v.to_f64())),
        DataType::Float32 => fixed::<Float32Type>(array, |v| float_word(v.into())),
        DataType::Float64 => fixed::<Float64Type>(array, float_word),
        DataType::Decimal32(..) => fixed::<Decimal32Type>(array, i64::from),
        DataType::Decimal64(..) => fixed::<Decimal64Type>(array, |v| v),
        _ => None,
    }
}

fn clock(array: &ArrayRef) -> Option<Box<dyn Column>> {
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    match array.data_type() {
        DataType::Date32 => fixed::<Date32Type>(array, i64::from),
        DataType::Date64 => fixed::<Date64Type>(array, |v| v),
        DataType::Time32(Second) => fixed::<Time32SecondType>(array, i64::from),
        DataType::Time32(_) => fixed::<Time32MillisecondType>(array, i64::from),
        DataType::Time64(Microsecond) => fixed::<Time64MicrosecondType>(array, |v| v),
        DataType::Time64(_) => fixed::<Time64NanosecondType>(array, |v| v),
        DataType::Timestamp(Second, _) => fixed::<TimestampSecondType>(array, |v| v),
        DataType::Timestamp(Millisecond, _) => fixed::<TimestampMillisecondType>(array, |v| v),
        DataType::Timestamp(Microsecond, _) => fixed::<TimestampMicrosecondType>(array, |v| v),
        DataType::Timestamp(Nanosecond, _) => fixed::<TimestampNanosecondType>(array, |v| v),
        DataType::Duration(Second) => fixed::<DurationSecondType>(array, |v| v),
        DataType::Duration(Millisecond) => fixed::<DurationMillisecondType>(array, |v| v),
        DataType::Duration(Microsecond) => fixed::<DurationMicrosecondType>(array, |v| v),
        DataType::Duration(Nanosecond) => fixed::<DurationNanosecondType>(array, |v| v),
        _ => None,
    }
}

/// The rows in which no column is NULL; `None` means all.
pub(super) fn valid_rows(columns: &[ArrayRef]) -> Option<BooleanBuffer> {
    let nulls = columns.iter().map(|column| column.logical_nulls());
    let nulls = nulls.fold(None, |all, column| NullBuffer::union(all.as_ref(), column.as_ref()))?;
    (nulls.null_count() > 0).then(|| nulls.into_inner())
}
