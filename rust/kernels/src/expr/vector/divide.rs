//! Division by a number that is the same for every record.

/// Quotients up to here, either sign, are multiplications.
const MOST: i64 = 1 << 61;

/// Divides by a positive number, rounding down.
#[derive(Clone, Copy)]
pub struct Floor {
    divisor: i64,
    /// 2^(63 + bits) / divisor, rounded up.
    magic: u64,
    /// The least number of bits with 2^bits >= divisor, less 1.
    shift: u32,
    /// How many divisors are added first, so that nothing is negative.
    above: i64,
}

impl Floor {
    /// None for divisors that are not between 2 and 2^60.
    pub fn by(divisor: i64) -> Option<Floor> {
        if !(2..=1 << 60).contains(&divisor) {
            return None;
        }
        let bits = 64 - (divisor - 1).leading_zeros();
        // 2^63 * 2^bits / divisor < 2^64, as 2^(bits - 1) < divisor.
        let magic = u64::try_from((1_u128 << (63 + bits)) / divisor as u128 + 1).ok()?;
        Some(Floor { divisor, magic, shift: bits - 1, above: MOST / divisor + 1 })
    }

    /// The greatest whole number not above `value / divisor`.
    #[inline(always)]
    pub fn quotient(self, value: i64) -> i64 {
        if !(-MOST..=MOST).contains(&value) {
            return value.div_euclid(self.divisor);
        }
        // Between 0 and 2^63: of such, the high half of the product is exact (Granlund and Montgomery).
        let raised = (value + self.above * self.divisor) as u64;
        let high = ((u128::from(raised) * u128::from(self.magic)) >> 64) as u64;
        (high >> self.shift) as i64 - self.above
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ends_and_multiples() {
        for divisor in [2, 3, 7, 60, 1_000, 86_400, 60_000_000, 86_400_000_000, 86_400_000_000_000, 1 << 60] {
            let floor = Floor::by(divisor).unwrap();
            for base in [i64::MIN, -MOST, -divisor, 0, divisor, MOST / divisor * divisor, MOST, i64::MAX] {
                for value in [base.saturating_sub(1), base, base.saturating_add(1)] {
                    assert_eq!(floor.quotient(value), value.div_euclid(divisor), "{value} / {divisor}");
                }
            }
        }
        assert!(Floor::by(1).is_none() && Floor::by(0).is_none() && Floor::by(-5).is_none());
    }

    proptest! {
        #[test]
        fn as_the_processor_divides(value: i64, divisor in 2_i64..=1 << 60, small in 2_i64..100_000) {
            prop_assert_eq!(Floor::by(divisor).unwrap().quotient(value), value.div_euclid(divisor));
            prop_assert_eq!(Floor::by(small).unwrap().quotient(value), value.div_euclid(small));
            prop_assert_eq!(Floor::by(small).unwrap().quotient(value >> 8), (value >> 8).div_euclid(small));
        }
    }
}
