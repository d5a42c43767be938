//! Arithmetic and comparison of numbers as row rules do them (S6.10 to S6.14).

use arrow_buffer::i256;
use std::cmp::Ordering;

/// Decimals have at most 38 digits.
const LIMIT: i128 = 10_i128.pow(38);

/// A number that is not NULL.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Num {
    /// BIGINT.
    Int(i64),
    /// DECIMAL: digits and scale.
    Dec(i128, u8),
    /// DOUBLE.
    Dbl(f64),
}

/// The rule has no value on this record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault;

use Num::{Dbl, Dec, Int};

impl Num {
    /// The nearest double.
    pub fn approximate(self) -> f64 {
        match self {
            Int(value) => value as f64,
            Dec(digits, scale) => digits as f64 / 10_f64.powi(i32::from(scale)),
            Dbl(value) => value,
        }
    }

    fn exact(self) -> Option<(i128, u8)> {
        match self {
            Int(value) => Some((value.into(), 0)),
            Dec(digits, scale) => Some((digits, scale)),
            Dbl(_) => None,
        }
    }

    pub fn add(self, other: Num) -> Result<Num, Fault> {
        self.sum(other, i64::checked_add, i128::checked_add, |a, b| a + b)
    }

    pub fn sub(self, other: Num) -> Result<Num, Fault> {
        self.sum(other, i64::checked_sub, i128::checked_sub, |a, b| a - b)
    }

    fn sum(
        self,
        other: Num,
        int: fn(i64, i64) -> Option<i64>,
        dec: fn(i128, i128) -> Option<i128>,
        dbl: fn(f64, f64) -> f64,
    ) -> Result<Num, Fault> {
        if let (Int(a), Int(b)) = (self, other) {
            return int(a, b).map(Int).ok_or(Fault);
        }
        let (Some((a, p)), Some((b, q))) = (self.exact(), other.exact()) else {
            return self.double(other, dbl);
        };
        let scale = p.max(q);
        let digits = rescaled(a, p, scale).zip(rescaled(b, q, scale)).and_then(|(a, b)| dec(a, b));
        digits.filter(|digits| digits.abs() < LIMIT).map(|digits| Dec(digits, scale)).ok_or(Fault)
    }

    pub fn mul(self, other: Num) -> Result<Num, Fault> {
        if let (Int(a), Int(b)) = (self, other) {
            return a.checked_mul(b).map(Int).ok_or(Fault);
        }
        let (Some((a, p)), Some((b, q))) = (self.exact(), other.exact()) else {
            return self.double(other, |a, b| a * b);
        };
        let digits = a.checked_mul(b).filter(|digits| digits.abs() < LIMIT);
        digits.map(|digits| Dec(digits, p.saturating_add(q))).filter(|_| p.saturating_add(q) <= 38).ok_or(Fault)
    }

    /// A decimal next to a double is refused, so no rule has one.
    fn double(self, other: Num, operation: fn(f64, f64) -> f64) -> Result<Num, Fault> {
        if matches!((self, other), (Dec(..), _) | (_, Dec(..))) {
            return Err(Fault);
        }
        Some(operation(self.approximate(), other.approximate())).filter(|value| value.is_finite()).map(Dbl).ok_or(Fault)
    }

    pub fn abs(self) -> Result<Num, Fault> {
        match self {
            Int(value) => value.checked_abs().map(Int).ok_or(Fault),
            Dec(digits, scale) => Ok(Dec(digits.abs(), scale)),
            Dbl(value) if value.is_finite() => Ok(Dbl(value.abs())),
            Dbl(_) => Err(Fault),
        }
    }

    /// Exact at any scale; a fault with NaN, and of a decimal with a double.
    pub fn compare(self, other: Num) -> Result<Ordering, Fault> {
        match (self, other) {
            (Int(a), Int(b)) => Ok(a.cmp(&b)),
            (Dbl(a), Dbl(b)) => a.partial_cmp(&b).ok_or(Fault),
            (Int(a), Dbl(b)) => with_double(a, b),
            (Dbl(a), Int(b)) => with_double(b, a).map(Ordering::reverse),
            (Dbl(_), _) | (_, Dbl(_)) => Err(Fault),
            (a, b) => {
                let (Some((a, p)), Some((b, q))) = (a.exact(), b.exact()) else { return Err(Fault) };
                let scale = p.max(q);
                Ok(wide(a, p, scale)?.cmp(&wide(b, q, scale)?))
            }
        }
    }
}

fn rescaled(digits: i128, from: u8, to: u8) -> Option<i128> {
    digits.checked_mul(10_i128.checked_pow(to.saturating_sub(from).into())?)
}

fn wide(digits: i128, from: u8, to: u8) -> Result<i256, Fault> {
    let power = 10_i128.checked_pow(to.saturating_sub(from).into()).ok_or(Fault)?;
    i256::from_i128(digits).checked_mul(i256::from_i128(power)).ok_or(Fault)
}

fn with_double(a: i64, b: f64) -> Result<Ordering, Fault> {
    // Every double beyond ±2^63 is beyond every integer; the others have a whole part that i128 holds exactly.
    let whole = if b.is_nan() { return Err(Fault) } else { b.floor() as i128 };
    let fraction = b.is_finite() && b.fract() != 0.0;
    Ok(i128::from(a).cmp(&whole).then(if fraction { Ordering::Less } else { Ordering::Equal }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_exactly() {
        assert_eq!(Int(i64::MAX).compare(Dbl(9_223_372_036_854_775_808.0)), Ok(Ordering::Less));
        assert_eq!(Int(2).compare(Dbl(2.5)), Ok(Ordering::Less));
        assert_eq!(Int(-2).compare(Dbl(-2.5)), Ok(Ordering::Greater));
        assert_eq!(Int(i64::MIN).compare(Dbl(f64::NEG_INFINITY)), Ok(Ordering::Greater));
        assert_eq!(Dbl(0.0).compare(Dbl(-0.0)), Ok(Ordering::Equal));
        assert_eq!(Int(1).compare(Dbl(f64::NAN)), Err(Fault));
        assert_eq!(Dec(LIMIT - 1, 0).compare(Dec(1, 38)), Ok(Ordering::Greater));
        assert_eq!(Dec(100, 2).compare(Int(1)), Ok(Ordering::Equal));
    }

    #[test]
    fn overflow_is_a_fault() {
        assert_eq!(Int(i64::MAX).add(Int(1)), Err(Fault));
        assert_eq!(Int(i64::MIN).mul(Int(-1)), Err(Fault));
        assert_eq!(Dec(LIMIT - 1, 0).add(Int(1)), Err(Fault));
        assert_eq!(Dec(15, 1).mul(Dec(15, 1)), Ok(Dec(225, 2)));
        assert_eq!(Dec(1, 20).mul(Dec(1, 20)), Err(Fault));
        assert_eq!(Dbl(f64::MAX).add(Dbl(f64::MAX)), Err(Fault));
        assert_eq!(Dec(15, 1).sub(Int(1)), Ok(Dec(5, 1)));
    }
}
