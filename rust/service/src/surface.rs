//! Where a call prints, and what it runs in.

use crate::failure::Failure;
use crate::{Exit, Stop};
use anstyle::Style;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

/// A notebook to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notebook {
    /// Its file.
    pub path: PathBuf,
    /// Where the executed notebook goes; nowhere unless given.
    pub output: Option<PathBuf>,
    /// Seconds that a cell may take.
    pub timeout: Option<u64>,
}

/// What the command line runs in: the Python package can do more than the binary alone.
pub trait Host {
    /// Runs a notebook from top to bottom; None when this host has no Python.
    fn run_notebook(&self, notebook: &Notebook) -> Option<Exit>;
}

/// Standard output where it is closed: nothing that is written to it gets anywhere.
pub(crate) struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("it is closed"))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The binary alone.
pub struct Plain;

impl Host for Plain {
    fn run_notebook(&self, _: &Notebook) -> Option<Exit> {
        None
    }
}

/// Streams of a call. Standard input is read by guard-ingest, of the process.
pub struct Surface<'a> {
    /// Documents and records.
    pub out: &'a mut dyn Write,
    /// Everything else.
    pub err: &'a mut dyn Write,
    /// Whether `out` shows colours.
    pub out_colour: bool,
    /// Whether `err` does.
    pub err_colour: bool,
    /// Whether somebody watches `err`.
    pub progress: bool,
    /// Whether somebody asked to stop.
    pub stop: Stop,
    /// What it runs in.
    pub host: &'a dyn Host,
}

impl Surface<'_> {
    /// Writes to `out`. A reader that left is no failure: the status says all that matters.
    pub fn print(&mut self, text: &str) -> Result<(), Failure> {
        match self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()) {
            Err(why) if why.kind() == ErrorKind::BrokenPipe => Ok(()),
            Err(why) => Err(Failure::output(&why)),
            Ok(()) => Ok(()),
        }
    }

    /// Writes to `out` what somebody must get: a reader that left ends the call.
    pub fn hand_out(&mut self, text: &str) -> Result<(), Failure> {
        match self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()) {
            Err(why) if why.kind() == ErrorKind::BrokenPipe => Err(Failure::Pipe),
            Err(why) => Err(Failure::output(&why)),
            Ok(()) => Ok(()),
        }
    }

    /// Writes to `err`; where that fails nobody can be told.
    pub fn say(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush());
    }

    /// `text` on `err`, in this style where that shows colours.
    pub fn on_err(&self, style: Style, text: &str) -> String {
        painted(self.err_colour, style, text)
    }

    /// `text` on `out`, likewise.
    pub fn on_out(&self, style: Style, text: &str) -> String {
        painted(self.out_colour, style, text)
    }
}

fn painted(colour: bool, style: Style, text: &str) -> String {
    if colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
}

/// Text of people or data for a terminal: characters that move, hide or reorder are spelled out; line breaks stay.
pub fn harmless(text: &str) -> String {
    text.split('\n').map(guard_verdict::render::visible).collect::<Vec<_>>().join("\n")
}
