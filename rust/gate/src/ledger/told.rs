//! What leaves tell of records (G6.4).

use super::LedgerError;
use super::leaf;
use super::replay::text;
use super::store::{Record, Store};
use crate::digest::digest;
use crate::permit::{Key, Permit};
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
    /// The first whose permit another key has made.
    forged: Option<String>,
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
    pub fn look(&mut self, store: &mut dyn Store, leaves: &[Value], key: &Key) -> Answer<()> {
        let about: Vec<(&str, &Value)> = leaves.iter().filter_map(|leaf| Some((text(leaf, "id")?, leaf))).collect();
        let ids: Vec<&str> = about.iter().map(|(id, _)| *id).collect();
        let found = store.recorded(&ids)?;
        for ((id, leaf), record) in about.into_iter().zip(found) {
            match record.as_ref().and_then(|record| tells_of(leaf, record)) {
                Some(Told::Now) => {
                    self.told += 1;
                    self.later.remove(id);
                    if !record.as_ref().is_some_and(|record| permitted(leaf, record, key)) {
                        self.forged.get_or_insert_with(|| id.to_owned());
                    }
                }
                Some(Told::Later) => drop(self.later.insert(id.to_owned())),
                Some(Told::About) => {}
                None => self.wrong = self.wrong.take().or_else(|| Some(id.to_owned())),
            }
        }
        Ok(())
    }

    /// Do the records, of which there are so many, agree with the log?
    pub fn agree(&self, count: u64) -> Result<(), String> {
        if let Some(id) = self.wrong.as_ref().or_else(|| self.later.iter().min()) {
            return Err(format!("the record of {} is not the one in the log", quote(id)));
        }
        if let Some(id) = &self.forged {
            let why = "was not made with the ledger's key: the key or the permit was exchanged";
            return Err(format!("the permit of {} {why}", quote(id)));
        }
        if count == self.told { Ok(()) } else { Err("there are more or fewer records than the log knows".to_owned()) }
    }
}

/// Has the ledger's key made the permit of a record, for what the leaf says? Without reservation there is none.
fn permitted(leaf: &Value, record: &Record, key: &Key) -> bool {
    let number = leaf.get("reservation").and_then(Value::as_u64);
    let (Some(number), Some(token)) = (number, &record.permit) else {
        return number.is_none() && record.permit.is_none();
    };
    Permit::open(token, key).is_some_and(|permit| {
        permit.reservation == number
            && text(leaf, "id") == Some(&permit.id)
            && text(leaf, "proposal") == Some(&permit.proposal)
            && text(leaf, "gate") == Some(&permit.gate)
    })
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
        "conflict" => (said("proposal").is_null() || !alike("proposal")) && denied(leaf),
        // The same proposal, and not the gate that has decided it.
        "other-gate" => alike("proposal") && document.pointer("/gate/digest") != Some(said("gate")) && denied(leaf),
        // What was redeemed or settled is what was allowed.
        _ => ["id", "proposal", "reservation"].into_iter().all(alike) && !said("reservation").is_null(),
    };
    same.then_some(Told::About)
}

/// Does it deny, holding nothing?
fn denied(leaf: &Value) -> bool {
    leaf.get("reservation").is_some_and(Value::is_null) && text(leaf, "verdict") == Some("deny")
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
