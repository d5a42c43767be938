//! Values of evidence as text.

use super::clean::{shown, shown_of};
use super::numbers::thousands;
use crate::Evidence;
use serde_json::{Map, Value};

/// `value` on one line, at most about `cap` characters of it.
///
/// A null is `null`; texts that would be mistaken for it or for nothing are quoted.
pub(crate) fn value(value: &Value, cap: usize) -> String {
    match value {
        Value::String(text) => quoted_if_odd(text, cap),
        Value::Object(map) => special(map, cap).unwrap_or_else(|| shown(&plain(value), cap)),
        _ => shown(&plain(value), cap),
    }
}

fn plain(value: &Value) -> String {
    value.to_string()
}

fn quoted_if_odd(text: &str, cap: usize) -> String {
    let odd = text.is_empty()
        || text == "null"
        || text.starts_with(char::is_whitespace)
        || text.ends_with(char::is_whitespace);
    if odd { format!("\"{}\"", shown(text, cap)) } else { shown(text, cap) }
}

/// The objects that stand for masked, long, nested and binary values.
fn special(map: &Map<String, Value>, cap: usize) -> Option<String> {
    let text = |key| map.get(key).and_then(Value::as_str);
    let length = map.get("length").and_then(Value::as_u64);
    if let (Some(class), 1) = (text("masked"), map.len()) {
        return Some(format!("masked ({})", shown(class, cap)));
    }
    let length = (map.len() == 2).then_some(length).flatten()?;
    if let Some(hex) = text("hex") {
        let whole = hex.len() as u64 / 2 >= length && hex.len() <= cap;
        let start: String = hex.chars().take(cap).collect();
        let more = if whole { String::new() } else { format!("… ({} bytes)", thousands(length)) };
        return Some(format!("0x{}{more}", shown(&start, cap)));
    }
    text("text").or(text("json")).map(|start| shown_of(start, cap, Some(length)))
}

/// The violating value or key of `evidence`, and the values of the key one by one.
pub(crate) fn offending(evidence: &Evidence, cap: usize) -> Vec<String> {
    match (&evidence.values, &evidence.value) {
        (Some(values), _) => values.iter().map(|v| value(v, cap)).collect(),
        (None, Some(single)) => vec![value(single, cap)],
        (None, None) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_form_of_value() {
        let cases = [
            (json!(null), "null"),
            (json!("null"), "\"null\""),
            (json!(""), "\"\""),
            (json!(" a"), "\" a\""),
            (json!("N3ALAA"), "N3ALAA"),
            (json!(-1.5), "-1.5"),
            (json!(true), "true"),
            (json!({"masked": "pii"}), "masked (pii)"),
            (json!({"text": "abc", "length": 5000}), "abc… (5,000 characters)"),
            (json!({"json": "[1,2]", "length": 5}), "[1,2]"),
            (json!({"hex": "00ff", "length": 2}), "0x00ff"),
            (json!({"hex": "00ff", "length": 300}), "0x00ff… (300 bytes)"),
            (json!({"street": "a\nb"}), "{\"street\":\"a\\nb\"}"),
            (json!("a\u{1b}b"), "a␛b"),
        ];
        for (given, text) in cases {
            assert_eq!(value(&given, 60), text);
        }
        assert_eq!(value(&json!("abcdef"), 3), "abc… (6 characters)");
    }
}
