//! Looks for texts that break the expression language: `cargo run -p guard-engine --example fuzz_expressions -- SECONDS [SEED]`.
//!
//! Valid texts are judged over a frame of every Arrow layout (both ways of evaluation, every claim), damaged ones and token soup
//! must end in a program or in a problem with a place. What breaks is printed, and the exit status is 1.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

#[path = "../tests/expressions/mod.rs"]
mod expressions;

use expressions::batch::batch;
use expressions::calls::calls;
use expressions::judge::{Frame, Judged, judge};
use expressions::parameters;
use expressions::soup::{damaged, tokens};
use expressions::source::{Chance, Source};
use expressions::texts::Grammar;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Findings after which the search ends.
const ENOUGH: usize = 20;

#[derive(Default)]
struct Figures {
    texts: usize,
    ran: usize,
    refused: usize,
    compared: usize,
    faults: usize,
    findings: usize,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().expect("a number"));
    let seconds = arguments.next().unwrap_or(60);
    let seed = arguments.next().unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        now.as_secs()
    });
    println!("seed {seed}, {seconds} s");
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut chance = Chance::new(seed);
    let mut figures = Figures::default();
    while Instant::now() < end && figures.findings < ENOUGH {
        // New values now and then: ranges are of the values.
        let rows = [1, 7, 64, 133, 200][chance.below(5)];
        let frame = Frame::new(batch(chance.next(), rows), &parameters());
        round(&frame, &mut chance, end, &mut figures);
    }
    let Figures { texts, ran, refused, compared, faults, findings } = figures;
    println!(
        "{texts} texts: {ran} ran, {refused} refused; {compared} values compared, {faults} faults; {findings} findings"
    );
    if findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A thousand texts over one frame.
fn round(frame: &Frame, chance: &mut Chance, end: Instant, figures: &mut Figures) {
    let calls = calls(frame);
    for _ in 0..1_000 {
        if Instant::now() >= end || figures.findings >= ENOUGH {
            return;
        }
        let mut grammar = Grammar { source: Source::seeded(chance.next(), 400), calls: &calls };
        let depth = 1 + chance.below(5);
        let text = match chance.below(8) {
            0 => tokens(&mut grammar.source, 24),
            1 => {
                let text = grammar.text(depth.min(3));
                damaged(&mut grammar.source, &text)
            }
            _ => grammar.text(depth),
        };
        figures.texts += 1;
        match catch_unwind(AssertUnwindSafe(|| judge(frame, &text))) {
            Ok(Ok(Judged::Refused(_))) => figures.refused += 1,
            Ok(Ok(Judged::Ran { compared, faults })) => {
                figures.ran += 1;
                figures.compared += compared;
                figures.faults += faults;
            }
            Ok(Err(why)) => {
                figures.findings += 1;
                println!("FOUND {text}\n    {why}");
            }
            Err(_) => {
                figures.findings += 1;
                println!("PANIC {text}");
            }
        }
    }
}
