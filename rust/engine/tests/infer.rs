//! Drafts from frames: what they propose, and that it holds.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic, missing_docs)]

use arrow_array::builder::{Int64Builder, ListBuilder};
use arrow_array::types::Int8Type;
use arrow_array::{
    Array, ArrayRef, DictionaryArray, Float64Array, Int8Array, Int64Array, ListArray, NullArray, RecordBatch,
    StringArray, StructArray, TimestampMicrosecondArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Schema};
use guard_engine::contract::Contract;
use guard_engine::infer::{InferError, Inference};
use guard_engine::plan::{Options, Plan};
use guard_engine::run::{Control, Run, RunError, Uncontrolled, verdict};
use guard_verdict::Status;
use proptest::prelude::*;
use std::sync::Arc;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<_> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.into_iter().map(|(_, array)| array).collect()).unwrap()
}

fn draft(batches: &[RecordBatch]) -> String {
    let mut inference = Inference::new(batches[0].schema_ref()).unwrap();
    inference.push(batches, &Uncontrolled).unwrap();
    inference.draft("t", "t")
}

/// The draft, once it has loaded without a finding and accepted the frame.
fn sound(batch: RecordBatch) -> String {
    let text = draft(std::slice::from_ref(&batch));
    let contract = Contract::load(&text).unwrap_or_else(|found| panic!("{found:?}\n{text}"));
    assert_eq!(contract.diagnostics, [], "{text}");
    let plan = Plan::compile(&contract, &contract.objects[0], batch.schema_ref(), &Options::default());
    let mut run = Run::new(Arc::new(plan), "", 0);
    run.push(&[batch], &Uncontrolled).unwrap();
    let verdict = verdict(&[run.finish()]).unwrap();
    assert_eq!(verdict.status, Status::Accept, "{text}\n{verdict:?}");
    assert_eq!(verdict.undeclared, Vec::<String>::new());
    text
}

/// The lines of the property called `name`, without indentation and dash.
fn property(text: &str, name: &str) -> Vec<String> {
    let head = format!("      - name: {name}");
    let mut lines = text.lines().skip_while(|line| line.split("  #").next() != Some(&head));
    lines.next().unwrap_or_else(|| panic!("no {name} in\n{text}"));
    lines.take_while(|line| line.starts_with("        ")).map(|line| line.trim().to_owned()).collect()
}

fn strings(values: impl IntoIterator<Item = &'static str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn integers(values: impl IntoIterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

#[test]
fn required_where_no_null_was_seen() {
    let with_null = Arc::new(Int64Array::from(vec![Some(-1), None, Some(-1)]));
    let text = sound(batch(vec![("a", integers([-1, -1, -2])), ("b", with_null), ("c", Arc::new(NullArray::new(3)))]));
    assert_eq!(property(&text, "a"), ["logicalType: integer  # seen -2 … -1", "required: true"]);
    assert_eq!(property(&text, "b"), ["logicalType: integer  # 1 of 3 NULL; seen -1"]);
    assert!(text.contains("- name: c  # only NULL seen\n"));
    assert!(text.starts_with("# Drafted by guard_nb from 3 records.\n"));
}

#[test]
fn bounds_are_natural_or_a_note() {
    let months: Vec<i64> = (0..60).map(|row| row % 12 + 1).collect();
    let columns = vec![
        ("month", integers(months.iter().map(|month| month.min(&3)).copied())),
        ("m", integers(months.clone())),
        ("change", integers(months.iter().map(|month| month - 6))),
        ("ratio", Arc::new(Float64Array::from_iter_values(months.iter().map(|month| *month as f64 / 8.0))) as ArrayRef),
    ];
    let text = sound(batch(columns));
    assert_eq!(
        property(&text, "month")[2],
        "logicalTypeOptions: {minimum: 1, maximum: 12}  # months of a year: seen 1 … 3"
    );
    assert_eq!(
        property(&text, "m")[2],
        "logicalTypeOptions: {minimum: 1, maximum: 12}  # months of a year: seen 1 … 12"
    );
    assert_eq!(property(&text, "change"), ["logicalType: integer  # seen -5 … 6", "required: true"]);
    assert_eq!(property(&text, "ratio")[2], "logicalTypeOptions: {minimum: 0}  # seen 0.125 … 1.5");
}

#[test]
fn no_bound_beside_nan() {
    let text = sound(batch(vec![("x", Arc::new(Float64Array::from(vec![1.0, f64::NAN, f64::INFINITY, 2.0])))]));
    let lines = ["logicalType: number  # seen 1 … 2, all whole", "required: true"];
    let custom = "customProperties: [{property: allowNonFinite, value: true}]  # 1 of 4 NaN; 1 of 4 infinite";
    assert_eq!(property(&text, "x"), [lines[0], lines[1], custom]);
}

#[test]
fn few_values_seen_often_are_a_set() {
    let text = sound(batch(vec![("s", strings(["yes", "no", "a, b"].repeat(10)))]));
    let rule = "quality: [{metric: invalidValues, arguments: {validValues: [\"a, b\", \"no\", \"yes\"]}, mustBe: 0}]";
    assert_eq!(property(&text, "s")[2], format!("{rule}  # only 3 different values, each seen 10 times or more"));
    let rarer = sound(batch(vec![("s", strings(["yes", "no"].repeat(10).into_iter().chain(["a"; 9])))]));
    assert_eq!(
        property(&rarer, "s")[0],
        "logicalType: string  # length 1 … 3; 3 different values: \"a\", \"no\", \"yes\""
    );
    assert!(!rarer.contains("quality"));
}

#[test]
fn codes_are_a_pattern_when_there_are_enough() {
    let code =
        |row: usize| ["AAA", "BCD", "XYZ", "QRS"][row % 4].to_owned() + &["AB", "CD", "EF"][row % 3][..row % 2 + 1];
    let same_length: Vec<String> =
        (0..102).map(|row| format!("{}{}", &code(row)[..3], char::from(b'A' + (row % 26) as u8))).collect();
    let array: ArrayRef = Arc::new(StringArray::from(same_length.clone()));
    assert_eq!(
        property(&sound(batch(vec![("c", array)])), "c")[2],
        "logicalTypeOptions: {pattern: \"^[A-Z]{4}$\"}  # matched by all 102"
    );
    let few: ArrayRef = Arc::new(StringArray::from(same_length[..49].to_vec()));
    assert!(!sound(batch(vec![("c", few)])).contains("pattern"));
    let mixed: ArrayRef = Arc::new(StringArray::from((0..102).map(code).collect::<Vec<_>>()));
    assert!(!sound(batch(vec![("c", mixed)])).contains("pattern"));
}

#[test]
fn the_first_key_by_name_is_primary() {
    let text = sound(batch(vec![
        ("size", integers(0..30)),
        ("order_id", integers(100..130)),
        ("other_id", integers(200..230)),
        ("twice_id", integers((0..30).map(|n| n / 2))),
    ]));
    let has = |name, line: &str| property(&text, name).iter().any(|found| found.split("  #").next() == Some(line));
    assert_eq!(
        ["size", "order_id", "other_id", "twice_id"].map(|name| has(name, "unique: true")),
        [true, true, true, false]
    );
    assert_eq!(["size", "order_id", "other_id"].map(|name| has(name, "primaryKey: true")), [false, true, false]);
}

#[test]
fn few_records_make_no_key_unless_its_name_says_so() {
    let text = sound(batch(vec![("size", integers([3, 1, 2])), ("id", integers([1, 2, 3]))]));
    assert!(property(&text, "size").iter().all(|line| !line.starts_with("unique")));
    assert_eq!(property(&text, "id")[2..4], ["unique: true  # all 3 differ", "primaryKey: true"]);
    assert!(!sound(batch(vec![("id", integers([1]))])).contains("unique"));
}

#[test]
fn duplicates_in_different_batches_are_no_key() {
    let part = |values| batch(vec![("id", integers(values))]);
    assert!(!draft(&[part(vec![1, 2]), part(vec![3, 1])]).contains("unique"));
    assert!(draft(&[part(vec![1, 2]), part(vec![3, 4])]).contains("unique: true"));
}

#[test]
fn what_lies_below_null_does_not_exist() {
    let items = Arc::new(Int64Array::from(vec![Some(1), Some(-7), None, Some(2)]));
    let field = Arc::new(Field::new_list_field(DataType::Int64, true));
    let nulls = NullBuffer::from(vec![true, false, true]);
    let list = ListArray::new(field, OffsetBuffer::new(vec![0, 1, 3, 4].into()), items, Some(nulls.clone()));
    let child = Arc::new(StringArray::from(vec![Some("a"), None, Some("b")])) as ArrayRef;
    let fields = vec![Field::new("inner", DataType::Utf8, true)].into();
    let object = StructArray::new(fields, vec![child], Some(nulls));
    let text = sound(batch(vec![("list", Arc::new(list)), ("object", Arc::new(object))]));
    let items = ["items:", "logicalType: integer", "required: true", "logicalTypeOptions: {minimum: 0}  # seen 1 … 2"];
    assert_eq!(property(&text, "list")[1..], items);
    assert_eq!(
        property(&text, "object")[1..],
        ["properties:", "- name: inner", "logicalType: string  # length 1", "required: true"]
    );
}

#[test]
fn items_out_of_a_slice_do_not_count() {
    let mut builder = ListBuilder::new(Int64Builder::new());
    for value in [-5, 1, 2, -6] {
        builder.append_value([Some(value)]);
    }
    let text = sound(batch(vec![("l", Arc::new(builder.finish().slice(1, 2)))]));
    assert!(property(&text, "l").contains(&"logicalTypeOptions: {minimum: 0}  # seen 1 … 2".to_owned()));
}

#[test]
fn dictionaries_count_what_their_keys_mean() {
    let values = Arc::new(StringArray::from(vec![Some("a"), None, Some("unused")]));
    let keys = Int8Array::from(vec![Some(0), Some(1), None, Some(0)]);
    let empty = DictionaryArray::new(Int8Array::new_null(4), Arc::new(StringArray::new_null(0)));
    let text =
        sound(batch(vec![("d", Arc::new(DictionaryArray::<Int8Type>::new(keys, values))), ("e", Arc::new(empty))]));
    assert_eq!(property(&text, "d"), ["logicalType: string  # 2 of 4 NULL; length 1; always \"a\""]);
    assert_eq!(property(&text, "e"), ["logicalType: string  # only NULL seen"]);
}

#[test]
fn zones_are_stated() {
    let at = TimestampMicrosecondArray::from(vec![0, 1]);
    let zoned = Arc::new(at.clone().with_timezone("+02:00"));
    let text = sound(batch(vec![("local", Arc::new(at)), ("zoned", zoned)]));
    assert_eq!(property(&text, "local")[2], "logicalTypeOptions: {timezone: false}");
    assert_eq!(property(&text, "zoned")[2], "logicalTypeOptions: {timezone: true}  # zone \"+02:00\"");
}

#[test]
fn nesting_ends_where_contracts_are_no_longer_read() {
    let mut array = integers([1, 2]);
    for depth in 0..60 {
        array = match depth % 2 {
            0 => {
                let field = Arc::new(Field::new("f", array.data_type().clone(), true));
                Arc::new(StructArray::new(vec![field].into(), vec![array], None))
            }
            _ => {
                let field = Arc::new(Field::new_list_field(array.data_type().clone(), true));
                Arc::new(ListArray::new(field, OffsetBuffer::new(ScalarBuffer::from(vec![0, 1, 2])), array, None))
            }
        };
    }
    assert!(sound(batch(vec![("deep", array)])).contains("nested deeper than 32 levels: not described"));
}

#[test]
fn a_frame_without_records_or_columns_has_a_draft() {
    let text = sound(batch(vec![("a", integers([]))]));
    assert_eq!(property(&text, "a"), ["logicalType: integer  # no values seen"]);
    assert!(text.starts_with("# Drafted by guard_nb from no records"));
    sound(RecordBatch::new_empty(Arc::new(Schema::empty())));
}

#[test]
fn columns_of_one_name_are_refused() {
    let field = Field::new("a\n", DataType::Int8, true);
    let error = Inference::new(&Schema::new(vec![field.clone(), field])).unwrap_err();
    assert_eq!(error, InferError::ColumnAmbiguous("a\n".to_owned()));
    assert_eq!(error.to_string(), "the frame has more than one column `a\\n`");
}

#[test]
fn other_schemas_and_interruptions_end_it() {
    struct Stop;
    impl Control for Stop {
        fn keep_going(&self, _: u64) -> bool {
            false
        }
    }
    let first = batch(vec![("a", integers([1]))]);
    let mut inference = Inference::new(first.schema_ref()).unwrap();
    let other = inference.push(&[batch(vec![("b", integers([1]))])], &Uncontrolled);
    assert!(matches!(other, Err(InferError::Run(RunError::SchemaChanged(_)))));
    assert_eq!(inference.push(&[first], &Stop), Err(InferError::Run(RunError::Interrupted)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_name_and_text_is_sound(
        names in prop::collection::hash_set(".{0,6}|[-#:?\\[\\]{}!*&%@`'\"|>, ]{1,4}|(null|yes|~|1|<<|---|\\$\\{A\\})", 1..6),
        texts in prop::collection::vec(prop::option::of("(?s).{0,3}"), 0..40),
        times in 1usize..12,
    ) {
        let values: Vec<Option<&str>> = (0..times).flat_map(|_| texts.iter().map(Option::as_deref)).collect();
        let array: ArrayRef = Arc::new(StringArray::from(values));
        sound(batch(names.iter().map(|name| (name.as_str(), Arc::clone(&array))).collect()));
    }

    #[test]
    fn batches_and_threads_do_not_matter(
        rows in prop::collection::vec((prop::option::of(-3i64..40), "[a-cA-Z]{1,2}", any::<f64>()), 0..90),
        cuts in prop::collection::vec(0usize..90, 0..4),
        threads in 1usize..5,
    ) {
        let whole = batch(vec![
            ("i", Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>())),
            ("s", Arc::new(rows.iter().map(|row| Some(row.1.clone())).collect::<StringArray>())),
            ("x", Arc::new(rows.iter().map(|row| Some(row.2)).collect::<Float64Array>())),
        ]);
        let mut ends: Vec<usize> = cuts.into_iter().map(|cut| cut.min(rows.len())).chain([0, rows.len()]).collect();
        ends.sort_unstable();
        let mut inference = Inference::new(whole.schema_ref()).unwrap().with_threads(threads);
        for pair in ends.windows(2) {
            inference.push(&[whole.slice(pair[0], pair[1] - pair[0])], &Uncontrolled).unwrap();
        }
        prop_assert_eq!(inference.draft("t", "t"), draft(std::slice::from_ref(&whole)));
        sound(whole);
    }
}
