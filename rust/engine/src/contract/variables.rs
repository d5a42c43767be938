//! `${NAME}` and `${NAME:-default}` of ODCS 3.2.
//!
//! They are replaced in values, not in keys. A plain value is typed after that, so `minimum: ${MIN:-5}` is a number. What
//! is no name between the braces stays as it is. Values are not searched for variables again.

use super::findings::{Findings, quote};
use super::tree::{Entry, Kind, Node, Weight};
use super::yaml::MAX_BYTES;
use guard_verdict::codes::contract as codes;
use guard_verdict::{Level, Span};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Replaces the variables of a document. Unresolved ones are reported and stay as written.
pub(crate) fn resolve(
    root: &Rc<Node>,
    variables: &BTreeMap<String, String>,
    findings: &mut Findings,
) -> Rc<Node> {
    let mut resolver = Resolver {
        variables,
        findings,
        added: 0,
        full: false,
    };
    resolver.node(root, String::new())
}

struct Resolver<'a> {
    variables: &'a BTreeMap<String, String>,
    findings: &'a mut Findings,
    /// Bytes that values have put into the document.
    added: usize,
    full: bool,
}

/// A variable in a text.
struct Variable<'t> {
    before: &'t str,
    name: &'t str,
    default: Option<&'t str>,
    after: &'t str,
}

impl Resolver<'_> {
    fn node(&mut self, node: &Rc<Node>, path: String) -> Rc<Node> {
        match &node.kind {
            Kind::Scalar(text, style) if text.contains("${") => {
                let text = self.text(text, node.span, &path);
                Rc::new(Node::text(text, *style, node.span))
            }
            Kind::Scalar(..) => Rc::clone(node),
            Kind::List(items) => {
                let items = items
                    .iter()
                    .enumerate()
                    .map(|(i, item)| self.node(item, format!("{path}[{i}]")))
                    .collect();
                rebuilt(node, Kind::List(items))
            }
            Kind::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|entry| self.entry(entry, &path))
                    .collect();
                rebuilt(node, Kind::Map(entries))
            }
        }
    }

    fn entry(&mut self, entry: &Entry, path: &str) -> Entry {
        let below = if path.is_empty() {
            entry.key.clone()
        } else {
            format!("{path}.{}", entry.key)
        };
        Entry {
            key: entry.key.clone(),
            span: entry.span,
            value: self.node(&entry.value, below),
        }
    }

    fn text(&mut self, text: &str, span: Span, path: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(variable) = next_variable(rest) {
            out.push_str(variable.before);
            let value = self
                .variables
                .get(variable.name)
                .map(String::as_str)
                .or(variable.default);
            match value {
                Some(value) if self.admit(value.len(), span, path) => out.push_str(value),
                Some(_) => {}
                None => {
                    let message = format!(
                        "the variable {} has neither a value nor a default",
                        quote(variable.name)
                    );
                    self.findings.add(
                        codes::VARIABLE_UNRESOLVED,
                        Level::Error,
                        (span, path.to_owned()),
                        message,
                        None,
                    );
                }
            }
            rest = variable.after;
        }
        out.push_str(rest);
        out
    }

    fn admit(&mut self, bytes: usize, span: Span, path: &str) -> bool {
        self.added = self.added.saturating_add(bytes);
        if self.added > MAX_BYTES && !self.full {
            self.full = true;
            let message = format!("variables add more than {MAX_BYTES} bytes");
            self.findings.add(
                codes::YAML_LIMIT,
                Level::Error,
                (span, path.to_owned()),
                message,
                None,
            );
        }
        !self.full
    }
}

fn rebuilt(node: &Node, kind: Kind) -> Rc<Node> {
    Rc::new(Node {
        kind,
        span: node.span,
        weight: Weight { ..node.weight },
    })
}

/// The first variable of `text`.
fn next_variable(text: &str) -> Option<Variable<'_>> {
    text.match_indices("${").find_map(|(at, _)| {
        let inside = text.get(at + 2..)?;
        let end = inside
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .filter(|end| *end > 0)?;
        let name = inside.get(..end)?;
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let tail = inside.get(end..)?;
        let (default, after) = match tail.strip_prefix(":-") {
            Some(tail) => tail
                .split_once('}')
                .map(|(default, after)| (Some(default), after))?,
            None => (None, tail.strip_prefix('}')?),
        };
        Some(Variable {
            before: text.get(..at)?,
            name,
            default,
            after,
        })
    })
}
