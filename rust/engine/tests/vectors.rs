//! Every vector through the Rust API: its lines, and the same bytes for every order, thread count and batch size.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use arrow_array::RecordBatch;
use guard_engine::contract::{Contract, SchemaObject};
use guard_engine::expr::{Parameter, Parameters};
use guard_engine::plan::{Options, Plan, ReferenceFrame, parse_as_of};
use guard_engine::run::{Partial, Run, RunError, Uncontrolled};
use guard_testkit::{Part, Vector, faults, read_all};
use guard_verdict::Verdict;
use std::path::Path;
use std::sync::Arc;

fn vectors() -> Vec<Vector> {
    read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors")).unwrap()
}

fn options(vector: &Vector) -> Options {
    let frame = |batch: &RecordBatch| ReferenceFrame { schema: batch.schema(), batches: vec![batch.clone()] };
    let bound = |batch: &RecordBatch| -> Parameters {
        let columns = batch.schema_ref().fields().iter().zip(batch.columns());
        columns.map(|(field, array)| (field.name().clone(), Parameter::of_array(array).expect("a value"))).collect()
    };
    Options {
        as_of: vector.options.get("as_of").map(|text| parse_as_of(text).expect("as_of is an instant")),
        references: vector.references.iter().map(|(name, batch)| (name.clone(), frame(batch))).collect(),
        parameters: vector.params.as_ref().map(bound).unwrap_or_default(),
        from_bytes: false,
    }
}

fn object<'c>(vector: &Vector, contract: &'c Contract) -> Option<&'c SchemaObject> {
    match (vector.options.get("object"), contract.objects.as_slice()) {
        (Some(name), _) => contract.object(name),
        (None, [only]) => Some(only),
        (None, _) => None,
    }
}

/// One part, judged by `threads` in batches of `rows`.
fn partial(plan: &Arc<Plan>, part: &Part, threads: usize, rows: usize) -> Partial {
    let mut run = Run::new(Arc::clone(plan), &part.source, part.start).with_threads(threads);
    let starts = (0..part.frame.num_rows()).step_by(rows);
    let batches: Vec<_> = starts.map(|at| part.frame.slice(at, rows.min(part.frame.num_rows() - at))).collect();
    run.push(&batches, &Uncontrolled).unwrap();
    let bytes = Partial::new(run.finish()).to_bytes().unwrap();
    Partial::from_bytes(&bytes).unwrap()
}

fn judge(vector: &Vector, backwards: bool, threads: usize, rows: usize) -> Result<Verdict, &'static str> {
    let contract = Contract::load(&vector.contract).map_err(|_| "contract")?;
    let object = object(vector, &contract).ok_or("object-unknown")?;
    let plan = |part: &Part| Arc::new(Plan::compile(&contract, object, &part.frame.schema(), &options(vector)));
    let plans: Vec<_> = vector.parts.iter().map(plan).collect();
    // A plan says what it has no use for; that this is an error is the surfaces' doing.
    if plans.iter().any(|plan| !plan.unused_parameters.is_empty()) {
        return Err("params-unused");
    }
    let judged = plans.iter().zip(&vector.parts);
    let mut parts: Vec<_> = judged.map(|(plan, part)| partial(plan, part, threads, rows)).collect();
    if backwards {
        parts.reverse();
    }
    let whole = parts.into_iter().map(Ok).reduce(|a, b| a?.merge(b?)).expect("a vector has data");
    whole.and_then(|whole| whole.verdict()).map_err(|error| match error {
        RunError::PartsOverlap(_) => "parts-overlap",
        RunError::PartsDiffer(_) => "parts-differ",
        _ => "other",
    })
}

#[test]
fn verdicts_have_the_expected_lines() {
    let vectors = vectors();
    assert!(vectors.len() > 50, "vectors are no longer found");
    let mut wrong = Vec::new();
    for vector in &vectors {
        assert!(!vector.contract.is_empty() && !vector.parts.is_empty() && !vector.expected.is_empty());
        match (judge(vector, false, 1, 1 << 20), vector.expected[0].strip_prefix("error: ")) {
            (Ok(verdict), None) => {
                let found = faults(&vector.expected, &verdict);
                wrong.extend(found.into_iter().map(|fault| format!("{}: {fault}", vector.name)));
            }
            (Err(found), Some(expected)) if found == expected => {}
            (found, _) => wrong.push(format!("{}: {:?}", vector.name, found.map(|verdict| verdict.status))),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn order_threads_and_batches_do_not_matter() {
    for vector in vectors() {
        let Ok(first) = judge(&vector, false, 1, 1 << 20) else { continue };
        let bytes = first.to_json().unwrap();
        for (backwards, threads, rows) in [(true, 1, 1 << 20), (false, 3, 1), (true, 2, 2)] {
            let again = judge(&vector, backwards, threads, rows).unwrap().to_json().unwrap();
            assert_eq!(again, bytes, "{}: {threads} threads, {rows} rows", vector.name);
        }
    }
}

#[test]
fn lines_can_fail() {
    let vector = vectors().into_iter().find(|vector| judge(vector, false, 1, 9).is_ok()).unwrap();
    let verdict = judge(&vector, false, 1, 9).unwrap();
    let more = |line: &str| faults(&[vector.expected.as_slice(), &[line.to_owned()]].concat(), &verdict);
    assert!(!more("t.nothing.required pass").is_empty());
    assert!(!more("accept: 99 records, 99 accepted, 0 rejected, 0 unknown").is_empty());
    assert!(!more("undeclared: nothing").is_empty());
    assert!(!more("params: nothing = 1").is_empty());
    let undecided = |line: &str| line.contains("; ") && line.contains(" unknown ");
    let vector = vectors().into_iter().find(|vector| vector.expected.iter().any(|line| undecided(line))).unwrap();
    let verdict = judge(&vector, false, 1, 9).unwrap();
    let without = vector.expected.iter().map(|line| line.split("; ").next().unwrap().to_owned()).collect::<Vec<_>>();
    assert!(faults(&vector.expected, &verdict).is_empty() && !faults(&without, &verdict).is_empty());
}
