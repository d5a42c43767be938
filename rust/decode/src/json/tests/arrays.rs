use super::*;
use FaultCode::{
    DepthExceeded, EncodingInvalid, JsonDuplicateName, JsonNotObject, JsonSyntax, RecordCutOff, RecordTooLarge,
};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;

fn ids() -> Layout {
    layout(vec![field("id", DataType::Int64)], Undeclared::Drop)
}

/// The ids, −1 where there is none, and the faults' codes.
fn read(text: impl AsRef<[u8]>) -> (Vec<i64>, Vec<(u32, FaultCode)>) {
    let source = array(&ids(), text);
    (values(&source), source.codes())
}

fn values(source: &Source) -> Vec<i64> {
    source
        .rows
        .iter()
        .map(|row| row.column(0).as_primitive::<Int64Type>().iter().next().unwrap().unwrap_or(-1))
        .collect()
}

#[test]
fn elements_are_records() {
    let source = array(&ids(), "\n[ {\"id\":1} ,\n {\n\"id\":2} ]\r\n");
    assert_eq!((values(&source), source.codes()), (vec![1, 2], vec![]));
    assert_eq!(source.places, [(3, 11, 1), (15, 24, 2)]);
    assert_eq!((source.separators, source.blank, source.lines), (11, 0, 4));
    assert_eq!(read("[]"), (vec![], vec![]));
    assert_eq!(read(" [ ] "), (vec![], vec![]));
}

#[test]
fn a_text_that_is_no_array_is_lines() {
    let source = array(&ids(), " \n{\"id\":1}\n[2]\n");
    assert_eq!((values(&source), source.codes()), (vec![1, -1], vec![(1, JsonNotObject)]));
    assert_eq!(source.blank, 2);
    assert_eq!(read(""), (vec![], vec![]));
    assert_eq!(read(" \n "), (vec![], vec![]));
}

#[test]
fn an_element_of_right_form_ends_with_itself() {
    assert_eq!(read("[{\"id\":1},2,{\"id\":3}]"), (vec![1, -1, 3], vec![(1, JsonNotObject)]));
    assert_eq!(read("[{\"id\":1,\"id\":2},{\"id\":3}]"), (vec![-1, 3], vec![(0, JsonDuplicateName)]));
    assert_eq!(
        read("[{\"x\":[\n{\"a\":1,\"a\":2},\n{\"b\":1}]},{\"id\":3}]"),
        (vec![-1, 3], vec![(0, JsonDuplicateName)])
    );
    assert_eq!(read("[{\"id\":\"\\ud800\"},{\"id\":3}]").0, [-1, 3]);
    let deep = format!("[{}{},{{\"id\":3}}]", "[".repeat(70), "]".repeat(70));
    assert_eq!(read(deep), (vec![-1, 3], vec![(0, DepthExceeded)]));
    assert_eq!(read("[1]"), (vec![-1], vec![(0, JsonNotObject)]));
    assert_eq!(read("[1"), (vec![-1, -1], vec![(0, JsonNotObject), (1, RecordCutOff)]));
}

#[test]
fn a_damaged_element_ends_before_a_line_that_starts_one() {
    let text = "[{\"id\":1},\n{\"id\":x},\r\n\n , {\"id\":3},\n{\"id\":4]}\n,{\"id\":5}\n]\n";
    let source = array(&ids(), text);
    assert_eq!((values(&source), source.codes()), (vec![1, -1, 3, -1, 5], vec![(1, JsonSyntax), (3, JsonSyntax)]));
    assert_eq!(&text[source.places[1].0..source.places[1].1], "{\"id\":x},");
    assert_eq!(&text[source.places[3].0..source.places[3].1], "{\"id\":4]}");
}

#[test]
fn a_damaged_element_without_such_a_line_ends_with_the_array() {
    let text = "[{\"id\":1}, {\"id\":x}, {\"id\":3}\n ] \n";
    let source = array(&ids(), text);
    assert_eq!((values(&source), source.codes()), (vec![1, -1], vec![(1, JsonSyntax)]));
    assert_eq!(&text[source.places[1].0..source.places[1].1], "{\"id\":x}, {\"id\":3}");
    assert_eq!(read("[{\"id\":x").1, [(0, JsonSyntax)]);
}

#[test]
fn bytes_that_are_no_utf8_damage_their_element() {
    let (values, codes) = read(
        b"[{\"id\":1},\n{\"id\":2,\"x\":\"\xFF\"},\n{\"id\":3,\"x\":\"\xC3\xA4\"},\n{\"y\":\"\xC3\"},\n{\"id\":5}]",
    );
    assert_eq!((values, codes), (vec![1, -1, 3, -1, 5], vec![(1, EncodingInvalid), (3, EncodingInvalid)]));
    assert_eq!(read(b"[{\"id\":1},\n\xFF\n,{\"id\":3}]"), (vec![1, -1, 3], vec![(1, EncodingInvalid)]));
}

#[test]
fn what_stands_in_a_wrong_place_is_damaged() {
    assert_eq!(read("[{\"id\":1} {\"id\":2}, {\"id\":3}]"), (vec![1, -1, 3], vec![(1, JsonSyntax)]));
    assert_eq!(read("[{\"id\":1},]"), (vec![1, -1], vec![(1, JsonSyntax)]));
    assert_eq!(read("[,\n{\"id\":1}]"), (vec![-1, 1], vec![(0, JsonSyntax)]));
    assert_eq!(read("[{\"id\":1}]{\"id\":2}"), (vec![1, -1], vec![(1, JsonSyntax)]));
    assert_eq!(read("[\x0C]"), (vec![-1], vec![(0, JsonSyntax)]), "a form feed is no white space");
    assert_eq!(read("[{\"id\":1}]\x0C]"), (vec![1, -1], vec![(1, JsonSyntax)]));
    assert_eq!(read("[{\"id\":1}]]"), (vec![1, -1], vec![(1, JsonSyntax)]));
}

#[test]
fn an_array_that_is_left_open() {
    for (text, values) in [
        ("[", vec![-1]),
        ("[{\"id\":1}", vec![1, -1]),
        ("[{\"id\":1},", vec![1, -1]),
        ("[{\"id\":1},{\"id", vec![1, -1]),
        ("[{\"id\":1},nul", vec![1, -1]),
    ] {
        let record = values.len() as u32 - 1;
        assert_eq!(read(text), (values, vec![(record, RecordCutOff)]), "{text}");
    }
}

#[test]
fn chunks_may_be_cut_anywhere() {
    let text = "[ {\"id\":1},\n{\"id\":x},\n{\"id\":3,\"s\":\"ä\\n\"} ,17, {\"id\":4,\"long\":\"0123456789012345678901234567890123456789\"},\n {\"id\":5}\n {\"id\":6} ,\n{\"id\":\n7}] ";
    let layout = Layout { limits: Limits { record_bytes: 40, depth: 64 }, ..ids() };
    let whole = array(&layout, text);
    let codes = [(1, JsonSyntax), (3, JsonNotObject), (4, RecordTooLarge), (6, JsonSyntax)];
    assert_eq!((values(&whole), whole.codes()), (vec![1, -1, 3, -1, -1, 5, -1, 7], codes.to_vec()));
    for step in 1..=text.len() {
        let cut = decode_in(&mut crate::json::JsonArray::new(Arc::new(layout.clone())), text.as_bytes(), &[step]);
        assert_eq!(cut, whole, "{step}");
    }
}
