use arrow_array::types::*;
use arrow_buffer::i256;
use proptest::prelude::*;

use super::ratio::Ratio;
use super::*;

fn multiple_of(text: &str) -> CheckSpec {
    CheckSpec::MultipleOf(text.to_owned())
}

const DIVISORS: [&str; 19] = [
    "1",
    "2",
    "3",
    "0.1",
    "0.25",
    "2.5",
    "1e-3",
    "1e3",
    "7e2",
    "0.00000001",
    "1e-30",
    "1e30",
    "1e-400",
    "1e400",
    "9007199254740993",
    "18446744073709551616",
    "0.3",
    "1.25e-2",
    "340282366920938463463374607431768211456",
];

#[test]
fn integers_and_decimals() {
    let values = [i64::MIN, -100, -25, -1, 0, 1, 2, 3, 10, 12, 25, 700, 1000, 9007199254740993, i64::MAX];
    let rows = spread(&values, 150, 8);
    let wide: Vec<(i128, bool)> = rows.iter().map(|(value, valid)| (i128::from(*value), *valid)).collect();
    let arrays = [
        (primitive::<Int64Type>(&rows, &DataType::Int64), 0),
        (primitive::<Decimal64Type>(&rows, &DataType::Decimal64(18, 2)), 2),
        (primitive::<Decimal64Type>(&rows, &DataType::Decimal64(18, -2)), -2),
        (primitive::<Decimal128Type>(&wide, &DataType::Decimal128(38, 10)), 10),
    ];
    for (array, scale) in arrays {
        for divisor in DIVISORS {
            let ratio = Ratio::parse(divisor);
            let fails = |value: i64| !Ratio::new(value.into(), -scale).is_multiple_of(&ratio);
            let expected: Vec<bool> = rows.iter().map(|(value, valid)| *valid && fails(*value)).collect();
            assert_fails(multiple_of(divisor), &array, &expected);
        }
    }
}

#[test]
fn wide_decimals() {
    let values = [i256::MIN, i256::MAX, i256::ZERO, i256::from_i128(i128::MIN), i256::from_parts(0, 12)];
    let rows = spread(&values, 70, 8);
    let array = primitive::<Decimal256Type>(&rows, &DataType::Decimal256(76, 3));
    for divisor in DIVISORS {
        let ratio = Ratio::parse(divisor);
        let fails = |value: i256| !Ratio::new(value.to_string().parse().unwrap(), -3).is_multiple_of(&ratio);
        let expected: Vec<bool> = rows.iter().map(|(value, valid)| *valid && fails(*value)).collect();
        assert_fails(multiple_of(divisor), &array, &expected);
    }
}

fn doubles(values: &[f64], divisor: &str) {
    let rows = spread(values, 70, 8);
    let array = primitive::<Float64Type>(&rows, &DataType::Float64);
    let ratio = Ratio::parse(divisor);
    let fails = |value: f64| !value.is_finite() || !Ratio::of_f64(value).is_multiple_of(&ratio);
    let expected: Vec<bool> = rows.iter().map(|(value, valid)| *valid && fails(*value)).collect();
    assert_fails(multiple_of(divisor), &array, &expected);
}

#[test]
fn exact_values_of_doubles() {
    let values = [
        0.0,
        -0.0,
        0.1,
        0.3,
        0.5,
        -0.75,
        1.0,
        2.5,
        3.0,
        700.0,
        1e22,
        1e30,
        9007199254740992.0,
        f64::MAX,
        5e-324,
        f64::NAN,
        f64::INFINITY,
        0.0125,
    ];
    for divisor in DIVISORS {
        doubles(&values, divisor);
    }
    // S2.14 says so of this one.
    assert_fails(
        multiple_of("0.1"),
        &primitive::<Float64Type>(&[(0.3, true), (0.5, true)], &DataType::Float64),
        &[true, false],
    );
}

#[test]
fn divisors_that_are_none() {
    for divisor in ["0", "-1", "0.0", "x", "", "1e"] {
        assert!(matches!(refusal(multiple_of(divisor), &DataType::Int8), Refusal::BoundUnreadable(_)));
    }
    assert!(matches!(refusal(multiple_of("1"), &DataType::Utf8), Refusal::Misplaced(_)));
    assert!(matches!(refusal(multiple_of("1"), &DataType::Date32), Refusal::Misplaced(_)));
}

proptest! {
    #[test]
    fn any_double_any_divisor(digits in 1u64.., exponent in -40i32..25, factor in any::<i32>(), values in prop::collection::vec(any::<f64>(), 1..20)) {
        let divisor = format!("{digits}e{exponent}");
        let mut values = values;
        values.push(divisor.parse::<f64>().unwrap() * f64::from(factor));
        values.push(f64::from(factor));
        doubles(&values, &divisor);
        doubles(&values, &format!("{}e{}", digits % 64 + 1, exponent % 4));
    }
}
