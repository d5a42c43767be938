//! The four dialects: how they fold names, and one strict grammar for them all.

use serde::{Deserialize, Serialize};
use sqlparser::ast::{Expr, Ident, ObjectName};
use sqlparser::dialect::{self, Dialect as Grammar};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;
use std::any::TypeId;

#[cfg(test)]
mod tests;

/// Longest name in bytes: PostgreSQL cuts longer ones off, so that two become one.
pub(crate) const NAME_LIMIT: usize = 63;

/// Whose SQL is read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// DuckDB: names in any case, quoted or not.
    Duckdb,
    /// PostgreSQL: unquoted names in lower case, quoted ones as written.
    Postgresql,
    /// SQLite: names in any case, quoted or not.
    Sqlite,
    /// Standard SQL: unquoted names in any case, quoted ones as written.
    Generic,
}

impl Dialect {
    /// As gate files call it.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Duckdb => "duckdb",
            Dialect::Postgresql => "postgresql",
            Dialect::Sqlite => "sqlite",
            Dialect::Generic => "generic",
        }
    }

    /// The name that an alias bears from then on.
    pub(crate) fn stored(self, written: &Ident) -> String {
        match self {
            Dialect::Postgresql if written.quote_style.is_none() => written.value.to_ascii_lowercase(),
            _ => written.value.clone(),
        }
    }

    /// Does this writing mean the thing of that name?
    pub(crate) fn means(self, written: &Ident, name: &str) -> bool {
        match (self, written.quote_style) {
            (Dialect::Duckdb | Dialect::Sqlite, _) | (Dialect::Generic, None) => {
                written.value.eq_ignore_ascii_case(name)
            }
            (Dialect::Postgresql, None) => {
                written.value.len() == name.len()
                    && written.value.bytes().map(|byte| byte.to_ascii_lowercase()).eq(name.bytes())
            }
            (Dialect::Postgresql | Dialect::Generic, Some(_)) => written.value == name,
        }
    }

    /// Can a column of a subquery bear this name? SQLite calls one that is named `true` or `false` `column1`.
    pub(crate) fn names(self, name: &str) -> bool {
        self != Dialect::Sqlite || !["true", "false"].iter().any(|value| name.eq_ignore_ascii_case(value))
    }

    /// Would an engine of the dialect take the two for one name?
    pub(crate) fn same(self, a: &str, b: &str) -> bool {
        match self {
            Dialect::Postgresql => a == b,
            Dialect::Duckdb | Dialect::Sqlite | Dialect::Generic => a.eq_ignore_ascii_case(b),
        }
    }

    pub(crate) fn grammar(self) -> &'static Strict {
        match self {
            Dialect::Duckdb => &Strict { dialect: Dialect::Duckdb },
            Dialect::Postgresql => &Strict { dialect: Dialect::Postgresql },
            Dialect::Sqlite => &Strict { dialect: Dialect::Sqlite },
            Dialect::Generic => &Strict { dialect: Dialect::Generic },
        }
    }
}

/// Is this the name of a call that the parser reads in one way only?
pub(crate) fn plain_call(name: &str) -> bool {
    matches!(Token::make_word(name, None), Token::Word(word) if is_plain(word.keyword))
}

/// No keyword, or one that is nothing but the name of a function: no type, no special form.
fn is_plain(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::NoKeyword
            | Keyword::COUNT
            | Keyword::SUM
            | Keyword::MIN
            | Keyword::MAX
            | Keyword::AVG
            | Keyword::ROW_NUMBER
            | Keyword::RANK
            | Keyword::DENSE_RANK
            | Keyword::LAG
            | Keyword::LEAD
            | Keyword::COALESCE
            | Keyword::NULLIF
            | Keyword::LOWER
            | Keyword::UPPER
            | Keyword::ABS
    )
}

/// `table.name`, and nothing that prolongs it.
fn compound(parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
    let name = matches!(parser.peek_nth_token_ref(2).token, Token::Word(_));
    let more = matches!(parser.peek_nth_token_ref(3).token, Token::Period | Token::LParen | Token::LBracket);
    (name && !more).then(|| {
        let table = parser.parse_identifier()?;
        parser.advance_token();
        Ok(Expr::CompoundIdentifier(vec![table, parser.parse_identifier()?]))
    })
}

/// What the parser is told: plain identifiers, no vendor's literals. What it still lets through is judged on the tree.
#[derive(Debug)]
pub(crate) struct Strict {
    dialect: Dialect,
}

impl Grammar for Strict {
    fn dialect(&self) -> TypeId {
        match self.dialect {
            Dialect::Duckdb => TypeId::of::<dialect::DuckDbDialect>(),
            Dialect::Postgresql => TypeId::of::<dialect::PostgreSqlDialect>(),
            Dialect::Sqlite => TypeId::of::<dialect::SQLiteDialect>(),
            Dialect::Generic => TypeId::of::<dialect::AnsiDialect>(),
        }
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_'
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '"'
    }

    fn identifier_quote_style(&self, _: &str) -> Option<char> {
        Some('"')
    }

    /// Names, calls and plain literals without the parser's attempts to read each as a type or a special form first, which fail for
    /// all of them: what is read is the same.
    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        let second = &parser.peek_nth_token_ref(1).token;
        match &parser.peek_token_ref().token {
            Token::Number(..) | Token::SingleQuotedString(_) => Some(parser.parse_value().map(Expr::Value)),
            // `(+)` is another dialect's outer join.
            Token::Word(word) if *second == Token::LParen && is_plain(word.keyword) => {
                let outer = parser.peek_nth_token_ref(2).token == Token::Plus;
                (!outer).then(|| {
                    let name = ObjectName::from(vec![parser.parse_identifier()?]);
                    parser.parse_function(name)
                })
            }
            Token::Word(word) if word.keyword == Keyword::NoKeyword => match second {
                Token::Period => compound(parser),
                Token::EOF | Token::Comma | Token::RParen | Token::Word(_) | Token::StringConcat => {
                    Some(parser.parse_identifier().map(Expr::Identifier))
                }
                Token::Eq | Token::Neq | Token::Lt | Token::Gt | Token::LtEq | Token::GtEq => {
                    Some(parser.parse_identifier().map(Expr::Identifier))
                }
                Token::Plus | Token::Minus | Token::Mul | Token::Div => {
                    Some(parser.parse_identifier().map(Expr::Identifier))
                }
                _ => None,
            },
            _ => None,
        }
    }

    // These literals are recognised in every dialect in order to be refused by name.
    fn supports_unicode_string_literal(&self) -> bool {
        true
    }

    fn supports_string_escape_constant(&self) -> bool {
        true
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn allow_extract_single_quotes(&self) -> bool {
        true
    }

    fn allow_extract_custom(&self) -> bool {
        false
    }

    fn supports_limit_comma(&self) -> bool {
        self.dialect == Dialect::Sqlite
    }

    fn supports_comma_separated_trim(&self) -> bool {
        true
    }

    fn supports_window_clause_named_window_reference(&self) -> bool {
        false
    }

    fn supports_left_associative_joins_without_parens(&self) -> bool {
        true
    }
}
