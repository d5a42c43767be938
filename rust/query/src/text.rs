//! Text to tokens to tree, with its limits, and the places in it.

use crate::decision::Reason;
use crate::dialect::Dialect;
use crate::policy::{Limits, QueryPolicy, STAND_IN};
use guard_verdict::{Code, Span, codes::query as codes};
use sqlparser::ast::Query;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{
    Location, Span as Place, Token, TokenWithSpan, Tokenizer, TokenizerError, Whitespace, Word,
};

/// A refusal before its place is known in bytes.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub code: Code,
    pub message: String,
    pub help: Option<String>,
    pub place: Place,
}

impl Finding {
    pub fn new(code: Code, message: impl Into<String>, place: Place) -> Finding {
        Finding { code, message: message.into(), help: None, place }
    }

    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    /// With its place in the text.
    pub fn placed(self, text: &str) -> Reason {
        let help = self.help.unwrap_or_else(|| self.code.0.help.to_owned());
        Reason { code: self.code, message: self.message, help, span: span(text, self.place) }
    }
}

/// Lines and columns of the parser, with bytes.
fn span(text: &str, place: Place) -> Span {
    let (line, column) = (place.start.line.max(1) as usize, place.start.column.max(1) as usize);
    let start = offset(text, line, column);
    let end = offset(text, place.end.line as usize, place.end.column as usize);
    Span { line, column, start, end: end.max(start) }
}

fn offset(text: &str, line: usize, column: usize) -> usize {
    let skipped = match line {
        0 => return 0,
        1 => 0,
        _ => text.match_indices('\n').nth(line - 2).map_or(text.len(), |(at, _)| at + 1),
    };
    let rest = text.get(skipped..).unwrap_or_default();
    skipped + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at)
}

/// Reads exactly one query within the policy's limits.
pub(crate) fn read(policy: &QueryPolicy, text: &str) -> Result<Query, Finding> {
    let most = policy.limits.bytes;
    if text.len() > most {
        let message = format!("the query has {} bytes; at most {most} are read", text.len());
        return Err(Finding::new(codes::TOO_LARGE, message, Place::empty()));
    }
    let tokens = tokens(policy.dialect, text).map_err(|error| {
        let place = Place::new(error.location, error.location);
        Finding::new(codes::SYNTAX, format!("the text cannot be read: {}", error.message.to_lowercase()), place)
    })?;
    check(policy, &tokens)?;
    parse(policy.dialect, policy.limits, tokens, 4 * policy.limits.depth + 16)
}

/// Reads a text that the gate wrote itself from a query within these limits.
pub(crate) fn read_back(dialect: Dialect, limits: Limits, text: &str) -> Option<Query> {
    let tokens = tokens(dialect, text).ok()?;
    parse(dialect, limits, tokens, 4 * limits.depth + 200).ok()
}

fn tokens(dialect: Dialect, text: &str) -> Result<Vec<TokenWithSpan>, TokenizerError> {
    let mut out = Vec::with_capacity(text.len() / 2 + 16);
    Tokenizer::new(dialect.grammar(), text).tokenize_with_location_into_buf(&mut out)?;
    Ok(out)
}

fn parse(dialect: Dialect, limits: Limits, mut tokens: Vec<TokenWithSpan>, recursion: usize) -> Result<Query, Finding> {
    // The parser would skip white space again and again. Comments stay: in what the gate wrote they are a fault.
    let blank = |token: &Token| matches!(token, Token::Whitespace(space) if space_refusal(space).is_none());
    tokens.retain(|token| !blank(&token.token));
    let mut parser = Parser::new(dialect.grammar()).with_recursion_limit(recursion).with_tokens_with_locations(tokens);
    let query = match parser.parse_query() {
        Ok(query) => query,
        Err(error) => return Err(syntax(limits, &error, parser.peek_token().span)),
    };
    let next = parser.peek_token();
    match next.token {
        Token::EOF => Ok(*query),
        Token::SemiColon => Err(Finding::new(codes::STATEMENTS, "the query ends before `;`", next.span)),
        other => Err(Finding::new(codes::SYNTAX, format!("the query ends before `{other}`"), next.span)),
    }
}

fn syntax(limits: Limits, error: &ParserError, at: Place) -> Finding {
    let message = match error {
        ParserError::RecursionLimitExceeded => {
            let message = format!("the query nests deeper than {} levels", limits.depth);
            return Finding::new(codes::TOO_DEEP, message, at);
        }
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
    };
    let (words, place) = match message.rsplit_once(" at Line: ") {
        Some((words, position)) => (words, numbers(position).unwrap_or(at)),
        None => (message.as_str(), at),
    };
    let words =
        words.replace("found: EOF", "found the end").replace("Expected: ", "expected ").replace("found: ", "found ");
    Finding::new(codes::SYNTAX, format!("this is no query: {words}"), place)
}

fn numbers(position: &str) -> Option<Place> {
    let (line, column) = position.split_once(", Column: ")?;
    let at = Location::new(line.trim().parse().ok()?, column.trim().parse().ok()?);
    Some(Place::new(at, at))
}

/// Comments, literals, nesting and length, before the parser recurses.
fn check(policy: &QueryPolicy, tokens: &[TokenWithSpan]) -> Result<(), Finding> {
    let mut meaning = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).peekable();
    let starts = meaning.peek().is_some_and(|first| match &first.token {
        Token::LParen => true,
        Token::Word(word) => matches!(word.keyword, Keyword::SELECT | Keyword::WITH) && word.quote_style.is_none(),
        _ => false,
    });
    let (mut depth, mut operators, mut signs) = (0_usize, 0_usize, 0_usize);
    for token in tokens {
        let code = judge(&token.token);
        if let Some((code, what)) = code {
            return Err(Finding::new(code, format!("{what} cannot be used in a query"), token.span));
        }
        match &token.token {
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
            Token::Word(word) => match word.keyword {
                Keyword::CASE => depth += 1,
                Keyword::END => depth = depth.saturating_sub(1),
                Keyword::NoKeyword | Keyword::AS | Keyword::BY | Keyword::WHEN | Keyword::THEN | Keyword::ELSE => {}
                _ => operators += 1,
            },
            Token::Comma | Token::Period | Token::Whitespace(_) | Token::Number(..) | Token::SingleQuotedString(_) => {}
            _ => operators += 1,
        }
        // Signs and NOT before an operand nest too.
        match &token.token {
            Token::Minus | Token::Plus => signs += 1,
            Token::Word(word) if word.keyword == Keyword::NOT => signs += 1,
            Token::Whitespace(_) => {}
            _ => signs = 0,
        }
        if depth.max(signs) > policy.limits.depth {
            let message = format!("the query nests deeper than {} levels", policy.limits.depth);
            return Err(Finding::new(codes::TOO_DEEP, message, token.span));
        }
        if operators > policy.limits.operators {
            let message = format!("the query has more than {} operators and keywords", policy.limits.operators);
            return Err(Finding::new(codes::TOO_LARGE, message, token.span));
        }
    }
    unicode_names(tokens)?;
    if !starts {
        let place = tokens.iter().find(|token| !matches!(token.token, Token::Whitespace(_))).map(|token| token.span);
        let message = "the text does not start with SELECT or WITH";
        return Err(Finding::new(codes::STATEMENT, message, place.unwrap_or_else(Place::empty)));
    }
    Ok(())
}

/// `U&"…"` and `U&'…'`, which reach us as a word, an operator and a name.
fn unicode_names(tokens: &[TokenWithSpan]) -> Result<(), Finding> {
    for three in tokens.windows(3) {
        if let [word, and, name] = three
            && matches!(&word.token, Token::Word(Word { value, quote_style: None, .. }) if value.eq_ignore_ascii_case("u"))
            && and.token == Token::Ampersand
            && matches!(&name.token, Token::Word(Word { quote_style: Some(_), .. }) | Token::SingleQuotedString(_))
        {
            return Err(Finding::new(
                codes::LITERAL,
                "a name with Unicode escapes cannot be used in a query",
                word.span,
            ));
        }
    }
    Ok(())
}

type Refusal = Option<(Code, &'static str)>;

/// Which tokens a query is made of. A new kind of token does not compile before it is judged here.
fn judge(token: &Token) -> Refusal {
    let literal = |what| Some((codes::LITERAL, what));
    let operator = Some((codes::OPERATOR, "this operator"));
    let character = Some((codes::SYNTAX, "this character"));
    match token {
        Token::EOF
        | Token::Comma
        | Token::LParen
        | Token::RParen
        | Token::Period
        | Token::Colon
        | Token::DoubleColon => None,
        Token::Eq | Token::DoubleEq | Token::Neq | Token::Lt | Token::Gt | Token::LtEq | Token::GtEq => None,
        Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::DuckIntDiv | Token::Mod | Token::StringConcat => {
            None
        }
        // Judged where they stand: a plain word, the arguments of a lambda, an index, a parameter of another style.
        Token::Placeholder(_) | Token::Ampersand | Token::LBracket | Token::RBracket | Token::Arrow | Token::AtSign => {
            None
        }
        Token::Word(word) => word_refusal(word),
        Token::Number(digits, long) => number_refusal(digits, *long),
        Token::SingleQuotedString(text) => {
            text.contains(['\0', STAND_IN]).then_some((codes::LITERAL, "a text with a NUL or SOH character"))
        }
        Token::Whitespace(space) => space_refusal(space),
        Token::SemiColon => Some((codes::STATEMENTS, "a `;`")),
        Token::Question => Some((codes::PARAMETER, "a parameter without a name")),
        Token::DollarQuotedString(_) => literal("a dollar-quoted text"),
        Token::EscapedStringLiteral(_) | Token::UnicodeStringLiteral(_) => literal("a text with escapes"),
        Token::HexStringLiteral(_) => literal("a hexadecimal literal"),
        Token::NationalStringLiteral(_) | Token::DoubleQuotedString(_) => literal("this kind of literal"),
        Token::TripleSingleQuotedString(_) | Token::TripleDoubleQuotedString(_) => literal("this kind of literal"),
        Token::SingleQuotedByteStringLiteral(_) => literal("this kind of literal"),
        Token::DoubleQuotedByteStringLiteral(_) => literal("this kind of literal"),
        Token::TripleSingleQuotedByteStringLiteral(_) => literal("this kind of literal"),
        Token::TripleDoubleQuotedByteStringLiteral(_) => literal("this kind of literal"),
        Token::SingleQuotedRawStringLiteral(_) => literal("this kind of literal"),
        Token::DoubleQuotedRawStringLiteral(_) => literal("this kind of literal"),
        Token::TripleSingleQuotedRawStringLiteral(_) => literal("this kind of literal"),
        Token::TripleDoubleQuotedRawStringLiteral(_) => literal("this kind of literal"),
        Token::QuoteDelimitedStringLiteral(_) => literal("this kind of literal"),
        Token::NationalQuoteDelimitedStringLiteral(_) => literal("this kind of literal"),
        Token::Char(_) | Token::Backslash | Token::LBrace | Token::RBrace | Token::Sharp => character,
        Token::Spaceship | Token::Assignment | Token::Pipe | Token::Caret | Token::RArrow => operator,
        Token::DoubleSharp | Token::Tilde | Token::TildeAsterisk | Token::ExclamationMarkTilde => operator,
        Token::ExclamationMarkTildeAsterisk | Token::DoubleTilde | Token::DoubleTildeAsterisk => operator,
        Token::ExclamationMarkDoubleTilde | Token::ExclamationMarkDoubleTildeAsterisk | Token::ShiftLeft => operator,
        Token::ShiftRight | Token::Overlap | Token::ExclamationMark | Token::DoubleExclamationMark => operator,
        Token::CaretAt | Token::PGSquareRoot | Token::PGCubeRoot | Token::LongArrow | Token::HashArrow => operator,
        Token::AtDashAt | Token::QuestionMarkDash | Token::AmpersandLeftAngleBracket => operator,
        Token::AmpersandRightAngleBracket | Token::AmpersandLeftAngleBracketVerticalBar => operator,
        Token::VerticalBarAmpersandRightAngleBracket | Token::TwoWayArrow | Token::LeftAngleBracketCaret => operator,
        Token::RightAngleBracketCaret | Token::QuestionMarkSharp | Token::QuestionMarkDashVerticalBar => operator,
        Token::QuestionMarkDoubleVerticalBar | Token::TildeEqual | Token::ShiftLeftVerticalBar => operator,
        Token::VerticalBarShiftRight | Token::VerticalBarRightAngleBracket | Token::HashLongArrow => operator,
        Token::AtArrow | Token::ArrowAt | Token::HashMinus | Token::AtQuestion | Token::AtAt => operator,
        Token::QuestionAnd | Token::QuestionPipe | Token::CustomBinaryOperator(_) => operator,
    }
}

fn space_refusal(space: &Whitespace) -> Refusal {
    match space {
        Whitespace::Space | Whitespace::Newline | Whitespace::Tab => None,
        Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_) => Some((codes::COMMENT, "a comment")),
    }
}

fn number_refusal(digits: &str, long: bool) -> Refusal {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    (!plain || long).then_some((codes::LITERAL, "this number"))
}

fn word_refusal(word: &Word) -> Refusal {
    let plain = match word.quote_style {
        None => word.value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
        Some(quote) => quote == '"' && !word.value.contains(|ch: char| ch.is_control() || ch == '"'),
    };
    let fits = !word.value.is_empty() && word.value.len() <= crate::dialect::NAME_LIMIT;
    if plain && fits { None } else { Some((codes::NAME, "this name")) }
}
