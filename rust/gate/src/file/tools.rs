//! Tools of a gate file.

use super::reader::{Reader, joined};
use super::{Currency, Files, Meets, MoneyAt, Params, Tool, json};
use crate::currency;
use crate::json::{Json, pointer};
use crate::limit::By;
use crate::logic::bounds::Bounds;
use crate::records::Records;
use crate::rule::{OWN, Record, Rule};
use crate::schema::{Schema, SchemaError};
use guard_engine::contract::Contract;
use guard_engine::document::{self, Node, Value, quote};
use guard_verdict::{Level, codes::contract, codes::gate as codes};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A tool, and what limits need to know of it.
pub(crate) struct Draft {
    pub tool: Tool,
    /// Its intent (G3.9).
    pub key: Option<Vec<By>>,
}

pub(crate) fn read(
    root: &Node,
    reader: &mut Reader,
    params: &Params,
    files: Files<'_>,
    named: &mut BTreeMap<String, String>,
) -> Vec<Draft> {
    let Some(list) = root.get("tools") else {
        reader.missing(root, "", "tools");
        return Vec::new();
    };
    if list.items().is_empty() {
        reader.error(contract::KIND_MISMATCH, list, "tools", "`tools` is a list with at least one tool".to_owned());
    }
    let mut out: Vec<Draft> = Vec::new();
    for (position, node) in list.items().iter().enumerate() {
        let path = format!("tools[{position}]");
        let Some(draft) = tool(node, &path, reader, params, files, named) else {
            reader.broken.extend(node.get("name").and_then(Node::text).map(str::to_owned));
            continue;
        };
        if out.iter().any(|other| other.tool.name == draft.tool.name) {
            let message = format!("the tool {} is listed twice", quote(&draft.tool.name));
            reader.error(contract::NAME_DUPLICATE, node, &path, message);
        }
        out.push(draft);
    }
    out
}

fn tool(
    node: &Node,
    path: &str,
    reader: &mut Reader,
    params: &Params,
    files: Files<'_>,
    named: &mut BTreeMap<String, String>,
) -> Option<Draft> {
    reader.keys(node, path, &["name", "description", "inputSchema", "money", "allow", "escalate", "key", "records"]);
    let name = reader.name(node, path, "name");
    let schema = schema(node, path, reader, files, named);
    let allow = reader.required_text(node, path, "allow");
    let (schema, input) = schema?;
    let money = money(node, path, reader, &schema);
    let records = records(node, path, reader, files, named, &schema);
    let record = Record::of(&schema, money.as_ref().and_then(MoneyAt::top));
    let mut rule = |key: &str| -> Option<Rule> {
        let text = reader.text(node, path, key)?;
        match Rule::compile(&text, &record, &params.names, &params.values) {
            Ok(rule) => Some(rule),
            Err(problem) => {
                reader.problem(problem, node.get(key)?, &joined(path, key));
                None
            }
        }
    };
    let escalate = rule("escalate");
    let allow = allow.and_then(|_| rule("allow"));
    let key = node.get("key").map(|list| parts(list, &joined(path, "key"), reader, &schema));
    Some(Draft {
        tool: Tool {
            name: name?.into(),
            schema,
            input,
            records,
            money,
            record,
            allow: allow?,
            escalate,
            meets: Vec::<Meets>::new(),
        },
        key,
    })
}

fn schema(
    node: &Node,
    path: &str,
    reader: &mut Reader,
    files: Files<'_>,
    named: &mut BTreeMap<String, String>,
) -> Option<(Schema, Json)> {
    let Some(found) = node.get("inputSchema") else {
        reader.missing(node, path, "inputSchema");
        return None;
    };
    let path = joined(path, "inputSchema");
    let Some(own) = json(found) else {
        let message = "the schema holds a number of more digits than are read".to_owned();
        reader.error(codes::SCHEMA_INVALID, found, &path, message);
        return None;
    };
    let used = std::cell::RefCell::new(BTreeMap::new());
    let fetch = |name: &str| -> Option<Json> {
        let read = document::read(&files(name)?).ok()?;
        used.borrow_mut().insert(name.to_owned(), read.canonical.clone());
        json(&read.root)
    };
    let compiled = Schema::compile(&own, "", &fetch);
    named.append(&mut used.borrow_mut());
    match compiled {
        Ok(schema) => Some((schema, own)),
        Err(SchemaError { code, pointer, message }) => {
            let place = crate::json::pointer(&pointer).and_then(|steps| walk(found, &steps)).unwrap_or(found);
            let path = format!("{path}#{pointer}");
            // A reference to a file is one that the loader was to give.
            let file = place.get("$ref").or(Some(place)).and_then(Node::text).filter(|name| !name.starts_with('#'));
            match file.filter(|_| code == codes::SCHEMA_UNRESOLVED) {
                Some(_) => {
                    let help = "check the file's name: it is read from the gate's folder or below, as JSON or YAML, and nothing is fetched";
                    reader.helped(code, place, &path, message, help);
                }
                None => reader.error(code, place, &path, message),
            }
            None
        }
    }
}

impl MoneyAt {
    /// The top-level argument that holds the amount.
    pub fn top(&self) -> Option<&str> {
        match self.amount.as_slice() {
            [name] => Some(name),
            _ => None,
        }
    }
}

impl Tool {
    /// What its schema leaves of the columns that rules read.
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds::of(&self.input, self.money.as_ref().and_then(MoneyAt::top))
    }
}

/// The node at the steps of a pointer.
pub(crate) fn walk<'n>(node: &'n Node, steps: &[String]) -> Option<&'n Node> {
    steps.iter().try_fold(node, |node, step| match &node.value {
        Value::List(items) => items.get(step.parse::<usize>().ok()?),
        _ => node.entries().iter().find(|entry| entry.key == *step).map(|entry| &entry.node),
    })
}

/// Does the schema declare it?
fn declared(schema: &Schema, steps: &[String]) -> bool {
    let Some((first, rest)) = steps.split_first() else { return false };
    let first = schema.property(schema.root(), first);
    rest.iter().fold(first, |node, step| schema.property(node?, step)).is_some()
}

fn money(node: &Node, path: &str, reader: &mut Reader, schema: &Schema) -> Option<MoneyAt> {
    let found = node.get("money")?;
    let path = joined(path, "money");
    reader.keys(found, &path, &["amount", "currency"]);
    let amount = reader.required_text(found, &path, "amount");
    let currency = reader.required_text(found, &path, "currency");
    let mut at = |text: &str, key: &str| {
        let steps = pointer(text).filter(|steps| declared(schema, steps));
        if steps.is_none() {
            let message = format!("{} is no argument that the schema declares", quote(text));
            reader.error(codes::POINTER, found.get(key).unwrap_or(found), &joined(&path, key), message);
        }
        steps
    };
    let amount = at(&amount?, "amount");
    let currency = match currency? {
        code if currency::digits(&code).is_some() => Currency::Fixed(code),
        text => Currency::At(at(&text, "currency")?),
    };
    Some(MoneyAt { amount: amount?, currency })
}

/// Arguments that hold records, and the contracts that they keep.
fn records(
    node: &Node,
    path: &str,
    reader: &mut Reader,
    files: Files<'_>,
    named: &mut BTreeMap<String, String>,
    schema: &Schema,
) -> Vec<Records> {
    let Some(found) = node.get("records") else { return Vec::new() };
    let path = joined(path, "records");
    if found.entries().is_empty() {
        let message = "`records` maps pointers to contracts".to_owned();
        reader.error(contract::KIND_MISMATCH, found, &path, message);
    }
    let mut out = Vec::new();
    for entry in found.entries() {
        let path = joined(&path, &entry.key);
        let Some(at) = pointer(&entry.key).filter(|steps| declared(schema, steps)) else {
            let message = format!("{} is no argument that the schema declares", quote(&entry.key));
            reader.error(codes::POINTER, &entry.node, &path, message);
            continue;
        };
        let name = entry.node.text().unwrap_or_default();
        let Some(text) = files(name) else {
            let message = format!("there is no file {}", quote(name));
            reader.error(codes::RECORDS_CONTRACT, &entry.node, &path, message);
            continue;
        };
        match Contract::load(&text) {
            Ok(contract) if contract.objects.len() == 1 => {
                named.insert(name.to_owned(), document::read(&text).map(|read| read.canonical).unwrap_or_default());
                out.push(Records { at, contract: Arc::new(contract) });
            }
            Ok(contract) => {
                let message = format!("{} has {} schema objects; one is read", quote(name), contract.objects.len());
                reader.error(codes::RECORDS_CONTRACT, &entry.node, &path, message);
            }
            Err(found) => {
                let first = found.iter().find(|one| one.level == Level::Error);
                let why = first.map(|one| format!("line {}: {}", one.span.line, one.message)).unwrap_or_default();
                reader.error(codes::RECORDS_CONTRACT, &entry.node, &path, format!("{}, {why}", quote(name)));
            }
        }
    }
    out
}

/// What parts a limit: names of the proposal's members, pointers into the arguments.
pub(crate) fn parts(list: &Node, path: &str, reader: &mut Reader, schema: &Schema) -> Vec<By> {
    if list.items().is_empty() {
        reader.error(contract::KIND_MISMATCH, list, path, "expected a list of pointers".to_owned());
    }
    let mut out = Vec::new();
    for (position, node) in list.items().iter().enumerate() {
        match node.text().and_then(|text| part(text, schema)) {
            Some(by) => out.push(by),
            None => {
                let text = node.text().unwrap_or(node.noun());
                let message =
                    format!("{} is no argument that the schema declares, and no member of a proposal", quote(text));
                reader.error(codes::POINTER, node, &format!("{path}[{position}]"), message);
            }
        }
    }
    out
}

fn part(text: &str, schema: &Schema) -> Option<By> {
    let own = |name: &str| OWN.iter().position(|own| *own == name && *own != "id").map(By::Own);
    if !text.starts_with('/') {
        return own(text);
    }
    let steps = pointer(text)?;
    if declared(schema, &steps) {
        return Some(By::Argument(steps));
    }
    match steps.as_slice() {
        [name] if name == "task" || name == "principal" => own(name),
        _ => None,
    }
}
