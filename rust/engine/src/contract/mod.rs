//! Contracts: ODCS documents read with line and column kept.

mod model;

pub use model::{
    Contract, Custom, LogicalType, Operator, Property, Quality, QualityKind, Relationship, Scalar, SchemaObject, Sla, Spanned,
    TypeOption,
};
