//! Nodes as JSON.

use super::Scalar;
use super::number::Decimal;
use super::tree::{Kind, Node};
use serde_json::{Map, Number, Value};

/// How a number that a double cannot hold is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inexact {
    /// As a text of its digits.
    Text,
    /// As `{"$decimal": digits}`, which no text can be taken for.
    Tagged,
}

/// The node as JSON, typed by the core schema. Recursion is bounded by the depth of the tree.
pub(crate) fn to_json(node: &Node, inexact: Inexact) -> Value {
    match &node.kind {
        Kind::List(items) => Value::Array(items.iter().map(|item| to_json(item, inexact)).collect()),
        Kind::Map(entries) => {
            let pairs = entries.iter().map(|entry| (entry.key.clone(), to_json(&entry.value, inexact)));
            Value::Object(pairs.collect())
        }
        Kind::Scalar(..) => node.scalar().map_or(Value::Null, |scalar| scalar_json(&scalar, inexact)),
    }
}

/// A scalar as JSON.
pub(crate) fn scalar_json(scalar: &Scalar, inexact: Inexact) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Bool(value) => Value::Bool(*value),
        Scalar::Text(text) => Value::String(text.clone()),
        Scalar::Number(digits) => {
            let decimal = Decimal::parse(digits);
            let double = decimal.as_ref().and_then(Decimal::exact_double).and_then(Number::from_f64);
            match (double, inexact) {
                (Some(number), _) => Value::Number(number),
                (None, Inexact::Text) => Value::String(digits.clone()),
                (None, Inexact::Tagged) => {
                    let digits = decimal.map_or_else(|| digits.clone(), |number| number.digits());
                    Value::Object(Map::from_iter([("$decimal".to_owned(), Value::String(digits))]))
                }
            }
        }
    }
}
