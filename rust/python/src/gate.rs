//! Gates, ledgers and decisions.

use crate::errors::{gate_error, guard_error};
use guard_gate::json::Json;
use guard_gate::ledger::Ledger as Store;
use guard_gate::permit::Key;
use guard_gate::{Decision as Decided, Gate as Compiled, LedgerError};
use pyo3::prelude::*;
use std::sync::Arc;

fn raise(py: Python<'_>, error: &LedgerError) -> PyErr {
    guard_error(py, "LedgerError", error.code, &error.message)
}

#[pyclass(frozen, module = "guard_nb._native")]
pub struct Gate {
    inner: Compiled,
}

#[pymethods]
impl Gate {
    /// `files` gives the text of a schema file by name, or None.
    #[staticmethod]
    fn loads(py: Python<'_>, text: &str, files: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut failed = None;
        let failed_here = std::cell::RefCell::new(&mut failed);
        let read = |name: &str| match files.call1((name,)).and_then(|found| found.extract::<Option<String>>()) {
            Ok(found) => found,
            Err(error) => {
                **failed_here.borrow_mut() = Some(error);
                None
            }
        };
        let loaded = Compiled::load(text, &read);
        match (failed, loaded) {
            (Some(error), _) => Err(error),
            (None, Ok(inner)) => Ok(Self { inner }),
            (None, Err(found)) => Err(gate_error(py, &found)),
        }
    }

    /// The gate for one principal.
    fn with_context(&self, py: Python<'_>, context: &[u8]) -> PyResult<Self> {
        self.inner.with_context(context).map(|inner| Self { inner }).map_err(|found| gate_error(py, &found))
    }

    /// Id, digest, names of tools and of limits, warnings as JSON.
    fn about(&self) -> (&str, &str, Vec<&str>, Vec<&str>, String) {
        let Compiled { id, digest, tools, limits, diagnostics, .. } = &self.inner;
        let tools = tools.iter().map(|tool| tool.name.as_str()).collect();
        let limits = limits.iter().map(|limit| limit.name.as_str()).collect();
        (id, digest, tools, limits, serde_json::to_string(diagnostics).unwrap_or_default())
    }

    /// The narrower gate that a task's file makes of this one.
    fn narrow(&self, py: Python<'_>, task: &str) -> PyResult<Self> {
        let made = py.detach(|| guard_gate::narrow::narrow(&self.inner, task, &|_| None));
        made.map(|inner| Self { inner }).map_err(|found| gate_error(py, &found))
    }

    /// JSON: is this gate narrower than the other one?
    fn compare(&self, py: Python<'_>, wide: &Gate) -> String {
        py.detach(|| guard_gate::narrow::compare(&self.inner, &wide.inner).json())
    }

    #[staticmethod]
    fn digits(currency: &str) -> Option<u32> {
        guard_gate::currency::digits(currency)
    }

    /// A decision, whatever the bytes are.
    fn decide(&self, py: Python<'_>, ledger: &Ledger, proposal: &[u8]) -> Decision {
        let inner = py.detach(|| ledger.inner.decide(&self.inner, proposal));
        Decision { inner, proposal: proposal.to_vec() }
    }

    /// Past proposals decided again; messages for the rows `explain`, the last of which ends the answer.
    fn backtest(&self, frame: &Bound<'_, PyAny>, explain: Vec<usize>) -> PyResult<pyo3_arrow::PyRecordBatch> {
        let (py, mut frame) = (frame.py(), crate::frame::Frame::read(frame)?);
        let (mut batches, mut group) = (Vec::new(), frame.next_group(py)?);
        while !group.is_empty() {
            batches.append(&mut group);
            group = frame.next_group(py)?;
        }
        let raised = |why: String| guard_error(py, "FrameError", guard_verdict::codes::usage::FRAME_UNREADABLE, &why);
        let done = py.detach(|| guard_gate::backtest::backtest(&self.inner, &batches, &explain));
        done.map(pyo3_arrow::PyRecordBatch::new).map_err(raised)
    }

    /// The decision after a human has approved.
    fn approve(&self, py: Python<'_>, ledger: &Ledger, id: &str, by: &str) -> PyResult<Decision> {
        let found = py.detach(|| {
            let inner = ledger.inner.approve(&self.inner, id, by)?;
            let proposal = ledger.inner.proposal(id)?.unwrap_or_default().into_bytes();
            Ok(Decision { inner, proposal })
        });
        found.map_err(|error| raise(py, &error))
    }
}

#[pyclass(frozen, module = "guard_nb._native")]
pub struct Decision {
    inner: Arc<Decided>,
    proposal: Vec<u8>,
}

#[pymethods]
impl Decision {
    #[getter]
    fn verdict(&self) -> &'static str {
        self.inner.verdict.name()
    }

    #[getter]
    fn permit(&self) -> Option<&str> {
        self.inner.permit.as_deref()
    }

    fn to_json(&self) -> String {
        self.inner.to_json()
    }

    fn to_html(&self) -> String {
        self.inner.to_html(Json::parse(&self.proposal).ok().as_ref())
    }
}

#[pyclass(frozen, module = "guard_nb._native")]
pub struct Ledger {
    inner: Store,
}

#[pymethods]
impl Ledger {
    /// A SQLite file or a server's connection string, or memory with a key of 32 bytes.
    #[new]
    #[pyo3(signature = (path, key, make))]
    fn new(py: Python<'_>, path: Option<&str>, key: [u8; 32], make: bool) -> PyResult<Self> {
        let inner = match path {
            Some(path) => py.detach(|| Store::open_if(path, make)).map_err(|error| raise(py, &error))?,
            None => Store::memory(Key::new(key)),
        };
        Ok(Self { inner })
    }

    /// Id, tool and arguments of the call that may run now.
    fn redeem(&self, py: Python<'_>, permit: &str) -> PyResult<(String, String, String)> {
        let call = py.detach(|| self.inner.redeem(permit)).map_err(|error| raise(py, &error))?;
        Ok((call.id, call.tool, call.arguments))
    }

    fn commit(&self, py: Python<'_>, permit: &str, actual: Option<&str>) -> PyResult<()> {
        py.detach(|| self.inner.commit(permit, actual)).map_err(|error| raise(py, &error))
    }

    fn release(&self, py: Python<'_>, permit: &str) -> PyResult<()> {
        py.detach(|| self.inner.release(permit)).map_err(|error| raise(py, &error))
    }

    fn state(&self, py: Python<'_>, permit: &str) -> PyResult<&'static str> {
        py.detach(|| self.inner.state(permit)).map_err(|error| raise(py, &error))
    }

    fn checkpoint(&self, py: Python<'_>) -> PyResult<String> {
        py.detach(|| self.inner.checkpoint()).map_err(|error| raise(py, &error))
    }

    /// The number of leaves, when the log agrees with every checkpoint.
    fn verify(&self, py: Python<'_>, checkpoints: Vec<String>) -> PyResult<u64> {
        let given: Vec<&str> = checkpoints.iter().map(String::as_str).collect();
        py.detach(|| self.inner.verify(&given)).map_err(|error| raise(py, &error))
    }

    /// The log for other tools, where `prov` as PROV-JSON, else as OTLP's spans.
    fn export(&self, py: Python<'_>, prov: bool, content: bool) -> PyResult<String> {
        py.detach(|| guard_gate::export::told(&self.inner, prov, content)).map_err(|error| raise(py, &error))
    }

    /// The number of reservations that no limit of the gate can count any more, and that are gone now.
    fn forget(&self, py: Python<'_>, gate: &Gate, before: i64) -> PyResult<u64> {
        py.detach(|| self.inner.forget(&gate.inner, before)).map_err(|error| raise(py, &error))
    }

    fn leaves(&self, py: Python<'_>, start: u64) -> PyResult<Vec<String>> {
        py.detach(|| self.inner.leaves(start)).map_err(|error| raise(py, &error))
    }
}
