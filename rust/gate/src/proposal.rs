//! Proposals (G1).

use crate::json::{Fault, Json};
use crate::reason::Reason;
use guard_engine::document::quote;
use guard_verdict::{Code, codes::gate as codes};

/// Longest name, in characters.
const LONGEST: usize = 256;

/// A proposal that has a reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// `action`, `query`, `transform` or what else it says.
    pub kind: String,
    /// Made by the caller.
    pub id: String,
    /// Who proposes.
    pub principal: String,
    /// For what.
    pub task: Option<String>,
    /// Which tool, for an action.
    pub tool: Option<String>,
    /// The whole, in its canonical form.
    pub canonical: String,
    /// `sha256:…` of it.
    pub digest: String,
    whole: Json,
}

/// The object without members.
static NOTHING: Json = Json::Object(Vec::new());

impl Proposal {
    /// Reads a proposal's bytes.
    ///
    /// # Errors
    /// The reason of the denial, and the id where one can be read.
    pub fn parse(bytes: &[u8]) -> Result<Proposal, (Reason, Option<String>)> {
        let whole = Json::parse(bytes).map_err(|fault| (refused(fault), None))?;
        let id = whole.get("id").and_then(|id| named(id).ok()).map(str::to_owned);
        Proposal::of(whole).map_err(|reason| (reason, id))
    }

    fn of(whole: Json) -> Result<Proposal, Reason> {
        if !matches!(whole, Json::Object(_)) {
            return Err(Reason::new(codes::PROPOSAL_MEMBER, "the proposal is no object"));
        }
        let kind = name(&whole, "kind")?;
        let members: &[&str] = match kind.as_str() {
            "action" => &["kind", "id", "principal", "task", "tool", "arguments"],
            _ => &["kind", "id", "principal", "task", "sql", "params"],
        };
        if let Some((unknown, _)) = whole.members().iter().find(|(name, _)| !members.contains(&name.as_str())) {
            let message = format!("a proposal has no member {}", quote(unknown));
            return Err(Reason::new(codes::PROPOSAL_MEMBER, message));
        }
        let id = name(&whole, "id")?;
        let principal = name(&whole, "principal")?;
        let task = match whole.get("task") {
            None => None,
            Some(_) => Some(name(&whole, "task")?),
        };
        let tool = match kind.as_str() {
            "action" => Some(name(&whole, "tool")?),
            "query" | "transform" => texts(&whole).map(|()| None)?,
            _ => None,
        };
        if kind == "action" && !matches!(whole.get("arguments"), Some(Json::Object(_))) {
            return Err(Reason::new(codes::PROPOSAL_MEMBER, "`arguments` must be an object"));
        }
        let canonical = whole.canonical();
        let digest = guard_verdict::digest(canonical.as_bytes());
        Ok(Proposal { kind, id, principal, task, tool, canonical, digest, whole })
    }

    /// The arguments; none for what is no action.
    pub fn arguments(&self) -> &Json {
        self.whole.get("arguments").unwrap_or(&NOTHING)
    }

    /// What pointers of limits read: the arguments of an action, else the proposal itself.
    pub(crate) fn subject(&self) -> &Json {
        if self.kind == "action" { self.arguments() } else { &self.whole }
    }

    /// The text of a query or a transform.
    pub fn sql(&self) -> &str {
        self.whole.get("sql").and_then(Json::text).unwrap_or_default()
    }

    /// The values that a query or a transform brings for its own text.
    pub fn params(&self) -> &[(String, Json)] {
        self.whole.get("params").map(Json::members).unwrap_or_default()
    }

    /// `id`, `principal`, `task`, `tool`; for what is no action its kind stands for the tool.
    pub fn own(&self) -> [Option<&str>; 4] {
        [Some(&self.id), Some(&self.principal), self.task.as_deref(), self.tool.as_deref().or(Some(&self.kind))]
    }

    /// The first place, in canonical order, at which another proposal differs.
    pub fn difference(&self, other: &Proposal) -> String {
        difference(&self.whole, &other.whole, "").unwrap_or_default()
    }
}

fn difference(a: &Json, b: &Json, path: &str) -> Option<String> {
    if a.canonical() == b.canonical() {
        return None;
    }
    let (Json::Object(left), Json::Object(right)) = (a, b) else { return Some(path.to_owned()) };
    let mut names: Vec<&String> = left.iter().chain(right).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    names.into_iter().find_map(|name| {
        let at = crate::json::joined(path, name);
        match (a.get(name), b.get(name)) {
            (Some(a), Some(b)) => difference(a, b, &at),
            _ => Some(at),
        }
    })
}

fn named(value: &Json) -> Result<&str, &'static str> {
    match value.text() {
        None => Err("must be a text"),
        Some("") => Err("is empty"),
        Some(text) if text.chars().count() > LONGEST => Err("is longer than 256 characters"),
        Some(text) => Ok(text),
    }
}

fn name(whole: &Json, key: &str) -> Result<String, Reason> {
    let Some(value) = whole.get(key) else {
        return Err(Reason::new(codes::PROPOSAL_MEMBER, format!("`{key}` is missing")));
    };
    match named(value) {
        Ok(text) => Ok(text.to_owned()),
        Err(wrong) => Err(Reason::new(codes::PROPOSAL_MEMBER, format!("`{key}` {wrong}"))),
    }
}

/// The members of a query or a transform.
fn texts(whole: &Json) -> Result<(), Reason> {
    let wrong = |message: &str| Err(Reason::new(codes::PROPOSAL_MEMBER, message));
    match (whole.get("sql").and_then(Json::text), whole.get("params")) {
        (None | Some(""), _) => wrong("`sql` must be a text"),
        (_, None | Some(Json::Object(_))) => Ok(()),
        _ => wrong("`params` must be an object"),
    }
}

fn refused(fault: Fault) -> Reason {
    let (code, message): (Code, String) = match fault {
        Fault::Syntax(at) => (codes::PROPOSAL_MALFORMED, format!("no JSON at byte {at}")),
        Fault::Duplicate(at) => (codes::PROPOSAL_DUPLICATE, format!("a name occurs twice, again at byte {at}")),
        Fault::Long => (codes::PROPOSAL_LARGE, format!("longer than {} bytes", crate::json::MAX_BYTES)),
        Fault::Deep(at) => {
            (codes::PROPOSAL_LARGE, format!("deeper than {} levels at byte {at}", crate::json::MAX_DEPTH))
        }
        Fault::Number(at) => (codes::PROPOSAL_NUMBER, format!("a number beyond what is read at byte {at}")),
    };
    Reason::new(code, message)
}
