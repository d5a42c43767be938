#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use super::find;
use super::harness::{call, call_within, dbl, dec, int, null, txt};
use crate::expr::decimal::MAX;
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::scalar::Constant;
use crate::expr::types::Type;
use proptest::prelude::*;
use std::f64::consts::{E, FRAC_PI_2, FRAC_PI_4, LN_2, PI, SQRT_2};

use Fault::{ArgumentOutOfRange, ArithmeticOverflow, DivisionByZero, NotFinite};

type Answer = Result<Constant, Fault>;

fn is(value: i64) -> Answer {
    Ok(Constant::Integer(value))
}

fn real(value: f64) -> Answer {
    Ok(Constant::Double(value))
}

fn truth(value: bool) -> Answer {
    Ok(Constant::Boolean(value))
}

const EDGES: [i64; 12] =
    [i64::MIN, i64::MIN + 1, -(1 << 53), -2, -1, 0, 1, 2, 1 << 53, 10_i64.pow(18), i64::MAX - 1, i64::MAX];
const DOUBLES: [f64; 16] = [
    f64::NAN,
    f64::NEG_INFINITY,
    f64::MIN,
    -1e300,
    -2.5,
    -1.0,
    -5e-324,
    -0.0,
    0.0,
    5e-324,
    0.5,
    1.0,
    9.5,
    1e300,
    f64::MAX,
    f64::INFINITY,
];

/// Numbers of 64 bits: small ones, edges, any.
fn integers() -> impl Strategy<Value = i64> {
    prop_oneof![-30_i64..30, proptest::sample::select(EDGES.to_vec()), any::<i64>()]
}

fn doubles() -> impl Strategy<Value = f64> {
    prop_oneof![
        -4.0..4.0_f64,
        (-40_i32..40).prop_map(f64::from),
        proptest::sample::select(DOUBLES.to_vec()),
        proptest::num::f64::ANY,
    ]
}

/// A value, and a range around it.
fn within_integers() -> impl Strategy<Value = ((Type, Constant), Range)> {
    (integers(), integers(), integers()).prop_map(|(a, b, c)| {
        let mut sorted = [a, b, c];
        sorted.sort_unstable();
        (int(sorted[1]), Range::Exact(sorted[0].into(), sorted[2].into()))
    })
}

fn within_decimals() -> impl Strategy<Value = ((Type, Constant), Range)> {
    let digits = || prop_oneof![-300_i128..300, -MAX..=MAX, Just(MAX), Just(-MAX), Just(0)];
    (digits(), digits(), digits(), 0_u8..=38).prop_map(|(a, b, c, scale)| {
        let mut sorted = [a, b, c];
        sorted.sort_unstable();
        (dec(sorted[1], scale), Range::Exact(sorted[0], sorted[2]))
    })
}

fn within_doubles() -> impl Strategy<Value = ((Type, Constant), Range)> {
    (doubles(), doubles(), doubles()).prop_map(|(a, b, c)| {
        let nan = [a, b, c].iter().any(|x| x.is_nan());
        let mut sorted = [a, b, c].map(|x| if x.is_nan() { 0.0 } else { x });
        sorted.sort_unstable_by(f64::total_cmp);
        let value = if a.is_nan() { a } else { sorted[1] };
        (dbl(value), Range::Double { low: sorted[0], high: sorted[2], nan })
    })
}

fn within_numbers() -> impl Strategy<Value = ((Type, Constant), Range)> {
    prop_oneof![within_integers(), within_decimals(), within_doubles()]
}

/// Calls that only have to keep what they claim.
fn keeps_claims(name: &str, args: &[((Type, Constant), Range)]) {
    let (values, ranges): (Vec<_>, Vec<_>) = args.iter().cloned().unzip();
    let narrow = call_within(name, &values, &ranges);
    assert_eq!(narrow, call(name, &values), "{name}: facts change the result");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn results_of_numbers_are_in_their_ranges(x in within_numbers()) {
        for name in ["abs", "sign", "is_nan", "is_finite", "is_infinite", "greatest", "least"] {
            keeps_claims(name, std::slice::from_ref(&x));
        }
    }

    #[test]
    fn results_of_integers_are_in_their_ranges(a in within_integers(), b in within_integers()) {
        keeps_claims("factorial", std::slice::from_ref(&a));
        for name in ["mod", "div", "gcd", "lcm", "greatest", "least"] {
            keeps_claims(name, &[a.clone(), b.clone()]);
        }
    }

    #[test]
    fn results_of_reals_are_in_their_ranges(x in within_doubles(), y in within_doubles()) {
        let one = [
            "sqrt", "cbrt", "exp", "ln", "log10", "log2", "sin", "cos", "tan", "asin", "acos", "atan", "degrees", "radians",
        ];
        for name in one {
            keeps_claims(name, std::slice::from_ref(&x));
        }
        for name in ["power", "atan2", "mod", "greatest", "least"] {
            keeps_claims(name, &[x.clone(), y.clone()]);
        }
    }

    #[test]
    fn whole_powers_are_in_their_ranges(x in within_doubles(), y in -9_i32..9) {
        let y = f64::from(y);
        keeps_claims("power", &[x, (dbl(y), Range::Double { low: y, high: y, nan: false })]);
    }

    #[test]
    fn remainders_of_mixed_numbers_are_in_their_ranges(
        a in prop_oneof![within_integers(), within_decimals()], b in prop_oneof![within_integers(), within_decimals()],
    ) {
        keeps_claims("mod", &[a, b]);
    }

    #[test]
    fn buckets_are_in_their_ranges(x in within_integers(), low in integers(), high in integers(), n in integers()) {
        let known = |x: i64| (int(x), Range::Exact(x.into(), x.into()));
        keeps_claims("width_bucket", &[x, known(low), known(high), known(n)]);
    }

    #[test]
    fn buckets_of_doubles_are_in_their_ranges(
        x in within_doubles(), low in within_doubles(), high in within_doubles(), n in within_integers(),
    ) {
        keeps_claims("width_bucket", &[x, low, high, n]);
    }

    #[test]
    fn a_quotient_and_a_remainder_make_the_dividend(a in integers(), b in integers()) {
        if let (Ok(Constant::Integer(quotient)), Ok(Constant::Integer(rest))) =
            (call("div", &[int(a), int(b)]), call("mod", &[int(a), int(b)]))
        {
            prop_assert_eq!(i128::from(quotient) * i128::from(b) + i128::from(rest), a.into());
            prop_assert!(rest == 0 || (rest < 0) == (a < 0));
        } else {
            prop_assert!(b == 0 || (a == i64::MIN && b == -1));
        }
    }
}

#[test]
fn every_pair_of_edges_has_an_answer() {
    for a in EDGES {
        for b in EDGES {
            for name in ["mod", "div", "gcd", "lcm"] {
                let _ = call(name, &[int(a), int(b)]);
            }
            for n in EDGES {
                let _ = call("width_bucket", &[int(a), int(b), int(-b.saturating_add(7)), int(n)]);
            }
        }
    }
    for x in DOUBLES {
        for y in DOUBLES {
            let faulty = !x.is_finite() || !y.is_finite();
            for name in ["power", "atan2", "mod"] {
                assert!(call(name, &[dbl(x), dbl(y)]) == Err(NotFinite) || !faulty, "{name}({x}, {y})");
            }
        }
    }
}

#[test]
fn divisors_and_multiples_are_those_of_the_definition() {
    for a in 0..=60_i64 {
        for b in 0..=60_i64 {
            let divides = |d: &i64| a % d == 0 && b % d == 0;
            let divisor = (1..=60).rev().find(divides).filter(|_| a + b > 0).unwrap_or(0);
            let multiple = (1..=3600).find(|m| a > 0 && b > 0 && m % a == 0 && m % b == 0).unwrap_or(0);
            for (x, y) in [(a, b), (-a, b), (a, -b)] {
                assert_eq!(call("gcd", &[int(x), int(y)]), is(divisor));
                assert_eq!(call("lcm", &[int(x), int(y)]), is(multiple));
            }
        }
    }
    assert_eq!(call("gcd", &[int(i64::MIN), int(0)]), Err(ArithmeticOverflow));
    assert_eq!(call("gcd", &[int(i64::MIN), int(i64::MIN)]), Err(ArithmeticOverflow));
    assert_eq!(call("gcd", &[int(i64::MIN), int(6)]), is(2));
    assert_eq!(call("lcm", &[int(i64::MAX), int(2)]), Err(ArithmeticOverflow));
}

#[test]
fn remainders_by_scale_and_type() {
    assert_eq!(call("mod", &[int(-7), int(3)]), is(-1));
    assert_eq!(call("mod", &[int(i64::MIN), int(-1)]), is(0));
    assert_eq!(call("mod", &[int(7), int(0)]), Err(DivisionByZero));
    // 7.5 mod 2, -7.50 mod 0.4
    assert_eq!(call("mod", &[dec(75, 1), int(2)]), Ok(Constant::Decimal(15)));
    assert_eq!(call("mod", &[dec(-750, 2), dec(4, 1)]), Ok(Constant::Decimal(-30)));
    assert_eq!(call("mod", &[dec(75, 1), dec(0, 9)]), Err(DivisionByZero));
    assert_eq!(call("mod", &[dbl(7.5), int(2)]), real(1.5));
    assert_eq!(call("mod", &[dbl(7.5), dbl(-0.0)]), Err(DivisionByZero));
    assert_eq!(call("mod", &[dbl(f64::NAN), dbl(0.0)]), Err(NotFinite));
    let [double, decimal] = [Type::Double, Type::Decimal { precision: 9, scale: 2 }].map(Facts::of_type);
    assert!((find("mod").unwrap().infer)(&[double.clone(), decimal]).is_err());
    let literal = Facts::of_constant(Type::Decimal { precision: 3, scale: 2 }, Constant::Decimal(150));
    assert_eq!((find("mod").unwrap().infer)(&[double, literal]).unwrap().ty, Type::Double);
}

#[test]
fn what_arguments_exclude_is_not_claimed_to_fail() {
    let within = |low: i128, high: i128| Facts { range: Range::Exact(low, high), ..Facts::of_type(Type::Integer) };
    let real =
        |low: f64, high: f64| Facts { range: Range::Double { low, high, nan: false }, ..Facts::of_type(Type::Double) };
    let infer = |name: &str, args: &[Facts]| (find(name).unwrap().infer)(args).unwrap();
    let none = |name: &str, args: &[Facts], low: i128, high: i128| {
        let facts = infer(name, args);
        assert_eq!((facts.range, facts.faults), (Range::Exact(low, high), Faults::NONE), "{name}");
    };
    none("abs", &[within(-3, 2)], 0, 3);
    none("abs", &[within(-7, -2)], 2, 7);
    none("sign", &[within(1, 9)], 1, 1);
    none("mod", &[within(0, 100), within(1, 7)], 0, 6);
    none("mod", &[within(-2, 100), within(-9, -7)], -2, 8);
    none("div", &[within(-10, 20), within(2, 5)], -5, 10);
    none("gcd", &[within(0, 100), within(1, 7)], 1, 7);
    none("lcm", &[within(2, 3), within(4, 5)], 4, 15);
    none("factorial", &[within(3, 5)], 6, 120);
    none("greatest", &[within(0, 5), within(3, 9)], 3, 9);
    none("least", &[within(0, 5), within(3, 9)], 0, 5);
    assert!(infer("sqrt", &[real(0.0, 9.0)]).faults.is_empty());
    assert_eq!(infer("sqrt", &[real(4.0, 9.0)]).range, Range::Double { low: 2.0, high: 3.0, nan: false });
    assert!(infer("exp", &[real(-1e9, 700.0)]).faults.is_empty());
    assert!(infer("ln", &[real(0.5, f64::MAX)]).faults.is_empty());
    assert!(infer("power", &[real(0.0, 10.0), real(0.0, 9.0)]).faults.is_empty());
    assert_eq!(infer("ln", &[real(0.0, 1.0)]).faults, Faults::of(&[ArgumentOutOfRange]));
    assert_eq!(infer("is_nan", &[real(0.0, 1.0)]).range, Range::Truth { yes: false, no: true });
    assert_eq!(infer("is_finite", &[within(0, 1)]).range, Range::Truth { yes: true, no: false });
}

#[test]
fn reals_outside_of_a_domain_fail() {
    for (name, x) in [("sqrt", -1.0), ("ln", 0.0), ("log10", -1.0), ("log2", -0.0), ("asin", 2.0), ("acos", -1.5)] {
        assert_eq!(call(name, &[dbl(x)]), Err(ArgumentOutOfRange), "{name}");
    }
    assert_eq!(call("exp", &[dbl(1000.0)]), Err(NotFinite));
    assert_eq!(call("exp", &[dbl(-1000.0)]), real(0.0));
    assert_eq!(call("degrees", &[dbl(f64::MAX)]), Err(NotFinite));
    assert_eq!(call("power", &[dbl(0.0), dbl(-1.0)]), Err(ArgumentOutOfRange));
    assert_eq!(call("power", &[dbl(-8.0), dbl(0.5)]), Err(ArgumentOutOfRange));
    assert_eq!(call("power", &[dbl(-8.0), dbl(3.0)]), real(-512.0));
    assert_eq!(call("power", &[dbl(0.0), dbl(0.0)]), real(1.0));
    assert_eq!(call("power", &[dbl(10.0), dbl(400.0)]), Err(NotFinite));
    for name in ["sqrt", "exp", "sin", "atan", "cbrt", "radians", "sign", "abs", "floor", "round"] {
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(call(name, &[dbl(x)]), Err(NotFinite), "{name}({x})");
        }
    }
}

/// Values that have an exact double, or are known to more digits than one has.
#[test]
fn reals_have_their_known_values() {
    let known = [
        ("sqrt", 2.0, SQRT_2),
        ("cbrt", 27.0, 3.0),
        ("cbrt", -8.0, -2.0),
        ("exp", 0.0, 1.0),
        ("ln", 1.0, 0.0),
        ("ln", 2.0, LN_2),
        ("log10", 1000.0, 3.0),
        ("log", 0.01, -2.0),
        ("log2", 8.0, 3.0),
        ("log2", 0.5, -1.0),
        ("sin", 1.0, 0.8414709848078965),
        ("cos", 1.0, 0.5403023058681398),
        ("tan", 1.0, 1.5574077246549023),
        ("asin", 1.0, FRAC_PI_2),
        ("acos", -1.0, PI),
        ("acos", 1.0, 0.0),
        ("atan", 1.0, FRAC_PI_4),
        ("degrees", PI, 180.0),
        ("radians", 180.0, PI),
    ];
    for (name, x, y) in known {
        assert_eq!(call(name, &[dbl(x)]), real(y), "{name}({x})");
    }
    // The computed exponential can be one double off.
    assert!([E, E.next_up(), E.next_down()].map(real).contains(&call("exp", &[dbl(1.0)])));
    assert_eq!(call("power", &[dbl(2.0), dbl(10.0)]), real(1024.0));
    assert_eq!(call("pow", &[dbl(2.0), dbl(0.5)]), real(SQRT_2));
    assert_eq!(call("atan2", &[dbl(1.0), dbl(1.0)]), real(FRAC_PI_4));
    assert_eq!(call("atan2", &[dbl(0.0), dbl(-1.0)]), real(PI));
    assert_eq!(call("pi", &[]), real(PI));
    for k in -307..308 {
        assert_eq!(call("log10", &[dbl(format!("1e{k}").parse().unwrap())]), real(k.into()), "log10(1e{k})");
    }
}

#[test]
fn factorials_end_at_twenty() {
    assert_eq!([0, 1, 5, 20].map(|n| call("factorial", &[int(n)])), [1, 1, 120, 2_432_902_008_176_640_000].map(is));
    assert_eq!(call("factorial", &[int(21)]), Err(ArithmeticOverflow));
    assert_eq!(call("factorial", &[int(-1)]), Err(ArgumentOutOfRange));
}

#[test]
fn doubles_are_of_one_class() {
    for (x, classes) in [
        (f64::NAN, [true, false, false]),
        (1.0, [false, true, false]),
        (f64::INFINITY, [false, false, true]),
        (f64::NEG_INFINITY, [false, false, true]),
        (f64::MAX, [false, true, false]),
    ] {
        assert_eq!(["is_nan", "isfinite", "isinf"].map(|name| call(name, &[dbl(x)])), classes.map(truth), "{x}");
    }
    assert_eq!(call("is_finite", &[dec(MAX, 3)]), truth(true));
    assert_eq!(call("is_nan", &[null(Type::Double)]), Ok(Constant::Null));
}

#[test]
fn buckets_are_counted_from_low() {
    for x in -20_i64..30 {
        // Ten buckets of width 1 from 0 to 10, up and down; the same of tenths and doubles.
        let (up, down) = (x.clamp(-1, 10) + 1, (10 - x).clamp(-1, 10) + 1);
        assert_eq!(call("width_bucket", &[int(x), int(0), int(10), int(10)]), is(up));
        assert_eq!(call("width_bucket", &[int(x), int(10), int(0), int(10)]), is(down));
        let tenth = |x: i64| dec(i128::from(x) * 10, 1);
        assert_eq!(call("width_bucket", &[tenth(x), tenth(0), tenth(10), int(10)]), is(up));
        let double = |x: i64| dbl(x as f64);
        assert_eq!(call("width_bucket", &[double(x), double(10), double(0), int(10)]), is(down));
    }
    assert_eq!(call("width_bucket", &[dec(0, 0), dec(-MAX, 0), dec(MAX, 0), int(2)]), is(2));
    assert_eq!(call("width_bucket", &[dbl(0.0), dbl(f64::MIN), dbl(f64::MAX), int(2)]), is(2));
    assert_eq!(call("width_bucket", &[int(5), int(0), int(1), int(i64::MAX)]), Err(ArithmeticOverflow));
    assert_eq!(call("width_bucket", &[int(5), int(1), int(1), int(5)]), Err(ArgumentOutOfRange));
    assert_eq!(call("width_bucket", &[int(5), int(1), int(2), int(0)]), Err(ArgumentOutOfRange));
    assert_eq!(call("width_bucket", &[dbl(f64::NAN), dbl(1.0), dbl(2.0), int(0)]), Err(NotFinite));
}

#[test]
fn extremes_skip_nulls_and_refuse_nan() {
    let none = || null(Type::Integer);
    assert_eq!(call("greatest", &[int(1), none(), int(3), int(2)]), is(3));
    assert_eq!(call("least", &[none(), int(3), int(1)]), is(1));
    assert_eq!(call("greatest", &[none(), none()]), Ok(Constant::Null));
    assert_eq!(call("least", &[int(i64::MAX), int(i64::MIN)]), is(i64::MIN));
    // Scalar values, not UTF-16: U+FFFD comes before U+10000.
    assert_eq!(call("greatest", &[txt("\u{fffd}"), txt("\u{10000}")]), Ok(Constant::Text("\u{10000}".into())));
    assert_eq!(call("least", &[txt("a"), txt("Z"), txt("")]), Ok(Constant::Text("".into())));
    let truth = |value| (Type::Boolean, Constant::Boolean(value));
    assert_eq!(call("greatest", &[truth(false), truth(true)]), Ok(Constant::Boolean(true)));
    assert_eq!(call("least", &[truth(false), truth(true)]), Ok(Constant::Boolean(false)));
    assert_eq!(call("greatest", &[(Type::Date, Constant::Integer(3)), (Type::Date, Constant::Integer(5))]), is(5));
    assert_eq!(call("greatest", &[dbl(1.0), dbl(f64::NAN)]), Err(NotFinite));
    assert_eq!(call("least", &[dbl(f64::NAN)]), Err(NotFinite));
    assert_eq!(call("greatest", &[dbl(1.0), dbl(f64::INFINITY)]), real(f64::INFINITY));
    let list = Facts::of_type(Type::List(Type::Integer.into()));
    assert!((find("greatest").unwrap().infer)(&[list]).is_err());
}

#[test]
fn nulls_are_counted() {
    let args = [int(1), null(Type::Text), txt("a"), null(Type::Null)];
    assert_eq!(call("num_nulls", &args), is(2));
    assert_eq!(call("num_nonnulls", &args), is(2));
    let maybe = Facts { nullable: true, ..Facts::of_type(Type::Integer) };
    let facts = (find("num_nulls").unwrap().infer)(&[maybe, Facts::of_type(Type::Text)]).unwrap();
    assert_eq!((facts.range, facts.nullable), (Range::Exact(0, 1), false));
}

#[test]
fn null_literals_give_null() {
    let rooms = [super::numeric::FUNCTIONS, super::real::FUNCTIONS, super::rounding::FUNCTIONS, super::hash::FUNCTIONS];
    for function in rooms.into_iter().flatten().filter(|function| !function.params.is_empty()) {
        let nulls = vec![null(Type::Null); function.arity().0];
        assert_eq!(call(function.name, &nulls), Ok(Constant::Null), "{}", function.name);
    }
    assert_eq!(call("greatest", &[null(Type::Null)]), Ok(Constant::Null));
    assert_eq!(call("num_nulls", &[null(Type::Null)]), is(1));
}
