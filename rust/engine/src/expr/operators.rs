//! Operators: which types go together, and what they are brought to (S6.8 to S6.20); `comparisons` has those that compare.

use super::lower::{Compiler, Operand};
use super::problem::Problem;
use super::syntax::place;
use super::types::{INTEGER_AS_DECIMAL, common_type};
use guard_kernels::expr::arithmetic::{Arithmetic, result_type};
use guard_kernels::expr::compare::Comparison;
use guard_kernels::expr::interval::Interval;
use guard_kernels::expr::program::{NodeId, Op};
use guard_kernels::expr::scalar::Constant;
use guard_kernels::expr::types::Type;
use guard_verdict::{Span, codes::expression as codes};
use sqlparser::ast::{BinaryOperator, CaseWhen, Expr, UnaryOperator};

/// An operand and where it stands.
pub(super) type Placed = (Operand, Span);

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
        let no = || Err(no_operator(&op.to_string(), span));
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
            // What other dialects have, in lines rather than one pattern: any new operator must be sorted by hand.
            BinaryOperator::Spaceship | BinaryOperator::Xor | BinaryOperator::BitwiseOr => no()?,
            BinaryOperator::BitwiseAnd | BinaryOperator::BitwiseXor | BinaryOperator::MyIntegerDivide => no()?,
            BinaryOperator::Match | BinaryOperator::Regexp | BinaryOperator::Glob | BinaryOperator::Custom(_) => no()?,
            BinaryOperator::PGBitwiseXor | BinaryOperator::PGBitwiseShiftLeft => no()?,
            BinaryOperator::PGBitwiseShiftRight | BinaryOperator::PGExp | BinaryOperator::PGOverlap => no()?,
            BinaryOperator::PGRegexMatch | BinaryOperator::PGRegexIMatch | BinaryOperator::PGRegexNotMatch => no()?,
            BinaryOperator::PGRegexNotIMatch | BinaryOperator::PGLikeMatch | BinaryOperator::PGILikeMatch => no()?,
            BinaryOperator::PGNotLikeMatch | BinaryOperator::PGNotILikeMatch | BinaryOperator::PGStartsWith => no()?,
            BinaryOperator::Arrow | BinaryOperator::LongArrow | BinaryOperator::HashArrow => no()?,
            BinaryOperator::HashLongArrow | BinaryOperator::AtAt | BinaryOperator::AtArrow => no()?,
            BinaryOperator::ArrowAt | BinaryOperator::HashMinus | BinaryOperator::AtQuestion => no()?,
            BinaryOperator::Question | BinaryOperator::QuestionAnd | BinaryOperator::QuestionPipe => no()?,
            BinaryOperator::PGCustomBinaryOperator(_) | BinaryOperator::Overlaps | BinaryOperator::DoubleHash => no()?,
            BinaryOperator::LtDashGt | BinaryOperator::AndLt | BinaryOperator::AndGt => no()?,
            BinaryOperator::LtLtPipe | BinaryOperator::PipeGtGt | BinaryOperator::AndLtPipe => no()?,
            BinaryOperator::PipeAndGt | BinaryOperator::LtCaret | BinaryOperator::GtCaret => no()?,
            BinaryOperator::QuestionHash | BinaryOperator::QuestionDash | BinaryOperator::QuestionDashPipe => no()?,
            BinaryOperator::QuestionDoublePipe | BinaryOperator::At | BinaryOperator::TildeEq => no()?,
            BinaryOperator::Assignment => no()?,
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
            // A coarser interval is brought to the timestamp's unit; a finer one would be rounded.
            (Type::Timestamp { unit, .. }, Type::Duration(ticks), _) if ticks > unit => {
                return Err(operand_types(op.symbol(), &x, &y, span));
            }
            (Type::Timestamp { unit, .. }, Type::Duration(_), _) => (a, self.convert(b, &Type::Duration(*unit), b_at)?),
            (Type::Duration(_), Type::Duration(_), _) => (self.convert(a, &ty, a_at)?, self.convert(b, &ty, b_at)?),
            _ => (a, b),
        };
        self.add(Op::Arithmetic(op, a, b), ty, span)
    }

    pub(super) fn case(
        &mut self,
        operand: Option<&Expr>,
        conditions: &[CaseWhen],
        otherwise: Option<&Expr>,
        span: Span,
    ) -> Result<NodeId, Problem> {
        let subject = operand.map(|expr| Ok((self.operand(expr)?, place(expr)))).transpose()?;
        // Parts are read in the order of the text before what they are to each other is looked at.
        let (mut written, mut values, mut spans) = (Vec::new(), Vec::new(), Vec::new());
        for CaseWhen { condition, result } in conditions {
            written.push((self.operand(condition)?, place(condition)));
            values.push(self.value(result)?);
            spans.push(place(result));
        }
        if let Some(expr) = otherwise {
            values.push(self.value(expr)?);
            spans.push(place(expr));
        }
        let mut tests = Vec::with_capacity(written.len());
        for (condition, at) in written {
            tests.push(match subject {
                Some(subject) => self.compare(Comparison::Equal, subject, (condition, at), at)?,
                None => {
                    let test = self.plain((condition, at))?;
                    self.expect_boolean(test, at, "a condition of CASE")?;
                    test
                }
            });
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
        (Arithmetic::Add | Arithmetic::Subtract, Type::Duration(_), Type::Duration(_)) => common_type(a, b)?,
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
