//! Texts that an engine reads as the present time: `'now'`, `'12:00 today'` (G8.8).
//!
//! What a text of the query goes into is followed through the walk: [`TEXT`] stands in the log among the columns that a value is made of,
//! so that it comes along where a column of a derived table is made of it.

use super::Walker;
use crate::dialect::Dialect;
use guard_verdict::{Code, codes::query as codes};
use sqlparser::ast::{DataType, Expr, Spanned, Value};
use sqlparser::tokenizer::Span;

/// In the log: a text of the query with letters, of which a word for the present time could be made. No column has this number.
pub(super) const TEXT: u32 = u32::MAX;

/// What PostgreSQL reads by the clock, in any case and beside other parts of a time.
const WORDS: [&str; 4] = ["now", "today", "tomorrow", "yesterday"];
/// Letters of formats of times (`%Y-%m-%dT%H:%M:%SZ`, `YYYY-MM-DD`). Each of the words has another one.
const FORMATS: &str = "YMDHISTZ";
/// Functions that give no text, whatever texts they get.
const TEXTLESS: &[&str] = &[
    "count",
    "length",
    "char_length",
    "position",
    "strpos",
    "instr",
    "contains",
    "starts_with",
    "ends_with",
    "regexp_matches",
    "extract",
    "date_trunc",
    "date_part",
    "date_diff",
    "datediff",
    "date_add",
    "make_date",
    "make_timestamp",
    "last_day",
    "year",
    "quarter",
    "month",
    "week",
    "day",
    "hour",
    "minute",
    "second",
    "dayofweek",
    "dayofyear",
    "epoch",
    "strptime",
    "to_date",
    "to_timestamp",
    "date",
    "time",
    "datetime",
    "julianday",
    "unixepoch",
];
/// Functions that take texts only, so that a bare text is none but a text.
const TEXTS: &[&str] = &[
    "lower",
    "upper",
    "length",
    "char_length",
    "trim",
    "ltrim",
    "rtrim",
    "btrim",
    "substr",
    "substring",
    "left",
    "right",
    "position",
    "strpos",
    "replace",
    "reverse",
    "initcap",
    "concat",
    "concat_ws",
    "split_part",
    "starts_with",
];

/// Gives a function no text, whatever it gets?
pub(super) fn textless(name: &str) -> bool {
    TEXTLESS.contains(&name)
}

/// Takes a function texts only?
pub(super) fn takes_texts(name: &str) -> bool {
    TEXTS.contains(&name)
}

/// Has the text one of the words, apart from other letters?
fn tells_now(text: &str) -> bool {
    let mut words = text.split(|ch: char| !ch.is_ascii_alphabetic());
    words.any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// A time in digits, the same at any time.
fn is_fixed(text: &str) -> bool {
    text.trim_start().starts_with(|ch: char| ch.is_ascii_digit()) && !tells_now(text)
}

/// Could a word be made of the text, alone or with others?
fn spells(text: &str) -> bool {
    text.chars().any(|ch| ch.is_alphabetic() && !FORMATS.contains(ch.to_ascii_uppercase()))
}

/// Is it written as a time without a date?
pub(super) fn is_time_of_day(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Cast { data_type, .. } => matches!(data_type, DataType::Time(..)),
        Expr::TypedString(literal) => matches!(literal.data_type, DataType::Time(..)),
        _ => false,
    }
}

/// Without parentheses.
fn bare(mut expr: &Expr) -> &Expr {
    while let Expr::Nested(inner) = expr {
        expr = inner;
    }
    expr
}

impl Walker<'_> {
    /// A text of the query, or one that it binds.
    pub(super) fn text(&mut self, text: &str, place: Span) {
        if spells(text) {
            self.log.push(TEXT);
        }
        // They give a bare text the type of what is beside it.
        let typed = matches!(self.policy.dialect, Dialect::Postgresql | Dialect::Generic);
        if typed && !self.as_text && tells_now(text) {
            let message = format!("`{text}` may be read as a time by the clock");
            let help = "write a date in digits; what is meant as a text stands in `CAST(… AS VARCHAR)`";
            self.push(crate::text::Finding::new(codes::LITERAL, message, place).help(help));
        }
    }

    /// Judges an expression which is a text, if it is a bare one.
    pub(super) fn as_text(&mut self, expr: &mut Expr) {
        let before = std::mem::replace(&mut self.as_text, matches!(bare(expr), Expr::Value(_)));
        self.expr(expr);
        self.as_text = before;
    }

    /// Judges an expression which becomes a date or time.
    pub(super) fn time(&mut self, expr: &mut Expr, code: Code) {
        let (mark, place) = (self.log.len(), expr.span());
        let text = self.bare_text(expr);
        self.as_text(expr);
        let made = self.log.get(mark..).is_some_and(|log| log.contains(&TEXT));
        self.textless_since(mark);
        match text {
            Some(text) if !is_fixed(&text) => {
                self.deny(code, format!("`{text}` is no date or time in digits"), place);
            }
            None if made => {
                let message = "a date or time is made of a text of the query that has letters; only digits, signs and the \
                               letters of formats may become part of it";
                self.deny(code, message, place);
            }
            _ => {}
        }
    }

    /// What the expression says, if it is a text or a text that the proposal binds.
    fn bare_text(&self, expr: &Expr) -> Option<String> {
        let Expr::Value(value) = bare(expr) else { return None };
        match &value.value {
            Value::SingleQuotedString(text) => Some(text.clone()),
            Value::Placeholder(name) => {
                let bound = self.bound.proposal.get(name.get(1..)?)?;
                bound.as_str().map(str::to_owned)
            }
            _ => None,
        }
    }

    /// What was logged since then becomes part of no text.
    pub(super) fn textless_since(&mut self, mark: usize) {
        let mut since = self.log.split_off(mark.min(self.log.len()));
        since.retain(|number| *number != TEXT);
        self.log.append(&mut since);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_made_of_the_letters_of_formats() {
        assert!(WORDS.iter().all(|word| spells(word) && spells(&word.to_uppercase())));
        // A part of each word that is always needed is outside of the formats.
        assert!(WORDS.iter().all(|word| word.contains(['o', 'e']) && !FORMATS.contains(['O', 'E'])));
        assert!(!spells("%Y-%m-%dT%H:%M:%SZ") && !spells("-01") && !spells("YYYY-MM-DD HH24:MI"));
    }

    #[test]
    fn words_stand_apart() {
        for text in ["now", " NOW ", "12:00 today", "12:00today", "tomorrow+1", "%today%", "1 Yesterday"] {
            assert!(tells_now(text) && !is_fixed(text), "{text}");
        }
        for text in ["known", "nowhere", "todays", "2024-01-01", "2024-01-01T00:00:00Z", "2024-01-01 Europe/Berlin"] {
            assert!(!tells_now(text), "{text}");
        }
    }
}
