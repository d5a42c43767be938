//! A record to a row: each value goes straight into its column.

use super::order::{Half, Order};
use super::plan::{Guess, Node, Plan, Step};
use super::reader::{Piece, Read, Reader, Stop};
use super::usual;
use crate::column::{Column, Values};
use crate::{FaultCode, lexical};

/// A value that its column does not take.
#[derive(Debug)]
pub(super) struct Mismatch {
    pub(super) column: usize,
    /// Steps from the column to the value.
    pub(super) steps: Box<[Step]>,
    pub(super) bytes: (usize, usize),
}

/// A member that is not declared.
#[derive(Debug)]
pub(super) struct Extra {
    /// The name, unless it is the range's.
    pub(super) unescaped: Option<String>,
    /// The name as it stands, between its quotes.
    pub(super) name: (usize, usize),
    /// From the name's quote to the value's end.
    pub(super) bytes: (usize, usize),
    /// The column and the steps to the object that has it; none if it is the record.
    pub(super) inside: Option<(usize, Box<[Step]>)>,
}

/// What is met in a record beside values.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) mismatches: Vec<Mismatch>,
    pub(super) extras: Vec<Extra>,
    /// Values of the record's lists.
    pub(super) values: usize,
    /// Members that the record has a column for.
    pub(super) met: usize,
    /// A space stands behind a comma between two of them.
    pub(super) spaced: bool,
    column: usize,
    steps: Vec<Step>,
}

impl Notes {
    #[inline(always)]
    pub(super) fn clear(&mut self) {
        self.values = 0;
        self.spaced = false;
        // Almost always there is nothing to drop.
        if !(self.mismatches.is_empty() && self.extras.is_empty() && self.steps.is_empty()) {
            self.mismatches.clear();
            self.extras.clear();
            self.steps.clear();
        }
    }
}

/// Values of the lists of one record, at most. Elements of a few bytes could otherwise ask for any number of columns each.
const RECORD_VALUES: usize = 1 << 24;

/// Reads one record.
pub(super) struct Typed<'r, 'a> {
    pub(super) reader: &'r mut Reader<'a>,
    pub(super) notes: &'r mut Notes,
}

impl<'a> Typed<'_, 'a> {
    /// The whole text as one record into row `row` of the columns, half of which an attempt may have read. Where it stops, the row is half filled.
    pub(super) fn record(
        &mut self,
        plan: &mut Plan,
        columns: &mut [Column],
        row: usize,
        half: Option<(Half, &Order)>,
    ) -> Read<()> {
        let read = match half {
            None => self.value_of_record(plan, columns, row),
            Some((half, order)) => self.other_half(plan, columns, row, half, order),
        };
        if !matches!(read, Ok(()) | Err(Stop { code: FaultCode::JsonNotObject, .. })) {
            return read;
        }
        self.reader.next();
        if self.reader.at < self.reader.text.len() { self.reader.syntax() } else { read }
    }

    /// The value that the text starts with as a record; what follows is not looked at.
    pub(super) fn value_of_record(&mut self, plan: &mut Plan, columns: &mut [Column], row: usize) -> Read<()> {
        if self.reader.next() == b'{' {
            return self.object(plan, columns, row, true);
        }
        let at = self.reader.at;
        self.reader.skip()?;
        Err(Stop { code: FaultCode::JsonNotObject, at })
    }

    /// The members of an object into row `row` of their columns; those that are not there become NULL.
    fn object(&mut self, plan: &mut Plan, columns: &mut [Column], row: usize, top: bool) -> Read<()> {
        self.reader.open()?;
        let mark = self.reader.names.mark();
        let mut found = (0, None);
        if self.reader.next() != b'}' {
            if self.reader.peek() != b'"' {
                return self.reader.syntax();
            }
            let start = (0, plan.start(), self.reader.rest());
            found = self.members(plan, columns, row, top, start)?;
        }
        self.end_of_object(columns, row, top, mark, found)
    }

    /// The record from behind the members on that an attempt has read.
    #[inline(never)]
    fn other_half(
        &mut self,
        plan: &mut Plan,
        columns: &mut [Column],
        row: usize,
        half: Half,
        order: &Order,
    ) -> Read<()> {
        self.reader.open()?;
        self.reader.at = half.length;
        let mut guess = plan.start();
        let (members, spaced) = order.read_of(half);
        members.for_each(|member| plan.came(&mut guess, member));
        (self.notes.spaced, self.notes.values) = (spaced, half.values);
        let mark = self.reader.names.mark();
        let found = match self.next_name(self.reader.rest(), true)? {
            Some(name) => self.members(plan, columns, row, true, (half.members, guess, name))?,
            None => (half.members, None),
        };
        self.end_of_object(columns, row, true, mark, found)
    }

    /// At the closing brace: what [`Self::members`] found becomes NULLs, or a fault.
    #[inline(always)]
    fn end_of_object(
        &mut self,
        columns: &mut [Column],
        row: usize,
        top: bool,
        mark: usize,
        (met, twice): (usize, Option<usize>),
    ) -> Read<()> {
        if twice.is_some() || self.reader.names.mark() > mark {
            self.reader.close_names(mark, twice)?;
        }
        self.reader.close();
        if top {
            self.notes.met = met;
        }
        if met < columns.len() {
            columns.iter_mut().filter(|column| column.len() <= row).for_each(Column::push_null);
        }
        Ok(())
    }

    /// From the quote of a name to the closing brace: how many columns got a value, and where the first name stands whose column had one. Before the name
    /// came so many members, and the guess.
    #[inline(always)]
    fn members(
        &mut self,
        plan: &mut Plan,
        columns: &mut [Column],
        row: usize,
        top: bool,
        (mut met, mut guess, mut rest): (usize, Guess, &'a [u8]),
    ) -> Read<(usize, Option<usize>)> {
        let mut twice = None;
        loop {
            if let Some((value, node, next)) = plan.expected(guess, rest)
                && let Some(column) = columns.get_mut(guess.member)
                && column.len() <= row
            {
                met += 1;
                rest = match usual::push(value, column) {
                    Some(rest) => rest,
                    None => {
                        self.reader.go_to(value);
                        self.member(node, column, guess.member, top)?;
                        self.reader.rest()
                    }
                };
                guess = next;
            } else {
                self.reader.go_to(rest);
                met += usize::from(self.other_member(plan, &mut guess, columns, row, top, &mut twice)?);
                rest = self.reader.rest();
            }
            rest = match self.next_name(rest, top)? {
                Some(name) => name,
                None => return Ok((met, twice)),
            };
        }
    }

    /// After a member: the quote of the next name, or none at the closing brace, which the reader is at then.
    #[inline(always)]
    fn next_name(&mut self, rest: &'a [u8], top: bool) -> Read<Option<&'a [u8]>> {
        match rest {
            [b',', name @ ..] if name.first() == Some(&b'"') => Ok(Some(name)),
            [b',', b' ', name @ ..] if name.first() == Some(&b'"') => {
                self.notes.spaced |= top;
                Ok(Some(name))
            }
            _ => {
                self.reader.go_to(rest);
                Ok(if self.reader.is_last_member()? { None } else { Some(self.reader.rest()) })
            }
        }
    }

    /// A member that is not the expected one, or not as it is usually written: did its column get a value?
    #[inline(never)]
    fn other_member(
        &mut self,
        plan: &mut Plan,
        guess: &mut Guess,
        columns: &mut [Column],
        row: usize,
        top: bool,
        twice: &mut Option<usize>,
    ) -> Read<bool> {
        let at = self.reader.at;
        let name = self.reader.string()?;
        let Some(member) = plan.find(self.reader.text_of(name)) else {
            self.extra(at, name, top)?;
            return Ok(false);
        };
        plan.came(guess, member);
        self.reader.colon()?;
        let column = columns.get_mut(member).filter(|column| column.len() <= row);
        let Some((column, node)) = column.zip(plan.node(member)) else {
            twice.get_or_insert(at);
            self.reader.skip()?;
            return Ok(false);
        };
        self.member(node, column, member, top)?;
        Ok(true)
    }

    #[inline(never)]
    fn member(&mut self, node: &mut Node, column: &mut Column, member: usize, top: bool) -> Read<()> {
        if top {
            self.notes.column = member;
            return self.value(node, column);
        }
        self.notes.steps.push(Step::Member(member));
        self.value(node, column)?;
        self.notes.steps.pop();
        Ok(())
    }

    /// An undeclared member; the reader is past its name.
    #[inline(never)]
    fn extra(&mut self, at: usize, name: Piece, top: bool) -> Read<()> {
        let after = self.reader.at;
        self.reader.names.push(at, name, &self.reader.scratch);
        let unescaped = match name {
            Piece::Plain(..) => None,
            Piece::Scratch => Some(self.reader.scratch.clone()),
        };
        self.reader.colon()?;
        self.reader.skip()?;
        let inside = (!top).then(|| (self.notes.column, self.notes.steps.as_slice().into()));
        self.notes.extras.push(Extra { unescaped, name: (at + 1, after - 1), bytes: (at, self.reader.at), inside });
        Ok(())
    }

    /// A value into its column.
    fn value(&mut self, node: &mut Node, column: &mut Column) -> Read<()> {
        let first = self.reader.next();
        let start = self.reader.at;
        let took = match first {
            b'"' => self.string(column)?,
            b'-' | b'0'..=b'9' => self.number(column)?,
            b'n' => {
                self.reader.literal("null")?;
                column.push_null();
                true
            }
            b't' => {
                self.reader.literal("true")?;
                column.push_bool(true) || self.raw(column, start)
            }
            b'f' => {
                self.reader.literal("false")?;
                column.push_bool(false) || self.raw(column, start)
            }
            b'{' | b'[' => self.nested(first, node, column)?,
            _ => return self.reader.syntax(),
        };
        if !took {
            self.mismatch(column, start);
        }
        Ok(())
    }

    #[cold]
    fn mismatch(&mut self, column: &mut Column, start: usize) {
        column.push_null();
        self.notes.mismatches.push(Mismatch {
            column: self.notes.column,
            steps: self.notes.steps.as_slice().into(),
            bytes: (start, self.reader.at),
        });
    }

    /// The value's bytes, if the column takes any value.
    fn raw(&self, column: &mut Column, start: usize) -> bool {
        let bytes = self.reader.text.get(start..self.reader.at).unwrap_or_default();
        let takes = match column.values() {
            Values::JsonText(_) => true,
            Values::JsonObject(_) => bytes.starts_with('{'),
            _ => false,
        };
        takes && column.push_str(bytes)
    }

    #[inline(always)]
    fn string(&mut self, column: &mut Column) -> Read<bool> {
        let piece = self.reader.string()?;
        let text = self.reader.text_of(piece);
        Ok(match column.values() {
            Values::Text(_) | Values::JsonText(_) => column.push_str(text),
            Values::Timestamp { zone, .. } => {
                let zoned = zone.is_some();
                lexical::timestamp(text.as_bytes(), zoned).is_some_and(|micros| column.push_micros(micros))
            }
            Values::Date(_) => lexical::date(text.as_bytes()).is_some_and(|days| column.push_date(days)),
            Values::Time(_) => lexical::time(text.as_bytes()).is_some_and(|micros| column.push_micros(micros)),
            _ => false,
        })
    }

    #[inline(always)]
    fn number(&mut self, column: &mut Column) -> Read<bool> {
        let start = self.reader.at;
        let number = self.reader.number()?;
        let text = self.reader.text.get(start..self.reader.at).unwrap_or_default();
        Ok(match column.values() {
            Values::Int64(_) | Values::Integer { .. } => {
                number.integer(text).is_some_and(|value| column.push_integer(value))
            }
            Values::Float64(_) => number.double(text).is_some_and(|value| column.push_f64(value)),
            Values::Float32(_) => number.single(text).is_some_and(|value| column.push_f32(value)),
            Values::Decimal { precision, scale, .. } => {
                number.decimal(text, *precision, *scale).is_some_and(|digits| column.push_decimal(digits))
            }
            Values::JsonText(_) => column.push_str(text),
            _ => false,
        })
    }

    /// An array or an object.
    fn nested(&mut self, first: u8, node: &mut Node, column: &mut Column) -> Read<bool> {
        let start = self.reader.at;
        match (first, node) {
            (b'[', Node::List { item, width }) => self.list(item, *width, column),
            (b'{', Node::Object(plan)) => {
                let row = column.len();
                if let Some(members) = column.members() {
                    self.object(plan, members, row, false)?;
                }
                Ok(column.close_struct())
            }
            _ => {
                self.reader.skip()?;
                Ok(self.raw(column, start))
            }
        }
    }

    fn list(&mut self, item: &mut Node, width: usize, column: &mut Column) -> Read<bool> {
        self.reader.open()?;
        if self.reader.next() != b']'
            && let Some(elements) = column.elements()
        {
            self.elements(item, width, elements)?;
        }
        self.reader.close();
        Ok(column.close_list())
    }

    /// From a list's first element to its closing bracket.
    #[inline(always)]
    fn elements(&mut self, item: &mut Node, width: usize, column: &mut Column) -> Read<()> {
        let mut rest = self.reader.rest();
        let mut index = 0;
        loop {
            self.notes.values += width;
            if self.notes.values > RECORD_VALUES {
                self.reader.go_to(rest);
                return self.reader.stop(FaultCode::RecordTooLarge);
            }
            let value = match rest {
                [b' ', value @ ..] => value,
                _ => rest,
            };
            rest = match usual::push(value, column) {
                Some(rest) => rest,
                None => {
                    self.reader.go_to(rest);
                    self.notes.steps.push(Step::Element(index));
                    self.value(item, column)?;
                    self.notes.steps.pop();
                    self.reader.rest()
                }
            };
            index += 1;
            if let [b',', next @ ..] = rest {
                rest = next;
                continue;
            }
            self.reader.go_to(rest);
            if self.reader.is_last(b']')? {
                return Ok(());
            }
            rest = self.reader.rest();
        }
    }
}
