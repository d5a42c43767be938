//! A tree of YAML nodes that remembers where each one was written.
//!
//! Scalars stay text with their style; [`Node::scalar`] types them by YAML 1.2's core schema when asked, so that dates,
//! `yes` and `1_000` stay text.

use super::Scalar;
use super::number;
use guard_verdict::Span;
use std::rc::Rc;

/// How a scalar was written, as far as typing cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Without quotes: typed by the core schema.
    Plain,
    /// Quoted, a block scalar or tagged `!!str`: text.
    Quoted,
}

/// What a node is.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Text and its style.
    Scalar(String, Style),
    /// Items in order.
    List(Vec<Rc<Node>>),
    /// Entries in order, with distinct keys.
    Map(Vec<Entry>),
}

/// One key with its value.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Text of the key.
    pub key: String,
    /// Place of the key.
    pub span: Span,
    /// The value.
    pub value: Rc<Node>,
}

/// A node, its place, and what it weighs when aliases are written out.
#[derive(Debug)]
pub(crate) struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub span: Span,
    /// What it holds.
    pub weight: Weight,
}

/// Size of a subtree with aliases written out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weight {
    /// Number of nodes.
    pub nodes: usize,
    /// Bytes of text.
    pub bytes: usize,
    /// Levels.
    pub height: usize,
}

impl Weight {
    /// The weight of a parent so far, with one more child.
    pub fn add(&mut self, child: Weight) {
        self.nodes = self.nodes.saturating_add(child.nodes);
        self.bytes = self.bytes.saturating_add(child.bytes);
        self.height = self.height.max(child.height.saturating_add(1));
    }
}

impl Node {
    /// A scalar.
    pub fn text(text: String, style: Style, span: Span) -> Node {
        let weight = Weight { nodes: 1, bytes: text.len(), height: 1 };
        Node { kind: Kind::Scalar(text, style), span, weight }
    }

    /// The scalar by the core schema; nothing for lists and maps.
    pub fn scalar(&self) -> Option<Scalar> {
        match &self.kind {
            Kind::Scalar(text, style) => Some(typed(text, *style)),
            Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Whether it is `null`, `~` or nothing.
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar(text, Style::Plain) if is_null(text))
    }

    /// Its entries; none for other nodes.
    pub fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Its items; none for other nodes.
    pub fn items(&self) -> &[Rc<Node>] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// The entry of this key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value of this key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| entry.value.as_ref())
    }

    /// The text of a scalar as written, null excepted.
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(text, _) if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// The text under this key, null excepted.
    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::as_text)
    }

    /// What the node is, in the words of a message.
    pub fn noun(&self) -> &'static str {
        match &self.kind {
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
            Kind::Scalar(text, style) => match typed(text, *style) {
                Scalar::Null => "empty",
                Scalar::Bool(_) => "a boolean",
                Scalar::Number(_) => "a number",
                Scalar::Text(_) => "text",
            },
        }
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// Types a scalar by YAML 1.2's core schema. Infinities and NaN stay text: no clause can use them.
pub(crate) fn typed(text: &str, style: Style) -> Scalar {
    if style == Style::Quoted {
        return Scalar::Text(text.to_owned());
    }
    match text {
        _ if is_null(text) => Scalar::Null,
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        _ => number::core_number(text).map_or_else(|| Scalar::Text(text.to_owned()), Scalar::Number),
    }
}
