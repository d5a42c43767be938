#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use super::find;
use super::harness::{call, call_within, dbl, dec, int, null};
use crate::expr::decimal::MAX;
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::scalar::Constant;
use crate::expr::types::Type;
use num_bigint::BigInt;
use proptest::prelude::*;

fn digits(name: &str, x: f64, digits: i64) -> f64 {
    match call(name, &[dbl(x), int(digits)]) {
        Ok(Constant::Double(y)) => y,
        other => panic!("{name}({x}, {digits}): {other:?}"),
    }
}

#[test]
fn small_integers_go_by_tens() {
    for x in -300_i64..=300 {
        for (k, unit) in [(-1, 10), (-2, 100), (-3, 1000)] {
            let nearest = x.signum() * ((x.abs() * 2 + unit) / (unit * 2)) * unit;
            assert_eq!(call("round", &[int(x), int(k)]), Ok(Constant::Integer(nearest)), "round({x}, {k})");
            assert_eq!(call("trunc", &[int(x), int(k)]), Ok(Constant::Integer(x / unit * unit)), "trunc({x}, {k})");
        }
        for name in ["round", "trunc", "floor", "ceil", "ceiling"] {
            assert_eq!(call(name, &[int(x)]), Ok(Constant::Integer(x)));
        }
        assert_eq!(call("round", &[int(x), int(5)]), Ok(Constant::Integer(x)));
    }
}

#[test]
fn small_decimals_and_doubles_agree() {
    // Quarters are exact in both.
    for quarters in -300_i64..=300 {
        let x = (dec(i128::from(quarters) * 25, 2), dbl(quarters as f64 / 4.0));
        let half = quarters.signum() * ((quarters.abs() + 2) / 4);
        let expected = [
            ("floor", quarters.div_euclid(4)),
            ("ceil", -(-quarters).div_euclid(4)),
            ("trunc", quarters / 4),
            ("round", half),
        ];
        for (name, whole) in expected {
            assert_eq!(
                call(name, std::slice::from_ref(&x.0)),
                Ok(Constant::Decimal(whole.into())),
                "{name}({quarters}/4)"
            );
            let Ok(Constant::Double(double)) = call(name, std::slice::from_ref(&x.1)) else { panic!("{name}") };
            assert_eq!(double, whole as f64, "{name}({quarters}/4)");
        }
        let tenths = quarters.signum() * ((quarters.abs() * 5 + 1) / 2);
        assert_eq!(call("round", &[x.0, int(1)]), Ok(Constant::Decimal(tenths.into())));
        assert_eq!(digits("round", quarters as f64 / 4.0, 1), tenths as f64 / 10.0);
    }
}

#[test]
fn results_of_decimals_have_the_type_that_holds_them() {
    let ty = |precision, scale| Type::Decimal { precision, scale };
    let infer = |name: &str, of: Type, k: i64| {
        let digits = Facts::of_constant(Type::Integer, Constant::Integer(k));
        (find(name).unwrap().infer)(&[Facts::of_type(of), digits]).unwrap()
    };
    let cases = [
        ("round", ty(4, 3), 2, ty(4, 2)),
        ("round", ty(4, 3), 5, ty(4, 3)),
        ("round", ty(4, 3), 3, ty(4, 3)),
        ("round", ty(4, 1), -1, ty(4, 0)),
        ("trunc", ty(4, 1), 0, ty(3, 0)),
        ("trunc", ty(2, 2), 0, ty(1, 0)),
        ("round", ty(38, 0), -1, ty(38, 0)),
    ];
    for (name, of, k, expected) in cases {
        assert_eq!(infer(name, of.clone(), k).ty, expected, "{name}({of}, {k})");
    }
    let unary = |name: &str, of: Type| (find(name).unwrap().infer)(&[Facts::of_type(of)]).unwrap();
    assert_eq!(unary("ceil", ty(4, 1)).ty, ty(4, 0));
    assert_eq!(unary("floor", ty(4, 1)).range, Range::Exact(-1000, 999));
    assert_eq!(unary("floor", ty(4, 0)).ty, ty(4, 0));
    assert_eq!(unary("ceil", ty(38, 38)).ty, ty(1, 0));
    // Only numbers of 38 digits can be rounded up beyond them.
    assert_eq!(infer("round", ty(38, 0), -1).faults, Faults::of(&[Fault::ArithmeticOverflow]));
    assert!(infer("round", ty(37, 0), -1).faults.is_empty());
    assert!(infer("round", Type::Integer, 0).faults.is_empty());
}

#[test]
fn edges_have_answers() {
    let round = |x: (Type, Constant), k: i64| call("round", &[x, int(k)]);
    let overflow = Err(Fault::ArithmeticOverflow);
    assert_eq!(round(int(i64::MAX), -1), overflow);
    assert_eq!(round(int(i64::MIN), -1), overflow);
    assert_eq!(round(int(i64::MAX), -18), Ok(Constant::Integer(9 * 10_i64.pow(18))));
    assert_eq!(round(int(i64::MAX), -19), overflow);
    assert_eq!(round(int(i64::MAX), -20), Ok(Constant::Integer(0)));
    assert_eq!(round(int(i64::MAX), i64::MIN), Ok(Constant::Integer(0)));
    assert_eq!(round(int(i64::MIN), i64::MAX), Ok(Constant::Integer(i64::MIN)));
    assert_eq!(round(dec(MAX, 0), -1), overflow);
    assert_eq!(round(dec(MAX, 38), 0), Ok(Constant::Decimal(1)));
    assert_eq!(round(dec(MAX, 10), -28), Ok(Constant::Decimal(10_i128.pow(28))));
    assert_eq!(round(dec(MAX, 10), -29), Ok(Constant::Decimal(0)));
    assert_eq!(call("trunc", &[dec(-MAX, 2), int(i64::MIN)]), Ok(Constant::Decimal(0)));
    assert_eq!(round(dbl(f64::MAX), -308), Err(Fault::NotFinite));
    assert_eq!(call("round", &[null(Type::Double), int(2)]), Ok(Constant::Null));
    assert_eq!(call("round", &[dbl(1.5), null(Type::Integer)]), Ok(Constant::Null));
}

#[test]
fn doubles_are_rounded_by_exact_value_and_truncated_by_their_text() {
    // 1.005 and 2.675 lie below the middle, 1.015 above; 0.125 is the middle.
    let rounded = [(1.005, 2, 1.0), (2.675, 2, 2.67), (1.015, 2, 1.01), (0.125, 2, 0.13), (-2.5, 0, -3.0)];
    for (x, k, y) in rounded {
        assert_eq!(digits("round", x, k), y, "round({x}, {k})");
    }
    assert_eq!(digits("round", 149.999, -2), 100.0);
    assert_eq!(digits("round", -150.0, -2), -200.0);
    assert_eq!(digits("round", 1.5e300, -300), 2e300);
    assert_eq!(digits("round", 6e307, -308), 1e308);
    assert_eq!(digits("round", 1.26e-200, 201), 1.3e-200);
    assert_eq!(digits("round", 5e-324, 323), 0.0);
    assert_eq!(digits("round", 5e-324, 400), 5e-324);
    let truncated =
        [(0.7, 1, 0.7), (2.57, 1, 2.5), (-129.5, -1, -120.0), (1.1e-7, 7, 1e-7), (1e300, -299, 1e300), (0.3, 0, 0.0)];
    for (x, k, y) in truncated {
        assert_eq!(digits("trunc", x, k), y, "trunc({x}, {k})");
    }
}

/// A double as a fraction, by its bits.
fn fraction(x: f64) -> (BigInt, BigInt) {
    let exponent = ((x.to_bits() >> 52) & 0x7ff) as i32;
    let fraction = x.to_bits() & ((1 << 52) - 1);
    let significand = BigInt::from(if exponent == 0 { fraction } else { fraction + (1 << 52) });
    let shift = exponent.max(1) - 1075;
    if shift < 0 { (significand, BigInt::from(1) << -shift) } else { (significand << shift, BigInt::from(1)) }
}

fn doubles() -> impl Strategy<Value = f64> {
    prop_oneof![
        -1000.0..1000.0_f64,
        (-4000_i32..4000).prop_map(|x| f64::from(x) / 8.0),
        (-100_000_i32..100_000, 1_i32..9).prop_map(|(x, k)| f64::from(x) / 10_f64.powi(k)),
        proptest::num::f64::NORMAL,
        proptest::num::f64::SUBNORMAL,
    ]
}

fn places() -> impl Strategy<Value = i64> {
    prop_oneof![-4_i64..8, -330_i64..340, any::<i64>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_rounded_double_is_the_nearest_to_the_rounded_fraction(x in doubles(), k in -320_i64..330) {
        let (top, bottom) = fraction(x);
        let power = |k: i64| BigInt::from(10).pow(u32::try_from(k.max(0)).unwrap());
        let (top, bottom) = (top * power(k), bottom * power(-k));
        let units: BigInt = (top * 2 + &bottom) / (bottom * 2);
        let nearest: f64 = format!("{units}e{}", -k).parse().unwrap();
        let expected = if nearest.is_finite() { Ok(nearest) } else { Err(Fault::NotFinite) };
        let actual = call("round", &[dbl(x.abs()), int(k)]).map(|y| match y {
            Constant::Double(y) => y,
            other => panic!("{other:?}"),
        });
        prop_assert_eq!(actual, expected);
        let mirrored = call("round", &[dbl(-x.abs()), int(k)]).map(|y| matches!(y, Constant::Double(y) if Ok(-y) == actual));
        prop_assert!(mirrored.unwrap_or(actual.is_err()));
    }

    #[test]
    fn rounding_twice_changes_nothing(x in doubles(), k in places()) {
        for name in ["round", "trunc"] {
            if let Ok(Constant::Double(once)) = call(name, &[dbl(x), int(k)]) {
                prop_assert_eq!(call(name, &[dbl(once), int(k)]), Ok(Constant::Double(once)), "{}({}, {})", name, x, k);
            }
        }
    }

    #[test]
    fn a_truncated_double_has_the_first_digits_of_its_text(x in doubles(), k in 1_usize..20) {
        let text = format!("{x}");
        let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
        let expected: f64 = format!("{whole}.{}", &rest[..rest.len().min(k)]).parse().unwrap();
        prop_assert_eq!(digits("trunc", x, k as i64), expected);
    }

    #[test]
    fn results_are_in_their_ranges(mut x in [doubles(), doubles(), doubles()], k in places()) {
        x.sort_unstable_by(f64::total_cmp);
        let range = Range::Double { low: x[0], high: x[2], nan: false };
        for name in ["round", "trunc"] {
            let _ = call_within(name, &[dbl(x[1]), int(k)], &[range, Range::Any]);
        }
        for name in ["round", "trunc", "floor", "ceil"] {
            let _ = call_within(name, &[dbl(x[1])], &[range]);
        }
    }

    #[test]
    fn results_of_decimals_are_in_their_ranges(
        mut x in [-MAX..=MAX, -MAX..=MAX, -MAX..=MAX], shift in 0_u32..120, scale in 0_u8..=38, k in places(),
    ) {
        x.iter_mut().for_each(|x| *x >>= shift);
        x.sort_unstable();
        let range = Range::Exact(x[0], x[2]);
        for name in ["round", "trunc"] {
            let _ = call_within(name, &[dec(x[1], scale), int(k)], &[range, Range::Any]);
            let [low, value, high] = x.map(|x| (x >> 64) as i64);
            let range = Range::Exact(low.min(value).into(), high.max(value).into());
            let _ = call_within(name, &[int(value), int(k)], &[range, Range::Any]);
        }
        for name in ["floor", "ceil"] {
            let _ = call_within(name, &[dec(x[1], scale)], &[range]);
        }
    }
}
