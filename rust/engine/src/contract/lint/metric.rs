//! Quality rules.

use super::super::findings::{did_you_mean, quote};
use super::super::keys;
use super::super::number::Decimal;
use super::super::read::RuleLevel;
use super::super::reader::{At, Reader};
use super::super::{Operator, Quality, QualityKind};
use super::decimal;
use guard_verdict::Level;
use guard_verdict::codes::{contract as codes, plan};

const METRICS: &[&str] = &["nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"];
const SEVERITIES: &[&str] = &["error", "warning", "info"];
const DIMENSIONS: &[&str] =
    &["accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness"];

/// Lints one rule.
pub(crate) fn quality(at: &At<'_>, rule: &Quality, level: RuleLevel<'_>, reader: &mut Reader) {
    known(at, "severity", rule.severity.as_deref(), SEVERITIES, reader);
    known(at, "dimension", rule.dimension.as_deref(), DIMENSIONS, reader);
    operator_count(at, rule, reader);
    for operator in &rule.operators {
        swapped(at, operator, reader);
    }
    let QualityKind::Library { metric, .. } = &rule.kind else {
        return;
    };
    if !METRICS.contains(&metric.as_str()) {
        let help = match did_you_mean(metric, METRICS.iter().copied()) {
            Some(meant) => format!("did you mean {}?", quote(meant)),
            None => plan::METRIC_UNKNOWN.0.help.to_owned(),
        };
        let message = format!("the standard has no metric {}; the clause will be refused", quote(metric));
        let key = if at.node.get("metric").is_some() { "metric" } else { "rule" };
        reader.findings.add(
            plan::METRIC_UNKNOWN,
            Level::Warning,
            (at.span_of(key), at.path_of(key)),
            message,
            Some(help),
        );
        return;
    }
    placed(at, metric, &rule.kind, level, reader);
    unit(at, metric, rule.unit.as_deref(), reader);
    if let [operator] = rule.operators.as_slice() {
        reach(at, operator, rule.unit.as_deref() == Some("percent"), reader);
    }
}

fn known(at: &At<'_>, key: &str, written: Option<&str>, words: &[&str], reader: &mut Reader) {
    let Some(written) = written.filter(|written| !words.contains(written)) else {
        return;
    };
    let (code, tail) = match key {
        "severity" => (codes::SEVERITY_UNKNOWN, "; it counts as error"),
        _ => (codes::VALUE_UNKNOWN, ""),
    };
    let help = match did_you_mean(written, words.iter().copied()) {
        Some(meant) => format!("did you mean {}?", quote(meant)),
        None => format!("use one of {}", words.join(", ")),
    };
    let message = format!("{} is no {key} of the standard{tail}", quote(written));
    reader.findings.add(code, Level::Warning, (at.span_of(key), at.path_of(key)), message, Some(help));
}

fn operator_count(at: &At<'_>, rule: &Quality, reader: &mut Reader) {
    let written = keys::OPERATORS.iter().filter(|name| at.node.get(name).is_some()).count();
    let message = match (&rule.kind, written) {
        (QualityKind::Library { .. } | QualityKind::Sql { .. }, 0) => {
            "the rule has no operator; it will be refused".to_owned()
        }
        (QualityKind::Library { .. } | QualityKind::Sql { .. }, 2..) => {
            let names: Vec<String> = rule.operators.iter().map(|operator| quote(&operator.name)).collect();
            format!("the rule has {written} operators ({}); it will be refused", names.join(", "))
        }
        (QualityKind::Custom { .. } | QualityKind::Text, 1..) => {
            let message = "operators have no effect on rules of this type".to_owned();
            return reader.report(codes::KEY_UNKNOWN, Level::Warning, at, message);
        }
        _ => return,
    };
    reader.report(plan::OPERATOR_MISSING, Level::Warning, at, message);
}

fn swapped(at: &At<'_>, operator: &Operator, reader: &mut Reader) {
    let [low, high] = operator.operands.as_slice() else {
        return;
    };
    if decimal(low) > decimal(high) {
        let message = format!("the operands of {} are swapped", quote(&operator.name));
        reader.report_key(codes::BOUNDS_SWAPPED, Level::Error, at, &operator.name, message);
    }
}

/// Lints the arguments of a metric against those that it reads.
pub(crate) fn arguments(at: &At<'_>, metric: &str, reader: &mut Reader) {
    reader.shapes(at, keys::ARGUMENTS);
    if !METRICS.contains(&metric) {
        return;
    }
    let known: &[&str] = match metric {
        "missingValues" => &["missingValues"],
        "invalidValues" => &["validValues", "pattern"],
        "duplicateValues" => &["properties"],
        _ => &[],
    };
    for entry in at.node.entries().iter().filter(|entry| !known.contains(&entry.key.as_str())) {
        let message = format!("{} has no argument {}", quote(metric), quote(&entry.key));
        let help = match did_you_mean(&entry.key, known.iter().copied()) {
            Some(meant) => Some(format!("did you mean {}?", quote(meant))),
            None if known.is_empty() => Some("remove the argument: this metric takes none".to_owned()),
            None => Some(format!("use {}", known.join(" or "))),
        };
        let place = (entry.span, at.path_of(&entry.key));
        reader.findings.add(codes::ARGUMENT_UNKNOWN, Level::Warning, place, message, help);
    }
}

fn placed(at: &At<'_>, metric: &str, kind: &QualityKind, level: RuleLevel<'_>, reader: &mut Reader) {
    let QualityKind::Library { valid_values, pattern, properties, .. } = kind else {
        return;
    };
    let fault = match (level, metric) {
        (RuleLevel::Property, "rowCount") => Some("`rowCount` counts the rows of an object, not of a property"),
        (RuleLevel::Object(_), "nullValues" | "missingValues" | "invalidValues") => {
            Some("this metric counts the values of a property, not of an object")
        }
        (RuleLevel::Object(_), "duplicateValues") if properties.as_ref().is_none_or(Vec::is_empty) => {
            Some("`duplicateValues` on an object needs `arguments.properties`")
        }
        _ => None,
    };
    if let Some(fault) = fault {
        reader.report(codes::METRIC_LEVEL, Level::Error, at, fault.to_owned());
    }
    // A pattern that does not compile was reported as such.
    let has_pattern = at.node.get("arguments").is_some_and(|arguments| arguments.get("pattern").is_some());
    if metric == "invalidValues" && valid_values.is_none() && pattern.is_none() && !has_pattern {
        let message = "`invalidValues` has neither `validValues` nor `pattern`, so it can never fail".to_owned();
        reader.report(codes::ARGUMENT_MISSING, Level::Error, at, message);
    }
    if let (RuleLevel::Object(object), Some(properties), "duplicateValues") = (level, properties, metric) {
        columns(at, object, properties, reader);
    }
}

fn columns(at: &At<'_>, object: &str, properties: &[String], reader: &mut Reader) {
    let missing =
        |name: &&String| reader.index.objects.called(object).is_none_or(|object| !object.properties.hold(name));
    for name in properties.iter().filter(missing).collect::<Vec<_>>() {
        let message = format!("{} is no property of {}", quote(name), quote(object));
        reader.report_key(codes::REFERENCE_DANGLING, Level::Error, at, "arguments", message);
    }
}

fn unit(at: &At<'_>, metric: &str, unit: Option<&str>, reader: &mut Reader) {
    match unit {
        Some("percent") if metric == "rowCount" => {
            reader.report_key(
                codes::UNIT_MISPLACED,
                Level::Warning,
                at,
                "unit",
                "`rowCount` has no share in percent".to_owned(),
            );
        }
        None | Some("percent" | "rows") => {}
        Some(other) => {
            let message = format!("the unit {} is not known for metrics", quote(other));
            let help = "write `rows` or `percent`".to_owned();
            reader.findings.add(
                plan::UNIT_UNKNOWN,
                Level::Warning,
                (at.span_of("unit"), at.path_of("unit")),
                message,
                Some(help),
            );
        }
    }
}

/// Reports thresholds that every or no table meets: counts lie in 0…, shares in 0…100.
fn reach(at: &At<'_>, operator: &Operator, percent: bool, reader: &mut Reader) {
    let operands: Vec<Decimal> = operator.operands.iter().filter_map(decimal).collect();
    let (Some(first), Some(last)) = (operands.first(), operands.last()) else {
        return;
    };
    let low = Decimal::whole(0);
    let high = percent.then(|| Decimal::whole(100));
    let above = |number: &Decimal| high.as_ref().is_some_and(|high| number > high);
    let at_top = |number: &Decimal| high.as_ref().is_some_and(|high| number >= high);
    let unreachable = first < &low || above(first) || (!percent && !first.is_whole());
    let (never_fails, never_passes) = match operator.name.as_str() {
        "mustBe" => (false, unreachable),
        "mustNotBe" => (unreachable, false),
        "mustBeGreaterThan" => (first < &low, at_top(first)),
        "mustBeGreaterOrEqualTo" => (first <= &low, above(first)),
        "mustBeLessThan" => (above(first), first <= &low),
        "mustBeLessOrEqualTo" => (at_top(first), first < &low),
        "mustBeBetween" => (first <= &low && at_top(last), last < &low || above(first)),
        "mustNotBeBetween" => (last < &low || above(first), first <= &low && at_top(last)),
        _ => return,
    };
    let what = if percent { "a share from 0 to 100" } else { "a count from 0 up" };
    let (code, word) = match (never_fails, never_passes) {
        (true, _) => (codes::RULE_NEVER_FAILS, "always holds"),
        (_, true) => (codes::RULE_NEVER_PASSES, "never holds"),
        _ => return,
    };
    let message = format!("{} {word} for {what}", quote(&operator.name));
    reader.report_key(code, Level::Warning, at, &operator.name, message);
}
