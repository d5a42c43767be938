//! A check spec typed against a column.

use arrow_schema::{DataType, TimeUnit};
use num_bigint::BigInt;

use super::exact::Exact;
use super::length::Length;
use super::multiple::{RealMultiple, WholeMultiple};
use super::native::{Half, Native, Real, Whole};
use super::nested::{self, Items, Properties};
use super::range::{Interval, Range};
use super::rows::{Always, Kernel, Never};
use super::typed::{self, by_storage};
use super::{CheckSpec, Literal, Refusal, Side};
use super::{format, search, set};

/// A check bound to a column's type.
pub struct Check {
    pub(super) work: Work,
    /// Whether NULL rows fail.
    pub(super) nulls_fail: bool,
}

pub(super) enum Work {
    Interval(Box<dyn Interval>),
    Kernel(Box<dyn Kernel>),
}

impl Work {
    pub(super) fn never() -> Work {
        Work::Kernel(Box::new(Never))
    }

    fn always() -> Work {
        Work::Kernel(Box::new(Always))
    }

    fn range<N: Native>(range: Range<N>) -> Work {
        Work::Interval(Box::new(range))
    }
}

impl Check {
    /// Types `spec` against `data_type`. A dictionary counts as its values' type; on the null type every check binds that
    /// can be read at all.
    ///
    /// # Errors
    /// [`Refusal`] when the check has no meaning on the type, or its literals, format or pattern cannot be read.
    pub fn bind(spec: &CheckSpec, data_type: &DataType) -> Result<Check, Refusal> {
        if let DataType::Dictionary(_, values) = data_type {
            return Check::bind(spec, values);
        }
        let nulls_fail = match spec {
            CheckSpec::NotNull => true,
            CheckSpec::NoneOf { literals, null } => *null || literals.contains(&Literal::Null),
            _ => false,
        };
        Ok(Check { work: work(spec, data_type)?, nulls_fail })
    }
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Check").field("nulls_fail", &self.nulls_fail).finish_non_exhaustive()
    }
}

fn work(spec: &CheckSpec, data_type: &DataType) -> Result<Work, Refusal> {
    match spec {
        CheckSpec::NotNull => return Ok(Work::never()),
        CheckSpec::Format(name) => format::known(name)?,
        CheckSpec::Pattern(text) => return search::bind(text, data_type).map(Work::Kernel),
        CheckSpec::IntegerFormat(name) => {
            number_format(name)?;
        }
        _ => {}
    }
    if *data_type == DataType::Null {
        return Ok(Work::never());
    }
    match spec {
        CheckSpec::NotNull => Ok(Work::never()),
        CheckSpec::Finite => finite(data_type),
        CheckSpec::Calendar => Ok(in_calendar(data_type)),
        CheckSpec::Bound { side, inclusive, literal } => bound(*side, *inclusive, literal, data_type),
        CheckSpec::IntegerFormat(name) => integer_format(name, data_type),
        CheckSpec::MultipleOf(number) => multiple(number, data_type),
        CheckSpec::MinLength(least) => length(*least, u64::MAX, data_type),
        CheckSpec::MaxLength(greatest) => length(0, *greatest, data_type),
        CheckSpec::Pattern(text) => search::bind(text, data_type).map(Work::Kernel),
        CheckSpec::Format(name) => format::bind(name, data_type).map(Work::Kernel),
        CheckSpec::OneOf(literals) => set::bind_allowed(literals, data_type).map(Work::Kernel),
        CheckSpec::NoneOf { literals, .. } => Ok(none_of(literals, data_type)),
        CheckSpec::MinItems(least) => items(*least, u64::MAX, data_type),
        CheckSpec::MaxItems(greatest) => items(0, *greatest, data_type),
        CheckSpec::Dimensions(count) => items(*count, *count, data_type),
        CheckSpec::UniqueItems => nested::unique_items(data_type).map(Work::Kernel),
        CheckSpec::MinProperties(least) => properties(*least, u64::MAX, data_type),
        CheckSpec::MaxProperties(greatest) => properties(0, *greatest, data_type),
        CheckSpec::RequiredProperties(names) => nested::required(names, data_type).map(Work::Kernel),
        CheckSpec::Timezone(wanted) => timezone(*wanted, data_type),
    }
}

/// The refusal of a check that does not read this type.
pub(super) fn misplaced(what: &str, data_type: &DataType) -> Refusal {
    let text = format!("{what} on {}", typed::name(data_type));
    if typed::is_exotic(data_type) { Refusal::NotSupported(text) } else { Refusal::Misplaced(text) }
}

fn finite(data_type: &DataType) -> Result<Work, Refusal> {
    match data_type {
        DataType::Float16 => Ok(Work::range(Range::<Half>::finite())),
        DataType::Float32 => Ok(Work::range(Range::<f32>::finite())),
        DataType::Float64 => Ok(Work::range(Range::<f64>::finite())),
        DataType::RunEndEncoded(_, _) => Err(misplaced("a finite number", data_type)),
        _ => Ok(Work::never()),
    }
}

/// The range of a temporal type in which values have a text; a unit that holds less than that holds all of it.
fn in_calendar(data_type: &DataType) -> Work {
    const DAY: i64 = 86_400;
    // 0001-01-01 and 9999-12-31.
    const DAYS: (i64, i64) = (-719_162, 2_932_896);
    let per_second = |unit: &TimeUnit| match unit {
        TimeUnit::Second => 1_i64,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    };
    let instants = |ticks: i64| {
        let day = BigInt::from(DAY * ticks);
        (BigInt::from(DAYS.0) * &day, BigInt::from(DAYS.1 + 1) * day - 1)
    };
    let (least, most) = match data_type {
        DataType::Date32 => (DAYS.0.into(), DAYS.1.into()),
        DataType::Date64 => instants(1_000),
        DataType::Timestamp(unit, _) => instants(per_second(unit)),
        DataType::Time32(unit) | DataType::Time64(unit) => (BigInt::ZERO, (DAY * per_second(unit) - 1).into()),
        _ => return Work::never(),
    };
    match data_type {
        DataType::Date32 | DataType::Time32(_) => Work::range(Range::<i32>::between(&least, &most)),
        _ => Work::range(Range::<i64>::between(&least, &most)),
    }
}

fn bound(side: Side, inclusive: bool, literal: &Literal, data_type: &DataType) -> Result<Work, Refusal> {
    fn whole<N: Whole>(side: Side, inclusive: bool, literal: &Literal, data_type: &DataType) -> Result<Work, Refusal> {
        let place = typed::place(literal, data_type)?;
        Ok(Work::range(Range::<N>::of_place(side, inclusive, &place)))
    }
    fn real<N: Real>(side: Side, inclusive: bool, literal: &Literal, data_type: &DataType) -> Result<Work, Refusal> {
        Range::<N>::of_exact(side, inclusive, &typed::number(literal, data_type)?)
            .map(Work::range)
            .ok_or_else(|| typed::unreadable(literal, data_type))
    }
    by_storage!(data_type, N,
        whole => whole::<N>(side, inclusive, literal, data_type),
        real => real::<N>(side, inclusive, literal, data_type),
        other => Err(misplaced("a bound", data_type))
    )
}

/// The greatest and least integer of a format's values.
fn number_format(name: &str) -> Result<(BigInt, BigInt), Refusal> {
    let unknown = || Refusal::FormatUnknown(format!("`{name}` is no number format"));
    let power = |bits: u32| BigInt::from(1) << bits;
    // The greatest finite value is a mantissa of ones at the greatest exponent.
    let float = |mantissa: u32, shift: u32| {
        let greatest: BigInt = (power(mantissa) - 1) << shift;
        Ok((-greatest.clone(), greatest))
    };
    let rounded = || -> BigInt { ((power(25) - BigInt::from(1)) << 103_u32) - BigInt::from(1) };
    let (signed, width) = match name {
        // What rounds to that value has its shortest digits: 3.4028235e38 is above the value itself.
        "f32" => return Ok((-rounded(), rounded())),
        "f64" => return float(53, 971),
        "i8" | "i16" | "i32" | "i64" | "i128" => (true, name.trim_start_matches('i')),
        "u8" | "u16" | "u32" | "u64" | "u128" => (false, name.trim_start_matches('u')),
        _ => return Err(unknown()),
    };
    let width: u32 = width.parse().map_err(|_| unknown())?;
    if signed { Ok((-power(width - 1), power(width - 1) - 1)) } else { Ok((BigInt::ZERO, power(width) - 1)) }
}

fn integer_format(name: &str, data_type: &DataType) -> Result<Work, Refusal> {
    if !typed::is_number(data_type) {
        return Err(misplaced("a number format", data_type));
    }
    let (least, greatest) = number_format(name)?;
    let exact = |value: &BigInt| Exact::parse(&value.to_string());
    let (Some(least), Some(greatest)) = (exact(&least), exact(&greatest)) else {
        return Err(Refusal::FormatUnknown(format!("`{name}` is no number format")));
    };
    fn whole<N: Whole>(least: &Exact, greatest: &Exact, data_type: &DataType) -> Option<Range<N>> {
        let scale = typed::scale(data_type);
        let (least, greatest) = (least.place(scale).floor, greatest.place(scale).floor);
        Some(Range::<N>::between(&least, &greatest))
    }
    fn real<N: Real>(least: &Exact, greatest: &Exact, spare_non_finite: bool) -> Option<Range<N>> {
        let lower = Range::<N>::of_exact(Side::Lower, true, least)?;
        Some(Range { hi: Range::<N>::of_exact(Side::Upper, true, greatest)?.hi, spare_non_finite, ..lower })
    }
    by_storage!(data_type, N,
        whole => whole::<N>(&least, &greatest, data_type).map(Work::range),
        real => real::<N>(&least, &greatest, name.starts_with('f')).map(Work::range),
        other => None
    )
    .ok_or_else(|| misplaced("a number format", data_type))
}

fn multiple(number: &str, data_type: &DataType) -> Result<Work, Refusal> {
    if !typed::is_number(data_type) {
        return Err(misplaced("a multiple", data_type));
    }
    let divisor = Exact::parse(number)
        .filter(Exact::is_positive)
        .ok_or_else(|| Refusal::BoundUnreadable(format!("`{number}` is no number greater than 0")))?;
    let scale = typed::scale(data_type);
    by_storage!(data_type, N,
        whole => Ok(Work::Kernel(Box::new(WholeMultiple::<N>::new(&divisor, scale)))),
        real => Ok(Work::Kernel(Box::new(RealMultiple::<N>::new(&divisor)))),
        other => Err(misplaced("a multiple", data_type))
    )
}

fn length(least: u64, greatest: u64, data_type: &DataType) -> Result<Work, Refusal> {
    let scalars = typed::is_text(data_type);
    if scalars || typed::is_binary(data_type) {
        Ok(Work::Kernel(Box::new(Length { least, greatest, scalars })))
    } else {
        Err(misplaced("a length", data_type))
    }
}

/// One list of missing values serves columns of many types: members that this type cannot hold match nothing (S2.15).
fn none_of(literals: &[Literal], data_type: &DataType) -> Work {
    set::bind(literals, data_type, true).map_or_else(|_| Work::never(), Work::Kernel)
}

fn items(least: u64, greatest: u64, data_type: &DataType) -> Result<Work, Refusal> {
    if typed::is_list(data_type) {
        Ok(Work::Kernel(Box::new(Items { least, greatest })))
    } else {
        Err(misplaced("a count of items", data_type))
    }
}

fn properties(least: u64, greatest: u64, data_type: &DataType) -> Result<Work, Refusal> {
    if matches!(data_type, DataType::Struct(_) | DataType::Map(_, _)) {
        Ok(Work::Kernel(Box::new(Properties { least, greatest })))
    } else {
        Err(misplaced("a count of properties", data_type))
    }
}

fn timezone(wanted: bool, data_type: &DataType) -> Result<Work, Refusal> {
    let has = match data_type {
        DataType::Timestamp(_, zone) => zone.is_some(),
        DataType::Time32(_) | DataType::Time64(_) => false,
        _ => return Err(misplaced("a time zone", data_type)),
    };
    Ok(if has == wanted { Work::never() } else { Work::always() })
}
