//! Conditions as gates write them: every way of deciding one is taken, and says what evaluating all of it says.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

mod expressions;

use expressions::batch::batch;
use expressions::judge::{Compiled, Frame, Judged, judge};
use expressions::parameters;
use guard_engine::expr::expression;
use guard_kernels::expr::condition::Condition;

/// Texts, and what their conditions are made of.
const TEXTS: [(&str, &[&str]); 15] = [
    ("d38 <= 500.00 AND d38 > 0 AND utf8 = 'abc' AND words <> 'x'", &["All([", "Against(", "Decimal(", "Text("]),
    ("words IN ('abc', 'b', NULL) AND words IS NOT NULL AND few IN (1, 2)", &["InSet(", "Not(", "IsNull(Input"]),
    ("length(words) < 3 OR utf8 LIKE 'a%' OR lower(view) = 'abc'", &["Any([", "Call(", "Value(Call("]),
    ("d9 * 2 < 2000 AND few + 1 > many AND plain * f64 > 0.5", &["Against(Less, Arithmetic(", "Compare("]),
    ("plain > 0.5 OR f64 <= 1e0 OR NOT b OR yes", &["Double(", "Not(Value(Input", "Value(Input"]),
    ("b IS TRUE OR (f64 > 0) IS FALSE OR (b AND yes) IS NULL OR b = TRUE", &["IsTruth(", "IsNull(Whole", "Boolean("]),
    ("d9 < d18 AND few = many AND words < utf8 AND plain <> f64 AND few > plain", &["All([Compare("]),
    (
        "5 < few AND 'abc' >= words AND 0.5 < d9 AND 0.25 >= plain",
        &["Against(Greater, Input", "Against(LessOrEqual, Input"],
    ),
    ("d9 < 0.1234567890123456789 AND e38 < 12.5 AND d38 = 0.00", &["Compare("]),
    ("CASE WHEN b THEN yes ELSE few > 1 END AND day < DATE '2024-02-29' AND words > 'a'", &["Value(Whole", "Against("]),
    ("div(few, 0) = 1 OR b OR div(many, 0) = 2", &["Any(["]),
    ("b AND CAST(words AS BIGINT) = 1 AND div(few, 0) = 1 AND yes", &["All(["]),
    ("(b AND f64 > 0) OR NOT (yes AND f64 < 0) OR (few > 1 AND (many > 1 OR b))", &["Any([All([", "Not(All(["]),
    ("words BETWEEN 'a' AND 'b' AND few NOT BETWEEN 1 AND 7 AND few NOT IN (3, NULL)", &["All([", "InSet("]),
    ("few > 1 AND tz_us > TIMESTAMPTZ '2024-01-01T00:00:00Z' AND lb[1] AND st.z.w > 0", &["Whole("]),
];

fn frames() -> Vec<Frame> {
    (0..8).map(|seed| Frame::new(batch(seed, 133), &parameters())).collect()
}

fn ran(frames: &[Frame], text: &str) {
    for frame in frames {
        match judge(frame, text) {
            Ok(Judged::Ran { .. }) => {}
            Ok(Judged::Refused(problem)) => panic!("{text}: {}", problem.sentence()),
            Err(why) => panic!("{text}: {why}"),
        }
    }
}

fn shape(frame: &Frame, text: &str) -> String {
    let tree = expression(text).unwrap();
    let compiled = Compiled::new(frame, &frame.wide, &tree).unwrap();
    format!("{:?}", Condition::new(&compiled.compiler.program, compiled.root))
}

#[test]
fn every_way_is_taken_and_right() {
    let frames = frames();
    for (text, parts) in TEXTS {
        ran(&frames, text);
        let shape = shape(&frames[0], text);
        for part in parts {
            assert!(shape.contains(part), "{text}: no `{part}` in {shape}");
        }
    }
}

/// What is evaluated whole is so a few times, not once for each operand.
#[test]
fn many_parts_are_evaluated_as_one() {
    let frames = frames();
    let one = |number: usize| format!("CASE WHEN few > {number} THEN b ELSE yes END");
    let (few, many) = ((0..8).map(one).collect::<Vec<_>>(), (0..9).map(one).collect::<Vec<_>>());
    for (texts, start) in [(few, "All(["), (many, "Value(Whole(")] {
        let text = texts.join(" AND ");
        ran(&frames, &text);
        assert!(shape(&frames[0], &text).contains(start), "{text}");
    }
}

/// A value that occurs over and over, and nesting beyond what is taken apart, end in one evaluation.
#[test]
fn what_would_grow_is_evaluated_as_one() {
    let frames = frames();
    let repeated = (0..8).fold("few".to_owned(), |text, _| format!("({text} + {text})")) + " > 1";
    let deep = (0..24).fold("b".to_owned(), |text, number| format!("(few > {number} OR (yes AND {text}))"));
    let long = (0..300).map(|number| format!("few <> {number}")).collect::<Vec<_>>().join(" AND ");
    for (text, whole) in [(repeated, true), (deep, false), (long, false)] {
        ran(&frames[..2], &text);
        let shape = shape(&frames[0], &text);
        assert_eq!(shape.contains("test: Value(Whole("), whole, "{}", &shape[..200]);
    }
}
