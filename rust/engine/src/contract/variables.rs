//! `${NAME}` and `${NAME:-default}` of ODCS 3.2.
//!
//! They are replaced in values, not in keys. A plain value is typed after that, so `minimum: ${MIN:-5}` is a number. What
//! is no name between the braces stays as it is. Values are not searched for variables again.

use super::findings::{Findings, quote};
use super::reader::joined;
use super::tree::{Entry, Kind, Node, Weight};
use super::yaml::MAX_BYTES;
use guard_verdict::codes::contract as codes;
use guard_verdict::{Level, Span};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Replaces the variables of a document. Unresolved ones are reported and stay as written.
pub(crate) fn resolve(root: &Rc<Node>, variables: &BTreeMap<String, String>, findings: &mut Findings) -> Rc<Node> {
    let mut resolver = Resolver { variables, findings, added: 0, full: false, steps: Vec::new() };
    resolver.node(root)
}

struct Resolver<'a, 'n> {
    variables: &'a BTreeMap<String, String>,
    findings: &'a mut Findings,
    /// Bytes that values have put into the document.
    added: usize,
    full: bool,
    /// The way from the root to the node at hand.
    steps: Vec<Step<'n>>,
}

/// One step of the way to a node.
enum Step<'n> {
    Item(usize),
    Key(&'n str),
}

/// A variable in a text.
struct Variable<'t> {
    before: &'t str,
    name: &'t str,
    default: Option<&'t str>,
    after: &'t str,
}

impl<'n> Resolver<'_, 'n> {
    fn node(&mut self, node: &'n Rc<Node>) -> Rc<Node> {
        match &node.kind {
            Kind::Scalar(text, style) if text.contains("${") => {
                let text = self.text(text, node.span);
                Rc::new(Node::text(text, *style, node.span))
            }
            Kind::Scalar(..) => Rc::clone(node),
            Kind::List(items) => {
                let items = items.iter().enumerate();
                let items = items.map(|(i, item)| self.below(Step::Item(i), item)).collect();
                rebuilt(node, Kind::List(items))
            }
            Kind::Map(entries) => {
                let entries = entries.iter().map(|entry| self.entry(entry)).collect();
                rebuilt(node, Kind::Map(entries))
            }
        }
    }

    fn entry(&mut self, entry: &'n Entry) -> Entry {
        let value = self.below(Step::Key(&entry.key), &entry.value);
        Entry { key: entry.key.clone(), span: entry.span, value }
    }

    fn below(&mut self, step: Step<'n>, node: &'n Rc<Node>) -> Rc<Node> {
        self.steps.push(step);
        let node = self.node(node);
        self.steps.pop();
        node
    }

    fn path(&self) -> String {
        self.steps.iter().fold(String::new(), |path, step| match step {
            Step::Item(i) => format!("{path}[{i}]"),
            Step::Key(key) => joined(&path, key),
        })
    }

    fn text(&mut self, text: &str, span: Span) -> String {
        let mut out = String::new();
        // Nothing closes behind the last brace; without this cut an open variable would be searched for again and again.
        let (mut rest, tail) = text.split_at(text.rfind('}').map_or(0, |last| last + 1));
        while let Some(variable) = next_variable(rest) {
            out.push_str(variable.before);
            let value = self.variables.get(variable.name).map(String::as_str).or(variable.default);
            match value {
                Some(value) if self.admit(value.len(), span) => out.push_str(value),
                Some(_) => {}
                None => {
                    let message = format!("the variable {} has neither a value nor a default", quote(variable.name));
                    self.findings.add(codes::VARIABLE_UNRESOLVED, Level::Error, (span, self.path()), message, None);
                }
            }
            rest = variable.after;
        }
        out.push_str(rest);
        out.push_str(tail);
        out
    }

    fn admit(&mut self, bytes: usize, span: Span) -> bool {
        self.added = self.added.saturating_add(bytes);
        if self.added > MAX_BYTES && !self.full {
            self.full = true;
            let message = format!("variables add more than {MAX_BYTES} bytes");
            self.findings.add(codes::YAML_LIMIT, Level::Error, (span, self.path()), message, None);
        }
        !self.full
    }
}

fn rebuilt(node: &Node, kind: Kind) -> Rc<Node> {
    Rc::new(Node { kind, span: node.span, weight: Weight { ..node.weight } })
}

/// The first variable of `text`, which ends with a brace.
fn next_variable(text: &str) -> Option<Variable<'_>> {
    text.match_indices("${").find_map(|(at, _)| {
        let inside = text.get(at + 2..)?;
        let end = inside.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|end| *end > 0)?;
        let name = inside.get(..end)?;
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let tail = inside.get(end..)?;
        let (default, after) = match tail.strip_prefix(":-") {
            Some(tail) => tail.split_once('}').map(|(default, after)| (Some(default), after))?,
            None => (None, tail.strip_prefix('}')?),
        };
        Some(Variable { before: text.get(..at)?, name, default, after })
    })
}
