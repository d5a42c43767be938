//! Exact decimal numbers as written in contracts, for comparing counts with thresholds (S2.9, S2.10).

use num_bigint::BigInt;
use std::cmp::Ordering;
use std::str::FromStr;

/// Exponents beyond this are not numbers that anybody means; refusing them bounds the cost of a comparison.
const MAX_EXPONENT: i64 = 400;

/// `mantissa × 10^-scale`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    mantissa: BigInt,
    scale: u32,
}

impl Decimal {
    /// Reads digits such as `5`, `-0.25` or `1e3`; none if they are no finite number or out of reason.
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, exponent) = match text.find(['e', 'E']) {
            Some(at) => (text.get(..at)?, text.get(at + 1..)?.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let unsigned = whole.strip_prefix(['-', '+']).unwrap_or(whole);
        let all_digits = unsigned.chars().chain(fraction.chars()).all(|c| c.is_ascii_digit());
        if !all_digits || unsigned.len() + fraction.len() == 0 || exponent.abs() > MAX_EXPONENT || text.len() > 1000 {
            return None;
        }
        let mantissa = BigInt::from_str(&format!("{whole}{fraction}")).ok()?;
        let scale = i64::try_from(fraction.len()).ok()? - exponent;
        Some(match u32::try_from(scale) {
            Ok(scale) => Self { mantissa, scale },
            Err(_) => Self { mantissa: mantissa * power_of_ten(u32::try_from(-scale).ok()?), scale: 0 },
        })
    }

    /// Compares `count × factor / of` with this number, exactly. `of` must not be 0.
    pub fn compare_share(&self, count: u64, factor: u64, of: u64) -> Ordering {
        let left = BigInt::from(count) * BigInt::from(factor) * power_of_ten(self.scale);
        left.cmp(&(&self.mantissa * BigInt::from(of)))
    }

    /// Compares `count` with this number, exactly.
    pub fn compare_count(&self, count: u64) -> Ordering {
        self.compare_share(count, 1, 1)
    }

    /// The number as a whole number, if it is one that fits.
    pub fn to_i64(&self) -> Option<i64> {
        let unit = power_of_ten(self.scale);
        let whole = &self.mantissa / &unit;
        if &whole * &unit != self.mantissa {
            return None;
        }
        i64::try_from(whole).ok()
    }

    /// `self × factor` as a whole number, rounded towards zero, if it fits.
    pub fn scaled(&self, factor: i64) -> Option<i128> {
        i128::try_from(&self.mantissa * BigInt::from(factor) / power_of_ten(self.scale)).ok()
    }
}

fn power_of_ten(exponent: u32) -> BigInt {
    BigInt::from(10u8).pow(exponent)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_what_people_write() {
        assert_eq!(Decimal::parse("1e3").unwrap().to_i64(), Some(1000));
        assert_eq!(Decimal::parse("-0.50").unwrap().to_i64(), None);
        assert_eq!(Decimal::parse("2.0").unwrap().to_i64(), Some(2));
        for not_a_number in ["", ".", "-", "1e999999", "NaN", "0x10", "1_000", "1e", "--1", "1.2.3"] {
            assert_eq!(Decimal::parse(not_a_number), None, "{not_a_number}");
        }
    }

    #[test]
    fn compares_shares_exactly() {
        let third = Decimal::parse("33.3333333333333333").unwrap();
        assert_eq!(third.compare_share(1, 100, 3), Ordering::Greater);
        assert_eq!(Decimal::parse("0.5").unwrap().compare_share(1, 100, 200), Ordering::Equal);
    }
}
