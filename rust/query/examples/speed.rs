//! Time to judge a SELECT of ten lines, in microseconds: least, median, 99th percentile. A number says how often it is judged;
//! `json` gives rounds of that, as one JSON object with the nanoseconds of the median of every round.
#![allow(clippy::expect_used, clippy::panic)]

use guard_query::{Parameters, PolicySpec, QueryDecision, QueryPolicy, judge};
use std::time::Instant;

const SQL: &str = "SELECT c.name,
       date_trunc('month', o.created) AS month,
       sum(o.amount) AS total,
       count(*) AS orders
FROM orders o
JOIN customers c ON c.id = o.customer_id
WHERE o.country = :country AND o.amount BETWEEN 10 AND 500
GROUP BY c.name, date_trunc('month', o.created)
HAVING sum(o.amount) > 100
ORDER BY total DESC LIMIT 50";

const POLICY: &str = r#"{"dialect": "duckdb", "maxRows": 1000, "functions": ["sum", "count", "date_trunc"], "relations": {
    "orders": {"columns": ["id", "customer_id", "amount", "country", "created"], "where": "tenant = :tenant"},
    "customers": {"columns": ["id", "name", "country"], "where": "tenant = :tenant"}}}"#;

const ROUNDS: usize = 5;

/// Seconds of each time that it is judged, sorted.
fn judged(policy: &QueryPolicy, bound: &Parameters, count: usize) -> Vec<f64> {
    let mut times: Vec<f64> = (0..count)
        .map(|_| {
            let start = Instant::now();
            let decision = judge(policy, std::hint::black_box(SQL), bound);
            let time = start.elapsed().as_secs_f64();
            if let QueryDecision::Denied { reasons, .. } = decision {
                panic!("{reasons:?}");
            }
            time
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

fn at(times: &[f64], share: f64, scale: f64) -> f64 {
    times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default() * scale
}

fn main() {
    let spec: PolicySpec = serde_json::from_str(POLICY).expect("a policy");
    let policy = QueryPolicy::compile(&spec).expect("a policy");
    let mut bound = Parameters::default();
    bound.proposal.insert("country".to_owned(), "DE".into());
    bound.gate.insert("tenant".to_owned(), 4.into());
    let words: Vec<String> = std::env::args().skip(1).collect();
    let count = words.iter().find_map(|word| word.parse().ok()).unwrap_or(20_000);
    let times = judged(&policy, &bound, count);
    if !words.iter().any(|word| word == "json") {
        let [least, middle, high] = [0.0, 0.5, 0.99].map(|share| at(&times, share, 1e6));
        return println!("least {least:.1} us, p50 {middle:.1} us, p99 {high:.1} us");
    }
    let rounds = (0..ROUNDS).map(|_| at(&judged(&policy, &bound, count), 0.5, 1e9).round());
    println!(
        "{}",
        serde_json::json!({"queries": count, "lines": SQL.lines().count(), "p50_ns": rounds.collect::<Vec<f64>>()})
    );
}
