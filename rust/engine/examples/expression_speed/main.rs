//! Nanoseconds per event of a rule of ten nodes and of a transform of twelve columns, one event at a time, as JSON:
//! `expression_speed EVENTS REPETITIONS`. Building events and reading answers are outside the clock.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, reason = "a program that measures")]

mod events;

use arrow_schema::{DataType, Field, Schema, TimeUnit};
use bumpalo::Bump;
use events::{Order, order};
use guard_engine::expr::{Compiler, Input, expression};
use guard_engine::plan::frame_scope;
use guard_engine::transform::Transform;
use guard_kernels::expr::program::Program;
use guard_kernels::expr::record::{Outcome, evaluate};
use guard_kernels::expr::scalar::Scalar;
use std::collections::BTreeMap;
use std::time::Instant;

const RULE: &str = "abs(round(qty * amount, 2) - total) <= 0.01";
const SQL: &str = "SELECT order_id, upper(country) AS country, qty, amount, round(qty * amount, 2) AS gross, \
    round(qty * amount * (1 - coalesce(discount, 0)), 2) AS net, \
    CASE WHEN total >= 1000 THEN 'large' WHEN total >= 100 THEN 'medium' ELSE 'small' END AS size, \
    year(pickup) AS year, month(pickup) AS month, date_diff('minute', pickup, dropoff) AS minutes, \
    status || '/' || country AS tag, coalesce(refund, 0) AS refund FROM input WHERE qty > 0";
/// Events built before the clock runs.
const CHUNK: u64 = 256;

fn schema() -> Schema {
    let stamp = DataType::Timestamp(TimeUnit::Microsecond, None);
    Schema::new(vec![
        Field::new("order_id", DataType::Int64, true),
        Field::new("country", DataType::Utf8View, true),
        Field::new("qty", DataType::Int32, true),
        Field::new("amount", DataType::Float64, true),
        Field::new("total", DataType::Float64, true),
        Field::new("discount", DataType::Float64, true),
        Field::new("pickup", stamp.clone(), true),
        Field::new("dropoff", stamp, true),
        Field::new("status", DataType::Utf8View, true),
        Field::new("refund", DataType::Float64, true),
        Field::new("tax", DataType::Float64, true),
    ])
}

fn inputs(order: &Order, wanted: &[Input]) -> Vec<Scalar<'static>> {
    let double = |value: Option<f64>| value.map_or(Scalar::Null, Scalar::Double);
    let one = |input: &Input| match input.column.as_str() {
        "order_id" => Scalar::Integer(order.order_id),
        "country" => Scalar::Text(order.country),
        "qty" => Scalar::Integer(order.qty),
        "amount" => Scalar::Double(order.amount),
        "total" => Scalar::Double(order.total),
        "discount" => double(order.discount),
        "pickup" => Scalar::Integer(order.pickup),
        "dropoff" => Scalar::Integer(order.dropoff),
        "status" => Scalar::Text(order.status),
        "refund" => double(order.refund),
        _ => Scalar::Double(order.tax),
    };
    wanted.iter().map(one).collect()
}

/// Runs every event and adds up what `read` makes of each; the nanoseconds per event.
fn run(
    events: u64,
    (program, needed, columns): (&Program, &[usize], &[Input]),
    read: impl Fn(u64, &[Outcome<'_>]) -> i64,
) -> (f64, i64) {
    let (mut elapsed, mut checksum) = (0.0, 0);
    let mut arena = Bump::new();
    for start in (0..events).step_by(CHUNK as usize) {
        let numbers: Vec<u64> = (start..(start + CHUNK).min(events)).collect();
        let built: Vec<Vec<Scalar<'static>>> = numbers.iter().map(|n| inputs(&order(*n), columns)).collect();
        {
            let mut answers: Vec<&[Outcome<'_>]> = Vec::with_capacity(built.len());
            let clock = Instant::now();
            for event in &built {
                answers.push(evaluate(program, needed, event, &arena));
            }
            elapsed += clock.elapsed().as_nanos() as f64;
            for (number, answer) in numbers.iter().zip(answers) {
                checksum += read(*number, answer);
            }
        }
        arena.reset();
    }
    (elapsed / events as f64, checksum)
}

fn whole(value: Outcome<'_>) -> i64 {
    match value {
        Ok(Scalar::Integer(value)) => value,
        Ok(Scalar::Double(value)) => (value * 100.0).round_ties_even() as i64,
        Ok(Scalar::Text(text)) => text.bytes().map(i64::from).sum(),
        _ => 0,
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let events: u64 = args.next().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let repetitions: usize = args.next().and_then(|text| text.parse().ok()).unwrap_or(5);
    let scope = frame_scope(&schema(), BTreeMap::new());
    let mut compiler = Compiler::new(&scope);
    let (root, _) = compiler.condition(&expression(RULE).expect("the rule")).expect("the rule");
    let needed = compiler.program.needed(&[root]);
    let transform = Transform::compile(SQL, &scope).expect("the transform");
    let condition = transform.condition.as_ref().map(|(root, _)| *root).expect("a condition");
    let mut figures = BTreeMap::new();
    let (mut rule_ns, mut transform_ns) = (Vec::new(), Vec::new());
    let (mut rule_sum, mut transform_sum) = (0, 0);
    for _ in 0..repetitions {
        let program = (&compiler.program, needed.as_slice(), compiler.inputs.as_slice());
        let violating = |number: u64, values: &[Outcome<'_>]| {
            if values[root] == Ok(Scalar::Boolean(false)) { number as i64 } else { 0 }
        };
        let (ns, sum) = run(events, program, violating);
        rule_ns.push(ns);
        rule_sum = sum;
        let program = (&transform.program, transform.needed.as_slice(), transform.inputs.as_slice());
        let (ns, sum) = run(events, program, |_, values| {
            if values[condition] != Ok(Scalar::Boolean(true)) {
                return 0;
            }
            let place = |(place, root): (usize, usize)| (place as i64 + 1) * whole(values[root]);
            transform.outputs.iter().map(|output| output.root).enumerate().map(place).sum()
        });
        transform_ns.push(ns);
        transform_sum = sum;
    }
    figures.insert("events", serde_json::json!(events));
    figures.insert("rule_ns", serde_json::json!(rule_ns));
    figures.insert("rule_checksum", serde_json::json!(rule_sum));
    figures.insert("transform_ns", serde_json::json!(transform_ns));
    figures.insert("transform_checksum", serde_json::json!(transform_sum));
    println!("{}", serde_json::to_string(&figures).expect("figures"));
}
