#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic
)]
use super::*;
use arrow_array::Int64Array;
use std::sync::Arc;

#[test]
fn every_member_of_a_group_is_marked() {
    let chunk = |values: Vec<Option<i64>>| Arc::new(Int64Array::from(values)) as ArrayRef;
    let column = vec![
        chunk(vec![Some(1), None, Some(2)]),
        chunk(vec![Some(2), None, Some(3), Some(2)]),
    ];
    let found = duplicates(&[column], 2).unwrap();
    assert_eq!((found.keyed, found.distinct), (5, 3));
    assert_eq!(found.members.iter().collect::<Vec<_>>(), vec![2, 3, 6]);
}
