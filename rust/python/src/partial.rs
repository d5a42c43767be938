//! Partial verdicts.

use crate::errors::run_error;
use crate::verdict::Verdict;
use guard_engine::run::Partial as Inner;
use pyo3::prelude::*;

#[pyclass(frozen, module = "guard_nb._native")]
pub struct Partial(pub Inner);

#[pymethods]
impl Partial {
    #[staticmethod]
    fn from_bytes(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        py.detach(|| Inner::from_bytes(bytes)).map(Self).map_err(|error| run_error(py, &error))
    }

    fn to_bytes(&self, py: Python<'_>) -> PyResult<Vec<u8>> {
        py.detach(|| self.0.to_bytes()).map_err(|error| run_error(py, &error))
    }

    fn verdict(&self, py: Python<'_>) -> PyResult<Verdict> {
        let verdict = py.detach(|| self.0.verdict()).map_err(|error| run_error(py, &error))?;
        Ok(Verdict::new(verdict, None))
    }

    #[getter]
    fn records(&self) -> u64 {
        self.0.records()
    }
}

/// What all parts saw together.
#[pyfunction]
pub fn merge(py: Python<'_>, first: PyRef<'_, Partial>, others: Vec<PyRef<'_, Partial>>) -> PyResult<Partial> {
    let mut merged = first.0.clone();
    for other in others {
        merged = merged.merge(other.0.clone()).map_err(|error| run_error(py, &error))?;
    }
    Ok(Partial(merged))
}
