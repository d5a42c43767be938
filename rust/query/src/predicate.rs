//! The predicate of a relation, and the derived table that stands for the relation.
//!
//! A predicate is written in the language of row rules, in that part of it which means the same in every dialect.

use crate::build;
use crate::dialect::Dialect;
use sqlparser::ast::{BinaryOperator, Expr, Ident, Query, UnaryOperator, Value, ValueWithSpan};

/// The alias of the relation within its derived table. Every column is qualified with it: without that, SQLite would read a missing
/// column's name as a text, and a subquery would find the column in the query around it.
pub(crate) const INNER: &str = "guarded";

pub(crate) struct Filter {
    pub condition: Expr,
    pub parameters: Vec<String>,
}

struct Reader<'a> {
    path: &'a [String],
    columns: &'a [String],
    parameters: Vec<String>,
}

/// Reads a predicate; the error is a sentence.
pub(crate) fn compile(text: &str, path: &[String], columns: &[String]) -> Result<Filter, String> {
    let tree = guard_engine::expr::expression(text).map_err(|problem| problem.sentence())?;
    let mut reader = Reader { path, columns, parameters: Vec::new() };
    let condition = reader.condition(&tree)?;
    reader.parameters.sort_unstable();
    reader.parameters.dedup();
    Ok(Filter { condition, parameters: reader.parameters })
}

/// `SELECT columns FROM relation AS guarded WHERE condition OFFSET 0`
///
/// Engines move conditions of the query into a derived table, and may ask them first: one that fails on a row, or says in an error what
/// is in it, would tell of rows that the predicate hides. Nothing is moved past OFFSET, which counts rows.
pub(crate) fn guarded(dialect: Dialect, path: &[String], columns: &[String], condition: Option<Expr>) -> Query {
    let items = columns.iter().map(|column| build::item(build::column(INNER, column), column)).collect();
    let hides = condition.is_some();
    let mut query = build::select(items, build::table(path, build::alias(INNER)), condition);
    if hides {
        query.limit_clause = build::skip(dialect, 0);
    }
    build::mark_parameters(dialect, &mut query);
    query
}

impl Reader<'_> {
    /// TRUE, FALSE or NULL. Everything compound stands in parentheses, so that no engine's precedence matters.
    fn condition(&mut self, tree: &Expr) -> Result<Expr, String> {
        let inner = match tree {
            Expr::Nested(inner) => return self.condition(inner),
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => return self.value(tree),
            Expr::Value(value) if matches!(value.value, Value::Boolean(_)) => return self.value(tree),
            Expr::BinaryOp { left, op: op @ (BinaryOperator::And | BinaryOperator::Or), right } => {
                let (left, right) = (Box::new(self.condition(left)?), Box::new(self.condition(right)?));
                Expr::BinaryOp { left, op: op.clone(), right }
            }
            Expr::BinaryOp { left, op, right } if is_comparison(op) => {
                let (left, right) = (Box::new(self.value(left)?), Box::new(self.value(right)?));
                Expr::BinaryOp { left, op: op.clone(), right }
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(self.condition(expr)?) }
            }
            Expr::IsNull(inner) => Expr::IsNull(Box::new(self.value(inner)?)),
            Expr::IsNotNull(inner) => Expr::IsNotNull(Box::new(self.value(inner)?)),
            Expr::Between { expr, negated, low, high } => Expr::Between {
                expr: Box::new(self.value(expr)?),
                negated: *negated,
                low: Box::new(self.value(low)?),
                high: Box::new(self.value(high)?),
            },
            Expr::InList { expr, list, negated } if !list.is_empty() => Expr::InList {
                expr: Box::new(self.value(expr)?),
                list: list.iter().map(|member| self.value(member)).collect::<Result<_, _>>()?,
                negated: *negated,
            },
            other => {
                return Err(format!(
                    "`{other}` is no condition that every engine reads alike; write comparisons, BETWEEN, IN, IS NULL, AND, OR and NOT"
                ));
            }
        };
        Ok(Expr::Nested(Box::new(inner)))
    }

    fn value(&mut self, tree: &Expr) -> Result<Expr, String> {
        match tree {
            Expr::Nested(inner) => self.value(inner),
            Expr::Identifier(name) => Ok(self.column(name)),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [table, name] if self.path.last().is_some_and(|last| *last == table.value) => Ok(self.column(name)),
                _ => Err(format!("`{tree}` is no column of the relation")),
            },
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } if matches!(&**expr, Expr::Value(value) if matches!(value.value, Value::Number(..))) => {
                Ok(tree.clone())
            }
            Expr::Value(value) => self.literal(value),
            other => Err(format!(
                "`{other}` is no value that every engine reads alike; write columns, literals and parameters"
            )),
        }
    }

    fn literal(&mut self, value: &ValueWithSpan) -> Result<Expr, String> {
        match &value.value {
            Value::Number(digits, false) if digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => {}
            Value::SingleQuotedString(text) if !text.contains(['\0', '\\', '\'']) => {}
            Value::Boolean(_) => {}
            Value::Placeholder(name) => match name.strip_prefix(':') {
                Some(name) if build::is_parameter_name(name) => self.parameters.push(name.to_owned()),
                _ => return Err(format!("`{name}` is no parameter; write `:name`")),
            },
            _ => return Err(format!("`{value}` is no literal that every engine reads alike; bind it as a parameter")),
        }
        Ok(Expr::Value(value.clone()))
    }

    /// Exactly as written, unless a shown column differs in case only.
    fn column(&self, name: &Ident) -> Expr {
        let exact = self.columns.contains(&name.value);
        let alike = self.columns.iter().find(|column| column.eq_ignore_ascii_case(&name.value));
        match alike {
            Some(column) if !exact && name.quote_style.is_none() => build::column(INNER, column),
            _ => build::column(INNER, &name.value),
        }
    }
}

fn is_comparison(op: &BinaryOperator) -> bool {
    matches!(
        op,
        BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq
    )
}
