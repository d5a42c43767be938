//! Collects diagnostics while a contract is read.

use guard_verdict::codes::contract as codes;
use guard_verdict::{Code, Diagnostic, Level, Span};

/// Most findings that are listed; the rest is counted.
const MAX_FINDINGS: usize = 1_000;
/// Longest user text in a message, in characters.
const MAX_QUOTE: usize = 80;

/// The findings so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Diagnostic>,
    unlisted: usize,
    unlisted_errors: usize,
}

impl Findings {
    /// Adds a finding.
    pub fn add(&mut self, code: Code, level: Level, at: (Span, String), message: String, help: Option<String>) {
        if self.is_full() {
            self.unlisted += 1;
            self.unlisted_errors += usize::from(level == Level::Error);
            return;
        }
        let help = help.or_else(|| Some(code.0.help.to_owned()));
        self.list.push(Diagnostic { code, level, message, help, span: at.0, path: at.1 });
    }

    /// Whether further findings are only counted.
    pub fn is_full(&self) -> bool {
        self.list.len() >= MAX_FINDINGS
    }

    /// All findings by position. Those beyond the limit are summed up in the last one.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.list.sort_by(|a, b| {
            (a.span, a.level, a.code.name(), &a.path, &a.message).cmp(&(
                b.span,
                b.level,
                b.code.name(),
                &b.path,
                &b.message,
            ))
        });
        if self.unlisted > 0 {
            let level = if self.unlisted_errors > 0 { Level::Error } else { Level::Warning };
            let span = self.list.iter().map(|finding| finding.span).max().unwrap_or_default();
            self.list.push(Diagnostic {
                code: codes::FINDINGS_LIMIT,
                level,
                message: format!("{} more findings, {} of them errors", self.unlisted, self.unlisted_errors),
                help: Some(codes::FINDINGS_LIMIT.0.help.to_owned()),
                span,
                path: String::new(),
            });
        }
        self.list
    }
}

/// User text for a message: in backticks, on one line, cut where it is long.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::from("`");
    for (count, c) in text.chars().enumerate() {
        if count == MAX_QUOTE {
            out.push('…');
            break;
        }
        match c {
            '`' => out.push('\''),
            c if c.is_control() => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out.push('`');
    out
}

/// The word of `known` that `word` was probably meant to be.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > 64 {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "");
    let folded = plain(word);
    let limit = 1 + folded.chars().count() / 4;
    known
        .into_iter()
        .filter(|candidate| candidate.len() <= 128)
        .map(|candidate| (distance(&folded, &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Number of characters to insert, delete or replace.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        let mut left = i + 1;
        for (cb, pair) in b.iter().zip(row.windows(2)) {
            let (diagonal, above) = match pair {
                [diagonal, above] => (*diagonal, *above),
                _ => continue,
            };
            left = (diagonal + usize::from(ca != *cb)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
