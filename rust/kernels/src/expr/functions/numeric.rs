//! Numbers, exactly where they are exact.

use super::numeric_infer as infer;
use super::support::{finite, integer, scale};
use crate::expr::decimal;
use crate::expr::fault::Fault;
use crate::expr::function::{Call, Family, Function, Kind, Param};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;
use arrow_buffer::i256;

const BASE: Function = Function { family: Family::Numeric, cost: 3, ..Function::BASE };
const NUMBER: &[Param] = &[Param::new("x", Kind::Number)];
const INTEGERS: &[Param] = &[Param::new("a", Kind::Integer), Param::new("b", Kind::Integer)];

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "abs",
        params: NUMBER,
        infer: infer::abs,
        core: |_, args| abs(args),
        docs: "The magnitude of a number. Fails on the least BIGINT, whose magnitude is none, on NaN and infinities.",
        examples: &[("abs(-5)", "5"), ("abs(-1.50)", "1.50"), ("abs(NULL)", "NULL")],
        duckdb: "takes NaN and infinities",
        ..BASE
    },
    Function {
        name: "sign",
        params: NUMBER,
        infer: infer::sign,
        core: |_, args| sign(args),
        docs: "-1, 0 or 1 as the number is negative, zero or positive. Fails on NaN and infinities.",
        examples: &[("sign(-2.5)", "-1"), ("sign(0)", "0"), ("sign(3e2)", "1")],
        duckdb: "takes NaN, as 0, and infinities",
        ..BASE
    },
    Function {
        name: "mod",
        params: &[Param::new("a", Kind::Number), Param::new("b", Kind::Number)],
        infer: infer::modulo,
        core: modulo,
        cost: 8,
        docs: "The remainder of the division truncated towards zero, as `a % b`: exact, with the sign of the dividend. Fails on a \
               divisor of zero, on NaN and infinities.",
        examples: &[("mod(-7, 3)", "-1"), ("mod(7.5, 2)", "1.5"), ("mod(7, 0)", "fails: division-by-zero")],
        duckdb: "yields NaN for a DOUBLE divisor of zero; decimal results have more digits",
        ..BASE
    },
    Function {
        name: "div",
        params: INTEGERS,
        infer: infer::div,
        core: |_, args| div(args),
        docs: "The integer quotient, truncated towards zero, as `a // b`. Fails on a divisor of zero, and on the least BIGINT by -1.",
        examples: &[("div(7, 2)", "3"), ("div(-7, 2)", "-3"), ("div(7, 0)", "fails: division-by-zero")],
        duckdb: "absent",
        ..BASE
    },
    Function {
        name: "gcd",
        params: INTEGERS,
        infer: infer::gcd,
        core: |_, args| gcd(args),
        cost: 40,
        docs: "The greatest common divisor, never negative; 0 for two zeros. Fails when it is 2^63.",
        examples: &[("gcd(12, 18)", "6"), ("gcd(-4, 0)", "4"), ("gcd(0, 0)", "0")],
        ..BASE
    },
    Function {
        name: "lcm",
        params: INTEGERS,
        infer: infer::lcm,
        core: |_, args| lcm(args),
        cost: 45,
        docs: "The least common multiple, never negative; 0 if either is 0. Fails beyond 64 bits.",
        examples: &[("lcm(4, 6)", "12"), ("lcm(-4, 6)", "12"), ("lcm(0, 5)", "0")],
        ..BASE
    },
    Function {
        name: "factorial",
        params: &[Param::new("n", Kind::Integer)],
        infer: infer::factorial,
        core: |_, args| factorial(args),
        docs: "The product of the whole numbers from 1 to n. Fails on negative numbers, and beyond 20, where it exceeds 64 bits.",
        examples: &[("factorial(5)", "120"), ("factorial(0)", "1"), ("factorial(21)", "fails: arithmetic-overflow")],
        duckdb: "goes on to 33 in 128 bits",
        ..BASE
    },
    Function {
        name: "is_nan",
        aliases: &["isnan"],
        params: NUMBER,
        infer: |args| infer::class("is_nan", args, f64::is_nan),
        core: |_, args| class(args, f64::is_nan),
        docs: "Is the number NaN? Integers and decimals never are.",
        examples: &[("is_nan(1.5)", "false"), ("is_nan(1e300)", "false")],
        duckdb: "named isnan",
        ..BASE
    },
    Function {
        name: "is_finite",
        aliases: &["isfinite"],
        params: NUMBER,
        infer: |args| infer::class("is_finite", args, f64::is_finite),
        core: |_, args| class(args, f64::is_finite),
        docs: "Is the number neither NaN nor infinite? Integers and decimals always are so.",
        examples: &[("is_finite(1e300)", "true"), ("is_finite(12)", "true")],
        duckdb: "named isfinite",
        ..BASE
    },
    Function {
        name: "is_infinite",
        aliases: &["isinf"],
        params: NUMBER,
        infer: |args| infer::class("is_infinite", args, f64::is_infinite),
        core: |_, args| class(args, f64::is_infinite),
        docs: "Is the number an infinity? Integers and decimals never are.",
        examples: &[("is_infinite(1e300)", "false"), ("is_infinite(12)", "false")],
        duckdb: "named isinf",
        ..BASE
    },
    Function {
        name: "width_bucket",
        params: &[
            Param::new("x", Kind::Common),
            Param::new("low", Kind::Common),
            Param::new("high", Kind::Common),
            Param::new("n", Kind::Integer),
        ],
        infer: infer::width_bucket,
        core: |_, args| bucket(args),
        cost: 30,
        docs: "Which of n buckets of equal width from low to high holds the number, counted from 1: 0 before low, n + 1 from high on; \
               with low above high they are counted downwards. Fails when n is not positive or low equals high, on NaN and infinities.",
        examples: &[
            ("width_bucket(5, 0, 10, 5)", "3"),
            ("width_bucket(10.0, 0, 10, 5)", "6"),
            ("width_bucket(-1, 0, 10, 5)", "0"),
            ("width_bucket(7, 10, 0, 5)", "2"),
            ("width_bucket(1, 0, 10, 0)", "fails: argument-out-of-range"),
        ],
        duckdb: "absent",
        ..BASE
    },
];

fn abs<'a>(args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    Ok(match args {
        [Scalar::Integer(x)] => Scalar::Integer(x.checked_abs().ok_or(Fault::ArithmeticOverflow)?),
        [Scalar::Decimal(x)] => Scalar::Decimal(x.checked_abs().ok_or(Fault::ArithmeticOverflow)?),
        [Scalar::Double(x)] => finite(x.abs())?,
        _ => Scalar::Null,
    })
}

fn sign<'a>(args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    Ok(Scalar::Integer(match args {
        [Scalar::Integer(x)] => x.signum(),
        [Scalar::Decimal(x)] => i64::from(*x > 0) - i64::from(*x < 0),
        [Scalar::Double(x)] if !x.is_finite() => return Err(Fault::NotFinite),
        [Scalar::Double(x)] => i64::from(*x > 0.0) - i64::from(*x < 0.0),
        _ => return Ok(Scalar::Null),
    }))
}

/// A number as a decimal of its type's scale.
fn exact(x: Scalar<'_>, ty: Option<&Type>) -> Option<(i128, u8)> {
    match x {
        Scalar::Integer(x) => Some((x.into(), 0)),
        Scalar::Decimal(x) => Some((x, ty.map_or(0, scale))),
        _ => None,
    }
}

fn modulo<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [a, b] = args else { return Ok(Scalar::Null) };
    if let (Scalar::Integer(a), Scalar::Integer(b)) = (a, b) {
        // The least integer by -1 leaves 0; only its quotient overflows.
        return if *b == 0 { Err(Fault::DivisionByZero) } else { Ok(Scalar::Integer(a.wrapping_rem(*b))) };
    }
    let (a_type, b_type) = (call.types.first(), call.types.get(1));
    match (exact(*a, a_type), exact(*b, b_type)) {
        (Some((a, sa)), Some((b, sb))) if *call.result != Type::Double => {
            decimal::rem(a, sa, b, sb).map(Scalar::Decimal)
        }
        _ => match (double(*a, a_type), double(*b, b_type)) {
            (Some(a), Some(b)) if !a.is_finite() || !b.is_finite() => Err(Fault::NotFinite),
            (Some(_), Some(0.0)) => Err(Fault::DivisionByZero),
            (Some(a), Some(b)) => finite(libm::fmod(a, b)),
            _ => Ok(Scalar::Null),
        },
    }
}

/// A number as the nearest double.
fn double(x: Scalar<'_>, ty: Option<&Type>) -> Option<f64> {
    match x {
        Scalar::Double(x) => Some(x),
        other => exact(other, ty).map(|(x, scale)| decimal::to_f64(x, scale)),
    }
}

fn div<'a>(args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    match args {
        [Scalar::Integer(_), Scalar::Integer(0)] => Err(Fault::DivisionByZero),
        [Scalar::Integer(a), Scalar::Integer(b)] => {
            a.checked_div(*b).map(Scalar::Integer).ok_or(Fault::ArithmeticOverflow)
        }
        _ => Ok(Scalar::Null),
    }
}

fn divisor(a: i64, b: i64) -> u64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a
}

fn gcd<'a>(args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::Integer(a), Scalar::Integer(b)] = args else { return Ok(Scalar::Null) };
    integer(divisor(*a, *b).into())
}

fn lcm<'a>(args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::Integer(a), Scalar::Integer(b)] = args else { return Ok(Scalar::Null) };
    let (a_magnitude, b_magnitude) = (i128::from(*a).abs(), i128::from(*b).abs());
    // Of two zeros the divisor is 0 and the quotient none. Two magnitudes of 2^63 have a product of 2^126.
    integer(a_magnitude.checked_div(divisor(*a, *b).into()).unwrap_or(0) * b_magnitude)
}

fn factorial<'a>(args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    match args {
        [Scalar::Integer(..0)] => Err(Fault::ArgumentOutOfRange),
        [Scalar::Integer(n @ 0..=20)] => Ok(Scalar::Integer((1..=*n).product())),
        [Scalar::Integer(_)] => Err(Fault::ArithmeticOverflow),
        _ => Ok(Scalar::Null),
    }
}

fn class<'a>(args: &[Scalar<'a>], is: fn(f64) -> bool) -> Result<Scalar<'a>, Fault> {
    Ok(match args {
        [Scalar::Double(x)] => Scalar::Boolean(is(*x)),
        [Scalar::Integer(_) | Scalar::Decimal(_)] => Scalar::Boolean(is(0.0)),
        _ => Scalar::Null,
    })
}

/// The bucket of a number among `n` from `low` to `high`, all three of one type.
pub fn bucket<'a>(args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [x, low, high, Scalar::Integer(n)] = args else { return Ok(Scalar::Null) };
    let inside = match (*x, *low, *high) {
        (Scalar::Double(x), Scalar::Double(low), Scalar::Double(high)) => {
            if !(x.is_finite() && low.is_finite() && high.is_finite()) {
                return Err(Fault::NotFinite);
            }
            checked_bounds(low == high, *n)?;
            place_double(x, low, high, *n)
        }
        (x, low, high) => {
            let (Some((x, _)), Some((low, _)), Some((high, _))) = (exact(x, None), exact(low, None), exact(high, None))
            else {
                return Ok(Scalar::Null);
            };
            checked_bounds(low == high, *n)?;
            place_exact(x, low, high, *n)
        }
    };
    integer(inside)
}

fn checked_bounds(equal: bool, n: i64) -> Result<(), Fault> {
    if equal || n <= 0 { Err(Fault::ArgumentOutOfRange) } else { Ok(()) }
}

fn place_exact(x: i128, low: i128, high: i128, n: i64) -> i128 {
    // Differences of decimals can be beyond 128 bits.
    let less = |a: i128, b: i128| i256::from_i128(a).wrapping_sub(i256::from_i128(b));
    let (part, whole) = if low < high { (less(x, low), less(high, low)) } else { (less(low, x), less(low, high)) };
    if part < i256::ZERO {
        return 0;
    }
    if part >= whole {
        return i128::from(n) + 1;
    }
    let product = part.wrapping_mul(i256::from_i128(n.into()));
    product.checked_div(whole).and_then(i256::to_i128).unwrap_or(0) + 1
}

fn place_double(x: f64, low: f64, high: f64, n: i64) -> i128 {
    let (x, low, high) = if low < high { (x, low, high) } else { (-x, -low, -high) };
    if x < low {
        return 0;
    }
    if x >= high {
        return i128::from(n) + 1;
    }
    // Halves keep the width of two far ends finite.
    let ratio = if (high - low).is_finite() {
        (x - low) / (high - low)
    } else {
        (x / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0)
    };
    ((ratio * n as f64).floor() as i128 + 1).clamp(1, n.into())
}
