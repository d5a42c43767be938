//! Schemas to nodes.

use super::index::{Index, Place};
use super::{Checks, Documents, Dynamic, FEW, Kind, Node, Schema, SchemaError};
use crate::json::{Json, joined};
use crate::number::Number;
use guard_engine::document::quote;
use guard_kernels::pattern::Pattern;
use guard_verdict::{codes::contract, codes::gate as codes};
use std::collections::HashMap;

/// Most nodes of a schema.
const MAX_NODES: usize = 20_000;
/// The vocabularies of the draft that this is.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";
const VALIDATION: &str = "https://json-schema.org/draft/2020-12/vocab/validation";

type Step<T> = Result<T, SchemaError>;

struct Compiler<'a> {
    index: Index<'a>,
    nodes: Vec<Node>,
    known: HashMap<Place, usize>,
    todo: Vec<(Place, usize)>,
    tracks: bool,
    /// Whether resources assert: a metaschema may leave the vocabulary out.
    asserts: HashMap<usize, bool>,
}

pub(super) fn compile(document: &Json, uri: &str, others: Documents<'_>) -> Step<Schema> {
    let mut compiler = Compiler {
        index: Index::new(document, uri, others),
        nodes: Vec::new(),
        known: HashMap::new(),
        todo: Vec::new(),
        tracks: false,
        asserts: HashMap::new(),
    };
    let root = compiler.node(Place { document: 0, pointer: String::new() })?;
    compiler.work()?;
    let mut dynamic = HashMap::new();
    loop {
        let found = compiler.index.dynamic.clone();
        let before = compiler.nodes.len();
        for (key, place) in found {
            let node = compiler.node(place)?;
            dynamic.insert(key, node);
        }
        compiler.work()?;
        if compiler.nodes.len() == before {
            break;
        }
    }
    Ok(Schema { nodes: compiler.nodes, root, dynamic, tracks: compiler.tracks })
}

fn invalid<T>(place: &Place, keyword: &str, message: String) -> Step<T> {
    Err(SchemaError { code: codes::SCHEMA_INVALID, pointer: joined(&place.pointer, keyword), message })
}

impl Compiler<'_> {
    /// The node of a place; compiled later.
    fn node(&mut self, place: Place) -> Step<usize> {
        if let Some(id) = self.known.get(&place) {
            return Ok(*id);
        }
        let id = self.nodes.len();
        if id >= MAX_NODES {
            return invalid(&place, "", format!("the schema has more than {MAX_NODES} parts"));
        }
        self.nodes.push(Node::Fixed(false));
        self.known.insert(place.clone(), id);
        self.todo.push((place, id));
        Ok(id)
    }

    fn work(&mut self) -> Step<()> {
        while let Some((place, id)) = self.todo.pop() {
            let schema = self.index.value(&place).cloned();
            let node = match schema {
                Some(Json::Bool(value)) => Node::Fixed(value),
                Some(schema @ Json::Object(_)) => Node::Checks(Box::new(self.checks(&schema, &place)?)),
                _ => return invalid(&place, "", "a schema is an object or a boolean".to_owned()),
            };
            if let Some(slot) = self.nodes.get_mut(id) {
                *slot = node;
            }
        }
        Ok(())
    }

    fn checks(&mut self, schema: &Json, place: &Place) -> Step<Checks> {
        let resource = self.index.resource_of(place);
        let mut out = Checks { resource, ..Checks::default() };
        let asserts = self.asserts(resource)?;
        for (keyword, value) in schema.members() {
            let known = self.applicator(&mut out, keyword, value, place)?
                || self.references(&mut out, keyword, value, place)?;
            if !known && asserts {
                assertion(&mut out, keyword, value, place)?;
            }
        }
        out.combines = out.refers();
        self.tracks |= out.unevaluated.is_some() || out.unevaluated_items.is_some();
        Ok(out)
    }

    /// Whether the resource's dialect has the assertions of the draft.
    fn asserts(&mut self, resource: usize) -> Step<bool> {
        if let Some(known) = self.asserts.get(&resource) {
            return Ok(*known);
        }
        let root = self.index.resources.get(resource).map(|(_, place)| place.clone());
        let root = root.unwrap_or(Place { document: 0, pointer: String::new() });
        let dialect =
            self.index.value(&root).and_then(|schema| schema.get("$schema")).and_then(Json::text).map(str::to_owned);
        let asserts = match dialect.as_deref().map(|uri| uri.trim_end_matches('#')) {
            None | Some(DRAFT) => true,
            Some(other) => {
                let (meta, _) =
                    self.index.find(other, resource, &Place { pointer: joined(&root.pointer, "$schema"), ..root })?;
                let vocabulary = self.index.value(&meta).and_then(|meta| meta.get("$vocabulary")).cloned();
                match vocabulary {
                    Some(vocabulary) => vocabulary.get(VALIDATION).is_some(),
                    None => return invalid(&meta, "$schema", format!("{} is not JSON Schema 2020-12", quote(other))),
                }
            }
        };
        self.asserts.insert(resource, asserts);
        Ok(asserts)
    }

    fn one(&mut self, place: &Place, keyword: &str) -> Step<Option<usize>> {
        self.node(below(place, keyword)).map(Some)
    }

    fn list(&mut self, value: &Json, place: &Place, keyword: &str) -> Step<Vec<usize>> {
        let Json::List(items) = value else {
            return invalid(place, keyword, format!("`{keyword}` is a list of schemas"));
        };
        if items.is_empty() {
            return invalid(place, keyword, format!("the list of `{keyword}` is empty"));
        }
        let around = below(place, keyword);
        (0..items.len()).map(|position| self.node(below(&around, &position.to_string()))).collect()
    }

    fn named(&mut self, value: &Json, place: &Place, keyword: &str) -> Step<Vec<(String, usize)>> {
        let Json::Object(members) = value else {
            return invalid(place, keyword, format!("`{keyword}` maps names to schemas"));
        };
        let around = below(place, keyword);
        members.iter().map(|(name, _)| Ok((name.to_string(), self.node(below(&around, name))?))).collect()
    }

    /// Keywords that hold schemas.
    fn applicator(&mut self, out: &mut Checks, keyword: &str, value: &Json, place: &Place) -> Step<bool> {
        match keyword {
            "items" => out.items = self.one(place, keyword)?,
            "contains" => out.contains = self.one(place, keyword)?,
            "additionalProperties" => out.additional = self.one(place, keyword)?,
            "propertyNames" => out.names = self.one(place, keyword)?,
            "not" => out.not = self.one(place, keyword)?,
            "if" => out.condition = self.one(place, keyword)?,
            "then" => out.then = self.one(place, keyword)?,
            "else" => out.otherwise = self.one(place, keyword)?,
            "unevaluatedItems" => out.unevaluated_items = self.one(place, keyword)?,
            "unevaluatedProperties" => out.unevaluated = self.one(place, keyword)?,
            "prefixItems" => out.prefix = self.list(value, place, keyword)?,
            "allOf" => out.all_of = self.list(value, place, keyword)?,
            "anyOf" => out.any_of = self.list(value, place, keyword)?,
            "oneOf" => out.one_of = self.list(value, place, keyword)?,
            "properties" => {
                out.properties = self.named(value, place, keyword)?;
                if out.properties.len() > FEW {
                    out.by_name = out.properties.iter().cloned().collect();
                }
            }
            "dependentSchemas" => out.dependent = self.named(value, place, keyword)?,
            "patternProperties" => {
                for (text, node) in self.named(value, place, keyword)? {
                    out.patterns.push((pattern(&text, place, keyword)?, node));
                }
            }
            // Each definition is compiled, so that a fault in one that nothing uses yet is found too.
            "$defs" => drop(self.named(value, place, keyword)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn references(&mut self, out: &mut Checks, keyword: &str, value: &Json, place: &Place) -> Step<bool> {
        if !matches!(keyword, "$ref" | "$dynamicRef") {
            return Ok(false);
        }
        let Some(text) = value.text() else { return invalid(place, keyword, format!("`{keyword}` is a text")) };
        let (target, anchor) = self.index.find(text, out.resource, &below(place, keyword))?;
        let node = self.node(target.clone())?;
        if keyword == "$ref" {
            out.reference = Some(node);
        } else {
            let own = anchor.filter(|name| {
                let schema = self.index.value(&target);
                schema.and_then(|schema| schema.get("$dynamicAnchor")).and_then(Json::text) == Some(name)
            });
            out.dynamic = Some(Dynamic { first: node, anchor: own });
        }
        Ok(true)
    }
}

fn below(place: &Place, step: &str) -> Place {
    Place { document: place.document, pointer: joined(&place.pointer, step) }
}

fn pattern(text: &str, place: &Place, keyword: &str) -> Step<Pattern> {
    Pattern::compile(text).map_err(|error| SchemaError {
        code: contract::PATTERN_BROKEN,
        pointer: joined(&place.pointer, keyword),
        message: format!("the pattern {} cannot be used: {error}", quote(text)),
    })
}

/// Keywords that assert something of the value itself. Annotations and unknown keywords are left alone.
fn assertion(out: &mut Checks, keyword: &str, value: &Json, place: &Place) -> Step<()> {
    match keyword {
        "type" => out.types = Some(types(value, place)?),
        "enum" => match value {
            Json::List(values) => out.one_of_values = Some(values.clone()),
            _ => return invalid(place, keyword, "`enum` is a list".to_owned()),
        },
        // An `enum` beside it narrows further.
        "const" => match &mut out.one_of_values {
            Some(values) => values.retain(|member| member.equals(value)),
            None => out.one_of_values = Some(vec![value.clone()]),
        },
        "multipleOf" => {
            let step = number(value, place, keyword)?;
            if step.order(&zero()).is_le() {
                return invalid(place, keyword, "`multipleOf` is greater than 0".to_owned());
            }
            out.multiple_of = Some(step);
        }
        "minimum" => out.minimum = Some(number(value, place, keyword)?),
        "maximum" => out.maximum = Some(number(value, place, keyword)?),
        "exclusiveMinimum" => out.exclusive_minimum = Some(number(value, place, keyword)?),
        "exclusiveMaximum" => out.exclusive_maximum = Some(number(value, place, keyword)?),
        "minLength" => out.length.0 = Some(count(value, place, keyword)?),
        "maxLength" => out.length.1 = Some(count(value, place, keyword)?),
        "minItems" => out.count.0 = Some(count(value, place, keyword)?),
        "maxItems" => out.count.1 = Some(count(value, place, keyword)?),
        "minContains" => out.contained.0 = Some(count(value, place, keyword)?),
        "maxContains" => out.contained.1 = Some(count(value, place, keyword)?),
        "minProperties" => out.members.0 = Some(count(value, place, keyword)?),
        "maxProperties" => out.members.1 = Some(count(value, place, keyword)?),
        "pattern" => match value {
            Json::Text(text) => out.pattern = Some((pattern(text, place, keyword)?, text.to_string())),
            _ => return invalid(place, keyword, "`pattern` is a text".to_owned()),
        },
        "uniqueItems" => match value {
            Json::Bool(unique) => out.unique = *unique,
            _ => return invalid(place, keyword, "`uniqueItems` is a boolean".to_owned()),
        },
        "required" => out.required = texts(value, place, keyword)?,
        "dependentRequired" => {
            let Json::Object(members) = value else {
                return invalid(place, keyword, "`dependentRequired` maps names to lists of names".to_owned());
            };
            for (name, names) in members {
                out.dependent_required.push((name.to_string(), texts(names, place, keyword)?));
            }
        }
        _ => {}
    }
    Ok(())
}

fn zero() -> Number {
    Number::zero()
}

fn types(value: &Json, place: &Place) -> Step<u8> {
    let one = |value: &Json| match value.text() {
        Some("null") => Some(Kind::Null),
        Some("boolean") => Some(Kind::Boolean),
        Some("object") => Some(Kind::Object),
        Some("array") => Some(Kind::Array),
        Some("number") => Some(Kind::Number),
        Some("string") => Some(Kind::String),
        Some("integer") => Some(Kind::Integer),
        _ => None,
    };
    let items = match value {
        Json::List(items) if !items.is_empty() => items.as_slice(),
        other => std::slice::from_ref(other),
    };
    let mut bits = 0;
    for item in items {
        match one(item) {
            Some(kind) => bits |= kind as u8,
            None => return invalid(place, "type", format!("{} is no type", quote(&item.canonical()))),
        }
    }
    Ok(bits)
}

fn number(value: &Json, place: &Place, keyword: &str) -> Step<Number> {
    match value {
        Json::Number(number) => Ok(number.clone()),
        _ => invalid(place, keyword, format!("`{keyword}` is a number")),
    }
}

fn count(value: &Json, place: &Place, keyword: &str) -> Step<usize> {
    let whole = match value {
        Json::Number(number) => number.at_scale(0).and_then(|whole| usize::try_from(whole).ok()),
        _ => None,
    };
    whole.map_or_else(|| invalid(place, keyword, format!("`{keyword}` is a whole number, not negative")), Ok)
}

fn texts(value: &Json, place: &Place, keyword: &str) -> Step<Vec<String>> {
    let texts = match value {
        Json::List(items) => items.iter().map(|item| item.text().map(str::to_owned)).collect::<Option<Vec<_>>>(),
        _ => None,
    };
    texts.map_or_else(|| invalid(place, keyword, format!("`{keyword}` is a list of names")), Ok)
}
