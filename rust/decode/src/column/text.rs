//! Texts of a Utf8 column.

use arrow_array::{ArrayRef, StringArray};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use std::sync::Arc;

/// So many bytes are copied at once where as many are at hand.
const BLOCK: usize = 32;

/// Texts one after the other, each ending at an offset. All bytes come from `str`, and a text is whole when it is closed, so that they are UTF-8.
#[derive(Debug)]
pub struct Text {
    offsets: Vec<i32>,
    bytes: Vec<u8>,
}

impl Text {
    pub(crate) fn with_capacity(rows: usize) -> Self {
        Self { offsets: super::first_offset(rows), bytes: Vec::with_capacity(rows * 8) }
    }

    /// Appends to the open text; always true.
    #[inline]
    pub fn append(&mut self, part: &str) -> bool {
        self.bytes.extend_from_slice(part.as_bytes());
        true
    }

    /// Appends a part of `whole`; false if it is no part.
    #[inline(always)]
    pub(crate) fn append_part(&mut self, whole: &str, start: usize, end: usize) -> bool {
        let Some(part) = whole.get(start..end) else { return false };
        match whole.as_bytes().get(start..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
            // A block is a move or two; the bytes of it beyond the part are taken back.
            Some(block) if part.len() <= BLOCK => {
                let length = self.bytes.len() + part.len();
                self.bytes.extend_from_slice(block);
                self.bytes.truncate(length);
            }
            _ => self.bytes.extend_from_slice(part.as_bytes()),
        }
        true
    }

    /// Pushes a part of `whole` as a text; false, and nothing is pushed, if it is no part or the column would pass 2^31 bytes.
    #[inline(always)]
    pub(crate) fn push_part(&mut self, whole: &str, start: usize, end: usize) -> bool {
        let took = self.append_part(whole, start, end) && self.close();
        if !took {
            self.abandon();
        }
        took
    }

    /// Appends a character to the open text.
    #[inline]
    pub fn append_char(&mut self, character: char) {
        self.bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }

    #[inline]
    pub(crate) fn push_empty(&mut self) {
        self.offsets.push(self.last());
    }

    /// Ends the open text; false, and still open, when the column would pass 2^31 bytes.
    #[inline]
    pub(crate) fn close(&mut self) -> bool {
        match i32::try_from(self.bytes.len()) {
            Ok(end) => {
                self.offsets.push(end);
                true
            }
            Err(_) => false,
        }
    }

    /// Takes the open text back.
    pub(crate) fn abandon(&mut self) {
        self.bytes.truncate(usize::try_from(self.last()).unwrap_or(0));
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
        // SAFETY: offsets start at 0, and each one pushed is the length of `bytes`, which is cut no lower than the last offset: they ascend.
        let offsets = unsafe { OffsetBuffer::new_unchecked(ScalarBuffer::from(self.offsets)) };
        // SAFETY: `bytes` grows by whole `str` only, so that each offset is a boundary of UTF-8, and the last one is its length.
        Arc::new(unsafe { StringArray::new_unchecked(offsets, Buffer::from_vec(self.bytes), nulls) })
    }
}
