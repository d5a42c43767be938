//! What the facts of the outputs say of the output contract's clauses, before any record is seen (S8.4).

use super::compile::{Output, Transform};
use crate::contract::{Property, Scalar, SchemaObject, TypeOption};
use crate::number::Decimal;
use crate::plan::types::{admits, holds};
use guard_kernels::expr::facts::Range;
use guard_kernels::expr::types::Type;
use serde::Serialize;
use std::cmp::Ordering;

/// What is known of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It holds on every record that comes from records satisfying the input contract.
    Proved,
    /// It is checked on the output.
    Checked,
    /// No record can satisfy it.
    Impossible,
}

/// One clause of the output contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// The output column.
    pub column: String,
    /// What is demanded.
    pub clause: String,
    /// What is known.
    pub state: State,
    /// Why, in words.
    pub why: String,
}

/// The clauses on values of the object's top-level properties. Keys, patterns, metrics and row rules are always checked.
pub fn prove(transform: &Transform, object: &SchemaObject) -> Vec<Proof> {
    let mut out = Vec::new();
    for property in &object.properties {
        let physical = property.physical_name.as_deref();
        let output = transform.outputs.iter().find(|output| output.name == property.name);
        let output = output.or_else(|| transform.outputs.iter().find(|output| Some(output.name.as_str()) == physical));
        match output {
            Some(output) => column(transform, property, output, &mut out),
            None => out.push(Proof {
                column: property.name.clone(),
                clause: "presence".to_owned(),
                state: State::Impossible,
                why: "the SELECT list has no such item".to_owned(),
            }),
        }
    }
    out
}

fn column(transform: &Transform, property: &Property, output: &Output, out: &mut Vec<Proof>) {
    let mut add = |clause: &str, state: State, why: String| {
        out.push(Proof { column: property.name.clone(), clause: clause.to_owned(), state, why });
    };
    let facts = &output.facts;
    let field = transform.schema.field_with_name(&output.name);
    if let (Some(logical), Ok(field)) = (&property.logical_type, field) {
        if admits(logical.value, field.data_type(), false) {
            let finite = facts.ty != Type::Double || facts.range.is_finite();
            let state = if finite { State::Proved } else { State::Checked };
            add("logicalType", state, format!("it is {}", facts.ty));
        } else {
            let why = format!("it yields {}, not {}", holds(field.data_type()), logical.value.name());
            add("logicalType", State::Impossible, why);
            return;
        }
    }
    if property.required.as_ref().is_some_and(|required| required.value) {
        let (state, why) = match (facts.nullable, facts.ty == Type::Null) {
            (false, _) => (State::Proved, "it is never NULL"),
            (true, true) => (State::Impossible, "it is always NULL"),
            (true, false) => (State::Checked, "it can be NULL"),
        };
        add("required", state, why.to_owned());
    }
    for option in &property.options {
        if let Some((name, state, why)) = bound(&option.value, output) {
            add(name, state, why);
        }
    }
}

fn bound(option: &TypeOption, output: &Output) -> Option<(&'static str, State, String)> {
    let facts = &output.facts;
    let (name, limit, upper, strict) = match option {
        TypeOption::Minimum(Scalar::Number(digits)) => ("minimum", digits, false, false),
        TypeOption::ExclusiveMinimum(Scalar::Number(digits)) => ("exclusiveMinimum", digits, false, true),
        TypeOption::Maximum(Scalar::Number(digits)) => ("maximum", digits, true, false),
        TypeOption::ExclusiveMaximum(Scalar::Number(digits)) => ("exclusiveMaximum", digits, true, true),
        TypeOption::MaxLength(most) if facts.ty == Type::Text => {
            let (least, longest) = facts.range.length();
            let why = format!("its length is {least} to {longest}");
            return Some(("maxLength", judge(longest <= *most, least > *most, facts.nullable), why));
        }
        TypeOption::MinLength(wanted) if facts.ty == Type::Text => {
            let (least, longest) = facts.range.length();
            let why = format!("its length is {least} to {longest}");
            return Some(("minLength", judge(least >= *wanted, longest < *wanted, facts.nullable), why));
        }
        _ => return None,
    };
    let (low, high) = ends(facts.range, &facts.ty, limit)?;
    let holds_for = |order: Ordering| match (upper, strict) {
        (false, false) => order.is_ge(),
        (false, true) => order.is_gt(),
        (true, false) => order.is_le(),
        (true, true) => order.is_lt(),
    };
    let (always, sometimes) = if upper { (holds_for(high), holds_for(low)) } else { (holds_for(low), holds_for(high)) };
    let why = "from the ranges of what it is computed from".to_owned();
    Some((name, judge(always, !sometimes, facts.nullable), why))
}

/// A clause on values passes on NULL, so that it is impossible only for what is never NULL.
fn judge(always: bool, never: bool, nullable: bool) -> State {
    if always {
        State::Proved
    } else if never && !nullable {
        State::Impossible
    } else {
        State::Checked
    }
}

/// How the least and the greatest value stand to a limit.
fn ends(range: Range, ty: &Type, limit: &str) -> Option<(Ordering, Ordering)> {
    match (range, ty) {
        (Range::Exact(low, high), Type::Integer | Type::Decimal { .. }) => {
            let scale = if let Type::Decimal { scale, .. } = ty { *scale } else { 0 };
            let against =
                |digits: i128| Some(Decimal::parse(&format!("{digits}e-{scale}"))?.compare(&Decimal::parse(limit)?));
            Some((against(low)?, against(high)?))
        }
        (Range::Double { low, high, nan: false }, Type::Double) => {
            let limit: f64 = limit.parse().ok()?;
            Some((low.partial_cmp(&limit)?, high.partial_cmp(&limit)?))
        }
        _ => None,
    }
}
