//! What a gate file says and cannot mean (G4.11): warnings only where it is proved.
//!
//! This file looks at tools, `limits` at limits.

mod limits;

use crate::file::Tool;
use crate::file::reader::{Reader, joined};
use crate::file::tools::{Draft, walk};
use crate::json::{Json, pointer};
use crate::limit::{By, Limit};
use crate::logic::bounds::Bounds;
use crate::logic::cases::{excluded, follows};
use crate::logic::formula::Formula;
use guard_engine::document::{Node, quote};
use guard_verdict::codes::gate as codes;

/// Warns of a file that has no errors.
pub(crate) fn lint(root: &Node, tools: &[Draft], limits: &[Limit], reader: &mut Reader) {
    let nodes = root.get("tools").map(Node::items).unwrap_or_default();
    if reader.failed() || nodes.len() != tools.len() {
        return;
    }
    let views: Vec<View<'_>> = tools.iter().zip(nodes).map(|(draft, node)| View::of(&draft.tool, node)).collect();
    for (position, view) in views.iter().enumerate() {
        rules(view, &format!("tools[{position}]"), reader);
        arguments(view, &format!("tools[{position}]"), reader);
        if let Some(key) = view.node.get("key") {
            absent(view, key, &format!("tools[{position}].key"), "two calls without it are one intent", reader);
        }
    }
    limits::limits(root, &views, limits, reader);
}

/// A tool as lints see it.
struct View<'t> {
    tool: &'t Tool,
    node: &'t Node,
    bounds: Bounds,
    /// Is `allow` never TRUE?
    closed: bool,
}

impl<'t> View<'t> {
    fn of(tool: &'t Tool, node: &'t Node) -> View<'t> {
        let bounds = tool.bounds();
        let closed = excluded(&[&tool.allow.holds_when], &bounds);
        View { tool, node, bounds, closed }
    }
}

/// A constant that was written as one is meant.
fn is_literal(text: &str) -> bool {
    ["TRUE", "FALSE"].iter().any(|word| text.trim().eq_ignore_ascii_case(word))
}

fn rules(view: &View<'_>, path: &str, reader: &mut Reader) {
    let (tool, allow) = (view.tool, &view.tool.allow);
    let name = quote(&tool.name);
    if view.closed {
        let node = view.node.get("allow").unwrap_or(view.node);
        let path = joined(path, "allow");
        if is_literal(&allow.text) {
            reader.info(codes::ALLOW_NEVER, node, &path, format!("no call of {name} is admitted yet"));
        } else {
            let message = format!("`allow` is TRUE for no arguments of {name} that its schema admits");
            reader.warn(codes::ALLOW_NEVER, node, &path, message);
        }
        return;
    }
    let Some(rule) = tool.escalate.as_ref().filter(|rule| !is_literal(&rule.text)) else { return };
    let node = view.node.get("escalate").unwrap_or(view.node);
    let path = joined(path, "escalate");
    if excluded(&[&allow.holds_when, &rule.holds_when], &view.bounds) {
        reader.warn(codes::ESCALATE_NEVER, node, &path, format!("no call of {name} that `allow` admits is escalated"));
    } else if follows(&rule.holds_when, &[&allow.holds_when], &view.bounds) {
        let message = format!("every call of {name} that `allow` admits is escalated");
        reader.warn(codes::ESCALATE_ALWAYS, node, &path, message);
    }
}

fn arguments(view: &View<'_>, path: &str, reader: &mut Reader) {
    let Some(schema) = view.node.get("inputSchema") else { return };
    for name in view.tool.record.untyped() {
        let steps = ["properties".to_owned(), name.to_owned()];
        let node = walk(schema, &steps).unwrap_or(schema);
        let message = format!("rules cannot read the argument {}: its schema gives it no one type", quote(name));
        reader.info(codes::ARGUMENT_UNTYPED, node, &joined(path, "inputSchema"), message);
    }
}

/// Keywords beside which `required` is all that can demand a member.
const PLAIN: [&str; 13] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "description",
    "title",
    "default",
    "examples",
    "$schema",
    "$comment",
    "$defs",
    "$id",
    "maxProperties",
];

/// Warns of pointers in a list that lead to arguments which a call may leave out.
fn absent(view: &View<'_>, list: &Node, path: &str, effect: &str, reader: &mut Reader) {
    let schema = &view.tool.input;
    if !schema.members().iter().all(|(keyword, _)| PLAIN.contains(&keyword.as_ref())) {
        return;
    }
    for (position, node) in list.items().iter().enumerate() {
        let Some(text) = node.text().filter(|text| text.starts_with('/')) else { continue };
        let steps = pointer(text).unwrap_or_default();
        let Some(first) =
            steps.first().filter(|first| view.tool.schema.property(view.tool.schema.root(), first).is_some())
        else {
            continue;
        };
        let required = match schema.get("required") {
            Some(Json::List(names)) => names.iter().any(|name| name.text() == Some(first)),
            _ => false,
        };
        let top = crate::json::joined("", first);
        let formula = Formula::Present(top.clone());
        if required || view.closed || view.bounds.present(&top) {
            continue;
        }
        if !follows(&formula, &[&view.tool.allow.holds_when], &view.bounds) {
            let name = quote(&view.tool.name);
            let message = format!("a call of {name} may leave out {}: {effect}", quote(text));
            reader.warn(codes::POINTER_ABSENT, node, &format!("{path}[{position}]"), message);
        }
    }
}

/// Do any of the tool's limits part by this list?
fn parted<'t>(view: &View<'t>, number: usize) -> Option<&'t [By]> {
    view.tool.meets.iter().find(|meets| meets.limit == number && !meets.first).map(|meets| meets.by.as_slice())
}
