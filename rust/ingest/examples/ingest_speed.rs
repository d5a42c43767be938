//! How fast a file is read, judged and handed out: `cargo run --release -p guard-ingest --example ingest_speed -- CONTRACT FILE [THREADS [ROUNDS [QUARANTINE]]]`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use guard_engine::contract::Contract;
use guard_engine::run::Uncontrolled;
use guard_ingest::{Format, Ingest, Input, Request};
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default| arguments.get(at).map_or(default, |text| text.parse().expect("a number"));
    let (threads, rounds) = (number(2, 2), number(3, 5));
    let contract = Arc::new(Contract::load(&std::fs::read_to_string(&arguments[0]).unwrap()).expect("a contract"));
    let bytes = std::fs::metadata(&arguments[1]).unwrap().len();
    for _ in 0..rounds {
        let mut request = Request::new(contract.clone(), vec![Input::File(arguments[1].clone().into())]);
        request.threads = Some(threads);
        request.quarantine = arguments.get(4).map(Into::into);
        request.format = arguments[1].ends_with(".csv").then_some(Format::Csv);
        let start = Instant::now();
        let mut ingest = Ingest::open(request).unwrap();
        let mut rows = 0;
        while let Some(batch) = ingest.next_batch(&Uncontrolled).unwrap() {
            rows += batch.num_rows();
        }
        let outcome = ingest.finish(&Uncontrolled).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        let rate = bytes as f64 / seconds / 1e9;
        println!("{:.3} s, {rate:.3} GB/s, {rows} accepted, {} not", seconds, outcome.quarantined);
    }
}
