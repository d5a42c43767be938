//! Reads keys and reports what does not fit.

use crate::limit::Micros;
use crate::unseen::{HELP, unseen};
use guard_engine::document::{Node, Value, did_you_mean, quote};
use guard_engine::expr::Problem;
use guard_verdict::{Code, Diagnostic, Level, Span, codes::contract, codes::expression, codes::gate as codes};

/// Most findings that are kept.
const MOST: usize = 1_000;

pub(crate) struct Reader {
    findings: Vec<Diagnostic>,
    /// Tools that could not be read: what names them is no fault of its own.
    pub broken: Vec<String>,
    /// Is the file what a task made of a gate? What it took out may leave names behind that nothing uses.
    pub narrowed: bool,
}

impl Reader {
    pub fn new(findings: Vec<Diagnostic>) -> Reader {
        Reader { findings, broken: Vec::new(), narrowed: false }
    }

    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.findings.sort_by(|a, b| (a.span, a.code.name(), &a.path).cmp(&(b.span, b.code.name(), &b.path)));
        self.findings
    }

    fn add(&mut self, code: Code, level: Level, span: Span, path: &str, message: String, help: Option<String>) {
        if self.findings.len() < MOST {
            let help = help.or_else(|| Some(code.0.help.to_owned()));
            self.findings.push(Diagnostic { code, level, message, help, span, path: path.to_owned() });
        }
    }

    /// Is there an error yet?
    pub fn failed(&self) -> bool {
        self.findings.iter().any(|finding| finding.level == Level::Error)
    }

    pub fn error(&mut self, code: Code, node: &Node, path: &str, message: String) {
        self.add(code, Level::Error, node.span, path, message, None);
    }

    /// As [`Reader::error`], with a next step of its own.
    pub fn helped(&mut self, code: Code, node: &Node, path: &str, message: String, help: &str) {
        self.add(code, Level::Error, node.span, path, message, Some(help.to_owned()));
    }

    pub fn warn(&mut self, code: Code, node: &Node, path: &str, message: String) {
        self.add(code, Level::Warning, node.span, path, message, None);
    }

    pub fn info(&mut self, code: Code, node: &Node, path: &str, message: String) {
        self.add(code, Level::Info, node.span, path, message, None);
    }

    /// A problem of an expression, at its place in the file where the text stands on one line.
    pub fn problem(&mut self, problem: Problem, node: &Node, path: &str) {
        let mut found = problem.diagnostic(path);
        if found.code == expression::PARAMETER_UNBOUND {
            found.help = Some("give it a value in the gate's `params`".to_owned());
        }
        let text = node.text().map_or(0, str::len);
        let quotes = node.span.end.saturating_sub(node.span.start).saturating_sub(text) / 2;
        let inside = found.span;
        found.span = node.span;
        if inside.line == 1 && !node.text().unwrap_or_default().contains('\n') && quotes <= 1 {
            let start = node.span.start.saturating_add(quotes).saturating_add(inside.start);
            let column = node.span.column.saturating_add(quotes).saturating_add(inside.column.saturating_sub(1));
            let end = node.span.start.saturating_add(quotes).saturating_add(inside.end).max(start);
            found.span = Span { line: node.span.line, column, start, end };
        }
        if self.findings.len() < MOST {
            self.findings.push(found);
        }
    }

    /// Reports keys that are none of these.
    pub fn keys(&mut self, node: &Node, path: &str, known: &[&str]) {
        if !matches!(node.value, Value::Map(_)) {
            let message = format!("expected a mapping, found {}", node.noun());
            return self.error(contract::KIND_MISMATCH, node, path, message);
        }
        for entry in node.entries().iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let help = did_you_mean(&entry.key, known.iter().copied()).map(|meant| format!("did you mean `{meant}`?"));
            let message = format!("a gate knows no key {} here", quote(&entry.key));
            self.add(codes::MALFORMED, Level::Error, entry.span, &joined(path, &entry.key), message, help);
        }
    }

    pub fn constant(&mut self, node: &Node, key: &str, wanted: &str) {
        match node.get(key) {
            Some(found) if found.text() == Some(wanted) => {}
            Some(found) => self.error(codes::VALUE, found, key, format!("`{key}` must be `{wanted}`")),
            None => self.missing(node, "", key),
        }
    }

    pub fn missing(&mut self, node: &Node, path: &str, key: &str) {
        let help = Some(format!("add `{key}`"));
        self.add(contract::KEY_MISSING, Level::Error, node.span, path, format!("`{key}` is missing"), help);
    }

    pub fn required_text(&mut self, node: &Node, path: &str, key: &str) -> Option<String> {
        if node.get(key).is_none() {
            self.missing(node, path, key);
            return None;
        }
        self.text(node, path, key)
    }

    /// The name under a key, which people must be able to tell from others by looking at it.
    pub fn name(&mut self, node: &Node, path: &str, key: &str) -> Option<String> {
        let name = self.required_text(node, path, key)?;
        if let (Some(why), Some(found)) = (unseen(&name), node.get(key)) {
            let message = format!("the name {} {why}", quote(&name));
            self.helped(codes::VALUE, found, &joined(path, key), message, HELP);
        }
        Some(name)
    }

    /// The text under a key; nothing where it is missing.
    pub fn text(&mut self, node: &Node, path: &str, key: &str) -> Option<String> {
        let found = node.get(key)?;
        match found.text() {
            Some(text) if !text.is_empty() && text.chars().count() <= 65_536 => Some(text.to_owned()),
            other => {
                let what = match other {
                    Some("") => "an empty one",
                    Some(_) => "one of more than 65,536 characters",
                    None => found.noun(),
                };
                let message = format!("`{key}` must be a text, found {what}");
                self.error(contract::KIND_MISMATCH, found, &joined(path, key), message);
                None
            }
        }
    }

    /// `90s`, `15m`, `24h`, `7d`.
    pub fn duration(&mut self, node: &Node, path: &str) -> Option<Micros> {
        let found = node.text().and_then(duration);
        if found.is_none() {
            let message = "a duration is a whole number with its unit: `90s`, `15m`, `24h`, `7d`".to_owned();
            self.error(codes::VALUE, node, path, message);
        }
        found
    }

    /// A whole number from 1.
    pub fn count(&mut self, node: &Node, path: &str) -> Option<i64> {
        let digits = match &node.value {
            Value::Number(digits) => digits.parse::<i64>().ok(),
            _ => None,
        };
        let found = digits.filter(|count| *count >= 1);
        if found.is_none() {
            self.error(codes::VALUE, node, path, "expected a whole number from 1".to_owned());
        }
        found
    }
}

/// Findings about a text that is no document, in words of what the text should have been: its kind and how people call it.
pub(crate) fn unread(found: Vec<Diagnostic>, kind: &str, noun: &str) -> Vec<Diagnostic> {
    let helped = |mut one: Diagnostic| {
        one.help = if [contract::YAML_EMPTY, contract::ROOT_NOT_MAPPING].contains(&one.code) {
            Some(format!("start with `apiVersion: guard-nb/v1` and `kind: {kind}`"))
        } else {
            one.help.map(|help| help.replace("contract", noun))
        };
        one
    };
    found.into_iter().map(helped).collect()
}

pub(crate) fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// At most about a hundred years.
pub(crate) fn duration(text: &str) -> Option<Micros> {
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let (digits, unit) = text.split_at_checked(at)?;
    let unit: i64 = match unit {
        "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        "d" => 86_400_000_000,
        _ => return None,
    };
    let length = digits.parse::<i64>().ok()?.checked_mul(unit)?;
    (1..=36_525 * 86_400_000_000).contains(&length).then_some(length)
}
