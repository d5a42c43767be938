//! Suggestions as YAML to paste into a contract.

use super::Suggestion;
use crate::infer::yaml::{count, quoted};

/// A `quality` list of row rules (S7.1) of severity warning, with their support in comments. What is no rule of one record
/// follows as comments. Total: the text is YAML whatever the columns are called.
pub fn to_yaml(suggestions: &[Suggestion]) -> String {
    let (rules, others): (Vec<_>, Vec<_>) = suggestions.iter().partition(|suggestion| !suggestion.rule.is_empty());
    let mut out = if rules.is_empty() { "quality: []\n".to_owned() } else { "quality:\n".to_owned() };
    for suggestion in rules {
        entry(&mut out, suggestion);
    }
    for suggestion in others {
        out.push_str(&format!("# {}: {}\n", title(suggestion), plain(&suggestion.note)));
    }
    out
}

fn entry(out: &mut String, suggestion: &Suggestion) {
    let Suggestion { support, records, nulls, .. } = suggestion;
    let unknown = if *nulls == 0 { String::new() } else { format!(", NULL on {}", count(*nulls)) };
    let lines = [
        format!("  # support: {} of {} records{unknown}", count(*support), count(*records)),
        "  - type: custom".to_owned(),
        "    engine: guard_nb".to_owned(),
        format!("    name: {}", quoted(&format!("{} of {}", suggestion.kind, suggestion.columns.join(", ")))),
        format!("    description: {}", quoted(&suggestion.note)),
        "    severity: warning".to_owned(),
        format!("    implementation: {{rule: {}}}", quoted(&suggestion.rule)),
    ];
    for line in lines {
        out.push_str(&line);
        out.push('\n');
    }
}

fn title(suggestion: &Suggestion) -> String {
    plain(&format!("{} of {}", suggestion.kind, suggestion.columns.join(", ")))
}

/// A text in a comment: as it is unless something in it is hidden or breaks lines.
fn plain(text: &str) -> String {
    let safe = text.replace('"', "'");
    if quoted(&safe) == format!("\"{safe}\"") { text.to_owned() } else { quoted(text) }
}
