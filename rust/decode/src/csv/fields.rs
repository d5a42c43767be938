//! Fields to columns, a column of a block of records at a time.

use memchr::memchr;

use crate::column::{Column, Values};
use crate::lexical::{boolean, date, decimal, double, integer, single, time, timestamp};
use crate::{Fault, FaultCode, Place};

/// Records that follow each other.
pub(super) struct Block<'a> {
    pub(super) bytes: &'a [u8],
    /// A part of the bytes that is a text, all of the records if they are.
    pub(super) text: &'a str,
    /// Where in the bytes it starts.
    pub(super) text_start: usize,
    pub(super) quote: u8,
    pub(super) nulls: &'a [Vec<u8>],
    /// Row of the batch of the first record.
    pub(super) first: usize,
    pub(super) places: &'a [Place],
    /// Records of `places` that are malformed, ascending.
    pub(super) malformed: &'a [u32],
    /// Ends of fields of the others.
    pub(super) ends: &'a [u32],
    pub(super) arity: usize,
}

/// A field as it stands in the chunk.
#[derive(Debug, Clone, Copy)]
struct Raw<'a> {
    bytes: &'a [u8],
    /// Between its quotes, if it has any.
    content: &'a [u8],
    start: usize,
}

impl<'a> Block<'a> {
    /// Pushes field `field` of each record into a column, and reports what the column's type cannot read.
    pub(super) fn fill(&self, field: usize, index: u32, column: &mut Column, faults: &mut Vec<Fault>) {
        let mut sink = Sink { column, faults, index };
        match sink.column.values() {
            Values::Boolean(_) => {
                self.each(field, &mut sink, |c, raw| boolean(raw.content).is_some_and(|v| c.push_bool(v)))
            }
            Values::Int64(_) | Values::Integer { .. } => {
                self.each(field, &mut sink, |c, raw| integer(raw.content).is_some_and(|v| c.push_integer(v)));
            }
            Values::Float32(_) => {
                self.each(field, &mut sink, |c, raw| single(raw.content).is_some_and(|v| c.push_f32(v)))
            }
            Values::Float64(_) => {
                self.each(field, &mut sink, |c, raw| double(raw.content).is_some_and(|v| c.push_f64(v)))
            }
            Values::Decimal { precision, scale, .. } => {
                let (precision, scale) = (*precision, scale.unsigned_abs());
                self.each(field, &mut sink, |c, raw| {
                    decimal(raw.content, precision, scale).is_some_and(|v| c.push_decimal(v))
                });
            }
            Values::Text(_) | Values::JsonText(_) => self.each(field, &mut sink, |c, raw| self.push_text(c, raw)),
            Values::Date(_) => self.each(field, &mut sink, |c, raw| date(raw.content).is_some_and(|v| c.push_date(v))),
            Values::Time(_) => {
                self.each(field, &mut sink, |c, raw| time(raw.content).is_some_and(|v| c.push_micros(v)))
            }
            Values::Timestamp { zone, .. } => {
                let zoned = zone.is_some();
                self.each(field, &mut sink, |c, raw| timestamp(raw.content, zoned).is_some_and(|v| c.push_micros(v)));
            }
            Values::JsonObject(_) | Values::List { .. } | Values::Struct { .. } | Values::Unsupported(_) => {
                self.each(field, &mut sink, |_, _| false);
            }
        }
    }

    #[inline(always)]
    fn each(&self, field: usize, sink: &mut Sink<'_>, push: impl Fn(&mut Column, Raw<'a>) -> bool) {
        let mut malformed = self.malformed.iter().map(|row| *row as usize);
        let mut skipped = malformed.next().unwrap_or(usize::MAX);
        let mut records = self.ends.chunks_exact(self.arity.max(1));
        for (row, place) in (self.first..).zip(self.places) {
            if row == skipped {
                skipped = malformed.next().unwrap_or(usize::MAX);
                sink.column.push_null();
                continue;
            }
            let ends = records.next().unwrap_or(&[]);
            let start = match field.checked_sub(1) {
                Some(before) => ends.get(before).map_or(0, |end| *end as usize + 1),
                None => place.start as usize,
            };
            let end = ends.get(field).map_or(0, |end| *end as usize);
            let Some(raw) = self.raw(start, end) else {
                sink.column.push_null();
                continue;
            };
            if !push(sink.column, raw) {
                sink.unreadable(row, start, end);
            }
        }
    }

    /// The field; none if it is NULL.
    #[inline(always)]
    fn raw(&self, start: usize, end: usize) -> Option<Raw<'a>> {
        let bytes = self.bytes.get(start..end)?;
        match bytes {
            [] => None,
            // A well-formed record: the last byte is the quote that closes.
            [first, content @ .., _] if *first == self.quote => Some(Raw { bytes, content, start }),
            _ if !self.nulls.is_empty() && self.nulls.iter().any(|null| null == bytes) => None,
            _ => Some(Raw { bytes, content: bytes, start }),
        }
    }

    /// Pushes the content with its pairs of quotes made one.
    #[inline(always)]
    fn push_text(&self, column: &mut Column, raw: Raw<'_>) -> bool {
        let quoted = raw.content.len() != raw.bytes.len();
        let start = raw.start + usize::from(quoted);
        let from = start.wrapping_sub(self.text_start);
        let text = match self.text.get(from..from.wrapping_add(raw.content.len())) {
            Some(text) => text,
            // Other records of the block are damaged.
            None => match simdutf8::basic::from_utf8(raw.content) {
                Ok(text) => text,
                Err(_) => return false,
            },
        };
        match quoted && memchr(self.quote, raw.content).is_some() {
            true => push_unescaped(column, text, self.quote),
            false => column.push_str(text),
        }
    }
}

fn push_unescaped(column: &mut Column, text: &str, quote: u8) -> bool {
    column.push_text(|to| {
        let mut rest = text;
        while let Some((head, tail)) = rest.split_once(char::from(quote)) {
            to.append(head);
            to.append_char(char::from(quote));
            rest = tail.get(1..).unwrap_or("");
        }
        to.append(rest)
    })
}

/// Where values and reports of one column go.
struct Sink<'a> {
    column: &'a mut Column,
    faults: &'a mut Vec<Fault>,
    index: u32,
}

impl Sink<'_> {
    #[cold]
    fn unreadable(&mut self, row: usize, start: usize, end: usize) {
        self.column.push_null();
        self.faults.push(Fault {
            record: row as u32,
            column: Some(self.index),
            path: String::new(),
            code: FaultCode::TypeMismatch,
            bytes: (start as u32, end as u32),
        });
    }
}
