//! What SQL has and expressions do not (S6.24), named where it stands.

use super::problem::Problem;
use super::syntax::{Item, Query, place};
use guard_verdict::{Span, codes::expression as codes};
use sqlparser::ast::{self, Expr, Spanned};

/// A refusal of something that SQL has.
pub fn not_supported(what: &str, node: &impl Spanned, help: &str) -> Problem {
    let message = format!("{what} cannot be used in an expression");
    Problem::new(codes::NOT_SUPPORTED, message, place(node)).help(help)
}

const ONE_RECORD: &str = "an expression sees the values of one record only";

/// Forms of the syntax tree that are not in the language.
pub fn form(expr: &Expr) -> Problem {
    let (what, help) = match expr {
        Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => ("a subquery", ONE_RECORD),
        Expr::InUnnest { .. } => ("IN UNNEST", "say `list_contains(list, x)`"),
        Expr::AnyOp { .. } | Expr::AllOp { .. } => ("ANY and ALL", "say `list_contains(list, x)`"),
        Expr::SimilarTo { .. } | Expr::RLike { .. } => ("this pattern operator", "say `regexp_matches(x, 'pattern')`"),
        Expr::JsonAccess { .. } | Expr::IsJson { .. } => ("JSON access", "read the field into a column first"),
        Expr::Collate { .. } => ("COLLATE", "texts compare by Unicode scalar values; say `lower(x)` to ignore case"),
        Expr::Convert { .. } => ("CONVERT", "say `CAST(x AS type)`"),
        Expr::Overlay { .. } => ("OVERLAY", "say `left(x, n) || y || substring(x, m)`"),
        Expr::IsNormalized { .. } => ("IS NORMALIZED", "nothing is normalised"),
        Expr::GroupingSets(_) | Expr::Cube(_) | Expr::Rollup(_) => ("grouping", ONE_RECORD),
        Expr::Tuple(_) => ("a tuple", "compare the columns one by one"),
        Expr::Struct { .. } | Expr::Named { .. } | Expr::Dictionary(_) | Expr::Map(_) => {
            ("a struct or map constructor", "select its fields as columns")
        }
        Expr::MatchAgainst { .. } | Expr::MemberOf(_) => ("this vendor's operator", "say it with a function"),
        Expr::Wildcard(_) | Expr::QualifiedWildcard(..) => ("`*`", "name the columns"),
        Expr::OuterJoin(_) | Expr::Prior(_) => ("a join operator", ONE_RECORD),
        Expr::Lambda(_) => ("a lambda", "say it with the list functions"),
        Expr::Prefixed { .. } => ("a prefixed literal", "write it without the prefix"),
        _ => ("this form", "see the reference of expressions"),
    };
    not_supported(what, expr, help)
}

/// A query of the one shape that is read.
pub fn select(text: &str, query: ast::Query) -> Result<Query, Problem> {
    let ast::Query {
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
    let extra = [
        (with.is_some(), "WITH"),
        (order_by.is_some(), "ORDER BY"),
        (limit_clause.is_some() || fetch.is_some(), "LIMIT"),
        (!locks.is_empty() || for_clause.is_some(), "FOR"),
        (settings.is_some() || format_clause.is_some() || !pipe_operators.is_empty(), "this clause"),
    ];
    refuse_first(text, &extra)?;
    let ast::SetExpr::Select(select) = *body else {
        return Err(whole(text, "a set operation or a bare list of values"));
    };
    simple(text, &select)?;
    let ast::Select { projection, from, selection, .. } = *select;
    let (table, table_at) = table(text, &from)?;
    let counts = match projection.as_slice() {
        [one] if is_count(one) => Some(place(one)),
        _ => None,
    };
    let items =
        if counts.is_some() { Vec::new() } else { projection.into_iter().map(item).collect::<Result<_, _>>()? };
    Ok(Query { items, table, table_at, condition: selection, counts })
}

fn whole(text: &str, what: &str) -> Problem {
    let lines = text.lines().count().max(1);
    let span = Span { line: 1, column: 1, start: 0, end: if lines == 1 { text.chars().count() } else { 0 } };
    Problem::new(codes::NOT_SUPPORTED, format!("{what} cannot be used here"), span).help(ONE_RECORD)
}

fn refuse_first(text: &str, extra: &[(bool, &str)]) -> Result<(), Problem> {
    match extra.iter().find(|(there, _)| *there) {
        Some((_, what)) => Err(whole(text, what)),
        None => Ok(()),
    }
}

/// Only projection, FROM and WHERE.
fn simple(text: &str, select: &ast::Select) -> Result<(), Problem> {
    let ast::Select {
        select_token: _,
        optimizer_hints,
        distinct,
        select_modifiers,
        top,
        top_before_distinct: _,
        projection: _,
        exclude,
        into,
        from: _,
        lateral_views,
        prewhere,
        selection: _,
        connect_by,
        group_by,
        cluster_by,
        distribute_by,
        sort_by,
        having,
        named_window,
        qualify,
        window_before_qualify: _,
        value_table_mode,
        flavor: _,
    } = select;
    let grouped = match group_by {
        ast::GroupByExpr::All(_) => true,
        ast::GroupByExpr::Expressions(list, more) => !list.is_empty() || !more.is_empty(),
    };
    let extra = [
        (distinct.is_some(), "DISTINCT"),
        (top.is_some(), "TOP"),
        (into.is_some(), "INTO"),
        (grouped, "GROUP BY"),
        (having.is_some() || qualify.is_some(), "HAVING"),
        (!named_window.is_empty(), "WINDOW"),
        (!lateral_views.is_empty() || !connect_by.is_empty(), "a join"),
        (!cluster_by.is_empty() || !distribute_by.is_empty() || !sort_by.is_empty(), "SORT BY"),
        (exclude.is_some() || prewhere.is_some(), "this clause"),
        (!optimizer_hints.is_empty() || select_modifiers.is_some() || value_table_mode.is_some(), "this clause"),
    ];
    refuse_first(text, &extra)
}

fn table(text: &str, from: &[ast::TableWithJoins]) -> Result<(String, Span), Problem> {
    let [one] = from else { return Err(whole(text, if from.is_empty() { "a query without FROM" } else { "a join" })) };
    if let Some(join) = one.joins.first() {
        return Err(not_supported("a join", join, ONE_RECORD));
    }
    let ast::TableFactor::Table { name, alias: None, args: None, with_hints, version: None, .. } = &one.relation else {
        return Err(not_supported("this table", &one.relation, "name the input alone: `FROM input`"));
    };
    let ast::TableFactor::Table {
        with_ordinality: false, partitions, json_path: None, sample: None, index_hints, ..
    } = &one.relation
    else {
        return Err(not_supported("this table", &one.relation, "name the input alone: `FROM input`"));
    };
    match name.0.as_slice() {
        [part @ ast::ObjectNamePart::Identifier(name)]
            if with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty() =>
        {
            Ok((name.value.clone(), place(part)))
        }
        _ => Err(not_supported("this table", &one.relation, "name the input alone: `FROM input`")),
    }
}

fn is_count(item: &ast::SelectItem) -> bool {
    let (ast::SelectItem::UnnamedExpr(expr) | ast::SelectItem::ExprWithAlias { expr, .. }) = item else { return false };
    let Expr::Function(function) = expr else { return false };
    let name = function.name.to_string().to_ascii_lowercase();
    let ast::FunctionArguments::List(list) = &function.args else { return false };
    let star = matches!(list.args.as_slice(), [ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Wildcard)]);
    let one = matches!(list.args.as_slice(), [ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(Expr::Value(value)))]
        if matches!(value.value, ast::Value::Number(..)));
    let plain = list.duplicate_treatment.is_none() && list.clauses.is_empty() && function.filter.is_none();
    name == "count" && (star || one) && plain && function.over.is_none()
}

fn item(item: ast::SelectItem) -> Result<Item, Problem> {
    let span = place(&item);
    match item {
        ast::SelectItem::UnnamedExpr(expr) => Ok(Item::One(Box::new(expr), None, span)),
        ast::SelectItem::ExprWithAlias { expr, alias } => Ok(Item::One(Box::new(expr), Some(alias), span)),
        ast::SelectItem::Wildcard(options) => {
            let plain = options.opt_ilike.is_none()
                && options.opt_exclude.is_none()
                && options.opt_except.is_none()
                && options.opt_replace.is_none()
                && options.opt_rename.is_none()
                && options.opt_alias.is_none();
            if plain { Ok(Item::All(span)) } else { Err(star(span)) }
        }
        ast::SelectItem::QualifiedWildcard(..) | ast::SelectItem::ExprWithAliases { .. } => Err(star(span)),
    }
}

fn star(span: Span) -> Problem {
    let message = "only a plain `*` stands for all columns";
    Problem::new(codes::NOT_SUPPORTED, message, span).help("name the columns that you want")
}

/// Names of functions over many records.
pub fn is_aggregate(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "count",
        "sum",
        "avg",
        "mean",
        "min",
        "max",
        "median",
        "mode",
        "stddev",
        "stddev_pop",
        "stddev_samp",
        "variance",
        "var_pop",
        "var_samp",
        "any_value",
        "first",
        "last",
        "arg_min",
        "arg_max",
        "list_agg",
        "listagg",
        "array_agg",
        "string_agg",
        "group_concat",
        "bool_and",
        "bool_or",
        "every",
        "approx_count_distinct",
        "quantile",
        "percentile_cont",
        "percentile_disc",
        "row_number",
        "rank",
        "dense_rank",
        "ntile",
        "lag",
        "lead",
        "first_value",
        "last_value",
        "nth_value",
        "cume_dist",
        "percent_rank",
        "product",
        "corr",
        "covar_pop",
        "covar_samp",
        "histogram",
    ];
    NAMES.contains(&name)
}

/// Names of functions of the clock, of chance, or of the session.
pub fn is_impure(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "now",
        "current_date",
        "current_time",
        "current_timestamp",
        "localtime",
        "localtimestamp",
        "today",
        "getdate",
        "transaction_timestamp",
        "statement_timestamp",
        "clock_timestamp",
        "sysdate",
        "random",
        "rand",
        "uuid",
        "gen_random_uuid",
        "newid",
        "setseed",
        "current_user",
        "session_user",
        "user",
        "current_schema",
        "nextval",
        "currval",
        "pg_sleep",
        "getenv",
        "version",
        "txid_current",
    ];
    NAMES.contains(&name)
}
