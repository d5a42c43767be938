//! The Arrow schema that a contract's object describes, for transforms compiled before any frame is seen.

use crate::contract::{LogicalType, Property, SchemaObject, TypeOption};
use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};
use std::sync::Arc;

/// The schema: `integer` is int64, `number` float64 unless `physicalType` says DECIMAL(p, s), `timestamp` is in microseconds and local
/// unless its `timezone` option is true. Properties without a logical type are text.
pub fn schema_of(object: &SchemaObject) -> Schema {
    Schema::new(object.properties.iter().map(field).collect::<Vec<_>>())
}

fn field(property: &Property) -> Field {
    Field::new(&property.name, data_type(property), true)
}

fn data_type(property: &Property) -> DataType {
    let Some(logical) = &property.logical_type else { return DataType::Utf8View };
    match logical.value {
        LogicalType::String => DataType::Utf8View,
        LogicalType::Integer => DataType::Int64,
        LogicalType::Number => decimal(property).unwrap_or(DataType::Float64),
        LogicalType::Boolean => DataType::Boolean,
        LogicalType::Date => DataType::Date32,
        LogicalType::Time => DataType::Time64(TimeUnit::Nanosecond),
        LogicalType::Timestamp => {
            let zoned = property.options.iter().any(|option| option.value == TypeOption::Timezone(true));
            DataType::Timestamp(TimeUnit::Microsecond, zoned.then(|| Arc::from("UTC")))
        }
        LogicalType::Array | LogicalType::Vector => {
            let item = property.items.as_ref().map_or(DataType::Utf8View, |items| data_type(items));
            DataType::LargeList(Arc::new(Field::new("item", item, true)))
        }
        LogicalType::Object | LogicalType::Map => {
            DataType::Struct(property.properties.iter().map(field).collect::<Fields>())
        }
    }
}

/// `DECIMAL(p, s)` or `NUMERIC(p, s)` as physical type.
fn decimal(property: &Property) -> Option<DataType> {
    let written = property.physical_type.as_deref()?.trim().to_ascii_lowercase();
    let rest = written.strip_prefix("decimal").or_else(|| written.strip_prefix("numeric"))?;
    let (precision, scale) = rest.trim().strip_prefix('(')?.strip_suffix(')')?.split_once(',')?;
    let (precision, scale) = (precision.trim().parse::<u8>().ok()?, scale.trim().parse::<i8>().ok()?);
    let fits = (1..=38).contains(&precision) && (0..=precision.cast_signed()).contains(&scale);
    fits.then_some(DataType::Decimal128(precision, scale))
}
