//! Frames in: anything with an Arrow PyCapsule.

use crate::errors::guard_error;
use arrow_array::{ArrayRef, NullArray, RecordBatch, RecordBatchOptions, RecordBatchReader};
use arrow_schema::{ArrowError, DataType, Schema, SchemaRef};
use guard_engine::plan::ReferenceFrame;
use guard_verdict::codes;
use pyo3::prelude::*;
use pyo3_arrow::input::AnyRecordBatch;
use std::sync::Arc;

/// Rows gathered before they are judged together.
const GATHER: usize = 1 << 20;

/// A frame's batches, read with the GIL released.
pub struct Frame {
    reader: Box<dyn RecordBatchReader + Send>,
    schema: SchemaRef,
    /// Whether the producer vouches for its values (polars); others are looked through before any kernel sees them.
    trusted: bool,
    /// Positions of columns that stand in for columns of type null.
    nulls: Vec<usize>,
}

impl Frame {
    pub fn read(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = object.py();
        let not_a_frame = |why: PyErr| {
            if why.is_instance_of::<pyo3::exceptions::PyKeyboardInterrupt>(py) {
                return why;
            }
            if ["__arrow_c_stream__", "__arrow_c_array__"].iter().any(|name| object.hasattr(*name).unwrap_or(false)) {
                let message = format!("the frame cannot be read: {why}");
                let error = guard_error(py, "FrameError", codes::usage::FRAME_UNREADABLE, &message);
                error.set_cause(py, Some(why));
                return error;
            }
            let kind = object.get_type().name().map_or_else(|_| "this".to_owned(), |name| name.to_string());
            let error = guard_error(py, "FrameError", codes::usage::NOT_A_FRAME, &format!("`{kind}` is not a frame"));
            error.set_cause(py, Some(why));
            error
        };
        let any: AnyRecordBatch = object.extract().map_err(not_a_frame)?;
        let reader = any.into_reader().map_err(|why| {
            let message = format!("the frame cannot be read: {why}");
            guard_error(py, "FrameError", codes::usage::FRAME_UNREADABLE, &message)
        })?;
        let nulls: Vec<usize> =
            object.getattr("guard_null_columns").and_then(|nulls| nulls.extract()).unwrap_or_default();
        let given = reader.schema();
        let fields = given.fields().iter().enumerate().map(|(position, field)| {
            if nulls.contains(&position) {
                Arc::new(field.as_ref().clone().with_data_type(DataType::Null).with_nullable(true))
            } else {
                Arc::clone(field)
            }
        });
        let schema = Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), given.metadata().clone()));
        let module = object.get_type().module().map(|name| name.to_string()).unwrap_or_default();
        let trusted = module.starts_with("polars.") || module == "guard_nb._arrow";
        Ok(Self { reader, schema, trusted, nulls })
    }

    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The batch with arrays of type null in place of their stand-ins.
    fn restore(schema: &SchemaRef, nulls: &[usize], batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
        if nulls.is_empty() {
            return Ok(batch);
        }
        let rows = batch.num_rows();
        let columns = batch.columns().iter().enumerate().map(|(position, column)| -> ArrayRef {
            if nulls.contains(&position) { Arc::new(NullArray::new(rows)) } else { Arc::clone(column) }
        });
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(schema), columns.collect(), &options)
    }

    /// The next group of batches; empty at the end.
    pub fn next_group(&mut self, py: Python<'_>) -> PyResult<Vec<RecordBatch>> {
        let gathered = py.detach(|| {
            let (mut group, mut rows) = (Vec::new(), 0);
            while rows < GATHER {
                let next = self.reader.next().map(|batch| {
                    batch.and_then(|batch| {
                        let batch = Self::restore(&self.schema, &self.nulls, batch)?;
                        if self.trusted { Ok(batch) } else { validated(batch) }
                    })
                });
                match next {
                    Some(Ok(batch)) => {
                        rows += batch.num_rows();
                        if batch.num_rows() > 0 {
                            group.push(batch);
                        }
                    }
                    Some(Err(error)) => return Err(error.to_string()),
                    None => break,
                }
            }
            Ok(group)
        });
        gathered.map_err(|why| guard_error(py, "FrameError", codes::usage::FRAME_UNREADABLE, &why))
    }

    pub fn into_reference(mut self, py: Python<'_>) -> PyResult<ReferenceFrame> {
        let schema = self.schema();
        let mut batches = Vec::new();
        loop {
            let group = self.next_group(py)?;
            if group.is_empty() {
                return Ok(ReferenceFrame { schema, batches });
            }
            batches.extend(group);
        }
    }
}

/// The batch, if its offsets, keys and texts are what their types say: a producer may hand over anything through the C
/// interface, and kernels rely on valid UTF-8 and offsets in range.
fn validated(batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        if !column.data_type().is_primitive() {
            column.to_data().validate_full().map_err(|why| {
                ArrowError::InvalidArgumentError(format!("column `{}` is no valid Arrow data: {why}", field.name()))
            })?;
        }
    }
    Ok(batch)
}
