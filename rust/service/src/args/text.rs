//! Texts of `--help`.

use anstyle::{AnsiColor, Style};
use clap::builder::Styles;
use const_version::VERSION_TEXT;

/// Colours of help.
pub const STYLES: Styles = Styles::styled()
    .header(Style::new().bold())
    .usage(Style::new().bold())
    .literal(Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan))))
    .placeholder(Style::new());

/// `0.1.0 (semantics 1)`
pub const VERSION: &str = VERSION_TEXT;

mod const_version {
    const _: () = assert!(guard_verdict::SEMANTICS == 1, "VERSION_TEXT says which");
    pub const VERSION_TEXT: &str = concat!(env!("CARGO_PKG_VERSION"), " (semantics 1)");
}

pub const ABOUT: &str = "Judges data by ODCS contracts";
pub const LONG_ABOUT: &str = "Judges data by ODCS contracts.\n\nA verdict is accept, reject or unknown; unknown is never accept. The same contract and the same \
records give the same verdict, byte for byte, here, in Python and in notebooks.";
pub const AFTER: &str = "\
Examples:
  guard-nb infer orders.csv > orders.odcs.yaml        a contract that holds, to be edited
  guard-nb check orders.odcs.yaml orders.csv          the report; the exit status says the same
  guard-nb check log.odcs.yaml log.ndjson.gz --accepted good.parquet --quarantine bad.ndjson
  guard-nb decide payments.gate.yaml proposal.json --ledger ledger.db

Data: NDJSON, JSON, CSV, TSV, Parquet, Arrow IPC; text also with gzip or zstd.

Exit status:
  0  accept, allow; a contract without error; nothing breaks
  1  reject, deny; a contract with an error; a change that breaks
  2  wrong usage or unreadable input: no verdict was given
  3  unknown: something that decides could not be decided; escalate: a human must approve
  130  stopped by Ctrl-C; no file is left half-written";

/// Short, long, examples.
pub type Help = (&'static str, &'static str, &'static str);

pub const CHECK: Help = (
    "Judge files by a contract",
    "Judges the records of files by a contract, and parts them if asked to.\n\nPrints a report on standard output; the exit status is the verdict's. A \
damaged record is rejected alone.",
    "\
Examples:
  guard-nb check orders.odcs.yaml orders.csv
  guard-nb check orders.odcs.yaml \"2026-*.ndjson.gz\" --format json > verdict.json
  guard-nb check shop.odcs.yaml orders.parquet --reference customers=customers.csv
  zcat log.gz | guard-nb check log.odcs.yaml - --input-format ndjson
  guard-nb check orders.odcs.yaml orders.csv --accepted good.parquet --quarantine bad.ndjson
  guard-nb check orders.odcs.yaml bad.ndjson          once more, after repair

CSV written with --accepted is safe to open in a spreadsheet: a text that begins with = + - @, a tab or a carriage return gets a ' in front. The other formats change nothing.

Exit status: 0 accept, 1 reject, 2 wrong usage or unreadable input, 3 unknown, 130 stopped.",
);

pub const LINT: Help = (
    "Look for mistakes in contracts and gates",
    "Says everything worth saying about contracts, without data, and about gate files (*.gate.yaml).\n\nOne finding a line: file, line, column, level, code, sentence; what to do stands below it.",
    "\
Examples:
  guard-nb lint contracts/*.odcs.yaml
  guard-nb lint orders.odcs.yaml --json
  guard-nb lint payments.gate.yaml

Exit status: 0 no error, 1 a file with an error (or, with --strict, a warning), 2 wrong usage or unreadable file.",
);

pub const INFER: Help = (
    "Draft a contract from data",
    "Drafts a contract from data: clauses that hold on every record, and the evidence in comments.\n\nThe contract goes to standard output, for you to \
edit: it says what is, you say what must be.",
    "\
Examples:
  guard-nb infer orders.csv > orders.odcs.yaml
  guard-nb infer export.parquet --object orders

Exit status: 0 drafted, 2 wrong usage or unreadable input, 130 stopped.",
);

pub const DIFF: Help = (
    "Tell what a new version of a contract breaks",
    "Compares two versions of a contract.\n\nEach change is judged for those who deliver the data and for those who read them: breaking, tightening, \
loosening or neutral.",
    "\
Examples:
  guard-nb diff orders.odcs.yaml orders-2.odcs.yaml
  git show HEAD:orders.odcs.yaml | guard-nb diff - orders.odcs.yaml

Exit status: 0 nothing breaks, 1 a change breaks one side, 2 wrong usage or a contract that does not load.",
);

pub const TRANSFORM: Help = (
    "Transform records, each by itself",
    "Runs a transform over the records of files: SELECT … FROM input [WHERE …], a total function of one record.\n\nA record on which it fails is \
quarantined alone. Counts go to standard error.",
    "\
Examples:
  guard-nb transform \"SELECT id, qty * price AS total FROM input\" orders.parquet
  guard-nb transform totals.sql orders.csv --contract orders.odcs.yaml --output-file totals.parquet
  guard-nb transform totals.json orders.csv --quarantine failed.ndjson

Exit status: 0 every record had its place and the verdicts accept, 1 records were rejected or the transform failed on some, 2 wrong usage or
unreadable input, 3 unknown, 130 stopped, 141 the reader of standard output left.",
);

pub const RUN: Help = (
    "Run a notebook from top to bottom",
    "Executes a notebook with its own kernel; a guard that rejects stops it.\n\nNeeds the Python package; the binary alone cannot.",
    "\
Examples:
  guard-nb run report.ipynb
  guard-nb run report.ipynb --output report-done.ipynb

Exit status: 0 every cell ran, 1 a cell failed or a guard rejected, 2 wrong usage, unreadable file or no Python package.",
);

pub const CODES: Help = (
    "Explain a code",
    "Lists every code that can be reported, or explains one.\n\nCodes never change their meaning.",
    "\
Examples:
  guard-nb codes
  guard-nb codes value-duplicate

Exit status: 0 found, 2 no such code.",
);

pub const COMPLETIONS: Help = (
    "Print completions for a shell",
    "Prints a script that completes commands and flags.\n\nSource it in the shell's start-up file.",
    "\
Examples:
  guard-nb completions bash > ~/.local/share/bash-completion/completions/guard-nb
  guard-nb completions zsh > ~/.zfunc/_guard-nb",
);
