//! A task's file (G10.2): fewer tools, more conditions, lower limits. What comes out is proved to be narrower like any other gate.

use super::proof::called;
use super::{Answer, compare, rules};
use crate::currency;
use crate::file::reader::{Reader, joined, unread};
use crate::file::{Files, Gate, Params, Tool, json, params};
use crate::json::{Json, Member};
use crate::limit::{Kind, Limit};
use crate::money;
use crate::number::Number;
use crate::rule::Rule;
use guard_engine::document::{self, Node, Value, quote};
use guard_verdict::{Diagnostic, Span, codes::contract, codes::gate as codes};

/// The gate that a task's file makes of this one.
///
/// # Errors
/// What is wrong with the file, by position; `gate-wider` and `gate-unproved` where what it says is not narrower.
pub fn narrow(gate: &Gate, task: &str, files: Files<'_>) -> Result<Gate, Vec<Diagnostic>> {
    let read = document::read(task).map_err(|found| unread(found, "Narrowing", "task"))?;
    let mut reader = Reader::new(read.findings.clone());
    let whole = build(gate, &read.root, &mut reader);
    let Some(whole) = whole.filter(|_| !reader.failed()) else { return Err(reader.finish()) };
    let known = |name: &str| gate.source.1.get(name).cloned().or_else(|| files(name));
    let out = Gate::read(&whole.canonical(), &known, true).map_err(moved)?;
    let (code, message) = match compare(&out, gate) {
        Answer::Proved => return Ok(out),
        Answer::Refuted(found) => {
            let message =
                format!("{} where the wider gate says {}: {}", found.narrow.name(), found.wide.name(), found.proposal);
            (codes::WIDER, message)
        }
        Answer::Unknown(doubts) => (codes::UNPROVED, doubts.join("; ")),
    };
    reader.error(code, &read.root, "", message);
    Err(reader.finish())
}

/// Findings of the gate that was made have no place in the task's file.
fn moved(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let start = Span { line: 1, column: 1, start: 0, end: 0 };
    found.into_iter().map(|one| Diagnostic { span: start, ..one }).collect()
}

/// The words of both files.
struct Words<'g> {
    gate: &'g Gate,
    params: Params,
}

fn build(gate: &Gate, root: &Node, reader: &mut Reader) -> Option<Json> {
    let keys = ["apiVersion", "kind", "id", "description", "params", "tools", "limits", "queries", "transforms"];
    reader.keys(root, "", &keys);
    reader.constant(root, "apiVersion", "guard-nb/v1");
    reader.constant(root, "kind", "Narrowing");
    let own = document::read(&gate.source.0.canonical()).ok()?;
    let mut words = Words { gate, params: params(&own.root, reader) };
    let mut out: Vec<Member> = gate.source.0.members().to_vec();
    if let Some(more) = root.get("params") {
        let added = params(root, reader);
        for entry in more.entries().iter().filter(|entry| words.params.names.contains_key(&entry.key)) {
            let message = format!("the gate has a parameter {} already", quote(&entry.key));
            reader.error(contract::NAME_DUPLICATE, &entry.node, &format!("params.{}", entry.key), message);
        }
        words.params.names.extend(added.names);
        words.params.values.extend(added.values);
        let all = gate.source.0.get("params").map(Json::members).unwrap_or_default().to_vec();
        let more = json(more).map(|more| more.members().to_vec()).unwrap_or_default();
        set(&mut out, "params", Json::Object([all, more].concat()));
    }
    let (kept, tools) = tools(root, &words, reader);
    set(&mut out, "tools", Json::List(tools));
    let has_tools = !kept.is_empty();
    let limits = limits(root, &words, &[kept, kinds(root, gate)].concat(), reader)?;
    set(&mut out, "limits", Json::List(limits));
    for name in ["queries", "transforms"] {
        policy(&mut out, root, name, reader);
    }
    if !has_tools && out.iter().any(|(name, _)| name == "queries" || name == "transforms") {
        out.retain(|(name, _)| name != "tools");
    }
    Some(Json::Object(out))
}

fn set(members: &mut Vec<Member>, name: &str, value: Json) {
    members.retain(|(own, _)| own != name);
    members.push((name.to_owned().into(), value));
}

fn listed<'j>(gate: &'j Gate, key: &str) -> &'j [Json] {
    match gate.source.0.get(key) {
        Some(Json::List(items)) => items,
        _ => &[],
    }
}

/// The tools that stay, by position in the gate, and their texts. All stay where the file lists none.
fn tools(root: &Node, words: &Words<'_>, reader: &mut Reader) -> (Vec<usize>, Vec<Json>) {
    let texts = listed(words.gate, "tools");
    let Some(list) = root.get("tools") else { return ((0..texts.len()).collect(), texts.to_vec()) };
    let others = ["queries", "transforms"].iter().any(|name| words.gate.source.0.get(name).is_some());
    if !matches!(list.value, Value::List(_)) || (list.items().is_empty() && !others) {
        reader.error(contract::KIND_MISMATCH, list, "tools", "`tools` is a list with at least one tool".to_owned());
    }
    let (mut kept, mut out) = (Vec::new(), Vec::new());
    for (number, node) in list.items().iter().enumerate() {
        let path = format!("tools[{number}]");
        let name = match &node.value {
            Value::Text(name) => Some(name.clone()),
            _ => {
                reader.keys(node, &path, &["name", "description", "allow", "escalate"]);
                reader.required_text(node, &path, "name")
            }
        };
        let Some(name) = name else { continue };
        let Some((position, tool)) = words.gate.tool(&name) else {
            reader.error(codes::TOOL_UNLISTED, node, &path, format!("the gate lists no tool {}", quote(&name)));
            continue;
        };
        if kept.contains(&position) {
            reader.error(contract::NAME_DUPLICATE, node, &path, format!("the tool {} is listed twice", quote(&name)));
            continue;
        }
        let Some(text) = texts.get(position) else { continue };
        kept.push(position);
        out.push(narrowed(node, &path, tool, text, words, reader));
    }
    (kept, out)
}

/// The tool's text with the added conditions.
fn narrowed(node: &Node, path: &str, tool: &Tool, text: &Json, words: &Words<'_>, reader: &mut Reader) -> Json {
    let mut out = text.members().to_vec();
    let mut rule = |key: &str| -> Option<String> {
        let text = reader.text(node, path, key)?;
        match Rule::compile(&text, &tool.record, &words.params.names, &words.params.values) {
            Ok(rule) => Some(rule.text.to_string()),
            Err(problem) => {
                reader.problem(problem, node.get(key)?, &joined(path, key));
                None
            }
        }
    };
    if let Some(more) = rule("allow") {
        set(&mut out, "allow", Json::Text(format!("({}) AND ({more})", tool.allow.text).into()));
    }
    if let Some(more) = rule("escalate") {
        let whole = match &tool.escalate {
            Some(first) => rules::joined(&first.text, &more),
            None => more,
        };
        set(&mut out, "escalate", Json::Text(whole.into()));
    }
    Json::Object(out)
}

/// The positions by which limits name `query` and `transform`, as far as they stay.
fn kinds(root: &Node, gate: &Gate) -> Vec<usize> {
    let stays = |name: &str| root.get(name).is_none_or(|found| found.value != Value::Bool(false));
    let all = gate.subjects().enumerate().skip(gate.tools.len());
    let kept = all.filter(|(_, (name, _))| stays(if *name == "query" { "queries" } else { "transforms" }));
    kept.map(|(at, _)| at).collect()
}

/// The gate's limits as far as they reach what stays, lowered, and those that are added.
fn limits(root: &Node, words: &Words<'_>, kept: &[usize], reader: &mut Reader) -> Option<Vec<Json>> {
    let gate = words.gate;
    let mut out = Vec::new();
    for (number, (limit, text)) in gate.limits.iter().zip(listed(gate, "limits")).enumerate() {
        if let Kind::Order { first, then, .. } = limit.kind {
            match (kept.contains(&first), kept.contains(&then)) {
                (_, false) => continue,
                (false, true) => {
                    let name = |at: usize| called(gate, at).map(quote).unwrap_or_default();
                    let message = format!("{} needs {} before it", name(then), name(first));
                    reader.error(codes::TOOL_UNLISTED, root.get("tools").unwrap_or(root), "tools", message);
                }
                (true, true) => {}
            }
        }
        let covers = |at: &usize| {
            let (name, meets) = gate.subjects().nth(*at)?;
            meets.iter().any(|meets| meets.limit == number).then(|| name.to_owned())
        };
        let covered: Vec<String> = kept.iter().filter_map(covers).collect();
        if covered.is_empty() {
            continue;
        }
        let mut text = text.members().to_vec();
        if text.iter().any(|(key, _)| key == "tools") {
            let names = covered.into_iter().map(|name| Json::Text(name.into()));
            set(&mut text, "tools", Json::List(names.collect()));
        }
        out.push((limit.name.clone(), Json::Object(text)));
    }
    for (number, node) in root.get("limits").map(Node::items).unwrap_or_default().iter().enumerate() {
        let path = format!("limits[{number}]");
        let Some(name) = reader.required_text(node, &path, "name") else { continue };
        match out.iter_mut().find(|(own, _)| *own == name) {
            Some((_, text)) => {
                let limit = gate.limits.iter().find(|limit| limit.name == name)?;
                lower(node, &path, limit, text, reader);
            }
            None if gate.limits.iter().any(|limit| limit.name == name) => {
                let message = format!("the limit {} reaches nothing that is left", quote(&name));
                reader.error(codes::VALUE, node, &path, message);
            }
            None => out.push((name.into(), json(node)?)),
        }
    }
    Some(out.into_iter().map(|(_, text)| text).collect())
}

/// Lowers the `max` of a limit.
fn lower(node: &Node, path: &str, limit: &Limit, text: &mut Json, reader: &mut Reader) {
    reader.keys(node, path, &["name", "max"]);
    let Some(found) = node.get("max") else { return reader.missing(node, path, "max") };
    let place = joined(path, "max");
    let digits = match &found.value {
        Value::Text(text) | Value::Number(text) => text.as_str(),
        _ => "",
    };
    let raised = match &limit.kind {
        Kind::Budget { max, currency, .. } if currency::digits(currency).is_some() => {
            match money::read(digits, currency) {
                Ok(minor) => minor > *max,
                Err((_, message)) => return reader.error(codes::VALUE, found, &place, message),
            }
        }
        Kind::Velocity { max, .. } => match reader.count(found, &place) {
            Some(count) => i128::from(count) > *max,
            None => return,
        },
        Kind::Rate { max, .. } => match reader.count(found, &place) {
            Some(count) => count > *max,
            None => return,
        },
        _ => {
            let message = format!("the limit {} has no `max`", quote(&limit.name));
            return reader.error(codes::VALUE, found, &place, message);
        }
    };
    if raised {
        let message = format!("a task may only lower the limit {}", quote(&limit.name));
        return reader.error(codes::WIDER, found, &place, message);
    }
    let value = if matches!(limit.kind, Kind::Budget { .. }) {
        Some(Json::Text(digits.to_owned().into()))
    } else {
        Number::parse(digits).map(Json::Number)
    };
    if let (Json::Object(members), Some(value)) = (text, value) {
        set(members, "max", value);
    }
}

/// `queries: false` takes all of them away; a mapping lists relations and functions that stay and a lower number of rows.
fn policy(out: &mut Vec<Member>, root: &Node, name: &str, reader: &mut Reader) {
    let Some(found) = root.get(name) else { return };
    if found.value == Value::Bool(false) {
        return out.retain(|(own, _)| own != name);
    }
    let Some(before) = out.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone()) else {
        return reader.error(codes::WIDER, found, name, format!("the gate has no `{name}`"));
    };
    reader.keys(found, name, &["relations", "functions", "maxRows"]);
    let mut members = before.members().to_vec();
    if let Some(list) = found.get("relations") {
        let wanted: Vec<&str> = list.items().iter().filter_map(Node::text).collect();
        let all = before.get("relations").map(Json::members).unwrap_or_default();
        for (at, node) in list.items().iter().enumerate() {
            if !all.iter().any(|(own, _)| Some(own.as_ref()) == node.text()) {
                let message = format!("the gate has no relation {}", quote(node.text().unwrap_or(node.noun())));
                reader.error(codes::WIDER, node, &format!("{name}.relations[{at}]"), message);
            }
        }
        let kept = all.iter().filter(|(own, _)| wanted.contains(&own.as_ref())).cloned();
        set(&mut members, "relations", Json::Object(kept.collect()));
    }
    for key in ["functions", "maxRows"] {
        let Some((node, value)) = found.get(key).and_then(|node| Some((node, json(node)?))) else { continue };
        wider(&before, key, (node, &value), &format!("{name}.{key}"), reader);
        set(&mut members, key, value);
    }
    set(out, name, Json::Object(members));
}

/// Reports a number of rows that is greater than the gate's, and functions that the gate has not.
fn wider(before: &Json, key: &str, (node, value): (&Node, &Json), path: &str, reader: &mut Reader) {
    match (before.get(key), value) {
        (Some(Json::Number(most)), Json::Number(asked)) if asked.order(most).is_gt() => {
            let message = format!("a task may only lower `{key}`: the gate has {}", most.text());
            reader.error(codes::WIDER, node, path, message);
        }
        (all, Json::List(asked)) => {
            let all = match all {
                Some(Json::List(all)) => all.as_slice(),
                _ => &[],
            };
            for (at, one) in asked.iter().enumerate().filter(|(_, one)| !all.contains(one)) {
                let message = format!("the gate has no function {}", quote(one.text().unwrap_or_default()));
                reader.error(codes::WIDER, node.items().get(at).unwrap_or(node), &format!("{path}[{at}]"), message);
            }
        }
        _ => {}
    }
}
