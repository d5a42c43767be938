//! A gate's decision as a static report: the proposal to the left, what had to hold to the right.

use super::super::clean::{brief, shown, visible};
use super::super::numbers::thousands;
use super::{LEFT, page, style};
use maud::{Markup, PreEscaped, html};

/// Longest name, and longest text that stands in a line, in characters.
const CAP: usize = 200;
/// Longest text of several lines that is unfolded from the start.
const OPEN: usize = 4_000;
/// For the two columns, where the style sheet is dropped.
const TOP: &str = "text-align:left;vertical-align:top";
/// As of a paragraph, which holds no table and no fold.
const APART: &str = "margin:.15em 0";
/// Rows of a proposal that are shown unfolded.
const ROWS: usize = 40;

/// What the report shows. Every text is taken for hostile.
#[derive(Debug, Clone, Default)]
pub struct DecisionView {
    /// `allow`, `deny`, `escalate`, `transform`.
    pub verdict: String,
    /// Was it decided before?
    pub replayed: bool,
    /// Beside the verdict: the tool.
    pub title: String,
    /// Beside the title: who proposes, for what, under which id.
    pub about: String,
    /// What was proposed.
    pub proposal: Vec<Proposed>,
    /// Why.
    pub reasons: Vec<Because>,
    /// What had to hold.
    pub obligations: Vec<Held>,
    /// What comes next; empty if nothing does.
    pub next: String,
    /// Gate, digest, time, sequence.
    pub foot: String,
}

/// A value of the proposal.
#[derive(Debug, Clone, Default)]
pub struct Proposed {
    /// Where it stands.
    pub place: String,
    /// As JSON.
    pub value: String,
    /// The text itself, where the value is one of several lines.
    pub lines: Option<String>,
    /// Does a reason point to it?
    pub blamed: bool,
}

/// A reason and its next step.
#[derive(Debug, Clone, Default)]
pub struct Because {
    /// Which kind.
    pub code: String,
    /// The sentence.
    pub message: String,
    /// Pointer to the argument; empty if it points to none.
    pub path: String,
    /// The limit; empty if it is none.
    pub limit: String,
    /// What to do.
    pub help: String,
}

/// One thing that had to hold.
#[derive(Debug, Clone, Default)]
pub struct Held {
    /// What people call it.
    pub name: String,
    /// What sort of thing.
    pub kind: String,
    /// `held`, `failed`, `not-reached`.
    pub outcome: String,
    /// For limits what is used, asked for and admitted.
    pub counts: Option<[String; 3]>,
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

/// The rule that calls a human held, and is why nothing is allowed yet.
fn mark(one: &Held, verdict: &str) -> (&'static str, &'static str, &'static str) {
    match one.outcome.as_str() {
        "held" if verdict == "escalate" && one.kind == "escalate" => ("un", "?", "asks a human"),
        "held" => ("ok", "✓", "held"),
        "failed" => ("no", "✗", "failed"),
        _ => ("", "–", "not reached"),
    }
}

/// The report as a fragment: one `<div class="gnb">` with its own scoped `<style>`, readable without it. Strings are escaped,
/// control, bidirectional and invisible characters spelled out. What was proposed and why it is refused is there whole, long texts
/// in `<details>`; long names are cut with their length.
pub fn decision_html(view: &DecisionView) -> String {
    fragment(view).into_string()
}

/// The report as a page of its own, for export.
pub fn decision_page(view: &DecisionView) -> String {
    let title = html! { (headline(&view.verdict)) " · " (shown(&view.title, CAP)) };
    page(&title, &fragment(view))
}

fn fragment(view: &DecisionView) -> Markup {
    html! {
        div class="gnb" {
            style { (PreEscaped(style::FRAGMENT)) (PreEscaped(style::DECISION)) }
            h3 {
                strong class=(class(&view.verdict)) { (headline(&view.verdict)) } " " (shown(&view.title, CAP)) " "
                small { (shown(&view.about, 400)) @if view.replayed { " · decided before" } }
            }
            @for one in &view.reasons { (because(one, class(&view.verdict))) }
            table class="two" {
                tr {
                    td class="p" style=(TOP) { (proposed(&view.proposal)) }
                    td style=(TOP) { (obligations(&view.obligations, &view.verdict)) }
                }
            }
            p { small { (shown(&view.foot, 400)) } }
            @if !view.next.is_empty() { p { small { "Next: " (shown(&view.next, 400)) } } }
        }
    }
}

fn because(one: &Because, class: &str) -> Markup {
    html! {
        div style=(APART) {
            strong class=(class) { (shown(&one.code, CAP)) } " " (whole(&one.message))
            @if !one.path.is_empty() { " " small { "at " code { (shown(&one.path, CAP)) } } }
            @if !one.limit.is_empty() { " " small { "limit " code { (shown(&one.limit, CAP)) } } }
            @if !one.help.is_empty() { br; small { "to do: " (whole(&one.help)) } }
        }
    }
}

fn proposed(rows: &[Proposed]) -> Markup {
    let (first, rest) = rows.split_at_checked(ROWS).unwrap_or((rows, &[]));
    html! {
        table {
            tr { th colspan="2" style=(LEFT) { "proposed" } }
            @for row in first { (value(row)) }
            @if rows.is_empty() { tr { td colspan="2" style=(LEFT) { small { "nothing that could be read" } } } }
        }
        @if !rest.is_empty() {
            details {
                summary { small { "… and " (rest.len()) " more" } }
                table { @for row in rest { (value(row)) } }
            }
        }
    }
}

/// A value in its row; a long one, or one of several lines, below its place.
fn value(row: &Proposed) -> Markup {
    let long = row.lines.is_some() || row.value.chars().count() > CAP;
    html! {
        tr {
            @if long {
                td class="v" colspan="2" style=(LEFT) {
                    @if row.blamed { mark { (shown(&row.place, CAP)) } } @else { (shown(&row.place, CAP)) }
                    (folded(row.lines.as_deref().unwrap_or(&row.value)))
                }
            } @else {
                td style=(LEFT) { (shown(&row.place, CAP)) }
                td style=(LEFT) {
                    code { @if row.blamed { mark { (visible(&row.value)) } } @else { (visible(&row.value)) } }
                }
            }
        }
    }
}

/// A text with its lines, whole.
fn folded(text: &str) -> Markup {
    let count = text.chars().count();
    let lines: Vec<String> = text.split('\n').map(visible).collect();
    html! {
        details open[count <= OPEN] {
            summary { small { (thousands(count as u64)) " characters" @if lines.len() > 1 { ", " (lines.len()) " lines" } } }
            pre { (lines.join("\n")) }
        }
    }
}

/// A sentence, with what is too long for a line below it.
fn whole(text: &str) -> Markup {
    html! {
        @if text.chars().count() > CAP { (brief(text, CAP)) (folded(text)) } @else { (visible(text)) }
    }
}

fn obligations(rows: &[Held], verdict: &str) -> Markup {
    html! {
        table {
            tr { th {} th colspan="2" style=(LEFT) { "had to hold" } }
            @for one in rows {
                @let (class, sign, words) = mark(one, verdict);
                tr {
                    td class=(class) { (sign) }
                    td style=(LEFT) {
                        (shown(&one.kind, CAP)) " "
                        @if one.name != one.kind { code { (shown(&one.name, CAP)) } }
                        @if let Some(counts) = &one.counts { br; (spent(counts, class)) }
                    }
                    td class="n" { small { (words) } }
                }
            }
        }
    }
}

/// Used and asked of most, as words and as a bar.
fn spent([used, asked, most]: &[String; 3], class: &str) -> Markup {
    let whole = leading(most).filter(|most| *most > 0.0);
    let width = |part: f64, most: f64| format!("width:{:.1}%", (part / most).clamp(0.0, 1.0) * 100.0);
    html! {
        @if let (Some(used), Some(asked), Some(most)) = (leading(used), leading(asked), whole) {
            @let before = used.min(most);
            span class="track" {
                span class="bar" style=(width(before, most)) {}
                span class=(format!("bar {class}")) style=(width(asked.min(most - before), most)) {}
            }
            br;
        }
        small { (shown(used, CAP)) " used + " (shown(asked, CAP)) " asked, of " (shown(most, CAP)) }
    }
}

/// The number that a text begins with; for widths only.
fn leading(text: &str) -> Option<f64> {
    let number: f64 = text.split(' ').next()?.parse().ok()?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_texts_are_escaped() {
        let evil = "<script>alert(1)</script>\u{202e}".to_owned();
        let e = || evil.clone();
        let view = DecisionView {
            verdict: e(),
            replayed: true,
            title: e(),
            about: e(),
            proposal: [None, Some(e())]
                .map(|lines| vec![Proposed { place: e(), value: e(), lines, blamed: true }; 25])
                .concat(),
            reasons: vec![Because { code: e(), message: e(), path: e(), limit: e(), help: e() }],
            obligations: vec![Held { name: e(), kind: e(), outcome: e(), counts: Some([e(), e(), e()]) }],
            next: e(),
            foot: e(),
        };
        for out in [decision_html(&view), decision_page(&view)] {
            assert!(!out.contains("<script") && !out.contains('\u{202e}'), "{out}");
            assert!(out.contains("&lt;script&gt;") && out.contains("and 10 more") && out.contains("? escalate"));
        }
    }

    #[test]
    fn what_was_proposed_is_there_whole() {
        let sql = format!("SELECT {} FROM orders\nWHERE tenant = :tenant\n\u{202e}<b>", "a, ".repeat(3_000));
        let row = |value: String, lines| Proposed { place: "sql".to_owned(), value, lines, blamed: false };
        let view = |rows| DecisionView { proposal: rows, ..DecisionView::default() };
        let out = decision_html(&view(vec![row(String::new(), Some(sql)), row("x".repeat(500), None)]));
        assert!(out.contains("\nWHERE tenant = :tenant\n\\u{202e}&lt;b&gt;</pre>"), "{out}");
        assert!(out.contains(&"x".repeat(500)) && out.contains("<details>") && out.contains("<details open>"), "{out}");
    }

    #[test]
    fn a_rule_that_calls_a_human_is_no_plain_success() {
        let rule = Held { kind: "escalate".to_owned(), outcome: "held".to_owned(), ..Held::default() };
        assert_eq!((mark(&rule, "escalate").1, mark(&rule, "allow").1), ("?", "✓"));
    }

    #[test]
    fn bars_are_shares_of_what_is_admitted() {
        let bar = |counts: [&str; 3]| spent(&counts.map(str::to_owned), "ok").into_string();
        let text = bar(["250.00 EUR", "100.00 EUR", "1000.00 EUR"]);
        assert!(text.contains("width:25.0%") && text.contains("width:10.0%"), "{text}");
        // What does not fit fills what is left.
        assert!(bar(["900", "300", "1000"]).contains("width:10.0%"));
        assert!(!bar(["x", "1", "2"]).contains("width") && !bar(["0", "1", "0"]).contains("width"));
        assert!(!bar(["1", "inf", "2"]).contains("width"));
    }
}
