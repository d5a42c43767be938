//! From the tree to the model.

mod object;
mod options;
mod property;
mod quality;
mod relationship;
mod small;

pub(crate) use quality::Level as RuleLevel;

use super::findings::{Findings, did_you_mean, quote};
use super::index::Index;
use super::reader::{At, Reader};
use super::tree::Node;
use super::{Contract, LoadOptions, canonical, keys, lint, variables};
use guard_verdict::Level;
use guard_verdict::codes::contract as codes;
use std::rc::Rc;

/// Values of `status` that the standard names.
const STATUS: &[&str] = &["proposed", "draft", "active", "deprecated", "retired"];

/// Reads a document. Without a contract there is at least one error among the findings.
pub(crate) fn document(
    text: &str,
    root: &Rc<Node>,
    options: &LoadOptions,
    mut findings: Findings,
) -> (Option<Contract>, Findings) {
    let Some(minor) = version(root, &mut findings) else {
        return (None, findings);
    };
    let root = if minor >= 2 { variables::resolve(root, &options.variables, &mut findings) } else { Rc::clone(root) };
    let mut reader = Reader { findings, minor, index: Index::build(&root) };
    let contract = contract(text, &root, &mut reader);
    (contract, reader.findings)
}

/// The minor version of the standard that the document declares.
fn version(root: &Node, findings: &mut Findings) -> Option<u32> {
    let place = root.entry("apiVersion").map_or(root.span, |entry| entry.value.span);
    let Some(written) = root.text_of("apiVersion") else {
        findings.add(
            codes::KEY_MISSING,
            Level::Error,
            (place, "apiVersion".to_owned()),
            "`apiVersion` is missing".to_owned(),
            Some("add `apiVersion: v3.1.0`".to_owned()),
        );
        return None;
    };
    let mut parts = written.strip_prefix('v').unwrap_or_default().split('.').map(str::parse::<u32>);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(Ok(3)), Some(Ok(minor @ 0..=2)), Some(Ok(_)) | None, None) => Some(minor),
        _ => {
            let message = format!("version {} of the standard is not read; v3.0, v3.1 and v3.2 are", quote(written));
            findings.add(codes::VERSION_UNSUPPORTED, Level::Error, (place, "apiVersion".to_owned()), message, None);
            None
        }
    }
}

fn contract(text: &str, root: &Node, reader: &mut Reader) -> Option<Contract> {
    let at = At::root(root);
    reader.mapping(&at, keys::ROOT);
    for key in ["kind", "id", "version"] {
        reader.require(&at, key, Level::Error);
    }
    // `status` is optional from 3.2 on.
    if reader.minor < 2 {
        reader.require(&at, "status", Level::Warning);
    }
    header(&at, reader);
    let items = at.items("schema");
    reader.distinct(&items, "name");
    reader.distinct(&items, "id");
    let objects = items.iter().filter_map(|item| object::read(item, reader)).collect();
    let sla = small::sla(&at, reader);
    small::custom(&at, reader);
    let canonical = canonical::of_node(root)?;
    let contract = Contract {
        id: at.text("id").unwrap_or_default(),
        version: at.text("version").unwrap_or_default(),
        name: at.text("name"),
        api_version: at.text("apiVersion").unwrap_or_default(),
        objects,
        sla,
        diagnostics: Vec::new(),
        digest: guard_verdict::digest(canonical.as_bytes()),
        text: text.to_owned(),
        canonical,
    };
    lint::contract(&contract, reader);
    lint::rules(&contract, reader);
    Some(contract)
}

fn header(at: &At<'_>, reader: &mut Reader) {
    if let Some(kind) = at.text("kind").filter(|kind| kind != "DataContract") {
        let message = format!("the kind is {}, not `DataContract`", quote(&kind));
        reader.report_key(codes::VALUE_UNKNOWN, Level::Error, at, "kind", message);
    }
    if let Some(status) = at.text("status") {
        word(reader, at, "status", &status, STATUS, Level::Warning);
    }
}

/// Reports a word that is not one of `known`. Whether it is one.
fn word(reader: &mut Reader, at: &At<'_>, key: &str, written: &str, known: &[&str], level: Level) -> bool {
    if known.contains(&written) {
        return true;
    }
    let message = format!("{} is no value of {}", quote(written), quote(key));
    let help = match did_you_mean(written, known.iter().copied()) {
        Some(meant) => format!("did you mean {}?", quote(meant)),
        None => format!("use one of {}", known.iter().map(|word| quote(word)).collect::<Vec<_>>().join(", ")),
    };
    reader.findings.add(codes::VALUE_UNKNOWN, level, (at.span_of(key), at.path_of(key)), message, Some(help));
    false
}
