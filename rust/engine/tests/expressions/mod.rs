//! What the proofs of the expression language share: a frame of every Arrow layout, texts by grammar, and the judge that compares
//! both ways of evaluation with each other and with what was claimed before running.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

pub mod batch;
pub mod calls;
pub mod judge;
pub mod source;
pub mod soup;
pub mod texts;

use guard_engine::expr::{Parameter, Parameters};
use guard_kernels::expr::scalar::Constant;
use guard_kernels::expr::types::{Type, Unit};

/// What the grammar's texts have bound.
pub fn parameters() -> Parameters {
    let bound = |name: &str, ty: Type, value: Constant| (name.to_owned(), Parameter { ty, value });
    [
        bound("seven", Type::Integer, Constant::Integer(7)),
        bound("price", Type::Decimal { precision: 4, scale: 2 }, Constant::Decimal(1999)),
        bound("ratio", Type::Double, Constant::Double(0.25)),
        bound("word", Type::Text, Constant::Text("abc".into())),
        bound("as_of", Type::Timestamp { unit: Unit::Microsecond, zoned: true }, Constant::Integer(1_769_864_400_000_000)),
    ]
    .into()
}
