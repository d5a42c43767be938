//! Damage, each kind contained to its record.

use guard_decode::csv::Dialect;
use guard_decode::{Decoder, Limits};

use crate::support::{check, decode, decoder, layout, show, texts};
use arrow_schema::DataType;

/// A damaged record between two good ones.
fn between(damaged: &[u8]) -> Vec<String> {
    let source = [b"1,one\n", damaged, b"\n2,two\n"].concat();
    show(&decode(&source, &texts(2)))
}

#[test]
fn each_kind_of_damage_stays_in_its_record() {
    let cases: [(&[u8], &str); 20] = [
        (b"x", "csv-fields-missing"),
        (b"\"x\"", "csv-fields-missing"),
        (b"x,y,z", "csv-fields-extra"),
        (b"x,y,", "csv-fields-extra"),
        (b",,,,,,,,,,", "csv-fields-extra"),
        (b"x;y", "csv-fields-missing"),
        (b"x,y\"", "csv-quote-stray"),
        (b"x,y\"z\"", "csv-quote-stray"),
        (b"x, \"y\"", "csv-quote-stray"),
        (b"x,\"y\" ", "csv-quote-stray"),
        (b"x,\"y\"z", "csv-quote-stray"),
        (b"x,\"y\"\"\"z", "csv-quote-stray"),
        (b"x,\"y", "csv-quote-unclosed"),
        (b"\"x,y", "csv-quote-unclosed"),
        (b"\"", "csv-quote-unclosed"),
        (b"x,\"y\"\"", "csv-quote-unclosed"),
        (b"x,y\0", "nul-byte"),
        (b"x,\xFF", "encoding-invalid"),
        (b"x,\xC3", "encoding-invalid"),
        (b"x,\xED\xA0\x80", "encoding-invalid"),
    ];
    for (damaged, code) in cases {
        assert_eq!(between(damaged), ["1|one", code, "2|two"], "{}", String::from_utf8_lossy(damaged));
    }
}

#[test]
fn what_is_no_text_is_called_so_whatever_else_is_wrong() {
    assert_eq!(between(b"\0,\"x"), ["1|one", "nul-byte", "2|two"]);
    assert_eq!(between(b"\xFE,\0,\0"), ["1|one", "nul-byte", "2|two"]);
    assert_eq!(between(b"\xFEx"), ["1|one", "encoding-invalid", "2|two"]);
}

#[test]
fn faults_say_where_reading_stopped() {
    let at = |text: &[u8]| {
        let decoded = decode(text, &texts(2));
        decoded.faults.iter().map(|fault| fault.bytes).collect::<Vec<_>>()
    };
    assert_eq!(at(b"a,b\"c\n"), [(3, 5)]);
    assert_eq!(at(b"a,\"b\"c\n"), [(4, 6)]);
    assert_eq!(at(b"a,\"bc\nd,e\n"), [(2, 5)]);
    assert_eq!(at(b"a,b,c\n"), [(3, 5)]);
    assert_eq!(at(b"ab\n"), [(2, 2)]);
    assert_eq!(at(b"a,b\0c\n"), [(3, 5)]);
    assert_eq!(at(b"a,\xC3\n"), [(2, 3)]);
    // The NUL is in the second line, which the record lost.
    assert_eq!(at(b"a,\"b\n\0\"\n"), [(4, 4), (5, 7)]);
}

#[test]
fn an_open_quote_takes_no_other_line() {
    assert_eq!(show(&decode(b"1,\"one\n2,two\n3,three\n", &texts(2))), ["csv-quote-unclosed", "2|two", "3|three"]);
    assert_eq!(show(&decode(b"1,\"one\n2,\"two\"\n3,\"three\"\n", &texts(2))), ["csv-quote-stray", "2|two", "3|three"]);
    assert_eq!(show(&decode(b"1,\"one\r2,two\r\n3,three", &texts(2))), ["csv-quote-unclosed", "2|two", "3|three"]);
}

#[test]
fn a_malformed_record_of_many_lines_ends_at_the_first_break() {
    assert_eq!(show(&decode(b"\"a\nb\",1,2\nc,3\n", &texts(2))), ["csv-fields-extra", "csv-quote-stray", "c|3"]);
    assert_eq!(show(&decode(b"\"a\r\nb\0\",1\nc,3\n", &texts(2))), ["nul-byte", "nul-byte", "c|3"]);
    let decoded = decode(b"\"a\r\nb\",1,2\nc,3\n", &texts(2));
    assert_eq!(decoded.places[0].end, 2);
    assert_eq!(decoded.places.iter().map(|place| place.line).collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn a_source_that_is_cut_off_loses_its_last_record_only() {
    let whole = b"1,\"one\"\n2,\"t\"\"wo\"\n";
    let tails = [
        (2, "csv-quote-unclosed"),
        (4, "csv-quote-unclosed"),
        // Half of the pair closes the field, as the bytes stand.
        (5, "2|t"),
        (6, "csv-quote-unclosed"),
        (8, "2|~"),
        (9, "csv-fields-missing"),
    ];
    for (cut, tail) in tails {
        assert_eq!(show(&decode(&whole[..whole.len() - cut], &texts(2))), ["1|one", tail], "{cut}");
    }
}

#[test]
fn records_over_the_limit_are_too_large() {
    let layout = layout(&[("a", DataType::Utf8), ("b", DataType::Utf8)], 8);
    let show = |text: &str| show(&decode(text.as_bytes(), &layout));
    assert_eq!(show("1234,678\n1,2\n"), ["1234|678", "1|2"]);
    assert_eq!(show("1234,6789\n1,2\n"), ["record-too-large", "1|2"]);
    assert_eq!(show("1234,6789\r\n1,2"), ["record-too-large", "1|2"]);
    assert_eq!(show("1234,6789"), ["record-too-large"]);
    assert_eq!(show("\"234\",67\n1,2\n"), ["234|67", "1|2"]);
    assert_eq!(show("\"234\",678\n1,2\n"), ["record-too-large", "1|2"]);
    assert_eq!(show("1,\"4567\"\n1,2\n"), ["1|4567", "1|2"]);
    assert_eq!(show("1,\"345678\"\n1,2\n"), ["csv-quote-unclosed", "1|2"]);
    assert_eq!(show("1,\"3\n5,6\n7,8\",9\n1,2\n"), ["csv-quote-unclosed", "5|6", "csv-quote-stray", "1|2"]);
}

#[test]
fn an_unfinished_record_is_left_over_within_the_limit() {
    let layout = layout(&[("a", DataType::Utf8), ("b", DataType::Utf8)], 8);
    let consumed = |chunk: &[u8]| {
        let decoded = decoder(&layout, &Dialect::default()).decode(chunk, false);
        check(chunk, &decoded);
        (decoded.consumed, show(&decoded).len())
    };
    assert_eq!(consumed(b""), (0, 0));
    assert_eq!(consumed(b"1,2"), (0, 0));
    assert_eq!(consumed(b"1,2\n3,4"), (4, 1));
    assert_eq!(consumed(b"1,2\n3,\"4\n"), (4, 1));
    assert_eq!(consumed(b"1,2\n3,\"4\""), (4, 1));
    assert_eq!(consumed(b"1,2\n3,\"4\"\""), (4, 1));
    // A line feed may follow.
    assert_eq!(consumed(b"1,2\n3,4\r"), (4, 1));
    assert_eq!(consumed(b"1,2\n\r"), (4, 1));
    assert_eq!(consumed(b"1,2\n3\"4\r"), (4, 1));
    assert_eq!(consumed(b"1,2\n3,4\r\n"), (9, 2));
    // Broken, but where the record ends is not known.
    assert_eq!(consumed(b"1,2\n3\"4"), (4, 1));
    assert_eq!(consumed(b"1,2\n12345678"), (4, 1));
    assert_eq!(consumed(b"1,2\n123456789"), (13, 2));
}

#[test]
fn a_wide_row_and_a_row_without_columns_are_extra_fields() {
    let wide = "x,".repeat(100_000);
    assert_eq!(between(wide.as_bytes()), ["1|one", "csv-fields-extra", "2|two"]);
    let none = layout(&[], Limits::default().record_bytes);
    assert_eq!(show(&decode(b"\nx\n\n", &none)), ["csv-fields-extra"]);
}

#[test]
fn texts_after_damage_in_the_same_block_are_read() {
    let source = b"\xFF,\xFF\n\"\xC3\xA9\"\"\",\xE2\x82\xAC\n";
    assert_eq!(show(&decode(source, &texts(2))), ["encoding-invalid", "é\"|€"]);
}
