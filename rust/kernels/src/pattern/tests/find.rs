//! Finding, against a backtracking matcher written after ECMA-262 22.2.2 (RepeatMatcher with its empty check and its
//! forgetting of groups).

use crate::pattern::{Finder, Pattern};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Node {
    Char(char),
    Start,
    End,
    Boundary,
    Seq(Vec<Node>),
    Alt(Vec<Node>),
    Group(Box<Node>),
    Repeat { node: Box<Node>, min: u32, max: Option<u32>, greedy: bool },
}

type Groups = Vec<Option<(usize, usize)>>;
type Next<'k> = &'k dyn Fn(usize, &Groups) -> Option<(usize, Groups)>;

impl Node {
    fn write(&self, out: &mut String) {
        match self {
            Node::Char(c) => out.push(*c),
            Node::Start => out.push('^'),
            Node::End => out.push('$'),
            Node::Boundary => out.push_str(r"\b"),
            Node::Seq(nodes) => nodes.iter().for_each(|node| node.write(out)),
            Node::Alt(nodes) => {
                out.push_str("(?:");
                for (place, node) in nodes.iter().enumerate() {
                    out.push_str(if place == 0 { "" } else { "|" });
                    node.write(out);
                }
                out.push(')');
            }
            Node::Group(node) => {
                out.push('(');
                node.write(out);
                out.push(')');
            }
            Node::Repeat { node, min, max, greedy } => {
                out.push_str("(?:");
                node.write(out);
                let max = max.map_or(String::new(), |max| max.to_string());
                out.push_str(&format!("){{{min},{max}}}{}", if *greedy { "" } else { "?" }));
            }
        }
    }

    /// Groups in it.
    fn groups(&self) -> usize {
        match self {
            Node::Seq(nodes) | Node::Alt(nodes) => nodes.iter().map(Node::groups).sum(),
            Node::Group(node) => 1 + node.groups(),
            Node::Repeat { node, .. } => node.groups(),
            _ => 0,
        }
    }
}

fn word(x: &[char], at: Option<usize>) -> bool {
    at.and_then(|at| x.get(at)).is_some_and(|c| c.is_ascii_alphanumeric())
}

/// Matches `nodes` one after the other; `before` groups are to their left.
fn seq(
    nodes: &[Node],
    before: usize,
    x: &[char],
    at: usize,
    groups: &Groups,
    next: Next<'_>,
) -> Option<(usize, Groups)> {
    let Some((first, rest)) = nodes.split_first() else { return next(at, groups) };
    let after = before + first.groups();
    run(first, before, x, at, groups, &|at, groups| seq(rest, after, x, at, groups, next))
}

fn run(node: &Node, before: usize, x: &[char], at: usize, groups: &Groups, next: Next<'_>) -> Option<(usize, Groups)> {
    let look = |holds: bool| if holds { next(at, groups) } else { None };
    match node {
        Node::Char(c) => (x.get(at) == Some(c)).then(|| next(at + 1, groups)).flatten(),
        Node::Start => look(at == 0),
        Node::End => look(at == x.len()),
        Node::Boundary => look(word(x, at.checked_sub(1)) != word(x, Some(at))),
        Node::Seq(nodes) => seq(nodes, before, x, at, groups, next),
        Node::Alt(nodes) => {
            let mut before = before;
            nodes.iter().find_map(|node| {
                let out = run(node, before, x, at, groups, next);
                before += node.groups();
                out
            })
        }
        Node::Group(inner) => run(inner, before + 1, x, at, groups, &|end, groups| {
            let mut groups = groups.clone();
            groups[before] = Some((at, end));
            next(end, &groups)
        }),
        Node::Repeat { node, min, max, greedy } => repeat(node, (*min, *max, *greedy), before, x, at, groups, next),
    }
}

fn repeat(
    node: &Node,
    (min, max, greedy): (u32, Option<u32>, bool),
    before: usize,
    x: &[char],
    at: usize,
    groups: &Groups,
    next: Next<'_>,
) -> Option<(usize, Groups)> {
    if max == Some(0) {
        return next(at, groups);
    }
    let mut cleared = groups.clone();
    cleared[before..before + node.groups()].fill(None);
    let turn = || {
        run(node, before, x, at, &cleared, &|end, groups| {
            if min == 0 && end == at {
                return None;
            }
            let left = (min.saturating_sub(1), max.map(|max| max - 1), greedy);
            repeat(node, left, before, x, end, groups, next)
        })
    };
    match (min, greedy) {
        (1.., _) => turn(),
        (0, true) => turn().or_else(|| next(at, groups)),
        (0, false) => next(at, groups).or_else(turn),
    }
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        6 => prop_oneof![Just('a'), Just('b'), Just('ñ')].prop_map(Node::Char),
        1 => Just(Node::Seq(vec![])),
        1 => prop_oneof![Just(Node::Start), Just(Node::End), Just(Node::Boundary)],
    ];
    leaf.prop_recursive(4, 14, 3, |inner| {
        prop_oneof![
            3 => proptest::collection::vec(inner.clone(), 1..4).prop_map(Node::Seq),
            2 => proptest::collection::vec(inner.clone(), 2..4).prop_map(Node::Alt),
            3 => inner.clone().prop_map(|node| Node::Group(Box::new(node))),
            3 => (inner, 0..3_u32, proptest::option::of(0..3_u32), any::<bool>()).prop_map(|(node, min, more, greedy)| {
                Node::Repeat { node: Box::new(node), min, max: more.map(|more| min + more), greedy }
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]
    #[test]
    fn finds_what_backtracking_finds(node in node(), x in "[abñ]{0,6}", from in 0..3_usize) {
        let mut pattern = String::new();
        node.write(&mut pattern);
        let chars: Vec<char> = x.chars().collect();
        let byte = |at: usize| chars[..at].iter().map(|c| c.len_utf8()).sum::<usize>();
        let from = from.min(chars.len());
        let count = node.groups();
        let none: Groups = vec![None; count];
        let found = (from..=chars.len()).find_map(|at| {
            run(&node, 0, &chars, at, &none, &|end, groups| Some((end, groups.clone()))).map(|(end, groups)| ((at, end), groups))
        });
        for group in 0..=count {
            let Ok(finder) = Finder::compile(&pattern, &[group as u32]) else { continue };
            let bytes = |(a, b): (usize, usize)| (byte(a), byte(b));
            let whole = found.as_ref().map(|(span, _)| bytes(*span));
            prop_assert_eq!(finder.find_at(&x, byte(from)), whole, "{}", &pattern);
            let taken = finder.groups_at(&x, byte(from));
            prop_assert_eq!(taken.as_ref().and_then(|taken| taken.group(0)), whole);
            let expected = found.as_ref().and_then(|(span, groups)| if group == 0 { Some(*span) } else { groups[group - 1] });
            prop_assert_eq!(taken.and_then(|taken| taken.group(group as u32)), expected.map(bytes), "{} {}", &pattern, group);
        }
        if from == 0 && let Ok(whole) = Pattern::compile(&pattern) {
            prop_assert_eq!(whole.is_match(x.as_bytes()), found.is_some());
        }
    }
}

#[test]
fn most_patterns_can_be_found() {
    for (pattern, groups) in [(r"^(\d{4})-(\d\d)$", 2), (r"(\w+)(,\w+)*", 2), ("(a)|(b)", 2), ("(?:(a)|b)?c", 1)] {
        let all: Vec<u32> = (0..=groups).collect();
        assert!(Finder::compile(pattern, &all).is_ok(), "{pattern}");
    }
    let beyond = Finder::compile("(a)", &[2]).unwrap_err();
    assert_eq!(beyond.message, "the pattern has no group 2: it has 1");
    assert!(Finder::compile(r"(?:\w{1000}){1000}", &[]).unwrap_err().message.contains("too large"));
}
