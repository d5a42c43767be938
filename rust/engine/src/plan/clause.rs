//! What a clause is, apart from any data.

use crate::number::Decimal;
use guard_verdict::{Code, Coverage, Scope, Severity, codes};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// One clause and how it is judged. Parts of one frame must agree on it to merge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of the verdict document")]
pub struct ClauseInfo {
    pub id: String,
    pub kind: String,
    pub name: String,
    pub columns: Vec<String>,
    pub scope: Scope,
    pub severity: Severity,
    pub coverage: Coverage,
    /// Code on failure, or of the refusal.
    pub code: Option<String>,
    pub reason: Option<String>,
    pub dimension: Option<String>,
    pub judge: Judge,
}

/// How counts become an outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Judge {
    /// Not judged: refused or informational.
    Nothing,
    /// Fails when something fails.
    Count,
    /// Fails whatever the data, even without records.
    Always,
    /// Compares a count or share with a threshold.
    Threshold(Threshold),
    /// Compares an age with a limit.
    Age(AgeLimit),
}

/// An operator with its operands as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of the verdict document")]
pub struct Threshold {
    pub metric: String,
    pub percent: bool,
    pub operator: String,
    pub operands: Vec<String>,
}

/// A limit on the age of the newest or oldest value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgeLimit {
    /// `freshness`, `latency` or `retention`.
    pub property: String,
    /// The instant that the value is compared with, in nanoseconds since 1970.
    #[serde(with = "crate::wide")]
    pub limit: i128,
    /// `as_of` in the same unit.
    #[serde(with = "crate::wide")]
    pub as_of: i128,
    /// Judges the newest value; else the oldest.
    pub newest: bool,
    /// Unit as written.
    pub unit: String,
    /// Digits as written.
    pub value: String,
}

impl ClauseInfo {
    /// Does a failure on a record reject the record (S1.7)?
    pub fn rejects(&self) -> bool {
        self.decides_records() && self.coverage == Coverage::Executed
    }

    /// Is every record unknown because of this clause (S1.7)?
    pub fn leaves_unknown(&self) -> bool {
        self.decides_records() && self.coverage == Coverage::Refused
    }

    fn decides_records(&self) -> bool {
        self.severity == Severity::Error && matches!(self.scope, Scope::Record | Scope::Key)
    }

    /// Turns the clause into a refused one.
    pub fn refuse(&mut self, code: Code, reason: impl Into<String>) {
        self.coverage = Coverage::Refused;
        self.judge = Judge::Nothing;
        self.code = Some(code.name().to_owned());
        self.reason = Some(reason.into());
    }
}

impl Threshold {
    /// Does `count` of `of` satisfy the operator (S2.9, S2.10)? An empty table has a share of 0.
    pub fn holds(&self, count: u64, of: u64) -> bool {
        let compare = |operand: Option<&String>| {
            let number = operand.and_then(|text| Decimal::parse(text))?;
            Some(match (self.percent, of) {
                (true, 0) => number.compare_count(0),
                (true, of) => number.compare_share(count, 100, of),
                (false, _) => number.compare_count(count),
            })
        };
        let (first, second) = (compare(self.operands.first()), compare(self.operands.get(1)));
        let between = || Some(first? != Ordering::Less && second? != Ordering::Greater);
        let answer = match self.operator.as_str() {
            "mustBe" => first.map(Ordering::is_eq),
            "mustNotBe" => first.map(Ordering::is_ne),
            "mustBeGreaterThan" => first.map(Ordering::is_gt),
            "mustBeGreaterOrEqualTo" => first.map(Ordering::is_ge),
            "mustBeLessThan" => first.map(Ordering::is_lt),
            "mustBeLessOrEqualTo" => first.map(Ordering::is_le),
            "mustBeBetween" => between(),
            "mustNotBeBetween" => between().map(|inside| !inside),
            _ => None,
        };
        answer.unwrap_or(false)
    }

    /// [`holds`](Self::holds) for every count from `least` to `most`; none when it depends on the count (S7.5).
    pub fn holds_between(&self, least: u64, most: u64, of: u64) -> Option<bool> {
        let (first, last) = (self.holds(least, of), self.holds(most, of));
        // What an operator admits, or excludes, is one run of counts: a change in between shows next to an operand.
        let turns = self.operands.iter().filter_map(|text| {
            let near = if self.percent { text.parse::<f64>().ok()? * of as f64 / 100.0 } else { text.parse().ok()? };
            Some(near.clamp(0.0, u64::MAX as f64) as u64)
        });
        let near = turns.flat_map(|count| [count.saturating_sub(1), count, count.saturating_add(1)]);
        let mut inside = near.filter(|count| (least..=most).contains(count));
        (first == last && inside.all(|count| self.holds(count, of) == first)).then_some(first)
    }

    /// Does the operator admit the count 0 and no larger count (S1.8)? A share admits small counts in large tables unless its
    /// upper end is 0.
    pub fn has_no_tolerance(&self) -> bool {
        let smallest_violation = if self.percent {
            // One record in as many as there can be.
            self.holds(1, u64::MAX)
        } else {
            self.holds(1, 1)
        };
        let upper =
            matches!(self.operator.as_str(), "mustBe" | "mustBeLessThan" | "mustBeLessOrEqualTo" | "mustBeBetween");
        upper && self.holds(0, 1) && !smallest_violation
    }
}

/// The code that a failing clause of this kind bears.
pub fn failure_code(kind: &str) -> Option<Code> {
    Some(match kind {
        "wellFormed" => codes::ingest::RECORD_MALFORMED,
        "presence" => codes::data::COLUMN_MISSING,
        "logicalType" => codes::data::TYPE_MISMATCH,
        "minLength" | "maxLength" => codes::data::LENGTH_OUT_OF_RANGE,
        "pattern" => codes::data::PATTERN_MISMATCH,
        "format" => codes::data::FORMAT_MISMATCH,
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => codes::data::VALUE_OUT_OF_RANGE,
        "multipleOf" => codes::data::NOT_A_MULTIPLE,
        "timezone" => codes::data::TIMEZONE_MISMATCH,
        "minItems" | "maxItems" | "dimensions" => codes::data::ITEMS_OUT_OF_RANGE,
        "uniqueItems" => codes::data::ITEMS_DUPLICATE,
        "minProperties" | "maxProperties" => codes::data::PROPERTIES_OUT_OF_RANGE,
        "requiredProperties" => codes::data::PROPERTY_MISSING,
        "required" | "nullValues" | "missingValues" => codes::data::VALUE_MISSING,
        "unique" | "primaryKey" | "duplicateValues" => codes::data::VALUE_DUPLICATE,
        "enum" => codes::data::VALUE_NOT_IN_SET,
        "invalidValues" => codes::data::VALUE_INVALID,
        "foreignKey" => codes::data::REFERENCE_UNKNOWN,
        "rowCount" => codes::data::METRIC_OUT_OF_RANGE,
        "freshness" | "latency" | "retention" => codes::data::TOO_OLD,
        "undeclaredColumns" => codes::data::COLUMN_UNDECLARED,
        "rowRule" | "sql" => codes::expression::RULE_VIOLATED,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threshold(operator: &str, percent: bool, operands: &[&str]) -> Threshold {
        let operands = operands.iter().map(|&text| text.to_owned()).collect();
        Threshold { metric: "nullValues".into(), percent, operator: operator.into(), operands }
    }

    #[test]
    fn only_an_operator_that_admits_zero_and_nothing_more_has_no_tolerance() {
        for (operator, operands) in [
            ("mustBe", vec!["0"]),
            ("mustBeLessThan", vec!["1"]),
            ("mustBeLessThan", vec!["0.5"]),
            ("mustBeLessOrEqualTo", vec!["0.9"]),
            ("mustBeBetween", vec!["0", "0"]),
        ] {
            assert!(threshold(operator, false, &operands).has_no_tolerance(), "{operator} {operands:?}");
        }
        for (operator, operands) in [
            ("mustBe", vec!["1"]),
            ("mustBeLessThan", vec!["2"]),
            ("mustBeLessThan", vec!["0"]),
            ("mustBeBetween", vec!["0", "1"]),
            ("mustNotBe", vec!["1"]),
            ("mustNotBeBetween", vec!["1", "2"]),
        ] {
            assert!(!threshold(operator, false, &operands).has_no_tolerance(), "{operator} {operands:?}");
        }
        assert!(threshold("mustBe", true, &["0"]).has_no_tolerance());
        assert!(!threshold("mustBeLessThan", true, &["0.001"]).has_no_tolerance());
    }

    #[test]
    fn shares_are_exact_and_zero_over_nothing() {
        assert!(threshold("mustBeLessThan", true, &["5"]).holds(0, 0));
        assert!(!threshold("mustBeLessThan", true, &["5"]).holds(5, 100));
        assert!(threshold("mustBeLessOrEqualTo", true, &["5"]).holds(5, 100));
        assert!(threshold("mustBeBetween", false, &["1", "3"]).holds(3, 9));
        assert!(!threshold("mustBe", false, &["x"]).holds(0, 1));
    }
}
