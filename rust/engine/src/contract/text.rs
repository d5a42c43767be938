//! Characters that no contract may hold.

use super::findings::Findings;
use super::place::Places;
use guard_verdict::Level;
use guard_verdict::codes::contract as codes;

/// Looks for control characters (errors) and byte order marks (warnings). Whether the text may be read on.
pub(crate) fn check(text: &str, places: &Places<'_>, findings: &mut Findings) -> bool {
    let control = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r');
    if let Some((at, c)) = text.char_indices().find(|(_, c)| control(*c)) {
        let message = format!("the text holds the control character U+{:04X}", u32::from(c));
        findings.add(codes::YAML_CONTROL, Level::Error, (places.at_byte(at), String::new()), message, None);
        return false;
    }
    let mut marks = text.match_indices('\u{feff}').map(|(at, _)| at);
    let first = marks.next();
    // One at the start is harmless, so look for one that hides behind it too.
    let second = marks.next().filter(|_| first == Some(0));
    for at in first.into_iter().chain(second) {
        let place = if at == 0 { "starts with a" } else { "holds an invisible" };
        let message = format!("the text {place} byte order mark");
        let at = (places.at_byte(at), String::new());
        findings.add(codes::YAML_BOM, Level::Warning, at, message, None);
    }
    true
}
