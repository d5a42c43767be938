//! Lists.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use super::find;
use super::harness::{call, dbl, dec, int, null, txt};
use super::list::list_of;
use super::list_equal::{order, same};
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::RESULT_LIMIT;
use crate::expr::scalar::{Constant, Scalar};
use crate::expr::types::Type;
use proptest::prelude::*;
use std::cmp::Ordering;

type Value = (Type, Constant);

fn list(item: Type, items: Vec<Constant>) -> Value {
    (list_of(item), Constant::List(items.into()))
}

fn ints(items: &[Option<i64>]) -> Value {
    list(Type::Integer, items.iter().map(|item| item.map_or(Constant::Null, Constant::Integer)).collect())
}

fn doubles(items: &[f64]) -> Value {
    list(Type::Double, items.iter().map(|item| Constant::Double(*item)).collect())
}

fn texts(items: &[Option<&str>]) -> Value {
    list(Type::Text, items.iter().map(|item| item.map_or(Constant::Null, |x| Constant::Text(x.into()))).collect())
}

fn decimals(precision: u8, scale: u8, items: &[i128]) -> Value {
    list(Type::Decimal { precision, scale }, items.iter().map(|item| Constant::Decimal(*item)).collect())
}

fn maybe(value: Option<i64>) -> Result<Constant, Fault> {
    Ok(value.map_or(Constant::Null, Constant::Integer))
}

fn yes(value: bool) -> Result<Constant, Fault> {
    Ok(Constant::Boolean(value))
}

fn some_ints() -> impl Strategy<Value = Vec<Option<i64>>> {
    let item = prop_oneof![1 => Just(None), 6 => (-3..4_i64).prop_map(Some)];
    prop_oneof![4 => proptest::collection::vec(item.clone(), 0..8), 1 => proptest::collection::vec(item, 16..40)]
}

proptest! {
    #[test]
    fn searching(items in some_ints(), other in some_ints(), item in -3..4_i64) {
        let place = items.iter().position(|x| *x == Some(item));
        prop_assert_eq!(call("list_contains", &[ints(&items), int(item)]), yes(place.is_some()));
        prop_assert_eq!(call("list_position", &[ints(&items), int(item)]), maybe(place.map(|at| at as i64 + 1)));
        prop_assert_eq!(call("len", &[ints(&items)]), maybe(Some(items.len() as i64)));
        let shared = other.iter().flatten().filter(|x| items.contains(&Some(**x))).count();
        prop_assert_eq!(call("list_has_any", &[ints(&items), ints(&other)]), yes(shared > 0));
        prop_assert_eq!(call("list_has_all", &[ints(&items), ints(&other)]), yes(shared == other.iter().flatten().count()));
    }

    #[test]
    fn places(items in some_ints(), from in -9..10_i64, to in -9..10_i64) {
        let n = items.len() as i64;
        let at = |i: i64| if i < 0 { n + i + 1 } else { i };
        let item = usize::try_from(at(from) - 1).ok().and_then(|at| items.get(at).copied().flatten());
        prop_assert_eq!(call("list_extract", &[ints(&items), int(from)]), maybe(item));
        let kept: Vec<_> = (1..=n).filter(|i| *i >= at(from) && *i <= at(to)).map(|i| items[i as usize - 1]).collect();
        prop_assert_eq!(call("list_slice", &[ints(&items), int(from), int(to)]), Ok(ints(&kept).1));
    }

    #[test]
    fn makings(items in some_ints(), other in some_ints()) {
        let mut sorted = items.clone();
        sorted.sort_by_key(|x| (x.is_none(), *x));
        prop_assert_eq!(call("list_sort", &[ints(&items)]), Ok(ints(&sorted).1));
        let reversed: Vec<_> = items.iter().rev().copied().collect();
        prop_assert_eq!(call("list_reverse", &[ints(&items)]), Ok(ints(&reversed).1));
        let mut distinct = Vec::new();
        items.iter().filter(|x| x.is_some()).for_each(|x| if !distinct.contains(x) { distinct.push(*x) });
        prop_assert_eq!(call("list_distinct", &[ints(&items)]), Ok(ints(&distinct).1));
        let both = [items.clone(), other.clone()].concat();
        prop_assert_eq!(call("list_concat", &[ints(&items), ints(&other)]), Ok(ints(&both).1));
        let values: Vec<Value> = items.iter().map(|x| x.map_or_else(|| null(Type::Integer), int)).collect();
        prop_assert_eq!(call("list_value", &values), Ok(ints(&items).1));
    }

    #[test]
    fn folds(items in some_ints()) {
        let present: Vec<i64> = items.iter().flatten().copied().collect();
        prop_assert_eq!(call("list_min", &[ints(&items)]), maybe(present.iter().min().copied()));
        prop_assert_eq!(call("list_max", &[ints(&items)]), maybe(present.iter().max().copied()));
        let sum = (!present.is_empty()).then(|| present.iter().sum::<i64>());
        prop_assert_eq!(call("list_sum", &[ints(&items)]), maybe(sum));
        let mean = sum.map_or(Constant::Null, |sum| Constant::Double(sum as f64 / present.len() as f64));
        prop_assert_eq!(call("list_avg", &[ints(&items)]), Ok(mean));
    }

    #[test]
    fn order_is_total_and_agrees(a in value(), b in value(), c in value()) {
        let arena = bumpalo::Bump::new();
        let (a, b, c) = (a.scalar(&arena), b.scalar(&arena), c.scalar(&arena));
        prop_assert_eq!(order(a, b), order(b, a).reverse());
        prop_assert_eq!(order(a, b) == Ordering::Equal, same(a, b));
        prop_assert!(same(a, a));
        if order(a, b).is_le() && order(b, c).is_le() {
            prop_assert!(order(a, c).is_le());
        }
    }
}

fn value() -> impl Strategy<Value = Constant> {
    let double = prop_oneof![Just(f64::NAN), Just(-0.0), Just(0.0), Just(f64::INFINITY), Just(-1.5)];
    let leaf = prop_oneof![
        Just(Constant::Null),
        any::<bool>().prop_map(Constant::Boolean),
        (0..3_i64).prop_map(Constant::Integer),
        (0..3_i128).prop_map(Constant::Decimal),
        double.prop_map(Constant::Double),
        "[ab]{0,2}".prop_map(|x| Constant::Text(x.into())),
        proptest::collection::vec(0..2_u8, 0..3).prop_map(|x| Constant::Binary(x.into())),
    ];
    leaf.prop_recursive(2, 8, 3, |item| proptest::collection::vec(item, 0..3).prop_map(|x| Constant::List(x.into())))
}

#[test]
fn doubles_that_are_not_finite() {
    let nan = [1.0, f64::NAN];
    for name in ["list_min", "list_max", "list_sum", "list_avg"] {
        assert_eq!(call(name, &[doubles(&nan)]), Err(Fault::NotFinite), "{name}");
    }
    let ends = [f64::INFINITY, f64::NEG_INFINITY];
    assert_eq!(call("list_min", &[doubles(&ends)]), Ok(Constant::Double(f64::NEG_INFINITY)));
    assert_eq!(call("list_sum", &[doubles(&ends)]), Err(Fault::NotFinite));
    assert_eq!(call("list_sum", &[doubles(&[f64::MAX, f64::MAX])]), Err(Fault::NotFinite));
    assert_eq!(call("list_contains", &[doubles(&nan), dbl(f64::NAN)]), yes(true));
    assert_eq!(call("list_contains", &[doubles(&[-0.0]), dbl(0.0)]), yes(true));
    let sorted = call("list_sort", &[doubles(&[f64::NAN, f64::INFINITY, -1.0, f64::NEG_INFINITY])]);
    assert_eq!(sorted, Ok(doubles(&[f64::NEG_INFINITY, -1.0, f64::INFINITY, f64::NAN]).1));
    assert_eq!(call("list_distinct", &[doubles(&[f64::NAN, f64::NAN, 0.0, -0.0])]), Ok(doubles(&[f64::NAN, 0.0]).1));
}

#[test]
fn sums_are_exact() {
    assert_eq!(call("list_sum", &[ints(&[Some(i64::MAX), Some(1)])]), Err(Fault::ArithmeticOverflow));
    assert_eq!(call("list_sum", &[ints(&[Some(i64::MAX), Some(1), Some(-1)])]), maybe(Some(i64::MAX)));
    let most = 10_i128.pow(38) - 1;
    assert_eq!(call("list_sum", &[decimals(38, 0, &[most, most, -most])]), Ok(Constant::Decimal(most)));
    assert_eq!(call("list_sum", &[decimals(38, 0, &[most, 1])]), Err(Fault::ArithmeticOverflow));
    assert_eq!(call("list_sum", &[decimals(38, 0, &[-most, most - 5, 3])]), Ok(Constant::Decimal(-2)));
    assert_eq!(call("list_avg", &[ints(&[Some(i64::MAX), Some(i64::MAX)])]), Ok(Constant::Double(2_f64.powi(63))));
}

#[test]
fn means_of_decimals_round_half_away() {
    // 0.01 / 3 = 0.00333…, 0.02 / 3 = 0.00666…
    assert_eq!(call("list_avg", &[decimals(4, 2, &[1, 0, 0])]), Ok(Constant::Decimal(3_333)));
    assert_eq!(call("list_avg", &[decimals(4, 2, &[-2, 0, 0])]), Ok(Constant::Decimal(-6_667)));
    // 0.0000001 / 2 at scale 7.
    assert_eq!(call("list_avg", &[decimals(9, 7, &[1, 0])]), Ok(Constant::Decimal(1)));
    assert_eq!(call("list_avg", &[decimals(9, 7, &[-1, 0])]), Ok(Constant::Decimal(-1)));
    let most = 10_i128.pow(38) - 1;
    assert_eq!(call("list_avg", &[decimals(38, 6, &[most, most])]), Ok(Constant::Decimal(most)));
    assert_eq!(call("list_avg", &[decimals(38, 5, &[most, most])]), Err(Fault::ArithmeticOverflow));
    assert_eq!(call("list_avg", &[decimals(38, 5, &[most, -most])]), Ok(Constant::Decimal(0)));
}

#[test]
fn decimals_are_found_by_their_digits() {
    assert_eq!(call("list_contains", &[decimals(38, 2, &[150, 1]), dec(150, 2)]), yes(true));
    assert_eq!(call("list_position", &[decimals(38, 2, &[1, 150]), dec(150, 2)]), maybe(Some(2)));
    assert_eq!(call("list_max", &[decimals(38, 2, &[1, 150])]), Ok(Constant::Decimal(150)));
}

#[test]
fn nested_lists() {
    let inner = |items: &[Option<i64>]| ints(items).1;
    let nested =
        list(list_of(Type::Integer), vec![inner(&[Some(2)]), inner(&[Some(1), None]), inner(&[Some(1), Some(5)])]);
    assert_eq!(call("list_contains", &[nested.clone(), ints(&[Some(1), None])]), yes(true));
    assert_eq!(call("list_contains", &[nested.clone(), ints(&[Some(1)])]), yes(false));
}

#[test]
fn lists_and_structs_have_no_order() {
    for name in ["list_min", "list_max", "list_sort"] {
        let refused = |item| (find(name).unwrap().infer)(&[Facts::of_type(list_of(item))]).is_err();
        assert!(refused(list_of(Type::Integer)) && refused(Type::Struct(Vec::new().into())) && !refused(Type::Null));
    }
}

#[test]
fn structs_are_same_field_by_field() {
    let (a, b) = ([Scalar::Integer(1), Scalar::Null], [Scalar::Integer(1), Scalar::Text("x")]);
    assert!(same(Scalar::Struct(&a), Scalar::Struct(&a)) && !same(Scalar::Struct(&a), Scalar::Struct(&b)));
    assert_eq!(order(Scalar::Struct(&a), Scalar::Struct(&b)), Ordering::Greater);
}

#[test]
fn texts_of_lists() {
    let three = texts(&[Some("a"), None, Some("")]);
    assert_eq!(call("array_to_string", &[three.clone(), txt(", ")]), Ok(txt("a, ").1));
    assert_eq!(call("array_to_string", &[three, null(Type::Text)]), Ok(Constant::Null));
    assert_eq!(call("array_to_string", &[texts(&[None]), txt(",")]), Ok(txt("").1));
    let half = "a".repeat(RESULT_LIMIT / 2);
    assert!(call("array_to_string", &[texts(&[Some(&half), Some(&half)]), txt("")]).is_ok());
    assert_eq!(call("array_to_string", &[texts(&[Some(&half), Some(&half)]), txt(",")]), Err(Fault::ResultTooLarge));
}

#[test]
fn lists_end_at_the_limit() {
    let full = ints(&vec![Some(1); RESULT_LIMIT]);
    let over = ints(&vec![Some(1); RESULT_LIMIT + 1]);
    for name in ["list_sort", "list_reverse", "list_distinct"] {
        assert!(call(name, std::slice::from_ref(&full)).is_ok(), "{name}");
        assert_eq!(call(name, std::slice::from_ref(&over)), Err(Fault::ResultTooLarge), "{name}");
    }
    assert_eq!(call("list_concat", &[full.clone(), ints(&[None])]), Err(Fault::ResultTooLarge));
    assert_eq!(call("list_slice", &[over.clone(), int(1), int(-1)]), Ok(over.1));
    let commas = ",".repeat(RESULT_LIMIT);
    assert_eq!(call("string_split", &[txt(&commas), txt(",")]), Err(Fault::ResultTooLarge));
    assert!(call("string_split", &[txt(&commas), txt("")]).is_ok());
}

#[test]
fn facts_follow_the_lengths() {
    let mut few = Facts::of_type(list_of(Type::Decimal { precision: 10, scale: 2 }));
    few.range = Range::Length(0, 1000);
    let sum = (find("list_sum").unwrap().infer)(std::slice::from_ref(&few)).unwrap();
    assert_eq!(sum.faults, Faults::NONE); // 1000 values of 10 digits have 13
    assert_eq!(sum.range, Range::Exact(-9_999_999_999_000, 9_999_999_999_000));
    assert_eq!((find("list_sort").unwrap().infer)(&[few]).unwrap().faults, Faults::NONE);
    assert!((find("list_sum").unwrap().infer)(&[Facts::of_type(list_of(Type::Text))]).is_err());
    assert!((find("list_has_any").unwrap().infer)(&[Facts::of_type(Type::Text), Facts::of_type(Type::Text)]).is_err());
}

#[test]
fn null_lists() {
    for name in ["len", "list_min", "list_sum", "list_avg", "list_sort", "list_distinct"] {
        assert_eq!(call(name, &[null(Type::Null)]), Ok(Constant::Null), "{name}");
        assert_eq!(call(name, &[null(list_of(Type::Integer))]), Ok(Constant::Null), "{name}");
    }
    assert_eq!(call("list_value", &[]), Ok(list(Type::Null, vec![]).1));
}
