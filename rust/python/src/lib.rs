//! The seam: converts, releases the GIL, calls the engine, converts back. Nothing here decides anything about data.
#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "the Python package documents what users see")]

mod cli;
mod contract;
mod control;
mod errors;
mod frame;
mod gate;
mod infer;
mod ingest;
mod partial;
mod transform;
mod verdict;

use pyo3::prelude::*;

/// Output columns and the vectors between operators come and go by the megabyte: the system's allocator gives their pages back each
/// time, and faulting them in again costs as much as filling them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::cli::cli;
    #[pymodule_export]
    use super::contract::{Checker, Contract, diff, lint};
    #[pymodule_export]
    use super::gate::{Decision, Gate, Ledger};
    #[pymodule_export]
    use super::infer::{Inference, Suggester, infer_files};
    #[pymodule_export]
    use super::ingest::Ingest;
    #[pymodule_export]
    use super::partial::{Partial, merge};
    #[pymodule_export]
    use super::transform::{Transform, explain, functions};
    #[pymodule_export]
    use super::verdict::Verdict;
    #[pymodule_export]
    use super::{codes, version};
}

/// Version of the kernels.
#[pyfunction]
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// The table of codes: (name, area, summary, help, example).
#[pyfunction]
fn codes() -> Vec<(&'static str, String, &'static str, &'static str, &'static str)> {
    let row = |code: guard_verdict::Code| {
        let entry = code.0;
        (entry.name, format!("{:?}", entry.area).to_lowercase(), entry.summary, entry.help, entry.example)
    };
    guard_verdict::codes::all().map(row).collect()
}
