//! The columns of a batch.

use super::bits::Nulls;
use super::{Column, nullable};
use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Schema, SchemaRef};
use std::sync::Arc;

/// Values of a batch, at most, of a chunk that is not long.
const VALUES: usize = 1 << 21;

/// Values after which a batch of so many bytes takes no more rows. Rows of few bytes and many columns could otherwise take any memory; rows that have
/// their values written out are never so many.
pub(crate) fn most_values(bytes: usize) -> usize {
    VALUES.max(bytes.saturating_mul(2))
}

/// Values of a row of this type, at least 1.
pub(crate) fn width(data_type: &DataType) -> usize {
    match data_type {
        DataType::Struct(fields) => 1 + fields.iter().map(|field| width(field.data_type())).sum::<usize>(),
        DataType::List(item) => 1 + width(item.data_type()),
        _ => 1,
    }
}

/// The columns of a batch under construction, in the order of the schema.
#[derive(Debug)]
pub struct Columns {
    schema: SchemaRef,
    columns: Vec<Column>,
    /// The rows that are NULL in every column: noted once, whatever the columns hold there.
    void: Nulls,
}

impl Columns {
    /// The schema that batches have: that of the layout with NULL allowed everywhere.
    pub fn schema(schema: &Schema) -> SchemaRef {
        let fields: Vec<_> = schema.fields().iter().map(|field| Arc::new(nullable(field))).collect();
        Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
    }

    /// Values of a row of the schema, those inside of structs too; at least 1.
    pub(crate) fn width(schema: &Schema) -> usize {
        schema.fields().iter().map(|field| width(field.data_type())).sum::<usize>().max(1)
    }

    /// Empty columns with room for `rows` values, of a schema that is from [`Self::schema`].
    pub fn new(schema: &SchemaRef, rows: usize) -> Self {
        let columns = schema.fields().iter().map(|field| Column::new(field, rows)).collect();
        Self { schema: schema.clone(), columns, void: Nulls::default() }
    }

    /// The columns.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [Column] {
        &mut self.columns
    }

    /// Pushes NULL into each column that has no value of row `row`.
    pub fn fill(&mut self, row: usize) {
        self.columns.iter_mut().filter(|column| column.len() <= row).for_each(Column::push_null);
    }

    /// Makes row `row`, the last one, NULL in every column, however much of it was pushed. Rows are made so in ascending order.
    pub fn nullify(&mut self, row: usize) {
        self.void.push(row, 1);
        self.columns.iter_mut().for_each(|column| column.void(row));
    }

    /// The batch of the first `rows` rows; a column that is shorter ends with NULLs.
    pub fn finish(self, rows: usize) -> RecordBatch {
        let void = self.void.finish(rows);
        let arrays = self.columns.into_iter().map(|column| column.finish_with(rows, void.as_ref())).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)
            .unwrap_or_else(|_| RecordBatch::new_empty(self.schema))
    }
}
