//! Numbers as written, compared exactly.

use std::borrow::Cow;
use std::cmp::Ordering;

/// Most significant digits.
pub const MAX_DIGITS: usize = 38;
/// Largest power of ten, either way.
pub const MAX_EXPONENT: i64 = 400;

/// A number of JSON: `mantissa` × 10^`exponent` without trailing zeros in the mantissa, and the text it was written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digits<'t> {
    text: Cow<'t, str>,
    mantissa: i128,
    exponent: i64,
}

/// A number with a text of its own.
pub type Number = Digits<'static>;

impl Number {
    /// As [`Digits::read`], with a copy of the text.
    pub fn parse(text: &str) -> Option<Number> {
        Digits::read(text).map(Digits::into_owned)
    }

    /// Zero.
    pub fn zero() -> Number {
        Digits { text: Cow::Borrowed("0"), mantissa: 0, exponent: 0 }
    }
}

impl<'t> Digits<'t> {
    /// Reads a text by JSON's grammar. None for other texts, and for numbers beyond [`MAX_DIGITS`] and [`MAX_EXPONENT`].
    pub fn read(text: &'t str) -> Option<Digits<'t>> {
        short(text).or_else(|| Digits::long(text))
    }

    fn long(text: &'t str) -> Option<Digits<'t>> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (plain, power) = match rest.split_once(['e', 'E']) {
            Some((plain, power)) => (plain, exponent(power)?),
            None => (rest, 0),
        };
        let (whole, fraction) = match plain.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (plain, ""),
        };
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || leading_zero || !digits(whole) || !digits(fraction) {
            return None;
        }
        let all: String = [whole, fraction].concat();
        let significant = all.trim_start_matches('0').trim_end_matches('0');
        if significant.is_empty() {
            return Some(Digits { text: Cow::Borrowed(text), mantissa: 0, exponent: 0 });
        }
        let zeros = all.len() - all.trim_end_matches('0').len();
        let fraction = i64::try_from(fraction.len()).ok()?;
        let exponent = power.checked_sub(fraction)?.checked_add(i64::try_from(zeros).ok()?)?;
        if significant.len() > MAX_DIGITS || exponent.abs() > MAX_EXPONENT {
            return None;
        }
        let mantissa: i128 = significant.parse().ok()?;
        Some(Digits { text: Cow::Borrowed(text), mantissa: if negative { -mantissa } else { mantissa }, exponent })
    }

    /// The number without its text.
    pub fn into_owned(self) -> Number {
        Digits { text: Cow::Owned(self.text.into_owned()), mantissa: self.mantissa, exponent: self.exponent }
    }

    /// The mantissa and the power of ten: the same for equal numbers.
    pub fn parts(&self) -> (i128, i64) {
        (self.mantissa, self.exponent)
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Has it no fraction? `1.0` has none.
    pub fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// Its value as an integer at `scale` digits behind the point; none if it has more digits, or more than an `i128` holds.
    pub fn at_scale(&self, scale: u32) -> Option<i128> {
        let power = u32::try_from(self.exponent.checked_add(i64::from(scale))?).ok()?;
        if self.mantissa == 0 {
            return Some(0);
        }
        self.mantissa.checked_mul(10_i128.checked_pow(power)?)
    }

    /// The order of the values.
    pub fn order(&self, other: &Digits<'_>) -> Ordering {
        if self.exponent == other.exponent {
            return self.mantissa.cmp(&other.mantissa);
        }
        let signs = self.mantissa.signum().cmp(&other.mantissa.signum());
        if signs != Ordering::Equal || self.mantissa == 0 {
            return signs;
        }
        let magnitudes = self.magnitude().cmp(&other.magnitude()).then_with(|| self.aligned(other));
        if self.mantissa < 0 { magnitudes.reverse() } else { magnitudes }
    }

    /// The position of the first digit.
    fn magnitude(&self) -> i64 {
        let length = self.mantissa.unsigned_abs().checked_ilog10().map_or(0, i64::from);
        length.saturating_add(self.exponent)
    }

    /// The order of the digits where the first one stands in the same position.
    fn aligned(&self, other: &Digits<'_>) -> Ordering {
        // At most 38 digits and a first digit in the same position: the shorter one widened has at most 38 digits too.
        let (left, right) = (self.mantissa.unsigned_abs(), other.mantissa.unsigned_abs());
        let widened = |value: u128, by: i64| {
            let power = u32::try_from(by.max(0)).ok().and_then(|by| 10_u128.checked_pow(by));
            power.and_then(|power| value.checked_mul(power)).unwrap_or(u128::MAX)
        };
        let apart = self.exponent.saturating_sub(other.exponent);
        widened(left, apart).cmp(&widened(right, apart.saturating_neg()))
    }

    /// Is it `step` times an integer? `step` is greater than zero.
    pub fn is_multiple_of(&self, step: &Digits<'_>) -> bool {
        if self.mantissa == 0 {
            return true;
        }
        let modulus = step.mantissa.unsigned_abs();
        // self / step = m₁ / m₂ × 10^shift must be an integer.
        match u64::try_from(self.exponent.saturating_sub(step.exponent)) {
            Ok(shift) => product_rest(self.mantissa.unsigned_abs(), shift, modulus) == Some(0),
            Err(_) => {
                let shift = step.exponent.saturating_sub(self.exponent);
                let power = u32::try_from(shift).ok().and_then(|shift| 10_u128.checked_pow(shift));
                let whole = power.and_then(|power| power.checked_mul(modulus));
                whole.is_some_and(|whole| whole != 0 && self.mantissa.unsigned_abs().checked_rem(whole) == Some(0))
            }
        }
    }

    /// Does it equal the other in value?
    pub fn equals(&self, other: &Digits<'_>) -> bool {
        (self.mantissa, self.exponent) == (other.mantissa, other.exponent)
    }
}

/// A number of at most 18 digits without exponent, in one pass; none for what needs a closer look.
fn short(text: &str) -> Option<Digits<'_>> {
    let (negative, rest) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let leading_zero = matches!(rest, [b'0', b'0'..=b'9', ..]);
    if rest.len() > 19 || leading_zero || !rest.first()?.is_ascii_digit() || !rest.last()?.is_ascii_digit() {
        return None;
    }
    let (mut mantissa, mut point, mut digits) = (0_i64, None, 0_usize);
    for byte in rest {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                mantissa = mantissa.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
            }
            b'.' if point.is_none() => point = Some(digits),
            _ => return None,
        }
    }
    let mut exponent = point.map_or(0, |point| point as i64 - digits as i64);
    if mantissa == 0 {
        exponent = 0;
    }
    while mantissa != 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        exponent += 1;
    }
    let mantissa = i128::from(if negative { -mantissa } else { mantissa });
    Some(Digits { text: Cow::Borrowed(text), mantissa, exponent })
}

/// (value × 10^shift) mod modulus, without an intermediate beyond the modulus.
fn product_rest(value: u128, shift: u64, modulus: u128) -> Option<u128> {
    let mut rest = value.checked_rem(modulus)?;
    for _ in 0..shift {
        // Ten additions of a rest below 2^127 stay below 2^128 when each sum is reduced.
        let one = rest;
        for _ in 0..9 {
            rest = rest.checked_add(one)?.checked_rem(modulus)?;
        }
    }
    Some(rest)
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn exponent(text: &str) -> Option<i64> {
    let (negative, rest) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    if rest.is_empty() || !digits(rest) || rest.trim_start_matches('0').len() > 6 {
        return None;
    }
    let value: i64 = rest.parse().ok()?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn grammar_is_that_of_json() {
        for text in ["", "-", "01", "1.", ".5", "+1", "1e", "0x1", "NaN", "1e+", "1 ", "--1", "1.e2", "١"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
        for text in ["0", "-0", "0.0", "1E5", "1e-5", "1e+05", "12345678901234567890123456789012345678"] {
            assert!(Number::parse(text).is_some(), "{text}");
        }
        assert_eq!(Number::parse("123456789012345678901234567890123456789"), None);
        assert_eq!(Number::parse("1e401"), None);
    }

    #[test]
    fn values_compare_exactly() {
        let sorted = [
            "-1e400",
            "-12",
            "-1.5",
            "-1e-400",
            "0",
            "1e-9",
            "0.1",
            "0.10000000000000000000001",
            "9.99",
            "10",
            "11e1",
            "1e3",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(number(a).order(&number(b)), i.cmp(&j), "{a} {b}");
            }
        }
        assert!(number("1.50").equals(&number("15e-1")));
        assert!(number("0.0").equals(&number("-0")));
    }

    #[test]
    fn multiples_are_exact() {
        assert!(number("0.3").is_multiple_of(&number("0.1")));
        assert!(number("12391239123").is_multiple_of(&number("1e-8")));
        assert!(!number("1e308").is_multiple_of(&number("0.123")));
        assert!(number("123e300").is_multiple_of(&number("0.123")));
        assert!(!number("0.0075").is_multiple_of(&number("0.01")));
        assert!(number("4.5").is_multiple_of(&number("1.5")));
        assert!(!number("35").is_multiple_of(&number("1.5")));
        assert!(!number("0.00751").is_multiple_of(&number("0.0001")));
    }

    #[test]
    fn scales_are_exact() {
        assert_eq!(number("7.35").at_scale(2), Some(735));
        assert_eq!(number("7.350").at_scale(2), Some(735));
        assert_eq!(number("7.355").at_scale(2), None);
        assert_eq!(number("1e3").at_scale(0), Some(1000));
        assert_eq!(number("1e40").at_scale(0), None);
    }
}
