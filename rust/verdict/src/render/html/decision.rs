//! A gate's decision as a static report: the proposal to the left, what had to hold to the right.

use super::super::clean::shown;
use super::style;
use maud::{PreEscaped, html};

/// Longest text of a value or message, in characters.
const CAP: usize = 200;
/// Rows of a proposal that are shown.
const ROWS: usize = 40;

/// What the report shows. Every text is taken for hostile.
#[derive(Debug, Clone, Default)]
pub struct DecisionView {
    /// `allow`, `deny`, `escalate`, `transform`.
    pub verdict: String,
    /// Was it decided before?
    pub replayed: bool,
    /// Beside the verdict: the tool, and what it spends.
    pub title: String,
    /// Pointer and value of what was proposed.
    pub proposal: Vec<(String, String)>,
    /// Code, message, and the argument or limit.
    pub reasons: Vec<(String, String, String)>,
    /// Name, kind, outcome, and for limits what is used, asked for and admitted.
    pub obligations: Vec<(String, String, String, Option<[String; 3]>)>,
    /// Gate, digest, time, sequence.
    pub foot: String,
}

fn class(verdict: &str) -> &'static str {
    match verdict {
        "allow" | "transform" => "ok",
        "deny" => "no",
        _ => "un",
    }
}

fn headline(verdict: &str) -> &'static str {
    match verdict {
        "allow" => "✓ allow",
        "transform" => "✓ transform",
        "deny" => "✗ deny",
        _ => "? escalate",
    }
}

fn mark(outcome: &str) -> (&'static str, &'static str) {
    match outcome {
        "held" => ("ok", "✓ held"),
        "failed" => ("no", "✗ failed"),
        _ => ("un", "– not reached"),
    }
}

/// The report as a fragment: one `<div class="gnb">` with its own scoped `<style>`, readable without it. Strings are escaped,
/// control, bidirectional and invisible characters spelled out, long ones cut with their length.
pub fn decision_html(view: &DecisionView) -> String {
    let more = view.proposal.len().saturating_sub(ROWS);
    html! {
        div class="gnb" {
            style { (PreEscaped(style::FRAGMENT)) }
            h3 {
                strong class=(class(&view.verdict)) { (headline(&view.verdict)) } " " (shown(&view.title, CAP))
                @if view.replayed { " " small { "(decided before)" } }
            }
            @for (code, message, place) in &view.reasons {
                p { code { (shown(code, CAP)) } " " (shown(message, CAP))
                    @if !place.is_empty() { " " small { "at " code { (shown(place, CAP)) } } } }
            }
            table {
                tr {
                    td class="w" {
                        table {
                            tr { th colspan="2" { "proposed" } }
                            @for (path, value) in view.proposal.iter().take(ROWS) {
                                tr { td { code { (shown(path, CAP)) } } td { code { (shown(value, CAP)) } } }
                            }
                            @if more > 0 { tr { td colspan="2" { small { "… and " (more) " more" } } } }
                        }
                    }
                    td { (obligations(view)) }
                }
            }
            p { small { (shown(&view.foot, 400)) } }
        }
    }
    .into_string()
}

fn obligations(view: &DecisionView) -> maud::Markup {
    html! {
        table {
            tr { th { "had to hold" } th { "kind" } th { "outcome" } th { "used + asked of most" } }
            @for (name, kind, outcome, counts) in &view.obligations {
                @let (class, words) = mark(outcome);
                tr {
                    td { code { (shown(name, CAP)) } }
                    td { (shown(kind, CAP)) }
                    td class=(class) { (words) }
                    td { @if let Some([used, asked, most]) = counts { (shown(used, CAP)) " + " (shown(asked, CAP)) " of " (shown(most, CAP)) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_texts_are_escaped() {
        let evil = "<script>alert(1)</script>\u{202e}".to_owned();
        let view = DecisionView {
            verdict: evil.clone(),
            title: evil.clone(),
            proposal: vec![(evil.clone(), evil.clone()); 50],
            reasons: vec![(evil.clone(), evil.clone(), evil.clone())],
            obligations: vec![(
                evil.clone(),
                evil.clone(),
                evil.clone(),
                Some([evil.clone(), evil.clone(), evil.clone()]),
            )],
            foot: evil,
            replayed: true,
        };
        let out = decision_html(&view);
        assert!(!out.contains("<script") && !out.contains('\u{202e}'), "{out}");
        assert!(out.contains("&lt;script&gt;") && out.contains("and 10 more") && out.contains("? escalate"));
    }
}
