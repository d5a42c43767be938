//! Why an expression can fail on a record (S6.6).

use std::fmt;

/// The failures there are. A record on which an expression fails is unknown; its neighbours are untouched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Fault {
    /// An exact result needs more than 64 bits (integers) or 38 digits (decimals).
    ArithmeticOverflow = 0,
    /// Division, or a remainder, by zero.
    DivisionByZero = 1,
    /// NaN was compared or computed with, or a double's result has no finite value.
    NotFinite = 2,
    /// A value has no counterpart in the type that it is cast to.
    CastFailed = 3,
    /// An argument lies outside of what the function is defined on.
    ArgumentOutOfRange = 4,
    /// A date or time lies outside of the years -9999 to 9999, or of what its unit can hold.
    TemporalOutOfRange = 5,
    /// A text, or a list, would become longer than the limit.
    ResultTooLarge = 6,
}

impl Fault {
    /// In the order of their numbers.
    pub const ALL: [Fault; 7] = [
        Fault::ArithmeticOverflow,
        Fault::DivisionByZero,
        Fault::NotFinite,
        Fault::CastFailed,
        Fault::ArgumentOutOfRange,
        Fault::TemporalOutOfRange,
        Fault::ResultTooLarge,
    ];

    /// The code in verdicts.
    pub fn name(self) -> &'static str {
        match self {
            Fault::ArithmeticOverflow => "arithmetic-overflow",
            Fault::DivisionByZero => "division-by-zero",
            Fault::NotFinite => "result-not-finite",
            Fault::CastFailed => "cast-failed",
            Fault::ArgumentOutOfRange => "argument-out-of-range",
            Fault::TemporalOutOfRange => "temporal-out-of-range",
            Fault::ResultTooLarge => "result-too-large",
        }
    }
}

/// A set of faults.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Faults(u8);

impl Faults {
    /// No fault.
    pub const NONE: Faults = Faults(0);

    /// The set of these.
    pub const fn of(faults: &[Fault]) -> Faults {
        let mut bits = 0;
        let mut rest = faults;
        while let [first, others @ ..] = rest {
            bits |= 1 << (*first as u8);
            rest = others;
        }
        Faults(bits)
    }

    /// Both sets.
    #[must_use]
    pub const fn and(self, other: Faults) -> Faults {
        Faults(self.0 | other.0)
    }

    /// Is this fault in the set?
    pub fn contains(self, fault: Fault) -> bool {
        self.0 & (1 << (fault as u8)) != 0
    }

    /// Nothing can fail.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// In the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.into_iter().filter(move |fault| self.contains(*fault))
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
