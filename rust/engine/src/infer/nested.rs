//! Which items of lists exist, and what stands behind the keys of a dictionary.

use super::range::Weights;
use super::text::Counts;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

/// The items of lists that exist: a slice of the values array, and how often each item counts.
pub struct Items {
    pub array: ArrayRef,
    pub weights: Vec<u64>,
}

/// Takes in how many items each list has, and gives the items. Nothing when no list has any.
pub fn items(array: &dyn Array, weights: Weights<'_>, lengths: &mut Counts) -> Option<Items> {
    let values = values(array)?;
    let rows = (0..array.len()).map(|row| (row, weights.at(row))).filter(|(_, weight)| *weight > 0);
    let mut spans = Vec::new();
    for (row, weight) in rows {
        let (start, len) = span(array, row)?;
        lengths.take(len);
        if len > 0 {
            spans.push((start, start.checked_add(len)?, weight));
        }
    }
    // A slice of a long array has all of its items below it; only those in reach are looked at.
    let first = spans.iter().map(|span| span.0).min()?;
    let end = spans.iter().map(|span| span.1).max()?.min(values.len());
    let mut found = vec![0; end.checked_sub(first)?];
    for (start, stop, weight) in spans {
        for item in found.iter_mut().take(stop - first).skip(start - first) {
            *item += weight;
        }
    }
    Some(Items { array: values.slice(first, end - first), weights: found })
}

fn values(array: &dyn Array) -> Option<ArrayRef> {
    match array.data_type() {
        DataType::List(_) => array.as_list_opt::<i32>().map(|list| list.values().clone()),
        DataType::LargeList(_) => array.as_list_opt::<i64>().map(|list| list.values().clone()),
        DataType::FixedSizeList(..) => array.as_fixed_size_list_opt().map(|list| list.values().clone()),
        DataType::ListView(_) => array.as_list_view_opt::<i32>().map(|list| list.values().clone()),
        DataType::LargeListView(_) => array.as_list_view_opt::<i64>().map(|list| list.values().clone()),
        _ => None,
    }
}

/// Where the items of a list start, and how many they are.
fn span(array: &dyn Array, row: usize) -> Option<(usize, usize)> {
    fn between<O: Copy + Into<i64>>(offsets: &[O], row: usize) -> Option<(i64, i64)> {
        let start = (*offsets.get(row)?).into();
        Some((start, (*offsets.get(row + 1)?).into() - start))
    }
    fn sized<O: Copy + Into<i64>>(starts: &[O], sizes: &[O], row: usize) -> Option<(i64, i64)> {
        Some(((*starts.get(row)?).into(), (*sizes.get(row)?).into()))
    }
    let (start, len) = match array.data_type() {
        DataType::List(_) => between(array.as_list::<i32>().value_offsets(), row),
        DataType::LargeList(_) => between(array.as_list::<i64>().value_offsets(), row),
        DataType::Map(..) => between(array.as_map().value_offsets(), row),
        DataType::FixedSizeList(_, size) => {
            Some((i64::from(array.as_fixed_size_list().value_offset(row)), i64::from(*size)))
        }
        DataType::ListView(_) => {
            let list = array.as_list_view::<i32>();
            sized(list.value_offsets(), list.value_sizes(), row)
        }
        DataType::LargeListView(_) => {
            let list = array.as_list_view::<i64>();
            sized(list.value_offsets(), list.value_sizes(), row)
        }
        _ => None,
    }?;
    Some((usize::try_from(start).ok()?, usize::try_from(len).ok()?))
}

/// Takes in how many entries each map has.
pub fn entries(array: &dyn Array, weights: Weights<'_>, lengths: &mut Counts) {
    let rows = (0..array.len()).filter(|row| weights.at(*row) > 0);
    rows.filter_map(|row| span(array, row)).for_each(|(_, len)| lengths.take(len));
}

/// The values behind the keys of a dictionary, and how often each is meant; keys that are NULL are counted apart.
pub fn dictionary(array: &dyn Array, weights: Weights<'_>) -> Option<(ArrayRef, Vec<u64>, u64)> {
    let dictionary = array.as_any_dictionary_opt()?;
    let (keys, values) = (dictionary.keys(), dictionary.values());
    let (mut meant, mut nulls) = (vec![0; values.len()], 0);
    let positions = if values.is_empty() { Vec::new() } else { dictionary.normalized_keys() };
    for row in 0..array.len() {
        let slot = positions.get(row).filter(|_| !keys.is_null(row)).and_then(|key| meant.get_mut(*key));
        *slot.unwrap_or(&mut nulls) += weights.at(row);
    }
    Some((values.clone(), meant, nulls))
}
