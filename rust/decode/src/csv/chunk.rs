//! The records of a chunk, each with its place, its fields and what is wrong with it.
//!
//! A malformed record ends at its first line break, and reading resumes there, however far it had gone. That is linear all the same. Reading goes
//! beyond a line only when a quote is open at the line's end, that is, when the quotes from the record's start on are odd in number (each one opens a
//! field, closes it, or is half of a pair, and all else stops reading); and beyond the next line only when they still are, so that the next line has an
//! even number. Reading from a line thus stops, at the latest, at the end of the next line of odd number, and goes beyond its own line only if
//! that is odd itself: what is read ahead from one line is not read ahead from another. No byte is read more than twice.

use memchr::{memchr, memchr2};

use super::record::{Reader, Reading};
use crate::{Fault, FaultCode, Place};

/// Where the next bytes are that no text has, as far as it is known.
#[derive(Debug)]
struct Dirt {
    nul: Option<usize>,
    invalid: Option<usize>,
}

impl Dirt {
    /// The first dirt in `start..end`, NUL before all else. `start` is a boundary of UTF-8, and never less than in the call before.
    #[inline]
    fn find(&mut self, bytes: &[u8], start: usize, end: usize) -> Option<(FaultCode, usize)> {
        if self.nul.is_none_or(|at| at < start) {
            self.nul = Some(next_nul(bytes, start));
        }
        if self.invalid.is_none_or(|at| at < start) {
            self.invalid = Some(next_invalid(bytes, start));
        }
        let within = |at: &usize| *at < end;
        let nul = self.nul.filter(within).map(|at| (FaultCode::NulByte, at));
        nul.or(self.invalid.filter(within).map(|at| (FaultCode::EncodingInvalid, at)))
    }
}

#[cold]
fn next_nul(bytes: &[u8], start: usize) -> usize {
    bytes.get(start..).and_then(|rest| memchr(0, rest)).map_or(bytes.len(), |at| start + at)
}

#[cold]
fn next_invalid(bytes: &[u8], start: usize) -> usize {
    match simdutf8::compat::from_utf8(bytes.get(start..).unwrap_or(&[])) {
        Ok(_) => bytes.len(),
        Err(error) => start + error.valid_up_to(),
    }
}

/// Goes through a chunk record by record.
pub(super) struct Walk<'a> {
    pub(super) reader: Reader<'a>,
    dirt: Dirt,
    /// All before is taken.
    pub(super) at: usize,
    /// Line breaks before `at`.
    pub(super) lines: u32,
    pub(super) separators: u64,
    pub(super) blank: u64,
    pub(super) places: Vec<Place>,
    pub(super) faults: Vec<Fault>,
    /// Ends of fields of the well-formed records among the last ones, as many for each as the arity.
    pub(super) ends: Vec<u32>,
    /// Records to take at most.
    pub(super) most: usize,
    /// There are more.
    pub(super) full: bool,
    /// Bytes of the record before the chunk.
    pub(super) continued: u64,
    /// The last record, or the one before the chunk, goes on beyond it.
    pub(super) unfinished: bool,
}

impl<'a> Walk<'a> {
    /// `valid`: the chunk's first bytes that are UTF-8.
    pub(super) fn new(reader: Reader<'a>, valid: usize) -> Self {
        Self {
            reader,
            dirt: Dirt { nul: None, invalid: Some(valid) },
            at: 0,
            lines: 0,
            separators: 0,
            blank: 0,
            places: Vec::new(),
            faults: Vec::new(),
            ends: Vec::new(),
            most: usize::MAX,
            full: false,
            continued: 0,
            unfinished: false,
        }
    }

    /// Goes past the rest of a record that was over the limit, up to its line break; false if that is not in the chunk.
    pub(super) fn go_on(&mut self) -> bool {
        let (bytes, last) = (self.reader.bytes, self.reader.last);
        let found = memchr2(b'\n', b'\r', bytes);
        let end = found.unwrap_or(bytes.len());
        let width = match (bytes.get(end), bytes.get(end + 1)) {
            (None, _) => 0,
            (Some(b'\r'), Some(b'\n')) => 2,
            // A line feed may follow.
            (Some(b'\r'), None) if !last => 0,
            _ => 1,
        };
        self.unfinished = width == 0 && !last;
        self.continued = end as u64;
        self.separators = width as u64;
        self.lines = u32::from(width > 0);
        self.at = end + width;
        self.reader.cursor.seek(self.at);
        !self.unfinished
    }

    /// Takes the next record or blank line; false when none is left that is whole.
    #[inline]
    pub(super) fn step(&mut self) -> bool {
        let (start, known) = (self.at, self.ends.len());
        if start >= self.reader.bytes.len() {
            return false;
        }
        if self.places.len() >= self.most {
            self.full = true;
            return false;
        }
        match self.reader.read(start, &mut self.ends) {
            Reading::Whole { end, width, .. } if end == start && self.reader.arity != 1 => {
                self.ends.truncate(known);
                self.blank += width as u64;
                self.at = end + width;
                self.lines += 1;
                true
            }
            Reading::Whole { end, width, fields } => {
                let fault = match self.dirt.find(self.reader.bytes, start, end) {
                    Some(fault) => Some(fault),
                    None if fields == self.reader.arity => None,
                    None => Some(self.miscounted(fields, end)),
                };
                match fault {
                    None => self.take(start, end, width, self.reader.inner_lines),
                    Some((code, at)) => {
                        self.ends.truncate(known);
                        self.malformed(start, code, at, Some((end, width)))
                    }
                }
            }
            Reading::Broken { code, at } => {
                self.ends.truncate(known);
                self.malformed(start, code, at, None)
            }
            Reading::Open => {
                self.ends.truncate(known);
                false
            }
        }
    }

    fn miscounted(&self, fields: usize, end: usize) -> (FaultCode, usize) {
        if fields < self.reader.arity {
            return (FaultCode::CsvFieldsMissing, end);
        }
        // The delimiter after the last field that there may be.
        let at = self.ends.last().filter(|_| self.reader.arity > 0).map_or(self.at, |end| *end as usize);
        (FaultCode::CsvFieldsExtra, at)
    }

    #[inline]
    fn take(&mut self, start: usize, end: usize, width: usize, inner_lines: u32) -> bool {
        self.places.push(Place { start: start as u32, end: end as u32, line: self.lines });
        self.separators += width as u64;
        self.lines += inner_lines + u32::from(width > 0);
        self.at = end + width;
        true
    }

    /// Takes a malformed record, up to its first line break or as far as the chunk has it; false if more bytes are needed to find that. `whole`: its end and line break if
    /// it has the structure of a record.
    #[cold]
    fn malformed(&mut self, start: usize, code: FaultCode, at: usize, whole: Option<(usize, usize)>) -> bool {
        let Some((end, width)) = self.first_break(start, at, whole) else {
            return false;
        };
        let (mut code, mut at) = (code, at);
        // What is broken because it is no text at all is called that. Over the limit, the rest of the line may be in another chunk: only what is known
        // from the first bytes counts.
        if whole.is_none()
            && end - start <= self.reader.record_bytes
            && let Some(dirt) = self.dirt.find(self.reader.bytes, start, end)
        {
            (code, at) = dirt;
        }
        let record = self.places.len() as u32;
        let limit = start.saturating_add(self.reader.record_bytes);
        let bytes = (at.min(end) as u32, end.min(limit.max(at)) as u32);
        self.unfinished = width == 0 && !self.reader.last;
        self.faults.push(Fault { record, column: None, path: String::new(), code, bytes });
        self.take(start, end, width, 0);
        self.reader.cursor.seek(self.at);
        true
    }

    /// The first line break of a record, and its width. Without one, the record takes all the rest if the source ends there or if it is too long.
    fn first_break(&mut self, start: usize, at: usize, whole: Option<(usize, usize)>) -> Option<(usize, usize)> {
        let bytes = self.reader.bytes;
        let found = match (self.reader.inner_break, whole) {
            (Some(at), _) => Some(at),
            (None, Some(whole)) => return Some(whole),
            (None, None) => {
                let rest = bytes.get(at..).unwrap_or(&[]);
                memchr2(b'\n', b'\r', rest).map(|offset| at + offset)
            }
        };
        let Some(end) = found else {
            let taken = self.reader.last || bytes.len() - start > self.reader.record_bytes;
            return taken.then_some((bytes.len(), 0));
        };
        let width = match bytes.get(end) {
            Some(b'\r') => self.reader.return_width(end)?,
            _ => 1,
        };
        Some((end, width))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::csv::Dialect;
    use proptest::prelude::*;

    /// Bytes marked while reading, for each byte there is.
    fn cost(bytes: &[u8]) -> f64 {
        let reader = Dialect::default().reader(bytes, true, usize::MAX, 2);
        let mut walk = Walk::new(reader, bytes.len());
        while walk.step() {}
        assert_eq!(walk.at, bytes.len());
        walk.reader.cursor.marked as f64 / bytes.len() as f64
    }

    #[test]
    fn quotes_left_open_cost_no_more_than_a_few_times_the_bytes() {
        let mut worst: Vec<Vec<u8>> = ["\"a\n", "a,\"b\n", "\"\"\"\n", "\"\n\"\"\n", "a\"\n", "\"a\",\"\n", "\"a\"b\n"]
            .iter()
            .map(|line| line.repeat(60_000).into_bytes())
            .collect();
        // Open for long, again and again.
        for lines in [1, 10, 1000, 30_000] {
            worst.push(format!("x,\"\n{}", "a,\"\"\n".repeat(lines)).repeat(60_000 / lines).into_bytes());
            worst.push(format!("x,\"\n{}", "a\",\"b\n".repeat(lines)).repeat(60_000 / lines).into_bytes());
        }
        for bytes in worst {
            let cost = cost(&bytes);
            assert!(cost < 5.0, "{cost} for {:?}", String::from_utf8_lossy(&bytes[..40]));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_lines_in_any_order_cost_so_little(
            kinds in proptest::collection::vec(proptest::collection::vec(prop::sample::select(&b"\",a\n"[..]), 1..8), 1..6),
            order in proptest::collection::vec(any::<prop::sample::Index>(), 1..50),
        ) {
            let block: Vec<u8> = order.iter().flat_map(|index| kinds[index.index(kinds.len())].clone()).collect();
            let bytes = block.repeat(200_000 / block.len());
            prop_assert!(cost(&bytes) < 5.0);
        }
    }
}
