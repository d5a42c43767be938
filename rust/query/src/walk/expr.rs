//! Expressions: every form is named here, so that a new one does not compile before it is judged.

use super::types::Use;
use super::{Walker, clock};
use crate::build;
use crate::dialect::Dialect;
use crate::policy::STAND_IN;
use guard_verdict::codes::query as codes;
use sqlparser::ast::{
    BinaryOperator, CastKind, CeilFloorKind, DateTimeField, Expr, SetExpr, Spanned, UnaryOperator, Value, ValueWithSpan,
};
use sqlparser::tokenizer::Span;

impl Walker<'_> {
    /// Judges an expression and rewrites its names.
    pub(super) fn expr(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Identifier(name) => {
                let parts = [name.clone()];
                self.replace(expr, &parts);
            }
            Expr::CompoundIdentifier(parts) => {
                let parts = std::mem::take(parts);
                if !self.replace(expr, &parts) {
                    *expr = Expr::CompoundIdentifier(parts);
                }
            }
            Expr::Value(value) => self.value(value),
            Expr::Nested(inner)
            | Expr::IsFalse(inner)
            | Expr::IsNotFalse(inner)
            | Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsNull(inner)
            | Expr::IsNotNull(inner) => self.expr(inner),
            Expr::IsUnknown(inner) | Expr::IsNotUnknown(inner) => {
                self.beyond_sqlite(codes::EXPRESSION, "IS UNKNOWN", inner.span());
                self.expr(inner);
            }
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                self.expr(left);
                self.expr(right);
            }
            Expr::BinaryOp { left, op, right } => self.operation(left, op, right),
            Expr::UnaryOp { op, expr: inner } => {
                self.unary(*op, inner.span());
                self.expr(inner);
                apart(*op, inner);
            }
            Expr::Between { .. } | Expr::InList { .. } | Expr::InSubquery { .. } => self.condition(expr),
            Expr::Like { .. } | Expr::ILike { .. } | Expr::AnyOp { .. } | Expr::AllOp { .. } => self.condition(expr),
            Expr::Exists { .. } | Expr::Subquery(_) => self.condition(expr),
            Expr::Case { .. } | Expr::Tuple(_) | Expr::Cast { .. } | Expr::TypedString(_) => self.compound(expr),
            Expr::AtTimeZone { .. } | Expr::Interval(_) => self.compound(expr),
            Expr::Function(function) => self.call(function),
            Expr::Extract { .. }
            | Expr::Ceil { .. }
            | Expr::Floor { .. }
            | Expr::Position { .. }
            | Expr::Substring { .. }
            | Expr::Trim { .. } => self.special(expr),
            Expr::CompoundFieldAccess { .. } | Expr::JsonAccess { .. } | Expr::IsJson { .. } => self.refused(expr),
            Expr::IsNormalized { .. } | Expr::InUnnest { .. } | Expr::SimilarTo { .. } => self.refused(expr),
            Expr::RLike { .. } | Expr::Convert { .. } | Expr::Overlay { .. } => self.refused(expr),
            Expr::Collate { .. } | Expr::Prefixed { .. } | Expr::Struct { .. } => self.refused(expr),
            Expr::Named { .. } | Expr::MatchAgainst { .. } | Expr::GroupingSets(_) => self.refused(expr),
            Expr::Cube(_) | Expr::Rollup(_) | Expr::Dictionary(_) | Expr::Map(_) => self.refused(expr),
            Expr::Array(_) | Expr::Wildcard(_) | Expr::OuterJoin(_) | Expr::Prior(_) => self.refused(expr),
            Expr::Lambda(_) | Expr::MemberOf(_) | Expr::QualifiedWildcard(..) => self.refused(expr),
        }
    }

    fn operation(&mut self, left: &mut Expr, op: &BinaryOperator, right: &mut Expr) {
        let mark = self.log.len();
        self.binary(op, left.span());
        self.expr(left);
        self.expr(right);
        if *op != BinaryOperator::StringConcat {
            self.textless_since(mark);
        }
    }

    /// A form that queries may not use.
    fn refused(&mut self, expr: &Expr) {
        let message = format!("{} has a form that cannot be used in a query", short(expr));
        self.deny(codes::EXPRESSION, message, expr.span());
    }

    /// Conditions of several parts, and subqueries.
    fn condition(&mut self, expr: &mut Expr) {
        let (mark, value) = (self.log.len(), matches!(expr, Expr::Subquery(_)));
        self.parts(expr);
        if !value {
            self.textless_since(mark);
        }
    }

    fn parts(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Between { expr: inner, negated: _, low, high } => {
                for part in [inner, low, high] {
                    self.expr(part);
                }
            }
            Expr::InList { expr: inner, list, negated: _ } => {
                self.expr(inner);
                list.iter_mut().for_each(|member| self.expr(member));
            }
            Expr::InSubquery { expr: inner, subquery, negated: _ } => {
                self.expr(inner);
                // SQLite compares with its first row only, whatever the tree says.
                if self.policy.dialect == Dialect::Sqlite && matches!(&*subquery.body, SetExpr::Query(_)) {
                    let message = "SQLite takes a query in two pairs of parentheses behind IN for one value";
                    self.deny(codes::EXPRESSION, message, subquery.body.span());
                }
                self.query(subquery);
            }
            Expr::Like { negated: _, any, expr: inner, pattern, escape_char } => {
                self.like(*any, inner, pattern, escape_char.as_deref_mut());
            }
            Expr::ILike { negated: _, any, expr: inner, pattern, escape_char } => {
                self.beyond_sqlite(codes::EXPRESSION, "ILIKE", inner.span());
                self.like(*any, inner, pattern, escape_char.as_deref_mut());
            }
            Expr::AnyOp { left, compare_op, right, is_some: _ } | Expr::AllOp { left, compare_op, right } => {
                self.binary(compare_op, left.span());
                self.beyond_sqlite(codes::EXPRESSION, "ANY and ALL", left.span());
                self.expr(left);
                let place = right.span();
                match &mut **right {
                    Expr::Subquery(query) => {
                        self.query(query);
                    }
                    _ => self.deny(codes::EXPRESSION, "ANY and ALL go with a subquery only", place),
                }
            }
            Expr::Exists { subquery, negated: _ } | Expr::Subquery(subquery) => {
                self.query(subquery);
            }
            other => self.refused(other),
        }
    }

    /// CASE, casts, typed literals, intervals.
    fn compound(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Case { case_token: _, end_token: _, operand, conditions, else_result } => {
                operand.iter_mut().for_each(|operand| self.expr(operand));
                for branch in conditions {
                    let mark = self.log.len();
                    self.expr(&mut branch.condition);
                    self.textless_since(mark);
                    self.expr(&mut branch.result);
                }
                else_result.iter_mut().for_each(|result| self.expr(result));
            }
            Expr::Tuple(members) => members.iter_mut().for_each(|member| self.expr(member)),
            Expr::Cast { kind, expr: inner, data_type, format } => {
                let place = inner.span();
                if format.is_some() || !self.has_cast(kind) {
                    self.deny(codes::EXPRESSION, "this form of CAST cannot be used in this dialect", place);
                }
                let mark = self.log.len();
                match self.cast(data_type, place) {
                    Use::Time => self.time(inner, codes::LITERAL),
                    Use::Text => self.as_text(inner),
                    Use::Plain | Use::Refused => {
                        self.expr(inner);
                        self.textless_since(mark);
                    }
                }
            }
            Expr::TypedString(literal) => {
                let place = literal.value.span;
                if literal.uses_odbc_syntax {
                    self.deny(codes::LITERAL, "this form of literal cannot be used in a query", place);
                }
                self.beyond_sqlite(codes::LITERAL, "a literal with a type before it", place);
                let mut inner = Expr::Value(literal.value.clone());
                match self.cast(&literal.data_type, place) {
                    Use::Time => self.time(&mut inner, codes::LITERAL),
                    Use::Plain | Use::Text | Use::Refused => self.as_text(&mut inner),
                }
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                self.beyond_sqlite(codes::EXPRESSION, "AT TIME ZONE", timestamp.span());
                if clock::is_time_of_day(timestamp) {
                    let message = "a time without a date takes the offset that its zone has today";
                    self.deny(codes::EXPRESSION, message, timestamp.span());
                }
                let mark = self.log.len();
                self.expr(timestamp);
                self.expr(time_zone);
                self.textless_since(mark);
            }
            Expr::Interval(interval) => {
                self.beyond_sqlite(codes::LITERAL, "INTERVAL", interval.value.span());
                let fields = [&interval.leading_field, &interval.last_field];
                for field in fields.into_iter().flatten() {
                    self.field(field, interval.value.span());
                }
                let mark = self.log.len();
                self.expr(&mut interval.value);
                self.textless_since(mark);
            }
            other => self.refused(other),
        }
    }

    fn replace(&mut self, expr: &mut Expr, parts: &[sqlparser::ast::Ident]) -> bool {
        let found = self.column(parts);
        let is = found.is_some();
        if let Some(found) = found {
            *expr = found;
        }
        is
    }

    fn like(&mut self, any: bool, inner: &mut Expr, pattern: &mut Expr, escape: Option<&mut Expr>) {
        if any {
            self.deny(codes::EXPRESSION, "LIKE ANY cannot be used in a query", inner.span());
        }
        self.as_text(inner);
        self.as_text(pattern);
        if let Some(escape) = escape {
            self.as_text(escape);
        }
    }

    fn has_cast(&self, kind: &CastKind) -> bool {
        match kind {
            CastKind::Cast => true,
            CastKind::TryCast => self.policy.dialect == Dialect::Duckdb,
            CastKind::DoubleColon => matches!(self.policy.dialect, Dialect::Duckdb | Dialect::Postgresql),
            CastKind::SafeCast => false,
        }
    }

    fn binary(&mut self, op: &BinaryOperator, place: Span) {
        if !self.has_operator(op) {
            self.deny(codes::OPERATOR, format!("operator `{op}` cannot be used in a query"), place);
        }
    }

    fn has_operator(&self, op: &BinaryOperator) -> bool {
        match op {
            BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply | BinaryOperator::Divide => true,
            BinaryOperator::Modulo | BinaryOperator::StringConcat | BinaryOperator::Gt | BinaryOperator::Lt => true,
            BinaryOperator::GtEq | BinaryOperator::LtEq | BinaryOperator::Eq | BinaryOperator::NotEq => true,
            BinaryOperator::And | BinaryOperator::Or => true,
            BinaryOperator::DuckIntegerDivide => self.policy.dialect == Dialect::Duckdb,
            BinaryOperator::Spaceship | BinaryOperator::Xor | BinaryOperator::BitwiseOr => false,
            BinaryOperator::BitwiseAnd | BinaryOperator::BitwiseXor | BinaryOperator::MyIntegerDivide => false,
            BinaryOperator::Match | BinaryOperator::Regexp | BinaryOperator::Glob => false,
            BinaryOperator::Custom(_) | BinaryOperator::PGBitwiseXor | BinaryOperator::PGBitwiseShiftLeft => false,
            BinaryOperator::PGBitwiseShiftRight | BinaryOperator::PGExp | BinaryOperator::PGOverlap => false,
            BinaryOperator::PGRegexMatch | BinaryOperator::PGRegexIMatch | BinaryOperator::PGRegexNotMatch => false,
            BinaryOperator::PGRegexNotIMatch | BinaryOperator::PGLikeMatch | BinaryOperator::PGILikeMatch => false,
            BinaryOperator::PGNotLikeMatch | BinaryOperator::PGNotILikeMatch | BinaryOperator::PGStartsWith => false,
            BinaryOperator::Arrow | BinaryOperator::LongArrow | BinaryOperator::HashArrow => false,
            BinaryOperator::HashLongArrow | BinaryOperator::AtAt | BinaryOperator::AtArrow => false,
            BinaryOperator::ArrowAt | BinaryOperator::HashMinus | BinaryOperator::AtQuestion => false,
            BinaryOperator::Question | BinaryOperator::QuestionAnd | BinaryOperator::QuestionPipe => false,
            BinaryOperator::PGCustomBinaryOperator(_) | BinaryOperator::Overlaps => false,
            BinaryOperator::DoubleHash | BinaryOperator::LtDashGt | BinaryOperator::AndLt => false,
            BinaryOperator::AndGt | BinaryOperator::LtLtPipe | BinaryOperator::PipeGtGt => false,
            BinaryOperator::AndLtPipe | BinaryOperator::PipeAndGt | BinaryOperator::LtCaret => false,
            BinaryOperator::GtCaret | BinaryOperator::QuestionHash | BinaryOperator::QuestionDash => false,
            BinaryOperator::QuestionDashPipe | BinaryOperator::QuestionDoublePipe | BinaryOperator::At => false,
            BinaryOperator::TildeEq | BinaryOperator::Assignment => false,
        }
    }

    fn unary(&mut self, op: UnaryOperator, place: Span) {
        match op {
            UnaryOperator::Plus | UnaryOperator::Minus | UnaryOperator::Not => {}
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
            | UnaryOperator::QuestionPipe => {
                self.deny(codes::OPERATOR, format!("operator `{op}` cannot be used in a query"), place);
            }
        }
    }

    /// Literals and parameters.
    pub(super) fn value(&mut self, value: &mut ValueWithSpan) {
        let place = value.span;
        match &mut value.value {
            Value::Number(_, false) | Value::Boolean(_) | Value::Null => {}
            Value::SingleQuotedString(text) => {
                // Servers may be set to read a backslash as an escape: then the text would end elsewhere.
                if text.contains('\\') && matches!(self.policy.dialect, Dialect::Postgresql | Dialect::Generic) {
                    self.deny(codes::LITERAL, "a text with a backslash cannot be used in this dialect", place);
                }
                self.text(text, place);
                self.stand_aside(text);
            }
            Value::Placeholder(name) => {
                let written = name.clone();
                if let Some(bare) = self.parameter(&written, place) {
                    if let Some(serde_json::Value::String(text)) = self.bound.proposal.get(&bare) {
                        self.text(text, place);
                    }
                    *name = format!("{}{bare}", build::mark(self.policy.dialect));
                    self.parameters.insert(bare);
                }
            }
            Value::Number(_, true)
            | Value::DollarQuotedString(_)
            | Value::TripleSingleQuotedString(_)
            | Value::TripleDoubleQuotedString(_)
            | Value::EscapedStringLiteral(_)
            | Value::UnicodeStringLiteral(_)
            | Value::SingleQuotedByteStringLiteral(_)
            | Value::DoubleQuotedByteStringLiteral(_)
            | Value::TripleSingleQuotedByteStringLiteral(_)
            | Value::TripleDoubleQuotedByteStringLiteral(_)
            | Value::SingleQuotedRawStringLiteral(_)
            | Value::DoubleQuotedRawStringLiteral(_)
            | Value::TripleSingleQuotedRawStringLiteral(_)
            | Value::TripleDoubleQuotedRawStringLiteral(_)
            | Value::NationalStringLiteral(_)
            | Value::QuoteDelimitedStringLiteral(_)
            | Value::NationalQuoteDelimitedStringLiteral(_)
            | Value::HexStringLiteral(_)
            | Value::DoubleQuotedString(_) => {
                self.deny(codes::LITERAL, "this form of literal cannot be used in a query", place);
            }
        }
    }

    /// The tree's own writing takes two quotes, and one behind a backslash, for written already: such a text is put in afterwards.
    fn stand_aside(&mut self, text: &mut String) {
        if text.contains("''") || text.contains("\\'") {
            let stand_in = format!("{STAND_IN}{}", self.texts.len());
            self.texts.push(std::mem::replace(text, stand_in));
        }
    }

    /// The bare name of a parameter that the proposal binds.
    pub(super) fn parameter(&mut self, written: &str, place: Span) -> Option<String> {
        let dollar = if self.policy.dialect == Dialect::Duckdb { written.strip_prefix('$') } else { None };
        let Some(name) = written.strip_prefix(':').or(dollar).filter(|name| build::is_parameter_name(name)) else {
            self.deny(codes::PARAMETER, format!("`{written}` is no parameter; write `:name`"), place);
            return None;
        };
        if self.policy.is_parameter(name) {
            self.deny(codes::PARAMETER_RESERVED, format!("`:{name}` belongs to the gate"), place);
            return None;
        }
        if !self.bound.proposal.contains_key(name) {
            self.deny(codes::PARAMETER, format!("`:{name}` has no value"), place);
            return None;
        }
        Some(name.to_owned())
    }

    /// EXTRACT, CEIL, FLOOR, POSITION, SUBSTRING, TRIM: functions with a syntax of their own.
    fn special(&mut self, expr: &mut Expr) {
        let place = expr.span();
        match expr {
            Expr::Extract { field, syntax: _, expr: inner } => {
                let mark = self.log.len();
                self.known("extract", place);
                self.field(field, place);
                self.expr(inner);
                self.textless_since(mark);
            }
            Expr::Ceil { expr: inner, field } => {
                self.known("ceil", place);
                self.rounding(field, place);
                self.expr(inner);
            }
            Expr::Floor { expr: inner, field } => {
                self.known("floor", place);
                self.rounding(field, place);
                self.expr(inner);
            }
            Expr::Position { expr: inner, r#in } => {
                let mark = self.log.len();
                self.known("position", place);
                self.as_text(inner);
                self.as_text(r#in);
                self.textless_since(mark);
            }
            Expr::Substring { expr: inner, substring_from, substring_for, special: commas, shorthand } => {
                if !*commas {
                    self.beyond_sqlite(codes::FUNCTION_USE, "FROM and FOR within a call", place);
                }
                self.known(if *shorthand { "substr" } else { "substring" }, place);
                self.as_text(inner);
                for part in [substring_from, substring_for].into_iter().flatten() {
                    self.expr(part);
                }
            }
            Expr::Trim { trim_where, trim_what, expr: inner, trim_characters } => {
                if trim_where.is_some() || trim_what.is_some() {
                    self.beyond_sqlite(codes::FUNCTION_USE, "FROM and its words within `trim`", place);
                }
                self.known("trim", place);
                self.as_text(inner);
                trim_what.iter_mut().for_each(|part| self.as_text(part));
                trim_characters.iter_mut().flatten().for_each(|part| self.as_text(part));
            }
            other => self.refused(other),
        }
    }

    fn rounding(&mut self, field: &CeilFloorKind, place: Span) {
        match field {
            CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => {}
            CeilFloorKind::DateTimeField(_) | CeilFloorKind::Scale(_) => {
                self.deny(codes::FUNCTION_USE, "CEIL and FLOOR take one number", place);
            }
        }
    }
}

/// A second sign gets parentheses: two of them would begin a comment.
fn apart(op: UnaryOperator, inner: &mut Expr) {
    if op == UnaryOperator::Minus && inner.to_string().starts_with('-') {
        let sign = std::mem::replace(inner, Expr::Value(Value::Null.into()));
        *inner = Expr::Nested(Box::new(sign));
    }
}

/// The text of an expression, or its start, said to be one.
fn short(expr: &Expr) -> String {
    let text = expr.to_string();
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("what begins with `{}`", text.get(..at).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}
