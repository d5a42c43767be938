//! The short ways of `parse_prefix` against the parser's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::{Dialect, Strict};
use sqlparser::ast::Query;
use sqlparser::dialect::Dialect as Grammar;
use sqlparser::parser::Parser;
use std::any::TypeId;

/// [`Strict`] without short ways.
#[derive(Debug)]
struct Long(&'static Strict);

impl Grammar for Long {
    fn dialect(&self) -> TypeId {
        self.0.dialect()
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        self.0.is_identifier_start(ch)
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        self.0.is_identifier_part(ch)
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        self.0.is_delimited_identifier_start(ch)
    }

    fn identifier_quote_style(&self, name: &str) -> Option<char> {
        self.0.identifier_quote_style(name)
    }

    fn supports_unicode_string_literal(&self) -> bool {
        self.0.supports_unicode_string_literal()
    }

    fn supports_string_escape_constant(&self) -> bool {
        self.0.supports_string_escape_constant()
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        self.0.supports_filter_during_aggregation()
    }

    fn supports_group_by_expr(&self) -> bool {
        self.0.supports_group_by_expr()
    }

    fn allow_extract_single_quotes(&self) -> bool {
        self.0.allow_extract_single_quotes()
    }

    fn allow_extract_custom(&self) -> bool {
        self.0.allow_extract_custom()
    }

    fn supports_limit_comma(&self) -> bool {
        self.0.supports_limit_comma()
    }

    fn supports_comma_separated_trim(&self) -> bool {
        self.0.supports_comma_separated_trim()
    }

    fn supports_window_clause_named_window_reference(&self) -> bool {
        self.0.supports_window_clause_named_window_reference()
    }

    fn supports_left_associative_joins_without_parens(&self) -> bool {
        self.0.supports_left_associative_joins_without_parens()
    }
}

fn read(grammar: &dyn Grammar, text: &str) -> Option<Query> {
    let mut parser = Parser::new(grammar).try_with_sql(text).ok()?;
    parser.parse_query().ok().map(|query| *query)
}

/// Names, calls and what may stand behind them, each with each.
fn pieces() -> Vec<String> {
    let heads = ["x", "t.x", "t.count", "count", "sum", "lower", "coalesce", "rank", "first", "\"x\"", "\"t\".\"x\""];
    let heads = heads.into_iter().chain(["row_number", "date", "t.x.y", "t . x", "left", "t.*", "nullif", "'a'", "1"]);
    let tails =
        ["", "(y)", "(*)", "(+)", "(+ 1)", "()", " (y)", ".y", ".y.z", ".y(z)", "[1]", " = 1", " y", "'a'", "::int"];
    let more =
        ["(DISTINCT y)", "(y) OVER ()", "(y, z)", " -> y", " AS y", " IS NULL", " COLLATE y", "(SELECT 1)", ".*"];
    let tails: Vec<&str> = tails.into_iter().chain(more).collect();
    let both = heads.flat_map(|head| tails.iter().map(move |tail| format!("{head}{tail}")));
    both.flat_map(|piece| {
        [
            format!("SELECT {piece} FROM t"),
            format!("SELECT - {piece} * {piece}"),
            format!("SELECT f({piece}) WHERE {piece}"),
        ]
    })
    .collect()
}

#[test]
fn short_ways_read_what_the_parser_reads() {
    let corpora = crate::queries::QUERIES.iter().chain(crate::bypasses::TABLE).map(|(_, sql, _)| (*sql).to_owned());
    let texts: Vec<String> = corpora.chain(pieces()).collect();
    let mut read_at_all = 0;
    for dialect in [Dialect::Duckdb, Dialect::Postgresql, Dialect::Sqlite, Dialect::Generic] {
        let grammar = dialect.grammar();
        for text in &texts {
            let long = read(&Long(grammar), text);
            assert_eq!(read(grammar, text), long, "{dialect:?}: {text}");
            read_at_all += usize::from(long.is_some());
        }
    }
    assert!(read_at_all > 1_000, "{read_at_all}");
}
