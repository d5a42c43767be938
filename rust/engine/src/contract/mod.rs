//! Contracts: ODCS documents read with line and column kept.
//!
//! Text → `yaml` → tree → variables → `read` and lint → [`Contract`]. Errors keep a contract from loading, and all of
//! them are reported at once; whatever else is odd is a warning or an info on the contract.

mod canonical;
mod diff;
pub(crate) mod findings;
mod index;
mod json;
mod keys;
mod lint;
mod model;
mod pattern_check;
mod physical;
mod place;
mod read;
mod reader;
mod text;
mod tree;
mod variables;
mod yaml;

pub use diff::{Change, Impact, diff};
pub(crate) use findings::did_you_mean;
pub(crate) use json::{Inexact, to_json};
pub use model::{
    Contract, Custom, LogicalType, Operator, Property, Quality, QualityKind, Relationship, Scalar, SchemaObject, Sla,
    Spanned, TypeOption,
};
pub use physical::{DecimalType, MOST_DIGITS, decimal_type};
pub(crate) use tree::{Kind, Node};
pub(crate) use yaml::read as read_yaml;

use crate::number;
use findings::Findings;
use guard_verdict::{Diagnostic, Level};
use std::collections::BTreeMap;

/// What reading a contract may depend on.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Values of the variables that an ODCS 3.2 document may name: `${NAME}` and `${NAME:-default}`.
    pub variables: BTreeMap<String, String>,
}

impl Contract {
    /// Reads a contract of ODCS 3.0, 3.1 or 3.2 from YAML or JSON text.
    ///
    /// # Errors
    /// All findings by position if at least one is an error.
    pub fn load(text: &str) -> Result<Contract, Vec<Diagnostic>> {
        Contract::load_with(text, &LoadOptions::default())
    }

    /// Like [`Contract::load`], with values for variables.
    ///
    /// # Errors
    /// All findings by position if at least one is an error.
    pub fn load_with(text: &str, options: &LoadOptions) -> Result<Contract, Vec<Diagnostic>> {
        let (contract, findings) = examine(text, options);
        match contract {
            Some(contract) if findings.iter().all(|finding| finding.level != Level::Error) => {
                Ok(Contract { diagnostics: findings, ..contract })
            }
            _ => Err(findings),
        }
    }
}

/// Every finding in a text, by position; empty for a contract without fault.
pub fn lint(text: &str) -> Vec<Diagnostic> {
    lint_with(text, &LoadOptions::default())
}

/// Like [`lint`], with values for variables.
pub fn lint_with(text: &str, options: &LoadOptions) -> Vec<Diagnostic> {
    examine(text, options).1
}

fn examine(text: &str, options: &LoadOptions) -> (Option<Contract>, Vec<Diagnostic>) {
    let mut findings = Findings::default();
    let Some(root) = yaml::read(text, &mut findings) else {
        return (None, findings.finish());
    };
    let (contract, findings) = read::document(text, &root, options, findings);
    (contract, findings.finish())
}
