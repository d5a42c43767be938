//! Decisions as people and programs read them.

use super::content::{one_line, proposed, ruled};
use crate::Exit;
use crate::Surface;
use crate::args::{ReportKind, ShowArgs};
use anstyle::{AnsiColor, Style};
use guard_gate::decision::instant;
use guard_gate::export::{Beside, approved, beside};
use guard_gate::json::Json;
use guard_gate::{Decision, Obligation, Outcome, Reason, Verdict};
use serde_json::json;

/// The status of a decision.
pub fn status(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Allow | Verdict::Transform => Exit::ACCEPT,
        Verdict::Deny => Exit::REJECT,
        Verdict::Escalate => Exit::UNKNOWN,
    }
}

/// A decision with what it is about.
pub struct Shown<'d> {
    pub decision: &'d Decision,
    /// What was proposed, where it has a reading.
    pub proposal: Option<&'d Json>,
    /// Is the proposal shown whole?
    pub whole: bool,
    /// What to do after an escalation or an allowance.
    pub next: Option<String>,
}

impl Shown<'_> {
    /// In the form asked for, with a line break at its end. `many`: one line.
    pub fn text(&self, show: &ShowArgs, many: bool, surface: &Surface<'_>) -> String {
        let permit = self.decision.permit.as_deref().filter(|_| show.permit);
        match show.format {
            // The document byte for byte, and the permit beside it.
            ReportKind::Json if show.permit => {
                format!("{{\"decision\":{},\"permit\":{}}}\n", self.decision.to_json(), json!(permit))
            }
            ReportKind::Json => format!("{}\n", self.decision.to_json()),
            ReportKind::Html => format!("{}\n", self.decision.to_html_page(self.proposal)),
            ReportKind::Text => {
                let mut out = if many { self.line(surface) } else { self.report(surface) };
                if let Some(permit) = permit {
                    out.push_str(&format!("permit {permit}\n"));
                }
                out
            }
        }
    }

    fn head(&self, surface: &Surface<'_>) -> String {
        let (words, hue) = match self.decision.verdict {
            Verdict::Allow => ("✓ allow", AnsiColor::Green),
            Verdict::Transform => ("✓ transform", AnsiColor::Green),
            Verdict::Deny => ("✗ deny", AnsiColor::Red),
            Verdict::Escalate => ("? escalate", AnsiColor::Yellow),
        };
        let said = |name: &str| self.proposal.and_then(|whole| whole.get(name)).and_then(Json::text);
        let mut out = surface.on_out(Style::new().bold().fg_color(Some(hue.into())), words);
        for part in [self.decision.id.as_deref(), said("tool").or(said("kind"))].into_iter().flatten() {
            out.push_str(&format!(" {}", one_line(part)));
        }
        if self.decision.replayed {
            out.push_str(" (decided before)");
        }
        out
    }

    fn line(&self, surface: &Surface<'_>) -> String {
        let reasons: Vec<String> = self.decision.reasons.iter().map(|one| reason(one, &beside(one))).collect();
        let colon = if reasons.is_empty() { "" } else { ": " };
        format!("{}{colon}{}\n", self.head(surface), reasons.join("; "))
    }

    fn report(&self, surface: &Surface<'_>) -> String {
        let mut out = format!("{}\n", self.head(surface));
        out.extend(self.proposal.filter(|_| self.whole).map(proposed));
        for one in &self.decision.reasons {
            let beside = beside(one);
            out.push_str(&format!("  {}\n    to do: {}\n", reason(one, &beside), one_line(&beside.help)));
        }
        if let Some(text) = approved(self.decision) {
            match text.contains('\n') {
                true => out.push_str(&format!("  approved:\n{}", ruled(&text))),
                false => out.push_str(&format!("  approved: {}\n", one_line(&text))),
            }
        }
        out.push_str("  had to hold:\n");
        let width = self.decision.obligations.iter().map(|one| one.kind.len()).max().unwrap_or_default();
        for one in &self.decision.obligations {
            let asks = self.decision.verdict == Verdict::Escalate && one.kind == "escalate";
            out.push_str(&obligation(one, asks, width));
        }
        let (id, digest) = &self.decision.gate;
        let short = digest.get(..19).unwrap_or(digest);
        let at = instant(self.decision.at);
        out.push_str(&format!("  gate {} {short}…, {at}, sequence {}\n", one_line(id), self.decision.sequence));
        if let Some(next) = &self.next {
            out.push_str(&format!("  next: {}\n", one_line(next)));
        }
        out
    }
}

fn reason(one: &Reason, beside: &Beside) -> String {
    let place = match (beside.path.as_str(), beside.limit.as_str()) {
        ("", "") => String::new(),
        ("", limit) => format!(" (limit {})", one_line(limit)),
        (path, _) => format!(" (at {})", one_line(path)),
    };
    format!("{}: {}{place}", one.code, one_line(&one.message))
}

/// `asks`: it is the rule that calls a human.
fn obligation(one: &Obligation, asks: bool, width: usize) -> String {
    let mark = match one.outcome {
        Outcome::Held if asks => "?",
        Outcome::Held => "✓",
        Outcome::Failed => "✗",
        Outcome::NotReached => "–",
    };
    let counts = one.counts.as_ref().map(|counts| {
        let [used, asked, max] = counts.texts();
        format!(": {used} used + {asked} asked, of {max}")
    });
    let name = if one.name == one.kind { String::new() } else { one_line(&one.name) };
    let line = format!("    {mark} {:width$}  {name}{}", one.kind, counts.unwrap_or_default());
    format!("{}\n", line.trim_end())
}
