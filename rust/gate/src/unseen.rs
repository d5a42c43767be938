//! Names that people tell apart by looking at them (G1.1): what cannot be seen in one would make two of them look alike.

use regex_syntax::hir::{Class, ClassUnicode, HirKind};
use std::sync::LazyLock;

/// Controls, formats (zero-width characters, joiners and bidirectional marks among them), private and unassigned characters, blanks
/// but the space, and what is drawn as nothing.
const CLASS: &str = r"[[\p{C}\p{Z}\p{White_Space}\p{Default_Ignorable_Code_Point}\x{2800}]--\x20]";

/// What to do.
pub(crate) const HELP: &str = "write it with characters that can be seen, without blanks at its ends";

static HIDDEN: LazyLock<ClassUnicode> = LazyLock::new(|| match regex_syntax::parse(CLASS).map(|hir| hir.into_kind()) {
    Ok(HirKind::Class(Class::Unicode(class))) => class,
    // Without its tables nothing beyond ASCII is known to be seen.
    _ => ClassUnicode::new([regex_syntax::hir::ClassUnicodeRange::new('\u{80}', char::MAX)]),
});

fn hidden(c: char) -> bool {
    match c {
        ' '..='~' => false,
        _ if c.is_ascii() => true,
        _ => {
            let ranges = HIDDEN.ranges();
            let at = ranges.partition_point(|range| range.end() < c);
            ranges.get(at).is_some_and(|range| range.start() <= c)
        }
    }
}

/// What of a name cannot be seen, in words that follow it; its characters are counted from 1.
pub(crate) fn unseen(name: &str) -> Option<String> {
    let plain = name.bytes().all(|byte| matches!(byte, b'!'..=b'~'));
    if plain {
        return None;
    }
    if let Some((at, c)) = name.chars().enumerate().find(|(_, c)| hidden(*c)) {
        let place = at.saturating_add(1);
        return Some(format!("holds U+{:04X} as its character {place}, which cannot be seen", u32::from(c)));
    }
    match (name.starts_with(' '), name.ends_with(' ')) {
        (true, _) => Some("begins with a blank (U+0020)".to_owned()),
        (_, true) => Some("ends with a blank (U+0020)".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_found_with_its_place() {
        for c in [
            '\0',
            '\t',
            '\n',
            '\r',
            '\u{7f}',
            '\u{85}',
            '\u{a0}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{180e}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{2028}',
            '\u{2029}',
            '\u{202e}',
            '\u{2066}',
            '\u{2800}',
            '\u{3000}',
            '\u{3164}',
            '\u{378}',
            '\u{e000}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{fff9}',
            '\u{ffff}',
            '\u{e0001}',
            '\u{e0100}',
            '\u{f0000}',
            '\u{10ffff}',
        ] {
            let found = unseen(&format!("aé{c}b"));
            let wanted = format!("holds U+{:04X} as its character 3, which cannot be seen", u32::from(c));
            assert_eq!(found, Some(wanted));
        }
        assert_eq!(unseen(" a").as_deref(), Some("begins with a blank (U+0020)"));
        assert_eq!(unseen("a ").as_deref(), Some("ends with a blank (U+0020)"));
        assert!(unseen(" ").is_some());
    }

    #[test]
    fn what_can_be_seen_is_let_be() {
        for name in
            ["a", "inv-881", "two words", "Zoë", "e\u{301}", "данные", "日本語", "שלום", "\u{1f4b8}", "a\u{fffd}", "~!"]
        {
            assert_eq!(unseen(name), None, "{name}");
        }
    }
}
