//! One SELECT.

use super::{Frame, Out, Walker, Window};
use crate::dialect::Dialect;
use guard_verdict::codes::query as codes;
use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, NamedWindowExpr, OrderBy, Select, SelectFlavor, Spanned, WindowSpec, WindowType,
};
use sqlparser::tokenizer::Span;

impl Walker<'_> {
    /// Judges a SELECT and the ORDER BY behind it; the columns of its result.
    pub(super) fn select(&mut self, select: &mut Select, order_by: Option<&mut OrderBy>) -> Vec<Out> {
        self.selects += 1;
        if self.selects == self.policy.limits.selects + 1 {
            let message = format!("the query has more than {} SELECTs", self.policy.limits.selects);
            self.deny(codes::TOO_LARGE, message, select.select_token.0.span);
        }
        self.refuse(select);
        let frame = self.from(&mut select.from);
        self.frames.push(frame);
        self.windows(select);
        let outs = self.items(&mut select.projection, select.select_token.0.span);
        let late = matches!(self.policy.dialect, Dialect::Duckdb | Dialect::Sqlite);
        if late {
            self.show_items(&outs);
        }
        self.optional(select.selection.as_mut());
        if !late {
            self.show_items(&outs);
        }
        if let Some(Distinct::On(exprs)) = &mut select.distinct {
            exprs.iter_mut().for_each(|expr| self.expr(expr));
        }
        self.group_by(&mut select.group_by, outs.len());
        self.optional(select.having.as_mut());
        self.optional(select.qualify.as_mut());
        if let Some(order_by) = order_by {
            self.order_by(order_by, outs.len());
        }
        self.frames.pop();
        outs
    }

    fn optional(&mut self, expr: Option<&mut Expr>) {
        if let Some(expr) = expr {
            self.expr(expr);
        }
    }

    fn show_items(&mut self, outs: &[Out]) {
        if let Some(frame) = self.frames.last_mut() {
            frame.aliases = outs.to_vec();
        }
    }

    /// Clauses that are no part of what queries may say. Each field is named, so that a new one does not compile before it is judged.
    fn refuse(&mut self, select: &Select) {
        let Select {
            select_token,
            optimizer_hints,
            distinct,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from: _,
            lateral_views,
            prewhere,
            selection: _,
            connect_by,
            group_by: _,
            cluster_by,
            distribute_by,
            sort_by,
            having: _,
            named_window: _,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        let dialect = self.policy.dialect;
        let on = matches!(distinct, Some(Distinct::On(_))) && !matches!(dialect, Dialect::Duckdb | Dialect::Postgresql);
        let found = [
            (into.is_some(), "INTO"),
            (top.is_some(), "TOP"),
            (on, "DISTINCT ON"),
            (qualify.is_some() && dialect != Dialect::Duckdb, "QUALIFY"),
            (exclude.is_some(), "EXCLUDE"),
            (!lateral_views.is_empty(), "LATERAL VIEW"),
            (prewhere.is_some(), "PREWHERE"),
            (!connect_by.is_empty(), "CONNECT BY"),
            (
                !cluster_by.is_empty() || !distribute_by.is_empty() || !sort_by.is_empty(),
                "CLUSTER, DISTRIBUTE or SORT BY",
            ),
            (!optimizer_hints.is_empty() || select_modifiers.is_some(), "a hint"),
            (value_table_mode.is_some(), "SELECT AS"),
            (*flavor != SelectFlavor::Standard, "FROM before SELECT"),
            (projection.is_empty(), "an empty SELECT list"),
        ];
        for (_, what) in found.iter().filter(|(is, _)| *is) {
            self.deny(codes::CLAUSE, format!("{what} cannot be used in a query"), select_token.0.span);
        }
    }

    fn windows(&mut self, select: &mut Select) {
        for definition in &mut select.named_window {
            let place = definition.0.span;
            let (name, mark) = (self.alias(&mut definition.0), self.log.len());
            match &mut definition.1 {
                NamedWindowExpr::WindowSpec(spec) => self.window_spec(spec),
                NamedWindowExpr::NamedWindow(_) => self.deny(codes::CLAUSE, "a window cannot stand for another", place),
            }
            let (dialect, origins) = (self.policy.dialect, self.since(mark));
            let frame = self.frames.last_mut();
            let twice = frame.is_some_and(|frame| {
                let twice = frame.windows.iter().any(|known| dialect.same(&known.name, &name));
                frame.windows.push(Window { name, origins });
                twice
            });
            if twice {
                self.deny(codes::NAME, "a window is named twice", place);
            }
        }
    }

    /// OVER of a function.
    pub(super) fn over(&mut self, window: &mut WindowType) {
        match window {
            WindowType::NamedWindow(name) => self.window_name(name),
            WindowType::WindowSpec(spec) => self.window_spec(spec),
        }
    }

    fn window_name(&mut self, name: &mut sqlparser::ast::Ident) {
        let dialect = self.policy.dialect;
        let known = |frame: &Frame| frame.windows.iter().find(|known| dialect.means(name, &known.name)).cloned();
        match self.frames.last().and_then(known) {
            Some(known) => {
                *name = crate::build::ident(&known.name);
                // A value over the window is made of what the window is made of, as if it stood here.
                self.log.extend(known.origins);
            }
            None => {
                let message = format!("there is no window `{name}`");
                self.deny(codes::EXPRESSION, message, name.span);
            }
        }
    }

    fn window_spec(&mut self, spec: &mut WindowSpec) {
        let WindowSpec { window_name, partition_by, order_by, window_frame } = spec;
        if let Some(name) = window_name {
            self.window_name(name);
        }
        partition_by.iter_mut().for_each(|expr| self.expr(expr));
        order_by.iter_mut().for_each(|term| self.order_term(term));
        if let Some(frame) = window_frame {
            let bounds = std::iter::once(&mut frame.start_bound).chain(frame.end_bound.as_mut());
            for bound in bounds {
                use sqlparser::ast::WindowFrameBound::{CurrentRow, Following, Preceding};
                match bound {
                    CurrentRow | Preceding(None) | Following(None) => {}
                    Preceding(Some(expr)) | Following(Some(expr)) => self.expr(expr),
                }
            }
        }
    }

    fn group_by(&mut self, group_by: &mut GroupByExpr, width: usize) {
        let (exprs, modifiers) = match group_by {
            GroupByExpr::All(modifiers) => {
                if self.policy.dialect != Dialect::Duckdb {
                    self.deny(codes::CLAUSE, "GROUP BY ALL cannot be used in this dialect", Span::empty());
                }
                (&mut Vec::new(), modifiers)
            }
            GroupByExpr::Expressions(exprs, modifiers) => (exprs, modifiers),
        };
        if !modifiers.is_empty() {
            self.deny(codes::CLAUSE, "WITH behind GROUP BY cannot be used in a query", Span::empty());
        }
        for expr in exprs {
            match expr {
                Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => {
                    let place = sets.iter().flatten().next().map(Spanned::span).unwrap_or_else(Span::empty);
                    self.beyond_sqlite(codes::CLAUSE, "GROUPING SETS, CUBE and ROLLUP", place);
                    sets.iter_mut().flatten().for_each(|expr| self.group_term(expr, width));
                }
                Expr::Tuple(members) if members.is_empty() => {
                    self.beyond_sqlite(codes::CLAUSE, "GROUP BY with nothing", Span::empty());
                }
                other => self.group_term(other, width),
            }
        }
    }

    fn group_term(&mut self, expr: &mut Expr, width: usize) {
        match expr {
            Expr::Value(value) if self.position(&value.value, width) => {}
            Expr::Value(_) => {
                let place = expr.span();
                self.deny(codes::EXPRESSION, format!("`{expr}` is no position in the SELECT list"), place);
            }
            other => self.expr(other),
        }
    }
}
