//! Contracts and checks.

use crate::control::PyControl;
use crate::errors::{contract_error, guard_error, run_error};
use crate::frame::Frame;
use crate::partial::Partial;
use crate::verdict::Verdict;
use arrow_array::ArrayRef;
use arrow_schema::SchemaRef;
use guard_engine::contract::{self, Contract as Inner, LoadOptions, SchemaObject};
use guard_engine::expr::{Parameter, Parameters};
use guard_engine::plan::{Options, Plan, parse_as_of};
use guard_engine::run::{self, Part, Run, RunError};
use guard_verdict::codes;
use pyo3::prelude::*;
use pyo3_arrow::{PyArray, PyRecordBatch};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub type References<'py> = Option<BTreeMap<String, Bound<'py, PyAny>>>;

/// The plan of the last check without references, kept because the same frame shape usually comes again.
type LastPlan = Mutex<Option<(String, Option<String>, SchemaRef, Arc<Plan>)>>;

#[pyclass(frozen, module = "guard_nb._native")]
pub struct Contract {
    inner: Arc<Inner>,
    last: LastPlan,
}

#[pymethods]
impl Contract {
    #[staticmethod]
    #[pyo3(signature = (text, variables = None))]
    fn loads(py: Python<'_>, text: &str, variables: Option<BTreeMap<String, String>>) -> PyResult<Self> {
        let options = LoadOptions { variables: variables.unwrap_or_default() };
        match py.detach(|| Inner::load_with(text, &options)) {
            Ok(inner) => Ok(Self { inner: Arc::new(inner), last: Mutex::new(None) }),
            Err(diagnostics) => Err(contract_error(py, &diagnostics)),
        }
    }

    #[getter]
    fn id(&self) -> &str {
        &self.inner.id
    }

    #[getter]
    fn version(&self) -> &str {
        &self.inner.version
    }

    #[getter]
    fn name(&self) -> Option<&str> {
        self.inner.name.as_deref()
    }

    #[getter]
    fn digest(&self) -> &str {
        &self.inner.digest
    }

    #[getter]
    fn text(&self) -> &str {
        &self.inner.text
    }

    #[getter]
    fn objects(&self) -> Vec<&str> {
        self.inner.objects.iter().map(|object| object.name.as_str()).collect()
    }

    fn columns(&self, py: Python<'_>, object: Option<&str>) -> PyResult<Vec<String>> {
        let object = self.object(py, object, None)?;
        Ok(object.properties.iter().map(|property| property.name.clone()).collect())
    }

    #[getter]
    fn diagnostics(&self) -> String {
        serde_json::to_string(&self.inner.diagnostics).unwrap_or_default()
    }

    #[pyo3(signature = (frame, object = None, hint = None, references = None, as_of = None, params = None, progress = None))]
    #[allow(clippy::too_many_arguments, reason = "the keywords of `Contract.check`")]
    fn check(
        &self,
        frame: &Bound<'_, PyAny>,
        object: Option<&str>,
        hint: Option<&str>,
        references: References<'_>,
        as_of: Option<&str>,
        params: Option<&Bound<'_, PyAny>>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Verdict> {
        let py = frame.py();
        let mut checker = self.checker(py, object, hint, references, as_of, params, "", 0, false, progress)?;
        checker.feed(self, frame)?;
        checker.verdict(py)
    }

    #[pyo3(signature = (object, hint, references, as_of, params, source, start, masks, progress))]
    #[allow(clippy::too_many_arguments, reason = "the keywords of `Contract.check` and `Contract.partial`")]
    fn checker(
        &self,
        py: Python<'_>,
        object: Option<&str>,
        hint: Option<&str>,
        references: References<'_>,
        as_of: Option<&str>,
        params: Option<&Bound<'_, PyAny>>,
        source: &str,
        start: u64,
        masks: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Checker> {
        let object = self.object(py, object, hint)?.name.clone();
        let options = options(py, references, as_of, params)?;
        let control = PyControl::new(progress);
        Ok(Checker { object, options, source: source.to_owned(), start, masks, control, state: None })
    }
}

impl Contract {
    /// The contract, shared.
    pub fn shared(&self) -> Arc<Inner> {
        Arc::clone(&self.inner)
    }

    pub fn object(&self, py: Python<'_>, name: Option<&str>, hint: Option<&str>) -> PyResult<&SchemaObject> {
        let objects = &self.inner.objects;
        let found = match (name, objects.as_slice()) {
            (Some(name), _) => self.inner.object(name),
            (None, [only]) => Some(only),
            (None, _) => hint.and_then(|hint| self.inner.object(hint)),
        };
        found.ok_or_else(|| {
            let names: Vec<_> = objects.iter().map(|object| format!("`{}`", object.name)).collect();
            let message = match (name, objects.is_empty()) {
                (_, true) => "the contract has no schema object".to_owned(),
                (Some(name), _) => format!("the contract has no schema object `{name}`; it has {}", names.join(", ")),
                (None, _) => format!("the contract has several schema objects: {}", names.join(", ")),
            };
            guard_error(py, "UsageError", codes::usage::OBJECT_UNKNOWN, &message)
        })
    }

    fn plan(&self, object: &str, schema: &SchemaRef, options: &Options) -> Option<Arc<Plan>> {
        let as_of = options.as_of.map(|instant| instant.to_string());
        let mut last = self.last.lock().ok()?;
        if let Some((kept_object, kept_as_of, kept_schema, plan)) = last.as_ref()
            && options.references.is_empty()
            && options.parameters.is_empty()
            && (kept_object.as_str(), kept_as_of) == (object, &as_of)
            && kept_schema == schema
        {
            return Some(Arc::clone(plan));
        }
        let plan = Arc::new(Plan::compile(&self.inner, self.inner.object(object)?, schema, options));
        if options.references.is_empty() && options.parameters.is_empty() {
            *last = Some((object.to_owned(), as_of, Arc::clone(schema), Arc::clone(&plan)));
        }
        Some(plan)
    }
}

/// What a check is given besides the data.
pub fn options(
    py: Python<'_>,
    references: References<'_>,
    as_of: Option<&str>,
    params: Option<&Bound<'_, PyAny>>,
) -> PyResult<Options> {
    let mut options = Options::default();
    if let Some(text) = as_of {
        let unreadable = || {
            let message = format!("`{text}` is no instant");
            guard_error(py, "UsageError", codes::usage::AS_OF_UNREADABLE, &message)
        };
        options.as_of = Some(parse_as_of(text).ok_or_else(unreadable)?);
    }
    for (name, frame) in references.unwrap_or_default() {
        options.references.insert(name, Frame::read(&frame)?.into_reference(py)?);
    }
    if let Some(params) = params {
        options.parameters = parameters(params)?;
    }
    Ok(options)
}

/// Parameters from a frame of one row: a column a parameter.
pub fn parameters(frame: &Bound<'_, PyAny>) -> PyResult<Parameters> {
    let py = frame.py();
    let mut frame = Frame::read(frame)?;
    let schema = frame.schema();
    let batches = frame.next_group(py)?;
    let columns = batches.first().map(|batch| batch.columns().to_vec()).unwrap_or_default();
    let mut out = Parameters::new();
    for (field, array) in schema.fields().iter().zip(columns) {
        let unreadable = || {
            let message = format!("the parameter `{}` is no value of a type that expressions have", field.name());
            guard_error(py, "UsageError", codes::usage::PARAM_UNREADABLE, &message)
        };
        out.insert(field.name().clone(), Parameter::of_array(array.as_ref()).ok_or_else(unreadable)?);
    }
    Ok(out)
}

/// A check that has seen its first frame.
struct State {
    schema: SchemaRef,
    plan: Arc<Plan>,
    run: Run,
}

/// A check that is fed frame after frame.
#[pyclass(module = "guard_nb._native")]
pub struct Checker {
    object: String,
    options: Options,
    source: String,
    start: u64,
    masks: bool,
    control: PyControl,
    state: Option<State>,
}

#[pymethods]
impl Checker {
    fn push(&mut self, contract: PyRef<'_, Contract>, frame: &Bound<'_, PyAny>) -> PyResult<()> {
        self.feed(&contract, frame)
    }

    fn verdict(&mut self, py: Python<'_>) -> PyResult<Verdict> {
        let (plan, part) = self.finish(py)?;
        let verdict = py.detach(|| run::verdict(&[part])).map_err(|error| run_error(py, &error))?;
        Ok(Verdict::new(verdict, Some(plan)))
    }

    fn partial(&mut self, py: Python<'_>) -> PyResult<Partial> {
        self.finish(py).map(|(_, part)| Partial(run::Partial::new(part)))
    }

    /// The verdict, the mask of accepted records, one row for each other record, and the columns to drop.
    fn split(&mut self, py: Python<'_>) -> PyResult<(Verdict, PyArray, PyRecordBatch, Vec<String>)> {
        let (plan, part) = self.finish(py)?;
        let split = py.detach(|| run::split(part, plan.drop_undeclared)).map_err(|error| run_error(py, &error))?;
        let accepted: ArrayRef = Arc::new(split.accepted);
        let verdict = Verdict::new(split.verdict, Some(plan));
        Ok((verdict, PyArray::from_array_ref(accepted), PyRecordBatch::new(split.reasons), split.dropped))
    }
}

impl Checker {
    fn feed(&mut self, contract: &Contract, object: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = object.py();
        let mut frame = Frame::read(object)?;
        let internal = || run_error(py, &RunError::Internal("no plan for this frame".to_owned()));
        if self.state.is_none() {
            let plan = contract.plan(&self.object, &frame.schema(), &self.options).ok_or_else(internal)?;
            if let Some(name) = plan.unused_parameters.first() {
                let message = format!("no row rule uses the parameter `{name}`");
                return Err(guard_error(py, "UsageError", codes::usage::PARAMS_UNUSED, &message));
            }
            let mut run = Run::new(Arc::clone(&plan), &self.source, self.start);
            if self.masks {
                run = run.with_clause_masks();
            }
            self.state = Some(State { schema: frame.schema(), plan, run });
        }
        let State { schema, run, .. } = self.state.as_mut().ok_or_else(internal)?;
        if schema.fields() != frame.schema().fields() {
            let changed = RunError::SchemaChanged("a frame has other columns or types than the first".to_owned());
            return Err(run_error(py, &changed));
        }
        loop {
            let group = frame.next_group(py)?;
            if group.is_empty() {
                return Ok(());
            }
            let control = &self.control;
            let pushed = py.detach(|| run.push(&group, control));
            pushed.map_err(|error| control.take_error().unwrap_or_else(|| run_error(py, &error)))?;
        }
    }

    fn finish(&mut self, py: Python<'_>) -> PyResult<(Arc<Plan>, Part)> {
        let State { plan, run, .. } = self.state.take().ok_or_else(|| {
            let message = "no frame was given";
            guard_error(py, "UsageError", codes::usage::NOT_A_FRAME, message)
        })?;
        Ok((plan, run.finish()))
    }
}

/// Everything worth saying about a contract's text, as JSON.
#[pyfunction]
#[pyo3(signature = (text, variables = None))]
pub fn lint(py: Python<'_>, text: &str, variables: Option<BTreeMap<String, String>>) -> String {
    let options = LoadOptions { variables: variables.unwrap_or_default() };
    let found = py.detach(|| contract::lint_with(text, &options));
    serde_json::to_string(&found).unwrap_or_default()
}

/// What changed between two contracts, as JSON.
#[pyfunction]
pub fn diff(old: PyRef<'_, Contract>, new: PyRef<'_, Contract>) -> String {
    serde_json::to_string(&contract::diff(&old.inner, &new.inner)).unwrap_or_default()
}
