//! `diff`

use crate::args::DiffArgs;
use crate::failure::Failure;
use crate::surface::harmless;
use crate::{Exit, Surface, load};
use anstyle::{AnsiColor, Style};
use guard_engine::contract::{Change, Impact, diff};
use std::path::Path;

pub fn run(args: &DiffArgs, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    if args.old == Path::new("-") && args.new == Path::new("-") {
        return Err(Failure::new("", "both contracts are standard input", "name a file for one of them"));
    }
    let (old, new) = (load::contract(&args.old, &args.variables)?, load::contract(&args.new, &args.variables)?);
    let changes = diff(&old, &new);
    let breaks = |change: &Change| change.producer == Impact::Breaking || change.consumer == Impact::Breaking;
    let exit = if changes.iter().any(breaks) { Exit::REJECT } else { Exit::ACCEPT };
    let text = if args.json {
        let document = serde_json::to_string(&changes)
            .map_err(|why| Failure::coded(guard_verdict::codes::usage::INTERNAL, why.to_string()))?;
        format!("{document}\n")
    } else if changes.is_empty() {
        "no change of meaning\n".to_owned()
    } else {
        changes.iter().map(|change| line(change, surface)).collect()
    };
    surface.print(&text).map(|()| exit)
}

fn line(change: &Change, surface: &Surface<'_>) -> String {
    let word = |impact| match impact {
        Impact::Breaking => surface.on_out(hue(AnsiColor::Red), "breaking"),
        Impact::Tightening => surface.on_out(hue(AnsiColor::Yellow), "tightening"),
        Impact::Loosening => "loosening".to_owned(),
        Impact::Neutral => "neutral".to_owned(),
    };
    let (path, message) = (harmless(&change.path), harmless(&change.message));
    let sides = format!("for producers {}, for consumers {}", word(change.producer), word(change.consumer));
    format!("{path}: {message} [{}]\n  {sides}\n", change.kind)
}

fn hue(colour: AnsiColor) -> Style {
    Style::new().bold().fg_color(Some(colour.into()))
}
