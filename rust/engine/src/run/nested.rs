//! Values inside structs, lists and maps: which exist, and to which record each belongs (S3.6).

use super::block::{Block, Values, Worker, ones, set_bits, valid_words};
use crate::plan::{Child, ColumnTask};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

/// Where the values of an array come from.
pub enum Origin<'o> {
    /// A column: index = row.
    Root,
    /// A struct's field: index = the parent's index.
    Field(&'o Origin<'o>),
    /// Items of lists: `bounds` has, for each parent index in order, the parent's index and where its items start.
    Items { parent: &'o Origin<'o>, bounds: &'o [(usize, usize)] },
    /// Items of lists that lie side by side, from the parent's index `first` on: where each list starts, and the last one ends.
    SideBySide { parent: &'o Origin<'o>, first: usize, offsets: &'o [i32] },
}

impl Origin<'_> {
    /// The row of the batch that a value belongs to, and the value's path with list positions put in.
    pub fn locate(&self, index: usize, path: &str) -> (usize, String) {
        let mut positions = Vec::new();
        let row = self.climb(index, &mut positions);
        let mut pieces = path.split("[]");
        let mut full = pieces.next().unwrap_or_default().to_owned();
        for (piece, position) in pieces.zip(positions.iter().rev()) {
            full.push_str(&format!("[{position}]{piece}"));
        }
        (row, full)
    }

    fn climb(&self, index: usize, positions: &mut Vec<usize>) -> usize {
        match self {
            Self::Root => index,
            Self::Field(parent) => parent.climb(index, positions),
            Self::Items { parent, bounds } => {
                let at = bounds.partition_point(|(_, start)| *start <= index).saturating_sub(1);
                let (owner, start) = bounds.get(at).copied().unwrap_or_default();
                positions.push(index.saturating_sub(start));
                parent.climb(owner, positions)
            }
            Self::SideBySide { parent, first, offsets } => {
                let at = offsets.partition_point(|start| position(*start) <= index).saturating_sub(1);
                positions.push(index.saturating_sub(offsets.get(at).map_or(0, |start| position(*start))));
                parent.climb(first + at, positions)
            }
        }
    }

    /// The rows of the block that the failing values belong to.
    pub fn rows(&self, words: Vec<u64>, start: usize, block: &Block<'_>) -> Vec<u64> {
        if self.is_row_by_row() {
            return words;
        }
        let mut out = vec![0; block.rows.div_ceil(64)];
        for index in set_bits(&words) {
            let at = self.climb(start + index, &mut Vec::new()).saturating_sub(block.row);
            if let Some(word) = out.get_mut(at / 64) {
                *word |= 1 << (at % 64);
            }
        }
        out
    }

    fn is_row_by_row(&self) -> bool {
        match self {
            Self::Root => true,
            Self::Field(parent) => parent.is_row_by_row(),
            Self::Items { .. } | Self::SideBySide { .. } => false,
        }
    }
}

impl Worker<'_> {
    /// Runs the checks of what is nested in `values`.
    pub fn child(&mut self, block: &Block<'_>, child: &Child, values: &Values<'_>) {
        let array = values.array;
        let exists = and(valid_words(array, values.start, values.len), values.alive);
        match child {
            Child::Field(field, task) => {
                let column = array.as_struct_opt().and_then(|array| array.columns().get(*field));
                if let Some(column) = column {
                    let origin = Origin::Field(values.origin);
                    let (start, len, alive) = (values.start, values.len, exists.as_deref());
                    self.task(block, task, &Values { array: column.as_ref(), start, len, alive, origin: &origin });
                }
            }
            Child::Items(task) => {
                if let Some(items) = items(array) {
                    self.items(block, task, values, items.as_ref(), exists);
                }
            }
            Child::MapKeys(task) => {
                if let Some(map) = array.as_map_opt() {
                    self.items(block, task, values, map.keys().as_ref(), exists);
                }
            }
            Child::MapValues(task) => {
                if let Some(map) = array.as_map_opt() {
                    self.items(block, task, values, map.values().as_ref(), exists);
                }
            }
        }
    }

    /// Items of neighbouring lists that lie side by side are judged in one go.
    fn items(
        &mut self,
        block: &Block<'_>,
        task: &ColumnTask,
        lists: &Values<'_>,
        items: &dyn Array,
        exists: Option<Vec<u64>>,
    ) {
        if let Some(offsets) = side_by_side(lists, exists.as_deref()) {
            let (start, end) =
                (offsets.first().copied().map_or(0, position), offsets.last().copied().map_or(0, position));
            if start < end {
                let origin = Origin::SideBySide { parent: lists.origin, first: lists.start, offsets };
                let values = Values { array: items, start, len: end - start, alive: None, origin: &origin };
                self.task(block, task, &values);
            }
            return;
        }
        let exists = exists.unwrap_or_else(|| ones(lists.len));
        let mut bounds: Vec<(usize, usize)> = Vec::new();
        let mut run: Option<(usize, usize)> = None;
        for index in set_bits(&exists).map(|bit| lists.start + bit) {
            let Some((from, to)) = span(lists.array, index).filter(|(from, to)| from < to) else { continue };
            run = match run {
                Some((first, end)) if end == from => Some((first, to)),
                other => {
                    self.run_items(block, task, lists, items, other, &bounds);
                    bounds.clear();
                    Some((from, to))
                }
            };
            bounds.push((index, from));
        }
        self.run_items(block, task, lists, items, run, &bounds);
    }

    fn run_items(
        &mut self,
        block: &Block<'_>,
        task: &ColumnTask,
        lists: &Values<'_>,
        items: &dyn Array,
        run: Option<(usize, usize)>,
        bounds: &[(usize, usize)],
    ) {
        let Some((start, end)) = run else { return };
        let origin = Origin::Items { parent: lists.origin, bounds };
        self.task(block, task, &Values { array: items, start, len: end - start, alive: None, origin: &origin });
    }
}

fn and(words: Option<Vec<u64>>, others: Option<&[u64]>) -> Option<Vec<u64>> {
    match (words, others) {
        (Some(mut words), Some(others)) => {
            words.iter_mut().zip(others).for_each(|(mine, theirs)| *mine &= theirs);
            Some(words)
        }
        (words, others) => words.or_else(|| others.map(<[u64]>::to_vec)),
    }
}

/// The values array of a list layout.
fn items(array: &dyn Array) -> Option<ArrayRef> {
    Some(match array.data_type() {
        DataType::List(_) => array.as_list::<i32>().values().clone(),
        DataType::LargeList(_) => array.as_list::<i64>().values().clone(),
        DataType::FixedSizeList(..) => array.as_fixed_size_list().values().clone(),
        DataType::ListView(_) => array.as_list_view::<i32>().values().clone(),
        DataType::LargeListView(_) => array.as_list_view::<i64>().values().clone(),
        _ => return None,
    })
}

/// An offset, which is not negative.
fn position(offset: i32) -> usize {
    usize::try_from(offset).unwrap_or(0)
}

/// The offsets of lists of which those that do not exist have no items either.
fn side_by_side<'v>(lists: &Values<'v>, exists: Option<&[u64]>) -> Option<&'v [i32]> {
    let offsets = match lists.array.data_type() {
        DataType::List(_) => lists.array.as_list::<i32>().value_offsets(),
        DataType::Map(..) => lists.array.as_map().value_offsets(),
        _ => return None,
    };
    let offsets = offsets.get(lists.start..=lists.start + lists.len)?;
    let is_empty = |index: usize| offsets.get(index) == offsets.get(index + 1);
    let missing = exists.unwrap_or_default().iter().map(|word| !word).collect::<Vec<_>>();
    set_bits(&missing).take_while(|index| *index < lists.len).all(is_empty).then_some(offsets)
}

/// Where the items of the list at `index` lie.
fn span(array: &dyn Array, index: usize) -> Option<(usize, usize)> {
    fn usize_pair(from: i64, len: i64) -> Option<(usize, usize)> {
        let from = usize::try_from(from).ok()?;
        Some((from, from + usize::try_from(len).ok()?))
    }
    fn offsets<O: Copy + Into<i64>>(offsets: &[O], index: usize) -> Option<(usize, usize)> {
        let (from, to): (i64, i64) = ((*offsets.get(index)?).into(), (*offsets.get(index + 1)?).into());
        usize_pair(from, to - from)
    }
    fn view<O: Copy + Into<i64>>(starts: &[O], sizes: &[O], index: usize) -> Option<(usize, usize)> {
        usize_pair((*starts.get(index)?).into(), (*sizes.get(index)?).into())
    }
    match array.data_type() {
        DataType::List(_) => offsets(array.as_list::<i32>().value_offsets(), index),
        DataType::LargeList(_) => offsets(array.as_list::<i64>().value_offsets(), index),
        DataType::Map(..) => offsets(array.as_map().value_offsets(), index),
        DataType::FixedSizeList(_, size) => {
            let from = array.as_fixed_size_list().value_offset(index);
            usize_pair(from.into(), (*size).into())
        }
        DataType::ListView(_) => {
            let list = array.as_list_view::<i32>();
            view(list.value_offsets(), list.value_sizes(), index)
        }
        DataType::LargeListView(_) => {
            let list = array.as_list_view::<i64>();
            view(list.value_offsets(), list.value_sizes(), index)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use arrow_array::{Int64Array, ListArray};
    use arrow_buffer::{NullBuffer, OffsetBuffer};
    use arrow_schema::Field;
    use std::sync::Arc;

    /// Lists of two items, none, three, none and one.
    fn lists(exist: [bool; 5]) -> ListArray {
        let field = Arc::new(Field::new("item", DataType::Int64, true));
        let offsets = OffsetBuffer::from_lengths([2, 0, 3, 0, 1]);
        ListArray::new(
            field,
            offsets,
            Arc::new(Int64Array::from_iter_values(0..6)),
            Some(NullBuffer::from(exist.to_vec())),
        )
    }

    fn values(array: &ListArray, start: usize, len: usize) -> Values<'_> {
        Values { array, start, len, alive: None, origin: &Origin::Root }
    }

    #[test]
    fn items_side_by_side_are_found_where_they_are() {
        let array = lists([true; 5]);
        let owners = [(0, 0), (0, 1), (2, 0), (2, 1), (2, 2), (4, 0)];
        for (start, len, from) in [(0, 5, 0), (1, 4, 2), (2, 1, 2), (3, 2, 5)] {
            let offsets = side_by_side(&values(&array, start, len), None).unwrap();
            let origin = Origin::SideBySide { parent: &Origin::Root, first: start, offsets };
            let items = position(*offsets.first().unwrap())..position(*offsets.last().unwrap());
            assert_eq!(items.start, from);
            for index in items {
                let (row, at) = *owners.get(index).unwrap();
                assert_eq!(origin.locate(index, "tags[].x"), (row, format!("tags[{at}].x")));
            }
        }
    }

    #[test]
    fn the_rows_of_a_slice_count_from_its_start() {
        let array = lists([true; 5]).slice(2, 3);
        let offsets = side_by_side(&values(&array, 0, 3), None).unwrap();
        let origin = Origin::SideBySide { parent: &Origin::Root, first: 0, offsets };
        assert_eq!(origin.locate(2, "tags[]"), (0, "tags[0]".to_owned()));
        assert_eq!(origin.locate(5, "tags[]"), (2, "tags[0]".to_owned()));
    }

    #[test]
    fn items_of_lists_that_do_not_exist_are_in_between() {
        let exist = |array: &ListArray| valid_words(array, 0, 5);
        let empty = lists([true, false, true, false, true]);
        assert!(side_by_side(&values(&empty, 0, 5), exist(&empty).as_deref()).is_some());
        let hidden = lists([true, true, false, true, true]);
        assert!(side_by_side(&values(&hidden, 0, 5), exist(&hidden).as_deref()).is_none());
    }
}
