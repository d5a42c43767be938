//! Operators: which types go together, and what they are brought to (S6.8 to S6.20).

use super::lower::{Compiler, MEMBER_LIMIT, Operand, joined};
use super::problem::Problem;
use super::syntax::place;
use super::types::{INTEGER_AS_DECIMAL, common_type};
use guard_kernels::expr::arithmetic::{Arithmetic, result_type};
use guard_kernels::expr::compare::Comparison;
use guard_kernels::expr::interval::Interval;
use guard_kernels::expr::program::{NodeId, Op};
use guard_kernels::expr::scalar::Constant;
use guard_kernels::expr::set::Set;
use guard_kernels::expr::types::{Type, Unit};
use guard_verdict::{Span, codes::expression as codes};
use sqlparser::ast::{BinaryOperator, CaseWhen, Expr, UnaryOperator};
use std::sync::Arc;

type Placed = (Operand, Span);

impl Compiler<'_> {
    pub(super) fn unary(&mut self, op: UnaryOperator, expr: &Expr, span: Span) -> Result<Operand, Problem> {
        if op == UnaryOperator::Minus
            && let Some(least) = least_integer(expr)
        {
            return Ok(Operand::Node(self.constant(Type::Integer, Constant::Integer(least), span)?));
        }
        let operand = self.operand(expr)?;
        let node = match (op, operand) {
            (UnaryOperator::Minus, Operand::Interval(interval, at)) => {
                let negated = interval.negated().ok_or_else(|| too_long(at))?;
                return Ok(Operand::Interval(negated, at));
            }
            (UnaryOperator::Minus, Operand::Node(a)) => match self.ty(a).clone() {
                Type::Null => a,
                ty if ty.is_numeric() => self.add(Op::Negate(a), ty, span)?,
                ty => return Err(unary_wrong("-", &ty, span)),
            },
            (UnaryOperator::Plus, Operand::Node(a)) => match self.ty(a) {
                ty if ty.is_numeric() || *ty == Type::Null => a,
                ty => return Err(unary_wrong("+", ty, span)),
            },
            (UnaryOperator::Not, Operand::Node(a)) => {
                self.expect_boolean(a, place(expr), "the operand of NOT")?;
                self.add(Op::Not(a), Type::Boolean, span)?
            }
            (UnaryOperator::Plus | UnaryOperator::Not, Operand::Interval(_, at)) => {
                return Err(Problem::new(codes::OPERAND_TYPES, format!("`{op}` takes no INTERVAL"), at));
            }
            (
                UnaryOperator::AtDashAt
                | UnaryOperator::BangNot
                | UnaryOperator::BitwiseNot
                | UnaryOperator::DoubleAt
                | UnaryOperator::Hash
                | UnaryOperator::PGAbs
                | UnaryOperator::PGCubeRoot
                | UnaryOperator::PGPostfixFactorial
                | UnaryOperator::PGPrefixFactorial
                | UnaryOperator::PGSquareRoot
                | UnaryOperator::QuestionDash
                | UnaryOperator::QuestionPipe,
                _,
            ) => return Err(no_operator(&op.to_string(), span)),
        };
        Ok(Operand::Node(node))
    }

    pub(super) fn binary(
        &mut self,
        op: &BinaryOperator,
        left: Placed,
        right: Placed,
        span: Span,
    ) -> Result<Operand, Problem> {
        let node = match op {
            BinaryOperator::And => self.connective(left, right, true, span)?,
            BinaryOperator::Or => self.connective(left, right, false, span)?,
            BinaryOperator::Eq => self.compare(Comparison::Equal, left, right, span)?,
            BinaryOperator::NotEq => self.compare(Comparison::NotEqual, left, right, span)?,
            BinaryOperator::Lt => self.compare(Comparison::Less, left, right, span)?,
            BinaryOperator::LtEq => self.compare(Comparison::LessOrEqual, left, right, span)?,
            BinaryOperator::Gt => self.compare(Comparison::Greater, left, right, span)?,
            BinaryOperator::GtEq => self.compare(Comparison::GreaterOrEqual, left, right, span)?,
            BinaryOperator::Plus => return self.arithmetic(Arithmetic::Add, left, right, span),
            BinaryOperator::Minus => return self.arithmetic(Arithmetic::Subtract, left, right, span),
            BinaryOperator::Multiply => return self.arithmetic(Arithmetic::Multiply, left, right, span),
            BinaryOperator::Divide => return self.arithmetic(Arithmetic::Divide, left, right, span),
            BinaryOperator::Modulo => return self.arithmetic(Arithmetic::Remainder, left, right, span),
            BinaryOperator::DuckIntegerDivide => self.spelled_as("//", "div", left, right, span)?,
            BinaryOperator::StringConcat => self.spelled_as("||", "string_concat", left, right, span)?,
            BinaryOperator::Spaceship
            | BinaryOperator::Xor
            | BinaryOperator::BitwiseOr
            | BinaryOperator::BitwiseAnd
            | BinaryOperator::BitwiseXor
            | BinaryOperator::MyIntegerDivide
            | BinaryOperator::Match
            | BinaryOperator::Regexp
            | BinaryOperator::Glob
            | BinaryOperator::Custom(_)
            | BinaryOperator::PGBitwiseXor
            | BinaryOperator::PGBitwiseShiftLeft
            | BinaryOperator::PGBitwiseShiftRight
            | BinaryOperator::PGExp
            | BinaryOperator::PGOverlap
            | BinaryOperator::PGRegexMatch
            | BinaryOperator::PGRegexIMatch
            | BinaryOperator::PGRegexNotMatch
            | BinaryOperator::PGRegexNotIMatch
            | BinaryOperator::PGLikeMatch
            | BinaryOperator::PGILikeMatch
            | BinaryOperator::PGNotLikeMatch
            | BinaryOperator::PGNotILikeMatch
            | BinaryOperator::PGStartsWith
            | BinaryOperator::Arrow
            | BinaryOperator::LongArrow
            | BinaryOperator::HashArrow
            | BinaryOperator::HashLongArrow
            | BinaryOperator::AtAt
            | BinaryOperator::AtArrow
            | BinaryOperator::ArrowAt
            | BinaryOperator::HashMinus
            | BinaryOperator::AtQuestion
            | BinaryOperator::Question
            | BinaryOperator::QuestionAnd
            | BinaryOperator::QuestionPipe
            | BinaryOperator::PGCustomBinaryOperator(_)
            | BinaryOperator::Overlaps
            | BinaryOperator::DoubleHash
            | BinaryOperator::LtDashGt
            | BinaryOperator::AndLt
            | BinaryOperator::AndGt
            | BinaryOperator::LtLtPipe
            | BinaryOperator::PipeGtGt
            | BinaryOperator::AndLtPipe
            | BinaryOperator::PipeAndGt
            | BinaryOperator::LtCaret
            | BinaryOperator::GtCaret
            | BinaryOperator::QuestionHash
            | BinaryOperator::QuestionDash
            | BinaryOperator::QuestionDashPipe
            | BinaryOperator::QuestionDoublePipe
            | BinaryOperator::At
            | BinaryOperator::TildeEq
            | BinaryOperator::Assignment => return Err(no_operator(&op.to_string(), span)),
        };
        Ok(Operand::Node(node))
    }

    /// An operator that a function of the table computes.
    fn spelled_as(
        &mut self,
        symbol: &str,
        function: &str,
        left: Placed,
        right: Placed,
        span: Span,
    ) -> Result<NodeId, Problem> {
        let (a, b) = (self.plain(left)?, self.plain(right)?);
        let types = (self.ty(a).clone(), self.ty(b).clone());
        self.named(function, vec![a, b], span).map_err(|problem| match problem.code {
            codes::ARGUMENT_TYPES => operand_types(symbol, &types.0, &types.1, span),
            _ => problem,
        })
    }

    fn plain(&self, (operand, _): Placed) -> Result<NodeId, Problem> {
        match operand {
            Operand::Node(id) => Ok(id),
            Operand::Interval(_, at) => Err(Problem::new(codes::OPERAND_TYPES, "this operator takes no INTERVAL", at)),
        }
    }

    fn connective(&mut self, left: Placed, right: Placed, and: bool, span: Span) -> Result<NodeId, Problem> {
        let what = if and { "an operand of AND" } else { "an operand of OR" };
        let (a, b) = (self.plain(left)?, self.plain(right)?);
        self.expect_boolean(a, left.1, what)?;
        self.expect_boolean(b, right.1, what)?;
        self.add(if and { Op::And(a, b) } else { Op::Or(a, b) }, Type::Boolean, span)
    }

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
    fn comparable(
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
    fn beside(&mut self, id: NodeId, other: NodeId, span: Span) -> NodeId {
        let ty = self.ty(other).clone();
        if ty != Type::Double {
            return self.literal_time(id, &ty, span).unwrap_or(id);
        }
        let double = self.literal_double(id, span).or_else(|| self.exact_double(id, span)).unwrap_or(id);
        if self.is_single(other)
            && let Some(Constant::Double(value)) = self.facts(double).constant
        {
            let rounded = Constant::Double(f64::from(value as f32));
            return self.constant(Type::Double, rounded, span).unwrap_or(double);
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
        let Type::Duration(unit) = *self.ty(beside) else {
            let message = format!("`{symbol}` compares an INTERVAL with {}", self.ty(beside));
            let help = "a difference of timestamps is an INTERVAL: `b - a <= INTERVAL '1 day'`";
            return Err(Problem::new(codes::OPERAND_TYPES, message, at).help(help));
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

    fn arithmetic(&mut self, op: Arithmetic, left: Placed, right: Placed, span: Span) -> Result<Operand, Problem> {
        let node = match (left.0, right.0) {
            (Operand::Node(a), Operand::Node(b)) => self.arithmetic_nodes(op, (a, left.1), (b, right.1), span)?,
            (Operand::Node(a), Operand::Interval(interval, at)) => match op {
                Arithmetic::Add => self.shift(a, interval, span)?,
                Arithmetic::Subtract => {
                    let back = interval.negated().ok_or_else(|| too_long(at))?;
                    self.shift(a, back, span)?
                }
                _ => return Err(no_interval(op, span)),
            },
            (Operand::Interval(interval, _), Operand::Node(b)) if op == Arithmetic::Add => {
                self.shift(b, interval, span)?
            }
            (Operand::Interval(a, at), Operand::Interval(b, _)) => {
                let sign = match op {
                    Arithmetic::Add => 1,
                    Arithmetic::Subtract => -1,
                    _ => return Err(no_interval(op, span)),
                };
                let months = b.months.checked_mul(sign).and_then(|months| a.months.checked_add(months));
                let nanoseconds = b.nanoseconds.checked_mul(sign.into()).and_then(|b| a.nanoseconds.checked_add(b));
                let sum = months.zip(nanoseconds).map(|(months, nanoseconds)| Interval { months, nanoseconds });
                let sum = sum.ok_or_else(|| too_long(at))?;
                return Ok(Operand::Interval(sum, span));
            }
            (Operand::Interval(..), Operand::Node(_)) => return Err(no_interval(op, span)),
        };
        Ok(Operand::Node(node))
    }

    fn shift(&mut self, id: NodeId, interval: Interval, span: Span) -> Result<NodeId, Problem> {
        match self.ty(id).clone() {
            Type::Timestamp { unit, zoned } if interval.nanoseconds % i128::from(unit.nanoseconds()) != 0 => {
                let finer = [Unit::Millisecond, Unit::Microsecond, Unit::Nanosecond];
                let exact = |unit: &Unit| interval.nanoseconds % i128::from(unit.nanoseconds()) == 0;
                let unit = finer.into_iter().find(exact).unwrap_or(Unit::Nanosecond);
                let id = self.convert(id, &Type::Timestamp { unit, zoned }, span)?;
                self.add(Op::AddInterval(id, interval), Type::Timestamp { unit, zoned }, span)
            }
            ty @ (Type::Date | Type::Timestamp { .. }) => self.add(Op::AddInterval(id, interval), ty, span),
            Type::Null => Ok(id),
            ty => {
                let message = format!("an INTERVAL is added to {ty}");
                let help = "intervals are added to dates and timestamps, or compared with differences of timestamps";
                Err(Problem::new(codes::OPERAND_TYPES, message, span).help(help))
            }
        }
    }

    fn arithmetic_nodes(
        &mut self,
        op: Arithmetic,
        (a, a_at): (NodeId, Span),
        (b, b_at): (NodeId, Span),
        span: Span,
    ) -> Result<NodeId, Problem> {
        let (a, b) = (self.beside(a, b, a_at), self.beside(b, a, b_at));
        let (x, y) = (self.ty(a).clone(), self.ty(b).clone());
        if let Some(ty) = temporal_result(op, &x, &y) {
            return self.temporal(op, (a, a_at), (b, b_at), ty, span);
        }
        let target = match (&x, &y) {
            (Type::Null, Type::Null) => return Ok(a),
            (Type::Integer, Type::Integer) if op == Arithmetic::Divide => Type::Double,
            (Type::Integer | Type::Null, Type::Integer | Type::Null) if op == Arithmetic::Divide => Type::Double,
            (Type::Integer | Type::Null, Type::Integer | Type::Null) => Type::Integer,
            (Type::Double, Type::Double | Type::Integer | Type::Null) | (Type::Integer | Type::Null, Type::Double) => {
                Type::Double
            }
            (Type::Decimal { .. }, Type::Decimal { .. }) => return self.decimal(op, a, b, span),
            (Type::Decimal { .. }, Type::Integer | Type::Null) => {
                let b = self.convert(b, &INTEGER_AS_DECIMAL, b_at)?;
                return self.decimal(op, a, b, span);
            }
            (Type::Integer | Type::Null, Type::Decimal { .. }) => {
                let a = self.convert(a, &INTEGER_AS_DECIMAL, a_at)?;
                return self.decimal(op, a, b, span);
            }
            _ => return Err(operand_types(op.symbol(), &x, &y, span)),
        };
        let (a, b) = (self.convert(a, &target, a_at)?, self.convert(b, &target, b_at)?);
        self.add(Op::Arithmetic(op, a, b), target, span)
    }

    fn decimal(&mut self, op: Arithmetic, a: NodeId, b: NodeId, span: Span) -> Result<NodeId, Problem> {
        let ty = result_type(op, self.ty(a), self.ty(b)).map_err(|why| {
            Problem::new(codes::OPERAND_TYPES, why, span).help("round an operand or cast it to fewer digits first")
        })?;
        self.add(Op::Arithmetic(op, a, b), ty, span)
    }

    /// Differences of dates and times, days and durations added to them.
    fn temporal(
        &mut self,
        op: Arithmetic,
        (a, a_at): (NodeId, Span),
        (b, b_at): (NodeId, Span),
        ty: Type,
        span: Span,
    ) -> Result<NodeId, Problem> {
        let (x, y) = (self.ty(a).clone(), self.ty(b).clone());
        let (a, b) = match (&x, &y, &ty) {
            (Type::Date, Type::Timestamp { .. }, _)
            | (Type::Timestamp { .. }, Type::Date, _)
            | (Type::Timestamp { .. }, Type::Timestamp { .. }, _) => {
                let Some(common) = common_type(&x, &y) else { return Err(operand_types(op.symbol(), &x, &y, span)) };
                (self.convert(a, &common, a_at)?, self.convert(b, &common, b_at)?)
            }
            (Type::Timestamp { unit, .. }, Type::Duration(ticks), _) if unit != ticks => {
                return Err(operand_types(op.symbol(), &x, &y, span));
            }
            _ => (a, b),
        };
        self.add(Op::Arithmetic(op, a, b), ty, span)
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

    fn negated(&mut self, node: NodeId, negated: bool, span: Span) -> Result<NodeId, Problem> {
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

    pub(super) fn case(
        &mut self,
        operand: Option<&Expr>,
        conditions: &[CaseWhen],
        otherwise: Option<&Expr>,
        span: Span,
    ) -> Result<NodeId, Problem> {
        let subject = operand.map(|expr| Ok((self.operand(expr)?, place(expr)))).transpose()?;
        let (mut tests, mut values, mut spans) = (Vec::new(), Vec::new(), Vec::new());
        for CaseWhen { condition, result } in conditions {
            let at = place(condition);
            tests.push(match subject {
                Some(subject) => {
                    let value = (self.operand(condition)?, at);
                    self.compare(Comparison::Equal, subject, value, at)?
                }
                None => {
                    let test = self.value(condition)?;
                    self.expect_boolean(test, at, "a condition of CASE")?;
                    test
                }
            });
            values.push(self.value(result)?);
            spans.push(place(result));
        }
        if let Some(expr) = otherwise {
            values.push(self.value(expr)?);
            spans.push(place(expr));
        }
        self.choose(&tests, &values, &spans, span)
    }

    /// CASE over conditions and values, of which the last may be the default.
    pub(super) fn choose(
        &mut self,
        tests: &[NodeId],
        values: &[NodeId],
        spans: &[Span],
        span: Span,
    ) -> Result<NodeId, Problem> {
        let (values, ty) = self.unify(values, spans, "CASE")?;
        let otherwise = values.get(tests.len()).copied();
        let branches = tests.iter().copied().zip(values).collect();
        self.add(Op::Case(branches, otherwise), ty, span)
    }
}

impl Operand {
    fn is(self, other: Operand) -> bool {
        matches!((self, other), (Operand::Node(a), Operand::Node(b)) if a == b)
    }
}

/// `9223372036854775808` behind a minus: the least BIGINT, whose magnitude alone is none.
fn least_integer(expr: &Expr) -> Option<i64> {
    let Expr::Value(value) = expr else { return None };
    match &value.value {
        sqlparser::ast::Value::Number(digits, false) if digits.parse::<i64>().is_err() => {
            format!("-{digits}").parse().ok()
        }
        _ => None,
    }
}

/// Numbers that compare exactly as they are.
fn exact_pair(a: &Type, b: &Type) -> bool {
    matches!(
        (a, b),
        (Type::Integer | Type::Double, Type::Integer | Type::Double) | (Type::Decimal { .. }, Type::Decimal { .. })
    )
}

fn temporal_result(op: Arithmetic, a: &Type, b: &Type) -> Option<Type> {
    Some(match (op, a, b) {
        (Arithmetic::Subtract, Type::Date, Type::Date) => Type::Integer,
        (Arithmetic::Add | Arithmetic::Subtract, Type::Date, Type::Integer) => Type::Date,
        (Arithmetic::Add, Type::Integer, Type::Date) => Type::Date,
        (Arithmetic::Subtract, Type::Timestamp { .. } | Type::Date, Type::Timestamp { .. } | Type::Date) => {
            match common_type(a, b)? {
                Type::Timestamp { unit, .. } => Type::Duration(unit),
                _ => return None,
            }
        }
        (Arithmetic::Add | Arithmetic::Subtract, stamp @ Type::Timestamp { .. }, Type::Duration(_)) => stamp.clone(),
        (Arithmetic::Add | Arithmetic::Subtract, Type::Duration(x), Type::Duration(y)) if x == y => a.clone(),
        _ => return None,
    })
}

fn unary_wrong(symbol: &str, ty: &Type, span: Span) -> Problem {
    Problem::new(codes::OPERAND_TYPES, format!("`{symbol}` takes a number; this is {ty}"), span)
}

fn no_operator(symbol: &str, span: Span) -> Problem {
    let message = format!("the operator `{symbol}` cannot be used in an expression");
    Problem::new(codes::NOT_SUPPORTED, message, span).help("say it with a function; see the reference of expressions")
}

fn too_long(at: Span) -> Problem {
    Problem::new(codes::LITERAL, "the INTERVAL is too long", at).help("months have 32 bits")
}

fn no_interval(op: Arithmetic, span: Span) -> Problem {
    Problem::new(codes::OPERAND_TYPES, format!("`{}` takes no INTERVAL here", op.symbol()), span)
}

/// Two types that do not go together, with the ways out.
pub(super) fn operand_types(symbol: &str, a: &Type, b: &Type, span: Span) -> Problem {
    let message = format!("`{symbol}` is applied to {a} and {b}");
    let zoned = |ty: &Type| matches!(ty, Type::Timestamp { zoned: true, .. });
    let help = match (a, b) {
        (Type::Decimal { .. }, Type::Double) | (Type::Double, Type::Decimal { .. }) => {
            "say which of the two you mean: `CAST(x AS DOUBLE)`, or `CAST(x AS DECIMAL(18, 2))` to stay exact"
        }
        (Type::Timestamp { .. } | Type::Date, Type::Timestamp { .. } | Type::Date) if zoned(a) != zoned(b) => {
            "say in which zone the local time is meant: `ts AT TIME ZONE 'UTC'`"
        }
        (Type::Text, other) | (other, Type::Text) if other.is_numeric() => {
            "say `TRY_CAST(x AS DECIMAL(18, 2))` to read the text as a number, or compare with a text"
        }
        (Type::Text, _) | (_, Type::Text) => {
            "say `CAST(x AS …)`, or `TRY_CAST` to get NULL for texts that cannot be read"
        }
        _ => "say `CAST(x AS …)` to bring them to one type",
    };
    Problem::new(codes::OPERAND_TYPES, message, span).help(help)
}
