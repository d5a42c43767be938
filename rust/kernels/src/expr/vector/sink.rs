//! Texts written one after another as views.

use arrow_array::StringViewArray;
use arrow_buffer::{Buffer, ScalarBuffer};

/// A buffer is closed before its offsets need more than 31 bits.
const BUFFER_LIMIT: usize = 1 << 30;
/// Texts of at most this many bytes stand in the view itself.
const INLINE: usize = 12;

/// Texts that all stand in their views. Views that are no such text become the empty text.
pub fn short_array(mut views: Vec<u128>) -> StringViewArray {
    for view in &mut views {
        let bytes = view.to_le_bytes();
        let length = usize::try_from(*view as u32).unwrap_or(usize::MAX);
        let text = bytes.get(4..4 + length.min(INLINE));
        if length > INLINE || text.is_none_or(|text| !text.is_ascii() && std::str::from_utf8(text).is_err()) {
            *view = 0;
        }
    }
    // SAFETY: every view was just seen to hold a text of at most 12 bytes, valid UTF-8, in itself.
    unsafe { StringViewArray::new_unchecked(ScalarBuffer::from(views), Vec::new(), None) }
}

/// Collects texts.
pub struct Sink {
    views: Vec<u128>,
    buffers: Vec<Buffer>,
    current: Vec<u8>,
}

impl Sink {
    /// Room for `rows` texts.
    pub fn new(rows: usize) -> Sink {
        Sink { views: Vec::with_capacity(rows), buffers: Vec::new(), current: Vec::new() }
    }

    /// A text.
    pub fn push(&mut self, text: &str) {
        self.push_two(text, "");
    }

    /// One text behind another, together at most 1 GiB.
    #[inline]
    pub fn push_two(&mut self, a: &str, b: &str) {
        let length = a.len() + b.len();
        if length <= INLINE {
            let mut view = [0_u8; 16];
            let (head, rest) = view.split_at_mut(4);
            head.copy_from_slice(&(length as u32).to_le_bytes());
            let (first, rest) = rest.split_at_mut(a.len());
            first.copy_from_slice(a.as_bytes());
            if let Some(second) = rest.get_mut(..b.len()) {
                second.copy_from_slice(b.as_bytes());
            }
            self.views.push(u128::from_le_bytes(view));
            return;
        }
        let start = self.room(length);
        self.current.extend_from_slice(a.as_bytes());
        self.current.extend_from_slice(b.as_bytes());
        self.long(start, length);
    }

    /// The view of a text of at most 12 bytes, which is valid UTF-8.
    #[inline]
    pub(super) fn push_view(&mut self, view: u128) {
        self.views.push(view);
    }

    /// A text of ASCII characters, each changed into another one.
    pub fn push_changed(&mut self, text: &str, change: impl Fn(u8) -> u8) {
        let start = self.room(text.len());
        self.current.extend(text.bytes().map(change));
        self.long(start, text.len());
    }

    /// Where a text of this length starts.
    fn room(&mut self, length: usize) -> usize {
        if self.current.len() + length > BUFFER_LIMIT && !self.current.is_empty() {
            self.buffers.push(Buffer::from_vec(std::mem::take(&mut self.current)));
        }
        self.current.len()
    }

    /// The view of the text that was just written.
    fn long(&mut self, start: usize, length: usize) {
        let mut prefix = [0_u8; 4];
        if let Some(bytes) = self.current.get(start..start + 4) {
            prefix.copy_from_slice(bytes);
        }
        let view = u128::from(length as u32)
            | u128::from(u32::from_le_bytes(prefix)) << 32
            | u128::from(self.buffers.len() as u32) << 64
            | u128::from(start as u32) << 96;
        self.views.push(view);
    }

    /// The texts as an array without NULL.
    pub fn finish(mut self) -> StringViewArray {
        if !self.current.is_empty() {
            self.buffers.push(Buffer::from_vec(self.current));
        }
        let views = ScalarBuffer::from(self.views);
        // SAFETY: every view was made above from texts that were valid UTF-8, joined whole or changed from ASCII to ASCII; its
        // length, prefix, buffer and offset are those of the bytes written, and offsets stay below BUFFER_LIMIT + one text, which
        // callers cap at RESULT_LIMIT.
        unsafe { StringViewArray::new_unchecked(views, self.buffers, None) }
    }
}
