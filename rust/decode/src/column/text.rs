//! Texts of a Utf8 column.

use arrow_array::{ArrayRef, StringArray, new_null_array};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;
use std::sync::Arc;

/// So many bytes are copied at once where as many are at hand.
const BLOCK: usize = 32;

/// Texts one after the other, each ending at an offset.
#[derive(Debug)]
pub struct Text {
    offsets: Vec<i32>,
    /// The bytes up to `used`, and room.
    bytes: Vec<u8>,
    used: usize,
}

impl Text {
    pub(crate) fn with_capacity(rows: usize) -> Self {
        Self { offsets: super::first_offset(rows), bytes: vec![0; rows * 8], used: 0 }
    }

    /// Appends to the open text; always true.
    #[inline]
    pub fn append(&mut self, part: &str) -> bool {
        self.append_bytes(part.as_bytes());
        true
    }

    #[inline(always)]
    fn append_bytes(&mut self, part: &[u8]) {
        self.room(part.len() + BLOCK);
        if let Some(to) = self.bytes.get_mut(self.used..self.used + part.len()) {
            to.copy_from_slice(part);
            self.used += part.len();
        }
    }

    /// Makes room for so many bytes.
    #[inline(always)]
    fn room(&mut self, more: usize) {
        if self.bytes.len() - self.used < more {
            self.grow(more);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, more: usize) {
        self.bytes.resize((self.bytes.len() * 2).max(self.used + more).max(1 << 10), 0);
    }

    /// Pushes the first bytes of a block as a text; false, and nothing is pushed, when the column would pass 2^31 bytes.
    #[inline(always)]
    pub(crate) fn push_block(&mut self, block: &[u8; BLOCK], length: usize) -> bool {
        match self.bytes.get_mut(self.used..).and_then(|rest| rest.first_chunk_mut()) {
            // A block is a move or two; what comes next covers its bytes beyond the text.
            Some(room) if length <= BLOCK => *room = *block,
            _ => return self.push_bytes(block.get(..length).unwrap_or(block)),
        }
        let Ok(end) = i32::try_from(self.used + length) else { return false };
        self.used += length;
        self.offsets.push(end);
        true
    }

    /// Pushes bytes as a text; false, and nothing is pushed, when the column would pass 2^31 bytes.
    #[inline(never)]
    pub(crate) fn push_bytes(&mut self, text: &[u8]) -> bool {
        self.append_bytes(text);
        let took = self.close();
        if !took {
            self.abandon();
        }
        took
    }

    /// Appends a character to the open text.
    #[inline]
    pub fn append_char(&mut self, character: char) {
        self.append_bytes(character.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// Pushes so many empty texts.
    pub(crate) fn push_empty(&mut self, count: usize) {
        let last = self.last();
        super::repeat(&mut self.offsets, last, count);
    }

    /// Ends the open text; false, and still open, when the column would pass 2^31 bytes.
    #[inline(always)]
    pub(crate) fn close(&mut self) -> bool {
        match i32::try_from(self.used) {
            Ok(end) => {
                self.offsets.push(end);
                true
            }
            Err(_) => false,
        }
    }

    /// Takes the open text back.
    pub(crate) fn abandon(&mut self) {
        self.used = usize::try_from(self.last()).unwrap_or(0).min(self.used);
    }

    pub(crate) fn truncate(&mut self, rows: usize) {
        self.offsets.truncate(rows + 1);
        self.abandon();
    }

    #[inline]
    fn last(&self) -> i32 {
        self.offsets.last().copied().unwrap_or(0)
    }

    pub(crate) fn array(mut self, nulls: Option<NullBuffer>) -> ArrayRef {
        self.abandon();
        self.bytes.truncate(self.used);
        if !self.is_text() {
            return new_null_array(&DataType::Utf8, self.offsets.len() - 1);
        }
        // SAFETY: offsets start at 0, and each one pushed is `used`, which is cut no lower than the last offset: they ascend.
        let offsets = unsafe { OffsetBuffer::new_unchecked(ScalarBuffer::from(self.offsets)) };
        // SAFETY: it was looked at just now that the bytes are UTF-8 and each offset is a boundary of it; the last one is at most their length.
        Arc::new(unsafe { StringArray::new_unchecked(offsets, Buffer::from_vec(self.bytes), nulls) })
    }

    /// Is each text UTF-8? Decoders push no others; to see it costs next to nothing.
    fn is_text(&self) -> bool {
        let Ok(text) = simdutf8::basic::from_utf8(&self.bytes) else { return false };
        let boundary = |offset: &i32| usize::try_from(*offset).is_ok_and(|offset| text.is_char_boundary(offset));
        if text.is_ascii() {
            usize::try_from(self.last()).is_ok_and(|last| last <= text.len())
        } else {
            self.offsets.iter().all(boundary)
        }
    }
}

/// From the first to before the second of each, ascending.
pub type Runs = Vec<(usize, usize)>;

/// Texts of some rows, none of which is NULL: from the first to before the second of each run, ascending. None if a run is beyond the end.
pub fn kept_texts(texts: &StringArray, runs: &[(usize, usize)]) -> Option<StringArray> {
    let (offsets, parts) = moved(texts.value_offsets(), runs)?;
    let mut bytes = Vec::with_capacity(texts.value_data().len());
    for (from, to) in parts {
        bytes.extend_from_slice(texts.value_data().get(from..to)?);
    }
    // SAFETY: the bytes are whole texts of an array, one after the other, so that they are UTF-8; each offset is the end of one of them.
    Some(unsafe { StringArray::new_unchecked(offsets, Buffer::from_vec(bytes), None) })
}

/// Offsets that are moved at once where as many are at hand.
const OFFSETS: usize = 8;

/// Puts the first `length` offsets where they belong, each less `back`, and something behind them. Runs are short, most of them, and what comes next covers
/// what was too much.
#[inline(never)]
fn moved_run(to: &mut [i32], from: &[i32], length: usize, back: i32) {
    let mut at = 0;
    while at < length {
        let block = from.get(at..).and_then(|rest| rest.first_chunk::<OFFSETS>());
        let Some(block) = block else { return moved_singly(to, from, at..length, back) };
        let Some(room) = to.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<OFFSETS>()) else { return };
        let [a, b, c, d, e, f, g, h] = *block;
        let less = |offset: i32| offset.wrapping_sub(back);
        *room = [less(a), less(b), less(c), less(d), less(e), less(f), less(g), less(h)];
        at += OFFSETS;
    }
}

/// The same near the array's end.
#[cold]
fn moved_singly(to: &mut [i32], from: &[i32], places: std::ops::Range<usize>, back: i32) {
    for at in places {
        if let (Some(to), Some(offset)) = (to.get_mut(at), from.get(at)) {
            *to = offset.wrapping_sub(back);
        }
    }
}

/// Where the parts of an array end of which some runs are kept, and which runs of its bytes or items these consist of. None if a run is beyond the end, or
/// runs overlap so much that there are 2^31 bytes or items.
pub fn moved(offsets: &[i32], runs: &[(usize, usize)]) -> Option<(OffsetBuffer<i32>, Runs)> {
    let count: usize = runs.iter().map(|(from, to)| to.saturating_sub(*from)).sum();
    let mut out = vec![0; 1 + count + OFFSETS];
    let mut parts = Vec::with_capacity(runs.len());
    let (mut end, mut used) = (0_i32, 1);
    for (from, to) in runs {
        let (first, last) = (*offsets.get(*from)?, *offsets.get((*to).max(*from))?);
        let back = first - end;
        end = end.checked_add(last - first)?;
        let length = to.saturating_sub(*from);
        moved_run(out.get_mut(used..)?, offsets.get(from + 1..)?, length, back);
        used += length;
        parts.push((usize::try_from(first).ok()?, usize::try_from(last).ok()?));
    }
    out.truncate(1 + count);
    // SAFETY: they start at 0; those of a run ascend, as offsets of an array do, from the end of the run before on to `end`, which was seen not to overflow.
    Some((unsafe { OffsetBuffer::new_unchecked(ScalarBuffer::from(out)) }, parts))
}
