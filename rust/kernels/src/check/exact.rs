//! Decimal numbers as written, of any length and exponent, and their place among a column's values.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint};

use super::native::Real;

/// More decimal digits than any integer column holds (256 bits are 77).
const WIDEST: i64 = 120;

/// `±0.digits × 10^point`; digits have no zero at either end, zero has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exact {
    negative: bool,
    digits: Vec<u8>,
    point: i64,
}

/// A place on the line of integers: `floor`, or strictly between `floor` and `floor + 1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) floor: BigInt,
    pub(super) between: bool,
}

impl Exact {
    /// Reads sign, digits with at most one point, exponent. `None` for anything else, infinities and NaN too.
    pub(super) fn parse(text: &str) -> Option<Exact> {
        let (negative, rest) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let mantissa_end = rest.iter().position(|b| matches!(b, b'e' | b'E'));
        let (mantissa, exponent) = match mantissa_end {
            Some(end) => (rest.get(..end)?, parse_exponent(rest.get(end + 1..)?)?),
            None => (rest, 0),
        };
        let whole_len = mantissa.iter().position(|b| *b == b'.').unwrap_or(mantissa.len());
        let mut digits: Vec<u8> = Vec::with_capacity(mantissa.len());
        for (index, byte) in mantissa.iter().enumerate() {
            match byte {
                b'0'..=b'9' => digits.push(byte - b'0'),
                b'.' if index == whole_len => {}
                _ => return None,
            }
        }
        if digits.is_empty() {
            return None;
        }
        let point = i64::try_from(whole_len).ok()?.checked_add(exponent)?;
        Some(Exact::normal(negative, digits, point))
    }

    fn normal(negative: bool, mut digits: Vec<u8>, point: i64) -> Exact {
        let leading = digits.iter().take_while(|d| **d == 0).count();
        digits.drain(..leading);
        while digits.last() == Some(&0) {
            digits.pop();
        }
        if digits.is_empty() {
            return Exact { negative: false, digits, point: 0 };
        }
        let point = point - i64::try_from(leading).unwrap_or(i64::MAX / 2);
        Exact { negative, digits, point }
    }

    /// The exact decimal value of a finite double: no double has more than 767 significant digits.
    fn from_f64(value: f64) -> Option<Exact> {
        Exact::parse(&format!("{value:.800e}"))
    }

    pub(super) fn is_positive(&self) -> bool {
        !self.negative && !self.digits.is_empty()
    }

    /// The digits as an integer `D` and the exponent `e` of `D × 10^e`.
    pub(super) fn parts(&self) -> (BigUint, i64) {
        let digits = BigUint::from_radix_be(&self.digits, 10).unwrap_or_default();
        (digits, self.point - i64::try_from(self.digits.len()).unwrap_or(i64::MAX / 2))
    }

    /// The place of `self × 10^scale`. Magnitudes beyond every column type are pulled in to a power of ten that still is.
    pub(super) fn place(&self, scale: i64) -> Place {
        let point = self.point.saturating_add(scale);
        if self.digits.is_empty() {
            return Place { floor: BigInt::ZERO, between: false };
        }
        let whole_len = usize::try_from(point.clamp(0, WIDEST)).unwrap_or(0);
        let mut whole: Vec<u8> = self.digits.iter().copied().take(whole_len).collect();
        whole.resize(whole_len, 0);
        let between = point < i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        let magnitude = BigInt::from(BigUint::from_radix_be(&whole, 10).unwrap_or_default());
        let floor = match (self.negative, between) {
            (false, _) => magnitude,
            (true, false) => -magnitude,
            (true, true) => -magnitude - 1,
        };
        Place { floor, between }
    }

    /// The greatest key `≤ self`, and whether it is equal.
    pub(super) fn real_floor<N: Real>(&self) -> Option<(N::Key, bool)> {
        let mut key = N::parse(&self.text())?;
        // The parser rounds to nearest, so one step down is enough.
        if self.cmp_f64(N::key_to_f64(key)) == Ordering::Less {
            key = N::next_down(key);
        }
        Some((key, self.cmp_f64(N::key_to_f64(key)) == Ordering::Equal))
    }

    fn text(&self) -> String {
        let digits: String = self.digits.iter().map(|d| char::from(b'0' + d)).collect();
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}0.{digits}0e{}", self.point)
    }

    fn cmp_f64(&self, value: f64) -> Ordering {
        match Exact::from_f64(value) {
            Some(other) => self.cmp(&other),
            None if value > 0.0 => Ordering::Less,
            None => Ordering::Greater,
        }
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => -1,
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        let magnitude = || self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits));
        self.sign().cmp(&other.sign()).then_with(|| match self.sign() {
            1 => magnitude(),
            -1 => magnitude().reverse(),
            _ => Ordering::Equal,
        })
    }
}

/// An exponent, pulled in to ±10^15, where no value of any column is near.
fn parse_exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let magnitude = digits.iter().fold(0i64, |sum, d| (sum * 10 + i64::from(d - b'0')).min(1_000_000_000_000_000));
    Some(if negative { -magnitude } else { magnitude })
}
