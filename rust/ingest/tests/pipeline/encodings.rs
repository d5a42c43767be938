//! Declared encodings: the account is of the text as UTF-8, and says what became of the file's size.

use crate::{How, number, run_with};
use guard_ingest::Format;

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn an_account_says_what_the_encoding_added() {
    let text = "id,t\n1,é\nx,日本𝄞\n\n2,\"a\r\nb\"\r\n";
    let latin: Vec<u8> = "id,t\n1,é\nx,é\n2,a".chars().map(|c| c as u32 as u8).collect();
    // UTF-8 takes 1, 2, 3 and 4 bytes where UTF-16 takes 2, 2, 2 and 4.
    let added = text.len() as i64 - utf16(text).len() as i64;
    let marked = utf16(&format!("\u{FEFF}{text}"));
    // A surrogate without its twin, which comes out as one byte, and half a unit.
    let broken = [utf16("id,t\n1,a\n2,"), vec![0x00, 0xd8], utf16("\n3,c\n"), vec![b'x']].concat();
    for (bytes, label, converted, ids) in [
        (utf16(text), "utf-16le", added, vec![1, 2]),
        (marked, "utf-16le", added + 1, vec![1, 2]),
        (latin, "latin1", 2, vec![1, 2]),
        (broken, "utf-16le", -17, vec![1, 3]),
    ] {
        for chunk_bytes in [1, 2, 3, 7, 1 << 20] {
            let how = How { format: Format::Csv, chunk_bytes, record_bytes: 1 << 20, threads: 2 };
            let found = run_with(&bytes, how, |request| request.csv.encoding = Some(label.to_owned()));
            assert_eq!(found.ids, ids.iter().map(|id| Some(*id)).collect::<Vec<_>>(), "{label} {chunk_bytes}");
            let account = &found.verdict["bytes"];
            assert_eq!(number(account, "total"), bytes.len() as u64, "{label} {chunk_bytes}");
            assert_eq!(account["converted"].as_i64().unwrap_or_default(), converted, "{label} {chunk_bytes}");
        }
    }
}

#[test]
fn an_array_in_another_encoding_is_one() {
    let how = How { format: Format::Json, chunk_bytes: 10, record_bytes: 1 << 20, threads: 2 };
    let found = run_with(&utf16("\u{FEFF} [{\"id\":1},\n{\"id\":2}]"), how, |request| {
        request.csv.encoding = Some("utf-16le".to_owned());
    });
    assert_eq!(found.ids, [Some(1), Some(2)]);
    let marked = run_with("\u{FEFF}[{\"id\":1}]".as_bytes(), how, |_| {});
    assert_eq!(marked.ids, [Some(1)]);
}
