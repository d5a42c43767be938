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

/// Writes bit `i` = `a[i] op b[i]` of doubles; no comparison but `<>` holds for NaN.
pub fn doubles(op: Comparison, a: Side<'_, f64>, b: Side<'_, f64>, out: &mut [u64]) {
    match (a, b) {
        (Side::One(a), Side::One(b)) => out.fill(if holds(op, a, b) { u64::MAX } else { 0 }),
        (Side::One(_), Side::Many(_)) => doubles(op.mirrored(), b, a, out),
        (Side::Many(values), _) => {
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx512f") {
                // SAFETY: the processor has the feature.
                unsafe { masks::doubles(op, values, b, out) };
                return;
            }
            plain(op, values, b, out);
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

/// Adds bit `i` where `values[i]` is NaN, or infinite too.
pub fn specials(values: Side<'_, f64>, infinite: bool, out: &mut [u64]) {
    match values {
        Side::One(value) if value.is_nan() || (infinite && value.is_infinite()) => out.fill(u64::MAX),
        Side::One(_) => {}
        Side::Many(values) => {
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx512f") {
                // SAFETY: the processor has the feature.
                unsafe { masks::specials(values, infinite, out) };
                return;
            }
            plain_specials(values, infinite, out);
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

    /// `each` of the 64 values of every full word, `one` of what remains.
    macro_rules! compared {
        ($name:ident, $pairs:ident, $constant:ident, $native:ty, $load:ident, $splat:ident, $mask:ident, $codes:tt) => {
            #[target_feature(enable = "avx512f")]
            pub fn $name(op: Comparison, a: &[$native], b: Side<'_, $native>, out: &mut [u64]) {
                compared!(@each op, $codes, (a, b, out), $pairs, $constant)
            }

            #[target_feature(enable = "avx512f")]
            fn $pairs<const CODE: i32>(op: Comparison, a: &[$native], b: &[$native], out: &mut [u64]) {
                let ((full_a, rest_a), (full_b, rest_b)) = (a.as_chunks::<64>(), b.as_chunks::<64>());
                let mut words = out.iter_mut();
                for ((a, b), word) in full_a.iter().zip(full_b).zip(&mut words) {
                    let mut all = 0;
                    for (at, (a, b)) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0).enumerate() {
                        // SAFETY: eight values are read from arrays of eight.
                        let (a, b) = unsafe { ($load(a.as_ptr()), $load(b.as_ptr())) };
                        all |= u64::from($mask::<CODE>(a, b)) << (8 * at);
                    }
                    *word = all;
                }
                if let Some(word) = words.next() {
                    let rest = rest_a.iter().zip(rest_b).enumerate();
                    *word = rest.fold(0, |all, (bit, (a, b))| all | u64::from(holds(op, *a, *b)) << bit);
                }
            }

            #[target_feature(enable = "avx512f")]
            fn $constant<const CODE: i32>(op: Comparison, a: &[$native], b: $native, out: &mut [u64]) {
                let (full, rest) = a.as_chunks::<64>();
                let many = $splat(b);
                let mut words = out.iter_mut();
                for (a, word) in full.iter().zip(&mut words) {
                    let mut all = 0;
                    for (at, a) in a.as_chunks::<8>().0.iter().enumerate() {
                        // SAFETY: eight values are read from an array of eight.
                        let a = unsafe { $load(a.as_ptr()) };
                        all |= u64::from($mask::<CODE>(a, many)) << (8 * at);
                    }
                    *word = all;
                }
                if let Some(word) = words.next() {
                    let rest = rest.iter().enumerate();
                    *word = rest.fold(0, |all, (bit, a)| all | u64::from(holds(op, *a, b)) << bit);
                }
            }
        };
        (@each $op:ident, ($eq:expr, $ne:expr, $lt:expr, $le:expr, $gt:expr, $ge:expr), $args:tt, $pairs:ident, $constant:ident) => {
            match $op {
                Comparison::Equal => compared!(@run $op, $eq, $args, $pairs, $constant),
                Comparison::NotEqual => compared!(@run $op, $ne, $args, $pairs, $constant),
                Comparison::Less => compared!(@run $op, $lt, $args, $pairs, $constant),
                Comparison::LessOrEqual => compared!(@run $op, $le, $args, $pairs, $constant),
                Comparison::Greater => compared!(@run $op, $gt, $args, $pairs, $constant),
                Comparison::GreaterOrEqual => compared!(@run $op, $ge, $args, $pairs, $constant),
            }
        };
        (@run $op:ident, $code:expr, ($a:ident, $b:ident, $out:ident), $pairs:ident, $constant:ident) => {
            match $b {
                Side::Many(b) => $pairs::<{ $code }>($op, $a, b, $out),
                Side::One(b) => $constant::<{ $code }>($op, $a, b, $out),
            }
        };
    }

    compared!(
        doubles,
        double_pairs,
        double_constant,
        f64,
        _mm512_loadu_pd,
        _mm512_set1_pd,
        _mm512_cmp_pd_mask,
        (_CMP_EQ_OQ, _CMP_NEQ_UQ, _CMP_LT_OQ, _CMP_LE_OQ, _CMP_GT_OQ, _CMP_GE_OQ)
    );
    compared!(
        integers,
        integer_pairs,
        integer_constant,
        i64,
        load_integers,
        _mm512_set1_epi64,
        _mm512_cmp_epi64_mask,
        (_MM_CMPINT_EQ, _MM_CMPINT_NE, _MM_CMPINT_LT, _MM_CMPINT_LE, _MM_CMPINT_NLE, _MM_CMPINT_NLT)
    );

    /// # Safety
    /// `values` points to eight integers.
    #[inline]
    #[target_feature(enable = "avx512f")]
    unsafe fn load_integers(values: *const i64) -> __m512i {
        // SAFETY: the caller's.
        unsafe { _mm512_loadu_si512(values.cast()) }
    }

    #[target_feature(enable = "avx512f")]
    pub fn specials(values: &[f64], infinite: bool, out: &mut [u64]) {
        let (full, rest) = values.as_chunks::<64>();
        let mut words = out.iter_mut();
        let zero = _mm512_setzero_pd();
        for (values, word) in full.iter().zip(&mut words) {
            let mut all = 0;
            for (at, values) in values.as_chunks::<8>().0.iter().enumerate() {
                // SAFETY: eight doubles are read from an array of eight.
                let values = unsafe { _mm512_loadu_pd(values.as_ptr()) };
                // Zero times an infinity is NaN.
                let tested = if infinite { _mm512_mul_pd(values, zero) } else { values };
                all |= u64::from(_mm512_cmp_pd_mask::<_CMP_UNORD_Q>(tested, tested)) << (8 * at);
            }
            *word |= all;
        }
        if let Some(word) = words.next() {
            let bad = |value: &f64| value.is_nan() || (infinite && value.is_infinite());
            *word |= rest.iter().enumerate().fold(0, |all, (bit, value)| all | u64::from(bad(value)) << bit);
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
