//! Arithmetic, a column at a time. Loops run unchecked and collect whether anything went wrong; only then are the records at
//! fault looked for.

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
pub fn map<T: Copy + arrow_buffer::ArrowNativeType, U>(a: &Column<T>, rows: usize, mut f: impl FnMut(T) -> U) -> Vec<U> {
    match a {
        Column::One(value) => (0..rows).map(|_| f(*value)).collect(),
        other => other.slice().unwrap_or_default().iter().map(|value| f(*value)).collect(),
    }
}

#[inline(always)]
fn zip<T: Copy + arrow_buffer::ArrowNativeType, U>(
    a: &Column<T>,
    b: &Column<T>,
    rows: usize,
    mut f: impl FnMut(T, T) -> U,
) -> Vec<U> {
    match (a.slice(), b.slice(), a, b) {
        (Some(a), Some(b), ..) => a.iter().zip(b).map(|(a, b)| f(*a, *b)).collect(),
        (Some(a), None, _, Column::One(b)) => a.iter().map(|a| f(*a, *b)).collect(),
        (None, Some(b), Column::One(a), _) => b.iter().map(|b| f(*a, *b)).collect(),
        (_, _, Column::One(a), Column::One(b)) => (0..rows).map(|_| f(*a, *b)).collect(),
        _ => Vec::new(),
    }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn integers(op: Arithmetic, a: &Column<i64>, b: &Column<i64>, proved: bool, rows: usize) -> (Vec<i64>, bool) {
    let mut wrong = 0_i64;
    let out = match op {
        Arithmetic::Add => zip(a, b, rows, |a, b| {
            let out = a.wrapping_add(b);
            wrong |= (a ^ out) & (b ^ out);
            out
        }),
        Arithmetic::Subtract => zip(a, b, rows, |a, b| {
            let out = a.wrapping_sub(b);
            wrong |= (a ^ b) & (a ^ out);
            out
        }),
        Arithmetic::Multiply if proved => zip(a, b, rows, i64::wrapping_mul),
        Arithmetic::Multiply => zip(a, b, rows, |a, b| {
            let (out, over) = a.overflowing_mul(b);
            wrong |= -i64::from(over);
            out
        }),
        Arithmetic::Divide => zip(a, b, rows, |a, b| {
            let out = a.checked_div(b);
            wrong |= -i64::from(out.is_none());
            out.unwrap_or(0)
        }),
        Arithmetic::Remainder => zip(a, b, rows, |a, b| {
            wrong |= -i64::from(b == 0);
            if b == 0 { 0 } else { a.wrapping_rem(b) }
        }),
    };
    (out, wrong < 0)
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx2"))]
fn doubles(op: Arithmetic, a: &Column<f64>, b: &Column<f64>, rows: usize) -> (Vec<f64>, bool) {
    let mut wrong = false;
    let special = |x: f64| x.to_bits() & EXPONENT == EXPONENT;
    let out = match op {
        Arithmetic::Add => zip(a, b, rows, |a, b| {
            let out = a + b;
            wrong |= special(out);
            out
        }),
        Arithmetic::Subtract => zip(a, b, rows, |a, b| {
            let out = a - b;
            wrong |= special(out);
            out
        }),
        Arithmetic::Multiply => zip(a, b, rows, |a, b| {
            let out = a * b;
            wrong |= special(out);
            out
        }),
        Arithmetic::Divide => zip(a, b, rows, |a, b| {
            let out = a / b;
            wrong |= special(out) | special(b);
            out
        }),
        Arithmetic::Remainder => zip(a, b, rows, |a, b| {
            let out = a % b;
            wrong |= special(out) | special(b);
            out
        }),
    };
    (out, wrong)
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
