//! What a transform is, as JSON for people's eyes: types, faults, lineage, proofs.

use super::compile::Transform;
use super::prove::Proof;
use serde_json::{Value, json};

/// The report.
pub fn report(transform: &Transform, proofs: &[Proof]) -> Value {
    let items: Vec<Value> = (transform.outputs.iter())
        .map(|output| {
            let head = output.tree.first();
            json!({
                "name": output.name,
                "type": output.facts.ty.to_string(),
                "nullable": output.facts.nullable,
                "range": head.map_or("", |line| line.range.as_str()),
                "faults": head.map_or(&[][..], |line| line.faults.as_slice()),
                "from": output.lineage.from,
                "decidedBy": output.lineage.decided_by,
                "tree": output.tree,
            })
        })
        .collect();
    let condition = transform
        .condition
        .as_ref()
        .map(|(_, tree)| json!({"faults": tree.first().map_or(&[][..], |line| line.faults.as_slice()), "tree": tree}));
    json!({
        "sql": transform.text,
        "items": items,
        "where": condition,
        "faults": transform.faults(),
        "costNs": transform.cost(),
        "parameters": transform.parameters,
        "clauses": proofs,
    })
}
