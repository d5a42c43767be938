//! What a ledger's log tells others.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]
use guard_gate::export::{
    Checked, Entry, Trail, beside, check, consistency, inclusion, open, prov, read_checkpoint, span,
};
use guard_gate::ledger::{Checkpoint, Ledger};
use guard_gate::permit::Key;
use guard_gate::{Gate, Reason, Verdict};
use serde_json::Value;
use std::collections::HashMap;

const GATE: &str = r#"
apiVersion: guard-nb/v1
kind: Gate
id: payments
tools:
  - name: pay
    inputSchema: {type: object, required: [amount], properties: {amount: {type: number}, to: {type: string}}}
    money: {amount: /amount, currency: EUR}
    allow: "amount <= 500"
    escalate: "amount > 200"
"#;

/// An allowed and committed call, a denied one, an approved one that runs, a conflict, and bytes without reading.
fn trail() -> Trail {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("l.db");
    let ledger = Ledger::sqlite(&place).unwrap();
    let gate = Gate::load(GATE, &|_| None).unwrap();
    let pay = |id: &str, amount: &str| {
        format!(
            r#"{{"kind":"action","id":"{id}","principal":"bot-7","tool":"pay","arguments":{{"amount":{amount},"to":"hidden"}}}}"#
        )
    };
    let first = ledger.decide(&gate, pay("a", "100").as_bytes()).permit.clone().unwrap();
    ledger.redeem(&first).unwrap();
    ledger.commit(&first, Some("99.5")).unwrap();
    ledger.decide(&gate, pay("b", "501").as_bytes());
    assert_eq!(ledger.decide(&gate, pay("c", "300").as_bytes()).verdict, Verdict::Escalate);
    let approved = ledger.approve(&gate, "c", "ada").unwrap().permit.clone().unwrap();
    ledger.redeem(&approved).unwrap();
    ledger.decide(&gate, pay("a", "1").as_bytes());
    ledger.decide(&gate, b"{");
    Trail::read(open(place.to_str().unwrap()).unwrap().0.as_mut()).unwrap()
}

fn attributes(span: &Value) -> HashMap<String, Value> {
    let span = &span["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    let of = span["attributes"].as_array().unwrap().iter();
    of.map(|one| {
        (one["key"].as_str().unwrap().to_owned(), one["value"].as_object().unwrap().values().next().unwrap().clone())
    })
    .collect()
}

#[test]
fn stories_tell_what_became_of_proposals() {
    let trail = trail();
    let stories = trail.stories();
    let told: Vec<_> =
        stories.iter().map(|story| (story.verdict(), story.state(i64::MAX), story.entries.len())).collect();
    assert_eq!(
        told,
        [
            ("allow", Some("committed"), 3),
            ("deny", None, 1),
            ("allow", Some("running"), 3),
            ("deny", None, 1),
            ("deny", None, 1)
        ]
    );
}

#[test]
fn a_hold_expires_when_nobody_redeems_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("l.db");
    let ledger = Ledger::sqlite(&place).unwrap().with_clock(|| 1_000_000);
    let gate = Gate::load(GATE, &|_| None).unwrap();
    let call = br#"{"kind":"action","id":"a","principal":"p","tool":"pay","arguments":{"amount":1}}"#;
    assert_eq!(ledger.decide(&gate, call).verdict, Verdict::Allow);
    let trail = Trail::read(open(place.to_str().unwrap()).unwrap().0.as_mut()).unwrap();
    let stories = trail.stories();
    // `hold` is five minutes unless given.
    assert_eq!((stories[0].state(300_999_999), stories[0].state(301_000_000)), (Some("held"), Some("expired")));
}

#[test]
fn upkeep_tells_of_no_proposal_and_what_is_forgotten_stays_told() {
    let mut trail = trail();
    let leaf = r#"{"at":"2026-11-23T12:00:00.000000Z","event":"forget","reservations":[1],"sequence":8}"#;
    trail.entries.push(Entry::read(leaf));
    trail.reservations.clear();
    let states: Vec<_> = trail.stories().iter().map(|story| story.state(0)).collect();
    assert_eq!(states, [Some("committed"), None, None, None, None]);
}

#[test]
fn a_reason_keeps_its_own_help_and_place() {
    let reason = Reason::new(guard_verdict::codes::gate::RULE_FALSE, "no").at("/amount").of("day");
    let told = beside(&reason);
    assert_eq!((told.path.as_str(), told.limit.as_str()), ("/amount", "day"));
    assert_eq!(told.help, guard_verdict::codes::gate::RULE_FALSE.0.help);
}

#[test]
fn spans_name_the_call_and_hide_its_arguments() {
    let trail = trail();
    let stories = trail.stories();
    let spans: Vec<Value> = stories.iter().map(|story| span(story, 0, false)).collect();
    assert!(spans.iter().all(|span| !span.to_string().contains("hidden") && !span.to_string().contains("amount")));
    let first = attributes(&spans[0]);
    for (key, value) in [
        ("gen_ai.operation.name", "execute_tool"),
        ("gen_ai.tool.name", "pay"),
        ("gen_ai.tool.call.id", "a"),
        ("gen_ai.agent.id", "bot-7"),
        ("guard_nb.verdict", "allow"),
        ("guard_nb.hold", "committed"),
    ] {
        assert_eq!(first[key], value, "{key}");
    }
    let errors: Vec<_> = spans.iter().map(|span| attributes(span).get("error.type").cloned()).collect();
    let error = |code: &str| Some(Value::from(code));
    assert_eq!(errors, [None, error("rule-false"), None, error("id-conflict"), error("_OTHER")]);
    assert_eq!(attributes(&spans[2])["guard_nb.approved_by"], "ada");
    let shown = span(&stories[0], 0, true);
    assert_eq!(attributes(&shown)["gen_ai.tool.call.arguments"], r#"{"amount":100,"to":"hidden"}"#);
}

#[test]
fn provenance_refers_to_what_it_declares() {
    let trail = trail();
    let document = prov(&trail.stories(), false);
    assert!(!document.to_string().contains("hidden"));
    let names = |kind: &str| document[kind].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let known: Vec<String> = ["entity", "activity", "agent"].into_iter().flat_map(names).collect();
    for relation in ["used", "wasAssociatedWith", "wasAttributedTo", "wasInformedBy"] {
        for (_, one) in document[relation].as_object().unwrap() {
            for key in ["prov:activity", "prov:entity", "prov:agent", "prov:plan", "prov:informed", "prov:informant"] {
                assert!(one[key].is_null() || known.iter().any(|name| one[key] == name.as_str()), "{relation} {one}");
            }
        }
    }
    // One for each decision: a, b, c twice, the conflict, the bytes; and the two calls.
    assert_eq!(names("activity").len(), 8);
    assert_eq!(names("agent").len(), 2);
}

#[test]
fn proofs_hold_for_what_checkpoints_vouch_for() {
    let leaves: Vec<String> = (0..9).map(|number| format!("{{\"sequence\":{number}}}")).collect();
    let point = |size: usize| {
        let hashes: Vec<_> = leaves[..size].iter().map(|leaf| guard_gate::merkle::leaf(leaf.as_bytes())).collect();
        Checkpoint { size: size as u64, root: guard_gate::merkle::root(&hashes) }
    };
    let proof = inclusion(&leaves, 4, 9).unwrap();
    assert!(matches!(check(&proof, &[point(9)]), Some(Checked::Proved(_))));
    assert_eq!(check(&proof, &[point(8)]), Some(Checked::Unvouched(9)));
    let mut other = point(9);
    other.root[0] ^= 1;
    assert!(matches!(check(&proof, &[other]), Some(Checked::False(_))));
    for (key, value) in [("sequence", Value::from(5)), ("entry", Value::from("{}")), ("size", Value::from(5))] {
        let mut changed = proof.clone();
        changed[key] = value;
        assert!(matches!(check(&changed, &[point(9)]), Some(Checked::False(_))), "{key}");
    }
    let proof = consistency(&leaves, 3, 9).unwrap();
    assert!(matches!(check(&proof, &[point(3), point(9)]), Some(Checked::Proved(_))));
    assert_eq!(check(&proof, &[point(3)]), Some(Checked::Unvouched(9)));
    assert_eq!((inclusion(&leaves, 9, 9), consistency(&leaves, 0, 9), consistency(&leaves, 3, 10)), (None, None, None));
    assert_eq!(check(&serde_json::json!({"format": "x"}), &[]), None);
}

#[test]
fn checkpoints_are_read_without_the_key() {
    let ledger = Ledger::memory(Key::new([1; 32]));
    ledger.decide(&Gate::load(GATE, &|_| None).unwrap(), b"{");
    let read = read_checkpoint(&ledger.checkpoint().unwrap()).unwrap();
    let leaf = guard_gate::merkle::leaf(ledger.leaves(0).unwrap()[0].as_bytes());
    assert_eq!(read, Checkpoint { size: 1, root: leaf });
    assert_eq!((read_checkpoint(""), read_checkpoint("guard-nb/checkpoint/v1\n1\nab")), (None, None));
}
