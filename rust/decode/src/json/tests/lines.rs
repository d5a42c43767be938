use super::*;
use crate::json::JsonRecord;
use FaultCode::{
    DepthExceeded, EncodingInvalid, JsonDuplicateName, JsonLoneSurrogate, JsonNotObject, JsonSyntax, RecordCutOff,
    RecordTooLarge,
};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;

fn ids() -> Layout {
    layout(vec![field("id", DataType::Int64)], Undeclared::Drop)
}

fn small(record_bytes: usize, depth: usize) -> Layout {
    Layout { limits: Limits { record_bytes, depth }, ..ids() }
}

fn values(source: &Source) -> Vec<Option<i64>> {
    source.rows.iter().map(|row| row.column(0).as_primitive::<Int64Type>().iter().next().unwrap()).collect()
}

#[test]
fn lines_end_with_either_break() {
    let source = lines(&ids(), "{\"id\":1}\n{\"id\":2}\r\n\n \t\r\n{\"id\":3}");
    assert_eq!(values(&source), [Some(1), Some(2), Some(3)]);
    assert_eq!(source.places, [(0, 8, 0), (9, 17, 1), (24, 32, 4)]);
    assert_eq!((source.separators, source.blank, source.lines), (3, 5, 4));
    assert!(source.faults.is_empty());
}

#[test]
fn space_around_a_record_is_the_records() {
    let source = lines(&ids(), " \t{ \"id\" : 1 } \n");
    assert_eq!((values(&source), source.places), (vec![Some(1)], vec![(0, 15, 0)]));
}

#[test]
fn a_return_at_the_end_is_a_break() {
    for (text, codes) in [("{\"id\":1}\r", vec![]), ("\r", vec![]), ("{\"id\":\r", vec![(0, RecordCutOff)])] {
        let source = lines(&ids(), text);
        assert_eq!(source.codes(), codes, "{text:?}");
        assert_eq!(source.separators + source.blank, 1);
    }
}

#[test]
fn a_damaged_line_says_where_reading_stopped() {
    // Line 1 of the source is fine; the place is counted by hand.
    for (line, code, at) in [
        ("{\"id\":1,}", JsonSyntax, 8),
        ("{\"id\":01}", JsonSyntax, 7),
        ("{\"id\":tru}", JsonSyntax, 9),
        ("{\"id\":1}}", JsonSyntax, 8),
        ("{\"id\":1} {\"id\":2}", JsonSyntax, 9),
        ("{\"id\":\"a\tb\"}", JsonSyntax, 8),
        ("{\"id\":\0}", JsonSyntax, 6),
        ("{\"id\":\"\\x\"}", JsonSyntax, 8),
        ("{\"id\":1", JsonSyntax, 7),
        ("\u{FEFF}{\"id\":1}", JsonSyntax, 0),
        ("[1]", JsonNotObject, 0),
        (" 1 ", JsonNotObject, 1),
        ("[1] 1", JsonSyntax, 4),
        ("{\"id\":1,\"id\":2}", JsonDuplicateName, 8),
        ("{\"id\":1,\"\\u0069d\":2}", JsonDuplicateName, 8),
        ("{\"x\":1,\"id\":2,\"y\":3,\"x\":4}", JsonDuplicateName, 20),
        ("{\"x\":[{\"a\":1,\"b\":2,\"a\":3}]}", JsonDuplicateName, 19),
        ("{\"id\":\"\\ud800\"}", JsonLoneSurrogate, 7),
        ("{\"\\udc00\":1}", JsonLoneSurrogate, 2),
    ] {
        let text = format!("{{\"id\":1}}\n{line}\n{{\"id\":3}}\n");
        let source = lines(&ids(), &text);
        let end = 9 + line.len() as u32;
        let expected = (1, None, String::new(), code, (9 + at, end.min(10 + at)));
        assert_eq!(source.faults, [expected], "{line}");
        assert_eq!(values(&source), [Some(1), None, Some(3)], "{line}");
    }
}

#[test]
fn the_first_name_twice_is_found_among_many() {
    let many: String = (0..100).map(|name| format!("\"n{name}\":0,")).collect();
    let text = format!("{{{many}\"n7\":1,\"n3\":1}}\n");
    let source = lines(&ids(), &text);
    let at = 1 + many.len() as u32;
    assert_eq!(source.faults, [(0, None, String::new(), JsonDuplicateName, (at, at + 1))]);
}

#[test]
fn bytes_that_are_no_utf8_damage_their_line_only() {
    let source = lines(&ids(), b"{\"id\":1}\n{\"id\":2,\"x\":\"\xFF\"}\n{\"id\":3,\"x\":\"\xC3\xA4\"}\n\xE2\x82\n");
    assert_eq!(values(&source), [Some(1), None, Some(3), None]);
    let at = |record, at| (record, None, String::new(), EncodingInvalid, (at, at + 1));
    assert_eq!(source.faults, [at(1, 22), at(3, 44)]);
}

#[test]
fn a_source_that_ends_inside_of_a_record() {
    for cut in [
        "{",
        "{\"id",
        "{\"id\":",
        "{\"id\":1",
        "{\"id\":tr",
        "{\"id\":\"\\u00",
        "{\"id\":\"\\ud800",
        "{\"id\":\"\\ud800\\u",
        "[1,",
        "tru",
        "\"a",
        "{\"id\":\"ä",
    ] {
        let source = lines(&ids(), cut);
        let end = cut.len() as u32;
        assert_eq!(source.faults, [(0, None, String::new(), RecordCutOff, (end, end))], "{cut}");
        let source = lines(&ids(), format!("{cut}\n"));
        assert!(
            matches!(source.codes()[..], [(0, JsonSyntax | JsonLoneSurrogate)]),
            "{cut} is not cut off: its line ends"
        );
    }
    assert_eq!(lines(&ids(), b"{\"id\":\"\xC3").codes(), [(0, RecordCutOff)]);
    assert_eq!(lines(&ids(), b"{\"id\":x\xC3").codes(), [(0, EncodingInvalid)]);
    assert_eq!(lines(&ids(), b"{\"id\":\"x\"}\xC3").codes(), [(0, EncodingInvalid)]);
    for (whole, codes) in
        [("{\"id\":1}", vec![]), ("12", vec![(0, JsonNotObject)]), ("{\"id\":x", vec![(0, JsonSyntax)])]
    {
        assert_eq!(lines(&ids(), whole).codes(), codes, "{whole}");
    }
}

#[test]
fn depth_counts_the_record() {
    let nested = |depth: usize| format!("{{\"x\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    assert_eq!(lines(&ids(), nested(64)).codes(), []);
    assert_eq!(lines(&ids(), nested(65)).codes(), [(0, DepthExceeded)]);
    let objects = |depth: usize| format!("{}1{}", "{\"x\":".repeat(depth), "}".repeat(depth));
    assert_eq!(lines(&ids(), objects(64)).codes(), []);
    assert_eq!(lines(&ids(), objects(65)).codes(), [(0, DepthExceeded)]);
    assert_eq!(lines(&small(1 << 20, 0), "{}").codes(), [(0, DepthExceeded)]);
    assert_eq!(lines(&small(1 << 20, usize::MAX), objects(100_000)).codes(), [(0, DepthExceeded)]);
    let source = lines(&ids(), nested(65));
    assert_eq!(source.faults[0].4, (68, 69), "the bracket that is one too many");
}

#[test]
fn a_line_over_the_limit_is_one_record_wherever_chunks_are_cut() {
    let layout = small(10, 64);
    let text = "{\"id\":100}\r\n{\"id\":1000\r0}\r\n{\"id\":3}\n";
    for step in 1..=text.len() {
        let source = decode_in(&mut crate::json::Json::new(Arc::new(layout.clone())), text.as_bytes(), &[step]);
        assert_eq!(values(&source), [Some(100), None, Some(3)], "{step}");
        assert_eq!(source.faults, [(1, None, String::new(), RecordTooLarge, (22, 23))], "{step}");
        assert_eq!(source.places, [(0, 10, 0), (12, 25, 1), (27, 35, 2)], "{step}");
        assert_eq!((source.separators, source.lines), (5, 3), "{step}");
    }
    // The source ends inside of it; the return is a break all the same.
    for (text, end) in [("{\"id\":1}\n12345678901234", 23), ("{\"id\":1}\n12345678901234\r", 23)] {
        for step in 1..=text.len() {
            let source = decode_in(&mut crate::json::Json::new(Arc::new(layout.clone())), text.as_bytes(), &[step]);
            assert_eq!(source.codes(), [(1, RecordTooLarge)], "{step}");
            assert_eq!(source.places, [(0, 8, 0), (9, end, 1)], "{step}");
        }
    }
}

#[test]
fn an_unfinished_line_is_left() {
    let mut decoder = crate::json::Json::new(Arc::new(ids()));
    let decoded = decoder.decode(b"{\"id\":1}\n{\"id\":2}", false);
    assert_eq!((decoded.consumed, decoded.places.len()), (9, 1));
    let decoded = decoder.decode(b"{\"id\":2}", false);
    assert_eq!((decoded.consumed, decoded.places.len()), (0, 0));
    let decoded = decoder.decode(b"{\"id\":2}", true);
    assert_eq!((decoded.consumed, decoded.places.len()), (8, 1));
    let decoded = decoder.decode(b"", true);
    assert_eq!((decoded.consumed, decoded.places.len()), (0, 0));
}

#[test]
fn a_record_for_itself_may_have_line_breaks() {
    let one = |text: &str| JsonRecord::new(Arc::new(wide(Undeclared::Drop))).decode(text.as_bytes(), true);
    let ids = |text: &str| one(text).batch.column(0).as_primitive::<Int64Type>().iter().collect::<Vec<_>>();
    assert_eq!(ids("\n{\"id\":\r\n 7}\t\n"), [Some(7)]);
    for (text, code) in [
        ("{\"id\":7}\n{\"id\":8}", FaultCode::JsonSyntax),
        ("{\"id\":7},", FaultCode::JsonSyntax),
        ("{\"name\":\"x\ny\"}", FaultCode::JsonSyntax),
        ("{\"id\":\n", FaultCode::RecordCutOff),
        (" \n ", FaultCode::RecordCutOff),
        ("[{\"id\":7}]", FaultCode::JsonNotObject),
    ] {
        let found = one(text);
        assert_eq!(found.faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), [code], "{text:?}");
        assert_eq!((found.places.len(), found.consumed, found.batch.num_rows()), (1, text.len(), 1));
        assert_eq!((found.places[0].start, found.places[0].end as usize), (0, text.len()));
    }
    assert_eq!((one("").places.len(), one("").batch.num_rows()), (0, 0));
}
