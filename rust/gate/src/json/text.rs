//! Texts and names of canonical JSON (RFC 8785).

use std::fmt::Write;

/// The order by UTF-16 units (RFC 8785). It is that of the bytes but for characters beyond 16 bits, whose surrogates come
/// before what begins with 0xEE or 0xEF.
pub(super) fn utf16_order(a: &str, b: &str) -> std::cmp::Ordering {
    match a.bytes().zip(b.bytes()).find(|(a, b)| a != b) {
        Some((a, b)) if a >= 0xEE && b >= 0xEE && (a >= 0xF0) != (b >= 0xF0) => b.cmp(&a),
        Some((a, b)) => a.cmp(&b),
        None => a.len().cmp(&b.len()),
    }
}

/// A text as RFC 8785 escapes it.
pub fn write_text(text: &str, out: &mut String) {
    out.push('"');
    // What stands for itself goes over in runs; what does not is ASCII, so runs end between characters.
    let mut rest = text;
    loop {
        let (plain, after) = rest.split_at_checked(plain(rest.as_bytes())).unwrap_or((rest, ""));
        out.push_str(plain);
        let Some(byte) = after.bytes().next() else { break };
        write_escape(byte, out);
        rest = after.get(1..).unwrap_or_default();
    }
    out.push('"');
}

/// How many bytes stand for themselves in a JSON text, eight at a time.
#[inline]
pub(super) fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    // The lowest bit that is set belongs to the first byte that must be escaped; what lies above it may be a borrow.
    let odd = |word: u64| {
        let small = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        small | zero(word ^ (ONES * 0x22)) | zero(word ^ (ONES * 0x5C))
    };
    let (chunks, rest) = bytes.as_chunks::<8>();
    let mut at = 0_usize;
    for chunk in chunks {
        let found = odd(u64::from_le_bytes(*chunk));
        if found != 0 {
            return at.saturating_add(found.trailing_zeros() as usize / 8);
        }
        at = at.saturating_add(8);
    }
    if let (Some(last), 1..) = (bytes.last_chunk::<8>(), rest.len()) {
        // Bytes that were seen before stand for themselves.
        let found = odd(u64::from_le_bytes(*last)).trailing_zeros() as usize / 8;
        return bytes.len().saturating_sub(8).saturating_add(found);
    }
    // Filled up with what must be escaped, so that the end is found like any other.
    let mut last = [0_u8; 8];
    if let Some(place) = last.get_mut(..rest.len()) {
        place.copy_from_slice(rest);
    }
    at.saturating_add(odd(u64::from_le_bytes(last)).trailing_zeros() as usize / 8)
}

fn write_escape(byte: u8, out: &mut String) {
    match byte {
        b'"' => out.push_str("\\\""),
        b'\\' => out.push_str("\\\\"),
        8 => out.push_str("\\b"),
        b'\t' => out.push_str("\\t"),
        b'\n' => out.push_str("\\n"),
        12 => out.push_str("\\f"),
        b'\r' => out.push_str("\\r"),
        byte => {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{byte:04x}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_end_where_a_byte_must_be_escaped() {
        let naive = |bytes: &[u8]| {
            bytes.iter().position(|byte| *byte < 32 || [b'"', b'\\'].contains(byte)).unwrap_or(bytes.len())
        };
        let mut chance = guard_testkit::Chance::new(1);
        let near = [0, 1, 31, 32, 33, 34, 35, 91, 92, 93, 127, 128, 159, 160, 162, 220, 254, 255];
        for _ in 0..20_000 {
            let length = chance.below(27);
            let bytes: Vec<u8> =
                (0..length).map(|_| if chance.below(6) == 0 { chance.one(&near) } else { b'a' }).collect();
            assert_eq!(plain(&bytes), naive(&bytes), "{bytes:?}");
        }
    }

    #[test]
    fn names_come_in_the_order_of_utf_16() {
        let letters =
            ["a", "b", "\u{7f}", "\u{e9}", "\u{d7ff}", "\u{e000}", "\u{fb01}", "\u{ffff}", "\u{10000}", "\u{1f600}"];
        let mut chance = guard_testkit::Chance::new(2);
        for _ in 0..20_000 {
            let mut text = || (0..chance.below(4)).map(|_| chance.one(&letters)).collect::<String>();
            let (a, b) = (text(), text());
            assert_eq!(utf16_order(&a, &b), a.encode_utf16().cmp(b.encode_utf16()), "{a:?} {b:?}");
        }
    }
}
