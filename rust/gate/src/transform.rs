//! Proposals of kind `transform` (G9): a row transform, proved against its contracts before a record is seen.

use crate::kind::{self, Answer, Judged, obligations, parameters};
use crate::proposal::Reading;
use crate::reason::{Outcome, Reason};
use guard_engine::document::{did_you_mean, quote};
use guard_engine::expr::{Parameter, Parameters, Problem};
use guard_engine::transform::{self, Definition, Proof, State, Transform};
use guard_kernels::expr::scalar::Constant;
use guard_kernels::expr::types::Type;
use guard_verdict::{Code, Diagnostic, codes::query as codes, codes::usage};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// One contract that a gate file names for transforms.
#[derive(Clone)]
pub struct Side {
    /// The name in the gate file.
    pub file: String,
    /// The contract and its object.
    pub bound: transform::Bound,
}

/// The `transforms` of a gate file.
#[derive(Clone)]
pub struct Transforms {
    /// What records satisfy before.
    pub input: Side,
    /// What they must satisfy behind.
    pub output: Side,
    /// Names that no proposal may bind.
    pub reserved: BTreeSet<String>,
    /// The limits it meets, and by which values they are parted.
    pub meets: Vec<crate::file::Meets>,
}

impl std::fmt::Debug for Transforms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transforms({} -> {})", self.input.file, self.output.file)
    }
}

const STAGES: [&str; 5] = ["parameters", "compile", "columns", "types", "nulls"];

/// The stages up to the first of these that failed.
fn stages(failed: &[&str]) -> Vec<crate::reason::Obligation> {
    // Proofs are looked at together; what comes before them ends the judging.
    let end = match failed {
        ["parameters"] => 0,
        ["compile"] => 1,
        _ => STAGES.len(),
    };
    let outcome = |at: usize, name: &str| match (failed.contains(&name), at <= end) {
        (true, _) => Outcome::Failed,
        (false, true) => Outcome::Held,
        (false, false) => Outcome::NotReached,
    };
    let all: Vec<(&str, Outcome)> = STAGES.iter().enumerate().map(|(at, name)| (*name, outcome(at, name))).collect();
    obligations("transform", &all)
}

fn denied(stage: &str, reasons: Vec<Reason>) -> Judged {
    Judged { obligations: stages(&[stage]), answer: Err(reasons) }
}

impl Transforms {
    /// Judges a proposal's text and parameters.
    pub(crate) fn judge(&self, proposal: &Reading<'_>) -> Judged {
        let bound = match parameters(proposal, &self.reserved) {
            Ok(bound) => bound,
            Err(reasons) => return denied("parameters", reasons),
        };
        let definition = self.definition(proposal.sql(), &bound);
        let compiled = match definition.compile(&definition.nominal()) {
            Ok(compiled) => compiled,
            Err(problem) => return denied("compile", vec![refused(problem)]),
        };
        let unused = |name: &String| {
            let message = format!("the text does not use the parameter {}", quote(name));
            Reason::new(usage::PARAMS_UNUSED, message).at(crate::json::joined("/params", name))
        };
        let unused: Vec<Reason> = definition.unused(&compiled).iter().map(unused).collect();
        if !unused.is_empty() {
            return denied("parameters", unused);
        }
        let proofs = definition.proofs(&compiled);
        let found = self.unproved(&compiled, &proofs);
        let digest = definition.artefact(&compiled).ok().and_then(|artefact| artefact.digest);
        match (found.is_empty(), digest) {
            (true, Some(digest)) => {
                let document = self.document(&compiled, &proofs, &bound, &digest);
                Judged { obligations: stages(&[]), answer: Ok(Answer { kind: "transform", narrowed: false, document }) }
            }
            (true, None) => {
                let message = "a parameter has a value that a transform's file does not hold";
                denied("parameters", vec![Reason::new(codes::PARAMETER, message).at("/params")])
            }
            (false, _) => {
                let failed: Vec<&str> = found.iter().map(|(stage, _)| *stage).collect();
                let reasons = found.into_iter().map(|(_, reason)| reason.at("/sql")).collect();
                Judged { obligations: stages(&failed), answer: Err(reasons) }
            }
        }
    }

    fn definition(&self, sql: &str, bound: &BTreeMap<String, kind::Bound>) -> Definition {
        let parameters: Parameters = bound.iter().map(|(name, value)| (name.clone(), typed(value))).collect();
        let (input, output) = (Some(self.input.bound.clone()), Some(self.output.bound.clone()));
        Definition { sql: sql.to_owned(), input, output, table: None, schema: None, parameters }
    }

    /// What is not proved, with the stage that it fails.
    fn unproved(&self, compiled: &Transform, proofs: &[Proof]) -> Vec<(&'static str, Reason)> {
        let mut out = Vec::new();
        let properties = self.output.bound.object().map(|object| object.properties.as_slice()).unwrap_or_default();
        for output in &compiled.outputs {
            let name = output.name.as_str();
            let known = |wanted: &str| {
                properties.iter().any(|own| own.name == wanted || own.physical_name.as_deref() == Some(wanted))
            };
            if !known(name) {
                let meant = did_you_mean(name, properties.iter().map(|own| own.name.as_str()));
                let reason = Reason::new(
                    codes::TRANSFORM_COLUMN_UNKNOWN,
                    format!("the output contract has no column {}", quote(name)),
                );
                let reason = match meant {
                    Some(meant) => reason.with_help(format!("did you mean `{meant}`?")),
                    None => reason,
                };
                out.push(("columns", reason));
            }
        }
        for proof in proofs {
            let column = quote(&proof.column);
            let (stage, code, what): (_, Code, _) = match (proof.clause.as_str(), proof.state) {
                ("required", State::Checked | State::Impossible) => ("nulls", codes::TRANSFORM_NULL, "is required"),
                (_, State::Proved | State::Checked) => continue,
                ("presence", State::Impossible) => {
                    ("columns", codes::TRANSFORM_COLUMN_MISSING, "is in the output contract")
                }
                ("logicalType", State::Impossible) => ("types", codes::TRANSFORM_TYPE, "has another type"),
                (clause, State::Impossible) => {
                    let message = format!("no record can satisfy `{clause}` of {column}: {}", proof.why);
                    out.push(("types", Reason::new(usage::CLAUSE_IMPOSSIBLE, message)));
                    continue;
                }
            };
            out.push((stage, Reason::new(code, format!("{column} {what}: {}", proof.why))));
        }
        out
    }

    /// The decision's `transform`.
    fn document(
        &self,
        compiled: &Transform,
        proofs: &[Proof],
        bound: &BTreeMap<String, kind::Bound>,
        digest: &str,
    ) -> Value {
        let report = transform::report(compiled, proofs);
        let item = |item: &Value| {
            let kept = ["name", "type", "nullable", "faults", "from", "decidedBy"];
            let kept = kept.into_iter().filter_map(|key| Some((key.to_owned(), item.get(key)?.clone())));
            Value::Object(kept.collect::<Map<String, Value>>())
        };
        let side =
            |side: &Side| json!({"file": side.file, "object": side.bound.object, "digest": side.bound.contract.digest});
        let parameters = bound.iter().map(|(name, value)| value.document(name, "proposal"));
        let items = report.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        json!({
            "sql": compiled.text,
            "parameters": parameters.collect::<Vec<Value>>(),
            "input": side(&self.input),
            "output": side(&self.output),
            "digest": digest,
            "items": items.iter().map(item).collect::<Vec<Value>>(),
            "clauses": proofs,
            "faults": compiled.faults(),
            "filtered": compiled.condition.is_some(),
        })
    }
}

/// Why the text is no row transform.
fn refused(problem: Problem) -> Reason {
    let Diagnostic { code, message, help, span, .. } = problem.diagnostic("");
    let reason = Reason::new(code, message).at("/sql").placed(span);
    match help {
        Some(help) => reason.with_help(help),
        None => reason,
    }
}

/// A parameter as Python's `Transform` types the same value, so that both have one digest.
fn typed(value: &kind::Bound) -> Parameter {
    match value {
        kind::Bound::Null => Parameter { ty: Type::Null, value: Constant::Null },
        kind::Bound::Boolean(value) => Parameter { ty: Type::Boolean, value: Constant::Boolean(*value) },
        kind::Bound::Text(text) => Parameter { ty: Type::Text, value: Constant::Text(text.as_str().into()) },
        kind::Bound::Integer(whole) => Parameter { ty: Type::Integer, value: Constant::Integer(*whole) },
        kind::Bound::Decimal(digits, scale) => {
            let scale = u8::try_from(*scale).unwrap_or(u8::MAX);
            let length = digits.unsigned_abs().checked_ilog10().map_or(1, |log| log.saturating_add(1));
            let precision = u8::try_from(length).unwrap_or(u8::MAX).max(scale).max(1);
            Parameter { ty: Type::Decimal { precision, scale }, value: Constant::Decimal(*digits) }
        }
    }
}
