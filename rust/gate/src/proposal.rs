//! Proposals (G1).

use crate::json::{Fault, Json, Limits, Value};
use crate::name::Name;
use crate::reason::Reason;
use crate::unseen::unseen;
use guard_engine::document::quote;
use guard_verdict::{Code, codes::gate as codes};
use std::borrow::Cow;

/// Longest name, in characters.
const LONGEST: usize = 256;

/// A proposal that has a reading; it borrows from the text it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading<'t> {
    /// `action`, `query`, `transform` or what else it says.
    pub kind: Cow<'t, str>,
    /// Made by the caller.
    pub id: Cow<'t, str>,
    /// Who proposes.
    pub principal: Cow<'t, str>,
    /// For what.
    pub task: Option<Cow<'t, str>>,
    /// Which tool, for an action.
    pub tool: Option<Cow<'t, str>>,
    /// The whole, in its canonical form.
    pub canonical: Name,
    /// `sha256:…` of it.
    pub digest: Name,
    whole: Value<'t>,
    /// Which member the arguments are.
    arguments: Option<usize>,
}

/// A proposal with a text of its own.
pub type Proposal = Reading<'static>;

/// The object without members.
static NOTHING: Json = Value::Object(Vec::new());

impl Proposal {
    /// Reads a proposal's bytes.
    ///
    /// # Errors
    /// The reason of the denial, and the id where one can be read.
    pub fn parse(bytes: &[u8]) -> Result<Proposal, (Reason, Option<String>)> {
        match Reading::read(bytes) {
            Ok(reading) => Ok(reading.into_owned()),
            Err((reason, id)) => Err((reason, id.map(Cow::into_owned))),
        }
    }
}

impl<'t> Reading<'t> {
    /// Reads a proposal's bytes.
    ///
    /// # Errors
    /// The reason of the denial, and the id where one can be read.
    pub fn read(bytes: &'t [u8]) -> Result<Reading<'t>, (Reason, Option<Cow<'t, str>>)> {
        Reading::of(Value::read(bytes)).map(Reading::sealed)
    }

    /// As [`Reading::read`], with `canonical` and `digest` left empty.
    pub(crate) fn unsealed(text: &'t str) -> Result<Reading<'t>, (Reason, Option<Cow<'t, str>>)> {
        Reading::of(Value::read_text(text, Limits::PROPOSAL))
    }

    fn of(read: Result<Value<'t>, Fault>) -> Result<Reading<'t>, (Reason, Option<Cow<'t, str>>)> {
        let whole = read.map_err(|fault| (refused(fault), None))?;
        match Own::of(&whole) {
            Ok(Own { kind, id, principal, task, tool, arguments }) => {
                let (canonical, digest) = (Name::Fixed(""), Name::Fixed(""));
                Ok(Reading { kind, id, principal, task, tool, canonical, digest, whole, arguments })
            }
            Err(reason) => {
                let id = whole.get("id").and_then(|id| named(id).ok()).cloned();
                Err((reason, id))
            }
        }
    }

    fn sealed(mut self) -> Reading<'t> {
        self.canonical = self.whole.canonical_name();
        self.digest = crate::digest::name(self.canonical.as_bytes());
        self
    }

    fn into_owned(self) -> Proposal {
        let own = |text: Cow<'t, str>| Cow::Owned(text.into_owned());
        Reading {
            kind: own(self.kind),
            id: own(self.id),
            principal: own(self.principal),
            task: self.task.map(own),
            tool: self.tool.map(own),
            canonical: self.canonical,
            digest: self.digest,
            whole: self.whole.into_owned(),
            arguments: self.arguments,
        }
    }

    /// All of it.
    pub(crate) fn whole(&self) -> &Value<'t> {
        &self.whole
    }

    /// The arguments; none for what is no action.
    pub fn arguments(&self) -> &Value<'t> {
        self.arguments.and_then(|at| self.whole.members().get(at)).map_or(&NOTHING, |(_, value)| value)
    }

    /// What pointers of limits read: the arguments of an action, else the proposal itself.
    pub(crate) fn subject(&self) -> &Value<'t> {
        if self.kind == "action" { self.arguments() } else { &self.whole }
    }

    /// The text of a query or a transform.
    pub fn sql(&self) -> &str {
        self.whole.get("sql").and_then(Value::text).unwrap_or_default()
    }

    /// The values that a query or a transform brings for its own text.
    pub fn params(&self) -> &[(Cow<'t, str>, Value<'t>)] {
        self.whole.get("params").map(Value::members).unwrap_or_default()
    }

    /// `id`, `principal`, `task`, `tool`; for what is no action its kind stands for the tool.
    pub fn own(&self) -> [Option<&str>; 4] {
        [Some(&self.id), Some(&self.principal), self.task.as_deref(), self.tool.as_deref().or(Some(&self.kind))]
    }

    /// The first place, in canonical order, at which another proposal differs.
    pub fn difference(&self, other: &Reading<'_>) -> String {
        difference(&self.whole, &other.whole, "").unwrap_or_default()
    }
}

/// What a proposal says of itself.
struct Own<'t> {
    kind: Cow<'t, str>,
    id: Cow<'t, str>,
    principal: Cow<'t, str>,
    task: Option<Cow<'t, str>>,
    tool: Option<Cow<'t, str>>,
    arguments: Option<usize>,
}

/// The members that a proposal has, looked up once.
#[derive(Default)]
struct Members<'v, 't> {
    kind: Option<&'v Value<'t>>,
    id: Option<&'v Value<'t>>,
    principal: Option<&'v Value<'t>>,
    task: Option<&'v Value<'t>>,
    tool: Option<&'v Value<'t>>,
    arguments: Option<(usize, &'v Value<'t>)>,
    /// It has `sql` or `params`.
    text: bool,
    /// It has a member that belongs to no kind.
    strange: bool,
}

impl<'v, 't> Members<'v, 't> {
    fn of(members: &'v [(Cow<'t, str>, Value<'t>)]) -> Members<'v, 't> {
        let mut out = Members::default();
        for (position, (name, value)) in members.iter().enumerate() {
            match &**name {
                "kind" => out.kind = Some(value),
                "id" => out.id = Some(value),
                "principal" => out.principal = Some(value),
                "task" => out.task = Some(value),
                "tool" => out.tool = Some(value),
                "arguments" => out.arguments = Some((position, value)),
                "sql" | "params" => out.text = true,
                _ => out.strange = true,
            }
        }
        out
    }
}

impl<'t> Own<'t> {
    fn of(whole: &Value<'t>) -> Result<Own<'t>, Reason> {
        let Value::Object(all) = whole else {
            return Err(Reason::new(codes::PROPOSAL_MEMBER, "the proposal is no object"));
        };
        let members = Members::of(all);
        let kind = name(members.kind, "kind")?;
        let (own, foreign): (&[&str], bool) = match &*kind {
            "action" => (&["kind", "id", "principal", "task", "tool", "arguments"], members.text),
            "query" | "transform" => {
                let foreign = members.tool.is_some() || members.arguments.is_some();
                (&["kind", "id", "principal", "task", "sql", "params"], foreign)
            }
            // The kind is what is wrong with it, and not what belongs to the kind that was meant.
            _ => (&["kind", "id", "principal", "task", "tool", "arguments", "sql", "params"], false),
        };
        if members.strange || foreign {
            let unknown = all.iter().map(|(name, _)| &**name).find(|name| !own.contains(name)).unwrap_or_default();
            let message = format!("a proposal has no member {}", quote(unknown));
            return Err(Reason::new(codes::PROPOSAL_MEMBER, message));
        }
        let id = name(members.id, "id")?;
        let principal = name(members.principal, "principal")?;
        let task = match members.task {
            None => None,
            task => Some(name(task, "task")?),
        };
        let tool = match kind.as_ref() {
            "action" => Some(name(members.tool, "tool")?),
            "query" | "transform" => texts(whole).map(|()| None)?,
            _ => None,
        };
        if kind == "action" && !matches!(members.arguments, Some((_, Value::Object(_)))) {
            return Err(Reason::new(codes::PROPOSAL_MEMBER, "`arguments` must be an object"));
        }
        Ok(Own { kind, id, principal, task, tool, arguments: members.arguments.map(|(position, _)| position) })
    }
}

fn difference(a: &Value<'_>, b: &Value<'_>, path: &str) -> Option<String> {
    if a.canonical() == b.canonical() {
        return None;
    }
    let (Value::Object(left), Value::Object(right)) = (a, b) else { return Some(path.to_owned()) };
    let mut names: Vec<&str> =
        left.iter().map(|(name, _)| &**name).chain(right.iter().map(|(name, _)| &**name)).collect();
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

fn named<'v, 't>(value: &'v Value<'t>) -> Result<&'v Cow<'t, str>, Cow<'static, str>> {
    match value {
        Value::Text(text) if text.is_empty() => Err("is empty".into()),
        Value::Text(text) if text.len() > LONGEST && text.chars().count() > LONGEST => {
            Err("is longer than 256 characters".into())
        }
        Value::Text(text) => unseen(text).map_or(Ok(text), |why| Err(why.into())),
        _ => Err("must be a text".into()),
    }
}

#[inline]
fn name<'t>(value: Option<&Value<'t>>, key: &str) -> Result<Cow<'t, str>, Reason> {
    let Some(value) = value else {
        return Err(Reason::new(codes::PROPOSAL_MEMBER, format!("`{key}` is missing")));
    };
    match named(value) {
        Ok(text) => Ok(text.clone()),
        Err(wrong) => {
            let reason = Reason::new(codes::PROPOSAL_MEMBER, format!("`{key}` {wrong}"));
            // Only what cannot be seen is told with its place.
            let hidden = matches!(wrong, Cow::Owned(_));
            Err(if hidden { reason.with_help(crate::unseen::HELP) } else { reason })
        }
    }
}

/// The members of a query or a transform.
fn texts(whole: &Value<'_>) -> Result<(), Reason> {
    let wrong = |message: &str| Err(Reason::new(codes::PROPOSAL_MEMBER, message));
    match (whole.get("sql").and_then(Value::text), whole.get("params")) {
        (None | Some(""), _) => wrong("`sql` must be a text"),
        (_, None | Some(Value::Object(_))) => Ok(()),
        _ => wrong("`params` must be an object"),
    }
}

fn refused(fault: Fault) -> Reason {
    let (code, message): (Code, String) = match fault {
        Fault::More(at) => {
            let message = format!("the text goes on after the proposal, at byte {at}");
            let help = "give one proposal; several stand one a line in a file named .ndjson, or on standard input";
            return Reason::new(codes::PROPOSAL_MALFORMED, message).with_help(help);
        }
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
