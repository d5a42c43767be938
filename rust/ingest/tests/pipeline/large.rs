//! Records over the limit: one rejected record each, of all its bytes.

use crate::{How, Ran, number, run, run_with};
use guard_ingest::{Format, Input};
use std::sync::Arc;

/// The same whatever the chunks and threads; what it is.
fn alike(bytes: &[u8], format: Format, record_bytes: usize) -> Ran {
    let how = How { format, chunk_bytes: 1 << 20, record_bytes, threads: 2 };
    let whole = run(bytes, how);
    for chunk_bytes in (1..bytes.len().min(70)).chain([100, 1000]) {
        for threads in [1, 3] {
            let how = How { chunk_bytes, threads, ..how };
            assert_eq!(run(bytes, how), whole, "{how:?}");
        }
    }
    let account = &whole.verdict["bytes"];
    assert_eq!(number(account, "total"), bytes.len() as u64);
    whole
}

#[test]
fn a_line_over_the_limit_is_one_record() {
    let long = format!("{{\"id\":2,\"t\":\"{}\"}}", "xä".repeat(40));
    for ending in ["\n", "\r\n"] {
        let text = [&b"{\"id\":1,\"t\":\"a\"}"[..], long.as_bytes(), b"{\"id\":3}"].join(ending.as_bytes());
        let found = alike(&text, Format::Ndjson, 32);
        let start = 16 + ending.len() as u64;
        assert_eq!(found.ids, [Some(1), Some(3)]);
        assert_eq!(found.found(), [(1, 2, [start, start + long.len() as u64], "record-too-large")]);
        assert_eq!(number(&found.verdict["bytes"], "rejected"), long.len() as u64);
        assert_eq!(number(&found.verdict["bytes"], "separators"), 2 * ending.len() as u64);
        // As much of it as a record may have; a character that is cut is left out.
        let kept = found.lines[0]["raw"].as_str().unwrap();
        assert!(long.starts_with(kept) && (31..=32).contains(&kept.len()), "{kept}");
        assert_eq!(number(&found.lines[0], "rawLength"), long.len() as u64);
    }
}

#[test]
fn a_line_over_the_limit_may_end_the_source_or_be_blank() {
    let blank = " ".repeat(100);
    for (text, found) in [
        (format!("{{\"id\":1}}\n{blank}"), (1, 2, [9, 109], "record-too-large")),
        (format!("{blank}\n"), (0, 1, [0, 100], "record-too-large")),
        (format!("{blank}\r"), (0, 1, [0, 100], "record-too-large")),
    ] {
        assert_eq!(alike(text.as_bytes(), Format::Ndjson, 20).found(), [found], "{text:?}");
    }
}

#[test]
fn an_element_over_the_limit_is_one_record() {
    let long = format!("{{\"id\":2,\"t\":\"{}\"}}", "{\n\\".repeat(40));
    let text = format!("[{{\"id\":1}},\n{long},\n {{\"id\":3}}]\n");
    let found = alike(text.as_bytes(), Format::Json, 30);
    assert_eq!(found.ids, [Some(1), Some(3)]);
    // Up to where reading resumes: the comma, the line break and the space are lost with it.
    let end = 11 + long.len() as u64 + 3;
    assert_eq!(found.found(), [(1, 2, [11, end], "record-too-large")]);
    assert_eq!(number(&found.lines[0], "rawLength"), long.len() as u64 + 3);
    assert_eq!(found.lines[0]["raw"], text[11..41]);
}

#[test]
fn an_element_over_the_limit_may_take_the_rest_of_the_array() {
    let text = format!("[{{\"id\":1}},\n{{\"t\":\"{}\"}}, {{\"id\":3}}]\n", "x".repeat(60));
    let found = alike(text.as_bytes(), Format::Json, 30);
    assert_eq!(found.found(), [(1, 2, [11, text.len() as u64], "record-too-large")]);
}

#[test]
fn a_csv_record_over_the_limit_ends_at_its_line_break() {
    let long = format!("2,{}", "x".repeat(100));
    let open = format!("4,\"{}\",", "y".repeat(100));
    for ending in ["\n", "\r\n", "\r"] {
        let text = ["id,t", "1,a", &long, "3,c", &open, "5,\"e\"", ""].join(ending);
        let found = alike(text.as_bytes(), Format::Csv, 30);
        assert_eq!(found.ids, [Some(1), Some(3), Some(5)], "{ending:?}");
        let width = ending.len() as u64;
        let start = 4 + 3 + 2 * width;
        let end = start + long.len() as u64;
        let next = end + 3 + 2 * width;
        let expected =
            [(1, 3, [start, end], "record-too-large"), (3, 5, [next, next + open.len() as u64], "csv-quote-unclosed")];
        assert_eq!(found.found(), expected, "{ending:?}");
        assert_eq!(number(&found.verdict["bytes"], "rejected"), (long.len() + open.len()) as u64);
        assert_eq!(found.lines[0]["raw"], long[..30]);
        assert_eq!(number(&found.lines[1], "rawLength"), open.len() as u64);
    }
}

#[test]
fn at_most_64_kib_of_a_record_are_kept() {
    let long = format!("{{\"t\":\"{}\"}}", "z".repeat(300_000));
    let how = How { format: Format::Ndjson, chunk_bytes: 1000, record_bytes: 200_000, threads: 2 };
    let found = run(format!("{long}\n{{\"id\":1}}").as_bytes(), how);
    assert_eq!(found.ids, [Some(1)]);
    assert_eq!(found.lines[0]["raw"], long[..64 << 10]);
    assert_eq!(number(&found.lines[0], "rawLength"), long.len() as u64);
}

#[test]
fn the_start_of_a_record_is_not_taken_for_it_when_it_is_replayed() {
    let how = How { format: Format::Csv, chunk_bytes: 10, record_bytes: 30, threads: 1 };
    let first = run(format!("id,t\n2,{}\n", "x".repeat(100)).as_bytes(), how);
    let header = r#"{"format":"guard-nb/quarantine/v1","contract":{},"input":{"format":"csv","header":"id,t"}}"#;
    // By its first bytes alone it would be a record of two fields.
    let file = format!("{header}\n{}\n", first.lines[0]);
    let again = run_with(file.as_bytes(), How { format: Format::Quarantine, ..how }, |request| {
        request.inputs = vec![Input::Bytes("q".into(), Arc::from(file.as_bytes()))];
    });
    assert_eq!(again.ids, []);
    assert_eq!(again.found()[0].3, "record-too-large");
    assert_eq!(number(&again.lines[0], "rawLength"), 102);
    // Whoever completes it says so by leaving its length out.
    let mut line = first.lines[0].clone();
    line.as_object_mut().unwrap().remove("rawLength");
    let file = format!("{header}\n{line}\n");
    let mended = run(file.as_bytes(), How { format: Format::Quarantine, ..how });
    assert_eq!(mended.ids, [Some(2)]);
}
