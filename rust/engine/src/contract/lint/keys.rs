//! Primary keys and enums, once the whole contract is read.

use super::super::findings::quote;
use super::super::reader::Reader;
use super::super::{Contract, LogicalType, Property, Scalar};
use guard_verdict::Level;
use guard_verdict::codes::contract as codes;

/// Lints what needs more than one element.
pub(crate) fn contract(contract: &Contract, reader: &mut Reader) {
    for (i, object) in contract.objects.iter().enumerate() {
        let path = format!("schema[{i}]");
        positions(&object.properties, &path, reader);
        properties(&object.properties, &path, reader);
    }
}

fn properties(list: &[Property], path: &str, reader: &mut Reader) {
    for (i, property) in list.iter().enumerate() {
        one(property, &format!("{path}.properties[{i}]"), reader);
    }
}

fn one(property: &Property, path: &str, reader: &mut Reader) {
    enumeration(property, path, reader);
    properties(&property.properties, path, reader);
    if let Some(items) = &property.items {
        one(items, &format!("{path}.items"), reader);
    }
    if let Some(map) = &property.map {
        one(&map.0, &format!("{path}.map.key"), reader);
        one(&map.1, &format!("{path}.map.value"), reader);
    }
}

/// The positions of a primary key must be 1, 2, 3 … if any is written.
fn positions(list: &[Property], path: &str, reader: &mut Reader) {
    let in_key = |property: &&Property| property.primary_key.as_ref().is_some_and(|flag| flag.value);
    let mut positions: Vec<u32> =
        list.iter().filter(in_key).filter_map(|property| property.primary_key_position).collect();
    positions.sort_unstable();
    let expected = (1..).take(positions.len());
    let complete = positions.len() == list.iter().filter(in_key).count();
    if positions.is_empty() || (complete && positions.iter().copied().eq(expected)) {
        return;
    }
    let span = list
        .iter()
        .filter(in_key)
        .find(|property| property.primary_key_position.is_some())
        .map(|property| property.span);
    let written: Vec<String> = positions.iter().map(u32::to_string).collect();
    let message = match complete {
        true => format!("the positions of the primary key are {}, not 1 to {}", written.join(", "), positions.len()),
        false => "some properties of the primary key have a position and others have none".to_owned(),
    };
    let place = (span.unwrap_or_default(), format!("{path}.properties"));
    reader.findings.add(codes::KEY_POSITION, Level::Warning, place, message, None);
}

fn enumeration(property: &Property, path: &str, reader: &mut Reader) {
    let Some(values) = &property.enum_values else {
        return;
    };
    let place = (values.span, format!("{path}.enum"));
    if values.value.is_empty() {
        reader.findings.add(codes::ENUM_EMPTY, Level::Error, place, "the enum lists no value".to_owned(), None);
        return;
    }
    let mut seen = std::collections::HashSet::new();
    for value in &values.value {
        if !seen.insert(format!("{value:?}")) {
            let message = format!("the enum lists {} twice", show(value));
            reader.findings.add(codes::ENUM_DUPLICATE, Level::Warning, place.clone(), message, None);
        }
        if property.logical_type.as_ref().is_some_and(|logical| !suits(logical.value, value)) {
            let message = format!("{} is not of the property's logical type", show(value));
            reader.findings.add(codes::ENUM_TYPE, Level::Warning, place.clone(), message, None);
        }
    }
}

fn show(value: &Scalar) -> String {
    match value {
        Scalar::Null => "`null`".to_owned(),
        Scalar::Bool(value) => format!("`{value}`"),
        Scalar::Number(text) | Scalar::Text(text) => quote(text),
    }
}

fn suits(logical: LogicalType, value: &Scalar) -> bool {
    match logical {
        LogicalType::String | LogicalType::Date | LogicalType::Timestamp | LogicalType::Time => {
            matches!(value, Scalar::Text(_))
        }
        LogicalType::Integer => {
            matches!(value, Scalar::Number(digits) if super::super::number::is_whole(digits))
        }
        LogicalType::Number => matches!(value, Scalar::Number(_)),
        LogicalType::Boolean => matches!(value, Scalar::Bool(_)),
        LogicalType::Array | LogicalType::Object | LogicalType::Map | LogicalType::Vector => false,
    }
}
