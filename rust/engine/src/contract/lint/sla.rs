//! Service levels that are judged against data: freshness, latency and retention.

use super::super::findings::quote;
use super::super::number::Decimal;
use super::super::reader::{At, Reader};
use super::super::{Scalar, Sla};
use guard_verdict::Level;
use guard_verdict::codes::{contract as codes, plan};

const UNITS: &[&str] = &[
    "ms",
    "millisecond",
    "milliseconds",
    "s",
    "sec",
    "second",
    "seconds",
    "min",
    "minute",
    "minutes",
    "h",
    "hr",
    "hour",
    "hours",
    "d",
    "day",
    "days",
    "w",
    "week",
    "weeks",
    "mo",
    "month",
    "months",
    "y",
    "yr",
    "year",
    "years",
];

/// Lints one entry of `slaProperties`.
pub(crate) fn sla(at: &At<'_>, entry: &Sla, reader: &mut Reader) {
    if !matches!(entry.property.as_str(), "freshness" | "latency" | "retention") {
        return;
    }
    let positive = match &entry.value {
        Scalar::Number(digits) => Decimal::parse(digits).is_some_and(|number| number > Decimal::whole(0)),
        _ => false,
    };
    if !positive && at.node.get("value").is_some() {
        let message = format!("the value of {} must be a number above 0", quote(&entry.property));
        reader.report_key(codes::SLA_VALUE, Level::Warning, at, "value", message);
    }
    unit(at, entry, reader);
    element(at, entry, reader);
}

fn unit(at: &At<'_>, entry: &Sla, reader: &mut Reader) {
    let (code, message) = match entry.unit.as_deref() {
        Some("m") => (plan::UNIT_AMBIGUOUS, "`m` may mean minutes or months; the clause will be refused".to_owned()),
        Some(unit) if !UNITS.contains(&unit) => (plan::UNIT_UNKNOWN, format!("the unit {} is not known", quote(unit))),
        None => (plan::UNIT_UNKNOWN, format!("{} states no unit", quote(&entry.property))),
        Some(_) => return,
    };
    reader.report_key(code, Level::Warning, at, "unit", message);
}

fn element(at: &At<'_>, entry: &Sla, reader: &mut Reader) {
    if entry.elements.is_empty() {
        let message = format!("{} names no element to look at", quote(&entry.property));
        reader.report_key(plan::ELEMENT_UNKNOWN, Level::Warning, at, "element", message);
    }
    for element in &entry.elements {
        let bare = reader.index.only_object().is_some_and(|object| object.properties.hold(element));
        if !bare && reader.index.resolve(element).is_none() {
            let message = format!("the element {} names no property of this document", quote(element));
            reader.report_key(plan::ELEMENT_UNKNOWN, Level::Warning, at, "element", message);
        }
    }
}
