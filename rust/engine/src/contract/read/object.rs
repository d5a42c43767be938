//! Entries of `schema`.

use super::super::SchemaObject;
use super::super::keys;
use super::super::reader::{At, Reader};
use super::{property, quality, relationship, small, word};
use guard_verdict::Level;

/// Reads one schema object. Nothing if it is no mapping.
pub(super) fn read(at: &At<'_>, reader: &mut Reader) -> Option<SchemaObject> {
    if !reader.mapping(at, keys::OBJECT) {
        return None;
    }
    reader.require(at, "name", Level::Error);
    if let Some(written) = at.text("logicalType") {
        word(reader, at, "logicalType", &written, &["object"], Level::Warning);
    }
    let name = at.text("name").unwrap_or_default();
    Some(SchemaObject {
        id: at.text("id"),
        physical_name: at.text("physicalName"),
        properties: property::list(at, &name, "", reader),
        quality: quality::list(at, quality::Level::Object(&name), reader),
        relationships: relationship::of_object(at, &name, reader),
        custom: small::custom(at, reader),
        span: at.node.span,
        name,
    })
}
