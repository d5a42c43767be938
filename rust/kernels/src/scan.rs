//! Bytes of JSON texts.

/// What stands for itself in a JSON text from a byte on: up to a quote, a backslash, a control character or the end. Empty where no
/// character begins at `start`. Cost: a few instructions for 16 bytes.
#[inline(always)]
pub fn json_run(text: &str, start: usize) -> &str {
    if !text.is_char_boundary(start) {
        return "";
    }
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    // SAFETY: a run is no longer than what it is the start of. It begins where a character of `text` begins, and ends at its end or
    // before an ASCII byte, hence where one ends.
    unsafe { std::str::from_utf8_unchecked(rest.get_unchecked(..json_plain(rest))) }
}

/// How many of the first bytes stand for themselves in a JSON text: up to a quote, a backslash or a control character. Cost: a few
/// instructions for 16 bytes.
#[inline(always)]
pub fn json_plain(bytes: &[u8]) -> usize {
    // Most names and many texts end in the first block.
    match bytes.first_chunk::<16>().map(first_odd) {
        Some(found) if found < 16 => found,
        _ => further(bytes),
    }
}

#[inline]
fn further(bytes: &[u8]) -> usize {
    let (blocks, rest) = bytes.as_chunks::<16>();
    let mut at = 0_usize;
    for block in blocks {
        let found = first_odd(block);
        if found < 16 {
            return at.saturating_add(found);
        }
        at = at.saturating_add(16);
    }
    if rest.is_empty() {
        return at;
    }
    if let Some(last) = bytes.last_chunk::<16>() {
        // Bytes that were seen before stand for themselves.
        return bytes.len().saturating_sub(16).saturating_add(first_odd(last));
    }
    // Filled up with what ends it, so that the end is found like any other byte.
    let mut last = [0_u8; 16];
    if let Some(place) = last.get_mut(..rest.len()) {
        place.copy_from_slice(rest);
    }
    at.saturating_add(first_odd(&last))
}

/// The first byte that does not stand for itself; 16 if all do.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn first_odd(block: &[u8; 16]) -> usize {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_loadu_si128, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    };
    // SAFETY: SSE2 is part of every x86-64 processor; the load reads the 16 bytes of `block` and needs no alignment.
    let found = unsafe {
        let bytes = _mm_loadu_si128(block.as_ptr().cast());
        let control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
        let quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x22));
        let backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x5C));
        _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(control, quote), backslash))
    };
    (found | 0x1_0000).trailing_zeros() as usize
}

/// As [`first_odd`], eight bytes at a time.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn first_odd_of_words(block: &[u8; 16]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    // The lowest bit that is set belongs to the first such byte; what lies above it may be a borrow.
    let odd = |word: u64| {
        let small = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        small | zero(word ^ (ONES * 0x22)) | zero(word ^ (ONES * 0x5C))
    };
    let all = u128::from_le_bytes(*block);
    match (odd(all as u64), odd((all >> 64) as u64)) {
        (0, high) => 8 + high.trailing_zeros() as usize / 8,
        (low, _) => low.trailing_zeros() as usize / 8,
    }
}

/// The first byte that does not stand for itself; 16 if all do.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn first_odd(block: &[u8; 16]) -> usize {
    first_odd_of_words(block)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn naive(bytes: &[u8]) -> usize {
        bytes.iter().position(|byte| *byte < 32 || [b'"', b'\\'].contains(byte)).unwrap_or(bytes.len())
    }

    #[test]
    fn every_byte_at_every_place() {
        for length in 0..70 {
            for place in 0..length {
                for byte in 0..=255 {
                    let mut bytes = vec![0xE4; length];
                    *bytes.get_mut(place).unwrap() = byte;
                    assert_eq!(json_plain(&bytes), naive(&bytes), "{bytes:?}");
                }
            }
        }
    }

    #[test]
    fn runs_begin_and_end_between_characters() {
        let text = "a\"ü\\日本\u{1}𝄞\"ende ohne Zeichen, das länger ist als sechzehn Bytes ist ✓";
        for start in 0..text.len() + 3 {
            let wanted = text.get(start..).map_or("", |rest| rest.get(..naive(rest.as_bytes())).unwrap());
            assert_eq!(json_run(text, start), wanted, "{start}");
        }
    }

    #[test]
    fn words_say_what_blocks_say() {
        for (first, second) in (0..16).flat_map(|first| (first..16).map(move |second| (first, second))) {
            for (one, other) in [0, 31, 32, 33, 34, 35, 92, 127, 128, 162, 220, 255]
                .into_iter()
                .flat_map(|one| [(one, 0), (one, 34), (one, 92)])
            {
                let mut block = [b'!'; 16];
                *block.get_mut(second).unwrap() = other;
                *block.get_mut(first).unwrap() = one;
                assert_eq!(first_odd_of_words(&block), naive(&block), "{block:?}");
                assert_eq!(first_odd(&block), naive(&block), "{block:?}");
            }
        }
    }

    #[test]
    fn the_first_of_several_ends_it() {
        for length in 0..50 {
            for first in 0..length {
                for second in first..length {
                    let mut bytes = vec![b'!'; length];
                    *bytes.get_mut(first).unwrap() = b'\\';
                    *bytes.get_mut(second).unwrap() = 0;
                    assert_eq!(json_plain(&bytes), first, "{bytes:?}");
                }
            }
        }
    }
}
