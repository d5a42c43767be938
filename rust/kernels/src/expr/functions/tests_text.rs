//! Texts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use super::harness::{call, int, null, txt};
use crate::expr::fault::Fault;
use crate::expr::scalar::Constant;
use crate::expr::types::Type;

#[test]
fn first() {
    assert_eq!(call("length", &[txt("añb")]), Ok(Constant::Integer(3)));
    assert_eq!(call("chr", &[int(0xD800)]), Err(Fault::ArgumentOutOfRange));
    assert_eq!(call("trim", &[null(Type::Text)]), Ok(Constant::Null));
}
