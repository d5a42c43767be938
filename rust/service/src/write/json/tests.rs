#![allow(clippy::unwrap_used)]
use super::*;
use arrow_array::builder::{Int64Builder, MapBuilder, StringBuilder, StringDictionaryBuilder};
use arrow_array::*;
use arrow_schema::Schema;
use std::sync::Arc;

fn written(array: ArrayRef) -> Vec<String> {
    let batch = RecordBatch::try_from_iter([("a", array)]).unwrap();
    let mut out = Vec::new();
    records(&batch, &mut out);
    let text = String::from_utf8(out).unwrap();
    let bare = |line: &str| line.strip_prefix("{\"a\":").and_then(|rest| rest.strip_suffix('}')).unwrap().to_owned();
    text.lines().map(bare).collect()
}

#[test]
fn numbers_keep_every_digit() {
    let integers = Int64Array::from(vec![Some(i64::MIN), Some(9_007_199_254_740_993), None]);
    assert_eq!(written(Arc::new(integers)), ["-9223372036854775808", "9007199254740993", "null"]);
    assert_eq!(written(Arc::new(UInt64Array::from(vec![u64::MAX]))), ["18446744073709551615"]);
    let decimals = Decimal128Array::from(vec![-5, 1_250, i128::pow(10, 37)]).with_precision_and_scale(38, 2).unwrap();
    assert_eq!(written(Arc::new(decimals)), ["-0.05", "12.50", "100000000000000000000000000000000000.00"]);
    for value in [0.1, 1e300, 5e-324, -0.0, 123_456_789.125] {
        let text = written(Arc::new(Float64Array::from(vec![value]))).remove(0);
        assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits(), "{text}");
    }
    let odd = Float64Array::from(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
    assert_eq!(written(Arc::new(odd)), ["\"NaN\"", "\"Infinity\"", "\"-Infinity\""]);
}

#[test]
fn times_are_texts_that_read_back() {
    assert_eq!(written(Arc::new(Date32Array::from(vec![0]))), ["\"1970-01-01\""]);
    assert_eq!(written(Arc::new(Time64MicrosecondArray::from(vec![1_500_000]))), ["\"00:00:01.5\""]);
    assert_eq!(written(Arc::new(TimestampMicrosecondArray::from(vec![1]))), ["\"1970-01-01T00:00:00.000001\""]);
    let zoned = TimestampMicrosecondArray::from(vec![0]).with_timezone("UTC");
    assert_eq!(written(Arc::new(zoned)), ["\"1970-01-01T00:00:00Z\""]);
}

#[test]
fn texts_are_escaped_and_long_ones_whole() {
    let long = "x".repeat(5000);
    let texts = StringViewArray::from(vec!["a\"b\\c\n\u{1}", "é\u{2028}", &long]);
    let lines = written(Arc::new(texts));
    assert_eq!(lines.first().unwrap(), r#""a\"b\\c\n\u0001""#);
    let read: Vec<String> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, ["a\"b\\c\n\u{1}", "é\u{2028}", &long]);
}

#[test]
fn dictionaries_are_their_values() {
    let mut builder = StringDictionaryBuilder::<types::Int8Type>::new();
    builder.append_value("x");
    builder.append_null();
    builder.append_value("x");
    assert_eq!(written(Arc::new(builder.finish())), ["\"x\"", "null", "\"x\""]);
    let empty = StringDictionaryBuilder::<types::Int8Type>::new().finish();
    let nulls = new_null_array(empty.data_type(), 2);
    assert_eq!(written(nulls), ["null", "null"]);
    let numbers = DictionaryArray::new(
        Int8Array::from(vec![Some(1), None, Some(0)]),
        Arc::new(Int64Array::from(vec![Some(7), None])),
    );
    assert_eq!(written(Arc::new(numbers)), ["null", "null", "7"]);
}

#[test]
fn nested_values() {
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None]), Some(vec![]), None]);
    assert_eq!(written(Arc::new(lists)), ["[1,null]", "[]", "null"]);
    let field = |name: &str, ty| Arc::new(Field::new(name, ty, true));
    let inner: ArrayRef = Arc::new(StringArray::from(vec![Some("x"), None]));
    let number: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let object = StructArray::from(vec![(field("s", DataType::Utf8), inner), (field("n", DataType::Int64), number)]);
    assert_eq!(written(Arc::new(object)), [r#"{"s":"x","n":1}"#, r#"{"s":null,"n":2}"#]);
    let mut maps = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    maps.keys().append_value("k");
    maps.values().append_value(1);
    maps.append(true).unwrap();
    maps.append(true).unwrap();
    assert_eq!(written(Arc::new(maps.finish())), [r#"{"k":1}"#, "{}"]);
    assert_eq!(written(Arc::new(NullArray::new(1))), ["null"]);
    assert_eq!(written(Arc::new(BinaryArray::from(vec![b"\x00\xff".as_slice()]))), ["\"00ff\""]);
}

#[test]
fn undeclared_members_are_members_again() {
    let mark = |field: Field| field.with_metadata([(UNDECLARED.to_owned(), String::new())].into());
    let fields =
        vec![mark(Field::new("guard_undeclared", DataType::Utf8, true)), Field::new("id", DataType::Int64, true)];
    let texts = StringArray::from(vec![Some("{\"b\": 1.50,\"c\":[]}"), None, Some("{ }")]);
    let columns: Vec<ArrayRef> = vec![Arc::new(texts), Arc::new(Int64Array::from(vec![1, 2, 3]))];
    let mut out = Vec::new();
    records(&RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap(), &mut out);
    assert_eq!(String::from_utf8(out).unwrap(), "{\"b\": 1.50,\"c\":[],\"id\":1}\n{\"id\":2}\n{\"id\":3}\n");
}
