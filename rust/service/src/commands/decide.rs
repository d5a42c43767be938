//! `decide` and `approve`

use super::content::word;
use super::decision::{Shown, status};
use crate::args::{ApproveArgs, DecideArgs, ReportKind};
use crate::failure::Failure;
use crate::{Exit, Stop, Surface, gates, load};
use guard_gate::json::{Json, MAX_BYTES};
use guard_gate::permit::Key;
use guard_gate::{Decision, Gate, Ledger, Verdict};
use std::fs::File;
use std::io::{BufRead, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

/// What is said when Ctrl-C ends the call.
const STOPPED: &str = "interrupted: the decisions that were handed out stand\n";
/// What is kept of a proposal: one byte more than is read, so that it is seen to be too long.
const KEPT: usize = MAX_BYTES + 1;

pub fn run(args: &DecideArgs, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    let stdin = args.proposal == Path::new("-");
    if stdin && args.gate == Path::new("-") {
        return Err(Failure::new("", "standard input is named more than once", "name a file for the gate"));
    }
    if args.show.permit && args.ledger.is_none() {
        return Err(Failure::new(
            "",
            "`--permit` needs a ledger",
            "a permit is redeemed by the ledger that made it: `--ledger FILE`",
        ));
    }
    let gate = gates::gate_of(&args.gate, &args.context)?;
    let ledger = match &args.ledger {
        Some(place) => gates::ledger(gates::kept(place)?),
        // No permit of it leaves this call.
        None => Ledger::memory(Key::new([0; 32])),
    };
    let mut input: Box<dyn Read> = if stdin {
        guard_ingest::stdin().map_err(|why| unreadable(&args.proposal, &why))?
    } else {
        Box::new(File::open(&args.proposal).map_err(|why| unreadable(&args.proposal, &why))?)
    };
    let desk = Desk { gate: &gate, ledger: &ledger, args };
    if args.ledger.is_none() {
        surface.say("note: without --ledger limits begin empty, and nothing is held\n");
    }
    let html = args.show.format == ReportKind::Html;
    if html || !stdin && !in_lines(&args.proposal) {
        let mut bytes = Vec::new();
        let read = input.by_ref().take(KEPT as u64).read_to_end(&mut bytes);
        read.map_err(|why| unreadable(&args.proposal, &why))?;
        if html && lines_of(&bytes) > 1 && (stdin || in_lines(&args.proposal)) {
            return Err(Failure::new(
                "",
                "html is of one decision, and several are proposed",
                "give one, or another `--format`",
            ));
        }
        let (decision, text) = desk.decide(&bytes, false, surface);
        return surface.print(&text).map(|()| status(decision.verdict));
    }
    desk.stream(&mut std::io::BufReader::new(input), surface)
}

/// How many proposals stand in a text, one a line. One proposal may span lines.
fn lines_of(bytes: &[u8]) -> usize {
    let blank = |line: &&[u8]| line.iter().all(u8::is_ascii_whitespace);
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(|line| !blank(line)).collect();
    let one = Json::parse(bytes).is_ok() || lines.iter().all(|line| Json::parse(line).is_err());
    if one { 1 } else { lines.len() }
}

/// Named as NDJSON is.
fn in_lines(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "ndjson" || end == "jsonl")
}

fn unreadable(path: &Path, why: &std::io::Error) -> Failure {
    let message = format!("the proposal `{}` cannot be read: {}", path.display(), load::reason(why));
    Failure::new(load::unread(why.kind()).name(), message, "check the path")
}

struct Desk<'d> {
    gate: &'d Gate,
    ledger: &'d Ledger,
    args: &'d DecideArgs,
}

impl Desk<'_> {
    fn decide(&self, bytes: &[u8], many: bool, surface: &Surface<'_>) -> (Arc<Decision>, String) {
        let mut decision = self.ledger.decide(self.gate, bytes);
        if self.args.ledger.is_none() {
            // What this call's memory holds ends with the call.
            decision = Arc::new(Decision { reservation: None, permit: None, ..(*decision).clone() });
        }
        let proposal = Json::parse(bytes).ok();
        let next = next(&decision, self.args);
        let shown = Shown { decision: &decision, proposal: proposal.as_ref(), whole: false, next };
        let text = shown.text(&self.args.show, many, surface);
        (decision, text)
    }

    /// One decision a line, handed out before the next line is read.
    fn stream(&self, input: &mut dyn BufRead, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
        let mut worst: Option<Exit> = None;
        while let Some(bytes) = line(input, &surface.stop).map_err(|why| unreadable(&self.args.proposal, &why))? {
            if surface.stop.asked() {
                break;
            }
            // What was cut may go on with anything.
            if bytes.len() < KEPT && bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let (decision, text) = self.decide(&bytes, true, surface);
            surface.hand_out(&text)?;
            let own = status(decision.verdict);
            worst = Some(worst.map_or(own, |worst| worst.and(own)));
        }
        if surface.stop.asked() {
            surface.say(STOPPED);
            return Ok(Exit::INTERRUPTED);
        }
        worst.ok_or_else(|| Failure::new("", "nothing was proposed", "give one proposal a line, as JSON"))
    }
}

/// The next line without its end, cut after [`KEPT`] bytes; none at the end of the input.
fn line(input: &mut dyn BufRead, stop: &Stop) -> std::io::Result<Option<Vec<u8>>> {
    let (mut out, mut begun) = (Vec::new(), false);
    while !stop.asked() {
        let chunk = match stop.while_waiting(STOPPED, || input.fill_buf()) {
            Err(why) if why.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        };
        if chunk.is_empty() {
            return Ok(begun.then_some(out));
        }
        begun = true;
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
        let room = KEPT.saturating_sub(out.len()).min(part.len());
        out.extend_from_slice(part.get(..room).unwrap_or_default());
        let used = end.map_or(chunk.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(Some(out));
        }
    }
    Ok(None)
}

fn next(decision: &Decision, args: &DecideArgs) -> Option<String> {
    let Some(ledger) = &args.ledger else {
        let words = match decision.verdict {
            Verdict::Allow | Verdict::Transform => "holds it and makes its permit",
            Verdict::Escalate => "keeps it for somebody to approve",
            Verdict::Deny => return None,
        };
        return Some(format!("nothing is held, and there is no permit; the same call with --ledger FILE {words}"));
    };
    let ledger = gates::shown(ledger);
    match decision.verdict {
        Verdict::Escalate => {
            let [id, gate, ledger] = [decision.id.as_deref()?, &args.gate.to_string_lossy(), &ledger].map(word);
            let pairs =
                args.context.iter().map(|(name, value)| format!(" --context {}", word(&format!("{name}={value}"))));
            let context: String = pairs.collect();
            Some(format!(
                "guard-nb ledger waiting {ledger}; guard-nb approve {gate} {id} --by NAME --ledger {ledger}{context}"
            ))
        }
        Verdict::Allow | Verdict::Transform if !args.show.permit => {
            Some("the same call with --permit hands out the permit".to_owned())
        }
        _ => None,
    }
}

pub fn approve(args: &ApproveArgs, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    let gate = gates::gate_of(&args.gate, &args.context)?;
    let ledger = gates::ledger(gates::known(&args.ledger)?);
    let decision = ledger.approve(&gate, &args.id, &args.by)?;
    let proposal = ledger.proposal(&args.id)?.and_then(|text| Json::parse(text.as_bytes()).ok());
    let shown = Shown { decision: &decision, proposal: proposal.as_ref(), whole: true, next: None };
    let text = shown.text(&args.show, false, surface);
    surface.print(&text).map(|()| status(decision.verdict))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn lines(text: &[u8]) -> Vec<Vec<u8>> {
        // A small buffer, so that lines span several.
        let mut input = std::io::BufReader::with_capacity(3, text);
        std::iter::from_fn(|| line(&mut input, &Stop::default()).unwrap()).collect()
    }

    #[test]
    fn lines_end_where_they_end() {
        assert_eq!(lines(b"abcd\n\nx"), [b"abcd".to_vec(), b"".to_vec(), b"x".to_vec()]);
        assert_eq!(lines(b"a\r\n"), [b"a\r".to_vec()]);
        assert!(lines(b"").is_empty());
    }

    #[test]
    fn long_lines_are_cut_and_the_next_one_is_whole() {
        let mut text = vec![b'a'; KEPT + 5000];
        text.extend(b"\nb");
        let found = lines(&text);
        assert_eq!((found.len(), found.first().unwrap().len()), (2, KEPT));
        assert_eq!(found.last().unwrap(), b"b");
    }

    #[test]
    fn who_was_asked_to_stop_reads_no_more() {
        let stop = Stop::default();
        stop.ask();
        assert_eq!(line(&mut b"a\n".as_slice(), &stop).unwrap(), None);
    }
}
