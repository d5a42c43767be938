//! Closed intervals over the physical values of a column, and the one pass that proves a block inside.

use std::any::Any;

use arrow_array::Array;
use multiversion::multiversion;
use num_bigint::BigInt;

use super::Side;
use super::bits;
use super::exact::{Exact, Place};
use super::native::{Native, Real, Whole};
use super::rows::Kernel;

/// Keys that pass: `lo ≤ key ≤ hi`. No key passes when `lo > hi`; NaN never passes.
pub(super) struct Range<N: Native> {
    pub(super) lo: N::Key,
    pub(super) hi: N::Key,
    /// NaN and the infinities pass, wherever the ends are.
    pub(super) spare_non_finite: bool,
}

impl<N: Native> Range<N> {
    pub(super) const ALL: Self = Range { lo: N::LEAST, hi: N::GREATEST, spare_non_finite: false };
    pub(super) const NONE: Self = Range { lo: N::GREATEST, hi: N::LEAST, spare_non_finite: false };

    fn holds(&self, key: N::Key) -> bool {
        let inside = key >= self.lo && key <= self.hi;
        // Neither above the least nor below the greatest: NaN or an infinity.
        inside || self.spare_non_finite && !(key > N::LEAST && key < N::GREATEST)
    }

    fn meet(&self, other: &Self) -> Self {
        let lo = if other.lo > self.lo { other.lo } else { self.lo };
        let hi = if other.hi < self.hi { other.hi } else { self.hi };
        Range { lo, hi, spare_non_finite: false }
    }
}

impl<N: Whole> Range<N> {
    /// The integers on the right side of a place.
    pub(super) fn of_place(side: Side, inclusive: bool, place: &Place) -> Self {
        let step = |add: bool| {
            if add { &place.floor + 1 } else { place.floor.clone() }
        };
        match side {
            Side::Lower => Self::at_least(&step(place.between || !inclusive)),
            Side::Upper if place.between || inclusive => Self::at_most(&place.floor),
            Side::Upper => Self::at_most(&(&place.floor - 1)),
        }
    }

    pub(super) fn at_least(bound: &BigInt) -> Self {
        match N::from_big(bound) {
            Some(lo) => Range { lo, ..Self::ALL },
            None if bound.sign() == num_bigint::Sign::Minus => Self::ALL,
            None => Self::NONE,
        }
    }

    pub(super) fn at_most(bound: &BigInt) -> Self {
        match N::from_big(bound) {
            Some(hi) => Range { hi, ..Self::ALL },
            None if bound.sign() == num_bigint::Sign::Minus => Self::NONE,
            None => Self::ALL,
        }
    }

    pub(super) fn between(lo: &BigInt, hi: &BigInt) -> Self {
        Self::at_least(lo).meet(&Self::at_most(hi))
    }
}

impl<N: Real> Range<N> {
    /// The floats on the right side of an exact number.
    pub(super) fn of_exact(side: Side, inclusive: bool, number: &Exact) -> Option<Self> {
        let (floor, equal) = number.real_floor::<N>()?;
        Some(match side {
            Side::Lower if equal && inclusive => Range { lo: floor, ..Self::ALL },
            // Above the greatest finite value only infinity is left.
            Side::Lower => Range { lo: N::next_up(floor), ..Self::ALL },
            Side::Upper if equal && !inclusive => Range { hi: N::next_down(floor), ..Self::ALL },
            Side::Upper => Range { hi: floor, ..Self::ALL },
        })
    }

    pub(super) fn finite() -> Self {
        Range { lo: N::next_up(N::LEAST), hi: N::next_down(N::GREATEST), spare_non_finite: false }
    }
}

/// A kernel that is an interval, so that those of one column fuse.
pub(super) trait Interval: Kernel {
    fn as_any(&self) -> &dyn Any;
    /// The interval of values that pass both, or a part of it where one spares the infinities; `None` when the two are of different physical types.
    fn meet(&self, other: &dyn Interval) -> Option<Box<dyn Interval>>;
    /// Whether every physical value, also those under NULL, passes; `false` when the array is of another type.
    fn holds_all(&self, array: &dyn Array, start: usize, len: usize) -> bool;
    /// Of the `candidates` (bit i is row `start + i`), marks those that fail; says whether any does. `None` when the array is of
    /// another type.
    fn fail_among(&self, array: &dyn Array, start: usize, candidates: &[u64], fails: &mut [u64]) -> Option<bool>;
    fn boxed(&self) -> Box<dyn Interval>;
}

impl<N: Native> Kernel for Range<N> {
    fn fail(&self, array: &dyn Array, start: usize, len: usize, fails: &mut [u64]) -> Option<()> {
        let values = N::values(array)?.get(start..start.checked_add(len)?)?;
        if self.spare_non_finite {
            mark_finite_outside::<N>(values, self.lo, self.hi, fails);
        } else {
            mark_outside::<N>(values, self.lo, self.hi, fails);
        }
        Some(())
    }
}

impl<N: Native> Interval for Range<N> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn meet(&self, other: &dyn Interval) -> Option<Box<dyn Interval>> {
        let other = other.as_any().downcast_ref::<Range<N>>()?;
        Some(Box::new(Range::meet(self, other)))
    }

    fn holds_all(&self, array: &dyn Array, start: usize, len: usize) -> bool {
        let values = N::values(array).and_then(|all| all.get(start..start.checked_add(len)?));
        // Short runs keep the early exit useful without breaking the vector loop.
        values.is_some_and(|values| values.chunks(2048).all(|run| !any_outside::<N>(run, self.lo, self.hi)))
    }

    fn fail_among(&self, array: &dyn Array, start: usize, candidates: &[u64], fails: &mut [u64]) -> Option<bool> {
        let values = N::values(array)?.get(start..)?;
        let mut any = false;
        for (position, (word, out)) in candidates.iter().zip(fails).enumerate() {
            let mut rest = *word;
            while rest != 0 {
                let bit = rest & rest.wrapping_neg();
                let key = N::key(*values.get(position * 64 + rest.trailing_zeros() as usize)?);
                if !self.holds(key) {
                    *out |= bit;
                    any = true;
                }
                rest ^= bit;
            }
        }
        Some(any)
    }

    fn boxed(&self) -> Box<dyn Interval> {
        Box::new(Range::<N> { lo: self.lo, hi: self.hi, spare_non_finite: self.spare_non_finite })
    }
}

// The negations are meant: NaN is neither above nor below and must count as outside.
#[allow(clippy::neg_cmp_op_on_partial_ord)]
#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn any_outside<N: Native>(values: &[N::Raw], lo: N::Key, hi: N::Key) -> bool {
    let mut outside = false;
    for value in values {
        let key = N::key(*value);
        outside |= !(key >= lo) | !(key <= hi);
    }
    outside
}

#[allow(clippy::neg_cmp_op_on_partial_ord)]
#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn mark_outside<N: Native>(values: &[N::Raw], lo: N::Key, hi: N::Key, fails: &mut [u64]) {
    bits::pack(values, fails, |value| {
        let key = N::key(value);
        !(key >= lo) | !(key <= hi)
    });
}

fn mark_finite_outside<N: Native>(values: &[N::Raw], lo: N::Key, hi: N::Key, fails: &mut [u64]) {
    bits::pack(values, fails, |value| {
        let key = N::key(value);
        (key < lo && key > N::LEAST) || (key > hi && key < N::GREATEST)
    });
}
