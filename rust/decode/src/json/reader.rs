//! Reading JSON from one text: white space, literals, numbers, strings, and any value for its form alone.

use super::names::Names;
use super::number::Number;
use super::scan::plain_end;
use crate::FaultCode;

/// Why and where reading stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stop {
    pub(super) code: FaultCode,
    pub(super) at: usize,
}

pub(super) type Read<T> = Result<T, Stop>;

/// A string that was read: a range of the text, or what stands in [`Reader::scratch`] if it had escapes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Piece {
    Plain(usize, usize),
    Scratch,
}

/// Position in a text.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    /// The text and what is known to follow it: a line break, if anything. To be looked at, not to be read.
    pub(super) ahead: &'a str,
    pub(super) at: usize,
    /// Levels that may still be opened; narrow, so that it is not moved together with the position.
    levels: u32,
    /// The last string with escapes.
    pub(super) scratch: String,
    /// Names of the objects that are open.
    pub(super) names: Names,
    /// Names twice and halves of surrogate pairs are let pass: only the form is asked for.
    pub(super) form_only: bool,
}

fn narrow(depth: usize) -> u32 {
    u32::try_from(depth).unwrap_or(u32::MAX)
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, depth: usize) -> Self {
        Self {
            text,
            ahead: text,
            at: 0,
            levels: narrow(depth),
            scratch: String::new(),
            names: Names::default(),
            form_only: false,
        }
    }

    /// Begins a text, with nothing ahead of its end.
    #[inline]
    pub(super) fn restart(&mut self, text: &'a str, depth: usize) {
        self.restart_ahead(text, text, depth);
    }

    /// Begins a text that `ahead` starts with.
    #[inline]
    pub(super) fn restart_ahead(&mut self, text: &'a str, ahead: &'a str, depth: usize) {
        self.text = text;
        self.ahead = ahead;
        self.at = 0;
        self.levels = narrow(depth);
        self.names.clear();
    }

    /// The bytes from here on, and those ahead.
    #[inline(always)]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.ahead.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Goes to where a part of [`Self::rest`] starts that goes on to its end.
    #[inline(always)]
    pub(super) fn go_to(&mut self, rest: &[u8]) {
        self.at = self.ahead.len() - rest.len();
    }

    #[inline(always)]
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// The byte here; NUL, which JSON has nowhere, at the end.
    #[inline(always)]
    pub(super) fn peek(&self) -> u8 {
        self.bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Skips white space; the byte after it.
    #[inline(always)]
    pub(super) fn next(&mut self) -> u8 {
        let byte = self.peek();
        if byte > b' ' { byte } else { self.next_after_space() }
    }

    fn next_after_space(&mut self) -> u8 {
        while matches!(self.peek(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
        self.peek()
    }

    #[cold]
    pub(super) fn stop<T>(&self, code: FaultCode) -> Read<T> {
        Err(Stop { code, at: self.at })
    }

    #[cold]
    pub(super) fn syntax<T>(&self) -> Read<T> {
        self.stop(FaultCode::JsonSyntax)
    }

    pub(super) fn text_of(&self, piece: Piece) -> &str {
        match piece {
            Piece::Plain(start, end) => self.text.get(start..end).unwrap_or_default(),
            Piece::Scratch => &self.scratch,
        }
    }

    /// `true`, `false`, `null`.
    #[inline]
    pub(super) fn literal(&mut self, word: &str) -> Read<()> {
        if self.bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            self.at += word.len();
            return Ok(());
        }
        let alike = word.bytes().zip(self.bytes().get(self.at..).unwrap_or_default()).take_while(|(a, b)| a == *b);
        self.at += alike.count();
        self.syntax()
    }

    #[inline]
    fn digits(&mut self, number: &mut Number) -> Read<usize> {
        let mut count = 0;
        for byte in self.bytes().get(self.at..).unwrap_or_default() {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            number.magnitude = number.magnitude.wrapping_mul(10).wrapping_add(u64::from(digit));
            count += 1;
        }
        self.at += count;
        if count == 0 { self.syntax() } else { Ok(count) }
    }

    /// A number; the reader is at its first byte.
    #[inline]
    pub(super) fn number(&mut self) -> Read<Number> {
        let mut number = Number { negative: self.peek() == b'-', ..Number::default() };
        self.at += usize::from(number.negative);
        if self.peek() == b'0' {
            self.at += 1;
            number.digits = 1;
            if self.peek().is_ascii_digit() {
                return self.syntax();
            }
        } else {
            number.digits = self.digits(&mut number)?;
        }
        if self.peek() == b'.' {
            self.at += 1;
            number.fraction = self.digits(&mut number)?;
            number.digits += number.fraction;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), b'+' | b'-'));
            self.digits(&mut Number::default())?;
            number.exponent = true;
        }
        Ok(number)
    }

    /// A string; the reader is at its quote.
    #[inline]
    pub(super) fn string(&mut self) -> Read<Piece> {
        let start = self.at + 1;
        self.at = plain_end(self.bytes(), start);
        if self.peek() == b'"' {
            let end = self.at;
            self.at += 1;
            return Ok(Piece::Plain(start, end));
        }
        self.escaped(start)
    }

    /// Any value, for its form.
    pub(super) fn skip(&mut self) -> Read<()> {
        match self.next() {
            b'"' => self.string().map(drop),
            b'-' | b'0'..=b'9' => self.number().map(drop),
            b'{' => self.skip_object(),
            b'[' => self.skip_array(),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            _ => self.syntax(),
        }
    }

    /// Goes past an opening bracket.
    #[inline]
    pub(super) fn open(&mut self) -> Read<()> {
        if self.levels == 0 {
            return self.stop(FaultCode::DepthExceeded);
        }
        self.levels -= 1;
        self.at += 1;
        Ok(())
    }

    /// Goes past a closing bracket.
    #[inline]
    pub(super) fn close(&mut self) {
        self.levels += 1;
        self.at += 1;
    }

    /// After a value: goes past a comma, or says that `closing` stands here.
    #[inline(always)]
    pub(super) fn is_last(&mut self, closing: u8) -> Read<bool> {
        match self.next() {
            b',' => {
                self.at += 1;
                Ok(false)
            }
            byte if byte == closing => Ok(true),
            _ => self.syntax(),
        }
    }

    /// Goes past a colon.
    #[inline(always)]
    pub(super) fn colon(&mut self) -> Read<()> {
        if self.next() != b':' {
            return self.syntax();
        }
        self.at += 1;
        Ok(())
    }

    /// After a member: goes past a comma to the quote of a name, or says that the object ends here.
    #[inline(always)]
    pub(super) fn is_last_member(&mut self) -> Read<bool> {
        if let Some([b',', b'"']) = self.bytes().get(self.at..).and_then(|rest| rest.first_chunk()) {
            self.at += 1;
            return Ok(false);
        }
        let last = self.is_last(b'}')?;
        if !last && self.next() != b'"' {
            return self.syntax();
        }
        Ok(last)
    }

    fn skip_array(&mut self) -> Read<()> {
        self.open()?;
        if self.next() != b']' {
            loop {
                self.skip()?;
                if self.is_last(b']')? {
                    break;
                }
            }
        }
        self.close();
        Ok(())
    }

    fn skip_object(&mut self) -> Read<()> {
        self.open()?;
        let mark = self.names.mark();
        if self.next() != b'}' {
            if self.peek() != b'"' {
                return self.syntax();
            }
            loop {
                let at = self.at;
                let name = self.string()?;
                self.names.push(at, name, &self.scratch);
                self.colon()?;
                self.skip()?;
                if self.is_last_member()? {
                    break;
                }
            }
        }
        self.close_names(mark, None)?;
        self.close();
        Ok(())
    }

    /// Ends an object's names: the first that is there twice, of these or `also`, stops.
    #[inline]
    pub(super) fn close_names(&mut self, mark: usize, also: Option<usize>) -> Read<()> {
        let found = self.names.close(mark, self.text);
        let first = also.into_iter().chain(found).min();
        match first {
            Some(at) if !self.form_only => Err(Stop { code: FaultCode::JsonDuplicateName, at }),
            _ => Ok(()),
        }
    }
}
