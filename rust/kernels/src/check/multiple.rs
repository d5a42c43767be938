//! Exact multiples of a decimal number.

use std::marker::PhantomData;

use arrow_array::Array;
use arrow_buffer::i256;
use num_bigint::{BigInt, BigUint};

use super::bits;
use super::exact::Exact;
use super::native::{Native, Real, Whole};
use super::rows::Kernel;

/// Multiples of an integer among the physical values; `None` is a divisor beyond every value, of which 0 is the multiple.
pub(super) struct WholeMultiple<N: Whole> {
    divisor: Option<i256>,
    narrow: Option<u64>,
    native: PhantomData<N>,
}

impl<N: Whole> WholeMultiple<N> {
    /// For values `p × 10^-scale`: `p` is a multiple of `D × 10^(e + scale)`, or with a negative exponent `k` of
    /// `D / gcd(D, 10^-k)`.
    pub(super) fn new(number: &Exact, scale: i64) -> Self {
        let (digits, exponent) = number.parts();
        let shift = exponent.saturating_add(scale);
        let divisor = match u32::try_from(shift) {
            Ok(up) if up <= 100 => Some(digits * BigUint::from(10u32).pow(up)),
            Ok(_) => None,
            Err(_) if shift > 0 => None,
            Err(_) => Some(without(without(digits, 2, shift.saturating_neg()), 5, shift.saturating_neg())),
        };
        let divisor = divisor.and_then(|value| i256::from_big(&BigInt::from(value)));
        let narrow = divisor.and_then(i256::to_i128).and_then(|value| u64::try_from(value).ok());
        WholeMultiple { divisor, narrow, native: PhantomData }
    }

    fn divides(&self, value: N) -> bool {
        let value = value.into_i256();
        match (self.narrow, value.to_i128(), self.divisor) {
            (Some(divisor), Some(value), _) => match u64::try_from(value.unsigned_abs()) {
                Ok(value) => value.checked_rem(divisor) == Some(0),
                Err(_) => value.unsigned_abs().checked_rem(u128::from(divisor)) == Some(0),
            },
            (_, _, Some(divisor)) => value.checked_rem(divisor) == Some(i256::ZERO),
            (_, _, None) => value == i256::ZERO,
        }
    }
}

impl<N: Whole> Kernel for WholeMultiple<N> {
    fn fail(&self, array: &dyn Array, start: usize, len: usize, fails: &mut [u64]) -> Option<()> {
        let values = N::values(array)?.get(start..start.checked_add(len)?)?;
        bits::pack(values, fails, |value| !self.divides(value));
        Some(())
    }
}

/// `digits` with at most `times` factors `prime` taken out.
fn without(mut digits: BigUint, prime: u32, times: i64) -> BigUint {
    let zero = BigUint::default();
    for _ in 0..times {
        if digits == zero || &digits % prime != zero {
            break;
        }
        digits /= prime;
    }
    digits
}

/// Multiples among doubles. The divisor is `odd × 2^twos / 5^n` in lowest terms, the value `m × 2^e` with odd `m`: the
/// quotient is an integer exactly when `odd` divides `m` and `e ≥ twos`.
pub(super) struct RealMultiple<N: Real> {
    /// `None` when no odd part of a double has this factor.
    odd: Option<u64>,
    twos: i64,
    native: PhantomData<N>,
}

impl<N: Real> RealMultiple<N> {
    pub(super) fn new(number: &Exact) -> Self {
        let (digits, exponent) = number.parts();
        let own_twos = digits.trailing_zeros().unwrap_or(0);
        let odd = digits >> own_twos;
        let odd = match u32::try_from(exponent) {
            Ok(up) if up <= 30 => u64::try_from(odd * BigUint::from(5u32).pow(up)).ok(),
            Ok(_) => None,
            Err(_) if exponent > 0 => None,
            Err(_) => u64::try_from(without(odd, 5, exponent.saturating_neg())).ok(),
        };
        let twos = exponent.saturating_add(i64::try_from(own_twos).unwrap_or(i64::MAX));
        RealMultiple { odd, twos, native: PhantomData }
    }

    fn divides(&self, value: f64) -> bool {
        if value == 0.0 {
            return true;
        }
        let field = value.to_bits() >> 52 & 0x7ff;
        let fraction = value.to_bits() & ((1 << 52) - 1);
        let (mantissa, exponent) = match field {
            0x7ff => return false,
            0 => (fraction, -1074),
            _ => (fraction | 1 << 52, field as i64 - 1075),
        };
        let zeros = mantissa.trailing_zeros();
        let fits = exponent + i64::from(zeros) >= self.twos;
        fits && self.odd.and_then(|odd| (mantissa >> zeros).checked_rem(odd)) == Some(0)
    }
}

impl<N: Real> Kernel for RealMultiple<N> {
    fn fail(&self, array: &dyn Array, start: usize, len: usize, fails: &mut [u64]) -> Option<()> {
        let values = <N as Native>::values(array)?.get(start..start.checked_add(len)?)?;
        bits::pack(values, fails, |value| !self.divides(N::to_f64(value)));
        Some(())
    }
}
