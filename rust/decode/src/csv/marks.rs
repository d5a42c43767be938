//! Where the bytes are that structure CSV.

use multiversion::multiversion;
use multiversion::target::match_target;

/// Bytes whose marks are one word.
pub(super) const BLOCK: usize = 64;

/// Sets bit `i` of a block's word exactly when its byte `i` is one of the two needles or of a line break's.
///
/// Blocks without a word, and words without a block, are left alone.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
pub(super) fn mark(blocks: &[[u8; BLOCK]], needles: [u8; 2], words: &mut [u64]) {
    match_target! {
        "x86_64+avx2+bmi1+bmi2" => avx2(blocks, needles, words),
        _ => portable(blocks, needles, words),
    }
}

/// Eight bytes as a lane of a vector.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn lane(bytes: &[u8; 8]) -> i64 {
    i64::from_le_bytes(*bytes)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn avx2(blocks: &[[u8; BLOCK]], needles: [u8; 2], words: &mut [u64]) {
    use std::arch::x86_64::{__m256i, _mm256_set1_epi8, _mm256_setr_epi64x};
    // No closures: what is called with vectors must be of the same target, or it is called for each.
    let needles: [__m256i; 4] = [
        _mm256_set1_epi8(needles[0] as i8),
        _mm256_set1_epi8(needles[1] as i8),
        _mm256_set1_epi8(b'\n' as i8),
        _mm256_set1_epi8(b'\r' as i8),
    ];
    for (block, word) in blocks.iter().zip(words) {
        if let ([a, b, c, d, e, f, g, h], []) = block.as_chunks::<8>() {
            let low = half(_mm256_setr_epi64x(lane(a), lane(b), lane(c), lane(d)), &needles);
            let high = half(_mm256_setr_epi64x(lane(e), lane(f), lane(g), lane(h)), &needles);
            *word = u64::from(low) | u64::from(high) << 32;
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn half(bytes: std::arch::x86_64::__m256i, [a, b, c, d]: &[std::arch::x86_64::__m256i; 4]) -> u32 {
    use std::arch::x86_64::{_mm256_cmpeq_epi8, _mm256_movemask_epi8, _mm256_or_si256};
    let fields = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, *a), _mm256_cmpeq_epi8(bytes, *b));
    let lines = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, *c), _mm256_cmpeq_epi8(bytes, *d));
    _mm256_movemask_epi8(_mm256_or_si256(fields, lines)) as u32
}

/// Plain loops, which compilers turn into vectors of any machine; the product moves the bit of byte `i` to bit `56 + i` without carries.
#[inline(always)]
fn portable(blocks: &[[u8; BLOCK]], needles: [u8; 2], words: &mut [u64]) {
    for (block, word) in blocks.iter().zip(words) {
        let mut flags = [0u8; BLOCK];
        for (flag, byte) in flags.iter_mut().zip(block) {
            *flag = u8::from((*byte == needles[0]) | (*byte == needles[1]) | (*byte == b'\n') | (*byte == b'\r'));
        }
        *word = 0;
        for (index, flags) in flags.as_chunks::<8>().0.iter().enumerate() {
            let byte = u64::from_le_bytes(*flags).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            *word |= byte << (8 * index);
        }
    }
}

/// Words of a window.
const WORDS: usize = 64;
const WINDOW: usize = BLOCK * WORDS;

/// Goes through the marked bytes of a chunk in order. It can go back, at the cost of marking again what lies outside of the present window.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    needles: [u8; 2],
    words: [u64; WORDS],
    /// First byte of the window, a multiple of [`BLOCK`].
    window: usize,
    /// First byte of the present word's block.
    block: usize,
    /// Marks of the block that are not passed.
    word: u64,
    /// Bytes marked so far, to judge the cost by.
    #[cfg(test)]
    pub(super) marked: usize,
}

impl<'a> Cursor<'a> {
    /// Before the first byte.
    pub(super) fn new(bytes: &'a [u8], needles: [u8; 2]) -> Self {
        let mut cursor = Self {
            bytes,
            needles,
            words: [0; WORDS],
            window: 0,
            block: 0,
            word: 0,
            #[cfg(test)]
            marked: 0,
        };
        cursor.load(0);
        cursor
    }

    /// The next marked byte, or the chunk's length after the last.
    #[inline(always)]
    pub(super) fn next(&mut self) -> usize {
        while self.word == 0 {
            if !self.advance() {
                return self.bytes.len();
            }
        }
        let at = self.block + self.word.trailing_zeros() as usize;
        self.word &= self.word - 1;
        at
    }

    #[inline]
    fn advance(&mut self) -> bool {
        let next = self.block + BLOCK;
        if next >= self.bytes.len() {
            return false;
        }
        if next - self.window >= WINDOW {
            self.load(next);
        } else {
            self.block = next;
            self.word = self.words.get((next - self.window) / BLOCK).copied().unwrap_or(0);
        }
        true
    }

    /// Goes to `position`: the next byte is the first marked one that is not before it.
    pub(super) fn seek(&mut self, position: usize) {
        let block = position - position % BLOCK;
        match block.checked_sub(self.window) {
            Some(offset) if offset < WINDOW => {
                self.block = block;
                self.word = self.words.get(offset / BLOCK).copied().unwrap_or(0);
            }
            _ => self.load(block),
        }
        self.word &= u64::MAX << (position % BLOCK);
    }

    /// Makes a window of the bytes from `start` on.
    fn load(&mut self, start: usize) {
        let window = self.bytes.get(start..).unwrap_or(&[]);
        let window = window.get(..WINDOW).unwrap_or(window);
        let (blocks, rest) = window.as_chunks::<BLOCK>();
        self.words = [0; WORDS];
        mark(blocks, self.needles, &mut self.words);
        if let (false, Some(word)) = (rest.is_empty(), self.words.get_mut(blocks.len())) {
            // The padding is no mark, since no needle is NUL.
            let mut last = [0; BLOCK];
            last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            mark(&[last], self.needles, std::slice::from_mut(word));
        }
        (self.window, self.block) = (start, start);
        self.word = self.words.first().copied().unwrap_or(0);
        #[cfg(test)]
        {
            self.marked += window.len();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use proptest::prelude::*;

    type Twin = fn(&[[u8; BLOCK]], [u8; 2], &mut [u64]);

    proptest! {
        #[test]
        fn all_twins_mark_alike(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b",\"\r\n"[..])], 192)) {
            let blocks = bytes.as_chunks::<BLOCK>().0;
            let mut expected = [0u64; 3];
            for (index, byte) in bytes.iter().enumerate() {
                expected[index / BLOCK] |= u64::from(b",\"\r\n".contains(byte)) << (index % BLOCK);
            }
            let twins: [Twin; 2] =
                [|b, n, w| mark(b, n, w), portable];
            for twin in twins {
                let mut words = [0; 3];
                twin(blocks, *b",\"", &mut words);
                prop_assert_eq!(words, expected);
            }
        }

        #[test]
        fn the_cursor_meets_every_mark(bytes in proptest::collection::vec(prop::sample::select(&b"abcdefgh,\"\r\n"[..]), 0..9000), to in 0..9000_usize) {
            let marks = |from: usize| bytes.iter().enumerate().skip(from).filter(|(_, byte)| b",\"\r\n".contains(byte)).map(|(at, _)| at);
            let mut cursor = Cursor::new(&bytes, *b",\"");
            for at in marks(0) {
                prop_assert_eq!(cursor.next(), at);
            }
            prop_assert_eq!(cursor.next(), bytes.len());
            let to = to.min(bytes.len());
            cursor.seek(to);
            for at in marks(to) {
                prop_assert_eq!(cursor.next(), at);
            }
            prop_assert_eq!(cursor.next(), bytes.len());
        }
    }
}
