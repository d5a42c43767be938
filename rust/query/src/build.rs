//! Pieces of tree that the gate puts in.

use crate::dialect::Dialect;
use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    Expr, GroupByExpr, Ident, LimitClause, ObjectName, ObjectNamePart, Offset, Query, Select, SelectFlavor, SelectItem,
    SetExpr, TableAlias, TableFactor, TableWithJoins, Value,
};

/// A quoted name.
pub(crate) fn ident(name: &str) -> Ident {
    Ident::with_quote('"', name)
}

/// `"table"."name"`
pub(crate) fn column(table: &str, name: &str) -> Expr {
    Expr::CompoundIdentifier(vec![ident(table), ident(name)])
}

/// `expr AS "name"`
pub(crate) fn item(expr: Expr, name: &str) -> SelectItem {
    SelectItem::ExprWithAlias { expr, alias: ident(name) }
}

/// `AS "name"`
pub(crate) fn alias(name: &str) -> TableAlias {
    TableAlias { explicit: true, name: ident(name), columns: Vec::new(), at: None }
}

/// `"a"."b"`
pub(crate) fn object(path: &[String]) -> ObjectName {
    ObjectName(path.iter().map(|part| ObjectNamePart::Identifier(ident(part))).collect())
}

/// `"a"."b" AS "name"`
pub(crate) fn table(path: &[String], alias: TableAlias) -> TableFactor {
    TableFactor::Table {
        name: object(path),
        alias: Some(alias),
        args: None,
        with_hints: Vec::new(),
        version: None,
        with_ordinality: false,
        partitions: Vec::new(),
        json_path: None,
        sample: None,
        index_hints: Vec::new(),
    }
}

/// `SELECT items FROM from WHERE condition`
pub(crate) fn select(items: Vec<SelectItem>, from: TableFactor, condition: Option<Expr>) -> Query {
    let select = Select {
        select_token: AttachedToken::empty(),
        optimizer_hints: Vec::new(),
        distinct: None,
        select_modifiers: None,
        top: None,
        top_before_distinct: false,
        projection: items,
        exclude: None,
        into: None,
        from: vec![TableWithJoins { relation: from, joins: Vec::new() }],
        lateral_views: Vec::new(),
        prewhere: None,
        selection: condition,
        connect_by: Vec::new(),
        group_by: GroupByExpr::Expressions(Vec::new(), Vec::new()),
        cluster_by: Vec::new(),
        distribute_by: Vec::new(),
        sort_by: Vec::new(),
        having: None,
        named_window: Vec::new(),
        qualify: None,
        window_before_qualify: false,
        value_table_mode: None,
        flavor: SelectFlavor::Standard,
    };
    Query {
        with: None,
        body: Box::new(SetExpr::Select(Box::new(select))),
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

/// A whole number.
pub(crate) fn number(value: u64) -> Expr {
    Expr::Value(Value::Number(value.to_string(), false).into())
}

/// `LIMIT limit OFFSET offset`
pub(crate) fn limit(limit: Option<u64>, offset: Option<u64>) -> Option<LimitClause> {
    let offset = offset.map(|value| Offset { value: number(value), rows: sqlparser::ast::OffsetRows::None });
    let limit = limit.map(number);
    (limit.is_some() || offset.is_some()).then(|| LimitClause::LimitOffset { limit, offset, limit_by: Vec::new() })
}

/// `OFFSET rows`
pub(crate) fn skip(dialect: Dialect, rows: u64) -> Option<LimitClause> {
    // SQLite knows OFFSET behind LIMIT only.
    let most = u64::try_from(i64::MAX).ok().filter(|_| dialect == Dialect::Sqlite);
    limit(most, Some(rows))
}

/// Letters, digits and `_`, as every driver takes them.
pub(crate) fn is_parameter_name(name: &str) -> bool {
    name.starts_with(|ch: char| ch.is_ascii_alphabetic() || ch == '_')
        && name.len() <= 63
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The sign before a parameter's name.
pub(crate) fn mark(dialect: Dialect) -> char {
    match dialect {
        Dialect::Duckdb => '$',
        Dialect::Postgresql | Dialect::Sqlite | Dialect::Generic => ':',
    }
}

/// Writes the parameters of a predicate as the dialect does.
pub(crate) fn mark_parameters(dialect: Dialect, query: &mut Query) {
    if let SetExpr::Select(select) = &mut *query.body
        && let Some(condition) = &mut select.selection
    {
        mark_in(dialect, condition);
    }
}

/// Predicates are made of these forms only.
fn mark_in(dialect: Dialect, tree: &mut Expr) {
    match tree {
        Expr::Value(value) => {
            if let Value::Placeholder(name) = &mut value.value {
                let bare = name.get(1..).unwrap_or_default();
                *name = format!("{}{bare}", mark(dialect));
            }
        }
        Expr::Nested(inner) | Expr::IsNull(inner) | Expr::IsNotNull(inner) => mark_in(dialect, inner),
        Expr::UnaryOp { expr, .. } => mark_in(dialect, expr),
        Expr::BinaryOp { left, right, .. } => {
            mark_in(dialect, left);
            mark_in(dialect, right);
        }
        Expr::Between { expr, low, high, .. } => {
            for part in [expr, low, high] {
                mark_in(dialect, part);
            }
        }
        Expr::InList { expr, list, .. } => {
            mark_in(dialect, expr);
            list.iter_mut().for_each(|member| mark_in(dialect, member));
        }
        _ => {}
    }
}
