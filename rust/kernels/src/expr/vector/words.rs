//! Comparisons of columns to bits: 64 records a word. Where the processor compares straight into masks its instructions are
//! used; elsewhere loops that vectorise.

use crate::bits;
use crate::expr::compare::Comparison;

/// An operand: a value a record, or one for all.
#[derive(Clone, Copy)]
pub enum Side<'v, T> {
    /// A value a record.
    Many(&'v [T]),
    /// The same for every record.
    One(T),
}

/// Doubles to compare, and whether infinities among them are failures as NaN is.
#[derive(Clone, Copy)]
pub struct Operand<'v> {
    /// The values.
    pub values: Side<'v, f64>,
    /// They were computed.
    pub computed: bool,
}

impl Operand<'_> {
    /// All bits when it is one value that must not be.
    fn special(self) -> u64 {
        match self.values {
            Side::One(value) if value.is_nan() || (self.computed && value.is_infinite()) => u64::MAX,
            _ => 0,
        }
    }
}

/// Writes bit `i` = `a[i] op b[i]` of doubles, and to `bad` where an operand must not be; no comparison but `<>` holds for NaN.
pub fn doubles(op: Comparison, a: Operand<'_>, b: Operand<'_>, out: &mut [u64], bad: &mut [u64]) {
    match (a.values, b.values) {
        (Side::One(x), Side::One(y)) => {
            out.fill(if holds(op, x, y) { u64::MAX } else { 0 });
            bad.fill(a.special() | b.special());
        }
        (Side::One(_), Side::Many(_)) => doubles(op.mirrored(), b, a, out, bad),
        (Side::Many(values), _) => {
            let computed = (a.computed, b.computed);
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx512f") {
                // SAFETY: the processor has the feature.
                unsafe { masks::doubles(op, (values, b.values), computed, out, bad) };
                bad.iter_mut().for_each(|bad| *bad |= b.special());
                return;
            }
            plain(op, values, b.values, out);
            bad.fill(b.special());
            plain_specials(values, computed.0, bad);
            if let Side::Many(values) = b.values {
                plain_specials(values, computed.1, bad);
            }
        }
    }
}

/// Writes bit `i` = `a[i] op b[i]` of integers.
pub fn integers(op: Comparison, a: Side<'_, i64>, b: Side<'_, i64>, out: &mut [u64]) {
    match (a, b) {
        (Side::One(a), Side::One(b)) => out.fill(if holds(op, a, b) { u64::MAX } else { 0 }),
        (Side::One(_), Side::Many(_)) => integers(op.mirrored(), b, a, out),
        (Side::Many(values), _) => {
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx512f") {
                // SAFETY: the processor has the feature.
                unsafe { masks::integers(op, values, b, out) };
                return;
            }
            plain_integers(op, values, b, out);
        }
    }
}

/// Writes bit `i` = `views[i]` is (`equal`) or is not `one`.
pub fn views(views: &[u128], one: u128, equal: bool, out: &mut [u64]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("bmi2") {
        // SAFETY: the processor has the features.
        unsafe { masks::views(views, one, equal, out) };
        return;
    }
    plain_views(views, one, equal, out);
}

fn holds<T: PartialOrd>(op: Comparison, a: T, b: T) -> bool {
    match op {
        Comparison::Equal => a == b,
        Comparison::NotEqual => a != b,
        Comparison::Less => a < b,
        Comparison::LessOrEqual => a <= b,
        Comparison::Greater => a > b,
        Comparison::GreaterOrEqual => a >= b,
    }
}

macro_rules! plain {
    ($name:ident, $native:ty) => {
        #[multiversion::multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
        fn $name(op: Comparison, a: &[$native], b: Side<'_, $native>, out: &mut [u64]) {
            match (b, op) {
                (Side::Many(b), Comparison::Equal) => bits::pack_pairs(a, b, out, |a, b| a == b),
                (Side::Many(b), Comparison::NotEqual) => bits::pack_pairs(a, b, out, |a, b| a != b),
                (Side::Many(b), Comparison::Less) => bits::pack_pairs(a, b, out, |a, b| a < b),
                (Side::Many(b), Comparison::LessOrEqual) => bits::pack_pairs(a, b, out, |a, b| a <= b),
                (Side::Many(b), Comparison::Greater) => bits::pack_pairs(a, b, out, |a, b| a > b),
                (Side::Many(b), Comparison::GreaterOrEqual) => bits::pack_pairs(a, b, out, |a, b| a >= b),
                (Side::One(b), Comparison::Equal) => bits::pack(a, out, |a| a == b),
                (Side::One(b), Comparison::NotEqual) => bits::pack(a, out, |a| a != b),
                (Side::One(b), Comparison::Less) => bits::pack(a, out, |a| a < b),
                (Side::One(b), Comparison::LessOrEqual) => bits::pack(a, out, |a| a <= b),
                (Side::One(b), Comparison::Greater) => bits::pack(a, out, |a| a > b),
                (Side::One(b), Comparison::GreaterOrEqual) => bits::pack(a, out, |a| a >= b),
            }
        }
    };
}

plain!(plain, f64);
plain!(plain_integers, i64);

#[multiversion::multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn plain_specials(values: &[f64], infinite: bool, out: &mut [u64]) {
    for (chunk, out) in values.chunks(64).zip(out) {
        let any = chunk.iter().fold(false, |any, value| any | !value.is_finite());
        if any {
            let bad = |value: &f64| value.is_nan() || (infinite && value.is_infinite());
            *out |= chunk.iter().enumerate().fold(0, |word, (bit, value)| word | u64::from(bad(value)) << bit);
        }
    }
}

#[multiversion::multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn plain_views(views: &[u128], one: u128, equal: bool, out: &mut [u64]) {
    let (low, high) = (one as u64, (one >> 64) as u64);
    bits::pack(views, out, |view| ((view as u64 ^ low) | ((view >> 64) as u64 ^ high) == 0) == equal);
}

/// Comparisons that yield masks, 512 bits at a time.
#[cfg(target_arch = "x86_64")]
mod masks {
    use super::{Comparison, Side, holds};
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx512f")]
    pub fn integers(op: Comparison, a: &[i64], b: Side<'_, i64>, out: &mut [u64]) {
        match op {
            Comparison::Equal => integers_by::<_MM_CMPINT_EQ>(op, a, b, out),
            Comparison::NotEqual => integers_by::<_MM_CMPINT_NE>(op, a, b, out),
            Comparison::Less => integers_by::<_MM_CMPINT_LT>(op, a, b, out),
            Comparison::LessOrEqual => integers_by::<_MM_CMPINT_LE>(op, a, b, out),
            Comparison::Greater => integers_by::<_MM_CMPINT_NLE>(op, a, b, out),
            Comparison::GreaterOrEqual => integers_by::<_MM_CMPINT_NLT>(op, a, b, out),
        }
    }

    #[target_feature(enable = "avx512f")]
    fn integers_by<const CODE: i32>(op: Comparison, a: &[i64], b: Side<'_, i64>, out: &mut [u64]) {
        let (full, rest) = a.as_chunks::<64>();
        let mut words = out.iter_mut();
        match b {
            Side::Many(b) => {
                let (full_b, rest_b) = b.as_chunks::<64>();
                for ((a, b), word) in full.iter().zip(full_b).zip(&mut words) {
                    *word = 0;
                    for (at, (a, b)) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0).enumerate() {
                        // SAFETY: eight integers are read from arrays of eight.
                        let (a, b) =
                            unsafe { (_mm512_loadu_si512(a.as_ptr().cast()), _mm512_loadu_si512(b.as_ptr().cast())) };
                        *word |= u64::from(_mm512_cmp_epi64_mask::<CODE>(a, b)) << (8 * at);
                    }
                }
                if let Some(word) = words.next() {
                    let rest = rest.iter().zip(rest_b).enumerate();
                    *word = rest.fold(0, |all, (bit, (a, b))| all | u64::from(holds(op, *a, *b)) << bit);
                }
            }
            Side::One(b) => {
                let many = _mm512_set1_epi64(b);
                for (a, word) in full.iter().zip(&mut words) {
                    *word = 0;
                    for (at, a) in a.as_chunks::<8>().0.iter().enumerate() {
                        // SAFETY: eight integers are read from an array of eight.
                        let a = unsafe { _mm512_loadu_si512(a.as_ptr().cast()) };
                        *word |= u64::from(_mm512_cmp_epi64_mask::<CODE>(a, many)) << (8 * at);
                    }
                }
                if let Some(word) = words.next() {
                    let rest = rest.iter().enumerate();
                    *word = rest.fold(0, |all, (bit, a)| all | u64::from(holds(op, *a, b)) << bit);
                }
            }
        }
    }

    #[target_feature(enable = "avx512f")]
    pub fn doubles(
        op: Comparison,
        sides: (&[f64], Side<'_, f64>),
        computed: (bool, bool),
        out: &mut [u64],
        bad: &mut [u64],
    ) {
        match op {
            Comparison::Equal => doubles_by::<_CMP_EQ_OQ>(op, sides, computed, out, bad),
            Comparison::NotEqual => doubles_by::<_CMP_NEQ_UQ>(op, sides, computed, out, bad),
            Comparison::Less => doubles_by::<_CMP_LT_OQ>(op, sides, computed, out, bad),
            Comparison::LessOrEqual => doubles_by::<_CMP_LE_OQ>(op, sides, computed, out, bad),
            Comparison::Greater => doubles_by::<_CMP_GT_OQ>(op, sides, computed, out, bad),
            Comparison::GreaterOrEqual => doubles_by::<_CMP_GE_OQ>(op, sides, computed, out, bad),
        }
    }

    #[target_feature(enable = "avx512f")]
    fn doubles_by<const CODE: i32>(
        op: Comparison,
        (a, b): (&[f64], Side<'_, f64>),
        (strict_a, strict_b): (bool, bool),
        out: &mut [u64],
        bad: &mut [u64],
    ) {
        // Zero times an infinity is NaN, times another number a number.
        let tested = |values, strict| if strict { _mm512_mul_pd(values, _mm512_setzero_pd()) } else { values };
        let nan = |value: f64, strict: bool| u64::from(value.is_nan() || (strict && value.is_infinite()));
        let (full, rest) = a.as_chunks::<64>();
        let mut words = out.iter_mut().zip(bad);
        match b {
            Side::Many(b) => {
                let (full_b, rest_b) = b.as_chunks::<64>();
                for ((a, b), (word, bad)) in full.iter().zip(full_b).zip(&mut words) {
                    (*word, *bad) = (0, 0);
                    for (at, (a, b)) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0).enumerate() {
                        // SAFETY: eight doubles are read from arrays of eight.
                        let (a, b) = unsafe { (_mm512_loadu_pd(a.as_ptr()), _mm512_loadu_pd(b.as_ptr())) };
                        let unordered = _mm512_cmp_pd_mask::<_CMP_UNORD_Q>(tested(a, strict_a), tested(b, strict_b));
                        *word |= u64::from(_mm512_cmp_pd_mask::<CODE>(a, b)) << (8 * at);
                        *bad |= u64::from(unordered) << (8 * at);
                    }
                }
                if let Some((word, bad)) = words.next() {
                    (*word, *bad) = (0, 0);
                    for (bit, (a, b)) in rest.iter().zip(rest_b).enumerate() {
                        *word |= u64::from(holds(op, *a, *b)) << bit;
                        *bad |= (nan(*a, strict_a) | nan(*b, strict_b)) << bit;
                    }
                }
            }
            Side::One(b) => {
                let many = _mm512_set1_pd(b);
                for (a, (word, bad)) in full.iter().zip(&mut words) {
                    (*word, *bad) = (0, 0);
                    for (at, a) in a.as_chunks::<8>().0.iter().enumerate() {
                        // SAFETY: eight doubles are read from an array of eight.
                        let a = unsafe { _mm512_loadu_pd(a.as_ptr()) };
                        let test = tested(a, strict_a);
                        *word |= u64::from(_mm512_cmp_pd_mask::<CODE>(a, many)) << (8 * at);
                        *bad |= u64::from(_mm512_cmp_pd_mask::<_CMP_UNORD_Q>(test, test)) << (8 * at);
                    }
                }
                if let Some((word, bad)) = words.next() {
                    (*word, *bad) = (0, 0);
                    for (bit, a) in rest.iter().enumerate() {
                        *word |= u64::from(holds(op, *a, b)) << bit;
                        *bad |= nan(*a, strict_a) << bit;
                    }
                }
            }
        }
    }

    #[target_feature(enable = "avx512f,bmi2")]
    pub fn views(views: &[u128], one: u128, equal: bool, out: &mut [u64]) {
        const EVEN: u64 = 0x5555_5555_5555_5555;
        let (low, high) = (one as i64, (one >> 64) as i64);
        let many = _mm512_set_epi64(high, low, high, low, high, low, high, low);
        let flip = if equal { 0 } else { u64::MAX };
        let (full, rest) = views.as_chunks::<64>();
        let mut words = out.iter_mut();
        for (views, word) in full.iter().zip(&mut words) {
            let mut all = 0;
            for (half, views) in views.as_chunks::<32>().0.iter().enumerate() {
                let mut equal = 0;
                for (at, four) in views.as_chunks::<4>().0.iter().enumerate() {
                    // SAFETY: 64 bytes are read from an array of four times 16.
                    let four = unsafe { _mm512_loadu_si512(four.as_ptr().cast()) };
                    equal |= u64::from(_mm512_cmpeq_epi64_mask(four, many)) << (8 * at);
                }
                // A view is equal when both of its halves are.
                all |= _pext_u64(equal & (equal >> 1), EVEN) << (32 * half);
            }
            *word = all ^ flip;
        }
        if let Some(word) = words.next() {
            let rest = rest.iter().enumerate();
            *word = rest.fold(0, |all, (bit, view)| all | u64::from((*view == one) == equal) << bit);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]
    use super::*;

    const OPS: [Comparison; 6] = [
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
    ];
    const SIZES: [usize; 8] = [0, 1, 7, 63, 64, 65, 128, 200];
    const VALUES: [f64; 9] = [0.0, -0.0, 1.5, -1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, 5e-324];

    fn bit(words: &[u64], row: usize) -> bool {
        words[row / 64] >> (row % 64) & 1 == 1
    }

    fn value<T: Copy>(side: Side<'_, T>, row: usize) -> T {
        match side {
            Side::Many(values) => values[row],
            Side::One(value) => value,
        }
    }

    #[test]
    fn doubles_are_compared_and_specials_found() {
        let x: Vec<f64> = (0..200).map(|row| VALUES[row * 7 % 9]).collect();
        let y: Vec<f64> = (0..200).map(|row| VALUES[row * 5 % 9 * (row / 9 % 2)]).collect();
        for rows in SIZES {
            let mut sides = vec![(Side::Many(&x[..rows]), Side::Many(&y[..rows]))];
            sides.extend(VALUES.map(|one| (Side::Many(&x[..rows]), Side::One(one))));
            sides.extend(VALUES.map(|one| (Side::One(one), Side::Many(&y[..rows]))));
            sides.extend(VALUES.map(|one| (Side::One(1.5), Side::One(one))));
            for (a, b) in sides {
                for (op, computed) in OPS.iter().flat_map(|op| [(*op, (false, false)), (*op, (true, false))]) {
                    let (mut out, mut bad) = (vec![7; bits::words(rows)], vec![7; bits::words(rows)]);
                    let (left, right) =
                        (Operand { values: a, computed: computed.0 }, Operand { values: b, computed: computed.1 });
                    doubles(op, left, right, &mut out, &mut bad);
                    for row in 0..rows {
                        let (x, y) = (value(a, row), value(b, row));
                        let special = x.is_nan() || y.is_nan() || (computed.0 && x.is_infinite());
                        assert_eq!(bit(&bad, row), special, "{x} {y} {computed:?}");
                        assert_eq!(bit(&out, row), holds(op, x, y), "{x} {} {y}", op.symbol());
                    }
                }
            }
        }
    }

    #[test]
    fn integers_are_compared() {
        let of =
            |factor: i64| (0..200).map(move |row: i64| [i64::MIN, -1, 0, 1, i64::MAX][(row * factor % 5) as usize]);
        let (x, y): (Vec<i64>, Vec<i64>) = (of(3).collect(), of(7).collect());
        for (rows, op) in SIZES.iter().flat_map(|rows| OPS.map(|op| (*rows, op))) {
            let (x, y) = (&x[..rows], &y[rows.min(3)..rows.min(3) + rows.min(197)]);
            let pairs = (Side::Many(&x[..y.len()]), Side::Many(y));
            for (a, b) in
                [pairs, (Side::Many(x), Side::One(1)), (Side::One(-1), Side::Many(x)), (pairs.0, Side::One(0))]
            {
                let rows = [a, b].iter().find_map(|side| if let Side::Many(v) = side { Some(v.len()) } else { None });
                let rows = rows.unwrap();
                let mut out = vec![7; bits::words(rows)];
                integers(op, a, b, &mut out);
                (0..rows).for_each(|row| assert_eq!(bit(&out, row), holds(op, value(a, row), value(b, row))));
            }
        }
    }

    #[test]
    fn views_are_equal_in_both_halves() {
        let one = (9 << 64) | 5_u128;
        let all: Vec<u128> = (0..200).map(|row| [one, 5, 9 << 64, (9 << 64) | 4, 0][row * 3 % 5]).collect();
        for (rows, equal) in SIZES.iter().flat_map(|rows| [(*rows, true), (*rows, false)]) {
            let mut out = vec![7; bits::words(rows)];
            views(&all[..rows], one, equal, &mut out);
            (0..rows).for_each(|row| assert_eq!(bit(&out, row), (all[row] == one) == equal, "{row}"));
        }
    }

    #[test]
    fn loops_agree_with_instructions() {
        let x: Vec<f64> = (0..200).map(|row| VALUES[row * 7 % 9]).collect();
        let (mut bad, mut out) = (vec![0; 4], vec![0; 4]);
        plain_specials(&x, true, &mut bad);
        plain(Comparison::LessOrEqual, &x, Side::One(1.5), &mut out);
        for (row, x) in x.iter().enumerate() {
            assert_eq!((bit(&bad, row), bit(&out, row)), (!x.is_finite(), *x <= 1.5));
        }
    }
}
