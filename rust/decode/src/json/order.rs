//! Records that are written like one before: the same members in the same order, with the same spaces, their values in their usual form.
//!
//! Most are, and then what stands between two values is one comparison, and where the line ends shows by itself. Any other record is left, from the
//! first member on that is not so, to the reader of `record`, which reads all of them to the same row.

use super::plan::{Block, Plan};
use super::record::Notes;
use super::usual;
use crate::column::Column;

/// The most records that are left to the reader before the next attempt.
const PAUSE: u32 = 31;

/// How the members of a record were written.
#[derive(Debug, Default)]
pub(super) struct Order {
    members: Vec<Usual>,
    /// The other columns, and how many of the last rows have not got their NULLs yet.
    absent: Vec<usize>,
    owed: usize,
    spaces: Spaces,
    /// It is as the record before was written, as far as that can be.
    settled: bool,
    /// Records to be left to the reader, and how many will be the next time: data that are never usual cost few attempts, damage here and there none.
    pause: u32,
    paused: u32,
}

/// Where a space stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Spaces {
    after_comma: bool,
    after_colon: bool,
}

#[derive(Debug)]
struct Usual {
    column: usize,
    /// From the bracket or comma before the name to the value.
    written: Block,
}

/// A record that was read in part: what it says is what the reader of `record` would have found to here.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Half {
    /// So many members are in their columns, which have no more of it.
    pub(super) members: usize,
    /// The bytes up to the end of the last of these, and those that follow it.
    pub(super) length: usize,
    left: usize,
    /// Values of the lists among them.
    pub(super) values: usize,
}

impl Order {
    /// Is the next record worth an attempt?
    #[inline(always)]
    pub(super) fn attempts(&mut self) -> bool {
        if self.pause > 0 {
            self.pause -= 1;
            return false;
        }
        !self.members.is_empty()
    }

    /// Reads the record that `ahead` starts with into the next row: what follows it. Else `half` says how far it was read, after [`Self::take_back`].
    #[inline(always)]
    pub(super) fn record<'a>(&self, ahead: &'a [u8], columns: &mut [Column], half: &mut Half) -> Option<&'a [u8]> {
        let mut rest = ahead;
        for member in &self.members {
            half.left = rest.len();
            let value = member.written.after(rest)?;
            let column = columns.get_mut(member.column)?;
            rest = match usual::push(value, column) {
                Some(rest) => rest,
                None => usual::push_other(value, column, &mut half.values)?,
            };
        }
        half.left = rest.len();
        let [b'}', rest @ ..] = rest else { return None };
        Some(rest)
    }

    /// Counts the members that were read into row `row`, and takes back what columns hold of the next one, if it is nested. The record was to start
    /// `ahead` bytes.
    #[cold]
    pub(super) fn take_back(&self, half: &mut Half, ahead: usize, columns: &mut [Column], row: usize) {
        half.length = ahead.saturating_sub(half.left);
        half.members = 0;
        for member in &self.members {
            match columns.get_mut(member.column) {
                Some(column) if column.len() > row => half.members += 1,
                Some(column) => return column.truncate(row),
                None => return,
            }
        }
    }

    /// The columns of the members that were read, and whether a space stands between any two.
    pub(super) fn read_of(&self, half: Half) -> (impl Iterator<Item = usize>, bool) {
        let read = self.members.iter().take(half.members);
        (read.map(|member| member.column), self.spaces.after_comma && half.members > 1)
    }

    /// The attempt was good.
    #[inline(always)]
    pub(super) fn hit(&mut self) {
        self.paused = 0;
        self.owed += 1;
    }

    /// Pushes the NULLs of members that the records did not have: to be done before anything else than an attempt.
    #[inline(always)]
    pub(super) fn settle(&mut self, columns: &mut [Column]) {
        if self.owed > 0 {
            self.pay(columns);
        }
    }

    #[cold]
    fn pay(&mut self, columns: &mut [Column]) {
        for column in &self.absent {
            if let Some(column) = columns.get_mut(*column) {
                column.push_nulls(self.owed);
            }
        }
        self.owed = 0;
    }

    /// The attempt failed.
    #[cold]
    pub(super) fn missed(&mut self) {
        self.pause = self.paused;
        self.paused = (self.paused * 2 + 1).min(PAUSE);
        self.settled = false;
    }

    /// The record has no reading: that is no sign that others are not usual.
    #[inline(always)]
    pub(super) fn excuse(&mut self) {
        self.pause = 0;
    }

    /// Takes the order and the spaces of a record that `text` was read as, which the plan now guesses.
    #[inline(always)]
    pub(super) fn learn(&mut self, plan: &Plan, notes: &Notes, text: &str, columns: usize) {
        if !self.settled && notes.extras.is_empty() {
            self.take(plan, notes, text, columns);
        }
    }

    #[cold]
    fn take(&mut self, plan: &Plan, notes: &Notes, text: &str, columns: usize) {
        self.settled = true;
        let first = plan.order().next().and_then(|first| plan.usual(first)).map_or(0, <[u8]>::len);
        let after_colon = text.as_bytes().get(1 + first) == Some(&b' ');
        let spaces = Spaces { after_comma: notes.spaced, after_colon };
        let known = self.spaces == spaces && self.members.len() == notes.met;
        if known && plan.order().zip(&self.members).all(|(column, member)| column == member.column) {
            return;
        }
        self.spaces = spaces;
        self.members.clear();
        for column in plan.order().take(notes.met) {
            let before = match (self.members.is_empty(), spaces.after_comma) {
                (true, _) => "{",
                (false, true) => ", ",
                (false, false) => ",",
            };
            let after: &[u8] = if spaces.after_colon { b" " } else { b"" };
            let Some(name) = plan.usual(column) else { return self.members.clear() };
            self.members.push(Usual { column, written: Block::new([before.as_bytes(), name, after].concat()) });
        }
        let present = |column: &usize| self.members.iter().any(|member| member.column == *column);
        self.absent = (0..columns).filter(|column| !present(column)).collect();
    }
}
