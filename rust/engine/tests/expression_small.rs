//! Every operator and every numeric function over all pairs of a small domain: both ways of evaluation agree, and what is claimed
//! for sub-ranges holds of the values in them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

mod expressions;

use arrow_array::types::Decimal128Type;
use arrow_array::{ArrayRef, Float64Array, Int64Array, PrimitiveArray, RecordBatch};
use bumpalo::Bump;
use expressions::judge::{Compiled, Frame, Judged, Run, facts_of, judge, keeps};
use guard_engine::expr::{Compiler, Parameters, Scope, expression};
use guard_kernels::expr::function::{Family, Kind};
use guard_kernels::expr::functions::all;
use guard_kernels::expr::scalar::Scalar;
use guard_kernels::expr::vector::scalar_at;
use std::sync::Arc;

/// All pairs of two domains, as columns `a` and `b`.
fn pairs(a: &ArrayRef, b: &ArrayRef) -> Frame {
    let (left, right): (Vec<u32>, Vec<u32>) =
        (0..a.len() as u32).flat_map(|i| (0..b.len() as u32).map(move |j| (i, j))).unzip();
    let take = |array: &ArrayRef, at: Vec<u32>| {
        arrow_select::take::take(array, &arrow_array::UInt32Array::from(at), None).unwrap()
    };
    let batch =
        RecordBatch::try_from_iter_with_nullable([("a", take(a, left), true), ("b", take(b, right), true)]).unwrap();
    Frame::new(batch, &Parameters::new())
}

/// Windows over a domain in ascending order, NULL last: single values, halves, all, with NULL and without.
fn windows(count: usize) -> Vec<Vec<usize>> {
    let values = count - 1;
    let mut out: Vec<Vec<usize>> = (0..values).map(|at| vec![at]).collect();
    for size in [2, 3, values / 2, values] {
        out.extend((0..=values - size).step_by(size.div_ceil(2)).map(|start| (start..start + size).collect()));
    }
    out.push((0..count).collect());
    out.push(vec![0, values]);
    out
}

fn values<'a>(array: &'a ArrayRef, window: &[usize], arena: &'a Bump) -> Vec<Scalar<'a>> {
    window.iter().map(|at| scalar_at(array.as_ref(), *at, arena)).collect()
}

/// Holds the claims for each pair of windows against the values in it; how many were held.
fn sub_ranges(frame: &Frame, (a, b): (&ArrayRef, &ArrayRef), text: &str) -> Result<usize, String> {
    let tree = expression(text).unwrap();
    let compiled = Compiled::new(frame, &frame.wide, &tree).unwrap();
    let arena = Bump::new();
    let outcomes: Vec<_> = Run::new(frame, &compiled, &arena)?.root().collect();
    let mut held = 0;
    for left in windows(a.len()) {
        for right in windows(b.len()) {
            let mut columns = frame.wide.columns.clone();
            columns[0].facts = facts_of(&columns[0].wide, &values(a, &left, &arena));
            columns[1].facts = facts_of(&columns[1].wide, &values(b, &right, &arena));
            let scope = Scope::new(columns, Parameters::new(), Vec::new());
            let mut compiler = Compiler::new(&scope);
            let (root, _) = compiler.compile(&tree).map_err(|problem| problem.sentence())?;
            let facts = compiler.facts(root);
            for i in &left {
                for j in &right {
                    held += 1;
                    keeps(facts, outcomes[i * b.len() + j])
                        .map_err(|why| format!("{text}, a in {left:?}, b in {right:?}, at {i}, {j}: {why}"))?;
                }
            }
        }
    }
    Ok(held)
}

/// Operators and numeric functions on `a` and `b`, of which those that compile are judged.
fn texts() -> Vec<String> {
    let mut out: Vec<String> =
        ["+", "-", "*", "/", "%", "//", "=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"]
            .iter()
            .map(|op| format!("a {op} b"))
            .collect();
    let more = [
        "- a",
        "+ a",
        "NOT (a < b)",
        "a < b AND b < a",
        "a < b OR a >= b",
        "a IS NULL",
        "a IS NOT NULL",
        "(a < b) IS TRUE",
        "(a < b) IS NOT FALSE",
        "(a > b) IS UNKNOWN",
        "a IN (1, 2, NULL)",
        "a IN (b, 3)",
        "a NOT IN (1, -1)",
        "a BETWEEN b AND 3",
        "a NOT BETWEEN -2 AND b",
        "CASE WHEN a < b THEN a ELSE b END",
        "CASE a WHEN b THEN 1 WHEN 2 THEN a END",
        "COALESCE(a, b)",
        "COALESCE(a, b, 0)",
        "NULLIF(a, b)",
        "CAST(a AS TINYINT)",
        "TRY_CAST(a AS TINYINT)",
        "CAST(a AS BIGINT)",
        "TRY_CAST(a AS BIGINT)",
        "CAST(a AS DOUBLE)",
        "CAST(a AS DECIMAL(3, 1))",
        "TRY_CAST(a AS DECIMAL(2, 2))",
        "CAST(a AS DECIMAL(38, 2))",
        "CAST(a AS BOOLEAN)",
        "CAST(a AS VARCHAR)",
        "length(CAST(a AS VARCHAR))",
        "a + b - a * b",
        "a * a - b * b",
        "a / NULLIF(b, 0)",
        "abs(a) + abs(b)",
        "a % b + b % a",
        "greatest(a, b) - least(a, b)",
        "round(a, 1)",
        "round(a, -1)",
        "trunc(a, 1)",
        "round(a, 20)",
        "ceil(a) - floor(a)",
        "DATE '2026-01-31' + a",
        "a + a + a + a",
        "(a < b) = (b < a)",
    ];
    out.extend(more.iter().map(|text| (*text).to_owned()));
    for function in all().filter(|function| matches!(function.family, Family::Numeric | Family::Conditional)) {
        let numeric = |kind| matches!(kind, Kind::Integer | Kind::Number | Kind::Double | Kind::Any | Kind::Common);
        if !function.params.iter().all(|param| numeric(param.kind)) {
            continue;
        }
        for args in ["", "a", "b, a", "a, b", "a, b, 2", "a, -3, b", "a, 0, 5, 4"] {
            out.push(format!("{}({args})", function.name));
        }
    }
    out
}

fn exhaust(a: ArrayRef, b: ArrayRef) {
    let frame = pairs(&a, &b);
    let (mut ran, mut held, mut wrong) = (0, 0, Vec::new());
    for text in texts() {
        match judge(&frame, &text) {
            Ok(Judged::Refused(_)) => continue,
            Ok(Judged::Ran { .. }) => ran += 1,
            Err(why) => wrong.push(format!("{text}: {why}")),
        }
        match sub_ranges(&frame, (&a, &b), &text) {
            Ok(count) => held += count,
            Err(why) => wrong.push(why),
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(ran > 50, "{ran} texts ran");
    println!("{ran} texts over {} pairs, {held} claims of sub-ranges held", frame.rows);
}

fn integers() -> ArrayRef {
    let values = [i64::MIN, i64::MIN + 1].into_iter().chain(-8..=8).chain([i64::MAX - 1, i64::MAX]);
    Arc::new(values.map(Some).chain([None]).collect::<Int64Array>())
}

fn decimals(digits: &[i128], precision: u8, scale: i8) -> ArrayRef {
    let array: PrimitiveArray<Decimal128Type> = digits.iter().copied().map(Some).chain([None]).collect();
    Arc::new(array.with_precision_and_scale(precision, scale).unwrap())
}

fn doubles() -> ArrayRef {
    let values = [
        f64::NEG_INFINITY,
        f64::MIN,
        -1e19,
        -9_223_372_036_854_775_808.0,
        -2.5,
        -1.0,
        -0.5,
        -f64::MIN_POSITIVE,
        -0.0,
        0.0,
        5e-324,
        0.5,
        1.0,
        1.5,
        2.0,
        3.0,
        8.0,
        1e19,
        f64::MAX,
        f64::INFINITY,
        f64::NAN,
    ];
    Arc::new(values.into_iter().map(Some).chain([None]).collect::<Float64Array>())
}

#[test]
fn integers_with_integers() {
    exhaust(integers(), integers());
}

#[test]
fn decimals_with_decimals() {
    let ones: Vec<i128> =
        [-999, -998, -101, -100, -99, -15, -10, -5, -1, 0, 1, 5, 10, 15, 20, 99, 100, 101, 998, 999].to_vec();
    let parts: Vec<i128> = [-99, -98, -51, -50, -49, -10, -1, 0, 1, 2, 10, 25, 49, 50, 51, 98, 99].to_vec();
    exhaust(decimals(&ones, 3, 1), decimals(&parts, 2, 2));
}

#[test]
fn wide_decimals() {
    let end = 10_i128.pow(38) - 1;
    let wide = [
        -end,
        -end + 1,
        -10_i128.pow(19),
        -1_000_000,
        -3,
        -1,
        0,
        1,
        2,
        3,
        1_000_000,
        10_i128.pow(19),
        10_i128.pow(37),
        end - 1,
        end,
    ];
    exhaust(decimals(&wide, 38, 6), decimals(&wide, 38, 0));
}

#[test]
fn doubles_with_doubles() {
    exhaust(doubles(), doubles());
}

#[test]
fn integers_with_others() {
    exhaust(integers(), doubles());
    exhaust(integers(), decimals(&[-999, -10, -5, -1, 0, 1, 5, 10, 15, 999], 3, 1));
    exhaust(decimals(&[-999, -10, -5, -1, 0, 1, 5, 10, 15, 999], 3, 1), integers());
    exhaust(doubles(), integers());
}
