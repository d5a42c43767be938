//! Ingestion of files.

use crate::contract::{Contract, References, options};
use crate::control::PyControl;
use crate::errors::{guard_error, ingest_error};
use crate::verdict::Verdict;
use arrow_array::RecordBatch;
use guard_ingest::{Csv, Format, Ingest as Inner, IngestError, Input, Request};
use guard_verdict::codes;
use pyo3::prelude::*;
use pyo3_arrow::PyRecordBatch;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Records under way; each call lets other Python threads run.
#[pyclass(module = "guard_nb._native")]
pub struct Ingest {
    /// Locked only because Python may share the object; calls that change it come one at a time.
    inner: Mutex<Option<Inner>>,
    plan: Arc<guard_engine::plan::Plan>,
    schema: arrow_schema::SchemaRef,
    control: PyControl,
}

#[pymethods]
impl Ingest {
    #[staticmethod]
    #[pyo3(signature = (contract, sources, format, object, references, as_of, params, quarantine, dialect, limits, progress))]
    #[allow(clippy::too_many_arguments, reason = "the keywords of `Contract.ingest`")]
    fn open(
        py: Python<'_>,
        contract: PyRef<'_, Contract>,
        sources: Vec<Source>,
        format: Option<&str>,
        object: Option<String>,
        references: References<'_>,
        as_of: Option<&str>,
        params: Option<&Bound<'_, PyAny>>,
        quarantine: Option<PathBuf>,
        dialect: Dialect,
        limits: Limits,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let mut request = Request::new(contract.shared(), inputs(sources).map_err(|why| ingest_error(py, &why))?);
        request.options = options(py, references, as_of, params)?;
        (request.object, request.quarantine, request.csv) = (object, quarantine, dialect.read());
        (request.threads, request.chunk_bytes) = (limits.threads, limits.chunk_bytes.unwrap_or(request.chunk_bytes));
        request.record_bytes = limits.record_bytes.unwrap_or(request.record_bytes);
        request.memory_bytes = limits.memory_bytes.unwrap_or(request.memory_bytes);
        request.format = format.map(|name| format_of(py, name)).transpose()?;
        let inner = py.detach(|| Inner::open(request)).map_err(|why| ingest_error(py, &why))?;
        let (plan, schema) = (inner.shared_plan(), inner.schema());
        Ok(Self { inner: Mutex::new(Some(inner)), plan, schema, control: PyControl::new(progress) })
    }

    /// No records, with the columns of accepted ones.
    #[getter]
    fn empty(&self) -> PyRecordBatch {
        PyRecordBatch::new(RecordBatch::new_empty(Arc::clone(&self.schema)))
    }

    /// The next accepted records; None at the end.
    fn next(&mut self, py: Python<'_>) -> PyResult<Option<PyRecordBatch>> {
        let control = &self.control;
        let slot = self.inner.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Some(inner) = slot else { return Ok(None) };
        let batch = py.detach(|| inner.next_batch(control).and_then(guard_ingest::for_frames));
        match batch {
            Ok(batch) => Ok(batch.map(PyRecordBatch::new)),
            Err(why) => {
                *slot = None;
                Err(self.control.take_error().unwrap_or_else(|| ingest_error(py, &why)))
            }
        }
    }

    /// Reads what is left: the verdict, the count of quarantined records, notices.
    fn finish(&mut self, py: Python<'_>) -> PyResult<(Verdict, u64, Vec<String>)> {
        let inner = self.take().ok_or_else(|| closed(py))?;
        let control = &self.control;
        let outcome = py.detach(|| inner.finish(control));
        let outcome = outcome.map_err(|why| self.control.take_error().unwrap_or_else(|| ingest_error(py, &why)))?;
        Ok((Verdict::new(outcome.verdict, Some(Arc::clone(&self.plan))), outcome.quarantined, outcome.notices))
    }

    /// Stops; nothing is written.
    fn close(&mut self, py: Python<'_>) {
        let inner = self.take();
        py.detach(|| drop(inner));
    }
}

impl Ingest {
    fn take(&mut self) -> Option<Inner> {
        self.inner.get_mut().unwrap_or_else(PoisonError::into_inner).take()
    }
}

fn closed(py: Python<'_>) -> PyErr {
    let message = "this ingestion was closed, or failed before";
    guard_error(py, "UsageError", codes::usage::INGESTION_CLOSED, message)
}

/// A path or pattern, or a name and bytes.
#[derive(FromPyObject)]
pub enum Source {
    Bytes(String, Vec<u8>),
    Path(String),
}

/// The format of this name.
pub fn format_of(py: Python<'_>, name: &str) -> PyResult<Format> {
    Format::of_name(name).ok_or_else(|| {
        let names: Vec<_> = Format::NAMES.iter().map(|(name, _)| format!("`{name}`")).collect();
        let message = format!("`{name}` is no format; there are {}", names.join(", "));
        guard_error(py, "UsageError", codes::ingest::FILE_FORMAT_UNKNOWN, &message)
    })
}

/// What is read, patterns expanded.
pub fn inputs(sources: Vec<Source>) -> Result<Vec<Input>, IngestError> {
    let mut out = Vec::new();
    for source in sources {
        match source {
            Source::Bytes(name, bytes) => out.push(Input::Bytes(name, bytes.into())),
            Source::Path(path) => out.extend(guard_ingest::expand(&[path])?),
        }
    }
    Ok(out)
}

/// The keywords of a CSV dialect.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Dialect {
    delimiter: Option<u8>,
    quote: Option<u8>,
    header: Option<bool>,
    nulls: Option<Vec<String>>,
    encoding: Option<String>,
    sniff: bool,
}

impl Dialect {
    /// For guard-ingest.
    pub fn read(self) -> Csv {
        let Self { delimiter, quote, header, nulls, encoding, sniff } = self;
        Csv { delimiter, quote, header, nulls, encoding, sniff }
    }
}

/// Limits that callers may set.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Limits {
    threads: Option<usize>,
    chunk_bytes: Option<usize>,
    record_bytes: Option<usize>,
    memory_bytes: Option<u64>,
}
