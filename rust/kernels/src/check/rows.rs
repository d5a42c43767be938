//! What a bound check does to the rows of an array.

use arrow_array::Array;

/// The evaluation of one check.
pub(super) trait Kernel: Send + Sync {
    /// Writes the failing rows of `[start, start + len)` into `ceil(len / 64)` zeroed words. Bits of NULL rows are of no
    /// meaning. `None` when the array is not of the type bound or the rows are not there.
    fn fail(&self, array: &dyn Array, start: usize, len: usize, fails: &mut [u64]) -> Option<()>;
}

/// No value fails.
pub(super) struct Never;

impl Kernel for Never {
    fn fail(&self, _: &dyn Array, _: usize, _: usize, _: &mut [u64]) -> Option<()> {
        Some(())
    }
}

/// Every value fails.
pub(super) struct Always;

impl Kernel for Always {
    fn fail(&self, _: &dyn Array, _: usize, len: usize, fails: &mut [u64]) -> Option<()> {
        super::bits::set_all(fails, len);
        Some(())
    }
}
