//! Frames in: anything with an Arrow PyCapsule.

use crate::errors::guard_error;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::SchemaRef;
use guard_engine::plan::ReferenceFrame;
use guard_verdict::codes;
use pyo3::prelude::*;
use pyo3_arrow::input::AnyRecordBatch;

/// Rows gathered before they are judged together.
const GATHER: usize = 1 << 20;

/// A frame's batches, read with the GIL released.
pub struct Frame {
    reader: Box<dyn RecordBatchReader + Send>,
}

impl Frame {
    pub fn read(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = object.py();
        let not_a_frame = |why: PyErr| {
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
        Ok(Self { reader })
    }

    pub fn schema(&self) -> SchemaRef {
        self.reader.schema()
    }

    /// The next group of batches; empty at the end.
    pub fn next_group(&mut self, py: Python<'_>) -> PyResult<Vec<RecordBatch>> {
        let gathered = py.detach(|| {
            let (mut group, mut rows) = (Vec::new(), 0);
            while rows < GATHER {
                match self.reader.next() {
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
