//! Comparisons and membership.

use super::arithmetic::map;
use super::words::{self, Operand};
use super::{Bits, Column, Data, Texts, Vector, all, failed, operands, set_bits};
use crate::bits;
use crate::expr::compare::{Comparison, distinct, order};
use crate::expr::fault::Fault;
use crate::expr::scalar::{Constant, Scalar};
use crate::expr::set::Set;
use crate::expr::types::Type;
use bumpalo::Bump;
use multiversion::multiversion;

/// `a op b`.
pub fn compare(op: Comparison, a: &Vector, b: &Vector, types: (&Type, &Type), rows: usize) -> Vector {
    if matches!(a.data, Data::Null) || matches!(b.data, Data::Null) {
        let (_, faults) = operands(a, b, rows);
        return Vector { faults, ..Vector::nulls(rows) };
    }
    let (valid, faults) = operands(a, b, rows);
    let mut out = vec![0; bits::words(rows)];
    let mut found = Vec::new();
    match (&a.data, &b.data) {
        (Data::Integer(x), Data::Integer(y)) => words::integers(op, x.side(), y.side(), &mut out),
        (Data::Double(x), Data::Double(y)) => {
            found = doubles(op, x, y, valid.as_ref(), rows, &mut out);
        }
        (Data::Decimal(x), Data::Decimal(y)) if types.0 == types.1 || same_scale(types) => {
            wide(op, x, y, rows, &mut out)
        }
        (Data::Text(x), Data::Text(y)) => texts(op, x, y, rows, &mut out),
        (Data::Integer(x), Data::Double(y)) if small(x) => {
            let x = Column::Own(map(x, rows, |value| value as f64));
            found = doubles(op, &x, y, valid.as_ref(), rows, &mut out);
        }
        (Data::Double(x), Data::Integer(y)) if small(y) => {
            let y = Column::Own(map(y, rows, |value| value as f64));
            found = doubles(op, x, &y, valid.as_ref(), rows, &mut out);
        }
        (Data::Boolean(x), Data::Boolean(y)) if op == Comparison::Equal => {
            out.iter_mut().zip(x.iter().zip(y)).for_each(|(out, (x, y))| *out = !(x ^ y));
        }
        _ => found = slow(op, a, b, types, valid.as_ref(), rows, &mut out),
    }
    bits::clear_tail(&mut out, rows);
    if let Some(valid) = &valid {
        out.iter_mut().zip(valid).for_each(|(out, valid)| *out &= valid);
    }
    failed(Data::Boolean(out), valid, faults, found, rows)
}

/// Integers that doubles hold exactly.
fn small(values: &Column<i64>) -> bool {
    const EXACT: i64 = 1 << 53;
    match values {
        Column::One(value) => (-EXACT..=EXACT).contains(value),
        other => other.slice().unwrap_or_default().iter().all(|value| (-EXACT..=EXACT).contains(value)),
    }
}

fn same_scale(types: (&Type, &Type)) -> bool {
    crate::expr::compare::scale(types.0) == crate::expr::compare::scale(types.1)
}

/// IS DISTINCT FROM.
pub fn is_distinct(a: &Vector, b: &Vector, types: (&Type, &Type), rows: usize) -> Vector {
    let arena = Bump::new();
    let mut out = vec![0; bits::words(rows)];
    let mut found = Vec::new();
    for row in 0..rows {
        let answer = a.get(row, &arena).and_then(|a| distinct(a, b.get(row, &arena)?, types));
        match answer {
            Ok(true) => bits::set(&mut out, row),
            Ok(false) => {}
            Err(fault) => found.push((row as u32, fault)),
        }
    }
    failed(Data::Boolean(out), None, None, found, rows)
}

/// IN a list of constants.
pub fn in_set(a: &Vector, set: &Set, rows: usize) -> Vector {
    if let Data::Text(Texts::Coded(codes, values)) = &a.data {
        let distinct = values_vector(values, codes);
        let judged = in_set(&distinct.0, set, distinct.1);
        return by_code(&judged, codes, a, rows);
    }
    let mut out = vec![0; bits::words(rows)];
    let mut found = Vec::new();
    match (&a.data, short_members(set)) {
        (Data::Text(Texts::View(views)), Some(members)) => {
            bits::pack_members(views.views(), &members, true, &mut out, |view| view);
        }
        _ => {
            let arena = Bump::new();
            for row in 0..rows {
                match a.get(row, &arena) {
                    Ok(Scalar::Double(x)) if x.is_nan() => found.push((row as u32, Fault::NotFinite)),
                    Ok(value) if !value.is_null() && set.contains(value) => bits::set(&mut out, row),
                    _ => {}
                }
            }
        }
    }
    let mut valid = a.valid.clone();
    if let Some(valid) = &valid {
        out.iter_mut().zip(valid).for_each(|(out, valid)| *out &= valid);
    }
    if set.has_null {
        valid = Some(out.clone());
    }
    failed(Data::Boolean(out), valid, a.faults.clone(), found, rows)
}

/// Members as string views, when each fits into one.
fn short_members(set: &Set) -> Option<Vec<u128>> {
    let texts = set.listed.iter().filter(|member| !member.is_null()).map(|member| match member {
        Constant::Text(text) => short_view(text),
        _ => None,
    });
    texts.collect::<Option<Vec<_>>>().filter(|members| members.len() <= 32)
}

/// The view of a text of at most 12 bytes: its length, then its bytes, then zeros.
pub fn short_view(text: &str) -> Option<u128> {
    let mut view = [0_u8; 16];
    let (length, bytes) = view.split_at_mut(4);
    length.copy_from_slice(&u32::try_from(text.len()).ok()?.to_le_bytes());
    bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    Some(u128::from_le_bytes(view))
}

/// The distinct values of a dictionary as a vector, and how many there are.
pub fn values_vector(values: &Texts, codes: &[u32]) -> (Vector, usize) {
    let count = codes.iter().filter(|code| **code != u32::MAX).max().map_or(0, |most| *most as usize + 1);
    let held = (0..count).take_while(|row| values.get(*row).is_some()).count();
    (Vector::of(Data::Text(values.clone())), held)
}

/// What was judged of a dictionary's values, for each record. A failure counts only for records that hold the value.
pub fn by_code(judged: &Vector, codes: &[u32], a: &Vector, rows: usize) -> Vector {
    let Data::Boolean(answers) = &judged.data else { return Vector::nulls(rows) };
    let mut out = vec![0; bits::words(rows)];
    bits::pack(codes, &mut out, |code| bits::get(answers, code as usize));
    let mut valid = a.valid.clone();
    if let Some(known) = &judged.valid {
        let mut held = vec![0; bits::words(rows)];
        bits::pack(codes, &mut held, |code| bits::get(known, code as usize));
        match &mut valid {
            Some(valid) => valid.iter_mut().zip(&held).for_each(|(valid, held)| *valid &= held),
            None => valid = Some(held),
        }
    }
    if let Some(valid) = &valid {
        out.iter_mut().zip(valid).for_each(|(out, valid)| *out &= valid);
    }
    let present = a.valid_bits(rows);
    let fault = |row: usize| {
        let fault = judged.faults.as_ref()?.at(*codes.get(row)? as usize)?;
        Some((row as u32, fault))
    };
    let found = if judged.faults.is_some() { set_bits(&present).filter_map(fault).collect() } else { Vec::new() };
    failed(Data::Boolean(out), valid, a.faults.clone(), found, rows)
}

fn wide(op: Comparison, a: &Column<i128>, b: &Column<i128>, rows: usize, out: &mut [u64]) {
    match (a.slice(), b.slice(), a, b) {
        (Some(a), Some(b), ..) => wide_pairs(op, a, b, out),
        (Some(a), None, _, Column::One(b)) => wide_one(op, a, *b, out),
        (None, Some(b), Column::One(a), _) => wide_one(op.mirrored(), b, *a, out),
        (_, _, Column::One(a), Column::One(b)) if op.holds(a.cmp(b)) => bits::set_all(out, rows),
        _ => {}
    }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn wide_pairs(op: Comparison, a: &[i128], b: &[i128], out: &mut [u64]) {
    match op {
        Comparison::Equal => bits::pack_pairs(a, b, out, |a, b| a == b),
        Comparison::NotEqual => bits::pack_pairs(a, b, out, |a, b| a != b),
        Comparison::Less => bits::pack_pairs(a, b, out, |a, b| a < b),
        Comparison::LessOrEqual => bits::pack_pairs(a, b, out, |a, b| a <= b),
        Comparison::Greater => bits::pack_pairs(a, b, out, |a, b| a > b),
        Comparison::GreaterOrEqual => bits::pack_pairs(a, b, out, |a, b| a >= b),
    }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn wide_one(op: Comparison, a: &[i128], b: i128, out: &mut [u64]) {
    match op {
        Comparison::Equal => bits::pack(a, out, |a| a == b),
        Comparison::NotEqual => bits::pack(a, out, |a| a != b),
        Comparison::Less => bits::pack(a, out, |a| a < b),
        Comparison::LessOrEqual => bits::pack(a, out, |a| a <= b),
        Comparison::Greater => bits::pack(a, out, |a| a > b),
        Comparison::GreaterOrEqual => bits::pack(a, out, |a| a >= b),
    }
}

/// Compares doubles; the records with a value where an operand is NaN.
fn doubles(
    op: Comparison,
    a: &Column<f64>,
    b: &Column<f64>,
    valid: Option<&Bits>,
    rows: usize,
    out: &mut [u64],
) -> Vec<(u32, Fault)> {
    let mut bad = vec![0; bits::words(rows)];
    let (x, y) = (Operand { values: a.side(), computed: false }, Operand { values: b.side(), computed: false });
    words::doubles(op, x, y, out, &mut bad);
    bits::clear_tail(&mut bad, rows);
    if let Some(valid) = valid {
        bad.iter_mut().zip(valid).for_each(|(bad, valid)| *bad &= valid);
    }
    set_bits(&bad).map(|row| (row as u32, Fault::NotFinite)).collect()
}

fn texts(op: Comparison, a: &Texts, b: &Texts, rows: usize, out: &mut [u64]) {
    match (a, b, op) {
        (Texts::One(_), Texts::One(_), _) => bits::fill(out, rows, text_test(op, a, b)),
        (Texts::Coded(codes, values), one @ Texts::One(_), _) => {
            let held = values_vector(values, codes).1;
            let mut judged = vec![0; bits::words(held)];
            texts(op, values, one, held, &mut judged);
            bits::pack(codes, out, |code| bits::get(&judged, code as usize));
        }
        (one @ Texts::One(_), other, _) => texts(op.mirrored(), other, one, rows, out),
        (Texts::View(views), Texts::One(one), Comparison::Equal | Comparison::NotEqual) => match short_view(one) {
            Some(short) => words::views(views.views(), short, op == Comparison::Equal, out),
            None => bits::fill(out, rows, text_test(op, a, b)),
        },
        _ => bits::fill(out, rows, text_test(op, a, b)),
    }
}

fn text_test(op: Comparison, a: &Texts, b: &Texts) -> impl Fn(usize) -> bool {
    move |row| a.get(row).zip(b.get(row)).is_some_and(|(a, b)| op.holds(a.cmp(b)))
}

/// Record by record: integers with doubles, decimals of different scale, binaries, booleans.
fn slow(
    op: Comparison,
    a: &Vector,
    b: &Vector,
    types: (&Type, &Type),
    valid: Option<&Bits>,
    rows: usize,
    out: &mut [u64],
) -> Vec<(u32, Fault)> {
    let arena = Bump::new();
    let mut found = Vec::new();
    let everything;
    let valid = match valid {
        Some(valid) => valid,
        None => {
            everything = all(rows);
            &everything
        }
    };
    for row in set_bits(valid) {
        let answer = a.get(row, &arena).and_then(|a| order(a, b.get(row, &arena)?, types));
        match answer {
            Ok(order) if op.holds(order) => bits::set(out, row),
            Ok(_) => {}
            Err(fault) => found.push((row as u32, fault)),
        }
    }
    found
}
