//! Digits, eight at a time in a word: its first byte is the first of the text.

/// Zeros as text.
const ZEROS: u64 = 0x3030_3030_3030_3030;
const POINTS: u64 = 0x2E2E_2E2E_2E2E_2E2E;
const LOW_BITS: u64 = 0x0101_0101_0101_0101;
/// What takes each number over 9 to the highest bit.
const ABOVE_NINE: u64 = 0x7676_7676_7676_7676;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// The most bytes that are read here.
pub(super) const LONGEST: usize = 16;

/// The value of 1 to 16 digits; none of anything else.
#[inline(always)]
pub(super) fn whole(text: &[u8]) -> Option<u64> {
    match text.len() {
        1..=8 => checked(short_word(text)?, text.len()),
        9..=LONGEST => {
            let (head, tail) = text.split_at_checked(text.len() - 8)?;
            Some(checked(short_word(head)?, head.len())? * 100_000_000 + checked(short_word(tail)?, 8)?)
        }
        _ => None,
    }
}

/// The digits of at most 16 bytes of which one may be a point, as one number, and how many of them follow the point; none of anything else.
#[inline(always)]
pub(super) fn pointed(text: &[u8]) -> Option<(u64, usize)> {
    let length = text.len();
    if length <= 8 {
        let word = short_word(text)?;
        let Some(point) = point(word).filter(|point| *point < length) else {
            return Some((checked(word, length)?, 0));
        };
        let before = (1u64 << (8 * point)) - 1;
        return Some((checked(word & before | word >> 8 & !before, length - 1)?, length - 1 - point));
    }
    let (head, tail) = text.split_at_checked(8)?;
    let (head, rest) = (short_word(head)?, tail.len());
    if rest > 8 {
        return None;
    }
    let tail = short_word(tail)?;
    let Some(at) = point(head).or_else(|| point(tail).map(|at| at + 8)).filter(|at| *at < length) else {
        return Some((checked(head, 8)? * power(rest) + checked(tail, rest)?, 0));
    };
    let word = u128::from(head) | u128::from(tail) << 64;
    let before = (1u128 << (8 * at)) - 1;
    let word = word & before | word >> 8 & !before;
    let (head, tail) = (word as u64, (word >> 64) as u64);
    let low = if rest == 1 { 0 } else { checked(tail, rest - 1)? };
    Some((checked(head, 8)? * power(rest - 1) + low, length - 1 - at))
}

/// 10 to a power of at most 8.
#[inline(always)]
fn power(exponent: usize) -> u64 {
    super::number::POWERS.get(exponent).copied().unwrap_or(0)
}

/// The first byte that is a point.
#[inline(always)]
fn point(word: u64) -> Option<usize> {
    let others = word ^ POINTS;
    // The lowest bit that is set is of the first byte that is zero.
    let zeros = others.wrapping_sub(LOW_BITS) & !others & HIGH_BITS;
    (zeros != 0).then(|| zeros.trailing_zeros() as usize / 8)
}

/// How many of a word's first bytes are digits.
#[inline(always)]
pub(crate) fn digits(word: u64) -> usize {
    let digits = word ^ ZEROS;
    // What a byte carries reaches those after it only, so that the lowest bit set is right.
    let others = (digits.wrapping_add(ABOVE_NINE) | digits) & HIGH_BITS;
    others.trailing_zeros() as usize / 8
}

/// The value of a word's first `length` bytes, 1 to 8, which are digits.
#[inline(always)]
pub(crate) fn value(word: u64, length: usize) -> u64 {
    sum(last(word, length))
}

/// The value of a word's first `length` bytes, 1 to 8, if all are digits.
#[inline(always)]
fn checked(word: u64, length: usize) -> Option<u64> {
    let digits = last(word, length);
    ((digits.wrapping_add(ABOVE_NINE) | digits) & HIGH_BITS == 0).then(|| sum(digits))
}

/// The first `length` bytes of text, 1 to 8, as numbers, the last one in the last byte, after zeros.
#[inline(always)]
fn last(word: u64, length: usize) -> u64 {
    (word ^ ZEROS).wrapping_shl(64 - 8 * length as u32)
}

/// Eight digits as one number.
#[inline(always)]
fn sum(digits: u64) -> u64 {
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_FFFF_0000_FFFF;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xFFFF_FFFF
}

/// 1 to 8 bytes as a word; the bytes after them are zero.
#[inline(always)]
fn short_word(text: &[u8]) -> Option<u64> {
    if let Some(bytes) = text.first_chunk::<8>() {
        return Some(u64::from_le_bytes(*bytes));
    }
    if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        let (first, last) = (u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)));
        // Where they overlap they are equal.
        return Some(first | last << (8 * (text.len() - 4)));
    }
    let at = |index: usize| text.get(index).map(|byte| u64::from(*byte) << (8 * index));
    Some(at(0)? | at(text.len() / 2)? | at(text.len() - 1)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn numbers_are_those_of_the_standard_library(text in "[0-9]{0,18}|[0-9]{0,9}[.][0-9]{0,9}|[0-9./:a-f\\x00-\\xFF]{0,17}") {
            let bytes = text.as_bytes();
            let fits = bytes.len() <= LONGEST;
            let digits: String = text.chars().filter(|c| *c != '.').collect();
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && fits;
            let points = text.len() - digits.len();
            prop_assert_eq!(whole(bytes), if plain && points == 0 { digits.parse().ok() } else { None });
            let fraction = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
            let expected = if plain && points < 2 { digits.parse().ok().map(|value| (value, fraction)) } else { None };
            prop_assert_eq!(pointed(bytes), expected);
        }
    }

    #[test]
    fn each_place_refuses_each_byte_that_is_no_digit() {
        for length in 1..=LONGEST {
            for at in 0..length {
                for byte in 0..=255_u8 {
                    let mut text = vec![b'7'; length];
                    text[at] = byte;
                    assert_eq!(whole(&text).is_some(), byte.is_ascii_digit(), "{text:?}");
                    let point = byte == b'.' && length > 1;
                    assert_eq!(pointed(&text).is_some(), byte.is_ascii_digit() || point, "{text:?}");
                }
            }
        }
    }
}
