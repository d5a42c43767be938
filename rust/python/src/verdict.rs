//! A verdict as Python sees it: canonical bytes and renderings.

use crate::errors::guard_error;
use guard_engine::plan::Plan;
use guard_verdict::{Beside, Verdict as Inner, codes, digest, render};
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

#[pyclass(frozen, module = "guard_nb._native")]
pub struct Verdict {
    inner: Inner,
    /// Written when first asked for.
    json: OnceLock<String>,
    /// Knows lines and arguments of the clauses, for reports.
    plan: Option<Arc<Plan>>,
}

impl Verdict {
    pub fn new(inner: Inner, plan: Option<Arc<Plan>>) -> Self {
        Self { inner, json: OnceLock::new(), plan }
    }

    /// What the plan knows of each clause, by clause id.
    fn by_id<T: Clone>(&self, values: impl Fn(&Plan) -> &[T]) -> BTreeMap<String, T> {
        let ids = self.inner.clauses.iter().map(|clause| clause.id.clone());
        self.plan.as_ref().map(|plan| ids.zip(values(plan).iter().cloned()).collect()).unwrap_or_default()
    }

    fn document(&self, py: Python<'_>) -> PyResult<&str> {
        if let Some(json) = self.json.get() {
            return Ok(json);
        }
        let internal = |why: String| guard_error(py, "InternalError", codes::usage::INTERNAL, &why);
        let json = self.inner.to_json().map_err(|why| internal(why.to_string()))?;
        Ok(self.json.get_or_init(|| json))
    }

    fn beside(&self, json: &str) -> Beside {
        let mut beside: Beside = serde_json::from_str(json).unwrap_or_default();
        if let Some(plan) = &self.plan {
            beside.lines = self.by_id(|plan| &plan.lines);
            beside.arguments = self.by_id(|plan| &plan.arguments);
            beside.physical.clone_from(&plan.physical);
        }
        beside
    }
}

#[pymethods]
impl Verdict {
    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        let unreadable = |why: serde_json::Error| {
            let message = format!("this is no verdict document: {why}");
            guard_error(py, "UsageError", codes::usage::VERDICT_UNREADABLE, &message)
        };
        Ok(Self::new(Inner::from_json(text).map_err(unreadable)?, None))
    }

    #[getter]
    fn json(&self, py: Python<'_>) -> PyResult<&str> {
        self.document(py)
    }

    #[getter]
    fn digest(&self, py: Python<'_>) -> PyResult<String> {
        Ok(digest(self.document(py)?.as_bytes()))
    }

    #[getter]
    fn lines(&self) -> BTreeMap<String, usize> {
        self.by_id(|plan| &plan.lines)
    }

    /// status, total, accepted, rejected, unknown
    #[getter]
    fn summary(&self) -> (String, u64, u64, u64, u64) {
        let records = &self.inner.records;
        let status = format!("{:?}", self.inner.status).to_lowercase();
        (status, records.total, records.accepted, records.rejected, records.unknown)
    }

    fn text(&self, beside: &str) -> String {
        render::text(&self.inner, &self.beside(beside))
    }

    fn table(&self, beside: &str) -> String {
        render::table(&self.inner, &self.beside(beside))
    }

    fn traceback(&self, beside: &str) -> Vec<String> {
        render::traceback(&self.inner, &self.beside(beside))
    }

    fn html(&self, beside: &str) -> String {
        render::html(&self.inner, &self.beside(beside))
    }

    fn html_page(&self, beside: &str) -> String {
        render::html_page(&self.inner, &self.beside(beside))
    }

    fn oors(&self, py: Python<'_>, beside: &str) -> PyResult<String> {
        let internal = |why: String| guard_error(py, "InternalError", codes::usage::INTERNAL, &why);
        render::oors(&self.inner, &self.beside(beside)).map_err(|why| internal(why.to_string()))
    }

    fn junit(&self, beside: &str) -> String {
        render::junit(&self.inner, &self.beside(beside))
    }
}
