//! Does one schema admit at most what another does? Keyword by keyword; what cannot be compared so must be equal.

use crate::json::Json;
use crate::schema::key;
use std::cmp::Ordering;

/// Keywords by which a schema reaches beyond its own text.
const REFERENCES: [&str; 5] = ["$ref", "$dynamicRef", "$id", "$anchor", "$dynamicAnchor"];
/// Keywords that must be equal where the wider schema has them, and those that change what they mean.
const EQUAL: [&str; 16] = [
    "pattern",
    "multipleOf",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "anyOf",
    "oneOf",
    "not",
    "uniqueItems",
    "if",
    "then",
    "else",
    "contains",
    "minContains",
    "maxContains",
];

/// Is every value of the narrow schema one of the wide schema? False where that is not proved.
pub(super) fn within(narrow: &Json, wide: &Json) -> bool {
    same(narrow, wide)
        || (!refers(narrow) && !refers(wide) && same_member(narrow, wide, "$schema") && tighter(narrow, wide))
}

fn same(a: &Json, b: &Json) -> bool {
    key(a) == key(b)
}

fn same_member(a: &Json, b: &Json, name: &str) -> bool {
    match (a.get(name), b.get(name)) {
        (None, None) => true,
        (Some(a), Some(b)) => same(a, b),
        _ => false,
    }
}

/// Recursion is bounded by the depth of files, as below.
fn refers(schema: &Json) -> bool {
    match schema {
        Json::Object(members) => {
            members.iter().any(|(name, value)| REFERENCES.contains(&name.as_ref()) || refers(value))
        }
        Json::List(items) => items.iter().any(refers),
        _ => false,
    }
}

fn tighter(narrow: &Json, wide: &Json) -> bool {
    if same(narrow, wide) || matches!(wide, Json::Bool(true)) || matches!(narrow, Json::Bool(false)) {
        return true;
    }
    let (Json::Object(_), Json::Object(keywords)) = (narrow, wide) else { return false };
    // What counts as evaluated depends on every other keyword.
    if wide.get("unevaluatedProperties").is_some() || wide.get("unevaluatedItems").is_some() {
        return false;
    }
    keywords.iter().all(|(keyword, value)| held(narrow, wide, keyword, value))
}

/// Does the narrow schema demand at least what this keyword demands?
fn held(narrow: &Json, wide: &Json, keyword: &str, value: &Json) -> bool {
    let own = narrow.get(keyword);
    match keyword {
        "type" => own.is_some_and(|own| types(own).iter().all(|one| admits(&types(value), one))),
        "enum" | "const" => {
            listed(narrow).is_some_and(|own| own.iter().all(|one| members(keyword, value).contains(one)))
        }
        "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
            ordered(own, value, Ordering::Less)
        }
        "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
            ordered(own, value, Ordering::Greater)
        }
        "required" => names(value).iter().all(|name| own.is_some_and(|own| names(own).contains(name))),
        "allOf" => parts(value).iter().all(|part| own.is_some_and(|own| parts(own).iter().any(|one| same(one, part)))),
        "properties" => value.members().iter().all(|(name, wide)| match property(narrow, name) {
            Some(own) => tighter(own, wide),
            None => closed(narrow),
        }),
        "additionalProperties" => additional(narrow, wide, value),
        "items" => same_member(narrow, wide, "prefixItems") && own.is_some_and(|own| tighter(own, value)),
        "prefixItems" => same_member(narrow, wide, "prefixItems"),
        _ if EQUAL.contains(&keyword) => {
            let together: &[&str] = match keyword {
                "contains" | "minContains" | "maxContains" => &["contains", "minContains", "maxContains"],
                "if" | "then" | "else" => &["if", "then", "else"],
                _ => &[],
            };
            own.is_some_and(|own| same(own, value)) && together.iter().all(|name| same_member(narrow, wide, name))
        }
        // Annotations, and keywords that nobody knows.
        _ => true,
    }
}

fn property<'j>(schema: &'j Json, name: &str) -> Option<&'j Json> {
    schema.get("properties")?.get(name)
}

/// Does the schema admit no other members than its properties?
fn closed(schema: &Json) -> bool {
    schema.get("additionalProperties") == Some(&Json::Bool(false)) && schema.get("patternProperties").is_none()
}

fn additional(narrow: &Json, wide: &Json, value: &Json) -> bool {
    let others = narrow.get("properties").map(Json::members).unwrap_or_default();
    let mut others = others.iter().filter(|(name, _)| property(wide, name).is_none());
    same_member(narrow, wide, "patternProperties")
        && narrow.get("additionalProperties").is_some_and(|own| tighter(own, value))
        && others.all(|(_, own)| tighter(own, value))
}

fn types(value: &Json) -> Vec<String> {
    match value {
        Json::List(items) => items.iter().filter_map(Json::text).map(str::to_owned).collect(),
        other => other.text().map(str::to_owned).into_iter().collect(),
    }
}

fn admits(types: &[String], one: &str) -> bool {
    types.iter().any(|own| own == one || (own == "number" && one == "integer"))
}

/// The values that `enum` or `const` leaves, by key.
fn listed(schema: &Json) -> Option<Vec<String>> {
    let found = ["const", "enum"].iter().find_map(|keyword| Some((*keyword, schema.get(keyword)?)));
    found.map(|(keyword, value)| members(keyword, value))
}

fn members(keyword: &str, value: &Json) -> Vec<String> {
    match (keyword, value) {
        ("enum", Json::List(values)) => values.iter().map(key).collect(),
        (_, value) => vec![key(value)],
    }
}

fn names(value: &Json) -> Vec<&str> {
    parts(value).iter().filter_map(Json::text).collect()
}

fn parts(value: &Json) -> &[Json] {
    match value {
        Json::List(items) => items,
        _ => &[],
    }
}

/// Is there an own bound that is not on this side of the other one?
fn ordered(own: Option<&Json>, other: &Json, wrong: Ordering) -> bool {
    match (own, other) {
        (Some(Json::Number(own)), Json::Number(other)) => own.order(other) != wrong,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(narrow: &str, wide: &str) -> bool {
        let read = |text: &str| Json::parse(text.as_bytes()).unwrap();
        within(&read(narrow), &read(wide))
    }

    #[test]
    fn tighter_schemas_are_within() {
        let cases = [
            (r#"{"type":"integer"}"#, r#"{"type":"number"}"#),
            (r#"{"type":"number","minimum":2}"#, r#"{"type":"number","minimum":1.5}"#),
            (r#"{"enum":["a"]}"#, r#"{"enum":["a","b"]}"#),
            (r#"{"const":1.0}"#, r#"{"enum":[1,2]}"#),
            (r#"{"properties":{"a":{"type":"string","maxLength":3}}}"#, r#"{"properties":{"a":{"type":"string"}}}"#),
            (r#"{"properties":{},"additionalProperties":false}"#, r#"{"properties":{"a":{"type":"string"}}}"#),
            (r#"{"additionalProperties":false}"#, r#"{"additionalProperties":false,"properties":{"a":true}}"#),
            (r#"{"required":["b","a"],"type":"object"}"#, r#"{"required":["a"]}"#),
            (r#"{"not":{"const":1},"title":"x"}"#, r#"{"title":"y"}"#),
            (r#"{"items":{"type":"integer"}}"#, r#"{"items":{"type":"number"}}"#),
            (r##"{"$ref":"#/$defs/a","$defs":{"a":true}}"##, r##"{"$ref":"#/$defs/a","$defs":{"a":true}}"##),
        ];
        for (narrow, wide) in cases {
            assert!(check(narrow, wide), "{narrow} {wide}");
        }
    }

    #[test]
    fn what_admits_more_or_cannot_be_compared_is_not() {
        let cases = [
            (r#"{"type":"number"}"#, r#"{"type":"integer"}"#),
            (r#"{}"#, r#"{"type":"integer"}"#),
            (r#"{"minimum":1}"#, r#"{"minimum":2}"#),
            (r#"{"exclusiveMinimum":2}"#, r#"{"minimum":2}"#),
            (r#"{"enum":["a","c"]}"#, r#"{"enum":["a","b"]}"#),
            (r#"{"properties":{}}"#, r#"{"properties":{"a":{"type":"string"}}}"#),
            (r#"{"properties":{"b":true},"additionalProperties":false}"#, r#"{"additionalProperties":false}"#),
            (r#"{"patternProperties":{"a":true},"additionalProperties":false}"#, r#"{"additionalProperties":false}"#),
            (r#"{"contains":true,"minContains":0}"#, r#"{"contains":true}"#),
            (r#"{"prefixItems":[true],"items":false}"#, r#"{"items":false}"#),
            (r#"{"pattern":"a"}"#, r#"{"pattern":"b"}"#),
            (
                r##"{"$ref":"#/$defs/a","$defs":{"a":true},"minimum":1}"##,
                r##"{"$ref":"#/$defs/a","$defs":{"a":false}}"##,
            ),
            (r#"{"unevaluatedProperties":false,"properties":{"a":true}}"#, r#"{"unevaluatedProperties":false}"#),
        ];
        for (narrow, wide) in cases {
            assert!(!check(narrow, wide), "{narrow} {wide}");
        }
    }
}
