//! NDJSON: a line, a record (S9.8).

use super::reader::{Reader, Stop};
use super::rows::{Extent, Rows, Shape, within};
use super::scan::line_end;
use super::utf8::Utf8;
use crate::{Decoded, Decoder, FaultCode, Layout};
use memchr::{memchr, memchr_iter};
use std::sync::Arc;

/// Bytes that tell how long lines are.
const SAMPLE: usize = 1 << 16;

/// Decodes NDJSON.
///
/// A line over [`crate::Limits::record_bytes`] is one record (`record-too-large`), wherever chunks are cut. A carriage return before a line break belongs to it.
#[derive(Debug)]
pub struct Json {
    shape: Shape,
    /// The chunk starts inside of a line that is over the limit.
    skipping: bool,
}

impl Json {
    /// A decoder at the start of a source.
    pub fn new(layout: Arc<Layout>) -> Self {
        Self { shape: Shape::new(layout), skipping: false }
    }
}

impl Decoder for Json {
    fn decode(&mut self, chunk: &[u8], last: bool) -> Decoded {
        let whole = within(chunk);
        let last = last && whole.len() == chunk.len();
        let limit = self.shape.layout.limits.record_bytes;
        let mut lines = Lines {
            rows: Rows::new(&mut self.shape, about_lines(whole), whole.len()),
            limit,
            reader: Reader::new("", 0),
            chunk: whole,
            utf8: Utf8::new(whole),
            at: 0,
            separators: 0,
            blank: 0,
            breaks: 0,
            continued: 0,
            full: false,
            last,
        };
        if self.skipping {
            self.skipping = lines.go_on();
        }
        if !self.skipping {
            self.skipping = lines.run();
        }
        let Lines { rows, at, separators, blank, breaks, continued, full, .. } = lines;
        let decoded = rows.finish(at, separators, blank, breaks);
        Decoded { continued, unfinished: self.skipping, full, ..decoded }
    }
}

/// About how many lines there are, if the first ones are like the others.
fn about_lines(chunk: &[u8]) -> usize {
    let first = chunk.get(..SAMPLE).unwrap_or(chunk);
    let lines = memchr_iter(b'\n', first).count() + 1;
    // A few more than that: growing costs more than room.
    lines + lines * (chunk.len() / SAMPLE) * 17 / 16
}

struct Lines<'s, 'a> {
    rows: Rows<'s>,
    limit: usize,
    reader: Reader<'a>,
    chunk: &'a [u8],
    utf8: Utf8<'a>,
    at: usize,
    separators: usize,
    blank: usize,
    breaks: u32,
    continued: u64,
    full: bool,
    last: bool,
}

impl Lines<'_, '_> {
    /// Takes lines to the chunk's end; does it end inside of a line over the limit?
    fn run(&mut self) -> bool {
        while self.at < self.chunk.len() {
            if self.rows.is_full() {
                self.full = true;
                return false;
            }
            if self.usual() {
                continue;
            }
            let Some(feed) = line_end(self.chunk, self.at) else {
                return self.unfinished();
            };
            let returned = feed > self.at && self.chunk.get(feed - 1) == Some(&b'\r');
            self.line(feed - usize::from(returned), feed + 1, false);
            self.breaks += 1;
        }
        false
    }

    /// Takes a line that is like one before.
    #[inline(always)]
    fn usual(&mut self) -> bool {
        let start = self.at;
        let ahead = self.utf8.from(start);
        let Some((length, line_break)) = self.rows.read_usual(ahead.as_bytes(), self.limit) else { return false };
        let end = start + length;
        self.rows.place(start, end, self.breaks);
        self.separators += line_break;
        self.breaks += 1;
        self.at = end + line_break;
        true
    }

    /// A line without its end.
    fn unfinished(&mut self) -> bool {
        let rest = self.chunk.get(self.at..).unwrap_or_default();
        let returned = rest.last() == Some(&b'\r');
        let length = rest.len() - usize::from(returned);
        let end = self.at + length;
        if self.last {
            self.line(end, self.chunk.len(), true);
        } else if length > self.limit {
            // A carriage return at the end is the record's or its line break's: the next chunk tells.
            self.line(end, end, true);
            return true;
        }
        false
    }

    /// The line from here to `end`, with its line break to `next`; `cut`: it has none.
    #[inline]
    fn line(&mut self, end: usize, next: usize, cut: bool) {
        let start = self.at;
        self.at = next;
        let bytes = self.chunk.get(start..end).unwrap_or_default();
        if bytes.len() > self.limit {
            let stop = Stop { code: FaultCode::RecordTooLarge, at: start + self.limit };
            self.rows.damaged(start, end, self.breaks, stop);
            self.separators += next - end;
            return;
        }
        if !matches!(bytes.first(), Some(b'{')) && bytes.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            self.blank += next - start;
            return;
        }
        self.separators += next - end;
        match self.record(bytes, start, end, cut) {
            Ok(_) => self.rows.place(start, end, self.breaks),
            Err(stop) => self.rows.damaged(start, end, self.breaks, Stop { at: start + stop.at, ..stop }),
        }
    }

    #[inline]
    fn record(&mut self, bytes: &[u8], start: usize, end: usize, cut: bool) -> Result<usize, Stop> {
        let mut broken = None;
        let mut ahead = self.utf8.from(start);
        let text = match ahead.get(..end - start) {
            // A line break follows, or the end.
            Some(text) => text,
            None => match simdutf8::compat::from_utf8(self.chunk.get(start..end).unwrap_or_default()) {
                Ok(text) => text,
                Err(error) => {
                    let stop = Stop { code: FaultCode::EncodingInvalid, at: error.valid_up_to() };
                    if !cut || error.error_len().is_some() {
                        return Err(stop);
                    }
                    broken = Some(stop);
                    let valid = self.chunk.get(start..start + stop.at).unwrap_or_default();
                    std::str::from_utf8(valid).unwrap_or_default()
                }
            },
        };
        if ahead.len() < text.len() {
            ahead = text;
        }
        let read = self.rows.read(&mut self.reader, text, ahead, start, Extent::Whole);
        let ran_out = |stop: &Stop| stop.code == FaultCode::JsonSyntax && stop.at == text.len();
        match (read, broken) {
            (Err(stop), _) if cut && ran_out(&stop) => Err(Stop { code: FaultCode::RecordCutOff, at: bytes.len() }),
            (_, Some(broken)) => Err(broken),
            (read, None) => read,
        }
    }

    /// Goes past the rest of a line that was over the limit; does it go on beyond the chunk?
    fn go_on(&mut self) -> bool {
        let found = memchr(b'\n', self.chunk);
        let length = found.unwrap_or(self.chunk.len());
        let line = self.chunk.get(..length).unwrap_or_default();
        let end = length - usize::from(line.last() == Some(&b'\r'));
        self.at = match found {
            Some(length) => length + 1,
            None if self.last => length,
            None => end,
        };
        self.continued = end as u64;
        self.separators = self.at - end;
        self.breaks = u32::from(found.is_some());
        found.is_none() && !self.last
    }
}
