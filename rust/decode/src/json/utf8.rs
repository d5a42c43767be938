//! Where the bytes of a chunk are UTF-8.

/// A chunk's runs of UTF-8.
#[derive(Debug)]
pub(super) struct Utf8<'a> {
    chunk: &'a [u8],
    start: usize,
    run: &'a str,
    /// The run ends before bytes that are wrong, not merely unfinished.
    broken: bool,
}

impl<'a> Utf8<'a> {
    pub(super) fn new(chunk: &'a [u8]) -> Self {
        let mut all = Self { chunk, start: 0, run: "", broken: false };
        all.seek(0);
        all
    }

    fn seek(&mut self, from: usize) {
        let rest = self.chunk.get(from..).unwrap_or_default();
        self.start = from;
        (self.run, self.broken) = match simdutf8::compat::from_utf8(rest) {
            Ok(text) => (text, false),
            Err(error) => {
                let valid = rest.get(..error.valid_up_to()).unwrap_or_default();
                // SAFETY: `valid_up_to` is the length of the bytes at the start that are UTF-8.
                (unsafe { std::str::from_utf8_unchecked(valid) }, error.error_len().is_some())
            }
        };
    }

    /// The text from `start`, where a character starts, to the chunk's end or the first bytes that are not UTF-8.
    #[inline(always)]
    pub(super) fn from(&mut self, start: usize) -> &'a str {
        self.reach(start);
        self.run.get(start.saturating_sub(self.start)..).unwrap_or_default()
    }

    /// Has the run go on from `start` if it ends before.
    #[inline(always)]
    fn reach(&mut self, start: usize) {
        let past = self.start + self.run.len();
        if start >= past && past < self.chunk.len() {
            self.seek(start);
        }
    }

    /// The text from `start` to `end`, or to the first bytes that are not UTF-8; are there such? Bytes that are cut by the chunk's end are none unless `last`.
    #[inline]
    pub(super) fn text(&mut self, start: usize, end: usize, last: bool) -> (&'a str, bool) {
        self.reach(start);
        let (from, stop) = (start.saturating_sub(self.start), end.saturating_sub(self.start));
        if stop > self.run.len() {
            return (self.run.get(from..).unwrap_or_default(), self.broken || last);
        }
        // A limit may fall inside of a character.
        let floor = (0..4).filter_map(|back| stop.checked_sub(back)).find(|at| self.run.is_char_boundary(*at));
        (self.run.get(from..floor.unwrap_or(from)).unwrap_or_default(), false)
    }
}
