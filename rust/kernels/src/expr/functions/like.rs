//! LIKE and ILIKE: patterns of `%` and `_`, compiled once.

use memchr::memmem::Finder;
use std::borrow::Cow;

/// A compiled pattern of LIKE or ILIKE.
///
/// A test costs a pass over the value; only patterns with `_` between two `%` can cost the value's length times the
/// length of that part.
#[derive(Debug, Clone)]
pub struct LikeMatcher {
    shape: Shape,
    lower: bool,
}

#[derive(Debug, Clone)]
enum Shape {
    /// No wildcard.
    Equal(Box<[u8]>),
    /// `text%`.
    Prefix(Box<[u8]>),
    /// `%text`.
    Suffix(Box<[u8]>),
    /// `%text%`.
    Contains(Box<Finder<'static>>),
    /// `_` but no `%`.
    Whole(Box<Run>),
    /// Runs with `%` between them.
    Runs(Box<Runs>),
}

#[derive(Debug, Clone)]
struct Runs {
    first: Run,
    inner: Vec<Run>,
    last: Run,
}

/// What stands between two `%`.
#[derive(Debug, Clone, Default)]
struct Run {
    pieces: Vec<Piece>,
    /// Scalar values in it.
    chars: usize,
    /// For a run that is a text and no more.
    finder: Option<Finder<'static>>,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(Vec<u8>),
    /// So many `_`.
    Any(usize),
}

/// What a character of a pattern stands for.
enum Token {
    /// `%`.
    Many,
    /// `_`.
    One,
    Char(char),
}

impl LikeMatcher {
    /// Compiles a pattern; with `ilike`, the lower-case forms of pattern and value are compared, character by
    /// character.
    ///
    /// # Errors
    /// An escape that is not one character, and a pattern that ends in its escape; the text is for the author.
    pub fn compile(pattern: &str, escape: Option<&str>, ilike: bool) -> Result<LikeMatcher, String> {
        let mut runs = vec![Run::default()];
        for token in tokens(pattern, escape_of(escape)?)? {
            match (token, runs.last_mut()) {
                (Token::One, Some(run)) => run.push_any(),
                (Token::Char(c), Some(run)) if ilike => c.to_lowercase().for_each(|c| run.push(c)),
                (Token::Char(c), Some(run)) => run.push(c),
                _ => runs.push(Run::default()),
            }
        }
        Ok(LikeMatcher { shape: Shape::of(runs), lower: ilike })
    }

    /// Does a value match?
    #[must_use]
    pub fn is_match(&self, value: &str) -> bool {
        if self.lower { self.shape.is_match(lower(value).as_bytes()) } else { self.shape.is_match(value.as_bytes()) }
    }
}

fn escape_of(escape: Option<&str>) -> Result<Option<char>, String> {
    let Some(text) = escape else { return Ok(None) };
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(Some(c)),
        _ => Err(format!("the escape must be one character, not `{text}`")),
    }
}

fn tokens(pattern: &str, escape: Option<char>) -> Result<Vec<Token>, String> {
    let mut chars = pattern.chars();
    let mut tokens = Vec::new();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            c if escape == Some(c) => {
                Token::Char(chars.next().ok_or_else(|| format!("the pattern `{pattern}` ends in its escape `{c}`"))?)
            }
            '%' => Token::Many,
            '_' => Token::One,
            c => Token::Char(c),
        });
    }
    Ok(tokens)
}

/// The lower-case form of each character; sigma is not looked at in its context, since a part of a word is none.
fn lower(value: &str) -> Cow<'_, str> {
    if value.is_ascii() {
        if value.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Owned(value.to_ascii_lowercase());
        }
        return Cow::Borrowed(value);
    }
    Cow::Owned(value.chars().flat_map(char::to_lowercase).collect())
}

impl Shape {
    fn of(mut runs: Vec<Run>) -> Shape {
        runs.iter_mut().for_each(Run::finish);
        let last = runs.pop().unwrap_or_default();
        if runs.is_empty() {
            return last.text().map_or_else(|| Shape::Whole(Box::new(last.clone())), Shape::Equal);
        }
        let first = runs.remove(0);
        runs.retain(|run| run.chars > 0);
        match (first.text(), runs.as_slice(), last.text()) {
            (Some(text), [], Some(end)) if end.is_empty() => Shape::Prefix(text),
            (Some(start), [], Some(text)) if start.is_empty() => Shape::Suffix(text),
            (Some(start), [Run { finder: Some(finder), .. }], Some(end)) if start.is_empty() && end.is_empty() => {
                Shape::Contains(Box::new(finder.clone()))
            }
            _ => Shape::Runs(Box::new(Runs { first, inner: runs, last })),
        }
    }

    fn is_match(&self, value: &[u8]) -> bool {
        match self {
            Shape::Equal(text) => value == &**text,
            Shape::Prefix(text) => value.starts_with(text),
            Shape::Suffix(text) => value.ends_with(text),
            Shape::Contains(finder) => finder.find(value).is_some(),
            Shape::Whole(run) => run.at_start(value).is_some_and(<[u8]>::is_empty),
            Shape::Runs(runs) => runs.is_match(value),
        }
    }
}

impl Runs {
    fn is_match(&self, value: &[u8]) -> bool {
        let middle = self.first.at_start(value).and_then(|rest| self.last.at_end(rest));
        middle.is_some_and(|middle| self.inner.iter().try_fold(middle, |rest, run| run.after_first(rest)).is_some())
    }
}

impl Run {
    fn push(&mut self, c: char) {
        self.chars += 1;
        let mut bytes = [0; 4];
        let bytes = c.encode_utf8(&mut bytes).as_bytes();
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.extend_from_slice(bytes),
            _ => self.pieces.push(Piece::Text(bytes.to_vec())),
        }
    }

    fn push_any(&mut self) {
        self.chars += 1;
        match self.pieces.last_mut() {
            Some(Piece::Any(chars)) => *chars += 1,
            _ => self.pieces.push(Piece::Any(1)),
        }
    }

    fn finish(&mut self) {
        self.finder = self.text().filter(|text| !text.is_empty()).map(|text| Finder::new(&text).into_owned());
    }

    /// The text that it is, when it has no wildcard.
    fn text(&self) -> Option<Box<[u8]>> {
        match self.pieces.as_slice() {
            [] => Some(Box::default()),
            [Piece::Text(text)] => Some(text.clone().into()),
            _ => None,
        }
    }

    /// What follows when the value starts with a match.
    fn at_start<'v>(&self, value: &'v [u8]) -> Option<&'v [u8]> {
        self.pieces.iter().try_fold(value, |rest, piece| match piece {
            Piece::Text(text) => rest.strip_prefix(text.as_slice()),
            Piece::Any(chars) => skip(rest, *chars),
        })
    }

    /// What precedes when the value ends with a match.
    fn at_end<'v>(&self, value: &'v [u8]) -> Option<&'v [u8]> {
        self.pieces.iter().rev().try_fold(value, |rest, piece| match piece {
            Piece::Text(text) => rest.strip_suffix(text.as_slice()),
            Piece::Any(chars) => skip_back(rest, *chars),
        })
    }

    /// What follows the first match in a value. The first is as good as any: what follows it holds what follows others.
    fn after_first<'v>(&self, value: &'v [u8]) -> Option<&'v [u8]> {
        if let Some(finder) = &self.finder {
            return value.get(finder.find(value)? + finder.needle().len()..);
        }
        let mut from = value;
        loop {
            match self.at_start(from) {
                Some(rest) => return Some(rest),
                None => from = skip(from, 1)?,
            }
        }
    }
}

fn continues(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// What follows the first scalar values, if there are so many.
fn skip(value: &[u8], chars: usize) -> Option<&[u8]> {
    (0..chars).try_fold(value, |rest, _| {
        let (_, rest) = rest.split_first()?;
        rest.get(rest.iter().take_while(|byte| continues(**byte)).count()..)
    })
}

/// What precedes the last scalar values, if there are so many.
fn skip_back(value: &[u8], chars: usize) -> Option<&[u8]> {
    (0..chars).try_fold(value, |rest, _| {
        let start = rest.iter().rposition(|byte| !continues(*byte))?;
        rest.get(..start)
    })
}
