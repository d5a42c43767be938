//! What functions say of their results holds for every range that their arguments lie in.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use super::find;
use super::harness::call;
use crate::expr::facts::{Facts, Range};
use crate::expr::scalar::Constant;
use crate::expr::types::Type;
use bumpalo::Bump;
use proptest::prelude::*;

type Value = (Type, Constant);

/// Facts whose range reaches beyond the value on both sides.
fn around(value: &Value, below: u8, above: u8) -> Facts {
    let arena = Bump::new();
    let mut facts = Facts::of_type(value.0.clone());
    facts.range = match Range::of_value(value.1.scalar(&arena)) {
        Range::Length(low, high) => Range::Length(low.saturating_sub(below.into()), high + u64::from(above)),
        Range::Exact(low, high) => Range::Exact(low - i128::from(below), high + i128::from(above)),
        other => other,
    };
    facts
}

fn holds(name: &str, args: &[Value], slack: &[(u8, u8)]) {
    let facts: Vec<Facts> = args.iter().zip(slack.iter().cycle()).map(|(arg, (a, b))| around(arg, *a, *b)).collect();
    let claims = (find(name).unwrap().infer)(&facts).unwrap();
    match call(name, args) {
        Ok(result) => {
            let arena = Bump::new();
            let result = result.scalar(&arena);
            assert!(
                result.is_null() || claims.range.contains(result),
                "{name}{args:?} = {result:?}: {:?}",
                claims.range
            );
        }
        Err(fault) => assert!(claims.faults.contains(fault), "{name}{args:?} fails with {fault:?}"),
    }
}

fn text() -> impl Strategy<Value = Value> {
    "[abñ ]{0,8}".prop_map(|x| (Type::Text, Constant::Text(x.into())))
}

fn integer() -> impl Strategy<Value = Value> {
    (-9..12_i64).prop_map(|x| (Type::Integer, Constant::Integer(x)))
}

fn list() -> impl Strategy<Value = Value> {
    let items = proptest::collection::vec((0..5_i64).prop_map(Constant::Integer), 0..6);
    items.prop_map(|items| (super::list::list_of(Type::Integer), Constant::List(items.into())))
}

fn slack() -> impl Strategy<Value = Vec<(u8, u8)>> {
    proptest::collection::vec((0..4_u8, 0..4_u8), 3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn of_texts(x in text(), y in text(), z in text(), n in integer(), m in integer(), slack in slack()) {
        for name in ["length", "octet_length", "ascii", "unicode", "upper", "lower", "reverse", "trim"] {
            holds(name, std::slice::from_ref(&x), &slack);
        }
        for name in ["strpos", "levenshtein", "trim", "string_concat", "string_split", "concat"] {
            holds(name, &[x.clone(), y.clone()], &slack);
        }
        for name in ["concat_ws", "concat", "replace", "translate"] {
            holds(name, &[x.clone(), y.clone(), z.clone()], &slack);
        }
        for name in ["left", "right", "repeat", "substring"] {
            holds(name, &[x.clone(), n.clone()], &slack);
        }
        holds("substring", &[x.clone(), n.clone(), m], &slack);
        holds("lpad", &[x.clone(), n.clone(), y.clone()], &slack);
        holds("split_part", &[x, y, n.clone()], &slack);
        holds("chr", &[n], &slack);
    }

    #[test]
    fn of_lists(x in list(), y in list(), n in integer(), m in integer(), slack in slack()) {
        for name in ["len", "list_sort", "list_distinct", "list_reverse", "list_min", "list_sum", "list_avg"] {
            holds(name, std::slice::from_ref(&x), &slack);
        }
        for name in ["list_position", "list_contains", "list_extract"] {
            holds(name, &[x.clone(), n.clone()], &slack);
        }
        holds("list_concat", &[x.clone(), y], &slack);
        holds("list_slice", &[x, n, m], &slack);
    }
}
