//! Bounds that cannot be read, and pairs of bounds that leave nothing between them.

use super::super::findings::quote;
use super::super::number::Decimal;
use super::super::reader::{At, Reader};
use super::super::{LogicalType, Scalar, Spanned, TypeOption};
use guard_verdict::Level;
use guard_verdict::codes::{contract as codes, plan};
use jiff::civil;

/// A bound in its type's order.
#[derive(Debug, PartialEq, PartialOrd)]
enum Bound {
    Number(Decimal),
    Date(civil::Date),
    Zoned(jiff::Timestamp),
    Local(civil::DateTime),
    Time(civil::Time),
}

/// Lints minimum, maximum and their exclusive forms.
pub(super) fn bounds(at: &At<'_>, logical: LogicalType, options: &[Spanned<TypeOption>], reader: &mut Reader) {
    let mut lower: Vec<(&'static str, Bound, bool)> = Vec::new();
    let mut upper: Vec<(&'static str, Bound, bool)> = Vec::new();
    for option in options {
        let (name, scalar, exclusive, side) = match &option.value {
            TypeOption::Minimum(scalar) => ("minimum", scalar, false, &mut lower),
            TypeOption::Maximum(scalar) => ("maximum", scalar, false, &mut upper),
            TypeOption::ExclusiveMinimum(scalar) => ("exclusiveMinimum", scalar, true, &mut lower),
            TypeOption::ExclusiveMaximum(scalar) => ("exclusiveMaximum", scalar, true, &mut upper),
            _ => continue,
        };
        match read(scalar, logical) {
            Some(bound) => side.push((name, bound, exclusive)),
            None => unreadable(at, name, logical, reader),
        }
    }
    for (low_name, low, low_exclusive) in &lower {
        for (high_name, high, high_exclusive) in &upper {
            let empty = match low.partial_cmp(high) {
                Some(std::cmp::Ordering::Greater) => std::mem::discriminant(low) == std::mem::discriminant(high),
                Some(std::cmp::Ordering::Equal) => *low_exclusive || *high_exclusive,
                _ => false,
            };
            if empty {
                let message = format!("no value lies between {} and {}", quote(low_name), quote(high_name));
                reader.report_key(codes::BOUNDS_SWAPPED, Level::Error, at, low_name, message);
            }
        }
    }
}

fn read(scalar: &Scalar, logical: LogicalType) -> Option<Bound> {
    match (logical, scalar) {
        (LogicalType::Integer | LogicalType::Number, scalar) => super::decimal(scalar).map(Bound::Number),
        (LogicalType::Date, Scalar::Text(text)) => text.parse().ok().map(Bound::Date),
        (LogicalType::Time, Scalar::Text(text)) => text.parse().ok().map(Bound::Time),
        (LogicalType::Timestamp, Scalar::Text(text)) => {
            let zoned = text.parse().ok().map(Bound::Zoned);
            zoned.or_else(|| text.parse().ok().map(Bound::Local))
        }
        _ => None,
    }
}

fn unreadable(at: &At<'_>, name: &str, logical: LogicalType, reader: &mut Reader) {
    let written = at.node.text_of(name).unwrap_or_default();
    let (noun, example) = match logical {
        LogicalType::Date => ("a date", "\"2026-01-31\""),
        LogicalType::Time => ("a time", "\"09:30:00\""),
        LogicalType::Timestamp => ("a timestamp", "\"2026-01-31T09:30:00Z\""),
        _ => ("a number", "10"),
    };
    // A stated format may explain how the bound is written; then the clause is refused instead.
    let dated = matches!(logical, LogicalType::Date | LogicalType::Time | LogicalType::Timestamp);
    let level = if dated && at.node.get("format").is_some() { Level::Warning } else { Level::Error };
    let message = format!("{} of {} cannot be read as {noun}", quote(written), quote(name));
    let help = format!("write it as in `{name}: {example}`");
    reader.findings.add(plan::BOUND_UNREADABLE, level, (at.span_of(name), at.path_of(name)), message, Some(help));
}

/// Lints a pair of counts such as `minLength` and `maxLength`.
pub(super) fn counts(at: &At<'_>, low: (&str, Option<u64>), high: (&str, Option<u64>), reader: &mut Reader) {
    if let ((low_name, Some(low)), (high_name, Some(high))) = (low, high)
        && low > high
    {
        let message = format!("{} is {low}, above {} {high}", quote(low_name), quote(high_name));
        reader.report_key(codes::BOUNDS_SWAPPED, Level::Error, at, low_name, message);
    }
}
