//! `transforms` of a gate file.

use super::reader::{Reader, joined};
use super::{Files, Read};
use crate::transform::{Side, Transforms};
use guard_engine::contract::Contract;
use guard_engine::document::{Node, quote};
use guard_engine::transform::Bound;
use guard_verdict::{Level, codes::gate as codes};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Reads the section; the contracts that it names go into `named`.
pub(super) fn read(
    root: &Node,
    reader: &mut Reader,
    read: &Read,
    files: Files<'_>,
    named: &mut BTreeMap<String, String>,
) -> Option<Transforms> {
    let node = root.get("transforms")?;
    reader.keys(node, "transforms", &["input", "inputObject", "output", "outputObject"]);
    let input = side(node, "input", "inputObject", reader, files, named);
    let output = side(node, "output", "outputObject", reader, files, named);
    Some(Transforms { input: input?, output: output?, reserved: read.reserved.clone(), meets: Vec::new() })
}

fn side(
    node: &Node,
    key: &str,
    object_key: &str,
    reader: &mut Reader,
    files: Files<'_>,
    named: &mut BTreeMap<String, String>,
) -> Option<Side> {
    let file = reader.required_text(node, "transforms", key)?;
    let path = joined("transforms", key);
    let at = node.get(key)?;
    let Some(text) = files(&file) else {
        let message = format!("the file {} is not given", quote(&file));
        reader.error(codes::VALUE, at, &path, message);
        return None;
    };
    let contract = match Contract::load(&text) {
        Ok(contract) => contract,
        Err(found) => {
            let first = found.iter().find(|one| one.level == Level::Error).or(found.first());
            let why = first.map(|one| format!("line {}: {}", one.span.line, one.message)).unwrap_or_default();
            reader.error(codes::VALUE, at, &path, format!("the contract {} does not load: {why}", quote(&file)));
            return None;
        }
    };
    let names: Vec<&str> = contract.objects.iter().map(|object| object.name.as_str()).collect();
    let wanted = reader.text(node, "transforms", object_key);
    let object = match (&wanted, names.as_slice()) {
        (Some(name), names) if names.contains(&name.as_str()) => name.clone(),
        (None, [only]) if node.get(object_key).is_none() => (*only).to_owned(),
        _ => {
            let message = format!("name one of the contract's objects with `{object_key}`: {}", names.join(", "));
            reader.error(codes::VALUE, node.get(object_key).unwrap_or(at), &joined("transforms", object_key), message);
            return None;
        }
    };
    if let Some(first) = contract.diagnostics.iter().find(|one| one.level == Level::Warning) {
        let message =
            format!("the contract {} has warnings; line {}: {}", quote(&file), first.span.line, first.message);
        reader.warn(first.code, at, &path, message);
    }
    named.insert(file.clone(), contract.canonical.clone());
    Some(Side { file, bound: Bound { contract: Arc::new(contract), object } })
}
