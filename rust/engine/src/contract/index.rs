//! What references inside a document can name.

use super::tree::Node;
use std::collections::HashMap;
use std::rc::Rc;

/// Longest reference that is looked up, in bytes.
const MAX_REFERENCE: usize = 1_000;
/// Most references that are weighed to suggest one.
const MAX_HINTS: usize = 200;

/// The schema objects of a document with their properties, by name and id.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub objects: Members,
}

/// Objects or properties of one list.
#[derive(Debug, Default)]
pub(crate) struct Members {
    list: Vec<Named>,
    by_name: HashMap<String, usize>,
    by_id: HashMap<String, usize>,
}

/// A schema object or property.
#[derive(Debug)]
pub(crate) struct Named {
    pub name: String,
    pub properties: Members,
}

/// What a reference was found to name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Name of the object.
    pub object: String,
    /// Names of the properties down to the one named, joined by dots.
    pub property: String,
}

impl Index {
    /// Reads names and ids; what does not fit is left out.
    pub fn build(root: &Node) -> Index {
        let objects = root.get("schema").map(Node::items).unwrap_or_default();
        Index { objects: Members::build(objects.iter().map(Rc::as_ref)) }
    }

    /// The property that `reference` names in this document: `object.property` or `schema/<id>/properties/<id>`.
    pub fn resolve(&self, reference: &str) -> Option<Target> {
        if reference.len() > MAX_REFERENCE {
            return None;
        }
        match path_segments(reference) {
            Some(segments) => self.by_path(&segments),
            None => self.by_name(reference),
        }
    }

    /// Some shorthand references to properties of the first level, to suggest one.
    pub fn shorthands(&self) -> Vec<String> {
        let of = |object: &'_ Named| -> Vec<String> {
            object
                .properties
                .list
                .iter()
                .map(|property| format!("{}.{}", object.name, property.name))
                .take(MAX_HINTS)
                .collect()
        };
        self.objects.list.iter().flat_map(of).take(MAX_HINTS).collect()
    }

    /// Whether the document has exactly one object, which may then go unnamed.
    pub fn only_object(&self) -> Option<&Named> {
        match self.objects.list.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    fn by_path(&self, segments: &[&str]) -> Option<Target> {
        let ["schema", object, rest @ ..] = segments else {
            return None;
        };
        let object = self.objects.find(object)?;
        let mut names: Vec<&str> = Vec::new();
        let mut inside = object;
        for pair in rest.chunks(2) {
            let ["properties", id] = pair else {
                return None;
            };
            inside = inside.properties.find(id)?;
            names.push(&inside.name);
        }
        (!names.is_empty()).then(|| Target { object: object.name.clone(), property: names.join(".") })
    }

    /// Names may hold dots, so every object that starts the reference is tried.
    fn by_name(&self, reference: &str) -> Option<Target> {
        reference.match_indices('.').find_map(|(dot, _)| {
            let object = self.objects.called(reference.get(..dot)?)?;
            let rest = reference.get(dot + 1..)?;
            object.properties.hold(rest).then(|| Target { object: object.name.clone(), property: rest.to_owned() })
        })
    }
}

impl Members {
    fn build<'a>(nodes: impl Iterator<Item = &'a Node>) -> Members {
        let mut members = Members::default();
        for node in nodes {
            let text = |key: &str| node.text_of(key).map(str::to_owned);
            let own = node.get("properties").map(Node::items).unwrap_or_default();
            let items =
                node.get("items").and_then(|items| items.get("properties")).map(Node::items).unwrap_or_default();
            let properties = Members::build(own.iter().chain(items).map(Rc::as_ref));
            let number = members.list.len();
            let name = text("name").unwrap_or_default();
            members.by_name.entry(name.clone()).or_insert(number);
            if let Some(id) = text("id") {
                members.by_id.entry(id).or_insert(number);
            }
            members.list.push(Named { name, properties });
        }
        members
    }

    /// The member of this name.
    pub fn called(&self, name: &str) -> Option<&Named> {
        self.by_name.get(name).and_then(|number| self.list.get(*number))
    }

    /// By id, else by name: documents in use write names there.
    fn find(&self, word: &str) -> Option<&Named> {
        self.by_id.get(word).and_then(|number| self.list.get(*number)).or_else(|| self.called(word))
    }

    /// Whether a dotted reference starts with the name of a member.
    pub fn starts(&self, reference: &str) -> bool {
        let dots = reference.match_indices('.').map(|(dot, _)| dot);
        dots.take_while(|dot| *dot < MAX_REFERENCE)
            .any(|dot| reference.get(..dot).is_some_and(|name| self.called(name).is_some()))
    }

    /// Whether a property of this dotted path exists.
    pub fn hold(&self, path: &str) -> bool {
        if path.len() > MAX_REFERENCE {
            return false;
        }
        self.called(path).is_some()
            || path.match_indices('.').any(|(dot, _)| {
                let inside = path.get(..dot).and_then(|name| self.called(name));
                inside.is_some_and(|named| path.get(dot + 1..).is_some_and(|rest| named.properties.hold(rest)))
            })
    }
}

/// The segments of a path by id, nothing for the shorthand.
pub(crate) fn path_segments(reference: &str) -> Option<Vec<&str>> {
    let path = reference.strip_prefix('#').unwrap_or(reference);
    let path = path.strip_prefix('/').unwrap_or(path);
    path.contains('/').then(|| path.split('/').collect())
}
