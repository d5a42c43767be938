//! One file for each command.

mod audit;
mod check;
mod codes;
mod content;
mod decide;
mod decision;
mod diff;
mod infer;
mod judging;
mod ledger;
mod lint;
mod transform;

use crate::args::{Cli, Command, RunArgs};
use crate::failure::Failure;
use crate::{Exit, Notebook, Surface};
use clap::CommandFactory;

/// Runs a command.
pub fn run(command: Command, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    match command {
        Command::Check(args) => check::run(*args, surface),
        Command::Lint(args) => lint::run(&args, surface),
        Command::Infer(args) => infer::run(args, surface),
        Command::Diff(args) => diff::run(&args, surface),
        Command::Transform(args) => transform::run(*args, surface),
        Command::Decide(args) => decide::run(&args, surface),
        Command::Approve(args) => decide::approve(&args, surface),
        Command::Ledger(command) => ledger::run(&command, surface),
        Command::Audit(command) => audit::run(&command, surface),
        Command::Run(args) => notebook(args, surface),
        Command::Codes(args) => codes::run(&args, surface),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "guard-nb", &mut script);
            surface.print(&String::from_utf8_lossy(&script)).map(|()| Exit::ACCEPT)
        }
    }
}

fn notebook(args: RunArgs, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    let notebook = Notebook { path: args.notebook, output: args.output, timeout: args.timeout };
    surface.host.run_notebook(&notebook).ok_or_else(|| {
        let message = "notebooks are run by Python, and this `guard-nb` is the binary alone";
        Failure::new(
            "",
            message,
            "install the package, and use the `guard-nb` that comes with it: `pip install \"guard_nb[notebook]\"`",
        )
    })
}
