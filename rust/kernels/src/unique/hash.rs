//! Fixed hashes: the same on every machine and in every run.
//!
//! They spread honest data well and are no security boundary: whoever wants two keys of the same hash can make them. Every
//! use is therefore followed by a comparison of the keys themselves, by methods whose worst case stays n · log n.

const K1: u64 = 0x9E37_79B9_7F4A_7C15;
const K2: u64 = 0xD6E8_FEB8_6659_FD93;
const K3: u64 = 0xA076_1D64_78BD_642F;

/// The two halves of the 128-bit product, folded.
#[inline(always)]
pub(crate) fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// A bijection of 64 bits whose upper bits depend on every bit of the input.
#[inline(always)]
pub(crate) fn scramble(value: u64) -> u64 {
    let value = (value ^ (value >> 32)).wrapping_mul(K1);
    (value ^ (value >> 29)).wrapping_mul(K2)
}

/// The hash of a composite key so far with the hash of its next part.
#[inline(always)]
pub(crate) fn combine(so_far: u64, part: u64) -> u64 {
    fold(so_far ^ K3, part ^ K2)
}

#[inline(always)]
fn low(data: &[u8]) -> u64 {
    match (data.first_chunk::<8>(), data.first_chunk::<4>()) {
        (Some(eight), _) => u64::from_le_bytes(*eight),
        (None, Some(four)) => u64::from(u32::from_le_bytes(*four)),
        (None, None) => data.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

#[inline(always)]
fn high(data: &[u8]) -> u64 {
    match (data.last_chunk::<8>(), data.last_chunk::<4>()) {
        (Some(eight), _) => u64::from_le_bytes(*eight),
        (None, Some(four)) => u64::from(u32::from_le_bytes(*four)),
        (None, None) => 0,
    }
}

/// The hash of a byte string under a seed.
#[inline]
pub(crate) fn bytes(seed: u64, data: &[u8]) -> u64 {
    let (mut state, mut rest) = (seed, data);
    while let (Some((block, after)), true) = (rest.split_first_chunk::<16>(), rest.len() > 16) {
        state = fold(low(block) ^ K1, high(block) ^ state);
        rest = after;
    }
    state = fold(low(rest) ^ K2, high(rest) ^ state);
    fold(state ^ K3, data.len() as u64 ^ K1)
}

/// 128 bits over a byte string, for fingerprints.
pub(crate) fn wide(data: &[u8]) -> u128 {
    u128::from(bytes(K1, data)) << 64 | u128::from(bytes(K2, data))
}
