//! Expressions.

use super::{Lexeme, Reader};
use crate::dialect::plain_call;
use sqlparser::ast::{
    BinaryOperator, CaseWhen, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, ObjectNamePart, UnaryOperator, Value, ValueWithSpan, WindowSpec, WindowType,
};
use sqlparser::dialect::{Dialect as Grammar, Precedence};

/// Words that end an expression: the parser knows them as no operator.
const ENDS: &[&str] = &[
    "AS",
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "QUALIFY",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "JOIN",
    "INNER",
    "LEFT",
    "RIGHT",
    "FULL",
    "CROSS",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "ASC",
    "DESC",
    "NULLS",
];

impl Reader<'_> {
    /// How strongly the next piece binds what stands before it, as the parser has it; none if the piece is none that is known here.
    fn next(&self) -> Option<u8> {
        let of = |precedence| Some(self.grammar.prec_value(precedence));
        match self.peek() {
            Lexeme::End | Lexeme::Sign(")" | ",") => Some(self.grammar.prec_unknown()),
            Lexeme::Sign("+" | "-") => of(Precedence::PlusMinus),
            Lexeme::Sign("*" | "/" | "//" | "%" | "||") => of(Precedence::MulDivModOp),
            Lexeme::Sign("=" | "<>" | "<" | "<=" | ">" | ">=") => of(Precedence::Eq),
            Lexeme::Word("AND") => of(Precedence::And),
            Lexeme::Word("OR") => of(Precedence::Or),
            Lexeme::Word("IS") => of(Precedence::Is),
            Lexeme::Word("IN" | "BETWEEN") => of(Precedence::Between),
            Lexeme::Word("LIKE" | "ILIKE") => of(Precedence::Like),
            Lexeme::Word("NOT") => match self.peek_at(1) {
                Lexeme::Word("IN" | "BETWEEN") => of(Precedence::Between),
                Lexeme::Word("LIKE" | "ILIKE") => of(Precedence::Like),
                _ => None,
            },
            Lexeme::Word(word) if ENDS.contains(&word) => Some(self.grammar.prec_unknown()),
            _ => None,
        }
    }

    /// A whole expression, as the parser reads it at a level: it goes on behind it if the next piece binds more strongly.
    pub(super) fn expr(&mut self, expr: &Expr, level: u8) -> bool {
        self.operators(expr, level) && self.next().is_some_and(|next| next <= level)
    }

    fn nested(&mut self, expr: &Expr, precedence: Precedence) -> bool {
        let level = self.grammar.prec_value(precedence);
        self.expr(expr, level)
    }

    /// An operand and the operators behind it that are the tree's. Each is the next piece when its left side has been read.
    fn operators(&mut self, expr: &Expr, level: u8) -> bool {
        match expr {
            Expr::BinaryOp { left, op, right } => {
                let Some((piece, precedence)) = operator(op) else { return false };
                let binds = self.grammar.prec_value(precedence);
                self.operators(left, level) && self.binds(binds, level) && self.take(piece) && self.expr(right, binds)
            }
            Expr::IsNull(inner) => self.is(inner, level, &["IS", "NULL"]),
            Expr::IsNotNull(inner) => self.is(inner, level, &["IS", "NOT", "NULL"]),
            Expr::IsTrue(inner) => self.is(inner, level, &["IS", "TRUE"]),
            Expr::IsNotTrue(inner) => self.is(inner, level, &["IS", "NOT", "TRUE"]),
            Expr::IsFalse(inner) => self.is(inner, level, &["IS", "FALSE"]),
            Expr::IsNotFalse(inner) => self.is(inner, level, &["IS", "NOT", "FALSE"]),
            Expr::Between { expr, negated, low, high } => {
                self.test(expr, level, *negated, "BETWEEN", Precedence::Between)
                    && self.nested(low, Precedence::Between)
                    && self.words(&["AND"])
                    && self.nested(high, Precedence::Between)
            }
            Expr::InList { expr, list, negated } => {
                // Behind a second parenthesis the parser looks for a query first.
                self.test(expr, level, *negated, "IN", Precedence::Between)
                    && self.sign("(")
                    && self.peek() != Lexeme::Sign("(")
                    && self.list(list, |reader, member| reader.expr(member, 0))
                    && self.sign(")")
            }
            Expr::InSubquery { expr, subquery, negated } => {
                self.test(expr, level, *negated, "IN", Precedence::Between) && self.subquery(subquery)
            }
            Expr::Like { negated, any: false, expr, pattern, escape_char: None } => {
                self.test(expr, level, *negated, "LIKE", Precedence::Like) && self.nested(pattern, Precedence::Like)
            }
            Expr::ILike { negated, any: false, expr, pattern, escape_char: None } => {
                self.test(expr, level, *negated, "ILIKE", Precedence::Like) && self.nested(pattern, Precedence::Like)
            }
            other => self.operand(other),
        }
    }

    /// Is the next piece an operator of this strength, and does the parser take it at this level?
    fn binds(&self, binds: u8, level: u8) -> bool {
        self.next() == Some(binds) && binds > level
    }

    fn is(&mut self, inner: &Expr, level: u8, words: &[&str]) -> bool {
        let binds = self.grammar.prec_value(Precedence::Is);
        self.operators(inner, level) && self.binds(binds, level) && self.words(words)
    }

    fn test(&mut self, left: &Expr, level: u8, negated: bool, word: &str, precedence: Precedence) -> bool {
        let binds = self.grammar.prec_value(precedence);
        self.operators(left, level)
            && self.binds(binds, level)
            && (!negated || self.words(&["NOT"]))
            && self.words(&[word])
    }

    /// What begins with a piece of its own.
    fn operand(&mut self, expr: &Expr) -> bool {
        match expr {
            Expr::Identifier(name) => self.name(name),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [table, name] => self.name(table) && self.sign(".") && self.name(name),
                _ => false,
            },
            Expr::Value(value) => self.value(value),
            Expr::Nested(inner) => self.sign("(") && self.expr(inner, 0) && self.sign(")"),
            Expr::Tuple(members) => {
                members.len() > 1
                    && self.sign("(")
                    && self.list(members, |reader, member| reader.expr(member, 0))
                    && self.sign(")")
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                self.words(&["NOT"]) && self.peek() != Lexeme::Word("EXISTS") && self.nested(expr, Precedence::UnaryNot)
            }
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
                self.sign("-") && self.nested(expr, Precedence::MulDivModOp)
            }
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } => {
                self.sign("+") && self.nested(expr, Precedence::MulDivModOp)
            }
            Expr::Exists { subquery, negated } => {
                (!*negated || self.words(&["NOT"])) && self.words(&["EXISTS"]) && self.subquery(subquery)
            }
            Expr::Subquery(query) => self.subquery(query),
            Expr::Case { case_token: _, end_token: _, operand, conditions, else_result } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref())
            }
            Expr::Function(function) => self.call(function),
            _ => false,
        }
    }

    fn case(&mut self, operand: Option<&Expr>, branches: &[CaseWhen], otherwise: Option<&Expr>) -> bool {
        let branch = |reader: &mut Self, CaseWhen { condition, result }: &CaseWhen| {
            reader.clause("WHEN", Some(condition)) && reader.clause("THEN", Some(result))
        };
        self.words(&["CASE"])
            && operand.is_none_or(|operand| self.expr(operand, 0))
            && !branches.is_empty()
            && branches.iter().all(|one| branch(self, one))
            && self.clause("ELSE", otherwise)
            && self.words(&["END"])
    }

    fn value(&mut self, value: &ValueWithSpan) -> bool {
        match &value.value {
            Value::Number(digits, false) => self.take(Lexeme::Number(digits)),
            Value::SingleQuotedString(text) if text.contains('\'') => {
                self.take(Lexeme::Text(&text.replace('\'', "''")))
            }
            Value::SingleQuotedString(text) => self.take(Lexeme::Text(text)),
            Value::Boolean(true) => self.words(&["true"]),
            Value::Boolean(false) => self.words(&["false"]),
            Value::Null => self.words(&["NULL"]),
            Value::Placeholder(name) => self.take(Lexeme::Parameter(name)),
            _ => false,
        }
    }

    /// `name(DISTINCT a, b) FILTER (WHERE condition) OVER (window)`
    fn call(&mut self, function: &Function) -> bool {
        let Function { name, uses_odbc_syntax, parameters, args, within_group, filter, null_treatment, over } =
            function;
        let [ObjectNamePart::Identifier(name)] = name.0.as_slice() else { return false };
        let FunctionArguments::List(FunctionArgumentList { duplicate_treatment, args, clauses }) = args else {
            return false;
        };
        let plain = !*uses_odbc_syntax && *parameters == FunctionArguments::None && within_group.is_empty();
        let plain = plain && null_treatment.is_none() && clauses.is_empty() && name.quote_style.is_none();
        let distinct = match duplicate_treatment {
            None => Some(false),
            Some(DuplicateTreatment::Distinct) => Some(true),
            Some(DuplicateTreatment::All) => None,
        };
        plain
            && plain_call(&name.value)
            && self.take(Lexeme::Word(&name.value))
            && self.sign("(")
            && distinct.is_some_and(|distinct| !distinct || (!args.is_empty() && self.words(&["DISTINCT"])))
            && (args.is_empty() || self.list(args, Self::argument))
            && self.sign(")")
            && filter.as_deref().is_none_or(|condition| self.filter(condition))
            && over.as_ref().is_none_or(|window| self.over(window))
    }

    fn argument(&mut self, argument: &FunctionArg) -> bool {
        match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => self.expr(expr, 0),
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => self.sign("*"),
            _ => false,
        }
    }

    fn filter(&mut self, condition: &Expr) -> bool {
        self.words(&["FILTER"]) && self.sign("(") && self.clause("WHERE", Some(condition)) && self.sign(")")
    }

    fn over(&mut self, window: &WindowType) -> bool {
        let WindowType::WindowSpec(WindowSpec { window_name: None, partition_by, order_by, window_frame: None }) =
            window
        else {
            return false;
        };
        let parted = |reader: &mut Self| {
            reader.words(&["PARTITION", "BY"]) && reader.list(partition_by, |reader, term| reader.expr(term, 0))
        };
        self.words(&["OVER"])
            && self.sign("(")
            && (partition_by.is_empty() || parted(self))
            && (order_by.is_empty() || (self.words(&["ORDER", "BY"]) && self.list(order_by, Self::order_term)))
            && self.sign(")")
    }
}

/// The piece of an operator, and how strongly it binds.
fn operator(op: &BinaryOperator) -> Option<(Lexeme<'static>, Precedence)> {
    let sign = |sign, precedence| Some((Lexeme::Sign(sign), precedence));
    match op {
        BinaryOperator::Plus => sign("+", Precedence::PlusMinus),
        BinaryOperator::Minus => sign("-", Precedence::PlusMinus),
        BinaryOperator::Multiply => sign("*", Precedence::MulDivModOp),
        BinaryOperator::Divide => sign("/", Precedence::MulDivModOp),
        BinaryOperator::DuckIntegerDivide => sign("//", Precedence::MulDivModOp),
        BinaryOperator::Modulo => sign("%", Precedence::MulDivModOp),
        BinaryOperator::StringConcat => sign("||", Precedence::MulDivModOp),
        BinaryOperator::Eq => sign("=", Precedence::Eq),
        BinaryOperator::NotEq => sign("<>", Precedence::Eq),
        BinaryOperator::Lt => sign("<", Precedence::Eq),
        BinaryOperator::LtEq => sign("<=", Precedence::Eq),
        BinaryOperator::Gt => sign(">", Precedence::Eq),
        BinaryOperator::GtEq => sign(">=", Precedence::Eq),
        BinaryOperator::And => Some((Lexeme::Word("AND"), Precedence::And)),
        BinaryOperator::Or => Some((Lexeme::Word("OR"), Precedence::Or)),
        _ => None,
    }
}
