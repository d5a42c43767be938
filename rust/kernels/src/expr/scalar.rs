//! Single values.

use super::types::Type;
use bumpalo::Bump;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A value of some [`Type`]; which one is known from where it stands. Texts and lists live in the input or in an arena.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar<'a> {
    /// NULL of any type.
    Null,
    /// BOOLEAN.
    Boolean(bool),
    /// BIGINT; DATE in days, TIME in nanoseconds, TIMESTAMP and durations in ticks of their type's unit.
    Integer(i64),
    /// DECIMAL: the digits as an integer, at the type's scale.
    Decimal(i128),
    /// DOUBLE.
    Double(f64),
    /// VARCHAR.
    Text(&'a str),
    /// BLOB.
    Binary(&'a [u8]),
    /// A list's items.
    List(&'a [Scalar<'a>]),
    /// A struct's fields in the order of its type.
    Struct(&'a [Scalar<'a>]),
}

impl Scalar<'_> {
    /// Is it NULL?
    pub fn is_null(self) -> bool {
        matches!(self, Scalar::Null)
    }
}

/// A value that owns its text: literals and bound parameters. Doubles are equal by their bits.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "as in Scalar")]
pub enum Constant {
    Null,
    Boolean(bool),
    Integer(i64),
    Decimal(i128),
    Double(f64),
    Text(Arc<str>),
    Binary(Arc<[u8]>),
    List(Arc<[Constant]>),
}

impl Constant {
    /// The value, in an arena where it needs one.
    pub fn scalar<'a>(&'a self, arena: &'a Bump) -> Scalar<'a> {
        match self {
            Constant::Null => Scalar::Null,
            Constant::Boolean(value) => Scalar::Boolean(*value),
            Constant::Integer(value) => Scalar::Integer(*value),
            Constant::Decimal(value) => Scalar::Decimal(*value),
            Constant::Double(value) => Scalar::Double(*value),
            Constant::Text(value) => Scalar::Text(value),
            Constant::Binary(value) => Scalar::Binary(value),
            Constant::List(items) => Scalar::List(arena.alloc_slice_fill_iter(items.iter().map(|i| i.scalar(arena)))),
        }
    }

    /// A copy of a value that is no struct; structs have no literals and become NULL.
    pub fn of(value: Scalar<'_>) -> Constant {
        match value {
            Scalar::Null | Scalar::Struct(_) => Constant::Null,
            Scalar::Boolean(value) => Constant::Boolean(value),
            Scalar::Integer(value) => Constant::Integer(value),
            Scalar::Decimal(value) => Constant::Decimal(value),
            Scalar::Double(value) => Constant::Double(value),
            Scalar::Text(value) => Constant::Text(value.into()),
            Scalar::Binary(value) => Constant::Binary(value.into()),
            Scalar::List(items) => Constant::List(items.iter().map(|item| Constant::of(*item)).collect()),
        }
    }

    /// Is it NULL?
    pub fn is_null(&self) -> bool {
        matches!(self, Constant::Null)
    }
}

impl PartialEq for Constant {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Constant::Null, Constant::Null) => true,
            (Constant::Boolean(a), Constant::Boolean(b)) => a == b,
            (Constant::Integer(a), Constant::Integer(b)) => a == b,
            (Constant::Decimal(a), Constant::Decimal(b)) => a == b,
            (Constant::Double(a), Constant::Double(b)) => a.to_bits() == b.to_bits(),
            (Constant::Text(a), Constant::Text(b)) => a == b,
            (Constant::Binary(a), Constant::Binary(b)) => a == b,
            (Constant::List(a), Constant::List(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Constant {}

impl Hash for Constant {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Constant::Null => {}
            Constant::Boolean(value) => value.hash(state),
            Constant::Integer(value) => value.hash(state),
            Constant::Decimal(value) => value.hash(state),
            Constant::Double(value) => value.to_bits().hash(state),
            Constant::Text(value) => value.hash(state),
            Constant::Binary(value) => value.hash(state),
            Constant::List(value) => value.hash(state),
        }
    }
}

/// Are the dates in a value such as a date32 holds? A date64 can lie beyond; reading it fails.
pub fn storable(value: Scalar<'_>, ty: &Type) -> bool {
    match (value, ty) {
        (Scalar::Integer(day), Type::Date) => i32::try_from(day).is_ok(),
        (Scalar::List(items), Type::List(item)) => items.iter().all(|value| storable(*value, item)),
        (Scalar::Struct(values), Type::Struct(fields)) => {
            values.iter().zip(fields.iter()).all(|(value, (_, ty))| storable(*value, ty))
        }
        _ => true,
    }
}

/// Does a value belong to a type? What tests assert of every result.
pub fn belongs(value: Scalar<'_>, ty: &Type) -> bool {
    match (value, ty) {
        (Scalar::Null, _) | (Scalar::Boolean(_), Type::Boolean) => true,
        (Scalar::Integer(_), Type::Integer | Type::Date | Type::Time) => true,
        (Scalar::Integer(_), Type::Timestamp { .. } | Type::Duration(_)) => true,
        (Scalar::Decimal(digits), Type::Decimal { precision, .. }) => {
            10_i128.checked_pow(u32::from(*precision)).is_none_or(|end| digits.unsigned_abs() < end.unsigned_abs())
        }
        (Scalar::Double(_), Type::Double) | (Scalar::Text(_), Type::Text) | (Scalar::Binary(_), Type::Binary) => true,
        (Scalar::List(items), Type::List(item)) => items.iter().all(|value| belongs(*value, item)),
        (Scalar::Struct(values), Type::Struct(fields)) => {
            values.len() == fields.len() && values.iter().zip(fields.iter()).all(|(value, (_, ty))| belongs(*value, ty))
        }
        _ => false,
    }
}
