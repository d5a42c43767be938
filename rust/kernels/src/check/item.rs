//! A value of any type as bytes that are equal exactly when the values are.

use arrow_array::types::ArrowDictionaryKeyType;
use arrow_array::{Array, BooleanArray, DictionaryArray, MapArray, StructArray, downcast_dictionary_array};
use arrow_schema::DataType;

use super::native::{Native, Real, Whole};
use super::nested::{Spans, spans};
use super::typed::{self, by_storage};
use super::{bits, bytes};

/// Whether [`encode`] reads the type.
pub(super) fn is_encodable(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_encodable(values),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _) => is_encodable(item.data_type()),
        DataType::Struct(fields) => fields.iter().all(|field| is_encodable(field.data_type())),
        other => !typed::is_exotic(other),
    }
}

/// Appends the value of `row`: 0 for NULL, else 1 and the value; what has no fixed size goes behind its size. Answers
/// whether it is not NULL, or `None` when the row or its parts are not there.
pub(super) fn encode(array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Option<bool> {
    if row >= array.len() {
        return None;
    }
    downcast_dictionary_array!(
        array => return encode_key(array, row, out),
        _ => {}
    );
    if array.is_null(row) || *array.data_type() == DataType::Null {
        out.push(0);
        return Some(false);
    }
    out.push(1);
    encode_held(array, row, out).map(|()| true)
}

fn encode_held(array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Option<()> {
    let data_type = array.data_type();
    by_storage!(data_type, N,
        whole => encode_whole::<N>(array, row, out),
        real => encode_real::<N>(array, row, out),
        other => match data_type {
            DataType::Boolean => {
                out.push(u8::from(array.as_any().downcast_ref::<BooleanArray>()?.value(row)));
                Some(())
            }
            DataType::Struct(_) => {
                let columns = array.as_any().downcast_ref::<StructArray>()?.columns();
                columns.iter().try_for_each(|column| encode(column.as_ref(), row, out).map(|_| ()))
            }
            DataType::Map(_, _) => encode_map(array.as_any().downcast_ref::<MapArray>()?, row, out),
            list if typed::is_list(list) => encode_list(array, row, out),
            _ => encode_bytes(array, row, out),
        }
    )
}

fn encode_key<K: ArrowDictionaryKeyType>(array: &DictionaryArray<K>, row: usize, out: &mut Vec<u8>) -> Option<bool> {
    if array.keys().is_null(row) {
        out.push(0);
        return Some(false);
    }
    let key = bits::usize_key(*array.keys().values().get(row)?);
    encode(array.values().as_ref(), key, out)
}

fn encode_whole<N: Whole>(array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Option<()> {
    let value = N::values(array)?.get(row)?.into_i256();
    out.extend_from_slice(&value.to_le_bytes());
    Some(())
}

fn encode_real<N: Real>(array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Option<()> {
    let value = N::to_f64(*<N as Native>::values(array)?.get(row)?);
    // One NaN and one zero stand for all of them.
    let value = if value.is_nan() { f64::NAN } else { value + 0.0 };
    out.extend_from_slice(&value.to_bits().to_le_bytes());
    Some(())
}

fn encode_bytes(array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Option<()> {
    bytes::test(array, row, 1, &mut [0], |value| {
        out.extend_from_slice(&(value.len() as u64).to_le_bytes());
        out.extend_from_slice(value);
        false
    })
}

fn encode_list(array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Option<()> {
    let (values, spans) = spans(array)?;
    let (from, count) = spans.get(row);
    out.extend_from_slice(&(count as u64).to_le_bytes());
    (from..from.checked_add(count)?).try_for_each(|item| encode(values.as_ref(), item, out).map(|_| ()))
}

/// The order of a map's entries does not matter.
fn encode_map(map: &MapArray, row: usize, out: &mut Vec<u8>) -> Option<()> {
    let (from, count) = Spans::Offsets(map.value_offsets()).get(row);
    out.extend_from_slice(&(count as u64).to_le_bytes());
    let mut entries = Vec::with_capacity(count.min(1024));
    for entry in from..from.checked_add(count)? {
        let mut bytes = Vec::new();
        encode(map.keys().as_ref(), entry, &mut bytes)?;
        encode(map.values().as_ref(), entry, &mut bytes)?;
        entries.push(bytes);
    }
    entries.sort_unstable();
    entries.iter().for_each(|entry| out.extend_from_slice(entry));
    Some(())
}
