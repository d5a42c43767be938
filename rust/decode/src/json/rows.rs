//! The rows of a chunk under construction: columns, places, faults.

use super::order::{Half, Order};
use super::plan::Plan;
use super::reader::{Read, Reader, Stop};
use super::record::{Extra, Notes, Typed};
use crate::column::{Columns, most_values};
use crate::{Decoded, Fault, FaultCode, Layout, Place, UNDECLARED, Undeclared};
use arrow_schema::SchemaRef;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is kept from chunk to chunk: the layout, and guesses at the order of members.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) layout: Arc<Layout>,
    schema: SchemaRef,
    plan: Plan,
    order: Order,
    /// The column of undeclared members, if the layout has one.
    keep: Option<usize>,
    notes: Notes,
    /// Values of a row, those inside of structs too.
    width: usize,
}

/// Beyond this depth the stack would be at risk.
const DEEPEST: usize = 512;
/// Rows that memory is set aside for at once, at most.
const ROWS: usize = 1 << 16;

impl Shape {
    pub(super) fn new(layout: Arc<Layout>) -> Self {
        let fields = layout.schema.fields();
        let last =
            fields.last().filter(|field| layout.undeclared == Undeclared::Keep && field.name().starts_with(UNDECLARED));
        let keep = last.map(|_| fields.len() - 1);
        let plan = Plan::new(fields.iter().take(keep.unwrap_or(fields.len())).map(AsRef::as_ref));
        let schema = Columns::schema(&layout.schema);
        let width = Columns::width(&schema);
        Self { layout, schema, plan, order: Order::default(), keep, notes: Notes::default(), width }
    }
}

/// Rows of one chunk.
pub(super) struct Rows<'s> {
    pub(super) shape: &'s mut Shape,
    columns: Columns,
    pub(super) places: Vec<Place>,
    faults: Vec<Fault>,
    undeclared: BTreeSet<String>,
    /// Undeclared names in the order in which the last record had them, all of them noted.
    usual: Vec<String>,
    /// The record at hand as far as an attempt has read it.
    half: Option<Half>,
    /// Values so far, and how many there may be before another row.
    values: usize,
    most: usize,
}

/// How much of a text is asked to be a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// A value at its start.
    Prefix,
}

impl<'s> Rows<'s> {
    /// About so many rows from so many bytes.
    pub(super) fn new(shape: &'s mut Shape, rows: usize, bytes: usize) -> Self {
        let most = most_values(bytes);
        let rows = rows.min(ROWS).min(most / shape.width + 1);
        let columns = Columns::new(&shape.schema, rows);
        let (places, faults, undeclared, usual) = (Vec::with_capacity(rows), Vec::new(), BTreeSet::new(), Vec::new());
        Self { shape, columns, places, faults, undeclared, usual, half: None, values: 0, most }
    }

    /// Are there as many values as a batch may have?
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.values >= self.most
    }

    /// Reads the line that `ahead`, which is UTF-8, starts with into the next row, if it is like one before: its length, and that of its line break.
    #[inline(always)]
    pub(super) fn read_usual(&mut self, ahead: &[u8], limit: usize) -> Option<(usize, usize)> {
        let Shape { order, .. } = &mut *self.shape;
        if !order.attempts() {
            return None;
        }
        let columns = self.columns.as_mut_slice();
        let mut half = Half::default();
        if let Some(rest) = order.record(ahead, columns, &mut half) {
            let length = ahead.len() - rest.len();
            let line_break = match rest {
                [b'\n', ..] => 1,
                [b'\r', b'\n', ..] => 2,
                _ => 0,
            };
            if line_break > 0 && length <= limit {
                order.hit();
                self.values += half.values;
                return Some((length, line_break));
            }
        }
        self.missed(half, ahead.len());
        None
    }

    /// The attempt was not good; [`Self::read`] goes on where it ended, if the record is read at all.
    #[cold]
    fn missed(&mut self, mut half: Half, ahead: usize) {
        let order = &mut self.shape.order;
        order.missed();
        order.take_back(&mut half, ahead, self.columns.as_mut_slice(), self.places.len());
        self.half = Some(half).filter(|half| half.members > 0);
    }

    /// Reads `text`, which starts at `base` in the chunk and `ahead` starts with, into the next row; the row is not there yet when that stops.
    pub(super) fn read<'a>(
        &mut self,
        reader: &mut Reader<'a>,
        text: &'a str,
        ahead: &'a str,
        base: usize,
        extent: Extent,
    ) -> Read<usize> {
        let row = self.places.len();
        let half = self.half.take();
        let Shape { plan, order, keep, notes, layout, .. } = &mut *self.shape;
        notes.clear();
        order.settle(self.columns.as_mut_slice());
        reader.restart_ahead(text, ahead, layout.limits.depth.min(DEEPEST));
        let columns = self.columns.as_mut_slice();
        let members = columns.get_mut(..keep.unwrap_or(columns.len())).unwrap_or_default();
        let mut typed = Typed { reader, notes };
        match extent {
            Extent::Whole => typed.record(plan, members, row, half.map(|half| (half, &*order)))?,
            Extent::Prefix => typed.value_of_record(plan, members, row)?,
        }
        self.values += self.shape.notes.values;
        self.note(text, base);
        if extent == Extent::Whole {
            let Shape { order, plan, notes, .. } = &mut *self.shape;
            order.learn(plan, notes, text, self.columns.as_mut_slice().len());
        }
        Ok(reader.at)
    }

    /// The row is read: what was noted becomes faults, names and the column of undeclared members.
    #[inline]
    fn note(&mut self, text: &str, base: usize) {
        if let Some(keep) = self.shape.keep {
            self.keep(keep, text);
        }
        let notes = &self.shape.notes;
        if !(notes.mismatches.is_empty() && notes.extras.is_empty()) {
            self.report(text, base);
        }
    }

    fn keep(&mut self, keep: usize, text: &str) {
        let extras = &self.shape.notes.extras;
        let Some(column) = self.columns.as_mut_slice().get_mut(keep) else { return };
        let mut members = extras.iter().filter(|extra| extra.inside.is_none()).peekable();
        if members.peek().is_none() {
            return column.push_null();
        }
        let took = column.push_text(|all| {
            let mut before = "{";
            for member in members {
                all.append(before);
                all.append(text.get(member.bytes.0..member.bytes.1).unwrap_or_default());
                before = ",";
            }
            all.append("}")
        });
        if !took {
            column.push_null();
        }
    }

    #[cold]
    fn report(&mut self, text: &str, base: usize) {
        let record = index(self.places.len());
        let Shape { notes, plan, layout, .. } = &mut *self.shape;
        notes.mismatches.sort_by_key(|mismatch| mismatch.column);
        self.faults.extend(notes.mismatches.iter().map(|mismatch| {
            let mut path = String::new();
            if !mismatch.steps.is_empty() {
                plan.render(mismatch.column, &mismatch.steps, &mut path);
            }
            let bytes = (index(base + mismatch.bytes.0), index(base + mismatch.bytes.1));
            Fault { record, column: Some(index(mismatch.column)), path, code: FaultCode::TypeMismatch, bytes }
        }));
        if let Some(first) = notes.extras.first()
            && layout.undeclared == Undeclared::Refuse
        {
            let bytes = (index(base + first.bytes.0), index(base + first.bytes.1));
            let path = path_of(plan, first, text);
            self.faults.push(Fault { record, column: None, path, code: FaultCode::Undeclared, bytes });
        }
        for (place, extra) in notes.extras.iter().enumerate() {
            let plain = extra.inside.is_none() && extra.unescaped.is_none();
            let name = text.get(extra.name.0..extra.name.1).unwrap_or_default();
            if plain && self.usual.get(place).is_some_and(|usual| usual == name) {
                continue;
            }
            let path = path_of(plan, extra, text);
            match self.usual.get_mut(place) {
                Some(usual) if plain => usual.clone_from(&path),
                None if plain => self.usual.push(path.clone()),
                _ => {}
            }
            self.undeclared.insert(path);
        }
    }

    /// The row that was read lies here.
    #[inline]
    pub(super) fn place(&mut self, start: usize, end: usize, line: u32) {
        self.values += self.shape.width;
        self.places.push(Place { start: index(start), end: index(end), line });
    }

    /// The next row has no reading; it lies here, and reading stopped at `stop` in the chunk.
    #[cold]
    pub(super) fn damaged(&mut self, start: usize, end: usize, line: u32, stop: Stop) {
        let row = self.places.len();
        self.half = None;
        self.shape.order.excuse();
        self.shape.order.settle(self.columns.as_mut_slice());
        self.columns.nullify(row);
        while self.faults.pop_if(|fault| fault.record == index(row)).is_some() {}
        let bytes = (index(stop.at), index((stop.at + 1).min(end).max(stop.at)));
        self.faults.push(Fault { record: index(row), column: None, path: String::new(), code: stop.code, bytes });
        self.place(start, end, line);
    }

    pub(super) fn finish(mut self, consumed: usize, separators: usize, blank: usize, lines: u32) -> Decoded {
        self.shape.order.settle(self.columns.as_mut_slice());
        Decoded {
            batch: self.columns.finish(self.places.len()),
            places: self.places,
            faults: self.faults,
            consumed,
            separators: separators as u64,
            blank: blank as u64,
            lines,
            undeclared: self.undeclared,
            continued: 0,
            unfinished: false,
            full: false,
        }
    }
}

/// The path of an undeclared member.
fn path_of(plan: &Plan, extra: &Extra, text: &str) -> String {
    let mut path = String::new();
    if let Some((column, steps)) = &extra.inside {
        plan.render(*column, steps, &mut path);
        path.push('.');
    }
    match &extra.unescaped {
        Some(name) => path.push_str(name),
        None => path.push_str(text.get(extra.name.0..extra.name.1).unwrap_or_default()),
    }
    path
}

/// A position in a chunk, which is shorter than 2^31 bytes.
#[inline(always)]
pub(super) fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The part of a chunk that is decoded at once.
pub(super) fn within(chunk: &[u8]) -> &[u8] {
    chunk.get(..i32::MAX as usize).unwrap_or(chunk)
}
