//! Numbers to values of columns, from their digits.

use crate::lexical;

/// A number's form.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Number {
    pub(super) negative: bool,
    /// The digits before the exponent as one integer; of use only if they are few.
    pub(super) magnitude: u64,
    /// How many digits there are before the exponent.
    pub(super) digits: usize,
    /// How many of them stand after the point.
    pub(super) fraction: usize,
    /// Is there an exponent?
    pub(super) exponent: bool,
}

/// So many digits fit in 64 bits whatever they are.
const SHORT: usize = 18;
/// So many digits are exact in a double whatever they are.
const EXACT: usize = 15;

const POWERS: [f64; EXACT + 1] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// 10 to the powers up to [`SHORT`].
const SCALES: [u64; SHORT + 1] = {
    let mut powers = [1; SHORT + 1];
    let mut rest: &mut [u64] = &mut powers;
    let mut power: u64 = 1;
    while let Some((first, tail)) = rest.split_first_mut() {
        *first = power;
        power = power.wrapping_mul(10);
        rest = tail;
    }
    powers
};

impl Number {
    /// The value if it is an integer of a few plain digits, as most are.
    #[inline(always)]
    fn plain(&self) -> Option<i128> {
        (self.fraction == 0 && !self.exponent && self.digits <= SHORT).then(|| self.signed(self.magnitude))
    }

    #[inline(always)]
    fn signed(&self, magnitude: u64) -> i128 {
        if self.negative { -i128::from(magnitude) } else { i128::from(magnitude) }
    }

    /// The value if it is integral and of at most 38 digits.
    #[inline(always)]
    pub(super) fn integer(&self, text: &str) -> Option<i128> {
        self.plain().or_else(|| lexical::integer(text.as_bytes()))
    }

    /// The value × 10^scale if that is integral and has at most `precision` digits.
    #[inline(always)]
    pub(super) fn decimal(&self, text: &str, precision: u8, scale: i8) -> Option<i128> {
        let scale = u8::try_from(scale).ok()?;
        let missing = usize::from(scale).checked_sub(self.fraction).filter(|missing| *missing <= SHORT);
        if let Some(missing) = missing
            && !self.exponent
            && self.digits <= SHORT
        {
            let magnitude = u128::from(self.magnitude) * u128::from(*SCALES.get(missing)?);
            let fits = magnitude < 10_u128.checked_pow(precision.into())?;
            let value = i128::try_from(magnitude).ok().filter(|_| fits)?;
            return Some(if self.negative { -value } else { value });
        }
        lexical::decimal(text.as_bytes(), precision, scale)
    }

    /// The nearest double, if it is finite.
    #[inline(always)]
    pub(super) fn double(&self, text: &str) -> Option<f64> {
        if self.exponent || self.digits > EXACT {
            return self.long_double(text);
        }
        // Both are exact, so that the quotient is rounded once.
        let value = self.magnitude as f64 / POWERS.get(self.fraction)?;
        Some(if self.negative { -value } else { value })
    }

    #[inline(never)]
    fn long_double(&self, text: &str) -> Option<f64> {
        lexical::float(text.as_bytes()).filter(|value: &f64| value.is_finite())
    }

    /// The nearest single, if it is finite.
    pub(super) fn single(&self, text: &str) -> Option<f32> {
        lexical::float(text.as_bytes()).filter(|value: &f32| value.is_finite())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::reader::Reader;
    use super::*;

    fn read(text: &str) -> Number {
        let mut reader = Reader::new(text, 1);
        let number = reader.number().unwrap();
        assert_eq!(reader.at, text.len(), "{text}");
        number
    }

    #[test]
    fn integers() {
        let zeros = "0".repeat(60);
        let cases = [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("12.0", Some(12)),
            ("1e3", Some(1000)),
            ("1.5", None),
            ("15e-1", None),
            ("9223372036854775807", Some(9223372036854775807)),
            ("-9223372036854775809", Some(-9223372036854775809)),
            ("9007199254740993", Some(9007199254740993)),
            (&format!("1{zeros}e-60"), Some(1)),
            (&format!("0.{zeros}1e61"), Some(1)),
            (&format!("1{zeros}"), None),
            ("0e999999999999999999999", Some(0)),
            ("1e-999999999999999999999", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).integer(text), expected, "{text}");
        }
    }

    #[test]
    fn decimals() {
        for (text, expected) in [
            ("129.95", Some(12995)),
            ("-0.01", Some(-1)),
            ("1.230", Some(123)),
            ("1.234", None),
            ("1e2", Some(10000)),
            ("123456.78", None),
            ("12345.67", Some(1234567)),
            ("-99999", Some(-9999900)),
            ("100000", None),
            ("0", Some(0)),
        ] {
            assert_eq!(read(text).decimal(text, 7, 2), expected, "{text}");
        }
    }

    #[test]
    fn doubles_are_the_nearest() {
        let cases = [
            "0",
            "-0",
            "0.1",
            "129.95",
            "123456789012345",
            "0.000000000000001",
            "9007199254740993",
            "1e22",
            "1e23",
            "5e-324",
            "2.2250738585072011e-308",
            "1.7976931348623157e308",
        ];
        for text in cases {
            let expected: f64 = text.parse().unwrap();
            assert_eq!(read(text).double(text).map(f64::to_bits), Some(expected.to_bits()), "{text}");
        }
        assert_eq!(read("1e309").double("1e309"), None);
        assert_eq!(read("1e39").single("1e39"), None);
        assert_eq!(read("0.1").single("0.1"), Some(0.1));
    }

    #[test]
    fn exponents_that_digits_balance() {
        let zeros = "0".repeat(700_000);
        for (text, expected) in [
            (format!("0.{zeros}15e700001"), Some(1.5)),
            (format!("25{zeros}e-700001"), Some(2.5)),
            (format!("-0.{zeros}e700001"), Some(-0.0)),
            (format!("0.{zeros}1e1"), Some(0.0)),
            (format!("1{zeros}"), None),
            (format!("0.{zeros}1e99999999999999999999"), None),
        ] {
            assert_eq!(read(&text).double(&text), expected);
        }
    }
}
