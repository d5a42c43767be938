//! One order at a time through VRL: a row rule and a transform of twelve columns.
//!
//! `vrl-peer [EVENTS] [REPETITIONS]` prints nanoseconds per event of each repetition and a checksum of the answers.
//! Types of all fields are declared to the compiler. Events are built, and results read, outside the clock.

// The same orders as those of the expressions they are compared with.
#[path = "../../../rust/engine/examples/expression_speed/events.rs"]
mod events;

use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::DateTime;
use serde_json::json;
use vrl::compiler::runtime::Runtime;
use vrl::compiler::state::{ExternalEnv, LocalEnv};
use vrl::compiler::{CompileConfig, Program, TargetValue, TimeZone, TypeState, compile_with_state};
use vrl::value::kind::Collection;
use vrl::value::{Kind, ObjectMap, Secrets, Value};

// Vector, which VRL is made for, runs on this allocator.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const RULE: &str = include_str!("rule.vrl");
const TRANSFORM: &str = include_str!("transform.vrl");
/// Events between two readings of the clock; few enough to stay in cache, as a freshly decoded event is.
const CHUNK: u64 = 256;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let events = arguments.next().map_or(Ok(100_000), |text| text.parse::<u64>())?;
    let repetitions = arguments.next().map_or(Ok(7), |text| text.parse::<u32>())?;
    let (rule_ns, rule_checksum) = measure(RULE, events, repetitions, |number, held| match held {
        Value::Boolean(false) => Ok(number as i64),
        Value::Boolean(true) => Ok(0),
        other => Err(format!("the rule gave {other}").into()),
    })?;
    let (transform_ns, transform_checksum) = measure(TRANSFORM, events, repetitions, |_, row| match row {
        Value::Null => Ok(0),
        row => checksum(row),
    })?;
    let figures = json!({
        "events": events,
        "rule_ns": rule_ns,
        "rule_checksum": rule_checksum,
        "transform_ns": transform_ns,
        "transform_checksum": transform_checksum,
    });
    println!("{figures}");
    Ok(())
}

/// Nanoseconds per event of each repetition, and the sum of what `read` makes of the answers.
fn measure(
    source: &str,
    events: u64,
    repetitions: u32,
    read: impl Fn(u64, &Value) -> Result<i64, Failure>,
) -> Result<(Vec<f64>, i64), Failure> {
    let program = compile(source)?;
    let mut nanoseconds = Vec::new();
    let mut sum = 0;
    for repetition in 0..=repetitions {
        let mut spent = Duration::ZERO;
        sum = 0;
        for first in (0..events).step_by(CHUNK as usize) {
            let numbers = first..events.min(first + CHUNK);
            let mut targets: Vec<_> = numbers.clone().map(target).collect();
            let (took, answers) = run(&program, &mut targets)?;
            spent += took;
            for (number, answer) in numbers.zip(&answers) {
                sum += read(number, answer)?;
            }
        }
        // The first one warms up.
        if repetition > 0 {
            nanoseconds.push(spent.as_nanos() as f64 / events as f64);
        }
    }
    Ok((nanoseconds, sum))
}

/// Each event through the program as Vector's `remap` does it: resolve, then clear the state.
fn run(program: &Program, targets: &mut [TargetValue]) -> Result<(Duration, Vec<Value>), Failure> {
    let mut runtime = Runtime::default();
    let mut answers = Vec::with_capacity(targets.len());
    let zone = TimeZone::default();
    let start = Instant::now();
    for target in targets {
        answers.push(runtime.resolve(black_box(target), program, &zone)?);
        runtime.clear();
    }
    Ok((start.elapsed(), black_box(answers)))
}

fn compile(source: &str) -> Result<Program, Failure> {
    let known = [
        ("order_id", Kind::integer()),
        ("country", Kind::bytes()),
        ("qty", Kind::integer()),
        ("amount", Kind::float()),
        ("total", Kind::float()),
        ("discount", Kind::float().or_null()),
        ("pickup", Kind::timestamp()),
        ("dropoff", Kind::timestamp()),
        ("status", Kind::bytes()),
        ("refund", Kind::float().or_null()),
        ("tax", Kind::float()),
    ];
    let fields = known.into_iter().map(|(name, kind)| (name.into(), kind)).collect();
    let event = Kind::object(Collection::from_parts(fields, Kind::undefined()));
    let external = ExternalEnv::new_with_kind(event, Kind::object(Collection::empty()));
    let state = TypeState { local: LocalEnv::default(), external };
    let compiled = compile_with_state(source, &vrl::stdlib::all(), &state, CompileConfig::default());
    match compiled {
        Ok(result) => Ok(result.program),
        Err(found) => Err(vrl::diagnostic::Formatter::new(source, found).to_string().into()),
    }
}

fn target(number: u64) -> TargetValue {
    let order = events::order(number);
    let time = |micros| DateTime::from_timestamp_micros(micros).map_or(Value::Null, Value::from);
    let value = ObjectMap::from([
        ("order_id".into(), order.order_id.into()),
        ("country".into(), order.country.into()),
        ("qty".into(), order.qty.into()),
        ("amount".into(), Value::from_f64_or_zero(order.amount)),
        ("total".into(), Value::from_f64_or_zero(order.total)),
        ("discount".into(), order.discount.map_or(Value::Null, Value::from_f64_or_zero)),
        ("pickup".into(), time(order.pickup)),
        ("dropoff".into(), time(order.dropoff)),
        ("status".into(), order.status.into()),
        ("refund".into(), order.refund.map_or(Value::Null, Value::from_f64_or_zero)),
        ("tax".into(), Value::from_f64_or_zero(order.tax)),
    ]);
    TargetValue { value: Value::Object(value), metadata: Value::Object(ObjectMap::new()), secrets: Secrets::new() }
}

/// Sum of the columns, each times its place: integers as they are, doubles in hundredths, texts by their bytes.
fn checksum(row: &Value) -> Result<i64, Failure> {
    const COLUMNS: [&str; 12] =
        ["order_id", "country", "qty", "amount", "gross", "net", "size", "year", "month", "minutes", "tag", "refund"];
    let row = row.as_object().ok_or("the transform gave no object")?;
    let mut sum = 0;
    for (place, column) in (1..).zip(COLUMNS) {
        let value = match row.get(column) {
            Some(Value::Integer(value)) => *value,
            Some(Value::Float(value)) => (value.into_inner() * 100.0).round() as i64,
            Some(Value::Bytes(text)) => bytes(text),
            Some(Value::String(text)) => bytes(text.as_bytes()),
            other => return Err(format!("{column}: {other:?}").into()),
        };
        sum += place * value;
    }
    Ok(sum)
}

fn bytes(text: &[u8]) -> i64 {
    text.iter().map(|byte| i64::from(*byte)).sum()
}
