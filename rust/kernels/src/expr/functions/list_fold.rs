//! Lists brought down to one value.

use super::lengths::{length, strict};
use super::list::{item_type, ordered};
use super::list_equal::order;
use super::support::finite;
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Family, Function, Kind, Param};
use crate::expr::scalar::Scalar;
use crate::expr::types::{MAX_PRECISION, Type};
use num_bigint::BigInt;
use std::cmp::Ordering;

const BASE: Function =
    Function { family: Family::List, params: &[Param::new("list", Kind::List)], cost: 40, ..Function::BASE };

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "list_min",
        infer: infer_extreme,
        core: |_, args| extreme(args, Ordering::Less),
        docs: "A list's least item; NULL items are skipped, NULL when there is no other. Fails when a double is NaN.",
        examples: &[("list_min([3, NULL, 1])", "1"), ("list_min(['b', 'a'])", "a"), ("list_min([])", "NULL")],
        duckdb: "takes NaN as the greatest double",
        ..BASE
    },
    Function {
        name: "list_max",
        infer: infer_extreme,
        core: |_, args| extreme(args, Ordering::Greater),
        docs: "A list's greatest item; NULL items are skipped, NULL when there is no other. Fails when a double is NaN.",
        examples: &[("list_max([3, NULL, 1])", "3"), ("list_max(['b', 'a'])", "b"), ("list_max([])", "NULL")],
        duckdb: "takes NaN as the greatest double",
        ..BASE
    },
    Function {
        name: "list_sum",
        infer: infer_sum,
        core: list_sum,
        docs: "The sum of a list's numbers, decimals as DECIMAL(38, s), doubles from left to right; NULL items are \
               skipped, NULL when there is no other. Fails when the sum exceeds 64 bits or 38 digits, and on doubles that \
               are not finite.",
        examples: &[
            ("list_sum([1, NULL, 2])", "3"),
            ("list_sum([1.50, 2.25])", "3.75"),
            ("list_sum([9223372036854775807, 1])", "fails: arithmetic-overflow"),
        ],
        duckdb: "sums of integers are HUGEINT, sums of doubles can be infinite",
        ..BASE
    },
    Function {
        name: "list_avg",
        infer: infer_avg,
        core: list_avg,
        docs: "The mean of a list's numbers: DOUBLE, but DECIMAL(38, s) of decimals, with s at least 6, rounded half away \
               from zero; NULL items are skipped, NULL when there is no other. Fails when it exceeds 38 digits, and on \
               doubles that are not finite.",
        examples: &[
            ("list_avg([1, 2])", "1.5"),
            ("list_avg([2, NULL, 4])", "3"),
            ("list_avg([1.50, 2.00])", "1.750000"),
        ],
        duckdb: "DOUBLE for decimals too",
        ..BASE
    },
];

fn infer_extreme(args: &[Facts]) -> Result<Facts, String> {
    let item = item_type(args)?;
    ordered(&item)?;
    let (range, faults) = match item {
        Type::Double => {
            let range = Range::Double { low: f64::NEG_INFINITY, high: f64::INFINITY, nan: false };
            (range, some_item(args, Fault::NotFinite))
        }
        ref item => (Range::of_nested(item), Faults::NONE),
    };
    Ok(Facts { nullable: true, ..strict(args, item, range, faults) })
}

/// A fault that needs an item.
fn some_item(args: &[Facts], fault: Fault) -> Faults {
    if length(args, 0).1 == 0 { Faults::NONE } else { Faults::of(&[fault]) }
}

fn extreme<'a>(args: &[Scalar<'a>], side: Ordering) -> Result<Scalar<'a>, Fault> {
    let [Scalar::List(items)] = args else { return Ok(Scalar::Null) };
    let mut found = Scalar::Null;
    for item in items.iter().filter(|item| !item.is_null()) {
        if matches!(item, Scalar::Double(x) if x.is_nan()) {
            return Err(Fault::NotFinite);
        }
        if found.is_null() || order(*item, found) == side {
            found = *item;
        }
    }
    Ok(found)
}

fn infer_sum(args: &[Facts]) -> Result<Facts, String> {
    let item = item_type(args)?;
    let items = i128::from(length(args, 0).1);
    let (ty, range, faults) = match item {
        Type::Integer if items <= 1 => (Type::Integer, Range::INTEGER, Faults::NONE),
        Type::Integer => (Type::Integer, Range::INTEGER, Faults::of(&[Fault::ArithmeticOverflow])),
        Type::Decimal { precision, scale } => {
            let ty = Type::Decimal { precision: MAX_PRECISION, scale };
            let each = largest(precision);
            match each.checked_mul(items).filter(|sum| *sum <= largest(MAX_PRECISION)) {
                Some(sum) => (ty, Range::Exact(-sum, sum), Faults::NONE),
                None => {
                    let range = Range::of_type(&ty);
                    (ty, range, Faults::of(&[Fault::ArithmeticOverflow]))
                }
            }
        }
        Type::Double => (Type::Double, Range::FINITE, some_item(args, Fault::NotFinite)),
        Type::Null => (Type::Null, Range::Any, Faults::NONE),
        other => return Err(format!("numbers are needed, not a list of {other}")),
    };
    Ok(Facts { nullable: true, ..strict(args, ty, range, faults) })
}

/// The greatest integer of so many digits.
fn largest(precision: u8) -> i128 {
    10_i128.checked_pow(u32::from(precision)).map_or(i128::MAX, |power| power - 1)
}

/// Sums of a list's items, whichever they are.
#[derive(Default)]
struct Sums {
    items: u32,
    integers: i128,
    doubles: f64,
    /// Decimals, in units of [`Sums::HALF`] and the rest, so that no sum of a list overflows.
    high: i128,
    low: i128,
}

impl Sums {
    const HALF: i128 = 10_i128.pow(19);

    /// NULLs do not count.
    fn of(items: &[Scalar<'_>]) -> Sums {
        let mut sums = Sums::default();
        for item in items {
            match item {
                Scalar::Integer(x) => sums.integers += i128::from(*x),
                Scalar::Double(x) => sums.doubles += x,
                Scalar::Decimal(x) => {
                    sums.high += x / Sums::HALF;
                    sums.low += x % Sums::HALF;
                }
                _ => continue,
            }
            sums.items = sums.items.saturating_add(1);
        }
        sums
    }

    fn decimal(&self) -> BigInt {
        BigInt::from(self.high) * BigInt::from(Sums::HALF) + BigInt::from(self.low)
    }
}

fn decimal<'a>(digits: &BigInt) -> Result<Scalar<'a>, Fault> {
    let digits = i128::try_from(digits).ok().filter(|digits| digits.abs() <= largest(MAX_PRECISION));
    digits.map(Scalar::Decimal).ok_or(Fault::ArithmeticOverflow)
}

fn list_sum<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::List(items)] = args else { return Ok(Scalar::Null) };
    let sums = Sums::of(items);
    match call.result {
        _ if sums.items == 0 => Ok(Scalar::Null),
        Type::Integer => i64::try_from(sums.integers).map(Scalar::Integer).map_err(|_| Fault::ArithmeticOverflow),
        Type::Decimal { .. } => decimal(&sums.decimal()),
        _ => finite(sums.doubles),
    }
}

fn infer_avg(args: &[Facts]) -> Result<Facts, String> {
    let (ty, range, faults) = match item_type(args)? {
        Type::Integer => {
            let end = 2_f64.powi(63);
            (Type::Double, Range::Double { low: -end, high: end, nan: false }, Faults::NONE)
        }
        Type::Decimal { precision, scale } => {
            let ty = Type::Decimal { precision: MAX_PRECISION, scale: scale.max(AVERAGE_SCALE) };
            let grown = precision + scale.max(AVERAGE_SCALE) - scale;
            if grown <= MAX_PRECISION {
                let end = largest(precision) * 10_i128.pow(u32::from(grown - precision));
                (ty, Range::Exact(-end, end), Faults::NONE)
            } else {
                let range = Range::of_type(&ty);
                (ty, range, some_item(args, Fault::ArithmeticOverflow))
            }
        }
        Type::Double => (Type::Double, Range::FINITE, some_item(args, Fault::NotFinite)),
        Type::Null => (Type::Null, Range::Any, Faults::NONE),
        other => return Err(format!("numbers are needed, not a list of {other}")),
    };
    Ok(Facts { nullable: true, ..strict(args, ty, range, faults) })
}

/// Least scale of a quotient of decimals (S6.11).
const AVERAGE_SCALE: u8 = 6;

fn list_avg<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::List(items)] = args else { return Ok(Scalar::Null) };
    let sums = Sums::of(items);
    if sums.items == 0 {
        return Ok(Scalar::Null);
    }
    let Some(Type::List(item)) = call.types.first() else { return Ok(Scalar::Null) };
    match (&**item, call.result) {
        (Type::Integer, _) => finite(sums.integers as f64 / f64::from(sums.items)),
        (Type::Decimal { scale: from, .. }, Type::Decimal { scale: to, .. }) => {
            let sum = sums.decimal() * BigInt::from(10).pow(u32::from(to.saturating_sub(*from)));
            decimal(&half_away(&sum, sums.items))
        }
        _ => finite(sums.doubles / f64::from(sums.items)),
    }
}

/// A quotient rounded half away from zero.
fn half_away(dividend: &BigInt, divisor: u32) -> BigInt {
    let divisor = BigInt::from(divisor);
    let twice: BigInt = dividend * 2;
    let half = if dividend.sign() == num_bigint::Sign::Minus { -&divisor } else { divisor.clone() };
    (twice + half) / (divisor * 2)
}
