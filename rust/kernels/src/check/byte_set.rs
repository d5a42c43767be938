//! Sets of text and binary values.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{BinaryViewType, LargeUtf8Type, StringViewType, Utf8Type};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;
use foldhash::fast::FixedState;
use hashbrown::HashSet;
use multiversion::multiversion;

use super::rows::Kernel;
use super::set::{FEW, table};
use super::{bits, bytes};

/// Members as bytes, for every layout of text and binary values.
pub(super) struct ByteSet {
    /// The members as views when all are of at most 12 bytes and there are few of them.
    views: Option<Vec<u128>>,
    few: Option<Vec<Box<[u8]>>>,
    table: HashSet<Box<[u8]>, FixedState>,
    fail_inside: bool,
}

impl ByteSet {
    pub(super) fn new(mut members: Vec<Box<[u8]>>, fail_inside: bool) -> Self {
        members.sort_unstable();
        members.dedup();
        let few = members.len() <= FEW;
        let views = few.then(|| members.iter().map(|member| inline_view(member)).collect()).flatten();
        let table = table(members.clone());
        ByteSet { views, few: few.then_some(members), table, fail_inside }
    }

    fn fails(&self, value: &[u8]) -> bool {
        let found = match &self.few {
            // The first byte tells most members apart without a call.
            Some(few) => few.iter().any(|member| member.first() == value.first() && **member == *value),
            None => self.table.contains(value),
        };
        found == self.fail_inside
    }
}

impl Kernel for ByteSet {
    fn fail(&self, array: &dyn Array, start: usize, len: usize, fails: &mut [u64]) -> Option<()> {
        let end = start.checked_add(len)?;
        if let Some(members) = &self.views {
            let inside = self.fail_inside;
            match array.data_type() {
                DataType::Utf8View => {
                    let views = array.as_byte_view_opt::<StringViewType>()?.views();
                    mark_views(views.get(start..end)?, members, inside, fails);
                    return Some(());
                }
                DataType::BinaryView => {
                    let views = array.as_byte_view_opt::<BinaryViewType>()?.views();
                    mark_views(views.get(start..end)?, members, inside, fails);
                    return Some(());
                }
                DataType::Utf8 => {
                    let array = array.as_bytes_opt::<Utf8Type>()?;
                    let ends = array.value_offsets().get(start..=end)?;
                    mark_offsets(array.value_data(), ends, members, inside, fails);
                    return Some(());
                }
                DataType::LargeUtf8 => {
                    let array = array.as_bytes_opt::<LargeUtf8Type>()?;
                    let ends = array.value_offsets().get(start..=end)?;
                    mark_offsets(array.value_data(), ends, members, inside, fails);
                    return Some(());
                }
                _ => {}
            }
        }
        bytes::test(array, start, len, fails, |value| self.fails(value))
    }
}

/// Builds the views of 64 values at a time and compares those.
fn mark_offsets<O: ArrowNativeType>(data: &[u8], ends: &[O], members: &[u128], fail_inside: bool, fails: &mut [u64]) {
    let mut pairs = ends.iter().zip(ends.iter().skip(1));
    let mut left = ends.len().saturating_sub(1);
    for word in fails.iter_mut() {
        let mut views = [LONG; 64];
        for (view, (from, to)) in views.iter_mut().zip(&mut pairs) {
            *view = short_view(data, from.as_usize(), to.as_usize());
        }
        mark_views(&views, members, fail_inside, std::slice::from_mut(word));
        bits::clear_tail(std::slice::from_mut(word), left.min(64));
        left = left.saturating_sub(64);
    }
}

/// A view that no member has: its length is beyond 12.
const LONG: u128 = u128::MAX;

/// The view of a value of at most 12 bytes, else [`LONG`]. Away from the end of the buffer it is one load and a mask.
#[inline(always)]
fn short_view(data: &[u8], from: usize, to: usize) -> u128 {
    let len = to.wrapping_sub(from);
    if len > 12 {
        return LONG;
    }
    let rest = data.get(from..).unwrap_or_default();
    match rest.first_chunk::<16>() {
        Some(chunk) => {
            let bytes = u128::from_le_bytes(*chunk) & ((1 << (8 * len)) - 1);
            bytes << 32 | len as u128
        }
        None => rest.get(..len).and_then(inline_view).unwrap_or(LONG),
    }
}

/// Values of at most 12 bytes lie in the view itself, padded with zeros, and longer ones differ in their length.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn mark_views(views: &[u128], members: &[u128], fail_inside: bool, fails: &mut [u64]) {
    bits::pack_members(views, members, fail_inside, fails, |view| view);
}

fn inline_view(value: &[u8]) -> Option<u128> {
    let len = u32::try_from(value.len()).ok()?;
    let mut view = [0u8; 16];
    view.get_mut(..4)?.copy_from_slice(&len.to_le_bytes());
    view.get_mut(4..)?.get_mut(..value.len())?.copy_from_slice(value);
    Some(u128::from_le_bytes(view))
}
