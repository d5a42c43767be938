//! The policy that the tests judge by, in each dialect.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub mod queries;
pub mod table;

use guard_query::{Allowed, Dialect, Parameters, PolicySpec, QueryDecision, QueryPolicy, known_functions};
use serde_json::{Value, json};

pub const DIALECTS: [Dialect; 4] = [Dialect::Duckdb, Dialect::Postgresql, Dialect::Sqlite, Dialect::Generic];

pub fn name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Duckdb => "duckdb",
        Dialect::Postgresql => "postgresql",
        Dialect::Sqlite => "sqlite",
        Dialect::Generic => "generic",
    }
}

pub fn dialect(name: &str) -> Dialect {
    *DIALECTS.iter().find(|dialect| self::name(**dialect) == name).unwrap()
}

/// Orders and customers of a tenant, countries of all; `orders.tenant` and `customers.password` are not shown.
pub fn spec(dialect: Dialect) -> Value {
    json!({
        "dialect": name(dialect),
        "relations": {
            "orders": {"columns": ["id", "customer_id", "amount", "country", "created"], "where": "tenant = :tenant"},
            "customers": {"columns": ["id", "name", "country", "Segment"], "where": "tenant = :tenant AND NOT deleted"},
            "sales.countries": {"columns": ["code", "region"], "rows": 250},
        },
        "functions": known_functions(dialect).fold(Vec::<&str>::new(), |mut names, name| {
            if !names.contains(&name) { names.push(name); }
            names
        }),
        "maxRows": 1000,
    })
}

pub fn compile(spec: Value) -> QueryPolicy {
    let spec: PolicySpec = serde_json::from_value(spec).unwrap();
    QueryPolicy::compile(&spec).unwrap()
}

pub fn policy(dialect: Dialect) -> QueryPolicy {
    compile(spec(dialect))
}

pub fn parameters() -> Parameters {
    let bound = json!({"country": "DE", "least": 10, "n": 25, "text": "x"});
    let gate = json!({"tenant": 4});
    let map = |value: Value| value.as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    Parameters { proposal: map(bound), gate: map(gate) }
}

pub fn judge(dialect: Dialect, sql: &str) -> QueryDecision {
    guard_query::judge(&policy(dialect), sql, &parameters())
}

pub fn allowed(dialect: Dialect, sql: &str) -> Box<Allowed> {
    match judge(dialect, sql) {
        QueryDecision::Allowed(allowed) => allowed,
        QueryDecision::Denied { reasons, .. } => panic!("{sql}\n{reasons:#?}"),
    }
}

/// The codes of a denial, in order.
pub fn denied(dialect: Dialect, sql: &str) -> Vec<&'static str> {
    match judge(dialect, sql) {
        QueryDecision::Allowed(allowed) => panic!("allowed: {sql}\n{}", allowed.sql),
        QueryDecision::Denied { reasons, .. } => reasons.iter().map(|reason| reason.code.name()).collect(),
    }
}
