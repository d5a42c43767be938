//! Whether a pattern compiles.

use guard_kernels::pattern::Pattern;

/// Refuses what the kernels cannot match, with the byte offset of the fault where it is known.
pub(crate) fn check_pattern(text: &str) -> Result<(), (String, Option<usize>)> {
    Pattern::compile(text).map(|_| ()).map_err(|error| (error.message, error.offset))
}
