//! The canonical form of a contract and the digest over it (S1.14).
//!
//! RFC 8785 JSON of the document typed by YAML 1.2's core schema. Comments, the order of keys, indentation and the style
//! of plain text do not matter; 1250.00 equals 1250; what a double cannot hold is `{"$decimal": "0.1"}`. Variables are
//! resolved in it, since they change what the contract means.

use super::Contract;
use super::json::{Inexact, to_json};
use super::tree::Node;

/// The canonical form of a document.
pub(crate) fn of_node(root: &Node) -> Option<String> {
    guard_verdict::canonical_json(&to_json(root, Inexact::Tagged)).ok()
}

impl Contract {
    /// The canonical form, over which [`Contract::digest`] is taken.
    pub fn canonical_json(&self) -> &str {
        &self.canonical
    }
}
