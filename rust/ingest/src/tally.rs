//! Where the bytes of records go, and the quarantine lines of text sources.

use crate::chunk::Read;
use crate::error::IngestError;
use crate::judge::{Deciding, Late, Reasons, Status};
use crate::quarantine::{Head, Quarantine, Reason, Tail};
use guard_decode::Place;
use guard_engine::plan::Plan;
use guard_verdict::Bytes;

/// The account of all sources, and where records go that are not accepted.
#[derive(Default)]
pub struct Tally {
    /// The account.
    pub bytes: Bytes,
    /// Records that were not accepted.
    pub quarantined: u64,
    /// The file, where one is written.
    pub quarantine: Option<Quarantine>,
    /// The last record, which goes on in the next chunk.
    open: Option<Open>,
}

struct Open {
    status: Status,
    line: Option<Line>,
}

/// A quarantine line that waits for the record's length.
struct Line {
    source: String,
    header: Option<String>,
    record: u64,
    line: u64,
    bytes: [u64; 2],
    word: &'static str,
    /// Code, clause and path of each.
    reasons: Vec<(Option<String>, String, String)>,
    raw: Vec<u8>,
}

/// A record that is not accepted.
struct Record<'r> {
    row: usize,
    word: &'static str,
    place: &'r Place,
    /// With what was dropped of it.
    length: u64,
    /// It goes on in the next chunk.
    unfinished: bool,
    /// Its line from the status on, if that was rendered.
    tail: Option<&'r [u8]>,
}

/// A chunk with what became of its records.
pub struct Judged<'j> {
    /// The plan.
    pub plan: &'j Plan,
    /// Its deciding clauses.
    pub deciding: &'j Deciding,
    /// What keys reject.
    pub late: &'j Late,
    /// Number of the chunk's first record among those of all sources.
    pub first: usize,
    /// The same in its source.
    pub record: u64,
    /// Number of the chunk's first line.
    pub line: u64,
    /// The source as it was given.
    pub name: &'j str,
    /// Its CSV header, or that of the only record, where that is not the first source's.
    pub header: Option<&'j str>,
    /// Greatest length of a record.
    pub limit: usize,
    /// The chunk.
    pub read: &'j Read,
    /// Its records that are not accepted, ascending.
    pub refused: &'j [(usize, Status)],
}

impl Status {
    /// In a quarantine file; none of accepted records.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Accepted => None,
            Self::Rejected => Some("rejected"),
            Self::Unknown => Some("unknown"),
        }
    }
}

impl Tally {
    /// Writes to this quarantine file.
    pub fn new(quarantine: Option<Quarantine>) -> Self {
        Self { quarantine, ..Self::default() }
    }

    /// Takes a chunk of a text source.
    pub fn take(&mut self, chunk: &Judged<'_>) -> Result<(), IngestError> {
        let read = chunk.read;
        self.go_on(read.continued);
        if !(read.places.is_empty() && read.unfinished) {
            self.close()?;
        }
        self.bytes.separators += read.separators;
        self.bytes.blank += read.blank;
        self.bytes.total += read.consumed as u64 + read.block.skipped;
        let Some(last) = read.places.len().checked_sub(1) else { return Ok(()) };
        let mut accepted: u64 = read.places.iter().map(|place| u64::from(place.end - place.start)).sum();
        let (mut reasons, mut tails) = (None, read.tails.iter().peekable());
        let mut open = Open { status: Status::Accepted, line: None };
        for (row, status) in chunk.refused {
            let (Some(word), Some(place)) = (status.word(), read.places.get(*row)) else { continue };
            let length = u64::from(place.end - place.start);
            accepted -= length;
            self.count(*status, length);
            let mut tail = None;
            while let Some((of, found)) = tails.next_if(|(of, _)| of <= row) {
                tail = (of == *row).then_some(found);
            }
            let is_last = *row == last;
            let length = length + if is_last { read.block.skipped } else { 0 };
            let refused = Record { row: *row, word, place, length, unfinished: is_last && read.unfinished, tail };
            let line = self.line(chunk, &mut reasons, &refused)?;
            if is_last {
                open = Open { status: *status, line };
            }
        }
        self.count(Status::Accepted, accepted);
        self.count(open.status, read.block.skipped);
        if read.unfinished {
            self.open = Some(open);
        }
        Ok(())
    }

    /// Ends a source.
    pub fn close(&mut self) -> Result<(), IngestError> {
        let Some(open) = self.open.take().and_then(|open| open.line) else { return Ok(()) };
        let Some(quarantine) = &mut self.quarantine else { return Ok(()) };
        let reasons = open.reasons.iter();
        let reasons: Vec<Reason<'_>> =
            reasons.map(|(code, clause, path)| Reason { code: code.as_deref(), clause, path }).collect();
        let length = open.bytes[1].saturating_sub(open.bytes[0]);
        let (header, line, bytes) = (open.header.as_deref(), Some(open.line), Some(open.bytes));
        let head = Head { source: &open.source, header, record: open.record, line, bytes };
        // The record is longer than what is kept of it, and than any limit.
        quarantine.add(&head, &Tail::of_bytes(open.word, &reasons, &open.raw, length, open.raw.len()))
    }

    /// All but the total was counted in UTF-8, of which so many bytes were added.
    pub fn convert(&mut self, added: i64) {
        self.bytes.total = self.bytes.total.saturating_add_signed(added.saturating_neg());
        self.bytes.converted += added;
    }

    fn count(&mut self, status: Status, length: u64) {
        match status {
            Status::Accepted => self.bytes.accepted += length,
            Status::Rejected => self.bytes.rejected += length,
            Status::Unknown => self.bytes.unknown += length,
        }
    }

    fn go_on(&mut self, length: u64) {
        let Some(open) = &mut self.open else { return };
        let status = open.status;
        if let Some(line) = &mut open.line {
            line.bytes[1] += length;
        }
        self.count(status, length);
    }

    /// Writes a record's line, or hands it back where the record goes on.
    fn line<'j>(
        &mut self,
        chunk: &Judged<'j>,
        reasons: &mut Option<Reasons<'j>>,
        refused: &Record<'_>,
    ) -> Result<Option<Line>, IngestError> {
        self.quarantined += 1;
        let Some(quarantine) = &mut self.quarantine else { return Ok(None) };
        let Record { row, word, place, length, unfinished, tail } = *refused;
        let Read { block, chunk: judged, damage, .. } = chunk.read;
        let start = block.offset + u64::from(place.start);
        let (record, line) = (chunk.record + row as u64, chunk.line + u64::from(place.line));
        let bytes = [start, start + length];
        let (source, header) = (chunk.name, chunk.header);
        let head = Head { source, header, record, line: Some(line), bytes: Some(bytes) };
        // Keys and bytes of other blocks are not known where tails are rendered.
        let is_final = !unfinished && length == u64::from(place.end - place.start);
        let is_rendered = || is_final && !chunk.deciding.is_late(chunk.late, chunk.first + row);
        if let Some(tail) = tail.filter(|_| is_rendered()) {
            quarantine.add_rendered(&head, tail)?;
            return Ok(None);
        }
        let reasons =
            reasons.get_or_insert_with(|| chunk.deciding.reasons(chunk.plan, judged, damage, chunk.late, chunk.first));
        let reasons = reasons.of(row);
        let raw = block.bytes.get(place.start as usize..place.end as usize).unwrap_or_default();
        if unfinished {
            let raw = crate::quarantine::kept(raw, chunk.limit).to_vec();
            let owned = |reason: &Reason<'_>| {
                (reason.code.map(str::to_owned), reason.clause.to_owned(), reason.path.to_owned())
            };
            let reasons = reasons.iter().map(owned).collect();
            let (source, header) = (chunk.name.to_owned(), chunk.header.map(str::to_owned));
            return Ok(Some(Line { source, header, record, line, bytes, word, reasons, raw }));
        }
        quarantine.add(&head, &Tail::of_bytes(word, &reasons, raw, length, chunk.limit))?;
        Ok(None)
    }
}
