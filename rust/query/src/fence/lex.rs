//! The lexical part: a text in pieces, if it is made of nothing but pieces that can be read in one way.

use crate::dialect::Dialect;

/// A piece of text, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lexeme<'t> {
    /// A word without quotes.
    Word(&'t str),
    /// A name in double quotes: what is between them, which is no quote.
    Name(&'t str),
    /// A text in single quotes: what is between them, quotes doubled.
    Text(&'t str),
    /// Digits, or digits with a point between them.
    Number(&'t str),
    /// A parameter with the sign before it.
    Parameter(&'t str),
    /// An operator, a bracket, a comma or a point.
    Sign(&'t str),
    /// Behind the last piece.
    End,
}

/// The pieces of a text; none if anything in it is not of the plainest kind. Each piece must be followed by something that cannot
/// prolong it or change its kind, so that no tokeniser finds another end for it: `--`, `/*`, `E'…'`, `1e5`, `""`, `<=>`, `$$`,
/// control characters and letters beyond ASCII outside of quotes are all left to the parser.
pub(super) fn pieces(dialect: Dialect, text: &str) -> Option<Vec<Lexeme<'_>>> {
    let mut out = Vec::with_capacity(text.len() / 3 + 8);
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(' ');
        let Some(first) = rest.bytes().next() else { return Some(out) };
        let (piece, length) = match first {
            b'"' => name(rest)?,
            b'\'' => quoted(rest)?,
            b'0'..=b'9' => number(rest)?,
            b':' | b'$' => parameter(rest)?,
            first if first.is_ascii_alphabetic() || first == b'_' => word(rest)?,
            _ => sign(dialect, rest)?,
        };
        out.push(piece);
        rest = rest.get(length..)?;
    }
}

type Piece<'t> = Option<(Lexeme<'t>, usize)>;

fn at(text: &str, place: usize) -> Option<u8> {
    text.as_bytes().get(place).copied()
}

/// Nothing, or a byte that begins another piece whatever stood before it.
fn parts(next: Option<u8>) -> bool {
    matches!(next, None | Some(b' ' | b')' | b','))
}

fn run(text: &str, from: usize, is: impl Fn(u8) -> bool) -> usize {
    text.bytes().skip(from).take_while(|byte| is(*byte)).count()
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn word(text: &str) -> Piece<'_> {
    let length = run(text, 0, is_letter);
    let next = at(text, length);
    let ends = parts(next) || next == Some(b'(');
    Some((Lexeme::Word(text.get(..length)?), length)).filter(|_| ends)
}

fn name(text: &str) -> Piece<'_> {
    let inner = run(text, 1, |byte| byte != b'"');
    let (end, next) = (inner + 1, at(text, inner + 2));
    let ends = at(text, end) == Some(b'"') && (parts(next) || matches!(next, Some(b'.' | b'(')));
    Some((Lexeme::Name(text.get(1..end)?), end + 1)).filter(|_| ends && inner > 0)
}

fn quoted(text: &str) -> Piece<'_> {
    let mut end = 1;
    loop {
        end += run(text, end, |byte| byte != b'\'' && byte != b'\\' && byte != 0);
        match (at(text, end), at(text, end + 1)) {
            (Some(b'\''), Some(b'\'')) => end += 2,
            (Some(b'\''), next) if parts(next) => return Some((Lexeme::Text(text.get(1..end)?), end + 1)),
            _ => return None,
        }
    }
}

fn number(text: &str) -> Piece<'_> {
    let mut length = run(text, 0, |byte| byte.is_ascii_digit());
    if at(text, length) == Some(b'.') {
        let fraction = run(text, length + 1, |byte| byte.is_ascii_digit());
        if fraction == 0 {
            return None;
        }
        length += 1 + fraction;
    }
    Some((Lexeme::Number(text.get(..length)?), length)).filter(|_| parts(at(text, length)))
}

fn parameter(text: &str) -> Piece<'_> {
    let length = 1 + run(text, 1, is_letter);
    let named = at(text, 1).is_some_and(|first| first.is_ascii_alphabetic() || first == b'_');
    Some((Lexeme::Parameter(text.get(..length)?), length)).filter(|_| named && parts(at(text, length)))
}

/// Operators stand between blanks, but for a sign before an operand.
fn sign(dialect: Dialect, text: &str) -> Piece<'_> {
    let (first, second, third) = (at(text, 0)?, at(text, 1), at(text, 2));
    let blank = Some(b' ');
    let operand = |next: Option<u8>| {
        next.is_some_and(|next| is_letter(next) || matches!(next, b' ' | b'"' | b'\'' | b'(' | b':' | b'$'))
    };
    let length = match first {
        b'(' | b')' | b',' => 1,
        b'.' if second == Some(b'"') => 1,
        b'+' | b'-' if operand(second) => 1,
        b'*' if second == blank || second == Some(b')') => 1,
        b'/' | b'%' | b'=' | b'<' | b'>' if second == blank => 1,
        b'<' if matches!(second, Some(b'=' | b'>')) && third == blank => 2,
        b'>' if second == Some(b'=') && third == blank => 2,
        b'|' if second == Some(b'|') && third == blank => 2,
        b'/' if second == Some(b'/') && third == blank && dialect == Dialect::Duckdb => 2,
        _ => return None,
    };
    Some((Lexeme::Sign(text.get(..length)?), length))
}
