//! Texts that a pattern matches. Nothing depends on their being right: what does not fit is found out by trying.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Most texts of one pattern, and of each part of it.
const MOST: usize = 12;
/// Longest text, in bytes.
const LONGEST: usize = 1_000;

/// Texts at the edges of a pattern: shortest and one longer repetitions, first and last characters, each alternative.
pub(super) fn samples(pattern: &str) -> Vec<String> {
    regex_syntax::parse(pattern).map(|hir| texts(&hir)).unwrap_or_default()
}

/// Recursion is bounded by the depth that the parser allows.
fn texts(hir: &Hir) -> Vec<String> {
    let mut out = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![String::new()],
        HirKind::Literal(literal) => vec![String::from_utf8_lossy(&literal.0).into_owned()],
        HirKind::Class(class) => characters(class),
        HirKind::Capture(capture) => texts(&capture.sub),
        HirKind::Concat(parts) => parts.iter().fold(vec![String::new()], |before, part| joined(&before, &texts(part))),
        HirKind::Alternation(parts) => parts.iter().flat_map(texts).collect(),
        HirKind::Repetition(repetition) => {
            let part = texts(&repetition.sub);
            let least = usize::try_from(repetition.min).unwrap_or(LONGEST);
            let most = repetition.max.map_or(least.saturating_add(1), |most| usize::try_from(most).unwrap_or(LONGEST));
            let counts = [least.max(1), least, least.saturating_add(1), most];
            let counts = counts.into_iter().filter(|count| (least..=most).contains(count) && *count <= LONGEST);
            counts.flat_map(|count| part.iter().map(move |text| text.repeat(count))).collect()
        }
    };
    out.retain(|text| text.len() <= LONGEST);
    let mut seen = std::collections::HashSet::new();
    out.retain(|text| seen.insert(text.clone()));
    out.truncate(MOST);
    out
}

/// A plain character, then the first and the last one of each range, those of ASCII first.
fn characters(class: &Class) -> Vec<String> {
    let Class::Unicode(class) = class else { return Vec::new() };
    let ranges = class.ranges();
    let mut ends: Vec<char> = ranges.iter().flat_map(|range| [range.start(), range.end()]).collect();
    ends.sort_by_key(|letter| (!letter.is_ascii_alphanumeric(), !letter.is_ascii_graphic()));
    let plain = ['x', 'A', '0'].into_iter();
    let plain = plain.filter(|letter| ranges.iter().any(|range| (range.start()..=range.end()).contains(letter)));
    plain.chain(ends).take(MOST).map(String::from).collect()
}

/// Each text with the first of the others behind it, and the first with each other one.
fn joined(before: &[String], behind: &[String]) -> Vec<String> {
    let (Some(head), Some(tail)) = (before.first(), behind.first()) else { return Vec::new() };
    let first = before.iter().map(|text| format!("{text}{tail}"));
    let second = behind.iter().skip(1).map(|text| format!("{head}{text}"));
    first.chain(second).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use guard_kernels::pattern::Pattern;

    #[test]
    fn texts_match_and_reach_the_edges() {
        for (text, wanted) in [
            ("^INV-[0-9]{4,6}$", "INV-000000"),
            ("^[A-Z]{3}$", "AAA"),
            ("^(ab|cd)?x+$", "cdx"),
            ("^a.c$", "axc"),
            ("b", "b"),
        ] {
            let (pattern, found) = (Pattern::compile(text).unwrap(), samples(text));
            assert!(found.iter().all(|one| pattern.is_match(one.as_bytes())), "{text}: {found:?}");
            assert!(found.iter().any(|one| one == wanted), "{text}: {found:?}");
        }
        assert!(samples("(").is_empty());
        assert!(samples("a{900}b{900}").iter().all(|text| text.len() <= LONGEST));
    }
}
