//! Lengths of text in Unicode scalar values, of binary values in bytes.

use arrow_array::Array;

use super::bytes;
use super::rows::Kernel;

/// Lengths outside of `least ..= greatest` fail.
pub(super) struct Length {
    pub(super) least: u64,
    pub(super) greatest: u64,
    /// Count scalar values, not bytes.
    pub(super) scalars: bool,
}

impl Length {
    fn fails(&self, length: u64) -> bool {
        length < self.least || length > self.greatest
    }

    /// The verdict on the byte length alone, if it decides: `n` bytes of UTF-8 hold between `ceil(n / 4)` and `n` scalars.
    fn by_bytes(&self, bytes: usize) -> Option<bool> {
        let most = bytes as u64;
        if !self.scalars {
            return Some(self.fails(most));
        }
        let fewest = most.div_ceil(4);
        if most < self.least || fewest > self.greatest {
            Some(true)
        } else if fewest >= self.least && most <= self.greatest {
            Some(false)
        } else {
            None
        }
    }
}

impl Kernel for Length {
    fn fail(&self, array: &dyn Array, start: usize, len: usize, fails: &mut [u64]) -> Option<()> {
        bytes::test_sized(array, start, len, fails, |size| self.by_bytes(size), |value| self.fails(scalars(value)))
    }
}

/// Scalar values of UTF-8: the bytes that continue none.
fn scalars(text: &[u8]) -> u64 {
    text.iter().map(|byte| u64::from((*byte as i8) >= -0x40)).sum()
}
