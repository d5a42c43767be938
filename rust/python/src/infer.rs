//! Drafting contracts from frames.

use crate::control::PyControl;
use crate::errors::{guard_error, ingest_error, run_error};
use crate::frame::Frame;
use crate::ingest::{Dialect, Source, format_of, inputs};
use guard_engine::infer::{InferError, Inference as Inner};
use guard_engine::run::{Control, RunError};
use guard_engine::suggest;
use guard_ingest::Reading;
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

/// The draft of files, and what its reader should know.
#[pyfunction]
#[pyo3(signature = (sources, format, dialect, limit, name, id))]
pub fn infer_files(
    py: Python<'_>,
    sources: Vec<Source>,
    format: Option<&str>,
    dialect: Dialect,
    limit: Option<u64>,
    name: &str,
    id: &str,
) -> PyResult<String> {
    let format = format.map(|name| format_of(py, name)).transpose()?;
    let inputs = inputs(sources).map_err(|why| ingest_error(py, &why))?;
    let reading = Reading { inputs, format, csv: dialect.read(), ..Reading::default() };
    let control = PyControl::new(None);
    let raise = |why| control.take_error().unwrap_or_else(|| ingest_error(py, &why));
    py.detach(|| guard_ingest::draft(reading, limit, &control).map(|drafted| drafted.inference.draft(name, id)))
        .map_err(raise)
}

/// Suggestions that are fed frame after frame.
#[pyclass(module = "guard_nb._native")]
pub struct Suggester {
    inner: Option<suggest::Suggester>,
    control: PyControl,
    records: u64,
}

/// Records looked at between two looks at signals.
const SLICE: usize = 1 << 16;

#[pymethods]
impl Suggester {
    #[new]
    fn new() -> Self {
        Self { inner: None, control: PyControl::new(None), records: 0 }
    }

    fn push(&mut self, frame: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = frame.py();
        let mut frame = Frame::read(frame)?;
        let schema = frame.schema();
        let inner = self.inner.get_or_insert_with(|| suggest::Suggester::new(&schema));
        loop {
            let group = frame.next_group(py)?;
            if group.is_empty() {
                return Ok(());
            }
            for batch in &group {
                for start in (0..batch.num_rows()).step_by(SLICE) {
                    let slice = batch.slice(start, SLICE.min(batch.num_rows() - start));
                    self.records += slice.num_rows() as u64;
                    let stopped = || run_error(py, &RunError::Interrupted);
                    if !self.control.keep_going(self.records) {
                        return Err(self.control.take_error().unwrap_or_else(stopped));
                    }
                    py.detach(|| inner.push(&slice)).map_err(|error| run_error(py, &error))?;
                }
            }
        }
    }

    /// (kind, rule, columns, support, records, nulls, note) each; whether there were more; a `quality:` list.
    #[allow(clippy::type_complexity, reason = "one row of a frame")]
    fn finish(
        &mut self,
        py: Python<'_>,
    ) -> PyResult<(Vec<(&'static str, String, Vec<String>, u64, u64, u64, String)>, bool, String)> {
        let missing = || guard_error(py, "UsageError", codes::usage::NOT_A_FRAME, "no frame was given");
        let inner = self.inner.take().ok_or_else(missing)?;
        let found = py.detach(|| inner.finish());
        let yaml = suggest::to_yaml(&found.suggestions);
        let row = |s: suggest::Suggestion| (s.kind, s.rule, s.columns, s.support, s.records, s.nulls, s.note);
        Ok((found.suggestions.into_iter().map(row).collect(), found.truncated, yaml))
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
