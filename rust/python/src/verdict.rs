//! A verdict as Python sees it: canonical bytes and renderings.

use crate::errors::guard_error;
use guard_engine::plan::Plan;
use guard_verdict::{Beside, Verdict as Inner, codes, digest, render};
use pyo3::prelude::*;
use std::collections::BTreeMap;

#[pyclass(frozen, module = "guard_nb._native")]
pub struct Verdict {
    inner: Inner,
    json: String,
    lines: BTreeMap<String, usize>,
    arguments: BTreeMap<String, Vec<serde_json::Value>>,
}

impl Verdict {
    pub fn new(py: Python<'_>, inner: Inner, plan: Option<&Plan>) -> PyResult<Self> {
        let internal = |why: String| guard_error(py, "InternalError", codes::usage::INTERNAL, &why);
        let json = inner.to_json().map_err(|why| internal(why.to_string()))?;
        let ids = || inner.clauses.iter().map(|clause| clause.id.clone());
        let lines = plan.map(|plan| ids().zip(plan.lines.iter().copied()).collect()).unwrap_or_default();
        let arguments = plan.map(|plan| ids().zip(plan.arguments.iter().cloned()).collect()).unwrap_or_default();
        Ok(Self { inner, json, lines, arguments })
    }

    fn beside(&self, json: &str) -> Beside {
        let mut beside: Beside = serde_json::from_str(json).unwrap_or_default();
        if beside.lines.is_empty() {
            beside.lines.clone_from(&self.lines);
            beside.arguments.clone_from(&self.arguments);
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
        Self::new(py, Inner::from_json(text).map_err(unreadable)?, None)
    }

    #[getter]
    fn json(&self) -> &str {
        &self.json
    }

    #[getter]
    fn digest(&self) -> String {
        digest(self.json.as_bytes())
    }

    #[getter]
    fn lines(&self) -> BTreeMap<String, usize> {
        self.lines.clone()
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
