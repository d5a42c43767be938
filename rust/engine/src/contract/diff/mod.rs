//! What a new version of a contract changes, for those who deliver the data and for those who read them.
//!
//! Each change is judged twice. *Tightening* asks more of a side than before, *loosening* asks less, *breaking* asks for
//! something that it cannot have done already, *neutral* asks nothing. A narrower bound tightens for producers, whose data
//! may now fail, and loosens for consumers, who see fewer values. Where the direction cannot be told, both sides are
//! taken to be tightened. In particular:
//!
//! | change | producer | consumer |
//! |---|---|---|
//! | property added (a frame without its column fails `presence`, S3.1) | breaking | neutral |
//! | property removed | loosening | breaking |
//! | object added | tightening | neutral |
//! | object removed | loosening | breaking |
//! | logicalType or physicalName changed | breaking | breaking |
//! | fewer digits in a decimal `physicalType` | breaking | loosening |
//! | more digits in it | loosening | breaking |
//! | other digits before and after the point, or another type that is read by it | breaking | breaking |
//! | `csv…` of an object, or a server's format: the same bytes are other records | breaking | breaking |
//! | constraint added or narrowed | tightening | loosening |
//! | constraint removed or widened | loosening | tightening |
//! | `required` dropped | loosening | breaking |
//! | enum value added (readers branch on them) | loosening | breaking |
//! | enum value removed | breaking | loosening |
//! | description, tags, team, all else of servers … | neutral | neutral |
//!
//! Elements are matched by name, so a rename is a removal and an addition. Order does not count.

mod classify;
mod walk;

use super::Contract;
use serde::Serialize;
use serde_json::Value;

/// What a change means for one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Impact {
    /// Something must be changed before the new version can be met.
    Breaking,
    /// More is asked than before.
    Tightening,
    /// Less is asked than before.
    Loosening,
    /// Nothing is asked.
    Neutral,
}

/// One difference between two versions of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Where, by names: `schema[flights].properties[tailnum].required`.
    pub path: String,
    /// What: `property-added`, `bound-changed` and so on.
    pub kind: String,
    /// What it means for those who deliver the data.
    pub producer: Impact,
    /// What it means for those who read the data.
    pub consumer: Impact,
    /// In words.
    pub message: String,
    /// The old value as canonical JSON, where it is a scalar or a small list.
    pub old: Option<String>,
    /// The new value, likewise.
    pub new: Option<String>,
}

/// The differences from `old` to `new`, by path. Empty when both have the same digest.
///
/// Reads the canonical forms, so what formatting changes is no difference. Costs the time to read both.
pub fn diff(old: &Contract, new: &Contract) -> Vec<Change> {
    if old.canonical == new.canonical {
        return Vec::new();
    }
    let parse = |contract: &Contract| serde_json::from_str(&contract.canonical).unwrap_or(Value::Null);
    let mut changes = walk::document(&parse(old), &parse(new));
    changes.sort_by(|a, b| (&a.path, &a.kind, &a.old, &a.new).cmp(&(&b.path, &b.kind, &b.old, &b.new)));
    changes
}
