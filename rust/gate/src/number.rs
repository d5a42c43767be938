//! Numbers as written, compared exactly.

use guard_kernels::expr::decimal;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

/// Most significant digits.
pub const MAX_DIGITS: usize = 38;
/// Largest power of ten, either way.
pub const MAX_EXPONENT: i64 = 400;

/// A number of JSON: `mantissa` × 10^`exponent` without trailing zeros in the mantissa, and the text it was written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digits<'t> {
    text: Cow<'t, str>,
    mantissa: Wide,
    exponent: i64,
}

/// An `i128` in two words: with its alignment, every value of JSON would be larger, and its memory dearer.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Wide(u64, i64);

impl Wide {
    #[inline(always)]
    const fn new(value: i128) -> Wide {
        Wide(value as u64, (value >> 64) as i64)
    }

    #[inline(always)]
    const fn get(self) -> i128 {
        ((self.1 as i128) << 64) | self.0 as i128
    }
}

impl fmt::Debug for Wide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// 10^`power`, if an `i128` holds it.
fn power_of_ten(power: u32) -> Option<i128> {
    decimal::pow10(u8::try_from(power).ok()?)
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
        Digits { text: Cow::Borrowed("0"), mantissa: Wide::new(0), exponent: 0 }
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
            return Some(Digits { text: Cow::Borrowed(text), mantissa: Wide::new(0), exponent: 0 });
        }
        let zeros = all.len() - all.trim_end_matches('0').len();
        let fraction = i64::try_from(fraction.len()).ok()?;
        let exponent = power.checked_sub(fraction)?.checked_add(i64::try_from(zeros).ok()?)?;
        if significant.len() > MAX_DIGITS || exponent.abs() > MAX_EXPONENT {
            return None;
        }
        let mantissa: i128 = significant.parse().ok()?;
        let mantissa = Wide::new(if negative { -mantissa } else { mantissa });
        Some(Digits { text: Cow::Borrowed(text), mantissa, exponent })
    }

    /// The number without its text.
    pub fn into_owned(self) -> Number {
        Digits { text: Cow::Owned(self.text.into_owned()), mantissa: self.mantissa, exponent: self.exponent }
    }

    /// The mantissa and the power of ten: the same for equal numbers.
    pub fn parts(&self) -> (i128, i64) {
        (self.mantissa.get(), self.exponent)
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
        match self.mantissa.get() {
            0 => Some(0),
            mantissa => mantissa.checked_mul(power_of_ten(power)?),
        }
    }

    /// The order of the values.
    pub fn order(&self, other: &Digits<'_>) -> Ordering {
        let (left, right) = (self.mantissa.get(), other.mantissa.get());
        if self.exponent == other.exponent {
            return left.cmp(&right);
        }
        if let Some(order) = self.near(other) {
            return order;
        }
        let signs = left.signum().cmp(&right.signum());
        if signs != Ordering::Equal || left == 0 {
            return signs;
        }
        let magnitudes = self.magnitude().cmp(&other.magnitude()).then_with(|| self.aligned(other));
        if left < 0 { magnitudes.reverse() } else { magnitudes }
    }

    /// The order of two that have 64 bits each, one of them widened by at most 18 digits: 127 bits hold it.
    fn near(&self, other: &Digits<'_>) -> Option<Ordering> {
        let (left, right) = (i64::try_from(self.mantissa.get()).ok()?, i64::try_from(other.mantissa.get()).ok()?);
        let apart = self.exponent.checked_sub(other.exponent)?;
        let power = u32::try_from(apart.unsigned_abs()).ok().filter(|power| *power <= 18)?;
        let widened = |value: i64| Some(i128::from(value).wrapping_mul(i128::from(10_i64.checked_pow(power)?)));
        Some(if apart > 0 { widened(left)?.cmp(&i128::from(right)) } else { i128::from(left).cmp(&widened(right)?) })
    }

    /// The position of the first digit.
    fn magnitude(&self) -> i64 {
        let length = self.mantissa.get().unsigned_abs().checked_ilog10().map_or(0, i64::from);
        length.saturating_add(self.exponent)
    }

    /// The order of the digits where the first one stands in the same position.
    fn aligned(&self, other: &Digits<'_>) -> Ordering {
        // At most 38 digits and a first digit in the same position: the shorter one widened has at most 38 digits too.
        let (left, right) = (self.mantissa.get().unsigned_abs(), other.mantissa.get().unsigned_abs());
        let widened = |value: u128, by: i64| {
            let power = u32::try_from(by.max(0)).ok().and_then(|by| 10_u128.checked_pow(by));
            power.and_then(|power| value.checked_mul(power)).unwrap_or(u128::MAX)
        };
        let apart = self.exponent.saturating_sub(other.exponent);
        widened(left, apart).cmp(&widened(right, apart.saturating_neg()))
    }

    /// Is it `step` times an integer? `step` is greater than zero.
    pub fn is_multiple_of(&self, step: &Digits<'_>) -> bool {
        let (own, modulus) = (self.mantissa.get().unsigned_abs(), step.mantissa.get().unsigned_abs());
        if own == 0 {
            return true;
        }
        // self / step = m₁ / m₂ × 10^shift must be an integer.
        match u64::try_from(self.exponent.saturating_sub(step.exponent)) {
            Ok(shift) => product_rest(own, shift, modulus) == Some(0),
            Err(_) => {
                let shift = step.exponent.saturating_sub(self.exponent);
                let power = u32::try_from(shift).ok().and_then(|shift| 10_u128.checked_pow(shift));
                let whole = power.and_then(|power| power.checked_mul(modulus));
                whole.is_some_and(|whole| whole != 0 && own.checked_rem(whole) == Some(0))
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
    let mantissa = Wide::new(i128::from(if negative { -mantissa } else { mantissa }));
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

    /// Mantissas and exponents at the edges of 64 bits and 18 digits.
    #[test]
    fn the_order_is_that_of_integers_at_one_scale() {
        let (least, most) = (i128::from(i64::MIN), i128::from(i64::MAX));
        let edges = [0, 1, -1, 9, -9, 11, most, most + 1, most - 1, least, least - 1, least + 1, 10_i128.pow(18) + 1];
        let all = edges.into_iter().flat_map(|mantissa| [0, 1, 9, 17, 18, 19].map(|exponent| (mantissa, exponent)));
        // At most 2^63 + 1 and 19 digits more: an `i128` holds them all.
        let all: Vec<(i128, Number)> = all
            .map(|(mantissa, exponent)| (mantissa * 10_i128.pow(exponent), number(&format!("{mantissa}e{exponent}"))))
            .collect();
        for (left, a) in &all {
            for (right, b) in &all {
                assert_eq!(a.order(b), left.cmp(right), "{} {}", a.text(), b.text());
            }
        }
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
