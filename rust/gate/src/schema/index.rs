//! Where `$id`, `$anchor` and `$dynamicAnchor` stand.

use super::{Documents, SchemaError, uri};
use crate::json::{Json, joined, pointer};
use guard_verdict::codes::gate as codes;
use std::collections::HashMap;

/// A place in one of the documents.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub document: usize,
    pub pointer: String,
}

/// Keywords that hold one schema.
const ONE: [&str; 12] = [
    "items",
    "contains",
    "additionalProperties",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
    "additionalItems",
];
/// Keywords that hold a list of schemas.
const LIST: [&str; 4] = ["prefixItems", "allOf", "anyOf", "oneOf"];
/// Keywords that hold schemas by name.
const NAMED: [&str; 5] = ["$defs", "definitions", "properties", "patternProperties", "dependentSchemas"];

/// Objects with more members than this are looked up by name, and not member by member.
const WIDE: usize = 16;

/// Positions of the members of wide objects, by the objects' pointers.
type Wide = HashMap<String, HashMap<String, usize>>;

/// Recursion is bounded by the depth of documents.
fn widths(value: &Json, pointer: &str, out: &mut Wide) {
    match value {
        Json::Object(members) => {
            if members.len() > WIDE {
                let places = members.iter().enumerate().map(|(position, (name, _))| (name.to_string(), position));
                out.insert(pointer.to_owned(), places.collect());
            }
            members.iter().for_each(|(name, member)| widths(member, &joined(pointer, name), out));
        }
        Json::List(items) => {
            items.iter().enumerate().for_each(|(position, item)| widths(item, &format!("{pointer}/{position}"), out));
        }
        _ => {}
    }
}

/// Names of all documents that were met.
pub(super) struct Index<'a> {
    others: Documents<'a>,
    documents: Vec<(Json, Wide)>,
    /// Resources by URI.
    pub resources: Vec<(String, Place)>,
    anchors: HashMap<(usize, String), Place>,
    pub dynamic: HashMap<(usize, String), Place>,
    /// The resource that each schema belongs to.
    of: HashMap<Place, usize>,
    by_uri: HashMap<String, usize>,
}

impl<'a> Index<'a> {
    pub fn new(document: &Json, base: &str, others: Documents<'a>) -> Index<'a> {
        let mut index = Index {
            others,
            documents: Vec::new(),
            resources: Vec::new(),
            anchors: HashMap::new(),
            dynamic: HashMap::new(),
            of: HashMap::new(),
            by_uri: HashMap::new(),
        };
        index.add(document.clone(), base);
        index
    }

    /// Adds a document; its resource.
    fn add(&mut self, document: Json, base: &str) -> usize {
        let number = self.documents.len();
        let mut wide = Wide::new();
        widths(&document, "", &mut wide);
        self.documents.push((document.clone(), wide));
        let place = Place { document: number, pointer: String::new() };
        let resource = self.resource(base, place.clone());
        self.walk(&document, place, resource);
        resource
    }

    fn resource(&mut self, uri: &str, place: Place) -> usize {
        let number = self.resources.len();
        self.resources.push((uri.to_owned(), place));
        self.by_uri.entry(uri.to_owned()).or_insert(number);
        number
    }

    /// Recursion is bounded by the depth of documents.
    fn walk(&mut self, schema: &Json, place: Place, resource: usize) {
        let Json::Object(members) = schema else {
            self.of.insert(place, resource);
            return;
        };
        let mut resource = resource;
        if let Some(id) = schema.get("$id").and_then(Json::text) {
            let base = self.resources.get(resource).map(|(uri, _)| uri.clone()).unwrap_or_default();
            let uri = uri::resolve(&base, id);
            if uri != base {
                resource = self.resource(&uri, place.clone());
            }
        }
        for (keyword, dynamic) in [("$anchor", false), ("$dynamicAnchor", true)] {
            if let Some(name) = schema.get(keyword).and_then(Json::text) {
                self.anchors.insert((resource, name.to_owned()), place.clone());
                if dynamic {
                    self.dynamic.insert((resource, name.to_owned()), place.clone());
                }
            }
        }
        self.of.insert(place.clone(), resource);
        for (keyword, value) in members {
            let below = joined(&place.pointer, keyword);
            let at = |pointer: String| Place { document: place.document, pointer };
            match value {
                value if ONE.contains(&&**keyword) => self.walk(value, at(below), resource),
                Json::List(items) if LIST.contains(&&**keyword) => {
                    for (position, item) in items.iter().enumerate() {
                        self.walk(item, at(format!("{below}/{position}")), resource);
                    }
                }
                Json::Object(named) if NAMED.contains(&&**keyword) => {
                    for (name, item) in named {
                        self.walk(item, at(joined(&below, name)), resource);
                    }
                }
                _ => {}
            }
        }
    }

    /// The resource of a schema; that of the nearest schema around it for places that no keyword leads to.
    pub fn resource_of(&mut self, place: &Place) -> usize {
        let mut pointer = place.pointer.clone();
        loop {
            let around = Place { document: place.document, pointer: pointer.clone() };
            if let Some(resource) = self.of.get(&around).copied() {
                if around != *place {
                    // A schema at a place that no keyword leads to can hold names too.
                    if let Some(schema) = self.value(place).cloned() {
                        self.walk(&schema, place.clone(), resource);
                        return self.of.get(place).copied().unwrap_or(resource);
                    }
                }
                return resource;
            }
            match pointer.rfind('/') {
                Some(at) => pointer.truncate(at),
                None => return 0,
            }
        }
    }

    pub fn value(&self, place: &Place) -> Option<&Json> {
        let (document, wide) = self.documents.get(place.document)?;
        let (mut at, mut end) = (document, 0);
        for (step, raw) in pointer(&place.pointer)?.into_iter().zip(place.pointer.split('/').skip(1)) {
            let positions = if wide.is_empty() { None } else { wide.get(place.pointer.get(..end)?) };
            at = match (at, positions) {
                (Json::Object(members), Some(positions)) => &members.get(*positions.get(&step)?)?.1,
                _ => at.at(&[step])?,
            };
            end += raw.len() + 1;
        }
        Some(at)
    }

    /// Where a reference leads from a resource, and the resource's anchor if it names one.
    pub fn find(&mut self, reference: &str, from: usize, at: &Place) -> Result<(Place, Option<String>), SchemaError> {
        let unresolved = || SchemaError {
            code: codes::SCHEMA_UNRESOLVED,
            pointer: at.pointer.clone(),
            message: format!("{} leads nowhere", guard_engine::document::quote(reference)),
        };
        let base = self.resources.get(from).map(|(uri, _)| uri.clone()).unwrap_or_default();
        let uri = uri::resolve(&base, reference);
        let resource = match self.by_uri.get(&uri) {
            Some(resource) => *resource,
            None => {
                let document = (self.others)(&uri).ok_or_else(unresolved)?;
                let resource = self.add(document, &uri);
                self.by_uri.get(&uri).copied().unwrap_or(resource)
            }
        };
        let fragment = uri::fragment(reference).ok_or_else(unresolved)?;
        let mut root = self.resources.get(resource).map(|(_, place)| place.clone()).ok_or_else(unresolved)?;
        if fragment.is_empty() {
            return Ok((root, None));
        }
        if !fragment.starts_with('/') {
            // A document whose root names itself otherwise keeps its anchors under that name.
            let own = self.of.get(&root).copied().unwrap_or(resource);
            let found =
                self.anchors.get(&(own, fragment.clone())).or_else(|| self.anchors.get(&(resource, fragment.clone())));
            let place = found.cloned().ok_or_else(unresolved)?;
            return Ok((place, Some(fragment)));
        }
        root.pointer.push_str(&fragment);
        if self.value(&root).is_none() { Err(unresolved()) } else { Ok((root, None)) }
    }
}
