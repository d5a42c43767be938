//! What stands beside the digest: facts of this run that renderers may show and that no verdict contains.

use serde::{Deserialize, Serialize};

/// Facts of one run. All optional; the report reads well without them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Beside {
    /// Wall time of the check in microseconds.
    pub elapsed_us: Option<u64>,
    /// The name that the frame has where the user typed it.
    pub frame: Option<String>,
    /// Where the contract was read from.
    pub contract_path: Option<String>,
    /// Line in the contract of each clause, by clause id.
    pub lines: std::collections::BTreeMap<String, usize>,
    /// Where rejected records went, a variable's name.
    pub rejects: Option<String>,
    /// The instant of the run, RFC 3339; for documents that ask for one (OORS).
    pub observed_at: Option<String>,
}
