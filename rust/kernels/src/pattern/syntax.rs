//! Parser of ECMA-262 regular expressions into `regex_syntax`'s intermediate form.
//!
//! Matching is by code points, as with the `u` flag. The grammar is that of the `u` flag plus those leniencies of
//! Annex B that cannot be mistaken for another dialect's meaning:
//!
//! - `]`, `}` and a `{` that starts no quantifier are literals; `{,n}` is refused, because other dialects count it;
//! - a backslash before anything but an ASCII letter or digit is an identity escape;
//! - a `-` beside a class escape in brackets (`[\w-.]`) is a literal.
//!
//! A lone surrogate is a code point that no UTF-8 value holds, so it never matches. Group names are checked for their
//! form only. Everything that needs more than one pass over the value (look-around, back references), and everything
//! that other dialects know and ECMA-262 does not, is an error and never another meaning.

use regex_syntax::hir::{Capture, Class, ClassUnicode, Hir, Look, Repetition};

use super::PatternError;
use super::automaton::nullable;
use super::classes::{self, Atom};

/// Groups deeper than this are refused: the parser and the compilers behind it recurse.
const MAX_DEPTH: usize = 100;

/// Parses the whole of `text`.
pub(super) fn parse(text: &str) -> Result<Hir, PatternError> {
    Parser { text, at: 0, depth: 0, groups: 0, wanted: None }.whole()
}

/// As [`parse`], for where the matches are: the groups of the numbers in `wanted` are kept, renumbered from 1 without
/// gaps, and quantifiers are as greedy or lazy as they are written. Yields the number of groups too.
pub(super) fn parse_to_find(text: &str, wanted: &[u32]) -> Result<(Hir, u32), PatternError> {
    let mut parser = Parser { text, at: 0, depth: 0, groups: 0, wanted: Some(wanted) };
    let hir = parser.whole()?;
    Ok((hir, parser.groups))
}

/// What a backslash stands for outside of brackets.
enum Escape {
    Atom(Atom),
    Look(Look),
}

struct Quantifier {
    min: u32,
    max: Option<u32>,
    lazy: bool,
}

/// A quantifier in braces, as the text at a `{` reads.
enum Braces {
    /// No quantifier: the brace is a literal.
    Literal,
    /// `{,n}`: a literal for ECMA-262, a quantifier for other dialects.
    Ambiguous,
    Count {
        min: u32,
        max: Option<u32>,
        end: usize,
    },
}

pub(super) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Capturing groups so far.
    groups: u32,
    /// The groups to keep, when the matches' places matter.
    wanted: Option<&'a [u32]>,
}

impl<'a> Parser<'a> {
    fn whole(&mut self) -> Result<Hir, PatternError> {
        let hir = self.disjunction()?;
        match self.peek() {
            None => Ok(hir),
            Some(_) => Err(self.error(self.at, "`)` closes no group")),
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn error(&self, offset: usize, message: impl Into<String>) -> PatternError {
        PatternError { message: message.into(), offset: Some(offset) }
    }

    /// The text from `start` to here, for messages.
    fn seen(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or("")
    }

    fn disjunction(&mut self) -> Result<Hir, PatternError> {
        let mut branches = vec![self.alternative()?];
        while self.eat("|") {
            branches.push(self.alternative()?);
        }
        Ok(Hir::alternation(branches))
    }

    fn alternative(&mut self) -> Result<Hir, PatternError> {
        let mut terms = Vec::new();
        while !matches!(self.peek(), None | Some('|' | ')')) {
            terms.push(self.term()?);
        }
        Ok(Hir::concat(terms))
    }

    fn term(&mut self) -> Result<Hir, PatternError> {
        let start = self.at;
        let atom = match self.bump() {
            None => return Ok(Hir::empty()),
            Some('^') => return self.assertion(start, Look::Start),
            Some('$') => return self.assertion(start, Look::End),
            Some('*' | '+' | '?') => return Err(self.nothing_to_repeat(start)),
            Some('{') => self.lone_brace(start)?,
            Some('(') => self.group(start)?,
            Some('[') => class_hir(self.brackets(start)?),
            Some('.') => class_hir(classes::dot()),
            Some('\\') => match self.escape(start)? {
                Escape::Look(look) => return self.assertion(start, look),
                Escape::Atom(atom) => class_hir(atom.into_class()),
            },
            Some(c) => class_hir(Atom::Code(u32::from(c)).into_class()),
        };
        self.quantified(atom)
    }

    fn assertion(&mut self, start: usize, look: Look) -> Result<Hir, PatternError> {
        let name = self.seen(start);
        if self.quantifier()?.is_some() {
            return Err(self.error(start, format!("`{name}` takes no width and cannot be repeated")));
        }
        Ok(Hir::look(look))
    }

    fn nothing_to_repeat(&self, start: usize) -> PatternError {
        let c = self.text.get(start..).and_then(|t| t.chars().next()).unwrap_or('*');
        self.error(start, format!("nothing to repeat before `{c}`"))
    }

    fn lone_brace(&mut self, start: usize) -> Result<Hir, PatternError> {
        self.at = start;
        match self.braces() {
            Braces::Count { .. } => Err(self.nothing_to_repeat(start)),
            Braces::Ambiguous => Err(self.ambiguous_braces(start)),
            Braces::Literal => {
                self.at = start + 1;
                Ok(Hir::literal(*b"{"))
            }
        }
    }

    fn ambiguous_braces(&self, start: usize) -> PatternError {
        self.error(start, "`{,n}` is literal text in ECMA-262 and a count elsewhere: write `{0,n}` or `\\{,n}`")
    }

    fn quantified(&mut self, atom: Hir) -> Result<Hir, PatternError> {
        let start = self.at;
        let Some(Quantifier { min, max, lazy }) = self.quantifier()? else {
            return Ok(atom);
        };
        // Whether a value matches does not depend on laziness.
        let greedy = !lazy || self.wanted.is_none();
        if self.wanted.is_some() {
            self.findable(start, &atom, min, max)?;
        }
        Ok(Hir::repetition(Repetition { min, max, greedy, sub: Box::new(atom) }))
    }

    /// ECMA-262 ends a repetition that took nothing, and forgets the groups within on each turn; automata do neither.
    fn findable(&self, start: usize, atom: &Hir, min: u32, max: Option<u32>) -> Result<(), PatternError> {
        let quantifier = self.seen(start);
        if max != Some(min) && nullable(atom) {
            let message = format!(
                "`{quantifier}` repeats what may be empty, so that engines differ in what they find: repeat something \
                 that takes a character"
            );
            return Err(self.error(start, message));
        }
        let groups = atom.properties();
        let always = groups.static_explicit_captures_len() == Some(groups.explicit_captures_len());
        if max.is_none_or(|max| max > 1) && !always {
            let message = format!(
                "`{quantifier}` repeats a group that a turn may leave out, so that engines differ in what it took: take \
                 the group out of the repetition"
            );
            return Err(self.error(start, message));
        }
        Ok(())
    }

    fn quantifier(&mut self) -> Result<Option<Quantifier>, PatternError> {
        let start = self.at;
        let bounds = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => match self.braces() {
                Braces::Literal => return Ok(None),
                Braces::Ambiguous => return Err(self.ambiguous_braces(start)),
                Braces::Count { min, max, end } => {
                    self.at = end - 1;
                    (min, max)
                }
            },
            _ => return Ok(None),
        };
        self.at += 1;
        if bounds.1.is_some_and(|max| max < bounds.0) {
            return Err(self.error(start, format!("the bounds of `{}` are out of order", self.seen(start))));
        }
        let lazy = self.eat("?");
        Ok(Some(Quantifier { min: bounds.0, max: bounds.1, lazy }))
    }

    /// Looks at the braces that start here; moves nothing. Counts saturate, and a saturated count exceeds every limit.
    fn braces(&self) -> Braces {
        let Some((inner, _)) = self.rest().strip_prefix('{').and_then(|t| t.split_once('}')) else {
            return Braces::Literal;
        };
        let end = self.at + inner.len() + 2;
        let (low, high) = inner.split_once(',').map_or((inner, None), |(low, high)| (low, Some(high)));
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if !digits(low) || !high.is_none_or(digits) {
            return Braces::Literal;
        }
        match (low, high) {
            ("", None | Some("")) => Braces::Literal,
            ("", Some(_)) => Braces::Ambiguous,
            (low, None) => Braces::Count { min: count(low), max: Some(count(low)), end },
            (low, Some("")) => Braces::Count { min: count(low), max: None, end },
            (low, Some(high)) => Braces::Count { min: count(low), max: Some(count(high)), end },
        }
    }

    fn group(&mut self, start: usize) -> Result<Hir, PatternError> {
        let index = if self.group_head(start)? { self.capture() } else { None };
        if self.depth == MAX_DEPTH {
            return Err(self.error(start, format!("groups are nested deeper than {MAX_DEPTH}")));
        }
        self.depth += 1;
        let inner = self.disjunction()?;
        self.depth -= 1;
        if !self.eat(")") {
            return Err(self.error(start, "`(` is never closed"));
        }
        Ok(match index {
            Some(index) => Hir::capture(Capture { index, name: None, sub: Box::new(inner) }),
            None => inner,
        })
    }

    /// Counts a group; its number among the wanted ones.
    fn capture(&mut self) -> Option<u32> {
        self.groups += 1;
        let wanted = self.wanted?;
        let before = wanted.iter().filter(|group| (1..self.groups).contains(*group));
        wanted.contains(&self.groups).then(|| before.count() as u32 + 1)
    }

    /// Is it a group that captures?
    fn group_head(&mut self, start: usize) -> Result<bool, PatternError> {
        if !self.eat("?") {
            return Ok(true);
        }
        if self.eat(":") {
            return Ok(false);
        }
        for (token, name) in [("=", "look-ahead"), ("!", "look-ahead"), ("<=", "look-behind"), ("<!", "look-behind")] {
            if self.eat(token) {
                let seen = self.seen(start);
                return Err(self.error(
                    start,
                    format!("{name} `{seen}` is refused: patterns are matched in linear time, which excludes it"),
                ));
            }
        }
        if self.eat("<") {
            return self.group_name(start).map(|()| true);
        }
        self.bump();
        let seen = self.seen(start);
        Err(self.error(start, format!("`{seen}` starts no group of ECMA-262; flags in the pattern are not supported")))
    }

    fn group_name(&mut self, start: usize) -> Result<(), PatternError> {
        let name = self.rest().split_once('>').map(|(name, _)| name);
        let valid = |name: &&str| {
            !name.starts_with(|c: char| c.is_ascii_digit())
                && !name.is_empty()
                && name.chars().all(|c| c == '$' || c == '_' || c.is_alphanumeric())
        };
        let Some(name) = name.filter(valid) else {
            return Err(self.error(start, "the group's name is no identifier closed by `>`"));
        };
        self.at += name.len() + 1;
        Ok(())
    }

    /// Reads the rest of a bracketed class; `start` is at its `[`. `[]` holds nothing and `[^]` everything.
    fn brackets(&mut self, start: usize) -> Result<ClassUnicode, PatternError> {
        let negated = self.eat("^");
        let mut class = ClassUnicode::empty();
        while !self.eat("]") {
            let from = self.at;
            let first = self.bracket_atom(start)?;
            if !self.rest().starts_with('-') || self.rest().starts_with("-]") {
                class.union(&first.into_class());
                continue;
            }
            self.at += 1;
            match (first, self.bracket_atom(start)?) {
                (Atom::Code(low), Atom::Code(high)) if low <= high => class.union(&classes::range(low, high)),
                (Atom::Code(_), Atom::Code(_)) => {
                    return Err(self.error(from, format!("the range `{}` is out of order", self.seen(from))));
                }
                (first, last) => {
                    for atom in [first, Atom::Code(u32::from('-')), last] {
                        class.union(&atom.into_class());
                    }
                }
            }
        }
        if negated {
            class.negate();
        }
        Ok(class)
    }

    fn bracket_atom(&mut self, start: usize) -> Result<Atom, PatternError> {
        let from = self.at;
        match self.bump() {
            None => Err(self.error(start, "`[` is never closed")),
            Some('\\') if self.eat("b") => Ok(Atom::Code(0x08)),
            Some('\\') => match self.escape(from)? {
                Escape::Atom(atom) => Ok(atom),
                Escape::Look(_) => Err(self.error(from, "`\\B` stands for no character")),
            },
            Some(c) => Ok(Atom::Code(u32::from(c))),
        }
    }

    /// Reads what follows a backslash, which is at `start`.
    fn escape(&mut self, start: usize) -> Result<Escape, PatternError> {
        let Some(c) = self.bump() else {
            return Err(self.error(start, "the pattern ends in a backslash"));
        };
        let atom =
            match c {
                'b' => return Ok(Escape::Look(Look::WordAscii)),
                'B' => return Ok(Escape::Look(Look::WordAsciiNegate)),
                'd' | 'D' | 's' | 'S' | 'w' | 'W' => Atom::Set(classes::shorthand(c)),
                'p' | 'P' => Atom::Set(self.property(start, c == 'P')?),
                't' => Atom::Code(0x09),
                'n' => Atom::Code(0x0a),
                'v' => Atom::Code(0x0b),
                'f' => Atom::Code(0x0c),
                'r' => Atom::Code(0x0d),
                '0' if !self.rest().starts_with(|c: char| c.is_ascii_digit()) => Atom::Code(0),
                'c' => self.control(start)?,
                'x' => Atom::Code(self.hex(2).ok_or_else(|| self.error(start, "`\\x` needs two hexadecimal digits"))?),
                'u' => Atom::Code(self.unicode().ok_or_else(|| {
                    self.error(start, "`\\u` needs four hexadecimal digits, or a code point in braces")
                })?),
                c if c.is_ascii_alphanumeric() => return Err(self.unknown_escape(start, c)),
                c => Atom::Code(u32::from(c)),
            };
        Ok(Escape::Atom(atom))
    }

    fn unknown_escape(&self, start: usize, c: char) -> PatternError {
        let seen = self.seen(start);
        let message = match c {
            '1'..='9' | 'k' => {
                format!("back reference `{seen}` is refused: patterns are matched in linear time, which excludes it")
            }
            '0' => "octal escapes are not part of ECMA-262: write `\\xHH`".to_owned(),
            'A' => "`\\A` is not part of ECMA-262: write `^`".to_owned(),
            'z' | 'Z' => format!("`{seen}` is not part of ECMA-262: write `$`"),
            _ => format!("`{seen}` is no escape of ECMA-262"),
        };
        self.error(start, message)
    }

    fn control(&mut self, start: usize) -> Result<Atom, PatternError> {
        match self.bump() {
            Some(c) if c.is_ascii_alphabetic() => Ok(Atom::Code(u32::from(c) % 32)),
            _ => Err(self.error(start, "`\\c` needs a letter from A to Z")),
        }
    }

    fn hex(&mut self, digits: usize) -> Option<u32> {
        let text = self.rest().get(..digits)?;
        if !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        self.at += digits;
        u32::from_str_radix(text, 16).ok()
    }

    /// A code point after `\u`; two escapes that form a surrogate pair are one.
    fn unicode(&mut self) -> Option<u32> {
        if self.eat("{") {
            let (text, _) = self.rest().split_once('}')?;
            if text.is_empty() || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
                return None;
            }
            self.at += text.len() + 1;
            return u32::from_str_radix(text, 16).ok().filter(|code| *code <= 0x10_FFFF);
        }
        let high = self.hex(4)?;
        let after = self.at;
        if (0xD800..0xDC00).contains(&high) && self.eat("\\u") {
            match self.hex(4) {
                Some(low @ 0xDC00..=0xDFFF) => {
                    return Some(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00));
                }
                _ => self.at = after,
            }
        }
        Some(high)
    }

    fn property(&mut self, start: usize, negated: bool) -> Result<ClassUnicode, PatternError> {
        let name = self.rest().strip_prefix('{').and_then(|t| t.split_once('}')).map(|(name, _)| name);
        let Some(name) = name else {
            return Err(self.error(start, "`\\p` needs the name of a Unicode property in braces"));
        };
        self.at += name.len() + 2;
        let Some(mut class) = classes::property(name) else {
            return Err(self.error(start, format!("`{name}` is no Unicode property of ECMA-262 known here")));
        };
        if negated {
            class.negate();
        }
        Ok(class)
    }
}

fn class_hir(class: ClassUnicode) -> Hir {
    Hir::class(Class::Unicode(class))
}

fn count(digits: &str) -> u32 {
    digits.parse().unwrap_or(u32::MAX)
}
