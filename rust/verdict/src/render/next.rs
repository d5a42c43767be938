//! The last line of a report: what to do next.

use super::clean::shown;
use super::fix;
use super::view::View;
use super::words::help;
use crate::Status;

/// Longest command that is proposed.
const COMMAND: usize = 240;

/// A piece of the line: words, or something to type.
pub(super) enum Piece {
    Say(String),
    Type(String),
}

/// The steps, each a few pieces.
pub(super) fn steps(view: &View) -> Vec<Vec<Piece>> {
    let say = |text: &str| Piece::Say(text.to_owned());
    let mut out = Vec::new();
    if view.verdict.status == Status::Unknown {
        out.extend(advice(view).map(|text| vec![say(text)]));
    }
    if let Some(next) = &view.beside.next {
        out.push(vec![Piece::Type(shown(next, COMMAND))]);
        return out;
    }
    if !view.loud.is_empty() && (view.beside.frame.is_some() || !fix::from_files(view.verdict, view.beside)) {
        out.push(vec![Piece::Type("%guard explain".into())]);
    }
    if view.verdict.records.rejected + view.verdict.records.unknown > 0 {
        out.extend(
            fix::rejects(view.beside).map(|name| vec![say("rejected records in "), Piece::Type(name.to_owned())]),
        );
    }
    out.push(vec![say("in production: "), Piece::Type(fix::call(view.verdict, view.beside))]);
    out
}

/// What would let the first undecided clause be decided.
fn advice<'a>(view: &View<'a>) -> Option<&'static str> {
    let gap = (!view.gaps.is_empty()).then_some(crate::codes::plan::RECORDS_MISSING.0.help);
    gap.or_else(|| view.loud.iter().find_map(|c| help(c)))
}

/// The line as plain text.
pub(super) fn line(view: &View) -> String {
    let text = |pieces: Vec<Piece>| -> String {
        let say = |piece| match piece {
            Piece::Say(text) | Piece::Type(text) => text,
        };
        pieces.into_iter().map(say).collect()
    };
    format!("Next: {}", steps(view).into_iter().map(text).collect::<Vec<_>>().join(" · "))
}
