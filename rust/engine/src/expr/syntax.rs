//! Text to syntax tree: limits first, then the parser, then nothing may be left over.

use super::dialect::GuardDialect;
use super::problem::Problem;
use guard_verdict::{Span, codes::expression as codes};
use sqlparser::ast::{self, Spanned};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace};

/// Longest text, in bytes.
const TEXT_LIMIT: usize = 64 * 1024;
/// Deepest nesting of parentheses, calls and CASE.
const DEPTH_LIMIT: usize = 64;
/// Most operators; a chain of them nests the tree.
const OPERATOR_LIMIT: usize = 2_000;

/// One item of a SELECT list.
pub enum Item {
    /// `*`
    All(Span),
    /// An expression, and its name if one was given.
    One(Box<ast::Expr>, Option<ast::Ident>, Span),
}

/// `SELECT items FROM table [WHERE condition]`
pub struct Query {
    /// In order.
    pub items: Vec<Item>,
    /// The table's name as written.
    pub table: String,
    /// Where it stands.
    pub table_at: Span,
    /// The condition.
    pub condition: Option<ast::Expr>,
    /// Where COUNT(*) stands if it is the only item.
    pub counts: Option<Span>,
}

/// Reads one expression.
pub fn expression(text: &str) -> Result<ast::Expr, Problem> {
    read_expression(text).map_err(|problem| problem.placed(Span::default()))
}

fn read_expression(text: &str) -> Result<ast::Expr, Problem> {
    let mut parser = parser(text)?;
    let out = parser.parse_expr().map_err(|error| syntax(text, &error, &parser))?;
    end(&parser)?;
    Ok(out)
}

/// Reads one SELECT of the shapes that row rules and transforms have; everything else is refused where it stands.
pub fn query(text: &str) -> Result<Query, Problem> {
    read_query(text).map_err(|problem| problem.placed(Span::default()))
}

fn read_query(text: &str) -> Result<Query, Problem> {
    let mut parser = parser(text)?;
    let first = parser.peek_token();
    if !matches!(&first.token, Token::Word(word) if word.keyword == Keyword::SELECT) {
        let message = "the query does not start with SELECT";
        return Err(Problem::new(codes::SYNTAX, message, span_of(&first)).help("write `SELECT … FROM input WHERE …`"));
    }
    let query = parser.parse_query().map_err(|error| syntax(text, &error, &parser))?;
    end(&parser)?;
    super::refused::select(text, *query)
}

/// The place of a piece of the tree.
pub fn place(node: &impl Spanned) -> Span {
    let span = node.span();
    if span.start.line == 0 {
        return Span::default();
    }
    located(span.start, span.end)
}

fn located(start: Location, end: Location) -> Span {
    // Columns count characters; byte offsets are left to those who hold the text.
    let (line, column) = (start.line as usize, start.column as usize);
    Span { line, column, start: column.saturating_sub(1), end: (end.column as usize).saturating_sub(1).max(column) }
}

fn span_of(token: &TokenWithSpan) -> Span {
    located(token.span.start, token.span.end)
}

fn parser(text: &str) -> Result<Parser<'static>, Problem> {
    if text.len() > TEXT_LIMIT {
        let message = format!("the expression has {} bytes; at most {TEXT_LIMIT} are read", text.len());
        return Err(Problem::new(codes::TOO_LARGE, message, Span::default()).help("split it into several rules"));
    }
    let tokens = Tokenizer::new(&GuardDialect, text).tokenize_with_location().map_err(|error| {
        let at = located(error.location, error.location);
        Problem::new(codes::SYNTAX, format!("the text cannot be read: {}", error.message.to_lowercase()), at)
    })?;
    check_tokens(&tokens)?;
    // One level more than is allowed, so that the limit's own message is given for what lies just beyond it.
    Ok(Parser::new(&GuardDialect).with_recursion_limit(2 * DEPTH_LIMIT + 8).with_tokens_with_locations(tokens))
}

/// Comments, nesting and operators, before the parser recurses.
fn check_tokens(tokens: &[TokenWithSpan]) -> Result<(), Problem> {
    let (mut depth, mut operators) = (0_usize, 0_usize);
    for token in tokens {
        match &token.token {
            Token::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_)) => {
                let message = "comments are not part of an expression";
                let help = "take it out; a reader could take the text behind it for part of the rule";
                return Err(Problem::new(codes::COMMENT, message, span_of(token)).help(help));
            }
            Token::LParen | Token::LBracket | Token::LBrace => depth += 1,
            Token::RParen | Token::RBracket | Token::RBrace => depth = depth.saturating_sub(1),
            Token::Word(word) => match word.keyword {
                Keyword::CASE => depth += 1,
                Keyword::END => depth = depth.saturating_sub(1),
                Keyword::AND | Keyword::OR | Keyword::NOT | Keyword::IS | Keyword::BETWEEN | Keyword::IN => {
                    operators += 1
                }
                Keyword::AT | Keyword::LIKE | Keyword::ILIKE | Keyword::COLLATE | Keyword::OVERLAPS => operators += 1,
                // Other words that stand between operands or behind one.
                Keyword::RLIKE | Keyword::REGEXP | Keyword::SIMILAR | Keyword::GLOB | Keyword::MEMBER => operators += 1,
                Keyword::NOTNULL | Keyword::DIV | Keyword::XOR | Keyword::MATCH => operators += 1,
                _ => {}
            },
            Token::Comma | Token::Whitespace(_) | Token::Number(..) | Token::SingleQuotedString(_) | Token::EOF => {}
            _ => operators += 1,
        }
        if depth > DEPTH_LIMIT {
            let message = format!("the expression nests deeper than {DEPTH_LIMIT} levels");
            return Err(Problem::new(codes::TOO_LARGE, message, span_of(token)).help("split it into several rules"));
        }
        if operators > OPERATOR_LIMIT {
            let message = format!("the expression has more than {OPERATOR_LIMIT} operators");
            return Err(Problem::new(codes::TOO_LARGE, message, span_of(token)).help("split it into several rules"));
        }
    }
    Ok(())
}

fn end(parser: &Parser<'_>) -> Result<(), Problem> {
    let next = parser.peek_token();
    match &next.token {
        Token::EOF => Ok(()),
        Token::SemiColon => {
            let message = "one expression is read, not several statements";
            Err(Problem::new(codes::SYNTAX, message, span_of(&next)).help("take out the `;` and what follows it"))
        }
        other => {
            let message = format!("the expression ends before `{other}`");
            Err(Problem::new(codes::SYNTAX, message, span_of(&next)).help("an operator is missing, or a text too many"))
        }
    }
}

/// The parser's own message, with its position taken out of the words.
fn syntax(text: &str, error: &ParserError, parser: &Parser<'_>) -> Problem {
    let message = match error {
        ParserError::RecursionLimitExceeded => {
            let message = format!("the expression nests deeper than {DEPTH_LIMIT} levels");
            let at = span_of(&parser.peek_token());
            return Problem::new(codes::TOO_LARGE, message, at).help("split it into several rules");
        }
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
    };
    let (words, position) = match message.rsplit_once(" at Line: ") {
        Some((words, position)) => (words, numbers(position)),
        None => (message.as_str(), None),
    };
    let last = text.lines().count().max(1);
    let (line, column) = position.unwrap_or((last, text.lines().last().map_or(0, |line| line.chars().count()) + 1));
    let span = Span { line, column, start: column.saturating_sub(1), end: column };
    let words =
        words.replace("found: EOF", "found the end").replace("Expected: ", "expected ").replace("found: ", "found ");
    Problem::new(codes::SYNTAX, format!("this is no expression: {words}"), span)
}

fn numbers(position: &str) -> Option<(usize, usize)> {
    let (line, column) = position.split_once(", Column: ")?;
    Some((line.trim().parse().ok()?, column.trim().parse().ok()?))
}
