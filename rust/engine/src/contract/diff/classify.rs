//! What each kind of change means for producers and consumers.

use super::Impact::{self, Breaking, Loosening, Neutral, Tightening};
use crate::contract::keys::{self, OPERATORS};
use crate::contract::number::Decimal;
use crate::contract::physical::{DecimalType, decimal_type};
use serde_json::Value;
use std::cmp::Ordering;

/// A change and what it means.
#[derive(Debug)]
pub(super) struct Judgement {
    /// What changed; `changed` in it stands for added, removed or changed.
    pub kind: String,
    pub producer: Impact,
    pub consumer: Impact,
}

/// Lists whose elements are matched by name.
const KEYED: &[&str] =
    &["schema", "properties", "quality", "relationships", "slaProperties", "customProperties", "enum", "servers"];
/// What a server says of how its files are written.
const WRITTEN: &[&str] =
    &["format", "delimiter", "quote", "escape", "header", "nulls", "encoding", "compression", "timezone"];

/// The key as the tables have it; empty for keys that the standard does not know.
pub(super) fn known_key(key: &str) -> &'static str {
    let tables =
        [keys::ROOT, keys::OBJECT, keys::PROPERTY, keys::OPTIONS, keys::QUALITY, keys::SLA, keys::MAP, keys::ARGUMENTS];
    let standard = tables.into_iter().flatten().find(|known| known.name == key).map(|known| known.name);
    standard.or(WRITTEN.iter().copied().find(|known| *known == key)).unwrap_or("")
}

/// Whether the elements of this list are matched by name. An enum that comes or goes is one change.
pub(super) fn is_keyed(key: &str, old: Option<&Value>, new: Option<&Value>) -> bool {
    let lists = [old, new].map(|value| matches!(value, Some(Value::Array(_))));
    KEYED.contains(&key) && if key == "enum" { lists == [true, true] } else { lists != [false, false] }
}

/// Whether a mapping here is compared key by key; others are compared as one value.
pub(super) fn is_open(key: &str, list: &str) -> bool {
    match list {
        "schema" | "properties" | "quality" | "slaProperties" | "servers" => true,
        "" => {
            matches!(key, "logicalTypeOptions" | "items" | "map" | "key" | "value" | "description" | "arguments" | "")
        }
        _ => false,
    }
}

/// The name by which an element of a list is matched.
pub(super) fn name_of(list: &str, element: &Value) -> String {
    let text = |key: &str| element.get(key).and_then(Value::as_str);
    let own = match list {
        "schema" | "properties" => text("name").map(str::to_owned),
        "quality" => text("id").or(text("name")).or(text("metric")).or(text("rule")).map(str::to_owned),
        "relationships" => element.get("to").and_then(reference),
        "slaProperties" => text("id").or(text("property")).map(str::to_owned),
        "servers" => text("server").map(str::to_owned),
        "customProperties" => text("property").map(|name| match text("vendor") {
            Some(vendor) => format!("{vendor}:{name}"),
            None => name.to_owned(),
        }),
        "enum" => Some(element.get("value").unwrap_or(element).to_string()),
        _ => None,
    };
    own.unwrap_or_else(|| guard_verdict::canonical_json(element).unwrap_or_default())
}

/// One reference, or several joined by commas.
fn reference(to: &Value) -> Option<String> {
    match to {
        Value::String(text) => Some(text.clone()),
        Value::Array(list) => Some(list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")),
        _ => None,
    }
}

/// Judges a change of the value under `key`, or of an element of `list`.
pub(super) fn judge(key: &str, list: &str, owner: &str, old: Option<&Value>, new: Option<&Value>) -> Judgement {
    let of = |kind: &str, (producer, consumer)| Judgement { kind: kind.to_owned(), producer, consumer };
    match list {
        "schema" => of("object-changed", presence(old, (Tightening, Neutral))),
        "properties" => of("property-changed", presence(old, (Breaking, Neutral))),
        "quality" => of("rule-changed", rule(old, new)),
        "relationships" => of("reference-changed", constraint(old, new)),
        "slaProperties" => of("service-level-changed", constraint(old, new)),
        "customProperties" => of("custom-changed", custom(owner, old, new)),
        "servers" => of("changed", (Neutral, Neutral)),
        "enum" => of("enum-value-changed", enum_value(old, new)),
        _ => by_key(key, owner, old, new),
    }
}

fn by_key(key: &str, owner: &str, old: Option<&Value>, new: Option<&Value>) -> Judgement {
    let of = |kind: &str, (producer, consumer)| Judgement { kind: kind.to_owned(), producer, consumer };
    let ordered = |larger_is_tighter: bool| bound(old, new, larger_is_tighter);
    match key {
        // The same bytes are other records then.
        _ if owner == "servers" => match WRITTEN.contains(&key) {
            true => of("format-changed", (Breaking, Breaking)),
            false => of("changed", (Neutral, Neutral)),
        },
        "logicalType" if old.is_some() && new.is_some() => of("type-changed", (Breaking, Breaking)),
        "logicalType" => of("type-changed", constraint(old, new)),
        "enum" => of("enum-changed", constraint(old, new)),
        "physicalName" => of("name-changed", (Breaking, Breaking)),
        "required" if is_flag(old) || is_flag(new) => of("required-changed", flag(old, new, (Loosening, Breaking))),
        "unique" | "uniqueItems" | "primaryKey" => of("key-changed", flag(old, new, (Loosening, Tightening))),
        "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
            of("bound-changed", ordered(true))
        }
        "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
            of("bound-changed", ordered(false))
        }
        "pattern" | "format" | "multipleOf" | "timezone" | "defaultTimezone" | "required" | "dimensions" => {
            of("option-changed", constraint(old, new))
        }
        "items" | "map" | "key" => of("nested-type-changed", constraint(old, new)),
        "mustBeGreaterThan" | "mustBeGreaterOrEqualTo" => of("threshold-changed", ordered(true)),
        "mustBeLessThan" | "mustBeLessOrEqualTo" => of("threshold-changed", ordered(false)),
        "metric" | "rule" | "type" | "query" | "engine" | "implementation" | "unit" | "severity" | "validValues"
        | "missingValues" | "arguments" => of("rule-changed", (Tightening, Tightening)),
        _ if OPERATORS.contains(&key) => of("threshold-changed", (Tightening, Tightening)),
        // Of a service level: the shorter, the tighter.
        "value" if owner == "slaProperties" => of("service-level-changed", ordered(false)),
        "property" | "element" if owner == "slaProperties" => of("service-level-changed", (Tightening, Tightening)),
        _ => of("changed", (Neutral, Neutral)),
    }
}

/// The type in a database of a property, by what is read of it: digits, and the whole type where there is no logical one.
pub(super) fn physical(old: &Value, new: &Value) -> Judgement {
    let (old, new) = (Read::of(old), Read::of(new));
    let (producer, consumer) = match (&old, &new) {
        _ if old == new => return Judgement::neutral("changed"),
        (Read::Decimal(DecimalType::Of(p, s)), Read::Decimal(DecimalType::Of(precision, scale))) => {
            let whole = |precision: &u8, scale: &u8| precision.saturating_sub(*scale);
            let (more, fewer) = (
                whole(precision, scale) >= whole(p, s) && scale >= s,
                whole(precision, scale) <= whole(p, s) && scale <= s,
            );
            match (more, fewer) {
                (true, _) => (Loosening, Breaking),
                (_, true) => (Breaking, Loosening),
                _ => (Breaking, Breaking),
            }
        }
        _ => (Breaking, Breaking),
    };
    Judgement { kind: "type-changed".to_owned(), producer, consumer }
}

/// What the type in a database decides of how values are read.
#[derive(PartialEq)]
enum Read {
    Nothing,
    Decimal(DecimalType),
    Named(&'static str),
}

impl Read {
    fn of(property: &Value) -> Read {
        let text = |key: &str| property.get(key).and_then(Value::as_str);
        let Some(physical) = text("physicalType") else { return Read::Nothing };
        match (text("logicalType"), decimal_type(physical)) {
            (Some("number" | "integer") | None, found @ (DecimalType::Of(..) | DecimalType::Beyond)) => {
                Read::Decimal(found)
            }
            (Some(_), _) => Read::Nothing,
            (None, _) => Read::Named(named(physical)),
        }
    }
}

/// SQL's common names of one type.
fn named(physical: &str) -> &'static str {
    let text = physical.to_ascii_lowercase();
    match text.split('(').next().unwrap_or_default().trim() {
        "tinyint" | "smallint" | "int2" | "int" | "int4" | "integer" | "bigint" | "int8" | "long" => "integer",
        "real" | "float" | "float4" | "float8" | "double" | "double precision" | "decimal" | "numeric" => "double",
        "boolean" | "bool" => "boolean",
        "date" => "date",
        "time" => "time",
        "timestamptz" | "timestamp with time zone" => "timestamptz",
        "timestamp" | "datetime" | "timestamp without time zone" => "timestamp",
        _ => "text",
    }
}

/// Something that is delivered: it comes with `added`, and consumers lose it.
fn presence(old: Option<&Value>, added: (Impact, Impact)) -> (Impact, Impact) {
    if old.is_none() { added } else { (Loosening, Breaking) }
}

/// Something that is demanded: it comes, goes, or changes in a way that is not known.
fn constraint(old: Option<&Value>, new: Option<&Value>) -> (Impact, Impact) {
    match (old, new) {
        (None, _) => (Tightening, Loosening),
        (_, None) => (Loosening, Tightening),
        _ => (Tightening, Tightening),
    }
}

/// Rules that only warn or inform ask nothing of producers.
fn rule(old: Option<&Value>, new: Option<&Value>) -> (Impact, Impact) {
    let severity = new.or(old).and_then(|rule| rule.get("severity")).and_then(Value::as_str);
    let text = new.or(old).and_then(|rule| rule.get("type")).and_then(Value::as_str) == Some("text");
    if text || matches!(severity, Some("warning" | "info")) {
        return (Neutral, Neutral);
    }
    constraint(old, new)
}

/// Of the custom properties only those of guard_nb are known to matter, where it reads them.
fn custom(owner: &str, old: Option<&Value>, new: Option<&Value>) -> (Impact, Impact) {
    let name = new.or(old).and_then(|custom| custom.get("property")).and_then(Value::as_str);
    match name {
        Some("undeclaredColumns" | "allowNonFinite") => (Tightening, Tightening),
        // The same bytes are other records then. What the delimiter is without being said depends on the format.
        Some("csvDelimiter") if owner == "schema" => match [old, new].map(|custom| custom.and_then(set)) {
            [Some(own), None] | [None, Some(own)] if own == "," => (Tightening, Tightening),
            [old, new] if old == new => (Neutral, Neutral),
            _ => (Breaking, Breaking),
        },
        Some(name @ ("csvQuote" | "csvHeader" | "csvNulls")) if owner == "schema" => {
            let said = |custom: Option<&Value>| custom.and_then(set).cloned().unwrap_or_else(|| unsaid(name));
            if listed(said(old)) == listed(said(new)) { (Neutral, Neutral) } else { (Breaking, Breaking) }
        }
        _ => (Neutral, Neutral),
    }
}

fn set(custom: &Value) -> Option<&Value> {
    custom.get("value")
}

/// What a property of CSV is where the contract does not say it.
fn unsaid(name: &str) -> Value {
    match name {
        "csvQuote" => Value::from("\""),
        "csvHeader" => Value::from(true),
        _ => Value::Array(Vec::new()),
    }
}

/// One text and a list of it are alike, and the order does not count.
fn listed(value: Value) -> Vec<String> {
    let mut out: Vec<String> = match value {
        Value::Array(all) => all.iter().map(Value::to_string).collect(),
        one => vec![one.to_string()],
    };
    out.sort_unstable();
    out.dedup();
    out
}

fn enum_value(old: Option<&Value>, new: Option<&Value>) -> (Impact, Impact) {
    match (old, new) {
        (None, _) => (Loosening, Breaking),
        (_, None) => (Breaking, Loosening),
        // The value is the same; its label or description is not.
        _ => (Neutral, Neutral),
    }
}

fn is_flag(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Bool(_)))
}

/// A demand that is switched on or off; unwritten is off.
fn flag(old: Option<&Value>, new: Option<&Value>, dropped: (Impact, Impact)) -> (Impact, Impact) {
    let on = |value: Option<&Value>| value == Some(&Value::Bool(true));
    match (on(old), on(new)) {
        (false, true) => (Tightening, Loosening),
        (true, false) => dropped,
        _ => (Neutral, Neutral),
    }
}

fn bound(old: Option<&Value>, new: Option<&Value>, larger_is_tighter: bool) -> (Impact, Impact) {
    let (Some(old), Some(new)) = (old, new) else {
        return constraint(old, new);
    };
    match order(old, new) {
        Some(Ordering::Equal) => (Neutral, Neutral),
        Some(order) if (order == Ordering::Less) == larger_is_tighter => (Tightening, Loosening),
        Some(_) => (Loosening, Tightening),
        None => (Tightening, Tightening),
    }
}

/// The order of two numbers, or of two dates or times written alike.
fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::String(a), Value::String(b)) if a.len() == b.len() => Some(a.cmp(b)),
        _ => Some(decimal(a)?.cmp(&decimal(b)?)),
    }
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => Decimal::parse(&number.to_string()),
        Value::Object(map) => map.get("$decimal").and_then(Value::as_str).and_then(Decimal::parse),
        _ => None,
    }
}
