//! The engines against each other and against a matcher that follows the definition, on random patterns and values.

use std::collections::BTreeSet;

use arrow_array::{LargeStringArray, StringArray, StringViewArray};
use arrow_buffer::{Buffer, NullBuffer, ScalarBuffer};
use proptest::prelude::*;

use crate::pattern::Pattern;
use crate::pattern::cells::ViewCells;

/// A pattern, in the form that the reference matcher reads.
#[derive(Clone, Debug)]
enum Node {
    Class { negated: bool, members: Vec<char> },
    Start,
    End,
    Boundary(bool),
    Repeat(Box<Node>, usize, Option<usize>),
    Concat(Vec<Node>),
    Either(Vec<Node>),
}

impl Node {
    fn text(&self) -> String {
        match self {
            Node::Class { negated, members } => {
                let members: String = members.iter().map(|c| format!("\\u{{{:x}}}", u32::from(*c))).collect();
                format!("[{}{members}]", if *negated { "^" } else { "" })
            }
            Node::Start => "^".to_owned(),
            Node::End => "$".to_owned(),
            Node::Boundary(true) => r"\b".to_owned(),
            Node::Boundary(false) => r"\B".to_owned(),
            Node::Repeat(node, min, Some(max)) => format!("(?:{}){{{min},{max}}}", node.text()),
            Node::Repeat(node, min, None) => format!("(?:{}){{{min},}}", node.text()),
            Node::Concat(nodes) => nodes.iter().map(Node::text).collect(),
            Node::Either(nodes) => format!("(?:{})", nodes.iter().map(Node::text).collect::<Vec<_>>().join("|")),
        }
    }

    /// Where matches that begin in `from` can end.
    fn ends(&self, value: &[char], from: &BTreeSet<usize>) -> BTreeSet<usize> {
        let word =
            |at: Option<usize>| at.and_then(|at| value.get(at)).is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_');
        let keep = |holds: &dyn Fn(usize) -> bool| from.iter().copied().filter(|at| holds(*at)).collect();
        match self {
            Node::Class { negated, members } => {
                let reads = |at: &&usize| value.get(**at).is_some_and(|c| members.contains(c) != *negated);
                from.iter().filter(reads).map(|at| at + 1).collect()
            }
            Node::Start => keep(&|at| at == 0),
            Node::End => keep(&|at| at == value.len()),
            Node::Boundary(wanted) => keep(&|at| (word(at.checked_sub(1)) != word(Some(at))) == *wanted),
            Node::Repeat(node, min, max) => {
                let mut at = from.clone();
                for _ in 0..*min {
                    at = node.ends(value, &at);
                }
                // More turns than the value has characters reach nothing new.
                for _ in *min..max.unwrap_or(min + value.len() + 1) {
                    at.extend(node.ends(value, &at));
                }
                at
            }
            Node::Concat(nodes) => nodes.iter().fold(from.clone(), |at, node| node.ends(value, &at)),
            Node::Either(nodes) => nodes.iter().flat_map(|node| node.ends(value, from)).collect(),
        }
    }

    fn matches(&self, value: &str) -> bool {
        let value: Vec<char> = value.chars().collect();
        !self.ends(&value, &(0..=value.len()).collect()).is_empty()
    }
}

fn class() -> impl Strategy<Value = Node> {
    let member = prop_oneof![8 => prop::sample::select(vec!['a', 'b', '-', '.']), 1 => Just('é')];
    (prop::bool::weighted(0.2), prop::collection::vec(member, 1..3))
        .prop_map(|(negated, members)| Node::Class { negated, members })
}

fn bounds() -> impl Strategy<Value = (usize, Option<usize>)> {
    prop_oneof![
        Just((0, None)),
        Just((1, None)),
        Just((0, Some(1))),
        (0..6usize, 0..8usize).prop_map(|(min, more)| (min, Some(min + more))),
        (0..70usize, prop::option::of(0..70usize)).prop_map(|(min, more)| (min, more.map(|more| min + more))),
    ]
}

fn item() -> impl Strategy<Value = Node> {
    let repeat = |(node, (min, max))| Node::Repeat(Box::new(node), min, max);
    let assertion = prop::sample::select(vec![Node::Start, Node::End, Node::Boundary(true), Node::Boundary(false)]);
    let small = prop_oneof![4 => class(), 4 => (class(), bounds()).prop_map(repeat), 1 => assertion];
    let sequence = prop::collection::vec(small.clone(), 1..3).prop_map(Node::Concat);
    let branches = prop::collection::vec(sequence.clone(), 1..4).prop_map(Node::Either);
    let group = prop_oneof![sequence, branches];
    let twice = (group.clone(), prop::sample::select(vec![(0, Some(1)), (2, Some(2)), (1, Some(3)), (0, None)]));
    prop_oneof![6 => small, 1 => group, 1 => twice.prop_map(repeat)]
}

fn pattern() -> impl Strategy<Value = Node> {
    (any::<bool>(), prop::collection::vec(item(), 0..5), any::<bool>()).prop_map(|(start, items, end)| {
        let start = start.then_some(Node::Start);
        Node::Concat(start.into_iter().chain(items).chain(end.then_some(Node::End)).collect())
    })
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ab.-]{0,14}",
        2 => "(a{0,30}|b{0,20})[.-](a{0,20}|[ab]{0,15})",
        2 => "[ab]{0,80}",
        1 => "a{55,70}",
        1 => "[abé.]{0,20}",
        1 => "a{28,36}é?",
        1 => any::<String>(),
    ]
}

fn bits(words: &[u64], len: usize) -> Vec<bool> {
    (0..len).map(|i| words[i / 64] >> (i % 64) & 1 == 1).collect()
}

fn judged(len: usize, judge: impl FnOnce(&mut [u64])) -> Vec<bool> {
    let mut words = vec![0xAAAA_5555_AAAA_5555; len.div_ceil(64)];
    judge(&mut words);
    bits(&words, len)
}

/// Judges the rows from `start` on through every engine and layout; they must be the rows that fail.
fn agree(text: &str, values: &[String], start: usize, failing: &[bool]) {
    let pattern = Pattern::compile(text).unwrap();
    let len = failing.len();
    let views = StringViewArray::from_iter_values(values);
    let offsets = StringArray::from_iter_values(values);
    let large = LargeStringArray::from_iter_values(values);
    let single: Vec<bool> = values[start..].iter().map(|v| !pattern.is_match(v.as_bytes())).collect();
    assert_eq!(single, failing, "{text}: is_match");
    assert_eq!(judged(len, |w| pattern.fail_view(&views, start, len, w)), failing, "{text}: views");
    assert_eq!(judged(len, |w| pattern.fail_offsets(&offsets, start, len, w)), failing, "{text}: offsets");
    assert_eq!(judged(len, |w| pattern.fail_offsets(&large, start, len, w)), failing, "{text}: large offsets");
    let rest = (views.slice(start, len), offsets.slice(start, len));
    assert_eq!(judged(len, |w| pattern.fail_view(&rest.0, 0, len, w)), failing, "{text}: sliced views");
    assert_eq!(judged(len, |w| pattern.fail_offsets(&rest.1, 0, len, w)), failing, "{text}: sliced offsets");
    let automaton = &pattern.inner.automaton;
    assert_eq!(judged(len, |w| automaton.judge(&ViewCells::new(&views, start), len, w)), failing, "{text}: automaton");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn engines_agree_with_the_definition(
        node in pattern(),
        values in prop::collection::vec(value(), 0..40),
        skip in 0..20usize,
    ) {
        let start = skip.min(values.len());
        let failing: Vec<bool> = values[start..].iter().map(|v| !node.matches(v)).collect();
        agree(&node.text(), &values, start, &failing);
    }
}

/// A value that matches and its neighbours that do not, for the lengths around every boundary of the engine.
#[test]
fn each_length_is_judged() {
    for len in 0..=80usize {
        let good = "a".repeat(len);
        let values = [good.clone(), format!("{good}b"), format!("b{good}"), format!("{good}é"), good];
        let expected = [false, true, true, true, false];
        agree(&format!("^a{{{len}}}$"), &values, 0, &expected);
        agree("^a*$", &values, 0, &expected);
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn common_patterns_take_the_fast_engine() {
    if !is_x86_feature_detected!("avx2") || !is_x86_feature_detected!("bmi2") {
        return;
    }
    for (text, fast) in [
        (r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$", true),
        ("^N[0-9]{1,5}[A-Z]{0,2}$", true),
        ("^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$", true),
        (r"\b(?:red|green)\b", true),
        ("^(?:ab)*$", false),
        ("(?:a{2}){2,}", false),
        ("^a{64}$", false),
    ] {
        assert_eq!(Pattern::compile(text).unwrap().inner.program.is_some(), fast, "{text}");
    }
}

#[test]
fn rows_that_are_not_there_are_no_matches_and_harm_nothing() {
    let views = StringViewArray::from_iter_values(["a", "b"]);
    let offsets = StringArray::from_iter_values(["a", "b"]);
    for text in ["^a$", "^(?:a|é)+$"] {
        let pattern = Pattern::compile(text).unwrap();
        assert_eq!(judged(4, |w| pattern.fail_view(&views, 0, 4, w)), [false, true, true, true]);
        assert_eq!(judged(3, |w| pattern.fail_offsets(&offsets, 1, 3, w)), [true, true, true]);
        assert_eq!(judged(1, |w| pattern.fail_view(&views, usize::MAX, 1, w)), [true]);
    }
}

/// A producer may leave any bits in the view of a NULL.
#[test]
fn views_under_nulls_may_be_garbage() {
    let wild = u128::MAX >> 1;
    let views = ScalarBuffer::from(vec![wild, 1 | u128::from(b'a') << 32, 40 | 7 << 64, 13]);
    let nulls = NullBuffer::from(vec![false, true, false, false]);
    // SAFETY: the only valid row stands in its view; the others are under NULLs and exercise the bounds checks.
    let array = unsafe { StringViewArray::new_unchecked(views, vec![Buffer::from(b"short")], Some(nulls)) };
    for text in ["^a$", "^(?:a|é)+$"] {
        let failing = judged(4, |w| Pattern::compile(text).unwrap().fail_view(&array, 0, 4, w));
        assert!(!failing[1], "{text}");
    }
}

#[test]
fn counts_are_exact() {
    let values: Vec<String> = (0..=70).map(|len| "a".repeat(len)).collect();
    let ends: Vec<String> = values.iter().map(|value| format!("{value}b")).collect();
    for n in 0..=66usize {
        let failing = |holds: &dyn Fn(usize) -> bool| (0..=70).map(|len| !holds(len)).collect::<Vec<_>>();
        agree(&format!("^a{{0,{n}}}$"), &values, 0, &failing(&|len| len <= n));
        agree(&format!("^a{{{n}}}$"), &values, 0, &failing(&|len| len == n));
        agree(&format!("^a{{{n},}}$"), &values, 0, &failing(&|len| len >= n));
        agree(&format!("^a{{3,{}}}b$", n + 3), &ends, 0, &failing(&|len| (3..=n + 3).contains(&len)));
        agree(&format!("a{{{n}}}b"), &ends, 0, &failing(&|len| len >= n));
    }
}
