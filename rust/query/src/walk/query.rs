//! Queries: WITH, set operations, ORDER BY, LIMIT.

use super::{Common, Frame, Out, Walker};
use crate::build;
use crate::dialect::Dialect;
use crate::judge::{distinct, unwrap};
use guard_verdict::codes::query as codes;
use serde_json::Value as Json;
use sqlparser::ast::{
    Cte, Expr, LimitClause, OrderBy, OrderByExpr, OrderByKind, OrderBySort, Query, SetExpr, SetOperator, SetQuantifier,
    Spanned, Value, Values,
};
use sqlparser::tokenizer::Span;

impl Walker<'_> {
    /// Judges a query; the columns of its result.
    pub fn query(&mut self, query: &mut Query) -> Vec<Out> {
        if self.policy.dialect == Dialect::Sqlite {
            unwrap(query);
        }
        let at = query.body.span();
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        let plain = locks.is_empty() && for_clause.is_none();
        if !plain {
            self.deny(codes::CLAUSE, "FOR cannot be used in a query: it locks rows or changes what is returned", at);
        }
        if settings.is_some() || format_clause.is_some() || !pipe_operators.is_empty() {
            self.deny(codes::CLAUSE, "SETTINGS, FORMAT and pipes cannot be used in a query", at);
        }
        let outer = self.common.len();
        if let Some(with) = with {
            if with.recursive {
                self.deny(codes::RECURSIVE, "a recursive WITH cannot be used in a query", with.with_token.0.span);
            }
            with.cte_tables.iter_mut().for_each(|cte| self.cte(cte, outer));
        }
        let outs = self.body(body, order_by.as_mut());
        if let Some(fetch) = fetch.take() {
            let quantity = fetch.quantity.unwrap_or_else(|| build::number(1));
            let taken = matches!(
                limit_clause,
                Some(LimitClause::LimitOffset { limit: Some(_), .. } | LimitClause::OffsetCommaLimit { .. })
            );
            if fetch.with_ties || fetch.percent || taken {
                self.deny(codes::CLAUSE, "FETCH goes with a number of rows only, without LIMIT", at);
            }
            let offset = match limit_clause.take() {
                Some(LimitClause::LimitOffset { offset, .. }) => offset,
                Some(LimitClause::OffsetCommaLimit { .. }) | None => None,
            };
            *limit_clause = Some(LimitClause::LimitOffset { limit: Some(quantity), offset, limit_by: Vec::new() });
        }
        self.limit(limit_clause, at);
        self.common.truncate(outer);
        outs
    }

    /// LIMIT and OFFSET become digits.
    fn limit(&mut self, clause: &mut Option<LimitClause>, at: Span) {
        let (limit, offset) = match clause.take() {
            None => return,
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) => {
                if !limit_by.is_empty() {
                    self.deny(codes::CLAUSE, "LIMIT BY cannot be used in a query", at);
                }
                (limit, offset.map(|offset| offset.value))
            }
            Some(LimitClause::OffsetCommaLimit { offset, limit }) => (Some(limit), Some(offset)),
        };
        let limit = limit.and_then(|expr| self.whole(&expr, at));
        let offset = offset.and_then(|expr| self.whole(&expr, at));
        *clause = match (limit, offset) {
            (None, Some(rows)) => build::skip(self.policy.dialect, rows),
            (limit, offset) => build::limit(limit, offset),
        };
    }

    /// A whole number as written or bound.
    fn whole(&mut self, expr: &Expr, at: Span) -> Option<u64> {
        let number = match expr {
            Expr::Value(value) => match &value.value {
                Value::Number(digits, false) => digits.parse().ok(),
                Value::Placeholder(name) => {
                    let name = self.parameter(name, value.span)?;
                    // It is put in as digits, so that what is judged is what runs.
                    self.bound.proposal.get(&name).and_then(Json::as_u64)
                }
                _ => None,
            },
            _ => None,
        };
        let number = number.filter(|number| i64::try_from(*number).is_ok());
        if number.is_none() {
            let place = if expr.span() == Span::empty() { at } else { expr.span() };
            self.deny(codes::LIMIT, format!("`{expr}` is no whole number of rows"), place);
        }
        number
    }

    fn cte(&mut self, cte: &mut Cte, outer: usize) {
        let Cte { alias, query, from, materialized, closing_paren_token: _ } = cte;
        if from.is_some() || alias.at.is_some() {
            self.deny(codes::CLAUSE, "this form of WITH cannot be used in a query", alias.name.span);
        }
        if self.policy.dialect == Dialect::Generic {
            *materialized = None;
        }
        let place = alias.name.span;
        let name = self.alias(&mut alias.name);
        alias.explicit = false;
        let dialect = self.policy.dialect;
        if self.common.iter().skip(outer).any(|known| dialect.same(&known.name, &name)) {
            self.deny(codes::NAME, format!("WITH names `{name}` twice"), place);
        }
        let written = self.free_name(&name);
        alias.name.value.clone_from(&written);
        // A query of WITH sees the queries before it, and of the SELECTs around it none that its reader could take for its own.
        let frames = std::mem::take(&mut self.frames);
        let before = self.findings.len();
        let mut columns = self.query(query);
        let open = self.findings.len() > before;
        self.frames = frames;
        self.rename(&mut columns, &mut alias.columns, place);
        self.common.push(Common { name, written, columns, open });
    }

    /// A name for a query of WITH that is no relation's: engines differ in which of the two a query inside WITH means. It is no other
    /// name of the query's either.
    fn free_name(&self, name: &str) -> String {
        let taken = |candidate: &str| {
            let relations = self.policy.relations.iter().flat_map(|relation| &relation.path);
            relations.into_iter().any(|part| part.eq_ignore_ascii_case(candidate))
        };
        let known = |candidate: &str| self.common.iter().any(|common| common.written.eq_ignore_ascii_case(candidate));
        if !taken(name) {
            return name.to_owned();
        }
        let stem: String = name.chars().take(12).collect();
        let mut candidates = (1_u32..).map(|number| format!("{stem}_{number}"));
        let free = |candidate: &String| !taken(candidate) && !known(candidate) && self.is_new(candidate);
        candidates.find(free).unwrap_or_else(|| name.to_owned())
    }

    /// The part of a query between WITH and ORDER BY.
    fn body(&mut self, body: &mut SetExpr, order_by: Option<&mut OrderBy>) -> Vec<Out> {
        if let SetExpr::Select(select) = body {
            return self.select(select, order_by);
        }
        let outs = self.set(body);
        if let Some(order_by) = order_by {
            // Of a set operation only the columns of the result can be named.
            self.frames.push(Frame { aliases: outs.clone(), ..Frame::default() });
            self.order_by(order_by, outs.len());
            self.frames.pop();
        }
        outs
    }

    fn set(&mut self, body: &mut SetExpr) -> Vec<Out> {
        match body {
            SetExpr::Select(select) => self.select(select, None),
            SetExpr::Query(query) => {
                let place = query.body.span();
                self.beyond_sqlite(codes::CLAUSE, "a part of a set operation in parentheses", place);
                self.query(query)
            }
            SetExpr::SetOperation { left, op, set_quantifier, right } => {
                match (&*op, &*set_quantifier) {
                    (SetOperator::Minus, _) => {
                        self.deny(codes::CLAUSE, "MINUS cannot be used in a query; write EXCEPT", left.span());
                    }
                    (_, SetQuantifier::Distinct)
                    | (SetOperator::Except | SetOperator::Intersect, SetQuantifier::All) => {
                        self.beyond_sqlite(codes::CLAUSE, &format!("{op} {set_quantifier}"), left.span());
                    }
                    _ => {}
                }
                match set_quantifier {
                    SetQuantifier::All | SetQuantifier::Distinct | SetQuantifier::None => {}
                    SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName => {
                        self.deny(codes::CLAUSE, "BY NAME cannot be used in a query", left.span());
                    }
                }
                let place = right.span();
                let (mut left, right) = (self.set(left), self.set(right));
                if left.len() != right.len() && self.findings.is_empty() {
                    let message =
                        format!("the parts of a set operation have {} and {} columns", left.len(), right.len());
                    self.deny(codes::SYNTAX, message, place);
                }
                for (a, b) in left.iter_mut().zip(right) {
                    a.origins.extend(b.origins);
                    a.origins = distinct(std::mem::take(&mut a.origins));
                }
                left
            }
            SetExpr::Values(values) => self.values(values),
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                let place = body.span();
                self.deny(codes::STATEMENT, "a query cannot change data", place);
                Vec::new()
            }
            SetExpr::Table(_) => {
                let place = body.span();
                self.deny(codes::STATEMENT, "TABLE cannot be used in a query; write `SELECT * FROM …`", place);
                Vec::new()
            }
        }
    }

    fn values(&mut self, values: &mut Values) -> Vec<Out> {
        let Values { explicit_row, value_keyword, rows } = values;
        let mut outs: Vec<Out> = Vec::new();
        for row in rows {
            if *explicit_row || *value_keyword {
                self.deny(codes::CLAUSE, "this form of VALUES cannot be used in a query", row.opening_token.0.span);
            }
            for (at, expr) in row.content.iter_mut().enumerate() {
                let mark = self.log.len();
                self.expr(expr);
                let origins = self.since(mark);
                match outs.get_mut(at) {
                    Some(out) => out.origins.extend(origins),
                    None => outs.push(Out { name: None, sure: false, origins }),
                }
            }
        }
        outs
    }

    /// The columns logged since then.
    pub(super) fn since(&self, mark: usize) -> Vec<u32> {
        distinct(self.log.get(mark..).map(<[u32]>::to_vec).unwrap_or_default())
    }

    /// ORDER BY of a query whose result has so many columns.
    pub(super) fn order_by(&mut self, order_by: &mut OrderBy, width: usize) {
        let OrderBy { kind, interpolate } = order_by;
        if interpolate.is_some() {
            self.deny(codes::CLAUSE, "INTERPOLATE cannot be used in a query", Span::empty());
        }
        match kind {
            OrderByKind::All(_) => self.deny(codes::CLAUSE, "ORDER BY ALL cannot be used in a query", Span::empty()),
            OrderByKind::Expressions(list) => {
                for term in list {
                    match &term.expr {
                        Expr::Identifier(name) => {
                            let name = name.clone();
                            if let Some(item) = self.own_item(&name) {
                                term.expr = item;
                                self.order_options(term);
                                continue;
                            }
                        }
                        Expr::Value(value) if self.position(&value.value, width) => {
                            self.order_options(term);
                            continue;
                        }
                        _ => {}
                    }
                    self.order_term(term);
                }
            }
        }
    }

    /// A position in the SELECT list?
    pub(super) fn position(&self, value: &Value, width: usize) -> bool {
        match value {
            Value::Number(digits, false) => digits.parse().is_ok_and(|at: usize| (1..=width).contains(&at)),
            _ => false,
        }
    }

    /// A term of ORDER BY in a window or an aggregate.
    pub(super) fn order_term(&mut self, term: &mut OrderByExpr) {
        self.expr(&mut term.expr);
        self.order_options(term);
    }

    fn order_options(&mut self, term: &mut OrderByExpr) {
        let using = matches!(term.options.sort, Some(OrderBySort::Using(_)));
        if using || term.with_fill.is_some() {
            self.deny(codes::CLAUSE, "ORDER BY goes with ASC, DESC and NULLS FIRST or LAST only", term.expr.span());
        }
    }
}
