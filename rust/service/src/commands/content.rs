//! What was proposed, whole, for people who must know what they approve.

use crate::surface::harmless;
use guard_gate::export::content;
use guard_gate::json::Json;

/// Every value of a proposal under its name, a line each; what has lines itself stands below, behind a rule that no text of it
/// can imitate.
pub fn proposed(whole: &Json) -> String {
    let mut out = "  proposed:\n".to_owned();
    for part in content(whole) {
        let place = one_line(&part.place);
        match &part.lines {
            Some(text) => out.push_str(&format!("    {place}:\n{}", ruled(text))),
            None => out.push_str(&format!("    {place}: {}\n", one_line(&part.value))),
        }
    }
    out
}

/// The lines of a text, each behind a rule.
pub fn ruled(text: &str) -> String {
    text.split('\n').map(|line| format!("      │ {}", harmless(line)).trim_end().to_owned() + "\n").collect()
}

/// On one line, line breaks made visible.
pub fn one_line(text: &str) -> String {
    harmless(text).replace('\n', "␊")
}

/// A word of a command line, as shells read it.
pub fn word(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
