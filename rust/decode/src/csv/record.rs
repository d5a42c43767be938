//! One record's structure.

use super::marks::Cursor;
use crate::FaultCode;

/// How reading a record from its start ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// At its line break, or the source's end.
    Whole {
        /// Past the last byte.
        end: usize,
        /// Of the line break.
        width: usize,
        /// Fields.
        fields: usize,
    },
    /// At a byte that no record has there.
    Broken {
        /// Why.
        code: FaultCode,
        /// Where reading stopped, or the quote that is not closed.
        at: usize,
    },
    /// At the chunk's end, which is not the source's.
    Open,
}

/// Reads records of a chunk.
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) cursor: Cursor<'a>,
    pub(super) delimiter: u8,
    pub(super) quote: u8,
    /// The source ends with the chunk.
    pub(super) last: bool,
    /// Greatest length of a record.
    pub(super) record_bytes: usize,
    /// Fields whose ends are kept.
    pub(super) arity: usize,
    /// The first line break in a quoted field of the record, and how many there are.
    pub(super) inner_break: Option<usize>,
    /// Line breaks in quoted fields.
    pub(super) inner_lines: u32,
}

impl Reader<'_> {
    #[inline(always)]
    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// Reads the record at `start`, where the cursor is, and appends the ends of its first fields, as many as the arity.
    ///
    /// All that decides lies in the record and the byte after it, or in the first `record_bytes` and the byte after these.
    pub(super) fn read(&mut self, start: usize, ends: &mut Vec<u32>) -> Reading {
        let limit = start.saturating_add(self.record_bytes);
        let (mut field, mut fields) = (start, 0);
        (self.inner_break, self.inner_lines) = (None, 0);
        loop {
            let at = self.cursor.next();
            if at > limit {
                return Reading::Broken { code: FaultCode::RecordTooLarge, at: limit };
            }
            let byte = self.byte(at);
            if byte == Some(self.quote) {
                if at != field {
                    return Reading::Broken { code: FaultCode::CsvQuoteStray, at };
                }
                match self.quoted(at, limit) {
                    None => continue,
                    Some(reading) => return reading,
                }
            }
            let width = match byte {
                Some(byte) if byte == self.delimiter => 0,
                Some(b'\n') => 1,
                Some(_) => match self.return_width(at) {
                    Some(width) => width,
                    None => return Reading::Open,
                },
                None if self.last => 0,
                None => return Reading::Open,
            };
            if fields < self.arity {
                // Chunks are shorter than 2^31.
                ends.push(at as u32);
            }
            fields += 1;
            if width == 0 && byte.is_some() {
                field = at + 1;
                continue;
            }
            return Reading::Whole { end: at, width, fields };
        }
    }

    /// The width of the line break that starts with the carriage return at `at`; none if that depends on what comes after the chunk.
    pub(super) fn return_width(&mut self, at: usize) -> Option<usize> {
        match self.byte(at + 1) {
            Some(b'\n') => {
                self.cursor.next();
                Some(2)
            }
            None if !self.last => None,
            _ => Some(1),
        }
    }

    /// Goes past the quoted field that opens at `open`, up to what ends it; else how reading ended.
    fn quoted(&mut self, open: usize, limit: usize) -> Option<Reading> {
        loop {
            let at = self.cursor.next();
            let byte = self.byte(at);
            if at >= limit && (byte.is_some() || at > limit) || byte.is_none() && self.last {
                return Some(Reading::Broken { code: FaultCode::CsvQuoteUnclosed, at: open });
            }
            match byte {
                None => return Some(Reading::Open),
                Some(byte) if byte == self.quote => match self.byte(at + 1) {
                    Some(next) if next == self.quote => {
                        self.cursor.next();
                    }
                    Some(next) if next == self.delimiter || matches!(next, b'\n' | b'\r') => return None,
                    Some(_) => return Some(Reading::Broken { code: FaultCode::CsvQuoteStray, at }),
                    None if self.last => return None,
                    None => return Some(Reading::Open),
                },
                Some(byte @ (b'\n' | b'\r')) => self.count_inner(at, byte),
                Some(_) => {}
            }
        }
    }

    fn count_inner(&mut self, at: usize, byte: u8) {
        self.inner_break = self.inner_break.or(Some(at));
        let second = byte == b'\n' && at.checked_sub(1).and_then(|before| self.byte(before)) == Some(b'\r');
        self.inner_lines += u32::from(!second);
    }
}
