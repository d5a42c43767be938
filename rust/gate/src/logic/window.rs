//! Which windows hold others.

use crate::limit::{Part, Window};

/// Does the window, at every moment, hold all that the inner one holds? False where that is not sure.
pub fn covers(outer: &Window, inner: &Window) -> bool {
    match (outer, inner) {
        (Window::Total, _) => true,
        (Window::Sliding(long), Window::Sliding(short)) => long >= short,
        (Window::Calendar(long, zone), Window::Calendar(short, other)) => {
            zone == other && (long == short || (rank(*long) > rank(*short) && !(*short == Part::Week)))
        }
        _ => false,
    }
}

/// A week lies in no month and in no year for sure.
fn rank(part: Part) -> u8 {
    match part {
        Part::Hour => 0,
        Part::Day => 1,
        Part::Week => 2,
        Part::Month => 3,
        Part::Year => 4,
    }
}
