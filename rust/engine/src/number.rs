//! Numbers of a contract: read exactly, compared exactly, never through doubles.

use num_bigint::BigInt;
use std::cmp::Ordering;

/// Longest number that is read as one; longer digits stay text.
const MAX_LENGTH: usize = 1_000;
/// Largest power of ten that is reckoned with.
const MAX_EXPONENT: i64 = 1_000;

/// The number that a plain scalar is in YAML 1.2's core schema, in JSON's notation with the digits kept
/// (`+5` is `5`, `.5` is `0.5`, `0x1F` is `31`).
pub(crate) fn core_number(text: &str) -> Option<String> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (rest.get(..at)?, Some(rest.get(at + 1..)?)),
        None => (rest, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if !all_digits(whole) || !all_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let dot = if fraction.is_empty() { "" } else { "." };
    let exponent = match exponent {
        Some(digits) => format!("e{}", signed_digits(digits)?),
        None => String::new(),
    };
    Some(format!("{sign}{whole}{dot}{fraction}{exponent}"))
}

fn radix(digits: &str, radix: u32) -> Option<String> {
    let plain = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    plain.then(|| BigInt::parse_bytes(digits.as_bytes(), radix).map(|n| n.to_string())).flatten()
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

fn signed_digits(text: &str) -> Option<&str> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    (!digits.is_empty() && all_digits(digits)).then(|| text.strip_prefix('+').unwrap_or(text))
}

/// Whether `digits` write a whole number (`5`, `5.0`, `5e2`).
pub(crate) fn is_whole(digits: &str) -> bool {
    Decimal::parse(digits).is_some_and(|number| number.is_whole())
}

/// The number as a `u64`, if it is one.
pub(crate) fn to_u64(digits: &str) -> Option<u64> {
    Decimal::parse(digits)?.digits().parse().ok()
}

/// An exact decimal: `coefficient` × 10^`exponent`, the coefficient without trailing zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    coefficient: BigInt,
    exponent: i64,
}

impl Decimal {
    /// Reads JSON's notation. Nothing for other text and for powers of ten beyond ±1000.
    pub fn parse(text: &str) -> Option<Decimal> {
        let canonical = core_number(text)?;
        let (mantissa, exponent) = canonical.split_once('e').unwrap_or((&canonical, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        let kept = digits.trim_end_matches('0');
        if matches!(kept, "" | "-") {
            return Some(Decimal { coefficient: BigInt::ZERO, exponent: 0 });
        }
        let dropped = i64::try_from(digits.len().checked_sub(kept.len())?).ok()?;
        let scale = i64::try_from(fraction.len()).ok()?;
        let exponent = exponent.parse::<i64>().ok()?.checked_sub(scale)?.checked_add(dropped)?;
        if exponent.abs() > MAX_EXPONENT {
            return None;
        }
        Some(Decimal { coefficient: BigInt::parse_bytes(kept.as_bytes(), 10)?, exponent })
    }

    /// The whole number `value`.
    pub fn whole(value: i64) -> Decimal {
        Decimal::parse(&value.to_string()).unwrap_or(Decimal { coefficient: BigInt::ZERO, exponent: 0 })
    }

    /// Whether it is a whole number.
    pub fn is_whole(&self) -> bool {
        self.exponent >= 0
    }

    /// How two numbers stand.
    pub fn compare(&self, other: &Decimal) -> Ordering {
        compare(&self.coefficient, self.exponent, &other.coefficient, other.exponent)
    }

    /// Compares `count × factor / of` with this number (S2.9). `of` must not be 0.
    pub fn compare_share(&self, count: u64, factor: u64, of: u64) -> Ordering {
        let left = BigInt::from(count) * BigInt::from(factor);
        compare(&left, 0, &(&self.coefficient * BigInt::from(of)), self.exponent)
    }

    /// Compares `count` with this number.
    pub fn compare_count(&self, count: u64) -> Ordering {
        self.compare_share(count, 1, 1)
    }

    /// The number as an `i64`, if it is a whole one that fits.
    pub fn to_i64(&self) -> Option<i64> {
        if self.is_whole() { i64::try_from(self.times_power(BigInt::from(1))).ok() } else { None }
    }

    /// `self × factor`, rounded towards zero, if it fits.
    pub fn scaled(&self, factor: i64) -> Option<i128> {
        i128::try_from(self.times_power(BigInt::from(factor))).ok()
    }

    fn times_power(&self, factor: BigInt) -> BigInt {
        let power = BigInt::from(10).pow(u32::try_from(self.exponent.unsigned_abs()).unwrap_or(u32::MAX));
        let product = &self.coefficient * factor;
        if self.exponent >= 0 { product * power } else { product / power }
    }

    /// The double that is exactly this number, if there is one.
    pub fn exact_double(&self) -> Option<f64> {
        if self.coefficient == BigInt::ZERO {
            return Some(0.0);
        }
        let five = BigInt::from(5).pow(u32::try_from(self.exponent.unsigned_abs()).ok()?);
        let significant = if self.exponent >= 0 {
            &self.coefficient * five
        } else if &self.coefficient % &five == BigInt::ZERO {
            &self.coefficient / five
        } else {
            return None;
        };
        // The number is `significant` × 2^exponent: 53 bits must hold what is left without trailing zero bits.
        let twos = significant.trailing_zeros()?;
        let lowest = i64::try_from(twos).ok()?.checked_add(self.exponent)?;
        if significant.bits() - twos > 53 || lowest < -1074 {
            return None;
        }
        let double: f64 = format!("{}e{}", self.coefficient, self.exponent).parse().ok()?;
        double.is_finite().then_some(double)
    }

    /// The shortest digits of this number: plain ones, or with an exponent where plain ones would be long.
    pub fn digits(&self) -> String {
        let sign = if self.coefficient < BigInt::ZERO { "-" } else { "" };
        let digits = self.coefficient.magnitude().to_string();
        match usize::try_from(self.exponent.unsigned_abs()) {
            Ok(0) => format!("{sign}{digits}"),
            Ok(zeros) if self.exponent > 0 && zeros <= 40 => {
                format!("{sign}{digits}{}", "0".repeat(zeros))
            }
            Ok(places) if self.exponent < 0 && places <= 40 => {
                let padded = format!("{digits:0>width$}", width = places + 1);
                let (whole, fraction) = padded.split_at(padded.len() - places);
                format!("{sign}{whole}.{fraction}")
            }
            _ => format!("{sign}{digits}e{}", self.exponent),
        }
    }
}

fn compare(a: &BigInt, a_exponent: i64, b: &BigInt, b_exponent: i64) -> Ordering {
    let common = a_exponent.min(b_exponent);
    let scaled = |coefficient: &BigInt, exponent: i64| {
        let power = u32::try_from(exponent.saturating_sub(common)).unwrap_or(u32::MAX);
        coefficient * BigInt::from(10).pow(power)
    };
    scaled(a, a_exponent).cmp(&scaled(b, b_exponent))
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.coefficient, self.exponent, &other.coefficient, other.exponent)
    }
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
        for not_a_number in ["", ".", "-", "1e999999", "NaN", "1_000", "1e", "--1", "1.2.3"] {
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
