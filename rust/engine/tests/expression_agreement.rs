//! Random expressions over every Arrow layout: record by record and vectorised are one, and every claim holds.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

mod expressions;

use expressions::batch::batch;
use expressions::calls::{Call, calls};
use expressions::judge::{Compiled, Frame, Judged, Run, judge};
use expressions::parameters;
use expressions::source::{Chance, Source};
use expressions::texts::{ALL, Grammar, leaf_texts};
use guard_kernels::expr::scalar::Scalar;
use proptest::prelude::*;
use std::cell::OnceCell;

const ROWS: [usize; 3] = [133, 64, 7];

struct World {
    frames: Vec<Frame>,
    calls: Vec<Call>,
}

thread_local! {
    static WORLD: OnceCell<World> = const { OnceCell::new() };
}

fn world<T>(then: impl FnOnce(&World) -> T) -> T {
    WORLD.with(|cell| {
        then(cell.get_or_init(|| {
            let frames: Vec<Frame> =
                (0..12).map(|seed| Frame::new(batch(seed, ROWS[seed as usize % 3]), &parameters())).collect();
            let calls = calls(&frames[0]);
            World { frames, calls }
        }))
    })
}

#[test]
fn every_column_and_literal_of_the_grammar_is_read() {
    world(|world| {
        for text in ALL.into_iter().flat_map(leaf_texts) {
            for frame in &world.frames {
                match judge(frame, &text) {
                    Ok(Judged::Ran { .. }) => {}
                    Ok(Judged::Refused(problem)) => panic!("{text}: {}", problem.sentence()),
                    Err(why) => panic!("{text}: {why}"),
                }
            }
        }
    });
}

#[test]
fn every_function_is_called() {
    world(|world| {
        let missing: Vec<_> = guard_kernels::expr::functions::all()
            .filter(|function| !world.calls.iter().any(|call| call.name == function.name))
            .map(|function| function.name)
            .collect();
        assert!(missing.is_empty(), "no call compiles of {missing:?}");
    });
}

/// Each call on columns and literals, before they are mixed.
#[test]
fn every_call_of_leaves_keeps_its_claims() {
    let mut wrong = Vec::new();
    world(|world| {
        for (position, call) in world.calls.iter().enumerate() {
            for seed in 0..40 {
                let calls = std::slice::from_ref(call);
                let mut grammar = Grammar { source: Source::seeded(seed * 1_000_003 + position as u64, 60), calls };
                let text = grammar.one_call(call);
                let frame = &world.frames[(seed as usize + position) % world.frames.len()];
                if let Err(why) = judge(frame, &text) {
                    wrong.push(format!("{text}\n    {why}"));
                    break;
                }
            }
        }
    });
    assert!(wrong.is_empty(), "{} calls:\n{}", wrong.len(), wrong.join("\n"));
}

/// A text that compiles, as deep as may be: decimals with too many digits and units that differ refuse some.
fn judged(world: &World, words: &[u32], which: usize) -> Result<(usize, String, Judged), (String, String)> {
    let mut depth = 5;
    loop {
        let text = Grammar { source: Source::new(words.to_vec()), calls: &world.calls }.text(depth);
        match judge(&world.frames[which], &text) {
            Ok(Judged::Refused(_)) if depth > 0 => depth -= 1,
            Ok(judged) => return Ok((depth, text, judged)),
            Err(why) => return Err((text, why)),
        }
    }
}

/// Else the grammar writes what is not read, and nothing is proved.
#[test]
fn most_texts_of_the_grammar_compile() {
    let (mut deep, mut compared, mut faults) = (0, 0, 0);
    world(|world| {
        let mut chance = Chance::new(11);
        for _ in 0..400 {
            let words: Vec<u32> = (0..200).map(|_| chance.next() as u32).collect();
            match judged(world, &words, chance.below(12)) {
                Ok((depth, _, Judged::Ran { compared: nodes, faults: failed })) => {
                    deep += usize::from(depth >= 3);
                    compared += nodes;
                    faults += failed;
                }
                Ok((_, text, Judged::Refused(problem))) => panic!("{text}: {}", problem.sentence()),
                Err((text, why)) => panic!("{text}\n    {why}"),
            }
        }
    });
    assert!(deep > 240, "{deep} of 400 are deep");
    assert!(compared > 500_000 && faults > 5_000, "{compared} compared, {faults} faults");
}

/// A field's own layout counts, not that of its struct.
#[test]
fn a_float32_field_meets_decimal_literals_as_a_float32() {
    use arrow_array::{ArrayRef, Float32Array, RecordBatch, StructArray};
    use arrow_schema::{DataType, Field};
    let values: ArrayRef = std::sync::Arc::new(Float32Array::from(vec![0.1, 0.2]));
    let field = std::sync::Arc::new(Field::new("x", DataType::Float32, true));
    let inner: ArrayRef = std::sync::Arc::new(StructArray::from(vec![(field, values)]));
    let frame = Frame::new(RecordBatch::try_from_iter([("s", inner)]).unwrap(), &parameters());
    let tree = guard_engine::expr::expression("s.x = 0.1").unwrap();
    let compiled = Compiled::new(&frame, &frame.wide, &tree).unwrap();
    let arena = bumpalo::Bump::new();
    let truths: Vec<_> = Run::new(&frame, &compiled, &arena).unwrap().root().collect();
    assert_eq!(truths, [Ok(Scalar::Boolean(true)), Ok(Scalar::Boolean(false))]);
}

/// Casts of one value to two types are two operations.
#[test]
fn a_value_is_cast_to_two_types() {
    world(|world| {
        for text in [
            "CAST(few AS VARCHAR) = '1' OR CAST(few AS DOUBLE) = 1e0",
            "concat(CAST(day AS VARCHAR), CAST(CAST(day AS TIMESTAMP) AS VARCHAR))",
            "TRY_CAST(words AS DATE) IS NULL AND TRY_CAST(words AS BIGINT) IS NULL AND TRY_CAST(words AS TINYINT) IS NULL",
        ] {
            assert!(matches!(judge(&world.frames[0], text), Ok(Judged::Ran { .. })), "{text}");
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_ways_agree_and_claims_hold(words in prop::collection::vec(any::<u32>(), 1..220), which in 0_usize..12) {
        if let Err((text, why)) = world(|world| judged(world, &words, which)) {
            return Err(TestCaseError::fail(format!("frame {which}: {text}\n    {why}")));
        }
    }
}

/// A comparison that is computed along with its operands does not lose a fault of one beside NULL of the other.
#[test]
fn faults_beside_null_are_kept() {
    world(|world| {
        for frame in &world.frames {
            for text in ["plain = (- st.z.w)", "(- st.z.w) < plain", "(st.z.w + st.z.w) > abs(plain)"] {
                match judge(frame, text) {
                    Ok(Judged::Ran { .. }) => {}
                    Ok(Judged::Refused(problem)) => panic!("{text}: {}", problem.sentence()),
                    Err(why) => panic!("{text}: {why}"),
                }
            }
        }
    });
}
