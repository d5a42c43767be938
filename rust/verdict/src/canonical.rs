//! RFC 8785 canonical JSON and the digest over it (S1.14).

use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// A document could not be written as canonical JSON: it holds a number that JSON has no form for.
#[derive(Debug)]
pub struct CanonicalError(String);

impl std::fmt::Display for CanonicalError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no canonical form: {}", self.0)
    }
}

impl std::error::Error for CanonicalError {}

/// The canonical bytes of `document`: sorted keys, shortest numbers, no white space.
pub fn canonical_json<T: Serialize>(document: &T) -> Result<String, CanonicalError> {
    serde_json_canonicalizer::to_string(document).map_err(|e| CanonicalError(e.to_string()))
}

/// `sha256:` and the hex SHA-256 of `bytes`.
pub fn digest(bytes: &[u8]) -> String {
    let mut out = String::from("sha256:");
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}
