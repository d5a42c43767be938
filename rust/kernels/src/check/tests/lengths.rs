use arrow_array::*;
use proptest::prelude::*;

use super::*;

/// Text of every layout; the text stays in the buffers under NULL.
pub(super) fn texts(rows: &[(String, bool)]) -> Vec<ArrayRef> {
    let values = || rows.iter().map(|(value, _)| value.as_str());
    let nulls = || Some(NullBuffer::from_iter(rows.iter().map(|(_, valid)| *valid)));
    let (offsets, data, _) = StringArray::from_iter_values(values()).into_parts();
    let (large_offsets, large_data, _) = LargeStringArray::from_iter_values(values()).into_parts();
    let (views, buffers, _) = StringViewArray::from_iter_values(values()).into_parts();
    vec![
        Arc::new(StringArray::new(offsets, data, nulls())),
        Arc::new(LargeStringArray::new(large_offsets, large_data, nulls())),
        Arc::new(StringViewArray::new(views, buffers, nulls())),
    ]
}

/// Bytes of every layout of free length.
pub(super) fn binaries(rows: &[(Vec<u8>, bool)]) -> Vec<ArrayRef> {
    let values = || rows.iter().map(|(value, _)| value.as_slice());
    let nulls = || Some(NullBuffer::from_iter(rows.iter().map(|(_, valid)| *valid)));
    let (offsets, data, _) = BinaryArray::from_iter_values(values()).into_parts();
    let (large_offsets, large_data, _) = LargeBinaryArray::from_iter_values(values()).into_parts();
    let (views, buffers, _) = BinaryViewArray::from_iter_values(values()).into_parts();
    vec![
        Arc::new(BinaryArray::new(offsets, data, nulls())),
        Arc::new(LargeBinaryArray::new(large_offsets, large_data, nulls())),
        Arc::new(BinaryViewArray::new(views, buffers, nulls())),
    ]
}

pub(super) fn assert_texts(spec: &CheckSpec, rows: &[(String, bool)], fails: impl Fn(&str) -> bool) {
    let expected: Vec<bool> = rows.iter().map(|(value, valid)| *valid && fails(value)).collect();
    for array in texts(rows) {
        assert_fails(spec.clone(), &array, &expected);
    }
}

const TEXTS: [&str; 9] =
    ["", "a", "äö", "日本語", "𝄞𝄞𝄞", "twelve bytes", "thirteen byte", "e\u{301}", "a much longer text with ünïcode"];

#[test]
fn text_counts_scalar_values() {
    let rows = spread(&TEXTS.map(str::to_owned), 150, 7);
    for limit in [0, 1, 2, 3, 4, 6, 12, 13, 40, u64::MAX] {
        assert_texts(&CheckSpec::MinLength(limit), &rows, |value| (value.chars().count() as u64) < limit);
        assert_texts(&CheckSpec::MaxLength(limit), &rows, |value| value.chars().count() as u64 > limit);
    }
}

#[test]
fn binary_counts_bytes() {
    let rows = spread(&TEXTS.map(|text| text.as_bytes().to_vec()), 150, 7);
    for limit in [0, 1, 4, 12, 13, 40] {
        let expected: Vec<bool> = rows.iter().map(|(value, valid)| *valid && (value.len() as u64) > limit).collect();
        for array in binaries(&rows) {
            assert_fails(CheckSpec::MaxLength(limit), &array, &expected);
        }
    }
    let fixed = FixedSizeBinaryArray::try_from_sparse_iter_with_size(
        (0..90).map(|row| (row % 4 > 0).then_some([row as u8; 3])),
        3,
    )
    .unwrap();
    let fixed: ArrayRef = Arc::new(fixed);
    let held: Vec<bool> = (0..90).map(|row| row % 4 > 0).collect();
    assert_fails(CheckSpec::MinLength(4), &fixed, &held);
    assert_fails(CheckSpec::MinLength(3), &fixed, &[false; 90]);
}

#[test]
fn lengths_are_of_text() {
    for data_type in [DataType::Int8, DataType::Boolean, DataType::Date32] {
        assert!(matches!(refusal(CheckSpec::MinLength(1), &data_type), Refusal::Misplaced(_)));
    }
}

proptest! {
    #[test]
    fn any_text(values in prop::collection::vec(".{0,20}", 1..20), limit in 0u64..20) {
        let rows = spread(&values, 80, 7);
        assert_texts(&CheckSpec::MinLength(limit), &rows, |value| (value.chars().count() as u64) < limit);
        assert_texts(&CheckSpec::MaxLength(limit), &rows, |value| value.chars().count() as u64 > limit);
    }
}
