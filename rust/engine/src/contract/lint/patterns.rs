//! Patterns that do not compile, and patterns that match inside a text.

use super::super::findings::quote;
use super::super::pattern_check::check_pattern;
use super::super::reader::{At, Reader};
use guard_verdict::Level;
use guard_verdict::codes::contract as codes;

/// Longest pattern, in bytes.
const MAX_LENGTH: usize = 65_536;

/// Lints the pattern under `key`. Whether it compiles.
pub(crate) fn pattern(at: &At<'_>, key: &str, text: &str, reader: &mut Reader) -> bool {
    if text.len() > MAX_LENGTH {
        let message = format!("the pattern has {} bytes; the limit is {MAX_LENGTH}", text.len());
        reader.report_key(codes::PATTERN_BROKEN, Level::Error, at, key, message);
        return false;
    }
    if let Err((reason, offset)) = check_pattern(text) {
        let place = offset.map(|offset| format!(" at byte {offset}")).unwrap_or_default();
        let message = format!("the pattern {} does not compile: {reason}{place}", quote(text));
        reader.report_key(codes::PATTERN_BROKEN, Level::Error, at, key, message);
        return false;
    }
    if !anchored(text) {
        let message = format!("the pattern {} matches anywhere in a text", quote(text));
        reader.report_key(codes::PATTERN_UNANCHORED, Level::Info, at, key, message);
    }
    true
}

/// Whether it starts with `^` and ends with `$`.
fn anchored(text: &str) -> bool {
    let escapes = text.strip_suffix('$').map(|rest| rest.len() - rest.trim_end_matches('\\').len());
    text.starts_with('^') && escapes.is_some_and(|count| count % 2 == 0)
}
