//! One chunk of an array.

use super::super::reader::{Reader, Stop};
use super::super::rows::{Extent, Rows, Shape, index};
use super::super::utf8::Utf8;
use super::form;
use super::{Resume, State};
use crate::{Decoded, FaultCode};
use memchr::memchr_iter;

pub(super) struct Run<'s, 'a> {
    rows: Rows<'s>,
    reader: Reader<'a>,
    chunk: &'a [u8],
    utf8: Utf8<'a>,
    last: bool,
    pub(super) state: State,
    at: usize,
    separators: usize,
    breaks: u32,
    continued: u64,
    full: bool,
}

/// An element of which so much is in view.
#[derive(Clone, Copy)]
struct View<'a> {
    start: usize,
    /// Up to the chunk's end, the limit, or what is not UTF-8.
    text: &'a str,
    /// The text ends before bytes that are not UTF-8.
    broken: bool,
    /// The limit is in the chunk.
    full: bool,
}

impl<'s, 'a> Run<'s, 'a> {
    pub(super) fn new(shape: &'s mut Shape, chunk: &'a [u8], last: bool, state: State) -> Self {
        let rows = Rows::new(shape, chunk.len() / 128, chunk.len());
        let (reader, utf8) = (Reader::new("", 0), Utf8::new(chunk));
        Self { rows, reader, chunk, utf8, last, state, at: 0, separators: 0, breaks: 0, continued: 0, full: false }
    }

    pub(super) fn finish(self) -> Decoded {
        let unfinished = matches!(self.state, State::Skipping(_));
        let decoded = self.rows.finish(self.at, self.separators, 0, self.breaks);
        Decoded { continued: self.continued, unfinished, full: self.full, ..decoded }
    }

    fn peek(&self) -> Option<u8> {
        self.chunk.get(self.at).copied()
    }

    /// Goes to `end`.
    #[inline]
    fn go(&mut self, end: usize) {
        self.breaks += memchr_iter(b'\n', self.chunk.get(self.at..end).unwrap_or_default()).count() as u32;
        self.at = end;
    }

    fn separate(&mut self) {
        self.separators += 1;
        self.at += 1;
    }

    fn space(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek() {
            self.breaks += u32::from(byte == b'\n');
            self.separate();
        }
    }

    /// Goes past the opening bracket.
    pub(super) fn bracket(&mut self) {
        self.space();
        self.separate();
    }

    /// Takes elements until one is unfinished or the chunk ends.
    pub(super) fn run(&mut self) {
        loop {
            if let State::Skipping(resume) = self.state
                && !self.skip(resume)
            {
                break;
            }
            self.space();
            let Some(byte) = self.peek() else { break };
            if self.rows.is_full() {
                self.full = true;
                return;
            }
            match (self.state, byte) {
                (State::First | State::Element | State::Damaged, b']') => {
                    self.separate();
                    self.state = State::Closed;
                }
                (State::Element | State::Damaged, b',') => {
                    self.separate();
                    self.state = State::Comma;
                }
                (State::Comma, b']') => {
                    self.damaged(self.at, Stop { code: FaultCode::JsonSyntax, at: self.at });
                    self.state = State::Element;
                }
                (State::Element | State::Closed, _) => {
                    if !self.element(true) {
                        break;
                    }
                }
                _ => {
                    if !self.element(false) {
                        break;
                    }
                }
            }
        }
        if self.last {
            self.end();
        }
    }

    /// The source ends.
    fn end(&mut self) {
        if matches!(self.state, State::First | State::Element | State::Comma | State::Damaged) {
            self.damaged(self.at, Stop { code: FaultCode::RecordCutOff, at: self.at });
        }
        self.state = State::Closed;
    }

    /// Goes to where reading resumes; false if the chunk ends first.
    fn skip(&mut self, resume: Resume) -> bool {
        let start = self.at;
        let resumes = self.find(resume);
        match self.rows.places.last_mut() {
            Some(place) => place.end = index(self.at),
            None => self.continued += (self.at - start) as u64,
        }
        resumes
    }

    fn find(&mut self, mut resume: Resume) -> bool {
        while let Some(byte) = self.peek() {
            match resume.after(byte) {
                Some(after) => resume = after,
                None => {
                    self.state = State::Comma;
                    return true;
                }
            }
            self.breaks += u32::from(byte == b'\n');
            self.at += 1;
        }
        self.state = State::Skipping(resume);
        false
    }

    /// The record from here to `end` has no reading.
    fn damaged(&mut self, end: usize, stop: Stop) {
        self.rows.damaged(self.at, end, self.breaks, stop);
        self.go(end);
        self.state = State::Damaged;
    }

    /// Takes the element that starts here; false if it is left for the next chunk. `misplaced`: it stands where none may.
    fn element(&mut self, misplaced: bool) -> bool {
        let start = self.at;
        let limit = self.rows.shape.layout.limits.record_bytes;
        let full = self.chunk.len() - start > limit;
        let end = if full { start + limit } else { self.chunk.len() };
        let (text, broken) = self.utf8.text(start, end, self.last && !full);
        let view = View { start, text, broken, full };
        if misplaced {
            let closed = self.state == State::Closed;
            let taken = self.fault(view, Stop { code: FaultCode::JsonSyntax, at: 0 });
            if closed && matches!(self.state, State::Element | State::Damaged) {
                self.state = State::Closed;
            }
            return taken;
        }
        match self.rows.read(&mut self.reader, text, text, start, Extent::Prefix) {
            Ok(length) => {
                self.rows.place(start, start + length, self.breaks);
                self.go(start + length);
                self.state = State::Element;
                true
            }
            Err(stop) => self.fault(view, stop),
        }
    }

    /// Reading stopped at `stop` in the view; false if it may go on with more.
    #[cold]
    fn fault(&mut self, view: View<'a>, stop: Stop) -> bool {
        let ran_out = |stop: &Stop| stop.code == FaultCode::JsonSyntax && stop.at == view.text.len();
        let stop_there = Stop { at: view.start + stop.at, ..stop };
        if ran_out(&stop) {
            return self.unfinished(view, None);
        }
        match form::end(&mut self.reader, view.text) {
            // A number goes on, for all that is known.
            Ok(length)
                if length < view.text.len() || matches!(view.text.as_bytes().last(), Some(b'}' | b']' | b'"')) =>
            {
                self.damaged(view.start + length, stop_there);
                self.state = State::Element;
                true
            }
            Ok(_) if self.last && !view.full && !view.broken => {
                self.damaged(view.start + view.text.len(), stop_there);
                self.state = State::Element;
                true
            }
            Ok(_) => self.unfinished(view, Some(stop_there)),
            Err(form) if ran_out(&form) => self.unfinished(view, Some(stop_there)),
            Err(_) => self.resume(view, stop_there),
        }
    }

    /// The view ends inside of the element; `found` is what is wrong with it so far.
    fn unfinished(&mut self, view: View<'a>, found: Option<Stop>) -> bool {
        let end = view.start + view.text.len();
        if view.broken {
            let stop = found.unwrap_or(Stop { code: FaultCode::EncodingInvalid, at: end });
            return self.resume(view, stop);
        }
        if view.full {
            return self.too_large(view);
        }
        if !self.last {
            return false;
        }
        let stop = found.unwrap_or(Stop { code: FaultCode::RecordCutOff, at: self.chunk.len() });
        self.damaged(self.chunk.len(), stop);
        self.state = State::Closed;
        true
    }

    fn too_large(&mut self, view: View<'a>) -> bool {
        let end = view.start + self.rows.shape.layout.limits.record_bytes;
        self.damaged(end, Stop { code: FaultCode::RecordTooLarge, at: end });
        self.state = State::Skipping(Resume::Nothing);
        true
    }

    /// Ends a damaged element where reading resumes, by S9.10.
    fn resume(&mut self, view: View<'a>, stop: Stop) -> bool {
        let limit = self.rows.shape.layout.limits.record_bytes;
        let rest = self.chunk.get(view.start..).unwrap_or_default();
        let rest = rest.get(..limit).unwrap_or(rest);
        if let Some(length) = resumes(rest) {
            self.damaged(view.start + length, stop);
            return true;
        }
        if view.full {
            return self.too_large(view);
        }
        if !self.last {
            return false;
        }
        // Another bracket does not close the array twice.
        let (length, closed) = match self.state {
            State::Closed => (trimmed(rest).len(), false),
            _ => array_end(rest),
        };
        self.damaged(view.start + length.max(1), stop);
        if !closed {
            self.separators += self.chunk.len() - self.at;
            self.go(self.chunk.len());
            self.state = State::Closed;
        }
        true
    }
}

/// The first line break after which, with white space and a comma at most before it, a `{` stands.
fn resumes(rest: &[u8]) -> Option<usize> {
    let (mut resume, mut line) = (Resume::Nothing, 0);
    for (at, byte) in rest.iter().enumerate() {
        let after = match resume.after(*byte) {
            Some(after) => after,
            None => return Some(line),
        };
        if resume == Resume::Nothing && after == Resume::Break {
            let returned = at.checked_sub(1).and_then(|before| rest.get(before)) == Some(&b'\r');
            line = at - usize::from(returned);
        }
        resume = after;
    }
    None
}

/// The length of what the source ends with, without white space and the closing bracket; is there one?
fn array_end(rest: &[u8]) -> (usize, bool) {
    let rest = trimmed(rest);
    match rest.strip_suffix(b"]") {
        Some(before) => (trimmed(before).len(), true),
        None => (rest.len(), false),
    }
}

/// Without JSON's white space at the end, which is less than ASCII's.
fn trimmed(mut rest: &[u8]) -> &[u8] {
    while let [before @ .., b' ' | b'\t' | b'\r' | b'\n'] = rest {
        rest = before;
    }
    rest
}
