//! Reads YAML 1.2 text into a [`Node`] tree, within limits.

use super::findings::{Findings, quote};
use super::place::Places;
use super::tree::{Entry, Kind, Node, Style, Weight};
use guard_verdict::codes::contract as codes;
use guard_verdict::{Code, Level, Span};
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Longest text that is read, in bytes.
pub(crate) const MAX_BYTES: usize = 16 << 20;
/// Deepest nesting, aliases written out. The canonical form stays below the 128 levels that JSON readers allow.
pub(crate) const MAX_DEPTH: usize = 120;
/// Most nodes, aliases written out.
pub(crate) const MAX_NODES: usize = 2_000_000;
/// Most text, aliases written out, in bytes.
const MAX_EXPANDED: usize = 2 * MAX_BYTES;

/// Why reading ended early; the finding is already recorded.
struct Stop;

type Step = Result<(), Stop>;

/// Reads one document whose root is a mapping. Nothing if the text has none; the reasons are in `findings`.
///
/// Nesting lives on the heap while reading; the tree is at most [`MAX_DEPTH`] levels deep.
pub(crate) fn read(text: &str, findings: &mut Findings) -> Option<Rc<Node>> {
    if text.len() > MAX_BYTES {
        let message = format!("the text has {} bytes; the limit is {MAX_BYTES}", text.len());
        findings.add(codes::YAML_LIMIT, Level::Error, (Span::default(), String::new()), message, None);
        return None;
    }
    let places = Places::new(text);
    if !super::text::check(text, &places, findings) {
        return None;
    }
    let mut builder = Builder::new(text, &places, findings);
    builder.run().ok()?;
    builder.root()
}

/// A list or mapping that is still open.
struct Open {
    span: Span,
    anchor: usize,
    weight: Weight,
    content: Content,
}

enum Content {
    List(Vec<Rc<Node>>),
    Map { entries: Vec<Entry>, seen: HashSet<String>, key: Option<(String, Span)> },
}

struct Builder<'a> {
    text: &'a str,
    places: &'a Places<'a>,
    findings: &'a mut Findings,
    stack: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    roots: Vec<Rc<Node>>,
    total: Weight,
    /// Characters before the first one that the parser sees.
    skipped: usize,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, places: &'a Places<'a>, findings: &'a mut Findings) -> Self {
        let anchors = HashMap::new();
        Builder {
            text,
            places,
            findings,
            stack: Vec::new(),
            anchors,
            roots: Vec::new(),
            total: Weight::default(),
            skipped: 0,
        }
    }

    fn run(&mut self) -> Step {
        let body = self.text.strip_prefix('\u{feff}').unwrap_or(self.text);
        self.skipped = usize::from(body.len() < self.text.len());
        let mut parser = Parser::new_from_str(body);
        while let Some(next) = parser.next_event() {
            match next {
                Ok((Event::StreamEnd, _)) => return Ok(()),
                Ok((event, span)) => {
                    let span = self.span(span.start.index(), span.end.index());
                    self.event(event, span)?;
                }
                Err(error) => {
                    let at = error.marker().index();
                    let span = self.span(at, at);
                    return self.syntax(span, error.info());
                }
            }
        }
        Ok(())
    }

    fn span(&self, start: usize, end: usize) -> Span {
        self.places.span(start.saturating_add(self.skipped), end.saturating_add(self.skipped))
    }

    fn stop(&mut self, code: Code, span: Span, message: String) -> Step {
        self.findings.add(code, Level::Error, (span, String::new()), message, None);
        Err(Stop)
    }

    /// A text that does not parse. A tab in the indentation is the likely cause where there is one nearby, except in
    /// JSON, where tabs do no harm.
    fn syntax(&mut self, span: Span, info: &str) -> Step {
        if info.contains("recursion limit") {
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            return self.stop(codes::YAML_LIMIT, span, message);
        }
        let json = self.text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
        let near = [span.line, span.line.saturating_add(1), span.line.saturating_sub(1)];
        for line in near.into_iter().filter(|_| !json) {
            let text = self.places.line_text(line);
            let indent = text.len() - text.trim_start_matches([' ', '\t']).len();
            if let Some(tab) = text.get(..indent).and_then(|space| space.find('\t')) {
                let message = format!("line {line} is indented with a tab");
                return self.stop(codes::YAML_TAB, self.places.in_line(line, tab), message);
            }
        }
        self.stop(codes::YAML_SYNTAX, span, format!("the text is not YAML: {info}"))
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Step {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let style = self.scalar_style(style, tag.as_deref(), span)?;
                self.node(Node::text(text.into_owned(), style, span), anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.collection_tag(tag.as_deref(), "seq", span)?;
                self.open(span, anchor, Content::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.collection_tag(tag.as_deref(), "map", span)?;
                self.open(span, anchor, Content::Map { entries: Vec::new(), seen: HashSet::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    /// How a tagged scalar is typed.
    fn scalar_style(&mut self, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Result<Style, Stop> {
        let written = if style == ScalarStyle::Plain { Style::Plain } else { Style::Quoted };
        let Some(tag) = tag else { return Ok(written) };
        match tag_name(tag) {
            Some("str" | "!") => Ok(Style::Quoted),
            Some("int" | "float" | "bool" | "null") if written == Style::Plain => Ok(Style::Plain),
            _ => self.tag(tag, span).map(|()| written),
        }
    }

    fn collection_tag(&mut self, tag: Option<&Tag>, name: &str, span: Span) -> Step {
        match tag {
            Some(tag) if !matches!(tag_name(tag), Some(found) if found == name || found == "!") => self.tag(tag, span),
            _ => Ok(()),
        }
    }

    fn tag(&mut self, tag: &Tag, span: Span) -> Step {
        self.stop(codes::YAML_TAG, span, format!("the tag {} has no meaning here", quote(&tag.to_string())))
    }

    fn open(&mut self, span: Span, anchor: usize, content: Content) -> Step {
        self.charge(Weight { nodes: 1, bytes: 0, height: 1 }, span)?;
        self.stack.push(Open { span, anchor, weight: Weight { nodes: 1, bytes: 0, height: 1 }, content });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Step {
        let Some(open) = self.stack.pop() else {
            return Ok(());
        };
        let last = match &open.content {
            Content::List(items) => items.last().map(|item| item.span.end),
            Content::Map { entries, .. } => entries.last().map(|entry| entry.value.span.end.max(entry.span.end)),
        };
        // A block collection ends with its last child, a flow collection with its bracket.
        let end = if end.end > end.start { end.end } else { last.unwrap_or(open.span.end) };
        let span = Span { end: end.max(open.span.start), ..open.span };
        let kind = match open.content {
            Content::List(items) => Kind::List(items),
            Content::Map { entries, .. } => Kind::Map(entries),
        };
        self.attach(Rc::new(Node { kind, span, weight: open.weight }), open.anchor)
    }

    fn node(&mut self, node: Node, anchor: usize) -> Step {
        self.charge(node.weight, node.span)?;
        self.attach(Rc::new(node), anchor)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Step {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            return self.stop(codes::YAML_SYNTAX, span, "an alias stands inside the node that it refers to".to_owned());
        };
        self.charge(node.weight, span)?;
        self.attach(node, 0)
    }

    /// Counts what is added against the limits.
    fn charge(&mut self, weight: Weight, span: Span) -> Step {
        self.total.nodes = self.total.nodes.saturating_add(weight.nodes);
        self.total.bytes = self.total.bytes.saturating_add(weight.bytes);
        let limit = if self.stack.len().saturating_add(weight.height) > MAX_DEPTH {
            format!("nested more than {MAX_DEPTH} levels deep")
        } else if self.total.nodes > MAX_NODES {
            format!("more than {MAX_NODES} nodes with aliases written out")
        } else if self.total.bytes > MAX_EXPANDED {
            format!("more than {MAX_EXPANDED} bytes of text with aliases written out")
        } else {
            return Ok(());
        };
        self.stop(codes::YAML_LIMIT, span, limit)
    }

    fn attach(&mut self, node: Rc<Node>, anchor: usize) -> Step {
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        let Some(open) = self.stack.last_mut() else {
            self.roots.push(node);
            return Ok(());
        };
        open.weight.add(node.weight);
        match &mut open.content {
            Content::List(items) => items.push(node),
            Content::Map { entries, key, .. } => match key.take() {
                Some((key, span)) => entries.push(Entry { key, span, value: node }),
                None => return self.key(&node),
            },
        }
        Ok(())
    }

    fn key(&mut self, node: &Node) -> Step {
        let Kind::Scalar(text, style) = &node.kind else {
            return self.stop(codes::YAML_KEY, node.span, format!("a key is {}", node.noun()));
        };
        if text == "<<" && *style == Style::Plain {
            self.findings.add(
                codes::YAML_MERGE_KEY,
                Level::Error,
                (node.span, String::new()),
                "the merge key `<<` is not part of YAML 1.2".to_owned(),
                None,
            );
        }
        let mut fresh = true;
        if let Some(Open { content: Content::Map { seen, key, .. }, .. }) = self.stack.last_mut() {
            fresh = seen.insert(text.clone());
            *key = Some((text.clone(), node.span));
        }
        if !fresh {
            let message = format!("the key {} occurs twice in one mapping", quote(text));
            self.findings.add(codes::YAML_DUPLICATE_KEY, Level::Error, (node.span, String::new()), message, None);
        }
        Ok(())
    }

    fn root(mut self) -> Option<Rc<Node>> {
        let start = self.places.span(0, 0);
        let extra = self.roots.get(1).map(|node| node.span);
        if let Some(span) = extra {
            self.stop(codes::YAML_DOCUMENTS, span, "the text holds more than one document".to_owned()).ok()?;
        }
        match self.roots.pop() {
            Some(root) if matches!(root.kind, Kind::Map(_)) => Some(root),
            Some(root) if !root.is_null() => {
                self.stop(
                    codes::ROOT_NOT_MAPPING,
                    root.span,
                    format!("the document is {}, not a mapping", root.noun()),
                )
                .ok()?;
                None
            }
            _ => {
                self.stop(codes::YAML_EMPTY, start, "the text holds no document".to_owned()).ok()?;
                None
            }
        }
    }
}

/// The name of a core-schema tag; `!` for the non-specific tag.
fn tag_name(tag: &Tag) -> Option<&str> {
    if tag.is_yaml_core_schema() {
        Some(&tag.suffix)
    } else {
        ((tag.handle == "!" && tag.suffix.is_empty()) || (tag.handle.is_empty() && tag.suffix == "!")).then_some("!")
    }
}
