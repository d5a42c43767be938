//! Entries of `properties`, `items` and the two sides of a map.

use super::super::findings::quote;
use super::super::keys;
use super::super::reader::{At, Reader};
use super::super::tree::Kind;
use super::super::{LogicalType, Property, Scalar, Spanned, lint};
use super::{options, quality, relationship, small, word};
use guard_verdict::Level;
use guard_verdict::codes::contract as codes;

const TYPES: &[(&str, LogicalType)] = &[
    ("string", LogicalType::String),
    ("integer", LogicalType::Integer),
    ("number", LogicalType::Number),
    ("boolean", LogicalType::Boolean),
    ("date", LogicalType::Date),
    ("timestamp", LogicalType::Timestamp),
    ("time", LogicalType::Time),
    ("array", LogicalType::Array),
    ("object", LogicalType::Object),
    ("map", LogicalType::Map),
    ("vector", LogicalType::Vector),
];

/// Reads the `properties` of an object or property. `prefix` is the dotted path of the parent with its dot.
pub(super) fn list(at: &At<'_>, object: &str, prefix: &str, reader: &mut Reader) -> Vec<Property> {
    let items = at.items("properties");
    reader.distinct(&items, "name");
    reader.distinct(&items, "id");
    let mut out = Vec::new();
    for item in &items {
        let path = format!("{prefix}{}", item.text("name").unwrap_or_default());
        let Some(property) = read(item, object, &path, reader) else {
            continue;
        };
        reader.require(item, "name", Level::Error);
        out.push(property);
    }
    out
}

/// Reads one property of `object`. `column` is its dotted path.
fn read(at: &At<'_>, object: &str, column: &str, reader: &mut Reader) -> Option<Property> {
    if !reader.mapping(at, keys::PROPERTY) {
        return None;
    }
    let logical_type = logical_type(at, reader);
    lint::physical(at, logical_type.as_ref().map(|found| found.value), reader);
    lint::members(at, column, logical_type.as_ref().map(|found| found.value), reader);
    Some(Property {
        id: at.text("id"),
        name: at.text("name").unwrap_or_default(),
        physical_name: at.text("physicalName"),
        physical_type: at.text("physicalType"),
        options: options::read(at, logical_type.as_ref().map(|found| found.value), reader),
        required: at.flag("required"),
        unique: at.flag("unique"),
        primary_key: at.flag("primaryKey"),
        primary_key_position: position(at),
        classification: at.text("classification"),
        enum_values: enum_values(at, reader),
        properties: list(at, object, &format!("{column}."), reader),
        items: at.get("items").and_then(|items| read(&items, object, &format!("{column}[]"), reader)).map(Box::new),
        map: map(at, object, column, reader),
        quality: quality::list(at, quality::Level::Property, reader),
        relationships: relationship::of_property(at, column, reader),
        custom: small::custom(at, reader),
        span: at.node.span,
        logical_type,
    })
}

fn logical_type(at: &At<'_>, reader: &mut Reader) -> Option<Spanned<LogicalType>> {
    let written = at.text("logicalType")?;
    let names: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
    if !word(reader, at, "logicalType", &written, &names, Level::Error) {
        return None;
    }
    let value = TYPES.iter().find(|(name, _)| *name == written).map(|(_, value)| *value)?;
    if matches!(value, LogicalType::Map | LogicalType::Vector) && reader.minor < 2 {
        let message = format!("the logical type {} belongs to version 3.2 of the standard", quote(&written));
        reader.report_key(codes::KEY_NEWER, Level::Info, at, "logicalType", message);
    }
    Some(Spanned { value, span: at.span_of("logicalType") })
}

/// The position; -1, the standard's default, counts as unwritten.
fn position(at: &At<'_>) -> Option<u32> {
    match at.scalar("primaryKeyPosition")?.value {
        Scalar::Number(digits) => super::super::number::to_u64(&digits).and_then(|number| u32::try_from(number).ok()),
        _ => None,
    }
}

/// `enum`: mappings with a `value`, or plain scalars.
fn enum_values(at: &At<'_>, reader: &mut Reader) -> Option<Spanned<Vec<Scalar>>> {
    let list = at.get("enum").filter(|list| matches!(list.node.kind, Kind::List(_)))?;
    let mut value = Vec::new();
    for item in at.items("enum") {
        if let Some(scalar) = item.node.scalar() {
            value.push(scalar);
        } else if reader.mapping(&item, keys::ENUM_VALUE) {
            match item.node.get("value") {
                Some(node) => value.extend(node.scalar()),
                None => drop(reader.require(&item, "value", Level::Error)),
            }
        }
    }
    Some(Spanned { value, span: list.node.span })
}

fn map(at: &At<'_>, object: &str, column: &str, reader: &mut Reader) -> Option<Box<(Property, Property)>> {
    let is_map = at.text("logicalType").as_deref() == Some("map");
    let Some(map) = at.get("map") else {
        if is_map {
            reader.require(at, "map", Level::Error);
        }
        return None;
    };
    if !matches!(map.node.kind, Kind::Map(_)) {
        return None;
    }
    reader.mapping(&map, keys::MAP);
    for key in ["key", "value"] {
        reader.require(&map, key, Level::Error);
    }
    let key = read(&map.get("key")?, object, &format!("{column}.key"), reader)?;
    let value = read(&map.get("value")?, object, &format!("{column}.value"), reader)?;
    Some(Box::new((key, value)))
}
