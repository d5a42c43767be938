//! Bitmaps of rows in words of 64: bit `i % 64` of word `i / 64` is row `i`.

use arrow_array::{Array, DictionaryArray, downcast_dictionary_array};
use arrow_buffer::BooleanBuffer;

/// Words that hold `len` bits.
pub(crate) fn words(len: usize) -> usize {
    len.div_ceil(64)
}

/// Clears the bits from `len` on.
pub(crate) fn clear_tail(bits: &mut [u64], len: usize) {
    if !len.is_multiple_of(64)
        && let Some(last) = bits.get_mut(len / 64)
    {
        *last &= (1u64 << (len % 64)) - 1;
    }
}

/// Sets the first `len` bits.
pub(crate) fn set_all(bits: &mut [u64], len: usize) {
    bits.fill(u64::MAX);
    clear_tail(bits, len);
}

/// Writes bit `i` = `test(i)` for `i < len`.
#[inline(always)]
pub(crate) fn fill(bits: &mut [u64], len: usize, mut test: impl FnMut(usize) -> bool) {
    for (index, word) in bits.iter_mut().enumerate() {
        let base = index * 64;
        let mut flags = 0u64;
        for bit in 0..len.saturating_sub(base).min(64) {
            flags |= u64::from(test(base + bit)) << bit;
        }
        *word = flags;
    }
}

/// Writes bit `i` = `test(values[i])`; the loop over 64 values has no branch and vectorises.
#[inline(always)]
pub(crate) fn pack<T: Copy>(values: &[T], bits: &mut [u64], test: impl Fn(T) -> bool) {
    let (full, rest) = values.as_chunks::<64>();
    let mut words = bits.iter_mut();
    for (chunk, word) in full.iter().zip(&mut words) {
        let mut flags = [0u8; 64];
        for (flag, value) in flags.iter_mut().zip(chunk) {
            *flag = u8::from(test(*value));
        }
        *word = gather(&flags);
    }
    if let Some(word) = words.next() {
        *word = rest.iter().enumerate().fold(0, |flags, (bit, value)| flags | u64::from(test(*value)) << bit);
    }
}

/// Writes bit `i` = `values[i]` is (`wanted`) or is not one of the members. Member by member, so that the comparisons of 64
/// values vectorise.
#[inline(always)]
pub(crate) fn pack_members<T: Copy, A: Copy + PartialEq>(
    values: &[T],
    members: &[A],
    wanted: bool,
    bits: &mut [u64],
    atom: impl Fn(T) -> A,
) {
    let (full, rest) = values.as_chunks::<64>();
    let flip = if wanted { 0 } else { u64::MAX };
    let mut words = bits.iter_mut();
    for (chunk, word) in full.iter().zip(&mut words) {
        let mut flags = [0u8; 64];
        for member in members {
            for (flag, value) in flags.iter_mut().zip(chunk) {
                *flag |= u8::from(atom(*value) == *member);
            }
        }
        *word = gather(&flags) ^ flip;
    }
    if let Some(word) = words.next() {
        *word = rest
            .iter()
            .enumerate()
            .fold(0, |flags, (bit, value)| flags | u64::from(members.contains(&atom(*value)) == wanted) << bit);
    }
}

/// 64 bytes of 0 or 1 as one word: the product moves the bit of byte `i` to bit `56 + i` without carries.
#[inline(always)]
fn gather(flags: &[u8; 64]) -> u64 {
    let mut word = 0;
    for (index, bytes) in flags.as_chunks::<8>().0.iter().enumerate() {
        let byte = u64::from_le_bytes(*bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        word |= byte << (8 * index);
    }
    word
}

/// Copies bits `[start, start + len)` of a buffer. Missing bits are unset.
pub(crate) fn copy(source: &BooleanBuffer, start: usize, len: usize, bits: &mut [u64]) {
    bits.fill(0);
    let taken = len.min(source.len().saturating_sub(start));
    if taken == 0 {
        return;
    }
    let slice = source.slice(start, taken);
    for (word, chunk) in bits.iter_mut().zip(slice.bit_chunks().iter_padded()) {
        *word = chunk;
    }
    clear_tail(bits, taken);
}

/// Writes which rows hold a value, looking through dictionaries; answers whether any row is NULL.
pub(crate) fn validity(array: &dyn Array, start: usize, len: usize, bits: &mut [u64]) -> bool {
    downcast_dictionary_array!(
        array => return keyed_validity(array, start, len, bits),
        arrow_schema::DataType::Null => {
            bits.fill(0);
            return len > 0;
        }
        arrow_schema::DataType::Union(_, _) | arrow_schema::DataType::RunEndEncoded(_, _) => {
            match array.slice(start, len).logical_nulls() {
                Some(nulls) => copy(nulls.inner(), 0, len, bits),
                None => set_all(bits, len),
            }
        }
        _ => match array.nulls() {
            Some(nulls) if nulls.null_count() > 0 => copy(nulls.inner(), start, len, bits),
            _ => set_all(bits, len),
        }
    );
    bits.iter().map(|word| word.count_ones() as usize).sum::<usize>() < len
}

fn keyed_validity<K: arrow_array::types::ArrowDictionaryKeyType>(
    array: &DictionaryArray<K>,
    start: usize,
    len: usize,
    bits: &mut [u64],
) -> bool {
    let values = array.values();
    let mut held = vec![0; words(values.len())];
    let holes = validity(values.as_ref(), 0, values.len(), &mut held);
    let has_nulls = validity(array.keys(), start, len, bits);
    if !holes {
        return has_nulls;
    }
    let keys = array.keys().values();
    let mut pointed = vec![0; bits.len()];
    fill(&mut pointed, len, |row| keys.get(start + row).is_some_and(|key| get(&held, usize_key(*key))));
    let mut count = 0;
    for (word, other) in bits.iter_mut().zip(&pointed) {
        *word &= other;
        count += word.count_ones() as usize;
    }
    count < len
}

/// The bit at `index`; unset beyond the end.
#[inline(always)]
pub(crate) fn get(bits: &[u64], index: usize) -> bool {
    bits.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
}

/// Sets the bit at `index`, if there is one.
pub(crate) fn set(bits: &mut [u64], index: usize) {
    if let Some(word) = bits.get_mut(index / 64) {
        *word |= 1 << (index % 64);
    }
}

/// A dictionary key as an index; keys under NULL may be negative and then point nowhere.
#[inline(always)]
pub(crate) fn usize_key(key: impl arrow_buffer::ArrowNativeType) -> usize {
    key.to_usize().unwrap_or(usize::MAX)
}

/// Writes bit `i` = `test(a[i], b[i])`; as [`pack`].
#[inline(always)]
pub(crate) fn pack_pairs<T: Copy>(a: &[T], b: &[T], bits: &mut [u64], test: impl Fn(T, T) -> bool) {
    let ((full_a, rest_a), (full_b, rest_b)) = (a.as_chunks::<64>(), b.as_chunks::<64>());
    let mut words = bits.iter_mut();
    for ((x, y), word) in full_a.iter().zip(full_b).zip(&mut words) {
        let mut flags = [0u8; 64];
        for (flag, (x, y)) in flags.iter_mut().zip(x.iter().zip(y)) {
            *flag = u8::from(test(*x, *y));
        }
        *word = gather(&flags);
    }
    if let Some(word) = words.next() {
        let pairs = rest_a.iter().zip(rest_b).enumerate();
        *word = pairs.fold(0, |flags, (bit, (x, y))| flags | u64::from(test(*x, *y)) << bit);
    }
}
