//! The SELECT list: `*` is written out, every item gets a name.

use super::names::merged_origins;
use super::{Out, Walker};
use crate::build;
use crate::dialect::Dialect;
use guard_verdict::codes::query as codes;
use sqlparser::ast::{
    Expr, Ident, ObjectName, ObjectNamePart, SelectItem, SelectItemQualifiedWildcardKind, Spanned,
    WildcardAdditionalOptions,
};
use sqlparser::tokenizer::Span;

impl Walker<'_> {
    /// Judges and rewrites the items; the columns of the result.
    pub(super) fn items(&mut self, items: &mut Vec<SelectItem>, at: Span) -> Vec<Out> {
        let mut outs: Vec<Out> = Vec::with_capacity(items.len());
        let mut written = Vec::with_capacity(items.len());
        for item in std::mem::take(items) {
            match item {
                SelectItem::UnnamedExpr(expr) => {
                    let name = self.name_of(&expr).unwrap_or_else(|| self.made_up(outs.len() + 1));
                    let sure = self.is_sure(&expr);
                    self.item_of(expr, (build::ident(&name), sure), &mut outs, &mut written);
                }
                SelectItem::ExprWithAlias { expr, mut alias } => {
                    self.alias(&mut alias);
                    self.item_of(expr, (alias, true), &mut outs, &mut written);
                }
                SelectItem::Wildcard(options) => {
                    self.plain_star(&options);
                    self.expand(None, options.wildcard_token.0.span, &mut outs, &mut written);
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(table), options) => {
                    self.plain_star(&options);
                    self.expand(Some(&table), table.span(), &mut outs, &mut written);
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::Expr(expr), _) => {
                    self.deny(codes::EXPRESSION, "`*` of a value cannot be used in a query", expr.span());
                }
                SelectItem::ExprWithAliases { expr, aliases: _ } => {
                    self.deny(codes::EXPRESSION, "several names for one item cannot be used in a query", expr.span());
                }
            }
        }
        if written.is_empty() && self.findings.is_empty() {
            self.deny(codes::CLAUSE, "an empty SELECT list cannot be used in a query", at);
        }
        *items = written;
        outs
    }

    fn item_of(
        &mut self,
        mut expr: Expr,
        (alias, sure): (Ident, bool),
        outs: &mut Vec<Out>,
        written: &mut Vec<SelectItem>,
    ) {
        let mark = self.log.len();
        self.expr(&mut expr);
        let out = Out { name: Some(alias.value.clone()), sure, origins: self.since(mark) };
        // DuckDB lets an item name those before it.
        if self.policy.dialect == Dialect::Duckdb
            && let Some(frame) = self.frames.last_mut()
        {
            frame.aliases.push(out.clone());
        }
        outs.push(out);
        written.push(SelectItem::ExprWithAlias { expr, alias });
    }

    /// A name for an item that has none, other than every name of the query.
    fn made_up(&self, position: usize) -> String {
        let mut name = format!("column_{position}");
        while !self.is_new(&name) {
            name.push('_');
        }
        name
    }

    /// Does every engine of the dialect name the item as [`Walker::name_of`] does? Of calls and casts only PostgreSQL does.
    fn is_sure(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => true,
            Expr::Nested(inner) => self.is_sure(inner),
            _ => self.policy.dialect == Dialect::Postgresql,
        }
    }

    /// What engines mostly call an item without a name.
    fn name_of(&self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::Identifier(name) => Some(self.policy.dialect.stored(name)),
            Expr::CompoundIdentifier(parts) => parts.last().map(|name| self.policy.dialect.stored(name)),
            Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => self.name_of(inner),
            Expr::Function(function) => match function.name.0.as_slice() {
                [ObjectNamePart::Identifier(name)] => Some(name.value.to_ascii_lowercase()),
                _ => None,
            },
            _ => None,
        }
    }

    fn plain_star(&mut self, options: &WildcardAdditionalOptions) {
        let WildcardAdditionalOptions {
            wildcard_token,
            opt_ilike,
            opt_exclude,
            opt_except,
            opt_replace,
            opt_rename,
            opt_alias,
        } = options;
        let plain = opt_ilike.is_none()
            && opt_exclude.is_none()
            && opt_except.is_none()
            && opt_replace.is_none()
            && opt_rename.is_none()
            && opt_alias.is_none();
        if !plain {
            self.deny(codes::CLAUSE, "only a plain `*` stands for all columns", wildcard_token.0.span);
        }
    }

    /// `*` or `table.*`: what the policy shows, in the dialect's order.
    fn expand(&mut self, table: Option<&ObjectName>, at: Span, outs: &mut Vec<Out>, written: &mut Vec<SelectItem>) {
        let Some(frame) = self.frames.last() else { return };
        let dialect = self.policy.dialect;
        let mut found: Vec<(Expr, Option<String>, Vec<u32>)> = Vec::new();
        let mut known = false;
        let whole = |merged: &super::Merged| {
            let origins = merged_origins(frame, &merged.name, &merged.covers, dialect);
            (Expr::Identifier(build::ident(&merged.name)), Some(merged.name.clone()), origins)
        };
        // DuckDB and SQLite leave a merged column where the left side has it.
        let first = matches!(dialect, Dialect::Postgresql | Dialect::Generic);
        if table.is_none() && first {
            found.extend(frame.merged.iter().map(whole));
        }
        for (position, source) in frame.sources.iter().enumerate() {
            let wanted = match table.map(|table| table.0.as_slice()) {
                None => true,
                Some([ObjectNamePart::Identifier(name)]) => dialect.means(name, &source.alias),
                Some(_) => false,
            };
            known |= wanted;
            let unnamed = source.columns.iter().any(|column| column.name.is_none());
            if wanted && unnamed {
                found.push((
                    Expr::Wildcard(sqlparser::ast::helpers::attached_token::AttachedToken::empty()),
                    None,
                    Vec::new(),
                ));
            }
            for column in source.columns.iter().filter(|_| wanted && !unnamed) {
                let Some(name) = &column.name else { continue };
                let covered =
                    |merged: &super::Merged| merged.covers.contains(&position) && dialect.same(&merged.name, name);
                if let Some(merged) = frame.merged.iter().find(|merged| table.is_none() && covered(merged)) {
                    if !first && merged.covers.first() == Some(&position) {
                        found.push(whole(merged));
                    }
                    continue;
                }
                found.push((build::column(&source.alias, name), Some(name.clone()), column.origins.clone()));
            }
        }
        if !known && self.findings.is_empty() {
            let what = table.map_or_else(|| "*".to_owned(), |table| format!("{table}.*"));
            self.deny(codes::RELATION_UNKNOWN, format!("`{what}` has no relation to stand for"), at);
        }
        for (expr, name, origins) in found {
            let Some(name) = name else {
                self.deny(codes::COLUMN_UNKNOWN, "`*` stands for columns without a name; name them", at);
                continue;
            };
            self.log.extend(&origins);
            outs.push(Out { name: Some(name.clone()), sure: true, origins });
            written.push(build::item(expr, &name));
        }
    }
}
