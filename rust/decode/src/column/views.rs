//! Texts as views, which is how some consumers keep them.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, RecordBatch, RecordBatchOptions, StringArray, StringViewArray};
use arrow_buffer::ScalarBuffer;
use arrow_schema::{DataType, Field, Schema};
use std::sync::Arc;

/// Bytes that a view holds itself.
const INSIDE: usize = 12;

/// The batch with views in the place of texts, at the top and in lists. Long texts stay where they are; nothing is checked again.
pub fn with_views(batch: &RecordBatch) -> RecordBatch {
    let columns: Vec<ArrayRef> = batch.columns().iter().map(viewed).collect();
    let schema = batch.schema_ref();
    let fields = schema.fields().iter().zip(&columns);
    let fields = fields.map(|(field, column)| field.as_ref().clone().with_data_type(column.data_type().clone()));
    let schema = Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone());
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(schema), columns, &options).unwrap_or_else(|_| batch.clone())
}

fn viewed(column: &ArrayRef) -> ArrayRef {
    if let Some(texts) = column.as_string_opt::<i32>() {
        return Arc::new(views(texts));
    }
    let (DataType::List(item), Some(lists)) = (column.data_type(), column.as_list_opt::<i32>()) else {
        return Arc::clone(column);
    };
    let items = viewed(lists.values());
    let item: Field = item.as_ref().clone().with_data_type(items.data_type().clone());
    ListArray::try_new(Arc::new(item), lists.offsets().clone(), items, lists.nulls().cloned())
        .map_or_else(|_| Arc::clone(column), |lists| Arc::new(lists))
}

/// The same texts.
fn views(texts: &StringArray) -> StringViewArray {
    if texts.null_count() == texts.len() {
        return StringViewArray::new_null(texts.len());
    }
    let bytes = texts.value_data();
    let mut has_long = false;
    let view = |ends: &[i32]| {
        let [start, end] = *ends else { return 0 };
        let (length, start) = ((end - start) as u32 as usize, start as u32 as usize);
        has_long |= length > INSIDE;
        view(bytes, start, length)
    };
    let views: Vec<u128> = texts.value_offsets().windows(2).map(view).collect();
    let buffers = if has_long { vec![texts.values().clone()] } else { Vec::new() };
    // SAFETY: each view is of a text of the array: of its own bytes, with zeros after them, or of its place in the only buffer and its first four bytes.
    unsafe { StringViewArray::new_unchecked(ScalarBuffer::from(views), buffers, texts.nulls().cloned()) }
}

/// The view of a text of `bytes`, which are the first buffer.
#[inline(always)]
fn view(bytes: &[u8], start: usize, length: usize) -> u128 {
    let ahead = match bytes.get(start..).and_then(|rest| rest.first_chunk::<16>()) {
        Some(ahead) => u128::from_le_bytes(*ahead),
        None => near_end(bytes, start),
    };
    if length <= INSIDE {
        let inside = (1_u128 << (8 * length)) - 1;
        return ((ahead & inside) << 32) | length as u128;
    }
    ((start as u128) << 96) | ((ahead & 0xFFFF_FFFF) << 32) | length as u128
}

/// Sixteen bytes where fewer are left.
#[cold]
fn near_end(bytes: &[u8], start: usize) -> u128 {
    bytes.iter().skip(start).take(16).rev().fold(0, |word, byte| (word << 8) | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use arrow_array::builder::{ListBuilder, StringBuilder};
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = Option<String>> {
        proptest::option::weighted(0.8, prop_oneof![".{0,3}", "[a-zé]{0,14}", "[a-z😀]{10,40}"])
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn views_are_of_the_same_texts(
            rows in prop::collection::vec((text(), proptest::option::weighted(0.8, prop::collection::vec(text(), 0..4))), 0..60),
            skip in 0..9_usize
        ) {
            let texts: StringArray = rows.iter().map(|row| row.0.as_deref()).collect();
            let mut lists = ListBuilder::new(StringBuilder::new());
            for (_, items) in &rows {
                items.iter().flatten().for_each(|item| lists.values().append_option(item.as_deref()));
                lists.append(items.is_some());
            }
            let columns: [(&str, ArrayRef); 2] = [("text", Arc::new(texts)), ("list", Arc::new(lists.finish()))];
            let skip = skip.min(rows.len());
            let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap();
            let viewed = with_views(&batch.slice(skip, rows.len() - skip));
            let rows = rows.get(skip..).unwrap();
            let texts = viewed.column(0).as_string_view();
            // What is put together here is what is checked where views come from outside.
            texts.to_data().validate_full().unwrap();
            let expected: Vec<_> = rows.iter().map(|row| row.0.as_deref()).collect();
            prop_assert_eq!(texts.iter().collect::<Vec<_>>(), expected);
            viewed.column(1).to_data().validate_full().unwrap();
            for (found, expected) in viewed.column(1).as_list::<i32>().iter().zip(rows) {
                let found = found.map(|items| items.as_string_view().iter().map(|item| item.map(str::to_owned)).collect::<Vec<_>>());
                prop_assert_eq!(found, expected.1.clone());
            }
        }
    }
}
