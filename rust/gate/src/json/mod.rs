//! JSON texts of proposals: read strictly (G1.2), kept as written, written canonically (G1.4).

mod text;

pub use text::write_text;

use crate::name::Name;
use crate::number::Digits;
use guard_kernels::scan::json_run;
use std::borrow::Cow;
use std::collections::HashSet;
use text::utf16_order;

/// Longest text, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting.
pub const MAX_DEPTH: usize = 32;

/// A value that borrows from the text it was read from. Members keep the order in which they were written.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'t> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number with its digits.
    Number(Digits<'t>),
    /// A text.
    Text(Cow<'t, str>),
    /// Items.
    List(Vec<Value<'t>>),
    /// Members with distinct names.
    Object(Vec<(Cow<'t, str>, Value<'t>)>),
}

/// A value of its own.
pub type Json = Value<'static>;

/// A member of an object that holds its own texts.
pub type Member = (Cow<'static, str>, Json);

/// Why a text has no reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No JSON at this byte.
    Syntax(usize),
    /// The text goes on after the value, at this byte.
    More(usize),
    /// A name that occurs twice, at this byte.
    Duplicate(usize),
    /// Longer than the limit.
    Long,
    /// Deeper than the limit, at this byte.
    Deep(usize),
    /// A number beyond what is read, at this byte.
    Number(usize),
}

/// Limits of a reading.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes.
    pub bytes: usize,
    /// Levels.
    pub depth: usize,
}

impl Limits {
    /// Those of proposals.
    pub(crate) const PROPOSAL: Limits = Limits { bytes: MAX_BYTES, depth: MAX_DEPTH };
}

impl Json {
    /// Reads a proposal's text.
    ///
    /// # Errors
    /// Why it has no reading, and where.
    pub fn parse(bytes: &[u8]) -> Result<Json, Fault> {
        Value::read(bytes).map(Value::into_owned)
    }

    /// Reads a text within limits.
    ///
    /// # Errors
    /// Why it has no reading, and where.
    pub fn parse_within(bytes: &[u8], limits: Limits) -> Result<Json, Fault> {
        Value::read_within(bytes, limits).map(Value::into_owned)
    }
}

impl<'t> Value<'t> {
    /// Reads a proposal's text; texts without escapes are not copied.
    ///
    /// # Errors
    /// Why it has no reading, and where.
    pub fn read(bytes: &'t [u8]) -> Result<Value<'t>, Fault> {
        Value::read_within(bytes, Limits::PROPOSAL)
    }

    /// Reads a text within limits.
    ///
    /// # Errors
    /// Why it has no reading, and where.
    pub fn read_within(bytes: &'t [u8], limits: Limits) -> Result<Value<'t>, Fault> {
        if bytes.len() > limits.bytes {
            return Err(Fault::Long);
        }
        let text = std::str::from_utf8(bytes).map_err(|error| Fault::Syntax(error.valid_up_to()))?;
        Value::read_text(text, limits)
    }

    /// As [`Value::read_within`], of what is known to be a text.
    pub(crate) fn read_text(text: &'t str, limits: Limits) -> Result<Value<'t>, Fault> {
        if text.len() > limits.bytes {
            return Err(Fault::Long);
        }
        let mut reader = Reader { text, at: 0, depth: limits.depth };
        reader.space();
        let value = reader.value(0)?;
        reader.space();
        if reader.at < text.len() { Err(Fault::More(reader.at)) } else { Ok(value) }
    }

    /// The value without its text. Recursion is bounded by the depth of what was read.
    pub fn into_owned(self) -> Json {
        match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::Number(number) => Value::Number(number.into_owned()),
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::List(items) => Value::List(items.into_iter().map(Value::into_owned).collect()),
            Value::Object(members) => {
                let owned =
                    |(name, value): (Cow<'t, str>, Value<'t>)| (Cow::Owned(name.into_owned()), value.into_owned());
                Value::Object(members.into_iter().map(owned).collect())
            }
        }
    }

    /// The member of this name.
    pub fn get(&self, name: &str) -> Option<&Value<'t>> {
        self.members().iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// The members of an object.
    pub fn members(&self) -> &[(Cow<'t, str>, Value<'t>)] {
        match self {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value at the steps of a pointer.
    pub fn at(&self, steps: &[String]) -> Option<&Value<'t>> {
        steps.iter().try_fold(self, |value, step| match value {
            Value::Object(_) => value.get(step),
            Value::List(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The canonical text.
    pub fn canonical(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// The canonical text, to be shared.
    pub(crate) fn canonical_name(&self) -> Name {
        Name::written(|out| self.write(out))
    }

    fn write(&self, out: &mut String) {
        match self {
            Value::Null => out.push_str("null"),
            Value::Bool(true) => out.push_str("true"),
            Value::Bool(false) => out.push_str("false"),
            Value::Number(number) => out.push_str(number.text()),
            Value::Text(text) => write_text(text, out),
            Value::List(items) => {
                out.push('[');
                for (position, item) in items.iter().enumerate() {
                    out.push_str(if position == 0 { "" } else { "," });
                    item.write(out);
                }
                out.push(']');
            }
            Value::Object(members) => {
                out.push('{');
                let mut separator = "";
                in_order(members, |(name, value)| {
                    out.push_str(separator);
                    separator = ",";
                    write_text(name, out);
                    out.push(':');
                    value.write(out);
                });
                out.push('}');
            }
        }
    }

    /// Equal in value, as JSON Schema has it: `1` equals `1.0`, and the order of members does not matter.
    pub fn equals(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Value::Number(a), Value::Number(b)) => a.equals(b),
            (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b)),
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len() && a.iter().all(|(name, a)| other.get(name).is_some_and(|b| a.equals(b)))
            }
            (a, b) => a == b,
        }
    }
}

/// Members in the order of their names; few of them are ordered without memory of their own.
fn in_order<'m, 't>(members: &'m [(Cow<'t, str>, Value<'t>)], mut each: impl FnMut(&'m (Cow<'t, str>, Value<'t>))) {
    const FEW: usize = 12;
    if members.len() > FEW {
        let mut sorted: Vec<_> = members.iter().collect();
        sorted.sort_by(|(a, _), (b, _)| utf16_order(a, b));
        return sorted.into_iter().for_each(each);
    }
    let mut order: [Option<&'m (Cow<'t, str>, Value<'t>)>; FEW] = [None; FEW];
    for (place, member) in order.iter_mut().zip(members) {
        *place = Some(member);
    }
    let known = order.get_mut(..members.len()).unwrap_or_default();
    known.sort_by(|a, b| match (a, b) {
        (Some((a, _)), Some((b, _))) => utf16_order(a, b),
        _ => std::cmp::Ordering::Equal,
    });
    known.iter().flatten().for_each(|member| each(member));
}

/// The steps of an RFC 6901 pointer; none for a text that is none.
pub fn pointer(text: &str) -> Option<Vec<String>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let rest = text.strip_prefix('/')?;
    rest.split('/').map(unescaped).collect()
}

fn unescaped(step: &str) -> Option<String> {
    let mut rest = step;
    while let Some((_, after)) = rest.split_once('~') {
        if !after.starts_with(['0', '1']) {
            return None;
        }
        rest = after;
    }
    Some(step.replace("~1", "/").replace("~0", "~"))
}

/// A pointer with one more step.
pub fn joined(path: &str, step: &str) -> String {
    format!("{path}/{}", step.replace('~', "~0").replace('/', "~1"))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The first byte that is no white space, which is where the reader goes; 0, which begins nothing, at the end.
    #[inline(always)]
    fn next(&mut self) -> u8 {
        match self.peek() {
            Some(byte) if byte > b' ' => byte,
            _ => self.spaced(),
        }
    }

    #[inline(never)]
    fn spaced(&mut self) -> u8 {
        self.space();
        self.peek().unwrap_or(0)
    }

    fn word(&mut self, word: &str, value: Value<'t>) -> Result<Value<'t>, Fault> {
        let found = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        if !found {
            return Err(Fault::Syntax(self.at));
        }
        self.at += word.len();
        Ok(value)
    }

    /// Recursion is bounded by the depth.
    fn value(&mut self, depth: usize) -> Result<Value<'t>, Fault> {
        match self.peek() {
            Some(b'n') => self.word("null", Value::Null),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'"') => self.string().map(Value::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'[' | b'{') if depth >= self.depth => Err(Fault::Deep(self.at)),
            Some(b'[') => self.list(depth),
            Some(b'{') => self.object(depth),
            _ => Err(Fault::Syntax(self.at)),
        }
    }

    fn number(&mut self) -> Result<Value<'t>, Fault> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        match Digits::read(text) {
            Some(number) => Ok(Value::Number(number)),
            // A number by the grammar that is beyond the limits, or none at all.
            None if is_number(text) => Err(Fault::Number(start)),
            None => Err(Fault::Syntax(start)),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value<'t>, Fault> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::List(items));
        }
        loop {
            self.space();
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::List(items));
                }
                _ => return Err(Fault::Syntax(self.at)),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'t>, Fault> {
        self.at += 1;
        // A proposal and its arguments have several members; what lies deeper may be many small objects.
        let mut members: Vec<(Cow<'t, str>, Value<'t>)> = Vec::new();
        let mut seen: Option<HashSet<Cow<'t, str>>> = None;
        if self.next() == b'}' {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        loop {
            let first = self.next();
            let start = self.at;
            if first != b'"' {
                return Err(Fault::Syntax(start));
            }
            let name = self.string()?;
            let fresh = if members.len() < 8 {
                members.iter().all(|(other, _)| *other != name)
            } else {
                let first = || members.iter().map(|(other, _)| other.clone()).collect();
                seen.get_or_insert_with(first).insert(name.clone())
            };
            if !fresh {
                return Err(Fault::Duplicate(start));
            }
            if self.next() != b':' {
                return Err(Fault::Syntax(self.at));
            }
            self.at += 1;
            if members.is_empty() && depth < 2 {
                members.reserve(8);
            }
            // Apart, so that what is just a text is written but once.
            match self.next() {
                b'"' => members.push((name, Value::Text(self.string()?))),
                _ => members.push((name, self.value(depth + 1)?)),
            }
            match self.next() {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Ok(Value::Object(members));
                }
                _ => return Err(Fault::Syntax(self.at)),
            }
        }
    }

    #[inline(always)]
    fn string(&mut self) -> Result<Cow<'t, str>, Fault> {
        self.at += 1;
        let plain = self.plain();
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(plain));
        }
        self.escaped(plain)
    }

    /// A string that does not stand for itself; `plain` is what of it was read.
    #[cold]
    fn escaped(&mut self, plain: &str) -> Result<Cow<'t, str>, Fault> {
        let mut out = plain.to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(out));
                }
                Some(b'\\') => out.push(self.escape()?),
                _ => return Err(Fault::Syntax(self.at)),
            }
            out.push_str(self.plain());
        }
    }

    /// What stands for itself from here on.
    #[inline(always)]
    fn plain(&mut self) -> &'t str {
        let run = json_run(self.text, self.at);
        self.at = self.at.saturating_add(run.len());
        run
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let start = self.at;
        self.at += 2;
        Ok(match self.text.as_bytes().get(start + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.hex(start)?;
                let code = match first {
                    0xd800..=0xdbff => {
                        if self.text.get(self.at..self.at + 2) != Some("\\u") {
                            return Err(Fault::Syntax(start));
                        }
                        self.at += 2;
                        let second = self.hex(start)?;
                        if !(0xdc00..=0xdfff).contains(&second) {
                            return Err(Fault::Syntax(start));
                        }
                        0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                    }
                    code => code,
                };
                char::from_u32(code).ok_or(Fault::Syntax(start))?
            }
            _ => return Err(Fault::Syntax(start)),
        })
    }

    fn hex(&mut self, start: usize) -> Result<u32, Fault> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Fault::Syntax(start))?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Fault::Syntax(start));
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| Fault::Syntax(start))
    }
}

/// A number by JSON's grammar, whatever its size.
fn is_number(text: &str) -> bool {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let (plain, power) = rest.split_once(['e', 'E']).map_or((rest, "0"), |parts| parts);
    let (whole, fraction) = plain.split_once('.').map_or((plain, "0"), |parts| parts);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let power = power.strip_prefix(['+', '-']).unwrap_or(power);
    digits(whole) && digits(fraction) && digits(power) && (whole.len() == 1 || !whole.starts_with('0'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn canonical(text: &str) -> Result<String, Fault> {
        Json::parse(text.as_bytes()).map(|value| value.canonical())
    }

    #[test]
    fn canonical_form_sorts_names_and_keeps_digits() {
        let text = " {\"b\": 7.350, \"a\": [1e2, null, true], \"\\u0041\": \"\\u00e9\\n\\/\"} ";
        assert_eq!(canonical(text).unwrap(), "{\"A\":\"\u{e9}\\n/\",\"a\":[1e2,null,true],\"b\":7.350}");
        // U+1F600 begins with a surrogate and sorts before U+FB01 by UTF-16 units, behind it by scalar values.
        assert_eq!(canonical("{\"\u{fb01}\":1,\"\u{1f600}\":2}").unwrap(), "{\"\u{1f600}\":2,\"\u{fb01}\":1}");
        assert_eq!(canonical("\"\\ud83d\\ude00\"").unwrap(), "\"\u{1f600}\"");
    }

    #[test]
    fn many_members_are_ordered_as_few_are() {
        for count in [0, 1, 11, 12, 13, 40] {
            let members = (0..count).map(|at| (Cow::Owned(format!("{:02}", at * 7 % 41)), Value::Null)).collect();
            let (mut found, whole) = (Vec::new(), Value::Object(members));
            in_order(whole.members(), |(name, _)| found.push(name.clone().into_owned()));
            assert_eq!(found.len(), count);
            assert!(found.is_sorted(), "{found:?}");
        }
    }

    #[test]
    fn what_is_no_i_json_has_no_reading() {
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "01",
            "NaN",
            "Infinity",
            "-",
            "'a'",
            "\"\t\"",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\"\\x\"",
            "1 2",
            "{a:1}",
            "\u{feff}1",
            "\"\\u+123\"",
            "1.",
            "tru",
        ] {
            assert!(matches!(canonical(text), Err(Fault::Syntax(_) | Fault::More(_))), "{text}");
        }
        assert_eq!(canonical("{\"a\":1,\"\\u0061\":2}"), Err(Fault::Duplicate(7)));
        assert_eq!(canonical("1e999"), Err(Fault::Number(0)));
        assert_eq!(canonical(&"[".repeat(33)), Err(Fault::Deep(32)));
        assert!(canonical(&format!("{}{}", "[".repeat(32), "]".repeat(32))).is_ok());
        assert_eq!(canonical(&format!("\"{}\"", "a".repeat(MAX_BYTES))), Err(Fault::Long));
        assert_eq!(Json::parse(b"\"\xff\""), Err(Fault::Syntax(1)));
        let many: String = (0..20).map(|i| format!("\"k{i}\":1,")).collect();
        assert!(matches!(canonical(&format!("{{{many}\"k3\":1}}")), Err(Fault::Duplicate(_))));
    }

    #[test]
    fn pointers_are_those_of_rfc_6901() {
        assert_eq!(pointer("/a~1b/m~0n/"), Some(vec!["a/b".to_owned(), "m~n".to_owned(), String::new()]));
        assert_eq!(pointer("a"), None);
        assert_eq!(pointer("/a~2"), None);
        assert_eq!(joined("/x", "a/b~"), "/x/a~1b~0");
    }
}
