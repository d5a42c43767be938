//! Conditions as combinations of what columns may be. NOT is pushed down: each part says when it is TRUE, which for a
//! part under NOT means when it is FALSE (S6.8: NULL and faults are neither).

use super::region::{Region, Value};
use crate::number::Number;
use crate::rule::{Record, SCALE, stamp};
use guard_engine::expr::{Compiler, Parameters, Scope};
use guard_kernels::expr::scalar::Constant;
use guard_kernels::expr::types::Type;
use sqlparser::ast::{self, BinaryOperator, Expr, UnaryOperator};

/// When a condition is TRUE.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// For every record.
    Always,
    /// For no record.
    Never,
    /// When all of them are.
    All(Vec<Formula>),
    /// When one of them is.
    Any(Vec<Formula>),
    /// When the column is not NULL and its value is one of these.
    In(String, Region),
    /// When the column is NULL.
    Null(String),
    /// When the column is not NULL.
    Present(String),
    /// When an expression is that nothing is known of: equal texts are true together.
    Opaque(String),
}

/// What names and parameters mean.
pub(crate) struct Names<'a> {
    pub record: &'a Record,
    pub values: &'a Parameters,
    pub scope: &'a Scope,
}

/// When the expression is TRUE; with `negated`, when it is FALSE. Recursion is bounded by the depth of expressions.
pub(crate) fn formula(expr: &Expr, negated: bool, names: &Names<'_>) -> Formula {
    match expr {
        Expr::Nested(inner) => formula(inner, negated, names),
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => formula(expr, !negated, names),
        Expr::IsTrue(inner) if !negated => formula(inner, false, names),
        Expr::IsFalse(inner) if !negated => formula(inner, true, names),
        Expr::IsNull(inner) => null(inner, negated, (expr, negated), names),
        Expr::IsNotNull(inner) => null(inner, !negated, (expr, negated), names),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            let parts = vec![formula(left, negated, names), formula(right, negated, names)];
            if negated { Formula::Any(parts) } else { Formula::All(parts) }
        }
        Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
            let parts = vec![formula(left, negated, names), formula(right, negated, names)];
            if negated { Formula::All(parts) } else { Formula::Any(parts) }
        }
        Expr::BinaryOp { left, op, right } => {
            compared(left, op, right, negated, names).unwrap_or_else(|| opaque(expr, negated, names))
        }
        Expr::Between { expr: value, negated: not, low, high } => {
            between(value, low, high, *not != negated, names).unwrap_or_else(|| opaque(expr, negated, names))
        }
        Expr::InList { expr: value, list, negated: not } => {
            listed(value, list, *not != negated, names).unwrap_or_else(|| opaque(expr, negated, names))
        }
        Expr::Value(value) => literal(&value.value, negated).unwrap_or_else(|| opaque(expr, negated, names)),
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => match names.record.column(expr) {
            Some((name, Type::Boolean)) => Formula::In(name, Region::of([Value::Bool(!negated)])),
            _ => opaque(expr, negated, names),
        },
        _ => opaque(expr, negated, names),
    }
}

/// The text with what its meaning depends on, so that equal texts of other types or parameters differ.
fn opaque(expr: &Expr, negated: bool, names: &Names<'_>) -> Formula {
    let mut compiler = Compiler::new(names.scope);
    // What does not compile alone gets the whole scope for its meaning.
    let depends = match compiler.condition(expr) {
        Ok(_) => stamp(&compiler, names.values).join("\n"),
        Err(_) => format!("{:?}", names.scope.columns),
    };
    Formula::Opaque(format!("{}({expr})\n{depends}", if negated { "NOT " } else { "" }))
}

fn literal(value: &ast::Value, negated: bool) -> Option<Formula> {
    match value {
        ast::Value::Boolean(truth) => Some(if *truth == negated { Formula::Never } else { Formula::Always }),
        ast::Value::Null => Some(Formula::Never),
        _ => None,
    }
}

/// IS NULL, or with `negated` IS NOT NULL: neither is ever NULL itself. `whole` is the expression, under NOT where `not` says so.
fn null(inner: &Expr, negated: bool, (whole, not): (&Expr, bool), names: &Names<'_>) -> Formula {
    match names.record.column(inner) {
        Some((name, _)) if negated => Formula::Present(name),
        Some((name, _)) => Formula::Null(name),
        None => opaque(whole, not, names),
    }
}

fn compared(left: &Expr, op: &BinaryOperator, right: &Expr, negated: bool, names: &Names<'_>) -> Option<Formula> {
    let (column, value, swapped) = match (names.record.column(left), names.record.column(right)) {
        (Some((name, _)), None) => (name, constant(right, names)?, false),
        (None, Some((name, _))) => (name, constant(left, names)?, true),
        _ => return None,
    };
    let Some(value) = value else { return Some(Formula::Never) };
    let op = match (op, negated) {
        (BinaryOperator::Eq, false) | (BinaryOperator::NotEq, true) => return Some(one(column, value)),
        (BinaryOperator::NotEq, false) | (BinaryOperator::Eq, true) => {
            return Some(Formula::In(column, Region::without([value])));
        }
        (BinaryOperator::Lt, false) | (BinaryOperator::GtEq, true) => BinaryOperator::Lt,
        (BinaryOperator::LtEq, false) | (BinaryOperator::Gt, true) => BinaryOperator::LtEq,
        (BinaryOperator::Gt, false) | (BinaryOperator::LtEq, true) => BinaryOperator::Gt,
        (BinaryOperator::GtEq, false) | (BinaryOperator::Lt, true) => BinaryOperator::GtEq,
        _ => return None,
    };
    let Value::Number(at) = value else { return None };
    let region = match (op, swapped) {
        (BinaryOperator::Lt, false) | (BinaryOperator::Gt, true) => Region::to(at, true),
        (BinaryOperator::LtEq, false) | (BinaryOperator::GtEq, true) => Region::to(at, false),
        (BinaryOperator::Gt, false) | (BinaryOperator::Lt, true) => Region::from(at, true),
        _ => Region::from(at, false),
    };
    Some(Formula::In(column, region))
}

fn one(column: String, value: Value) -> Formula {
    Formula::In(column, Region::of([value]))
}

fn between(value: &Expr, low: &Expr, high: &Expr, negated: bool, names: &Names<'_>) -> Option<Formula> {
    let from = compared(value, &BinaryOperator::GtEq, low, negated, names)?;
    let to = compared(value, &BinaryOperator::LtEq, high, negated, names)?;
    Some(if negated { Formula::Any(vec![from, to]) } else { Formula::All(vec![from, to]) })
}

fn listed(value: &Expr, list: &[Expr], negated: bool, names: &Names<'_>) -> Option<Formula> {
    let (column, _) = names.record.column(value)?;
    let members: Vec<Option<Value>> = list.iter().map(|member| constant(member, names)).collect::<Option<_>>()?;
    let has_null = members.iter().any(Option::is_none);
    let known = members.into_iter().flatten();
    Some(match negated {
        // A member that is NULL leaves it open whether the value is listed.
        true if has_null => Formula::Never,
        true => Formula::In(column, Region::without(known)),
        false => Formula::In(column, Region::of(known)),
    })
}

/// A constant: NULL is `Some(None)`; what is none, or not exact, is `None`.
fn constant(expr: &Expr, names: &Names<'_>) -> Option<Option<Value>> {
    match expr {
        Expr::Nested(inner) => constant(inner, names),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match &**expr {
            Expr::Value(value) => match &value.value {
                ast::Value::Number(digits, false) => Some(Some(number(&format!("-{digits}"))?)),
                _ => None,
            },
            _ => None,
        },
        Expr::Value(value) => match &value.value {
            ast::Value::Number(digits, false) => Some(Some(number(digits)?)),
            ast::Value::SingleQuotedString(text) => Some(Some(Value::Text(text.clone()))),
            ast::Value::Boolean(value) => Some(Some(Value::Bool(*value))),
            ast::Value::Null => Some(None),
            ast::Value::Placeholder(name) => {
                let value = &names.values.get(name.strip_prefix(':')?)?.value;
                Some(Some(bound(value)?))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Plain digits only: an exponent makes a double.
fn number(digits: &str) -> Option<Value> {
    Number::parse(digits).filter(|_| !digits.contains(['e', 'E'])).map(Value::Number)
}

fn bound(value: &Constant) -> Option<Value> {
    Some(match value {
        Constant::Integer(value) => number(&value.to_string())?,
        Constant::Decimal(digits) => {
            let sign = if *digits < 0 { "-" } else { "" };
            let width = usize::from(SCALE) + 1;
            let text = format!("{:0>width$}", digits.unsigned_abs());
            let (whole, fraction) = text.split_at_checked(text.len().checked_sub(usize::from(SCALE))?)?;
            number(&format!("{sign}{whole}.{fraction}"))?
        }
        Constant::Text(text) => Value::Text(text.to_string()),
        Constant::Boolean(value) => Value::Bool(*value),
        _ => return None,
    })
}

impl Formula {
    /// Every constant that it compares with, by column.
    pub fn constants(&self, out: &mut Vec<(String, Value)>) {
        match self {
            Formula::All(parts) | Formula::Any(parts) => parts.iter().for_each(|part| part.constants(out)),
            Formula::In(column, region) => {
                let ends = [&region.low, &region.high].into_iter().flatten();
                out.extend(ends.map(|end| (column.clone(), Value::Number(end.at.clone()))));
                let listed = region.members.iter().flat_map(|members| members.values()).chain(region.except.values());
                out.extend(listed.map(|value| (column.clone(), value.clone())));
            }
            _ => {}
        }
    }
}
