//! The command line inside of Python.

use guard_service::{Exit, Host, Notebook};
use pyo3::prelude::*;
use std::ffi::OsString;

/// Runs one call of `guard-nb` with the streams of the process; `args` begin with the program's name.
#[pyfunction]
pub fn cli(py: Python<'_>, args: Vec<OsString>) -> u8 {
    py.detach(|| guard_service::main(args, &InPython))
}

struct InPython;

impl Host for InPython {
    fn run_notebook(&self, notebook: &Notebook) -> Option<Exit> {
        let run = |py: Python<'_>| -> PyResult<u8> {
            let Notebook { path, output, timeout } = notebook;
            py.import("guard_nb.cli")?.getattr("run_notebook")?.call1((path, output.as_ref(), *timeout))?.extract()
        };
        Python::attach(|py| {
            let status = run(py);
            Some(status.map_or_else(
                |error| {
                    error.print(py);
                    Exit::USAGE
                },
                Exit::other,
            ))
        })
    }
}
