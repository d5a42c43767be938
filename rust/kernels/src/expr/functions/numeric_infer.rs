//! What is known of the results of `numeric`.

use super::numeric::bucket;
use super::support::{ends, integer_range, range, scale, span, takes, when};
use crate::expr::decimal;
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;

/// Least and greatest magnitude of an exact range.
fn magnitudes((low, high): (i128, i128)) -> (i128, i128) {
    let least = if low <= 0 && high >= 0 { 0 } else { low.saturating_abs().min(high.saturating_abs()) };
    (least, low.saturating_abs().max(high.saturating_abs()))
}

pub fn abs(args: &[Facts]) -> Result<Facts, String> {
    let Some(x) = args.first() else { return Err(takes("abs", "a number")) };
    let (range, faults) = match (range(x), &x.ty) {
        (Range::Exact(low, high), Type::Integer) => {
            let (least, most) = magnitudes((low, high));
            integer_range(least, most)
        }
        (Range::Exact(low, high), _) => {
            let (least, most) = magnitudes((low, high));
            (Range::Exact(least, most), Faults::NONE)
        }
        (Range::Double { .. }, _) => {
            let (low, high, faults) = span(x);
            let least = if low <= 0.0 && high >= 0.0 { 0.0 } else { low.abs().min(high.abs()) };
            (Range::Double { low: least, high: low.abs().max(high.abs()), nan: false }, faults)
        }
        (other, _) => (other, Faults::NONE),
    };
    Ok(Facts::strict(args, x.ty.clone(), range, faults))
}

pub fn sign(args: &[Facts]) -> Result<Facts, String> {
    let Some(x) = args.first() else { return Err(takes("sign", "a number")) };
    let (low, high, faults) = match range(x) {
        Range::Exact(low, high) => (low.signum(), high.signum(), Faults::NONE),
        _ => {
            let (low, high, faults) = span(x);
            let sign = |x: f64| i128::from(x > 0.0) - i128::from(x < 0.0);
            (sign(low), sign(high), faults)
        }
    };
    Ok(Facts::strict(args, Type::Integer, Range::Exact(low, high), faults))
}

pub fn modulo(args: &[Facts]) -> Result<Facts, String> {
    let [a, b] = args else { return Err(takes("mod", "two numbers")) };
    let ty = match (&a.ty, &b.ty) {
        (Type::Double, other) | (other, Type::Double) if matches!(other, Type::Decimal { .. }) => {
            let literal = if a.ty == Type::Double { b } else { a };
            if literal.constant.is_none() {
                return Err("`mod` takes a DECIMAL next to a DOUBLE only after a CAST of either".to_owned());
            }
            Type::Double
        }
        (Type::Double, _) | (_, Type::Double) => Type::Double,
        (Type::Decimal { .. }, other) | (other, Type::Decimal { .. }) if other.is_numeric() => {
            remainder_type(&a.ty, &b.ty)
        }
        (Type::Null, other) | (other, Type::Null) => other.clone(),
        _ => Type::Integer,
    };
    let (range, faults) = if ty == Type::Double { modulo_double(a, b) } else { modulo_exact(a, b, &ty) };
    Ok(Facts::strict(args, ty, range, faults))
}

/// A remainder has the greater scale and is less than either operand.
fn remainder_type(a: &Type, b: &Type) -> Type {
    let digits = |ty: &Type| match ty {
        Type::Decimal { precision, scale } => (precision.saturating_sub(*scale), *scale),
        _ => (19, 0),
    };
    let ((a_whole, a_scale), (b_whole, b_scale)) = (digits(a), digits(b));
    let scale = a_scale.max(b_scale);
    Type::Decimal { precision: (a_whole.min(b_whole) + scale).clamp(1, 38), scale }
}

fn modulo_exact(a: &Facts, b: &Facts, ty: &Type) -> (Range, Faults) {
    let at = |x: &Facts, end: i128| {
        let power = decimal::pow10(scale(ty).saturating_sub(scale(&x.ty))).unwrap_or(decimal::MAX);
        end.saturating_mul(power)
    };
    let ((a_low, a_high), (b_low, b_high)) = (ends(a), ends(b));
    let (_, divisor) = magnitudes((at(b, b_low), at(b, b_high)));
    let (end, _) = Range::of_type(ty).exact().map_or((decimal::MAX, 0), |(_, high)| (high, 0));
    let most = (divisor - 1).clamp(0, end);
    let range = Range::Exact(at(a, a_low).clamp(-most, 0), at(a, a_high).clamp(0, most));
    (range, when(b.may_be_zero(), Fault::DivisionByZero))
}

fn modulo_double(a: &Facts, b: &Facts) -> (Range, Faults) {
    let ((a_low, a_high, a_faults), (b_low, b_high, b_faults)) = (span(a), span(b));
    let most = b_low.abs().max(b_high.abs());
    let range = Range::Double { low: a_low.min(0.0).max(-most), high: a_high.max(0.0).min(most), nan: false };
    (range, a_faults.and(b_faults).and(when(b.may_be_zero(), Fault::DivisionByZero)))
}

pub fn div(args: &[Facts]) -> Result<Facts, String> {
    let [a, b] = args else { return Err(takes("div", "two integers")) };
    let ((a_low, a_high), (b_low, b_high)) = (ends(a), ends(b));
    // Quotients rise or fall on either side of the divisor 0, so that the extremes are at the corners of both sides.
    let divisors = [b_low, b_high, -1, 1].into_iter().filter(|b| *b != 0 && (b_low..=b_high).contains(b));
    let quotients = divisors.flat_map(|b| [a_low, a_high].into_iter().filter_map(move |a| a.checked_div(b)));
    let extremes = quotients.fold(None, |all: Option<(i128, i128)>, quotient| {
        Some(all.map_or((quotient, quotient), |(low, high)| (low.min(quotient), high.max(quotient))))
    });
    let (range, faults) = extremes.map_or((Range::INTEGER, Faults::NONE), |(low, high)| integer_range(low, high));
    let zero = when(b.may_be_zero(), Fault::DivisionByZero);
    Ok(Facts::strict(args, Type::Integer, range, faults.and(zero)))
}

pub fn gcd(args: &[Facts]) -> Result<Facts, String> {
    let [a, b] = args else { return Err(takes("gcd", "two integers")) };
    let ((a_least, a_most), (b_least, b_most)) = (magnitudes(ends(a)), magnitudes(ends(b)));
    // A divisor of a number other than zero is at most that number.
    let most = match (a_least, b_least) {
        (0, 0) => a_most.max(b_most),
        (0, _) => b_most,
        (_, 0) => a_most,
        _ => a_most.min(b_most),
    };
    let least = i128::from(a_least > 0 || b_least > 0);
    let (range, faults) = integer_range(least, most);
    Ok(Facts::strict(args, Type::Integer, range, faults))
}

pub fn lcm(args: &[Facts]) -> Result<Facts, String> {
    let [a, b] = args else { return Err(takes("lcm", "two integers")) };
    let ((a_least, a_most), (b_least, b_most)) = (magnitudes(ends(a)), magnitudes(ends(b)));
    let least = if a_least == 0 || b_least == 0 { 0 } else { a_least.max(b_least) };
    let (range, faults) = integer_range(least, a_most.saturating_mul(b_most));
    Ok(Facts::strict(args, Type::Integer, range, faults))
}

pub fn factorial(args: &[Facts]) -> Result<Facts, String> {
    let Some(n) = args.first() else { return Err(takes("factorial", "an integer")) };
    let (low, high) = ends(n);
    let product = |n: i128| (1..=n.clamp(0, 20)).product();
    let faults = when(low < 0, Fault::ArgumentOutOfRange).and(when(high > 20, Fault::ArithmeticOverflow));
    Ok(Facts::strict(args, Type::Integer, Range::Exact(product(low), product(high)), faults))
}

pub fn class(name: &str, args: &[Facts], is: fn(f64) -> bool) -> Result<Facts, String> {
    let Some(x) = args.first() else { return Err(takes(name, "a number")) };
    let (mut yes, mut no) = (false, false);
    let mut seen = |x: f64| if is(x) { yes = true } else { no = true };
    match range(x) {
        Range::Double { low, high, nan } => {
            let some = [(low == f64::NEG_INFINITY, low), (high == f64::INFINITY, high), (nan, f64::NAN)];
            some.into_iter().filter(|(occurs, _)| *occurs).for_each(|(_, x)| seen(x));
            if low < f64::INFINITY && high > f64::NEG_INFINITY {
                seen(0.0);
            }
        }
        _ => seen(0.0),
    }
    Ok(Facts::strict(args, Type::Boolean, Range::Truth { yes, no }, Faults::NONE))
}

pub fn width_bucket(args: &[Facts]) -> Result<Facts, String> {
    let [x, low, high, n] = args else { return Err(takes("width_bucket", "three numbers and an integer")) };
    if [x, low, high].iter().any(|arg| !arg.ty.is_numeric() && arg.ty != Type::Null) {
        return Err(takes("width_bucket", "numbers, not texts or times"));
    }
    let ((_, _, x_faults), (low_least, low_most, low_faults)) = (span(x), span(low));
    let (high_least, high_most, high_faults) = span(high);
    let (n_least, n_most) = ends(n);
    let overlap = low_least <= high_most && high_least <= low_most;
    let faults = x_faults.and(low_faults).and(high_faults);
    let faults = faults.and(when(n_least <= 0 || overlap, Fault::ArgumentOutOfRange));
    let (widest, beyond) = integer_range(0, n_most.max(0) + 1);
    Ok(Facts::strict(args, Type::Integer, fixed_buckets(args).unwrap_or(widest), faults.and(beyond)))
}

/// The buckets of both ends of the number, where all else is constant.
fn fixed_buckets(args: &[Facts]) -> Option<Range> {
    let [x, rest @ ..] = args else { return None };
    let ends = match range(x) {
        Range::Exact(low, high) => [Scalar::Decimal(low), Scalar::Decimal(high)],
        Range::Double { .. } => {
            let (low, high, _) = span(x);
            [Scalar::Double(low), Scalar::Double(high)]
        }
        _ => return None,
    };
    let arena = bumpalo::Bump::new();
    let rest: Vec<Scalar<'_>> =
        rest.iter().map(|arg| Some(arg.constant.as_ref()?.scalar(&arena))).collect::<Option<_>>()?;
    let [low, high, n] = rest.as_slice() else { return None };
    let place = |x: Scalar<'_>| match bucket(&[x, *low, *high, *n]) {
        Ok(Scalar::Integer(place)) => Some(i128::from(place)),
        _ => None,
    };
    let [first, last] = ends.map(place);
    Some(Range::Exact(first?.min(last?), first?.max(last?)))
}
