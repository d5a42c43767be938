//! The accepted rows of a batch.
//!
//! Of a damaged file, rows that are left out stand in every part of every batch, and what is kept are short runs. Columns of the types that text sources
//! have are copied run by run; NULLs that stand in no row that is kept, as those of damaged records do, cost nothing.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, ListArray, PrimitiveArray, RecordBatch, RecordBatchOptions,
    new_null_array,
};
use arrow_buffer::{BooleanBuffer, Buffer};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use arrow_select::filter::{FilterBuilder, FilterPredicate};
use std::cell::OnceCell;
use std::sync::Arc;

/// Rows from the first to before the second, ascending.
type Runs = [(usize, usize)];

/// All rows but some, which ascend.
pub fn kept(batch: &RecordBatch, but: impl Iterator<Item = usize>) -> Result<RecordBatch, ArrowError> {
    let rows = Rows::new(batch.num_rows(), but);
    let columns = batch.columns().iter().map(|column| match nulls(column, &rows.bits) {
        Nulls::None => not_null(column, &rows),
        Nulls::Some => rows.filter(column),
        Nulls::All => Ok(new_null_array(column.data_type(), rows.count)),
    });
    let options = RecordBatchOptions::new().with_row_count(Some(rows.count));
    RecordBatch::try_new_with_options(batch.schema(), columns.collect::<Result<_, _>>()?, &options)
}

/// The rows that are kept.
struct Rows {
    bits: BooleanBuffer,
    runs: Vec<(usize, usize)>,
    count: usize,
    /// For columns that are not copied here.
    filter: OnceCell<FilterPredicate>,
}

impl Rows {
    fn new(rows: usize, but: impl Iterator<Item = usize>) -> Self {
        let mut words = vec![u64::MAX; rows.div_ceil(64)];
        let mut runs = Vec::with_capacity(but.size_hint().0 + 1);
        let (mut from, mut count) = (0, 0);
        for row in but.take_while(|row| *row < rows).chain([rows]) {
            words.iter_mut().skip(row / 64).take(1).for_each(|word| *word &= !(1 << (row % 64)));
            if row > from {
                runs.push((from, row));
                count += row - from;
            }
            from = row + 1;
        }
        Self { bits: BooleanBuffer::new(Buffer::from_vec(words), 0, rows), runs, count, filter: OnceCell::new() }
    }

    fn filter(&self, column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        let make = || FilterBuilder::new(&BooleanArray::new(self.bits.clone(), None)).optimize().build();
        self.filter.get_or_init(make).filter(column)
    }
}

/// Which of some rows are NULL.
enum Nulls {
    None,
    Some,
    All,
}

fn nulls(column: &ArrayRef, rows: &BooleanBuffer) -> Nulls {
    let Some(valid) = column.nulls() else { return Nulls::None };
    let (rows, valid) = (rows.bit_chunks(), valid.inner().bit_chunks());
    let words = || rows.iter_padded().zip(valid.iter_padded());
    if words().all(|(rows, valid)| rows & !valid == 0) {
        Nulls::None
    } else if words().all(|(rows, valid)| rows & valid == 0) {
        Nulls::All
    } else {
        Nulls::Some
    }
}

/// Rows of a column, none of them NULL.
fn not_null(column: &ArrayRef, rows: &Rows) -> Result<ArrayRef, ArrowError> {
    if let Some(bits) = column.as_boolean_opt() {
        return Ok(Arc::new(BooleanArray::new(kept_bits(bits.values(), &rows.bits), None)));
    }
    copied(column.as_ref(), &rows.runs).unwrap_or_else(|| rows.filter(column))
}

/// The bits of some rows, side by side.
fn kept_bits(bits: &BooleanBuffer, rows: &BooleanBuffer) -> BooleanBuffer {
    let mut out = Vec::with_capacity(rows.len().div_ceil(64) + 1);
    // Bits that do not make a word yet, and how many.
    let (mut word, mut used, mut count) = (0_u64, 0, 0);
    for (rows, mut bits) in rows.bit_chunks().iter_padded().zip(bits.bit_chunks().iter_padded()) {
        let mut gone = !rows;
        while gone != 0 {
            let below = (1_u64 << (63 - gone.leading_zeros())) - 1;
            bits = (bits & below) | ((bits >> 1) & !below);
            gone &= below;
        }
        let kept = rows.count_ones();
        word |= bits << used;
        count += kept as usize;
        used += kept;
        if used >= 64 {
            out.push(word);
            used -= 64;
            // As many as had no room; where all had, none.
            word = bits.checked_shr(kept - used).unwrap_or(0);
        }
    }
    out.push(word);
    BooleanBuffer::new(Buffer::from_vec(out), 0, count)
}

/// As [`not_null`], where the type is one that is copied here.
fn copied(column: &dyn Array, runs: &Runs) -> Option<Result<ArrayRef, ArrowError>> {
    match column.data_type() {
        DataType::Int64 => primitive::<Int64Type>(column, runs),
        DataType::Float64 => primitive::<Float64Type>(column, runs),
        DataType::Date32 => primitive::<Date32Type>(column, runs),
        DataType::Timestamp(TimeUnit::Microsecond, _) => primitive::<TimestampMicrosecondType>(column, runs),
        DataType::Utf8 => Some(Ok(Arc::new(guard_decode::column::kept_texts(column.as_string_opt()?, runs)?))),
        DataType::List(_) => lists(column.as_list_opt()?, runs),
        _ => None,
    }
}

fn primitive<T: ArrowPrimitiveType>(column: &dyn Array, runs: &Runs) -> Option<Result<ArrayRef, ArrowError>> {
    let values = column.as_primitive_opt::<T>()?.values();
    let mut out = Vec::with_capacity(runs.iter().map(|(from, to)| to - from).sum());
    for (from, to) in runs {
        out.extend_from_slice(values.get(*from..*to)?);
    }
    let array = PrimitiveArray::<T>::new(out.into(), None).with_data_type(column.data_type().clone());
    Some(Ok(Arc::new(array)))
}

fn lists(column: &ListArray, runs: &Runs) -> Option<Result<ArrayRef, ArrowError>> {
    let DataType::List(item) = column.data_type() else { return None };
    if column.values().null_count() > 0 {
        return None;
    }
    let (offsets, parts) = guard_decode::column::moved(column.value_offsets(), runs)?;
    let items = copied(column.values().as_ref(), &parts)?;
    let array = items.and_then(|items| ListArray::try_new(Arc::clone(item), offsets, items, None));
    Some(array.map(|array| Arc::new(array) as ArrayRef))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use arrow_array::StringArray;
    use arrow_array::types::Int32Type;
    use arrow_schema::{Field, Schema};
    use arrow_select::filter::filter_record_batch;
    use proptest::prelude::*;

    type Row = (Option<i64>, Option<bool>, Option<String>, Option<Vec<Option<String>>>, Option<Vec<i64>>);

    fn batch(rows: &[Row], nulls_in_items: bool) -> RecordBatch {
        let mut texts = arrow_array::builder::ListBuilder::new(arrow_array::builder::StringBuilder::new());
        let mut counts = arrow_array::builder::ListBuilder::new(arrow_array::builder::Int64Builder::new());
        for (_, _, _, some, others) in rows {
            some.iter().flatten().filter(|item| nulls_in_items || item.is_some()).for_each(|item| match item {
                Some(item) => texts.values().append_value(item),
                None => texts.values().append_null(),
            });
            texts.append(some.is_some());
            others.iter().flatten().for_each(|item| counts.values().append_value(*item));
            counts.append(others.is_some());
        }
        let integers: arrow_array::Int64Array = rows.iter().map(|row| row.0).collect();
        let bits: BooleanArray = rows.iter().map(|row| row.1).collect();
        let small: PrimitiveArray<Int32Type> = rows.iter().map(|row| row.0.map(|value| value as i32)).collect();
        let words: StringArray = rows.iter().map(|row| row.2.as_deref()).collect();
        let instants = integers.reinterpret_cast::<TimestampMicrosecondType>().with_timezone("UTC");
        let columns: Vec<ArrayRef> = vec![
            Arc::new(integers),
            Arc::new(instants),
            Arc::new(bits),
            Arc::new(small),
            Arc::new(words),
            Arc::new(texts.finish()),
            Arc::new(counts.finish()),
        ];
        let field = |(at, column): (usize, &ArrayRef)| Field::new(at.to_string(), column.data_type().clone(), true);
        let schema = Schema::new(columns.iter().enumerate().map(field).collect::<Vec<_>>());
        RecordBatch::try_new(Arc::new(schema), columns).unwrap()
    }

    fn row() -> impl Strategy<Value = (Row, bool)> {
        let text = || proptest::option::weighted(0.9, ".{0,4}");
        let row = (
            proptest::option::weighted(0.9, any::<i64>()),
            proptest::option::weighted(0.9, any::<bool>()),
            text(),
            proptest::option::weighted(0.9, prop::collection::vec(text(), 0..4)),
            proptest::option::weighted(0.9, prop::collection::vec(any::<i64>(), 0..4)),
        );
        (row, prop::bool::weighted(0.7))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn rows_are_those_of_arrow(
            rows in prop::collection::vec(row(), 0..200), skip in 0..9_usize, whole in any::<bool>(), items in any::<bool>()
        ) {
            // Whether rows that are kept have NULLs decides the way.
            let is_kept = |(row, kept): &(Row, bool)| *kept && !(whole && (row.0.is_none() || row.1.is_none() || row.2.is_none() || row.3.is_none() || row.4.is_none()));
            let mask: BooleanBuffer = rows.iter().map(is_kept).collect();
            let rows: Vec<Row> = rows.into_iter().map(|(row, _)| row).collect();
            let skip = skip.min(rows.len());
            let batch = batch(&rows, items).slice(skip, rows.len() - skip);
            let mask = mask.slice(skip, rows.len() - skip);
            let expected = filter_record_batch(&batch, &BooleanArray::new(mask.clone(), None)).unwrap();
            let but = mask.iter().enumerate().filter(|(_, kept)| !kept).map(|(row, _)| row);
            prop_assert_eq!(kept(&batch, but).unwrap(), expected);
        }
    }
}
