//! ECMA-262 patterns over string columns, in time linear in the values ([S2.6]).
//!
//! `syntax` parses the text and says where the dialect's edges are. `automaton` is the general engine; `runs` is a
//! faster one for common shapes of patterns and values, on processors that have byte shuffles. `find` says where a
//! pattern matches.
//!
//! [S2.6]: https://github.com/guard-nb/guard_nb/blob/main/docs/spec/semantics.md

mod automaton;
mod cells;
mod classes;
mod find;
#[cfg(target_arch = "x86_64")]
mod runs;
mod syntax;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use arrow_array::{GenericStringArray, OffsetSizeTrait, StringViewArray};
use regex_syntax::hir::{Hir, Look};

use automaton::Automaton;
use cells::{Cells, OffsetCells, ViewCells};
pub(crate) use find::Finder;
#[cfg(target_arch = "x86_64")]
use runs::Program;

/// The longest pattern that [`Pattern::compile`] takes, in bytes.
pub const MAX_PATTERN_BYTES: usize = 4096;

fn check_length(text: &str) -> Result<(), PatternError> {
    if text.len() <= MAX_PATTERN_BYTES {
        return Ok(());
    }
    Err(PatternError { message: format!("the pattern is longer than {MAX_PATTERN_BYTES} bytes"), offset: None })
}

/// A compiled pattern. Cloning is cheap and shares the compiled form.
#[derive(Clone, Debug)]
pub struct Pattern {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    automaton: Automaton,
    #[cfg(target_arch = "x86_64")]
    program: Option<Program>,
    anchored: bool,
}

/// Why a text is not a pattern that can be matched here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// Small first letter, the user's text in backticks.
    pub message: String,
    /// Where in the pattern's text, in bytes; none when the whole pattern is at fault.
    pub offset: Option<usize>,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PatternError {}

impl Pattern {
    /// Compiles `text` with its ECMA-262 meaning.
    ///
    /// The NFA is capped at 8 MiB and the dense table at 2 MiB; a text made to be costly takes tenths of a second.
    ///
    /// # Errors
    /// A text that is no pattern, that needs look-around or back references, that is longer than
    /// [`MAX_PATTERN_BYTES`] or whose automaton exceeds its limit.
    pub fn compile(text: &str) -> Result<Pattern, PatternError> {
        check_length(text)?;
        Pattern::of(syntax::parse(text)?)
    }

    /// As [`Pattern::compile`], for a pattern that must take the whole value.
    ///
    /// # Errors
    /// As [`Pattern::compile`].
    pub fn compile_whole(text: &str) -> Result<Pattern, PatternError> {
        check_length(text)?;
        Pattern::of(Hir::concat(vec![Hir::look(Look::Start), syntax::parse(text)?, Hir::look(Look::End)]))
    }

    fn of(hir: Hir) -> Result<Pattern, PatternError> {
        let looks = hir.properties();
        let anchored = looks.look_set_prefix().contains(Look::Start) && looks.look_set_suffix().contains(Look::End);
        let automaton = Automaton::build(&hir)?;
        let inner = Inner {
            #[cfg(target_arch = "x86_64")]
            program: Program::build(&hir).filter(|_| !matches!(automaton, Automaton::Always)),
            automaton,
            anchored,
        };
        Ok(Pattern { inner: Arc::new(inner) })
    }

    /// Whether `value`, which is valid UTF-8, holds a match.
    ///
    /// Linear in the value's length; the cost per byte is a step in a table for all but patterns with large counts,
    /// where it can grow to the size of the automaton.
    #[must_use]
    pub fn is_match(&self, value: &[u8]) -> bool {
        self.inner.automaton.is_match(value)
    }

    /// Whether every match spans the whole value: `^` at the start and `$` at the end.
    #[must_use]
    pub fn is_anchored(&self) -> bool {
        self.inner.anchored
    }

    /// Judges the `len` rows from `start`: bit `i % 64` of `words[i / 64]` says that row `start + i` does not match.
    ///
    /// All of the first `len.div_ceil(64)` words are written; bits from `len` on are 0. Rows that are NULL get any
    /// bit: the caller applies the validity. A row beyond the array counts as no match, unless the
    /// pattern matches every text.
    pub fn fail_view(&self, array: &StringViewArray, start: usize, len: usize, words: &mut [u64]) {
        self.fail_rows(&ViewCells::new(array, start), len, words);
    }

    /// As [`Pattern::fail_view`], for string arrays with offsets.
    pub fn fail_offsets<O: OffsetSizeTrait>(
        &self,
        array: &GenericStringArray<O>,
        start: usize,
        len: usize,
        words: &mut [u64],
    ) {
        self.fail_rows(&OffsetCells::new(array, start), len, words);
    }

    fn fail_rows(&self, cells: &impl Cells, len: usize, words: &mut [u64]) {
        let automaton = &self.inner.automaton;
        #[cfg(target_arch = "x86_64")]
        if let Some(program) = &self.inner.program {
            return runs::judge(program, automaton, cells, len, words);
        }
        automaton.judge(cells, len, words);
    }
}
