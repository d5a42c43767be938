//! Is one gate narrower than another (G10)? A proof, a counterexample, or neither.
//!
//! `proof` compares gates part by part, `schemas` and `rules` the schemas and conditions in them, `policies` queries and transforms; `search`
//! looks for a proposal that the narrower gate admits and the wider one does not, among `values` at the edges, `samples` of patterns and `texts`
//! of SQL; `task` makes a narrower gate from a task's file.

mod policies;
mod proof;
mod rules;
mod samples;
mod schemas;
mod search;
mod task;
mod texts;
mod values;

pub use task::narrow;

use crate::decision::Verdict;
use crate::file::Gate;
use serde_json::{Map, Value, json};

/// What is known of two gates.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// For every proposal and every ledger the narrower gate says at most what the wider one says.
    Proved,
    /// Not so.
    Refuted(Box<Counterexample>),
    /// Neither was found; to be treated as refuted. What could not be proved.
    Unknown(Vec<String>),
}

/// A proposal of which the supposedly narrower gate admits more.
#[derive(Debug, Clone, PartialEq)]
pub struct Counterexample {
    /// JSON.
    pub proposal: String,
    /// What the supposedly narrower gate says.
    pub narrow: Verdict,
    /// What the wider one says.
    pub wide: Verdict,
    /// Why the wider one says so.
    pub reasons: Vec<String>,
    /// A limit of the wider gate that must have been used up before.
    pub limit: Option<String>,
    /// JSON: what must be given of the principal to both gates before.
    pub context: Option<String>,
}

impl Answer {
    /// `proved`, `refuted`, `unknown`.
    pub fn name(&self) -> &'static str {
        match self {
            Answer::Proved => "proved",
            Answer::Refuted(_) => "refuted",
            Answer::Unknown(_) => "unknown",
        }
    }

    /// As JSON: `answer`, and what belongs to it.
    pub fn json(&self) -> String {
        let mut out = Map::from_iter([("answer".to_owned(), json!(self.name()))]);
        match self {
            Answer::Proved => {}
            Answer::Unknown(doubts) => {
                out.insert("doubts".to_owned(), json!(doubts));
            }
            Answer::Refuted(found) => {
                let proposal: Value = serde_json::from_str(&found.proposal).unwrap_or_default();
                out.insert("proposal".to_owned(), proposal);
                out.insert("narrow".to_owned(), json!(found.narrow.name()));
                out.insert("wide".to_owned(), json!(found.wide.name()));
                out.insert("reasons".to_owned(), json!(found.reasons));
                out.insert("limit".to_owned(), json!(found.limit));
                let context = found.context.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
                out.insert("context".to_owned(), json!(context));
            }
        }
        Value::Object(out).to_string()
    }
}

/// Does the narrow gate admit at most what the wide one admits? Pure; the cost is bounded by the sizes of the files and by a
/// fixed number of proposals.
pub fn compare(narrow: &Gate, wide: &Gate) -> Answer {
    let doubts = proof::doubts(narrow, wide);
    if doubts.is_empty() {
        return Answer::Proved;
    }
    match search::counterexample(narrow, wide) {
        Some(found) => Answer::Refuted(Box::new(found)),
        None => Answer::Unknown(doubts),
    }
}
