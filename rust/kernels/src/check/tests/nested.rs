use arrow_array::types::*;
use arrow_array::*;
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{Field, Fields};

use super::*;

type List = Vec<Option<i64>>;

type Entries = [(&'static str, Option<i32>)];

fn lists() -> Vec<(List, bool)> {
    let some = [
        vec![],
        vec![Some(1)],
        vec![Some(1), Some(2)],
        vec![Some(1), Some(1)],
        vec![None, Some(3), None],
        vec![Some(2), None, Some(2)],
        vec![Some(5), Some(6), Some(7)],
    ];
    spread(&some, 150, 8)
}

fn items(rows: &[(List, bool)]) -> ArrayRef {
    Arc::new(Int64Array::from_iter(rows.iter().flat_map(|(list, _)| list.iter().copied())))
}

fn lengths(rows: &[(List, bool)]) -> impl Iterator<Item = usize> {
    rows.iter().map(|(list, _)| list.len())
}

fn item_field() -> Arc<Field> {
    Arc::new(Field::new("item", DataType::Int64, true))
}

fn list_layouts(rows: &[(List, bool)]) -> Vec<ArrayRef> {
    let nulls = || Some(NullBuffer::from_iter(rows.iter().map(|(_, valid)| *valid)));
    let values = items(rows);
    let offsets = OffsetBuffer::<i32>::from_lengths(lengths(rows));
    let large = OffsetBuffer::<i64>::from_lengths(lengths(rows));
    let starts: ScalarBuffer<i32> = offsets[..rows.len()].to_vec().into();
    let large_starts: ScalarBuffer<i64> = large[..rows.len()].to_vec().into();
    let sizes: ScalarBuffer<i32> = lengths(rows).map(|len| len as i32).collect::<Vec<_>>().into();
    let large_sizes: ScalarBuffer<i64> = lengths(rows).map(|len| len as i64).collect::<Vec<_>>().into();
    vec![
        Arc::new(ListArray::new(item_field(), offsets, values.clone(), nulls())),
        Arc::new(LargeListArray::new(item_field(), large, values.clone(), nulls())),
        Arc::new(ListViewArray::new(item_field(), starts, sizes, values.clone(), nulls())),
        Arc::new(LargeListViewArray::new(item_field(), large_starts, large_sizes, values, nulls())),
    ]
}

fn assert_lists(spec: CheckSpec, rows: &[(List, bool)], fails: impl Fn(&List) -> bool) {
    let expected: Vec<bool> = rows.iter().map(|(list, valid)| *valid && fails(list)).collect();
    for array in list_layouts(rows) {
        assert_fails(spec.clone(), &array, &expected);
    }
}

#[test]
fn counts_of_items() {
    let rows = lists();
    for limit in [0, 1, 2, 3, 9] {
        assert_lists(CheckSpec::MinItems(limit), &rows, |list| (list.len() as u64) < limit);
        assert_lists(CheckSpec::MaxItems(limit), &rows, |list| list.len() as u64 > limit);
        assert_lists(CheckSpec::Dimensions(limit), &rows, |list| list.len() as u64 != limit);
    }
    assert!(matches!(refusal(CheckSpec::MinItems(1), &DataType::Utf8), Refusal::Misplaced(_)));
}

#[test]
fn unique_items() {
    assert_lists(CheckSpec::UniqueItems, &lists(), |list| {
        let held: Vec<i64> = list.iter().flatten().copied().collect();
        held.iter().enumerate().any(|(at, item)| held[..at].contains(item))
    });
}

#[test]
fn lists_of_fixed_size() {
    let rows = spread(&[vec![Some(1), Some(2)], vec![Some(3), Some(3)]], 90, 8);
    let nulls = NullBuffer::from_iter(rows.iter().map(|(_, valid)| *valid));
    let array: ArrayRef = Arc::new(FixedSizeListArray::new(item_field(), 2, items(&rows), Some(nulls)));
    let held: Vec<bool> = rows.iter().map(|(_, valid)| *valid).collect();
    let twins: Vec<bool> = rows.iter().map(|(list, valid)| *valid && list[0] == list[1]).collect();
    assert_fails(CheckSpec::Dimensions(2), &array, &[false; 90]);
    assert_fails(CheckSpec::Dimensions(3), &array, &held);
    assert_fails(CheckSpec::UniqueItems, &array, &twins);
}

fn list_of(values: ArrayRef, lengths: &[usize]) -> ArrayRef {
    let field = Arc::new(Field::new("item", values.data_type().clone(), true));
    Arc::new(ListArray::new(field, OffsetBuffer::from_lengths(lengths.iter().copied()), values, None))
}

#[test]
fn equal_items_of_every_type() {
    let floats = list_of(Arc::new(Float64Array::from(vec![0.0, -0.0, f64::NAN, -f64::NAN, 1.0, 2.0])), &[2, 2, 2]);
    assert_fails(CheckSpec::UniqueItems, &floats, &[true, true, false]);
    let words = ["a", "a", "b", "ab", "long enough for a view", "long enough for a view"];
    let texts = list_of(Arc::new(StringViewArray::from_iter_values(words)), &[2, 2, 2]);
    assert_fails(CheckSpec::UniqueItems, &texts, &[true, false, true]);
    let bools = list_of(Arc::new(BooleanArray::from(vec![true, false, true, true])), &[2, 2]);
    assert_fails(CheckSpec::UniqueItems, &bools, &[false, true]);
    let keys = Int8Array::from(vec![Some(0), Some(1), Some(2), None, None, Some(0)]);
    // Two keys of one word are equal items.
    let keyed = DictionaryArray::<Int8Type>::new(keys, Arc::new(StringArray::from(vec!["a", "a", "b"])) as ArrayRef);
    assert_fails(CheckSpec::UniqueItems, &list_of(Arc::new(keyed), &[2, 2, 2]), &[true, false, false]);
    let inner = list_of(Arc::new(Int64Array::from(vec![1, 2, 1, 2, 12, 1, 2])), &[2, 2, 1, 2]);
    assert_fails(CheckSpec::UniqueItems, &list_of(inner, &[2, 2]), &[true, false]);
    let none = list_of(Arc::new(NullArray::new(4)), &[2, 2]);
    assert_fails(CheckSpec::UniqueItems, &none, &[false, false]);
    let duration = DataType::new_list(DataType::Duration(arrow_schema::TimeUnit::Second), true);
    assert!(matches!(refusal(CheckSpec::UniqueItems, &duration), Refusal::NotSupported(_)));
}

#[test]
fn equal_structs() {
    let part = |values: Vec<Option<i32>>| Arc::new(Int32Array::from(values)) as ArrayRef;
    let fields = || Fields::from(vec![Field::new("a", DataType::Int32, true), Field::new("b", DataType::Int32, true)]);
    let values = vec![
        part(vec![Some(1), Some(1), None, None, Some(1), None]),
        part(vec![None, None, Some(1), Some(1), Some(2), Some(1)]),
    ];
    let structs = StructArray::new(fields(), values, None);
    assert_fails(CheckSpec::UniqueItems, &list_of(Arc::new(structs), &[2, 2, 2]), &[true, true, false]);
}

fn object(rows: usize) -> (ArrayRef, Vec<[bool; 3]>) {
    let held: Vec<[bool; 3]> = (0..rows).map(|row| [row % 2 == 0, row % 3 == 0, row % 5 != 0]).collect();
    let ints = Int32Array::from_iter(held.iter().map(|held| held[0].then_some(1)));
    let texts = StringArray::from_iter(held.iter().map(|held| held[1].then_some("x")));
    let keys = Int8Array::from_iter(
        held.iter().enumerate().map(|(row, held)| (held[2] || row % 2 == 0).then_some(if held[2] { 0 } else { 1 })),
    );
    let keyed = DictionaryArray::<Int8Type>::new(keys, Arc::new(StringArray::from(vec![Some("v"), None])) as ArrayRef);
    let columns: Vec<ArrayRef> = vec![Arc::new(ints), Arc::new(texts), Arc::new(keyed)];
    let fields: Fields = ["a", "b", "c"]
        .iter()
        .zip(&columns)
        .map(|(name, column)| Field::new(*name, column.data_type().clone(), true))
        .collect();
    let nulls = NullBuffer::from_iter((0..rows).map(|row| row % 7 != 6));
    (Arc::new(StructArray::new(fields, columns, Some(nulls))), held)
}

#[test]
fn properties_of_structs() {
    let (array, held) = object(150);
    let expect = |fails: &dyn Fn(&[bool; 3]) -> bool| {
        held.iter().enumerate().map(|(row, held)| row % 7 != 6 && fails(held)).collect::<Vec<_>>()
    };
    let count = |held: &[bool; 3]| held.iter().filter(|held| **held).count() as u64;
    for limit in 0..5 {
        assert_fails(CheckSpec::MinProperties(limit), &array, &expect(&|held| count(held) < limit));
        assert_fails(CheckSpec::MaxProperties(limit), &array, &expect(&|held| count(held) > limit));
    }
    let required =
        |names: &[&str]| CheckSpec::RequiredProperties(names.iter().map(|name| (*name).to_owned()).collect());
    assert_fails(required(&["a", "c"]), &array, &expect(&|held| !(held[0] && held[2])));
    assert_fails(required(&["b"]), &array, &expect(&|held| !held[1]));
    assert_fails(required(&["a", "d"]), &array, &expect(&|_| true));
    assert_fails(required(&[]), &array, &expect(&|_| false));
    assert!(matches!(refusal(required(&["a"]), &DataType::Int8), Refusal::Misplaced(_)));
}

#[test]
fn properties_of_maps() {
    let entries: Vec<Vec<(&str, Option<i32>)>> =
        vec![vec![], vec![("a", Some(1))], vec![("b", Some(1)), ("a", None)], vec![("c", None), ("a", Some(2))]];
    let rows = spread(&entries, 150, 7);
    let pairs = || rows.iter().flat_map(|(pairs, _)| pairs.iter());
    let keys: ArrayRef = Arc::new(StringArray::from_iter_values(pairs().map(|(key, _)| *key).collect::<Vec<_>>()));
    let values: ArrayRef = Arc::new(Int32Array::from_iter(pairs().map(|(_, value)| *value)));
    let fields =
        Fields::from(vec![Field::new("keys", DataType::Utf8, false), Field::new("values", DataType::Int32, true)]);
    let field = Arc::new(Field::new("entries", DataType::Struct(fields.clone()), false));
    let offsets = OffsetBuffer::from_lengths(rows.iter().map(|(pairs, _)| pairs.len()));
    let nulls = NullBuffer::from_iter(rows.iter().map(|(_, valid)| *valid));
    let array: ArrayRef =
        Arc::new(MapArray::new(field, offsets, StructArray::new(fields, vec![keys, values], None), Some(nulls), false));
    let expect =
        |fails: &dyn Fn(&Entries) -> bool| rows.iter().map(|(pairs, valid)| *valid && fails(pairs)).collect::<Vec<_>>();
    assert_fails(CheckSpec::MinProperties(2), &array, &expect(&|pairs| pairs.len() < 2));
    assert_fails(CheckSpec::MaxProperties(1), &array, &expect(&|pairs| pairs.len() > 1));
    let lacks = |pairs: &Entries| !pairs.iter().any(|(key, value)| *key == "a" && value.is_some());
    assert_fails(CheckSpec::RequiredProperties(vec!["a".to_owned()]), &array, &expect(&lacks));
}
