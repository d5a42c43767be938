//! YAML documents other than contracts, read within the same limits and with every place kept.

use crate::contract::{Inexact, Kind, Node as Tree, Scalar, findings, read_yaml, to_json};
use guard_verdict::{Diagnostic, Level, Span};

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it is.
    pub span: Span,
}

/// A value, typed by YAML 1.2's core schema.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number with its digits as written, in JSON's notation.
    Number(String),
    /// Text.
    Text(String),
    /// Items in order.
    List(Vec<Node>),
    /// Entries in order, with distinct keys.
    Map(Vec<Entry>),
}

/// One key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Text of the key.
    pub key: String,
    /// Place of the key.
    pub span: Span,
    /// The value.
    pub node: Node,
}

/// A document whose root is a mapping.
#[derive(Debug, Clone)]
pub struct Document {
    /// The mapping.
    pub root: Node,
    /// Canonical JSON of the document (S1.14): comments, order of keys and layout do not matter.
    pub canonical: String,
    /// Warnings.
    pub findings: Vec<Diagnostic>,
}

impl Node {
    /// The value under `key`, unless it is missing or null.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let entry = self.entries().iter().find(|entry| entry.key == key)?;
        (entry.node.value != Value::Null).then_some(&entry.node)
    }

    /// Its entries; none for what is no mapping.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Its items; none for what is no list.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// Its text; none for what is no text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What it is, in the words of a message.
    pub fn noun(&self) -> &'static str {
        match &self.value {
            Value::Null => "empty",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

/// Reads one document, at most 16 MiB and 120 levels of it.
///
/// # Errors
/// What keeps the text from being a document, with places.
pub fn read(text: &str) -> Result<Document, Vec<Diagnostic>> {
    let mut findings = findings::Findings::default();
    let root = read_yaml(text, &mut findings);
    let findings = findings.finish();
    match root {
        Some(root) if findings.iter().all(|finding| finding.level != Level::Error) => {
            let canonical = guard_verdict::canonical_json(&to_json(&root, Inexact::Tagged)).unwrap_or_default();
            Ok(Document { root: open(&root), canonical, findings })
        }
        _ => Err(findings),
    }
}

/// User text for a message: in backticks, on one line, cut where it is long.
pub fn quote(text: &str) -> String {
    findings::quote(text)
}

/// The word of `known` that `word` was probably meant to be.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    findings::did_you_mean(word, known)
}

/// Recursion is bounded by the depth that reading allows.
fn open(node: &Tree) -> Node {
    let value = match &node.kind {
        Kind::List(items) => Value::List(items.iter().map(|item| open(item)).collect()),
        Kind::Map(entries) => Value::Map(
            entries
                .iter()
                .map(|entry| Entry { key: entry.key.clone(), span: entry.span, node: open(&entry.value) })
                .collect(),
        ),
        Kind::Scalar(..) => match node.scalar() {
            None | Some(Scalar::Null) => Value::Null,
            Some(Scalar::Bool(value)) => Value::Bool(value),
            Some(Scalar::Number(digits)) => Value::Number(digits),
            Some(Scalar::Text(text)) => Value::Text(text),
        },
    };
    Node { value, span: node.span }
}
