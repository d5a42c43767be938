//! Service levels on the age of data (S4).

use super::clause::{AgeLimit, Judge};
use super::compile::{Compiler, Draft};
use super::options::shown;
use super::property::Slot;
use super::{AgeTask, ColumnPath, types};
use crate::contract::Sla;
use crate::number::Decimal;
use arrow_schema::DataType;
use guard_verdict::{Code, Scope, codes};
use jiff::{Span, Timestamp, tz::TimeZone};

/// Reads an instant as RFC 3339 with a zone.
pub fn parse_as_of(text: &str) -> Option<Timestamp> {
    text.trim().parse().ok()
}

enum Unit {
    Nanoseconds(i64),
    Months(i64),
}

impl Compiler<'_> {
    /// Adds the clauses of `slaProperties` that concern this object.
    pub fn service_levels(&mut self) {
        let contract = self.contract;
        for sla in &contract.sla {
            let prefix = format!("{}.", self.object.name);
            let alone = contract.objects.len() == 1;
            let mine = |element: &String| match element.strip_prefix(&prefix) {
                Some(column) => Some(column.to_owned()),
                None => (alone && !element.is_empty()).then(|| element.clone()),
            };
            let columns: Vec<String> = sla.elements.iter().filter_map(mine).collect();
            match sla.property.to_ascii_lowercase().as_str() {
                kind @ ("freshness" | "latency" | "retention") => self.age(sla, kind, &columns),
                _ => {
                    let draft = self.sla_draft(sla, "sla", sla.property.clone(), Vec::new());
                    self.add_informational(draft);
                }
            }
        }
    }

    fn is_elsewhere(&self, element: &str) -> bool {
        let named = element.split_once('.').and_then(|(object, _)| self.contract.object(object));
        named.is_some_and(|object| object.name != self.object.name)
    }

    fn sla_draft(&self, sla: &Sla, kind: &'static str, name: String, columns: Vec<String>) -> Draft {
        let tail = sla.id.as_deref().unwrap_or(&sla.property);
        Draft {
            columns,
            scope: Scope::Table,
            ..Draft::record(self.id("", &format!("sla.{tail}")), kind, name, "", sla.span.line)
        }
    }

    fn age(&mut self, sla: &Sla, kind: &str, columns: &[String]) {
        let kind = ["freshness", "latency"].into_iter().find(|known| *known == kind).unwrap_or("retention");
        let unit = sla.unit.as_deref().map(|unit| format!(" {unit}")).unwrap_or_default();
        let name = format!("{kind} ≤ {}{unit}", shown(&sla.value));
        if columns.is_empty() {
            // A level on another object of the contract is a clause of that object; every other one is a clause of this.
            if sla.elements.is_empty() || !sla.elements.iter().all(|element| self.is_elsewhere(element)) {
                let draft = self.sla_draft(sla, kind, name, Vec::new());
                self.add_refused(draft, codes::plan::ELEMENT_UNKNOWN, "`element` names no column of an object");
            }
            return;
        }
        for column in columns {
            let known = if self.declares(column) { vec![column.clone()] } else { Vec::new() };
            let draft = self.sla_draft(sla, kind, name.clone(), known);
            match self.age_limit(sla, kind, column) {
                Ok((path, limit)) => {
                    let clause = self.add(Draft { judge: Judge::Age(limit), ..draft });
                    self.ages.push(AgeTask { clause, column: path });
                }
                Err((code, reason)) => {
                    self.add_refused(draft, code, reason);
                }
            }
        }
    }

    fn age_limit(&self, sla: &Sla, kind: &str, column: &str) -> Result<(ColumnPath, AgeLimit), (Code, String)> {
        if !self.declares(column) {
            let reason = format!("`{column}` is no column of `{}`", self.object.name);
            return Err((codes::plan::ELEMENT_UNKNOWN, reason));
        }
        let no_unit = || (codes::plan::UNIT_UNKNOWN, "no unit is written".to_owned());
        let unit_text = sla.unit.as_deref().ok_or_else(no_unit)?;
        let unit = unit(unit_text)?;
        let path = match self.slot_of(column) {
            Slot::At(path) if is_instant(&path.data_type) => path,
            Slot::At(path) => {
                let reason = format!("`{column}` holds {}, not dates or timestamps", types::holds(&path.data_type));
                return Err((codes::data::TYPE_MISMATCH, reason));
            }
            Slot::Inside { .. } => return Err((codes::plan::ELEMENT_UNKNOWN, format!("`{column}` is inside a list"))),
            Slot::Refused(code, reason) => return Err((code, reason)),
        };
        let digits = shown(&sla.value);
        let as_of = self.options.as_of.ok_or((codes::plan::AS_OF_MISSING, "no `as_of` was given".to_owned()))?;
        let limit = subtract(as_of, &digits, &unit).ok_or_else(|| {
            (codes::plan::BOUND_UNREADABLE, format!("`{digits} {unit_text}` is no span of time before `as_of`"))
        })?;
        let limit = AgeLimit {
            property: kind.to_owned(),
            limit,
            as_of: as_of.as_nanosecond(),
            newest: kind != "retention",
            unit: unit_text.to_owned(),
            value: digits,
        };
        Ok((path, limit))
    }
}

fn is_instant(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 | DataType::Null)
}

/// S4.2.
fn unit(text: &str) -> Result<Unit, (Code, String)> {
    const SECOND: i64 = 1_000_000_000;
    Ok(match text {
        "ms" | "millisecond" | "milliseconds" => Unit::Nanoseconds(1_000_000),
        "s" | "sec" | "second" | "seconds" => Unit::Nanoseconds(SECOND),
        "min" | "minute" | "minutes" => Unit::Nanoseconds(60 * SECOND),
        "h" | "hr" | "hour" | "hours" => Unit::Nanoseconds(3600 * SECOND),
        "d" | "day" | "days" => Unit::Nanoseconds(86_400 * SECOND),
        "w" | "week" | "weeks" => Unit::Nanoseconds(604_800 * SECOND),
        "mo" | "month" | "months" => Unit::Months(1),
        "y" | "yr" | "year" | "years" => Unit::Months(12),
        "m" => {
            let reason = "`m` means minutes to some tools and months to others".to_owned();
            return Err((codes::plan::UNIT_AMBIGUOUS, reason));
        }
        other => return Err((codes::plan::UNIT_UNKNOWN, format!("`{other}` is no unit of time"))),
    })
}

fn subtract(as_of: Timestamp, digits: &str, unit: &Unit) -> Option<i128> {
    let value = Decimal::parse(digits)?;
    match unit {
        Unit::Nanoseconds(factor) => as_of.as_nanosecond().checked_sub(value.scaled(*factor)?),
        Unit::Months(factor) => {
            let months = value.to_i64()?.checked_mul(*factor)?;
            let span = Span::new().try_months(months).ok()?;
            let earlier = as_of.to_zoned(TimeZone::UTC).checked_sub(span).ok()?;
            Some(earlier.timestamp().as_nanosecond())
        }
    }
}
