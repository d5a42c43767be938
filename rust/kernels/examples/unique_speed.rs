//! Times uniqueness and foreign keys on synthetic frames: `cargo run --release --example unique_speed [rows] [threads] [part of a name]`.
#![allow(clippy::unwrap_used)]

use arrow_array::{ArrayRef, Int32Array, Int64Array, StringArray, StringViewArray};
use guard_kernels::unique::{KeySet, duplicates};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A well-mixed sequence of 64-bit numbers without repetition.
fn mixed(i: u64) -> u64 {
    let x = i.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

fn shuffled(n: u64) -> Vec<i64> {
    let mut values: Vec<u64> = (0..n).collect();
    values.sort_by_key(|v| mixed(*v));
    values.into_iter().map(|v| v as i64).collect()
}

/// Processor time of this process so far in ticks of 10 ms, where the system tells.
fn ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum()
}

/// The shortest run, and the processor time of a run on average: the second suffers less from busy neighbours.
fn best(runs: u32, mut work: impl FnMut()) -> (Duration, Duration) {
    let once = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    let before = ticks();
    let shortest = (0..runs).map(once).min().unwrap();
    (shortest, Duration::from_millis((ticks() - before) * 10) / runs)
}

/// True when a name was not asked for.
fn skipped(name: &str) -> bool {
    std::env::args().nth(3).is_some_and(|part| !name.contains(&part))
}

fn unique(name: &str, columns: &[ArrayRef], threads: usize) {
    if skipped(name) {
        return;
    }
    let columns: Vec<Vec<ArrayRef>> = columns.iter().map(|column| vec![column.clone()]).collect();
    let distinct = duplicates(&columns, threads).unwrap().distinct;
    let (time, cpu) = best(15, || assert_eq!(duplicates(&columns, threads).unwrap().distinct, distinct));
    println!(
        "{name:30} {:8.2} ms; cpu {:8.2} ms; {distinct} distinct",
        time.as_secs_f64() * 1e3,
        cpu.as_secs_f64() * 1e3
    );
}

fn foreign(name: &str, referenced: ArrayRef, column: ArrayRef) {
    if skipped(name) {
        return;
    }
    let start = Instant::now();
    let set = KeySet::build(&[vec![referenced]]).unwrap();
    let built = start.elapsed();
    let rows = column.len();
    let column = [column];
    let (time, cpu) = best(9, || assert!(set.missing(&column).unwrap().is_zero()));
    let each = |time: Duration| time.as_secs_f64() * 1e9 / rows as f64;
    let (time, cpu, built) = (each(time), each(cpu), built.as_secs_f64() * 1e3);
    println!("{name:30} {time:8.2} ns a row; cpu {cpu:8.2}; set of {} built in {built:.1} ms", set.len());
}

fn main() {
    let mut args = std::env::args().skip(1).take(2).map(|arg| arg.parse::<u64>().unwrap());
    let (n, threads) = (args.next().unwrap_or(5_000_000), args.next().unwrap_or(2) as usize);
    let text = |i: u64| format!("{:012}{}", mixed(i) % 1_000_000_000_000, "abcdefgh".get(..(i % 9) as usize).unwrap());
    let sorted: ArrayRef = Arc::new(Int64Array::from_iter_values(0..n as i64));
    let dense: ArrayRef = Arc::new(Int64Array::from(shuffled(n)));
    let random: ArrayRef = Arc::new(Int64Array::from_iter_values((0..n).map(|i| mixed(i) as i64)));
    let sparse: ArrayRef = Arc::new(Int64Array::from_iter_values(shuffled(n).iter().map(|i| i * 40)));
    let twice: ArrayRef = Arc::new(Int64Array::from_iter_values((0..n).map(|i| mixed(i % (n / 2)) as i64)));
    let views: ArrayRef = Arc::new(StringViewArray::from_iter_values((0..n).map(text)));
    let plain: ArrayRef = Arc::new(StringArray::from_iter_values((0..n).map(text)));
    let short: ArrayRef = Arc::new(StringViewArray::from_iter_values((0..n).map(|i| format!("N{:x}", mixed(i) >> 24))));
    let few: ArrayRef = Arc::new(StringViewArray::from_iter_values((0..n).map(|i| text(mixed(i) % 1000))));
    let texts_twice: ArrayRef = Arc::new(StringViewArray::from_iter_values((0..n).map(|i| text(i % (n / 2)))));
    let small: ArrayRef = Arc::new(Int32Array::from_iter_values((0..n).map(|i| (mixed(i) % 1000) as i32)));
    unique("sorted i64", std::slice::from_ref(&sorted), threads);
    unique("dense shuffled i64", std::slice::from_ref(&dense), threads);
    unique("range of 40 n, shuffled", &[sparse], threads);
    unique("random 64 bits", std::slice::from_ref(&random), threads);
    unique("random 64 bits, each twice", &[twice], threads);
    unique("strings of 12-20, views", std::slice::from_ref(&views), threads);
    unique("strings of 12-20, utf8", &[plain], threads);
    unique("strings of 9-11, views", std::slice::from_ref(&short), threads);
    unique("strings, 1000 values", &[few], threads);
    unique("strings, each twice", &[texts_twice], threads);
    unique("i64, i32, string", &[dense.clone(), small, short], threads);
    for keys in [1_000u64, 1_000_000] {
        let pick = |i: u64| mixed(i ^ 77) % keys;
        let ids: ArrayRef = Arc::new(Int64Array::from_iter_values((0..keys).map(|i| i as i64)));
        foreign("dense i64", ids, Arc::new(Int64Array::from_iter_values((0..n).map(|i| pick(i) as i64))));
        let ids: ArrayRef = Arc::new(Int64Array::from_iter_values((0..keys).map(|i| mixed(i) as i64)));
        foreign("random i64", ids, Arc::new(Int64Array::from_iter_values((0..n).map(|i| mixed(pick(i)) as i64))));
        let code = |i: u64| format!("N{:x}", mixed(i) >> 34);
        let ids: ArrayRef = Arc::new(StringViewArray::from_iter_values((0..keys).map(code)));
        foreign(
            "short strings, views",
            ids.clone(),
            Arc::new(StringViewArray::from_iter_values((0..n).map(|i| code(pick(i))))),
        );
        foreign("short strings, utf8", ids, Arc::new(StringArray::from_iter_values((0..n).map(|i| code(pick(i))))));
        let ids: ArrayRef = Arc::new(StringViewArray::from_iter_values((0..keys).map(text)));
        foreign(
            "strings of 12-20, views",
            ids,
            Arc::new(StringViewArray::from_iter_values((0..n).map(|i| text(pick(i))))),
        );
    }
}
