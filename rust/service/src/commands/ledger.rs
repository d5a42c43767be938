//! `ledger`

use super::audit::moment;
use super::content::{one_line, proposed, word};
use crate::args::{LedgerCommand, PermitArgs};
use crate::failure::Failure;
use crate::gates::{self, Kept};
use crate::surface::harmless;
use crate::{Exit, Surface};
use guard_gate::decision::instant;
use guard_gate::export::{Story, Trail, permit};
use guard_gate::json::Json;
use guard_gate::money::plain;
use guard_gate::{Ledger, LedgerError, Verdict};
use guard_verdict::codes::gate as codes;
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;

/// No permit is longer, with the white space around it.
const LONGEST: u64 = 8_192;

pub fn run(command: &LedgerCommand, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    match command {
        LedgerCommand::Holds { ledger, json } => holds(ledger, *json, surface),
        LedgerCommand::Waiting { ledger, json } => waiting(ledger, *json, surface),
        LedgerCommand::Redeem(args) => redeem(args, surface),
        LedgerCommand::Commit { permit, actual } => {
            settle(permit, "committed", surface, |ledger, token| ledger.commit(token, actual.as_deref()))
        }
        LedgerCommand::Release(args) => settle(args, "released", surface, Ledger::release),
        LedgerCommand::Forget { ledger, gate, before } => forget(ledger, gate, before, surface),
    }
}

fn forget(place: &str, gate: &Path, before: &str, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    let (before, gate) = (moment(before)?, gates::gate(gate)?);
    let count = gates::ledger(gates::known(place)?).forget(&gate, before)?;
    let noun = if count == 1 { "call was" } else { "calls were" };
    surface.print(&format!("{count} {noun} removed\n")).map(|()| Exit::ACCEPT)
}

fn holds(place: &str, as_json: bool, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    let (mut store, _) = gates::looked_at(place)?;
    let trail = Trail::read(store.as_mut())?;
    let now = jiff::Timestamp::now().as_microsecond();
    let stories = trail.stories();
    let open = stories.iter().filter_map(|story| Some((story, story.state(now)?)));
    let open: Vec<_> = open.filter(|(_, state)| !matches!(*state, "committed" | "released")).collect();
    let text = if as_json {
        format!("{}\n", Value::Array(open.iter().map(|(story, state)| document(story, state)).collect()))
    } else if open.is_empty() {
        "nothing is held\n".to_owned()
    } else {
        open.iter().map(|(story, state)| line(story, state)).collect()
    };
    surface.print(&text).map(|()| Exit::ACCEPT)
}

fn waiting(place: &str, as_json: bool, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    let (mut store, _) = gates::looked_at(place)?;
    let trail = Trail::read(store.as_mut())?;
    let asks = |story: &Story<'_>| story.decision.as_ref().is_some_and(|one| one.verdict == Verdict::Escalate);
    let open: Vec<Story<'_>> = trail.stories().into_iter().filter(asks).collect();
    let text = if as_json {
        let all: Vec<String> = open.iter().filter_map(asked).collect();
        format!("[{}]\n", all.join(","))
    } else if open.is_empty() {
        "nothing waits for approval\n".to_owned()
    } else {
        open.iter().map(|story| asks_for(story, place)).collect()
    };
    surface.print(&text).map(|()| Exit::ACCEPT)
}

/// The proposal is canonical JSON already, with its digits as they were written.
fn asked(story: &Story<'_>) -> Option<String> {
    let (decision, proposal) = (story.decision.as_ref()?, story.proposal.as_ref()?);
    let gate = json!({"digest": decision.gate.1.as_str(), "id": decision.gate.0.as_str()});
    let (canonical, since) = (&proposal.canonical, json!(instant(decision.at)));
    Some(format!("{{\"gate\":{gate},\"id\":{},\"proposal\":{canonical},\"since\":{since}}}", json!(proposal.id)))
}

fn asks_for(story: &Story<'_>, place: &str) -> String {
    let (Some(decision), Some(proposal)) = (&story.decision, &story.proposal) else { return String::new() };
    let whole = Json::parse(proposal.canonical.as_bytes()).map(|whole| proposed(&whole)).unwrap_or_default();
    let (gate, since) = (one_line(&decision.gate.0), instant(decision.at));
    let [id, place] = [&*proposal.id, &gates::shown(place)].map(|text| one_line(&word(text)));
    let next = format!("  next: guard-nb approve GATE {id} --by NAME --ledger {place}\n");
    format!("? {} waits since {since}, by gate {gate}\n{whole}{next}", one_line(&proposal.id))
}

fn document(story: &Story<'_>, state: &str) -> Value {
    let money = story.reservation.and_then(|(_, held)| held.money.as_ref());
    let proposal = story.proposal.as_ref();
    json!({
        "id": story.reservation.map(|(_, held)| held.id.as_str()), "state": state,
        "reservation": story.reservation.map(|(number, _)| number),
        "principal": proposal.map(|proposal| &proposal.principal), "tool": proposal.and_then(|proposal| proposal.tool.as_ref()),
        "amount": money.map(|(minor, currency)| plain(*minor, currency)), "currency": money.map(|(_, currency)| currency.as_str()),
        "since": story.entries.last().map(|entry| instant(entry.at)),
        "expires": story.reservation.filter(|_| state != "running").map(|(_, held)| instant(held.expires)),
    })
}

fn line(story: &Story<'_>, state: &str) -> String {
    let Some((_, held)) = story.reservation else { return String::new() };
    let tool = story.proposal.as_ref().and_then(|proposal| proposal.tool.as_deref()).unwrap_or("?");
    let money = held.money.as_ref().map(|(minor, currency)| format!("  {} {currency}", plain(*minor, currency)));
    let since = story.entries.last().map(|entry| instant(entry.at)).unwrap_or_default();
    let when = if state == "running" { format!("since {since}") } else { format!("until {}", instant(held.expires)) };
    harmless(&format!("{state:8} {}  {tool}{}  {when}", held.id, money.unwrap_or_default())) + "\n"
}

fn redeem(args: &PermitArgs, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    let mut kept = gates::known(&args.ledger)?;
    let Some(token) = token(args, &mut kept, surface)? else { return Ok(Exit::REJECT) };
    match gates::ledger(kept).redeem(&token) {
        Ok(call) => {
            let arguments: Box<str> = call.arguments.into();
            // Arguments are canonical JSON already, with their digits as they were judged.
            let text =
                format!("{{\"arguments\":{arguments},\"id\":{},\"tool\":{}}}\n", json!(call.id), json!(call.tool));
            surface.hand_out(&text).map(|()| Exit::ACCEPT)
        }
        Err(error) => refused(error, surface),
    }
}

fn settle(
    args: &PermitArgs,
    done: &str,
    surface: &mut Surface<'_>,
    act: impl FnOnce(&Ledger, &str) -> Result<(), LedgerError>,
) -> Result<Exit, Failure> {
    let mut kept = gates::known(&args.ledger)?;
    let Some(token) = token(args, &mut kept, surface)? else { return Ok(Exit::REJECT) };
    match act(&gates::ledger(kept), &token) {
        Ok(()) => surface.print(&format!("{done}\n")).map(|()| Exit::ACCEPT),
        Err(error) => refused(error, surface),
    }
}

/// What cannot be done is told, and is no wrong usage.
fn refused(error: LedgerError, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    if error.code == codes::LEDGER_UNAVAILABLE || error.code == codes::LEDGER_VERSION {
        return Err(error.into());
    }
    Failure::from(error).report(surface);
    Ok(Exit::REJECT)
}

/// The permit: of an id, or from standard input. None where the id has none, which was told.
fn token(args: &PermitArgs, (store, _): &mut Kept, surface: &mut Surface<'_>) -> Result<Option<String>, Failure> {
    if let Some(id) = &args.id {
        let found = permit(store.as_mut(), id)?;
        if found.is_none() {
            let message = format!("no call is held under the id `{id}`: it was not allowed here");
            let help = format!("see what is: `guard-nb ledger holds {}`", word(&gates::shown(&args.ledger)));
            Failure::new(codes::PERMIT_INVALID.name(), message, help).report(surface);
        }
        return Ok(found);
    }
    let mut text = String::new();
    let words = "interrupted: nothing was done\n";
    let read = surface.stop.while_waiting(words, || guard_ingest::stdin()?.take(LONGEST).read_to_string(&mut text));
    read.map_err(|_| Failure::new("", "standard input holds no permit", "give the permit alone, or `--id ID`"))?;
    match text.trim() {
        "" => Err(Failure::new("", "standard input holds no permit", "give the permit alone, or `--id ID`")),
        token => Ok(Some(token.to_owned())),
    }
}
