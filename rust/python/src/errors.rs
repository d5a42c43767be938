//! Failures as the exceptions of `guard_nb.errors`.

use guard_engine::run::RunError;
use guard_ingest::IngestError;
use guard_verdict::{Code, Diagnostic, codes};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// An exception of `guard_nb.errors` with the code and its help.
pub fn guard_error(py: Python<'_>, class: &str, code: Code, message: &str) -> PyErr {
    build(py, class, (message.to_owned(),), |fields| {
        fields.set_item("code", code.name())?;
        fields.set_item("help", code.0.help)
    })
}

/// A contract that did not load.
pub fn contract_error(py: Python<'_>, diagnostics: &[Diagnostic]) -> PyErr {
    let json = serde_json::to_string(diagnostics).unwrap_or_default();
    build(py, "ContractError", (json,), |_| Ok(()))
}

/// A gate file that did not load.
pub fn gate_error(py: Python<'_>, diagnostics: &[Diagnostic]) -> PyErr {
    let json = serde_json::to_string(diagnostics).unwrap_or_default();
    build(py, "GateError", (json,), |_| Ok(()))
}

/// An expression that is none; `text` is what was read.
pub fn expression_error(py: Python<'_>, diagnostic: &Diagnostic, text: &str) -> PyErr {
    let json = serde_json::to_string(diagnostic).unwrap_or_default();
    build(py, "ExpressionError", (json,), |fields| fields.set_item("text", text))
}

/// A check that ended without a verdict.
pub fn run_error(py: Python<'_>, error: &RunError) -> PyErr {
    let (class, code) = match error {
        RunError::Interrupted => return pyo3::exceptions::PyKeyboardInterrupt::new_err(error.to_string()),
        RunError::PartsDiffer(_) => ("MergeError", codes::usage::PARTS_DIFFER),
        RunError::PartsOverlap(_) => ("MergeError", codes::usage::PARTS_OVERLAP),
        RunError::Unreadable(_) => ("MergeError", codes::usage::PARTIAL_UNREADABLE),
        RunError::SchemaChanged(_) => ("FrameError", codes::usage::FRAME_UNREADABLE),
        RunError::Storage(_) => ("InternalError", codes::usage::FILE_UNWRITABLE),
        RunError::Internal(_) => ("InternalError", codes::usage::INTERNAL),
    };
    guard_error(py, class, code, &error.to_string())
}

/// A source that gave no verdict.
pub fn ingest_error(py: Python<'_>, error: &IngestError) -> PyErr {
    if error.code == "interrupted" {
        return pyo3::exceptions::PyKeyboardInterrupt::new_err(error.to_string());
    }
    build(py, "IngestError", (error.message.clone(),), |fields| {
        fields.set_item("code", error.code)?;
        // The option is a keyword here.
        fields.set_item("help", error.help.as_deref().map(|help| help.replace("`format`", "`format=`")))
    })
}

fn build(py: Python<'_>, class: &str, args: (String,), fill: impl Fn(&Bound<'_, PyDict>) -> PyResult<()>) -> PyErr {
    let raise = || -> PyResult<PyErr> {
        let fields = PyDict::new(py);
        fill(&fields)?;
        let class = py.import("guard_nb.errors")?.getattr(class)?;
        Ok(PyErr::from_value(class.call(args.clone(), Some(&fields))?))
    };
    raise().unwrap_or_else(|error| error)
}
