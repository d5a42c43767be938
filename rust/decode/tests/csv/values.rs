//! Fields to values by the columns' types.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, TimeUnit};
use guard_decode::csv::{Csv, CsvHeader, Dialect};
use guard_decode::{Decoder, FaultCode, Layout, Limits, Undeclared};

use crate::support::{check, decode, decoder, layout, show};

/// The column's values of a source of one column.
fn column(data_type: DataType, text: &str) -> Vec<String> {
    show(&decode(text.as_bytes(), &layout(&[("x", data_type)], Limits::default().record_bytes)))
}

#[test]
fn every_type_reads_its_forms_with_and_without_quotes() {
    let zoned = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let local = DataType::Timestamp(TimeUnit::Microsecond, None);
    let cases = [
        (DataType::Int64, "12\n\"-3\"\n1e3\n12.5\n \n9223372036854775808", "12 -3 1000 ? ? ?"),
        (DataType::Int8, "127\n128\n-128\n-129", "127 ? -128 ?"),
        (DataType::UInt64, "18446744073709551615\n-1\n-0", "18446744073709551615 ? 0"),
        (DataType::Float64, "1.5\n\"2\"\nnan\n-Infinity\n1e999\n1,5", "1.5 2 NaN -inf ? csv-fields-extra"),
        (DataType::Float32, "0.1\n1e39\n3", "0.1 ? 3"),
        (DataType::Decimal128(5, 2), "1.5\n999.99\n1000\n1.005\n1.500", "150 99999 ? ? 150"),
        (DataType::Boolean, "true\nNO\n1\ny", "true false true ?"),
        (DataType::Date32, "1970-01-02\n1970-1-2\n1970-02-30", "1 ? ?"),
        (DataType::Time64(TimeUnit::Microsecond), "00:01\n24:00", "60000000 ?"),
        (zoned, "1970-01-01T00:00:01Z\n1970-01-01T00:00:01", "1000000 ?"),
        (local, "1970-01-01T00:00:01Z\n1970-01-01 00:00:01", "? 1000000"),
        (DataType::Utf8, "a\n\"b\"", "a b"),
    ];
    for (data_type, text, expected) in cases {
        assert_eq!(column(data_type.clone(), text).join(" "), expected, "{data_type}");
    }
}

#[test]
fn nulls_are_null_in_every_type_and_an_empty_text_is_none() {
    for data_type in [DataType::Int64, DataType::Float64, DataType::Boolean, DataType::Date32] {
        assert_eq!(column(data_type, "\n\"\"\n"), ["~", "?"]);
    }
    assert_eq!(column(DataType::Utf8, "\n\"\"\n"), ["~", ""]);
}

#[test]
fn a_field_is_no_list_and_no_struct() {
    let list = DataType::new_list(DataType::Int64, true);
    assert_eq!(column(list, "\n[1]\n").len(), 2);
    let decoded = decode(b"\n[1]\n", &layout(&[("x", DataType::new_list(DataType::Int64, true))], 99));
    assert_eq!(decoded.faults.iter().map(|fault| fault.record).collect::<Vec<_>>(), [1]);
}

#[test]
fn null_texts_count_without_quotes_only() {
    let layout = layout(&[("a", DataType::Int64), ("b", DataType::Utf8)], 99);
    let dialect = Dialect { nulls: vec![b"NULL".to_vec(), b"\\N".to_vec()], ..Dialect::default() };
    let decoded = decoder(&layout, &dialect).decode(b"NULL,\\N\n1,\"NULL\"\n,null\n\"NULL\",NULLs\n", true);
    assert_eq!(show(&decoded), ["~|~", "1|NULL", "~|null", "?|NULLs"]);
}

#[test]
fn dialects_have_their_own_delimiter_and_quote() {
    let layout = layout(&[("a", DataType::Utf8), ("b", DataType::Utf8)], 99);
    let dialect = Dialect { delimiter: b';', quote: b'\'', nulls: vec![] };
    let decoded = decoder(&layout, &dialect).decode(b"a,\"b\";'c;''d'\n", true);
    assert_eq!(show(&decoded), ["a,\"b\"|c;'d"]);
    assert!(dialect.is_valid());
    for (delimiter, quote) in [(b',', b','), (b'\n', b'"'), (b',', b'\r'), (0, b'"'), (0xC3, b'"')] {
        assert!(!Dialect { delimiter, quote, nulls: vec![] }.is_valid());
    }
}

#[test]
fn unreadable_values_say_which_bytes() {
    let layout = layout(&[("a", DataType::Int64), ("b", DataType::Int64)], 99);
    let decoded = decode(b"1,\"x\"\ny,z\n", &layout);
    let faults: Vec<_> = decoded.faults.iter().map(|fault| (fault.record, fault.column, fault.bytes)).collect();
    assert_eq!(faults, [(0, Some(1), (2, 5)), (1, Some(0), (6, 7)), (1, Some(1), (8, 9))]);
}

fn with_header(names: &[&str], undeclared: Undeclared) -> (Arc<Layout>, CsvHeader) {
    let fields = [Field::new("a", DataType::Int64, false), Field::new("b", DataType::Utf8, false)];
    let layout =
        Arc::new(Layout { schema: Arc::new(Schema::new(fields.to_vec())), undeclared, limits: Limits::default() });
    let (header, _) = CsvHeader::matched(names.iter().map(|name| (*name).to_owned()).collect(), &layout);
    (layout, header)
}

#[test]
fn columns_are_read_by_the_header_and_what_is_not_there_is_null() {
    let (layout, header) = with_header(&["x", "b", "a"], Undeclared::Drop);
    let decoded = Csv::new(layout, Dialect::default(), header).decode(b"u,v,1\nu,v\n\"x\"\"\",w,2\n", true);
    assert_eq!(show(&decoded), ["1|v", "csv-fields-missing", "2|w"]);
    assert_eq!(decoded.undeclared.iter().collect::<Vec<_>>(), ["x"]);
    let (layout, header) = with_header(&["b"], Undeclared::Drop);
    let decoded = Csv::new(layout, Dialect::default(), header).decode(b"v\n\nw\n", true);
    assert_eq!(show(&decoded), ["~|v", "~|~", "~|w"]);
}

#[test]
fn undeclared_columns_are_refused_record_by_record() {
    let (layout, header) = with_header(&["a", "b", "x"], Undeclared::Refuse);
    let source = b"1,v,\n2,w\nz,v,1\n";
    let decoded = Csv::new(layout, Dialect::default(), header).decode(source, true);
    check(source, &decoded);
    let faults: Vec<_> = decoded.faults.iter().map(|fault| (fault.record, fault.code, fault.path.as_str())).collect();
    let expected = [
        (0, FaultCode::Undeclared, "x"),
        (1, FaultCode::CsvFieldsMissing, ""),
        (2, FaultCode::Undeclared, "x"),
        (2, FaultCode::TypeMismatch, ""),
    ];
    assert_eq!(faults, expected);
}

#[test]
fn many_blocks_of_records_are_one_batch() {
    let rows = 20_000;
    let text: String =
        (0..rows).map(|row| if row % 7 == 3 { format!("{row}\n") } else { format!("{row},r{row}\n") }).collect();
    let decoded = decode(text.as_bytes(), &layout(&[("a", DataType::Int64), ("b", DataType::Utf8)], 99));
    let expected: Vec<_> = (0..rows)
        .map(|row| if row % 7 == 3 { "csv-fields-missing".to_owned() } else { format!("{row}|r{row}") })
        .collect();
    assert_eq!(show_all(&decoded), expected);
}

/// As `show`, faults looked up at once.
fn show_all(decoded: &guard_decode::Decoded) -> Vec<String> {
    let mut shown = show(&guard_decode::Decoded { faults: vec![], ..decoded.clone() });
    for fault in &decoded.faults {
        shown[fault.record as usize] = fault.code.name().to_owned();
    }
    shown
}
