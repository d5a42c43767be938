//! What the proofs of the expression language share: a frame of every Arrow layout, texts by grammar, and the judge that compares
//! both ways of evaluation with each other and with what was claimed before running.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

pub mod batch;
pub mod calls;
pub mod judge;
pub mod soup;
pub mod source;
pub mod texts;

use arrow_schema::DataType;
use guard_engine::expr::{Column, Parameter, Parameters, Scope};
use guard_engine::plan::ColumnPath;
use guard_kernels::expr::facts::Facts;
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
        bound(
            "as_of",
            Type::Timestamp { unit: Unit::Microsecond, zoned: true },
            Constant::Integer(1_769_864_400_000_000),
        ),
    ]
    .into()
}

/// Columns of the frame's names, others of BIGINT, over no records.
pub fn scope(names: &[&str]) -> Scope {
    let batch = batch::batch(0, 1);
    let columns = names.iter().enumerate().map(|(position, name)| {
        let data_type = batch.column_by_name(name).map_or(DataType::Int64, |array| array.data_type().clone());
        let facts = Facts { nullable: true, ..Facts::of_type(Type::of_arrow(&data_type).unwrap()) };
        let path = ColumnPath { steps: vec![position], name: (*name).to_owned(), data_type };
        Column { name: (*name).to_owned(), aliases: Vec::new(), path, wide: facts.clone(), facts, refused: None }
    });
    Scope::new(columns.collect(), parameters(), vec!["input".to_owned()])
}
