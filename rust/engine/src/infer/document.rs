//! The draft as YAML.

use super::profile::{Profile, Shape};
use super::propose::{Proposal, propose};
use super::yaml::{Page, count, quoted, scalar};
use super::{Column, Inference, names};
use serde_json::Value;

/// Records needed before a column without duplicates counts as a key although its name does not say so.
const ENOUGH: u64 = 20;
/// Longest text that a key may have.
const KEY_LENGTH: u64 = 64;
/// Longest line with a rule on it.
const WIDTH: usize = 110;

/// What is proposed about a column as a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    /// Nothing.
    No,
    /// Without duplicates among too few records to say so.
    Maybe,
    /// Without duplicates.
    Unique,
    /// The key that records are found by.
    Primary,
}

/// The whole document.
pub fn write(seen: Inference, name: &str, id: &str) -> String {
    let mut page = Page::default();
    header(&mut page, &seen);
    page.line(0, "apiVersion: v3.1.0", &[]);
    page.line(0, "kind: DataContract", &[]);
    page.line(0, &format!("id: {}", scalar(id)), &[]);
    page.line(0, &format!("name: {}", scalar(name)), &[]);
    page.line(0, "version: 0.1.0", &[]);
    page.line(0, "status: draft", &[]);
    page.line(0, "", &[]);
    page.line(0, "schema:", &[]);
    let keys = keys(&seen);
    let keyless = seen.records > 1 && keys.iter().all(|key| *key == Key::No);
    let no_key = keyless.then(|| "no integer or text column alone is a key".to_owned());
    page.line(2, &format!("- name: {}", scalar(name)), no_key.as_slice());
    custom(&mut page, 4, &seen.origin.custom);
    if seen.columns.is_empty() {
        page.line(4, "properties: []", &["the frame has no columns".to_owned()]);
    } else {
        page.line(4, "properties:", &[]);
    }
    for (column, key) in seen.columns.iter().zip(keys) {
        property(&mut page, 6, &column.name, &column.profile, key);
    }
    page.text
}

/// customProperties, one a line.
fn custom(page: &mut Page, indent: usize, entries: &[(&str, Value)]) {
    if entries.is_empty() {
        return;
    }
    page.line(indent, "customProperties:", &[]);
    for (name, value) in entries {
        let value = match value {
            Value::String(text) => quoted(text),
            Value::Array(texts) => {
                let texts: Vec<_> = texts.iter().filter_map(Value::as_str).map(quoted).collect();
                format!("[{}]", texts.join(", "))
            }
            other => other.to_string(),
        };
        page.line(indent + 2, &format!("- {{property: {name}, value: {value}}}"), &[]);
    }
}

fn header(page: &mut Page, seen: &Inference) {
    let records = seen.records;
    let from = match records {
        0 => "no records: only names and types are known".to_owned(),
        more if seen.origin.part => format!("the first {} records; there are more", count(more)),
        1 => "1 record".to_owned(),
        more => format!("{} records", count(more)),
    };
    page.line(0, &format!("# Drafted by guard_nb from {from}."), &[]);
    for note in &seen.origin.notes {
        page.line(0, &format!("# {note}"), &[]);
    }
    if records > 0 {
        page.line(
            0,
            "# Every clause holds on all of them. The comments are the evidence, and what was left for you to decide:",
            &[],
        );
        page.line(0, "# keep a clause if it is meant, remove it if it is chance.", &[]);
    }
    page.line(0, "", &[]);
}

fn keys(seen: &Inference) -> Vec<Key> {
    let key = |column: &Column| match (&column.profile.shape, column.key.is_key(seen.threads)) {
        (_, false) => Key::No,
        (Shape::Text(texts), _) if texts.lengths.ends().is_some_and(|(_, high)| high > KEY_LENGTH) => Key::Maybe,
        _ if seen.records >= ENOUGH || (seen.records > 1 && names::is_key(&column.name)) => Key::Unique,
        _ => Key::Maybe,
    };
    let mut keys: Vec<Key> = seen.columns.iter().map(key).collect();
    let unique = || keys.iter().zip(&seen.columns).enumerate().filter(|(_, (key, _))| **key == Key::Unique);
    let named = unique().find(|(_, (_, column))| names::is_key(&column.name)).map(|(position, _)| position);
    let only = unique().next().map(|(position, _)| position).filter(|_| unique().count() == 1);
    if let Some(primary) = named.or(only).and_then(|position| keys.get_mut(position)) {
        *primary = Key::Primary;
    }
    keys
}

fn property(page: &mut Page, indent: usize, name: &str, profile: &Profile, key: Key) {
    let mut draft = propose(name, profile);
    if key == Key::Maybe && profile.values > 1 {
        draft.notes.push(format!("all {} differ", count(profile.values)));
    }
    let notes = if draft.logical.is_none() { std::mem::take(&mut draft.notes) } else { Vec::new() };
    page.line(indent, &format!("- name: {}", scalar(name)), &notes);
    body(page, indent + 2, &draft, profile, key);
}

/// The keys of a property, or of the items of a list.
fn body(page: &mut Page, indent: usize, draft: &Proposal, profile: &Profile, key: Key) {
    let mut notes = draft.notes.as_slice();
    if let Some(logical) = draft.logical {
        page.line(indent, &format!("logicalType: {logical}"), notes);
        notes = &[];
    }
    if draft.required {
        page.line(indent, "required: true", notes);
    }
    if matches!(key, Key::Unique | Key::Primary) {
        page.line(indent, "unique: true", &[format!("all {} differ", count(profile.values))]);
    }
    if key == Key::Primary {
        page.line(indent, "primaryKey: true", &[]);
    }
    if !draft.options.is_empty() {
        let options: Vec<_> = draft.options.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        page.line(indent, &format!("logicalTypeOptions: {{{}}}", options.join(", ")), &draft.options_notes);
    }
    valid_values(page, indent, draft);
    if !draft.non_finite.is_empty() {
        page.line(indent, "customProperties: [{property: allowNonFinite, value: true}]", &draft.non_finite);
    }
    match &profile.shape {
        Shape::Struct(fields) if draft.describes_nested => {
            page.line(indent, "properties:", &[]);
            fields.iter().for_each(|(name, field)| property(page, indent + 2, name, field, Key::No));
        }
        Shape::List(_, items) if draft.describes_nested => {
            page.line(indent, "items:", &[]);
            body(page, indent + 2, &propose("", items), items, Key::No);
        }
        _ => {}
    }
}

fn valid_values(page: &mut Page, indent: usize, draft: &Proposal) {
    if draft.valid.is_empty() {
        return;
    }
    let values = draft.valid.join(", ");
    let line = format!("quality: [{{metric: invalidValues, arguments: {{validValues: [{values}]}}, mustBe: 0}}]");
    if indent + line.chars().count() <= WIDTH {
        return page.line(indent, &line, &draft.valid_notes);
    }
    page.line(indent, "quality:", &[]);
    page.line(indent + 2, "- metric: invalidValues", &draft.valid_notes);
    page.line(indent + 4, "mustBe: 0", &[]);
    page.line(indent + 4, "arguments:", &[]);
    page.line(indent + 6, &format!("validValues: [{values}]"), &[]);
}
