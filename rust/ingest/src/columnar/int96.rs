//! INT96, the old timestamps of Parquet: a day and nanoseconds in it, over more years than any Arrow timestamp has.
//!
//! They are read as microseconds, which hold all years that have a text (S9.5). What microseconds do not hold either would come out as another
//! instant: such values are found by reading the columns as seconds, which hold every INT96, and refuse the file.

use super::parquet::unread;
use crate::error::IngestError;
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampSecondType;
use arrow_array::{Array, make_array};
use arrow_schema::{DataType, FieldRef, Fields, Schema, SchemaRef, TimeUnit};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::Type;
use std::sync::Arc;

/// Seconds on either side of 1970 that fit microseconds, with room for an INT96 whose nanoseconds are more than a day's.
const MOST_SECONDS: i64 = 9_000_000_000_000;

/// A file with such columns.
pub(super) struct Old {
    /// As it is read.
    pub micros: ArrowReaderMetadata,
    /// The same as seconds.
    pub seconds: ArrowReaderMetadata,
    /// The top-level columns that have such values, by position.
    pub roots: Vec<usize>,
}

/// What an INT96 column is read as; none in files without any.
pub(super) fn old(name: &str, found: &ArrowReaderMetadata) -> Result<Option<Old>, IngestError> {
    let descriptor = found.parquet_schema();
    let is_old: Vec<bool> = descriptor.columns().iter().map(|leaf| leaf.physical_type() == Type::INT96).collect();
    let leaves = is_old.iter().enumerate().filter(|(_, old)| **old);
    let mut roots: Vec<usize> = leaves.map(|(leaf, _)| descriptor.get_column_root_idx(leaf)).collect();
    roots.dedup();
    if roots.is_empty() {
        return Ok(None);
    }
    let with = |unit| {
        let options = ArrowReaderOptions::new().with_schema(retyped(found.schema(), &is_old, unit));
        ArrowReaderMetadata::try_new(Arc::clone(found.metadata()), options)
            .map_err(|error| unread(name, "footer", &error))
    };
    Ok(Some(Old { micros: with(TimeUnit::Microsecond)?, seconds: with(TimeUnit::Second)?, roots }))
}

/// The schema with another unit in the leaves that are INT96; Arrow has its leaves in Parquet's order.
fn retyped(schema: &SchemaRef, is_old: &[bool], unit: TimeUnit) -> SchemaRef {
    let mut leaves = is_old.iter().copied();
    let fields = schema.fields().iter().map(|field| retyped_field(field, &mut leaves, unit)).collect::<Fields>();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

fn retyped_field(field: &FieldRef, leaves: &mut dyn Iterator<Item = bool>, unit: TimeUnit) -> FieldRef {
    let data_type = match field.data_type() {
        DataType::Struct(fields) => {
            DataType::Struct(fields.iter().map(|inner| retyped_field(inner, leaves, unit)).collect())
        }
        DataType::List(item) => DataType::List(retyped_field(item, leaves, unit)),
        DataType::LargeList(item) => DataType::LargeList(retyped_field(item, leaves, unit)),
        DataType::ListView(item) => DataType::ListView(retyped_field(item, leaves, unit)),
        DataType::LargeListView(item) => DataType::LargeListView(retyped_field(item, leaves, unit)),
        DataType::FixedSizeList(item, len) => DataType::FixedSizeList(retyped_field(item, leaves, unit), *len),
        DataType::Map(entries, sorted) => DataType::Map(retyped_field(entries, leaves, unit), *sorted),
        leaf => match (leaves.next(), leaf) {
            (Some(true), DataType::Timestamp(_, zone)) => DataType::Timestamp(unit, zone.clone()),
            _ => leaf.clone(),
        },
    };
    Arc::new(field.as_ref().clone().with_data_type(data_type))
}

/// Do microseconds hold all of these seconds?
pub(super) fn fits(array: &dyn Array) -> bool {
    if let Some(seconds) = array.as_primitive_opt::<TimestampSecondType>() {
        return seconds.iter().flatten().all(|value| (-MOST_SECONDS..=MOST_SECONDS).contains(&value));
    }
    array.to_data().child_data().iter().all(|child| fits(&make_array(child.clone())))
}
