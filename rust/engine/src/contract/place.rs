//! From character numbers to lines, columns and bytes.

use guard_verdict::Span;

/// Characters between two checkpoints of [`Places`].
const STRIDE: usize = 64;

/// Finds the line, column and byte of a character. Building it reads the text once; a lookup costs O(log lines).
pub(crate) struct Places<'a> {
    text: &'a str,
    /// Byte of every 64th character.
    checkpoints: Vec<usize>,
    /// First character of each line.
    lines: Vec<usize>,
    /// Number of characters.
    length: usize,
}

impl<'a> Places<'a> {
    /// Reads `text` once. Lines end at LF, CR LF or CR.
    pub fn new(text: &'a str) -> Self {
        let mut places = Places { text, checkpoints: Vec::new(), lines: vec![0], length: 0 };
        let mut after_return = false;
        for (number, (byte, c)) in text.char_indices().enumerate() {
            if number % STRIDE == 0 {
                places.checkpoints.push(byte);
            }
            if after_return && c != '\n' {
                places.lines.push(number);
            }
            if c == '\n' {
                places.lines.push(number + 1);
            }
            after_return = c == '\r';
            places.length = number + 1;
        }
        places
    }

    /// Byte of character `number`; the end of the text for numbers beyond it.
    pub fn byte(&self, number: usize) -> usize {
        let start = match self.checkpoints.get(number / STRIDE) {
            Some(start) if number < self.length => *start,
            _ => return self.text.len(),
        };
        let rest = self.text.get(start..).unwrap_or("");
        rest.char_indices().nth(number % STRIDE).map_or(self.text.len(), |(at, _)| start + at)
    }

    /// The span of the characters `start..end`.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let start = start.min(self.length);
        let end = end.clamp(start, self.length);
        let line = self.lines.partition_point(|first| *first <= start);
        let first = line.checked_sub(1).and_then(|index| self.lines.get(index)).copied().unwrap_or(0);
        Span { line, column: start - first + 1, start: self.byte(start), end: self.byte(end) }
    }

    /// The span of the character at byte `at`.
    pub fn at_byte(&self, at: usize) -> Span {
        let number = self.text.get(..at).map_or(self.length, |before| before.chars().count());
        self.span(number, number + 1)
    }

    /// The span of the character `offset` characters into line `line`.
    pub fn in_line(&self, line: usize, offset: usize) -> Span {
        let first = line.checked_sub(1).and_then(|index| self.lines.get(index)).copied();
        let number = first.unwrap_or(self.length).saturating_add(offset);
        self.span(number, number.saturating_add(1))
    }

    /// The text of line `line`, counted from 1, without its break.
    pub fn line_text(&self, line: usize) -> &'a str {
        let first = line.checked_sub(1).and_then(|index| self.lines.get(index)).copied().unwrap_or(self.length);
        let next = self.lines.get(line).copied().unwrap_or(self.length);
        let text = self.text.get(self.byte(first)..self.byte(next)).unwrap_or("");
        text.trim_end_matches(['\n', '\r'])
    }
}
