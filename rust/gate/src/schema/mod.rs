//! JSON Schema 2020-12 (G3.3): compiled once, nothing fetched, numbers compared exactly, patterns in linear time.
//!
//! `index` finds what references can name, `compile` makes nodes, `check` judges a value.

mod check;
mod compile;
mod index;
mod uri;

pub use check::Violation;
pub(crate) use check::{Key, key};

use crate::json::{Json, Value};
use crate::number::Number;
use guard_kernels::pattern::Pattern;
use guard_verdict::Code;
use std::collections::HashMap;

/// What is wrong with a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError {
    /// `schema-invalid`, `schema-unresolved` or `pattern-broken`.
    pub code: Code,
    /// Pointer in the schema's document.
    pub pointer: String,
    /// The sentence.
    pub message: String,
}

/// A compiled schema.
#[derive(Debug, Clone)]
pub struct Schema {
    nodes: Vec<Node>,
    root: usize,
    /// Nodes of dynamic anchors by resource and name.
    dynamic: HashMap<(usize, String), usize>,
    /// Does any node ask for what is left unevaluated?
    tracks: bool,
}

/// What a value can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null = 1,
    Boolean = 2,
    Object = 4,
    Array = 8,
    Number = 16,
    String = 32,
    Integer = 64,
}

#[derive(Debug, Clone)]
enum Node {
    /// `true`, `false`.
    Fixed(bool),
    Checks(Box<Checks>),
}

/// A reference that the dynamic scope may redirect.
#[derive(Debug, Clone)]
struct Dynamic {
    first: usize,
    anchor: Option<String>,
}

#[derive(Debug, Clone, Default)]
struct Checks {
    resource: usize,
    types: Option<u8>,
    one_of_values: Option<Vec<Json>>,
    multiple_of: Option<Number>,
    minimum: Option<Number>,
    exclusive_minimum: Option<Number>,
    maximum: Option<Number>,
    exclusive_maximum: Option<Number>,
    length: (Option<usize>, Option<usize>),
    pattern: Option<(Pattern, String)>,
    prefix: Vec<usize>,
    items: Option<usize>,
    contains: Option<usize>,
    contained: (Option<usize>, Option<usize>),
    unique: bool,
    count: (Option<usize>, Option<usize>),
    properties: Vec<(String, usize)>,
    /// The nodes of many properties by their names; empty for few.
    by_name: HashMap<String, usize>,
    patterns: Vec<(Pattern, usize)>,
    additional: Option<usize>,
    names: Option<usize>,
    required: Vec<String>,
    dependent_required: Vec<(String, Vec<String>)>,
    dependent: Vec<(String, usize)>,
    members: (Option<usize>, Option<usize>),
    all_of: Vec<usize>,
    any_of: Vec<usize>,
    one_of: Vec<usize>,
    not: Option<usize>,
    condition: Option<usize>,
    then: Option<usize>,
    otherwise: Option<usize>,
    reference: Option<usize>,
    dynamic: Option<Dynamic>,
    unevaluated_items: Option<usize>,
    unevaluated: Option<usize>,
    /// Other nodes judge the same value, or what they leave of it.
    combines: bool,
}

/// More names than this are looked up in a map.
const FEW: usize = 16;

impl Checks {
    /// Does it refer to other nodes, combine them, or ask for what they left?
    fn refers(&self) -> bool {
        let several = [&self.all_of, &self.any_of, &self.one_of].into_iter().any(|nodes| !nodes.is_empty());
        let one = [self.not, self.condition, self.reference, self.unevaluated_items, self.unevaluated];
        several || self.dynamic.is_some() || one.iter().any(Option::is_some)
    }

    /// The node of a property; most stand in a value in the order of the schema, where `expected` finds them.
    fn property(&self, name: &str, expected: usize) -> Option<usize> {
        if let Some((_, id)) = self.properties.get(expected).filter(|(own, _)| own == name) {
            return Some(*id);
        }
        if self.by_name.is_empty() {
            return self.properties.iter().find(|(own, _)| own == name).map(|(_, id)| *id);
        }
        self.by_name.get(name).copied()
    }
}

/// Other documents that references can name, by URI.
pub type Documents<'a> = &'a dyn Fn(&str) -> Option<Json>;

impl Schema {
    /// Compiles a document; `uri` is where it stands.
    ///
    /// # Errors
    /// The first fault, by pointer.
    pub fn compile(document: &Json, uri: &str, others: Documents<'_>) -> Result<Schema, SchemaError> {
        compile::compile(document, uri, others)
    }

    /// What the value violates, at most 20; empty when it is valid. Cost: bounded by a number of steps, beyond which the
    /// value is refused.
    pub fn violations(&self, value: &Value<'_>) -> Vec<Violation> {
        check::violations(self, value)
    }

    /// The declared properties of the root, in order.
    pub(crate) fn properties(&self) -> Vec<(&str, usize)> {
        let root = self.followed(self.root);
        root.map(|checks| checks.properties.iter().map(|(name, id)| (name.as_str(), *id)).collect()).unwrap_or_default()
    }

    /// The declared property of a node.
    pub(crate) fn property(&self, node: usize, name: &str) -> Option<usize> {
        self.followed(node)?.property(name, usize::MAX)
    }

    /// The root node.
    pub(crate) fn root(&self) -> usize {
        self.root
    }

    /// Properties of a node, in order.
    pub(crate) fn fields(&self, node: usize) -> Vec<(&str, usize)> {
        let checks = self.followed(node);
        checks
            .map(|checks| checks.properties.iter().map(|(name, id)| (name.as_str(), *id)).collect())
            .unwrap_or_default()
    }

    /// The schema of a list's items when it has no prefix.
    pub(crate) fn item(&self, node: usize) -> Option<usize> {
        self.followed(node).filter(|checks| checks.prefix.is_empty())?.items
    }

    /// The one type of a node beside null.
    pub(crate) fn kind(&self, node: usize) -> Option<Kind> {
        let bits = self.followed(node)?.types? & !(Kind::Null as u8);
        let all = [Kind::Boolean, Kind::Object, Kind::Array, Kind::Number, Kind::String, Kind::Integer];
        all.into_iter().find(|kind| *kind as u8 == bits)
    }

    /// A node's checks; of what it refers to where it says no type itself.
    fn followed(&self, node: usize) -> Option<&Checks> {
        let mut node = node;
        for _ in 0..16 {
            match self.nodes.get(node)? {
                Node::Fixed(_) => return None,
                Node::Checks(checks) => match (checks.types, checks.reference) {
                    (None, Some(next)) => node = next,
                    _ => return Some(checks),
                },
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Objects that are looked up by name say what short ones say: properties, references into many definitions, missing members.
    #[test]
    fn wide_objects_are_judged_like_narrow_ones() {
        for count in [2, FEW, FEW + 1, 5_000] {
            let all = |each: &dyn Fn(usize) -> String| (0..count).map(each).collect::<Vec<_>>().join(",");
            let schema = format!(
                r##"{{"type":"object","additionalProperties":false,"properties":{{{}}},"required":[{}],"$defs":{{{}}},"dependentRequired":{{"k0":["k1","none"]}}}}"##,
                all(&|n| format!(r##""k{n}":{{"$ref":"#/$defs/d~1{n}/items"}}"##)),
                all(&|n| format!(r#""k{n}""#)),
                all(&|n| format!(r#""d/{n}":{{"items":{{"maximum":{n}}}}}"#)),
            );
            let schema = Schema::compile(&Json::parse(schema.as_bytes()).unwrap(), "", &|_| None).unwrap();
            let last = count - 1;
            let value = format!(r#"{{{},"none":{{}}}}"#, all(&|n| format!(r#""k{n}":{}"#, n + n / last)));
            let value = value.replacen(r#""k1":"#, r#""l1":"#, 1);
            let found = schema.violations(&Json::parse(value.as_bytes()).unwrap());
            let mut paths: Vec<&str> = found.iter().map(|one| one.path.as_str()).collect();
            paths.sort_unstable();
            let over = format!("/k{last}");
            // Twice at the top: `k1` is required, and by `k0` too.
            let wanted: &[&str] = if last == 1 { &["", "", "/l1", "/none"] } else { &["", "", &over, "/l1", "/none"] };
            assert_eq!(paths, wanted, "{count}");
        }
    }
}
