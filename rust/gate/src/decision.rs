//! The decision and its document (G2.4).

use crate::json::Value as Given;
use crate::kind::Answer;
use crate::limit::Micros;
use crate::reason::{Obligation, Reason};
use guard_verdict::render::{decision_html, decision_page};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The document's format.
pub const FORMAT: &str = "guard-nb/decision/v1";

/// What becomes of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may run, once.
    Allow,
    /// It may not.
    Deny,
    /// A human must approve it.
    Escalate,
    /// It may run in a narrower form.
    Transform,
}

impl Verdict {
    /// Is there a permit?
    pub fn permits(self) -> bool {
        matches!(self, Verdict::Allow | Verdict::Transform)
    }

    /// As documents call it.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Allow => "allow",
            Verdict::Deny => "deny",
            Verdict::Escalate => "escalate",
            Verdict::Transform => "transform",
        }
    }

    pub(crate) fn find(name: &str) -> Option<Verdict> {
        [Verdict::Allow, Verdict::Deny, Verdict::Escalate, Verdict::Transform]
            .into_iter()
            .find(|one| one.name() == name)
    }
}

/// What a gate says to a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What becomes of it.
    pub verdict: Verdict,
    /// The proposal's id, where it has a readable one.
    pub id: Option<String>,
    /// Digest of the canonical proposal, where it has one.
    pub proposal: Option<String>,
    /// The gate's id and digest.
    pub gate: (String, String),
    /// When, stamped by the ledger.
    pub at: Micros,
    /// Its place in the ledger's log.
    pub sequence: u64,
    /// Was it decided before?
    pub replayed: bool,
    /// Why, by precedence (G2.3).
    pub reasons: Vec<Reason>,
    /// What had to hold, in the order of judging.
    pub obligations: Vec<Obligation>,
    /// What is held for it, and until when.
    pub reservation: Option<(u64, Micros)>,
    /// Of a query or a transform that may run: the text, and what is known of it.
    pub answer: Option<Answer>,
    /// Who approved it.
    pub approved: Option<String>,
    /// The permit; not part of the document.
    pub permit: Option<String>,
}

/// RFC 3339 with microseconds.
pub fn instant(at: Micros) -> String {
    Timestamp::from_microsecond(at).map_or_else(|_| at.to_string(), |at| format!("{at:.6}"))
}

impl Decision {
    /// The document, canonical.
    pub fn to_json(&self) -> String {
        let reasons: Vec<Value> = self.reasons.iter().map(Reason::json).collect();
        let obligations: Vec<Value> = self.obligations.iter().map(Obligation::json).collect();
        let mut out = Map::new();
        let mut put = |key: &str, value: Value| drop(out.insert(key.to_owned(), value));
        put("format", json!(FORMAT));
        put("verdict", json!(self.verdict.name()));
        put("id", json!(self.id));
        put("proposal", json!(self.proposal));
        put("gate", json!({"id": self.gate.0, "digest": self.gate.1}));
        put("at", json!(instant(self.at)));
        put("sequence", json!(self.sequence));
        put("replayed", json!(self.replayed));
        put("reasons", Value::Array(reasons));
        put("obligations", Value::Array(obligations));
        if let Some((reservation, expires)) = self.reservation {
            put("reservation", json!(reservation));
            put("expires", json!(instant(expires)));
        }
        if let Some(answer) = &self.answer {
            put(answer.kind, answer.document.clone());
        }
        if let Some(approved) = &self.approved {
            put("approvedBy", json!(approved));
        }
        guard_verdict::canonical_json(&Value::Object(out)).unwrap_or_default()
    }

    /// The static report; `proposal` is what was judged, where it has a reading.
    pub fn to_html(&self, proposal: Option<&Given<'_>>) -> String {
        decision_html(&crate::export::view(self, proposal))
    }

    /// The static report as a page of its own.
    pub fn to_html_page(&self, proposal: Option<&Given<'_>>) -> String {
        decision_page(&crate::export::view(self, proposal))
    }

    /// Reads a document that [`Decision::to_json`] wrote.
    pub fn of_json(text: &str) -> Option<Decision> {
        let value: Value = serde_json::from_str(text).ok()?;
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let micros = |key: &str| Some(text(key)?.parse::<Timestamp>().ok()?.as_microsecond());
        if text("format")? != FORMAT {
            return None;
        }
        let list = |key: &str| value.get(key).and_then(Value::as_array);
        let gate = |key: &str| value.get("gate")?.get(key)?.as_str().map(str::to_owned);
        Some(Decision {
            verdict: Verdict::find(text("verdict")?)?,
            id: text("id").map(str::to_owned),
            proposal: text("proposal").map(str::to_owned),
            gate: (gate("id")?, gate("digest")?),
            at: micros("at")?,
            sequence: value.get("sequence")?.as_u64()?,
            replayed: value.get("replayed")?.as_bool()?,
            reasons: list("reasons")?.iter().map(Reason::of_json).collect::<Option<_>>()?,
            obligations: list("obligations")?.iter().map(Obligation::of_json).collect::<Option<_>>()?,
            reservation: value.get("reservation").and_then(Value::as_u64).zip(micros("expires")),
            answer: Answer::of_json(&value),
            approved: text("approvedBy").map(str::to_owned),
            permit: None,
        })
    }
}
