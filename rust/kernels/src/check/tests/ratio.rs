//! Exact rational numbers, the slow way.

use std::cmp::Ordering;

use num_bigint::BigInt;

#[derive(Debug, Clone)]
pub(super) struct Ratio {
    num: BigInt,
    den: BigInt,
}

impl Ratio {
    pub(super) fn new(num: BigInt, power_of_ten: i32) -> Ratio {
        let ten = BigInt::from(10).pow(power_of_ten.unsigned_abs());
        if power_of_ten < 0 { Ratio { num, den: ten } } else { Ratio { num: num * ten, den: BigInt::from(1) } }
    }

    /// `12.50e-3` and the like.
    pub(super) fn parse(text: &str) -> Ratio {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let num: BigInt = format!("{whole}{fraction}").parse().unwrap();
        Ratio::new(num, exponent.parse::<i32>().unwrap() - fraction.len() as i32)
    }

    /// The value of a finite double.
    pub(super) fn of_f64(value: f64) -> Ratio {
        let bits = value.to_bits();
        let field = (bits >> 52 & 0x7ff) as i32;
        let fraction = (bits & ((1 << 52) - 1)) as i64;
        let (mantissa, exponent) = if field == 0 { (fraction, -1074) } else { (fraction + (1 << 52), field - 1075) };
        let num = BigInt::from(if value < 0.0 { -mantissa } else { mantissa });
        let power = BigInt::from(2).pow(exponent.unsigned_abs());
        if exponent < 0 { Ratio { num, den: power } } else { Ratio { num: num * power, den: BigInt::from(1) } }
    }

    pub(super) fn cmp(&self, other: &Ratio) -> Ordering {
        (&self.num * &other.den).cmp(&(&other.num * &self.den))
    }

    pub(super) fn is_multiple_of(&self, other: &Ratio) -> bool {
        (&self.num * &other.den) % (&self.den * &other.num) == BigInt::ZERO
    }
}
