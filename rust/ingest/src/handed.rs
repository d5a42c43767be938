//! Batches as frame libraries read them.

use crate::error::IngestError;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Field, FieldRef, Schema, TimeUnit};
use guard_decode::column::with_views;
use std::sync::Arc;

/// The batch for a frame library: texts as views, decimals of at least 128 bits, and seconds as milliseconds. polars takes narrower decimals for wide ones, and
/// lets seconds wrap around.
///
/// # Errors
/// `frame-unreadable` for a timestamp that milliseconds do not hold.
pub fn for_frames(batch: Option<RecordBatch>) -> Result<Option<RecordBatch>, IngestError> {
    batch.map(|batch| widened(batch).map(|batch| with_views(&batch))).transpose()
}

fn widened(batch: RecordBatch) -> Result<RecordBatch, IngestError> {
    let given = batch.schema();
    let wanted: Vec<Option<DataType>> = given.fields().iter().map(|field| wide(field.data_type())).collect();
    if wanted.iter().all(Option::is_none) {
        return Ok(batch);
    }
    let (mut fields, mut columns) = (Vec::<FieldRef>::new(), Vec::<ArrayRef>::new());
    for ((field, column), wanted) in given.fields().iter().zip(batch.columns()).zip(wanted) {
        let Some(wanted) = wanted else {
            fields.push(Arc::clone(field));
            columns.push(Arc::clone(column));
            continue;
        };
        let options = CastOptions { safe: false, ..CastOptions::default() };
        let cast = cast_with_options(column, &wanted, &options).map_err(|_| beyond(field))?;
        fields.push(Arc::new(field.as_ref().clone().with_data_type(wanted)));
        columns.push(cast);
    }
    let schema = Arc::new(Schema::new_with_metadata(fields, given.metadata().clone()));
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema, columns, &options)
        .map_err(|why| IngestError::new("internal-error", why.to_string()))
}

fn beyond(field: &Field) -> IngestError {
    let message = format!("column `{}` has timestamps that no frame of milliseconds holds", field.name());
    IngestError::new("frame-unreadable", message)
        .help("cast the column where the file is written; `verdict` needs no frame")
}

/// The type in place of one that polars does not read as it is.
fn wide(data_type: &DataType) -> Option<DataType> {
    let inside = |field: &FieldRef| {
        wide(field.data_type()).map(|wanted| Arc::new(field.as_ref().clone().with_data_type(wanted)))
    };
    Some(match data_type {
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
            DataType::Decimal128(*precision, *scale)
        }
        DataType::Timestamp(TimeUnit::Second, zone) => DataType::Timestamp(TimeUnit::Millisecond, zone.clone()),
        DataType::List(item) => DataType::List(inside(item)?),
        DataType::LargeList(item) => DataType::LargeList(inside(item)?),
        DataType::FixedSizeList(item, size) => DataType::FixedSizeList(inside(item)?, *size),
        DataType::Map(entries, sorted) => DataType::Map(inside(entries)?, *sorted),
        // The values in the place of the keys: polars knows dictionaries of texts.
        DataType::Dictionary(_, values) => wide(values)?,
        DataType::Struct(fields) => {
            let wanted: Vec<Option<FieldRef>> = fields.iter().map(inside).collect();
            if wanted.iter().all(Option::is_none) {
                return None;
            }
            let kept = fields.iter().zip(wanted).map(|(field, wanted)| wanted.unwrap_or_else(|| Arc::clone(field)));
            DataType::Struct(kept.collect())
        }
        _ => return None,
    })
}
