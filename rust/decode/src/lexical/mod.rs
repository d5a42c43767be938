//! Texts of values (S9.5): each function reads exactly the forms of the spec, from the first byte to the last, and yields None for all else.
//!
//! Nothing is trimmed. The forms are CSV's, which include JSON's: a JSON decoder checks JSON's grammar of numbers before it asks.
//! All are linear in the length of the text and allocate nothing on their usual paths.

pub(crate) mod digits;
mod number;
mod time;

pub(crate) use number::{POWERS, float};
pub use number::{boolean, decimal, double, integer, single};
pub(crate) use time::whole_seconds;
pub use time::{date, time, timestamp};

/// The digit that a byte is, or a number over 9.
#[inline(always)]
fn digit(byte: u8) -> u8 {
    byte.wrapping_sub(b'0')
}
