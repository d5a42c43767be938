//! Names twice in one object.

use super::reader::Piece;

/// So many names are compared each with each.
const FEW: usize = 12;

/// Names of the objects that are open, innermost last.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: Vec<Name>,
    /// Names that had escapes, without them.
    unescaped: String,
}

#[derive(Debug, Clone, Copy)]
struct Name {
    /// Where its quote stands.
    at: usize,
    start: usize,
    end: usize,
    /// The range is of `unescaped`, not of the text.
    unescaped: bool,
}

impl Names {
    /// Where the names of an object begin that opens now.
    #[inline]
    pub(super) fn mark(&self) -> usize {
        self.names.len()
    }

    /// Forgets all.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.names.clear();
        self.unescaped.clear();
    }

    /// Notes a name whose quote is at `at`.
    #[inline]
    pub(super) fn push(&mut self, at: usize, name: Piece, scratch: &str) {
        let name = match name {
            Piece::Plain(start, end) => Name { at, start, end, unescaped: false },
            Piece::Scratch => {
                let start = self.unescaped.len();
                self.unescaped.push_str(scratch);
                Name { at, start, end: self.unescaped.len(), unescaped: true }
            }
        };
        self.names.push(name);
    }

    /// Ends the object whose names begin at `mark`: where the first name stands that is there before it.
    #[inline]
    pub(super) fn close(&mut self, mark: usize, text: &str) -> Option<usize> {
        let names = self.names.get(mark..).unwrap_or_default();
        let found = match names.len() {
            0 | 1 => None,
            2..=FEW => self.first_of_few(names, text),
            _ => self.first_of_many(names, text),
        };
        self.names.truncate(mark);
        if mark == 0 {
            self.unescaped.clear();
        }
        found
    }

    #[inline(always)]
    fn name<'t>(&'t self, name: &Name, text: &'t str) -> &'t [u8] {
        let from = if name.unescaped { self.unescaped.as_str() } else { text };
        from.as_bytes().get(name.start..name.end).unwrap_or_default()
    }

    fn first_of_few(&self, names: &[Name], text: &str) -> Option<usize> {
        let twice = |(index, name): &(usize, &Name)| {
            let this = self.name(name, text);
            names.iter().take(*index).any(|earlier| self.name(earlier, text) == this)
        };
        names.iter().enumerate().find(twice).map(|(_, name)| name.at)
    }

    #[cold]
    fn first_of_many(&self, names: &[Name], text: &str) -> Option<usize> {
        let mut sorted: Vec<(&[u8], usize)> = names.iter().map(|name| (self.name(name, text), name.at)).collect();
        sorted.sort_unstable();
        let pairs = sorted.iter().zip(sorted.iter().skip(1));
        pairs.filter(|(earlier, later)| earlier.0 == later.0).map(|(_, later)| later.1).min()
    }
}
