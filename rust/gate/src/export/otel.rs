//! Spans of tool calls in OTLP's JSON, one line each, with the names of OpenTelemetry's conventions for generative AI
//! (1.41, in development).

use super::{Entry, Story};
use crate::limit::Micros;
use crate::proposal::Proposal;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The conventions that the names are of.
const SCHEMA: &str = "https://opentelemetry.io/schemas/1.41.0";
/// `SPAN_KIND_INTERNAL`
const INTERNAL: u8 = 1;
/// `STATUS_CODE_ERROR`
const ERROR: u8 = 2;

fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

fn number(key: &str, value: u64) -> Value {
    // OTLP's JSON writes 64-bit integers as texts.
    json!({"key": key, "value": {"intValue": value.to_string()}})
}

fn texts(key: &str, values: &[&str]) -> Value {
    let values: Vec<Value> = values.iter().map(|value| json!({"stringValue": value})).collect();
    json!({"key": key, "value": {"arrayValue": {"values": values}}})
}

fn nanos(at: Micros) -> String {
    i128::from(at).saturating_mul(1_000).max(0).to_string()
}

/// The same story has the same ids in each export.
fn ids(story: &Story<'_>) -> (String, String) {
    let mut hasher = Sha256::new();
    if let Some(first) = story.first() {
        hasher.update(first.leaf.as_bytes());
    }
    let hex: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().to_owned();
    (part(0, 32), part(32, 48))
}

/// A story as one line of OTLP: an `execute_tool` span from the decision to the settlement. A denial is an error of the type
/// of its first code. Arguments and messages, which quote them, are left out unless `content`.
pub fn span(story: &Story<'_>, now: Micros, content: bool) -> Value {
    let (trace, own) = ids(story);
    let start = story.first().map_or(0, |entry| entry.at);
    let end = story.entries.last().map_or(start, |entry| entry.at);
    let tool = story.proposal.as_ref().and_then(|proposal| proposal.tool.as_deref());
    let events = story.entries.iter().map(|entry| {
        let attributes = entry.actual.iter().map(|actual| text("guard_nb.actual", actual));
        let attributes: Vec<Value> =
            std::iter::once(number("guard_nb.sequence", entry.sequence)).chain(attributes).collect();
        json!({"timeUnixNano": nanos(entry.at), "name": format!("guard_nb.{}", entry.event), "attributes": attributes})
    });
    let events: Vec<Value> = events.collect();
    let mut span = json!({
        "traceId": trace, "spanId": own, "kind": INTERNAL,
        "name": tool.map_or_else(|| "execute_tool".to_owned(), |tool| format!("execute_tool {tool}")),
        "startTimeUnixNano": nanos(start), "endTimeUnixNano": nanos(end),
        "attributes": attributes(story, now, content), "events": events,
    });
    if let (Some(map), Some(code)) = (span.as_object_mut(), failed(story)) {
        map.insert("status".to_owned(), json!({"code": ERROR, "message": code}));
    }
    let scope = json!({"name": "guard_nb", "version": env!("CARGO_PKG_VERSION")});
    let resource = json!({"attributes": [text("service.name", "guard_nb")]});
    json!({"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "schemaUrl": SCHEMA, "spans": [span]}]}]})
}

/// The first code of a denial.
fn failed<'s>(story: &'s Story<'_>) -> Option<&'s str> {
    if story.verdict() != "deny" {
        return None;
    }
    let taken = story.first().and_then(Entry::taken);
    let first = story.decision.as_ref().and_then(|decision| decision.reasons.first()).map(|reason| reason.code.name());
    first.or(taken).or(Some("_OTHER"))
}

fn attributes(story: &Story<'_>, now: Micros, content: bool) -> Vec<Value> {
    let mut out = vec![text("gen_ai.operation.name", "execute_tool")];
    let mut put = |key: &str, value: Option<&str>| out.extend(value.map(|value| text(key, value)));
    let own = |read: fn(&Proposal) -> Option<&str>| story.proposal.as_ref().and_then(read);
    put("gen_ai.tool.name", own(|proposal| proposal.tool.as_deref()));
    put("gen_ai.tool.type", own(|proposal| (proposal.kind == "action").then_some("function")));
    put("gen_ai.tool.call.id", story.first().and_then(|entry| entry.id.as_deref()));
    put("gen_ai.agent.id", own(|proposal| Some(&proposal.principal)));
    put("error.type", failed(story));
    put("guard_nb.verdict", Some(story.verdict()));
    put("guard_nb.task", own(|proposal| proposal.task.as_deref()));
    put("guard_nb.proposal.digest", story.first().and_then(|entry| entry.proposal.as_deref()));
    put("guard_nb.gate.id", story.decision.as_ref().map(|decision| decision.gate.0.as_str()));
    put("guard_nb.gate.digest", story.first().and_then(|entry| entry.gate.as_deref()));
    put("guard_nb.hold", story.state(now));
    put("guard_nb.approved_by", story.decision.as_ref().and_then(|decision| decision.approved.as_deref()));
    let reasons = story.decision.as_ref().map(|decision| decision.reasons.as_slice()).unwrap_or_default();
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code.name()).collect();
    if !codes.is_empty() {
        out.push(texts("guard_nb.codes", &codes));
    }
    if content {
        let arguments = story.proposal.as_ref().map(|proposal| proposal.arguments().canonical());
        out.extend(arguments.map(|arguments| text("gen_ai.tool.call.arguments", &arguments)));
        let messages: Vec<&str> = reasons.iter().map(|reason| reason.message.as_str()).collect();
        if !messages.is_empty() {
            out.push(texts("guard_nb.messages", &messages));
        }
    }
    out
}
