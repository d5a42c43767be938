//! What queries and transforms have in common: bound values, and the answer that a permit binds (G8, G9).

use crate::json::Value as Given;
use crate::number::Digits;
use crate::proposal::Reading;
use crate::reason::{Obligation, Outcome, Reason};
use guard_engine::document::quote;
use guard_verdict::{Code, codes::query as codes};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Most digits of a decimal.
const DIGITS: u32 = 38;

/// A value bound to a parameter: exact, and never part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Bound {
    Null,
    Boolean(bool),
    Text(String),
    Integer(i64),
    /// Digits, and how many of them stand behind the point.
    Decimal(i128, u32),
}

impl Bound {
    /// None for lists, objects, and numbers that 38 digits do not hold.
    pub fn of(value: &Given<'_>) -> Option<Bound> {
        Some(match value {
            Given::Null => Bound::Null,
            Given::Bool(value) => Bound::Boolean(*value),
            Given::Text(text) => Bound::Text(text.clone().into_owned()),
            Given::Number(number) => Bound::of_number(number)?,
            Given::List(_) | Given::Object(_) => return None,
        })
    }

    /// A whole number of 64 bits, else a decimal.
    pub(crate) fn of_number(number: &Digits<'_>) -> Option<Bound> {
        if let Some(whole) = number.at_scale(0).and_then(|whole| i64::try_from(whole).ok()) {
            return Some(Bound::Integer(whole));
        }
        let (_, exponent) = number.parts();
        let scale = u32::try_from(exponent.min(0).unsigned_abs()).ok().filter(|scale| *scale <= DIGITS)?;
        let digits = number.at_scale(scale)?;
        (digits.unsigned_abs() < 10_u128.pow(DIGITS)).then_some(Bound::Decimal(digits, scale))
    }

    /// Its type and its text, as documents have them.
    fn written(&self) -> (&'static str, Option<String>) {
        match self {
            Bound::Null => ("null", None),
            Bound::Boolean(value) => ("boolean", Some(value.to_string())),
            Bound::Text(text) => ("text", Some(text.clone())),
            Bound::Integer(whole) => ("integer", Some(whole.to_string())),
            Bound::Decimal(digits, scale) => ("decimal", Some(plain(*digits, *scale))),
        }
    }

    /// A parameter of a document.
    pub(crate) fn document(&self, name: &str, source: &str) -> Value {
        let (ty, value) = self.written();
        json!({"name": name, "source": source, "type": ty, "value": value})
    }
}

fn plain(digits: i128, scale: u32) -> String {
    let scale = scale as usize;
    let text = format!("{:0>width$}", digits.unsigned_abs(), width = scale.saturating_add(1));
    let (whole, part) = text.split_at(text.len().saturating_sub(scale));
    let sign = if digits < 0 { "-" } else { "" };
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// What an approved query or transform became: the text that may run, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// `query` or `transform`, which is its key in the decision.
    pub kind: &'static str,
    /// Does it yield less than what was asked for?
    pub narrowed: bool,
    /// As the decision has it; canonical JSON of it is what executors get.
    pub document: Value,
}

impl Answer {
    const KINDS: [&'static str; 2] = ["query", "transform"];

    /// What executors get.
    pub fn canonical(&self) -> String {
        guard_verdict::canonical_json(&self.document).unwrap_or_default()
    }

    /// What a permit binds.
    pub fn digest(&self) -> String {
        guard_verdict::digest(self.canonical().as_bytes())
    }

    /// Does it hold values of a principal's context?
    pub(crate) fn uses_context(&self) -> bool {
        let parameters = self.document.get("parameters").and_then(Value::as_array);
        let of_context = |one: &Value| one.get("source").and_then(Value::as_str) == Some("context");
        parameters.is_some_and(|parameters| parameters.iter().any(of_context))
    }

    /// Of a decision's document.
    pub(crate) fn of_json(decision: &Value) -> Option<Answer> {
        let narrowed = decision.get("verdict").and_then(Value::as_str) == Some("transform");
        let found = |kind: &&'static str| decision.get(*kind).map(|document| (*kind, document.clone()));
        let (kind, document) = Answer::KINDS.iter().find_map(found)?;
        Some(Answer { kind, narrowed, document })
    }
}

/// What judging a query or a transform came to.
pub(crate) struct Judged {
    pub obligations: Vec<Obligation>,
    pub answer: Result<Answer, Vec<Reason>>,
}

/// The proposal's parameters. Those that belong to the gate, and those without a value that can be bound, are reasons.
pub(crate) fn parameters(
    proposal: &Reading<'_>,
    reserved: &BTreeSet<String>,
) -> Result<BTreeMap<String, Bound>, Vec<Reason>> {
    let (mut out, mut reasons) = (BTreeMap::new(), Vec::new());
    for (name, value) in proposal.params() {
        let mut deny = |code: Code, message: String| {
            reasons.push(Reason::new(code, message).at(crate::json::joined("/params", name)));
        };
        if reserved.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            deny(codes::PARAMETER_RESERVED, format!("the proposal binds {}, which belongs to the gate", quote(name)));
            continue;
        }
        match Bound::of(value) {
            Some(value) => drop(out.insert(name.to_string(), value)),
            None => {
                deny(codes::PARAMETER, format!("{} is no text, number or truth value that can be bound", quote(name)))
            }
        }
    }
    if reasons.is_empty() { Ok(out) } else { Err(reasons) }
}

/// Obligations in order: failed by the codes of the reasons, not reached behind the first failed one that ends the judging.
pub(crate) fn obligations(kind: &'static str, stages: &[(&'static str, Outcome)]) -> Vec<Obligation> {
    stages.iter().map(|(name, outcome)| Obligation::new(*name, kind, *outcome)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn written(text: &str) -> Option<(&'static str, String)> {
        let (ty, value) = Bound::of(&crate::json::Json::parse(text.as_bytes()).unwrap())?.written();
        Some((ty, value.unwrap_or_default()))
    }

    #[test]
    fn values_are_exact() {
        let integer = |text: &str| Some(("integer", text.to_owned()));
        let decimal = |text: &str| Some(("decimal", text.to_owned()));
        assert_eq!(written("1"), integer("1"));
        assert_eq!(written("1.0"), integer("1"));
        assert_eq!(written("1e2"), integer("100"));
        assert_eq!(written("-9223372036854775808"), integer("-9223372036854775808"));
        assert_eq!(written("9223372036854775808"), decimal("9223372036854775808"));
        assert_eq!(written("0.1"), decimal("0.1"));
        assert_eq!(written("-0.05"), decimal("-0.05"));
        assert_eq!(written("12.340"), decimal("12.34"));
        assert_eq!(written("1e-38"), decimal(&format!("0.{}1", "0".repeat(37))));
        assert_eq!(written("1e-39"), None);
        assert_eq!(written("1e38"), None);
        assert_eq!(written("[1]"), None);
        assert_eq!(written("{}"), None);
        assert_eq!(written("null"), Some(("null", String::new())));
        assert_eq!(written("true"), Some(("boolean", "true".to_owned())));
        assert_eq!(written("\"a\""), Some(("text", "a".to_owned())));
    }
}
