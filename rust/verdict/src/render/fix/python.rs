//! Python source text made from names and values that nobody vouches for.

use serde_json::Value;
use std::fmt::Write;

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Whether `name` is an ASCII identifier and no keyword.
pub(super) fn identifier(name: &str) -> bool {
    let starts = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    starts
        && name.len() <= 60
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !KEYWORDS.contains(&name)
}

/// `name` when it is an identifier, else `other`.
pub(super) fn name_or(name: Option<&str>, other: &str) -> String {
    name.filter(|n| identifier(n)).unwrap_or(other).to_owned()
}

/// A string literal on one line. Everything but letters, digits and plain punctuation of any script is escaped.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if crate::render::clean::visible(c.encode_utf8(&mut [0; 4])).chars().eq([c]) => out.push(c),
            _ => {
                // Writing to a String cannot fail.
                let code = c as u32;
                let _ = match code {
                    0..=0xff => write!(out, "\\x{code:02x}"),
                    0x100..=0xffff => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push('"');
    out
}

/// Literals with commas between them.
pub(super) fn list(texts: &[String]) -> String {
    texts.iter().map(|t| literal(t)).collect::<Vec<_>>().join(", ")
}

/// A number, text, date, time or timestamp as an expression.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(if *b { "True" } else { "False" }.into()),
        Value::String(text) if number(text) => Some(text.clone()),
        Value::String(text) => Some(temporal(text).unwrap_or_else(|| literal(text))),
        _ => None,
    }
}

/// Whether `text` is a number of JSON, which is one of Python too.
fn number(text: &str) -> bool {
    text.len() <= 60 && matches!(serde_json::from_str(text), Ok(Value::Number(_)))
}

/// `pl.lit("2026-01-31").str.to_date()` and its like.
fn temporal(text: &str) -> Option<String> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let zoned = ["Z", "+00:00", "-00:00"].iter().any(|end| shape.ends_with(end));
    let parse = match shape.as_str() {
        "0000-00-00" => "to_date()",
        s if s.starts_with("0000-00-00T00:00") && zoned => "to_datetime(time_zone=\"UTC\")",
        s if s.starts_with("0000-00-00T00:00") => "to_datetime()",
        s if s.starts_with("00:00:00") => "to_time()",
        _ => return None,
    };
    Some(format!("pl.lit({}).str.{parse}", literal(text)))
}
