//! What stands beside the digest: facts of this run that renderers may show and that no verdict contains.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Facts of one run. All optional; the report reads well without them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Beside {
    /// Wall time of the check in microseconds.
    pub elapsed_us: Option<u64>,
    /// The name that the frame has where the user typed it.
    pub frame: Option<String>,
    /// Files that the records came from, as they were given.
    pub sources: Vec<String>,
    /// Where the contract was read from.
    pub contract_path: Option<String>,
    /// Line in the contract of each clause, by clause id.
    pub lines: BTreeMap<String, usize>,
    /// What each clause demands, by clause id; sharpens the filters that the report proposes. The bound of `minimum` and
    /// its like, the `pattern`, every member of an `enum`, and for a `foreignKey` the name of the referenced object followed by
    /// its columns. Numbers as JSON numbers or as strings of digits.
    pub arguments: BTreeMap<String, Vec<Value>>,
    /// Names that columns have in the frame, where the contract calls them otherwise (`physicalName`).
    pub physical: BTreeMap<String, String>,
    /// Where rejected records went, a variable's name.
    pub rejects: Option<String>,
    /// What to do next where the user is not in Python: stands in place of the last line's steps, and expressions of Python are left out.
    pub next: Option<String>,
    /// The instant of the run, RFC 3339; for documents that ask for one (OORS).
    pub observed_at: Option<String>,
}
