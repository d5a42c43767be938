//! What is known of a sub-expression before any record is seen: type, nullability, range, faults (S6.7).

use super::fault::Faults;
use super::scalar::{Constant, Scalar};
use super::types::Type;

/// Values that a sub-expression can take when it is neither NULL nor failed. Ends are included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    /// Nothing is known.
    Any,
    /// Integers, the digits of decimals at their scale, days, nanoseconds, ticks.
    Exact(i128, i128),
    /// Doubles. Infinities as ends mean that infinities occur; `nan` that NaN does.
    Double {
        /// Least.
        low: f64,
        /// Greatest.
        high: f64,
        /// NaN occurs too.
        nan: bool,
    },
    /// Unicode scalar values of a text, bytes of a binary, items of a list.
    Length(u64, u64),
    /// Which truth values occur.
    Truth {
        /// TRUE.
        yes: bool,
        /// FALSE.
        no: bool,
    },
}

impl Range {
    /// Every BIGINT.
    pub const INTEGER: Range = Range::Exact(i64::MIN as i128, i64::MAX as i128);
    /// Every finite DOUBLE.
    pub const FINITE: Range = Range::Double { low: f64::MIN, high: f64::MAX, nan: false };
    /// Every DOUBLE.
    pub const DOUBLE: Range = Range::Double { low: f64::NEG_INFINITY, high: f64::INFINITY, nan: true };
    /// Both truth values.
    pub const TRUTH: Range = Range::Truth { yes: true, no: true };

    /// All values of a type.
    pub fn of_type(ty: &Type) -> Range {
        match ty {
            Type::Integer | Type::Timestamp { .. } | Type::Duration(_) => Range::INTEGER,
            Type::Decimal { precision, .. } => {
                let end = 10_i128.checked_pow(u32::from(*precision)).map_or(i128::MAX, |power| power - 1);
                Range::Exact(-end, end)
            }
            Type::Date => Range::Exact(i128::from(i32::MIN), i128::from(i32::MAX)),
            Type::Time => Range::Exact(0, 86_399_999_999_999),
            Type::Double => Range::DOUBLE,
            Type::Boolean => Range::TRUTH,
            Type::Text | Type::Binary | Type::List(_) => Range::Length(0, u64::MAX),
            Type::Null | Type::Struct(_) => Range::Any,
        }
    }

    /// All values that Arrow may hold inside of lists and structs: times beyond a day.
    pub fn of_nested(ty: &Type) -> Range {
        match ty {
            Type::Time => Range::INTEGER,
            ty => Range::of_type(ty),
        }
    }

    /// The range of one value.
    pub fn of_value(value: Scalar<'_>) -> Range {
        match value {
            Scalar::Integer(value) => Range::Exact(value.into(), value.into()),
            Scalar::Decimal(value) => Range::Exact(value, value),
            Scalar::Double(value) if value.is_nan() => Range::Double { low: 0.0, high: 0.0, nan: true },
            Scalar::Double(value) => Range::Double { low: value, high: value, nan: false },
            Scalar::Boolean(value) => Range::Truth { yes: value, no: !value },
            Scalar::Text(value) => Range::length_of(value.chars().count()),
            Scalar::Binary(value) => Range::length_of(value.len()),
            Scalar::List(items) => Range::length_of(items.len()),
            Scalar::Null | Scalar::Struct(_) => Range::Any,
        }
    }

    fn length_of(length: usize) -> Range {
        Range::Length(length as u64, length as u64)
    }

    /// Does a non-NULL value lie in it? What tests assert of every result.
    pub fn contains(self, value: Scalar<'_>) -> bool {
        match (self, Range::of_value(value)) {
            (Range::Any, _) | (_, Range::Any) => true,
            (Range::Double { nan, .. }, Range::Double { nan: true, .. }) => nan,
            (Range::Exact(low, high), Range::Exact(value, _)) => (low..=high).contains(&value),
            (Range::Double { low, high, .. }, Range::Double { low: value, .. }) => (low..=high).contains(&value),
            (Range::Length(low, high), Range::Length(value, _)) => (low..=high).contains(&value),
            (Range::Truth { yes, no }, Range::Truth { yes: value, .. }) => (value && yes) || (!value && no),
            _ => false,
        }
    }

    /// The least range that holds both.
    #[must_use]
    pub fn union(self, other: Range) -> Range {
        match (self, other) {
            (Range::Exact(a, b), Range::Exact(c, d)) => Range::Exact(a.min(c), b.max(d)),
            (Range::Double { low: a, high: b, nan: n }, Range::Double { low: c, high: d, nan: m }) => {
                Range::Double { low: a.min(c), high: b.max(d), nan: n || m }
            }
            (Range::Length(a, b), Range::Length(c, d)) => Range::Length(a.min(c), b.max(d)),
            (Range::Truth { yes: a, no: b }, Range::Truth { yes: c, no: d }) => {
                Range::Truth { yes: a || c, no: b || d }
            }
            _ => Range::Any,
        }
    }

    /// The ends of an exact range.
    pub fn exact(self) -> Option<(i128, i128)> {
        match self {
            Range::Exact(low, high) => Some((low, high)),
            _ => None,
        }
    }

    /// The ends of a length.
    pub fn length(self) -> (u64, u64) {
        match self {
            Range::Length(low, high) => (low, high),
            _ => (0, u64::MAX),
        }
    }

    /// Doubles that are neither NaN nor infinite.
    pub fn is_finite(self) -> bool {
        matches!(self, Range::Double { low, high, nan: false } if low.is_finite() && high.is_finite())
    }
}

/// What is known of a sub-expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Its type.
    pub ty: Type,
    /// Can it be NULL?
    pub nullable: bool,
    /// Its values otherwise.
    pub range: Range,
    /// A number that is never 0, although its range may hold it: `NULLIF(x, 0)`.
    pub nonzero: bool,
    /// How it can fail, its parts included.
    pub faults: Faults,
    /// Its value where it is a constant.
    pub constant: Option<Constant>,
}

impl Facts {
    /// Can a number be 0?
    pub fn may_be_zero(&self) -> bool {
        let within = match self.range {
            Range::Exact(low, high) => low <= 0 && high >= 0,
            Range::Double { low, high, .. } => low <= 0.0 && high >= 0.0,
            _ => true,
        };
        within && !self.nonzero
    }

    /// A type without further knowledge: any value, never NULL, cannot fail.
    pub fn of_type(ty: Type) -> Facts {
        Facts { range: Range::of_type(&ty), nonzero: false, ty, nullable: false, faults: Faults::NONE, constant: None }
    }

    /// Facts of a constant.
    pub fn of_constant(ty: Type, constant: Constant) -> Facts {
        let arena = bumpalo::Bump::new();
        let range = Range::of_value(constant.scalar(&arena));
        Facts {
            ty,
            nullable: constant.is_null(),
            range,
            nonzero: false,
            faults: Faults::NONE,
            constant: Some(constant),
        }
    }

    /// Facts of a strict function's result: NULL when an argument is, fails when an argument does, or in `faults`.
    pub fn strict(args: &[Facts], ty: Type, range: Range, faults: Faults) -> Facts {
        let nullable = args.iter().any(|arg| arg.nullable);
        let faults = args.iter().fold(faults, |all, arg| all.and(arg.faults));
        Facts { ty, nullable, range, nonzero: false, faults, constant: None }
    }

    /// The same, of any value of the type.
    pub fn strict_any(args: &[Facts], ty: Type, faults: Faults) -> Facts {
        let range = match ty {
            Type::Double => Range::FINITE,
            ref ty => Range::of_type(ty),
        };
        Facts::strict(args, ty, range, faults)
    }
}
