//! Where a string's plain part ends.

/// The first byte at or after `from` that is no plain part of a JSON string: a quote, a backslash, a control; the length if there is none.
#[inline(always)]
pub(super) fn plain_end(bytes: &[u8], from: usize) -> usize {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    return sse2::plain_end(bytes, from);
    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
    return portable(bytes, from);
}

/// Bytes that are looked at in one step.
pub(super) const BLOCK: usize = 32;

/// How many of a block's first bytes are plain: no quote, no backslash, no control.
#[inline(always)]
pub(super) fn plain_length(block: &[u8; BLOCK]) -> usize {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    return sse2::plain_length(block);
    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
    return portable(block, 0);
}

/// A bit for each byte of a block that is not plain, and whether one of them is a control.
#[inline(always)]
pub(super) fn specials(block: &[u8; BLOCK]) -> (u32, bool) {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    return (sse2::specials(block), sse2::has_controls(block));
    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
    return one_by_one(block);
}

#[cfg_attr(all(target_arch = "x86_64", target_feature = "sse2"), allow(dead_code))]
fn one_by_one(block: &[u8; BLOCK]) -> (u32, bool) {
    let is_special = |byte: &u8| matches!(byte, 0..=0x1F | b'"' | b'\\');
    let marks = block.iter().rev().fold(0, |marks, byte| marks << 1 | u32::from(is_special(byte)));
    (marks, block.iter().any(|byte| *byte < 0x20))
}

/// Where the next line feed stands at or after `from`. Lines are short, and most finders that are made for long texts cost more to call than to run.
#[inline(always)]
pub(super) fn line_end(bytes: &[u8], from: usize) -> Option<usize> {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    return sse2::line_end(bytes, from);
    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
    return rest_of_line(bytes, from);
}

fn rest_of_line(bytes: &[u8], from: usize) -> Option<usize> {
    memchr::memchr(b'\n', bytes.get(from..)?).map(|length| from + length)
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The highest bit of each byte that is zero; bytes after the first such one may be marked too.
#[inline(always)]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

/// Eight bytes at a time. Marks are right up to the lowest one, which is all that is asked of them.
#[cfg_attr(all(target_arch = "x86_64", target_feature = "sse2"), allow(dead_code))]
fn portable(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*word);
        let quote = zeros(word ^ (ONES * u64::from(b'"')));
        let backslash = zeros(word ^ (ONES * u64::from(b'\\')));
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let marks = quote | backslash | control;
        if marks != 0 {
            return at + marks.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    tail(bytes, at)
}

#[inline(always)]
fn tail(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|byte| matches!(byte, 0..=0x1F | b'"' | b'\\')).unwrap_or(rest.len())
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2 {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    };

    /// Sixteen bytes at a time.
    #[inline(always)]
    pub(super) fn plain_end(bytes: &[u8], from: usize) -> usize {
        let mut at = from;
        while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<16>()) {
            let marks = marks(block);
            if marks != 0 {
                return at + marks.trailing_zeros() as usize;
            }
            at += 16;
        }
        super::tail(bytes, at)
    }

    #[inline(always)]
    pub(super) fn plain_length(block: &[u8; super::BLOCK]) -> usize {
        // A length of 32 where no byte is marked.
        (u64::from(specials(block)) | 1 << 32).trailing_zeros() as usize
    }

    #[inline(always)]
    pub(super) fn specials(block: &[u8; super::BLOCK]) -> u32 {
        let (Some(low), Some(high)) = (block.first_chunk(), block.last_chunk()) else { return 0 };
        marks(low) | marks(high) << 16
    }

    #[inline(always)]
    pub(super) fn has_controls(block: &[u8; super::BLOCK]) -> bool {
        block.iter().fold(false, |found, byte| found | (*byte < 0x20))
    }

    /// Sixty-four bytes at a time.
    #[inline(always)]
    pub(super) fn line_end(bytes: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<64>()) {
            let (blocks, _) = block.as_chunks::<16>();
            let mut feeds = 0;
            for (place, block) in blocks.iter().enumerate() {
                feeds |= u64::from(line_feeds(block)) << (16 * place);
            }
            if feeds != 0 {
                return Some(at + feeds.trailing_zeros() as usize);
            }
            at += 64;
        }
        super::rest_of_line(bytes, at)
    }

    #[inline(always)]
    fn line_feeds(block: &[u8; 16]) -> u32 {
        // SAFETY: as in `marks`.
        unsafe {
            let block = _mm_loadu_si128(std::ptr::from_ref(block).cast::<__m128i>());
            _mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8(b'\n' as i8))) as u32
        }
    }

    #[inline(always)]
    fn marks(block: &[u8; 16]) -> u32 {
        // SAFETY: the load reads the 16 bytes of `block`, unaligned; SSE2 is among the target's features.
        unsafe {
            let block = _mm_loadu_si128(std::ptr::from_ref(block).cast::<__m128i>());
            let quote = _mm_cmpeq_epi8(block, _mm_set1_epi8(b'"' as i8));
            let backslash = _mm_cmpeq_epi8(block, _mm_set1_epi8(b'\\' as i8));
            let control = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1F)), block);
            _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control)) as u32
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use proptest::prelude::*;

    fn one_by_one(bytes: &[u8], from: usize) -> usize {
        (from..bytes.len())
            .find(|at| bytes[*at] < 0x20 || bytes[*at] == b'"' || bytes[*at] == b'\\')
            .unwrap_or(bytes.len())
    }

    #[test]
    fn each_byte_at_each_place() {
        for byte in 0..=255 {
            for place in 0..40 {
                let mut bytes = vec![b'x'; 41];
                bytes[place] = byte;
                bytes[40] = b'"';
                for from in 0..3 {
                    assert_eq!(plain_end(&bytes, from), one_by_one(&bytes, from));
                    assert_eq!(portable(&bytes, from), one_by_one(&bytes, from));
                }
            }
        }
    }

    #[test]
    fn blocks_are_read_as_texts_are() {
        for byte in 0..=255 {
            for place in 0..=BLOCK {
                let mut block = [b'\x7F'; BLOCK];
                block.iter_mut().skip(place).for_each(|rest| *rest = byte);
                assert_eq!(plain_length(&block), one_by_one(&block, 0), "{byte} at {place}");
                assert_eq!(portable(&block, 0), one_by_one(&block, 0), "{byte} at {place}");
                assert_eq!(specials(&block), super::one_by_one(&block), "{byte} at {place}");
            }
        }
    }

    #[test]
    fn lines_end_at_the_first_feed() {
        for length in 0..200 {
            for feed in 0..=length {
                let mut bytes = vec![b'\r'; length];
                bytes.iter_mut().skip(feed).step_by(3).for_each(|byte| *byte = b'\n');
                for from in [0, 1, feed.saturating_sub(1), feed, feed + 1, length] {
                    let expected =
                        bytes.iter().enumerate().skip(from).find(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
                    assert_eq!(line_end(&bytes, from), expected);
                    assert_eq!(rest_of_line(&bytes, from), expected);
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn ways_agree(bytes in prop::collection::vec(prop_oneof![Just(b'a'), Just(b'"'), Just(b'!'), Just(0x80), any::<u8>()], 0..80), from in 0_usize..10) {
            let from = from.min(bytes.len());
            prop_assert_eq!(plain_end(&bytes, from), one_by_one(&bytes, from));
            prop_assert_eq!(portable(&bytes, from), one_by_one(&bytes, from));
        }
    }
}
