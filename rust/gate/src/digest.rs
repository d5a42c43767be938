//! Digests as documents write them.

use crate::name::Name;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// `sha256:…` of bytes: as `guard_verdict::digest`, digit by digit without a formatter, as each decision needs several.
pub(crate) fn digest(bytes: &[u8]) -> String {
    written(bytes, str::to_owned)
}

/// As [`digest`], to be shared.
pub(crate) fn name(bytes: &[u8]) -> Name {
    written(bytes, |text| Name::Shared(Arc::from(text)))
}

/// Of a half of a byte.
#[inline(always)]
fn digit(half: u8) -> u8 {
    half + if half < 10 { b'0' } else { b'a' - 10 }
}

fn written<T>(bytes: &[u8], make: impl FnOnce(&str) -> T) -> T {
    let mut out = *b"sha256:0000000000000000000000000000000000000000000000000000000000000000";
    let hash: [u8; 32] = Sha256::digest(bytes).into();
    let (pairs, _) = out.split_at_mut(7).1.as_chunks_mut::<2>();
    for (pair, byte) in pairs.iter_mut().zip(hash) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    make(std::str::from_utf8(&out).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digests_of_verdicts() {
        assert_eq!(digest(b"abc"), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        for count in 0..300_u16 {
            let bytes: Vec<u8> = (0..count).map(|at| (at % 251) as u8).collect();
            assert_eq!(digest(&bytes), guard_verdict::digest(&bytes));
        }
    }
}
