//! Judges queries from standard input, one JSON object a line: `{"policy": …, "sql": …, "proposal": {…}, "gate": {…}}`. Answers with
//! one decision a line.

use guard_query::{Parameters, PolicySpec, QueryPolicy, judge};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, Write};

#[derive(Deserialize)]
struct Line {
    policy: PolicySpec,
    sql: String,
    #[serde(default)]
    proposal: BTreeMap<String, Value>,
    #[serde(default)]
    gate: BTreeMap<String, Value>,
}

fn answer(text: &str) -> Result<String, String> {
    let line: Line = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let policy = QueryPolicy::compile(&line.policy).map_err(|problems| format!("{problems:?}"))?;
    let decision = judge(&policy, &line.sql, &Parameters { proposal: line.proposal, gate: line.gate });
    serde_json::to_string(&decision).map_err(|error| error.to_string())
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let answer = answer(&line?)
            .unwrap_or_else(|error| serde_json::json!({"verdict": "error", "message": error}).to_string());
        writeln!(out, "{answer}")?;
    }
    Ok(())
}
