//! The values of string arrays, as the engines read them.

use arrow_array::{GenericStringArray, OffsetSizeTrait, StringViewArray};
use arrow_buffer::Buffer;

/// Values of at most this many bytes stand in the view itself.
const INLINE: usize = 12;

/// One value.
#[derive(Clone, Copy)]
pub(super) enum Cell<'a> {
    /// A view that holds its value: the length in the low 4 bytes, the value in the others.
    Inline(u128),
    /// The first `len` bytes of `tail`, which reaches to the end of its buffer; `len <= tail.len()`.
    Tail { tail: &'a [u8], len: usize },
}

impl Cell<'_> {
    /// Calls `judge` with the value's bytes.
    #[inline]
    pub(super) fn with_bytes(self, judge: impl Fn(&[u8]) -> bool) -> bool {
        match self {
            Cell::Inline(view) => {
                let bytes = (view >> 32).to_le_bytes();
                judge(bytes.get(..inline_len(view)).unwrap_or(&[]))
            }
            Cell::Tail { tail, len } => judge(tail.get(..len).unwrap_or(&[])),
        }
    }
}

/// The length of an inline value.
#[inline]
pub(super) fn inline_len(view: u128) -> usize {
    (view as u32 as usize).min(INLINE)
}

/// A run of rows. A row that is not there, or whose bytes are not, has no cell; such a row can only be NULL.
pub(super) trait Cells {
    fn cell(&self, row: usize) -> Option<Cell<'_>>;
}

/// Rows of a string view array.
pub(super) struct ViewCells<'a> {
    views: &'a [u128],
    buffers: &'a [Buffer],
}

impl<'a> ViewCells<'a> {
    pub(super) fn new(array: &'a StringViewArray, start: usize) -> Self {
        ViewCells { views: array.views().get(start..).unwrap_or(&[]), buffers: array.data_buffers() }
    }
}

impl Cells for ViewCells<'_> {
    #[inline(always)]
    fn cell(&self, row: usize) -> Option<Cell<'_>> {
        let view = *self.views.get(row)?;
        let len = view as u32 as usize;
        if len <= INLINE {
            return Some(Cell::Inline(view));
        }
        let buffer = self.buffers.get((view >> 64) as u32 as usize)?;
        let tail = buffer.as_slice().get((view >> 96) as usize..)?;
        (len <= tail.len()).then_some(Cell::Tail { tail, len })
    }
}

/// Rows of a string array with offsets.
pub(super) struct OffsetCells<'a, O> {
    offsets: &'a [O],
    data: &'a [u8],
}

impl<'a, O: OffsetSizeTrait> OffsetCells<'a, O> {
    pub(super) fn new(array: &'a GenericStringArray<O>, start: usize) -> Self {
        OffsetCells { offsets: array.value_offsets().get(start..).unwrap_or(&[]), data: array.value_data() }
    }
}

impl<O: OffsetSizeTrait> Cells for OffsetCells<'_, O> {
    #[inline(always)]
    fn cell(&self, row: usize) -> Option<Cell<'_>> {
        let from = self.offsets.get(row)?.as_usize();
        let to = self.offsets.get(row + 1)?.as_usize();
        let tail = self.data.get(from..)?;
        let len = to.checked_sub(from)?;
        (len <= tail.len()).then_some(Cell::Tail { tail, len })
    }
}
