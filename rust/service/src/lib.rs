//! The command line `guard-nb`: reads arguments, calls the crates below, prints what they say. Nothing here decides anything about data.
//!
//! [`run`] is given its streams, so that the binary, the Python package and tests call the same code. Rooms: `args` (what can be typed),
//! `commands` (one file each), `surface` (streams, colours, the host), `failure` and `exit` (how a call ends), `inputs` and `params` (files and
//! values on the line), `load` (contracts), `gates` (gates and ledgers), `data` (the seam to guard-ingest), `write` (records into files), `progress`, `stop` (Ctrl-C).
#![forbid(unsafe_code)]

mod args;
mod commands;
mod data;
mod exit;
mod failure;
mod gates;
mod inputs;
mod load;
mod params;
mod progress;
mod stop;
mod surface;
mod write;

pub use exit::Exit;
pub use stop::Stop;
pub use surface::{Host, Notebook, Plain, Surface};

use clap::Parser;
use std::ffi::OsString;
use std::io::IsTerminal;

/// Runs one call with the streams given; `args` begin with the name of the program. Never panics on what was typed.
pub fn run<A: Into<OsString> + Clone>(args: impl IntoIterator<Item = A>, surface: &mut Surface<'_>) -> Exit {
    let parsed = args::Cli::try_parse_from(args);
    match parsed {
        Ok(cli) => {
            if let Some(choice) = cli.color.choice() {
                (surface.out_colour, surface.err_colour) = (choice, choice);
            }
            commands::run(cli.command, surface).unwrap_or_else(|failure| failure.report(surface))
        }
        Err(told) if told.use_stderr() => {
            let text = told.render();
            let text = if surface.err_colour { text.ansi().to_string() } else { surface::harmless(&text.to_string()) };
            surface.say(&text);
            Exit::USAGE
        }
        Err(told) => {
            let text = told.render();
            let text = if surface.out_colour { text.ansi().to_string() } else { text.to_string() };
            surface.print(&text).map_or_else(|failure| failure.report(surface), |()| Exit::ACCEPT)
        }
    }
}

/// [`run`] with the streams of the process; Ctrl-C stops it with status 130. The exit status is returned, except where a call that
/// does not listen is ended.
pub fn main(args: impl IntoIterator<Item = OsString>, host: &dyn Host) -> u8 {
    let stop = Stop::default();
    stop.on_signal();
    // Before a file is opened, which would get the number of a stream that is closed.
    guard_ingest::closed_streams();
    let coloured = |choice| choice != anstream::ColorChoice::Never;
    let out_colour = coloured(anstream::AutoStream::choice(&std::io::stdout()));
    let err_colour = coloured(anstream::AutoStream::choice(&std::io::stderr()));
    let mut out = guard_ingest::stdout().unwrap_or_else(|_| Box::new(surface::Closed));
    let mut err = std::io::stderr();
    let mut surface = Surface {
        out: &mut out,
        err: &mut err,
        out_colour,
        err_colour,
        progress: std::io::stderr().is_terminal(),
        stop: stop.clone(),
        host,
    };
    run(args, &mut surface).status()
}
