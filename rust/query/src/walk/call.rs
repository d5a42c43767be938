//! Calls of functions.

use super::{Walker, clock};
use crate::dialect::Dialect;
use crate::functions::Kind;
use crate::text::Finding;
use guard_verdict::codes::query as codes;
use sqlparser::ast::{
    Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArgumentList, FunctionArguments, Ident,
    ObjectName, ObjectNamePart, Spanned,
};
use sqlparser::tokenizer::Span;

impl Walker<'_> {
    /// A function that has a syntax of its own.
    pub(super) fn known(&mut self, name: &str, place: Span) {
        if !self.policy.functions.iter().any(|(known, _)| *known == name) {
            self.unknown_function(name, place);
        }
    }

    fn unknown_function(&mut self, name: &str, place: Span) {
        let message = format!("there is no function `{name}` that this query may call");
        let list: Vec<String> = self.policy.functions.iter().take(16).map(|(known, _)| format!("`{known}`")).collect();
        let more = if self.policy.functions.len() > 16 { ", …" } else { "" };
        let finding = Finding::new(codes::FUNCTION_UNKNOWN, message, place);
        self.push(match list.is_empty() {
            true => finding.help("the policy allows no functions"),
            false => finding.help(format!("there are {}{more}", list.join(", "))),
        });
    }

    pub(super) fn call(&mut self, function: &mut Function) {
        let place = function.name.span();
        let Function { name, uses_odbc_syntax, parameters, args, within_group, filter, null_treatment, over } =
            function;
        let (kind, mark) = (self.resolve(name, place), self.log.len());
        let known = name.to_string();
        let plain = matches!(parameters, FunctionArguments::None) && !*uses_odbc_syntax;
        match args {
            FunctionArguments::List(list) => self.arguments(kind, &known, list, place),
            FunctionArguments::None | FunctionArguments::Subquery(_) => {
                self.deny(codes::FUNCTION_USE, format!("`{name}` is not called with arguments in parentheses"), place);
            }
        }
        let many = matches!(kind, None | Some(Kind::Aggregate | Kind::Ordered));
        let window = many || kind == Some(Kind::Window);
        let ordered = matches!(kind, None | Some(Kind::Ordered));
        let fits = plain
            && (within_group.is_empty() || ordered)
            && (filter.is_none() || many)
            && (over.is_none() || window)
            && (null_treatment.is_none() || (window && self.policy.dialect == Dialect::Duckdb));
        if !fits {
            self.deny(codes::FUNCTION_USE, format!("`{name}` is called in a form that it does not have here"), place);
        }
        within_group.iter_mut().for_each(|term| self.order_term(term));
        filter.iter_mut().for_each(|condition| self.expr(condition));
        over.iter_mut().for_each(|window| self.over(window));
        if clock::textless(&known) {
            self.textless_since(mark);
        }
    }

    /// The function of a name, which is written in lower case.
    fn resolve(&mut self, name: &mut ObjectName, place: Span) -> Option<Kind> {
        let found = match name.0.as_slice() {
            [ObjectNamePart::Identifier(bare)] => {
                // In quotes PostgreSQL takes the name as it is.
                let exact = bare.quote_style.is_some() && self.policy.dialect == Dialect::Postgresql;
                let same =
                    |known: &str| if exact { bare.value == known } else { bare.value.eq_ignore_ascii_case(known) };
                let fits = matches!(bare.quote_style, None | Some('"'));
                self.policy.functions.iter().find(|(known, _)| fits && same(known)).copied()
            }
            _ => None,
        };
        match found {
            Some((known, kind)) => {
                *name = ObjectName(vec![ObjectNamePart::Identifier(Ident::with_span(place, known))]);
                Some(kind)
            }
            None => {
                self.unknown_function(&name.to_string(), place);
                None
            }
        }
    }

    fn arguments(&mut self, kind: Option<Kind>, name: &str, list: &mut FunctionArgumentList, place: Span) {
        let FunctionArgumentList { duplicate_treatment, args, clauses } = list;
        let many = matches!(kind, None | Some(Kind::Aggregate));
        if duplicate_treatment.is_some() && !many {
            self.deny(codes::FUNCTION_USE, "DISTINCT goes with aggregates only", place);
        }
        let alone = args.len() == 1;
        let time = if let Some(Kind::Clock(at)) = kind { Some(at) } else { None };
        if time.is_some_and(|at| args.len() <= at) {
            self.deny(codes::FUNCTION_USE, "a function of time takes a time: without one it reads the clock", place);
        }
        for (at, arg) in args.iter_mut().enumerate() {
            match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) if time == Some(at) => {
                    self.time(expr, codes::FUNCTION_USE);
                }
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) if clock::takes_texts(name) => self.as_text(expr),
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => self.expr(expr),
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if many && alone => {}
                FunctionArg::Unnamed(
                    FunctionArgExpr::Wildcard
                    | FunctionArgExpr::QualifiedWildcard(_)
                    | FunctionArgExpr::WildcardWithOptions(_),
                ) => self.deny(codes::FUNCTION_USE, "`*` stands alone in an aggregate only", place),
                FunctionArg::Named { .. } | FunctionArg::ExprNamed { .. } => {
                    self.deny(codes::FUNCTION_USE, "an argument with a name cannot be used in a query", place);
                }
            }
        }
        for clause in clauses {
            match clause {
                FunctionArgumentClause::OrderBy(terms) if many => {
                    terms.iter_mut().for_each(|term| self.order_term(term))
                }
                FunctionArgumentClause::IgnoreOrRespectNulls(_) if self.policy.dialect == Dialect::Duckdb => {}
                FunctionArgumentClause::OrderBy(_)
                | FunctionArgumentClause::IgnoreOrRespectNulls(_)
                | FunctionArgumentClause::Where(_)
                | FunctionArgumentClause::Limit(_)
                | FunctionArgumentClause::OnOverflow(_)
                | FunctionArgumentClause::Having(_)
                | FunctionArgumentClause::Separator(_)
                | FunctionArgumentClause::JsonNullClause(_)
                | FunctionArgumentClause::JsonReturningClause(_) => {
                    self.deny(codes::FUNCTION_USE, "this clause within a call cannot be used in a query", place);
                }
            }
        }
    }
}
