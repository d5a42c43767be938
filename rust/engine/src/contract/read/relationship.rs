//! Foreign keys. References are resolved here, so that a loaded contract has none that dangles.

use super::super::Relationship;
use super::super::findings::{did_you_mean, quote};
use super::super::index::{Target, path_segments};
use super::super::keys;
use super::super::reader::{At, Reader};
use super::word;
use guard_verdict::Level;
use guard_verdict::codes::{contract as codes, plan};

/// Foreign keys of the property whose dotted path is `column`.
pub(super) fn of_property(at: &At<'_>, column: &str, reader: &mut Reader) -> Vec<Relationship> {
    let mut out = Vec::new();
    for item in at.items("relationships") {
        if !usable(&item, reader) {
            continue;
        }
        if item.node.get("from").is_some() {
            let message = "a foreign key of a property starts at that property; `from` has no place here".to_owned();
            reader.report_key(codes::REFERENCE_FROM, Level::Error, &item, "from", message);
        }
        out.extend(finish(&item, vec![column.to_owned()], reader));
    }
    out
}

/// Foreign keys of the object called `object`.
pub(super) fn of_object(at: &At<'_>, object: &str, reader: &mut Reader) -> Vec<Relationship> {
    let mut out = Vec::new();
    for item in at.items("relationships") {
        if !usable(&item, reader) || !reader.require(&item, "from", Level::Error) {
            continue;
        }
        let mut from = Vec::new();
        for end in ends(&item, "from", reader) {
            match resolve(&end, reader) {
                Some(target) if target.object == object => from.push(target.property),
                Some(target) => {
                    let message =
                        format!("`from` names a column of {}, not of {}", quote(&target.object), quote(object));
                    reader.report(codes::REFERENCE_MIXED, Level::Error, &end, message);
                }
                None => {}
            }
        }
        if !from.is_empty() {
            out.extend(finish(&item, from, reader));
        }
    }
    out
}

fn usable(item: &At<'_>, reader: &mut Reader) -> bool {
    if !reader.mapping(item, keys::RELATIONSHIP) {
        return false;
    }
    let known =
        item.text("type").is_none_or(|written| word(reader, item, "type", &written, &["foreignKey"], Level::Error));
    reader.require(item, "to", Level::Error) && known
}

/// The references under `key`: one text or a list of texts.
fn ends<'a>(item: &At<'a>, key: &str, reader: &mut Reader) -> Vec<At<'a>> {
    let Some(at) = item.get(key) else {
        return Vec::new();
    };
    if at.node.as_text().is_some() {
        return vec![at];
    }
    let list = item.items(key);
    for end in list.iter().filter(|end| end.node.as_text().is_none()) {
        let message = format!("expected a reference, found {}", end.node.noun());
        reader.report(codes::KIND_MISMATCH, Level::Error, end, message);
    }
    if list.is_empty() && at.node.scalar().is_none() {
        reader.report(codes::REFERENCE_SYNTAX, Level::Error, &at, format!("`{key}` names no column"));
    }
    list.into_iter().filter(|end| end.node.as_text().is_some()).collect()
}

fn finish(item: &At<'_>, from: Vec<String>, reader: &mut Reader) -> Option<Relationship> {
    let ends = ends(item, "to", reader);
    let mut targets = Vec::new();
    let mut external = None;
    for end in &ends {
        let text = end.node.as_text().unwrap_or_default();
        match outside(text) {
            Some(target) => {
                reader.report(
                    plan::REFERENCE_EXTERNAL,
                    Level::Info,
                    end,
                    format!("{} lies in another document", quote(text)),
                );
                external = external.or_else(|| Some(text.to_owned()));
                targets.push(target);
            }
            None => targets.extend(undeclared(end, reader).or_else(|| resolve(end, reader))),
        }
    }
    if targets.len() < ends.len() || targets.is_empty() {
        return None;
    }
    if targets.len() != from.len() {
        let message = format!("{} columns refer to {}", from.len(), targets.len());
        reader.report(codes::REFERENCE_UNEQUAL, Level::Error, item, message);
        return None;
    }
    let to_object = targets.first()?.object.clone();
    if let Some(other) = targets.iter().find(|target| target.object != to_object) {
        let message = format!("`to` names columns of {} and {}", quote(&to_object), quote(&other.object));
        reader.report_key(codes::REFERENCE_MIXED, Level::Error, item, "to", message);
        return None;
    }
    let to = targets.into_iter().map(|target| target.property).collect();
    Some(Relationship { from, to_object, to, external, span: item.node.span })
}

/// The target of a shorthand whose object the document does not declare. Its frame may still be given under that name.
fn undeclared(end: &At<'_>, reader: &mut Reader) -> Option<Target> {
    let text = end.node.as_text().filter(|text| path_segments(text).is_none())?;
    let (object, property) =
        text.split_once('.').filter(|(object, property)| !object.is_empty() && !property.is_empty())?;
    if reader.index.resolve(text).is_some() || reader.index.objects.starts(text) {
        return None;
    }
    let message = format!("this document declares no object {}", quote(object));
    let help = "declare the object, or pass its frame under that name as a reference".to_owned();
    reader.advise(codes::REFERENCE_DANGLING, Level::Warning, end, message, help);
    Some(Target { object: object.to_owned(), property: property.to_owned() })
}

fn resolve(end: &At<'_>, reader: &mut Reader) -> Option<Target> {
    let text = end.node.as_text()?;
    let found = reader.index.resolve(text);
    if found.is_none() && !reader.findings.is_full() {
        let formed = text.contains('.') || path_segments(text).is_some();
        let hints = reader.index.shorthands();
        let bare = hints.iter().map(String::as_str).find(|hint| !formed && hint.ends_with(&format!(".{text}")));
        let help = bare.or_else(|| did_you_mean(text, hints.iter().map(String::as_str)));
        let help = help.map_or_else(
            || "declare the property, or correct the reference".to_owned(),
            |hint| format!("did you mean {}?", quote(hint)),
        );
        let (code, message) = if formed {
            (codes::REFERENCE_DANGLING, format!("{} names no property of this document", quote(text)))
        } else {
            (codes::REFERENCE_SYNTAX, format!("{} names no object with its property", quote(text)))
        };
        reader.advise(code, Level::Error, end, message, help);
    } else if found.is_none() {
        reader.report(codes::REFERENCE_DANGLING, Level::Error, end, format!("{} names no property", quote(text)));
    }
    found
}

/// What a reference into another document seems to name; nothing for references inside this one.
fn outside(text: &str) -> Option<Target> {
    let (file, path) = text.split_once('#')?;
    if file.is_empty() {
        return None;
    }
    let target = |object: &str, property: String| Some(Target { object: object.to_owned(), property });
    match path_segments(path) {
        Some(segments) => match segments.as_slice() {
            ["schema", object, rest @ ..] => {
                target(object, rest.iter().skip(1).step_by(2).copied().collect::<Vec<_>>().join("."))
            }
            _ => target(path, String::new()),
        },
        None => match path.trim_start_matches('/').split_once('.') {
            Some((object, property)) => target(object, property.to_owned()),
            None => target(path, String::new()),
        },
    }
}
