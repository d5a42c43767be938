//! A ledger's log as W3C PROV, in the form of the PROV-JSON submission.

use super::{Entry, Story};
use crate::decision::instant;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// A document under way: kinds of elements and relations, each by name.
#[derive(Default)]
struct Document(Map<String, Value>);

/// `gnb:KIND-…`, from a hash: names of people and ids may hold what a qualified name must not.
fn named(kind: &str, text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    let hex: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("gnb:{kind}-{hex}")
}

fn typed(name: &str) -> Value {
    json!({"$": name, "type": "xsd:QName"})
}

impl Document {
    fn put(&mut self, kind: &str, name: String, members: Value) {
        let of_kind = self.0.entry(kind.to_owned()).or_insert_with(|| json!({}));
        if let Some(map) = of_kind.as_object_mut() {
            map.entry(name).or_insert(members);
        }
    }

    fn relate(&mut self, kind: &str, members: Value) {
        let count = self.0.get(kind).and_then(Value::as_object).map_or(0, Map::len);
        self.put(kind, format!("_:{kind}{count}"), members);
    }

    fn agent(&mut self, name: &str, kind: &str) -> String {
        let own = named("agent", name);
        self.put("agent", own.clone(), json!({"prov:type": typed(kind), "prov:label": name}));
        own
    }
}

/// All stories as one document. Proposals and gates are entities, decisions activities that used both, calls activities that
/// a decision informed; principals are software agents, those who approved are persons. Arguments are left out unless `content`.
pub fn prov(stories: &[Story<'_>], content: bool) -> Value {
    let mut out = Document::default();
    out.put("prefix", "gnb".to_owned(), json!("urn:guard-nb:"));
    for story in stories {
        tell(&mut out, story, content);
    }
    Value::Object(out.0)
}

fn tell(out: &mut Document, story: &Story<'_>, content: bool) {
    let Some(first) = story.first() else { return };
    let proposal = proposed(out, story, first, content);
    let principal = story.proposal.as_ref().map(|proposal| out.agent(&proposal.principal, "prov:SoftwareAgent"));
    if let Some(principal) = &principal {
        out.relate("wasAttributedTo", json!({"prov:entity": proposal, "prov:agent": principal}));
    }
    let decisions: Vec<&Entry> = story.entries.iter().copied().filter(|entry| entry.verdict.is_some()).collect();
    for (position, entry) in decisions.iter().enumerate() {
        let last = position + 1 == decisions.len();
        decided(out, story, entry, &proposal, principal.as_deref(), last);
    }
    if let Some(decision) = decisions.last() {
        called(out, story, &format!("gnb:decision-{}", decision.sequence), &proposal, principal.as_deref());
    }
}

fn proposed(out: &mut Document, story: &Story<'_>, first: &Entry, content: bool) -> String {
    let name = named("proposal", &format!("{}\n{}", first.id.as_deref().unwrap_or_default(), first.sequence));
    let mut members = Map::new();
    let mut put =
        |key: &str, value: Option<&str>| drop(value.map(|value| members.insert(key.to_owned(), json!(value))));
    put("gnb:id", first.id.as_deref());
    put("gnb:digest", first.proposal.as_deref());
    put("gnb:kind", story.proposal.as_ref().map(|proposal| proposal.kind.as_ref()));
    put("gnb:tool", story.proposal.as_ref().and_then(|proposal| proposal.tool.as_deref()));
    put("gnb:task", story.proposal.as_ref().and_then(|proposal| proposal.task.as_deref()));
    let arguments = story.proposal.as_ref().filter(|_| content).map(|proposal| proposal.arguments().canonical());
    put("gnb:arguments", arguments.as_deref());
    members.insert("prov:type".to_owned(), typed("gnb:Proposal"));
    out.put("entity", name.clone(), Value::Object(members));
    name
}

fn decided(out: &mut Document, story: &Story<'_>, entry: &Entry, proposal: &str, principal: Option<&str>, last: bool) {
    let activity = format!("gnb:decision-{}", entry.sequence);
    let at = instant(entry.at);
    let known = story.decision.as_ref().filter(|_| last);
    let codes: Vec<&str> =
        known.map(|known| known.reasons.iter().map(|one| one.code.name()).collect()).unwrap_or_default();
    let mut members = json!({
        "prov:startTime": at, "prov:endTime": at, "prov:type": typed("gnb:Decision"),
        "gnb:verdict": entry.verdict, "gnb:sequence": entry.sequence,
    });
    if let (Some(map), false) = (members.as_object_mut(), codes.is_empty()) {
        map.insert("gnb:codes".to_owned(), json!(codes));
    }
    out.put("activity", activity.clone(), members);
    out.relate("used", json!({"prov:activity": activity, "prov:entity": proposal, "prov:time": at}));
    let gate = entry.gate.as_deref().map(|digest| {
        let name = named("gate", digest);
        let mut members = json!({"prov:type": typed("prov:Plan"), "gnb:digest": digest});
        let label = known.filter(|known| known.gate.1 == digest).map(|known| json!(known.gate.0.as_str()));
        if let (Some(map), Some(label)) = (members.as_object_mut(), label) {
            map.insert("prov:label".to_owned(), label);
        }
        out.put("entity", name.clone(), members);
        out.relate("used", json!({"prov:activity": activity, "prov:entity": name, "prov:time": at}));
        name
    });
    let mut associate = |agent: &str, role: &str| {
        let mut members = json!({"prov:activity": activity, "prov:agent": agent, "prov:role": role});
        if let (Some(map), Some(gate)) = (members.as_object_mut(), &gate) {
            map.insert("prov:plan".to_owned(), json!(gate));
        }
        out.relate("wasAssociatedWith", members);
    };
    if let Some(principal) = principal {
        associate(principal, "principal");
    }
    if let Some(approved) = known.and_then(|known| known.approved.as_deref()) {
        let person = out.agent(approved, "prov:Person");
        let members = json!({"prov:activity": activity, "prov:agent": person, "prov:role": "approver"});
        out.relate("wasAssociatedWith", members);
    }
}

/// The call, from the redemption of its permit to its settlement.
fn called(out: &mut Document, story: &Story<'_>, decision: &str, proposal: &str, principal: Option<&str>) {
    let of = |events: &[&str]| story.entries.iter().copied().find(|entry| events.contains(&entry.event.as_str()));
    let (start, end) = (of(&["redeem"]), of(&["commit", "release"]));
    let Some(begun) = start.or(end) else { return };
    let activity = format!("gnb:call-{}", begun.reservation.unwrap_or(begun.sequence));
    let mut members = Map::new();
    members.insert("prov:type".to_owned(), typed("gnb:Call"));
    members.insert("prov:startTime".to_owned(), json!(instant(begun.at)));
    if let Some(end) = end {
        members.insert("prov:endTime".to_owned(), json!(instant(end.at)));
        members.insert("gnb:outcome".to_owned(), json!(end.event));
        if let Some(actual) = &end.actual {
            members.insert("gnb:actual".to_owned(), json!(actual));
        }
    }
    out.put("activity", activity.clone(), Value::Object(members));
    out.relate("used", json!({"prov:activity": activity, "prov:entity": proposal, "prov:time": instant(begun.at)}));
    out.relate("wasInformedBy", json!({"prov:informed": activity, "prov:informant": decision}));
    if let Some(principal) = principal {
        out.relate(
            "wasAssociatedWith",
            json!({"prov:activity": activity, "prov:agent": principal, "prov:role": "principal"}),
        );
    }
}
