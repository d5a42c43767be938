//! Records without damage.

use crate::support::{decode, show, texts};

fn records(text: &str, columns: usize) -> Vec<String> {
    let decoded = decode(text.as_bytes(), &texts(columns));
    assert_eq!(decoded.faults, []);
    show(&decoded)
}

#[test]
fn line_breaks_are_lf_crlf_and_cr_as_each_line_likes() {
    assert_eq!(records("1,2\n3,4\r\n5,6\r7,8", 2), ["1|2", "3|4", "5|6", "7|8"]);
    assert_eq!(records("1,2\r", 2), ["1|2"]);
    assert_eq!(records("1,2\r\n", 2), ["1|2"]);
    let decoded = decode(b"1,2\n3,4\r\n5,6\r7,8", &texts(2));
    let places: Vec<_> = decoded.places.iter().map(|place| (place.start, place.end, place.line)).collect();
    assert_eq!(places, [(0, 3, 0), (4, 7, 1), (9, 12, 2), (13, 16, 3)]);
    assert_eq!((decoded.separators, decoded.blank, decoded.lines), (4, 0, 3));
}

#[test]
fn quotes_hold_delimiters_line_breaks_and_doubled_quotes() {
    assert_eq!(records("\"a,b\",c\n", 2), ["a,b|c"]);
    assert_eq!(records("\"a\nb\",\"c\r\nd\"\ne,f", 2), ["a\nb|c\r\nd", "e|f"]);
    assert_eq!(records("\"say \"\"so\"\"\",\"\"\"\"\n", 2), ["say \"so\"|\""]);
    assert_eq!(records("\"\"\"a\",\"b\"\"\"", 2), ["\"a|b\""]);
    assert_eq!(records("a,\"b\"", 2), ["a|b"]);
    assert_eq!(records("\"\"\"\"\"\",x", 2), ["\"\"|x"]);
}

#[test]
fn lines_are_counted_inside_of_quotes_too() {
    let decoded = decode(b"\"a\nb\r\nc\rd\",1\n\n2,3\n", &texts(2));
    assert_eq!(show(&decoded), ["a\nb\r\nc\rd|1", "2|3"]);
    assert_eq!(decoded.places.iter().map(|place| place.line).collect::<Vec<_>>(), [0, 5]);
    assert_eq!(decoded.lines, 6);
}

#[test]
fn a_field_is_null_when_it_is_empty_without_quotes() {
    assert_eq!(records(",\n\"\",\n,\"\"", 2), ["~|~", "|~", "~|"]);
}

#[test]
fn an_empty_line_is_blank_but_a_null_in_one_column() {
    let decoded = decode(b"\n1,2\n\r\n\r3,4\n\n", &texts(2));
    assert_eq!(show(&decoded), ["1|2", "3|4"]);
    assert_eq!((decoded.separators, decoded.blank), (2, 5));
    let decoded = decode(b"1\n\n\r\n\"\"\n3\n", &texts(1));
    assert_eq!(show(&decoded), ["1", "~", "~", "", "3"]);
    assert_eq!(decoded.blank, 0);
}

#[test]
fn nothing_is_trimmed() {
    assert_eq!(records(" a , b\t\n", 2), [" a | b\t"]);
    assert_eq!(records("' ',#x\n", 2), ["' '|#x"]);
}

#[test]
fn a_source_of_nothing_has_no_records() {
    let decoded = decode(b"", &texts(2));
    assert_eq!((decoded.batch.num_rows(), decoded.batch.num_columns(), decoded.lines), (0, 2, 0));
    assert_eq!(records("\n\n", 2), [""; 0]);
}

#[test]
fn unicode_is_text_also_a_byte_order_mark_in_the_middle() {
    assert_eq!(records("é,\"日本\n語\"\n\u{FEFF}x,😀", 2), ["é|日本\n語", "\u{FEFF}x|😀"]);
    assert_eq!(records("\u{2028},\u{85}\n", 2), ["\u{2028}|\u{85}"]);
}

#[test]
fn records_are_read_alike_wherever_they_lie_among_the_vectors() {
    for shift in 0..140 {
        let text = format!("{},x\n\"a\"\"{}\n\",y\r\nz,\r", "p".repeat(shift), "q".repeat(shift));
        let expected = [
            format!("{}|x", if shift == 0 { "~".into() } else { "p".repeat(shift) }),
            format!("a\"{}\n|y", "q".repeat(shift)),
        ];
        let found = records(&text, 2);
        assert_eq!(found[..2], expected);
        assert_eq!(found[2..], ["z|~"]);
    }
}
