//! A verdict as Open Observability Results (OORS v1): outcomes and counts, never data.
//!
//! Shape: Bitol RFC 0018. `error` is the absence of a verdict and stays apart from `fail`.

use super::Beside;
use super::clean::visible;
use super::undecided;
use super::view::View;
use super::words::{self, Standing, is_age, severity_word, standing};
use crate::{CanonicalError, Clause, Metric, Severity, Verdict, digest};
use serde_json::{Map, Number, Value, json};

/// A verdict could not be written as an OORS document.
#[derive(Debug)]
pub enum OorsError {
    /// The format demands the instant of the run, and `observed_at` was not given.
    ObservedAtMissing,
    /// The verdict has no canonical form, so no id can be made for its results.
    Canonical(CanonicalError),
}

impl std::fmt::Display for OorsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ObservedAtMissing => {
                f.write_str("an OORS document needs the instant of the run: give `observed_at`, RFC 3339")
            }
            Self::Canonical(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OorsError {}

impl From<CanonicalError> for OorsError {
    fn from(error: CanonicalError) -> Self {
        Self::Canonical(error)
    }
}

/// The verdict as an `ObservabilityResults` document: one result a clause, in the contract's order, with counts and without
/// a single value of the data. The `id` is made of the verdict's digest and `observed_at`, so the same run gives the same bytes.
pub fn oors(verdict: &Verdict, beside: &Beside) -> Result<String, OorsError> {
    let observed_at = beside.observed_at.as_deref().ok_or(OorsError::ObservedAtMissing)?;
    let view = View::new(verdict, beside);
    let mut results: Vec<Value> = verdict.clauses.iter().map(|c| result(verdict, c)).collect();
    results.extend(whole(&view));
    let document = json!({
        "apiVersion": "v1.0.0",
        "kind": "ObservabilityResults",
        "id": uuid(&format!("{} {observed_at}", verdict.digest()?)),
        "observedAt": visible(observed_at),
        "source": {"process": "guard-nb", "vendor": "guard_nb"},
        "contract": {
            "contractID": visible(&verdict.contract.id),
            "standard": "ODCS",
            "version": visible(&verdict.contract.version),
        },
        "results": results,
    });
    Ok(format!("{document:#}\n"))
}

/// A UUID of version 8 (RFC 9562: contents are ours) from the SHA-256 of `text`.
fn uuid(text: &str) -> String {
    let digest = digest(text.as_bytes());
    let mut hex: Vec<char> = digest.chars().skip("sha256:".len()).take(32).collect();
    // Version 8 in the 13th digit; the variant's two top bits in the 17th.
    for (at, digit) in [(12, '8'), (16, 'a')] {
        if let Some(place) = hex.get_mut(at) {
            *place = digit;
        }
    }
    let mut out = String::new();
    for (i, c) in hex.into_iter().enumerate() {
        if matches!(i, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(c);
    }
    out
}

fn result(verdict: &Verdict, clause: &Clause) -> Value {
    let mut out = Map::new();
    out.insert("id".into(), visible(&clause.id).into());
    out.insert("type".into(), if clause.metric.is_some() { "metric" } else { "check" }.into());
    out.insert("name".into(), visible(&clause.name).into());
    out.insert("status".into(), status(clause).into());
    out.insert("severity".into(), severity_word(clause.severity).into());
    if let Some(dimension) = &clause.dimension {
        out.insert("dimension".into(), visible(dimension).into());
    }
    out.insert("target".into(), target(verdict, clause));
    if let Some(measure) = measure(clause).filter(|_| standing(clause) != Standing::Unknown) {
        out.insert("measure".into(), measure);
    }
    out.insert("message".into(), message(clause).into());
    Value::Object(out)
}

fn status(clause: &Clause) -> &'static str {
    match (standing(clause), clause.severity) {
        (Standing::Pass, _) => "pass",
        (Standing::Fail, Severity::Error) => "fail",
        (Standing::Fail, _) => "warn",
        (Standing::Unknown, _) => "error",
        (Standing::Informational, _) => "skip",
    }
}

fn target(verdict: &Verdict, clause: &Clause) -> Value {
    let object = visible(&verdict.contract.object);
    let mut columns: Vec<Value> = clause.columns.iter().map(|c| format!("{object}.{}", visible(c)).into()).collect();
    match columns.len() {
        0 => json!({"resourceType": "table", "resourceIdentifier": object}),
        1 => json!({"resourceType": "column", "resourceIdentifier": columns.pop()}),
        _ => json!({"resourceType": "column", "resourceIdentifier": columns}),
    }
}

/// The count that decided; a clause that is unknown has none, since one within its threshold would read as a pass. Without tolerance the threshold is 0.
fn measure(clause: &Clause) -> Option<Value> {
    let Some(metric) = &clause.metric else {
        let failing = clause.failing?;
        return Some(
            json!({"metric": counted(&clause.kind), "value": failing, "threshold": {"mustBe": 0}, "unit": "rows"}),
        );
    };
    if is_age(&clause.kind) {
        return Some(age(clause, metric));
    }
    let value = match (metric.unit.as_str(), metric.of) {
        ("percent", 0) => json!(0),
        ("percent", of) => json!(metric.value as f64 * 100.0 / of as f64),
        _ => json!(metric.value),
    };
    let threshold: Vec<Value> = metric.threshold.iter().map(|t| digits(t)).collect();
    Some(measured(&metric.name, value, operator(metric, threshold), &metric.unit))
}

/// What the failing values of a kind are, in the words of the standard's metrics. Its `duplicateValues` counts n − d, not the
/// members of the groups (S2.8), so they are not called that.
fn counted(kind: &str) -> &str {
    match kind {
        "required" | "nullValues" => "nullValues",
        "missingValues" => kind,
        _ => "invalidValues",
    }
}

/// An age and its limit, both in milliseconds; calendar units have no fixed length, so their limit is only in the message.
fn age(clause: &Clause, metric: &Metric) -> Value {
    let limit = metric.threshold.first().and_then(|t| t.parse::<u64>().ok());
    let limit = limit.zip(milliseconds(&metric.unit)).and_then(|(n, unit)| n.checked_mul(unit));
    let threshold = limit.map_or_else(|| json!({}), |ms| operator(metric, vec![json!(ms)]));
    measured(if metric.name.is_empty() { &clause.kind } else { &metric.name }, json!(metric.value), threshold, "ms")
}

fn milliseconds(unit: &str) -> Option<u64> {
    Some(match unit {
        "ms" => 1,
        "s" | "sec" | "second" | "seconds" => 1_000,
        "min" | "minute" | "minutes" => 60_000,
        "h" | "hr" | "hour" | "hours" => 3_600_000,
        "d" | "day" | "days" => 86_400_000,
        "w" | "week" | "weeks" => 604_800_000,
        _ => return None,
    })
}

fn measured(metric: &str, value: Value, threshold: Value, unit: &str) -> Value {
    json!({"metric": visible(metric), "value": value, "threshold": threshold, "unit": visible(unit)})
}

fn operator(metric: &Metric, mut threshold: Vec<Value>) -> Value {
    let one = if threshold.len() == 1 { threshold.pop() } else { None };
    let mut out = Map::new();
    out.insert(visible(&metric.operator), one.unwrap_or(Value::Array(threshold)));
    Value::Object(out)
}

/// A threshold as a number, as text where it is none.
fn digits(text: &str) -> Value {
    serde_json::from_str::<Number>(text).map_or_else(|_| visible(text).into(), Value::Number)
}

fn message(clause: &Clause) -> String {
    match standing(clause) {
        Standing::Pass => format!("holds{}", undecided::aside(clause)),
        Standing::Informational => "states nothing that could fail".into(),
        Standing::Unknown => words::why(clause),
        Standing::Fail if clause.metric.is_some() => {
            format!("fails: {}{}", words::measure_sentence(clause), undecided::aside(clause))
        }
        Standing::Fail => format!("fails on {}{}", words::measure_sentence(clause), undecided::aside(clause)),
    }
}

/// A result for what no clause says: holes in the records, or a contract without clauses (the format wants one result).
fn whole(view: &View) -> Option<Value> {
    let target = json!({"resourceType": "table", "resourceIdentifier": visible(&view.verdict.contract.object)});
    let message = if !view.gaps.is_empty() {
        format!("records missing: {}", view.gaps.join("; "))
    } else if view.verdict.clauses.is_empty() {
        "the contract has no clauses".into()
    } else {
        return None;
    };
    let status = match (view.gaps.is_empty(), view.verdict.status) {
        (true, crate::Status::Accept) => "pass",
        (true, crate::Status::Reject) => "fail",
        _ => "error",
    };
    Some(
        json!({"id": "records", "type": "check", "name": "all records seen", "status": status, "severity": "error", "target": target, "message": message}),
    )
}
