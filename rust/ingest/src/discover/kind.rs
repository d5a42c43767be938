//! What a value can be read as, and what all values of a column can.

use guard_decode::lexical::{date, double, time, timestamp};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Members that an object may have before it counts as a map, which has no properties.
const MOST_MEMBERS: usize = 1000;
/// Objects and arrays nested deeper are not described: the contract would not be read.
const DEEPEST: usize = 24;

/// What all values seen so far are.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Kind {
    /// None was seen, or only NULL.
    #[default]
    Nothing,
    /// `true`, `false`.
    Boolean,
    /// Fits 64 bits, and is written as numbers are.
    Integer,
    /// Any other number that a double holds.
    Number,
    /// NaN or an infinity: a number beside numbers, a text by itself.
    NotFinite,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// A timestamp with an offset.
    Zoned,
    /// A timestamp without.
    Local,
    /// Any other text.
    Text,
    /// A JSON object.
    Object(Members),
    /// A JSON array, and what all items are.
    Array(Box<Kind>),
    /// Several kinds that no type holds.
    Mixed,
}

impl Kind {
    /// The kind that holds the values of both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        use Kind::{Array, Date, Integer, Local, Mixed, NotFinite, Nothing, Number, Object, Text, Time, Zoned};
        match (self, other) {
            (Nothing, kind) | (kind, Nothing) => kind,
            (Object(mine), Object(theirs)) => mine.join(theirs),
            (Array(mine), Array(theirs)) => Array(Box::new(mine.join(*theirs))),
            (mine, theirs) if mine == theirs => mine,
            (Integer | Number | NotFinite, Integer | Number | NotFinite) => Number,
            (Date | Time | Zoned | Local | Text, Date | Time | Zoned | Local | Text) => Text,
            _ => Mixed,
        }
    }

    /// Of a CSV field.
    pub fn of_field(text: &str) -> Self {
        if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
            return Self::Boolean;
        }
        match double(text.as_bytes()) {
            Some(value) if !value.is_finite() => Self::NotFinite,
            Some(_) if is_code(text) => Self::Text,
            Some(_) if text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit()) => {
                text.parse::<i64>().map_or(Self::Text, |_| Self::Integer)
            }
            Some(_) => Self::Number,
            None => Self::of_text(text),
        }
    }

    /// Of a text that is no number.
    fn of_text(text: &str) -> Self {
        let bytes = text.as_bytes();
        // Every form begins with a digit, and most texts do not.
        if !bytes.first().is_some_and(u8::is_ascii_digit) {
            return Self::Text;
        }
        match () {
            () if date(bytes).is_some() => Self::Date,
            () if timestamp(bytes, true).is_some() => Self::Zoned,
            () if timestamp(bytes, false).is_some() => Self::Local,
            () if time(bytes).is_some() => Self::Time,
            () => Self::Text,
        }
    }

    /// Of a JSON value.
    pub fn of_json(value: &Value, depth: usize) -> Self {
        match value {
            Value::Null => Self::Nothing,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if number.is_i64() => Self::Integer,
            // A double would lose digits of an unsigned one.
            Value::Number(number) if number.is_u64() => Self::Mixed,
            Value::Number(_) => Self::Number,
            Value::String(text) => Self::of_text(text),
            Value::Object(_) | Value::Array(_) if depth >= DEEPEST => Self::Mixed,
            Value::Object(members) => Self::Object(Members::of(members, depth)),
            Value::Array(items) => {
                let items = items.iter().map(|item| Self::of_json(item, depth + 1));
                Self::Array(Box::new(items.fold(Self::Nothing, Self::join)))
            }
        }
    }

    /// A property of a contract, whose type reads all of these values.
    pub fn property(&self) -> Map<String, Value> {
        let mut out = Map::new();
        let logical = match self {
            Self::Nothing | Self::Mixed => return out,
            Self::Object(members) if members.kinds.is_empty() => return out,
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Date => "date",
            Self::Time => "time",
            Self::Zoned | Self::Local => "timestamp",
            Self::NotFinite | Self::Text => "string",
            Self::Object(_) => "object",
            Self::Array(_) => "array",
        };
        out.insert("logicalType".into(), logical.into());
        match self {
            Self::Local => {
                out.insert("logicalTypeOptions".into(), json!({"timezone": false}));
            }
            Self::Object(members) => {
                out.insert("properties".into(), members.properties());
            }
            Self::Array(items) => {
                out.insert("items".into(), Value::Object(items.property()));
            }
            _ => {}
        }
        out
    }
}

/// A number of which a text is made, such as a postcode or a telephone number: its sign or zeros would be lost.
fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    text.starts_with('+') || matches!(digits, [b'0', b'0'..=b'9', ..])
}

/// Members of objects by name, in the order that they were first seen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Members {
    places: HashMap<String, usize>,
    kinds: Vec<(String, Kind)>,
}

impl Members {
    /// Of one object.
    fn of(members: &Map<String, Value>, depth: usize) -> Self {
        let mut out = Self::default();
        members.iter().for_each(|(name, value)| out.add(name, Kind::of_json(value, depth + 1)));
        out
    }

    /// Takes in a member.
    pub fn add(&mut self, name: &str, kind: Kind) {
        match self.places.get(name).and_then(|place| self.kinds.get_mut(*place)) {
            Some((_, known)) => *known = std::mem::take(known).join(kind),
            None => {
                self.places.insert(name.to_owned(), self.kinds.len());
                self.kinds.push((name.to_owned(), kind));
            }
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.kinds.len()
    }

    /// What is known of a member.
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.places.get(name).and_then(|place| self.kinds.get(*place)).map(|(_, kind)| kind)
    }

    /// As fields of CSV, all of which are texts: what no other type holds is text.
    #[must_use]
    pub fn texts(mut self) -> Self {
        for (_, kind) in self.kinds.iter_mut().filter(|(_, kind)| *kind == Kind::Mixed) {
            *kind = Kind::Text;
        }
        self
    }

    fn join(mut self, other: Self) -> Kind {
        other.kinds.into_iter().for_each(|(name, kind)| self.add(&name, kind));
        if self.kinds.len() > MOST_MEMBERS { Kind::Mixed } else { Kind::Object(self) }
    }

    /// Properties of a contract.
    pub fn properties(&self) -> Value {
        let one = |(name, kind): &(String, Kind)| {
            let mut out = Map::from_iter([("name".to_owned(), Value::from(name.as_str()))]);
            out.extend(kind.property());
            Value::Object(out)
        };
        self.kinds.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a column of CSV.
    fn of(texts: &[&str]) -> Kind {
        let mut column = Members::default();
        texts.iter().for_each(|text| column.add("a", Kind::of_field(text)));
        column.texts().kind("a").cloned().unwrap_or_default()
    }

    #[test]
    fn fields() {
        for (texts, kind) in [
            (&["true", "False"][..], Kind::Boolean),
            (&["t", "f"], Kind::Text),
            (&["1", "0"], Kind::Integer),
            (&["-9223372036854775808", "9223372036854775807"], Kind::Integer),
            (&["9223372036854775808"], Kind::Text),
            (&["01234", "98765"], Kind::Text),
            (&["-01"], Kind::Text),
            (&["+4912345"], Kind::Text),
            (&["0", "-0", "0.5"], Kind::Number),
            (&["1", "2.5", "1e300", ".5", "5."], Kind::Number),
            (&["1e400"], Kind::Text),
            (&["007.5"], Kind::Text),
            (&["1", "NaN"], Kind::Number),
            (&["NaN", "inf"], Kind::Text),
            (&["NaN"], Kind::NotFinite),
            (&["2026-01-31"], Kind::Date),
            (&["2026-02-30"], Kind::Text),
            (&["2026-01-31", "2026-01-31T10:00:00Z"], Kind::Text),
            (&["2026-01-31T10:00:00Z", "2026-01-31 10:00:00+02:00"], Kind::Zoned),
            (&["2026-01-31 10:00:00.5"], Kind::Local),
            (&["2026-01-31 10:00:00", "2026-01-31 10:00:00Z"], Kind::Text),
            (&["13:00", "13:00:00.25"], Kind::Time),
            (&["1", "x"], Kind::Text),
            (&["1", "true"], Kind::Text),
            (&[" 1"], Kind::Text),
            (&[""], Kind::Text),
            (&["0x10"], Kind::Text),
            (&[], Kind::Nothing),
        ] {
            assert_eq!(of(texts), kind, "{texts:?}");
        }
    }

    #[test]
    fn joining_is_the_same_in_any_order() {
        let kinds = ["1", "1.5", "NaN", "x", "2026-01-31", "true", "13:00", "2026-01-31 10:00"].map(Kind::of_field);
        for a in &kinds {
            for b in &kinds {
                assert_eq!(a.clone().join(b.clone()), b.clone().join(a.clone()));
                for c in &kinds {
                    let left = a.clone().join(b.clone()).join(c.clone());
                    assert_eq!(left, a.clone().join(b.clone().join(c.clone())), "{a:?} {b:?} {c:?}");
                }
            }
        }
    }

    #[test]
    fn values() {
        let kind = |text: &str| Kind::of_json(&serde_json::from_str(text).unwrap_or_default(), 0).property();
        for (text, property) in [
            ("null", json!({})),
            ("1", json!({"logicalType": "integer"})),
            ("1.0", json!({"logicalType": "number"})),
            ("18446744073709551615", json!({})),
            ("\"1\"", json!({"logicalType": "string"})),
            ("\"2026-01-31\"", json!({"logicalType": "date"})),
            ("\"2026-01-31T00:00\"", json!({"logicalType": "timestamp", "logicalTypeOptions": {"timezone": false}})),
            ("[]", json!({"logicalType": "array", "items": {}})),
            ("[1, 2.5, null]", json!({"logicalType": "array", "items": {"logicalType": "number"}})),
            ("[1, \"x\"]", json!({"logicalType": "array", "items": {}})),
            ("{}", json!({})),
            (
                "[{\"a\": 1}, {\"b\": true, \"a\": null}]",
                json!({"logicalType": "array", "items": {"logicalType": "object", "properties": [
                    {"name": "a", "logicalType": "integer"}, {"name": "b", "logicalType": "boolean"}]}}),
            ),
        ] {
            assert_eq!(Value::Object(kind(text)), property, "{text}");
        }
    }
}
