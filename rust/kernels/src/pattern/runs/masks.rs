//! From the bytes of a value to one word of positions for each class.

use std::arch::x86_64::{
    __m256i, _mm_set_epi64x, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8,
    _mm256_set1_epi8, _mm256_setr_epi8, _mm256_shuffle_epi8, _mm256_srli_epi16, _mm256_zextsi128_si256,
};

use super::lanes::Block;
use super::{AsciiSet, MAX_VALUE};
use crate::pattern::cells::{Cell, inline_len};

const WIDTH: usize = 32;

/// The classes of a program: for each one and each low half of a byte, the high halves (one bit each) that make up a
/// member. The 16 entries stand there twice.
#[derive(Debug)]
pub(super) struct Tables(Vec<[u8; WIDTH]>);

impl Tables {
    pub(super) fn new(classes: &[AsciiSet]) -> Tables {
        Tables(classes.iter().map(|set| nibbles(*set)).collect())
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

/// Writes the words of the classes, which are numbered from 0 on, and the end of a value into its lane.
#[allow(clippy::explicit_counter_loop, reason = "adapters are not inlined here, see `lanes::zip`")]
#[inline(always)]
fn fill(block: &mut Block, lane: usize, len: usize, tables: &Tables, word: impl Fn(&[u8; WIDTH]) -> u64) {
    let inside = (1u64 << len) - 1;
    let mut number = 0;
    for table in &tables.0 {
        if let Some(lanes) = block.classes.get_mut(number)
            && let Some(slot) = lanes.get_mut(lane)
        {
            *slot = word(table) & inside;
        }
        number += 1;
    }
    if let Some(slot) = block.ends.get_mut(lane) {
        *slot = 1 << len;
    }
}

/// Turns values into positions, on processors with AVX2 and BMI2: having one proves that the processor has them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Avx2> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi2")).then_some(Avx2(()))
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
            Halves { bytes, high: _mm256_shuffle_epi8(bits, index) }
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

impl Avx2 {
    /// Writes the value into its lane; false, with the lane left arbitrary, when it is too long or not ASCII.
    #[inline(always)]
    pub(super) fn classify(self, tables: &Tables, cell: Cell<'_>, lane: usize, block: &mut Block) -> bool {
        let (low, len) = match cell {
            Cell::Inline(view) => {
                let value = view >> 32;
                // SAFETY: register arithmetic that needs AVX2, which `self` proves.
                let bytes = unsafe { _mm256_zextsi128_si256(_mm_set_epi64x((value >> 64) as i64, value as i64)) };
                (Halves::new(self, bytes), inline_len(view))
            }
            Cell::Tail { len, .. } if len > MAX_VALUE => return false,
            Cell::Tail { tail, len } => (load(self, tail, 0), len),
        };
        let inside = (1u64 << len) - 1;
        match cell {
            Cell::Tail { tail, .. } if len > WIDTH => {
                let high = load(self, tail, WIDTH);
                let members = |table: &[u8; WIDTH]| low.members(table) | high.members(table) << WIDTH;
                fill(block, lane, len, tables, members);
                (low.outside() | high.outside() << WIDTH) & inside == 0
            }
            _ => {
                fill(block, lane, len, tables, |table| low.members(table));
                low.outside() & inside == 0
            }
        }
    }
}
