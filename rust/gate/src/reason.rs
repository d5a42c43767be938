//! Why, and what had to hold.

use crate::money;
use crate::name::Name;
use guard_verdict::{Code, Span};
use serde_json::Value;

/// One reason of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Which kind.
    pub code: Code,
    /// What happened, with the proposal's text in backticks.
    pub message: String,
    /// RFC 6901 pointer into the arguments; of a query or a transform, into the proposal.
    pub path: Option<String>,
    /// The limit.
    pub limit: Option<String>,
    /// What is known of texts only.
    note: Option<Box<Note>>,
}

/// What a reason says of a text, which most are not about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Note {
    span: Option<Span>,
    help: Option<String>,
}

impl Reason {
    /// Without place.
    pub fn new(code: Code, message: impl Into<String>) -> Reason {
        Reason { code, message: message.into(), path: None, limit: None, note: None }
    }

    /// At an argument.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Reason {
        self.path = Some(path.into());
        self
    }

    /// At a place in a text.
    #[must_use]
    pub fn placed(mut self, span: Span) -> Reason {
        self.note.get_or_insert_default().span = Some(span);
        self
    }

    /// With help of its own.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Reason {
        self.note.get_or_insert_default().help = Some(help.into());
        self
    }

    /// Where in the text at `path`.
    pub fn span(&self) -> Option<Span> {
        self.note.as_ref()?.span
    }

    /// What to do about it, where the code's own help says less.
    pub fn help(&self) -> Option<&str> {
        self.note.as_ref()?.help.as_deref()
    }

    /// Of a limit.
    #[must_use]
    pub fn of(mut self, limit: impl Into<String>) -> Reason {
        self.limit = Some(limit.into());
        self
    }

    pub(crate) fn of_json(value: &Value) -> Option<Reason> {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let code = guard_verdict::codes::find(value.get("code")?.as_str()?)?;
        let place = |key: &str| usize::try_from(value.get("span")?.get(key)?.as_u64()?).ok();
        let mut out = Reason { code, message: text("message")?, path: text("path"), limit: text("limit"), note: None };
        if value.get("span").is_some() {
            let (line, column) = (place("line")?, place("column")?);
            out = out.placed(Span { line, column, start: place("start")?, end: place("end")? });
        }
        Some(match text("help") {
            Some(help) => out.with_help(help),
            None => out,
        })
    }
}

/// How an obligation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Outcome {
    Held,
    Failed,
    NotReached,
}

impl Outcome {
    /// As documents call it.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Held => "held",
            Outcome::Failed => "failed",
            Outcome::NotReached => "not-reached",
        }
    }
}

/// One thing that had to hold (G2.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation {
    /// What people call it.
    pub name: Name,
    /// `form`, `tool`, `schema`, `money`, `allow`, `escalate`, `query`, `transform`, or a type of limit.
    pub kind: &'static str,
    /// How it stands.
    pub outcome: Outcome,
    /// For limits.
    pub counts: Option<Box<Counts>>,
}

/// What of a limit is used, what is asked for, and the most there may be. Equal where people read the same.
#[derive(Debug, Clone)]
pub enum Counts {
    /// In minor units of a currency, or calls.
    Counted([i128; 3], Option<Name>),
    /// As a document has them.
    Written([String; 3]),
}

impl Counts {
    /// As people read them.
    pub fn texts(&self) -> [String; 3] {
        match self {
            Counts::Counted(values, None) => values.map(|value| value.to_string()),
            Counts::Counted(values, Some(currency)) => {
                values.map(|minor| format!("{} {currency}", money::plain(minor, currency)))
            }
            Counts::Written(texts) => texts.clone(),
        }
    }
}

impl PartialEq for Counts {
    fn eq(&self, other: &Counts) -> bool {
        self.texts() == other.texts()
    }
}

impl Eq for Counts {}

/// The kinds of obligations.
const KINDS: [&str; 14] = [
    "form",
    "tool",
    "schema",
    "records",
    "money",
    "allow",
    "escalate",
    "query",
    "transform",
    "budget",
    "velocity",
    "rate",
    "once",
    "order",
];

impl Obligation {
    /// Without counts.
    pub fn new(name: impl Into<Name>, kind: &'static str, outcome: Outcome) -> Obligation {
        Obligation { name: name.into(), kind, outcome, counts: None }
    }

    pub(crate) fn of_json(value: &Value) -> Option<Obligation> {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let kind = text("kind")?;
        let outcome = text("outcome")?;
        let all = [Outcome::Held, Outcome::Failed, Outcome::NotReached];
        let counts = match (text("used"), text("asked"), text("max")) {
            (Some(used), Some(asked), Some(max)) => Some(Box::new(Counts::Written([used, asked, max]))),
            _ => None,
        };
        Some(Obligation {
            name: text("name")?.into(),
            kind: KINDS.into_iter().find(|known| *known == kind)?,
            outcome: all.into_iter().find(|known| known.name() == outcome)?,
            counts,
        })
    }
}
