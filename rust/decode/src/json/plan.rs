//! What is expected of a record's members.

use crate::column::width;
use arrow_schema::{DataType, Field};

/// What is expected of a value.
#[derive(Debug)]
pub(super) enum Node {
    /// No parts.
    Scalar,
    /// Elements of so many values each.
    List { item: Box<Node>, width: usize },
    /// Members.
    Object(Plan),
}

/// The members of an object, in the order of its columns.
#[derive(Debug)]
pub(super) struct Plan {
    members: Vec<Member>,
    /// Members by name.
    sorted: Vec<(String, usize)>,
    /// The member that came first last time: a guess.
    first: usize,
}

/// A declared member.
#[derive(Debug)]
struct Member {
    name: String,
    /// The name in quotes and a colon, as it is usually written; nothing when that needs escapes.
    usual: Block,
    node: Node,
    /// The member that came after it last time: a guess.
    next: usize,
}

/// A step to a nested value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A member of a plan.
    Member(usize),
    /// An element.
    Element(usize),
}

/// The place in an object's usual order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guess {
    /// The member before it; none of those there are at the start.
    before: usize,
    /// The member that is expected.
    pub(super) member: usize,
}

impl Node {
    fn new(data_type: &DataType) -> Self {
        match data_type {
            DataType::List(item) => {
                Self::List { item: Box::new(Self::new(item.data_type())), width: width(item.data_type()) }
            }
            DataType::Struct(fields) => Self::Object(Plan::new(fields.iter().map(AsRef::as_ref))),
            _ => Self::Scalar,
        }
    }

    fn render(&self, steps: &[Step], path: &mut String) {
        match (self, steps) {
            (Self::List { item, .. }, [Step::Element(index), rest @ ..]) => {
                path.push_str(&format!("[{index}]"));
                item.render(rest, path);
            }
            (Self::Object(plan), [Step::Member(member), rest @ ..]) => {
                path.push('.');
                plan.render(*member, rest, path);
            }
            _ => {}
        }
    }
}

impl Plan {
    pub(super) fn new<'a>(fields: impl Iterator<Item = &'a Field>) -> Self {
        let members: Vec<Member> = fields
            .enumerate()
            .map(|(index, field)| Member {
                name: field.name().clone(),
                usual: Block::new(usual(field.name())),
                node: Node::new(field.data_type()),
                next: index + 1,
            })
            .collect();
        let mut sorted: Vec<_> =
            members.iter().enumerate().map(|(index, member)| (member.name.clone(), index)).collect();
        sorted.sort();
        sorted.dedup_by(|later, earlier| later.0 == earlier.0);
        let mut plan = Self { members, sorted, first: 0 };
        plan.hide_twins();
        plan
    }

    /// Of members of one name only the first is ever met.
    fn hide_twins(&mut self) {
        let found: Vec<_> = self.members.iter().map(|member| self.find(&member.name)).collect();
        for (index, (member, found)) in self.members.iter_mut().zip(found).enumerate() {
            if found != Some(index) {
                member.usual = Block::new(Vec::new());
            }
        }
    }

    /// The guess at an object's start.
    #[inline]
    pub(super) fn start(&self) -> Guess {
        Guess { before: usize::MAX, member: self.first }
    }

    /// If the name and the colon of the expected member stand here: what follows them, what is expected of it, and the next guess.
    #[inline(always)]
    pub(super) fn expected<'a>(&mut self, guess: Guess, rest: &'a [u8]) -> Option<(&'a [u8], &mut Node, Guess)> {
        let member = self.members.get_mut(guess.member)?;
        let value = match member.usual.after(rest)? {
            [b' ', value @ ..] => value,
            value => value,
        };
        Some((value, &mut member.node, Guess { before: guess.member, member: member.next }))
    }

    /// The members in the order that is guessed; it may come back to one, and then has no end.
    pub(super) fn order(&self) -> impl Iterator<Item = usize> {
        let next = |member: &usize| self.members.get(*member).map(|member| member.next);
        std::iter::successors(Some(self.first), next).take_while(|member| *member < self.members.len())
    }

    /// A member's name in quotes and a colon, unless that needs escapes.
    pub(super) fn usual(&self, member: usize) -> Option<&[u8]> {
        self.members.get(member).map(|member| member.usual.bytes.as_slice()).filter(|usual| !usual.is_empty())
    }

    /// The member of a name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let place = self.sorted.binary_search_by(|(candidate, _)| candidate.as_str().cmp(name)).ok()?;
        self.sorted.get(place).map(|(_, member)| *member)
    }

    /// Notes that `member` came at `guess`, and guesses the next one.
    #[inline(always)]
    pub(super) fn came(&mut self, guess: &mut Guess, member: usize) {
        if guess.member != member {
            match self.members.get_mut(guess.before) {
                Some(before) => before.next = member,
                None => self.first = member,
            }
        }
        let next = self.members.get(member).map_or(0, |member| member.next);
        *guess = Guess { before: member, member: next };
    }

    #[inline(always)]
    pub(super) fn node(&mut self, member: usize) -> Option<&mut Node> {
        self.members.get_mut(member).map(|member| &mut member.node)
    }

    /// Appends the path of a value (`address.zip`, `tags[2]`).
    pub(super) fn render(&self, member: usize, steps: &[Step], path: &mut String) {
        if let Some(member) = self.members.get(member) {
            path.push_str(&member.name);
            member.node.render(steps, path);
        }
    }
}

/// A name in quotes and its colon; nothing for one that needs escapes.
fn usual(name: &str) -> Vec<u8> {
    if name.bytes().any(|byte| matches!(byte, 0..=0x1F | b'"' | b'\\')) {
        return Vec::new();
    }
    format!("\"{name}\":").into_bytes()
}

/// Bytes to compare at once: of the first 16, which bits count, and what they are.
#[derive(Debug)]
pub(super) struct Block {
    counts: [u64; 2],
    bits: [u64; 2],
    bytes: Vec<u8>,
}

impl Block {
    /// Of no bytes, it stands nowhere.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        let (mut counts, mut bits) = ([0; 2], [u64::from(bytes.is_empty()); 2]);
        for ((counts, bits), bytes) in counts.iter_mut().zip(&mut bits).zip(bytes.chunks(8)) {
            for (place, byte) in bytes.iter().enumerate() {
                *counts |= 0xFF << (8 * place);
                *bits |= u64::from(*byte) << (8 * place);
            }
        }
        Self { counts, bits, bytes }
    }

    /// What follows the bytes if they stand here, with 16 bytes in all at least.
    #[inline(always)]
    pub(super) fn after<'a>(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        let word = u128::from_le_bytes(*text.first_chunk()?);
        let ([c0, c1], [b0, b1]) = (self.counts, self.bits);
        if ((word as u64 & c0) ^ b0) | (((word >> 64) as u64 & c1) ^ b1) != 0 {
            return None;
        }
        let (start, after) = text.split_at_checked(self.bytes.len())?;
        if start.len() > 16 && start != self.bytes.as_slice() {
            return None;
        }
        Some(after)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::Arc;

    #[test]
    fn paths() {
        let zip = Field::new("zip", DataType::Utf8, true);
        let address = DataType::Struct(vec![Field::new("street", DataType::Utf8, true), zip].into());
        let list = DataType::List(Arc::new(Field::new_list_field(address.clone(), true)));
        let fields = [Field::new("address", address, true), Field::new("places", list, true)];
        let plan = Plan::new(fields.iter());
        let path = |member, steps: &[Step]| {
            let mut path = String::new();
            plan.render(member, steps, &mut path);
            path
        };
        assert_eq!(path(0, &[]), "address");
        assert_eq!(path(0, &[Step::Member(1)]), "address.zip");
        assert_eq!(path(1, &[Step::Element(2), Step::Member(0)]), "places[2].street");
    }

    const PADDING: &str = "                                ";

    /// Where the value of the expected member stands.
    fn value_of(plan: &mut Plan, guess: Guess, text: &str) -> Option<usize> {
        let padded = format!("{text}{PADDING}");
        plan.expected(guess, padded.as_bytes()).map(|(value, ..)| padded.len() - value.len())
    }

    #[test]
    fn guesses_follow_the_order_that_was_met() {
        let fields = ["a", "b", "c"].map(|name| Field::new(name, DataType::Utf8, true));
        let mut plan = Plan::new(fields.iter());
        for _ in 0..2 {
            let mut guess = plan.start();
            for name in ["c", "a", "b"] {
                let member = plan.find(name).unwrap();
                plan.came(&mut guess, member);
            }
        }
        let mut guess = plan.start();
        for (name, value) in [("\"c\":1", 4), ("\"a\": 1", 5), ("\"b\":\"", 4)] {
            assert_eq!(value_of(&mut plan, guess, name), Some(value));
            guess = plan.expected(guess, format!("{name}{PADDING}").as_bytes()).unwrap().2;
        }
    }

    #[test]
    fn of_members_of_one_name_the_first_is_met() {
        let fields = ["a", "a"].map(|name| Field::new(name, DataType::Utf8, true));
        let mut plan = Plan::new(fields.iter());
        let mut guess = plan.start();
        plan.came(&mut guess, 0);
        assert_eq!(value_of(&mut plan, guess, "\"a\":1"), None);
        assert_eq!(plan.find("a"), Some(0));
    }

    #[test]
    fn names_of_every_length_stand_or_not() {
        for length in 0..40 {
            let name = "n".repeat(length);
            let field = Field::new(&name, DataType::Utf8, true);
            let mut plan = Plan::new(std::iter::once(&field));
            let text = format!("\"{name}\":1{}", "x".repeat(40));
            for wrong in 0..text.len() {
                let mut bytes = text.clone().into_bytes();
                *bytes.get_mut(wrong).unwrap() ^= 1;
                let guess = plan.start();
                let found = plan.expected(guess, &bytes).map(|(value, ..)| bytes.len() - value.len());
                assert_eq!(found, (wrong >= length + 3).then_some(length + 3), "{length} {wrong}");
            }
        }
    }

    #[test]
    fn names_that_need_escapes_are_found_by_name_only() {
        let field = Field::new("a\"b", DataType::Utf8, true);
        let mut plan = Plan::new(std::iter::once(&field));
        let guess = plan.start();
        assert_eq!(value_of(&mut plan, guess, "\"a\"b\":1"), None);
        assert_eq!(plan.find("a\"b"), Some(0));
        assert_eq!(plan.find("a"), None);
    }
}
