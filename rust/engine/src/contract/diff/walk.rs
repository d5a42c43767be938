//! Walks two documents side by side.

use super::classify::{self, Judgement};
use super::{Change, Impact};
use crate::contract::findings::quote;
use crate::contract::reader::joined;
use serde_json::Value;
use std::collections::BTreeMap;

/// Lists outside of `schema` whose changes mean something.
const JUDGED: [&str; 2] = ["slaProperties", "servers"];
/// Longest value that is shown, in bytes.
const MAX_SHOWN: usize = 200;

/// The differences between two documents.
pub(super) fn document(old: &Value, new: &Value) -> Vec<Change> {
    let mut walk = Walk { changes: Vec::new() };
    walk.value(Place { path: String::new(), key: "", list: "", owner: "", in_schema: false }, Some(old), Some(new));
    walk.changes
}

/// Where two values stand.
#[derive(Debug, Clone)]
struct Place {
    path: String,
    /// Key that the values stand under.
    key: &'static str,
    /// Key of the list whose element they are; empty if they are none.
    list: &'static str,
    /// Key of the list whose element holds the values.
    owner: &'static str,
    /// Whether this is inside `schema`.
    in_schema: bool,
}

struct Walk {
    changes: Vec<Change>,
}

impl Walk {
    fn value(&mut self, place: Place, old: Option<&Value>, new: Option<&Value>) {
        if old == new {
            return;
        }
        let element = !place.list.is_empty();
        match (old, new) {
            (Some(Value::Object(a)), Some(Value::Object(b))) if classify::is_open(place.key, place.list) => {
                let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
                keys.sort_unstable();
                keys.dedup();
                for key in keys {
                    if key == "physicalType" && place.list != "schema" && place.in_schema {
                        self.physical(&place, old, new);
                        continue;
                    }
                    self.member(&place, key, a.get(key), b.get(key));
                }
            }
            (_, _) if !element && classify::is_keyed(place.key, old, new) => {
                self.keyed(&place, old, new);
            }
            // Options that come or go are judged one by one.
            (_, _) if place.key == "logicalTypeOptions" && (is_map(old) || is_map(new)) => {
                let empty = Value::Object(serde_json::Map::new());
                self.value(place, Some(old.unwrap_or(&empty)), Some(new.unwrap_or(&empty)));
            }
            _ => self.change(&place, old, new),
        }
    }

    /// What the type in a database decides depends on the logical type beside it.
    fn physical(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
        let (Some(a), Some(b)) = (old, new) else { return };
        let at = |property: &'_ Value| property.get("physicalType").cloned();
        let (old, new) = (at(a), at(b));
        if old != new {
            let path = joined(&place.path, "physicalType");
            let below = Place { path, key: "physicalType", list: "", owner: place.list, in_schema: true };
            self.judged(&below, classify::physical(a, b), (old.as_ref(), new.as_ref()));
        }
    }

    fn member(&mut self, place: &Place, key: &str, old: Option<&Value>, new: Option<&Value>) {
        let path = joined(&place.path, key);
        let key = classify::known_key(key);
        let in_schema = place.in_schema || (place.path.is_empty() && key == "schema");
        let owner = if place.list.is_empty() { place.owner } else { place.list };
        self.value(Place { path, key, list: "", owner, in_schema }, old, new);
    }

    /// Lists whose elements have names: the order does not count.
    fn keyed(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
        let (old, new) = unequal(old, new);
        let old = elements(place.key, &old);
        let new = elements(place.key, &new);
        let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let path = format!("{}[{}]", place.path, joined("", name));
            let below = Place { path, key: "", list: place.key, owner: place.owner, in_schema: place.in_schema };
            self.value(below, old.get(name).copied(), new.get(name).copied());
        }
    }

    fn change(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
        let judgement = if place.in_schema || [place.list, place.owner].iter().any(|list| JUDGED.contains(list)) {
            classify::judge(place.key, place.list, place.owner, old, new)
        } else {
            Judgement::neutral("changed")
        };
        self.judged(place, judgement, (old, new));
    }

    fn judged(&mut self, place: &Place, judgement: Judgement, (old, new): (Option<&Value>, Option<&Value>)) {
        let Judgement { kind, producer, consumer } = judgement;
        let verb = match (old, new) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        };
        let kind = if kind.ends_with("changed") { kind.replace("changed", verb) } else { kind };
        let (old, new) = (shown(old), shown(new));
        let message = match (&old, &new) {
            (Some(old), Some(new)) => format!("{} is now {}, was {}", quote(&place.path), quote(new), quote(old)),
            _ => format!("{} was {verb}", quote(&place.path)),
        };
        self.changes.push(Change { path: place.path.clone(), kind, producer, consumer, message, old, new });
    }
}

fn is_map(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Object(_)))
}

/// The elements of two lists without those that stand in both.
fn unequal<'a>(old: Option<&'a Value>, new: Option<&'a Value>) -> (Vec<&'a Value>, Vec<&'a Value>) {
    let list = |value: Option<&'a Value>| {
        value.and_then(Value::as_array).map(|list| list.iter().collect()).unwrap_or_default()
    };
    let (mut old, mut new): (Vec<&Value>, Vec<&Value>) = (list(old), list(new));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for item in &old {
        *counts.entry(item.to_string()).or_default() += 1;
    }
    let mut shared: BTreeMap<String, usize> = BTreeMap::new();
    new.retain(|item| {
        let text = item.to_string();
        let left = counts.get_mut(&text).filter(|count| **count > 0);
        let common = left.is_some();
        if let Some(count) = left {
            *count -= 1;
            *shared.entry(text).or_default() += 1;
        }
        !common
    });
    old.retain(|item| match shared.get_mut(&item.to_string()).filter(|count| **count > 0) {
        Some(count) => {
            *count -= 1;
            false
        }
        None => true,
    });
    (old, new)
}

/// The elements of a list by name; a second one of a name gets `#2`.
fn elements<'a>(key: &str, list: &[&'a Value]) -> BTreeMap<String, &'a Value> {
    let mut out = BTreeMap::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for item in list.iter().copied() {
        let name = classify::name_of(key, item);
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        let name = if *count == 1 { name } else { format!("{name}#{count}") };
        out.insert(name, item);
    }
    out
}

fn shown(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::String(text) => text.clone(),
        Value::Object(map) => match map.get("$decimal") {
            Some(Value::String(digits)) if map.len() == 1 => digits.clone(),
            _ => return None,
        },
        other => guard_verdict::canonical_json(other).ok()?,
    };
    (text.len() <= MAX_SHOWN).then_some(text)
}

impl Judgement {
    /// A change that asks nothing of either side.
    pub fn neutral(kind: &str) -> Judgement {
        Judgement { kind: kind.to_owned(), producer: Impact::Neutral, consumer: Impact::Neutral }
    }
}
