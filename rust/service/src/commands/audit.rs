//! `audit`

use super::content::proposed;
use crate::args::{AuditCommand, ExportFormat, LogFormat, WhichArgs};
use crate::failure::Failure;
use crate::surface::harmless;
use crate::{Exit, Surface, gates, load};
use anstyle::{AnsiColor, Style};
use guard_engine::plan::parse_as_of;
use guard_gate::decision::instant;
use guard_gate::export::{self, Checked, Entry, Story, Trail};
use guard_gate::json::Json;
use guard_gate::ledger::Checkpoint;
use guard_verdict::codes;
use serde_json::Value;
use std::path::{Path, PathBuf};

pub fn run(command: &AuditCommand, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    match command {
        AuditCommand::Verify { ledger, checkpoints } => verify(ledger, checkpoints, surface),
        AuditCommand::Show { which, format, content } => show(which, *format, *content, surface),
        AuditCommand::Checkpoint { ledger } => {
            let text = gates::ledger(gates::looked_at(ledger)?).checkpoint()?;
            surface.print(&format!("{text}\n")).map(|()| Exit::ACCEPT)
        }
        AuditCommand::Prove { ledger, leaf, size, consistency } => {
            prove(ledger, *leaf, *size, consistency.as_deref(), surface)
        }
        AuditCommand::CheckProof { proof, checkpoints } => check_proof(proof, checkpoints, surface),
        AuditCommand::Export { which, format, content } => write_out(which, *format, *content, surface),
    }
}

fn verify(place: &str, checkpoints: &[PathBuf], surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    let ledger = gates::ledger(gates::looked_at(place)?);
    let read: Vec<_> = checkpoints.iter().map(|path| checkpoint(path)).collect::<Result<_, Failure>>()?;
    let given: Vec<&str> = read.iter().map(|(text, _)| text.trim_end_matches(['\r', '\n'])).collect();
    match ledger.verify(&given) {
        Ok(count) => {
            let seen = read.iter().map(|(_, checkpoint)| checkpoint.size).max();
            said(surface, true, &verified(count, given.len(), seen), Exit::ACCEPT)
        }
        Err(error) if error.code == codes::gate::LEDGER_BROKEN => {
            said(surface, false, &format!("{}: {}", error.code, error.message), Exit::REJECT)
        }
        Err(error) => Err(error.into()),
    }
}

/// What is known of so many entries; `seen`: how many of them the newest of so many checkpoints saw.
fn verified(count: u64, checkpoints: usize, seen: Option<u64>) -> String {
    let mut out = match count {
        1 => "1 entry agrees with what it led to".to_owned(),
        _ => format!("{count} entries agree with each other and with what they led to"),
    };
    match checkpoints {
        0 => out.push_str(
            "; no checkpoint was given, so that a cut end, a ledger made anew, and edits of what is kept nowhere else (they are listed by `--help`) cannot be seen",
        ),
        1 => out.push_str(", and with the checkpoint"),
        many => out.push_str(&format!(", and with {many} checkpoints")),
    }
    match seen.map_or(0, |seen| count.saturating_sub(seen)) {
        0 => {}
        1 => out.push_str("; 1 entry came after it, and no checkpoint vouches for that"),
        after => out.push_str(&format!("; {after} entries came after it, and no checkpoint vouches for those")),
    }
    out
}

/// A checkpoint's text and what it says.
fn checkpoint(path: &Path) -> Result<(String, Checkpoint), Failure> {
    let text = load::file(path, "checkpoint")?;
    let wrong =
        || Failure::new("", format!("`{}` is no checkpoint", path.display()), "`guard-nb audit checkpoint` makes one");
    let read = export::read_checkpoint(&text).ok_or_else(wrong)?;
    Ok((text, read))
}

/// A line with a mark.
fn said(surface: &mut Surface<'_>, good: bool, text: &str, exit: Exit) -> Result<Exit, Failure> {
    let (mark, hue) = if good { ("✓", AnsiColor::Green) } else { ("✗", AnsiColor::Red) };
    let mark = surface.on_out(Style::new().bold().fg_color(Some(hue.into())), mark);
    surface.print(&format!("{mark} {}\n", harmless(text))).map(|()| exit)
}

fn read(place: &str) -> Result<Trail, Failure> {
    let (mut store, _) = gates::looked_at(place)?;
    Ok(Trail::read(store.as_mut())?)
}

fn since(which: &WhichArgs) -> Result<i64, Failure> {
    which.since.as_deref().map_or(Ok(i64::MIN), moment)
}

/// An instant, in microseconds.
pub fn moment(text: &str) -> Result<i64, Failure> {
    let help = "give an instant with its zone, such as `2026-01-31T00:00:00Z`";
    let unreadable = || Failure::new(codes::usage::AS_OF_UNREADABLE.name(), format!("`{text}` is no instant"), help);
    parse_as_of(text).map(|at| at.as_microsecond()).ok_or_else(unreadable)
}

fn show(which: &WhichArgs, format: LogFormat, content: bool, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    if content && format != LogFormat::Text {
        let help = "leave out `--format`; `guard-nb audit export --content` writes content for other tools";
        return Err(Failure::new("", "`--content` is for people; entries hold digests alone", help));
    }
    let since = since(which)?;
    let trail = read(&which.ledger)?;
    let asked = |entry: &&Entry| entry.at >= since && (which.id.is_none() || entry.id == which.id);
    let entries: Vec<&Entry> = trail.entries.iter().filter(asked).collect();
    let text = match format {
        LogFormat::Text if entries.is_empty() => "no entries\n".to_owned(),
        LogFormat::Text => entries
            .iter()
            .map(|entry| line(entry, &trail, surface) + &if content { below(entry, &trail) } else { String::new() })
            .collect(),
        LogFormat::Ndjson => entries.iter().map(|entry| format!("{}\n", entry.leaf)).collect(),
        LogFormat::Json => {
            let leaves: Vec<&str> = entries.iter().map(|entry| entry.leaf.as_str()).collect();
            format!("[{}]\n", leaves.join(","))
        }
    };
    surface.print(&text).map(|()| Exit::ACCEPT)
}

/// What a decision was about. The ledger does not keep what was proposed under an id that was taken, or without one.
fn below(entry: &Entry, trail: &Trail) -> String {
    let record = entry.id.as_ref().filter(|_| entry.event == "decision").and_then(|id| trail.records.get(id));
    record
        .and_then(|record| Json::parse(record.canonical.as_bytes()).ok())
        .map(|whole| proposed(&whole))
        .unwrap_or_default()
}

fn line(entry: &Entry, trail: &Trail, surface: &Surface<'_>) -> String {
    let hue = match entry.verdict.as_deref() {
        Some("allow" | "transform") => Some(AnsiColor::Green),
        Some("deny") => Some(AnsiColor::Red),
        Some(_) => Some(AnsiColor::Yellow),
        None => None,
    };
    let word = entry.verdict.as_deref().unwrap_or(&entry.event);
    let word = surface.on_out(Style::new().fg_color(hue.map(Into::into)), &harmless(&format!("{word:8}")));
    let tool = entry.id.as_ref().filter(|_| entry.event == "decision").and_then(|id| trail.records.get(id));
    let tool = tool.and_then(|record| guard_gate::Proposal::parse(record.canonical.as_bytes()).ok());
    let tool = tool.and_then(|proposal| proposal.tool).map(|tool| format!("  {tool}"));
    let spent = entry.actual.as_ref().map(|actual| format!("  {actual}"));
    let id = entry.id.as_deref().unwrap_or("(no id)");
    let rest = format!("{id}{}{}", tool.unwrap_or_default(), spent.unwrap_or_default());
    format!("{:>6}  {}  {word}  {}\n", entry.sequence, instant(entry.at), harmless(&rest).replace('\n', "␊"))
}

fn prove(
    place: &str,
    leaf: Option<u64>,
    size: Option<u64>,
    consistency: Option<&[u64]>,
    surface: &mut Surface<'_>,
) -> Result<Exit, Failure> {
    let leaves: Vec<String> = read(place)?.entries.into_iter().map(|entry| entry.leaf).collect();
    let all = leaves.len() as u64;
    let found = match (leaf, consistency) {
        (Some(leaf), _) => export::inclusion(&leaves, leaf, size.unwrap_or(all)),
        (None, Some([old, new])) => export::consistency(&leaves, *old, *new),
        _ => None,
    };
    match found {
        Some(proof) => surface.print(&format!("{proof}\n")).map(|()| Exit::ACCEPT),
        None => {
            let message = format!("nothing to prove: the log has {all} entries, from sequence 0");
            Failure::new("", message, "see them: `guard-nb audit show`").report(surface);
            Ok(Exit::REJECT)
        }
    }
}

fn check_proof(path: &Path, checkpoints: &[PathBuf], surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    let known: Vec<Checkpoint> =
        checkpoints.iter().map(|path| Ok(checkpoint(path)?.1)).collect::<Result<_, Failure>>()?;
    let text = load::file(path, "proof")?;
    let proof: Option<Value> = serde_json::from_str(&text).ok();
    let wrong = || Failure::new("", format!("`{}` is no proof", path.display()), "`guard-nb audit prove` makes one");
    match proof.and_then(|proof| export::check(&proof, &known)).ok_or_else(wrong)? {
        Checked::Proved(text) => said(surface, true, &text, Exit::ACCEPT),
        Checked::False(why) => said(surface, false, &why, Exit::REJECT),
        Checked::Unvouched(size) => {
            let text = format!("? the proof holds in itself; no checkpoint of {size} entries vouches for its root\n");
            surface.print(&text).map(|()| Exit::UNKNOWN)
        }
    }
}

fn write_out(
    which: &WhichArgs,
    format: ExportFormat,
    content: bool,
    surface: &mut Surface<'_>,
) -> Result<Exit, Failure> {
    let since = since(which)?;
    let trail = read(&which.ledger)?;
    let now = jiff::Timestamp::now().as_microsecond();
    let asked = |story: &Story<'_>| {
        let id = story.first().and_then(|entry| entry.id.clone());
        (which.id.is_none() || id == which.id) && story.entries.iter().any(|entry| entry.at >= since)
    };
    let stories: Vec<Story<'_>> = trail.stories().into_iter().filter(asked).collect();
    match format {
        ExportFormat::Prov => surface.hand_out(&format!("{}\n", export::prov(&stories, content)))?,
        ExportFormat::Otel => {
            for story in &stories {
                if surface.stop.asked() {
                    return Err(Failure::Interrupted);
                }
                surface.hand_out(&format!("{}\n", export::span(story, now, content)))?;
            }
        }
    }
    Ok(Exit::ACCEPT)
}
