//! Calls a function as the evaluators do and asserts that what it says of its result holds.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use super::find;
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Nulls};
use crate::expr::scalar::{Constant, Scalar, belongs};
use crate::expr::types::Type;
use bumpalo::Bump;

/// Calls `name`; arguments have the given types and values. Their facts are as wide as their types (constants where the
/// parameter asks for one), so that the function's own claims are what is tested. Facts narrowed to the very values
/// must hold as well.
pub fn call(name: &str, args: &[(Type, Constant)]) -> Result<Constant, Fault> {
    let wide = args.iter().enumerate().map(|(position, (ty, value))| {
        let constant = find(name).unwrap().param(position).unwrap().constant;
        if constant { Facts::of_constant(ty.clone(), value.clone()) } else { nullable(ty, value) }
    });
    let first = call_with(name, args, wide.collect());
    let narrow = args.iter().map(|(ty, value)| Facts::of_constant(ty.clone(), value.clone()));
    assert_eq!(first, call_with(name, args, narrow.collect()), "facts change the result of {name}");
    first
}

/// Calls `name` with arguments known to lie in these ranges, which hold their values. A constant parameter is known anyway.
pub fn call_within(name: &str, args: &[(Type, Constant)], ranges: &[Range]) -> Result<Constant, Fault> {
    let arena = Bump::new();
    let facts = args.iter().zip(ranges).enumerate().map(|(position, ((ty, value), range))| {
        if find(name).unwrap().param(position).unwrap().constant {
            return Facts::of_constant(ty.clone(), value.clone());
        }
        assert!(value.is_null() || range.contains(value.scalar(&arena)), "{value:?} is not in {range:?}");
        Facts { range: *range, ..nullable(ty, value) }
    });
    let facts = facts.collect();
    call_with(name, args, facts)
}

fn nullable(ty: &Type, value: &Constant) -> Facts {
    let mut facts = Facts::of_type(ty.clone());
    facts.nullable = value.is_null();
    facts
}

fn call_with(name: &str, args: &[(Type, Constant)], facts: Vec<Facts>) -> Result<Constant, Fault> {
    let function = find(name).unwrap();
    let (least, most) = function.arity();
    assert!(args.len() >= least && most.is_none_or(|most| args.len() <= most), "{name}: arity");
    let claims = (function.infer)(&facts).unwrap_or_else(|why| panic!("{name}: {why}"));
    let prepared = function.prepare.and_then(|prepare| prepare(&facts).unwrap_or_else(|why| panic!("{name}: {why}")));
    let arena = Bump::new();
    let types: Vec<Type> = args.iter().map(|(ty, _)| ty.clone()).collect();
    let values: Vec<Scalar<'_>> = args.iter().map(|(_, value)| value.scalar(&arena)).collect();
    let call = Call { arena: &arena, types: &types, result: &claims.ty, prepared: &prepared };
    let out = if function.nulls == Nulls::Strict && values.iter().any(|value| value.is_null()) {
        Ok(Scalar::Null)
    } else {
        (function.core)(&call, &values)
    };
    match out {
        Ok(value) => {
            assert!(belongs(value, &claims.ty), "{name}({args:?}) = {value:?} is no {}", claims.ty);
            assert!(!value.is_null() || claims.nullable, "{name}({args:?}) is NULL and said never to be");
            assert!(
                value.is_null() || claims.range.contains(value),
                "{name}({args:?}) = {value:?} not in {:?}",
                claims.range
            );
        }
        Err(fault) => assert!(claims.faults.contains(fault), "{name}({args:?}) fails undeclared: {fault:?}"),
    }
    out.map(Constant::of)
}

/// Constants for tests.
pub fn int(value: i64) -> (Type, Constant) {
    (Type::Integer, Constant::Integer(value))
}

/// A decimal of 38 digits.
pub fn dec(digits: i128, scale: u8) -> (Type, Constant) {
    (Type::Decimal { precision: 38, scale }, Constant::Decimal(digits))
}

/// A double.
pub fn dbl(value: f64) -> (Type, Constant) {
    (Type::Double, Constant::Double(value))
}

/// A text.
pub fn txt(value: &str) -> (Type, Constant) {
    (Type::Text, Constant::Text(value.into()))
}

/// NULL of a type.
pub fn null(ty: Type) -> (Type, Constant) {
    (ty, Constant::Null)
}

#[test]
fn names_are_unique_and_entries_complete() {
    let mut seen = std::collections::HashSet::new();
    for function in super::all() {
        for name in std::iter::once(&function.name).chain(function.aliases) {
            assert!(seen.insert(*name), "{name} twice");
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{name}");
        }
        assert!(!function.docs.is_empty() && function.docs.ends_with('.'), "{} has no docs", function.name);
        assert!(function.examples.len() >= 2, "{} has too few examples", function.name);
        assert!(function.cost > 0);
    }
}

#[test]
fn abs_of_the_least_integer_fails() {
    assert_eq!(call("abs", &[int(i64::MIN)]), Err(Fault::ArithmeticOverflow));
    assert_eq!(call("abs", &[int(-3)]), Ok(Constant::Integer(3)));
    assert_eq!(call("abs", &[null(Type::Integer)]), Ok(Constant::Null));
    assert!(Faults::NONE.is_empty() && Range::INTEGER.contains(Scalar::Integer(0)));
}
