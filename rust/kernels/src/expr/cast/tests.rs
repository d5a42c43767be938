#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use super::{cast, cast_facts};
use crate::expr::facts::Facts;
use crate::expr::fault::Fault;
use crate::expr::scalar::{Constant, belongs};
use crate::expr::types::{Type, Unit};
use bumpalo::Bump;
use proptest::prelude::*;
use std::sync::Arc;

const UNITS: [Unit; 4] = [Unit::Second, Unit::Millisecond, Unit::Microsecond, Unit::Nanosecond];

fn dec(precision: u8, scale: u8) -> Type {
    Type::Decimal { precision, scale }
}

fn local(unit: Unit) -> Type {
    Type::Timestamp { unit, zoned: false }
}

fn zoned(unit: Unit) -> Type {
    Type::Timestamp { unit, zoned: true }
}

fn text(value: &str) -> Constant {
    Constant::Text(value.into())
}

/// Casts, and asserts what is claimed before running: of any value of the type, and of this one alone.
fn run(value: &Constant, from: &Type, to: &Type) -> Result<Constant, Fault> {
    let arena = Bump::new();
    let out = cast(&arena, value.scalar(&arena), from, to);
    let mut wide = Facts::of_type(from.clone());
    wide.nullable = value.is_null();
    for arg in [wide, Facts::of_constant(from.clone(), value.clone())] {
        let claims = cast_facts(&arg, to).unwrap_or_else(|why| panic!("{why}"));
        match out {
            Ok(out) => {
                assert!(belongs(out, to), "{value:?} {from} -> {to}: {out:?}");
                assert!(!out.is_null() || claims.nullable);
                assert!(out.is_null() || claims.range.contains(out), "{value:?} {from} -> {to}: {out:?} {claims:?}");
            }
            Err(fault) => assert!(claims.faults.contains(fault), "{value:?} {from} -> {to}: {fault:?} {claims:?}"),
        }
    }
    out.map(Constant::of)
}

fn to_text(value: Constant, from: Type) -> String {
    match run(&value, &from, &Type::Text) {
        Ok(Constant::Text(text)) => text.to_string(),
        other => panic!("{other:?}"),
    }
}

fn of_text(value: &str, to: Type) -> Result<Constant, Fault> {
    run(&text(value), &Type::Text, &to)
}

fn proved(from: &Type, value: Constant, to: &Type) -> bool {
    cast_facts(&Facts::of_constant(from.clone(), value), to).unwrap().faults.is_empty()
}

#[test]
fn texts_of_values() {
    let cases = [
        (Constant::Integer(-42), Type::Integer, "-42"),
        (Constant::Integer(i64::MIN), Type::Integer, "-9223372036854775808"),
        (Constant::Decimal(-5), dec(3, 2), "-0.05"),
        (Constant::Decimal(150), dec(3, 2), "1.50"),
        (Constant::Decimal(0), dec(3, 2), "0.00"),
        (Constant::Decimal(7), dec(3, 0), "7"),
        (Constant::Decimal(10_i128.pow(38) - 1), dec(38, 38), "0.99999999999999999999999999999999999999"),
        (Constant::Double(1.0), Type::Double, "1"),
        (Constant::Double(-0.0), Type::Double, "0"),
        (Constant::Double(1e21), Type::Double, "1000000000000000000000"),
        (Constant::Double(0.1), Type::Double, "0.1"),
        (Constant::Boolean(true), Type::Boolean, "true"),
        (Constant::Boolean(false), Type::Boolean, "false"),
        (Constant::Binary(Arc::from("é".as_bytes())), Type::Binary, "é"),
        (Constant::Integer(20_484), Type::Date, "2026-01-31"),
        (Constant::Integer(-719_528), Type::Date, "0000-01-01"),
        (Constant::Integer(-719_529), Type::Date, "-0001-12-31"),
        (Constant::Integer(46_800_000_000_000), Type::Time, "13:00:00"),
        (Constant::Integer(86_399_999_999_999), Type::Time, "23:59:59.999999999"),
        (Constant::Integer(-1), local(Unit::Millisecond), "1969-12-31 23:59:59.999"),
        (Constant::Integer(1_500_000), local(Unit::Microsecond), "1970-01-01 00:00:01.5"),
        (Constant::Integer(0), zoned(Unit::Nanosecond), "1970-01-01 00:00:00+00:00"),
        (Constant::Integer(5400), Type::Duration(Unit::Second), "PT1H30M"),
        (Constant::Integer(-500), Type::Duration(Unit::Millisecond), "-PT0.5S"),
        (Constant::Integer(0), Type::Duration(Unit::Second), "PT0S"),
        (Constant::Integer(129_600), Type::Duration(Unit::Second), "PT36H"),
        (Constant::Integer(i64::MIN), Type::Duration(Unit::Second), "-PT2562047788015215H30M8S"),
    ];
    for (value, ty, expected) in cases {
        assert_eq!(to_text(value, ty), expected);
    }
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(run(&Constant::Double(value), &Type::Double, &Type::Text), Err(Fault::CastFailed));
    }
    assert_eq!(run(&Constant::Integer(2_932_897), &Type::Date, &Type::Text), Err(Fault::TemporalOutOfRange));
    assert_eq!(run(&Constant::Binary(Arc::from([0xff])), &Type::Binary, &Type::Text), Err(Fault::CastFailed));
}

#[test]
fn doubles_read_back_from_their_text() {
    for value in [5e-324, -5e-324, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 2.225_073_858_507_201e-308, 0.1 + 0.2] {
        assert_eq!(of_text(&to_text(Constant::Double(value), Type::Double), Type::Double), Ok(Constant::Double(value)));
    }
}

#[test]
fn texts_are_read_strictly() {
    let bad = |ty: Type, texts: &[&str]| {
        for text in texts {
            assert_eq!(of_text(text, ty.clone()), Err(Fault::CastFailed), "{text} as {ty}");
        }
    };
    let number = ["", " 1", "1 ", "+", "-", "--1", "1_000", "0x1", "1,5", "NaN", "inf", "١"];
    bad(Type::Integer, &number);
    bad(Type::Integer, &["1.0", "1e2", "9223372036854775808", "-9223372036854775809"]);
    bad(dec(18, 3), &number);
    bad(dec(18, 3), &["1.0001", "1e-4", ".", "1e", "1e+", "e1", "1000000000000000", "1e99999999999999999999"]);
    bad(Type::Double, &number);
    bad(Type::Double, &[".", "1e400", "1e", "infinity"]);
    bad(Type::Boolean, &["", "t", "1", "yes", " true"]);
    bad(
        Type::Date,
        &["2026-1-31", "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-31 ", "+2026-01-31", "-0000-01-01"],
    );
    bad(
        Type::Time,
        &["24:00:00", "13", "13:60", "13:00:60", "13:00:00.", "13:00:00Z", "1:00:00", "13:00:00.0000000001"],
    );
    bad(
        local(Unit::Microsecond),
        &["2026-01-31 13:00:00Z", "2026-01-31  13:00", "2026-01-31 13:00:00.0000001", "2026-01-31T"],
    );
    bad(
        zoned(Unit::Microsecond),
        &["2026-01-31 13:00:00", "2026-01-31 13:00:00+2", "2026-01-31 13:00:00+24:00", "9999-12-31 23:00:00-02:00"],
    );
    bad(local(Unit::Nanosecond), &["2263-01-01 00:00:00"]);
    bad(
        Type::Duration(Unit::Second),
        &["", "1", "1 month", "PT", "P", "1.5", "PT0.5S", "1 day 2", "01:30:00 1 day", "P1D1D"],
    );
}

#[test]
fn texts_as_values() {
    assert_eq!(of_text("+007", Type::Integer), Ok(Constant::Integer(7)));
    assert_eq!(of_text("-9223372036854775808", Type::Integer), Ok(Constant::Integer(i64::MIN)));
    assert_eq!(of_text("1.5000", dec(3, 2)), Ok(Constant::Decimal(150)));
    assert_eq!(of_text("-12e-1", dec(3, 2)), Ok(Constant::Decimal(-120)));
    assert_eq!(of_text("0.001e5", dec(5, 0)), Ok(Constant::Decimal(100)));
    assert_eq!(of_text("0e999999999999", dec(3, 2)), Ok(Constant::Decimal(0)));
    assert_eq!(of_text("10.00", dec(3, 2)), Err(Fault::CastFailed));
    assert_eq!(of_text("1e3", Type::Double), Ok(Constant::Double(1000.0)));
    assert_eq!(of_text("1e-400", Type::Double), Ok(Constant::Double(0.0)));
    assert_eq!(of_text("TRUE", Type::Boolean), Ok(Constant::Boolean(true)));
    assert_eq!(of_text("False", Type::Boolean), Ok(Constant::Boolean(false)));
    assert_eq!(of_text("2026-01-31", Type::Date), Ok(Constant::Integer(20_484)));
    assert_eq!(of_text("13:00", Type::Time), Ok(Constant::Integer(46_800_000_000_000)));
    assert_eq!(of_text("2026-01-31T13:00:00.5", local(Unit::Millisecond)), Ok(Constant::Integer(1_769_864_400_500)));
    assert_eq!(of_text("2026-01-31", local(Unit::Second)), Ok(Constant::Integer(1_769_817_600)));
    assert_eq!(of_text("2026-01-31 13:00:00+02:00", zoned(Unit::Second)), Ok(Constant::Integer(1_769_857_200)));
    assert_eq!(of_text("2026-01-31 13:00:00Z", zoned(Unit::Second)), Ok(Constant::Integer(1_769_864_400)));
    assert_eq!(of_text("P1DT2H", Type::Duration(Unit::Second)), Ok(Constant::Integer(93_600)));
    assert_eq!(of_text("é", Type::Binary), Ok(Constant::Binary(Arc::from("é".as_bytes()))));
}

#[test]
fn numbers_keep_their_value_or_fail() {
    let (int, dbl) = (Type::Integer, Type::Double);
    let failed = Err(Fault::CastFailed);
    assert_eq!(run(&Constant::Double(2.5), &dbl, &int), failed);
    assert_eq!(run(&Constant::Double(-0.0), &dbl, &int), Ok(Constant::Integer(0)));
    assert_eq!(run(&Constant::Double(9_223_372_036_854_775_808.0), &dbl, &int), failed);
    assert_eq!(run(&Constant::Double(-9_223_372_036_854_775_808.0), &dbl, &int), Ok(Constant::Integer(i64::MIN)));
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN] {
        assert_eq!(run(&Constant::Double(value), &dbl, &int), failed);
        assert_eq!(run(&Constant::Double(value), &dbl, &dec(38, 10)), failed);
    }
    // 2.675 is below, 0.125 on the half.
    assert_eq!(run(&Constant::Double(2.675), &dbl, &dec(10, 2)), Ok(Constant::Decimal(267)));
    assert_eq!(run(&Constant::Double(0.125), &dbl, &dec(10, 2)), Ok(Constant::Decimal(13)));
    assert_eq!(run(&Constant::Double(-0.125), &dbl, &dec(10, 2)), Ok(Constant::Decimal(-13)));
    assert_eq!(run(&Constant::Double(5e-324), &dbl, &dec(38, 38)), Ok(Constant::Decimal(0)));
    assert_eq!(run(&Constant::Double(9.995), &dbl, &dec(3, 2)), Ok(Constant::Decimal(999)));
    assert_eq!(run(&Constant::Double(9.9951), &dbl, &dec(3, 2)), failed);
    assert_eq!(run(&Constant::Integer(10), &int, &dec(3, 2)), failed);
    assert_eq!(run(&Constant::Integer(-9), &int, &dec(3, 2)), Ok(Constant::Decimal(-900)));
    assert_eq!(run(&Constant::Integer(i64::MAX), &int, &dbl), Ok(Constant::Double(9_223_372_036_854_775_808.0)));
    assert_eq!(run(&Constant::Decimal(150), &dec(3, 2), &dec(2, 1)), Ok(Constant::Decimal(15)));
    assert_eq!(run(&Constant::Decimal(151), &dec(3, 2), &dec(2, 1)), failed);
    assert_eq!(run(&Constant::Decimal(200), &dec(3, 2), &int), Ok(Constant::Integer(2)));
    assert_eq!(run(&Constant::Decimal(1_i128 << 63), &dec(38, 0), &int), failed);
    assert_eq!(run(&Constant::Decimal(1), &dec(2, 1), &dbl), Ok(Constant::Double(0.1)));
    assert_eq!(run(&Constant::Decimal(10_i128.pow(38) - 1), &dec(38, 0), &dbl), Ok(Constant::Double(1e38)));
}

#[test]
fn times_keep_their_value_or_fail() {
    let out = Err(Fault::TemporalOutOfRange);
    let micro = local(Unit::Microsecond);
    assert_eq!(run(&Constant::Integer(-1), &Type::Date, &micro), Ok(Constant::Integer(-86_400_000_000)));
    assert_eq!(run(&Constant::Integer(106_752), &Type::Date, &local(Unit::Nanosecond)), out);
    assert_eq!(run(&Constant::Integer(-1), &micro, &Type::Date), Ok(Constant::Integer(-1)));
    assert_eq!(run(&Constant::Integer(-1), &micro, &Type::Time), Ok(Constant::Integer(86_399_999_999_000)));
    assert_eq!(run(&Constant::Integer(i64::MIN), &local(Unit::Second), &Type::Date), out);
    assert_eq!(run(&Constant::Integer(1500), &local(Unit::Millisecond), &local(Unit::Second)), Err(Fault::CastFailed));
    assert_eq!(
        run(&Constant::Integer(-2000), &zoned(Unit::Millisecond), &zoned(Unit::Second)),
        Ok(Constant::Integer(-2))
    );
    assert_eq!(run(&Constant::Integer(i64::MAX), &local(Unit::Second), &local(Unit::Millisecond)), out);
    assert_eq!(
        run(&Constant::Integer(2), &Type::Duration(Unit::Second), &Type::Duration(Unit::Nanosecond)),
        Ok(Constant::Integer(2_000_000_000))
    );
}

#[test]
fn lists_are_cast_item_by_item() {
    let list = |ty: Type| Type::List(Arc::new(ty));
    let items = Constant::List(Arc::from([Constant::Integer(1), Constant::Null]));
    let expected = Constant::List(Arc::from([text("1"), Constant::Null]));
    assert_eq!(run(&items, &list(Type::Integer), &list(Type::Text)), Ok(expected));
    let bad = Constant::List(Arc::from([text("1"), text("x")]));
    assert_eq!(run(&bad, &list(Type::Text), &list(Type::Integer)), Err(Fault::CastFailed));
}

#[test]
fn casts_that_are_none_say_what_to_do() {
    let why = |from: Type, to: Type| cast_facts(&Facts::of_type(from), &to).unwrap_err();
    assert!(why(Type::Boolean, Type::Integer).contains("CASE WHEN x THEN 1 ELSE 0 END"));
    assert!(why(local(Unit::Second), zoned(Unit::Second)).contains("AT TIME ZONE"));
    assert!(why(zoned(Unit::Second), Type::Date).contains("AT TIME ZONE"));
    assert!(why(Type::Integer, Type::Boolean).contains("x <> 0"));
    assert!(why(Type::List(Arc::new(Type::Integer)), Type::Text).contains("there is no cast from BIGINT[] to VARCHAR"));
}

#[test]
fn ranges_prove_casts() {
    assert!(proved(&Type::Integer, Constant::Integer(999), &dec(3, 0)));
    assert!(!proved(&Type::Integer, Constant::Integer(1000), &dec(3, 0)));
    assert!(proved(&Type::Date, Constant::Integer(0), &Type::Text));
    assert!(proved(&dec(3, 2), Constant::Decimal(100), &Type::Integer));
    assert!(proved(&Type::Double, Constant::Double(2.0), &Type::Integer));
    let zero = cast_facts(&Facts::of_type(Type::Integer), &Type::Double).unwrap();
    assert!(zero.faults.is_empty());
}

fn scalar_types() -> Vec<Type> {
    let mut types = vec![Type::Boolean, Type::Integer, Type::Double, Type::Text, Type::Binary, Type::Date, Type::Time];
    types.extend([dec(18, 3), dec(38, 0), dec(38, 38), dec(1, 0), dec(20, 10)]);
    types.extend(UNITS.into_iter().flat_map(|unit| [local(unit), zoned(unit), Type::Duration(unit)]));
    types
}

fn edges(ty: &Type) -> Vec<Constant> {
    let near = |ends: &[i64]| -> Vec<Constant> {
        let around = ends.iter().flat_map(|end| [-1, 0, 1].map(|step| end.saturating_add(step)));
        around.map(Constant::Integer).collect()
    };
    match ty {
        Type::Boolean => vec![Constant::Boolean(true), Constant::Boolean(false)],
        Type::Date => near(&[0, -719_528, -4_371_587, 2_932_896, i32::MIN as i64 + 1, i32::MAX as i64 - 1]),
        Type::Time => near(&[1, 1_000_000_000, 86_399_999_999_998]),
        Type::Integer | Type::Timestamp { .. } | Type::Duration(_) => {
            near(&[0, 1000, 86_400, 1 << 53, -(1 << 53), i64::MAX, i64::MIN, 253_402_300_799, -377_705_116_800])
        }
        Type::Decimal { precision, .. } => {
            let end = 10_i128.pow((*precision).into()) - 1;
            [0, 1, -1, 7, end, -end, end / 10 * 10, -end / 2]
                .map(|x: i128| Constant::Decimal(x.clamp(-end, end)))
                .to_vec()
        }
        Type::Double => {
            [0.0, -0.0, 0.5, -1.5, 1e18, 9.3e18, -9.3e18, 1e38, 1e-5, f64::MAX, 5e-324, f64::NAN, f64::INFINITY]
                .map(Constant::Double)
                .to_vec()
        }
        Type::Text => ["", "0", "-1", "1.5", "true", "2026-01-31", "13:00", "2026-01-31 13:00:00Z", "PT5S", "é€𝄞"]
            .map(text)
            .to_vec(),
        Type::Binary => [&b""[..], b"abc", "é€𝄞".as_bytes(), b"\xff\x00"].map(|x| Constant::Binary(x.into())).to_vec(),
        _ => Vec::new(),
    }
}

#[test]
fn every_pair_at_its_edges_keeps_its_claims() {
    let mut pairs = 0;
    for from in scalar_types() {
        for to in scalar_types() {
            if cast_facts(&Facts::of_type(from.clone()), &to).is_err() {
                let arena = Bump::new();
                for value in edges(&from) {
                    assert_eq!(cast(&arena, value.scalar(&arena), &from, &to), Err(Fault::CastFailed), "{from} {to}");
                }
                continue;
            }
            pairs += 1;
            assert_eq!(run(&Constant::Null, &from, &to), Ok(Constant::Null));
            for value in edges(&from) {
                let there = run(&value, &from, &to);
                // A value kept comes back, unless the way led through the nearest double or a part.
                let part = matches!((&from, &to), (Type::Timestamp { .. }, Type::Date | Type::Time));
                if let (Ok(there), false) = (there, from == Type::Double || to == Type::Double || part)
                    && to != Type::Binary
                    && from != Type::Text
                {
                    let back = run(&there, &to, &from);
                    // Days beyond the calendar have their midnights, which are of no day that a cast names.
                    let beyond = from == Type::Date && back == Err(Fault::TemporalOutOfRange);
                    assert!(beyond || back == Ok(value.clone()), "{value:?} {from} -> {to} -> {back:?}");
                }
            }
        }
    }
    assert!(pairs > 150, "{pairs}");
}

proptest! {
    #[test]
    fn text_and_back(x in any::<i64>(), digits in -(10_i128.pow(38) - 1)..10_i128.pow(38), bits in any::<u64>(), scale in 0_u8..=38) {
        let value = Constant::Integer(x);
        prop_assert_eq!(of_text(&to_text(value.clone(), Type::Integer), Type::Integer), Ok(value));
        let (value, ty) = (Constant::Decimal(digits), dec(38, scale));
        prop_assert_eq!(of_text(&to_text(value.clone(), ty.clone()), ty), Ok(value));
        let double = f64::from_bits(bits);
        if double.is_finite() && double != 0.0 {
            let value = Constant::Double(double);
            prop_assert_eq!(of_text(&to_text(value.clone(), Type::Double), Type::Double), Ok(value));
        }
    }

    #[test]
    fn times_through_text_and_back(days in -4_371_587_i64..=2_932_896, nanos in 0_i64..86_400_000_000_000, ticks in any::<i64>()) {
        for unit in UNITS {
            let per_tick = unit.nanoseconds();
            for ty in [local(unit), zoned(unit)] {
                if let Some(value) = days.checked_mul(86_400_000_000_000 / per_tick).and_then(|d| d.checked_add(nanos / per_tick)) {
                    let value = Constant::Integer(value);
                    prop_assert_eq!(of_text(&to_text(value.clone(), ty.clone()), ty), Ok(value));
                }
            }
            let (value, ty) = (Constant::Integer(ticks), Type::Duration(unit));
            prop_assert_eq!(of_text(&to_text(value.clone(), ty.clone()), ty), Ok(value));
        }
        let value = Constant::Integer(days);
        prop_assert_eq!(of_text(&to_text(value.clone(), Type::Date), Type::Date), Ok(value));
    }

    #[test]
    fn decimals_to_double_and_back_are_nearest(digits in any::<i64>(), scale in 0_u8..=38) {
        let out = run(&Constant::Decimal(digits.into()), &dec(38, scale), &Type::Double);
        let expected: f64 = format!("{digits}e-{scale}").parse().unwrap();
        prop_assert_eq!(out, Ok(Constant::Double(expected + 0.0)));
    }

    #[test]
    fn doubles_to_decimal_are_nearest(x in -1e12..1e12_f64, scale in 0_u8..=12) {
        // The exact digits of a double, cut behind the half.
        let exact = format!("{x:.1100}");
        let (whole, fraction) = exact.trim_start_matches('-').split_once('.').unwrap();
        let kept: i128 = format!("{whole}{}", &fraction[..scale.into()]).parse().unwrap();
        let up = fraction.as_bytes()[usize::from(scale)] >= b'5';
        let magnitude = kept + i128::from(up);
        let expected = if x < 0.0 { -magnitude } else { magnitude };
        prop_assert_eq!(run(&Constant::Double(x), &Type::Double, &dec(38, scale)), Ok(Constant::Decimal(expected)));
    }

    #[test]
    fn claims_hold_over_ranges(a in any::<i64>(), b in any::<i64>(), t in any::<i64>()) {
        let (low, high) = (a.min(b), a.max(b));
        let value = low.saturating_add(t.rem_euclid(1 << 40)).min(high);
        for from in scalar_types().into_iter().filter(|ty| matches!(ty, Type::Integer | Type::Timestamp { .. } | Type::Duration(_))) {
            for to in scalar_types() {
                let mut arg = Facts::of_type(from.clone());
                arg.range = crate::expr::facts::Range::Exact(low.into(), high.into());
                let Ok(claims) = cast_facts(&arg, &to) else { continue };
                let arena = Bump::new();
                match cast(&arena, Constant::Integer(value).scalar(&arena), &from, &to) {
                    Ok(out) => prop_assert!(claims.range.contains(out), "{} {} {:?} {:?}", from, to, out, claims),
                    Err(fault) => prop_assert!(claims.faults.contains(fault)),
                }
            }
        }
    }
}
