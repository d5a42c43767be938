//! The decision and its document (G2.4).

use crate::json::{Json, joined};
use crate::kind::Answer;
use crate::limit::Micros;
use crate::reason::{Obligation, Reason};
use guard_verdict::render::{DecisionView, decision_html};
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
    pub fn to_html(&self, proposal: Option<&Json>) -> String {
        let mut rows = Vec::new();
        if let Some(proposal) = proposal {
            flatten(proposal, "", &mut rows);
        }
        if let Some(sql) = self.answer.as_ref().and_then(|answer| answer.document.get("sql")?.as_str()) {
            rows.push(("approved".to_owned(), sql.to_owned()));
        }
        let text = |name: &str| proposal.and_then(|whole| whole.get(name)).and_then(Json::text).unwrap_or_default();
        let reasons = self.reasons.iter().map(|reason| {
            let mut place = reason.path.as_ref().or(reason.limit.as_ref()).cloned().unwrap_or_default();
            if let Some(span) = reason.span() {
                place.push_str(&format!(" {}:{}", span.line, span.column));
            }
            (reason.code.name().to_owned(), reason.message.clone(), place)
        });
        let obligations = self
            .obligations
            .iter()
            .map(|one| (one.name.clone(), one.kind.to_owned(), one.outcome.name().to_owned(), one.counts.clone()));
        let sequence = self.sequence;
        decision_html(&DecisionView {
            verdict: self.verdict.name().to_owned(),
            replayed: self.replayed,
            title: if text("tool").is_empty() { text("kind") } else { text("tool") }.to_owned(),
            proposal: rows,
            reasons: reasons.collect(),
            obligations: obligations.collect(),
            foot: format!("gate {} · {} · {} · sequence {sequence}", self.gate.0, self.gate.1, instant(self.at)),
        })
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

/// Leaves of a value with their pointers. Recursion is bounded by the depth of proposals.
fn flatten(value: &Json, path: &str, out: &mut Vec<(String, String)>) {
    match value {
        Json::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                flatten(member, &joined(path, name), out);
            }
        }
        Json::List(items) if !items.is_empty() => {
            for (position, item) in items.iter().enumerate() {
                flatten(item, &format!("{path}/{position}"), out);
            }
        }
        leaf => out.push((path.to_owned(), leaf.canonical())),
    }
}
