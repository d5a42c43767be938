//! The general engine: automata that look at every byte of a value once.

use std::fmt;

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, meta};
use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Look, Repetition};

use super::PatternError;
use super::cells::Cells;

pub(super) const NFA_LIMIT: usize = 8 << 20;
const DFA_LIMIT: usize = 2 << 20;
const DETERMINIZE_LIMIT: usize = 1 << 20;
/// A larger NFA is not worth a dense table: it would exceed its limit late and expensively.
const DENSE_STATES: usize = 20_000;
pub(super) const LAZY_CACHE: usize = 2 << 20;

/// Decides whether a value holds a match.
#[derive(Debug)]
pub(super) enum Automaton {
    /// Every value matches.
    Always,
    Dense(Box<Dense>),
    /// For patterns whose dense table would be too large: states are made as values need them.
    Lazy(Box<meta::Regex>),
}

impl Automaton {
    pub(super) fn build(hir: &Hir) -> Result<Automaton, PatternError> {
        if hir.properties().look_set().is_empty() && nullable(hir) {
            return Ok(Automaton::Always);
        }
        let hir = &at_boundaries(hir);
        let config =
            thompson::Config::new().utf8(false).nfa_size_limit(Some(NFA_LIMIT)).which_captures(WhichCaptures::None);
        let nfa = thompson::Compiler::new().configure(config).build_from_hir(hir).map_err(|_| too_large())?;
        if nfa.states().len() <= DENSE_STATES
            && let Some(dense) = Dense::build(&nfa)
        {
            return Ok(Automaton::Dense(Box::new(dense)));
        }
        let config = meta::Config::new()
            .utf8_empty(false)
            .which_captures(WhichCaptures::None)
            .nfa_size_limit(Some(NFA_LIMIT))
            .hybrid_cache_capacity(LAZY_CACHE)
            .dfa(false);
        let regex = meta::Builder::new().configure(config).build_from_hir(hir).map_err(|_| too_large())?;
        Ok(Automaton::Lazy(Box::new(regex)))
    }

    #[inline]
    pub(super) fn is_match(&self, value: &[u8]) -> bool {
        match self {
            Automaton::Always => true,
            Automaton::Dense(dense) => dense.is_match(value),
            Automaton::Lazy(regex) => regex.is_match(value),
        }
    }

    /// Judges `len` rows: bit `i % 64` of `words[i / 64]` becomes 1 when row `i` does not match.
    pub(super) fn judge(&self, cells: &impl Cells, len: usize, words: &mut [u64]) {
        for (word, first) in words.iter_mut().zip((0..len).step_by(64)) {
            *word = 0;
            if matches!(self, Automaton::Always) {
                continue;
            }
            for row in first..len.min(first + 64) {
                let matches = cells.cell(row).is_some_and(|cell| cell.with_bytes(|value| self.is_match(value)));
                *word |= u64::from(!matches) << (row - first);
            }
        }
    }
}

pub(super) fn too_large() -> PatternError {
    PatternError { message: "the pattern is too large: its automaton exceeds 8 MiB".to_owned(), offset: None }
}

/// A dense table and the state in which a search of a whole value starts.
pub(super) struct Dense {
    table: dense::DFA<Vec<u32>>,
    start: StateID,
}

impl fmt::Debug for Dense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dense").field("bytes", &self.table.memory_usage()).finish_non_exhaustive()
    }
}

impl Dense {
    fn build(nfa: &NFA) -> Option<Dense> {
        let (kind, mode) = if nfa.is_always_start_anchored() {
            (StartKind::Anchored, Anchored::Yes)
        } else {
            (StartKind::Unanchored, Anchored::No)
        };
        let config = dense::Config::new()
            .start_kind(kind)
            .accelerate(false)
            .dfa_size_limit(Some(DFA_LIMIT))
            .determinize_size_limit(Some(DETERMINIZE_LIMIT));
        let table = dense::Builder::new().configure(config).build_from_nfa(nfa).ok()?;
        let start = table.start_state(&start::Config::new().anchored(mode)).ok()?;
        Some(Dense { table, start })
    }

    #[inline]
    fn is_match(&self, value: &[u8]) -> bool {
        let mut state = self.start;
        for byte in value {
            state = self.table.next_state(state, *byte);
            if self.table.is_special_state(state) {
                if self.table.is_match_state(state) {
                    return true;
                }
                if self.table.is_dead_state(state) {
                    return false;
                }
            }
        }
        self.table.is_match_state(self.table.next_eoi_state(state))
    }
}

/// Whether the expression matches the empty text; assertions count as if they held.
pub(super) fn nullable(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(_) | HirKind::Class(_) => false,
        HirKind::Repetition(rep) => rep.min == 0 || nullable(&rep.sub),
        HirKind::Capture(capture) => nullable(&capture.sub),
        HirKind::Concat(subs) => subs.iter().all(nullable),
        HirKind::Alternation(subs) => subs.iter().any(nullable),
    }
}

/// Between the bytes of one character neither side is an ASCII word byte, so a byte-wise automaton would see `\B` there.
/// Only an empty match can begin there: such patterns get a prefix that walks over whole characters.
fn at_boundaries(hir: &Hir) -> Hir {
    let looks = hir.properties().look_set();
    if !looks.contains(Look::WordAsciiNegate) || !nullable(hir) {
        return hir.clone();
    }
    let mut any = ClassUnicode::empty();
    any.negate();
    let sub = Box::new(Hir::class(Class::Unicode(any)));
    let skip = Hir::repetition(Repetition { min: 0, max: None, greedy: false, sub });
    Hir::concat(vec![Hir::look(Look::Start), skip, hir.clone()])
}
