//! What a schema leaves of the columns that rules read.

use super::region::{Region, Value};
use crate::json::{Json, joined, pointer};
use crate::number::Number;

/// What is known of columns, named by pointers, before any condition.
#[derive(Debug, Clone, Default)]
pub struct Bounds {
    schema: Option<Json>,
    /// The pointer of the amount of money: never NULL, never negative.
    money: Option<String>,
}

impl Bounds {
    /// The bounds of a tool's schema; `money` is the top-level argument that holds an amount. Only keywords that stand at the properties themselves are read.
    pub fn of(schema: &Json, money: Option<&str>) -> Bounds {
        // Another dialect may leave assertions out.
        let plain = schema.get("$schema").is_none_or(|dialect| {
            dialect.text().map(|uri| uri.trim_end_matches('#')) == Some("https://json-schema.org/draft/2020-12/schema")
        });
        Bounds { schema: plain.then(|| schema.clone()), money: money.map(|name| joined("", name)) }
    }

    /// What values the column can have where it is not NULL.
    pub fn region(&self, column: &str) -> Region {
        let money = self.money.as_deref() == Some(column);
        let mut out = if money { Region::from(Number::zero(), false) } else { Region::default() };
        let Some(property) = self.property(column) else { return out };
        let kind = property.get("type").and_then(Json::text);
        if money && !matches!(kind, Some("number" | "integer")) {
            return out;
        }
        if kind == Some("integer") {
            out.whole = true;
        }
        if let Some(values) = listed(property) {
            out = out.meet(&values);
        }
        let end = |key: &str| match property.get(key) {
            Some(Json::Number(number)) => Some(number.clone()),
            _ => None,
        };
        // Bounds of numbers say nothing of other values; a column has one type beside null.
        if matches!(property.get("type"), Some(Json::Text(kind)) if kind == "number" || kind == "integer") {
            for (key, low, open) in [
                ("minimum", true, false),
                ("exclusiveMinimum", true, true),
                ("maximum", false, false),
                ("exclusiveMaximum", false, true),
            ] {
                if let Some(at) = end(key) {
                    out = out.meet(&if low { Region::from(at, open) } else { Region::to(at, open) });
                }
            }
        }
        out
    }

    /// Is the column never NULL?
    pub fn present(&self, column: &str) -> bool {
        if self.money.as_deref() == Some(column) {
            return true;
        }
        let Some(property) = self.property(column) else { return false };
        let names_one = |kind: &Json| kind.text().is_some_and(|kind| kind != "null");
        let typed = match property.get("type") {
            Some(Json::List(kinds)) => kinds.iter().all(names_one),
            Some(kind) => names_one(kind),
            None => false,
        };
        typed && self.requires(column)
    }

    fn requires(&self, column: &str) -> bool {
        let (Some(schema), Some(steps)) = (&self.schema, pointer(column)) else { return false };
        let [name] = steps.as_slice() else { return false };
        matches!(schema.get("required"), Some(Json::List(names)) if names.iter().any(|one| one.text() == Some(name)))
    }

    fn property(&self, column: &str) -> Option<&Json> {
        let steps = pointer(column)?;
        steps.iter().try_fold(self.schema.as_ref()?, |schema, step| schema.get("properties")?.get(step))
    }
}

/// The values of `enum` and `const` but null.
fn listed(property: &Json) -> Option<Region> {
    let value = |value: &Json| match value {
        Json::Number(number) => Some(Value::Number(number.clone())),
        Json::Text(text) => Some(Value::Text(text.to_string())),
        Json::Bool(value) => Some(Value::Bool(*value)),
        _ => None,
    };
    match (property.get("enum"), property.get("const")) {
        (_, Some(one)) => Some(Region::of(value(one))),
        (Some(Json::List(values)), None) => Some(Region::of(values.iter().filter_map(value))),
        _ => None,
    }
}
