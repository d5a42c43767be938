//! Lists, structs and maps: counts, required properties, equal items.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, FixedSizeListArray, MapArray, StructArray};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;

use super::bind::misplaced;
use super::item::{encode, is_encodable};
use super::rows::Kernel;
use super::{Refusal, bits, bytes, typed};

/// Where the items of each list lie among the item values.
pub(super) enum Spans<'a> {
    Offsets(&'a [i32]),
    LargeOffsets(&'a [i64]),
    Views(&'a [i32], &'a [i32]),
    LargeViews(&'a [i64], &'a [i64]),
    Fixed(usize),
}

impl Spans<'_> {
    /// First item and count of the list in `row`; NULL rows may answer anything.
    pub(super) fn get(&self, row: usize) -> (usize, usize) {
        fn ends<T: ArrowNativeType>(offsets: &[T], row: usize) -> (usize, usize) {
            match offsets.get(row..).and_then(|rest| rest.first_chunk::<2>()) {
                Some([from, to]) => (from.as_usize(), to.as_usize().saturating_sub(from.as_usize())),
                None => (0, 0),
            }
        }
        fn view<T: ArrowNativeType>(offsets: &[T], sizes: &[T], row: usize) -> (usize, usize) {
            match (offsets.get(row), sizes.get(row)) {
                (Some(from), Some(count)) => (from.as_usize(), count.as_usize()),
                _ => (0, 0),
            }
        }
        match self {
            Spans::Offsets(offsets) => ends(offsets, row),
            Spans::LargeOffsets(offsets) => ends(offsets, row),
            Spans::Views(offsets, sizes) => view(offsets, sizes, row),
            Spans::LargeViews(offsets, sizes) => view(offsets, sizes, row),
            Spans::Fixed(size) => (row * size, *size),
        }
    }
}

/// The item values of a list array and where each list's items are.
pub(super) fn spans(array: &dyn Array) -> Option<(&ArrayRef, Spans<'_>)> {
    Some(match array.data_type() {
        DataType::List(_) => {
            let list = array.as_list_opt::<i32>()?;
            (list.values(), Spans::Offsets(list.value_offsets()))
        }
        DataType::LargeList(_) => {
            let list = array.as_list_opt::<i64>()?;
            (list.values(), Spans::LargeOffsets(list.value_offsets()))
        }
        DataType::ListView(_) => {
            let list = array.as_list_view_opt::<i32>()?;
            (list.values(), Spans::Views(list.value_offsets(), list.value_sizes()))
        }
        DataType::LargeListView(_) => {
            let list = array.as_list_view_opt::<i64>()?;
            (list.values(), Spans::LargeViews(list.value_offsets(), list.value_sizes()))
        }
        DataType::FixedSizeList(_, _) => {
            let list = array.as_any().downcast_ref::<FixedSizeListArray>()?;
            (list.values(), Spans::Fixed(list.value_length().as_usize()))
        }
        _ => return None,
    })
}

/// Lists of fewer or more items fail.
pub(super) struct Items {
    pub(super) least: u64,
    pub(super) greatest: u64,
}

impl Kernel for Items {
    fn fail(&self, array: &dyn Array, start: usize, len: usize, fails: &mut [u64]) -> Option<()> {
        let (_, spans) = spans(array)?;
        bits::fill(fails, len, |row| {
            let count = spans.get(start + row).1 as u64;
            count < self.least || count > self.greatest
        });
        Some(())
    }
}

struct UniqueItems;

pub(super) fn unique_items(data_type: &DataType) -> Result<Box<dyn Kernel>, Refusal> {
    let item = match data_type {
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => item.data_type(),
        _ => return Err(misplaced("unique items", data_type)),
    };
    if is_encodable(item) {
        Ok(Box::new(UniqueItems))
    } else {
        Err(Refusal::NotSupported(format!("unique items of {}", typed::name(item))))
    }
}

impl Kernel for UniqueItems {
    fn fail(&self, array: &dyn Array, start: usize, len: usize, fails: &mut [u64]) -> Option<()> {
        let (values, spans) = spans(array)?;
        let mut encoded = Vec::new();
        let mut ends = Vec::new();
        bits::fill(fails, len, |row| {
            let (from, count) = spans.get(start + row);
            if array.is_null(start + row) || count < 2 {
                return false;
            }
            has_twins(values.as_ref(), from, count, &mut encoded, &mut ends).unwrap_or(true)
        });
        Some(())
    }
}

/// Whether two of the items are equal. Cost: one encoding and one sort.
fn has_twins(
    values: &dyn Array,
    from: usize,
    count: usize,
    encoded: &mut Vec<u8>,
    ends: &mut Vec<usize>,
) -> Option<bool> {
    encoded.clear();
    ends.clear();
    for index in from..from.checked_add(count)? {
        if encode(values, index, encoded)? {
            ends.push(encoded.len());
        } else {
            encoded.truncate(ends.last().copied().unwrap_or(0));
        }
    }
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let mut items: Vec<&[u8]> = starts.zip(ends.iter()).filter_map(|(start, end)| encoded.get(start..*end)).collect();
    items.sort_unstable();
    Some(items.windows(2).any(|pair| pair.first() == pair.last()))
}

/// Objects of fewer or more properties fail.
pub(super) struct Properties {
    pub(super) least: u64,
    pub(super) greatest: u64,
}

impl Kernel for Properties {
    fn fail(&self, array: &dyn Array, start: usize, len: usize, fails: &mut [u64]) -> Option<()> {
        let out_of = |count: u64| count < self.least || count > self.greatest;
        if let Some(map) = array.as_any().downcast_ref::<MapArray>() {
            let spans = Spans::Offsets(map.value_offsets());
            bits::fill(fails, len, |row| out_of(spans.get(start + row).1 as u64));
            return Some(());
        }
        let object = array.as_any().downcast_ref::<StructArray>()?;
        let mut held = vec![0; fails.len()];
        let mut counts = vec![0u64; len];
        for column in object.columns() {
            bits::validity(column.as_ref(), start, len, &mut held);
            for (row, count) in counts.iter_mut().enumerate() {
                *count += u64::from(bits::get(&held, row));
            }
        }
        bits::pack(&counts, fails, out_of);
        Some(())
    }
}

struct Required {
    names: Vec<String>,
}

pub(super) fn required(names: &[String], data_type: &DataType) -> Result<Box<dyn Kernel>, Refusal> {
    match data_type {
        DataType::Struct(_) => {}
        DataType::Map(entries, _) => {
            let text_keys = match entries.data_type() {
                DataType::Struct(fields) => fields.first().is_some_and(|key| typed::is_text(key.data_type())),
                _ => false,
            };
            if !text_keys {
                return Err(Refusal::NotSupported(
                    "required properties of a map whose keys are not strings".to_owned(),
                ));
            }
        }
        _ => return Err(misplaced("required properties", data_type)),
    }
    Ok(Box::new(Required { names: names.to_vec() }))
}

impl Kernel for Required {
    fn fail(&self, array: &dyn Array, start: usize, len: usize, fails: &mut [u64]) -> Option<()> {
        let mut has = vec![0; fails.len()];
        for name in &self.names {
            if let Some(map) = array.as_any().downcast_ref::<MapArray>() {
                has_key(map, name, start, len, &mut has)?;
            } else {
                match array.as_any().downcast_ref::<StructArray>()?.column_by_name(name) {
                    Some(column) => {
                        bits::validity(column.as_ref(), start, len, &mut has);
                    }
                    None => has.fill(0),
                }
            }
            for (word, has) in fails.iter_mut().zip(&has) {
                *word |= !has;
            }
        }
        bits::clear_tail(fails, len);
        Some(())
    }
}

/// Writes which maps have an entry of the key that is not NULL.
fn has_key(map: &MapArray, key: &str, start: usize, len: usize, has: &mut [u64]) -> Option<()> {
    let offsets = map.value_offsets().get(start..=start.checked_add(len)?)?;
    let (first, last) = (offsets.first()?.as_usize(), offsets.last()?.as_usize());
    let count = last.checked_sub(first)?;
    let mut equal = vec![0; bits::words(count)];
    bytes::test(map.keys().as_ref(), first, count, &mut equal, |value| value == key.as_bytes())?;
    let mut held = vec![0; equal.len()];
    bits::validity(map.values().as_ref(), first, count, &mut held);
    for (equal, held) in equal.iter_mut().zip(&held) {
        *equal &= held;
    }
    let spans = Spans::Offsets(map.value_offsets());
    bits::fill(has, len, |row| {
        let (from, count) = spans.get(start + row);
        (from..from.saturating_add(count)).any(|entry| bits::get(&equal, entry.wrapping_sub(first)))
    });
    Some(())
}
