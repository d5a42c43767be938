use crate::{all, assert_error, blocks, bytes, text};
use guard_ingest::{Block, Blocks, Cut, Lines, Source};
use std::io::{Cursor, Read};

const CUTS: [Cut; 3] = [Cut::Lf, Cut::LfOrCr, Cut::Anywhere];

/// Hands out a few bytes at a time.
struct Trickle(Cursor<Vec<u8>>, usize);

impl Read for Trickle {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

fn read(content: &[u8], shape: Blocks, step: usize) -> Vec<Block> {
    let mut lines = Lines::new("x", Box::new(Trickle(Cursor::new(content.to_vec()), step)), shape);
    let found = all(&mut lines).unwrap();
    assert_eq!(lines.next().unwrap(), None);
    found
}

/// Is there a line's end before `at`?
fn ends_line(content: &[u8], at: usize, cut: Cut) -> bool {
    match content[at - 1] {
        _ if cut == Cut::Anywhere => true,
        b'\n' => true,
        b'\r' => cut == Cut::LfOrCr && content.get(at) != Some(&b'\n'),
        _ => false,
    }
}

/// Each text of up to `longest` of the bytes `a`, CR and LF.
fn texts(longest: usize) -> Vec<Vec<u8>> {
    let mut found = vec![Vec::new()];
    let mut from = 0;
    for _ in 0..longest {
        let to = found.len();
        for at in from..to {
            for byte in *b"a\r\n" {
                let mut longer = found[at].clone();
                longer.push(byte);
                found.push(longer);
            }
        }
        from = to;
    }
    found
}

#[test]
fn every_chunk_size_gives_the_same_bytes_cut_at_line_ends() {
    for content in texts(7) {
        for (cut, chunk) in CUTS.into_iter().flat_map(|cut| (1..9).map(move |chunk| (cut, chunk))) {
            let found = read(&content, blocks(chunk, 100, cut), 1);
            assert_eq!(found, read(&content, blocks(chunk, 100, cut), 100), "{content:?} {cut:?} {chunk}");
            let mut at = 0;
            for (number, block) in found.iter().enumerate() {
                let end = at + block.bytes.len();
                assert_eq!((block.offset, block.skipped), (at as u64, 0));
                assert_eq!(block.bytes, content[at..end], "{content:?} {cut:?} {chunk}");
                assert_eq!(block.last, number + 1 == found.len(), "{content:?} {cut:?} {chunk}");
                assert!(block.last || ends_line(&content, end, cut), "{content:?} {cut:?} {chunk} {end}");
                assert!(!block.bytes.is_empty() || content.is_empty());
                // Beyond its size a block is one line: any line's end within would have been a cut.
                let cuts = (at + 1..end).filter(|place| *place > at + chunk && ends_line(&content, *place, cut));
                assert_eq!(cuts.count(), 0, "{content:?} {cut:?} {chunk}");
                at = end;
            }
            assert_eq!(at, content.len(), "{content:?} {cut:?} {chunk}");
        }
    }
}

#[test]
fn lines_beyond_the_limit_are_cut_short_and_accounted_for() {
    let record = 2;
    for content in texts(8) {
        for (cut, chunk) in [Cut::Lf, Cut::LfOrCr].into_iter().flat_map(|cut| (1..4).map(move |chunk| (cut, chunk))) {
            let context = format!("{content:?} {cut:?} {chunk}");
            let found = read(&content, blocks(chunk, record, cut), 1);
            assert_eq!(found, read(&content, blocks(chunk, record, cut), 100), "{context}");
            let mut at = 0;
            for (number, block) in found.iter().enumerate() {
                let skipped = usize::try_from(block.skipped).unwrap();
                let end = at + block.bytes.len() + skipped;
                assert_eq!(block.offset, at as u64, "{context}");
                assert_eq!(block.last, number + 1 == found.len(), "{context}");
                assert!(block.last || ends_line(&content, end, cut), "{context}");
                if skipped == 0 {
                    assert_eq!(block.bytes, content[at..end], "{context}");
                } else {
                    let kept = record + chunk;
                    let line_break = block.bytes.len() - kept;
                    assert!(line_break <= 2);
                    assert_eq!(block.bytes[..kept], content[at..at + kept], "{context}");
                    assert_eq!(block.bytes[kept..], content[end - line_break..end], "{context}");
                    assert!((at + 1..end).all(|place| !ends_line(&content, place, cut)), "{context}");
                    assert!(!block.bytes[kept..].contains(&b'a'), "{context}");
                    assert!(!content[end - line_break - skipped..end - line_break].contains(&b'\n'), "{context}");
                }
                assert!(block.bytes.len() <= record + 2 * chunk + 2, "{context}");
                at = end;
            }
            assert_eq!(at, content.len(), "{context}");
        }
    }
}

#[test]
fn a_line_of_a_gibibyte_is_not_held() {
    let (length, record, chunk) = (1_u64 << 30, 1 << 20, 1 << 16);
    let line = std::io::repeat(b'x').take(length);
    let stream = Cursor::new(b"{}\n".to_vec()).chain(line).chain(Cursor::new(b"\r\n{}\n".to_vec()));
    let mut lines = Lines::new("x", Box::new(stream), blocks(chunk, record, Cut::Lf));
    let found = all(&mut lines).unwrap();
    let kept = (record + chunk) as u64;
    assert_eq!(found.len(), 3);
    assert_eq!(found[0].bytes, b"{}\n");
    assert_eq!((found[1].offset, found[1].skipped, found[1].last), (3, length - kept, false));
    assert_eq!(found[1].bytes.len() as u64, kept + 2);
    assert!(found[1].bytes.ends_with(b"x\r\n"));
    assert_eq!((found[2].offset, found[2].bytes.as_slice()), (3 + length + 2, &b"{}\n"[..]));
    assert!(found[2].last);
}

#[test]
fn what_is_put_back_comes_first_in_the_next_block() {
    // A decoder whose records are two lines each takes an even number of lines.
    let content: Vec<u8> = (0..50).flat_map(|line| format!("line {line}\n").into_bytes()).collect();
    for chunk in 1..60 {
        let mut lines = Lines::new("x", Box::new(Cursor::new(content.clone())), blocks(chunk, 1000, Cut::Lf));
        let (mut taken, mut rounds) = (Vec::new(), 0);
        while let Some(block) = lines.next().unwrap() {
            assert_eq!(block.offset, taken.len() as u64);
            let ends: Vec<usize> =
                block.bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
            let even = ends.len() / 2 * 2;
            let consumed = if block.last { block.bytes.len() } else { ends[..even].last().copied().unwrap_or(0) };
            taken.extend_from_slice(&block.bytes[..consumed]);
            lines.put_back(&block.bytes[consumed..]);
            lines.give_back(block.bytes);
            rounds += 1;
            assert!(rounds <= 200, "no progress with {chunk}");
        }
        assert_eq!(taken, content);
    }
}

#[test]
fn put_back_lines_may_end_in_a_line_that_is_no_record_yet() {
    // An open quote before: 12 bytes of lines are put back, and the next line is longer than a block. It is within the limit, and must not be cut short.
    let content = b"\"a\nb\nc\nd\ne\nfffffffffff\"\nlast\n";
    let mut lines = Lines::new("x", Box::new(Cursor::new(content.to_vec())), blocks(2, 16, Cut::Lf));
    let mut found = Vec::new();
    while let Some(block) = lines.next().unwrap() {
        assert_eq!(block.skipped, 0);
        if block.last || block.bytes.iter().filter(|byte| **byte == b'"').count() == 2 {
            found.push(block.bytes);
        } else {
            lines.put_back(&block.bytes);
        }
    }
    assert_eq!(found.concat(), content);
}

#[test]
fn a_byte_order_mark_is_header() {
    for (content, header, rest) in [
        (&b"\xef\xbb\xbfa\nb\n"[..], 3, &b"a\nb\n"[..]),
        (b"\xef\xbb\xbf", 3, b""),
        (b"\xef\xbb", 0, b"\xef\xbb"),
        (b"a\n\xef\xbb\xbfb\n", 0, b"a\n\xef\xbb\xbfb\n"),
        (b"\xef\xbb\xbf\xef\xbb\xbf", 3, b"\xef\xbb\xbf"),
        (b"", 0, b""),
    ] {
        let mut lines = Lines::new("x", Box::new(Cursor::new(content.to_vec())), blocks(1, 100, Cut::Lf));
        let found = all(&mut lines).unwrap();
        assert_eq!((lines.header_bytes(), found[0].offset), (header, header));
        assert_eq!(found.iter().flat_map(|block| block.bytes.clone()).collect::<Vec<_>>(), rest);
        assert_eq!(found.iter().filter(|block| block.last).count(), 1);
    }
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

fn decoded(content: &[u8], encoding: &str) -> Vec<u8> {
    text(Source::open(&bytes("x.csv", content), None, None).unwrap(), Some(encoding)).unwrap()
}

#[test]
fn other_encodings_become_utf8() {
    let long = "größe,€,😀\r\n".repeat(30_000);
    for (encoding, big) in [("utf-16le", false), ("utf-16be", true)] {
        assert_eq!(decoded(&utf16(&long, big), encoding), long.as_bytes());
        let mut lines = Source::open(&bytes("x.csv", &utf16("\u{feff}ä\n", big)), None, None)
            .unwrap()
            // A byte order mark wins over the declared order.
            .lines(blocks(10, 100, Cut::Lf), Some("utf-16"))
            .unwrap();
        let block = lines.next().unwrap().unwrap();
        assert_eq!((block.bytes.as_slice(), block.offset, lines.header_bytes()), ("ä\n".as_bytes(), 3, 3));
    }
    assert_eq!(decoded(b"gr\xf6\xdfe \x80\n", "latin1"), "größe €\n".as_bytes());
    assert_eq!(decoded(b"\x82\xa0\n", "Shift_JIS"), "あ\n".as_bytes());
    assert_eq!(decoded("ä\n".as_bytes(), "utf-8"), "ä\n".as_bytes());
    let error = Source::open(&bytes("x.csv", b"a\n"), None, None).unwrap();
    let error = error.lines(blocks(10, 100, Cut::Lf), Some("klingon")).unwrap_err();
    assert_error(&error, "encoding-unknown", "`klingon`");
}

#[test]
fn bytes_that_the_encoding_does_not_have_damage_their_line_only() {
    // A half of a surrogate pair in the second of three lines.
    let mut content = utf16("one\n", false);
    content.extend([0x00, 0xd8]);
    content.extend(utf16("two\nthree\n", false));
    assert_eq!(decoded(&content, "utf-16le"), b"one\n\xfftwo\nthree\n");
    // An odd byte in the end.
    assert_eq!(decoded(b"a\0\n\0b", "utf-16le"), b"a\n\xff");
    // A lead byte before a line break does not swallow it.
    assert_eq!(decoded(b"a\x82\nb\n", "shift_jis"), b"a\xff\nb\n");
    let many: Vec<u8> = b"\x82\n".repeat(100_000);
    assert_eq!(decoded(&many, "shift_jis"), b"\xff\n".repeat(100_000));
}

#[test]
fn errors_of_the_reader_end_the_blocks() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("The cable is out"))
        }
    }
    let stream = Cursor::new(b"a\nb\n".to_vec()).chain(Broken);
    let mut lines = Lines::new("x.csv", Box::new(stream), blocks(2, 100, Cut::Lf));
    assert_eq!(lines.next().unwrap().unwrap().bytes, b"a\n");
    assert_error(&lines.next().unwrap_err(), "file-unreadable", "`x.csv` cannot be read: the cable is out");
    assert_eq!(lines.next().unwrap(), None);
}

#[test]
fn buffers_are_taken_again() {
    let content = b"0123456\n".repeat(1000);
    let mut lines = Lines::new("x", Box::new(Cursor::new(content)), blocks(64, 100, Cut::Lf));
    let mut seen = std::collections::BTreeSet::new();
    while let Some(block) = lines.next().unwrap() {
        seen.insert(block.bytes.as_ptr() as usize);
        lines.give_back(block.bytes);
    }
    assert!(seen.len() <= 4, "{} buffers for 125 blocks", seen.len());
}
