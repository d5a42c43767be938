//! The clauses of `quality`: library metrics, and the rules that are not executed here.

use super::ColumnTask;
use super::clause::{Judge, Threshold};
use super::compile::{Compiler, Draft};
use super::options::{literal, shown};
use super::property::Slot;
use crate::contract::{Operator, Quality, QualityKind, Scalar};
use crate::number::Decimal;
use guard_kernels::check::{CheckSpec, Literal};
use guard_verdict::{Code, Scope, Severity, codes};

/// A draft, or the reason why the rule cannot be executed.
pub(super) type Refusable<T> = Result<T, (Code, String)>;

impl Compiler<'_> {
    /// Adds the clause of a property's quality rule.
    pub fn property_quality(
        &mut self,
        quality: &Quality,
        index: usize,
        values: &Slot,
        path: &str,
        task: &mut ColumnTask,
    ) {
        let QualityKind::Library { metric, .. } = &quality.kind else {
            self.other_rule(quality, index, path, Some(values));
            return;
        };
        let (draft, problem) = self.metric_draft(quality, metric, index, path);
        let problem = refused(values).or(problem);
        if let Some((code, reason)) = problem {
            self.add_refused(draft, code, reason);
            return;
        }
        match metric.as_str() {
            "nullValues" => {
                self.value_clause(draft, &[CheckSpec::NotNull], values, task);
            }
            "missingValues" => {
                self.value_clause(draft, &[missing(quality)], values, task);
            }
            "invalidValues" => self.invalid_values(draft, quality, values, task),
            "duplicateValues" => self.key_clause(draft, vec![values.clone()], false),
            _ => {
                self.add_refused(draft, codes::plan::METRIC_UNKNOWN, format!("`{metric}` is no metric of a property"));
            }
        }
    }

    fn invalid_values(&mut self, draft: Draft, quality: &Quality, values: &Slot, task: &mut ColumnTask) {
        let QualityKind::Library { valid_values, pattern, .. } = &quality.kind else { return };
        let valid = valid_values.as_ref().map(|valid| CheckSpec::OneOf(valid.iter().map(literal).collect()));
        let specs: Vec<_> = valid.into_iter().chain(pattern.clone().map(CheckSpec::Pattern)).collect();
        if specs.is_empty() {
            let reason = "neither `validValues` nor `pattern` says what is valid";
            self.add_refused(draft, codes::plan::BOUND_UNREADABLE, reason);
            return;
        }
        self.value_clause(draft, &specs, values, task);
    }

    /// Adds the clauses of the object's quality rules.
    pub fn object_quality(&mut self) {
        for (index, quality) in self.object.quality.iter().enumerate() {
            let QualityKind::Library { metric, properties, .. } = &quality.kind else {
                self.other_rule(quality, index, "", None);
                continue;
            };
            let (mut draft, problem) = self.metric_draft(quality, metric, index, "");
            draft.columns = properties.clone().unwrap_or_default();
            match (problem, metric.as_str(), properties) {
                (Some((code, reason)), ..) => {
                    self.add_refused(draft, code, reason);
                }
                (None, "rowCount", _) => {
                    draft.scope = Scope::Table;
                    draft.columns.clear();
                    let clause = self.add(draft);
                    self.untasked.push(clause);
                }
                (None, "duplicateValues", Some(properties)) => {
                    let slots = properties.iter().map(|name| self.slot_of(name)).collect();
                    self.key_clause(draft, slots, false);
                }
                (None, metric, _) => {
                    let reason = format!("`{metric}` needs a property, or `arguments.properties`");
                    self.add_refused(draft, codes::plan::METRIC_UNKNOWN, reason);
                }
            }
        }
    }

    /// SQL, custom and text rules.
    fn other_rule(&mut self, quality: &Quality, index: usize, path: &str, values: Option<&Slot>) {
        let (kind, fallback) = match &quality.kind {
            QualityKind::Sql { .. } => ("sql", "sql rule".to_owned()),
            QualityKind::Custom { engine, .. } if engine == "guard_nb" => ("rowRule", "row rule".to_owned()),
            QualityKind::Custom { engine, .. } => ("custom", format!("custom rule ({engine})")),
            _ => ("text", "text".to_owned()),
        };
        let mut draft = self.quality_draft(quality, kind, &fallback, index, path);
        match &quality.kind {
            QualityKind::Text => {
                draft.scope = Scope::Table;
                self.add_informational(draft);
            }
            _ if values.is_some_and(|values| refused(values).is_some()) => {
                if let Some((code, reason)) = values.and_then(refused) {
                    self.add_refused(draft, code, reason);
                }
            }
            QualityKind::Sql { .. } => self.sql_rule(draft, quality, path),
            QualityKind::Custom { engine, .. } if engine == "guard_nb" => self.row_rule(draft, quality),
            QualityKind::Custom { engine, .. } => {
                let reason = format!("the engine `{engine}` is not run by guard_nb");
                self.add_refused(draft, codes::plan::ENGINE_UNKNOWN, reason);
            }
            QualityKind::Library { .. } => {}
        }
    }

    fn quality_draft(&self, quality: &Quality, kind: &'static str, phrase: &str, index: usize, path: &str) -> Draft {
        let tail = quality.id.clone().or_else(|| quality.name.clone()).unwrap_or_else(|| index.to_string());
        let name = quality.name.as_deref().or(quality.description.as_deref()).unwrap_or(phrase);
        let mut draft = Draft::record(self.id(path, &format!("quality.{tail}")), kind, name, path, quality.span.line);
        draft.severity = severity(quality.severity.as_deref());
        draft.dimension = quality.dimension.clone();
        if path.is_empty() {
            draft.columns.clear();
        }
        draft
    }

    /// The draft of a metric, and why it cannot be executed, if so.
    fn metric_draft(
        &self,
        quality: &Quality,
        metric: &str,
        index: usize,
        path: &str,
    ) -> (Draft, Option<(Code, String)>) {
        let kind = metric_kind(metric);
        let read = threshold(quality, metric);
        let mut draft = self.quality_draft(quality, kind.unwrap_or("library"), &phrase(quality, metric), index, path);
        draft.scope = Scope::Table;
        match read {
            _ if kind.is_none() => {
                let reason = format!("`{metric}` is no metric of the standard");
                (draft, Some((codes::plan::METRIC_UNKNOWN, reason)))
            }
            Ok(threshold) if threshold.has_no_tolerance() && kind != Some("rowCount") => {
                draft.scope = if kind == Some("duplicateValues") { Scope::Key } else { Scope::Record };
                (draft, None)
            }
            Ok(threshold) => {
                draft.judge = Judge::Threshold(threshold);
                (draft, None)
            }
            Err(problem) => (draft, Some(problem)),
        }
    }
}

fn metric_kind(metric: &str) -> Option<&'static str> {
    ["nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"]
        .into_iter()
        .find(|known| *known == metric)
}

/// `error` unless it says otherwise; a word we do not know counts as error (S1.4).
fn severity(written: Option<&str>) -> Severity {
    match written {
        Some("warning") => Severity::Warning,
        Some("info") => Severity::Info,
        _ => Severity::Error,
    }
}

pub(super) fn threshold(quality: &Quality, metric: &str) -> Refusable<Threshold> {
    match quality.unit.as_deref() {
        None | Some("rows" | "percent") => {}
        Some(other) => return Err((codes::plan::UNIT_UNKNOWN, format!("`{other}` is neither rows nor percent"))),
    }
    let [operator] = quality.operators.as_slice() else {
        return Err((codes::plan::OPERATOR_MISSING, format!("{} operators, one is needed", quality.operators.len())));
    };
    let operands = operands(operator)?;
    Ok(Threshold { metric: metric.to_owned(), percent: is_percent(quality), operator: operator.name.clone(), operands })
}

fn operands(operator: &Operator) -> Refusable<Vec<String>> {
    let wanted = if operator.name.ends_with("Between") { 2 } else { 1 };
    let digits = |scalar: &Scalar| match scalar {
        Scalar::Number(digits) => Decimal::parse(digits).map(|_| digits.clone()),
        _ => None,
    };
    let read: Option<Vec<String>> = operator.operands.iter().map(digits).collect();
    read.filter(|read| read.len() == wanted).ok_or_else(|| {
        let shown: Vec<_> = operator.operands.iter().map(shown).collect();
        (
            codes::plan::BOUND_UNREADABLE,
            format!("`{}: {}` does not compare with a count", operator.name, shown.join(", ")),
        )
    })
}

fn phrase(quality: &Quality, metric: &str) -> String {
    let [operator] = quality.operators.as_slice() else { return metric.to_owned() };
    let unit = if is_percent(quality) { " percent" } else { "" };
    let operands: Vec<_> = operator.operands.iter().map(shown).collect();
    format!("{metric} {} {}{unit}", operator.name, operands.join(" and "))
}

fn is_percent(quality: &Quality) -> bool {
    quality.unit.as_deref() == Some("percent")
}

/// Why the values that a rule reads are not there, if so.
fn refused(values: &Slot) -> Option<(Code, String)> {
    match values {
        Slot::Refused(code, reason) => Some((*code, reason.clone())),
        _ => None,
    }
}

/// Without arguments the missing values are NULL and the empty string (S2.13).
fn missing(quality: &Quality) -> CheckSpec {
    let QualityKind::Library { missing_values: Some(values), .. } = &quality.kind else {
        return CheckSpec::NoneOf { literals: vec![Literal::Text(String::new())], null: true };
    };
    let literals = values.iter().filter(|value| **value != Scalar::Null).map(literal).collect();
    CheckSpec::NoneOf { literals, null: values.contains(&Scalar::Null) }
}
