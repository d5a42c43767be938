//! Where a pattern matches, and what its groups took: for replacing and extracting.

use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Input, meta};

use super::automaton::{LAZY_CACHE, NFA_LIMIT, too_large};
use super::{PatternError, syntax};

/// A pattern compiled to be found: the first match, by ECMA-262's preference among those that begin there.
///
/// Patterns for which that preference is out of reach in linear time are refused: those that repeat what may be empty,
/// and groups asked for that a repetition takes only sometimes (ECMA-262 forgets those on each turn).
#[derive(Debug)]
pub(crate) struct Finder {
    regex: meta::Regex,
    /// The numbers of the groups asked for that the pattern has, in order.
    groups: Vec<u32>,
}

/// Bytes of a value, the end excluded.
pub(crate) type Span = (usize, usize);

impl Finder {
    /// Compiles a pattern of which the groups of these numbers are wanted.
    ///
    /// # Errors
    /// As [`super::Pattern::compile`], and on patterns that cannot be found, and groups that the pattern does not have.
    pub(crate) fn compile(text: &str, wanted: &[u32]) -> Result<Finder, PatternError> {
        super::check_length(text)?;
        let mut groups: Vec<u32> = wanted.iter().copied().filter(|group| *group > 0).collect();
        groups.sort_unstable();
        groups.dedup();
        let (hir, all) = syntax::parse_to_find(text, &groups)?;
        if let Some(group) = groups.iter().find(|group| **group > all) {
            let message = format!("the pattern has no group {group}: it has {all}");
            return Err(PatternError { message, offset: None });
        }
        let captures = if groups.is_empty() { WhichCaptures::Implicit } else { WhichCaptures::All };
        let config = meta::Config::new()
            .which_captures(captures)
            .nfa_size_limit(Some(NFA_LIMIT))
            .hybrid_cache_capacity(LAZY_CACHE)
            .dfa(false);
        let regex = meta::Builder::new().configure(config).build_from_hir(&hir).map_err(|_| too_large())?;
        Ok(Finder { regex, groups })
    }

    /// The first match that begins at `at` or later, a boundary of characters.
    pub(crate) fn find_at(&self, value: &str, at: usize) -> Option<Span> {
        let found = self.regex.search(&Input::new(value).span(at..value.len()))?;
        Some((found.start(), found.end()))
    }

    /// As [`Finder::find_at`], with what the groups took.
    pub(crate) fn groups_at(&self, value: &str, at: usize) -> Option<Taken<'_>> {
        let mut slots = vec![None; 2 * (self.groups.len() + 1)];
        self.regex.search_slots(&Input::new(value).span(at..value.len()), &mut slots)?;
        Some(Taken { groups: &self.groups, slots })
    }
}

/// What a match and its groups took.
pub(crate) struct Taken<'f> {
    groups: &'f [u32],
    slots: Vec<Option<NonMaxUsize>>,
}

impl Taken<'_> {
    /// What a group took, the whole match for 0; none when the match went another way.
    pub(crate) fn group(&self, number: u32) -> Option<Span> {
        let place = match number {
            0 => 0,
            number => self.groups.binary_search(&number).ok()? + 1,
        };
        match self.slots.get(2 * place..2 * place + 2)? {
            [Some(start), Some(end)] => Some((start.get(), end.get())),
            _ => None,
        }
    }
}
