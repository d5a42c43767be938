//! Finding the columns that a contract names.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, make_array};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Schema};

/// A top-level column, or a field of structs below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnPath {
    /// Position in the frame, then positions of struct fields.
    pub steps: Vec<usize>,
    /// The path people read.
    pub name: String,
    /// Type at the end of the path.
    pub data_type: DataType,
}

/// How a name stands to a frame.
pub enum Found {
    /// Once, at this position.
    At(usize),
    /// Not at all.
    Missing,
    /// More than once.
    Ambiguous,
}

/// Looks for a column by its physical name, else its name (S3.3).
pub fn find(schema: &Schema, name: &str, physical: Option<&str>) -> Found {
    match (positions(schema, name), physical.map(|physical| positions(schema, physical))) {
        (Found::Missing, Some(found)) => found,
        (found, _) => found,
    }
}

fn positions(schema: &Schema, name: &str) -> Found {
    let mut found = schema.fields().iter().enumerate().filter(|(_, field)| field.name() == name);
    match (found.next(), found.next()) {
        (None, _) => Found::Missing,
        (Some((position, _)), None) => Found::At(position),
        _ => Found::Ambiguous,
    }
}

impl ColumnPath {
    /// The values of this column, NULL where any struct on the way is NULL. None if the batch has another shape.
    pub fn resolve(&self, batch: &RecordBatch) -> Option<ArrayRef> {
        let (first, fields) = self.steps.split_first()?;
        let mut array = batch.columns().get(*first)?.clone();
        for field in fields {
            let parent = array.as_struct_opt()?;
            let child = parent.columns().get(*field)?.clone();
            array = with_nulls(child, parent.nulls());
        }
        Some(array)
    }
}

fn with_nulls(child: ArrayRef, parent: Option<&NullBuffer>) -> ArrayRef {
    let Some(parent) = parent.filter(|nulls| nulls.null_count() > 0) else {
        return child;
    };
    if child.data_type().is_null() {
        return child;
    }
    let nulls = NullBuffer::union(Some(parent), child.nulls());
    match child.to_data().into_builder().nulls(nulls).build() {
        Ok(data) => make_array(data),
        // Layouts without a validity bitmap (unions, run ends) keep their own; keys of such types are refused anyway.
        Err(_) => child,
    }
}
