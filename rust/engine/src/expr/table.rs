//! The table of functions as people and generators read it.

use super::calls::signature;
use guard_kernels::expr::function::{Family, Function, Nulls};
use guard_kernels::expr::functions::all;
use serde_json::{Value, json};

/// Every function: name, aliases, family, signature, parameters, null rule, docs, cost, examples, difference from DuckDB.
pub fn table() -> Value {
    all().map(entry).collect()
}

fn entry(function: &'static Function) -> Value {
    let family = match function.family {
        Family::Conditional => "conditional",
        Family::Numeric => "numeric",
        Family::Text => "text",
        Family::Pattern => "pattern",
        Family::Temporal => "temporal",
        Family::List => "list",
        Family::Hash => "hash",
    };
    let params: Vec<Value> = (function.params.iter())
        .map(|param| {
            let kind = format!("{:?}", param.kind);
            json!({"name": param.name, "kind": kind, "constant": param.constant, "optional": param.optional})
        })
        .collect();
    json!({
        "name": function.name,
        "aliases": function.aliases,
        "family": family,
        "signature": signature(function),
        "params": params,
        "variadic": function.variadic,
        "strict": function.nulls == Nulls::Strict,
        "docs": function.docs,
        "costNs": function.cost,
        "examples": function.examples,
        "duckdb": function.duckdb,
    })
}
