//! Single integers and texts, looked up without encoding.

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef, GenericByteArray, GenericByteViewArray};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;

use super::super::column::{inline_view, outside, plain};
use super::super::{hash, index::Index};
use crate::key::put;
use crate::mask::Mask;

/// A set of keys of one column and kind.
#[derive(Clone, Debug, Default)]
pub(super) enum Fast {
    /// Several columns, or another kind.
    #[default]
    None,
    Dense(Dense),
    /// Integers by their scrambled value, which is as good as the value.
    Sparse(Index),
    Text(Text),
}

impl Fast {
    pub(super) fn new<'a>(keys: impl Iterator<Item = &'a [u8]> + Clone) -> Fast {
        if let Some(integers) = keys.clone().map(integer).collect::<Option<Vec<i64>>>() {
            return of_integers(&integers);
        }
        keys.map(text).collect::<Option<Vec<&[u8]>>>().map_or(Fast::None, |texts| Fast::Text(Text::new(texts)))
    }

    /// The rows whose value is not in the set, rows with NULL among them at will; `None` when the column is of another kind.
    pub(super) fn missing(&self, column: &ArrayRef) -> Option<Mask> {
        match self {
            Fast::None => None,
            Fast::Dense(dense) => missing_integers(column, |value| dense.contains(value)),
            Fast::Sparse(index) => missing_integers(column, |value| index.find(hash::scramble(value as u64)).is_some()),
            Fast::Text(text) => text.missing(column),
        }
    }
}

/// The integer that an encoded key stands for, if it is one of 64 bits and nothing else.
fn integer(key: &[u8]) -> Option<i64> {
    let [put::INTEGER, count, bytes @ ..] = key else {
        return None;
    };
    if bytes.len() != usize::from(*count) || bytes.len() > 8 {
        return None;
    }
    let fill = if bytes.last()? & 0x80 != 0 { 0xff } else { 0 };
    let mut word = [fill; 8];
    word.iter_mut().zip(bytes).for_each(|(word, byte)| *word = *byte);
    Some(i64::from_le_bytes(word))
}

/// The text that an encoded key stands for, if it is one and nothing else.
fn text(key: &[u8]) -> Option<&[u8]> {
    let (put::TEXT, mut rest) = key.split_first().map(|(tag, rest)| (*tag, rest))? else {
        return None;
    };
    let (mut len, mut shift) = (0usize, 0);
    loop {
        let (byte, after) = rest.split_first()?;
        len |= usize::from(byte & 127).checked_shl(shift)?;
        (rest, shift) = (after, shift + 7);
        if byte & 128 == 0 {
            return (rest.len() == len).then_some(rest);
        }
    }
}

/// Integers of a narrow range, one bit each.
#[derive(Clone, Debug)]
pub(super) struct Dense {
    low: i64,
    bits: Vec<u64>,
}

impl Dense {
    #[inline(always)]
    fn contains(&self, value: i64) -> bool {
        let place = (value as u64).wrapping_sub(self.low as u64);
        // Places beyond 2^38 are in no bitmap; the cast cannot lose them on any platform that holds one.
        usize::try_from(place >> 6)
            .ok()
            .and_then(|at| self.bits.get(at))
            .is_some_and(|bits| bits >> (place & 63) & 1 == 1)
    }
}

/// A bitmap may have this many bits for each key, or this many in all.
const DENSE: (u64, u64) = (64, 1 << 16);

fn of_integers(integers: &[i64]) -> Fast {
    let (low, high) = (integers.iter().min().copied(), integers.iter().max().copied());
    let (low, high) = (low.unwrap_or(0), high.unwrap_or(0));
    let span = (high as u64).wrapping_sub(low as u64);
    if span < DENSE.1.max(DENSE.0.saturating_mul(integers.len() as u64)) {
        let mut bits = vec![0; (span >> 6) as usize + 1];
        for value in integers {
            let place = (*value as u64).wrapping_sub(low as u64);
            if let Some(bits) = bits.get_mut((place >> 6) as usize) {
                *bits |= 1u64 << (place & 63);
            }
        }
        return Fast::Dense(Dense { low, bits });
    }
    let mut hashes: Vec<u64> = integers.iter().map(|value| hash::scramble(*value as u64)).collect();
    hashes.sort_unstable();
    Fast::Sparse(Index::new(hashes))
}

fn missing_integers(column: &ArrayRef, contains: impl Fn(i64) -> bool) -> Option<Mask> {
    // Unsigned words have their upper bit turned so that they order as signed ones.
    let unsigned = column.data_type() == &DataType::UInt64;
    if !column.data_type().is_integer() {
        return None;
    }
    let (values, mut words) = (plain(column)?, [0i64; 64]);
    let known = |word: i64| {
        if unsigned { word < 0 && contains(word ^ i64::MIN) } else { contains(word) }
    };
    let starts = (0..column.len()).step_by(64);
    let block = |start: usize| {
        values.words(start, &mut words);
        words.iter().enumerate().fold(0, |mask, (bit, word)| mask | u64::from(!known(*word)) << bit)
    };
    Some(Mask::from_words(starts.map(block).collect(), column.len()))
}

/// Texts: those of at most 12 bytes as views, the others as bytes.
#[derive(Clone, Debug)]
pub(super) struct Text {
    short: Index,
    /// In the order of `short`; those of one hash ascend.
    views: Vec<u128>,
    long: Index,
    /// In the order of `long`; those of one hash ascend.
    spans: Vec<(usize, usize)>,
    arena: Vec<u8>,
}

/// The view of a text of at most 12 bytes.
#[inline(always)]
fn short_view(text: &[u8]) -> Option<u128> {
    let len = text.len();
    let last = text.last_chunk::<4>().map_or(0, |last| u64::from(u32::from_le_bytes(*last)));
    let word = match (text.first_chunk::<8>(), text.first_chunk::<4>()) {
        (Some(_), _) if len > 12 => return None,
        (Some(eight), _) => u128::from(u64::from_le_bytes(*eight)) | u128::from(last >> (8 * (12 - len))) << 64,
        (None, Some(four)) => u128::from(u32::from_le_bytes(*four)) | u128::from(last) << (8 * (len - 4)),
        (None, None) => text.iter().rev().fold(0, |word, byte| word << 8 | u128::from(*byte)),
    };
    Some(word << 32 | len as u128)
}

#[inline(always)]
fn short_hash(view: u128) -> u64 {
    hash::combine(view as u64, (view >> 64) as u64)
}

impl Text {
    fn new(texts: Vec<&[u8]>) -> Text {
        let mut short: Vec<(u64, u128)> =
            texts.iter().filter_map(|text| short_view(text)).map(|v| (short_hash(v), v)).collect();
        short.sort_unstable();
        let long = texts.into_iter().filter(|text| short_view(text).is_none());
        let mut long: Vec<(u64, &[u8])> = long.map(|text| (hash::bytes(0, text), text)).collect();
        long.sort_unstable();
        let (mut spans, mut arena) = (Vec::with_capacity(long.len()), Vec::new());
        for (_, text) in &long {
            spans.push((arena.len(), arena.len() + text.len()));
            arena.extend_from_slice(text);
        }
        Text {
            short: Index::new(short.iter().map(|(hash, _)| *hash).collect()),
            views: short.into_iter().map(|(_, view)| view).collect(),
            long: Index::new(long.into_iter().map(|(hash, _)| hash).collect()),
            spans,
            arena,
        }
    }

    #[inline(always)]
    fn has_short(&self, view: u128) -> bool {
        let range = self.short.find_all(short_hash(view));
        if range.len() == 1 {
            return self.views.get(range.start) == Some(&view);
        }
        self.views.get(range).is_some_and(|views| views.binary_search(&view).is_ok())
    }

    #[inline(always)]
    fn has_long(&self, text: &[u8]) -> bool {
        let of = |span: &(usize, usize)| self.arena.get(span.0..span.1).unwrap_or_default();
        let range = self.long.find_all(hash::bytes(0, text));
        if range.len() == 1 {
            return self.spans.get(range.start).is_some_and(|span| of(span) == text);
        }
        let spans = self.spans.get(range).unwrap_or_default();
        spans.binary_search_by(|span| of(span).cmp(text)).is_ok()
    }

    fn missing(&self, column: &ArrayRef) -> Option<Mask> {
        match column.data_type() {
            DataType::Utf8 => Some(self.missing_bytes(column.as_bytes_opt::<Utf8Type>()?)),
            DataType::LargeUtf8 => Some(self.missing_bytes(column.as_bytes_opt::<LargeUtf8Type>()?)),
            DataType::Utf8View => Some(self.missing_views(column.as_byte_view_opt::<StringViewType>()?)),
            _ => None,
        }
    }

    fn missing_bytes<T: ByteArrayType>(&self, array: &GenericByteArray<T>) -> Mask {
        let (offsets, data) = (array.value_offsets(), array.value_data());
        let bounds = offsets.iter().zip(offsets.iter().skip(1));
        mask_of(
            array.len(),
            bounds.map(|(from, to)| {
                let text = data.get(from.as_usize()..to.as_usize()).unwrap_or_default();
                !short_view(text).map_or_else(|| self.has_long(text), |view| self.has_short(view))
            }),
        )
    }

    fn missing_views<T: ByteViewType + ?Sized>(&self, array: &GenericByteViewArray<T>) -> Mask {
        mask_of(
            array.len(),
            array.views().iter().map(|view| match inline_view(*view) {
                Some(view) => !self.has_short(view),
                None => !self.has_long(outside(array, *view)),
            }),
        )
    }
}

/// The rows for which `bits` is true.
fn mask_of(len: usize, mut bits: impl Iterator<Item = bool>) -> Mask {
    let word = |_| bits.by_ref().take(64).enumerate().fold(0, |word, (bit, set)| word | u64::from(set) << bit);
    Mask::from_words((0..len.div_ceil(64)).map(word).collect(), len)
}
