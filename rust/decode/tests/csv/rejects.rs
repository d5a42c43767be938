//! The kinds of errors that DuckDB's reject tables name, each alone and each leaving its neighbours in peace.

use arrow_schema::DataType;

use crate::support::{decode, layout, show};

fn records(damaged: &[u8]) -> Vec<String> {
    let layout = layout(&[("id", DataType::Int64), ("name", DataType::Utf8)], 64);
    show(&decode(&[b"1,one\n", damaged, b"\n2,two\n"].concat(), &layout))
}

#[test]
fn cast() {
    assert_eq!(records(b"x1,ten"), ["1|one", "?|ten", "2|two"]);
}

#[test]
fn missing_columns() {
    assert_eq!(records(b"10"), ["1|one", "csv-fields-missing", "2|two"]);
}

#[test]
fn too_many_columns() {
    assert_eq!(records(b"10,ten,zehn"), ["1|one", "csv-fields-extra", "2|two"]);
}

#[test]
fn unquoted_value() {
    assert_eq!(records(b"10,\"ten\" and more"), ["1|one", "csv-quote-stray", "2|two"]);
    assert_eq!(records(b"10,\"ten"), ["1|one", "csv-quote-unclosed", "2|two"]);
}

#[test]
fn line_size_over_maximum() {
    assert_eq!(records("10,".to_owned().repeat(30).as_bytes()), ["1|one", "record-too-large", "2|two"]);
}

#[test]
fn invalid_unicode() {
    assert_eq!(records(b"10,t\xE9n"), ["1|one", "encoding-invalid", "2|two"]);
}
