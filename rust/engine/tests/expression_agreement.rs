//! Random expressions over every Arrow layout: record by record and vectorised are one, and every claim holds.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

mod expressions;

use expressions::batch::batch;
use expressions::calls::{Call, calls};
use expressions::judge::{Frame, Judged, judge};
use expressions::parameters;
use expressions::source::Source;
use expressions::texts::{Grammar, leaf_texts, ALL};
use proptest::prelude::*;
use std::cell::OnceCell;
use std::sync::atomic::{AtomicUsize, Ordering};

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

static RAN: AtomicUsize = AtomicUsize::new(0);
static REFUSED: AtomicUsize = AtomicUsize::new(0);

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_ways_agree_and_claims_hold(words in prop::collection::vec(any::<u32>(), 1..220), which in 0_usize..12) {
        let text = world(|world| Grammar { source: Source::new(words), calls: &world.calls }.text(5));
        let judged = world(|world| judge(&world.frames[which], &text));
        match judged {
            Ok(Judged::Ran { .. }) => RAN.fetch_add(1, Ordering::Relaxed),
            Ok(Judged::Refused(_)) => REFUSED.fetch_add(1, Ordering::Relaxed),
            Err(why) => return Err(TestCaseError::fail(format!("frame {which}: {text}\n    {why}"))),
        };
        let (ran, refused) = (RAN.load(Ordering::Relaxed), REFUSED.load(Ordering::Relaxed));
        // Else the grammar writes what is not read, and nothing is proved.
        prop_assert!(ran + refused < 500 || ran > refused, "{ran} ran, {refused} were refused, lately {text}");
    }
}
