//! Gate files (G3): YAML to a [`Gate`], or findings with places.

mod limits;
mod queries;
pub(crate) mod reader;
pub(crate) mod tools;
mod transforms;

use crate::json::Json;
use crate::kind::Bound;
use crate::limit::{By, Limit, Micros};
use crate::name::Name;
use crate::number::Number;
use crate::query::Queries;
use crate::records::Records;
use crate::rule::{Param, Record, Rule};
use crate::schema::Schema;
use crate::transform::Transforms;
use guard_engine::document::{self, Node, Value};
use guard_verdict::{Diagnostic, Level, Span, codes::contract, codes::gate as codes, codes::query};
use reader::{Reader, unread};
use std::collections::{BTreeMap, BTreeSet};

/// What the loader is given beside the text: schema files by name.
pub type Files<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A compiled gate.
#[derive(Debug, Clone)]
pub struct Gate {
    /// Its name.
    pub id: Name,
    /// `sha256:…` of the file and what it names (G3.2).
    pub digest: Name,
    /// In the file's order.
    pub tools: Vec<Tool>,
    /// In the file's order, those of `key` behind.
    pub limits: Vec<Limit>,
    /// What queries may read, if they are judged at all.
    pub queries: Option<Queries>,
    /// What transforms are judged by, if they are.
    pub transforms: Option<Transforms>,
    /// How long a permit waits to be redeemed.
    pub hold: Micros,
    /// Warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// The file, and the canonical text of the files that it names.
    pub source: (Json, BTreeMap<String, String>),
}

/// A tool that may be proposed.
#[derive(Debug, Clone)]
pub struct Tool {
    /// As proposals call it.
    pub name: Name,
    /// Of its arguments.
    pub schema: Schema,
    /// The document of `schema`.
    pub input: Json,
    /// Arguments that hold records of contracts.
    pub records: Vec<Records>,
    /// Where its amount stands.
    pub money: Option<MoneyAt>,
    /// What rules read.
    pub record: Record,
    /// Must be TRUE.
    pub allow: Rule,
    /// Calls a human when TRUE.
    pub escalate: Option<Rule>,
    /// The limits it meets, and by which values they are parted.
    pub meets: Vec<Meets>,
}

/// How a tool stands to a limit.
#[derive(Debug, Clone)]
pub struct Meets {
    /// Its position.
    pub limit: usize,
    /// What parts it.
    pub by: Vec<By>,
    /// It is the first tool of an order: nothing is demanded, its commit is remembered.
    pub first: bool,
}

/// Where an amount and its currency stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyAt {
    /// Of the amount.
    pub amount: Vec<String>,
    /// Of the currency, or the currency itself.
    pub currency: Currency,
}

/// A currency named by an argument, or by the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Currency {
    At(Vec<String>),
    Fixed(String),
}

impl Gate {
    /// Reads a gate file. `files` gives the text of schema files that it names.
    ///
    /// # Errors
    /// All findings by position if at least one is an error.
    pub fn load(text: &str, files: Files<'_>) -> Result<Gate, Vec<Diagnostic>> {
        Gate::read(text, files, false)
    }

    /// As [`Gate::load`]; `narrowed` where a task made the text.
    pub(crate) fn read(text: &str, files: Files<'_>, narrowed: bool) -> Result<Gate, Vec<Diagnostic>> {
        let document = document::read(text).map_err(|found| unread(found, "Gate", "gate"))?;
        let mut reader = Reader::new(document.findings.clone());
        reader.narrowed = narrowed;
        let gate = gate(&document, &mut reader, files);
        let findings = reader.finish();
        match gate {
            Some(gate) if findings.iter().all(|finding| finding.level != Level::Error) => {
                Ok(Gate { diagnostics: findings, ..gate })
            }
            _ => Err(findings),
        }
    }

    /// The gate for one principal: its context, a JSON object with the names of `queries.context`, becomes part of the digest.
    ///
    /// # Errors
    /// `query-context`.
    pub fn with_context(&self, context: &[u8]) -> Result<Gate, Vec<Diagnostic>> {
        let refused = |message: String| {
            let (code, level, span) = (query::CONTEXT, Level::Error, Span::default());
            let help = Some(code.0.help.to_owned());
            vec![Diagnostic { code, level, message, help, span, path: "queries.context".to_owned() }]
        };
        let queries = self.queries.as_ref().ok_or_else(|| refused("the gate judges no queries".to_owned()))?;
        let values =
            Json::parse(context).map_err(|_| refused("the context has a value that is not read".to_owned()))?;
        let queries = queries.with_context(&values).map_err(refused)?;
        Ok(Gate { digest: queries.digest().into(), queries: Some(queries), ..self.clone() })
    }

    /// What limits count, by position as limits name it: the tools, then `query` and `transform` where the file has them.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = (&str, &[Meets])> {
        let tools = self.tools.iter().map(|tool| (tool.name.as_str(), tool.meets.as_slice()));
        let queries = self.queries.iter().map(|queries| ("query", queries.meets.as_slice()));
        let transforms = self.transforms.iter().map(|transforms| ("transform", transforms.meets.as_slice()));
        tools.chain(queries).chain(transforms)
    }

    /// The tool of this name.
    pub fn tool(&self, name: &str) -> Option<(usize, &Tool)> {
        self.tools.iter().enumerate().find(|(_, tool)| tool.name == name)
    }
}

/// The parameters of a file: what the list names stand for, and the values for the expression compiler.
pub(crate) struct Params {
    pub names: BTreeMap<String, Param>,
    pub values: guard_engine::expr::Parameters,
}

fn gate(document: &document::Document, reader: &mut Reader, files: Files<'_>) -> Option<Gate> {
    let root = &document.root;
    let keys =
        ["apiVersion", "kind", "id", "description", "params", "tools", "limits", "hold", "queries", "transforms"];
    reader.keys(root, "", &keys);
    reader.constant(root, "apiVersion", "guard-nb/v1");
    reader.constant(root, "kind", "Gate");
    let id = reader.name(root, "", "id");
    let hold = root.get("hold").and_then(|node| reader.duration(node, "hold")).unwrap_or(300_000_000);
    let params = params(root, reader);
    let mut named = BTreeMap::new();
    let constants = Read::of(root);
    let mut queries = queries::read(root, reader, &constants);
    let mut transforms = transforms::read(root, reader, &constants, files, &mut named);
    let kinds = KINDS.map(|kind| root.get(kind).is_some());
    let mut tools = if root.get("tools").is_none() && kinds.contains(&true) {
        Vec::new()
    } else {
        tools::read(root, reader, &params, files, &mut named)
    };
    let listed = tools.len();
    for (key, kind) in KINDS.into_iter().zip(["query", "transform"]).filter(|(key, _)| root.get(key).is_some()) {
        if tools.iter().any(|draft| draft.tool.name == kind) {
            let message =
                format!("a tool cannot be called `{kind}` beside `{key}`: limits call proposals of that kind so");
            reader.error(contract::NAME_DUPLICATE, root.get("tools").unwrap_or(root), "tools", message);
        }
        tools.extend(pseudo(kind, reader, &params));
    }
    let limits = limits::read(root, id.as_deref().unwrap_or_default(), reader, &mut tools);
    crate::lint::lint(root, &tools, &limits, reader);
    for draft in tools.split_off(listed) {
        match (draft.tool.name.as_str(), &mut queries, &mut transforms) {
            ("query", Some(queries), _) => queries.meets = draft.tool.meets,
            (_, _, Some(transforms)) => transforms.meets = draft.tool.meets,
            _ => {}
        }
    }
    let source = (json(root).unwrap_or(Json::Null), named.clone());
    let digest = digest(document.canonical.clone(), named);
    if let Some(queries) = &mut queries {
        queries.base.clone_from(&digest);
    }
    let tools = tools.into_iter().map(|tool| tool.tool).collect();
    Some(Gate {
        id: id?.into(),
        digest: digest.into(),
        tools,
        limits,
        queries,
        transforms,
        hold,
        diagnostics: Vec::new(),
        source,
    })
}

/// Of the file and of those that it names (G3.2).
fn digest(mut whole: String, named: BTreeMap<String, String>) -> String {
    for (name, canonical) in named {
        whole.push('\n');
        whole.push_str(&name);
        whole.push('\n');
        whole.push_str(&canonical);
    }
    guard_verdict::digest(whole.as_bytes())
}

const KINDS: [&str; 2] = ["queries", "transforms"];

/// What `queries` and `transforms` need of a file's `params`.
struct Read {
    /// Every name: no proposal may bind it.
    reserved: BTreeSet<String>,
    /// Those that are one value.
    constants: BTreeMap<String, Bound>,
}

impl Read {
    fn of(root: &Node) -> Read {
        let entries = root.get("params").map(Node::entries).unwrap_or_default();
        let one = |entry: &document::Entry| {
            let value = Bound::of(&json(&entry.node)?).filter(|value| *value != Bound::Null)?;
            Some((entry.key.clone(), value))
        };
        let reserved = entries.iter().map(|entry| entry.key.clone()).collect();
        Read { reserved, constants: entries.iter().filter_map(one).collect() }
    }
}

/// What stands for a kind of proposal among the tools that limits name.
fn pseudo(kind: &str, reader: &mut Reader, params: &Params) -> Vec<tools::Draft> {
    let schema = "{type: object, properties: {sql: {type: string}}}";
    let text = format!("tools: [{{name: {kind}, inputSchema: {schema}, allow: \"TRUE\"}}]");
    match document::read(&text) {
        Ok(read) => tools::read(&read.root, reader, params, &|_| None, &mut BTreeMap::new()),
        Err(_) => Vec::new(),
    }
}

pub(crate) fn params(root: &Node, reader: &mut Reader) -> Params {
    use guard_engine::expr::Parameter;
    let mut out = Params { names: BTreeMap::new(), values: BTreeMap::new() };
    let Some(params) = root.get("params") else { return out };
    if !matches!(params.value, Value::Map(_)) {
        reader.error(codes::MALFORMED, params, "params", "`params` maps names to constants".to_owned());
    }
    for entry in params.entries() {
        let path = format!("params.{}", entry.key);
        if !is_name(&entry.key) {
            let message =
                format!("{} is no name: letters, digits and `_`, and no digit first", document::quote(&entry.key));
            reader.error(codes::VALUE, &entry.node, &path, message);
            continue;
        }
        let values: Vec<&Node> = match &entry.node.value {
            Value::List(items) => items.iter().collect(),
            _ => vec![&entry.node],
        };
        let typed: Option<Vec<_>> = values.iter().map(|node| constant(node)).collect();
        let Some(typed) = typed.filter(|typed| !typed.is_empty() && typed.len() <= crate::rule::MAX_MEMBERS) else {
            let message = format!("{} is no text, number or boolean, nor a list of them", document::quote(&entry.key));
            reader.error(codes::VALUE, &entry.node, &path, message);
            continue;
        };
        let is_list = matches!(entry.node.value, Value::List(_));
        let mut members = Vec::new();
        for (position, (ty, value)) in typed.into_iter().enumerate() {
            let name = if is_list { format!("{}.{position}", entry.key) } else { entry.key.clone() };
            members.push(name.clone());
            out.values.insert(name, Parameter { ty, value });
        }
        out.names.insert(entry.key.clone(), Param { members: is_list.then_some(members) });
    }
    out
}

/// What can follow a colon; the members of lists have names that nobody else can give.
fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}

fn constant(node: &Node) -> Option<(guard_kernels::expr::types::Type, guard_kernels::expr::scalar::Constant)> {
    use guard_kernels::expr::{scalar::Constant, types::Type};
    Some(match &node.value {
        Value::Bool(value) => (Type::Boolean, Constant::Boolean(*value)),
        Value::Text(text) => (Type::Text, Constant::Text(text.as_str().into())),
        Value::Number(digits) => {
            let number = Number::parse(digits)?;
            match number.at_scale(0).and_then(|whole| i64::try_from(whole).ok()) {
                Some(whole) => (Type::Integer, Constant::Integer(whole)),
                None => {
                    let digits = number.at_scale(u32::from(crate::rule::SCALE))?;
                    let fits = digits.unsigned_abs() < 10_u128.pow(38);
                    (crate::rule::NUMBER, fits.then_some(Constant::Decimal(digits))?)
                }
            }
        }
        _ => return None,
    })
}

/// A node as JSON; none where a number is beyond what is read.
pub(crate) fn json(node: &Node) -> Option<Json> {
    Some(match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(digits) => Json::Number(Number::parse(digits)?),
        Value::Text(text) => Json::Text(text.clone().into()),
        Value::List(items) => Json::List(items.iter().map(json).collect::<Option<_>>()?),
        Value::Map(entries) => {
            let members = entries.iter().map(|entry| Some((entry.key.clone().into(), json(&entry.node)?)));
            Json::Object(members.collect::<Option<_>>()?)
        }
    })
}
