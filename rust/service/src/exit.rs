//! Exit statuses.

use guard_verdict::Status;

/// How a call ends, as the shell sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit(u8);

impl Exit {
    /// What was asked is so: the verdict is accept, a contract has no error.
    pub const ACCEPT: Exit = Exit(0);
    /// It is not so.
    pub const REJECT: Exit = Exit(1);
    /// Wrong usage, unreadable input, or a fault of ours: no verdict.
    pub const USAGE: Exit = Exit(2);
    /// It could not be decided.
    pub const UNKNOWN: Exit = Exit(3);
    /// Stopped by Ctrl-C.
    pub const INTERRUPTED: Exit = Exit(130);
    /// The reader of the records left before their end.
    pub const PIPE: Exit = Exit(141);

    /// Of a verdict.
    pub fn of(status: Status) -> Exit {
        match status {
            Status::Accept => Self::ACCEPT,
            Status::Reject => Self::REJECT,
            Status::Unknown => Self::UNKNOWN,
        }
    }

    /// The number.
    pub fn status(self) -> u8 {
        self.0
    }

    /// Any other number, of a program that was called.
    pub fn other(status: u8) -> Exit {
        Exit(status)
    }

    /// Accept only if both are: a rejection weighs more than what is unknown.
    pub fn and(self, other: Exit) -> Exit {
        match (self, other) {
            (Self::REJECT, _) | (_, Self::REJECT) => Self::REJECT,
            (Self::ACCEPT, other) => other,
            (own, _) => own,
        }
    }
}
