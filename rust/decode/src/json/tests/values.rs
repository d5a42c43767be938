use super::*;
use FaultCode::{JsonDuplicateName, TypeMismatch};
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef};

/// One value in a column of the type: its array, and the faults.
fn one(data_type: DataType, value: &str) -> (ArrayRef, Vec<Found>) {
    let source = lines(&layout(vec![field("v", data_type)], Undeclared::Drop), format!("{{\"v\":{value}}}"));
    (source.rows[0].column(0).clone(), source.faults)
}

fn unreadable(value: &str) -> Vec<Found> {
    vec![(0, Some(0), String::new(), TypeMismatch, (5, 5 + value.len() as u32))]
}

#[test]
fn integers_are_exact() {
    for (value, expected) in [
        ("0", 0),
        ("-0", 0),
        ("12.0", 12),
        ("1e3", 1000),
        ("1.5e1", 15),
        ("9007199254740993", 9007199254740993),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
        ("-9223372036854775808.000", i64::MIN),
    ] {
        let (array, faults) = one(DataType::Int64, value);
        assert_eq!((array.as_primitive::<Int64Type>().value(0), faults), (expected, vec![]), "{value}");
    }
    for value in ["9223372036854775808", "1.5", "1e19", "\"1\"", "true", "[1]", "{}", "1e-1"] {
        let (array, faults) = one(DataType::Int64, value);
        assert!(array.is_null(0));
        assert_eq!(faults, unreadable(value), "{value}");
    }
    assert_eq!(one(DataType::UInt64, "18446744073709551615").0.as_primitive::<UInt64Type>().value(0), u64::MAX);
    assert_eq!(one(DataType::UInt8, "256").1, unreadable("256"));
    assert_eq!(one(DataType::UInt8, "-1").1, unreadable("-1"));
    assert_eq!(one(DataType::Int8, "-128").0.as_primitive::<Int8Type>().value(0), -128);
}

#[test]
fn decimals_are_exact() {
    let decimal = |value| {
        let (array, faults) = one(DataType::Decimal128(20, 3), value);
        (array.is_valid(0).then(|| array.as_primitive::<Decimal128Type>().value(0)), faults.len())
    };
    assert_eq!(decimal("0.1"), (Some(100), 0));
    assert_eq!(decimal("12345678901234567.891"), (Some(12345678901234567891), 0));
    assert_eq!(decimal("1.1110"), (Some(1111), 0));
    assert_eq!(decimal("-1e-3"), (Some(-1), 0));
    for value in ["1.1111", "123456789012345678", "1e17", "\"1\"", "false"] {
        assert_eq!(decimal(value), (None, 1), "{value}");
    }
}

#[test]
fn doubles_are_finite() {
    assert_eq!(one(DataType::Float64, "129.95").0.as_primitive::<Float64Type>().value(0), 129.95);
    assert!(one(DataType::Float64, "-0.0").0.as_primitive::<Float64Type>().value(0).is_sign_negative());
    assert_eq!(one(DataType::Float64, "1e309").1, unreadable("1e309"));
    assert_eq!(one(DataType::Float64, "\"NaN\"").1, unreadable("\"NaN\""));
    assert_eq!(one(DataType::Float32, "0.1").0.as_primitive::<Float32Type>().value(0), 0.1);
    assert_eq!(one(DataType::Float32, "1e39").1, unreadable("1e39"));
}

#[test]
fn texts_are_unescaped() {
    for (value, expected) in [
        ("\"\"", ""),
        ("\"äöü\"", "äöü"),
        ("\"a\\\"b\\\\c\\/d\"", "a\"b\\c/d"),
        ("\"\\b\\f\\n\\r\\t\"", "\u{8}\u{C}\n\r\t"),
        ("\"\\u00e4\\u20AC\\ud834\\udd1e\"", "ä€𝄞"),
        ("\"0123456789abcdef0123456789\\u0000x\"", "0123456789abcdef0123456789\0x"),
    ] {
        let (array, faults) = one(DataType::Utf8, value);
        assert_eq!((array.as_string::<i32>().value(0), faults), (expected, vec![]), "{value}");
    }
    for value in ["1", "true", "[]", "{\"a\":1}"] {
        assert_eq!(one(DataType::Utf8, value).1, unreadable(value), "{value}");
    }
}

#[test]
fn days_and_times_stand_in_strings() {
    let zoned = || DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let local = || DataType::Timestamp(TimeUnit::Microsecond, None);
    assert_eq!(one(DataType::Date32, "\"1970-01-02\"").0.as_primitive::<Date32Type>().value(0), 1);
    let time = DataType::Time64(TimeUnit::Microsecond);
    assert_eq!(one(time.clone(), "\"00:00:01.5\"").0.as_primitive::<Time64MicrosecondType>().value(0), 1_500_000);
    let (array, _) = one(zoned(), "\"1970-01-01T01:00:00+01:00\"");
    assert_eq!(array.as_primitive::<TimestampMicrosecondType>().value(0), 0);
    assert_eq!(array.data_type(), &zoned());
    let (array, _) = one(local(), "\"1970-01-01 00:00:00.00000\\u0031\"");
    assert_eq!(array.as_primitive::<TimestampMicrosecondType>().value(0), 1, "escapes are read first");
    for (data_type, value) in [
        (zoned(), "\"1970-01-01T00:00:00\""),
        (local(), "\"1970-01-01T00:00:00Z\""),
        (DataType::Date32, "\"2026-02-30\""),
        (DataType::Date32, "20260131"),
        (time, "\"25:00\""),
    ] {
        assert_eq!(one(data_type, value).1, unreadable(value), "{value}");
    }
}

#[test]
fn null_and_absence_are_null() {
    for text in ["{}", "{\"v\":null}"] {
        let source = lines(&layout(vec![field("v", list(DataType::Utf8))], Undeclared::Drop), text);
        assert!(source.rows[0].column(0).is_null(0) && source.faults.is_empty());
    }
    let source = lines(&layout(vec![field("v", DataType::Int64)], Undeclared::Drop), "{\"v\":null,\"v\":1}");
    assert_eq!(source.codes(), [(0, JsonDuplicateName)], "a name with NULL is there");
}

#[test]
fn untyped_columns_take_any_value() {
    for (value, expected) in [
        ("\"a\\nb\"", "a\nb"),
        ("1.50", "1.50"),
        ("true", "true"),
        ("[1, {\"a\":\"\\u0041\"}]", "[1, {\"a\":\"\\u0041\"}]"),
    ] {
        let source = lines(&layout(vec![untyped("v")], Undeclared::Drop), format!("{{\"v\": {value} }}"));
        assert_eq!(source.rows[0].column(0).as_string::<i32>().value(0), expected);
        assert!(source.faults.is_empty());
    }
}

#[test]
fn nested_values_have_paths() {
    let text = r#"{"address":{"no":"x","zip":1,"more":0},"tags":["a",2,null],"places":[{"no":1},7,{"zip":"z","no":1.5}],"id":"q"}"#;
    let source = lines(&wide(Undeclared::Drop), text);
    let place = |value: &str| {
        let at = text.find(value).unwrap() as u32 + 1;
        (at, at + value.len() as u32 - 1)
    };
    let fault = |column, path: &str, value| (0, Some(column), path.to_owned(), TypeMismatch, place(value));
    assert_eq!(
        source.faults,
        [
            fault(0, "", ":\"q\""),
            fault(8, "tags[1]", ",2"),
            fault(9, "address.no", ":\"x\""),
            fault(9, "address.zip", ":1"),
            fault(10, "places[1]", ",7"),
            fault(10, "places[2].no", ":1.5"),
        ]
    );
    assert_eq!(source.undeclared.into_iter().collect::<Vec<_>>(), ["address.more"]);
    let places = source.rows[0].column(10).as_list::<i32>().value(0);
    assert_eq!(places.nulls().unwrap().iter().collect::<Vec<_>>(), [true, false, true]);
    let tags = source.rows[0].column(8).as_list::<i32>().value(0);
    assert_eq!(tags.as_string::<i32>().iter().collect::<Vec<_>>(), [Some("a"), None, None]);
}

#[test]
fn undeclared_members_are_kept_as_they_were_written() {
    let kept = |text: &str| {
        let source = lines(&wide(Undeclared::Keep), text);
        assert!(source.faults.is_empty());
        let column = source.rows[0].column(11).as_string::<i32>().clone();
        column.iter().next().unwrap().map(str::to_owned)
    };
    assert_eq!(kept("{\"id\":1}"), None);
    assert_eq!(
        kept("{ \"x\" : [1, 2] , \"id\":1,\"\\u0079\":\"\\n\"}").unwrap(),
        "{\"x\" : [1, 2],\"\\u0079\":\"\\n\"}"
    );
    assert_eq!(kept("{\"guard_undeclared\":1}").unwrap(), "{\"guard_undeclared\":1}");
    let source = lines(&wide(Undeclared::Keep), "{\"x\":1,\"x\":2}\n{\"y\":1}\n");
    assert!(source.rows[0].column(11).is_null(0));
    assert_eq!(source.rows[1].column(11).as_string::<i32>().value(0), "{\"y\":1}");
}

#[test]
fn undeclared_members_are_named_and_refused() {
    let text = "{\"x\":1,\"id\":\"no\",\"\\u0079\":2}\n{\"lost\":1,}\n{\"x\":3}\n";
    for (policy, expected) in [(Undeclared::Drop, 0), (Undeclared::Refuse, 2)] {
        let source = lines(&wide(policy), text);
        assert_eq!(source.undeclared.iter().collect::<Vec<_>>(), ["x", "y"], "a malformed record has no members");
        let refused: Vec<_> = source.faults.iter().filter(|fault| fault.3 == FaultCode::Undeclared).cloned().collect();
        assert_eq!(refused.len(), expected);
        if expected > 0 {
            assert_eq!(refused[0], (0, None, "x".to_owned(), FaultCode::Undeclared, (1, 6)));
        }
    }
    let source = lines(&wide(Undeclared::Refuse), "{\"places\":[{\"zip\":\"z\",\"x\":1}]}");
    assert_eq!(source.faults, [(0, None, "places[0].x".to_owned(), FaultCode::Undeclared, (22, 27))]);
}

#[test]
fn names_are_compared_after_unescaping() {
    let source = lines(
        &layout(vec![field("a\"b", DataType::Int64)], Undeclared::Drop),
        "{\"a\\\"b\":1}\n{\"\\u0061\\u0022b\":2}\n",
    );
    let values: Vec<_> = source.rows.iter().map(|row| row.column(0).as_primitive::<Int64Type>().value(0)).collect();
    assert_eq!(values, [1, 2]);
    assert!(source.undeclared.is_empty());
}

#[test]
fn a_column_that_starts_like_another() {
    let fields = vec![field("a", DataType::Int64), field("ab", DataType::Int64)];
    let source = lines(&layout(fields, Undeclared::Drop), "{\"ab\":2,\"a\":1}\n{\"abc\":3}\n");
    let row = &source.rows[0];
    assert_eq!(row.column(0).as_primitive::<Int64Type>().value(0), 1);
    assert_eq!(row.column(1).as_primitive::<Int64Type>().value(0), 2);
    assert_eq!(source.undeclared.into_iter().collect::<Vec<_>>(), ["abc"]);
}
