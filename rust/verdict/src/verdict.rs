//! The verdict document (`docs/spec/verdict.md`).

use crate::{CanonicalError, canonical_json, digest};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Version of the semantics in `docs/spec/semantics.md`.
pub const SEMANTICS: u32 = 1;
/// Name of the document's format.
pub const FORMAT: &str = "guard-nb/verdict/v1";
/// Evidence kept per clause (S1.10).
pub const EVIDENCE_LIMIT: usize = 5;

/// The three values of a verdict (S1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Everything that decides was executed and holds.
    Accept,
    /// A clause of severity error fails.
    Reject,
    /// Something that decides could not be decided.
    Unknown,
}

/// How a clause ended (S1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It could not be decided.
    Unknown,
}

/// What was done about a clause (S1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Coverage {
    /// The kernels ran it.
    Executed,
    /// Another engine's shuffle ran it.
    Delegated,
    /// It cannot be run; the reason is given.
    Refused,
    /// It states nothing that could fail.
    Informational,
}

/// What a clause is about (S1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Each record by itself.
    Record,
    /// A key among all records or among those of another frame.
    Key,
    /// One batch.
    Batch,
    /// A window of records.
    Window,
    /// The table as a whole.
    Table,
}

/// How much a clause weighs (S1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Decides the verdict.
    Error,
    /// Is reported.
    Warning,
    /// Is reported.
    Info,
}

/// Counts of records (S1.7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Records {
    /// All records seen.
    pub total: u64,
    /// Records that satisfy every deciding clause.
    pub accepted: u64,
    /// Records that violate one.
    pub rejected: u64,
    /// Records that could not be decided.
    pub unknown: u64,
}

/// The contract that judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractRef {
    /// The contract's `id`.
    pub id: String,
    /// The contract's `version`.
    pub version: String,
    /// Digest of its canonical form.
    pub digest: String,
    /// Name of the schema object.
    pub object: String,
}

/// Record numbers seen of one source: half-open, sorted, joined ranges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRanges {
    /// The source's name; empty for a frame.
    pub source: String,
    /// `[start, end)` pairs.
    pub ranges: Vec<[u64; 2]>,
}

/// A frame that foreign keys were judged against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Name of its schema object.
    pub name: String,
    /// Its records.
    pub records: u64,
}

/// A count or share over the whole table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metric {
    /// Name of the metric.
    pub name: String,
    /// The count measured; for service levels the age in whole milliseconds.
    pub value: u64,
    /// What a share is taken of.
    pub of: u64,
    /// `rows` or `percent`; for service levels the unit written.
    pub unit: String,
    /// The operator written.
    pub operator: String,
    /// Its digits as written.
    pub threshold: Vec<String>,
}

/// Another value of a violating record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContextCell {
    /// Name of the column.
    pub column: String,
    /// Its value.
    pub value: Value,
}

/// One violation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The record's source; empty for a frame.
    pub source: String,
    /// Its number in the source, from 0.
    pub record: u64,
    /// Path of the value, such as `tags[2]`; column names joined by `,` for keys of several columns.
    pub path: String,
    /// The violating value; JSON null is a value too.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub value: Option<Value>,
    /// The violating key, where it has several columns.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub values: Option<Vec<Value>>,
    /// Other values of the record that help to find it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub context: Vec<ContextCell>,
}

/// A key that is there has a value, even when that is null; serde alone would read it as absent.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// One normative clause of the contract and how it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clause {
    /// Unique id (S5).
    pub id: String,
    /// Kind, such as `required`.
    pub kind: String,
    /// For people.
    pub name: String,
    /// Column paths it reads.
    pub columns: Vec<String>,
    /// What it is about.
    pub scope: Scope,
    /// How much it weighs.
    pub severity: Severity,
    /// What was done about it.
    pub coverage: Coverage,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub outcome: Option<Outcome>,
    /// Why it failed or could not be decided: the name of a code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<String>,
    /// The same as a sentence, for clauses that were not decided.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// Quality dimension, as written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dimension: Option<String>,
    /// Values looked at (S1.9).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub evaluated: Option<u64>,
    /// Values that violate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failing: Option<u64>,
    /// For table scope.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub metric: Option<Metric>,
    /// The first violations (S1.10).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub evidence: Vec<Evidence>,
    /// Records on which the clause could not be decided, by code (S7.4).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub undecided: Vec<Undecided>,
    /// For `wellFormed`: its failures by what is wrong with the record (S9.2).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub faults: Vec<Undecided>,
}

/// Where the bytes of text sources went (S10.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bytes {
    /// All bytes of the sources, after decompression.
    pub total: u64,
    /// Of accepted records.
    pub accepted: u64,
    /// Of rejected records.
    pub rejected: u64,
    /// Of records that could not be decided.
    pub unknown: u64,
    /// Line breaks after records; commas and brackets of an array.
    pub separators: u64,
    /// Of blank lines.
    pub blank: u64,
    /// Of headers and byte order marks.
    pub header: u64,
    /// Bytes that the change from a declared encoding to UTF-8 added to `total`; less than 0 where it took some. All other counts are of the UTF-8.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub converted: i64,
}

fn is_zero(count: &i64) -> bool {
    *count == 0
}

impl Bytes {
    /// Does every byte belong somewhere?
    pub fn add_up(&self) -> bool {
        let parts = [self.accepted, self.rejected, self.unknown, self.separators, self.blank, self.header];
        let text = self.total.checked_add_signed(self.converted);
        text.is_some() && parts.iter().try_fold(0u64, |sum, part| sum.checked_add(*part)) == text
    }
}

/// Records on which a clause could not be decided, for one reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Undecided {
    /// How its expression failed.
    pub code: String,
    /// On how many records.
    pub count: u64,
    /// The first of them (S1.10).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub evidence: Vec<Evidence>,
}

/// What a contract says of data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// [`FORMAT`].
    pub format: String,
    /// [`SEMANTICS`].
    pub semantics: u32,
    /// Who judged.
    pub contract: ContractRef,
    /// The verdict.
    pub status: Status,
    /// Counts of records.
    pub records: Records,
    /// Where the bytes of text sources went; none for frames and columnar files.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bytes: Option<Bytes>,
    /// Which records.
    pub sources: Vec<SourceRanges>,
    /// The instant that service levels were judged against, RFC 3339.
    pub as_of: Option<String>,
    /// Values that row rules were given (S7.7).
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub params: BTreeMap<String, Value>,
    /// Frames that foreign keys were judged against.
    pub references: Vec<Reference>,
    /// Columns that the contract does not declare.
    pub undeclared: Vec<String>,
    /// There are more undeclared names than are listed; those listed are the first in the order of their bytes.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub undeclared_more: bool,
    /// Every clause, in the contract's order.
    pub clauses: Vec<Clause>,
}

impl Verdict {
    /// The canonical document, byte for byte the same on every surface.
    pub fn to_json(&self) -> Result<String, CanonicalError> {
        canonical_json(self)
    }

    /// Reads a document written by [`Verdict::to_json`]. One of another format or semantics is refused, and one whose
    /// status or counts do not follow from its clauses: somebody changed it.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        let verdict: Self = serde_json::from_str(text)?;
        let fault = |why: &str| Err(serde::de::Error::custom(why));
        if verdict.format != FORMAT || verdict.semantics != SEMANTICS {
            return fault("it is of another format or of other semantics");
        }
        let records = &verdict.records;
        let parts = [records.accepted, records.rejected, records.unknown];
        if parts.iter().try_fold(0u64, |sum, part| sum.checked_add(*part)) != Some(records.total) {
            return fault("its counts of records do not add up");
        }
        if verdict.bytes.is_some_and(|bytes| !bytes.add_up()) {
            return fault("its counts of bytes do not add up");
        }
        if verdict.status != status_of(&verdict.clauses, &verdict.sources) {
            return fault("its status does not follow from its clauses");
        }
        Ok(verdict)
    }

    /// Digest of the canonical document.
    pub fn digest(&self) -> Result<String, CanonicalError> {
        Ok(digest(self.to_json()?.as_bytes()))
    }
}

/// The status that follows from clauses and ranges (S1.5, S1.12).
pub fn status_of(clauses: &[Clause], sources: &[SourceRanges]) -> Status {
    let decides =
        |outcome| clauses.iter().any(|clause| clause.severity == Severity::Error && clause.outcome == Some(outcome));
    let whole = sources.iter().all(|source| match source.ranges.as_slice() {
        [] => true,
        [[start, _]] => *start == 0,
        _ => false,
    });
    if decides(Outcome::Fail) {
        Status::Reject
    } else if decides(Outcome::Unknown) || !whole {
        Status::Unknown
    } else {
        Status::Accept
    }
}
