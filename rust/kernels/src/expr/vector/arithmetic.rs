//! Arithmetic, a column at a time. Loops run unchecked and collect whether anything went wrong; only then are the records at
//! fault looked for.

use super::collect::{flagged, mapped, zipped};
use super::{Bits, Column, Data, Vector, all, failed, operands, set_bits};
use crate::expr::arithmetic::{self, Arithmetic};
use crate::expr::fault::Fault;
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;
use multiversion::multiversion;

const EXPONENT: u64 = 0x7FF0_0000_0000_0000;

/// `a op b` on operands of the given types.
pub fn arithmetic(op: Arithmetic, a: &Vector, b: &Vector, types: (&Type, &Type), proved: bool, rows: usize) -> Vector {
    let (valid, faults) = operands(a, b, rows);
    let (data, wrong) = match (&a.data, &b.data) {
        (Data::Integer(x), Data::Integer(y)) => {
            let (out, wrong) = integers(op, x, y, proved, rows);
            let outside = |(least, most)| out.iter().any(|moment| *moment < least || *moment > most);
            let wrong = wrong || arithmetic::moment_range(op, types).is_some_and(outside);
            (Data::Integer(Column::Own(out)), wrong)
        }
        (Data::Double(x), Data::Double(y)) => {
            let (out, wrong) = doubles(op, x, y, rows);
            (Data::Double(Column::Own(out)), wrong)
        }
        (Data::Decimal(x), Data::Decimal(y)) => return decimals(op, (x, y), types, (valid, faults), rows),
        _ => return Vector { faults, ..Vector::nulls(rows) },
    };
    let found = if wrong { find(op, a, b, types, valid.as_ref(), rows) } else { Vec::new() };
    failed(data, valid, faults, found, rows)
}

/// Unary minus.
pub fn negate(a: &Vector, rows: usize) -> Vector {
    match &a.data {
        Data::Integer(x) => {
            let zero = Vector::of(Data::Integer(Column::One(0)));
            let (out, wrong) = integers(Arithmetic::Subtract, &Column::One(0), x, false, rows);
            let types = (&Type::Integer, &Type::Integer);
            let found =
                if wrong { find(Arithmetic::Subtract, &zero, a, types, a.valid.as_ref(), rows) } else { Vec::new() };
            failed(Data::Integer(Column::Own(out)), a.valid.clone(), a.faults.clone(), found, rows)
        }
        Data::Double(x) => {
            let out = map(x, rows, |x| -x);
            let bad = |row: &usize| out.get(*row).is_some_and(|x| !x.is_finite());
            let found = among(a.valid.as_ref(), rows).into_iter().filter(bad).map(|row| (row as u32, Fault::NotFinite));
            let found = found.collect();
            failed(Data::Double(Column::Own(out)), a.valid.clone(), a.faults.clone(), found, rows)
        }
        Data::Decimal(x) => {
            Vector { data: Data::Decimal(Column::Own(map(x, rows, |x| x.wrapping_neg()))), ..a.clone() }
        }
        _ => a.clone(),
    }
}

/// Applies a function to every value.
#[inline(always)]
pub fn map<T: Copy + arrow_buffer::ArrowNativeType, U: Copy>(
    a: &Column<T>,
    rows: usize,
    mut f: impl FnMut(T) -> U,
) -> Vec<U> {
    match a {
        Column::One(value) => vec![f(*value); rows],
        other => mapped(other.slice().unwrap_or_default(), f),
    }
}

/// Applies `f` to pairs of values; it gives the result and a word that is not 0 where something is wrong.
#[inline(always)]
fn zip<T: Copy + arrow_buffer::ArrowNativeType>(
    a: &Column<T>,
    b: &Column<T>,
    rows: usize,
    f: impl Fn(T, T) -> (T, u64),
) -> (Vec<T>, bool) {
    let (out, wrong) = match (a.slice(), b.slice(), a, b) {
        (Some(a), Some(b), ..) => zipped(a, b, f),
        (Some(a), None, _, Column::One(b)) => flagged(a, |a| f(a, *b)),
        (None, Some(b), Column::One(a), _) => flagged(b, |b| f(*a, b)),
        (_, _, Column::One(a), Column::One(b)) => {
            let (value, wrong) = f(*a, *b);
            (vec![value; rows], wrong)
        }
        _ => (Vec::new(), 0),
    };
    (out, wrong != 0)
}

/// The sign bit, as a whole word.
#[inline(always)]
fn sign(x: i64) -> u64 {
    (x as u64) & (1 << 63)
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn integers(op: Arithmetic, a: &Column<i64>, b: &Column<i64>, proved: bool, rows: usize) -> (Vec<i64>, bool) {
    match op {
        Arithmetic::Add => zip(a, b, rows, |a, b| {
            let out = a.wrapping_add(b);
            (out, sign((a ^ out) & (b ^ out)))
        }),
        Arithmetic::Subtract => zip(a, b, rows, |a, b| {
            let out = a.wrapping_sub(b);
            (out, sign((a ^ b) & (a ^ out)))
        }),
        Arithmetic::Multiply if proved => zip(a, b, rows, |a, b| (a.wrapping_mul(b), 0)),
        Arithmetic::Multiply => zip(a, b, rows, |a, b| {
            let (out, over) = a.overflowing_mul(b);
            (out, u64::from(over))
        }),
        Arithmetic::Divide => zip(a, b, rows, |a, b| {
            let out = a.checked_div(b);
            (out.unwrap_or(0), u64::from(out.is_none()))
        }),
        Arithmetic::Remainder => zip(a, b, rows, |a, b| if b == 0 { (0, 1) } else { (a.wrapping_rem(b), 0) }),
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn doubles(op: Arithmetic, a: &Column<f64>, b: &Column<f64>, rows: usize) -> (Vec<f64>, bool) {
    let special = |x: f64| u64::from(x.to_bits() & EXPONENT == EXPONENT);
    match op {
        Arithmetic::Add => zip(a, b, rows, |a, b| (a + b, special(a + b))),
        Arithmetic::Subtract => zip(a, b, rows, |a, b| (a - b, special(a - b))),
        Arithmetic::Multiply => zip(a, b, rows, |a, b| (a * b, special(a * b))),
        Arithmetic::Divide => zip(a, b, rows, |a, b| (a / b, special(a / b) | special(b))),
        Arithmetic::Remainder => zip(a, b, rows, |a, b| (a % b, special(a % b) | special(b))),
    }
}

/// Integers as the nearest doubles.
#[multiversion(targets("x86_64+avx2"))]
pub fn to_doubles(values: &[i64]) -> Vec<f64> {
    /// 2^52 + 2^51: a double of this size has a unit of 1, and its low bits are those of the integer added to it.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    const SMALL: i64 = 1 << 50;
    let outside = values.iter().fold(0_u64, |any, value| any | (value.wrapping_add(SMALL) as u64) >> 51);
    if outside != 0 {
        return mapped(values, |value| value as f64);
    }
    let bits = SHIFT.to_bits() as i64;
    mapped(values, |value| f64::from_bits(bits.wrapping_add(value) as u64) - SHIFT)
}

fn among(valid: Option<&Bits>, rows: usize) -> Vec<usize> {
    match valid {
        Some(valid) => set_bits(valid).collect(),
        None => set_bits(&all(rows)).collect(),
    }
}

/// The records at fault, by the checked operation.
fn find(
    op: Arithmetic,
    a: &Vector,
    b: &Vector,
    types: (&Type, &Type),
    valid: Option<&Bits>,
    rows: usize,
) -> Vec<(u32, Fault)> {
    let arena = bumpalo::Bump::new();
    let check = |row: usize| {
        let out = a.get(row, &arena).and_then(|a| arithmetic::apply(op, a, b.get(row, &arena)?, types));
        out.err().map(|fault| (row as u32, fault))
    };
    among(valid, rows).into_iter().filter_map(check).collect()
}

fn decimals(
    op: Arithmetic,
    (a, b): (&Column<i128>, &Column<i128>),
    types: (&Type, &Type),
    (valid, faults): (Option<Bits>, Option<super::FaultMask>),
    rows: usize,
) -> Vector {
    let mut out = vec![0; rows];
    let mut found = Vec::new();
    for (row, slot) in out.iter_mut().enumerate() {
        if valid.as_ref().is_some_and(|valid| !crate::bits::get(valid, row)) {
            continue;
        }
        let (Some(a), Some(b)) = (a.get(row), b.get(row)) else { continue };
        match arithmetic::apply(op, Scalar::Decimal(a), Scalar::Decimal(b), types) {
            Ok(Scalar::Decimal(value)) => *slot = value,
            Ok(_) => {}
            Err(fault) => found.push((row as u32, fault)),
        }
    }
    failed(Data::Decimal(Column::Own(out)), valid, faults, found, rows)
}
