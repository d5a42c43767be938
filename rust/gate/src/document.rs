//! Decisions as canonical JSON, written without values in between: names come in the order of their UTF-16 units.

use crate::decision::{Decision, FORMAT, instant};
use crate::json::write_text;
use crate::reason::{Counts, Obligation, Reason};
use std::fmt::Write;

/// An object that is written member by member; the caller keeps the order of names.
pub(crate) struct Object<'o> {
    out: &'o mut String,
    first: bool,
}

impl<'o> Object<'o> {
    pub(crate) fn new(out: &'o mut String) -> Object<'o> {
        out.push('{');
        Object { out, first: true }
    }

    /// Where the value of a member goes. Names are plain ASCII.
    pub(crate) fn name(&mut self, name: &str) -> &mut String {
        self.out.push_str(if self.first { "\"" } else { ",\"" });
        self.first = false;
        self.out.push_str(name);
        self.out.push_str("\":");
        self.out
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) {
        write_text(value, self.name(name));
    }

    fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    pub(crate) fn nullable(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.text(name, value),
            None => self.name(name).push_str("null"),
        }
    }

    pub(crate) fn number(&mut self, name: &str, value: u64) {
        // Writing to a String cannot fail.
        let _ = write!(self.name(name), "{value}");
    }

    fn list<T>(&mut self, name: &str, items: &[T], write: impl Fn(&T, &mut String)) {
        let out = self.name(name);
        out.push('[');
        for (position, item) in items.iter().enumerate() {
            out.push_str(if position == 0 { "" } else { "," });
            write(item, out);
        }
        out.push(']');
    }

    pub(crate) fn end(self) {
        self.out.push('}');
    }
}

/// The document of a decision (G2.4).
pub(crate) fn decision(decision: &Decision) -> String {
    let mut out = String::with_capacity(2_048);
    let mut object = Object::new(&mut out);
    object.optional("approvedBy", decision.approved.as_deref());
    object.text("at", &instant(decision.at));
    if let Some((_, expires)) = decision.reservation {
        object.text("expires", &instant(expires));
    }
    object.text("format", FORMAT);
    let mut gate = Object::new(object.name("gate"));
    gate.text("digest", &decision.gate.1);
    gate.text("id", &decision.gate.0);
    gate.end();
    object.nullable("id", decision.id.as_deref());
    object.list("obligations", &decision.obligations, obligation);
    object.nullable("proposal", decision.proposal.as_deref());
    answer(&mut object, decision, "query");
    object.list("reasons", &decision.reasons, reason);
    object.name("replayed").push_str(if decision.replayed { "true" } else { "false" });
    if let Some((reservation, _)) = decision.reservation {
        object.number("reservation", reservation);
    }
    object.number("sequence", decision.sequence);
    answer(&mut object, decision, "transform");
    object.text("verdict", decision.verdict.name());
    object.end();
    out
}

/// The answer, if it is one of this kind.
fn answer(object: &mut Object<'_>, decision: &Decision, kind: &str) {
    if let Some(answer) = decision.answer.as_ref().filter(|answer| answer.kind == kind) {
        object.name(kind).push_str(&answer.canonical());
    }
}

fn reason(reason: &Reason, out: &mut String) {
    let mut object = Object::new(out);
    object.text("code", reason.code.name());
    object.optional("help", reason.help());
    object.optional("limit", reason.limit.as_deref());
    object.text("message", &reason.message);
    object.optional("path", reason.path.as_deref());
    if let Some(span) = reason.span() {
        let mut place = Object::new(object.name("span"));
        for (name, value) in [("column", span.column), ("end", span.end), ("line", span.line), ("start", span.start)] {
            place.number(name, value as u64);
        }
        place.end();
    }
    object.end();
}

fn obligation(obligation: &Obligation, out: &mut String) {
    let mut object = Object::new(out);
    let counts = obligation.counts.as_deref().map(Counts::texts);
    let count = |at: usize| counts.as_ref().and_then(|counts| counts.get(at)).map(String::as_str);
    object.optional("asked", count(1));
    object.text("kind", obligation.kind);
    object.optional("max", count(2));
    object.text("name", &obligation.name);
    object.text("outcome", obligation.outcome.name());
    object.optional("used", count(0));
    object.end();
}
