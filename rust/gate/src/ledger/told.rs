//! What leaves tell of records (G6.4).

use super::LedgerError;
use super::leaf;
use super::replay::text;
use super::store::{Record, Store};
use crate::digest::digest;
use guard_engine::document::quote;
use serde_json::Value;
use std::collections::HashSet;

type Answer<T> = Result<T, LedgerError>;

/// What was found of records while the log was read.
#[derive(Default)]
pub(super) struct Records {
    /// Those that the last leaf of their id tells of.
    told: u64,
    /// Ids whose record says that a later leaf tells of it.
    later: HashSet<String>,
    /// The first that is not as the log has it.
    wrong: Option<String>,
}

/// How a leaf and the record of its id go together.
enum Told {
    /// The leaf made the record.
    Now,
    /// A later leaf of the id made it.
    Later,
    /// The leaf is about what is recorded.
    About,
}

impl Records {
    /// Looks up the records that a page of the log tells of.
    pub fn look(&mut self, store: &mut dyn Store, leaves: &[Value]) -> Answer<()> {
        let about: Vec<(&str, &Value)> = leaves.iter().filter_map(|leaf| Some((text(leaf, "id")?, leaf))).collect();
        let ids: Vec<&str> = about.iter().map(|(id, _)| *id).collect();
        let found = store.recorded(&ids)?;
        for ((id, leaf), record) in about.into_iter().zip(found) {
            match record.as_ref().and_then(|record| tells_of(leaf, record)) {
                Some(Told::Now) => {
                    self.told += 1;
                    self.later.remove(id);
                }
                Some(Told::Later) => drop(self.later.insert(id.to_owned())),
                Some(Told::About) => {}
                None => self.wrong = self.wrong.take().or_else(|| Some(id.to_owned())),
            }
        }
        Ok(())
    }

    pub fn agree(&self, store: &mut dyn Store) -> Answer<Result<(), String>> {
        if let Some(id) = self.wrong.as_ref().or_else(|| self.later.iter().min()) {
            return Ok(Err(format!("the record of {} is not the one in the log", quote(id))));
        }
        let all = store.record_count()? == self.told;
        Ok(if all { Ok(()) } else { Err("there are more or fewer records than the log knows".to_owned()) })
    }
}

/// How they go together; none if they do not.
fn tells_of(leaf: &Value, record: &Record) -> Option<Told> {
    let document = serde_json::from_str::<Value>(&record.decision).ok()?;
    let said = |key: &str| leaf.get(key).unwrap_or(&Value::Null);
    let alike = |key: &str| said(key) == document.get(key).unwrap_or(&Value::Null);
    let sequence = |value: &Value| value.get("sequence").and_then(Value::as_u64);
    let same = match text(leaf, "event")? {
        "decision" if sequence(&document)? > sequence(leaf)? => {
            return escalated(leaf, &document).then_some(Told::Later);
        }
        "decision" => return made(leaf, record, &document).then_some(Told::Now),
        "conflict" => {
            let other = said("proposal").is_null() || !alike("proposal");
            other && said("reservation").is_null() && text(leaf, "verdict") == Some("deny")
        }
        // What was redeemed or settled is what was allowed.
        _ => ["id", "proposal", "reservation"].into_iter().all(alike) && !said("reservation").is_null(),
    };
    same.then_some(Told::About)
}

/// Can this leaf have become the decision of the document? Only what escalated is judged again, by the same gate.
fn escalated(leaf: &Value, document: &Value) -> bool {
    let said = |key: &str| leaf.get(key).unwrap_or(&Value::Null);
    let alike = |key: &str| said(key) == document.get(key).unwrap_or(&Value::Null);
    text(leaf, "verdict") == Some("escalate")
        && text(document, "verdict") != Some("escalate")
        && text(leaf, "record").is_some()
        && said("reservation").is_null()
        && said("arrivals").is_null()
        && document.pointer("/gate/digest") == Some(said("gate"))
        && ["id", "proposal"].into_iter().all(alike)
}

/// Does the leaf of a decision say what its record says?
fn made(leaf: &Value, record: &Record, document: &Value) -> bool {
    let said = |key: &str| leaf.get(key).unwrap_or(&Value::Null);
    let alike = |key: &str| said(key) == document.get(key).unwrap_or(&Value::Null);
    let proposed = text(leaf, "proposal").is_none_or(|proposal| proposal == digest(record.canonical.as_bytes()));
    proposed
        && text(leaf, "record") == Some(&leaf::record(&record.canonical, &record.decision, record.permit.as_deref()))
        && text(leaf, "decision") == Some(&digest(record.decision.as_bytes()))
        && document.pointer("/gate/digest") == Some(said("gate"))
        && ["at", "id", "proposal", "reservation", "sequence", "verdict"].into_iter().all(alike)
}
