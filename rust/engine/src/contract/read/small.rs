//! `slaProperties` and `customProperties`.

use super::super::json::{Inexact, to_json};
use super::super::keys;
use super::super::reader::{At, Reader};
use super::super::{Custom, Scalar, Sla, lint};
use guard_verdict::Level;

/// Reads `slaProperties`.
pub(super) fn sla(root: &At<'_>, reader: &mut Reader) -> Vec<Sla> {
    let default = root.text("slaDefaultElement");
    let mut out = Vec::new();
    for item in root.items("slaProperties") {
        if !reader.mapping(&item, keys::SLA) || !reader.require(&item, "property", Level::Error) {
            continue;
        }
        if item.node.get("value").is_none() {
            reader.require(&item, "value", Level::Error);
        }
        let element = item.text("element").or_else(|| default.clone()).unwrap_or_default();
        let entry = Sla {
            id: item.text("id"),
            property: item.text("property").unwrap_or_default(),
            value: item.scalar("value").map_or(Scalar::Null, |found| found.value),
            unit: item.text("unit"),
            elements: elements(&element, reader),
            span: item.node.span,
        };
        lint::sla(&item, &entry, reader);
        out.push(entry);
    }
    out
}

/// The elements of a list parted by commas; those given by id are named.
fn elements(list: &str, reader: &Reader) -> Vec<String> {
    let named = |element: &str| match reader.index.resolve(element) {
        Some(target) if element.contains('/') => format!("{}.{}", target.object, target.property),
        _ => element.to_owned(),
    };
    list.split(',').map(str::trim).filter(|element| !element.is_empty()).map(named).collect()
}

/// Reads `customProperties`.
pub(super) fn custom(at: &At<'_>, reader: &mut Reader) -> Vec<Custom> {
    let mut out = Vec::new();
    for item in at.items("customProperties") {
        if !reader.mapping(&item, keys::CUSTOM) || !reader.require(&item, "property", Level::Error) {
            continue;
        }
        let Some(value) = item.node.get("value") else {
            reader.require(&item, "value", Level::Error);
            continue;
        };
        out.push(Custom {
            property: item.text("property").unwrap_or_default(),
            vendor: item.text("vendor"),
            value: to_json(value, Inexact::Text),
        });
    }
    out
}
