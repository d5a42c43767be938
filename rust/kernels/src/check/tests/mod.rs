//! Each check against a per-row model over plain Rust values.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

mod bounds;
mod formats;
mod lengths;
mod multiples;
mod nested;
mod nulls;
mod ratio;
mod sets;
mod times;

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, DictionaryArray, PrimitiveArray};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

use super::{Check, CheckSpec, ColumnChecks, Literal, Refusal, Scratch, Side};

fn number(text: &str) -> Literal {
    Literal::Number(text.to_owned())
}

fn text(text: &str) -> Literal {
    Literal::Text(text.to_owned())
}

fn bound(side: Side, inclusive: bool, literal: Literal) -> CheckSpec {
    CheckSpec::Bound { side, inclusive, literal }
}

/// The rows `[start, start + len)` that fail, for each check.
fn failing(
    checks: &ColumnChecks,
    count: usize,
    array: &dyn Array,
    start: usize,
    len: usize,
    scratch: &mut Scratch,
) -> Vec<Vec<bool>> {
    // Slots hold what an earlier block left.
    let mut out = vec![Some(vec![u64::MAX; 3]); count];
    checks.run(array, start, len, scratch, &mut out);
    out.iter()
        .map(|slot| match slot {
            None => vec![false; len],
            Some(bits) => {
                assert_eq!(bits.len(), len.div_ceil(64));
                assert!(bits.iter().any(|word| *word != 0), "no row fails but there is a bitmap");
                let bit = |row: usize| bits[row / 64] >> (row % 64) & 1 == 1;
                assert!((len..bits.len() * 64).all(|row| !bit(row)), "bits beyond the end");
                (0..len).map(bit).collect()
            }
        })
        .collect()
}

/// Windows that start and end off word boundaries.
fn windows(len: usize) -> Vec<(usize, usize)> {
    let all = [(0, len), (1, len.saturating_sub(1)), (3, 64), (5, 130), (len / 2, len - len / 2), (len, 0), (63, 2)];
    all.into_iter().filter(|(start, count)| start + count <= len).collect()
}

/// Asserts the failing rows of several checks run together, over windows, slices, and dictionaries.
fn assert_all(specs: &[CheckSpec], array: &ArrayRef, expected: &[Vec<bool>]) {
    let bind = |spec: &CheckSpec, data_type: &DataType| {
        Check::bind(spec, data_type).unwrap_or_else(|refusal| panic!("{spec:?}: {refusal}"))
    };
    let columns = || ColumnChecks::new(specs.iter().map(|spec| bind(spec, array.data_type())).collect());
    let checks = columns();
    let mut scratch = Scratch::default();
    let mut assert_windows = |checks: &ColumnChecks, array: &dyn Array, expected: &[Vec<bool>]| {
        for (start, len) in windows(array.len()) {
            let found = failing(checks, specs.len(), array, start, len, &mut scratch);
            for ((spec, found), expected) in specs.iter().zip(&found).zip(expected) {
                assert_eq!(
                    found,
                    &expected[start..start + len],
                    "{spec:?} on {:?} rows {start}+{len}",
                    array.data_type()
                );
            }
        }
    };
    assert_windows(&checks, array, expected);
    let cut = array.len().min(7);
    let rest: Vec<Vec<bool>> = expected.iter().map(|rows| rows[cut..].to_vec()).collect();
    assert_windows(&checks, &array.slice(cut, array.len() - cut), &rest);
    let (keyed, keyed_expected) = as_dictionary(specs, array, expected);
    let keyed_checks = ColumnChecks::new(specs.iter().map(|spec| bind(spec, keyed.data_type())).collect());
    assert_windows(&keyed_checks, &keyed, &keyed_expected);
}

fn assert_fails(spec: CheckSpec, array: &ArrayRef, expected: &[bool]) {
    assert_all(&[spec], array, &[expected.to_vec()]);
}

/// A dictionary over `array` that points at its rows out of order, with NULL keys that hide an index out of range.
fn as_dictionary(
    specs: &[CheckSpec],
    array: &ArrayRef,
    expected: &[Vec<bool>],
) -> (DictionaryArray<Int32Type>, Vec<Vec<bool>>) {
    let len = array.len();
    let rows: Vec<Option<usize>> = (0..len).map(|row| (row % 5 != 3).then_some(row * 7 % len)).collect();
    let keys: Vec<i32> = rows.iter().map(|row| row.map_or(-9, |row| row as i32)).collect();
    let valid = NullBuffer::from_iter(rows.iter().map(Option::is_some));
    let keys = PrimitiveArray::<Int32Type>::new(keys.into(), Some(valid));
    let expected = specs.iter().zip(expected).map(|(spec, fails)| {
        let null_fails = match spec {
            CheckSpec::NotNull => true,
            CheckSpec::NoneOf { null, .. } => *null,
            _ => false,
        };
        rows.iter().map(|row| row.map_or(null_fails, |row| fails[row])).collect()
    });
    let expected = expected.collect();
    (DictionaryArray::new(keys, Arc::clone(array)), expected)
}

/// Repeats values to a length that fills several words, with NULLs that hide the values themselves.
fn spread<T: Clone>(values: &[T], len: usize, null_every: usize) -> Vec<(T, bool)> {
    (0..len).map(|row| (values[row % values.len()].clone(), row % null_every != null_every - 1)).collect()
}

fn primitive<T: ArrowPrimitiveType>(rows: &[(T::Native, bool)], data_type: &DataType) -> ArrayRef {
    let values: Vec<T::Native> = rows.iter().map(|(value, _)| *value).collect();
    let valid = NullBuffer::from_iter(rows.iter().map(|(_, valid)| *valid));
    Arc::new(PrimitiveArray::<T>::new(values.into(), Some(valid)).with_data_type(data_type.clone()))
}

fn refusal(spec: CheckSpec, data_type: &DataType) -> Refusal {
    Check::bind(&spec, data_type).expect_err("a refusal")
}
