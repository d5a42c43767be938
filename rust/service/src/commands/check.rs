//! `check`

use super::judging;
use crate::args::{CheckArgs, ReportFormat};
use crate::data::{Ingest, Outcome};
use crate::failure::Failure;
use crate::progress::Watch;
use crate::write::{Place, Records};
use crate::{Exit, Surface, inputs, load, params};
use anstyle::{AnsiColor, Style};
use guard_verdict::{Beside, Status, codes, render};
use std::path::Path;
use std::time::Instant;

pub fn run(args: CheckArgs, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    judging::one_stdin(Some(&args.contract), &args.data, &args.judge)?;
    let read = judging::read(Some(&args.contract), &args.data, &args.judge);
    inputs::apart(&read, args.accepted.as_deref(), args.quarantine.as_deref())?;
    let place = args.accepted.as_deref().map(Place::of).transpose()?;
    let contract = load::contract(&args.contract, &args.judge.variables)?;
    let parameters = params::parameters(&args.judge.params)?;
    let started = Instant::now();
    let watch = Watch::new(surface, "checking", args.quiet || args.accepted.as_deref() == Some(Path::new("-")));
    let mut request = judging::request(contract, &args.data, &args.judge, parameters, &watch)?;
    request.quarantine.clone_from(&args.quarantine);
    request.statistics = !args.no_statistics;
    let ingest = Ingest::open(request)?;
    let outcome = deliver(ingest, place, &watch, surface)?;
    drop(watch);
    let beside = Beside {
        elapsed_us: u64::try_from(started.elapsed().as_micros()).ok(),
        contract_path: Some(args.contract.display().to_string()),
        next: Some(next(&args, &outcome)),
        observed_at: Some(jiff::Timestamp::now().to_string()),
        ..crate::data::beside(&outcome.verdict, &outcome.plan)
    };
    if !args.quiet {
        for notice in &outcome.notices {
            surface.say(&format!("note: {}\n", crate::surface::harmless(notice)));
        }
        report(&args, &outcome, &beside, surface)?;
    }
    Ok(Exit::of(outcome.verdict.status))
}

/// What to do next, in a shell.
fn next(args: &CheckArgs, outcome: &Outcome) -> String {
    let records = &outcome.verdict.records;
    match &args.quarantine {
        _ if outcome.verdict.status == Status::Accept => "nothing to do".to_owned(),
        Some(file) if outcome.quarantined > 0 => {
            format!("records that were not accepted: {}; repair them there, and check that file", file.display())
        }
        None if records.rejected + records.unknown > 0 => {
            "see the records that were not accepted: --quarantine FILE".to_owned()
        }
        _ => "see what a code means: guard-nb codes CODE".to_owned(),
    }
}

/// Hands out the accepted records, if somebody wants them.
fn deliver(
    mut ingest: Ingest,
    place: Option<Place>,
    watch: &Watch,
    surface: &mut Surface<'_>,
) -> Result<Outcome, Failure> {
    let Some(place) = place else { return Ok(ingest.finish(watch)?) };
    let mut records = Records::open(place.read_by(&ingest)?, &ingest.schema())?;
    while let Some(batch) = ingest.next_batch(watch)? {
        records.write(&batch, surface)?;
    }
    let mut outcome = ingest.finish(watch)?;
    outcome.notices.extend_from_slice(records.notices());
    records.finish(surface)?;
    Ok(outcome)
}

fn report(args: &CheckArgs, outcome: &Outcome, beside: &Beside, surface: &mut Surface<'_>) -> Result<(), Failure> {
    let verdict = &outcome.verdict;
    let internal = |why: String| Failure::coded(codes::usage::INTERNAL, why);
    // Where records take standard output, the report stands beside them.
    let aside = args.accepted.as_deref() == Some(Path::new("-"));
    let colour = if aside { surface.err_colour } else { surface.out_colour };
    let text = match args.format {
        ReportFormat::Text => coloured(&render::text(verdict, beside), verdict.status, colour),
        ReportFormat::Table => coloured(&render::table(verdict, beside), verdict.status, colour),
        ReportFormat::Json => verdict.to_json().map_err(|why| internal(why.to_string()))?,
        ReportFormat::Html => render::html_page(verdict, beside),
        ReportFormat::Oors => render::oors(verdict, beside).map_err(|why| internal(why.to_string()))?,
        ReportFormat::Junit => render::junit(verdict, beside),
    };
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let text = format!("{text}{end}");
    if aside {
        surface.say(&text);
        return Ok(());
    }
    surface.print(&text)
}

/// The first line, which has the status, in its colour.
fn coloured(text: &str, status: Status, colour: bool) -> String {
    let hue = match status {
        Status::Accept => AnsiColor::Green,
        Status::Reject => AnsiColor::Red,
        Status::Unknown => AnsiColor::Yellow,
    };
    let style = Style::new().bold().fg_color(Some(hue.into()));
    match text.split_once('\n') {
        Some((first, rest)) if colour => format!("{style}{first}{style:#}\n{rest}"),
        _ => text.to_owned(),
    }
}
