//! Finding the columns that a contract names.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, make_array};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Schema};
use std::collections::HashMap;

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

/// The columns of a schema by name; wide contracts look up each of theirs several times.
pub struct Columns<'s> {
    by_name: HashMap<&'s str, (usize, bool)>,
}

impl<'s> Columns<'s> {
    /// Reads the names once.
    pub fn new(schema: &'s Schema) -> Self {
        let mut by_name = HashMap::with_capacity(schema.fields().len());
        for (position, field) in schema.fields().iter().enumerate() {
            by_name.entry(field.name().as_str()).and_modify(|(_, twice)| *twice = true).or_insert((position, false));
        }
        Self { by_name }
    }

    /// Looks for a column by its physical name, else its name (S3.3).
    pub fn find(&self, name: &str, physical: Option<&str>) -> Found {
        match (self.positions(name), physical.map(|physical| self.positions(physical))) {
            (Found::Missing, Some(found)) => found,
            (found, _) => found,
        }
    }

    fn positions(&self, name: &str) -> Found {
        match self.by_name.get(name) {
            None => Found::Missing,
            Some((position, false)) => Found::At(*position),
            Some((_, true)) => Found::Ambiguous,
        }
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
