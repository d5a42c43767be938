//! Comparisons and tests: what two operands are brought to so that they compare (S6.8 to S6.20).

use super::lower::{Compiler, MEMBER_LIMIT, Operand, joined};
use super::operators::{Placed, operand_types};
use super::problem::Problem;
use super::syntax::place;
use super::types::{INTEGER_AS_DECIMAL, common_type};
use guard_kernels::expr::compare::Comparison;
use guard_kernels::expr::interval::Interval;
use guard_kernels::expr::program::{NodeId, Op};
use guard_kernels::expr::scalar::Constant;
use guard_kernels::expr::set::Set;
use guard_kernels::expr::types::{Type, Unit};
use guard_verdict::{Span, codes::expression as codes};
use sqlparser::ast::Expr;
use std::sync::Arc;

impl Compiler<'_> {
    pub(super) fn compare(
        &mut self,
        comparison: Comparison,
        left: Placed,
        right: Placed,
        span: Span,
    ) -> Result<NodeId, Problem> {
        let (a, b) = self.comparable(left, right, comparison.symbol(), span)?;
        self.add(Op::Compare(comparison, a, b), Type::Boolean, span)
    }

    /// Brings two operands to types that compare: one type, two decimals, or an integer and a double.
    pub(super) fn comparable(
        &mut self,
        left: Placed,
        right: Placed,
        symbol: &str,
        span: Span,
    ) -> Result<(NodeId, NodeId), Problem> {
        let (a, b) = match (left.0, right.0) {
            (Operand::Node(a), Operand::Node(b)) => (a, b),
            (Operand::Node(a), Operand::Interval(interval, at)) => (a, self.as_duration(a, interval, symbol, at)?),
            (Operand::Interval(interval, at), Operand::Node(b)) => (self.as_duration(b, interval, symbol, at)?, b),
            (Operand::Interval(_, at), Operand::Interval(..)) => {
                return Err(Problem::new(codes::OPERAND_TYPES, "two INTERVAL literals are compared", at));
            }
        };
        let (a, b) = (self.beside(a, b, left.1), self.beside(b, a, right.1));
        let (x, y) = (self.ty(a).clone(), self.ty(b).clone());
        if (x.is_numeric() && y.is_numeric() && exact_pair(&x, &y)) || (x == y && x.is_scalar()) {
            return Ok((a, b));
        }
        let common = match common_type(&x, &y) {
            // Precision is no matter in a comparison: integers become decimals, scales are left as they are.
            Some(Type::Decimal { .. }) => {
                let a = if x == Type::Integer { self.convert(a, &INTEGER_AS_DECIMAL, left.1)? } else { a };
                let b = if y == Type::Integer { self.convert(b, &INTEGER_AS_DECIMAL, right.1)? } else { b };
                return match (self.ty(a), self.ty(b)) {
                    (Type::Null, other) | (other, Type::Null) => {
                        let ty = other.clone();
                        Ok((self.convert(a, &ty, left.1)?, self.convert(b, &ty, right.1)?))
                    }
                    _ => Ok((a, b)),
                };
            }
            Some(common) if common.is_scalar() => common,
            _ => return Err(operand_types(symbol, &x, &y, span)),
        };
        Ok((self.convert(a, &common, left.1)?, self.convert(b, &common, right.1)?))
    }

    /// A constant as its neighbour needs it: a decimal beside a double is a double (of a float32's precision beside such a column),
    /// a text beside a date or time is one.
    pub(super) fn beside(&mut self, id: NodeId, other: NodeId, span: Span) -> NodeId {
        let ty = self.ty(other).clone();
        if ty != Type::Double {
            return self.literal_time(id, &ty, span).unwrap_or(id);
        }
        let double = self.literal_double(id, span).or_else(|| self.exact_double(id, span)).unwrap_or(id);
        if self.is_single(other)
            && let (Type::Decimal { scale, .. }, Some(Constant::Decimal(digits))) = (self.ty(id), &self.facts(id).constant)
            // Rounded once: the nearest double lies between two floats where the decimal does not.
            && let Ok(single) = format!("{digits}e-{scale}").parse::<f32>()
        {
            return self.constant(Type::Double, Constant::Double(single.into()), span).unwrap_or(double);
        }
        double
    }

    /// Is the node a float32 column?
    fn is_single(&self, id: NodeId) -> bool {
        let Some(Op::Input(position)) = self.program.node(id).map(|node| &node.op) else { return false };
        let path = self.inputs.get(*position).map(|input| &input.path);
        path.is_some_and(|path| path.data_type == arrow_schema::DataType::Float32)
    }

    /// An INTERVAL literal as a duration of the unit of the node beside it.
    fn as_duration(&mut self, beside: NodeId, interval: Interval, symbol: &str, at: Span) -> Result<NodeId, Problem> {
        let unit = match self.ty(beside) {
            Type::Duration(unit) => *unit,
            Type::Null => Unit::Microsecond,
            ty => {
                let message = format!("`{symbol}` compares an INTERVAL with {ty}");
                let help = "a difference of timestamps is an INTERVAL: `b - a <= INTERVAL '1 day'`";
                return Err(Problem::new(codes::OPERAND_TYPES, message, at).help(help));
            }
        };
        if interval.months != 0 {
            let message = "months have no fixed length to compare with";
            return Err(Problem::new(codes::OPERAND_TYPES, message, at).help("write the interval in days"));
        }
        let tick = i128::from(unit.nanoseconds());
        // A bound between two ticks would need rounding; nanoseconds hold it exactly.
        let (unit, ticks) = if interval.nanoseconds % tick == 0 {
            (unit, interval.nanoseconds / tick)
        } else {
            (Unit::Nanosecond, interval.nanoseconds)
        };
        let ticks = i64::try_from(ticks)
            .map_err(|_| Problem::new(codes::LITERAL, "the INTERVAL is longer than its unit can hold", at))?;
        self.constant(Type::Duration(unit), Constant::Integer(ticks), at)
    }

    pub(super) fn truth(&mut self, expr: &Expr, wanted: bool, negated: bool, span: Span) -> Result<NodeId, Problem> {
        let a = self.value(expr)?;
        self.expect_boolean(a, place(expr), "the operand of IS TRUE")?;
        let node = self.add(Op::IsTruth(a, wanted), Type::Boolean, span)?;
        self.negated(node, negated, span)
    }

    pub(super) fn is_null(&mut self, expr: &Expr, negated: bool, span: Span) -> Result<NodeId, Problem> {
        let a = self.value(expr)?;
        let node = self.add(Op::IsNull(a), Type::Boolean, span)?;
        self.negated(node, negated, span)
    }

    pub(super) fn negated(&mut self, node: NodeId, negated: bool, span: Span) -> Result<NodeId, Problem> {
        if negated { self.add(Op::Not(node), Type::Boolean, span) } else { Ok(node) }
    }

    pub(super) fn distinct(&mut self, a: &Expr, b: &Expr, negated: bool, span: Span) -> Result<NodeId, Problem> {
        let left = (Operand::Node(self.value(a)?), place(a));
        let right = (Operand::Node(self.value(b)?), place(b));
        let (a, b) = self.comparable(left, right, "IS DISTINCT FROM", span)?;
        let node = self.add(Op::Distinct(a, b), Type::Boolean, span)?;
        self.negated(node, negated, span)
    }

    pub(super) fn between(
        &mut self,
        expr: &Expr,
        low: &Expr,
        high: &Expr,
        negated: bool,
        span: Span,
    ) -> Result<NodeId, Problem> {
        let x = (self.operand(expr)?, place(expr));
        let low = (self.operand(low)?, place(low));
        let high = (self.operand(high)?, place(high));
        let least = self.compare(Comparison::GreaterOrEqual, x, low, joined(x.1, low.1))?;
        let most = self.compare(Comparison::LessOrEqual, x, high, joined(x.1, high.1))?;
        let node = self.add(Op::And(least, most), Type::Boolean, span)?;
        self.negated(node, negated, span)
    }

    pub(super) fn in_list(&mut self, expr: &Expr, list: &[Expr], negated: bool, span: Span) -> Result<NodeId, Problem> {
        if list.is_empty() {
            return Err(Problem::new(codes::SYNTAX, "the list of IN is empty", span).help("write `IN ('a', 'b')`"));
        }
        if list.len() > MEMBER_LIMIT {
            let message = format!("the list of IN has {} members; at most {MEMBER_LIMIT} are read", list.len());
            return Err(Problem::new(codes::TOO_LARGE, message, span).help("use a foreign key to a reference frame"));
        }
        let x = (self.operand(expr)?, place(expr));
        let mut constants = Vec::with_capacity(list.len());
        let mut equal: Option<NodeId> = None;
        let mut ty = None;
        for member in list {
            let operand = (self.operand(member)?, place(member));
            let (a, b) = self.comparable(x, operand, "IN", joined(x.1, operand.1))?;
            // Constants that need no conversion of `x`, and are of one type with it, become one look-up.
            let constant =
                self.facts(b).constant.clone().filter(|_| Operand::Node(a).is(x.0) && self.ty(a) == self.ty(b));
            match constant {
                Some(constant) => {
                    ty = Some(self.ty(b).clone());
                    constants.push(constant);
                }
                None => {
                    let one = self.add(Op::Compare(Comparison::Equal, a, b), Type::Boolean, operand.1)?;
                    equal = Some(match equal {
                        Some(others) => self.add(Op::Or(others, one), Type::Boolean, span)?,
                        None => one,
                    });
                }
            }
        }
        let looked_up = match (x.0, ty) {
            (Operand::Node(x), Some(_)) => {
                Some(self.add(Op::InSet(x, Arc::new(Set::new(constants))), Type::Boolean, span)?)
            }
            _ => None,
        };
        let node = match (looked_up, equal) {
            (Some(a), Some(b)) => self.add(Op::Or(a, b), Type::Boolean, span)?,
            (Some(node), None) | (None, Some(node)) => node,
            (None, None) => return Err(Problem::new(codes::SYNTAX, "the list of IN is empty", span)),
        };
        self.negated(node, negated, span)
    }

    pub(super) fn like(
        &mut self,
        function: &str,
        (expr, pattern, escape): (&Expr, &Expr, Option<&Expr>),
        negated: bool,
        span: Span,
    ) -> Result<NodeId, Problem> {
        let mut args = vec![self.value(expr)?, self.value(pattern)?];
        if let Some(escape) = escape {
            args.push(self.value(escape)?);
        }
        let node = self.named(function, args, span)?;
        self.negated(node, negated, span)
    }
}

impl Operand {
    fn is(self, other: Operand) -> bool {
        matches!((self, other), (Operand::Node(a), Operand::Node(b)) if a == b)
    }
}

/// Numbers that compare exactly as they are.
fn exact_pair(a: &Type, b: &Type) -> bool {
    matches!(
        (a, b),
        (Type::Integer | Type::Double, Type::Integer | Type::Double) | (Type::Decimal { .. }, Type::Decimal { .. })
    )
}
