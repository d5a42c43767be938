//! Transforms, explanations of expressions, and the table of functions.

use crate::contract::{Contract, parameters};
use crate::control::PyControl;
use crate::errors::{expression_error, guard_error, run_error};
use crate::frame::Frame;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use guard_engine::contract::Contract as Inner;
use guard_engine::expr::{self, Parameters, Problem};
use guard_engine::plan::{Options, Plan, frame_scope};
use guard_engine::transform::{self, Artefact, Bound, Definition, Transform as Compiled};
use guard_verdict::codes;
use pyo3::prelude::*;
use pyo3_arrow::{PyArray, PyRecordBatch};
use std::sync::{Arc, Mutex};

#[pyclass(frozen, module = "guard_nb._native")]
pub struct Transform {
    inner: Definition,
    nominal: Compiled,
    last: Mutex<Option<(SchemaRef, Arc<Compiled>)>>,
}

fn bound(py: Python<'_>, contract: Option<PyRef<'_, Contract>>, object: Option<&str>) -> PyResult<Option<Bound>> {
    let Some(contract) = contract else { return Ok(None) };
    let object = contract.object(py, object, None)?.name.clone();
    Ok(Some(Bound { contract: contract.shared(), object }))
}

impl Transform {
    fn build(py: Python<'_>, inner: Definition) -> PyResult<Self> {
        let nominal = inner.compile(&inner.nominal()).map_err(|problem| raise(py, problem, &inner.sql))?;
        if let Some(name) = inner.unused(&nominal).first() {
            let message = format!("the transform does not use the parameter `{name}`");
            return Err(guard_error(py, "UsageError", codes::usage::PARAMS_UNUSED, &message));
        }
        Ok(Self { inner, nominal, last: Mutex::new(None) })
    }

    /// Compiled against a frame's schema; the last one is kept.
    fn compiled(&self, py: Python<'_>, schema: &SchemaRef) -> PyResult<Arc<Compiled>> {
        let kept = self.last.lock().ok().and_then(|last| last.clone());
        if let Some((_, compiled)) = kept.filter(|(kept, _)| kept == schema) {
            return Ok(compiled);
        }
        let compiled = self.inner.compile(schema).map_err(|problem| raise(py, problem, &self.inner.sql))?;
        let compiled = Arc::new(compiled);
        if let Ok(mut last) = self.last.lock() {
            *last = Some((Arc::clone(schema), Arc::clone(&compiled)));
        }
        Ok(compiled)
    }
}

#[pymethods]
impl Transform {
    #[new]
    #[pyo3(signature = (sql, input, input_object, schema, output, output_object, params, table))]
    #[allow(clippy::too_many_arguments, reason = "the keywords of `Transform`")]
    fn new(
        py: Python<'_>,
        sql: &str,
        input: Option<PyRef<'_, Contract>>,
        input_object: Option<&str>,
        schema: Option<&Bound_<'_>>,
        output: Option<PyRef<'_, Contract>>,
        output_object: Option<&str>,
        params: Option<&Bound_<'_>>,
        table: Option<String>,
    ) -> PyResult<Self> {
        let input = bound(py, input, input_object)?;
        let output = bound(py, output, output_object)?;
        let parameters = params.map(parameters).transpose()?.unwrap_or_default();
        let schema = schema.map(schema_of).transpose()?;
        Self::build(py, Definition { sql: sql.to_owned(), input, output, table, schema, parameters })
    }

    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        let wrong = |why: String| guard_error(py, "UsageError", codes::usage::TRANSFORM_UNREADABLE, &why);
        let read = Artefact::from_json(text).map_err(|why| wrong(why.0))?;
        let (input, output, schema) = read.sides().map_err(|why| wrong(why.0))?;
        let parameters = read.parameters().map_err(|why| wrong(why.0))?;
        Self::build(
            py,
            Definition { sql: read.sql.clone(), input, output, table: read.input.table.clone(), schema, parameters },
        )
    }

    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        let wrong = |why: String| guard_error(py, "UsageError", codes::usage::TRANSFORM_UNREADABLE, &why);
        let artefact = self.inner.artefact(&self.nominal).map_err(|why| wrong(why.0))?;
        artefact.to_json().map_err(|why| wrong(why.0))
    }

    #[getter]
    fn sql(&self) -> &str {
        &self.inner.sql
    }

    /// The report as JSON: against a frame's schema, or as the contract describes the input.
    #[pyo3(signature = (schema = None))]
    fn report(&self, py: Python<'_>, schema: Option<&Bound_<'_>>) -> PyResult<String> {
        let compiled;
        let transform = match schema {
            Some(schema) => {
                compiled = self.compiled(py, &schema_of(schema)?)?;
                compiled.as_ref()
            }
            None => &self.nominal,
        };
        Ok(transform::report(transform, &self.inner.proofs(transform)).to_string())
    }

    /// Output batches, quarantined batches, which records are in the output, records seen, records left out; `start` is the number of the first record.
    #[pyo3(signature = (frame, start = 0, progress = None))]
    fn run(&self, frame: &Bound_<'_>, start: u64, progress: Option<Py<PyAny>>) -> PyResult<Ran> {
        let py = frame.py();
        let mut frame = Frame::read(frame)?;
        let compiled = self.compiled(py, &frame.schema())?;
        let control = PyControl::new(progress);
        let (mut output, mut quarantined, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        let (mut records, mut left_out) = (0, 0);
        loop {
            let group = frame.next_group(py)?;
            if group.is_empty() {
                break;
            }
            let done = py.detach(|| transform::run_all(&compiled, &group, start + records, &control));
            let done = done.map_err(|error| control.take_error().unwrap_or_else(|| run_error(py, &error)))?;
            records += done.records;
            left_out += done.left_out;
            output.extend(done.output);
            quarantined.extend(done.quarantined);
            kept.extend(done.kept.into_iter().map(|mask| PyArray::from_array_ref(Arc::new(mask))));
        }
        if output.is_empty() {
            output.push(RecordBatch::new_empty(Arc::clone(&compiled.schema)));
        }
        if quarantined.is_empty() {
            let schema = transform::quarantine_schema(&frame.schema());
            quarantined.push(RecordBatch::new_empty(Arc::new(schema)));
        }
        let wrap = |batches: Vec<RecordBatch>| batches.into_iter().map(PyRecordBatch::new).collect();
        Ok((wrap(output), wrap(quarantined), kept, records, left_out))
    }
}

type Bound_<'py> = pyo3::Bound<'py, PyAny>;
/// Output, quarantined, which records are in the output, records seen, records left out.
type Ran = (Vec<PyRecordBatch>, Vec<PyRecordBatch>, Vec<PyArray>, u64, u64);

fn schema_of(frame: &Bound_<'_>) -> PyResult<SchemaRef> {
    Ok(Frame::read(frame)?.schema())
}

fn raise(py: Python<'_>, problem: Problem, text: &str) -> PyErr {
    expression_error(py, &problem.diagnostic(""), text)
}

/// What is known of an expression's parts, as JSON: over a contract's object, or a frame's schema.
#[pyfunction]
#[pyo3(signature = (text, contract, object, schema, params))]
pub fn explain(
    py: Python<'_>,
    text: &str,
    contract: Option<PyRef<'_, Contract>>,
    object: Option<&str>,
    schema: Option<&Bound_<'_>>,
    params: Option<&Bound_<'_>>,
) -> PyResult<String> {
    let parameters: Parameters = params.map(parameters).transpose()?.unwrap_or_default();
    let schema = schema.map(schema_of).transpose()?;
    let described = schema.is_some() || contract.is_some();
    let scope = match bound(py, contract, object)? {
        Some(bound) => {
            let contract: &Inner = &bound.contract;
            let Some(object) = bound.object() else { return Ok("[]".to_owned()) };
            let schema = schema.unwrap_or_else(|| Arc::new(transform::schema_of(object)));
            Plan::scope(contract, object, &schema, &Options { parameters, ..Options::default() })
        }
        None => frame_scope(&schema.unwrap_or_else(|| Arc::new(arrow_schema::Schema::empty())), parameters),
    };
    let help = "give a frame that has the columns, or a contract that describes them, beside the text";
    let lines = expr::explain_text(text, &scope)
        .map_err(|problem| if described { problem } else { problem.without_columns(help) })
        .map_err(|problem| raise(py, problem, text))?;
    serde_json::to_string(&lines).map_err(|why| pyo3::exceptions::PyValueError::new_err(why.to_string()))
}

/// The table of functions, as JSON.
#[pyfunction]
pub fn functions() -> String {
    expr::table().to_string()
}
