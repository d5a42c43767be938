//! A contract's object as columns to read (S9.4, S9.7).

use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use guard_decode::{JSON_OBJECT, JSON_TEXT, UNDECLARED, Undeclared};
use guard_engine::contract::{DecimalType, LogicalType, MOST_DIGITS, Property, SchemaObject, TypeOption, decimal_type};
use std::collections::HashMap;
use std::sync::Arc;

/// Key in the metadata of a text column whose texts are JSON objects of members that the contract does not declare.
pub const MEMBERS: &str = "guard_nb.undeclared";

/// The columns of JSON records: all that are declared, and one for what is not where that is kept.
pub fn json_schema(object: &SchemaObject, undeclared: Undeclared) -> SchemaRef {
    let mut fields: Vec<Field> =
        object.properties.iter().map(|property| field(property, json_name(property))).collect();
    if undeclared == Undeclared::Keep {
        // Declared columns keep their names.
        let free = |name: &String| fields.iter().all(|field| field.name() != name);
        let others = (2_usize..).map(|number| format!("{UNDECLARED}_{number}"));
        let name = std::iter::once(UNDECLARED.to_owned()).chain(others).find(free).unwrap_or_default();
        // Writers of JSON make members of it again.
        let marked = HashMap::from([(MEMBERS.to_owned(), "true".to_owned())]);
        fields.push(Field::new(name, DataType::Utf8, true).with_metadata(marked));
    }
    Arc::new(Schema::new(fields))
}

/// The columns of a CSV file whose header names these: the declared ones that are there, and the others as text where they are kept.
pub fn csv_schema(object: &SchemaObject, header: &[String], undeclared: Undeclared) -> SchemaRef {
    let has = |name: &str| header.iter().any(|known| known == name);
    let mut fields = Vec::new();
    for property in &object.properties {
        let physical = property.physical_name.as_deref().filter(|name| !has(&property.name) && has(name));
        let name = physical.unwrap_or(&property.name);
        if has(name) {
            fields.push(field(property, name));
        }
    }
    if undeclared == Undeclared::Keep {
        for name in header {
            if fields.iter().all(|field| field.name() != name) {
                fields.push(Field::new(name, DataType::Utf8, true));
            }
        }
    }
    Arc::new(Schema::new(fields))
}

/// What becomes of undeclared members, by the object's customProperty `undeclaredColumns` (S3.4).
pub fn undeclared(object: &SchemaObject) -> Undeclared {
    let entry = object.custom.iter().find(|entry| entry.property == "undeclaredColumns");
    match entry.and_then(|entry| entry.value.as_str()) {
        Some("drop") => Undeclared::Drop,
        Some("deny" | "quarantine") => Undeclared::Refuse,
        _ => Undeclared::Keep,
    }
}

/// JSON members bear the physical name where there is one.
fn json_name(property: &Property) -> &str {
    property.physical_name.as_deref().unwrap_or(&property.name)
}

fn field(property: &Property, name: &str) -> Field {
    match data_type(property) {
        Some(data_type) => Field::new(name, data_type, true),
        None => {
            let logical = property.logical_type.as_ref().map(|logical| logical.value);
            let object = matches!(logical, Some(LogicalType::Object | LogicalType::Map));
            untyped(name, if object { JSON_OBJECT } else { "true" })
        }
    }
}

fn untyped(name: &str, kind: &str) -> Field {
    Field::new(name, DataType::Utf8, true).with_metadata(HashMap::from([(JSON_TEXT.to_owned(), kind.to_owned())]))
}

fn data_type(property: &Property) -> Option<DataType> {
    let Some(logical) = &property.logical_type else { return property.physical_type.as_deref().and_then(physical) };
    Some(match logical.value {
        LogicalType::String => DataType::Utf8,
        LogicalType::Integer => integer(property),
        LogicalType::Number => property.physical_type.as_deref().and_then(decimal).unwrap_or(DataType::Float64),
        LogicalType::Boolean => DataType::Boolean,
        LogicalType::Date => DataType::Date32,
        LogicalType::Time => DataType::Time64(TimeUnit::Microsecond),
        LogicalType::Timestamp => timestamp(!property.options.iter().any(|it| it.value == TypeOption::Timezone(false))),
        LogicalType::Array => DataType::List(Arc::new(items(property))),
        LogicalType::Vector => DataType::List(Arc::new(Field::new("item", DataType::Float64, true))),
        LogicalType::Object if property.properties.is_empty() => return None,
        LogicalType::Object => {
            let fields = property.properties.iter().map(|inside| field(inside, json_name(inside)));
            DataType::Struct(fields.collect::<Fields>())
        }
        // Maps have keys that no column knows beforehand: they are kept as their bytes.
        LogicalType::Map => return None,
    })
}

fn items(property: &Property) -> Field {
    property.items.as_deref().map_or_else(|| untyped("item", "true"), |items| field(items, "item"))
}

fn timestamp(zoned: bool) -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, zoned.then(|| "UTC".into()))
}

fn integer(property: &Property) -> DataType {
    let format = property.options.iter().find_map(|option| match &option.value {
        TypeOption::Format(format) => Some(format.as_str()),
        _ => None,
    });
    match format {
        Some("i8") => DataType::Int8,
        Some("i16") => DataType::Int16,
        Some("i32") => DataType::Int32,
        Some("u8") => DataType::UInt8,
        Some("u16") => DataType::UInt16,
        Some("u32") => DataType::UInt32,
        Some("u64") => DataType::UInt64,
        Some("i128" | "u128") => DataType::Decimal128(MOST_DIGITS, 0),
        _ => match property.physical_type.as_deref().and_then(decimal) {
            Some(DataType::Decimal128(precision, 0)) => DataType::Decimal128(precision, 0),
            _ => DataType::Int64,
        },
    }
}

fn decimal(physical: &str) -> Option<DataType> {
    match decimal_type(physical) {
        DecimalType::Of(precision, scale) => Some(DataType::Decimal128(precision, scale.cast_signed())),
        _ => None,
    }
}

/// SQL's common type names, where the contract has no logical type.
fn physical(physical: &str) -> Option<DataType> {
    if let Some(found) = decimal(physical) {
        return Some(found);
    }
    let text = physical.to_ascii_lowercase();
    let name = text.split('(').next().unwrap_or_default().trim();
    Some(match name {
        "tinyint" | "smallint" | "int2" | "int" | "int4" | "integer" | "bigint" | "int8" | "long" => DataType::Int64,
        "real" | "float" | "float4" | "float8" | "double" | "double precision" => DataType::Float64,
        "boolean" | "bool" => DataType::Boolean,
        "date" => DataType::Date32,
        "time" => DataType::Time64(TimeUnit::Microsecond),
        "timestamptz" | "timestamp with time zone" => timestamp(true),
        "timestamp" | "datetime" | "timestamp without time zone" => timestamp(false),
        "varchar" | "char" | "character varying" | "text" | "string" | "nvarchar" => DataType::Utf8,
        _ => return None,
    })
}
