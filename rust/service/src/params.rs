//! Values typed on the line.

use crate::failure::Failure;
use guard_engine::expr::{Compiler, Parameter, Parameters, Scope, expression};
use guard_verdict::codes;
use serde_json::json;
use std::collections::BTreeMap;

/// `NAME=VALUE`
pub fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

/// Parameters by name.
pub fn parameters(pairs: &[(String, String)]) -> Result<Parameters, Failure> {
    let mut out = Parameters::new();
    for (name, text) in pairs {
        let unreadable = || {
            Failure::coded(codes::usage::PARAM_UNREADABLE, format!("`{text}` is no value for the parameter `{name}`"))
        };
        let value = value(text).ok_or_else(unreadable)?;
        if out.insert(name.clone(), value).is_some() {
            return Err(Failure::new("", format!("the parameter `{name}` is given twice"), "leave one out"));
        }
    }
    Ok(out)
}

/// Values that a principal is known by, as a JSON object: numbers with their digits, truth values, and texts.
pub fn context(pairs: &[(String, String)]) -> Result<String, Failure> {
    let mut out: BTreeMap<&str, String> = BTreeMap::new();
    for (name, text) in pairs {
        let quoted = |mark| text.strip_prefix(mark).and_then(|rest: &str| rest.strip_suffix(mark));
        let value = match quoted('\'').or_else(|| quoted('"')) {
            Some(inner) => json!(inner).to_string(),
            None if number(text) => digits(text),
            None if matches!(text.as_str(), "true" | "false") => text.clone(),
            None => json!(text).to_string(),
        };
        if out.insert(name, value).is_some() {
            return Err(Failure::new("", format!("the context's `{name}` is given twice"), "leave one out"));
        }
    }
    let members: Vec<String> = out.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
    Ok(format!("{{{}}}", members.join(",")))
}

/// A number as JSON writes it: no sign before what is positive, no zeros before others.
fn digits(text: &str) -> String {
    let (sign, bare) = text.strip_prefix('-').map_or(("", text.trim_start_matches('+')), |bare| ("-", bare));
    let (whole, fraction) = bare.split_once('.').map_or((bare, None), |(whole, fraction)| (whole, Some(fraction)));
    let whole = Some(whole.trim_start_matches('0')).filter(|whole| !whole.is_empty()).unwrap_or("0");
    fraction.map_or_else(|| format!("{sign}{whole}"), |fraction| format!("{sign}{whole}.{fraction}"))
}

/// What a text stands for: the first of its readings that there is. What looks like a date and is none is text.
fn value(text: &str) -> Option<Parameter> {
    let quoted = |mark| text.strip_prefix(mark).and_then(|rest: &str| rest.strip_suffix(mark));
    if let Some(inner) = quoted('\'').or_else(|| quoted('"')) {
        return constant(&literal(inner));
    }
    readings(text).into_iter().flatten().find_map(|sql| constant(&sql)).or_else(|| constant(&literal(text)))
}

/// The text as SQL, by its shape; the engine decides whether it is a value.
fn readings(text: &str) -> [Option<String>; 2] {
    let cast = |ty: &str| Some(format!("CAST({} AS {ty})", literal(text)));
    if number(text) {
        return [Some(text.trim_start_matches('+').to_owned()), None];
    }
    if matches!(text, "true" | "false") {
        return [Some(text.to_owned()), None];
    }
    let digits =
        |at: std::ops::Range<usize>| text.get(at).is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let dashed = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    if !(digits(0..4) && digits(5..7) && digits(8..10) && dashed) {
        return [None, None];
    }
    match text.get(10..) {
        Some("") => [cast("DATE"), None],
        _ => [cast("TIMESTAMP"), cast("TIMESTAMP WITH TIME ZONE")],
    }
}

/// An optional sign, digits, and a fraction: as SQL reads them exactly. Exponents make doubles, which have no exact value: text.
fn number(text: &str) -> bool {
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = bare.split_once('.').unwrap_or((bare, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction)
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The constant that an expression is.
fn constant(sql: &str) -> Option<Parameter> {
    let scope = Scope::default();
    let expr = expression(sql).ok()?;
    let mut compiler = Compiler::new(&scope);
    let (root, _) = compiler.compile(&expr).ok()?;
    let facts = compiler.facts(root);
    Some(Parameter { ty: facts.ty.clone(), value: facts.constant.clone()? })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn shown(text: &str) -> String {
        let value = value(text).unwrap();
        format!("{} {:?}", value.ty, value.value)
    }

    #[test]
    fn values_have_the_types_that_they_look_like() {
        for (text, ty) in [
            ("5", "BIGINT Integer(5)"),
            ("-12", "BIGINT Integer(-12)"),
            ("+7", "BIGINT Integer(7)"),
            ("9223372036854775807", "BIGINT Integer(9223372036854775807)"),
            ("0.50", "DECIMAL(2, 2) Decimal(50)"),
            ("true", "BOOLEAN Boolean(true)"),
            ("1970-01-11", "DATE Integer(10)"),
            ("1970-01-01T00:00:01", "TIMESTAMP Integer(1000000)"),
            ("1970-01-01T00:00:01Z", "TIMESTAMP WITH TIME ZONE Integer(1000000)"),
            ("1970-01-01T01:00:01+01:00", "TIMESTAMP WITH TIME ZONE Integer(1000000)"),
            ("2026-02-30", "VARCHAR Text(\"2026-02-30\")"),
            ("'5'", "VARCHAR Text(\"5\")"),
            ("\"5\"", "VARCHAR Text(\"5\")"),
            ("O'Hare", "VARCHAR Text(\"O'Hare\")"),
            ("", "VARCHAR Text(\"\")"),
            ("'", "VARCHAR Text(\"'\")"),
            ("1e3", "VARCHAR Text(\"1e3\")"),
            ("TRUE", "VARCHAR Text(\"TRUE\")"),
        ] {
            assert_eq!(shown(text), ty, "{text}");
        }
    }

    #[test]
    fn contexts_are_json() {
        let pairs = [("a", "007"), ("b", "-0.50"), ("c", "true"), ("d", "'5'"), ("e", "x\"y"), ("f", "2026-01-01")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let text = r#"{"a":7,"b":-0.50,"c":true,"d":"5","e":"x\"y","f":"2026-01-01"}"#;
        assert_eq!(context(&pairs).unwrap(), text);
        assert!(context(&[pairs[0].clone(), pairs[0].clone()]).is_err());
    }

    #[test]
    fn names_and_values() {
        assert_eq!(pair("a=b=c").unwrap(), ("a".to_owned(), "b=c".to_owned()));
        assert_eq!(pair("a=").unwrap(), ("a".to_owned(), String::new()));
        assert!(pair("a").is_err() && pair("=b").is_err());
    }
}
