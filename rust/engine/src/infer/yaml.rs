//! Texts as YAML scalars, and lines with comments.

use std::fmt::Write;

/// Words that some reader of YAML 1.1 or 1.2 takes for something else than text.
const RESERVED: &[&str] = &["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity"];
/// Longest text shown in a comment, in scalar values.
const SHOWN: usize = 40;

/// A text that reads back as itself, in block and flow context: plain where it is a word, else double-quoted.
pub fn scalar(text: &str) -> String {
    let mut chars = text.chars();
    let starts = chars.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let word = starts && chars.all(inner) && text.len() <= 200;
    if word && !RESERVED.contains(&text.to_ascii_lowercase().as_str()) { text.to_owned() } else { quoted(text) }
}

/// A double-quoted text. What is invisible, breaks lines or turns the direction of writing is escaped, so it is on one line
/// and stands in a comment as safely as in a value.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_hidden(c) && u32::from(c) <= 0xFFFF => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c if is_hidden(c) => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn is_hidden(c: char) -> bool {
    let format = matches!(u32::from(c),
        0xAD | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x2028..=0x202E
        | 0x2060..=0x206F | 0x3164 | 0xE000..=0xF8FF | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFF
        | 0xE0000..=0x10FFFF);
    let plane_end = u32::from(c) & 0xFFFE == 0xFFFE;
    c.is_control() || format || plane_end || c.is_whitespace() && c != ' '
}

/// A text as evidence: quoted, and short.
pub fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => quoted(text),
        Some((end, _)) => format!("{}…", quoted(text.get(..end).unwrap_or_default())),
    }
}

/// A count with its thousands parted.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A document under way.
#[derive(Default)]
pub struct Page {
    pub text: String,
}

impl Page {
    /// Adds a line; the notes become its comment.
    pub fn line(&mut self, indent: usize, text: &str, notes: &[String]) {
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.text.push_str(text);
        if !notes.is_empty() {
            self.text.push_str("  # ");
            self.text.push_str(&notes.join("; "));
        }
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_only_where_every_reader_agrees() {
        for word in ["flights", "dep_time", "größe", "a.b", "x-1", "名前"] {
            assert_eq!(scalar(word), word);
        }
        for other in [
            "",
            "null",
            "No",
            "1",
            "1e3",
            "- x",
            "a: b",
            "a b",
            "#",
            "~",
            ".inf",
            "2026-01-01",
            "<<",
            "=",
            "*a",
            "a\u{301}",
        ] {
            assert_eq!(scalar(other), format!("\"{other}\""));
        }
    }

    #[test]
    fn nothing_hides_in_quotes() {
        assert_eq!(
            quoted("a\"\\\n\0\u{85}\u{2028}\u{202e}\u{feff}\u{e0041}é😀"),
            r#""a\"\\\n\u0000\u0085\u2028\u202E\uFEFF\U000E0041é😀""#
        );
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!([0, 999, 1000, 336_776, 1_000_000].map(count), ["0", "999", "1,000", "336,776", "1,000,000"]);
    }
}
