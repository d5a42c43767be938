//! Values against nodes.

use super::{Checks, FEW, Kind, Node, Schema};
use crate::json::{Value, joined};
use crate::number::{Digits, Number};
use guard_engine::document::quote;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write;

/// Most violations that are listed.
const MOST: usize = 20;
/// Most nodes that are judged for one value, and the deepest nesting of them.
const STEPS: usize = 2_000_000;
const DEPTH: usize = 256;

/// Where a value is not as its schema wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// RFC 6901 pointer into the value.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

pub(super) fn violations(schema: &Schema, value: &Value<'_>) -> Vec<Violation> {
    let mut run = Run { schema, found: Vec::new(), quiet: 0, steps: 0, depth: 0, broken: false, scope: Vec::new() };
    let valid = run.node(schema.root, value, &Path::Root).0;
    if run.broken {
        // Nothing that `not` could turn around: the value was not judged.
        let message = "the schema takes too many steps on this value".to_owned();
        return vec![Violation { path: String::new(), message }];
    }
    if !valid && run.found.is_empty() {
        run.found.push(Violation { path: String::new(), message: "the value does not satisfy the schema".to_owned() });
    }
    run.found
}

/// Where the value at hand stands; written out only for violations.
enum Path<'p> {
    Root,
    Name(&'p Path<'p>, &'p str),
    Item(&'p Path<'p>, usize),
}

impl Path<'_> {
    fn write(&self) -> String {
        match self {
            Path::Root => String::new(),
            Path::Name(around, name) => joined(&around.write(), name),
            Path::Item(around, position) => format!("{}/{position}", around.write()),
        }
    }
}

/// The names of an object's members.
enum There<'v> {
    Few(&'v [(Cow<'v, str>, Value<'v>)]),
    Many(HashSet<&'v str>),
}

impl<'v> There<'v> {
    fn of(members: &'v [(Cow<'v, str>, Value<'v>)]) -> There<'v> {
        if members.len() <= FEW {
            return There::Few(members);
        }
        There::Many(members.iter().map(|(name, _)| name.as_ref()).collect())
    }

    fn has(&self, name: &str) -> bool {
        match self {
            There::Few(members) => members.iter().any(|(own, _)| own == name),
            There::Many(names) => names.contains(name),
        }
    }
}

/// Which items or members were evaluated; empty when nobody asks.
type Marks = Vec<bool>;

struct Run<'s> {
    schema: &'s Schema,
    found: Vec<Violation>,
    /// Inside of alternatives, whose failures are no violations.
    quiet: usize,
    steps: usize,
    depth: usize,
    broken: bool,
    /// Resources entered.
    scope: Vec<usize>,
}

fn merge(into: &mut Marks, from: &Marks) {
    for (into, from) in into.iter_mut().zip(from) {
        *into |= *from;
    }
}

impl<'s> Run<'s> {
    fn fail(&mut self, path: &Path<'_>, message: impl FnOnce() -> String) -> bool {
        if self.quiet == 0 && self.found.len() < MOST {
            self.found.push(Violation { path: path.write(), message: message() });
        }
        false
    }

    fn node(&mut self, id: usize, value: &Value<'_>, path: &Path<'_>) -> (bool, Marks) {
        self.steps += 1;
        if self.steps > STEPS || self.depth >= DEPTH || self.broken {
            self.broken = true;
            return (false, Vec::new());
        }
        match self.schema.nodes.get(id) {
            None => (false, Vec::new()),
            Some(Node::Fixed(true)) => (true, Vec::new()),
            Some(Node::Fixed(false)) => (self.fail(path, || "nothing may stand here".to_owned()), Vec::new()),
            Some(Node::Checks(checks)) if !checks.combines && !matches!(value, Value::List(_) | Value::Object(_)) => {
                (self.kind(checks, value, path) && self.alone(checks, value, path), Vec::new())
            }
            Some(Node::Checks(checks)) => {
                // Only dynamic references ask for it.
                let enters = !self.schema.dynamic.is_empty() && self.scope.last() != Some(&checks.resource);
                if enters {
                    self.scope.push(checks.resource);
                }
                self.depth += 1;
                let out = self.checks(checks, value, path);
                self.depth -= 1;
                if enters {
                    self.scope.pop();
                }
                out
            }
        }
    }

    /// As [`Run::node`], without recording violations.
    fn quietly(&mut self, id: usize, value: &Value<'_>, path: &Path<'_>) -> (bool, Marks) {
        self.quiet += 1;
        let out = self.node(id, value, path);
        self.quiet -= 1;
        out
    }

    fn checks(&mut self, checks: &'s Checks, value: &Value<'_>, path: &Path<'_>) -> (bool, Marks) {
        let mut marks = match value {
            Value::List(items) if self.schema.tracks => vec![false; items.len()],
            Value::Object(members) if self.schema.tracks => vec![false; members.len()],
            _ => Vec::new(),
        };
        if !self.kind(checks, value, path) {
            return (false, marks);
        }
        let mut valid = self.alone(checks, value, path);
        valid &= match value {
            Value::List(items) => self.list(checks, items, path, &mut marks),
            Value::Object(members) => self.object(checks, members, value, path, &mut marks),
            _ => true,
        };
        if checks.combines {
            valid &= self.combined(checks, value, path, &mut marks);
            valid = valid && self.leftovers(checks, value, path, &mut marks);
        }
        (valid, marks)
    }

    /// What the checks say of a value of the right type without looking at what is in it.
    fn alone(&mut self, checks: &Checks, value: &Value<'_>, path: &Path<'_>) -> bool {
        let valid = self.values(checks, value, path);
        match value {
            Value::Number(number) => self.number(checks, number, path) && valid,
            Value::Text(text) => self.text(checks, text, path) && valid,
            _ => valid,
        }
    }

    fn kind(&mut self, checks: &Checks, value: &Value<'_>, path: &Path<'_>) -> bool {
        let Some(types) = checks.types else { return true };
        let bits = match value {
            Value::Null => Kind::Null as u8,
            Value::Bool(_) => Kind::Boolean as u8,
            Value::Object(_) => Kind::Object as u8,
            Value::List(_) => Kind::Array as u8,
            Value::Text(_) => Kind::String as u8,
            Value::Number(number) if number.is_integer() => Kind::Number as u8 | Kind::Integer as u8,
            Value::Number(_) => Kind::Number as u8,
        };
        types & bits != 0 || self.fail(path, || format!("expected {}, found {}", nouns(types), noun(value)))
    }

    fn values(&mut self, checks: &Checks, value: &Value<'_>, path: &Path<'_>) -> bool {
        let Some(values) = &checks.one_of_values else { return true };
        values.iter().any(|member| member.equals(value))
            || self.fail(path, || {
                let shown: Vec<String> = values.iter().take(5).map(|value| quote(&value.canonical())).collect();
                let more = if values.len() > 5 { ", …" } else { "" };
                format!("expected one of {}{more}", shown.join(", "))
            })
    }

    fn number(&mut self, checks: &Checks, number: &Digits<'_>, path: &Path<'_>) -> bool {
        let mut valid = true;
        let mut bound = |limit: &Option<Number>, holds: fn(std::cmp::Ordering) -> bool, word: &str, run: &mut Self| {
            if let Some(limit) = limit.as_ref().filter(|limit| !holds(number.order(limit))) {
                valid = run.fail(path, || format!("{} is not {word} {}", quote(number.text()), limit.text()));
            }
        };
        bound(&checks.minimum, std::cmp::Ordering::is_ge, "at least", self);
        bound(&checks.maximum, std::cmp::Ordering::is_le, "at most", self);
        bound(&checks.exclusive_minimum, std::cmp::Ordering::is_gt, "greater than", self);
        bound(&checks.exclusive_maximum, std::cmp::Ordering::is_lt, "less than", self);
        if let Some(step) = checks.multiple_of.as_ref().filter(|step| !number.is_multiple_of(step)) {
            valid = self.fail(path, || format!("{} is no multiple of {}", quote(number.text()), step.text()));
        }
        valid
    }

    fn within(
        &mut self,
        found: usize,
        (least, most): (Option<usize>, Option<usize>),
        what: &str,
        path: &Path<'_>,
    ) -> bool {
        let short = least.filter(|least| found < *least);
        let long = most.filter(|most| found > *most);
        match (short, long) {
            (Some(least), _) => self.fail(path, || format!("has {found} {what}; at least {least} are needed")),
            (None, Some(most)) => self.fail(path, || format!("has {found} {what}; at most {most} may be")),
            (None, None) => true,
        }
    }

    fn text(&mut self, checks: &Checks, text: &str, path: &Path<'_>) -> bool {
        let mut valid = true;
        // A text has at most as many characters as bytes, and a quarter of them at least.
        let (least, most) = checks.length;
        let enough = least.is_none_or(|least| text.len() / 4 >= least);
        if !enough || most.is_some_and(|most| text.len() > most) {
            let count = if text.is_ascii() { text.len() } else { text.chars().count() };
            valid = self.within(count, checks.length, "characters", path);
        }
        match &checks.pattern {
            Some((pattern, written)) if !pattern.is_match(text.as_bytes()) => {
                self.fail(path, || format!("does not match the pattern {}", quote(written)))
            }
            _ => valid,
        }
    }

    fn list(&mut self, checks: &Checks, items: &[Value<'_>], path: &Path<'_>, marks: &mut Marks) -> bool {
        let mut valid = self.within(items.len(), checks.count, "items", path);
        if checks.unique {
            let mut seen = HashSet::new();
            if !items.iter().all(|item| seen.insert(key(item))) {
                valid = self.fail(path, || "an item occurs twice".to_owned());
            }
        }
        let mut matches = 0;
        for (position, item) in items.iter().enumerate() {
            let at = Path::Item(path, position);
            let mut evaluated = false;
            if let Some(node) = checks.prefix.get(position).copied().or(checks.items) {
                valid &= self.node(node, item, &at).0;
                evaluated = true;
            }
            if checks.contains.is_some_and(|node| self.quietly(node, item, &at).0) {
                matches += 1;
                evaluated = true;
            }
            if let Some(mark) = marks.get_mut(position).filter(|_| evaluated) {
                *mark = true;
            }
        }
        if checks.contains.is_some() {
            let least = checks.contained.0.unwrap_or(1);
            valid &= self.within(matches, (Some(least), checks.contained.1), "items of the kind asked for", path);
        }
        valid
    }

    fn object(
        &mut self,
        checks: &Checks,
        members: &[(Cow<'_, str>, Value<'_>)],
        value: &Value<'_>,
        path: &Path<'_>,
        marks: &mut Marks,
    ) -> bool {
        let mut valid = self.within(members.len(), checks.members, "members", path);
        let there = There::of(members);
        for name in checks.required.iter().filter(|name| !there.has(name)) {
            valid = self.fail(path, || format!("the member {} is missing", quote(name)));
        }
        for (name, others) in checks.dependent_required.iter().filter(|(name, _)| there.has(name)) {
            for other in others.iter().filter(|other| !there.has(other)) {
                valid = self.fail(path, || format!("the member {} is missing beside {}", quote(other), quote(name)));
            }
        }
        for (position, (name, member)) in members.iter().enumerate() {
            let at = Path::Name(path, name);
            let mut evaluated = false;
            if let Some(node) = checks.names {
                valid &= self.node(node, &Value::Text(Cow::Borrowed(name)), &at).0;
            }
            if let Some(node) = checks.property(name, position) {
                valid &= self.node(node, member, &at).0;
                evaluated = true;
            }
            for (pattern, node) in &checks.patterns {
                if pattern.is_match(name.as_bytes()) {
                    valid &= self.node(*node, member, &at).0;
                    evaluated = true;
                }
            }
            if let Some(node) = checks.additional.filter(|_| !evaluated) {
                valid &= self.extra(node, name, member, path);
                evaluated = true;
            }
            if let Some(mark) = marks.get_mut(position).filter(|_| evaluated) {
                *mark = true;
            }
        }
        for (_, node) in checks.dependent.iter().filter(|(name, _)| there.has(name)) {
            let (ok, more) = self.node(*node, value, path);
            valid &= ok;
            merge(marks, &more);
        }
        valid
    }

    /// A member that no other keyword takes.
    fn extra(&mut self, node: usize, name: &str, member: &Value<'_>, path: &Path<'_>) -> bool {
        let at = Path::Name(path, name);
        match self.schema.nodes.get(node) {
            Some(Node::Fixed(false)) => self.fail(&at, || format!("there is no member {}", quote(name))),
            _ => self.node(node, member, &at).0,
        }
    }

    /// References and combinations: what they evaluated counts where they hold.
    fn combined(&mut self, checks: &'s Checks, value: &Value<'_>, path: &Path<'_>, marks: &mut Marks) -> bool {
        let mut valid = true;
        let dynamic = checks.dynamic.as_ref().map(|dynamic| self.redirected(dynamic));
        for node in checks.reference.into_iter().chain(dynamic).chain(checks.all_of.iter().copied()) {
            let (ok, more) = self.node(node, value, path);
            valid &= ok;
            merge(marks, &more);
        }
        valid &= self.any(checks, value, path, marks);
        if checks.not.is_some_and(|node| self.quietly(node, value, path).0) {
            valid = self.fail(path, || "is what it must not be".to_owned());
        }
        if let Some(condition) = checks.condition {
            let (holds, more) = self.quietly(condition, value, path);
            if holds {
                merge(marks, &more);
            }
            if let Some(node) = if holds { checks.then } else { checks.otherwise } {
                let (ok, more) = self.node(node, value, path);
                valid &= ok;
                merge(marks, &more);
            }
        }
        valid
    }

    fn any(&mut self, checks: &Checks, value: &Value<'_>, path: &Path<'_>, marks: &mut Marks) -> bool {
        let mut valid = true;
        let mut matching = |nodes: &[usize], run: &mut Self| {
            let mut count = 0;
            for node in nodes {
                let (ok, more) = run.quietly(*node, value, path);
                if ok {
                    count += 1;
                    merge(marks, &more);
                }
            }
            count
        };
        if !checks.any_of.is_empty() && matching(&checks.any_of, self) == 0 {
            valid = self.fail(path, || "fits none of the alternatives".to_owned());
        }
        if !checks.one_of.is_empty() {
            let count = matching(&checks.one_of, self);
            if count != 1 {
                valid = self.fail(path, || format!("fits {count} of the alternatives; exactly one must fit"));
            }
        }
        valid
    }

    /// What a dynamic reference means in the scope at hand: the outermost resource with its anchor.
    fn redirected(&self, dynamic: &super::Dynamic) -> usize {
        let Some(anchor) = &dynamic.anchor else { return dynamic.first };
        let outermost = self.scope.iter().find_map(|resource| self.schema.dynamic.get(&(*resource, anchor.clone())));
        outermost.copied().unwrap_or(dynamic.first)
    }

    fn leftovers(&mut self, checks: &Checks, value: &Value<'_>, path: &Path<'_>, marks: &mut Marks) -> bool {
        let mut valid = true;
        match (value, checks.unevaluated_items, checks.unevaluated) {
            (Value::List(items), Some(node), _) => {
                for (position, item) in items.iter().enumerate() {
                    if marks.get(position) == Some(&false) {
                        valid &= self.node(node, item, &Path::Item(path, position)).0;
                    }
                }
            }
            (Value::Object(members), _, Some(node)) => {
                for (position, (name, member)) in members.iter().enumerate() {
                    if marks.get(position) == Some(&false) {
                        valid &= self.extra(node, name, member, path);
                    }
                }
            }
            _ => return true,
        }
        marks.fill(true);
        valid
    }
}

/// The key of a list, value by value.
pub(crate) struct Key<'o>(&'o mut String);

impl Key<'_> {
    /// Written behind what stands in `out`.
    pub(crate) fn new(out: &mut String) -> Key<'_> {
        out.push('[');
        Key(out)
    }

    /// Adds a text, or null.
    pub(crate) fn text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => crate::json::write_text(text, self.0),
            None => self.0.push_str("null"),
        }
        self.0.push(',');
    }

    /// Adds a value.
    pub(crate) fn value(&mut self, value: &Value<'_>) {
        write_key(value, self.0);
        self.0.push(',');
    }

    /// What [`key`] gives for the list.
    pub(crate) fn finish(self) {
        self.0.push(']');
    }
}

/// The same text for equal values, another for others.
pub(crate) fn key(value: &Value<'_>) -> String {
    let mut out = String::new();
    write_key(value, &mut out);
    out
}

fn write_key(value: &Value<'_>, out: &mut String) {
    match value {
        Value::Number(number) => {
            let (mantissa, exponent) = number.parts();
            // Writing to a String cannot fail.
            let _ = write!(out, "{mantissa}e{exponent}");
        }
        Value::List(items) => {
            out.push('[');
            for item in items {
                write_key(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            out.push('{');
            for (name, member) in sorted {
                crate::json::write_text(name, out);
                out.push(':');
                write_key(member, out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Text(text) => crate::json::write_text(text, out),
        other => out.push_str(&other.canonical()),
    }
}

fn noun(value: &Value<'_>) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_integer() => "an integer",
        Value::Number(_) => "a number",
        Value::Text(_) => "a text",
        Value::List(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn nouns(types: u8) -> String {
    let all = [
        (Kind::Null, "null"),
        (Kind::Boolean, "a boolean"),
        (Kind::Object, "an object"),
        (Kind::Array, "a list"),
        (Kind::Number, "a number"),
        (Kind::Integer, "an integer"),
        (Kind::String, "a text"),
    ];
    let named: Vec<&str> = all.iter().filter(|(kind, _)| types & *kind as u8 != 0).map(|(_, noun)| *noun).collect();
    named.join(" or ")
}
