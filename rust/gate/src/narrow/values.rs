//! Values at the edges of what a schema and two rules tell apart.

use crate::json::{Json, joined};
use crate::logic::region::Value;
use crate::narrow::samples::samples;
use crate::number::Number;
use std::collections::BTreeMap;

/// Deepest nesting of values that are made.
const DEPTH: usize = 4;
/// Most texts that stand for a pattern of a rule.
const FEW: usize = 3;
/// Most values of one argument.
const MOST: usize = 40;

/// Constants of rules by column, and those that no column is known for.
#[derive(Debug, Default)]
pub(super) struct Pool {
    of: BTreeMap<String, Vec<Value>>,
    loose: Vec<Value>,
}

impl Pool {
    pub fn add(&mut self, column: &str, value: Value) {
        push(self.of.entry(column.to_owned()).or_default(), value);
    }

    /// Takes every number and text out of a rule.
    pub fn read(&mut self, rule: &str) {
        for (position, part) in rule.split('\'').enumerate() {
            if position % 2 == 1 {
                push(&mut self.loose, Value::Text(part.to_owned()));
                // It may be a pattern of the rule, of LIKE too.
                let patterns = [part.to_owned(), part.replace('%', ".*").replace('_', ".")];
                let few = patterns.iter().flat_map(|pattern| samples(pattern).into_iter().take(FEW));
                few.for_each(|text| push(&mut self.loose, Value::Text(text)));
                continue;
            }
            let words = part.split(|c: char| !(c.is_ascii_digit() || c == '.'));
            for number in words.filter_map(Number::parse) {
                push(&mut self.loose, Value::Number(number));
            }
        }
    }

    /// The texts for a column.
    pub fn texts(&self, column: &str) -> Vec<Json> {
        self.known(column).filter(|value| matches!(value, Value::Text(_))).map(Value::json).collect()
    }

    fn known(&self, column: &str) -> impl Iterator<Item = &Value> {
        self.of.get(column).into_iter().flatten().chain(&self.loose)
    }

    fn numbers(&self, column: &str) -> Vec<Number> {
        let numbers = self.known(column).filter_map(|value| match value {
            Value::Number(number) => Some(number.clone()),
            _ => None,
        });
        numbers.collect()
    }
}

fn push(list: &mut Vec<Value>, value: Value) {
    if list.len() < MOST && !list.contains(&value) {
        list.push(value);
    }
}

/// Values for a schema; what does not satisfy it is found out by trying. `money` makes steps of a minor unit.
pub(super) fn values(schema: &Json, column: &str, pool: &Pool, money: bool, depth: usize) -> Vec<Json> {
    if let Some(one) = schema.get("const") {
        return vec![one.clone()];
    }
    if let Some(Json::List(listed)) = schema.get("enum") {
        return listed.clone();
    }
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Json::Text(kind)) => vec![kind],
        Some(Json::List(kinds)) => kinds.iter().filter_map(Json::text).collect(),
        _ => vec!["string", "number", "object", "array"],
    };
    let mut out = Vec::new();
    for kind in kinds {
        match kind {
            "string" if money => {
                out.extend(numbers(schema, column, pool, "0.01").into_iter().map(|text| Json::Text(text.into())))
            }
            "string" => out.append(&mut texts(schema, column, pool)),
            "number" | "integer" => {
                let step = if kind == "integer" {
                    "1"
                } else if money {
                    "0.01"
                } else {
                    "0.000000001"
                };
                let found = numbers(schema, column, pool, step);
                out.extend(found.iter().filter_map(|text| Number::parse(text)).map(Json::Number));
            }
            "boolean" => out.extend([Json::Bool(true), Json::Bool(false)]),
            "array" if depth < DEPTH => {
                let nothing = Json::Bool(true);
                let item = values(schema.get("items").unwrap_or(&nothing), column, pool, false, depth + 1);
                out.push(Json::List(Vec::new()));
                out.extend(item.into_iter().next().map(|item| Json::List(vec![item])));
            }
            "object" if depth < DEPTH => out.append(&mut objects(schema, column, pool, depth)),
            "null" => out.push(Json::Null),
            _ => {}
        }
    }
    out.truncate(MOST);
    out
}

fn texts(schema: &Json, column: &str, pool: &Pool) -> Vec<Json> {
    let mut out = pool.texts(column);
    let pattern = schema.get("pattern").and_then(Json::text);
    out.extend(pattern.map(samples).unwrap_or_default().into_iter().map(|text| Json::Text(text.into())));
    let length = |key: &str| match schema.get(key) {
        Some(Json::Number(number)) => number.at_scale(0).and_then(|count| usize::try_from(count).ok()),
        _ => None,
    };
    let least = length("minLength").unwrap_or(0);
    let most = length("maxLength").map(|most| [most, most.saturating_add(1)]);
    for length in [least.max(1)].into_iter().chain(most.into_iter().flatten()) {
        out.push(Json::Text("x".repeat(length.min(1_000)).into()));
    }
    if least == 0 {
        out.push(Json::Text("".into()));
    }
    out
}

/// Every constant and bound, and what lies one step beside it, as digits.
fn numbers(schema: &Json, column: &str, pool: &Pool, step: &str) -> Vec<String> {
    let mut around = pool.numbers(column);
    for key in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] {
        if let Some(Json::Number(number)) = schema.get(key) {
            around.push(number.clone());
        }
    }
    around.extend(["1", "0"].into_iter().filter_map(Number::parse));
    let scale = step.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let mut out = Vec::new();
    for number in around {
        // Constants with more digits than a step are edges themselves only.
        let Some(digits) = u32::try_from(scale).ok().and_then(|scale| number.at_scale(scale)) else {
            out.push(number.text().to_owned());
            continue;
        };
        for near in [Some(digits), digits.checked_add(1), digits.checked_sub(1)].into_iter().flatten() {
            let text = plain(near, scale);
            if !out.contains(&text) {
                out.push(text);
            }
        }
    }
    out
}

fn plain(digits: i128, scale: usize) -> String {
    let sign = if digits < 0 { "-" } else { "" };
    let text = format!("{:0>width$}", digits.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = text.split_at_checked(text.len().saturating_sub(scale)).unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// Objects with the first value of each property, and each other value of one of them.
fn objects(schema: &Json, column: &str, pool: &Pool, depth: usize) -> Vec<Json> {
    let properties = schema.get("properties").map(Json::members).unwrap_or_default();
    let lists: Vec<(&std::borrow::Cow<'_, str>, Vec<Json>)> = properties
        .iter()
        .map(|(name, schema)| (name, values(schema, &joined(column, name), pool, false, depth + 1)))
        .collect();
    let built = |changed: Option<(usize, &Json)>| {
        let members = lists.iter().enumerate().filter_map(|(at, (name, values))| {
            let value = match changed {
                Some((position, value)) if position == at => value,
                _ => values.first()?,
            };
            Some((name.to_string().into(), value.clone()))
        });
        Json::Object(members.collect())
    };
    let mut out = vec![built(None)];
    for (position, (_, values)) in lists.iter().enumerate() {
        out.extend(values.iter().skip(1).map(|value| built(Some((position, value)))));
    }
    out
}
