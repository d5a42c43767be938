//! What the report of a decision shows.

use crate::decision::{Decision, Verdict, instant};
use crate::json::{Value, joined};
use crate::reason::{Counts, Reason};
use guard_verdict::render::{Because, DecisionView, Held, Proposed};

/// The members of an action that stand in the report's first line.
const HEAD: [&str; 5] = ["kind", "id", "principal", "task", "tool"];
/// Characters of a digest that people compare.
const DIGEST: usize = 19;

/// The view of a decision; `proposal` is what was judged, where it has a reading.
pub fn view(decision: &Decision, proposal: Option<&Value<'_>>) -> DecisionView {
    let said = |name: &str| proposal.and_then(|whole| whole.get(name)).and_then(Value::text);
    let approver = decision.approved.as_deref();
    let words = [
        ("by ", said("principal")),
        ("for ", said("task")),
        ("id ", decision.id.as_deref()),
        ("approved by ", approver),
    ];
    let about: Vec<String> = words.iter().filter_map(|(word, text)| Some(format!("{word}{}", (*text)?))).collect();
    let digest = decision.gate.1.get(..DIGEST).unwrap_or(&decision.gate.1);
    let mut proposed = proposal.map(|whole| rows(whole, &decision.reasons)).unwrap_or_default();
    if let Some(value) = approved(decision) {
        let lines = Some(value.clone());
        proposed.push(Proposed { place: "approved".to_owned(), value, lines, blamed: false });
    }
    DecisionView {
        verdict: decision.verdict.name().to_owned(),
        replayed: decision.replayed,
        title: said("tool").or(said("kind")).unwrap_or_default().to_owned(),
        about: about.join(" · "),
        proposal: proposed,
        reasons: decision.reasons.iter().map(because).collect(),
        obligations: decision.obligations.iter().map(held).collect(),
        next: next(decision),
        foot: format!(
            "gate {} · {digest}… · {} · sequence {}",
            decision.gate.0,
            instant(decision.at),
            decision.sequence
        ),
    }
}

fn held(one: &crate::reason::Obligation) -> Held {
    let outcome = one.outcome.name().to_owned();
    let counts = one.counts.as_deref().map(Counts::texts);
    Held { name: one.name.to_string(), kind: one.kind.to_owned(), outcome, counts }
}

/// What a reason says beside code and message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// Pointer to what it is about, and line and column of a text that stands there; empty if there is none.
    pub path: String,
    /// The limit; empty if it is none.
    pub limit: String,
    /// What to do: the reason's own word, else that of its code.
    pub help: String,
}

/// What stands beside a reason's code and message.
pub fn beside(reason: &Reason) -> Beside {
    let place = reason.span().map(|span| format!(" {}:{}", span.line, span.column)).unwrap_or_default();
    let path = format!("{}{place}", reason.path.as_deref().unwrap_or_default()).trim_start().to_owned();
    let help = reason.help().unwrap_or(reason.code.0.help).to_owned();
    Beside { path, limit: reason.limit.clone().unwrap_or_default(), help }
}

/// The text that may run in place of the one that was proposed, of a query or a transform.
pub fn approved(decision: &Decision) -> Option<String> {
    decision.answer.as_ref()?.document.get("sql")?.as_str().map(str::to_owned)
}

fn because(reason: &Reason) -> Because {
    let Beside { path, limit, help } = beside(reason);
    Because { code: reason.code.name().to_owned(), message: reason.message.clone(), path, limit, help }
}

fn next(decision: &Decision) -> String {
    if decision.replayed && decision.verdict.permits() {
        return "it was decided before; its call may have run: ask for the state of its permit".to_owned();
    }
    match (decision.verdict, decision.reservation) {
        (Verdict::Escalate, _) => "a human approves it by its id, or it stays undone".to_owned(),
        (Verdict::Allow | Verdict::Transform, Some((number, expires))) => {
            format!("reservation {number} is held until {}; its permit runs the call once", instant(expires))
        }
        (Verdict::Allow | Verdict::Transform, None) => {
            "it was decided without a ledger: nothing is held, and there is no permit to run it by".to_owned()
        }
        _ => String::new(),
    }
}

/// A value of a proposal and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Names down to it, parted by `/`.
    pub place: String,
    /// As canonical JSON.
    pub value: String,
    /// The text itself, where it is one of several lines.
    pub lines: Option<String>,
}

/// All values of a proposal, for people who must know what they approve.
pub fn content(whole: &Value<'_>) -> Vec<Part> {
    let place = |path: &str, argument: bool| match argument {
        true => format!("arguments{path}"),
        false => path.strip_prefix('/').unwrap_or(path).to_owned(),
    };
    let parts = parts(whole, &[]).into_iter();
    parts.map(|(path, part, argument)| Part { place: place(&path, argument), ..part }).collect()
}

/// The values of a proposal, without what the first line says; those that a reason points to are marked.
fn rows(whole: &Value<'_>, reasons: &[Reason]) -> Vec<Proposed> {
    let blames = |path: &str| {
        let mut paths = reasons.iter().filter_map(|reason| reason.path.as_deref());
        paths.any(|blamed| {
            !blamed.is_empty() && path.strip_prefix(blamed).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let row = |(path, Part { value, lines, .. }, argument): (String, Part, bool)| Proposed {
        blamed: argument && blames(&path),
        place: path.strip_prefix('/').unwrap_or(&path).to_owned(),
        value,
        lines,
    };
    parts(whole, &HEAD).into_iter().map(row).collect()
}

/// The leaves of a proposal with their pointers; those below `arguments` have pointers into these, and are said to be so. Texts
/// under the names `but` are left out.
fn parts(whole: &Value<'_>, but: &[&str]) -> Vec<(String, Part, bool)> {
    let mut out = Vec::new();
    for (name, member) in whole.members() {
        let (root, base) = match (name.as_ref(), member) {
            (name, Value::Text(_)) if but.contains(&name) => continue,
            ("arguments", Value::Object(members)) if members.is_empty() => continue,
            ("arguments", _) => (String::new(), true),
            (name, _) => (joined("", name), false),
        };
        let mut found = Vec::new();
        flatten(member, &root, &mut found);
        out.extend(found.into_iter().map(|(path, part)| (path, part, base)));
    }
    out
}

/// Leaves of a value with their pointers. Recursion is bounded by the depth of proposals.
fn flatten(value: &Value<'_>, path: &str, out: &mut Vec<(String, Part)>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                flatten(member, &joined(path, name), out);
            }
        }
        Value::List(items) if !items.is_empty() => {
            for (position, item) in items.iter().enumerate() {
                flatten(item, &format!("{path}/{position}"), out);
            }
        }
        leaf => {
            let lines = leaf.text().filter(|text| text.contains('\n')).map(str::to_owned);
            out.push((path.to_owned(), Part { place: String::new(), value: leaf.canonical(), lines }));
        }
    }
}
