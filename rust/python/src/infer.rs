//! Drafting contracts from frames.

use crate::control::PyControl;
use crate::errors::{guard_error, run_error};
use crate::frame::Frame;
use guard_engine::infer::{InferError, Inference as Inner};
use guard_verdict::codes;
use pyo3::prelude::*;

/// A draft that is fed frame after frame.
#[pyclass(module = "guard_nb._native")]
pub struct Inference {
    inner: Option<Inner>,
    control: PyControl,
}

#[pymethods]
impl Inference {
    #[new]
    fn new() -> Self {
        Self { inner: None, control: PyControl::new(None) }
    }

    fn push(&mut self, frame: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = frame.py();
        let mut frame = Frame::read(frame)?;
        let schema = frame.schema();
        let (inner, control) = (&mut self.inner, &self.control);
        let raise = |error: InferError| control.take_error().unwrap_or_else(|| infer_error(py, &error));
        let inner = match inner {
            Some(inner) => inner,
            None => inner.insert(Inner::new(&schema).map_err(raise)?),
        };
        loop {
            let group = frame.next_group(py)?;
            // An empty group ends the frame, and its schema is compared all the same.
            if group.is_empty() {
                let last = arrow_array::RecordBatch::new_empty(schema);
                return py.detach(|| inner.push(&[last], control)).map_err(raise);
            }
            py.detach(|| inner.push(&group, control)).map_err(raise)?;
        }
    }

    /// The draft of what was pushed.
    fn draft(&mut self, py: Python<'_>, name: &str, id: &str) -> PyResult<String> {
        let missing = || guard_error(py, "UsageError", codes::usage::NOT_A_FRAME, "no frame was given");
        let inner = self.inner.take().ok_or_else(missing)?;
        Ok(py.detach(|| inner.draft(name, id)))
    }
}

fn infer_error(py: Python<'_>, error: &InferError) -> PyErr {
    match error {
        InferError::ColumnAmbiguous(_) => {
            guard_error(py, "FrameError", codes::plan::COLUMN_AMBIGUOUS, &error.to_string())
        }
        InferError::Run(error) => run_error(py, error),
    }
}
