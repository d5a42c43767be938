//! The decision and its document (G2.4).

use crate::json::Value as Given;
use crate::kind::Answer;
use crate::limit::Micros;
use crate::name::Name;
use crate::reason::{Obligation, Reason};
use guard_verdict::render::{decision_html, decision_page};
use jiff::Timestamp;
use serde_json::Value;

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
    pub id: Option<Name>,
    /// Digest of the canonical proposal, where it has one.
    pub proposal: Option<Name>,
    /// The gate's id and digest.
    pub gate: (Name, Name),
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
    plain(at).unwrap_or_else(|| instant_of_any_year(at))
}

/// From 1970 to where timestamps end: years, months and days of the Gregorian calendar from days since 1970.
fn plain(at: Micros) -> Option<String> {
    let rest = u64::try_from(at).ok().filter(|at| *at < 253_402_207_200_000_000)?;
    let (seconds, micros) = (rest / 1_000_000, rest % 1_000_000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Counted from 1 March of year 0, so that leap days end their years; 400 years have 146 097 days.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    Some(format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z"))
}

fn instant_of_any_year(at: Micros) -> String {
    Timestamp::from_microsecond(at).map_or_else(|_| at.to_string(), |at| format!("{at:.6}"))
}

impl Decision {
    /// The document, canonical.
    pub fn to_json(&self) -> String {
        crate::document::decision(self)
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
        let own = |key: &str| text(key).map(|text| Name::from(text.to_owned()));
        let list = |key: &str| value.get(key).and_then(Value::as_array);
        let gate = |key: &str| value.get("gate")?.get(key)?.as_str().map(str::to_owned).map(Name::from);
        Some(Decision {
            verdict: Verdict::find(text("verdict")?)?,
            id: own("id"),
            proposal: own("proposal"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_those_of_the_calendar() {
        // Days around leap days, ends of centuries and of what is written plainly; odd steps between them.
        let days = [0, 58, 59, 365, 789, 790, 10_956, 11_016, 47_540, 47_541, 2_932_895, 2_932_896, 2_932_897];
        let near = days.iter().flat_map(|day| [-1, 0, 1, 86_399_999_999].map(|apart| day * 86_400_000_000 + apart));
        let far = (0..50_000).map(|step| step * 5_068_046_016_001);
        for at in near.chain(far) {
            assert_eq!(instant(at), instant_of_any_year(at), "{at}");
        }
    }
}
