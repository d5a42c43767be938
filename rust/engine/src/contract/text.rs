//! Characters that no contract may hold.

use super::findings::Findings;
use super::place::Places;
use guard_verdict::Level;
use guard_verdict::codes::contract as codes;

/// Looks for control characters (errors) and byte order marks (warnings). Whether the text may be read on.
pub(crate) fn check(text: &str, places: &Places<'_>, findings: &mut Findings) -> bool {
    let control = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r');
    if let Some((at, c)) = text.char_indices().find(|(_, c)| control(*c)) {
        let message = format!(
            "the text holds the control character U+{:04X}",
            u32::from(c)
        );
        findings.add(
            codes::YAML_CONTROL,
            Level::Error,
            (places.at_byte(at), String::new()),
            message,
            None,
        );
        return false;
    }
    if let Some((at, mark)) = text.match_indices('\u{feff}').last() {
        let message = if at == 0 {
            "the text starts with a byte order mark"
        } else {
            "the text holds an invisible byte order mark"
        };
        let mut span = places.at_byte(at);
        span.end = at + mark.len();
        findings.add(
            codes::YAML_BOM,
            Level::Warning,
            (span, String::new()),
            message.to_owned(),
            None,
        );
    }
    true
}
