//! From the bytes of a value to one word of positions for each class.

use super::lanes::Block;
use super::{AsciiSet, MAX_CLASSES, MAX_VALUE};
use crate::pattern::cells::{Cell, inline_len};

/// The classes of a program, in the forms that the classifiers read.
#[derive(Debug)]
pub(super) struct Tables {
    /// For each class and each low half of a byte, the high halves (one bit each) that make up a member. Twice.
    nibbles: Vec<[u8; 32]>,
    /// For each byte, the classes that it belongs to: the first 8, the others.
    bytes: Box<[[u8; 256]; MAX_CLASSES / 8]>,
}

impl Tables {
    pub(super) fn new(classes: &[AsciiSet]) -> Tables {
        let mut bytes = Box::new([[0; 256]; MAX_CLASSES / 8]);
        for (table, group) in bytes.iter_mut().zip(classes.chunks(8)) {
            for (byte, entry) in (0..=u8::MAX).zip(table.iter_mut()) {
                let members = group
                    .iter()
                    .enumerate()
                    .filter(|(_, set)| set.contains(byte));
                *entry = members.fold(0, |bits, (index, _)| bits | 1 << index);
            }
        }
        Tables {
            nibbles: classes.iter().map(|set| nibbles(*set)).collect(),
            bytes,
        }
    }
}

fn nibbles(set: AsciiSet) -> [u8; 32] {
    let mut table = [0; 32];
    for (index, entry) in (0..32u8).zip(table.iter_mut()) {
        let members = (0..8u8).filter(|high| set.contains(high << 4 | index & 15));
        *entry = members.fold(0, |bits, high| bits | 1 << high);
    }
    table
}

/// Turns values into positions.
pub(super) trait Classifier: Copy {
    /// Writes the value into its lane; false, with the lane left arbitrary, when it is too long or not ASCII.
    fn classify(self, tables: &Tables, cell: Cell<'_>, lane: usize, block: &mut Block) -> bool;
}

/// Writes one word per class into the lane.
#[inline(always)]
fn fill(block: &mut Block, lane: usize, len: usize, words: impl Iterator<Item = u64>) {
    let inside = (1u64 << len) - 1;
    for (lanes, word) in block.classes.iter_mut().zip(words) {
        if let Some(slot) = lanes.get_mut(lane) {
            *slot = word & inside;
        }
    }
    if let Some(slot) = block.ends.get_mut(lane) {
        *slot = 1 << len;
    }
}

/// The classifier for every processor.
#[derive(Clone, Copy)]
pub(super) struct Portable;

impl Classifier for Portable {
    #[inline(always)]
    fn classify(self, tables: &Tables, cell: Cell<'_>, lane: usize, block: &mut Block) -> bool {
        let inline;
        let value = match cell {
            Cell::Inline(view) => {
                inline = (view >> 32).to_le_bytes();
                inline.get(..inline_len(view))
            }
            Cell::Tail { tail, len } => tail.get(..len),
        };
        let Some(value) = value.filter(|value| value.len() <= MAX_VALUE && value.is_ascii()) else {
            return false;
        };
        let mut words = [0; MAX_CLASSES];
        for (words, table) in words
            .chunks_mut(8)
            .zip(tables.bytes.iter())
            .take(tables.nibbles.len().div_ceil(8))
        {
            transpose(value, table, words);
        }
        fill(
            block,
            lane,
            value.len(),
            words.iter().copied().take(tables.nibbles.len()),
        );
        true
    }
}

/// For 8 classes: looks 8 bytes up at a time, and gathers the bit of each class from the 8 results.
#[inline(always)]
fn transpose(value: &[u8], table: &[u8; 256], words: &mut [u64]) {
    for (chunk, shift) in value.chunks(8).zip((0..).step_by(8)) {
        let mut members = [0; 8];
        for (member, byte) in members.iter_mut().zip(chunk) {
            *member = table.get(usize::from(*byte)).copied().unwrap_or(0);
        }
        let members = u64::from_le_bytes(members);
        for (class, word) in words.iter_mut().enumerate() {
            // The product brings the lowest bits of the 8 bytes side by side into the highest byte.
            let gathered = (members >> class & 0x0101_0101_0101_0101)
                .wrapping_mul(0x0102_0408_1020_4080)
                >> 56;
            *word |= gathered << shift;
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use avx2::Avx2;

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm_set_epi64x, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256,
        _mm256_movemask_epi8, _mm256_set1_epi8, _mm256_setr_epi8, _mm256_shuffle_epi8,
        _mm256_srli_epi16, _mm256_zextsi128_si256,
    };

    use super::{Block, Cell, Classifier, MAX_VALUE, Tables, fill, inline_len};

    const WIDTH: usize = 32;

    /// The classifier for processors with AVX2 and BMI2; having one proves that the processor has them.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Avx2(());

    impl Avx2 {
        pub(in super::super) fn detect() -> Option<Avx2> {
            (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi2"))
                .then_some(Avx2(()))
        }
    }

    /// 32 bytes and, for each, the bit of its high half; no bit when it is not ASCII.
    #[derive(Clone, Copy)]
    struct Halves {
        bytes: __m256i,
        high: __m256i,
    }

    impl Halves {
        #[inline(always)]
        fn new(_: Avx2, bytes: __m256i) -> Halves {
            // SAFETY: register arithmetic that needs AVX2, which the `Avx2` proves.
            unsafe {
                let bits = _mm256_setr_epi8(
                    1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0, //
                    1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0,
                );
                let index = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(15));
                Halves {
                    bytes,
                    high: _mm256_shuffle_epi8(bits, index),
                }
            }
        }

        /// The positions of the class's members. Bytes that are not ASCII may count as members.
        #[inline(always)]
        fn members(self, table: &[u8; WIDTH]) -> u64 {
            // SAFETY: `Halves` are only made from an `Avx2`, which proves AVX2; the table is as wide as the load.
            let mask = unsafe {
                let table = _mm256_loadu_si256(table.as_ptr().cast());
                let member = _mm256_and_si256(_mm256_shuffle_epi8(table, self.bytes), self.high);
                _mm256_movemask_epi8(_mm256_cmpeq_epi8(member, self.high))
            };
            u64::from(mask as u32)
        }

        /// The positions of bytes that are not ASCII.
        #[inline(always)]
        fn outside(self) -> u64 {
            // SAFETY: `Halves` are only made from an `Avx2`, which proves AVX2.
            u64::from(unsafe { _mm256_movemask_epi8(self.bytes) } as u32)
        }
    }

    /// The 32 bytes of `tail` from `at` on; what lies beyond its end reads as 0.
    #[inline(always)]
    fn load(token: Avx2, tail: &[u8], at: usize) -> Halves {
        let tail = tail.get(at..).unwrap_or(&[]);
        let mut padded = [0; WIDTH];
        let source = match tail.first_chunk::<WIDTH>() {
            Some(chunk) => chunk,
            None => {
                copy(tail, &mut padded);
                &padded
            }
        };
        // SAFETY: the source is 32 bytes long, and `token` proves AVX2.
        Halves::new(token, unsafe { _mm256_loadu_si256(source.as_ptr().cast()) })
    }

    #[cold]
    fn copy(tail: &[u8], padded: &mut [u8; WIDTH]) {
        for (to, from) in padded.iter_mut().zip(tail) {
            *to = *from;
        }
    }

    impl Classifier for Avx2 {
        #[inline(always)]
        fn classify(self, tables: &Tables, cell: Cell<'_>, lane: usize, block: &mut Block) -> bool {
            let (low, len) = match cell {
                Cell::Inline(view) => {
                    let value = view >> 32;
                    // SAFETY: register arithmetic that needs AVX2, which `self` proves.
                    let bytes = unsafe {
                        _mm256_zextsi128_si256(_mm_set_epi64x((value >> 64) as i64, value as i64))
                    };
                    (Halves::new(self, bytes), inline_len(view))
                }
                Cell::Tail { len, .. } if len > MAX_VALUE => return false,
                Cell::Tail { tail, len } => (load(self, tail, 0), len),
            };
            let inside = (1u64 << len) - 1;
            match cell {
                Cell::Tail { tail, .. } if len > WIDTH => {
                    let high = load(self, tail, WIDTH);
                    let members = |table| low.members(table) | high.members(table) << WIDTH;
                    fill(block, lane, len, tables.nibbles.iter().map(members));
                    (low.outside() | high.outside() << WIDTH) & inside == 0
                }
                _ => {
                    fill(
                        block,
                        lane,
                        len,
                        tables.nibbles.iter().map(|table| low.members(table)),
                    );
                    low.outside() & inside == 0
                }
            }
        }
    }
}
