//! Whole ingestions: contracts, files, verdicts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic, missing_docs)]

mod growing;
mod keys;
mod proved;
mod repeated;

use guard_engine::contract::Contract;
use guard_engine::run::Uncontrolled;
use guard_ingest::{Ingest, IngestError, Input, Outcome, Request};
use std::path::Path;
use std::sync::Arc;

/// A contract with one object of these properties, as YAML lines of a list.
pub fn contract(properties: &str) -> Arc<Contract> {
    let text = format!(
        "apiVersion: v3.1.0\nkind: DataContract\nid: t\nversion: 1.0.0\nstatus: active\nschema:\n  - name: t\n    properties:\n{}",
        properties.lines().map(|line| format!("      {line}\n")).collect::<String>()
    );
    let contract = Contract::load(&text);
    Arc::new(contract.unwrap_or_else(|found| panic!("{found:?}")))
}

pub fn file(path: &Path) -> Input {
    Input::File(path.to_path_buf())
}

/// Reads all and judges.
pub fn check(request: Request) -> Result<Outcome, IngestError> {
    Ingest::open(request)?.finish(&Uncontrolled)
}
