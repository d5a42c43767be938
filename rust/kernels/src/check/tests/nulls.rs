use arrow_array::types::*;
use arrow_array::{Int32Array, NullArray, RunArray, StringArray, UInt8Array};

use super::*;

#[test]
fn not_null_reads_the_validity() {
    for every in [2, 3, 64, 65] {
        let rows = spread(&[1i32], 300, every);
        let nulls: Vec<bool> = rows.iter().map(|(_, valid)| !valid).collect();
        assert_fails(CheckSpec::NotNull, &primitive::<Int32Type>(&rows, &DataType::Int32), &nulls);
    }
    let full: ArrayRef = Arc::new(Int32Array::from(vec![7; 130]));
    assert_fails(CheckSpec::NotNull, &full, &[false; 130]);
}

#[test]
fn the_null_type_has_every_type() {
    let array: ArrayRef = Arc::new(NullArray::new(100));
    let passing = [
        bound(Side::Lower, true, number("1")),
        bound(Side::Lower, true, text("2026-01-31")),
        CheckSpec::MinLength(3),
        CheckSpec::Format("email".into()),
        CheckSpec::Pattern("a".into()),
        CheckSpec::OneOf(vec![number("1")]),
        CheckSpec::UniqueItems,
        CheckSpec::Dimensions(3),
        CheckSpec::RequiredProperties(vec!["a".into()]),
        CheckSpec::Timezone(true),
        CheckSpec::Finite,
    ];
    for spec in passing {
        assert_fails(spec, &array, &[false; 100]);
    }
    assert_fails(CheckSpec::NotNull, &array, &[true; 100]);
    assert_fails(CheckSpec::NoneOf { literals: vec![], null: true }, &array, &[true; 100]);
}

#[test]
fn null_values_of_a_dictionary() {
    let values: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("b")]));
    let keys = UInt8Array::from(vec![Some(0), Some(1), None, Some(2), Some(0)]);
    let array = DictionaryArray::<UInt8Type>::new(keys, values);
    let bind = |spec: CheckSpec| Check::bind(&spec, array.data_type()).unwrap();
    let checks = ColumnChecks::new(vec![bind(CheckSpec::NotNull), bind(CheckSpec::OneOf(vec![text("a")]))]);
    let found = failing(&checks, 2, &array, 0, 5, &mut Scratch::default());
    assert_eq!(found[0], [false, true, true, false, false]);
    assert_eq!(found[1], [false, false, false, true, false]);
}

#[test]
fn a_scratch_serves_several_dictionaries_and_columns() {
    let column = |words: [&str; 2]| {
        let keys = UInt8Array::from_iter_values((0..100).map(|row| row % 2));
        DictionaryArray::<UInt8Type>::new(keys, Arc::new(StringArray::from_iter_values(words)) as ArrayRef)
    };
    let of = |word: &str, array: &DictionaryArray<UInt8Type>| {
        ColumnChecks::new(vec![Check::bind(&CheckSpec::OneOf(vec![text(word)]), array.data_type()).unwrap()])
    };
    let (first, second) = (column(["a", "b"]), column(["b", "a"]));
    let (only_a, only_b) = (of("a", &first), of("b", &first));
    let mut scratch = Scratch::default();
    for _ in 0..3 {
        for (array, a_rows) in [(&first, 0), (&second, 1)] {
            let fails = |rest: usize| (0..100).map(|row| row % 2 == rest).collect::<Vec<_>>();
            assert_eq!(failing(&only_a, 1, array, 0, 100, &mut scratch)[0], fails(1 - a_rows));
            assert_eq!(failing(&only_b, 1, array, 0, 100, &mut scratch)[0], fails(a_rows));
        }
    }
}

#[test]
fn run_ends_are_refused_except_for_null() {
    let runs = Int32Array::from(vec![2, 5, 100]);
    let array: ArrayRef = Arc::new(RunArray::try_new(&runs, &Int32Array::from(vec![Some(1), None, Some(3)])).unwrap());
    for spec in [
        bound(Side::Lower, true, number("1")),
        CheckSpec::Finite,
        CheckSpec::MinLength(1),
        CheckSpec::OneOf(vec![number("1")]),
    ] {
        assert!(matches!(refusal(spec.clone(), array.data_type()), Refusal::NotSupported(_)), "{spec:?}");
    }
    let check = Check::bind(&CheckSpec::NotNull, array.data_type()).unwrap();
    let found = failing(&ColumnChecks::new(vec![check]), 1, array.as_ref(), 1, 5, &mut Scratch::default());
    assert_eq!(found[0], [false, true, true, true, false]);
}

#[test]
fn rows_that_are_not_there_and_foreign_types_fail() {
    let array = Int32Array::from(vec![1; 10]);
    let spec = bound(Side::Lower, true, number("0"));
    let checks = ColumnChecks::new(vec![Check::bind(&spec, &DataType::Int32).unwrap()]);
    let mut scratch = Scratch::default();
    assert_eq!(failing(&checks, 1, &array, 5, 6, &mut scratch)[0], [true; 6]);
    assert_eq!(failing(&checks, 1, &array, usize::MAX, 6, &mut scratch)[0], [true; 6]);
    let text = StringArray::from(vec!["1"; 10]);
    assert_eq!(failing(&checks, 1, &text, 0, 10, &mut scratch)[0], [true; 10]);
    assert_eq!(failing(&checks, 1, &text, 10, 0, &mut scratch)[0], [false; 0]);
}
