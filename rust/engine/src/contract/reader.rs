//! Reads mappings by the table of keys and reports what does not fit.

use super::findings::{Findings, did_you_mean, quote};
use super::index::Index;
use super::keys::{Key, Shape};
use super::tree::{Kind, Node};
use super::{Scalar, Spanned};
use guard_verdict::codes::contract as codes;
use guard_verdict::{Code, Level, Span};

/// Longest key in a path, in characters.
const MAX_STEP: usize = 100;

/// A node and the path to it.
#[derive(Debug, Clone)]
pub(crate) struct At<'a> {
    pub node: &'a Node,
    pub path: String,
}

impl<'a> At<'a> {
    /// The root of a document.
    pub fn root(node: &'a Node) -> Self {
        At { node, path: String::new() }
    }

    /// The value under `key`, unless it is missing or null.
    pub fn get(&self, key: &str) -> Option<At<'a>> {
        let node = self.node.get(key).filter(|node| !node.is_null())?;
        Some(At { node, path: self.path_of(key) })
    }

    /// The items of the list under `key`, nulls and all; none where it is no list.
    pub fn items(&self, key: &str) -> Vec<At<'a>> {
        let path = self.path_of(key);
        let items = self.node.get(key).map(Node::items).unwrap_or_default();
        items.iter().enumerate().map(|(i, node)| At { node, path: format!("{path}[{i}]") }).collect()
    }

    /// The path of `key` in this mapping.
    pub fn path_of(&self, key: &str) -> String {
        joined(&self.path, key)
    }

    /// The text under `key`, as written.
    pub fn text(&self, key: &str) -> Option<String> {
        self.node.text_of(key).map(str::to_owned)
    }

    /// The boolean under `key`.
    pub fn flag(&self, key: &str) -> Option<Spanned<bool>> {
        let node = self.node.get(key)?;
        match node.scalar()? {
            Scalar::Bool(value) => Some(Spanned { value, span: node.span }),
            _ => None,
        }
    }

    /// The scalar under `key`; nothing for null.
    pub fn scalar(&self, key: &str) -> Option<Spanned<Scalar>> {
        let node = self.node.get(key).filter(|node| !node.is_null())?;
        node.scalar().map(|value| Spanned { value, span: node.span })
    }

    /// The place of `key`'s value, or of the mapping.
    pub fn span_of(&self, key: &str) -> Span {
        self.node.get(key).map_or(self.node.span, |node| node.span)
    }
}

/// A path with one more key. Long keys are cut, since each finding carries its path.
pub(crate) fn joined(path: &str, key: &str) -> String {
    let cut = key.char_indices().nth(MAX_STEP).and_then(|(at, _)| key.get(..at));
    let dot = if path.is_empty() { "" } else { "." };
    match cut {
        Some(cut) => format!("{path}{dot}{cut}…"),
        None => format!("{path}{dot}{key}"),
    }
}

/// What reading needs to know, and what it found.
pub(crate) struct Reader {
    pub findings: Findings,
    /// Minor version of the standard that the document declares.
    pub minor: u32,
    /// What references can name.
    pub index: Index,
}

impl Reader {
    /// Reports at a node.
    pub fn report(&mut self, code: Code, level: Level, at: &At<'_>, message: String) {
        self.findings.add(code, level, (at.node.span, at.path.clone()), message, None);
    }

    /// Reports at a node, with a help of its own.
    pub fn advise(&mut self, code: Code, level: Level, at: &At<'_>, message: String, help: String) {
        self.findings.add(code, level, (at.node.span, at.path.clone()), message, Some(help));
    }

    /// Reports at the value of `key`, or at the mapping where the key is missing.
    pub fn report_key(&mut self, code: Code, level: Level, at: &At<'_>, key: &str, message: String) {
        self.findings.add(code, level, (at.span_of(key), at.path_of(key)), message, None);
    }

    /// Whether the node is a mapping; reports what its keys hold by `keys`.
    pub fn mapping(&mut self, at: &At<'_>, keys: &[Key]) -> bool {
        if !matches!(at.node.kind, Kind::Map(_)) {
            let message = format!("expected a mapping, found {}", at.node.noun());
            self.report(codes::KIND_MISMATCH, Level::Error, at, message);
            return false;
        }
        for entry in at.node.entries() {
            let path = at.path_of(&entry.key);
            let Some(key) = keys.iter().find(|key| key.name == entry.key) else {
                self.unknown_key(&entry.key, (entry.span, path), keys);
                continue;
            };
            self.shape(key, &At { node: &entry.value, path: path.clone() });
            if key.since > self.minor {
                let message = format!("{} belongs to version 3.{} of the standard", quote(key.name), key.since);
                let help = format!("raise `apiVersion` to `v3.{}.0`", key.since);
                self.findings.add(codes::KEY_NEWER, Level::Info, (entry.span, path), message, Some(help));
            }
        }
        true
    }

    /// Reports known keys that hold something else than they should; leaves others alone.
    pub fn shapes(&mut self, at: &At<'_>, keys: &[Key]) {
        for entry in at.node.entries() {
            if let Some(key) = keys.iter().find(|key| key.name == entry.key) {
                self.shape(key, &At { node: &entry.value, path: at.path_of(&entry.key) });
            }
        }
    }

    /// Reports a key that must be there.
    pub fn require(&mut self, at: &At<'_>, key: &str, level: Level) -> bool {
        let found = at.node.get(key).is_some_and(|node| !node.is_null());
        if !found {
            let help = format!("add {}", quote(key));
            let message = format!("{} is missing", quote(key));
            self.findings.add(codes::KEY_MISSING, level, (at.span_of(key), at.path.clone()), message, Some(help));
        }
        found
    }

    fn unknown_key(&mut self, name: &str, place: (Span, String), keys: &[Key]) {
        let help = match did_you_mean(name, keys.iter().map(|key| key.name)) {
            _ if self.findings.is_full() => None,
            Some(known) => Some(format!("did you mean {}?", quote(known))),
            None if name == "enum" => {
                Some("write `enum` beside `logicalType`, as ODCS 3.2 has it: `enum: [{value: a}]`".to_owned())
            }
            None => None,
        };
        self.findings.add(
            codes::KEY_UNKNOWN,
            Level::Warning,
            place,
            format!("the standard knows no key {} here", quote(name)),
            help,
        );
    }

    fn shape(&mut self, key: &Key, at: &At<'_>) {
        let scalar = at.node.scalar();
        let fits = match (key.shape, &scalar, &at.node.kind) {
            (Shape::Any, _, _) | (Shape::Scalar, Some(_), _) => return,
            (_, Some(Scalar::Null), _) => return self.empty(at, key),
            (Shape::Text | Shape::TextOrMap | Shape::TextOrList, Some(Scalar::Text(_)), _) => true,
            (Shape::Text | Shape::TextOrMap | Shape::TextOrList, Some(_), _) => {
                return self.not_text(at);
            }
            (Shape::Flag, Some(Scalar::Bool(_)), _) => true,
            (Shape::Whole, Some(Scalar::Number(digits)), _) => super::number::is_whole(digits),
            (Shape::List | Shape::TextOrList | Shape::ListOrMap, None, Kind::List(_)) => true,
            (Shape::Map | Shape::TextOrMap | Shape::ListOrMap, None, Kind::Map(_)) => true,
            _ => false,
        };
        if !fits {
            let message = format!("{} must be {}, found {}", quote(key.name), noun(key.shape), at.node.noun());
            let help = (key.shape == Shape::Flag).then(|| "write `true` or `false`, without quotes".to_owned());
            self.findings.add(codes::KIND_MISMATCH, Level::Error, (at.node.span, at.path.clone()), message, help);
        }
    }

    fn empty(&mut self, at: &At<'_>, key: &Key) {
        self.report(codes::VALUE_EMPTY, Level::Warning, at, format!("{} has no value", quote(key.name)));
    }

    fn not_text(&mut self, at: &At<'_>) {
        let text = at.node.as_text().unwrap_or_default();
        let help = format!("write `\"{}\"`", quote(text).trim_matches('`'));
        let message = format!("{} is {}, not text; it is read as written", quote(text), at.node.noun());
        self.advise(codes::TEXT_EXPECTED, Level::Warning, at, message, help);
    }

    /// The whole number under `key`, not negative. Reports others.
    pub fn count(&mut self, at: &At<'_>, key: &str) -> Option<Spanned<u64>> {
        let written = at.scalar(key)?;
        let Scalar::Number(digits) = &written.value else {
            return None;
        };
        if !super::number::is_whole(digits) {
            return None;
        }
        match super::number::to_u64(digits) {
            Some(value) => Some(Spanned { value, span: written.span }),
            None => {
                let message = format!("{} must lie between 0 and {}, found {}", quote(key), u64::MAX, quote(digits));
                self.report_key(codes::NUMBER_OUT_OF_RANGE, Level::Error, at, key, message);
                None
            }
        }
    }

    /// The texts of the list under `key`. Reports items that are none.
    pub fn texts(&mut self, at: &At<'_>, key: &str) -> Option<Vec<String>> {
        at.get(key).filter(|list| matches!(list.node.kind, Kind::List(_)))?;
        let mut out = Vec::new();
        for item in at.items(key) {
            match item.node.as_text() {
                Some(text) => out.push(text.to_owned()),
                None => {
                    let message = format!("expected text, found {}", item.node.noun());
                    self.report(codes::KIND_MISMATCH, Level::Error, &item, message);
                }
            }
        }
        Some(out)
    }

    /// The scalars of the list under `key`, null among them. Reports items that are none.
    pub fn scalars(&mut self, at: &At<'_>, key: &str) -> Option<Vec<Scalar>> {
        at.get(key).filter(|list| matches!(list.node.kind, Kind::List(_)))?;
        let mut out = Vec::new();
        for item in at.items(key) {
            match item.node.scalar() {
                Some(scalar) => out.push(scalar),
                None => {
                    let message = format!("expected a text, number, boolean or null, found {}", item.node.noun());
                    self.report(codes::KIND_MISMATCH, Level::Error, &item, message);
                }
            }
        }
        Some(out)
    }

    /// Reports names or ids that occur twice among the items of a list.
    pub fn distinct(&mut self, items: &[At<'_>], key: &str) {
        let mut seen = std::collections::HashSet::new();
        for item in items {
            let Some(text) = item.node.text_of(key) else {
                continue;
            };
            if !seen.insert(text) {
                let message = format!("the {key} {} occurs twice in this list", quote(text));
                self.report_key(codes::NAME_DUPLICATE, Level::Error, item, key, message);
            }
        }
    }
}

fn noun(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "text",
        Shape::Flag => "`true` or `false`",
        Shape::Whole => "a whole number",
        Shape::Scalar => "a text, number, boolean or null",
        Shape::List => "a list",
        Shape::Map => "a mapping",
        Shape::TextOrMap => "text or a mapping",
        Shape::TextOrList => "text or a list of texts",
        Shape::ListOrMap => "a list or a mapping",
        Shape::Any => "anything",
    }
}
