//! Functions of real numbers, on doubles. They are computed in software, to within one unit of
//! the last place, with the same bits on every platform.

use super::support::{finite, finite_range, span, takes, when};
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Family, Function, Kind, Param};
use crate::expr::scalar::{Constant, Scalar};
use crate::expr::types::Type;
use std::f64::consts::{FRAC_PI_2, PI};

const BASE: Function = Function {
    family: Family::Numeric,
    params: &[Param::new("x", Kind::Double)],
    cost: 20,
    duckdb: SPECIAL,
    ..Function::BASE
};

const SPECIAL: &str = "yields NaN or an infinity where this fails, and takes them; the last bit can differ";
const REALS: (f64, f64) = (f64::MIN, f64::MAX);
/// The least positive double.
const LEAST: f64 = f64::from_bits(1);
/// Doubles by which a computed value can be off its exact one, twice: values are claimed to be in order, and computed ones may not be.
const SLACK: usize = 4;

/// How a function of one double runs.
#[derive(Clone, Copy, PartialEq)]
enum Course {
    Rises,
    Falls,
    Waves,
}

/// A function of one double.
struct Unary {
    name: &'static str,
    f: fn(f64) -> f64,
    /// Where it is defined, ends included.
    domain: (f64, f64),
    /// All of its values, ends included.
    image: (f64, f64),
    course: Course,
    /// Rounded once, hence in order.
    exact: bool,
}

impl Unary {
    const fn new(
        name: &'static str,
        f: fn(f64) -> f64,
        domain: (f64, f64),
        image: (f64, f64),
        course: Course,
    ) -> Unary {
        Unary { name, f, domain, image, course, exact: false }
    }

    const fn exact(self) -> Unary {
        Unary { exact: true, ..self }
    }

    fn apply<'a>(&self, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
        let [Scalar::Double(x)] = args else { return Ok(Scalar::Null) };
        if !x.is_finite() {
            return Err(Fault::NotFinite);
        }
        if !(self.domain.0..=self.domain.1).contains(x) {
            return Err(Fault::ArgumentOutOfRange);
        }
        finite((self.f)(*x))
    }

    fn infer(&self, args: &[Facts]) -> Result<Facts, String> {
        let Some(x) = args.first() else { return Err(takes(self.name, "a number")) };
        let (low, high, faults) = span(x);
        let outside = when(low < self.domain.0 || high > self.domain.1, Fault::ArgumentOutOfRange);
        let (low, high) = (low.max(self.domain.0), high.min(self.domain.1));
        let (least, most) = match self.course {
            Course::Rises if self.exact => ((self.f)(low), (self.f)(high)),
            Course::Rises => (below((self.f)(low)), above((self.f)(high))),
            Course::Falls => (below((self.f)(high)), above((self.f)(low))),
            Course::Waves => self.image,
        };
        // Without any argument inside of the domain there is no result to claim anything of.
        let ends = if low <= high { (least.max(self.image.0), most.min(self.image.1)) } else { self.image };
        let (range, beyond) = finite_range(ends.0, ends.1);
        Ok(Facts::strict(args, Type::Double, range, faults.and(outside).and(beyond)))
    }
}

fn below(x: f64) -> f64 {
    (0..SLACK).fold(x, |x, _| x.next_down())
}

fn above(x: f64) -> f64 {
    (0..SLACK).fold(x, |x, _| x.next_up())
}

const ALL: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
const POSITIVE: (f64, f64) = (0.0, f64::INFINITY);
const UNIT: (f64, f64) = (-1.0, 1.0);
const QUARTERS: (f64, f64) = (-FRAC_PI_2, FRAC_PI_2);

const SQRT: Unary = Unary::new("sqrt", libm::sqrt, (0.0, f64::MAX), POSITIVE, Course::Rises).exact();
const CBRT: Unary = Unary::new("cbrt", libm::cbrt, REALS, ALL, Course::Rises);
const EXP: Unary = Unary::new("exp", libm::exp, REALS, POSITIVE, Course::Rises);
const LN: Unary = Unary::new("ln", libm::log, (LEAST, f64::MAX), ALL, Course::Rises);
const LOG10: Unary = Unary::new("log10", libm::log10, (LEAST, f64::MAX), ALL, Course::Rises);
const LOG2: Unary = Unary::new("log2", libm::log2, (LEAST, f64::MAX), ALL, Course::Rises);
const SIN: Unary = Unary::new("sin", libm::sin, REALS, UNIT, Course::Waves);
const COS: Unary = Unary::new("cos", libm::cos, REALS, UNIT, Course::Waves);
// No double is so near to a pole that the tangent leaves the doubles.
const TAN: Unary = Unary::new("tan", libm::tan, REALS, REALS, Course::Waves);
const ASIN: Unary = Unary::new("asin", libm::asin, UNIT, QUARTERS, Course::Rises);
const ACOS: Unary = Unary::new("acos", libm::acos, UNIT, (0.0, PI), Course::Falls);
const ATAN: Unary = Unary::new("atan", libm::atan, REALS, QUARTERS, Course::Rises);
const DEGREES: Unary = Unary::new("degrees", |x| x * (180.0 / PI), REALS, ALL, Course::Rises).exact();
const RADIANS: Unary = Unary::new("radians", |x| x * (PI / 180.0), REALS, ALL, Course::Rises).exact();

macro_rules! unary {
    ($unary:ident, $docs:expr, $examples:expr) => {
        Function {
            name: $unary.name,
            infer: |args| $unary.infer(args),
            core: |_, args| $unary.apply(args),
            docs: $docs,
            examples: $examples,
            ..BASE
        }
    };
}

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        cost: 5,
        ..unary!(
            SQRT,
            "The square root. Fails on negative numbers, NaN and infinities.",
            &[("sqrt(9)", "3"), ("sqrt(2)", "1.4142135623730951"), ("sqrt(-1)", "fails: argument-out-of-range")]
        )
    },
    unary!(CBRT, "The cube root. Fails on NaN and infinities.", &[("cbrt(27)", "3"), ("cbrt(-8)", "-2")]),
    unary!(
        EXP,
        "The number e to a power. Fails when the result is too great for a DOUBLE, on NaN and infinities.",
        &[("exp(0)", "1"), ("round(exp(1), 9)", "2.718281828"), ("exp(1000)", "fails: result-not-finite")]
    ),
    unary!(
        LN,
        "The natural logarithm. Fails on zero, negative numbers, NaN and infinities.",
        &[("ln(1)", "0"), ("ln(2)", "0.6931471805599453"), ("ln(0)", "fails: argument-out-of-range")]
    ),
    Function {
        aliases: &["log"],
        ..unary!(
            LOG10,
            "The logarithm of base 10. Fails on zero, negative numbers, NaN and infinities.",
            &[("log10(1000)", "3"), ("log(0.01)", "-2"), ("log10(-1)", "fails: argument-out-of-range")]
        )
    },
    unary!(
        LOG2,
        "The logarithm of base 2. Fails on zero, negative numbers, NaN and infinities.",
        &[("log2(8)", "3"), ("log2(0.5)", "-1"), ("log2(0)", "fails: argument-out-of-range")]
    ),
    Function {
        name: "power",
        aliases: &["pow"],
        params: &[Param::new("x", Kind::Double), Param::new("y", Kind::Double)],
        infer: infer_power,
        core: |_, args| power(args),
        cost: 40,
        docs: "The first number to the power of the second, as a DOUBLE; to the power of 0 every number is 1. Fails on zero to a \
               negative power, on a negative number to a power that is not whole, when the result is too great for a DOUBLE, on \
               NaN and infinities.",
        examples: &[
            ("power(2, 10)", "1024"),
            ("pow(2, 0.5)", "1.4142135623730951"),
            ("power(0, -1)", "fails: argument-out-of-range"),
            ("power(10, 400)", "fails: result-not-finite"),
        ],
        ..BASE
    },
    Function {
        name: "pi",
        params: &[],
        infer: |_| Ok(Facts::of_constant(Type::Double, Constant::Double(PI))),
        core: |_, _| Ok(Scalar::Double(PI)),
        cost: 1,
        docs: "The DOUBLE nearest to the ratio of a circle's circumference to its diameter.",
        examples: &[("pi()", "3.141592653589793"), ("pi() > 3", "true")],
        duckdb: "",
        ..BASE
    },
    unary!(
        SIN,
        "The sine of an angle in radians. Fails on NaN and infinities.",
        &[("sin(0)", "0"), ("sin(1)", "0.8414709848078965")]
    ),
    unary!(
        COS,
        "The cosine of an angle in radians. Fails on NaN and infinities.",
        &[("cos(0)", "1"), ("cos(1)", "0.5403023058681398")]
    ),
    unary!(
        TAN,
        "The tangent of an angle in radians. Fails on NaN and infinities.",
        &[("tan(0)", "0"), ("tan(1)", "1.5574077246549023")]
    ),
    unary!(
        ASIN,
        "The angle in radians whose sine this is. Fails outside of -1 to 1, on NaN and infinities.",
        &[("asin(1)", "1.5707963267948966"), ("asin(2)", "fails: argument-out-of-range")]
    ),
    unary!(
        ACOS,
        "The angle in radians whose cosine this is. Fails outside of -1 to 1, on NaN and infinities.",
        &[("acos(1)", "0"), ("acos(-1)", "3.141592653589793"), ("acos(2)", "fails: argument-out-of-range")]
    ),
    unary!(
        ATAN,
        "The angle in radians whose tangent this is. Fails on NaN and infinities.",
        &[("atan(0)", "0"), ("atan(1)", "0.7853981633974483")]
    ),
    Function {
        name: "atan2",
        params: &[Param::new("y", Kind::Double), Param::new("x", Kind::Double)],
        infer: infer_atan2,
        core: |_, args| atan2(args),
        docs: "The angle in radians from the positive x-axis to the point (x, y), between -pi and pi; 0 for the origin. Fails on \
               NaN and infinities.",
        examples: &[("atan2(1, 1)", "0.7853981633974483"), ("atan2(0, -1)", "3.141592653589793")],
        ..BASE
    },
    Function {
        cost: 3,
        ..unary!(
            DEGREES,
            "An angle in radians, in degrees. Fails when the result is too great for a DOUBLE, on NaN and infinities.",
            &[("degrees(pi())", "180"), ("degrees(0)", "0")]
        )
    },
    Function {
        cost: 3,
        ..unary!(
            RADIANS,
            "An angle in degrees, in radians. Fails on NaN and infinities.",
            &[("radians(180)", "3.141592653589793"), ("radians(0)", "0")]
        )
    },
];

fn power<'a>(args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::Double(x), Scalar::Double(y)] = args else { return Ok(Scalar::Null) };
    if !x.is_finite() || !y.is_finite() {
        return Err(Fault::NotFinite);
    }
    if (*x == 0.0 && *y < 0.0) || (*x < 0.0 && y.fract() != 0.0) {
        return Err(Fault::ArgumentOutOfRange);
    }
    finite(libm::pow(*x, *y))
}

fn infer_power(args: &[Facts]) -> Result<Facts, String> {
    let [x, y] = args else { return Err(takes("power", "two numbers")) };
    let ((x_low, x_high, x_faults), (y_low, y_high, y_faults)) = (span(x), span(y));
    // -0.0 to a negative odd power is the other infinity.
    let (x_low, x_high) = (x_low + 0.0, x_high + 0.0);
    let whole = y_low == y_high && y_low.fract() == 0.0;
    let from_zero = x_low <= 0.0 && x_high >= 0.0 && y_low < 0.0;
    let outside = when(from_zero || (x_low < 0.0 && !whole), Fault::ArgumentOutOfRange);
    // Where the base is not negative, powers rise or fall with either number: the extremes are at the corners.
    let corners = [(x_low, y_low), (x_low, y_high), (x_high, y_low), (x_high, y_high)].map(|(x, y)| libm::pow(x, y));
    let (least, most) = corners.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
    let ends = if x_low >= 0.0 {
        (below(least).max(0.0), above(most))
    } else if whole && y_low >= 0.0 {
        let even = libm::fmod(y_low, 2.0) == 0.0;
        let least = if even && x_high >= 0.0 { 0.0 } else { below(least) };
        (if even { least.max(0.0) } else { least }, above(most))
    } else {
        ALL
    };
    let (range, beyond) = finite_range(ends.0, ends.1);
    Ok(Facts::strict(args, Type::Double, range, x_faults.and(y_faults).and(outside).and(beyond)))
}

fn atan2<'a>(args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::Double(y), Scalar::Double(x)] = args else { return Ok(Scalar::Null) };
    if x.is_finite() && y.is_finite() { finite(libm::atan2(*y, *x)) } else { Err(Fault::NotFinite) }
}

fn infer_atan2(args: &[Facts]) -> Result<Facts, String> {
    let faults = args.iter().fold(Faults::NONE, |all, arg| all.and(span(arg).2));
    Ok(Facts::strict(args, Type::Double, Range::Double { low: -PI, high: PI, nan: false }, faults))
}
