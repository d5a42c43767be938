#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use super::*;
use num_bigint::{BigInt, Sign};
use proptest::prelude::*;

fn ten(k: u32) -> BigInt {
    BigInt::from(10).pow(k)
}

fn at(x: i128, from: u8, to: u8) -> BigInt {
    BigInt::from(x) * ten(u32::from(to - from))
}

fn narrow(x: BigInt) -> Result<i128, Fault> {
    i128::try_from(x).ok().filter(|x| x.abs() <= MAX).ok_or(Fault::ArithmeticOverflow)
}

/// `a / b`, half away from zero, in unbounded integers.
fn rounded(a: BigInt, b: BigInt) -> BigInt {
    let negative = (a.sign() == Sign::Minus) != (b.sign() == Sign::Minus);
    let (a, b) = (BigInt::from(a.magnitude().clone()), BigInt::from(b.magnitude().clone()));
    let quotient: BigInt = (a * 2 + &b) / (b * 2);
    if negative { -quotient } else { quotient }
}

/// Digits of every magnitude, edges more often than chance has them.
fn digits() -> impl Strategy<Value = i128> {
    let edges =
        vec![0, 1, -1, 5, -5, MAX, -MAX, i64::MAX.into(), i64::MIN.into(), 10_i128.pow(37), 5 * 10_i128.pow(37)];
    prop_oneof![
        proptest::sample::select(edges),
        -2000_i128..2000,
        (any::<i128>(), 0_u32..127).prop_map(|(x, shift)| (x >> shift).clamp(-MAX, MAX)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn sums_remainders_and_orders_are_those_of_unbounded_integers(
        a in digits(), b in digits(), sa in 0_u8..=38, sb in 0_u8..=38,
    ) {
        let scale = sa.max(sb);
        let (wa, wb) = (at(a, sa, scale), at(b, sb, scale));
        prop_assert_eq!(add(a, sa, b, sb), narrow(&wa + &wb));
        prop_assert_eq!(sub(a, sa, b, sb), narrow(&wa - &wb));
        prop_assert_eq!(mul(a, b), narrow(BigInt::from(a) * b));
        prop_assert_eq!(compare(a, sa, b, sb), wa.cmp(&wb));
        let zero = b == 0;
        prop_assert_eq!(rem(a, sa, b, sb), if zero { Err(Fault::DivisionByZero) } else { narrow(&wa % &wb) });
        prop_assert_eq!(quotient(a, sa, b, sb), if zero { Err(Fault::DivisionByZero) } else { narrow(wa / wb) });
    }

    #[test]
    fn quotients_are_rounded_once(a in digits(), b in digits(), sa in 0_u8..=38, sb in 0_u8..=38, more in 0_u8..=38) {
        let to = sa.max(sb).max(6).max(more);
        let expected = if b == 0 {
            Err(Fault::DivisionByZero)
        } else {
            narrow(rounded(BigInt::from(a) * ten(u32::from(to + sb - sa)), b.into()))
        };
        prop_assert_eq!(div(a, sa, b, sb, to), expected);
    }

    #[test]
    fn rescaling_rounds_or_refuses(x in digits(), from in 0_u8..=38, to in 0_u8..=38) {
        let exact = if to >= from {
            narrow(at(x, from, to)).ok()
        } else {
            let by = 10_i128.pow((from - to).into());
            (x % by == 0).then_some(x / by)
        };
        prop_assert_eq!(rescale_exact(x, from, to), exact);
        let near = narrow(rounded(BigInt::from(x) * ten(to.into()), ten(from.into()))).ok();
        prop_assert_eq!(rescale_round(x, from, to), near);
    }

    #[test]
    fn the_nearest_double_is_that_of_the_digits(x in digits(), scale in 0_u8..=38) {
        let expected: f64 = format!("{x}e-{scale}").parse().unwrap();
        prop_assert_eq!(to_f64(x, scale).to_bits(), (expected + 0.0).to_bits());
    }

    #[test]
    fn a_double_is_rounded_by_its_exact_value(x in doubles(), scale in 0_u8..=38) {
        let (top, bottom) = exact(x);
        let expected = narrow(rounded(top * ten(scale.into()), bottom)).ok();
        prop_assert_eq!(from_f64(x, scale), expected);
    }

    #[test]
    fn decimals_and_doubles_compare_exactly(x in digits(), scale in 0_u8..=38, other in doubles(), near in any::<bool>()) {
        let y = if near { to_f64(x, scale) } else { other };
        let (top, bottom) = exact(y);
        prop_assert_eq!(compare_f64(x, scale, y), Some((BigInt::from(x) * bottom).cmp(&(top * ten(scale.into())))));
    }
}

fn doubles() -> impl Strategy<Value = f64> {
    let edges = vec![0.0, -0.0, 0.5, 2.5, -2.5, 1e38, 1e39, 9.9e37, f64::MAX, f64::MIN_POSITIVE, 5e-324, 0.1, 1.005];
    prop_oneof![
        proptest::sample::select(edges),
        -1e6..1e6,
        (-4000_i32..4000).prop_map(|x| f64::from(x) / 8.0),
        proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL,
    ]
}

/// A double as a fraction.
fn exact(x: f64) -> (BigInt, BigInt) {
    let mut bottom = BigInt::from(1);
    let (mut top, mut twos) = (x, 0_u32);
    // Doubling is exact away from the greatest doubles, which are integers.
    while top.fract() != 0.0 {
        top *= 2.0;
        twos += 1;
    }
    bottom <<= twos;
    let mut shift = 0_u32;
    while top.abs() >= 1e30 {
        top /= 2.0;
        shift += 1;
    }
    let whole = top.trunc();
    // Halving from 2^53 on is exact.
    assert!(whole == top);
    (BigInt::from(whole as i128) << shift, bottom)
}

#[test]
fn edges() {
    assert_eq!(pow10(38), Some(MAX + 1));
    assert_eq!(pow10(39), None);
    assert!(fits(MAX, 38) && !fits(MAX + 1, 38) && fits(99, 2) && !fits(-100, 2) && !fits(i128::MIN, 38));
    assert_eq!(add(MAX, 0, 1, 0), Err(Fault::ArithmeticOverflow));
    assert_eq!(sub(0, 0, i128::MIN, 0), Err(Fault::ArithmeticOverflow));
    // 1.9 · 10^38 at scale 38 is beyond 128 bits, the difference is not.
    assert_eq!(add(19, 1, -(95 * 10_i128.pow(36)), 38), Ok(95 * 10_i128.pow(36)));
    assert_eq!(add(19, 1, -(89 * 10_i128.pow(36)), 38), Err(Fault::ArithmeticOverflow));
    assert_eq!(add(19, 1, -MAX, 38), Ok(9 * 10_i128.pow(37) + 1));
    assert_eq!(div(1, 0, 3, 0, 6), Ok(333_333));
    assert_eq!(div(-2, 0, 3, 0, 6), Ok(-666_667));
    assert_eq!(div(MAX, 0, 1, 38, 38), Err(Fault::ArithmeticOverflow));
    // The double that 1e38 reads as lies below 10^38.
    assert_eq!(from_f64(1e38, 0), Some(99_999_999_999_999_997_748_809_823_456_034_029_568));
    assert_eq!(from_f64(1e38_f64.next_up(), 0), None);
    assert_eq!(from_f64(f64::NAN, 2), None);
    assert_eq!(from_f64(f64::NEG_INFINITY, 2), None);
    // 1.005 lies below 1.005.
    assert_eq!(from_f64(1.005, 2), Some(100));
    assert_eq!(from_f64(-2.5, 0), Some(-3));
    assert_eq!(compare_f64(1, 1, 0.1), Some(Ordering::Less));
    assert_eq!(compare_f64(MAX, 0, f64::INFINITY), Some(Ordering::Less));
    assert_eq!(compare_f64(1, 0, f64::NAN), None);
    let by = |x, rounding| divide_round(x, 10, rounding);
    use Rounding::{Ceiling, Floor, HalfAway, Truncate};
    assert_eq!([by(-15, HalfAway), by(-15, Floor), by(-15, Ceiling), by(-15, Truncate)], [-2, -2, -1, -1]);
    assert_eq!([by(14, HalfAway), by(14, Floor), by(14, Ceiling), by(20, Ceiling)], [1, 1, 2, 2]);
}
