//! The header record and its columns.

use guard_decode::csv::{CsvHeader, Dialect, HeaderProblems, HeaderRecord, read_header};
use guard_decode::{FaultCode, Limits};

use crate::support::texts;

fn read(bytes: &[u8], last: bool) -> Option<HeaderRecord> {
    read_header(bytes, &Dialect::default(), Limits { record_bytes: 40, ..Limits::default() }, last)
}

fn names(bytes: &[u8]) -> (Vec<String>, usize, u32) {
    let header = read(bytes, true).unwrap();
    assert_eq!(header.fault, None);
    (header.names, header.consumed, header.lines)
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn names_are_fields_like_others() {
    assert_eq!(names(b"a,b\n1,2\n"), (owned(&["a", "b"]), 4, 1));
    assert_eq!(names(b"\"a,\"\"b\",\" c\"\r\n1,2"), (owned(&["a,\"b", " c"]), 14, 1));
    assert_eq!(names(b"\"a\nb\",c\r1,2"), (owned(&["a\nb", "c"]), 8, 2));
    assert_eq!(names(b"a,,\n"), (owned(&["a", "", ""]), 4, 1));
    assert_eq!(names(b"a,b"), (owned(&["a", "b"]), 3, 0));
}

#[test]
fn a_byte_order_mark_and_blank_lines_before_it_are_taken() {
    assert_eq!(names(b"\xEF\xBB\xBFa,b\n1,2"), (owned(&["a", "b"]), 7, 1));
    assert_eq!(names(b"\xEF\xBB\xBF\"a\",b\n1,2"), (owned(&["a", "b"]), 9, 1));
    assert_eq!(names(b"\n\r\na\n1"), (owned(&["a"]), 5, 3));
}

#[test]
fn a_source_without_records_has_no_names() {
    assert_eq!(names(b""), (vec![], 0, 0));
    assert_eq!(names(b"\xEF\xBB\xBF\n"), (vec![], 4, 1));
}

#[test]
fn more_bytes_are_asked_for_where_they_matter() {
    for part in
        [&b""[..], b"\xEF", b"\xEF\xBB", b"\xEF\xBB\xBF", b"a,b", b"a,b\r", b"\"a", b"\"a\"", b"a\"b", b"a\"b\r", b"\n"]
    {
        assert_eq!(read(part, false), None, "{part:?}");
    }
    assert!(read(b"a,b\n", false).is_some());
    assert!(read(b"a,b\r1", false).is_some());
}

#[test]
fn a_malformed_header_ends_at_its_first_line_break() {
    let cases: [(&[u8], FaultCode, usize); 6] = [
        (b"a,\"b\n1,2\n", FaultCode::CsvQuoteUnclosed, 5),
        (b"a,b\"\r\n1,2\n", FaultCode::CsvQuoteStray, 6),
        (b"\na,\0\n1,2\n", FaultCode::NulByte, 5),
        (b"a,\xFF\n1,2\n", FaultCode::EncodingInvalid, 4),
        (b"\xFF\xFEa\0,\0\n\0", FaultCode::NulByte, 7),
        (b"abcdefghijabcdefghijabcdefghijabcdefghij,\n", FaultCode::RecordTooLarge, 42),
    ];
    for (bytes, code, consumed) in cases {
        let header = read(bytes, true).unwrap();
        assert_eq!((header.fault.map(|fault| fault.code), header.consumed), (Some(code), consumed), "{bytes:?}");
        assert!(header.names.is_empty());
    }
}

#[test]
fn columns_are_matched_by_name_in_any_order() {
    let (header, problems) = CsvHeader::matched(owned(&["c", "x", "a", "a", "x", "A"]), &texts(3));
    assert_eq!(header.columns, [Some(2), None, Some(0), None, None, None]);
    let expected = HeaderProblems { missing: owned(&["b"]), ambiguous: owned(&["a"]), undeclared: owned(&["x", "A"]) };
    assert_eq!(problems, expected);
    assert_eq!(
        CsvHeader::positional(&texts(2)),
        CsvHeader { names: owned(&["a", "b"]), columns: vec![Some(0), Some(1)] }
    );
}
