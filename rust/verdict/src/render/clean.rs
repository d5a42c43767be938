//! Strings from data and contracts made harmless to look at.
//!
//! Control characters become control pictures, everything else that moves, hides or reorders text becomes `\u{…}`.
//! What comes out has no line break, no escape sequence and no bidirectional control, whatever went in.

use std::fmt::Write;

/// What stands for a character that must not be shown as it is.
fn stand_in(c: char) -> Option<String> {
    let code = c as u32;
    match code {
        0..=0x1f => char::from_u32(0x2400 + code).map(String::from),
        0x7f => Some(String::from('\u{2421}')),
        _ if hides(code) => Some(format!("\\u{{{code:x}}}")),
        _ => None,
    }
}

/// Invisible, reordering, look-alike-of-space and non-characters.
fn hides(code: u32) -> bool {
    matches!(
        code,
        0x80..=0xa0
            | 0xad
            | 0x34f
            | 0x61c
            | 0x115f
            | 0x1160
            | 0x1680
            | 0x17b4
            | 0x17b5
            | 0x180b..=0x180f
            | 0x2000..=0x200f
            | 0x2028..=0x202f
            | 0x205f..=0x206f
            | 0x2800
            | 0x3164
            | 0xfdd0..=0xfdef
            | 0xfe00..=0xfe0f
            | 0xfeff
            | 0xffa0
            | 0xfff0..=0xfffb
            | 0x1d173..=0x1d17a
            | 0xe0000..=0xe0fff
    ) || code & 0xfffe == 0xfffe
}

/// `text` on one line with every unsafe character visible.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        push(&mut out, c);
    }
    out
}

/// `text` made visible and cut after about `cap` characters; a cut is marked and the whole length said.
pub(crate) fn shown(text: &str, cap: usize) -> String {
    shown_of(text, cap, None)
}

/// As [`shown`], for a text that is itself the beginning of one of `length` characters.
pub(crate) fn shown_of(text: &str, cap: usize, length: Option<u64>) -> String {
    let (mut out, cut) = prefix(text, cap);
    let have = text.chars().count() as u64;
    let length = length.unwrap_or(have).max(have);
    if cut || length > have {
        // Writing to a String cannot fail.
        let _ = write!(out, "… ({} characters)", super::numbers::thousands(length));
    }
    out
}

/// `text` made visible and cut with a mere `…`, for places that repeat what is said in full elsewhere.
pub(crate) fn brief(text: &str, cap: usize) -> String {
    let (mut out, cut) = prefix(text, cap);
    if cut {
        out.push('…');
    }
    out
}

/// The first characters of `text`, made visible, and whether any were left off.
fn prefix(text: &str, cap: usize) -> (String, bool) {
    let mut out = String::new();
    let mut width = 0;
    for c in text.chars() {
        let before = out.len();
        push(&mut out, c);
        width += out.get(before..).map_or(1, |added| added.chars().count());
        if width > cap {
            out.truncate(before);
            return (out, true);
        }
    }
    (out, false)
}

fn push(out: &mut String, c: char) {
    match stand_in(c) {
        Some(text) => out.push_str(&text),
        None => out.push(c),
    }
}

/// Columns that `text` takes in a terminal: wide characters take two, combining marks none.
pub(crate) fn columns(text: &str) -> usize {
    text.chars()
        .map(|c| match c as u32 {
            0x300..=0x36f | 0x483..=0x489 | 0x591..=0x5bd | 0x610..=0x61a | 0x64b..=0x65f | 0x1ab0..=0x1aff => 0,
            0x1dc0..=0x1dff | 0x20d0..=0x20ff | 0xfe20..=0xfe2f => 0,
            0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f => 2,
            0xff01..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x20000..=0x3fffd => 2,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn unsafe_characters_become_visible() {
        assert_eq!(visible("a\u{1b}[31mb"), "a␛[31mb");
        assert_eq!(visible("a\r\n\tb\0\u{7f}"), "a␍␊␉b␀␡");
        assert_eq!(visible("x\u{202e}y\u{2066}z\u{9b}"), "x\\u{202e}y\\u{2066}z\\u{9b}");
        assert_eq!(visible("p\u{200b}a\u{feff}y\u{2028}l"), "p\\u{200b}a\\u{feff}y\\u{2028}l");
        assert_eq!(visible("Zürich → 東京 🛫"), "Zürich → 東京 🛫");
    }

    #[test]
    fn a_cut_is_said() {
        assert_eq!(shown("abcdef", 6), "abcdef");
        assert_eq!(shown("abcdefg", 6), "abcdef… (7 characters)");
        assert_eq!(shown(&"x".repeat(1234), 2), "xx… (1,234 characters)");
        assert_eq!(shown_of("abc", 6, Some(5000)), "abc… (5,000 characters)");
        assert_eq!(brief("abcdefg", 6), "abcdef…");
    }

    #[test]
    fn stand_ins_count_towards_the_cap() {
        assert_eq!(brief("\u{202e}\u{202e}\u{202e}", 17), "\\u{202e}\\u{202e}…");
    }

    #[test]
    fn widths() {
        assert_eq!(columns("abc"), 3);
        assert_eq!(columns("東京"), 4);
        assert_eq!(columns("e\u{301}"), 1);
    }
}
