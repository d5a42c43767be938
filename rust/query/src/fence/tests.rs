//! The reader against the parser: what the first accepts, the second reads as the same tree. The parser is the oracle.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::reads_as;
use crate::dialect::Dialect;
use crate::judge::{self, Parameters};
use crate::policy::{Limits, PolicySpec, QueryPolicy};
use crate::text;
use crate::walk::Walker;
use proptest::prelude::*;
use serde_json::{Value, json};
use sqlparser::ast::{Expr, Query, SelectItem, SetExpr};

const DIALECTS: [Dialect; 4] = [Dialect::Duckdb, Dialect::Postgresql, Dialect::Sqlite, Dialect::Generic];

fn policy(dialect: Dialect) -> QueryPolicy {
    let mut functions: Vec<&str> = crate::known_functions(dialect).collect();
    functions.sort_unstable();
    functions.dedup();
    let spec = json!({
        "dialect": dialect.name(), "maxRows": 1000, "functions": functions,
        "relations": {
            "orders": {"columns": ["id", "customer_id", "amount", "country", "created"], "where": "tenant = :tenant"},
            "customers": {"columns": ["id", "name", "country", "Segment"], "where": "tenant = :tenant AND NOT deleted"},
            "sales.countries": {"columns": ["code", "region"]},
        },
    });
    let spec: PolicySpec = serde_json::from_value(spec).unwrap();
    QueryPolicy::compile(&spec).unwrap()
}

fn bound() -> Parameters {
    let of = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), Value::from(7))).collect();
    Parameters { proposal: of(&["country", "least", "n", "text"]), gate: of(&["tenant"]) }
}

/// The tree that a text becomes, whether or not it is allowed in the end.
fn rewritten(policy: &QueryPolicy, sql: &str) -> Option<Query> {
    let bound = bound();
    let mut query = text::read(policy, sql).ok()?;
    judge::unwrap(&mut query);
    Walker::new(policy, &bound, sql).query(&mut query);
    judge::cap(policy, &mut query);
    Some(query)
}

fn parsed(dialect: Dialect, text: &str) -> Option<Query> {
    text::read_back(dialect, Limits::default(), text)
}

/// The reader's answer, held to the parser's.
fn agree(dialect: Dialect, text: &str, query: &Query) -> bool {
    let accepted = reads_as(dialect, text, query);
    if accepted {
        assert_eq!(parsed(dialect, text).as_ref(), Some(query), "{dialect:?}: {text}");
    }
    accepted
}

fn corpus() -> impl Iterator<Item = (Dialect, &'static str, bool)> {
    let approved = crate::queries::QUERIES.iter().map(|(whose, sql, _)| (*whose, *sql, true));
    let all = approved.chain(crate::bypasses::TABLE.iter().map(|(whose, sql, _)| (*whose, *sql, false)));
    all.flat_map(|(whose, sql, approved)| {
        let of = DIALECTS.into_iter().filter(move |one| whose == "*" || whose == one.name());
        of.map(move |dialect| (dialect, sql, approved))
    })
}

#[test]
fn the_reader_accepts_no_text_of_the_corpora_that_the_parser_reads_otherwise() {
    let (mut answered, mut approved_texts) = (0, 0);
    for (dialect, sql, approved) in corpus() {
        let policy = policy(dialect);
        let Some(query) = rewritten(&policy, sql) else { continue };
        let accepted = agree(dialect, &query.to_string(), &query);
        if approved {
            approved_texts += 1;
            answered += usize::from(accepted);
        }
        // The text as it was asked is another one.
        agree(dialect, sql, &query);
    }
    assert!(approved_texts >= 250, "{approved_texts}");
    assert!(answered * 10 >= approved_texts * 7, "{answered} of {approved_texts}");
}

/// Pieces of a text with the blanks between them.
fn cut(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut quote = None;
    for ch in text.chars() {
        let letter = |ch: char| ch.is_alphanumeric() || ch == '_';
        let joins = out.last().and_then(|last| last.chars().last()).is_some_and(|last| letter(last) && letter(ch));
        match out.last_mut() {
            Some(last) if joins || quote.is_some() => last.push(ch),
            _ => out.push(ch.to_string()),
        }
        match quote {
            Some(open) if open == ch => quote = None,
            None if ch == '"' || ch == '\'' => quote = Some(ch),
            _ => {}
        }
    }
    out
}

const PUT_IN: &[&str] = &[
    " ",
    "(",
    ")",
    ",",
    ".",
    "-",
    "--",
    "/*",
    "*",
    "+",
    "=",
    "<",
    ">",
    "||",
    "::",
    "'",
    "\"",
    "''",
    "1",
    ".5",
    "e5",
    "NOT ",
    " AND ",
    " OR ",
    " IN ",
    " IS NULL",
    " BETWEEN ",
    " LIKE ",
    "DISTINCT ",
    " AS ",
    " UNION ",
    "SELECT ",
    " ON ",
    " WITH ",
    " FILTER ",
    " OVER ",
    " COLLATE ",
    " ESCAPE ",
    "ALL ",
    "\\",
    "\u{0}",
    "$$",
    "\t",
    "\n",
    "é",
    "x",
    "E",
    "U&",
    ";",
    "[1]",
];

fn damaged(text: &str, edits: &[(usize, u8, usize)]) -> String {
    let mut pieces = cut(text);
    for (at, kind, what) in edits {
        let at = at % pieces.len().max(1);
        match kind {
            0 => pieces.insert(at, PUT_IN[what % PUT_IN.len()].to_owned()),
            1 if pieces.len() > 1 => drop(pieces.remove(at)),
            2 => {
                let other = what % pieces.len().max(1);
                pieces.swap(at, other);
            }
            _ => pieces[at] = PUT_IN[what % PUT_IN.len()].to_owned(),
        }
    }
    pieces.concat()
}

/// An expression with and without the parentheses that it needs.
fn expression() -> impl Strategy<Value = String> {
    const ATOMS: &[&str] =
        &["o.id", "amount", "1", "2.5", "'a'", "'it''s'", "NULL", "TRUE", ":n", "count(*)", "sum(DISTINCT amount)"];
    let atom = proptest::sample::select(ATOMS).prop_map(str::to_owned);
    const SIGNS: &[&str] =
        &["+", "-", "*", "/", "%", "||", "=", "<>", "<=", "AND", "OR", "IS DISTINCT FROM", "LIKE", "NOT LIKE"];
    atom.prop_recursive(6, 64, 2, move |inner| {
        let two = (inner.clone(), proptest::sample::select(SIGNS), inner.clone()).boxed();
        prop_oneof![
            8 => two.clone().prop_map(|(a, sign, b)| format!("({a} {sign} {b})")),
            4 => two.prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
            2 => inner.clone().prop_map(|a| format!("(NOT {a})")),
            2 => inner.clone().prop_map(|a| format!("(- {a})")),
            1 => inner.clone().prop_map(|a| format!("+{a}")),
            1 => inner.clone().prop_map(|a| format!("({a} IS NOT NULL)")),
            1 => inner.clone().prop_map(|a| format!("{a} IS TRUE")),
            1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} BETWEEN {b} AND {c})")),
            1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} NOT IN ({b}, {c}))")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("CASE WHEN {a} THEN {b} ELSE 1 END")),
            1 => inner.clone().prop_map(|a| format!("(SELECT {a} FROM orders AS o)")),
            1 => inner.prop_map(|a| format!("EXISTS (SELECT {a} FROM orders AS o)")),
        ]
    })
}

/// The tree without parentheses of its own: its text reads otherwise wherever they were needed.
fn bare(expr: Expr) -> Expr {
    let of = |inner: Box<Expr>| Box::new(bare(*inner));
    match expr {
        Expr::Nested(inner) => bare(*inner),
        Expr::BinaryOp { left, op, right } => Expr::BinaryOp { left: of(left), op, right: of(right) },
        Expr::UnaryOp { op, expr } => Expr::UnaryOp { op, expr: of(expr) },
        Expr::IsNotNull(inner) => Expr::IsNotNull(of(inner)),
        Expr::IsTrue(inner) => Expr::IsTrue(of(inner)),
        Expr::Between { expr, negated, low, high } => {
            Expr::Between { expr: of(expr), negated, low: of(low), high: of(high) }
        }
        Expr::InList { expr, list, negated } => {
            Expr::InList { expr: of(expr), list: list.into_iter().map(bare).collect(), negated }
        }
        Expr::Like { negated, any, expr, pattern, escape_char } => {
            Expr::Like { negated, any, expr: of(expr), pattern: of(pattern), escape_char }
        }
        other => other,
    }
}

fn without_parentheses(mut query: Query) -> Query {
    if let SetExpr::Select(select) = &mut *query.body {
        for item in &mut select.projection {
            if let SelectItem::ExprWithAlias { expr, .. } = item {
                *expr = bare(expr.clone());
            }
        }
    }
    query
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_reader_accepts_no_damaged_text_that_the_parser_reads_otherwise(
        which in any::<proptest::sample::Index>(),
        edits in proptest::collection::vec((any::<usize>(), 0_u8..4, any::<usize>()), 1..4),
    ) {
        let all: Vec<_> = corpus().filter(|(.., approved)| *approved).collect();
        let (dialect, sql, _) = all[which.index(all.len())];
        let query = rewritten(&policy(dialect), sql).unwrap();
        let text = damaged(&query.to_string(), &edits);
        agree(dialect, &text, &query);
        // The tree of the damaged text against the text that it was made from, and against its own.
        if let Some(other) = parsed(dialect, &text) {
            agree(dialect, &query.to_string(), &other);
            agree(dialect, &text, &other);
            agree(dialect, &other.to_string(), &other);
        }
    }

    #[test]
    fn the_reader_misses_no_parentheses(expression in expression(), which in 0_usize..4) {
        let dialect = DIALECTS[which];
        let text = format!("SELECT {expression} AS x FROM orders AS o");
        if let Some(query) = rewritten(&policy(dialect), &text) {
            agree(dialect, &query.to_string(), &query);
            let bare = without_parentheses(query.clone());
            agree(dialect, &bare.to_string(), &bare);
            agree(dialect, &query.to_string(), &bare);
            agree(dialect, &bare.to_string(), &query);
        }
    }
}

#[test]
fn a_tree_that_lost_its_parentheses_is_not_accepted() {
    let expressions = [
        "(o.id + 1) * 2",
        "o.id - (1 - 2)",
        "-(o.id + 1)",
        "NOT (o.id = 1 AND o.id = 2)",
        "(o.id = 1) = TRUE",
        "(o.id = 1 OR o.id = 2) AND o.id = 3",
        "(o.id = 1) IS NOT NULL = TRUE",
        "o.id BETWEEN (1 BETWEEN 0 AND 2) AND 3",
        "(NOT o.id) = 1",
        "o.id * (2 / 3)",
        "(o.id IS TRUE) + 1",
        "(o.country LIKE 'a') LIKE 'b' = TRUE",
    ];
    for expression in expressions {
        let dialect = Dialect::Duckdb;
        let query = rewritten(&policy(dialect), &format!("SELECT {expression} AS x FROM orders AS o")).unwrap();
        assert!(agree(dialect, &query.to_string(), &query), "{query}");
        let bare = without_parentheses(query);
        let reads = parsed(dialect, &bare.to_string()).as_ref() == Some(&bare);
        assert_eq!(reads_as(dialect, &bare.to_string(), &bare), reads, "{bare}");
    }
}

/// By hand: what the tree says, and a text that reads otherwise.
#[test]
fn near_misses_are_not_accepted() {
    let sql = "SELECT (o.id + 1) * 2 AS x FROM orders AS o WHERE NOT (o.id = 1 AND o.amount > 2) LIMIT 5";
    for dialect in DIALECTS {
        let query = rewritten(&policy(dialect), sql).unwrap();
        let text = query.to_string();
        assert!(agree(dialect, &text, &query), "{text}");
        let misses = [
            ("(\"o\".\"id\" + 1) * 2", "\"o\".\"id\" + 1 * 2"),
            ("NOT (", "("),
            (" AND ", " OR "),
            (" LIMIT 5", " LIMIT 50"),
            (" LIMIT 5", " LIMIT 5 OFFSET 1"),
            (" LIMIT 5", ""),
            (" LIMIT 5", " LIMIT 5 FOR UPDATE"),
            (" LIMIT 5", " LIMIT 5 -- x"),
            (" LIMIT 5", " LIMIT 5; SELECT 1"),
            ("> 2", "> 2 OR 1 = 1"),
            ("> 2", "> - 2"),
            ("\"id\" =", "\"id\"\"\" ="),
            ("AS \"x\"", "AS \"X\""),
            ("AS \"o\"", "AS \"o\" TABLESAMPLE (1)"),
            ("SELECT ", "SELECT DISTINCT "),
        ];
        for (from, to) in misses {
            let other = text.replacen(from, to, 1);
            assert_ne!(other, text);
            assert!(!reads_as(dialect, &other, &query), "{other}");
        }
    }
}

/// Set operations without parentheses.
fn flat(body: SetExpr) -> SetExpr {
    match body {
        SetExpr::Query(query) => flat(*query.body),
        SetExpr::SetOperation { op, set_quantifier, left, right } => {
            let (left, right) = (Box::new(flat(*left)), Box::new(flat(*right)));
            SetExpr::SetOperation { op, set_quantifier, left, right }
        }
        other => other,
    }
}

#[test]
fn set_operations_that_lost_their_parentheses_are_not_accepted() {
    let (a, b, c) = ("SELECT id FROM orders", "SELECT id FROM customers", "SELECT code FROM sales.countries");
    let texts = [
        format!("{a} UNION {b} INTERSECT {c}"),
        format!("({a} UNION {b}) INTERSECT {c}"),
        format!("{a} EXCEPT ({b} UNION ALL {c})"),
        format!("{a} EXCEPT {b} UNION ALL {c}"),
        format!("{a} INTERSECT ({b} UNION {c})"),
        format!("{a} INTERSECT ({b} INTERSECT {c})"),
    ];
    let mut lost = 0;
    for text in texts {
        let dialect = Dialect::Postgresql;
        let query = rewritten(&policy(dialect), &text).unwrap();
        assert!(agree(dialect, &query.to_string(), &query), "{query}");
        let flat = Query { body: Box::new(flat(*query.body.clone())), ..query };
        let reads = parsed(dialect, &flat.to_string()).as_ref() == Some(&flat);
        lost += usize::from(!reads);
        assert_eq!(agree(dialect, &flat.to_string(), &flat), reads, "{flat}");
    }
    assert_eq!(lost, 4);
}

/// `IN ((SELECT …))` is read as IN with a query, never as a list of one subquery.
#[test]
fn a_list_of_one_subquery_is_not_accepted() {
    let dialect = Dialect::Duckdb;
    let mut query = rewritten(&policy(dialect), "SELECT o.id IN (1) AS x FROM orders AS o").unwrap();
    let inner = rewritten(&policy(dialect), "SELECT id FROM customers").unwrap();
    if let SetExpr::Select(select) = &mut *query.body
        && let SelectItem::ExprWithAlias { expr: Expr::InList { list, .. }, .. } = &mut select.projection[0]
    {
        *list = vec![Expr::Subquery(Box::new(inner))];
    }
    assert!(query.to_string().contains("IN ((SELECT"), "{query}");
    assert_ne!(parsed(dialect, &query.to_string()).as_ref(), Some(&query));
    assert!(!reads_as(dialect, &query.to_string(), &query));
}
