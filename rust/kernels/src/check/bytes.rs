//! Text and binary values as byte slices, for every layout that holds them.

use arrow_array::cast::AsArray;
use arrow_array::types::{BinaryType, LargeBinaryType, LargeUtf8Type, Utf8Type};
use arrow_array::types::{BinaryViewType, ByteArrayType, ByteViewType, StringViewType};
use arrow_array::{Array, FixedSizeBinaryArray, GenericByteArray, GenericByteViewArray};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;

use super::bits;

/// Writes bit `i` = `fail(value of row start + i)`. Views and offsets that point outside of their buffers, which only rows
/// under NULL may hold, read as the empty value.
pub(super) fn test(
    array: &dyn Array,
    start: usize,
    len: usize,
    fails: &mut [u64],
    mut fail: impl FnMut(&[u8]) -> bool,
) -> Option<()> {
    bits_of(array, start, len, fails, |_| None, |value| fail(value))
}

/// As [`test`], but asks `decide` first, which sees only the length in bytes.
pub(super) fn test_sized(
    array: &dyn Array,
    start: usize,
    len: usize,
    fails: &mut [u64],
    decide: impl Fn(usize) -> Option<bool>,
    fail: impl FnMut(&[u8]) -> bool,
) -> Option<()> {
    bits_of(array, start, len, fails, decide, fail)
}

fn bits_of(
    array: &dyn Array,
    start: usize,
    len: usize,
    fails: &mut [u64],
    decide: impl Fn(usize) -> Option<bool>,
    fail: impl FnMut(&[u8]) -> bool,
) -> Option<()> {
    match array.data_type() {
        DataType::Utf8 => offsets(array.as_bytes_opt::<Utf8Type>()?, start, len, fails, decide, fail),
        DataType::LargeUtf8 => offsets(array.as_bytes_opt::<LargeUtf8Type>()?, start, len, fails, decide, fail),
        DataType::Binary => offsets(array.as_bytes_opt::<BinaryType>()?, start, len, fails, decide, fail),
        DataType::LargeBinary => offsets(array.as_bytes_opt::<LargeBinaryType>()?, start, len, fails, decide, fail),
        DataType::Utf8View => views(array.as_byte_view_opt::<StringViewType>()?, start, len, fails, decide, fail),
        DataType::BinaryView => views(array.as_byte_view_opt::<BinaryViewType>()?, start, len, fails, decide, fail),
        DataType::FixedSizeBinary(_) => {
            fixed(array.as_any().downcast_ref::<FixedSizeBinaryArray>()?, start, len, fails, decide, fail)
        }
        _ => None,
    }
}

fn offsets<T: ByteArrayType>(
    array: &GenericByteArray<T>,
    start: usize,
    len: usize,
    fails: &mut [u64],
    decide: impl Fn(usize) -> Option<bool>,
    mut fail: impl FnMut(&[u8]) -> bool,
) -> Option<()> {
    let data = array.value_data();
    let ends = array.value_offsets().get(start..=start.checked_add(len)?)?;
    let mut pairs = ends.iter().zip(ends.iter().skip(1));
    bits::fill(fails, len, |_| {
        let Some((from, to)) = pairs.next() else {
            return true;
        };
        let (from, to) = (from.as_usize(), to.as_usize());
        decide(to.wrapping_sub(from)).unwrap_or_else(|| fail(data.get(from..to).unwrap_or_default()))
    });
    Some(())
}

fn views<T: ByteViewType + ?Sized>(
    array: &GenericByteViewArray<T>,
    start: usize,
    len: usize,
    fails: &mut [u64],
    decide: impl Fn(usize) -> Option<bool>,
    mut fail: impl FnMut(&[u8]) -> bool,
) -> Option<()> {
    let views = array.views().get(start..start.checked_add(len)?)?;
    let mut rows = views.iter();
    bits::fill(fails, len, |_| {
        let Some(view) = rows.next() else {
            return true;
        };
        decide(view_len(*view)).unwrap_or_else(|| fail(view_bytes(&view.to_le_bytes(), *view, array.data_buffers())))
    });
    Some(())
}

/// The length of a view's value: its low 32 bits.
#[inline(always)]
pub(super) fn view_len(view: u128) -> usize {
    (view & 0xffff_ffff) as usize
}

fn view_bytes<'a>(inline: &'a [u8; 16], view: u128, buffers: &'a [arrow_buffer::Buffer]) -> &'a [u8] {
    let len = view_len(view);
    let bytes = if len <= 12 {
        inline.get(4..4 + len)
    } else {
        let index = (view >> 64 & 0xffff_ffff) as usize;
        let offset = (view >> 96) as usize;
        buffers.get(index).and_then(|buffer| buffer.get(offset..offset + len))
    };
    bytes.unwrap_or_default()
}

fn fixed(
    array: &FixedSizeBinaryArray,
    start: usize,
    len: usize,
    fails: &mut [u64],
    decide: impl Fn(usize) -> Option<bool>,
    mut fail: impl FnMut(&[u8]) -> bool,
) -> Option<()> {
    let size = array.value_size();
    let data = array.value_data();
    bits::fill(fails, len, |row| {
        let from = (start + row) * size;
        decide(size).unwrap_or_else(|| fail(data.get(from..from + size).unwrap_or_default()))
    });
    Some(())
}
