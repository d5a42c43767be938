//! Digests as documents write them.

use sha2::{Digest, Sha256};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// `sha256:…` of bytes: as `guard_verdict::digest`, digit by digit without a formatter, as each decision needs several.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(71);
    out.push_str("sha256:");
    for byte in Sha256::digest(bytes) {
        for half in [byte >> 4, byte & 15] {
            out.push(DIGITS.get(usize::from(half)).copied().map_or('?', char::from));
        }
    }
    out
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
