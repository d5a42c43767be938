use std::cmp::Ordering;

use arrow_array::types::*;
use arrow_buffer::i256;
use proptest::prelude::*;

use super::ratio::Ratio;
use super::*;

/// A value as a number, or as an infinity, or NaN.
#[derive(Debug, Clone)]
enum Number {
    Finite(Ratio),
    Infinite(Ordering),
    Nan,
}

fn of_f64(value: f64) -> Number {
    if value.is_nan() {
        Number::Nan
    } else if value.is_infinite() {
        Number::Infinite(if value > 0.0 { Ordering::Greater } else { Ordering::Less })
    } else {
        Number::Finite(Ratio::of_f64(value))
    }
}

fn violates(value: &Number, side: Side, inclusive: bool, literal: &str) -> bool {
    let order = match value {
        Number::Nan => return true,
        Number::Infinite(order) => *order,
        Number::Finite(value) => value.cmp(&Ratio::parse(literal)),
    };
    match (side, order) {
        (_, Ordering::Equal) => !inclusive,
        (Side::Lower, order) => order == Ordering::Less,
        (Side::Upper, order) => order == Ordering::Greater,
    }
}

/// Literals around each value of an integer type and around zero.
fn literals(edges: &[String]) -> Vec<String> {
    let mut found: Vec<String> = [
        "0",
        "-0",
        "0.0",
        "0.5",
        "-0.5",
        "1e-400",
        "-1e-400",
        "1e400",
        "-1e400",
        "1",
        "-1",
        "0.1",
        "1.5e1",
        "9007199254740993",
        "9007199254740992.5",
        "-9007199254740991",
        "1e77",
        "-1e77",
        "3.4028234663852886e38",
        "3.4028235e38",
        "65504",
        "65520",
        "5e-324",
        "2e-324",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
    ]
    .map(str::to_owned)
    .to_vec();
    for edge in edges {
        found.push(edge.clone());
        found.push(format!("{edge}.5"));
        found.push(format!("{edge}.0000000000000000000000000000000001"));
        found.push(format!("{edge}e-1"));
        found.push(format!("{edge}e1"));
    }
    found
}

fn check_type<T: ArrowPrimitiveType>(
    values: &[T::Native],
    data_type: &DataType,
    number: impl Fn(T::Native) -> Number,
    literals: &[String],
) where
    T::Native: Copy,
{
    let rows = spread(values, 200, 6);
    let array = primitive::<T>(&rows, data_type);
    for side in [Side::Lower, Side::Upper] {
        for inclusive in [true, false] {
            let specs: Vec<CheckSpec> = literals.iter().map(|l| bound(side, inclusive, super::number(l))).collect();
            for (spec, literal) in specs.iter().zip(literals) {
                let expected: Vec<bool> = rows
                    .iter()
                    .map(|(value, valid)| *valid && violates(&number(*value), side, inclusive, literal))
                    .collect();
                assert_fails(spec.clone(), &array, &expected);
            }
        }
    }
}

macro_rules! integers {
    ($($test:ident $arrow:ty, $native:ty, $data_type:expr, $scale:expr;)+) => {$(
        #[test]
        fn $test() {
            let (min, max) = (<$native>::MIN, <$native>::MAX);
            let zero = <$native>::default();
            let values = [min, max, zero, min.wrapping_add(1 as _), max.wrapping_sub(1 as _), 1 as _, 5 as _, 15 as _];
            let edges: Vec<String> = [min, max, min + 1 as $native, max - 1 as $native].iter().map(|v| v.to_string()).collect();
            let scale: i32 = $scale;
            check_type::<$arrow>(&values, &$data_type, |value| {
                Number::Finite(Ratio::new(value.into(), -scale))
            }, &literals(&edges));
        }
    )+};
}

integers! {
    int8 Int8Type, i8, DataType::Int8, 0;
    int16 Int16Type, i16, DataType::Int16, 0;
    int32 Int32Type, i32, DataType::Int32, 0;
    int64 Int64Type, i64, DataType::Int64, 0;
    uint8 UInt8Type, u8, DataType::UInt8, 0;
    uint16 UInt16Type, u16, DataType::UInt16, 0;
    uint32 UInt32Type, u32, DataType::UInt32, 0;
    uint64 UInt64Type, u64, DataType::UInt64, 0;
    decimal32 Decimal32Type, i32, DataType::Decimal32(9, 2), 2;
    decimal64 Decimal64Type, i64, DataType::Decimal64(18, 0), 0;
    decimal64_negative_scale Decimal64Type, i64, DataType::Decimal64(18, -3), -3;
    decimal128 Decimal128Type, i128, DataType::Decimal128(38, 10), 10;
}

#[test]
fn decimal256() {
    let values = [i256::MIN, i256::MAX, i256::ZERO, i256::ONE, i256::MINUS_ONE, i256::from_i128(150)];
    let edges: Vec<String> = values.iter().map(i256::to_string).collect();
    let number = |value: i256| Number::Finite(Ratio::new(value.to_string().parse().unwrap(), -1));
    check_type::<Decimal256Type>(&values, &DataType::Decimal256(76, 1), number, &literals(&edges));
}

const DOUBLES: [f64; 18] = [
    0.0,
    -0.0,
    0.1,
    0.5,
    -0.5,
    1.0,
    5e-324,
    -5e-324,
    f64::MIN_POSITIVE,
    f64::MAX,
    f64::MIN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    9007199254740991.0,
    9007199254740992.0,
    9007199254740994.0,
    15.0,
];

#[test]
fn float64() {
    let edges = [0.1f64, f64::MAX, 9007199254740992.0].map(|value| format!("{value:.60}"));
    let edges: Vec<String> =
        edges.iter().map(|edge| edge.trim_end_matches('0').trim_end_matches('.').to_owned()).collect();
    let mut literals = literals(&[]);
    for edge in edges {
        literals.push(edge.clone());
        literals.push(format!("-{edge}"));
        literals.push(if edge.contains('.') { format!("{edge}1") } else { format!("{edge}.1") });
    }
    check_type::<Float64Type>(&DOUBLES, &DataType::Float64, of_f64, &literals);
}

#[test]
fn float32() {
    let values = [0.0f32, -0.0, 0.1, 1e-45, f32::MAX, f32::MIN, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 16777216.0];
    let mut literals = literals(&[]);
    literals.extend(
        ["0.1000000014901161193847656250001", "0.100000001490116119384765625", "16777217", "1e-46", "1.4e-45"]
            .map(str::to_owned),
    );
    check_type::<Float32Type>(&values, &DataType::Float32, |value| of_f64(value.into()), &literals);
}

#[test]
fn float16() {
    type Half = <Float16Type as ArrowPrimitiveType>::Native;
    let values =
        [0.0, -0.0, 0.1, 65504.0, -65504.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 6e-8].map(Half::from_f32);
    check_type::<Float16Type>(&values, &DataType::Float16, |value| of_f64(value.into()), &literals(&["0".to_owned()]));
}

#[test]
fn many_bounds_fuse_without_changing_any() {
    let rows = spread(&[1.0, 2.0, 3.0, f64::NAN, f64::INFINITY, -4.0], 300, 5);
    let array = primitive::<Float64Type>(&rows, &DataType::Float64);
    let limits = [("-5", "4"), ("1", "3"), ("0.5", "2.5"), ("1.5", "1e400")];
    let mut specs = vec![CheckSpec::Finite, CheckSpec::NotNull];
    let mut expected: Vec<Vec<bool>> = vec![
        rows.iter().map(|(value, valid)| *valid && !value.is_finite()).collect(),
        rows.iter().map(|(_, valid)| !valid).collect(),
    ];
    for (lower, upper) in limits {
        for (side, literal) in [(Side::Lower, lower), (Side::Upper, upper)] {
            specs.push(bound(side, true, number(literal)));
            expected.push(
                rows.iter().map(|(value, valid)| *valid && violates(&of_f64(*value), side, true, literal)).collect(),
            );
        }
    }
    assert_all(&specs, &array, &expected);
}

#[test]
fn garbage_under_null_passes() {
    let rows: Vec<(i64, bool)> = (0..500).map(|row| if row % 3 == 0 { (-1, false) } else { (5, true) }).collect();
    let array = primitive::<Int64Type>(&rows, &DataType::Int64);
    let specs = [bound(Side::Lower, true, number("0")), bound(Side::Upper, false, number("6"))];
    assert_all(&specs, &array, &[vec![false; 500], vec![false; 500]]);
}

#[test]
fn integer_formats() {
    let values = [i64::MIN, -32769, -32768, -1, 0, 255, 256, 65535, 65536, i64::MAX];
    let rows = spread(&values, 150, 11);
    let array = primitive::<Int64Type>(&rows, &DataType::Int64);
    let formats: [(&str, i128, i128); 6] = [
        ("i8", -128, 127),
        ("i16", -32768, 32767),
        ("u8", 0, 255),
        ("u16", 0, 65535),
        ("i128", i128::MIN, i128::MAX),
        ("u64", 0, u64::MAX as i128),
    ];
    for (name, least, greatest) in formats {
        let fails = |(value, valid): &(i64, bool)| *valid && !(least..=greatest).contains(&i128::from(*value));
        let expected: Vec<bool> = rows.iter().map(fails).collect();
        assert_fails(CheckSpec::IntegerFormat(name.to_owned()), &array, &expected);
    }
    assert!(matches!(refusal(CheckSpec::IntegerFormat("i7".into()), &DataType::Int8), Refusal::FormatUnknown(_)));
    assert!(matches!(refusal(CheckSpec::IntegerFormat("i8".into()), &DataType::Utf8), Refusal::Misplaced(_)));
}

#[test]
fn float_formats() {
    let max = f64::from(f32::MAX);
    // Halfway to the next power of two: what is less rounds to the greatest value.
    let above = 2f64.powi(128) - 2f64.powi(103);
    let values = [0.0, max, -max, 3.4028235e38, -above.next_down(), above, -above, f64::MAX, f64::INFINITY, f64::NAN];
    let rows = spread(&values, 150, 11);
    let array = primitive::<Float64Type>(&rows, &DataType::Float64);
    let narrow: Vec<bool> =
        rows.iter().map(|(value, valid)| *valid && value.is_finite() && value.abs() >= above).collect();
    assert_fails(CheckSpec::IntegerFormat("f32".to_owned()), &array, &narrow);
    assert_fails(CheckSpec::IntegerFormat("f64".to_owned()), &array, &[false; 150]);
    let scaled: Vec<bool> = vec![false, false, true, true];
    let rows = [(12700, true), (-12800, true), (12701, true), (-12801, true)];
    let array = primitive::<Decimal128Type>(&rows, &DataType::Decimal128(38, 2));
    assert_fails(CheckSpec::IntegerFormat("i8".to_owned()), &array, &scaled);
}

#[test]
fn unreadable_and_misplaced() {
    for literal in [
        text("soon"),
        number(".inf"),
        number("1e"),
        number("1.2.3"),
        number(""),
        number("-"),
        Literal::Null,
        Literal::Bool(true),
    ] {
        let spec = bound(Side::Lower, true, literal);
        assert!(matches!(refusal(spec.clone(), &DataType::Float64), Refusal::BoundUnreadable(_)), "{spec:?}");
        assert!(matches!(refusal(spec, &DataType::Int8), Refusal::BoundUnreadable(_)));
    }
    let spec = bound(Side::Lower, true, number("1"));
    assert!(matches!(refusal(spec.clone(), &DataType::Utf8), Refusal::Misplaced(_)));
    assert!(matches!(refusal(spec.clone(), &DataType::Boolean), Refusal::Misplaced(_)));
    assert!(matches!(refusal(spec, &DataType::Duration(arrow_schema::TimeUnit::Second)), Refusal::NotSupported(_)));
}

fn literal() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|value| value.to_string()),
        (-300i64..300, 0u32..1000).prop_map(|(whole, part)| format!("{whole}.{part:03}")),
        (any::<i64>(), -330i32..310).prop_map(|(mantissa, exponent)| format!("{mantissa}e{exponent}")),
        any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(|value| format!("{value:e}")),
        any::<f64>()
            .prop_filter("finite", |value| value.is_finite())
            .prop_map(|value| format!("{value:.40e}1").replace("e1", "1e").replace("1e-", "e-"))
            .prop_filter("number", |text| text.parse::<f64>().is_ok() && text.matches('e').count() == 1),
    ]
}

proptest! {
    #[test]
    fn floats_compare_exactly(values in prop::collection::vec(any::<f64>(), 1..80), literal in literal(), lower: bool, inclusive: bool) {
        let near = literal.parse::<f64>().unwrap();
        let mut values = values;
        values.extend([near, near.next_up(), near.next_down(), -near]);
        let side = if lower { Side::Lower } else { Side::Upper };
        let rows = spread(&values, 90, 7);
        let array = primitive::<Float64Type>(&rows, &DataType::Float64);
        let expected: Vec<bool> = rows.iter().map(|(value, valid)| *valid && violates(&of_f64(*value), side, inclusive, &literal)).collect();
        assert_fails(bound(side, inclusive, number(&literal)), &array, &expected);
        let singles: Vec<(f32, bool)> = rows.iter().map(|(value, valid)| (*value as f32, *valid)).collect();
        let array = primitive::<Float32Type>(&singles, &DataType::Float32);
        let expected: Vec<bool> = singles.iter().map(|(value, valid)| *valid && violates(&of_f64((*value).into()), side, inclusive, &literal)).collect();
        assert_fails(bound(side, inclusive, number(&literal)), &array, &expected);
    }

    #[test]
    fn integers_compare_exactly(values in prop::collection::vec(any::<i64>(), 1..80), literal in literal(), scale in -5i8..19, lower: bool, inclusive: bool) {
        let side = if lower { Side::Lower } else { Side::Upper };
        let near = literal.parse::<f64>().unwrap() as i64;
        let mut values = values;
        values.extend([near, near.saturating_add(1), near.saturating_sub(1)]);
        let rows = spread(&values, 90, 7);
        for (array, scale) in [
            (primitive::<Int64Type>(&rows, &DataType::Int64), 0),
            (primitive::<Decimal64Type>(&rows, &DataType::Decimal64(18, scale.min(18))), i32::from(scale.min(18))),
        ] {
            let value = |value: i64| Number::Finite(Ratio::new(value.into(), -scale));
            let expected: Vec<bool> = rows.iter().map(|(v, valid)| *valid && violates(&value(*v), side, inclusive, &literal)).collect();
            assert_fails(bound(side, inclusive, number(&literal)), &array, &expected);
        }
    }
}
