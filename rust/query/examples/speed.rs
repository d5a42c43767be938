//! Time to judge a SELECT of ten lines, in microseconds: least, median, 99th percentile. An argument says how often it is judged.
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

fn main() {
    let spec: PolicySpec = serde_json::from_str(POLICY).expect("a policy");
    let policy = QueryPolicy::compile(&spec).expect("a policy");
    let mut bound = Parameters::default();
    bound.proposal.insert("country".to_owned(), "DE".into());
    bound.gate.insert("tenant".to_owned(), 4.into());
    let rounds = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(20_000);
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            let decision = judge(&policy, std::hint::black_box(SQL), &bound);
            let time = start.elapsed().as_secs_f64() * 1e6;
            if let QueryDecision::Denied { reasons, .. } = decision {
                panic!("{reasons:?}");
            }
            time
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default();
    println!("least {:.1} us, p50 {:.1} us, p99 {:.1} us", at(0.0), at(0.5), at(0.99));
}
