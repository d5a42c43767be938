//! Texts and names of canonical JSON (RFC 8785).

use guard_kernels::scan::json_run;
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
    out.reserve(text.len().saturating_add(2));
    out.push('"');
    // What stands for itself goes over in runs; what does not is ASCII, so runs end between characters.
    let mut at = 0_usize;
    loop {
        let run = json_run(text, at);
        out.push_str(run);
        at = at.saturating_add(run.len());
        let Some(byte) = text.as_bytes().get(at) else { break };
        write_escape(*byte, out);
        at = at.saturating_add(1);
    }
    out.push('"');
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
