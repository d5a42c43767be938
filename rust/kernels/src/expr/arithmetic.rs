//! `+ - * / %` on one record's values, and what is known of them beforehand (S6.10 to S6.12).

use super::calendar::{self, MAX_DAY, MIN_DAY};
use super::compare::scale;
use super::decimal;
use super::facts::{Facts, Range};
use super::fault::{Fault, Faults};
use super::scalar::Scalar;
use super::types::{MAX_PRECISION, Type};

/// The binary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Arithmetic {
    /// As in SQL.
    pub fn symbol(self) -> &'static str {
        match self {
            Arithmetic::Add => "+",
            Arithmetic::Subtract => "-",
            Arithmetic::Multiply => "*",
            Arithmetic::Divide => "/",
            Arithmetic::Remainder => "%",
        }
    }
}

/// The operation on two values that are not NULL: integers (and ticks), doubles, or decimals of the given types.
#[inline]
pub fn apply<'a>(op: Arithmetic, a: Scalar<'a>, b: Scalar<'a>, types: (&Type, &Type)) -> Result<Scalar<'a>, Fault> {
    match (a, b) {
        (Scalar::Integer(a), Scalar::Integer(b)) => match moment_range(op, types) {
            None => integers(op, a, b).map(Scalar::Integer),
            Some((least, most)) => {
                let moved = integers(op, a, b).ok().filter(|moment| (least..=most).contains(moment));
                moved.map(Scalar::Integer).ok_or(Fault::TemporalOutOfRange)
            }
        },
        (Scalar::Double(a), Scalar::Double(b)) => doubles(op, a, b).map(Scalar::Double),
        (Scalar::Decimal(a), Scalar::Decimal(b)) => {
            let (sa, sb) = (scale(types.0), scale(types.1));
            let out = match op {
                Arithmetic::Add => decimal::add(a, sa, b, sb),
                Arithmetic::Subtract => decimal::sub(a, sa, b, sb),
                Arithmetic::Multiply => decimal::mul(a, b),
                Arithmetic::Divide => decimal::div(a, sa, b, sb, quotient_scale(sa, sb)),
                Arithmetic::Remainder => decimal::rem(a, sa, b, sb),
            };
            out.map(Scalar::Decimal)
        }
        // The checker admits no other pair.
        _ => Err(Fault::ArgumentOutOfRange),
    }
}

/// Where results that are dates and timestamps lie, which are moved by days and durations; none for other operands.
pub fn moment_range(op: Arithmetic, types: (&Type, &Type)) -> Option<(i64, i64)> {
    match (op, types.0, types.1) {
        (Arithmetic::Add | Arithmetic::Subtract, Type::Date, Type::Integer)
        | (Arithmetic::Add, Type::Integer, Type::Date) => Some((MIN_DAY, MAX_DAY)),
        (Arithmetic::Add | Arithmetic::Subtract, Type::Timestamp { unit, .. }, Type::Duration(_)) => {
            Some(calendar::tick_range(*unit))
        }
        _ => None,
    }
}

/// On 64-bit integers. Division is div(): truncated.
#[inline(always)]
pub fn integers(op: Arithmetic, a: i64, b: i64) -> Result<i64, Fault> {
    let out = match op {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide | Arithmetic::Remainder if b == 0 => return Err(Fault::DivisionByZero),
        Arithmetic::Divide => a.checked_div(b),
        Arithmetic::Remainder => Some(a.wrapping_rem(b)),
    };
    out.ok_or(Fault::ArithmeticOverflow)
}

/// On doubles.
#[inline(always)]
pub fn doubles(op: Arithmetic, a: f64, b: f64) -> Result<f64, Fault> {
    if !a.is_finite() || !b.is_finite() {
        return Err(Fault::NotFinite);
    }
    let out = match op {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide | Arithmetic::Remainder if b == 0.0 => return Err(Fault::DivisionByZero),
        Arithmetic::Divide => a / b,
        Arithmetic::Remainder => a % b,
    };
    if out.is_finite() { Ok(out) } else { Err(Fault::NotFinite) }
}

/// Unary minus.
#[inline]
pub fn negate<'a>(a: Scalar<'a>) -> Result<Scalar<'a>, Fault> {
    match a {
        Scalar::Integer(a) => a.checked_neg().map(Scalar::Integer).ok_or(Fault::ArithmeticOverflow),
        Scalar::Decimal(a) => Ok(Scalar::Decimal(-a)),
        Scalar::Double(a) if a.is_finite() => Ok(Scalar::Double(-a)),
        Scalar::Double(_) => Err(Fault::NotFinite),
        other => Ok(other),
    }
}

/// Scale of a decimal quotient (S6.11).
pub fn quotient_scale(a: u8, b: u8) -> u8 {
    a.max(b).max(6)
}

/// Facts of a result of type `ty`; `ty` comes from [`result_type`]. Only faults of the operation itself and of its operands.
pub fn infer(op: Arithmetic, a: &Facts, b: &Facts, ty: Type) -> Facts {
    let args = [a.clone(), b.clone()];
    let (range, mut faults) = match &ty {
        Type::Double => double_range(op, a.range, b.range),
        ty => exact_range(op, a, b, ty),
    };
    if b.may_be_zero() && matches!(op, Arithmetic::Divide | Arithmetic::Remainder) {
        faults = faults.and(Faults::of(&[Fault::DivisionByZero]));
    }
    Facts::strict(&args, ty, range, faults)
}

/// Type of the result of operands of these types, both integers, doubles or decimals; why not, otherwise.
pub fn result_type(op: Arithmetic, a: &Type, b: &Type) -> Result<Type, String> {
    let (Type::Decimal { precision: p, scale: s }, Type::Decimal { precision: q, scale: t }) = (a, b) else {
        return Ok(a.clone());
    };
    let whole = (p.saturating_sub(*s)).max(q.saturating_sub(*t));
    let scale = match op {
        Arithmetic::Multiply => s + t,
        Arithmetic::Divide => quotient_scale(*s, *t),
        _ => *s.max(t),
    };
    if scale > MAX_PRECISION {
        return Err(format!("the product has {scale} digits after the point; a DECIMAL has at most {MAX_PRECISION}"));
    }
    let precision = match op {
        Arithmetic::Add | Arithmetic::Subtract => (whole + scale + 1).min(MAX_PRECISION),
        Arithmetic::Multiply => (p + q).min(MAX_PRECISION),
        Arithmetic::Divide => MAX_PRECISION,
        Arithmetic::Remainder => (whole + scale).min(MAX_PRECISION),
    };
    Ok(Type::Decimal { precision: precision.max(1), scale })
}

fn exact_range(op: Arithmetic, a: &Facts, b: &Facts, ty: &Type) -> (Range, Faults) {
    let moments = moment_range(op, (&a.ty, &b.ty)).map(|(least, most)| Range::Exact(least.into(), most.into()));
    let fault = if moments.is_some() { Fault::TemporalOutOfRange } else { Fault::ArithmeticOverflow };
    let overflow = Faults::of(&[fault]);
    let all = moments.unwrap_or_else(|| Range::of_type(ty));
    let (Some(x), Some(y), Some((least, most))) = (a.range.exact(), b.range.exact(), all.exact()) else {
        return (all, overflow);
    };
    let ends = match op {
        Arithmetic::Divide if *ty != Type::Integer => quotients(x, y, (scale(&a.ty), scale(&b.ty)), scale(ty)),
        Arithmetic::Divide => divided(op, x, y),
        Arithmetic::Remainder => {
            let aligned = align(x, scale(&a.ty), scale(ty)).zip(align(y, scale(&b.ty), scale(ty)));
            aligned.and_then(|(x, y)| divided(op, x, y))
        }
        Arithmetic::Multiply => products(x, y),
        Arithmetic::Add | Arithmetic::Subtract => {
            let aligned = align(x, scale(&a.ty), scale(ty)).zip(align(y, scale(&b.ty), scale(ty)));
            aligned.and_then(|((a, b), (c, d))| match op {
                Arithmetic::Add => a.checked_add(c).zip(b.checked_add(d)),
                _ => a.checked_sub(d).zip(b.checked_sub(c)),
            })
        }
    };
    match ends {
        Some((low, high)) if low >= least && high <= most => (Range::Exact(low, high), Faults::NONE),
        Some((low, high)) => (Range::Exact(low.clamp(least, most), high.clamp(least, most)), overflow),
        None if op == Arithmetic::Remainder && *ty != Type::Integer => (all, Faults::NONE),
        None => (all, overflow),
    }
}

fn align((low, high): (i128, i128), from: u8, to: u8) -> Option<(i128, i128)> {
    let factor = decimal::pow10(to.checked_sub(from)?)?;
    Some((low.checked_mul(factor)?, high.checked_mul(factor)?))
}

fn products((a, b): (i128, i128), (c, d): (i128, i128)) -> Option<(i128, i128)> {
    let all = [a.checked_mul(c)?, a.checked_mul(d)?, b.checked_mul(c)?, b.checked_mul(d)?];
    Some((*all.iter().min()?, *all.iter().max()?))
}

/// Bounds of a decimal quotient: the dividend over the least divisor there can be, one unit of its last place if it can be near 0.
fn quotients((a, b): (i128, i128), (c, d): (i128, i128), (s, t): (u8, u8), to: u8) -> Option<(i128, i128)> {
    let most = a.checked_abs()?.max(b.checked_abs()?);
    let least = if c > 0 {
        c
    } else if d < 0 {
        d.checked_abs()?
    } else {
        1
    };
    let factor = decimal::pow10((to + t).checked_sub(s)?)?;
    let end = most.checked_mul(factor)?.checked_div(least)?.checked_add(1)?;
    Some((-end, end))
}

/// Truncated quotients and remainders of integers.
fn divided(op: Arithmetic, (a, b): (i128, i128), (c, d): (i128, i128)) -> Option<(i128, i128)> {
    let divisor = c.checked_abs()?.max(d.checked_abs()?);
    if op == Arithmetic::Remainder {
        let most = (divisor - 1).max(0);
        return Some((a.min(0).max(-most), b.max(0).min(most)));
    }
    let nearest = if c > 0 {
        c
    } else if d < 0 {
        d.checked_abs()?
    } else {
        1
    };
    let far = (a.checked_abs()?.max(b.checked_abs()?)) / nearest;
    let (negative, positive) = (a < 0 && d > 0 || b > 0 && c < 0, a < 0 && c < 0 || b > 0 && d > 0);
    Some((if negative { -far } else { 0 }, if positive { far } else { 0 }))
}

fn double_range(op: Arithmetic, a: Range, b: Range) -> (Range, Faults) {
    let unknown = (Range::FINITE, Faults::of(&[Fault::NotFinite]));
    let (Range::Double { low: a0, high: a1, .. }, Range::Double { low: b0, high: b1, .. }) = (a, b) else {
        return unknown;
    };
    let finite = a.is_finite() && b.is_finite();
    let ends = match op {
        Arithmetic::Add => vec![a0 + b0, a1 + b1],
        Arithmetic::Subtract => vec![a0 - b1, a1 - b0],
        Arithmetic::Multiply => vec![a0 * b0, a0 * b1, a1 * b0, a1 * b1],
        Arithmetic::Divide if b0 > 0.0 || b1 < 0.0 => vec![a0 / b0, a0 / b1, a1 / b0, a1 / b1],
        Arithmetic::Divide => return unknown,
        Arithmetic::Remainder => {
            let most = b0.abs().max(b1.abs());
            vec![a0.min(0.0).max(-most), a1.max(0.0).min(most)]
        }
    };
    if ends.iter().any(|end| end.is_nan()) {
        return unknown;
    }
    let low = ends.iter().copied().fold(f64::INFINITY, f64::min);
    let high = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let safe = finite && low.is_finite() && high.is_finite();
    let range = Range::Double { low: low.max(f64::MIN), high: high.min(f64::MAX), nan: false };
    (range, if safe { Faults::NONE } else { Faults::of(&[Fault::NotFinite]) })
}

/// Facts of a unary minus.
pub fn infer_negate(a: &Facts) -> Facts {
    let args = std::slice::from_ref(a);
    match a.range {
        Range::Exact(low, high) => {
            let overflows = a.ty == Type::Integer && low <= i128::from(i64::MIN);
            let faults = if overflows { Faults::of(&[Fault::ArithmeticOverflow]) } else { Faults::NONE };
            let most = if overflows { i128::from(i64::MAX) } else { -low };
            Facts::strict(args, a.ty.clone(), Range::Exact(-high, most), faults)
        }
        Range::Double { low, high, .. } => {
            let faults = if a.range.is_finite() { Faults::NONE } else { Faults::of(&[Fault::NotFinite]) };
            let range = Range::Double { low: -high.min(f64::MAX), high: -low.max(f64::MIN), nan: false };
            Facts::strict(args, a.ty.clone(), range, faults)
        }
        other => Facts::strict(args, a.ty.clone(), other, Faults::NONE),
    }
}
